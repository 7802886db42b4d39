//! Moving opportunities to a stage.

use super::changeset::Changeset;
use super::set::change;
use super::{ActionError, Desk, Outcome, Target};
use crate::domain::fields::number;
use crate::domain::parse::quoted;
use crate::domain::{AnyField, ChoiceList, Kind, Meaning, Problem, RecordId, Value, ValueError, fields, fold, stage_beside};

/// Moves opportunities to a stage of their own pipeline.
///
/// # Errors
/// Exit 2 for a stage that a pipeline does not have, with the nearest; a reason for
/// a stage that is not lost; records that are no opportunities.
pub fn move_stage(desk: &Desk, target: &Target, stage: &str, reason: Option<&str>) -> Result<Outcome, ActionError> {
    let each = |changes: &mut Changeset<'_>, id: RecordId| {
        if id.kind != Kind::Opportunity {
            return Err(ActionError::usage(format!("{id} is a {}; only opportunities have stages", id.kind)));
        }
        let definitions = changes.definitions().clone();
        let pipeline = definitions.pipeline_of(changes.get(id)?);
        let Some(found) = pipeline.stage(stage) else {
            let message = format!("{} is no stage of pipeline \u{201c}{}\u{201d}", quoted(stage), pipeline.name);
            let error = ValueError::new(Problem::UnknownWord, message).of("stage");
            return Err(error.nearest(stage, pipeline.stages.iter().map(|stage| stage.name.as_str())).into());
        };
        let reason = match (reason, found.meaning) {
            (None, _) => None,
            (Some(text), Meaning::Lost) => {
                let field = fields::field_by_number(Kind::Opportunity, number::LOST_REASON).map(AnyField::Builtin);
                let value = field.map(|field| field.parse(text, &changes.reading())).transpose()?;
                value.flatten()
            }
            (Some(_), _) => {
                return Err(ActionError::usage(format!(
                    "a reason goes with a lost opportunity; \u{201c}{}\u{201d} is not lost",
                    found.name
                ))
                .at("reason"));
            }
        };
        let record = changes.edit(id)?;
        record.set(number::STAGE, Value::text(&found.name));
        if let Some(reason) = reason {
            record.set(number::LOST_REASON, reason);
        }
        Ok(())
    };
    change(desk, target, None, false, &format!("move to {stage}"), &each)
}

/// Moves opportunities so many open stages on (or back, below 0) in their pipeline; at
/// an end they stay. Won and lost are reached by name only.
///
/// # Errors
/// Records that are no opportunities; what the store answers.
pub fn shift_stage(desk: &Desk, target: &Target, by: i64) -> Result<Outcome, ActionError> {
    let each = |changes: &mut Changeset<'_>, id: RecordId| {
        if id.kind != Kind::Opportunity {
            return Err(ActionError::usage(format!("{id} is a {}; only opportunities have stages", id.kind)));
        }
        let definitions = changes.definitions().clone();
        let record = changes.edit(id)?;
        if let Some(stage) = stage_beside(record, by, &definitions) {
            record.set(number::STAGE, Value::Text(stage));
        }
        Ok(())
    };
    change(desk, target, None, false, if by < 0 { "previous stage" } else { "next stage" }, &each)
}

/// Makes tickets or tasks so many steps more urgent (or less, below 0); at an end
/// they stay.
///
/// # Errors
/// Records without a priority; what the store answers.
pub fn shift_priority(desk: &Desk, target: &Target, by: i64) -> Result<Outcome, ActionError> {
    let each = |changes: &mut Changeset<'_>, id: RecordId| {
        let field = match id.kind {
            Kind::Ticket => number::PRIORITY,
            Kind::Task => number::TASK_PRIORITY,
            other => return Err(ActionError::usage(format!("{id} is a {other}; only tickets and tasks have a priority"))),
        };
        let definitions = changes.definitions().clone();
        let words = definitions.words(ChoiceList::Priority);
        let Some(last) = words.len().checked_sub(1) else { return Ok(()) };
        let record = changes.edit(id)?;
        // Without one it counts as normal, or whatever stands in the middle.
        let at = record.text(field).and_then(|word| words.iter().position(|known| fold::fold(known) == fold::fold(word)));
        let at = at.or_else(|| words.iter().position(|word| *word == "normal")).unwrap_or(last / 2);
        let to = (at as i64).saturating_sub(by).clamp(0, last as i64) as usize;
        record.set(field, Value::text(words[to]));
        Ok(())
    };
    change(desk, target, None, false, if by < 0 { "lower priority" } else { "raise priority" }, &each)
}
