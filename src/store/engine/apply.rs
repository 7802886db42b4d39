//! What a commit does to the image, key by key. The same code brings a new
//! commit in, replays a tail and rebuilds everything, so that an image is the
//! same whichever way it came to be.
//!
//! It must not know whether the commit was allowed, nor how the log is written.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::admit::once_value;
use super::content::{Body, Epoch, Head};
use super::derived;
use super::fault::Fault;
use super::keys::{self, Key, Parts};
use super::known::{Knowledge, Written};
use super::rollups::Rollups;
use super::tallies::Tallies;
use super::view::{CommitEntry, Entry, Standing, View};
use crate::domain::Definitions;
use crate::domain::{Kind, Record, RecordId, Timestamp};
use crate::store::api::StepInfo;
use crate::store::image::Batch;
use crate::store::log::{FramePlace, Place};

/// Idempotency keys without a name are kept for this many commits …
const KEYS_FOR_COMMITS: u64 = 100_000;
/// … and this many seconds, whichever is longer.
const KEYS_FOR_SECONDS: i64 = 7 * 24 * 3600;
/// How often, in commits, the old ones are looked for.
const KEYS_SWEPT_EVERY: u64 = 1024;

/// One commit as it lies in the log.
pub(super) struct Laid<'a> {
    pub(super) seq: u64,
    pub(super) head: &'a Head,
    pub(super) changes: &'a [Written],
    pub(super) at: FramePlace,
    /// Where the bodies lie: the head's first, then the changes'.
    pub(super) places: &'a [Place],
}

/// A batch that is being put together.
pub(super) struct Applying<'a> {
    view: View<'a>,
    tallies: &'a mut Tallies,
    definitions: &'a Definitions,
    /// The latest versions that this batch, or one before it in the same group, has written.
    entries: &'a mut HashMap<RecordId, Entry>,
    batch: Batch,
    steps: HashMap<u64, StepInfo>,
    rollups: Rollups,
    redefines: bool,
}

/// Returns what the image keeps of the last frame that it has applied.
pub(super) fn applied_value(seq: u64, at: FramePlace) -> Vec<u8> {
    Key(Vec::new()).number(seq).number(at.segment.into()).number(at.offset).raw(&at.crc.to_be_bytes()).0
}

/// Returns the last frame applied, from what the image has kept.
pub(super) fn read_applied(bytes: &[u8]) -> Option<(u64, FramePlace)> {
    let mut parts = Parts::whole(bytes);
    let seq = parts.number()?;
    Some((seq, FramePlace { segment: u32::try_from(parts.number()?).ok()?, offset: parts.number()?, crc: parts.crc()? }))
}

impl<'a> Applying<'a> {
    pub(super) fn new(
        view: View<'a>,
        tallies: &'a mut Tallies,
        definitions: &'a Definitions,
        entries: &'a mut HashMap<RecordId, Entry>,
    ) -> Self {
        Self {
            view,
            tallies,
            definitions,
            entries,
            batch: Batch::new(),
            steps: HashMap::new(),
            rollups: Rollups::default(),
            redefines: false,
        }
    }

    /// Returns whether what the team owns is changed: then the batch ends here,
    /// since what comes next is counted by the new definitions.
    pub(super) fn redefines(&self) -> bool {
        self.redefines
    }

    /// Adds a commit.
    pub(super) fn commit(&mut self, laid: &Laid<'_>) -> Result<(), Fault> {
        let Some((head_place, places)) = laid.places.split_first() else {
            return Err(Fault::image("a commit without a head was to be applied"));
        };
        self.note_commit(laid, *head_place)?;
        for (change, place) in laid.changes.iter().zip(places) {
            self.change(change, laid.seq, *place)?;
            self.redefines |= change.id.kind == Kind::Definition;
        }
        if laid.seq.is_multiple_of(KEYS_SWEPT_EVERY) {
            self.sweep_keys(laid.seq, laid.head.at)?;
        }
        Ok(())
    }

    /// Adds a frame that is no commit.
    pub(super) fn epoch(&mut self, epoch: &Epoch) {
        let Epoch::Lost { next, .. } = epoch;
        for (kind, next) in next {
            self.tallies.reserve(*kind, *next);
        }
    }

