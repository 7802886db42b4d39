//! An image with what is known of it: how far it is applied, its sums, and what
//! the team owned by then. The one place where an image is brought forward,
//! whether by a new commit, by the tail of the log, or by all of it.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::apply::{Applying, Laid, read_applied};
use super::derived;
use super::fault::Fault;
use super::keys::{self, Key, Parts};
use super::rollups::Rollups;
use super::said::{Said, read_frame};
use super::tallies::Tallies;
use super::view::{Entry, Standing, View};
use crate::domain::Definitions;
use crate::domain::contributions;
use crate::domain::{Kind, RecordId};
use crate::store::StoreError;
use crate::store::image::{Batch, Image, ImageLost};
use crate::store::log::{Frame, FramePlace, LogReader, ReadFrom, StoreId};

/// How many changes go into one batch: memory is bounded by it, and sled takes
/// larger ones badly.
const CHANGES_AT_ONCE: usize = 2_000;
/// After how many bytes on disk an image that is brought forward is made durable.
const FLUSH_EVERY: u64 = 64 << 20;

/// An image and what is known of it.
pub(super) struct Projection {
    pub(super) image: Box<dyn Image>,
    pub(super) tallies: Tallies,
    pub(super) definitions: Arc<Definitions>,
    /// What cannot be read of the definitions, in words.
    pub(super) illegible: Vec<String>,
    /// The last frame applied.
    pub(super) applied: Option<(u64, FramePlace)>,
}

/// Is told the seq reached; an error gives up.
pub(super) type Reached<'a> = dyn FnMut(u64) -> Result<(), Fault> + 'a;

impl Projection {
    /// Makes an empty image that of a store in which nothing has happened.
    pub(super) fn begin(image: Box<dyn Image>, store: StoreId) -> Result<Self, ImageLost> {
        let mut batch = Batch::new();
        batch.put(keys::META_SCHEMA.to_vec(), Key(Vec::new()).number(keys::SCHEMA.into()).0);
        batch.put(keys::META_STORE.to_vec(), store.0.to_vec());
        image.apply(&batch)?;
        Ok(Self { image, tallies: Tallies::default(), definitions: derived::built_in(), illegible: Vec::new(), applied: None })
    }

    /// Takes up an image that has been kept.
    pub(super) fn resume(image: Box<dyn Image>, applied: Option<(u64, FramePlace)>, log: &LogReader) -> Result<Self, Fault> {
        let view = View { image: &*image, log };
        let tallies = Tallies::read(view)?;
        let (definitions, illegible) = read_definitions(view)?;
        Ok(Self { image, tallies, definitions, illegible, applied })
    }

    pub(super) fn view<'a>(&'a self, log: &'a LogReader) -> View<'a> {
        View { image: &*self.image, log }
    }

    pub(super) fn seq(&self) -> u64 {
        self.applied.map_or(0, |(seq, _)| seq)
    }

