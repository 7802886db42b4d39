//! Who holds the store: whoever has the lock. Only the lock decides; a socket that
//! does not answer says nothing about its host.

use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::store::api::{Occupation, Part, SessionInfo, Store};
use crate::store::embedded::{open_locked, open_unlocked};
use crate::store::engine::{Engine, OnProgress, Stage};
use crate::store::guest::{Address, Guest, NoHost};
use crate::store::host::{Host, belongs};
use crate::store::image::Limits;
use crate::store::lock::{Holder, LockError, LockOptions, StoreLock};
use crate::store::wire::Doing;
use crate::store::{OpenOptions, StoreError};

/// How long a process sleeps between two looks at the lock.
const POLL: Duration = Duration::from_millis(10);

/// What came of looking for a place.
pub(super) enum Elected {
    /// A seat among others.
    Seat(Box<Seat>),
    /// A store that cannot be locked, and is only read.
    Alone(Arc<dyn Store>),
}

/// How this process has the store at present.
pub(super) enum Seat {
    /// It holds it.
    Host { engine: Arc<Engine>, host: Mutex<Option<Host>>, left: AtomicBool },
    /// It is another one's guest.
    Guest(Guest),
}

impl Seat {
    pub(super) fn store(&self) -> &dyn Store {
        match self {
            Self::Host { engine, .. } => &**engine,
            Self::Guest(guest) => guest,
        }
    }

    /// Returns whether another seat is to be found.
    pub(super) fn is_over(&self) -> bool {
        match self {
            Self::Host { left, .. } => left.load(Ordering::Acquire),
            Self::Guest(guest) => guest.is_gone(),
        }
    }

    /// Lets others have the store.
    pub(super) fn leave(&self) -> Result<(), StoreError> {
        match self {
            Self::Host { engine, host, left } => {
                left.store(true, Ordering::Release);
                let mut host = host.lock().unwrap_or_else(PoisonError::into_inner).take();
                if let Some(host) = &mut host {
                    host.leave();
                }
                let closed = engine.close();
                if let Some(host) = &mut host {
                    host.join();
                }
                closed
            }
            Self::Guest(guest) => guest.close(),
        }
    }

    pub(super) fn part(&self) -> Part {
        match self {
            Self::Host { host, .. } => match &*host.lock().unwrap_or_else(PoisonError::into_inner) {
                Some(host) => Part::Host { guests: host.guests() },
                None => Part::Alone,
            },
            Self::Guest(guest) => guest.part(),
        }
    }

    pub(super) fn sessions(&self) -> Result<Vec<SessionInfo>, StoreError> {
        match self {
            Self::Host { host, .. } => {
                let host = host.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(host.as_ref().map_or_else(Vec::new, Host::sessions))
            }
            Self::Guest(guest) => guest.sessions(),
        }
    }
}

impl Seat {
    fn host(&self) -> Option<std::sync::MutexGuard<'_, Option<Host>>> {
        match self {
            Self::Host { host, .. } => Some(host.lock().unwrap_or_else(PoisonError::into_inner)),
            Self::Guest(_) => None,
        }
    }

    pub(super) fn be_at(&self, at: Option<Occupation>) {
        match self {
            Self::Host { .. } => {
                if let Some(host) = self.host().as_deref().and_then(Option::as_ref) {
                    host.be_at(at);
                }
            }
            Self::Guest(guest) => guest.be_at(at),
        }
    }

    pub(super) fn stirs(&self) -> u64 {
        match self {
            Self::Host { .. } => self.host().as_deref().and_then(Option::as_ref).map_or(0, Host::stirs),
            Self::Guest(guest) => guest.stirs(),
        }
    }

    pub(super) fn wait_for_stir(&self, seen: u64, timeout: Duration) -> u64 {
        match self {
            Self::Host { .. } => {
                let waiter = self.host().as_deref().and_then(Option::as_ref).map(Host::stir_waiter);
                match waiter {
                    Some(wait) => wait(seen, timeout),
                    None => {
                        // Nobody else can come.
                        std::thread::sleep(timeout);
                        seen
                    }
                }
            }
            Self::Guest(guest) => guest.wait_for_stir(seen, timeout),
        }
    }
}

