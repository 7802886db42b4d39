//! The columns of a file that holds many records without loss.

use super::flat::{by_label, flat, writable};
use super::{AnyField, Definitions, Field, FieldRef, FieldType, Kind, Lookup, Part, Record, Value};

/// The columns that hold all of many records, without loss.
///
/// Every record is shown to [`Self::observe`] once; then the header stands, and each
/// record has its row. Where the records' labels do not agree in their order, the
/// field has a column for each position and one for its label.
#[derive(Debug, Clone)]
pub struct Columns {
    kind: Kind,
    fields: Vec<FieldColumns>,
}

#[derive(Debug, Clone)]
struct FieldColumns {
    field: Option<&'static Field>,
    /// In the order in which every record so far has them.
    names: Vec<String>,
    /// How many values a record has at most.
    most: usize,
    /// The parts that any record has, of an address.
    parts: Vec<Part>,
    is_positional: bool,
}

impl Columns {
    /// Returns the columns of a kind before any record was seen.
    pub fn new(kind: Kind, definitions: &Definitions) -> Self {
        let column = |field| FieldColumns { field, names: Vec::new(), most: 0, parts: Vec::new(), is_positional: false };
        let fields = writable(kind, definitions).map(|field| match field {
            AnyField::Builtin(field) => column(Some(field)),
            AnyField::Custom(field) => FieldColumns { names: vec![field.name.clone()], ..column(None) },
        });
        Self { kind, fields: fields.collect() }
    }

    /// Makes room for all values of a record.
    pub fn observe(&mut self, record: &Record, lookup: &dyn Lookup) {
        for columns in &mut self.fields {
            let Some(field) = columns.field else { continue };
            let mut cells = Vec::new();
            by_label(field, record, lookup, &mut cells);
            columns.merge(cells.into_iter().map(|(name, _)| name));
            columns.most = columns.most.max(record.values(field.number).count());
            for part in Part::OF_ADDRESS {
                if field.ty == FieldType::Address
                    && !columns.parts.contains(part)
                    && record.values(field.number).any(|value| part.get(value).is_some())
                {
                    columns.parts.push(*part);
                }
            }
        }
    }

    /// Returns the names of the columns. Custom fields stand there whether used or not.
    pub fn names(&self) -> Vec<String> {
        self.fields.iter().flat_map(FieldColumns::header).collect()
    }

    /// Returns the row of a record that was observed.
    pub fn row(&self, record: &Record, definitions: &Definitions, lookup: &dyn Lookup) -> Vec<String> {
        let cells = flat(record, definitions, lookup);
        let mut row = Vec::new();
        for columns in &self.fields {
            match columns.field {
                Some(field) if columns.is_positional => columns.positional_row(field, record, &mut row),
                _ => row.extend(
                    columns
                        .names
                        .iter()
                        .map(|name| cells.iter().find(|(known, _)| known == name).map_or(String::new(), |(_, text)| text.clone())),
                ),
            }
        }
        row
    }

    /// Returns the columns as resolved fields.
    pub fn resolved(&self, definitions: &Definitions) -> Vec<FieldRef> {
        self.names().iter().filter_map(|name| FieldRef::resolve(self.kind, name, definitions).ok()).collect()
    }
}

impl FieldColumns {
    /// Puts a record's columns between those that are there, so that each record's
    /// order is kept; where that is impossible, positions do it.
    fn merge(&mut self, names: impl Iterator<Item = String>) {
        let mut at = 0;
        for name in names {
            match self.names.iter().position(|known| *known == name) {
                Some(found) if found < at => {
                    self.is_positional = true;
                    return;
                }
                Some(found) => at = found + 1,
                None => {
                    self.names.insert(at, name);
                    at += 1;
                }
            }
        }
    }

    fn header(&self) -> Vec<String> {
        let (Some(field), true) = (self.field, self.is_positional) else { return self.names.clone() };
        let mut names = Vec::new();
        for position in 1..=self.most {
            let column = format!("{}.{position}", field.name);
            names.push(format!("{column}.label"));
            if field.ty == FieldType::Address {
                names.extend(self.parts.iter().map(|part| format!("{column}.{}", part.name())));
            } else {
                names.push(column);
            }
        }
        names
    }

    fn positional_row(&self, field: &Field, record: &Record, row: &mut Vec<String>) {
        let values: Vec<&Value> = record.values(field.number).collect();
        for position in 0..self.most {
            let value = values.get(position).copied();
            row.push(value.and_then(Value::label).unwrap_or_default().to_owned());
            if field.ty == FieldType::Address {
                row.extend(
                    self.parts.iter().map(|part| value.and_then(|value| part.get(value)).map_or(String::new(), |part| part.plain())),
                );
            } else {
                row.push(value.map(Value::plain).unwrap_or_default());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::domain::flat::tests::back;
    use crate::domain::samples::{definitions, record};
    use crate::domain::{NoLookup, RecordId, fields::number};

    fn contact(values: &[(&str, &str)]) -> Record {
        let mut record = Record::new(RecordId::new(Kind::Contact, 1));
        for (label, address) in values {
            record.push(number::CONTACT_EMAIL, Value::labelled(*label, Value::text(*address)));
        }
        record
    }

    fn header(records: &[Record]) -> Vec<String> {
        let mut columns = Columns::new(Kind::Contact, &Definitions::default());
        records.iter().for_each(|record| columns.observe(record, &NoLookup));
        columns.names()
    }

    #[test]
    fn labels_are_columns_while_all_records_agree() {
        let one = contact(&[("work", "a@x.cz"), ("home", "b@x.cz")]);
        let two = contact(&[("work", "a@x.cz"), ("mobile", "c@x.cz"), ("home", "b@x.cz")]);
        assert_eq!(header(&[one.clone(), two]), ["email.work", "email.mobile", "email.home"]);
        let turned = contact(&[("home", "b@x.cz"), ("work", "a@x.cz")]);
        assert_eq!(header(&[one, turned]), ["email.1.label", "email.1", "email.2.label", "email.2"]);
        assert_eq!(header(&[contact(&[("", "a@x.cz")])]), ["email"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn many_records_come_back_from_their_rows(records in proptest::sample::select(vec![Kind::Contact, Kind::Company, Kind::Order, Kind::Event]).prop_flat_map(|kind| proptest::collection::vec(record(kind), 1..6))) {
            let definitions = definitions();
            let mut columns = Columns::new(records[0].kind(), definitions);
            records.iter().for_each(|record| columns.observe(record, &NoLookup));
            let names = columns.names();
            let resolved: Vec<String> = columns.resolved(definitions).iter().map(|field| field.name().to_owned()).collect();
            prop_assert_eq!(&resolved, &names);
            for record in &records {
                let row = columns.row(record, definitions, &NoLookup);
                prop_assert_eq!(row.len(), names.len());
                let cells: Vec<_> = names.iter().cloned().zip(row).collect();
                prop_assert_eq!(&back(record.kind(), &cells, definitions), record, "{:?}", cells);
            }
        }
    }
}
