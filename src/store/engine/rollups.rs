//! Sums over what links to a record, brought forward in the same batch as the
//! records that they are made of.
//!
//! What counts into which sum is the domain's definition. Where something was
//! taken off that a sum cannot forget by itself (the last interaction, the next
//! task), it is looked up: touches by the links, which are ordered by time, open
//! tasks in a table of their own.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;

use super::fault::Fault;
use super::keys::{self, Key, Parts};
use super::view::View;
use crate::domain::Definitions;
use crate::domain::{Contribution, Rollup, contributions};
use crate::domain::{Kind, Record, RecordId, Timestamp};

/// How many linking records are looked through at once for the last touch.
const LINKS_AT_ONCE: usize = 16;

/// What a batch does to the rollups.
#[derive(Default)]
pub(super) struct Rollups {
    /// Per record what is added (`true`) or taken off, in order.
    changes: BTreeMap<RecordId, Vec<(bool, Contribution)>>,
    /// What the batch leaves of interactions, which the image does not have yet.
    touching: HashMap<RecordId, Option<Arc<Record>>>,
    /// The keys of open tasks that the batch puts (`true`) or deletes.
    due: BTreeMap<Vec<u8>, bool>,
}

/// A key that a batch puts or deletes, and whether it was there before.
pub(super) struct Outcome {
    pub(super) key: Vec<u8>,
    pub(super) was_there: bool,
    pub(super) value: Option<Vec<u8>>,
}

/// Returns the key under which an open task is found from what it is about.
pub(super) fn due_key(about: RecordId, due: Timestamp, task: RecordId) -> Vec<u8> {
    Key::of(keys::DUE).id(about).time(due).number(task.number).0
}

/// Returns the bytes that the image keeps of a rollup.
pub(super) fn encode(rollup: &Rollup) -> Vec<u8> {
    postcard::to_stdvec(rollup).expect("writing to memory fails for no type used here")
}

/// Returns a rollup from the image's bytes.
pub(super) fn decode(bytes: &[u8]) -> Result<Rollup, Fault> {
    postcard::from_bytes(bytes).map_err(|_| Fault::image("a rollup is unreadable"))
}

impl Rollups {
    /// Takes in that a live record was changed; `None` stands for one that is not live.
    pub(super) fn change(&mut self, id: RecordId, before: Option<&Record>, after: Option<&Arc<Record>>, definitions: &Definitions) {
        let of = |record: Option<&Record>| record.map(|record| contributions(record, definitions)).unwrap_or_default();
        if id.kind == Kind::Interaction {
            self.touching.insert(id, after.cloned());
        }
        self.exchange(id, of(before), of(after.map(Arc::as_ref)));
    }

    /// Takes in that a record contributes otherwise than before.
    pub(super) fn exchange(&mut self, id: RecordId, mut before: Vec<(RecordId, Contribution)>, mut after: Vec<(RecordId, Contribution)>) {
        before.retain(|had| match after.iter().position(|has| has == had) {
            Some(at) => {
                after.swap_remove(at);
                false
            }
            None => true,
        });
        for (added, list) in [(false, before), (true, after)] {
            for (to, contribution) in list {
                if let Contribution::Due(due) = &contribution {
                    self.due.insert(due_key(to, *due, id), added);
                }
                self.changes.entry(to).or_default().push((added, contribution));
            }
        }
    }

    /// Returns how many rollups are changed.
    pub(super) fn len(&self) -> usize {
        self.changes.len()
    }