/// Finds a place at a store: its host's, if the lock is free, else a guest's. It
/// tries for as long as the options say to wait.
pub(super) fn find(path: &Path, options: Terms, doing: &Doing, progress: Option<OnProgress>) -> Result<Elected, StoreError> {
    let until = Instant::now() + options.wait;
    let asked = LockOptions { wait: Duration::ZERO, allow_network: options.allow_network, statfs: options.statfs };
    loop {
        let error = match StoreLock::take(path, &asked) {
            Ok(lock) => return host(path, options.options(progress), lock, doing.clone()).map(|seat| Elected::Seat(Box::new(seat))),
            Err(error) => error,
        };
        let LockError::Busy { holder } = &error else {
            return open_unlocked(path, options.options(progress), &error).map(Elected::Alone);
        };
        let left = until.saturating_duration_since(Instant::now());
        let mut why = None;
        if let Some(address) = holder.as_deref().and_then(|holder| address(path, holder)) {
            let named = address.named.clone();
            let pid = address.pid;
            let store = address.store.clone();
            match Guest::connect(address, doing.clone(), left, options.wait) {
                Ok(guest) => return Ok(Elected::Seat(Box::new(Seat::Guest(guest)))),
                Err(NoHost::Gone) => {}
                Err(NoHost::Refused(words)) => return Err(StoreError::Busy(words)),
                Err(NoHost::Barred(words)) => return Err(StoreError::NotPermitted(words)),
                Err(NoHost::Silent) => {
                    let stopped = if crate::store::lock::is_stopped(pid) { "is stopped" } else { "does not answer" };
                    why = Some(format!("{store} is served by {named}, which {stopped}"));
                }
            }
        }
        if Instant::now() >= until {
            return Err(match why {
                Some(why) => StoreError::Busy(why),
                None => open_unlocked(path, options.options(None), &error).err().unwrap_or(StoreError::Cancelled),
            });
        }
        std::thread::sleep(POLL.min(left));
    }
}

/// Where guests find a holder, if it serves any.
fn address(path: &Path, holder: &Holder) -> Option<Address> {
    let socket = holder.socket.clone().filter(|socket| holder.is_here() && belongs(path, socket))?;
    Some(Address { store: path.display().to_string(), socket, pid: holder.pid, named: holder.named() })
}

/// How the store is opened where this process becomes its host: as
/// [`OpenOptions`], but for what is only for once.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    pub(super) wait: Duration,
    allow_network: bool,
    create: bool,
    accept_damage: bool,
    limits: Limits,
    segment_size: u64,
    preallocate: u64,
    statfs: fn(&Path) -> io::Result<u64>,
}

impl Terms {
    pub(super) fn of(options: &OpenOptions) -> Self {
        let OpenOptions { readonly, wait, allow_network, create, accept_damage, limits, segment_size, preallocate, statfs, .. } = *options;
        Self { wait, allow_network, create: create && !readonly, accept_damage, limits, segment_size, preallocate, statfs }
    }

    fn options(self, progress: Option<OnProgress>) -> OpenOptions {
        let Self { wait, allow_network, create, accept_damage, limits, segment_size, preallocate, statfs } = self;
        OpenOptions { readonly: false, wait, allow_network, create, accept_damage, limits, segment_size, preallocate, statfs, progress }
    }
}

fn host(path: &Path, mut options: OpenOptions, mut lock: StoreLock, doing: Doing) -> Result<Seat, StoreError> {
    // Where there can be no socket, the store is this process's alone.
    let mut host = Host::listen(path, &mut lock, doing).ok();
    if let Some(host) = &host {
        let teller = host.teller();
        let mut told = None;
        let mut own = options.progress.take();
        options.progress = Some(Box::new(move |stage, done, total| {
            let percent = done.min(total) * 100 / total.max(1);
            if told != Some((stage, percent)) {
                told = Some((stage, percent));
                teller(match stage {
                    Stage::Checking => format!("opening, {percent} %"),
                    Stage::Rebuilding => format!("rebuilding {percent} %"),
                });
            }
            own.as_mut().map_or(ControlFlow::Continue(()), |own| own(stage, done, total))
        }));
    }
    let engine = match open_locked(path, options, lock) {
        Ok(engine) => Arc::new(engine),
        Err(error) => {
            // The lock is free by now: the socket may be another one's already.
            host.into_iter().for_each(|mut host| host.abandon());
            return Err(error);
        }
    };
    if let Some(host) = &mut host {
        match engine.refusal() {
            // What is left of a damaged store is for whoever looks into the damage.
            Some(why) => host.refuse(why.to_string()),
            None => {
                host.serve(Arc::clone(&engine));
            }
        }
    }
    Ok(Seat::Host { engine, host: Mutex::new(host), left: AtomicBool::new(false) })
}
