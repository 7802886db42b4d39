//! Calendars out: tasks as to-dos, interactions as events and journals. What no property
//! has a place for stands in `X-ROLO`. It must not know the store.

use std::collections::BTreeSet;
use std::io::{self, Write};

use calcard::icalendar::{ICalendar, ICalendarComponent, ICalendarComponentType as Type};
use chrono_tz::Tz;
use serde_json::{Map, Value as Json};

use crate::domain::zone::wall_clock;
use crate::domain::{Kind, Recurrence, Timestamp};
use crate::exchange::cards::{KEPT, Own, uid_of};
use crate::exchange::lines::{escaped, parameter, write_line};

/// The source whose ids are UIDs.
const SOURCE: &str = "ics";

/// What the store keeps of a record, which the UID and the next import see to.
const KEPT_BY_STORE: [&str; 4] = ["version", "updated_at", "updated_by", "trashed_at"];

/// One who was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attendee {
    pub(crate) name: String,
    pub(crate) email: String,
}

/// Writes a calendar.
pub(crate) struct Writer<W: Write> {
    out: W,
    /// The zone of series that name none.
    zone: Tz,
    /// Zones that were defined.
    zones: BTreeSet<&'static str>,
}

impl<W: Write> Writer<W> {
    /// Begins a calendar.
    ///
    /// # Errors
    /// What the sink gives.
    pub(crate) fn new(mut out: W, zone: Tz) -> io::Result<Self> {
        write_line(&mut out, "BEGIN", "VCALENDAR")?;
        write_line(&mut out, "VERSION", "2.0")?;
        write_line(&mut out, "PRODID", "-//rolo//rolo//EN")?;
        Ok(Self { out, zone, zones: BTreeSet::new() })
    }

