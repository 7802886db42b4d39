//! A record: an id and a list of (field number, value).
//!
//! Unknown field numbers are kept and written back, so that a new field is no
//! new format.

use serde::{Deserialize, Serialize};

use super::{Kind, RecordId, Timestamp, Value};

/// The number of a field in the one table of fields.
pub type FieldNumber = u16;

/// One record with its values in the order in which they were given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The id.
    pub id: RecordId,
    /// The seq of the commit that last wrote it; 0 for one not yet kept.
    pub version: u64,
    /// When the store first kept it.
    pub recorded_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
    /// The login of who last wrote it.
    pub updated_by: String,
    /// The values: sorted by field number, a repeated field's in their order.
    pub fields: Vec<(FieldNumber, Value)>,
}

impl Record {
    /// Returns an empty record that no store has kept yet.
    pub fn new(id: RecordId) -> Self {
        Self { id, version: 0, recorded_at: Timestamp::EPOCH, updated_at: Timestamp::EPOCH, updated_by: String::new(), fields: Vec::new() }
    }

    /// Returns the kind.
    pub fn kind(&self) -> Kind {
        self.id.kind
    }

    /// Returns all values of a field, in order.
    pub fn values(&self, field: FieldNumber) -> impl Iterator<Item = &Value> {
        let start = self.fields.partition_point(|(number, _)| *number < field);
        self.fields[start..].iter().take_while(move |(number, _)| *number == field).map(|(_, value)| value)
    }

    /// Returns the first value of a field.
    pub fn first(&self, field: FieldNumber) -> Option<&Value> {
        self.values(field).next()
    }

    /// Returns the first value of a field as text.
    pub fn text(&self, field: FieldNumber) -> Option<&str> {
        self.first(field).and_then(Value::as_text)
    }

    /// Returns the first value of a field as a link.
    pub fn link(&self, field: FieldNumber) -> Option<RecordId> {
        self.first(field).and_then(Value::as_link)
    }

    /// Returns the first value of a field as a moment.
    pub fn time(&self, field: FieldNumber) -> Option<Timestamp> {
        self.first(field).and_then(Value::as_time)
    }

    /// Returns the value that a field holds under a label.
    pub fn labelled(&self, field: FieldNumber, label: &str) -> Option<&Value> {
        self.values(field).find(|value| value.label() == Some(label)).map(Value::bare)
    }

    /// Replaces all values of a field.
    pub fn replace(&mut self, field: FieldNumber, values: impl IntoIterator<Item = Value>) {
        self.fields.retain(|(number, _)| *number != field);
        let at = self.fields.partition_point(|(number, _)| *number < field);
        self.fields.splice(at..at, values.into_iter().map(|value| (field, value)));
    }

    /// Sets a field to one value.
    pub fn set(&mut self, field: FieldNumber, value: Value) {
        self.replace(field, [value]);
    }

    /// Adds a value behind those that a field has.
    pub fn push(&mut self, field: FieldNumber, value: Value) {
        let at = self.fields.partition_point(|(number, _)| *number <= field);
        self.fields.insert(at, (field, value));
    }

    /// Removes all values of a field.
    pub fn clear(&mut self, field: FieldNumber) {
        self.fields.retain(|(number, _)| *number != field);
    }

    /// Returns whether a field has a value.
    pub fn has(&self, field: FieldNumber) -> bool {
        self.first(field).is_some()
    }

    /// Calls `visit` with each field that links and the record it points to.
    pub fn links(&self, visit: &mut dyn FnMut(FieldNumber, RecordId)) {
        for (number, value) in &self.fields {
            value.links(&mut |id| visit(*number, id));
        }
    }

    /// Returns the numbers of the fields in which two records differ, ascending.
    pub fn differing(&self, other: &Self) -> Vec<FieldNumber> {
        let mut numbers: Vec<FieldNumber> = self.fields.iter().chain(&other.fields).map(|(number, _)| *number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.retain(|&number| !self.values(number).eq(other.values(number)));
        numbers
    }
}
