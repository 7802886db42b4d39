//! What one is to be reminded of now, and when next.

use std::sync::Arc;

use crate::actions::{ActionError, Desk, user_of};
use crate::domain::fields::number;
use crate::domain::{Kind, Record, Timestamp, naming, tasks};
use crate::query::Query;
use crate::store::walk::Walk;
use crate::tui::app::message::Loaded;
use crate::tui::app::reminders::Reminder;

/// How far ahead is looked, in seconds; then it is looked again.
const AHEAD: i64 = 86_400;

/// Returns the reminders between two moments, of one's own tasks and of nobody's, and the
/// moment of the next one; without one, when to look again.
pub(super) fn reminders(desk: &Desk, since: Option<Timestamp>) -> Result<Loaded, ActionError> {
    let now = desk.now();
    let since = since.unwrap_or(now);
    let until = now.plus_seconds(AHEAD);
    let me = user_of(desk, &desk.author.login)?;
    let query = format!("-done_at:* (remind:{since}..{until} or due:{since}..{until})");
    let query = Query::parse(&query, Kind::Task, &desk.definitions())?;
    let mut found: Vec<(Timestamp, Arc<Record>)> = Vec::new();
    Walk::new(Kind::Task, desk.view()).query(Some(Arc::new(query))).each(&*desk.store, |task| {
        let whose = task.link(number::TASK_ASSIGNEE);
        // A day alone has no moment to ring at.
        let moment = tasks::reminder(task).filter(|at| task.has(number::REMIND) || !tasks::is_whole_day(*at, desk.zone()));
        found.extend(moment.filter(|_| whose.is_none() || whose == me).map(|at| (at, Arc::clone(task))));
        Ok::<(), ActionError>(())
    })?;
    found.sort_by_key(|(at, task)| (*at, task.id));
    let next = found.iter().map(|(at, _)| *at).find(|at| *at > now).unwrap_or(until);
    let due = found.iter().filter(|(at, _)| *at > since && *at <= now);
    let due = due.map(|(_, task)| Reminder { id: task.id, text: naming::title(task) }).collect();
    Ok(Loaded::Reminders { due, now, next })
}
