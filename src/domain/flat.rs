//! A record as columns: `name`, `email.work`, `address.home.city`, `company`,
//! `company.id`. What goes out comes back the same, by [`super::assign`].
//!
//! Several values under one label are numbered (`email.work.2`), one without a label
//! among others is its position (`email.3`). Values without labels share a column,
//! joined by `; `. A link is its name and, beside it, its id. Of the jobs the first
//! one's company, title and role are the contact's own columns.

use super::fields::number;
use super::parse::join_list;
use super::{AnyField, Definitions, Field, FieldType, Kind, Lookup, Part, Record, Value};

/// Returns the columns of one record and what stands in them, in the order of the
/// table.
pub fn flat(record: &Record, definitions: &Definitions, lookup: &dyn Lookup) -> Vec<(String, String)> {
    let mut cells = Vec::new();
    for field in writable(record.kind(), definitions) {
        match field {
            AnyField::Builtin(field) => by_label(field, record, lookup, &mut cells),
            AnyField::Custom(field) => {
                if let Some(value) = record.labelled(number::CUSTOM, &field.name) {
                    cells.push((field.name.clone(), value.named(lookup)));
                }
            }
        }
    }
    cells
}

pub(super) fn writable(kind: Kind, definitions: &Definitions) -> impl Iterator<Item = AnyField<'_>> {
    AnyField::all(kind, definitions).filter(|field| !matches!(field, AnyField::Builtin(field) if field.system))
}

pub(super) fn by_label(field: &Field, record: &Record, lookup: &dyn Lookup, cells: &mut Vec<(String, String)>) {
    let values: Vec<&Value> = record.values(field.number).collect();
    let name = field.name;
    match field.ty {
        _ if values.is_empty() => {}
        FieldType::Consent => {
            for value in &values {
                cells.push((format!("{name}.{}", value.label().unwrap_or_default()), value.plain()));
            }
        }
        FieldType::ExternalId => {
            let ids: Vec<String> = values.iter().map(|value| format!("{}:{}", value.label().unwrap_or_default(), value.plain())).collect();
            cells.push((name.to_owned(), join_list(ids.iter().map(String::as_str))));
        }
        FieldType::Job => {
            for (index, value) in values.iter().enumerate() {
                let own = |part: Part| index == 0 && matches!(part, Part::Company | Part::Title | Part::Role);
                let column = |part: Part| if own(part) { part.name().to_owned() } else { format!("{name}.{}.{}", index + 1, part.name()) };
                parts(value, Part::OF_JOB, lookup, &column, cells);
            }
        }
        FieldType::Line => {
            for (index, value) in values.iter().enumerate() {
                parts(value, Part::OF_LINE, lookup, &|part| format!("{name}.{}.{}", index + 1, part.name()), cells);
            }
        }
        _ if field.labels => {
            let columns = label_columns(name, &values);
            for (column, value) in columns.into_iter().zip(values) {
                labelled_value(field, &column, value, lookup, cells);
            }
        }
        _ => whole(field, &values, lookup, cells),
    }
}

/// The column of each value of a labelled field: its label, numbered from the second
/// of that label on, or its position; the field itself for a single value without one.
fn label_columns(name: &str, values: &[&Value]) -> Vec<String> {
    if let [only] = values
        && only.label().is_none()
        && !matches!(only, Value::Address(_))
    {
        return vec![name.to_owned()];
    }
    let mut columns: Vec<String> = Vec::with_capacity(values.len());
    for (index, value) in values.iter().enumerate() {
        columns.push(match value.label() {
            None => format!("{name}.{}", index + 1),
            Some(label) => match values[..index].iter().filter(|other| other.label() == Some(label)).count() {
                0 => format!("{name}.{label}"),
                before => format!("{name}.{label}.{}", before + 1),
            },
        });
    }
    columns
}

fn labelled_value(field: &Field, column: &str, value: &Value, lookup: &dyn Lookup, cells: &mut Vec<(String, String)>) {
    if field.ty == FieldType::Address {
        parts(value, Part::OF_ADDRESS, lookup, &|part| format!("{column}.{}", part.name()), cells);
    } else if column == field.name {
        cells.push((column.to_owned(), join_list([value.plain().as_str()])));
    } else {
        cells.push((column.to_owned(), value.plain()));
    }
}

fn parts(value: &Value, known: &[Part], lookup: &dyn Lookup, column: &dyn Fn(Part) -> String, cells: &mut Vec<(String, String)>) {
    for part in known {
        let Some(value) = part.get(value) else { continue };
        let name = column(*part);
        cells.push((name.clone(), value.named(lookup)));
        if let Value::Link(id) = value {
            cells.push((format!("{name}.id"), id.to_string()));
        }
    }
}

fn whole(field: &Field, values: &[&Value], lookup: &dyn Lookup, cells: &mut Vec<(String, String)>) {
    let text = |texts: Vec<String>| {
        if field.repeats { join_list(texts.iter().map(String::as_str)) } else { texts.into_iter().next().unwrap_or_default() }
    };
    cells.push((field.name.to_owned(), text(values.iter().map(|value| value.named(lookup)).collect())));
    // An event's sides are links where the field it tells of is one.
    if values.iter().any(|value| matches!(value.bare(), Value::Link(_))) {
        cells.push((format!("{}.id", field.name), text(values.iter().map(|value| value.plain()).collect())));
    }
}

#[cfg(test)]
pub(super) mod tests;
