//! What one is to be reminded of now, and when next.

use std::sync::Arc;

use crate::actions::{ActionError, Desk, user_of};
use crate::domain::fields::number;
use crate::domain::{Record, Timestamp, naming, tasks};
use crate::insight;
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
    let mut found: Vec<(Timestamp, Arc<Record>)> = Vec::new();
    for task in insight::open_tasks(&*desk.store, &desk.view(), since, until)? {
        let whose = task.link(number::TASK_ASSIGNEE);
        // A day alone has no moment to ring at.
        let moment = tasks::reminder(&task).filter(|at| task.has(number::REMIND) || !tasks::is_whole_day(*at, desk.zone()));
        found.extend(moment.filter(|_| whose.is_none() || whose == me).map(|at| (at, task)));
    }
    found.sort_by_key(|(at, task)| (*at, task.id));
    let next = found.iter().map(|(at, _)| *at).find(|at| *at > now).unwrap_or(until);
    let due = found.iter().filter(|(at, _)| *at > since && *at <= now);
    let due = due.map(|(_, task)| Reminder { id: task.id, text: naming::title(task) }).collect();
    Ok(Loaded::Reminders { due, now, next })
}
