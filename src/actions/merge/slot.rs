//! The places of a record that are decided one by one when two become one: a field, a
//! custom field, the consent of one channel.

use crate::domain::fields::{self, number};
use crate::domain::parse::{email_key, phone_digits};
use crate::domain::{FieldNumber, FieldType, Kind, Record, Value, fold};

/// One place of a record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// The field.
    pub field: FieldNumber,
    /// The name of a custom field, or the channel of a consent.
    pub label: Option<String>,
}

impl Slot {
    /// Returns the place of a whole field.
    pub const fn field(field: FieldNumber) -> Self {
        Self { field, label: None }
    }

    /// Returns the name that people know it by.
    pub fn name(&self, kind: Kind) -> String {
        match &self.label {
            Some(label) if self.field == number::CUSTOM => label.clone(),
            Some(label) => format!("{}.{label}", super::super::difference::field_name(kind, self.field)),
            None => super::super::difference::field_name(kind, self.field),
        }
    }

    /// Returns the values that a record has there.
    pub fn values(&self, record: &Record) -> Vec<Value> {
        record.values(self.field).filter(|value| self.label.is_none() || value.label() == self.label.as_deref()).cloned().collect()
    }

    /// Puts values there; those of other labels stay.
    pub(super) fn put(&self, record: &mut Record, values: Vec<Value>) {
        if self.label.is_none() {
            record.replace(self.field, values);
            return;
        }
        let mut all: Vec<Value> = record.values(self.field).cloned().collect();
        let at = all.iter().position(|value| value.label() == self.label.as_deref()).unwrap_or(all.len());
        all.retain(|value| value.label() != self.label.as_deref());
        all.splice(at..at, values);
        record.replace(self.field, all);
    }

    /// Returns whether several values have room there.
    pub fn repeats(&self, kind: Kind) -> bool {
        self.label.is_none() && fields::field_by_number(kind, self.field).is_none_or(|field| field.repeats)
    }
}

/// Returns whether each label of a field is a place of its own.
fn by_label(field: FieldNumber) -> bool {
    matches!(field, number::CUSTOM | number::CONSENT)
}

/// Returns the places in which any of these records has a value, in the order of fields.
pub fn slots<'r>(records: impl IntoIterator<Item = &'r Record>) -> Vec<Slot> {
    let mut found: Vec<Slot> = Vec::new();
    for record in records {
        for (field, value) in &record.fields {
            let label = by_label(*field).then(|| value.label().unwrap_or_default().to_owned());
            found.push(Slot { field: *field, label });
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Returns the fields that say one thing together and come from one side: a name and its
/// parts, a stage and what follows from it.
pub(super) fn group(field: FieldNumber) -> FieldNumber {
    match field {
        number::GIVEN | number::FAMILY | number::PREFIX | number::SUFFIX => number::CONTACT_NAME,
        number::PIPELINE | number::PROBABILITY | number::FORECAST | number::OPPORTUNITY_CLOSED_AT | number::LOST_REASON => number::STAGE,
        number::SOLVED_AT | number::TICKET_CLOSED_AT => number::STATUS,
        other => other,
    }
}

/// Returns a text that is the same for values that say the same: an address in other
/// letters, a phone with other spaces.
pub(super) fn sameness(kind: Kind, field: FieldNumber, value: &Value) -> String {
    let ty = fields::field_by_number(kind, field).map(|field| field.ty);
    let bare = value.plain();
    match ty {
        Some(FieldType::Email) => email_key(&bare),
        Some(FieldType::Phone) => {
            let digits = phone_digits(&bare);
            if digits.is_empty() { fold::fold(bare.trim()) } else { digits }
        }
        Some(FieldType::ExternalId) => format!("{}\0{bare}", value.label().unwrap_or_default()),
        Some(FieldType::Line) => format!("{value:?}"),
        Some(FieldType::Address | FieldType::Tag | FieldType::Domain | FieldType::Url | FieldType::Name) => fold::fold(bare.trim()),
        _ => bare,
    }
}
