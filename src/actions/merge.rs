//! Merging duplicates: several records become one, and nothing is lost.
//!
//! The first one stays. A field that it has not is taken from the others in their
//! order; of a field that repeats every value is kept once; what differs in a field
//! that has one value goes into the notes. Whatever links to the others links to it
//! afterwards, and they go to the trash: an undo brings everything back.

use super::changeset::Changeset;
use super::target::counted;
use super::{ActionError, Desk, Outcome};
use crate::domain::fields::{field_by_number, number};
use crate::domain::{Record, RecordId, Value};

/// How many records may link to one that is merged.
const MOST: usize = 100_000;

/// Merges records into the first one.
///
/// # Errors
/// Records of different kinds, or fewer than two; exit 4 for one that is not there.
pub fn merge(desk: &Desk, ids: &[RecordId]) -> Result<Outcome, ActionError> {
    let [into, others @ ..] = ids else { return Err(ActionError::usage("nothing is merged")) };
    if others.is_empty() {
        return Err(ActionError::usage("one record alone is not merged").hint("give two or more"));
    }
    if let Some(other) = others.iter().find(|other| other.kind != into.kind) {
        return Err(ActionError::usage(format!("{other} is a {} and {into} a {}: they are not the same", other.kind, into.kind)));
    }
    let mut changes = Changeset::new(desk);
    changes.load(ids)?;
    for &other in others {
        let from = changes.get(other)?.clone();
        let differs = absorb(changes.edit(*into)?, &from);
        if !differs.is_empty() {
            let named = differs.iter().filter_map(|(field, value)| {
                let name = field_by_number(into.kind, *field)?.name;
                Some(format!("{name}: {}", value.named(&changes)))
            });
            let note = format!("merged {other}: {}", named.collect::<Vec<_>>().join("; "));
            let record = changes.edit(*into)?;
            let notes = record.text(number::NOTES).map_or(note.clone(), |notes| format!("{notes}\n{note}"));
            record.set(number::NOTES, Value::text(notes));
        }
        for (id, _) in desk.store.linking(other, None, MOST)? {
            if ids.contains(&id) {
                continue;
            }
            let record = changes.edit(id)?;
            for (_, value) in &mut record.fields {
                value.map_links(&mut |to| if to == other { *into } else { to });
            }
            once(record);
        }
        let now = changes.now();
        changes.edit(other)?.set(number::TRASHED_AT, Value::Time(now));
    }
    let record = changes.edit(*into)?;
    for (_, value) in &mut record.fields {
        value.map_links(&mut |to| if others.contains(&to) { *into } else { to });
    }
    // It does not link to itself.
    record.fields.retain(|(_, value)| *value != Value::Link(*into));
    once(record);
    let mut outcome = changes.finish("merge")?;
    outcome.message = format!("{} merged into {into}", counted(others, others.len()));
    Ok(outcome)
}

/// Takes over what a record has; returns the values for which there was no room.
fn absorb(into: &mut Record, from: &Record) -> Vec<(crate::domain::FieldNumber, Value)> {
    let mut differs = Vec::new();
    let had: Vec<_> = into.fields.iter().map(|(field, _)| *field).collect();
    for (at, value) in &from.fields {
        let Some(field) = field_by_number(from.kind(), *at) else {
            if !into.values(*at).any(|known| known == value || value.label().is_some() && known.label() == value.label()) {
                into.push(*at, value.clone());
            }
            continue;
        };
        if field.system {
            continue;
        }
        if field.repeats || !had.contains(at) {
            if !into.values(*at).any(|known| known.bare() == value.bare()) {
                into.push(*at, value.clone());
            }
        } else if *at == number::NOTES {
            let notes = [into.text(*at), value.as_text()].into_iter().flatten().collect::<Vec<_>>().join("\n");
            into.set(*at, Value::text(notes));
        } else if into.first(*at) != Some(value) {
            differs.push((*at, value.clone()));
        }
    }
    differs
}

/// Drops values that a rewritten link has made equal.
fn once(record: &mut Record) {
    let mut seen = std::collections::HashSet::new();
    record.fields.retain(|field| seen.insert(field.clone()));
}
