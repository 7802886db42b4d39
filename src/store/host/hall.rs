//! What the threads of a host share: the store once it is open, who is here, and
//! whether the host leaves.

use std::collections::HashMap;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::Utc;

use super::allowance::Allowance;

use crate::domain::{Definitions, Timestamp};
use crate::store::api::{Occupation, SessionInfo, Store};
use crate::store::engine::Engine;
use crate::store::lock::is_stopped;
use crate::store::share;
use crate::store::wire::{Answer, Doing, MAX_ANSWER, Reply, encode};

/// The most connections; a session has a few.
const MOST: usize = 512;
/// The most connections of one user who is not the owner.
const MOST_OF_ONE: usize = 64;
/// How many large requests are read at a time.
const PARCELS: usize = 8;
/// How many requests of other users are read and answered at a time.
const OUTSIDERS: usize = 8;

/// How far the host is.
pub(super) enum Phase {
    /// It opens the store; in words.
    Opening(String),
    /// It serves.
    Serving(Arc<Engine>),
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
    /// The protocol that is spoken on it.
    protocol: u16,
    stream: Arc<UnixStream>,
    /// Whether it is told of changes.
    watches: bool,
}

/// Who is here.
#[derive(Default)]
struct Seats {
    /// How many there ever were.
    last: u64,
    here: HashMap<u64, Seat>,
    /// What sessions are at.
    at: HashMap<u64, Occupation>,
}

/// See the module.
pub(super) struct Hall {
    phase: Mutex<Phase>,
    changed: Condvar,
    seats: Mutex<Seats>,
    emptied: Condvar,
    leaving: AtomicBool,
    /// The definitions as last seen, and how many there were before.
    definitions: Mutex<Option<(Arc<Definitions>, u64)>>,
    /// Held while a large request is decoded and carried out: that takes much memory.
    pub(super) large: Mutex<()>,
    /// Who may send a large request at a time: the owner's processes.
    pub(super) parcels: Allowance,
    /// What others may ask at a time, each with its request and answer in memory.
    pub(super) outsiders: Allowance,
    /// How many connections there are, greeted or not.
    connections: AtomicUsize,
    /// The store's folder.
    store: PathBuf,
    /// How often what sessions are at has changed.
    stirs: Mutex<u64>,
    stirred: Condvar,
    own: SessionInfo,
    /// The number of this process's own session.
    session: u64,
}

// Nothing held under these locks is ever left half changed.
fn guarded<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn now() -> Timestamp {
    Timestamp::from_utc(Utc::now())
}

impl Hall {
    pub(super) fn new(store: PathBuf, doing: Doing) -> Self {
        let session = doing.session;
        let own = SessionInfo {
            pid: doing.pid,
            login: doing.login,
            uid: rustix::process::geteuid().as_raw(),
            terminal: doing.terminal,
            since: now(),
            what: doing.what,
            host: true,
            stopped: false,
            at: None,
        };
        Self {
            phase: Mutex::new(Phase::Opening("opening".to_owned())),
            changed: Condvar::new(),
            seats: Mutex::default(),
            emptied: Condvar::new(),
            leaving: AtomicBool::new(false),
            definitions: Mutex::new(None),
            large: Mutex::new(()),
            parcels: Allowance::of(PARCELS),
            outsiders: Allowance::of(OUTSIDERS),
            connections: AtomicUsize::new(0),
            store,
            stirs: Mutex::new(0),
            stirred: Condvar::new(),
            own,
            session,
        }
    }

    pub(super) fn opening(&self, words: String) {
        self.enter(Phase::Opening(words));
    }

    pub(super) fn serve(&self, store: Arc<Engine>) {
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
        drop(guarded(&self.stirs));
        self.stirred.notify_all();
    }

    /// Returns whether other users of the system are let in.
    pub(super) fn is_shared(&self) -> bool {
        share::shared_with(&self.store).is_some()
    }

    /// Counts a connection in; `false` where there are too many.
    pub(super) fn arrive(&self) -> bool {
        let many = self.connections.fetch_add(1, Ordering::AcqRel) >= MOST;
        if many {
            self.depart();
        }
        !many
    }

    pub(super) fn depart(&self) {
        self.connections.fetch_sub(1, Ordering::AcqRel);
    }

    /// Ends the connections of other users that only listen, where they may not any more.
    fn end_strangers(&self) {
        if !self.is_shared() {
            for seat in guarded(&self.seats).here.values().filter(|seat| seat.uid != self.own.uid) {
                let _ = seat.stream.shutdown(Shutdown::Both);
            }
        }
    }

