//! Carrying out what the team's rules do with tickets as time goes: each effect once,
//! whoever carries it out, however often and at however many places at once.

use super::changeset::Changeset;
use super::{ActionError, Desk};
use crate::domain::fields::number;
use crate::domain::service::Effect;
use crate::domain::{Kind, RecordId, Value, naming};

/// Carries an effect out under its key; returns what was done in a few words, `None` where
/// somebody has done it already.
///
/// # Errors
/// Exit 4 for a ticket that is gone; exit 5 where it was changed meanwhile: what is due
/// is then to be asked anew.
pub fn carry_out(desk: &Desk, effect: &Effect) -> Result<Option<String>, ActionError> {
    let mut changes = Changeset::new(desk);
    let told = escalate_by_rule(&mut changes, effect)?;
    let taken = changes.finish_once(&format!("tick:{}", effect.key), format!("escalation {}", effect.rule))?;
    Ok(taken.map(|_| told))
}

/// Adds what an effect does to a changeset; returns it in a few words.
///
/// # Errors
/// Exit 4 for a ticket that is gone.
pub fn escalate_by_rule(changes: &mut Changeset<'_>, effect: &Effect) -> Result<String, ActionError> {
    let ticket = changes.edit(effect.ticket)?;
    let title = format!("{} {}", effect.ticket, naming::title(ticket));
    let mut done = Vec::new();
    for (field, to, what) in [
        (number::SERVICE_LINE, &effect.line, "to the line"),
        (number::QUEUE, &effect.queue, "to the queue"),
        (number::PRIORITY, &effect.priority, "now"),
    ] {
        if let Some(to) = to {
            ticket.set(field, Value::text(to));
            done.push(format!("{what} {to}"));
        }
    }
    if let Some(assignee) = effect.assignee {
        ticket.replace(number::ASSIGNEE, assignee.map(Value::Link));
        done.push(assignee.map_or_else(|| "nobody's".to_owned(), |who| format!("given to {who}")));
    }
    if effect.moves() {
        let note = changes.create(Kind::Interaction);
        let now = changes.now();
        let record = changes.edit(note)?;
        record.set(number::CHANNEL, Value::text("note"));
        record.set(number::INTERACTION_AT, Value::Time(now));
        record.set(number::PRIVATE, Value::Flag(true));
        record.set(number::INTERACTION_TICKET, Value::Link(effect.ticket));
        record.set(number::INTERACTION_SUBJECT, Value::text(format!("{}: {}", effect.rule, effect.why)));
        record.set(number::INTERACTION_BODY, Value::text(done.join(", ")));
    }
    for who in &effect.warn {
        task(changes, &format!("{title}: {}", effect.why), Some(*who), effect)?;
        done.push(format!("{who} is warned"));
    }
    if let Some((what, who)) = &effect.task {
        task(changes, what, *who, effect)?;
        done.push("a task is made".to_owned());
    }
    Ok(format!("{title}: {} ({}, {})", done.join(", "), effect.rule, effect.why))
}

fn task(changes: &mut Changeset<'_>, title: &str, who: Option<RecordId>, effect: &Effect) -> Result<(), ActionError> {
    let now = changes.now();
    let id = changes.create(Kind::Task);
    let task = changes.edit(id)?;
    task.set(number::TASK_TITLE, Value::text(title));
    task.set(number::DUE, Value::Time(effect.due));
    task.set(number::REMIND, Value::Time(now));
    task.set(number::ABOUT, Value::Link(effect.ticket));
    task.replace(number::TASK_ASSIGNEE, who.map(Value::Link));
    Ok(())
}
