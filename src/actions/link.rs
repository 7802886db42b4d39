//! Tying two records together, and untying them.
//!
//! Where one kind has a field for the other (an opportunity's contact, a contact's
//! job, what a task is about) that field takes the tie; else, and where such a field
//! holds another record already, the field `linked` of the first does.

use super::changeset::Changeset;
use super::revert::unlink as cut;
use super::{ActionError, Desk, Outcome, add};
use crate::domain::fields::{self, number};
use crate::domain::{Field, FieldType, Job, Kind, Record, RecordId, Value};

/// Ties two records.
///
/// # Errors
/// Exit 4 for a record that is not there, 2 for one with itself.
pub fn link(desk: &Desk, one: RecordId, other: RecordId) -> Result<Outcome, ActionError> {
    if one == other {
        return Err(ActionError::usage(format!("{one} cannot be linked with itself")));
    }
    let mut changes = Changeset::new(desk);
    changes.load(&[one, other])?;
    if !tie_both(&mut changes, one, other)? {
        return Ok(Outcome {
            ids: vec![one, other],
            unchanged: 1,
            message: format!("{one} and {other} are linked already"),
            ..Outcome::default()
        });
    }
    let mut outcome = changes.finish(format!("link {one} {other}"))?;
    outcome.message = format!("linked {} with {}", add::called(desk, one)?, add::called(desk, other)?);
    Ok(outcome)
}

/// Unties two records: links from either to the other go.
///
/// # Errors
/// Exit 4 for a record that is not there.
pub fn unlink(desk: &Desk, one: RecordId, other: RecordId) -> Result<Outcome, ActionError> {
    let mut changes = Changeset::new(desk);
    changes.load(&[one, other])?;
    cut(changes.edit(one)?, other);
    cut(changes.edit(other)?, one);
    let mut outcome = changes.finish(format!("unlink {one} {other}"))?;
    outcome.message = match outcome.changed {
        0 => format!("{one} and {other} are not linked"),
        _ => format!("unlinked {} from {}", add::called(desk, one)?, add::called(desk, other)?),
    };
    Ok(outcome)
}

/// Ties two loaded records in the field that is there for it; returns whether they
/// were not tied before.
pub(super) fn tie_both(changes: &mut Changeset<'_>, one: RecordId, other: RecordId) -> Result<bool, ActionError> {
    if one == other {
        return Err(ActionError::usage(format!("{one} cannot be linked with itself")));
    }
    for id in [one, other] {
        if !id.kind.info().public || matches!(id.kind, Kind::Event) {
            return Err(ActionError::usage(format!("{id} is a {}: it has no links of its own", id.kind)));
        }
    }
    if are_tied(changes.get(one)?, other) || are_tied(changes.get(other)?, one) {
        return Ok(false);
    }
    if !tie(changes.edit(one)?, other) && !tie(changes.edit(other)?, one) {
        changes.edit(one)?.push(number::LINKED, Value::Link(other));
    }
    Ok(true)
}

fn are_tied(record: &Record, to: RecordId) -> bool {
    let mut tied = false;
    record.links(&mut |_, linked| tied |= linked == to);
    tied
}

/// Puts a link into the field that a kind has for the other's; returns whether one
/// took it.
fn tie(record: &mut Record, to: RecordId) -> bool {
    let Some(field) = field_for(record.kind(), to.kind) else { return false };
    if !field.repeats && record.has(field.number) {
        return false;
    }
    let value = match field.ty {
        FieldType::Job => Value::Job(Box::new(Job { company: Some(to), ..Job::default() })),
        _ => Value::Link(to),
    };
    record.push(field.number, value);
    true
}

/// Returns the field of a kind that is there for links to another: of its name, a
/// contact's jobs, or what a task is about.
fn field_for(from: Kind, to: Kind) -> Option<&'static Field> {
    fields::own_fields(from).iter().find(|field| match field.ty {
        FieldType::Job => to == Kind::Company,
        FieldType::Link([]) => matches!(field.number, number::ABOUT | number::DOCUMENT_ABOUT),
        FieldType::Link(kinds) => kinds.contains(&to) && field.name == to.name(),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tie_has_its_field() {
        let name = |from, to| field_for(from, to).map(|field| field.name);
        assert_eq!(name(Kind::Opportunity, Kind::Contact), Some("contact"));
        assert_eq!(name(Kind::Contact, Kind::Company), Some("jobs"));
        assert_eq!(name(Kind::Task, Kind::Ticket), Some("about"));
        assert_eq!(name(Kind::Company, Kind::Company), None);
        assert_eq!(name(Kind::Contact, Kind::Ticket), None);
    }
}
