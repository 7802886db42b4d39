//! In which fields two versions of a record differ.
//!
//! A custom field counts as a field of its own, though all of them share one
//! number. Nothing here knows a store.

use crate::domain::fields::{self, number};
use crate::domain::{FieldNumber, Kind, Record, RecordId, Value};

/// One field of one record, before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The record.
    pub id: RecordId,
    /// The field.
    pub field: FieldNumber,
    /// The name of a custom field.
    pub custom: Option<String>,
    /// The values before.
    pub before: Vec<Value>,
    /// The values after.
    pub after: Vec<Value>,
}

impl Difference {
    /// Returns the field's name; an unknown one is named by its number.
    pub fn name(&self) -> String {
        match &self.custom {
            Some(name) => name.clone(),
            None => field_name(self.id.kind, self.field),
        }
    }
}

/// Returns the name of a field; an unknown one is named by its number.
pub(super) fn field_name(kind: Kind, field: FieldNumber) -> String {
    fields::field_by_number(kind, field).map_or_else(|| format!("field {field}"), |field| field.name.to_owned())
}

/// Returns the fields in which `after` differs from `before`, in the order of
/// their numbers; a record that is not there has no fields.
pub fn differences(id: RecordId, before: Option<&Record>, after: Option<&Record>) -> Vec<Difference> {
    let nothing = Record::new(id);
    let (before, after) = (before.unwrap_or(&nothing), after.unwrap_or(&nothing));
    let mut found = Vec::new();
    for field in before.differing(after) {
        let values = |record: &Record, custom: Option<&str>| {
            record.values(field).filter(|value| custom.is_none() || value.label() == custom).cloned().collect::<Vec<_>>()
        };
        if field != number::CUSTOM {
            found.push(Difference { id, field, custom: None, before: values(before, None), after: values(after, None) });
            continue;
        }
        let mut names: Vec<&str> = before.values(field).chain(after.values(field)).filter_map(Value::label).collect();
        names.sort_unstable();
        names.dedup();
        found.extend(names.into_iter().filter_map(|name| {
            let (before, after) = (values(before, Some(name)), values(after, Some(name)));
            (before != after).then(|| Difference { id, field, custom: Some(name.to_owned()), before, after })
        }));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_custom_field_counts_alone() {
        let id = RecordId::new(Kind::Contact, 1);
        let mut before = Record::new(id);
        before.set(number::CONTACT_NAME, Value::text("Ada"));
        before.push(number::CUSTOM, Value::labelled("shoe", Value::Int(38)));
        before.push(number::CUSTOM, Value::labelled("hat", Value::Int(56)));
        let mut after = before.clone();
        after.replace(number::CUSTOM, [Value::labelled("hat", Value::Int(56)), Value::labelled("shoe", Value::Int(39))]);
        after.set(60_000, Value::Flag(true));
        let names: Vec<String> = differences(id, Some(&before), Some(&after)).iter().map(Difference::name).collect();
        assert_eq!(names, ["shoe", "field 60000"]);
        assert_eq!(differences(id, None, Some(&before)).len(), 3);
        assert!(differences(id, Some(&before), Some(&before)).is_empty());
    }
}
