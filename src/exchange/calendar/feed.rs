//! A calendar to be subscribed to: what is ahead, for programs that show days. It is no
//! export: nothing in it is meant to come back. It must not know the store.

use std::io::{self, Write};

use chrono::Days;
use chrono_tz::Tz;

use super::write::utc;
use crate::domain::Timestamp;
use crate::domain::zone::wall_clock;
use crate::exchange::lines::{escaped, write_line};

/// One entry of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ahead {
    /// A name that it keeps from one feed to the next.
    pub uid: String,
    /// Whether it is something to do, and no appointment.
    pub is_task: bool,
    /// When.
    pub at: Timestamp,
    /// Whether the day is meant.
    pub whole_day: bool,
    /// How long it takes.
    pub minutes: i64,
    /// What.
    pub title: String,
    /// With whom or about what.
    pub about: String,
    /// When to ring.
    pub alarm: Option<Timestamp>,
}

/// Writes a feed, made at a moment; days are those of the zone (RFC 5545).
///
/// # Errors
/// What the sink gives.
pub fn feed<W: Write>(mut out: W, zone: Tz, now: Timestamp, items: &[Ahead]) -> io::Result<()> {
    for (head, value) in [
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        ("PRODID", "-//rolo//agenda//EN"),
        ("METHOD", "PUBLISH"),
        ("X-WR-CALNAME", "rolo"),
        ("X-WR-TIMEZONE", zone.name()),
        ("REFRESH-INTERVAL;VALUE=DURATION", "PT15M"),
    ] {
        write_line(&mut out, head, value)?;
    }
    for item in items {
        write(&mut out, zone, now, item)?;
    }
    write_line(&mut out, "END", "VCALENDAR")?;
    out.flush()
}

fn write<W: Write>(out: &mut W, zone: Tz, now: Timestamp, item: &Ahead) -> io::Result<()> {
    let component = if item.is_task { "VTODO" } else { "VEVENT" };
    write_line(out, "BEGIN", component)?;
    write_line(out, "UID", &escaped(&item.uid))?;
    write_line(out, "DTSTAMP", &utc(now))?;
    let start = if item.is_task { "DUE" } else { "DTSTART" };
    if item.whole_day {
        let day = wall_clock(zone, item.at).date();
        write_line(out, &format!("{start};VALUE=DATE"), &day.format("%Y%m%d").to_string())?;
        if let Some(next) = day.checked_add_days(Days::new(1)).filter(|_| !item.is_task) {
            write_line(out, "DTEND;VALUE=DATE", &next.format("%Y%m%d").to_string())?;
        }
    } else {
        write_line(out, start, &utc(item.at))?;
        if !item.is_task {
            write_line(out, "DTEND", &utc(item.at.plus_seconds(item.minutes.saturating_mul(60))))?;
        }
    }
    write_line(out, "SUMMARY", &escaped(&item.title))?;
    if !item.about.is_empty() {
        write_line(out, "DESCRIPTION", &escaped(&item.about))?;
    }
    if item.is_task {
        write_line(out, "STATUS", "NEEDS-ACTION")?;
    } else if item.whole_day {
        write_line(out, "TRANSP", "TRANSPARENT")?;
    }
    if let Some(alarm) = item.alarm {
        write_line(out, "BEGIN", "VALARM")?;
        write_line(out, "ACTION", "DISPLAY")?;
        write_line(out, "TRIGGER;VALUE=DATE-TIME", &utc(alarm))?;
        write_line(out, "DESCRIPTION", &escaped(&item.title))?;
        write_line(out, "END", "VALARM")?;
    }
    write_line(out, "END", component)
}
