//! What a source gave last time for a row: kept as a record of its own beside the
//! record that was made of the row. Of each value only a mark is kept, which tells
//! whether the source says something else now.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::identity::{hash, is_own_key};
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

/// The mark of a record that was made because a row names it: of all that it had then.
const MADE: &str = "made";

/// Returns the mark of all that a record has.
fn all_of(record: &Record) -> i64 {
    let bytes = postcard::to_allocvec(&record.fields).unwrap_or_default();
    hash(&[&String::from_utf8_lossy(&bytes)]).cast_signed()
}

/// Returns whether a record stands for one of the other store of rolo that this source
/// is: it is no other one's then.
pub(super) fn stands_for_another(world: &World<'_>, source: &str, record: &Record) -> Result<bool, StoreError> {
    let kept = world.having(Kind::Provenance, number::PROVENANCE_RECORD, &Value::Link(record.id))?;
    Ok(kept.iter().filter_map(|kept| kept.text(number::PROVENANCE_KEY)).any(|key| is_own_key(source, record.kind(), key)))
}

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

    /// Returns whether the record was made because a row names it, and stands as it was
    /// made: nobody has given it itself or changed it.
    pub(super) fn is_unchanged(&self, record: &Record) -> bool {
        self.marks().get(MADE).is_some_and(|mark| *mark == all_of(record))
    }

    /// Plans to keep that a record was made because a row names it.
    pub(super) fn keep_made(&self, world: &World<'_>, id: RecordId, record: &Record) {
        self.keep(world, id, Marks::from([(MADE.to_owned(), all_of(record))]), None);
    }

    /// Plans what is to be kept now, where it is something else, with the line of the row
    /// that gave it: a row that only moved in its file is no change.
    pub(super) fn keep(&self, world: &World<'_>, record: RecordId, marks: Marks, line: Option<u64>) {
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
        if let Some(line) = line.and_then(|line| i64::try_from(line).ok()) {
            after.set(number::PROVENANCE_LINE, Value::Int(line));
        }
        match &self.kept {
            Some(kept) => world.put(after, kept.version),
            None => {
                world.create(after);
            }
        }
    }
}
