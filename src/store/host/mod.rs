//! The host: serves the store that this process holds to the other sessions.
//!
//! It listens before the store is opened, so that guests see how far that is. One
//! thread takes connections, each connection has a thread of its own, and one
//! thread tells of changes. A guest is bounded in what it may send, how long it
//! may take for it, and how long it may take to read an answer; one that is too
//! slow loses its connection, comes again and reads anew: it never slows others.
//!
//! Leaving: what was asked is answered as far as it is done; what was not is left
//! unanswered, and the guest asks the next host.
//!
//! This module must not know how a host is chosen.

mod allowance;
mod answering;
mod conversation;
mod hall;
mod outsider;
mod socket;
mod taking;

use std::io;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub(super) use self::conversation::peer;
use self::hall::Hall;
use self::socket::Bound;
pub(super) use self::socket::{SOCK, belongs, fits};
use super::api::{Occupation, SessionInfo, Store};
use super::engine::Engine;
use super::lock::StoreLock;
use super::wire::Doing;

/// How long a host that leaves waits for what is being answered.
const GRACE: Duration = Duration::from_secs(5);
/// How long a thread sleeps where nothing changes.
const LONG: Duration = Duration::from_secs(3_600);

/// A host at work, until [`Host::leave`].
pub(super) struct Host {
    hall: Arc<Hall>,
    socket: Bound,
    listener: Arc<std::os::unix::net::UnixListener>,
    doorman: Option<JoinHandle<()>>,
    herald: Option<JoinHandle<()>>,
}

impl Host {
    /// Begins to listen at a store whose lock is held, and writes into the lock where.
    ///
    /// # Errors
    /// The file system has no sockets, or the system gives no thread.
    pub(super) fn listen(store: &Path, lock: &mut StoreLock, doing: Doing) -> io::Result<Self> {
        let (listener, socket) = socket::listen(store)?;
        lock.tell(|holder| holder.socket = Some(socket.path().to_owned())).map_err(io::Error::other)?;
        let hall = Arc::new(Hall::new(store.to_owned(), doing));
        let listener = Arc::new(listener);
        let (at_door, open_to) = (Arc::clone(&listener), Arc::clone(&hall));
        let doorman = thread::Builder::new().name("host".to_owned()).spawn(move || doorman(&at_door, &open_to))?;
        Ok(Self { hall, socket, listener, doorman: Some(doorman), herald: None })
    }

    /// Returns what tells guests how far opening has come.
    pub(super) fn teller(&self) -> impl Fn(String) + Send + use<> {
        let hall = Arc::clone(&self.hall);
        move |words| hall.opening(words)
    }

    /// Serves a store that is open, from now on.
    pub(super) fn serve(&mut self, store: Arc<Engine>) {
        self.hall.serve(Arc::clone(&store));
        let hall = Arc::clone(&self.hall);
        // Without it, guests hear of changes only with their own answers.
        self.herald = thread::Builder::new().name("herald".to_owned()).spawn(move || herald(&hall, &*store)).ok();
    }

    /// Sends guests away: the store cannot be served.
    pub(super) fn refuse(&self, why: String) {
        self.hall.refuse(why);
    }

    /// Returns how many other sessions are here.
    pub(super) fn guests(&self) -> usize {
        self.hall.guests()
    }

    /// Returns who is here, this process first.
    pub(super) fn sessions(&self) -> Vec<SessionInfo> {
        self.hall.sessions()
    }

    /// Takes note of what this process is at.
    pub(super) fn be_at(&self, at: Option<Occupation>) {
        self.hall.be_at(None, at);
    }

    /// Returns how often what sessions are at has changed.
    pub(super) fn stirs(&self) -> u64 {
        self.hall.stirs()
    }

    /// Returns what waits for a stir; it may outlast the host.
    pub(super) fn stir_waiter(&self) -> impl Fn(u64, Duration) -> u64 + use<> {
        let hall = Arc::clone(&self.hall);
        move |seen, timeout| hall.wait_for_stir(seen, timeout)
    }

    /// Takes nobody in any more, answers what was asked, and lets all go. The
    /// store is closed after it, and the lock let go last.
    pub(super) fn leave(&mut self) {
        self.end(true);
    }

    /// Ends where the lock may be another one's by now: the socket stays, which
    /// the next host replaces.
    pub(super) fn abandon(&mut self) {
        self.end(false);
    }

    fn end(&mut self, is_ours: bool) {
        let Some(doorman) = self.doorman.take() else { return };
        self.hall.leave();
        // Wakes the doorman: by the one where the system can, else by the other.
        let woken = rustix::net::shutdown(&*self.listener, rustix::net::Shutdown::Both).is_ok();
        if is_ours {
            let woken = UnixStream::connect(self.socket.path()).is_ok() || woken;
            self.socket.remove();
            if woken {
                let _ = doorman.join();
            }
        }
        self.hall.end_conversations(GRACE);
    }

    /// Waits for the thread that tells of changes: the store is closed by now.
    pub(super) fn join(&mut self) {
        if let Some(herald) = self.herald.take() {
            let _ = herald.join();
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.abandon();
    }
}

fn doorman(listener: &std::os::unix::net::UnixListener, hall: &Arc<Hall>) {
    for stream in listener.incoming() {
        if hall.is_leaving() {
            return;
        }
        let Ok(stream) = stream else {
            // Too many files are open, say: the next try may do better.
            thread::sleep(Duration::from_millis(20));
            continue;
        };
        if !hall.arrive() {
            // Nothing is read of it: the guest comes again.
            continue;
        }
        let theirs = Arc::clone(hall);
        // Without a thread the connection is dropped; the guest comes again.
        let spawned = thread::Builder::new().name("guest".to_owned()).spawn(move || {
            conversation::hold(&theirs, &stream);
            let _ = stream.shutdown(Shutdown::Both);
            theirs.depart();
        });
        if spawned.is_err() {
            hall.depart();
        }
    }
}

/// Tells those who watch of every change.
fn herald(hall: &Hall, store: &dyn Store) {
    let mut seq = store.seq();
    while !hall.is_leaving() {
        let now = store.wait_for_change(seq, LONG);
        if now > seq {
            seq = now;
            hall.proclaim();
        }
    }
}
