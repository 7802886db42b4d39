//! The timeline: an entry a row, grouped by day.

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;

use crate::actions::{ActionError, Desk};
use crate::domain::RecordId;
use crate::domain::zone::wall_clock;
use crate::insight::{self, Entry, TimelineRequest, What};
use crate::tui::app::message::Loaded;
use crate::tui::app::row::{Cell, Row};
use crate::tui::theme::Role;

use super::cells::{channel, title};

pub(super) fn timeline(desk: &Desk, of: RecordId, limit: usize) -> Result<Loaded, ActionError> {
    let request = TimelineRequest { of, since: None, offset: 0, limit };
    let timeline = insight::timeline(&*desk.store, desk.today(), &request)?;
    let (zone, today) = (desk.zone(), desk.today());
    let rows = timeline.entries.iter().map(|entry| row(entry, zone, today));
    Ok(Loaded::Timeline { of, name: title(desk, of)?, rows: rows.collect(), more: timeline.more })
}

/// Returns an entry as a row, its group being its day.
pub(super) fn row(entry: &Entry, zone: Tz, today: NaiveDate) -> Row {
    let wall = wall_clock(zone, entry.at);
    Row { key: entry.id.clone(), id: entry.record, group: day(wall.date(), today), cells: cells(entry, &wall.format("%H:%M").to_string()) }
}

/// Returns a day as people name it.
pub(super) fn day(day: NaiveDate, today: NaiveDate) -> String {
    match (today - day).num_days() {
        0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        _ if day.year() == today.year() => day.format("%-d %b").to_string(),
        _ => day.format("%-d %b %y").to_string(),
    }
}

/// Time, channel, direction, what, and with whom.
fn cells(entry: &Entry, time: &str) -> Vec<Cell> {
    let (what, role) = match (&entry.channel, &entry.what) {
        (Some(name), _) => (name.as_str(), channel(name)),
        (None, What::Interaction) => ("touch", Role::Channel),
        (None, What::Change) => ("change", Role::TimelineEvent),
        (None, What::Order) => ("order", Role::TimelineEvent),
        (None, What::Quote) => ("quote", Role::TimelineEvent),
        (None, What::Done) => ("done", Role::TimelineEvent),
        (None, What::Document) => ("file", Role::TimelineEvent),
        (None, What::Opened) => ("opened", Role::TimelineEvent),
    };
    let arrow = match entry.direction.as_deref() {
        Some("in") => Cell::of(Role::DirectionIn, "←"),
        Some("out") => Cell::of(Role::DirectionOut, "→"),
        _ => Cell::plain(" "),
    };
    let text = match (entry.title.is_empty(), entry.body.is_empty()) {
        (false, false) if entry.title != entry.body => format!("{} — {}", entry.title, entry.body),
        (true, _) => entry.body.clone(),
        _ => entry.title.clone(),
    };
    let text = match &entry.about {
        Some((_, about)) if entry.what == What::Change => format!("{text} · {about}"),
        _ => text,
    };
    let role_of_text = match entry.what {
        _ if entry.private => Some(Role::TimelinePrivate),
        What::Interaction => None,
        _ => Some(Role::TimelineEvent),
    };
    let mut who: Vec<&str> = entry.who.iter().map(|(_, name)| name.as_str()).collect();
    who.extend(entry.by.as_deref().filter(|_| entry.what == What::Change));
    vec![
        Cell::of(Role::TimelineTime, time),
        Cell::of(role, what),
        arrow,
        Cell { text, role: role_of_text, written: None },
        Cell::of(Role::TextMuted, who.join(", ")),
    ]
}
