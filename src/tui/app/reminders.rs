//! Reminders while the application is open: a bell, a notice on the desktop, and a line.
//!
//! The runtime wakes for the next one and for nothing else.

use super::message::{Effect, Level};
use super::state::App;
use crate::domain::{RecordId, Timestamp};

/// Something that one is reminded of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminder {
    /// The task.
    pub id: RecordId,
    /// What it is called.
    pub text: String,
}

/// Up to when one has been reminded, and when next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reminders {
    /// The moment up to which all was told.
    pub since: Option<Timestamp>,
    /// The moment to wake at.
    pub next: Option<Timestamp>,
}

/// Takes what is due by now.
pub(super) fn due(app: &mut App, due: &[Reminder], now: Timestamp, next: Timestamp) -> Vec<Effect> {
    app.reminders = Reminders { since: Some(app.reminders.since.map_or(now, |since| since.max(now))), next: Some(next) };
    let Some(first) = due.first() else { return Vec::new() };
    let more = if due.len() > 1 { format!(", and {} more: :agenda", due.len() - 1) } else { String::new() };
    let text = format!("{} ({}){more}", first.text, first.id);
    app.say(Level::Warning, format!("now: {text}"));
    vec![Effect::Bell, Effect::Notify(text)]
}
