//! What stands, as a commit finds it: the image, and over it what the commits
//! before it in the same group are about to change.
//!
//! It must not know what is allowed; that is `admit`'s.

use std::collections::HashMap;
use std::sync::Arc;

use super::derived::{self, IndexKeys};
use super::fault::Fault;
use super::view::{Standing, View};
use crate::domain::{Record, RecordId, Timestamp};
use crate::store::log::Place;

/// The latest version of a record, not all of it read yet.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) standing: Standing,
    pub(super) seq: u64,
    /// Where it lies; `None` for what is not written yet.
    place: Option<Place>,
    content: Option<Content>,
}

#[derive(Debug, Clone)]
struct Content {
    recorded_at: Timestamp,
    record: Option<Arc<Record>>,
}

/// The version that a change replaces.
#[derive(Debug, Clone)]
pub(super) struct Before {
    pub(super) standing: Standing,
    pub(super) seq: u64,
    /// Where it lies; `None` for one written earlier in the same group.
    pub(super) place: Option<Place>,
    pub(super) recorded_at: Timestamp,
    pub(super) record: Option<Arc<Record>>,
}

/// One change, ready to be written and applied.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) id: RecordId,
    pub(super) standing: Standing,
    pub(super) recorded_at: Timestamp,
    pub(super) before: Option<Before>,
    /// The record that it leaves.
    pub(super) record: Option<Arc<Record>>,
    /// The record's index keys; empty unless it is live.
    pub(super) keys: IndexKeys,
}

impl Written {
    /// Returns a change that leaves `record`.
    pub(super) fn new(id: RecordId, recorded_at: Timestamp, before: Option<Before>, record: Option<Arc<Record>>) -> Self {
        let standing = derived::standing(record.as_deref());
        let keys = match (&record, standing) {
            (Some(record), Standing::Live) => derived::index_keys(record),
            _ => IndexKeys::new(),
        };
        Self { id, standing, recorded_at, before, record, keys }
    }
}

/// The records as they stand.
pub(super) struct Knowledge<'a> {
    pub(super) view: View<'a>,
    known: HashMap<RecordId, Option<Known>>,
}

impl<'a> Knowledge<'a> {
    pub(super) fn new(view: View<'a>) -> Self {
        Self { view, known: HashMap::new() }
    }

    /// Learns of these records what the image has, in one call.
    pub(super) fn learn(&mut self, ids: impl IntoIterator<Item = RecordId>) -> Result<(), Fault> {
        let mut unknown: Vec<RecordId> = ids.into_iter().filter(|id| !self.known.contains_key(id)).collect();
        unknown.sort_unstable();
        unknown.dedup();
        if unknown.is_empty() {
            return Ok(());
        }
        let entries = self.view.entries(&unknown)?;
        for (id, entry) in unknown.into_iter().zip(entries) {
            let known = entry.map(|entry| Known { standing: entry.standing, seq: entry.seq, place: Some(entry.place), content: None });
            self.known.insert(id, known);
        }
        Ok(())
    }

    /// Says of a record that it never was.
    pub(super) fn never(&mut self, id: RecordId) {
        self.known.entry(id).or_insert(None);
    }

    /// Returns the latest version of a record that was learnt of.
    pub(super) fn latest(&self, id: RecordId) -> Option<&Known> {
        self.known.get(&id).and_then(Option::as_ref)
    }

    /// Returns the whole latest version of a record that was learnt of.
    pub(super) fn before(&mut self, id: RecordId) -> Result<Option<Before>, Fault> {
        let Some(Some(known)) = self.known.get_mut(&id) else { return Ok(None) };
        let content = match (&known.content, known.place) {
            (Some(content), _) => content.clone(),
            (None, Some(place)) => {
                let entry = super::view::Entry { standing: known.standing, seq: known.seq, place };
                let body = self.view.body(id, &entry)?;
                let content = Content { recorded_at: body.recorded_at, record: body.record() };
                known.content = Some(content.clone());
                content
            }
            (None, None) => return Err(Fault::image(format!("{id} is nowhere"))),
        };
        Ok(Some(Before {
            standing: known.standing,
            seq: known.seq,
            place: known.place,
            recorded_at: content.recorded_at,
            record: content.record,
        }))
    }

    /// Takes in what a change leaves.
    pub(super) fn take(&mut self, written: &Written, seq: u64) {
        let content = Content { recorded_at: written.recorded_at, record: written.record.clone() };
        self.known.insert(written.id, Some(Known { standing: written.standing, seq, place: None, content: Some(content) }));
    }
}