    /// Ends the calendar and gives the sink back.
    ///
    /// # Errors
    /// What the sink gives.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        write_line(&mut self.out, "END", "VCALENDAR")?;
        self.out.flush()?;
        Ok(self.out)
    }

    /// Writes one task or interaction, as [`crate::domain::json::record`] gives it.
    ///
    /// # Errors
    /// What the sink gives.
    pub(crate) fn record(&mut self, own: Own, mut members: Map<String, Json>, attendees: &[Attendee]) -> io::Result<()> {
        let stamp = moment(members.get("updated_at")).unwrap_or(own.recorded_at);
        KEPT_BY_STORE.iter().for_each(|name| drop(members.shift_remove(*name)));
        let is_task = own.id.kind == Kind::Task;
        let is_note = members.get("channel").and_then(Json::as_str) == Some("note");
        let (name, at_member) = match (is_task, is_note) {
            (true, _) => ("VTODO", "due"),
            (false, true) => ("VJOURNAL", "at"),
            (false, false) => ("VEVENT", "at"),
        };
        let at = moment(members.get(at_member));
        let repeat = members.get("repeat").and_then(Json::as_str).and_then(|text| text.parse::<Recurrence>().ok());
        // A rule without a start is none: it stays with the rest then.
        let repeat = repeat.filter(|repeat| at.is_some() && members.get("repeat").and_then(Json::as_str) == Some(&repeat.to_string()));
        if let Some(zone) = repeat.as_ref().and_then(Recurrence::zone) {
            self.define(zone, at.unwrap_or(stamp))?;
        }
        self.line("BEGIN", name)?;
        self.uid(own, &mut members)?;
        self.line("DTSTAMP", &utc(stamp))?;
        if let Some(at) = at {
            self.start(if is_task && repeat.is_none() { "DUE" } else { "DTSTART" }, at, repeat.as_ref())?;
            // A calendar tells seconds; the rest of the moment stands beside it.
            if at.0 % 1_000_000 == 0 {
                members.shift_remove(at_member);
            }
        }
        if let Some(repeat) = &repeat {
            members.shift_remove("repeat");
            for (head, value) in repeat.lines() {
                self.line(&head, &value)?;
            }
        }
        if is_task {
            self.task(&mut members)?;
        } else {
            self.interaction(&mut members, attendees)?;
        }
        if let Some(Json::Array(tags)) = members.shift_remove("tags") {
            let tags: Vec<String> = tags.iter().filter_map(Json::as_str).map(escaped).collect();
            self.line("CATEGORIES", &tags.join(","))?;
        }
        if !members.is_empty() {
            self.line(KEPT, &escaped(&Json::Object(members).to_string()))?;
        }
        self.line("END", name)
    }

    fn line(&mut self, head: &str, value: &str) -> io::Result<()> {
        write_line(&mut self.out, head, value)
    }

    fn text(&mut self, members: &mut Map<String, Json>, member: &str, property: &str) -> io::Result<()> {
        match members.shift_remove(member) {
            Some(Json::String(text)) => self.line(property, &escaped(&text)),
            _ => Ok(()),
        }
    }

    fn uid(&mut self, own: Own, members: &mut Map<String, Json>) -> io::Result<()> {
        let mut ids: Vec<(String, String)> = Vec::new();
        if let Some(Json::Array(known)) = members.shift_remove("external_id") {
            let pairs = known.iter().filter_map(Json::as_str).filter_map(|id| id.split_once(':'));
            ids.extend(pairs.map(|(source, id)| (source.to_owned(), id.to_owned())));
        }
        let uid = match ids.iter().position(|(source, _)| source == SOURCE) {
            Some(at) => ids.remove(at).1,
            None => {
                for name in ["id", "recorded_at"] {
                    members.shift_remove(name);
                }
                uid_of(own)
            }
        };
        if !ids.is_empty() {
            let ids = ids.into_iter().map(|(source, id)| Json::Object(Map::from_iter([(source, Json::from(id))])));
            members.insert("external_id".to_owned(), ids.collect());
        }
        self.line("UID", &escaped(&uid))
    }

    /// Writes when it begins: a series in its own zone, so that it keeps its hour.
    fn start(&mut self, property: &str, at: Timestamp, repeat: Option<&Recurrence>) -> io::Result<()> {
        let Some(repeat) = repeat else { return self.line(property, &utc(at)) };
        let zone = repeat.zone().unwrap_or(self.zone);
        let wall = wall_clock(zone, at);
        match repeat.zone() {
            _ if repeat.is_whole_days() => self.line(&format!("{property};VALUE=DATE"), &wall.format("%Y%m%d").to_string()),
            Some(zone) => self.line(&format!("{property};TZID={}", zone.name()), &wall.format("%Y%m%dT%H%M%S").to_string()),
            None => self.line(property, &utc(at)),
        }
    }

    fn task(&mut self, members: &mut Map<String, Json>) -> io::Result<()> {
        self.text(members, "title", "SUMMARY")?;
        self.text(members, "notes", "DESCRIPTION")?;
        if let Some(done) = moment(members.get("done_at")) {
            self.line("COMPLETED", &utc(done))?;
            self.line("STATUS", "COMPLETED")?;
            if done.0 % 1_000_000 == 0 {
                members.shift_remove("done_at");
            }
        }
        let priority = match members.get("priority").and_then(Json::as_str) {
            Some("urgent") => "1",
            Some("high") => "3",
            Some("normal") => "5",
            Some("low") => "7",
            _ => return Ok(()),
        };
        members.shift_remove("priority");
        self.line("PRIORITY", priority)
    }

    fn interaction(&mut self, members: &mut Map<String, Json>, attendees: &[Attendee]) -> io::Result<()> {
        self.text(members, "subject", "SUMMARY")?;
        self.text(members, "body", "DESCRIPTION")?;
        if let Some(minutes) = members.get("minutes").and_then(Json::as_i64).filter(|minutes| (1..1_000_000).contains(minutes)) {
            members.shift_remove("minutes");
            self.line("DURATION", &format!("PT{minutes}M"))?;
        }
        if members.get("private") == Some(&Json::Bool(true)) {
            members.shift_remove("private");
            self.line("CLASS", "PRIVATE")?;
        }
        for Attendee { name, email } in attendees {
            let head = if name.is_empty() { "ATTENDEE".to_owned() } else { format!("ATTENDEE;CN={}", parameter(name)) };
            self.line(&head, &format!("mailto:{email}"))?;
        }
        Ok(())
    }

    /// Defines a zone that a series names, from a year before it on (RFC 5545 section 3.6.5).
    fn define(&mut self, zone: Tz, from: Timestamp) -> io::Result<()> {
        const YEAR: i64 = 366 * 86_400;
        const AHEAD: i64 = 10 * YEAR;
        if !self.zones.insert(zone.name()) {
            return Ok(());
        }
        let mut calendar = ICalendar {
            components: vec![ICalendarComponent { component_type: Type::VCalendar, entries: Vec::new(), component_ids: Vec::new() }],
        };
        let seconds = from.0 / 1_000_000;
        if calendar.add_timezone(zone.name(), seconds.saturating_sub(YEAR), seconds.saturating_add(AHEAD)).is_none() {
            return Ok(());
        }
        let text = calendar.to_string();
        let begin = format!("BEGIN:{}", Type::VTimezone.as_str());
        let end = format!("END:{}", Type::VTimezone.as_str());
        if let (Some(begin), Some(at)) = (text.find(&begin), text.find(&end)) {
            self.out.write_all(&text.as_bytes()[begin..at])?;
            self.line("END", Type::VTimezone.as_str())?;
        }
        Ok(())
    }
}

fn moment(json: Option<&Json>) -> Option<Timestamp> {
    json.and_then(Json::as_str).and_then(Timestamp::from_rfc3339).filter(|at| (0..=9_999).contains(&chrono::Datelike::year(&at.utc())))
}

pub(super) fn utc(at: Timestamp) -> String {
    at.utc().format("%Y%m%dT%H%M%SZ").to_string()
}
