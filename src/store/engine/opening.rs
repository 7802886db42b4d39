//! Opening a store: what is there, what of it can be used, and what has to be
//! said about it.
//!
//! The log decides. An image that is behind is brought forward, one that cannot
//! be used is made anew. One that is ahead of the log says that the log has lost
//! commits: then the store is only read, from what the log still has.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use super::core::{Core, Slot};
use super::fault::{Fault, told};
use super::forgetting;
use super::images::{Images, MemoryImages};
use super::projection::{Projection, interview, rebuild};
use super::view::View;
use super::writer::{Writer, cut_notice};
use super::{Engine, keys};
use crate::domain::Timestamp;
use crate::store::StoreError;
use crate::store::disk::Disk;
use crate::store::files::{Files, FilesInMemory};
use crate::store::image::{Image, ImageLost};
use crate::store::lock::{HolderState, StoreLock};
use crate::store::log::{FramePlace, Log, LogError, LogOptions, Opening, StoreId};

/// What is being done while a store is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The log is read and checked; in bytes.
    Checking,
    /// The image is brought forward or made anew; in commits.
    Rebuilding,
}

/// Is told how far opening has come: the stage, how much of how much. `Break`
/// gives up.
pub type OnProgress = Box<dyn FnMut(Stage, u64, u64) -> ControlFlow<()> + Send>;

/// What an engine is opened on, and how.
pub struct Foundation {
    /// The folder of the log.
    pub disk: Arc<dyn Disk>,
    /// Where images come from.
    pub images: Box<dyn Images>,
    /// Where the contents of attached files are kept.
    pub files: Arc<dyn Files>,
    /// Where it lies, for people.
    pub path: String,
    /// What kind of store it is, for people.
    pub backend: &'static str,
    /// Why nothing may be written, if so.
    pub refusal: Option<StoreError>,
    /// Whether a log is made where nothing is.
    pub create: bool,
    /// The id of a store that is made; `None` for one that no other has.
    pub store_id: Option<StoreId>,
    /// Whether there must have been a log, whatever is found.
    pub had_log: bool,
    /// Open what is left of a damaged log for reading.
    pub accept_damage: bool,
    /// The size in bytes from which a new segment is begun.
    pub segment_size: u64,
    /// The steps in bytes in which space is reserved.
    pub preallocate: u64,
    /// The lock on the folder, held until the store is closed.
    pub lock: Option<StoreLock>,
    /// Is told how far opening has come.
    pub progress: Option<OnProgress>,
}

impl Foundation {
    /// Returns a foundation with the defaults of the log.
    pub fn new(disk: Arc<dyn Disk>, images: Box<dyn Images>) -> Self {
        let LogOptions { segment_size, preallocate, .. } = LogOptions::default();
        Self {
            disk,
            images,
            files: Arc::new(FilesInMemory::default()),
            path: String::new(),
            backend: "embedded",
            refusal: None,
            create: true,
            store_id: None,
            had_log: false,
            accept_damage: false,
            segment_size,
            preallocate,
            lock: None,
            progress: None,
        }
    }

    /// Opens the store.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with the place, [`StoreError::Io`],
    /// [`StoreError::Cancelled`]. A store whose log has lost commits opens for
    /// reading; its commits are answered with [`StoreError::Lost`].
    pub fn open(self) -> Result<Engine, StoreError> {
        Opener::new(self).open()
    }
}

/// What a store in memory is called.
pub const MEMORY: &str = "memory";

/// An image that knows commits which the log has lost, and where it came from.
pub(super) struct Ahead {
    pub(super) image: Box<dyn Image>,
    pub(super) images: Box<dyn Images>,
}

/// An image that was found, with what it says of itself.
struct Found {
    image: Box<dyn Image>,
    store: StoreId,
    applied: Option<(u64, FramePlace)>,
}

/// Who is told how far opening has come.
struct Watch {
    progress: Option<OnProgress>,
    lock: Option<StoreLock>,
    /// What LOCK says of a rebuild.
    percent: Option<u8>,
}

struct Opener {
    foundation: Foundation,
    watch: Arc<Mutex<Watch>>,
    notices: Vec<String>,
    /// Why the image has to be made anew.
    reason: Option<String>,
}

impl Opener {
    fn new(mut foundation: Foundation) -> Self {
        let watch = Watch { progress: foundation.progress.take(), lock: foundation.lock.take(), percent: None };
        Self { foundation, watch: Arc::new(Mutex::new(watch)), notices: Vec::new(), reason: None }
    }