    /// Returns the changes of a commit that is read back from the log.
    pub(super) fn replayed(&self, knowledge: &mut Knowledge<'_>, seq: u64, bodies: Vec<Body>) -> Result<Vec<Written>, Fault> {
        for body in &bodies {
            // The greater part of a log is new records: of these nothing is asked.
            if body.id.number >= self.tallies.kind(body.id.kind).next {
                knowledge.never(body.id);
            }
        }
        knowledge.learn(bodies.iter().map(|body| body.id))?;
        let mut changes = Vec::with_capacity(bodies.len());
        for body in bodies {
            let (id, recorded_at) = (body.id, body.recorded_at);
            let written = Written::new(id, recorded_at, knowledge.before(id)?, body.record());
            knowledge.take(&written, seq);
            changes.push(written);
        }
        Ok(changes)
    }

    /// Adds what a change of rollups alone does.
    pub(super) fn roll_up(&mut self, rollups: Rollups) -> Result<(), Fault> {
        for outcome in rollups.finish(self.view, self.definitions)? {
            match (outcome.was_there, outcome.value) {
                (false, Some(value)) => self.add(outcome.key, value),
                (true, Some(value)) => self.batch.put(outcome.key, value),
                (true, None) => self.remove(outcome.key),
                (false, None) => {}
            }
        }
        Ok(())
    }

    /// Returns the batch, which ends with the frame `seq`.
    pub(super) fn finish(mut self, seq: u64, at: FramePlace) -> Result<Batch, Fault> {
        for (step, info) in std::mem::take(&mut self.steps) {
            let value = postcard::to_stdvec(&info).expect("writing to memory fails for no type used here");
            self.batch.put(Key::of(keys::STEP).number(step).0, value);
        }
        self.batch.put(keys::META_APPLIED.to_vec(), applied_value(seq, at));
        if self.redefines {
            self.batch.put(keys::META_REVISING.to_vec(), Vec::new());
        }
        self.leave_applied()
    }

    /// Returns the batch, which goes no further in the log.
    pub(super) fn leave_applied(mut self) -> Result<Batch, Fault> {
        let rollups = std::mem::take(&mut self.rollups);
        self.roll_up(rollups)?;
        self.tallies.write(&mut self.batch);
        Ok(self.batch)
    }

    fn add(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.tallies.add(&key);
        self.batch.put(key, value);
    }

    fn remove(&mut self, key: Vec<u8>) {
        self.tallies.remove(&key);
        self.batch.delete(key);
    }

    fn note_commit(&mut self, laid: &Laid<'_>, head_place: Place) -> Result<(), Fault> {
        let Laid { seq, head, at, .. } = *laid;
        let entry = CommitEntry { step: head.step, at, head: head_place };
        self.add(Key::of(keys::COMMIT).number(seq).0, entry.encode());
        self.add(Key::of(keys::TIME).time(head.at).number(seq).0, Vec::new());
        self.add(Key::of(keys::PART).number(head.step).number(seq).0, Vec::new());
        if let Some((key, fingerprint)) = &head.key {
            self.add(Key::of(keys::ONCE).raw(key.as_bytes()).0, once_value(seq, *fingerprint));
            if !is_named(key) {
                let age = Key(Vec::new()).time(head.at).raw(key.as_bytes()).0;
                self.add(Key::of(keys::ONCE_AGE).number(seq).0, age);
            }
        }
        let known = match self.steps.get(&head.step) {
            Some(step) => Some(step.clone()),
            None => self.view.step(head.step)?,
        };
        let mut step = match known {
            Some(step) => step,
            None => {
                self.tallies.add(&Key::of(keys::STEP).number(head.step).0);
                StepInfo {
                    step: head.step,
                    end: seq,
                    finished: false,
                    at: head.at,
                    author: head.author.clone(),
                    label: head.label.clone(),
                    kind: head.kind,
                    changes: 0,
                }
            }
        };
        step.end = seq;
        step.finished = head.last;
        step.changes += laid.changes.len() as u64;
        self.steps.insert(head.step, step);
        Ok(())
    }

