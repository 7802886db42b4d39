//! New records, from assignments or JSON: one, or many as one step.

use serde_json::Value as Json;

use super::changeset::Changeset;
use super::target::counted;
use super::{ActionError, Desk, Outcome};
use crate::domain::{Assignment, Kind, RecordId, ValueError, json, naming};

/// Adds one record.
///
/// # Errors
/// The first text that is no value of its field; exit 2 with nothing to add.
pub fn add(desk: &Desk, kind: Kind, assignments: &[Assignment]) -> Result<Outcome, ActionError> {
    add_all(desk, kind, std::slice::from_ref(&assignments))
}

/// Adds one record for each row of assignments, as one step.
///
/// # Errors
/// As [`add`]; nothing is added then.
pub fn add_all<R: AsRef<[Assignment]>>(desk: &Desk, kind: Kind, rows: &[R]) -> Result<Outcome, ActionError> {
    desk.check_writable()?;
    let mut changes = Changeset::new(desk);
    for row in rows {
        let row = row.as_ref();
        if row.iter().all(|assignment| assignment.text.trim().is_empty()) {
            return Err(ActionError::usage(format!("a new {kind} needs at least one value")).hint("write FIELD=VALUE, such as name=Ada"));
        }
        let id = changes.create(kind);
        changes.assign(id, row)?;
    }
    finish(desk, kind, changes)
}

/// Adds the records of JSON: an object, or an array of objects, as one step.
///
/// # Errors
/// The first thing that is wrong, with its place (`3.email`: of the third object);
/// nothing is added then.
pub fn add_json(desk: &Desk, kind: Kind, json: &Json) -> Result<Outcome, ActionError> {
    desk.check_writable()?;
    let objects = match json {
        Json::Array(objects) => objects.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut changes = Changeset::new(desk);
    for (at, object) in objects.iter().enumerate() {
        let place = |error: ActionError| match (json.is_array(), error.at.clone()) {
            (true, Some(field)) => ActionError { at: Some(format!("{}.{field}", at + 1)), ..error },
            (true, None) => error.at((at + 1).to_string()),
            (false, _) => error,
        };
        let fields = json::changes(kind, object, &changes.reading()).map_err(|errors| place(first(errors)))?;
        if fields.is_empty() {
            return Err(place(ActionError::usage(format!("a new {kind} needs at least one value"))));
        }
        let id = changes.create(kind);
        changes.apply(id, &fields).map_err(place)?;
    }
    finish(desk, kind, changes)
}

/// Returns the first of several errors, the others counted.
pub(super) fn first(errors: Vec<ValueError>) -> ActionError {
    let more = errors.len().saturating_sub(1);
    let Some(error) = errors.into_iter().next() else { return ActionError::refused("the record cannot be read") };
    let mut error = ActionError::from(error);
    if more > 0 {
        error.message = format!("{} (and {more} more)", error.message);
    }
    error
}

fn finish(desk: &Desk, kind: Kind, changes: Changeset<'_>) -> Result<Outcome, ActionError> {
    let mut outcome = changes.finish(format!("add {kind}"))?;
    // A user made on the way is not what was asked for.
    outcome.ids.retain(|id| id.kind == kind);
    outcome.changed = outcome.ids.len();
    outcome.message = match outcome.ids.as_slice() {
        [id] => format!("added {}", called(desk, *id)?),
        ids => format!("added {}", counted(ids, ids.len())),
    };
    Ok(outcome)
}

/// Returns a record's id and name: `c17 Ada Novák`.
pub(super) fn called(desk: &Desk, id: RecordId) -> Result<String, ActionError> {
    let title = naming::title(&*desk.record(id)?);
    Ok(if title == id.to_string() { title } else { format!("{id} {title}") })
}