    fn open(mut self) -> Result<Engine, StoreError> {
        let mut found = self.find_image();
        let (mut log, mut opening) = self.open_log(found.as_ref())?;
        if found.as_ref().is_some_and(|found| found.store != log.store_id()) {
            // What it has applied says nothing about this log.
            self.reason = Some("it belonged to another store".to_owned());
            found = None;
            (log, opening) = self.log(None, false).map_err(|error| told(&error))?;
        }
        self.notices.extend(cut_notice(&opening));
        for damage in &opening.damage {
            let commit = damage.seq.map(|seq| format!(" (commit {seq})")).unwrap_or_default();
            self.notices
                .push(format!("the log is damaged in segment {} at byte {}{commit}: {}", damage.segment, damage.offset, damage.why));
        }
        let damaged = !opening.damage.is_empty();
        if let Some(damage) = opening.damage.first() {
            let why = format!("the log is damaged in segment {} at byte {}: {}", damage.segment, damage.offset, damage.why);
            self.foundation.refusal = Some(StoreError::Damaged(why));
        }
        if let Some(applied) = opening.lost {
            let lost = StoreError::Lost { first: opening.last_seq + 1, last: applied.max(opening.last_seq + 1) };
            self.notices.push(format!("{lost}: the store is read-only"));
            self.foundation.refusal = Some(lost);
        }
        let mut went_on = false;
        if opening.writable && opening.lost.is_none() && !damaged {
            went_on = forgetting::go_on(&mut log, &*self.foundation.disk, &*self.foundation.files)?;
        }
        if went_on {
            // It has words of whoever was forgotten.
            found = None;
            self.reason = Some("somebody was being forgotten when the store was last left: that is done now".to_owned());
        }
        let (projection, ahead) = match found {
            // What it knows more is all that is left of that: it stays as it is.
            Some(found) if opening.lost.is_some() => {
                (self.rebuild(false, &log, "the log has lost what the image has applied")?, Some(found.image))
            }
            Some(found) if !damaged => (self.bring_forward(found, &log)?, None),
            // An image that has all of it is better than what is left of the log.
            Some(found) if found.applied.map_or(0, |(seq, _)| seq) == opening.last_seq => (self.bring_forward(found, &log)?, None),
            Some(_) => (self.rebuild(false, &log, "the log is damaged")?, None),
            None if damaged => (self.rebuild(false, &log, "the log is damaged")?, None),
            None => (self.make(&log)?, None),
        };
        if went_on {
            forgetting::remove_todo(&*self.foundation.disk)?;
        }
        if damaged {
            // What is made of a damaged log is not kept.
            self.foundation.images = Box::new(MemoryImages);
        }
        self.engine(log, projection, ahead)
    }

    /// Looks for an image that can be used.
    fn find_image(&mut self) -> Option<Found> {
        let found = match self.foundation.images.newest() {
            Ok(Some(image)) => interview(&*image).map(|says| Some(Found { image, store: says.store, applied: says.applied })),
            Ok(None) => Ok(None),
            Err(lost) => Err(lost),
        };
        match found {
            Ok(found) => found,
            Err(lost) => {
                self.reason = Some(lost.reason);
                None
            }
        }
    }

    fn open_log(&mut self, found: Option<&Found>) -> Result<(Log, Opening), StoreError> {
        let applied = found.and_then(|found| found.applied);
        let opened = self.log(applied, false);
        match opened {
            Err(LogError::NoLog) if self.may_create() => self.log_made().map_err(|error| told(&error)),
            Err(LogError::NoLog) if self.had_log() => {
                Err(StoreError::Damaged(format!("the log is gone: {} holds no segment of it, and there was one", self.foundation.path)))
            }
            Err(LogError::NoLog) => Err(StoreError::Invalid(format!("there is no store in {}", self.foundation.path))),
            Err(LogError::Lost { .. } | LogError::Diverged { .. }) => self.log(applied, true).map_err(|error| told(&error)),
            other => other.map_err(|error| told(&error)),
        }
    }

    fn log_made(&self) -> Result<(Log, Opening), LogError> {
        let id = self.foundation.store_id.unwrap_or_else(StoreId::fresh);
        Log::create(Arc::clone(&self.foundation.disk), id, self.options(None, false))
    }

    fn may_create(&self) -> bool {
        self.foundation.create && self.foundation.refusal.is_none() && !self.had_log()
    }

    /// A lost log is never taken for a store that is yet to begin.
    fn had_log(&self) -> bool {
        self.foundation.had_log || self.foundation.images.any()
    }

    fn log(&self, applied: Option<(u64, FramePlace)>, accept_loss: bool) -> Result<(Log, Opening), LogError> {
        Log::open(Arc::clone(&self.foundation.disk), self.options(applied, accept_loss))
    }

    fn options(&self, applied: Option<(u64, FramePlace)>, accept_loss: bool) -> LogOptions {
        let watch = Arc::clone(&self.watch);
        let tell = move |done, total| tell(&watch, Stage::Checking, done, total);
        LogOptions {
            writable: self.foundation.refusal.is_none() && !accept_loss,
            applied,
            segment_size: self.foundation.segment_size,
            preallocate: self.foundation.preallocate,
            accept_loss,
            accept_damage: self.foundation.accept_damage,
            progress: Some(Box::new(tell)),
        }
    }

