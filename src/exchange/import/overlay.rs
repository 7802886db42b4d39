//! Records that are planned and not yet committed, found by their keys like those
//! that are. It must not know rows.
//!
//! Everything a row has planned can be taken back, since a row that is rejected
//! must leave nothing.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::{FieldNumber, Kind, Record, RecordId};
use crate::query::index;
use crate::store::api::{Change, new_id};

type Key = (Kind, FieldNumber, Vec<u8>);

/// A record as planned.
#[derive(Debug, Clone)]
struct Planned {
    record: Arc<Record>,
    /// The version it is based on, 0 for a new one.
    based_on: u64,
    bytes: usize,
}

/// Records that are planned.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    planned: HashMap<RecordId, Planned>,
    /// In the order in which they were first planned.
    order: Vec<RecordId>,
    keys: HashMap<Key, Vec<RecordId>>,
    /// What stood before each change, newest last.
    journal: Vec<(RecordId, Option<Planned>)>,
    next: u64,
    bytes: usize,
}

impl Overlay {
    /// Returns the place to which [`Self::take_back`] returns.
    pub(super) fn mark(&self) -> usize {
        self.journal.len()
    }

    /// Takes back everything planned since a mark.
    pub(super) fn take_back(&mut self, mark: usize) {
        while self.journal.len() > mark {
            let Some((id, before)) = self.journal.pop() else { break };
            self.remove_keys(id);
            match before {
                Some(before) => self.insert(id, before),
                None => {
                    if let Some(gone) = self.planned.remove(&id) {
                        self.bytes -= gone.bytes;
                    }
                    self.order.retain(|known| *known != id);
                }
            }
        }
    }

    /// Plans a new record; returns its `new:N` reference. The id in `record` is replaced.
    pub(super) fn create(&mut self, mut record: Record) -> RecordId {
        self.next += 1;
        let id = new_id(record.kind(), self.next);
        record.id = id;
        self.put(record, 0);
        id
    }

    /// Plans a change of a record, based on this version; of one planned before, the
    /// version it was based on then.
    pub(super) fn put(&mut self, record: Record, version: u64) {
        let id = record.id;
        let before = self.planned.get(&id).cloned();
        let based_on = before.as_ref().map_or(version, |planned| planned.based_on);
        self.remove_keys(id);
        if before.is_none() {
            self.order.push(id);
        }
        self.journal.push((id, before));
        let bytes = postcard::experimental::serialized_size(&record).unwrap_or(usize::MAX / 2);
        self.insert(id, Planned { record: Arc::new(record), based_on, bytes });
    }

    fn insert(&mut self, id: RecordId, planned: Planned) {
        for (field, key) in index::index_keys(&planned.record) {
            self.keys.entry((id.kind, field, key)).or_default().push(id);
        }
        self.bytes += planned.bytes;
        if let Some(before) = self.planned.insert(id, planned) {
            self.bytes -= before.bytes;
        }
    }

    fn remove_keys(&mut self, id: RecordId) {
        let Some(planned) = self.planned.get(&id) else { return };
        for (field, key) in index::index_keys(&planned.record) {
            let place = (id.kind, field, key);
            if let Some(ids) = self.keys.get_mut(&place) {
                ids.retain(|known| *known != id);
                if ids.is_empty() {
                    self.keys.remove(&place);
                }
            }
        }
    }

    /// Returns a planned record.
    pub(super) fn get(&self, id: RecordId) -> Option<Arc<Record>> {
        self.planned.get(&id).map(|planned| Arc::clone(&planned.record))
    }

    /// Returns the planned records under a key.
    pub(super) fn find(&self, kind: Kind, field: FieldNumber, key: &[u8]) -> &[RecordId] {
        // The map's key is owned: one short copy a lookup.
        self.keys.get(&(kind, field, key.to_vec())).map_or(&[], Vec::as_slice)
    }

    /// Returns how many changes are planned.
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// Returns about how many bytes the planned records take.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns the planned changes in their order.
    pub(super) fn changes(&self) -> Vec<Change> {
        let change = |id: &RecordId| {
            self.planned.get(id).map(|planned| Change {
                id: *id,
                based_on: Some(planned.based_on),
                after: Some(Record::clone(&planned.record)),
            })
        };
        self.order.iter().filter_map(change).collect()
    }

    /// Returns what is planned and goes on with nothing; new references go on counting.
    pub(super) fn take_off(&mut self) -> Self {
        let next = self.next;
        std::mem::replace(self, Self { next, ..Self::default() })
    }

    /// Returns whether a record is planned.
    pub(super) fn has(&self, id: RecordId) -> bool {
        self.planned.contains_key(&id)
    }

    /// Takes the ids and the version that the commit of `flown` has given: what was planned
    /// on top of it meanwhile is of those from now on.
    pub(super) fn land(&mut self, flown: &Self, given: &HashMap<RecordId, RecordId>, seq: u64) {
        self.journal.clear();
        let mut named = |id: RecordId| given.get(&id).copied().unwrap_or(id);
        for at in 0..self.order.len() {
            let id = self.order[at];
            let is_flown = flown.has(id);
            let Some(planned) = self.planned.get(&id) else { continue };
            if !is_flown && !leads_to(&planned.record, flown) {
                continue;
            }
            self.remove_keys(id);
            let Some(mut planned) = self.planned.remove(&id) else { continue };
            self.bytes -= planned.bytes;
            if is_flown {
                planned.based_on = seq;
            }
            let mut record = Arc::unwrap_or_clone(planned.record);
            record.id = named(id);
            record.fields.iter_mut().for_each(|(_, value)| value.map_links(&mut named));
            self.order[at] = record.id;
            planned.record = Arc::new(record);
            self.insert(self.order[at], planned);
        }
    }

    /// Forgets everything that is planned; new references go on counting.
    pub(super) fn clear(&mut self) {
        *self = Self { next: self.next, ..Self::default() };
    }
}

/// Returns whether a record links one that is planned there.
fn leads_to(record: &Record, flown: &Overlay) -> bool {
    let mut leads = false;
    record.links(&mut |_, to| leads |= flown.has(to));
    leads
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::Value;
    use crate::domain::fields::number;

    fn company(name: &str) -> Record {
        let mut record = Record::new(RecordId::new(Kind::Company, 0));
        record.set(number::COMPANY_NAME, Value::text(name));
        record
    }

    fn named(overlay: &Overlay, name: &str) -> Vec<RecordId> {
        let key = index::key_of(Kind::Company, number::COMPANY_NAME, &Value::text(name)).unwrap();
        overlay.find(Kind::Company, number::COMPANY_NAME, &key).to_vec()
    }

    #[test]
    fn planned_records_are_found_and_taken_back() {
        let mut overlay = Overlay::default();
        let acme = overlay.create(company("Acme"));
        let mark = overlay.mark();
        let bytes = overlay.bytes();
        let mut other = Record::clone(&overlay.get(acme).unwrap());
        other.set(number::COMPANY_NAME, Value::text("Beta"));
        overlay.put(other, 9);
        overlay.create(company("Acme"));
        assert_eq!(named(&overlay, "beta"), [acme]);
        assert_eq!(named(&overlay, "acme").len(), 1);
        overlay.take_back(mark);
        assert_eq!(named(&overlay, "ACME"), [acme]);
        assert!(named(&overlay, "beta").is_empty());
        assert_eq!((overlay.len(), overlay.bytes()), (1, bytes));
        assert_eq!(overlay.changes()[0].based_on, Some(0));
        overlay.clear();
        assert_ne!(overlay.create(company("Acme")), acme);
    }
}
