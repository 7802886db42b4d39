//! Saying of records that they are no duplicates of each other, so that nobody is asked
//! again. It is kept as links between them, and taken back like any change.

use super::changeset::Changeset;
use super::{ActionError, Desk, Outcome};
use crate::domain::fields::number;
use crate::domain::{RecordId, Value};

/// The most records that are told apart at once: each from each.
const MOST: usize = 40;

/// Says of records that each is another one.
///
/// # Errors
/// Records of different kinds, fewer than two or too many; exit 4 for one that is not there.
pub fn distinct(desk: &Desk, ids: &[RecordId]) -> Result<Outcome, ActionError> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let [first, _, ..] = ids.as_slice() else {
        return Err(ActionError::usage("one record alone is told apart from nothing").hint("give two or more"));
    };
    if let Some(other) = ids.iter().find(|other| other.kind != first.kind) {
        return Err(ActionError::usage(format!("{other} is a {} and {first} a {}: nobody takes them for one", other.kind, first.kind)));
    }
    if ids.len() > MOST {
        return Err(
            ActionError::usage(format!("{} records are too many to tell each from each", ids.len())).hint(format!("at most {MOST}"))
        );
    }
    let mut changes = Changeset::new(desk);
    changes.load(&ids)?;
    let knows = |changes: &mut Changeset<'_>, one: RecordId, other: RecordId| -> Result<bool, ActionError> {
        Ok(changes.get(one)?.values(number::DISTINCT_FROM).any(|value| value.as_link() == Some(other)))
    };
    for (at, one) in ids.iter().enumerate() {
        for other in &ids[at + 1..] {
            if !knows(&mut changes, *one, *other)? && !knows(&mut changes, *other, *one)? {
                changes.edit(*one)?.push(number::DISTINCT_FROM, Value::Link(*other));
            }
        }
    }
    let named: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let mut outcome = changes.finish(format!("distinct {}", named.join(" ")))?;
    outcome.message = match outcome.changed {
        0 => format!("{} are told apart already", named.join(", ")),
        _ => format!("{} are no duplicates", named.join(", ")),
    };
    Ok(outcome)
}
