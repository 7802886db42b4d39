//! Tasks done and put off.
//!
//! Whichever way a repeating task is marked as done (here, in a form, in `$EDITOR`), the
//! changeset makes the next one.

use chrono::{Datelike, Days};

use super::changeset::Changeset;
use super::set::change;
use super::target::counted;
use super::{ActionError, Desk, Outcome, Target};
use crate::domain::fields::number;
use crate::domain::parse::{leading_time, quoted};
use crate::domain::zone::{day_at, midnight, moment_at, wall_clock};
use crate::domain::{Date, Kind, Record, RecordId, Timestamp, Value, span, tasks};

/// Marks tasks as done; those that are done stay as they are. What follows repeating
/// ones is told, and is among the outcome's ids behind them.
///
/// # Errors
/// Records that are no tasks; what the store answers.
pub fn done(desk: &Desk, ids: &[RecordId]) -> Result<Outcome, ActionError> {
    check(ids)?;
    let mut changes = Changeset::new(desk);
    changes.load(ids)?;
    let now = changes.now();
    for id in ids {
        let task = changes.edit(*id)?;
        if !task.has(number::DONE_AT) {
            task.set(number::DONE_AT, Value::Time(now));
        }
    }
    let mut outcome = changes.finish("done")?;
    let next: Vec<RecordId> = outcome.ids.iter().copied().filter(|id| !ids.contains(id)).collect();
    let mut said = match (outcome.changed, ids) {
        (0, _) => "done already".to_owned(),
        (_, [id]) => format!("{id} is done"),
        _ => format!("{} done", counted(ids, outcome.changed.saturating_sub(next.len()))),
    };
    for task in desk.records(&next)?.iter().take(1) {
        let due = task.time(number::DUE).map_or_else(String::new, |due| format!(", due {}", shown(desk, due)));
        let more = if next.len() > 1 { format!(", and {} more", next.len() - 1) } else { String::new() };
        said = format!("{said}; {} follows{due}{more}", task.id);
    }
    outcome.message = said;
    Ok(outcome)
}

/// Opens tasks again that were done.
///
/// # Errors
/// Records that are no tasks; what the store answers.
pub fn reopen_tasks(desk: &Desk, ids: &[RecordId]) -> Result<Outcome, ActionError> {
    check(ids)?;
    let each = |changes: &mut Changeset<'_>, id: RecordId| {
        changes.edit(id)?.clear(number::DONE_AT);
        Ok(())
    };
    let mut outcome = change(desk, &ids.to_vec().into(), None, false, "open again", &each)?;
    outcome.message = if let [id] = ids { format!("{id} is open again") } else { format!("{} open again", counted(ids, outcome.changed)) };
    Ok(outcome)
}

fn check(ids: &[RecordId]) -> Result<(), ActionError> {
    match ids.iter().find(|id| id.kind != Kind::Task) {
        Some(id) => Err(ActionError::usage(format!("{id} is a {}; only tasks are ticked", id.kind))),
        None => Ok(()),
    }
}

/// Returns a moment as people read it; a day without its midnight.
fn shown(desk: &Desk, at: Timestamp) -> String {
    wall_clock(desk.zone(), at).format("%a %Y-%m-%d %H:%M").to_string().trim_end_matches(" 00:00").to_owned()
}

/// Until when something is put off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PutOff {
    /// By so many days (or sooner, below 0).
    Days(i64),
    /// To what is typed: a span (`3d`, `2w`) or a moment (`next fri 10:00`).
    To(String),
}