    /// Takes a connection in; `None` where there is no room.
    pub(super) fn take_in(&self, doing: Doing, uid: u32, protocol: u16, stream: Arc<UnixStream>) -> Option<u64> {
        let mut seats = guarded(&self.seats);
        let own = uid == self.own.uid;
        let full = !own && seats.here.values().filter(|seat| seat.uid == uid).count() >= MOST_OF_ONE;
        if full || self.is_leaving() {
            return None;
        }
        seats.last += 1;
        let number = seats.last;
        seats.here.insert(number, Seat { doing, uid, since: now(), protocol, stream, watches: false });
        Some(number)
    }

    pub(super) fn let_go(&self, seat: u64) {
        let mut seats = guarded(&self.seats);
        let gone = seats.here.remove(&seat).map(|seat| seat.doing.session);
        let was_at = gone
            .filter(|session| seats.here.values().all(|seat| seat.doing.session != *session))
            .and_then(|session| seats.at.remove(&session));
        drop(seats);
        self.emptied.notify_all();
        if was_at.is_some() {
            self.stir();
        }
    }

    /// Takes note of what the session of a connection is at; `None` is this process.
    pub(super) fn be_at(&self, seat: Option<u64>, at: Option<Occupation>) {
        let mut seats = guarded(&self.seats);
        let session = match seat {
            Some(seat) => seats.here.get(&seat).map(|seat| seat.doing.session),
            None => Some(self.session),
        };
        let Some(session) = session else { return };
        let was_at = match at {
            Some(at) => seats.at.insert(session, at),
            None => seats.at.remove(&session),
        };
        drop(seats);
        if was_at != at {
            self.stir();
        }
    }

    fn stir(&self) {
        *guarded(&self.stirs) += 1;
        self.stirred.notify_all();
        self.tell_watchers(&Answer::Stirred, 2);
    }

    pub(super) fn stirs(&self) -> u64 {
        *guarded(&self.stirs)
    }

    /// Waits for a stir beyond `seen`, for the end, or for the time given.
    pub(super) fn wait_for_stir(&self, seen: u64, timeout: Duration) -> u64 {
        let stirs = guarded(&self.stirs);
        let waited = self.stirred.wait_timeout_while(stirs, timeout, |stirs| *stirs <= seen && !self.is_leaving());
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// From now on a connection is told of changes, and nothing else.
    pub(super) fn watch(&self, seat: u64) {
        if let Some(seat) = guarded(&self.seats).here.get_mut(&seat) {
            seat.watches = true;
        }
    }

    /// Tells those who watch that there is something new. Who has not read what
    /// was told before loses the connection, and reads anew when it is back.
    pub(super) fn proclaim(&self) {
        self.tell_watchers(&Answer::Changed, 1);
    }

    /// Tells something to all who watch and speak at least this protocol.
    fn tell_watchers(&self, answer: &Answer, since: u16) {
        self.end_strangers();
        let Some(reply) = self.reply(answer.clone()) else { return };
        let Ok(frame) = encode(&reply, MAX_ANSWER) else { return };
        for seat in guarded(&self.seats).here.values().filter(|seat| seat.watches && seat.protocol >= since) {
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
        let mut sessions: Vec<u64> = seats.here.values().map(|seat| seat.doing.session).collect();
        sessions.sort_unstable();
        sessions.dedup();
        sessions.len()
    }

    pub(super) fn sessions(&self) -> Vec<SessionInfo> {
        let mut sessions: HashMap<u64, SessionInfo> = HashMap::new();
        let seats = guarded(&self.seats);
        for seat in seats.here.values() {
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
                at: seats.at.get(&doing.session).copied(),
            });
            known.since = known.since.min(seat.since);
        }
        let mut guests: Vec<SessionInfo> = sessions.into_values().collect();
        guests.sort_by_key(|guest| (guest.since, guest.pid));
        guests.insert(0, SessionInfo { at: seats.at.get(&self.session).copied(), ..self.own.clone() });
        guests
    }

    /// Has all connections end: those that are answered, when they have been, but
    /// within the time given.
    pub(super) fn end_conversations(&self, within: Duration) {
        let until = Instant::now() + within;
        let mut seats = guarded(&self.seats);
        for seat in seats.here.values() {
            let _ = seat.stream.shutdown(Shutdown::Read);
        }
        while !seats.here.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            seats = self.emptied.wait_timeout(seats, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        for seat in seats.here.values() {
            let _ = seat.stream.shutdown(Shutdown::Both);
        }
    }
}