    /// Applies commits that follow the last one applied.
    pub(super) fn apply(&mut self, log: &LogReader, commits: &[Laid<'_>]) -> Result<(), Fault> {
        let mut entries = HashMap::new();
        let mut rest = commits;
        while !rest.is_empty() {
            let view = View { image: &*self.image, log };
            let mut applying = Applying::new(view, &mut self.tallies, &self.definitions, &mut entries);
            let mut done = 0;
            while done < rest.len() && !applying.redefines() {
                applying.commit(&rest[done])?;
                done += 1;
            }
            let (seq, at) = (rest[done - 1].seq, rest[done - 1].at);
            let redefines = applying.redefines();
            let batch = applying.finish(seq, at)?;
            self.image.apply(&batch)?;
            self.applied = Some((seq, at));
            if redefines {
                self.redefine(log)?;
            }
            rest = &rest[done..];
        }
        Ok(())
    }

    /// Applies all frames that the log has behind the last one applied.
    pub(super) fn bring_forward(&mut self, log: &LogReader, reached: &mut Reached<'_>) -> Result<(), Fault> {
        let from = match self.applied {
            None => ReadFrom::Start,
            Some((_, place)) => ReadFrom::After(place),
        };
        let begun = self.applied;
        let mut flushed = self.image.bytes_on_disk();
        let mut frames = log.frames(from);
        while let Some(seq) = self.batch(log, &mut frames)? {
            reached(seq)?;
            let bytes = self.image.bytes_on_disk();
            if bytes >= flushed + FLUSH_EVERY {
                self.image.flush()?;
                flushed = bytes;
            }
        }
        if self.applied != begun {
            self.image.flush()?;
        }
        Ok(())
    }

    /// Applies the next frames; returns the seq reached, `None` at the end.
    fn batch(
        &mut self,
        log: &LogReader,
        frames: &mut dyn Iterator<Item = Result<Frame, crate::store::log::LogError>>,
    ) -> Result<Option<u64>, Fault> {
        let view = View { image: &*self.image, log };
        let mut knowledge = super::known::Knowledge::new(view);
        let mut entries = HashMap::new();
        let mut applying = Applying::new(view, &mut self.tallies, &self.definitions, &mut entries);
        let (mut changes, mut last) = (0, None);
        while changes < CHANGES_AT_ONCE && !applying.redefines() {
            let frame = match frames.next() {
                None => break,
                Some(Ok(frame)) => frame,
                // Where damage was accepted, the log goes on behind it.
                Some(Err(error)) if error.is_damage() && log.goes_on_after_damage() => continue,
                Some(Err(error)) => return Err(error.into()),
            };
            last = Some((frame.seq, frame.at));
            changes += 1;
            match read_frame(&frame)? {
                Said::Epoch(epoch) => applying.epoch(&epoch),
                Said::Commit(head, bodies) => {
                    changes += bodies.len();
                    let written = applying.replayed(&mut knowledge, frame.seq, bodies)?;
                    applying.commit(&Laid { seq: frame.seq, head: &head, changes: &written, at: frame.at, places: &frame.places })?;
                }
            }
        }
        let Some((seq, at)) = last else { return Ok(None) };
        let redefines = applying.redefines();
        let batch = applying.finish(seq, at)?;
        self.image.apply(&batch)?;
        self.applied = last;
        if redefines {
            self.redefine(log)?;
        }
        Ok(Some(seq))
    }

    /// Reads anew what the team owns. Where stages or statuses mean something
    /// else now, the sums that are made of them are changed with them.
    fn redefine(&mut self, log: &LogReader) -> Result<(), Fault> {
        let (new, illegible) = read_definitions(self.view(log))?;
        let old = std::mem::replace(&mut self.definitions, new);
        self.illegible = illegible;
        let new = Arc::clone(&self.definitions);
        if old.pipelines != new.pipelines || old.statuses != new.statuses {
            for kind in [Kind::Opportunity, Kind::Ticket] {
                self.revise(log, kind, &old, &new)?;
            }
        }
        let mut batch = Batch::new();
        batch.delete(keys::META_REVISING.to_vec());
        Ok(self.image.apply(&batch)?)
    }

    fn revise(&mut self, log: &LogReader, kind: Kind, old: &Definitions, new: &Definitions) -> Result<(), Fault> {
        let prefix = Key::of(keys::RECORD).kind(kind).0;
        let mut from = prefix.clone();
        loop {
            let mut rollups = Rollups::default();
            let mut last = None;
            let view = View { image: &*self.image, log };
            let bounds = (std::ops::Bound::Excluded(from), keys::beginning_with(&prefix).1);
            view.between(&bounds, false, &mut |key, value| {
                let id = Parts::of(key).id().ok_or_else(|| Fault::image("a key is unreadable"))?;
                let entry = Entry::decode(value).ok_or_else(|| Fault::image("an entry is unreadable"))?;
                last = Some(key.to_vec());
                if entry.standing == Standing::Live
                    && let Some(record) = view.record(id, &entry)?
                {
                    rollups.exchange(id, contributions(&record, old), contributions(&record, new));
                }
                Ok(if rollups.len() < CHANGES_AT_ONCE { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
            })?;
            let ended = rollups.len() < CHANGES_AT_ONCE;
            let mut entries = HashMap::new();
            let mut applying = Applying::new(view, &mut self.tallies, new, &mut entries);
            applying.roll_up(rollups)?;
            let batch = applying.leave_applied()?;
            self.image.apply(&batch)?;
            match last {
                Some(key) if !ended => from = key,
                _ => return Ok(()),
            }
        }
    }
}

/// What an image says of itself.
pub(super) struct Says {
    pub(super) store: StoreId,
    pub(super) applied: Option<(u64, FramePlace)>,
}

/// Reads what an image says of itself; an error is the reason to make another.
pub(super) fn interview(image: &dyn Image) -> Result<Says, ImageLost> {
    let lost = |why: &str| ImageLost::new(why);
    let schema = image.get(keys::META_SCHEMA)?.ok_or_else(|| lost("it was empty"))?;
    match Parts::whole(&schema).number() {
        Some(schema) if schema == u64::from(keys::SCHEMA) => {}
        Some(schema) => return Err(ImageLost::new(format!("it was of schema {schema}, this version has {}", keys::SCHEMA))),
        None => return Err(lost("its schema is unreadable")),
    }
    if image.get(keys::META_REVISING)?.is_some() {
        return Err(lost("it was left while its sums were being changed"));
    }
    let store = image.get(keys::META_STORE)?.and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| lost("it names no store"))?;
    let applied = match image.get(keys::META_APPLIED)? {
        None => None,
        Some(bytes) => Some(read_applied(&bytes).ok_or_else(|| lost("what it has applied is unreadable"))?),
    };
    Ok(Says { store: StoreId(store), applied })
}

/// Reads what the team owns; and, in words, what of it cannot be read.
fn read_definitions(view: View<'_>) -> Result<(Arc<Definitions>, Vec<String>), Fault> {
    let mut ids = Vec::new();
    let prefix = Key::of(keys::RECORD).kind(Kind::Definition).0;
    view.each(&prefix, false, &mut |key, value| {
        let number = Parts::whole(&key[prefix.len()..]).number().ok_or_else(|| Fault::image("a key is unreadable"))?;
        if Entry::decode(value).is_some_and(|entry| entry.standing == Standing::Live) {
            ids.push(RecordId::new(Kind::Definition, number));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let records: Vec<_> = view.records(&ids)?.into_iter().flatten().collect();
    Ok(derived::definitions(&records))
}

/// An image made from the log.
pub(super) struct Rebuilt {
    pub(super) projection: Projection,
    /// Why it is only in memory, if it is.
    pub(super) in_memory: Option<String>,
}

/// Makes an image from the whole log. Where none can be kept, one is held in
/// memory: reading goes on.
pub(super) fn rebuild(images: &dyn super::Images, log: &LogReader, reached: &mut Reached<'_>) -> Result<Rebuilt, StoreError> {
    let mut reason = String::new();
    for _ in 0..2 {
        match images.next().map_err(Fault::from).and_then(|image| fill(image, log, reached)) {
            Ok(projection) => {
                images.tidy(projection.image.generation());
                return Ok(Rebuilt { projection, in_memory: None });
            }
            Err(Fault::Image(lost)) => reason = lost.reason,
            Err(fault) => return Err(fault.answer()),
        }
    }
    let image = Box::new(crate::store::image::MemoryImage::new());
    let projection = fill(image, log, reached).map_err(Fault::answer)?;
    let why = format!("no image could be kept ({reason}): it is held in memory, and made again at the next opening");
    Ok(Rebuilt { projection, in_memory: Some(why) })
}

fn fill(image: Box<dyn Image>, log: &LogReader, reached: &mut Reached<'_>) -> Result<Projection, Fault> {
    let mut projection = Projection::begin(image, log.store_id())?;
    projection.bring_forward(log, reached)?;
    Ok(projection)
}