/// Puts off tasks, next steps of opportunities, and meetings that are to come. Days count
/// from the day on which it is due, of what is overdue from today; the time of day stays
/// unless another is given.
///
/// # Errors
/// Other records; a text that is neither span nor moment; meetings that recur.
pub fn postpone(desk: &Desk, target: &Target, by: &PutOff) -> Result<Outcome, ActionError> {
    let each = |changes: &mut Changeset<'_>, id: RecordId| {
        let now = changes.now();
        let record = changes.edit(id)?;
        match id.kind {
            Kind::Task => {
                let due = record.time(number::DUE);
                let to = moved(desk, due, by, now)?;
                tasks::put_off(record, to);
            }
            Kind::Opportunity => {
                let day = record.first(number::NEXT_AT).and_then(Value::as_date).and_then(Date::whole);
                let to = moved(desk, day.map(|day| midnight(desk.zone(), day)), by, now)?;
                let day = Date::from_naive(day_at(desk.zone(), to));
                record.replace(number::NEXT_AT, day.map(Value::Date));
            }
            Kind::Interaction => {
                if record.has(number::REPEAT) {
                    return Err(ActionError::refused(format!("{id} recurs")).hint("change its rule, or log the meeting that is moved"));
                }
                let at = record.time(number::INTERACTION_AT).filter(|at| *at > now);
                if at.is_none() {
                    return Err(ActionError::refused(format!("{id} has been: only what is to come is put off")));
                }
                let to = moved(desk, at, by, now)?;
                record.set(number::INTERACTION_AT, Value::Time(to));
            }
            other => {
                return Err(ActionError::usage(format!("a {other} is not put off")).hint("tasks, next steps and meetings are"));
            }
        }
        Ok(())
    };
    let label = match by {
        PutOff::Days(..0) => "sooner",
        _ => "put off",
    };
    let mut outcome = change(desk, target, None, false, label, &each)?;
    if let ([id], true) = (outcome.ids.as_slice(), outcome.changed > 0) {
        let record = desk.record(*id)?;
        outcome.message = format!("{id} is due {}", due_of(desk, &record));
    }
    Ok(outcome)
}

fn due_of(desk: &Desk, record: &Record) -> String {
    let time = record.time(number::DUE).or_else(|| record.time(number::INTERACTION_AT));
    let date = || record.first(number::NEXT_AT).and_then(Value::as_date).map(|date| date.to_string());
    time.map(|at| shown(desk, at)).or_else(date).unwrap_or_default()
}

/// Returns the moment to which something is put off that is due at `due`.
fn moved(desk: &Desk, due: Option<Timestamp>, by: &PutOff, now: Timestamp) -> Result<Timestamp, ActionError> {
    let zone = desk.zone();
    let today = day_at(zone, now);
    let clock = due.map(|due| wall_clock(zone, due).time()).unwrap_or_default();
    let day = due.map_or(today, |due| day_at(zone, due));
    let out_of_range = || ActionError::refused("there is no such day");
    match by {
        PutOff::Days(days) if *days < 0 => {
            let day = day.checked_sub_days(Days::new(days.unsigned_abs())).ok_or_else(out_of_range)?;
            Ok(moment_at(zone, day.and_time(clock)))
        }
        PutOff::Days(days) => {
            let day = day.max(today).checked_add_days(Days::new(days.unsigned_abs())).filter(|day| day.year() < 10_000);
            Ok(moment_at(zone, day.ok_or_else(out_of_range)?.and_time(clock)))
        }
        PutOff::To(text) => {
            let text = text.trim();
            let (bare, back) = text.strip_prefix('-').map_or((text.trim_start_matches('+'), false), |bare| (bare, true));
            let base = if back { day } else { day.max(today) };
            if let Some(day) = span::shifted(base, bare, back).filter(|_| bare.len() > 1) {
                return Ok(moment_at(zone, day.and_time(clock)));
            }
            let Some((at, "")) = leading_time(text, zone, now) else {
                return Err(ActionError::refused(format!("{} is neither a span nor a moment", quoted(text)))
                    .hint("write 3d, 2w, 1m, tomorrow, next fri 10:00 or 31.1."));
            };
            // A day alone keeps the time of day.
            if tasks::is_whole_day(at, zone) { Ok(moment_at(zone, day_at(zone, at).and_time(clock))) } else { Ok(at) }
        }
    }
}
