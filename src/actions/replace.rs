//! Rewriting the texts of fields of many records as one step.

use super::set::change;
use super::{ActionError, Changeset, Desk, Outcome, Target};
use crate::domain::{Assignment, FieldRef, Lookup, Op, RecordId};

/// Rewrites these fields of records, each value by `rewrite`, which returns nothing
/// where a text stays as it is. Fields that are not written by hand are passed over.
///
/// # Errors
/// A text that is no value of its field, with its record; nothing is changed then.
pub fn replace(
    desk: &Desk,
    target: &Target,
    fields: &[String],
    label: &str,
    rewrite: &dyn Fn(&str) -> Option<String>,
) -> Result<Outcome, ActionError> {
    replace_each(desk, target, fields, label, &|_, text| rewrite(text))
}

/// As [`replace`], `rewrite` being told the field's name too.
pub(super) fn replace_each(
    desk: &Desk,
    target: &Target,
    fields: &[String],
    label: &str,
    rewrite: &dyn Fn(&str, &str) -> Option<String>,
) -> Result<Outcome, ActionError> {
    let each = |changes: &mut Changeset<'_>, id: RecordId| {
        let definitions = changes.definitions().clone();
        for name in fields {
            let Ok(field) = FieldRef::resolve(id.kind, name, &definitions) else { continue };
            if field.written().is_none() {
                continue;
            }
            let record = changes.get(id)?.clone();
            let count = field.get(&record, &*changes).len();
            let parts: Vec<String> = if count > 1 { (1..=count).map(|at| format!("{name}.{at}")).collect() } else { vec![name.clone()] };
            for part in parts {
                let Ok(field) = FieldRef::resolve(id.kind, &part, &definitions) else { continue };
                let record = changes.get(id)?.clone();
                let text = field.text(&record, changes as &dyn Lookup);
                if let Some(text) = rewrite(name, &text).filter(|new| *new != text) {
                    let assignment = Assignment::new(field, Op::Set, text)?;
                    changes.assign(id, &[assignment])?;
                }
            }
        }
        Ok(())
    };
    change(desk, target, None, false, label, &each)
}