    fn change(&mut self, change: &Written, seq: u64, place: Place) -> Result<(), Fault> {
        let id = change.id;
        let entry = Entry { standing: change.standing, seq, place };
        let key = Key::of(keys::RECORD).id(id).0;
        match &change.before {
            None => self.add(key, entry.encode()),
            Some(before) => {
                let place = match before.place {
                    Some(place) => place,
                    None => self.entries.get(&id).map(|entry| entry.place).ok_or_else(|| Fault::image(format!("{id} is nowhere")))?,
                };
                let earlier = Entry { standing: before.standing, seq: before.seq, place };
                self.add(Key::of(keys::VERSION).id(id).number(before.seq).0, earlier.encode());
                self.batch.put(key, entry.encode());
            }
        }
        self.entries.insert(id, entry);

        let stood = change.before.as_ref().map(|before| before.standing);
        self.tallies.count(id.kind, id.number, stood, change.standing);
        match (stood == Some(Standing::Trashed), change.standing == Standing::Trashed) {
            (false, true) => self.add(Key::of(keys::TRASH).id(id).0, Vec::new()),
            (true, false) => self.remove(Key::of(keys::TRASH).id(id).0),
            _ => {}
        }
        let before = change.before.as_ref().filter(|before| before.standing == Standing::Live).and_then(|before| before.record.as_deref());
        let after = change.record.as_ref().filter(|_| change.standing == Standing::Live);
        self.index(id, before, &change.keys);
        self.link(id, before, after.map(Arc::as_ref));
        self.rollups.change(id, before, after, self.definitions);
        Ok(())
    }

    fn index(&mut self, id: RecordId, before: Option<&Record>, has: &derived::IndexKeys) {
        let had = before.map(derived::index_keys).unwrap_or_default();
        let key = |(field, value): &(u16, Vec<u8>)| Key::of(keys::INDEX).kind(id.kind).field(*field).value(value).number(id.number).0;
        for gone in had.iter().filter(|key| has.binary_search(key).is_err()) {
            self.remove(key(gone));
        }
        for new in has.iter().filter(|key| had.binary_search(key).is_err()) {
            self.add(key(new), Vec::new());
        }
    }

    fn link(&mut self, id: RecordId, before: Option<&Record>, after: Option<&Record>) {
        let all = |record: Option<&Record>| record.map(|record| link_keys(id, record)).unwrap_or_default();
        let (had, has) = (all(before), all(after));
        for gone in had.iter().filter(|key| has.binary_search(key).is_err()) {
            self.remove(gone.clone());
        }
        for new in has.iter().filter(|key| had.binary_search(key).is_err()) {
            self.add(new.clone(), Vec::new());
        }
    }

    /// Lets go of idempotency keys that are old enough.
    fn sweep_keys(&mut self, seq: u64, now: Timestamp) -> Result<(), Fault> {
        let Some(newest) = seq.checked_sub(KEYS_FOR_COMMITS) else { return Ok(()) };
        let before = now.plus_seconds(-KEYS_FOR_SECONDS);
        let mut old = Vec::new();
        self.view.each(&[keys::ONCE_AGE], false, &mut |key, value| {
            let (number, mut parts) = (Parts::of(key).number(), Parts::whole(value));
            let (Some(number), Some(at)) = (number, parts.time()) else {
                return Err(Fault::image("the age of an idempotency key is unreadable"));
            };
            if number >= newest || at >= before {
                return Ok(ControlFlow::Break(()));
            }
            old.push((key.to_vec(), Key::of(keys::ONCE).raw(parts.rest()).0));
            Ok(ControlFlow::Continue(()))
        })?;
        for (age, key) in old {
            self.remove(age);
            self.remove(key);
        }
        Ok(())
    }
}

/// Returns the keys under which a live record is found from what it links to, sorted.
pub(super) fn link_keys(id: RecordId, record: &Record) -> Vec<Vec<u8>> {
    let moment = derived::moment(record);
    let key = |(to, field): (RecordId, u16)| Key::of(keys::LINK).id(to).kind(id.kind).time(moment).number(id.number).field(field).0;
    let mut found: Vec<Vec<u8>> = derived::links(record).into_iter().map(key).collect();
    found.sort_unstable();
    found
}

/// Returns whether an idempotency key has a name (`import:…`) and is kept for good.
fn is_named(key: &str) -> bool {
    key.contains(':')
}
