//! Keeps the list file: what the next application shows before the store is there.
//!
//! It is written anew on a thread of its own when nobody has typed for a while and it is too
//! far behind what the store has; while somebody types that waits. When nothing has changed
//! there is nothing to wake up for.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::Wake;
use crate::actions::Desk;
use crate::insight::{List, keep_list};

/// How long nobody has typed before the list is written.
const QUIET: Duration = Duration::from_secs(3);
/// How long nobody has typed before writing it goes on.
const REST: Duration = Duration::from_millis(500);
/// After it could not be written it is not tried again for so long.
const LATER: Duration = Duration::from_secs(300);
/// Up to so many records it is written for any change, and on leaving too.
const FEW: usize = 20_000;
/// How many commits a list of more records may be behind: following those is quick.
const BEHIND: u64 = 64;

/// What the thread that writes is told.
#[derive(Debug, Default)]
struct Told {
    /// When a key came last, in milliseconds since the start.
    typed: AtomicU64,
    leaves: AtomicBool,
    /// Whether the thread is at it.
    busy: Mutex<bool>,
    done: Condvar,
}

/// See the module.
pub(super) struct Listing {
    folder: Option<PathBuf>,
    /// How far the list that stands is, and of how many records.
    kept: Option<(u64, usize)>,
    start: Instant,
    told: Arc<Told>,
    jobs: Sender<()>,
    busy: bool,
    not_before: Instant,
}

impl Listing {
    /// Starts the thread; without a folder nothing is ever written.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(super) fn start(desk: &Desk, folder: Option<PathBuf>, list: Option<&List>, wakes: &Sender<Wake>) -> std::io::Result<Self> {
        let (jobs, asked) = channel::<()>();
        let (start, told) = (Instant::now(), Arc::new(Told::default()));
        if let Some(folder) = folder.clone() {
            let (desk, told, wakes) = (desk.clone(), Arc::clone(&told), wakes.clone());
            thread::Builder::new().name("list".to_owned()).spawn(move || {
                while asked.recv().is_ok() {
                    *told.busy.lock().unwrap_or_else(PoisonError::into_inner) = true;
                    let may_go_on = || waits(&told, start);
                    let written = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| write(&desk, &folder, &may_go_on)));
                    *told.busy.lock().unwrap_or_else(PoisonError::into_inner) = false;
                    told.done.notify_all();
                    if wakes.send(Wake::Listed(written.ok().flatten().map(Arc::new))).is_err() {
                        return;
                    }
                }
            })?;
        }
        let kept = list.map(|list| (list.seq(), list.records()));
        Ok(Self { folder, kept, start, told, jobs, busy: false, not_before: start })
    }

    /// Puts off what is to be done.
    pub(super) fn typed(&self) {
        self.told.typed.store(millis(self.start), Ordering::Relaxed);
    }

    fn is_due(&self, seq: u64) -> bool {
        !self.busy
            && self.folder.is_some()
            && match self.kept {
                None => seq > 0,
                Some((kept, records)) => seq >= kept + if records <= FEW { 1 } else { BEHIND },
            }
    }

    /// Returns when the list is to be written, of a store that is at this seq.
    pub(super) fn moment(&self, seq: u64) -> Option<Instant> {
        let quiet = self.start + Duration::from_millis(self.told.typed.load(Ordering::Relaxed)) + QUIET;
        self.is_due(seq).then(|| quiet.max(self.not_before))
    }

    /// Has the list written if its moment has come.
    pub(super) fn keep_due(&mut self, seq: u64, now: Instant) {
        if self.moment(seq).is_some_and(|moment| moment <= now) {
            self.busy = self.jobs.send(()).is_ok();
        }
    }

    /// Takes the list that was written; `None` where it could not be.
    pub(super) fn took(&mut self, list: Option<&List>) {
        self.busy = false;
        match list {
            Some(list) => self.kept = Some((list.seq(), list.records())),
            None => self.not_before = Instant::now() + LATER,
        }
    }

    /// Writes the list of few records before one leaves; what is being written of a longer
    /// one is given up.
    pub(super) fn leave(&mut self, desk: &Desk, seq: u64, contacts: usize) {
        self.told.leaves.store(true, Ordering::Relaxed);
        let mut busy = self.told.busy.lock().unwrap_or_else(PoisonError::into_inner);
        while *busy {
            busy = self.told.done.wait(busy).unwrap_or_else(PoisonError::into_inner);
        }
        drop(busy);
        self.busy = false;
        let is_short = self.kept.map_or(contacts, |(_, records)| records) <= FEW / 4;
        if let Some(folder) = self.folder.as_deref().filter(|_| is_short && self.is_due(seq)) {
            write(desk, folder, &|| true);
        }
    }
}

fn millis(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Waits while somebody types; returns false where one leaves.
fn waits(told: &Told, start: Instant) -> bool {
    loop {
        if told.leaves.load(Ordering::Relaxed) {
            return false;
        }
        let since = Duration::from_millis(millis(start).saturating_sub(told.typed.load(Ordering::Relaxed)));
        match REST.checked_sub(since) {
            None | Some(Duration::ZERO) => return true,
            Some(left) => thread::sleep(left.min(REST / 5)),
        }
    }
}

/// Writes the list; what is wrong with it is told by `rolo check`, and nobody waits for it.
fn write(desk: &Desk, folder: &Path, may_go_on: &dyn Fn() -> bool) -> Option<List> {
    keep_list(&*desk.store, &desk.view(), folder, may_go_on).ok().flatten()
}
