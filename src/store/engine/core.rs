//! What the writer and the readers of one store share: the image in use, the way
//! to a new one when it is lost, what has been told, and why nothing can be
//! written, if so.
//!
//! A page is read under a lock that excludes applying. Whoever finds the image
//! lost rebuilds it under the same lock, so the others just wait.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use super::fault::{Fault, told};
use super::images::Images;
use super::projection::{Projection, rebuild};
use super::view::View;
use crate::domain::Definitions;
use crate::store::StoreError;
use crate::store::image::ImageLost;
use crate::store::log::LogReader;

/// How often a call is repeated whose image was lost under it.
const TRIES: usize = 3;
/// The image in use.
pub(super) struct Slot {
    pub(super) projection: Projection,
    /// Counts the images of this process, since a generation's number can come again.
    pub(super) turn: u64,
    pub(super) log: LogReader,
    /// Where another image comes from.
    pub(super) images: Box<dyn Images>,
}

impl Slot {
    pub(super) fn view(&self) -> View<'_> {
        self.projection.view(&self.log)
    }

    pub(super) fn seq(&self) -> u64 {
        self.projection.seq()
    }
}

/// What is shared.
pub(super) struct Core {
    slot: RwLock<Slot>,
    /// The last seq that everyone may see.
    seen: Mutex<u64>,
    more: Condvar,
    notices: Mutex<Vec<String>>,
    definitions: RwLock<Arc<Definitions>>,
    /// Why nothing can be written.
    refusal: Mutex<Option<StoreError>>,
    closed: AtomicBool,
}

// Nothing held under these locks is ever left half changed: a panic elsewhere
// spoils nothing.
fn guarded<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Core {
    pub(super) fn new(slot: Slot, notices: Vec<String>, refusal: Option<StoreError>) -> Self {
        let seq = slot.seq();
        let definitions = RwLock::new(Arc::clone(&slot.projection.definitions));
        let illegible = slot.projection.illegible.clone();
        let core = Self {
            slot: RwLock::new(slot),
            seen: Mutex::new(seq),
            more: Condvar::new(),
            notices: Mutex::new(notices),
            definitions,
            refusal: Mutex::new(refusal),
            closed: AtomicBool::new(false),
        };
        illegible.into_iter().for_each(|sentence| core.note(sentence));
        core
    }

    pub(super) fn slot(&self) -> RwLockReadGuard<'_, Slot> {
        self.slot.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn slot_mut(&self) -> RwLockWriteGuard<'_, Slot> {
        self.slot.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a call that reads, with nothing applied meanwhile. Where the
    /// image is lost under it, it is rebuilt and the call repeated.
    pub(super) fn read<T>(&self, mut call: impl FnMut(&Slot) -> Result<T, Fault>) -> Result<T, StoreError> {
        let mut lost = None;
        for _ in 0..TRIES {
            if self.is_closed() {
                return Err(StoreError::Invalid("the store was closed".to_owned()));
            }
            let slot = self.slot();
            match call(&slot) {
                Ok(answer) => return Ok(answer),
                Err(Fault::Answer(error)) => return Err(error),
                Err(Fault::Log(error)) => return Err(told(&error)),
                Err(Fault::Image(loss)) => {
                    let turn = slot.turn;
                    drop(slot);
                    self.recover(turn, &loss)?;
                    lost = Some(loss);
                }
            }
        }
        Err(StoreError::Io(lost.map(|lost| lost.to_string()).unwrap_or_default()))
    }

    /// Puts another image in the place of a lost one, unless somebody has.
    pub(super) fn recover(&self, turn: u64, lost: &ImageLost) -> Result<(), StoreError> {
        let mut slot = self.slot_mut();
        if slot.turn != turn {
            return Ok(());
        }
        self.note(format!("the image was rebuilt from the log: {}", lost.reason));
        let rebuilt = rebuild(&*slot.images, &slot.log, &mut |_| Ok(()))?;
        if let Some(why) = rebuilt.in_memory {
            self.note(why);
        }
        slot.projection = rebuilt.projection;
        slot.turn += 1;
        self.show(&slot);
        Ok(())
    }

    /// Lets everyone see what is applied.
    pub(super) fn show(&self, slot: &Slot) {
        let projection = &slot.projection;
        if !Arc::ptr_eq(&self.definitions(), &projection.definitions) {
            *self.definitions.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&projection.definitions);
            projection.illegible.iter().for_each(|sentence| self.note(sentence.clone()));
        }
        let mut seen = guarded(&self.seen);
        *seen = (*seen).max(projection.seq());
        self.more.notify_all();
    }

    pub(super) fn seq(&self) -> u64 {
        *guarded(&self.seen)
    }

    /// Waits until `seq` or more is seen, and returns what is.
    pub(super) fn wait_for(&self, seq: u64, timeout: Duration) -> u64 {
        let until = Instant::now().checked_add(timeout);
        let mut seen = guarded(&self.seen);
        while *seen < seq && !self.is_closed() {
            let left = until.map_or(Duration::from_secs(3600), |until| until.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                break;
            }
            seen = self.more.wait_timeout(seen, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        *seen
    }

    pub(super) fn note(&self, notice: impl Into<String>) {
        let notice = notice.into();
        let mut notices = guarded(&self.notices);
        if notices.last() != Some(&notice) {
            notices.push(notice);
        }
    }

    pub(super) fn notices(&self) -> Vec<String> {
        guarded(&self.notices).clone()
    }

    pub(super) fn definitions(&self) -> Arc<Definitions> {
        Arc::clone(&self.definitions.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn refusal(&self) -> Option<StoreError> {
        guarded(&self.refusal).clone()
    }

    pub(super) fn refuse(&self, why: Option<StoreError>) {
        *guarded(&self.refusal) = why;
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        // Under the lock, so that nobody misses it between looking and waiting.
        let _seen = guarded(&self.seen);
        self.more.notify_all();
    }
}
