//! Reminders: a task is told of at the moment that it names, else when it is due.

use std::sync::Arc;

use super::{Effect, Handler};
use crate::actions::{ActionError, Desk};
use crate::domain::fields::number;
use crate::domain::zone::wall_clock;
use crate::domain::{Lookup, Record, Value, naming, tasks};
use crate::insight;
use crate::store::known::Known;

/// Tells of tasks at their time. What is more than a month late is told of no more: it
/// stands in the agenda.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reminders;

const LATEST_DAYS: i64 = 31;

impl Handler for Reminders {
    fn name(&self) -> &'static str {
        "reminders"
    }

    fn due(&self, desk: &Desk) -> Result<Vec<Effect>, ActionError> {
        let now = desk.now();
        let tasks = insight::open_tasks(&*desk.store, &desk.view(), now.plus_seconds(-LATEST_DAYS * 86_400), now)?;
        let is_due = |task: &Arc<Record>| tasks::reminder(task).is_some_and(|at| at <= now && now <= at.plus_seconds(LATEST_DAYS * 86_400));
        let mut found: Vec<Arc<Record>> = tasks.into_iter().filter(is_due).collect();
        found.sort_by_key(|task| (tasks::reminder(task), task.id));
        let known = Known::new(&*desk.store);
        Ok(found.iter().map(|task| effect(desk, &known, task)).collect())
    }
}

fn effect(desk: &Desk, known: &Known<'_>, task: &Record) -> Effect {
    let at = tasks::reminder(task).unwrap_or(task.recorded_at);
    let about = task.values(number::ABOUT).filter_map(Value::as_link).filter_map(|id| known.title(id)).collect::<Vec<_>>().join(", ");
    let due = task.time(number::DUE).map(|due| wall_clock(desk.zone(), due).format(", due %Y-%m-%d %H:%M").to_string());
    let due = due.unwrap_or_default();
    let due = due.strip_suffix(" 00:00").unwrap_or(&due);
    let who = task.link(number::TASK_ASSIGNEE);
    let name = who.and_then(|user| known.title(user)).map_or_else(String::new, |name| format!("{name}: "));
    let about = if about.is_empty() { String::new() } else { format!(" ({about})") };
    let told = format!("{name}{}{about}{due}", naming::title(task));
    Effect::telling(format!("reminder:{}:{at}", task.id), task.id, "reminder", told).to(who)
}