    /// Returns what the batch does to the image.
    pub(super) fn finish(mut self, view: View<'_>, definitions: &Definitions) -> Result<Vec<Outcome>, Fault> {
        let changes = std::mem::take(&mut self.changes);
        let ids: Vec<RecordId> = changes.keys().copied().collect();
        let found = kept(view, &ids)?;
        let mut outcomes = Vec::with_capacity(ids.len() + self.due.len());
        for ((id, changes), before) in changes.into_iter().zip(found) {
            let was_there = before.is_some();
            let mut rollup = before.unwrap_or_default();
            let (mut last, mut next) = (false, false);
            // What is added first need not be looked for.
            for (_, contribution) in changes.iter().filter(|(added, _)| *added) {
                rollup.add(contribution);
            }
            for (_, contribution) in changes.iter().filter(|(added, _)| !*added) {
                let stale = rollup.remove(contribution);
                (last, next) = (last || stale.last, next || stale.next);
            }
            if last {
                (rollup.last_at, rollup.last_channel) = self.last_touch(view, id, definitions)?;
            }
            if next {
                rollup.next_due = self.next_due(view, id)?;
            }
            let value = (!rollup.is_empty()).then(|| encode(&rollup));
            outcomes.push(Outcome { key: Key::of(keys::ROLLUP).id(id).0, was_there, value });
        }
        for (key, put) in self.due {
            let was_there = view.image.get(&key)?.is_some();
            outcomes.push(Outcome { key, was_there, value: put.then(Vec::new) });
        }
        Ok(outcomes)
    }

    /// Looks for the latest touch of a record, in the image and in this batch.
    fn last_touch(&self, view: View<'_>, id: RecordId, definitions: &Definitions) -> Result<(Option<Timestamp>, Option<String>), Fault> {
        let mut best = Rollup::default();
        let take = |best: &mut Rollup, record: &Record| {
            for (to, touch) in contributions(record, definitions) {
                if to == id {
                    best.add(&touch);
                }
            }
        };
        for record in self.touching.values().flatten() {
            take(&mut best, record);
        }
        let mut limit = LINKS_AT_ONCE;
        let mut seen = 0;
        loop {
            let links = view.linking(id, Kind::Interaction, limit)?;
            for (at, from, _) in &links[seen..] {
                if best.last_at.is_some_and(|last| *at < last) {
                    return Ok((best.last_at, best.last_channel));
                }
                if !self.touching.contains_key(from)
                    && let Some(record) = view.records(&[*from])?.pop().flatten()
                {
                    take(&mut best, &record);
                }
            }
            if links.len() < limit {
                return Ok((best.last_at, best.last_channel));
            }
            seen = links.len();
            limit *= 4;
        }
    }

    /// Looks for the next open task about a record, in the image and in this batch.
    fn next_due(&self, view: View<'_>, id: RecordId) -> Result<Option<Timestamp>, Fault> {
        let prefix = Key::of(keys::DUE).id(id).0;
        let mut first = self.due.iter().find(|(key, put)| **put && key.starts_with(&prefix)).map(|(key, _)| key.clone());
        view.each(&prefix, false, &mut |key, _| {
            if self.due.get(key) == Some(&false) {
                return Ok(ControlFlow::Continue(()));
            }
            if first.as_deref().is_none_or(|first| key < first) {
                first = Some(key.to_vec());
            }
            Ok(ControlFlow::Break(()))
        })?;
        let time = |key: &[u8]| Parts::whole(&key[prefix.len()..]).time().ok_or_else(|| Fault::image("a key is unreadable"));
        first.as_deref().map(time).transpose()
    }
}

/// Returns what the image has of these rollups.
fn kept(view: View<'_>, ids: &[RecordId]) -> Result<Vec<Option<Rollup>>, Fault> {
    let keys: Vec<Vec<u8>> = ids.iter().map(|id| Key::of(keys::ROLLUP).id(*id).0).collect();
    let keys: Vec<&[u8]> = keys.iter().map(Vec::as_slice).collect();
    view.image.get_many(&keys)?.into_iter().map(|bytes| bytes.map(|bytes| decode(&bytes)).transpose()).collect()
}

/// Returns the rollups of these records; one to which nothing points is empty.
pub(super) fn read(view: View<'_>, ids: &[RecordId]) -> Result<Vec<Rollup>, Fault> {
    Ok(kept(view, ids)?.into_iter().map(Option::unwrap_or_default).collect())
}
