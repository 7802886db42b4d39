//! What a source gave last time for a row: kept as a record of its own beside the
//! record that was made of the row. Of each value only a mark is kept, which tells
//! whether the source says something else now.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::world::World;
use crate::domain::fields::number;
use crate::domain::{Kind, Record, RecordId, Value};
use crate::store::StoreError;

/// What a source gave last time for one row.
#[derive(Debug, Clone)]
pub(super) struct Provenance {
    /// The key of source, kind and row.
    key: String,
    kept: Option<Arc<Record>>,
}

/// Marks of values by the field they were given for.
pub(super) type Marks = BTreeMap<String, i64>;

impl Provenance {
    /// Returns what is kept under a key.
    pub(super) fn of(world: &World<'_>, key: String) -> Result<Self, StoreError> {
        let found = world.having(Kind::Provenance, number::PROVENANCE_KEY, &Value::text(&key))?;
        // The index folds case; ids elsewhere may differ in nothing else.
        let kept = found.into_iter().find(|record| record.text(number::PROVENANCE_KEY) == Some(&key));
        Ok(Self { key, kept })
    }

    /// Returns the key.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// Returns whether the row was never given before.
    pub(super) fn is_new(&self) -> bool {
        self.kept.is_none()
    }

    /// Returns the record that was made of the row.
    pub(super) fn record(&self) -> Option<RecordId> {
        self.kept.as_ref().and_then(|kept| kept.link(number::PROVENANCE_RECORD))
    }

    /// Returns the marks of what was given.
    pub(super) fn marks(&self) -> Marks {
        let Some(kept) = &self.kept else { return Marks::new() };
        let marks = kept.values(number::PROVENANCE_VALUES);
        marks.filter_map(|value| Some((value.label()?.to_owned(), value.as_int()?))).collect()
    }

    /// Plans what is to be kept now, where it is something else.
    pub(super) fn keep(&self, world: &World<'_>, record: RecordId, marks: Marks) {
        if self.record() == Some(record) && self.marks() == marks {
            return;
        }
        let mut after = match &self.kept {
            Some(kept) => Record::clone(kept),
            None => Record::new(RecordId::new(Kind::Provenance, 0)),
        };
        after.set(number::PROVENANCE_KEY, Value::text(&self.key));
        after.set(number::PROVENANCE_RECORD, Value::Link(record));
        after.replace(number::PROVENANCE_VALUES, marks.into_iter().map(|(field, mark)| Value::labelled(field, Value::Int(mark))));
        match &self.kept {
            Some(kept) => world.put(after, kept.version),
            None => {
                world.create(after);
            }
        }
    }
}
