//! What the threads of a host share: the store once it is open, who is here, and
//! whether the host leaves.

use std::collections::HashMap;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::Utc;

use crate::domain::{Definitions, Timestamp};
use crate::store::api::{SessionInfo, Store};
use crate::store::lock::is_stopped;
use crate::store::wire::{Answer, Doing, MAX_ANSWER, Reply, encode};

/// The most connections; a session has a few.
const MOST: usize = 512;

/// How far the host is.
pub(super) enum Phase {
    /// It opens the store; in words.
    Opening(String),
    /// It serves.
    Serving(Arc<dyn Store>),
    /// The store is not fit to be served: why.
    Unfit(String),
    /// It leaves.
    Leaving,
}

/// One connection.
struct Seat {
    doing: Doing,
    uid: u32,
    since: Timestamp,
    stream: Arc<UnixStream>,
    /// Whether it is told of changes.
    watches: bool,
}

/// See the module.
pub(super) struct Hall {
    phase: Mutex<Phase>,
    changed: Condvar,
    seats: Mutex<(u64, HashMap<u64, Seat>)>,
    emptied: Condvar,
    leaving: AtomicBool,
    /// The definitions as last seen, and how many there were before.
    definitions: Mutex<Option<(Arc<Definitions>, u64)>>,
    /// Held while a large request is read: one at a time takes much memory.
    pub(super) large: Mutex<()>,
    own: SessionInfo,
}

// Nothing held under these locks is ever left half changed.
fn guarded<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn now() -> Timestamp {
    Timestamp::from_utc(Utc::now())
}

impl Hall {
    pub(super) fn new(doing: Doing) -> Self {
        let own = SessionInfo {
            pid: doing.pid,
            login: doing.login,
            uid: rustix::process::geteuid().as_raw(),
            terminal: doing.terminal,
            since: now(),
            what: doing.what,
            host: true,
            stopped: false,
        };
        Self {
            phase: Mutex::new(Phase::Opening("opening".to_owned())),
            changed: Condvar::new(),
            seats: Mutex::default(),
            emptied: Condvar::new(),
            leaving: AtomicBool::new(false),
            definitions: Mutex::new(None),
            large: Mutex::new(()),
            own,
        }
    }

    pub(super) fn opening(&self, words: String) {
        self.enter(Phase::Opening(words));
    }

    pub(super) fn serve(&self, store: Arc<dyn Store>) {
        self.enter(Phase::Serving(store));
    }

    pub(super) fn refuse(&self, why: String) {
        self.enter(Phase::Unfit(why));
    }

    fn enter(&self, phase: Phase) {
        let mut now = guarded(&self.phase);
        if !matches!(*now, Phase::Leaving) {
            *now = phase;
        }
        self.changed.notify_all();
    }

    /// Calls `tell` with how far the host is, at once, and again whenever that
    /// changes or `every` has passed, until it returns something.
    pub(super) fn follow<T>(&self, every: Duration, mut tell: impl FnMut(&Phase) -> Option<T>) -> T {
        let mut phase = guarded(&self.phase);
        loop {
            if let Some(done) = tell(&phase) {
                return done;
            }
            phase = self.changed.wait_timeout(phase, every).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    pub(super) fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Acquire)
    }

    pub(super) fn leave(&self) {
        self.leaving.store(true, Ordering::Release);
        *guarded(&self.phase) = Phase::Leaving;
        self.changed.notify_all();
    }

    /// Takes a connection in; `None` where there is no room.
    pub(super) fn take_in(&self, doing: Doing, uid: u32, stream: Arc<UnixStream>) -> Option<u64> {
        let mut seats = guarded(&self.seats);
        if seats.1.len() >= MOST || self.is_leaving() {
            return None;
        }
        seats.0 += 1;
        let number = seats.0;
        seats.1.insert(number, Seat { doing, uid, since: now(), stream, watches: false });
        Some(number)
    }

    pub(super) fn let_go(&self, seat: u64) {
        guarded(&self.seats).1.remove(&seat);
        self.emptied.notify_all();
    }

    /// From now on a connection is told of changes, and nothing else.
    pub(super) fn watch(&self, seat: u64) {
        if let Some(seat) = guarded(&self.seats).1.get_mut(&seat) {
            seat.watches = true;
        }
    }

    /// Tells those who watch that there is something new. Who has not read what
    /// was told before loses the connection, and reads anew when it is back.
    pub(super) fn proclaim(&self) {
        let Some(reply) = self.reply(Answer::Changed) else { return };
        let Ok(frame) = encode(&reply, MAX_ANSWER) else { return };
        for seat in guarded(&self.seats).1.values().filter(|seat| seat.watches) {
            // The socket is not waited for: it takes the few bytes at once or is full.
            if !matches!(rustix::net::send(&*seat.stream, &frame, rustix::net::SendFlags::DONTWAIT | rustix::net::SendFlags::NOSIGNAL), Ok(sent) if sent == frame.len())
            {
                let _ = seat.stream.shutdown(Shutdown::Both);
            }
        }
    }

    /// Returns a reply of this moment; `None` while no store is served.
    pub(super) fn reply(&self, answer: Answer) -> Option<Reply> {
        let store = match &*guarded(&self.phase) {
            Phase::Serving(store) => Arc::clone(store),
            _ => return None,
        };
        let definitions = self.definitions(&*store);
        Some(Reply { seq: store.seq(), definitions, answer })
    }

    /// Returns the number of the definitions that stand now.
    pub(super) fn definitions(&self, store: &dyn Store) -> u64 {
        let now = store.definitions();
        let mut known = guarded(&self.definitions);
        match &mut *known {
            Some((seen, number)) if Arc::ptr_eq(seen, &now) => *number,
            Some((seen, number)) => {
                *seen = now;
                *number += 1;
                *number
            }
            None => known.insert((now, 1)).1,
        }
    }

    pub(super) fn guests(&self) -> usize {
        let seats = guarded(&self.seats);
        let mut sessions: Vec<u64> = seats.1.values().map(|seat| seat.doing.session).collect();
        sessions.sort_unstable();
        sessions.dedup();
        sessions.len()
    }

    pub(super) fn sessions(&self) -> Vec<SessionInfo> {
        let mut sessions: HashMap<u64, SessionInfo> = HashMap::new();
        for seat in guarded(&self.seats).1.values() {
            let doing = &seat.doing;
            let known = sessions.entry(doing.session).or_insert_with(|| SessionInfo {
                pid: doing.pid,
                login: doing.login.clone(),
                uid: seat.uid,
                terminal: doing.terminal.clone(),
                since: seat.since,
                what: doing.what.clone(),
                host: false,
                stopped: is_stopped(doing.pid),
            });
            known.since = known.since.min(seat.since);
        }
        let mut guests: Vec<SessionInfo> = sessions.into_values().collect();
        guests.sort_by_key(|guest| (guest.since, guest.pid));
        guests.insert(0, self.own.clone());
        guests
    }

    /// Has all connections end: those that are answered, when they have been, but
    /// within the time given.
    pub(super) fn end_conversations(&self, within: Duration) {
        let until = Instant::now() + within;
        let mut seats = guarded(&self.seats);
        for seat in seats.1.values() {
            let _ = seat.stream.shutdown(Shutdown::Read);
        }
        while !seats.1.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            seats = self.emptied.wait_timeout(seats, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        for seat in seats.1.values() {
            let _ = seat.stream.shutdown(Shutdown::Both);
        }
    }
}