    /// Applies what an image lacks; where it fails, another one is made.
    fn bring_forward(&mut self, found: Found, log: &Log) -> Result<Projection, StoreError> {
        let reader = log.reader();
        let total = log.last_seq();
        let brought = Projection::resume(found.image, found.applied, &reader).and_then(|mut projection| {
            projection.bring_forward(&reader, &mut |seq| go_on(tell(&self.watch, Stage::Rebuilding, seq, total)))?;
            Ok(projection)
        });
        match brought {
            Ok(projection) => {
                self.foundation.images.tidy(projection.image.generation());
                Ok(projection)
            }
            Err(Fault::Image(ImageLost { reason })) => {
                self.reason = Some(reason);
                self.make(log)
            }
            Err(fault) => Err(fault.answer()),
        }
    }

    fn make(&mut self, log: &Log) -> Result<Projection, StoreError> {
        let reason = match self.reason.take() {
            Some(reason) => reason,
            // Nothing to tell of a store that is new.
            None if log.last_seq() == 0 => String::new(),
            None => "there was none".to_owned(),
        };
        self.rebuild(true, log, &reason)
    }

    /// Makes an image from the whole log, kept or only in memory.
    fn rebuild(&mut self, kept: bool, log: &Log, reason: &str) -> Result<Projection, StoreError> {
        let images: &dyn Images = if kept { &*self.foundation.images } else { &MemoryImages };
        let total = log.last_seq();
        let rebuilt = rebuild(images, &log.reader(), &mut |seq| go_on(tell(&self.watch, Stage::Rebuilding, seq, total)))?;
        if !reason.is_empty() && self.foundation.backend != MEMORY {
            self.notices.push(format!("the image was rebuilt from the log: {reason}"));
        }
        self.notices.extend(rebuilt.in_memory);
        Ok(rebuilt.projection)
    }

    fn engine(self, log: Log, projection: Projection, ahead: Option<Box<dyn Image>>) -> Result<Engine, StoreError> {
        let Foundation { disk, images, files, path, backend, refusal, segment_size, preallocate, .. } = self.foundation;
        let mut lock = self.watch.lock().unwrap_or_else(PoisonError::into_inner).lock.take();
        // While an image that is ahead is kept, no other may be put above it.
        let (images, ahead) = match ahead {
            Some(image) => (Box::new(MemoryImages) as Box<dyn Images>, Some(Ahead { image, images })),
            None => (images, None),
        };
        let slot = Slot { projection, turn: 0, log: log.reader(), images };
        let core = Arc::new(Core::new(slot, self.notices, refusal));
        let last_at = core.read(|slot| last_moment(slot.view()))?;
        if let Some(lock) = &mut lock {
            // From here on there is a log: LOCK remembers that there was one.
            let told = lock.tell(|holder| {
                holder.state = HolderState::Serving;
                holder.epoch += 1;
            });
            if let Err(error) = told {
                core.note(error.to_string());
            }
        }
        let writer = Writer::new(Arc::clone(&core), disk, log, lock, (segment_size, preallocate), last_at);
        Engine::start(core, writer, ahead, files, path, backend)
    }
}

fn tell(watch: &Mutex<Watch>, stage: Stage, done: u64, total: u64) -> ControlFlow<()> {
    watch.lock().unwrap_or_else(PoisonError::into_inner).tell(stage, done, total)
}

impl Watch {
    fn tell(&mut self, stage: Stage, done: u64, total: u64) -> ControlFlow<()> {
        let percent = u8::try_from(done.min(total) * 100 / total.max(1)).unwrap_or(100);
        if stage == Stage::Rebuilding
            && self.percent != Some(percent)
            && let Some(lock) = &mut self.lock
        {
            self.percent = Some(percent);
            // For people who wait only; the lock is held whatever it says.
            let _ = lock.tell(|holder| holder.state = HolderState::Rebuilding(percent));
        }
        match &mut self.progress {
            Some(progress) => progress(stage, done, total),
            None => ControlFlow::Continue(()),
        }
    }
}

fn go_on(flow: ControlFlow<()>) -> Result<(), Fault> {
    match flow {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(StoreError::Cancelled.into()),
    }
}

/// Returns when the last commit was made.
fn last_moment(view: View<'_>) -> Result<Option<Timestamp>, Fault> {
    let mut last = None;
    view.each(&[keys::COMMIT], true, &mut |key, _| {
        last = keys::Parts::of(key).number();
        Ok(ControlFlow::Break(()))
    })?;
    let Some(seq) = last else { return Ok(None) };
    let Some(entry) = view.commit(seq)? else { return Ok(None) };
    Ok(Some(view.head(seq, &entry)?.at))
}
