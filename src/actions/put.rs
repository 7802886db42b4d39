//! Putting records somewhere: back from the trash, as copies, onto another.

use std::collections::HashSet;

use super::changeset::Changeset;
use super::link::tie_both;
use super::target::counted;
use super::{ActionError, Desk, Outcome};
use crate::domain::fields::{field_by_number, number};
use crate::domain::{Kind, Record, RecordId};

/// Puts records back: those in the trash come out of it, of the others (and for each
/// further `times`) copies are made. All is one step.
///
/// # Errors
/// Exit 4 for a record that is not there; events and interactions from mail have no
/// copies.
pub fn put(desk: &Desk, ids: &[RecordId], times: u32) -> Result<Outcome, ActionError> {
    let mut changes = Changeset::new(desk);
    changes.load(ids)?;
    let (mut back, mut copies) = (0, 0);
    for round in 0..times.max(1) {
        for &id in ids {
            if round == 0 && changes.get(id)?.has(number::TRASHED_AT) {
                changes.edit(id)?.clear(number::TRASHED_AT);
                back += 1;
            } else {
                duplicate(&mut changes, id)?;
                copies += 1;
            }
        }
    }
    let mut outcome = changes.finish("put")?;
    // A record that only lent its fields was not what this was about.
    let sources: HashSet<RecordId> = ids.iter().copied().collect();
    if back == 0 {
        outcome.ids.retain(|id| !sources.contains(id));
    }
    outcome.message = match (back, copies) {
        (0, copies) => format!("{} made", copied(ids, copies)),
        (back, 0) => format!("{} back from the trash", counted(ids, back)),
        (back, copies) => format!("{} back from the trash, {} made", counted(ids, back), copied(ids, copies)),
    };
    Ok(outcome)
}

/// Makes a copy of each record, all as one step.
///
/// # Errors
/// As [`put`].
pub fn copy(desk: &Desk, ids: &[RecordId]) -> Result<Outcome, ActionError> {
    let mut changes = Changeset::new(desk);
    changes.load(ids)?;
    for &id in ids {
        duplicate(&mut changes, id)?;
    }
    let mut outcome = changes.finish("copy")?;
    outcome.ids.retain(|id| !ids.contains(id));
    outcome.message = format!("{} made", copied(ids, ids.len()));
    Ok(outcome)
}

/// Ties records to another, all as one step.
///
/// # Errors
/// Exit 4 for a record that is not there, 2 for one with itself.
pub fn link_all(desk: &Desk, ids: &[RecordId], onto: RecordId) -> Result<Outcome, ActionError> {
    let mut changes = Changeset::new(desk);
    changes.load(ids)?;
    changes.load(&[onto])?;
    for &id in ids {
        tie_both(&mut changes, onto, id)?;
    }
    let mut outcome = changes.finish(format!("link to {onto}"))?;
    outcome.message = match outcome.changed {
        0 => format!("linked to {onto} already"),
        _ => format!("{} linked to {onto}", counted(ids, ids.len())),
    };
    Ok(outcome)
}

fn copied(ids: &[RecordId], count: usize) -> String {
    let records = counted(ids, count);
    match records.split_once(' ') {
        Some((_, _)) if count == 1 => format!("a copy of {}", ids.first().map_or(records.clone(), ToString::to_string)),
        _ => format!("copies of {records}"),
    }
}

/// Makes a new record of another's fields: those that the store keeps for itself, and
/// ids elsewhere, belong to one record alone.
fn duplicate(changes: &mut Changeset<'_>, id: RecordId) -> Result<(), ActionError> {
    if !id.kind.info().public || matches!(id.kind, Kind::Event | Kind::User) {
        return Err(ActionError::usage(format!("{id} is a {}: it has no copies", id.kind)));
    }
    let from: Record = changes.get(id)?.clone();
    let new = changes.create(id.kind);
    let into = changes.edit(new)?;
    for (field, value) in &from.fields {
        let own = field_by_number(id.kind, *field).is_none_or(|field| field.system || field.ty == crate::domain::FieldType::ExternalId);
        if !own || *field == number::CUSTOM {
            into.push(*field, value.clone());
        }
    }
    Ok(())
}
