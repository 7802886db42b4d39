//! What the components of a calendar mean: an event is a meeting, a to-do a task, a
//! journal a note, each as a JSON object in rolo's own spelling. It must not know bytes or
//! the store.

use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType as Type, ICalendarEntry as Entry, ICalendarParameterName as Parameter,
    ICalendarProperty as Property, ICalendarValue as Value, Uri,
};
use chrono::{NaiveDate, NaiveDateTime};
use serde_json::{Map, Value as Json, json};

use super::zones::{Zone, Zones};
use crate::domain::{Kind, Timestamp};
use crate::exchange::cards::{KEPT, REJECTED, SHORTEST_UID, own_of};
use crate::exchange::lines::Logical;
use crate::exchange::problem::Problem;
use crate::exchange::rows::{Enclosed, Parties, Party};

/// A component in rolo's spelling.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) kind: Kind,
    pub(super) tree: Map<String, Json>,
    pub(super) parties: Parties,
    /// Files that stand in it.
    pub(super) files: Vec<Enclosed>,
    /// Names of zones that nobody knows.
    pub(super) unknown_zones: Vec<String>,
}

/// The most people that one component names.
const MOST_PARTIES: usize = 1_000;

/// Properties that say how a component is kept or sent, and nothing that one would miss.
const HOUSEKEEPING: [&str; 18] = [
    "DTSTAMP",
    "SEQUENCE",
    "TRANSP",
    "LAST-MODIFIED",
    "REQUEST-STATUS",
    "PRODID",
    "VERSION",
    "METHOD",
    "CALSCALE",
    "STATUS",
    "RANGE",
    "EXRULE",
    "X-MICROSOFT-CDO-APPT-SEQUENCE",
    "X-MICROSOFT-CDO-OWNERAPPTID",
    "X-MOZ-GENERATION",
    "X-MOZ-LASTACK",
    "X-MOZ-SNOOZE-TIME",
    REJECTED,
];

/// Properties that are looked for by name.
const READ: [&str; 26] = [
    "SUMMARY",
    "DESCRIPTION",
    "LOCATION",
    "CATEGORIES",
    "UID",
    "RECURRENCE-ID",
    "CREATED",
    "DTSTART",
    "DTEND",
    "DURATION",
    "DUE",
    "COMPLETED",
    "PRIORITY",
    "RRULE",
    "RDATE",
    "EXDATE",
    "ATTENDEE",
    "ORGANIZER",
    "CLASS",
    KEPT,
    "BEGIN",
    "END",
    "COMMENT",
    "URL",
    "TZID",
    "STATUS",
];

/// A time as it was told.
#[derive(Debug, Clone, Copy, PartialEq)]
enum When {
    Moment(Timestamp),
    /// What a clock shows, nobody says where.
    Wall(NaiveDateTime),
    Day(NaiveDate),
}

impl When {
    /// Returns it as rolo reads it.
    fn text(self) -> String {
        match self {
            Self::Moment(at) => at.to_string(),
            Self::Wall(wall) => wall.format("%Y-%m-%dT%H:%M:%S").to_string(),
            Self::Day(day) => day.format("%Y-%m-%d").to_string(),
        }
    }

    /// Returns it as a calendar writes it.
    fn stamp(self) -> String {
        match self {
            Self::Moment(at) => at.utc().format("%Y%m%dT%H%M%SZ").to_string(),
            Self::Wall(wall) => wall.format("%Y%m%dT%H%M%S").to_string(),
            Self::Day(day) => day.format("%Y%m%d").to_string(),
        }
    }

    /// Returns the seconds from an earlier time to this one, if both are told alike.
    fn since(self, earlier: Self) -> Option<i64> {
        match (earlier, self) {
            (Self::Moment(a), Self::Moment(b)) => Some(b.0.checked_sub(a.0)? / 1_000_000),
            (Self::Wall(a), Self::Wall(b)) => Some((b - a).num_seconds()),
            (Self::Day(a), Self::Day(b)) => Some((b - a).num_seconds()),
            _ => None,
        }
    }

    fn later(self, seconds: i64) -> Option<Self> {
        let delta = chrono::TimeDelta::try_seconds(seconds)?;
        Some(match self {
            Self::Moment(at) => Self::Moment(Timestamp(at.0.checked_add(seconds.checked_mul(1_000_000)?)?)),
            Self::Wall(wall) => Self::Wall(wall.checked_add_signed(delta)?),
            Self::Day(day) => Self::Wall(day.and_hms_opt(0, 0, 0)?.checked_add_signed(delta)?),
        })
    }
}

/// Returns what a component says; `lines` are those that it was read from, `has_source`
/// whether its ids are those of a certain program.
///
/// # Errors
/// It says nothing that a record could be made of.
pub(super) fn read(calendar: &ICalendar, lines: &[Logical], zones: &Zones, has_source: bool) -> Result<Item, Problem> {
    let Some(main) = calendar.components.first() else { return Err(Problem::new("calendar", "the component is empty")) };
    let mut reading = Reading { calendar, main, lines, zones, has_source, tree: Map::new(), unknown_zones: Vec::new() };
    let kind = match main.component_type {
        Type::VTodo => Kind::Task,
        _ => Kind::Interaction,
    };
    reading.common();
    match main.component_type {
        Type::VTodo => reading.task(),
        Type::VJournal => reading.interaction("note")?,
        _ => reading.interaction("meeting")?,
    }
    reading.rest(kind);
    let (parties, files) = (reading.parties(), reading.files());
    Ok(Item { kind, tree: reading.tree, parties, files, unknown_zones: reading.unknown_zones })
}

struct Reading<'c> {
    calendar: &'c ICalendar,
    main: &'c ICalendarComponent,
    lines: &'c [Logical],
    zones: &'c Zones,
    has_source: bool,
    tree: Map<String, Json>,
    unknown_zones: Vec<String>,
}

fn value_text(value: &Value) -> String {
    match value {
        Value::Uri(Uri::Location(text)) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(flag) => flag.to_string(),
        Value::PartialDateTime(moment) => moment.to_rfc3339().unwrap_or_default(),
        other => other.as_text().unwrap_or_default().to_owned(),
    }
}

fn text(entry: &Entry) -> String {
    let texts: Vec<String> = entry.values.iter().map(value_text).filter(|text| !text.trim().is_empty()).collect();
    texts.join(", ").trim().to_owned()
}

/// Returns a whole text; what stands between its commas is one.
fn long_text(entry: &Entry) -> String {
    entry.values.iter().map(value_text).collect::<Vec<_>>().join(", ")
}

fn parameter(entry: &Entry, name: &Parameter) -> String {
    entry.params.iter().find(|one| one.name == *name).and_then(|one| one.value.as_text()).unwrap_or_default().trim().to_owned()
}

impl<'c> Reading<'c> {
    fn all(&self, name: Property) -> impl Iterator<Item = &'c Entry> + use<'c> {
        self.main.entries.iter().filter(move |entry| entry.name == name)
    }

    fn put(&mut self, name: &str, text: impl Into<String>) {
        let text = text.into();
        if !text.trim().is_empty() {
            self.tree.insert(name.to_owned(), Json::String(text));
        }
    }

    fn texts(&self, name: Property) -> Vec<String> {
        self.all(name).map(long_text).filter(|text| !text.trim().is_empty()).collect()
    }

    /// Returns a time, each in the zone that it names.
    fn when(&mut self, entry: &Entry) -> Option<When> {
        let Some(Value::PartialDateTime(moment)) = entry.values.first() else { return None };
        self.moment(moment, &parameter(entry, &Parameter::Tzid))
    }

    fn moment(&mut self, moment: &PartialDateTime, zone: &str) -> Option<When> {
        let day = NaiveDate::from_ymd_opt(i32::from(moment.year?), u32::from(moment.month?), u32::from(moment.day?))?;
        let Some(hour) = moment.hour else { return Some(When::Day(day)) };
        let second = moment.second.unwrap_or_default().min(59);
        let wall = day.and_hms_opt(u32::from(hour), u32::from(moment.minute.unwrap_or_default()), u32::from(second))?;
        if let Some(hours) = moment.tz_hour {
            let seconds = i32::from(hours) * 3_600 + i32::from(moment.tz_minute.unwrap_or_default()) * 60;
            let offset = chrono::FixedOffset::east_opt(if moment.tz_minus { -seconds } else { seconds })?;
            return Zone::Fixed(offset).moment(wall).map(When::Moment);
        }
        let found = if zone.is_empty() { self.zones.usual.map(Zone::Named) } else { self.zones.find(zone) };
        match found {
            Some(found) => found.moment(wall).map(When::Moment),
            None => {
                if !zone.is_empty() {
                    self.unknown_zones.push(zone.to_owned());
                }
                Some(When::Wall(wall))
            }
        }
    }

    fn first(&mut self, name: Property) -> Option<When> {
        let entry = self.all(name).next()?;
        self.when(entry)
    }

    /// Returns the value of a line as it was written.
    fn raw(&self, name: &str) -> Vec<&'c str> {
        // Lines of inner components are not the component's own.
        let mut depth = 0;
        let mut found = Vec::new();
        for line in self.lines {
            let head = line.text.split([':', ';']).next().unwrap_or_default().trim();
            if head.eq_ignore_ascii_case("BEGIN") {
                depth += 1;
            } else if head.eq_ignore_ascii_case("END") {
                depth -= 1;
            } else if depth == 1 && head.eq_ignore_ascii_case(name) {
                found.extend(line.text.split_once(':').map(|(_, value)| value.trim()));
            }
        }
        found
    }

    fn common(&mut self) {
        let tags: Vec<Json> = self
            .all(Property::Categories)
            .flat_map(|entry| &entry.values)
            .flat_map(|value| value_text(value).split([',', ';']).map(|tag| tag.trim().to_owned()).collect::<Vec<_>>())
            .filter(|tag| !tag.is_empty())
            .map(Json::from)
            .collect();
        if !tags.is_empty() {
            self.tree.insert("tags".to_owned(), Json::Array(tags));
        }
        if let Some(at) = self.first(Property::Created) {
            self.put("created_at", at.text());
        }
        self.repeat();
        let uid = self.all(Property::Uid).map(text).find(|uid| !uid.is_empty());
        let instance = self.all(Property::RecurrenceId).next().and_then(|entry| self.when(entry)).map(When::stamp);
        let Some(uid) = uid else { return };
        match (own_of(&uid), &instance) {
            (Some(own), None) => {
                self.put("id", own.id.to_string());
                self.put("recorded_at", own.recorded_at.to_string());
            }
            _ if uid.len() < SHORTEST_UID && !self.has_source => self.put("uid", uid.clone()),
            (_, Some(instance)) => drop(self.tree.insert("external_id".to_owned(), json!([format!("{uid}/{instance}")]))),
            (None, None) => drop(self.tree.insert("external_id".to_owned(), json!([uid]))),
        }
        // What belongs to one series is one thread. A series of our own has it already, if any.
        let is_ours = own_of(&uid).is_some() && instance.is_none();
        if !is_ours && (instance.is_some() || self.tree.contains_key("repeat")) && self.main.component_type != Type::VTodo {
            self.put("thread", uid);
        }
    }

    /// How it recurs: the rule as it was written, with the zone and the days that it needs.
    fn repeat(&mut self) {
        let mut words: Vec<String> = Vec::new();
        for rule in self.raw("RRULE") {
            // Spaces part the words of a recurrence.
            words.push(rule.split_whitespace().collect());
        }
        let days = |reading: &mut Self, name: Property, word: &str| {
            let mut texts = Vec::new();
            for entry in reading.all(name) {
                let zone = parameter(entry, &Parameter::Tzid);
                for value in &entry.values {
                    let found = match value {
                        Value::PartialDateTime(moment) => reading.moment(moment, &zone),
                        Value::Period(
                            calcard::icalendar::ICalendarPeriod::Range { start, .. }
                            | calcard::icalendar::ICalendarPeriod::Duration { start, .. },
                        ) => reading.moment(start, &zone),
                        _ => None,
                    };
                    texts.extend(found.map(When::stamp));
                }
            }
            (!texts.is_empty()).then(|| format!("{word}={}", texts.join(",")))
        };
        let added = days(self, Property::Rdate, "RDATE");
        let dropped = days(self, Property::Exdate, "EXDATE");
        if words.is_empty() && added.is_none() {
            return;
        }
        let start = self.all(Property::Dtstart).next().or_else(|| self.all(Property::Due).next());
        let zone = start.map(|entry| parameter(entry, &Parameter::Tzid)).unwrap_or_default();
        if let Some(name) = self.zones.find(&zone).filter(|_| !zone.is_empty()).and_then(Zone::name) {
            words.push(format!("TZID={name}"));
        }
        if let Some(entry) = start
            && matches!(self.when(entry), Some(When::Day(_)))
        {
            words.push("VALUE=DATE".to_owned());
        }
        words.extend(dropped);
        words.extend(added);
        self.put("repeat", words.join(" "));
    }

    /// Returns how long it takes, in seconds.
    fn seconds(&mut self, start: When) -> Option<i64> {
        if let Some(end) = self.first(Property::Dtend) {
            return end.since(start);
        }
        let entry = self.all(Property::Duration).next()?;
        match entry.values.first() {
            Some(Value::Duration(duration)) => Some(duration.as_seconds()),
            _ => None,
        }
    }

    /// An event or a journal.
    fn interaction(&mut self, channel: &str) -> Result<(), Problem> {
        let start = match self.first(Property::Dtstart) {
            Some(start) => start,
            // A journal may be of no certain day: then of when it was written.
            None if channel == "note" => {
                let written = self.first(Property::Created).or_else(|| self.first(Property::Dtstamp));
                written.ok_or_else(|| Problem::new("missing", "the journal says no day").hint("DTSTART is missing"))?
            }
            None => {
                let said = self.all(Property::Dtstart).next().map(text);
                return Err(match said {
                    Some(said) => Problem::new("date", format!("\u{201c}{}\u{201d} is no time", crate::exchange::cell::clip(&said))),
                    None => Problem::new("missing", "the event says no time").hint("DTSTART is missing"),
                });
            }
        };
        self.put("at", start.text());
        if let Some(seconds) = self.seconds(start).filter(|seconds| *seconds > 0) {
            self.tree.insert("minutes".to_owned(), Json::from(seconds / 60));
        }
        let (subject, body) = (self.texts(Property::Summary).join(" "), self.texts(Property::Description).join("\n\n"));
        self.put("subject", subject);
        self.put("body", body);
        let mut notes = Vec::new();
        for (name, property) in [("Location", Property::Location), ("Comment", Property::Comment), ("URL", Property::Url)] {
            notes.extend(self.all(property).map(text).filter(|text| !text.is_empty()).map(|text| format!("{name}: {text}")));
        }
        self.put("notes", notes.join("\n"));
        let said = |name: Property| self.all(name).next().map(|entry| text(entry).to_uppercase()).unwrap_or_default();
        let is_private = ["PRIVATE", "CONFIDENTIAL"].contains(&said(Property::Class).as_str());
        let is_cancelled = said(Property::Status) == "CANCELLED";
        if is_private {
            self.tree.insert("private".to_owned(), Json::Bool(true));
        }
        if is_cancelled {
            self.put("outcome", "cancelled");
        }
        self.kept(&["at"]);
        // What rolo wrote without a channel has none.
        if !self.tree.contains_key("channel") && !self.tree.contains_key("id") {
            self.put("channel", channel);
        }
        Ok(())
    }

    /// A to-do.
    fn task(&mut self) {
        let (title, notes) = (self.texts(Property::Summary).join(" "), self.texts(Property::Description).join("\n\n"));
        self.put("title", title);
        let mut notes = vec![notes];
        for (name, property) in [("Location", Property::Location), ("Comment", Property::Comment), ("URL", Property::Url)] {
            notes.extend(self.all(property).map(text).filter(|text| !text.is_empty()).map(|text| format!("{name}: {text}")));
        }
        notes.retain(|note| !note.trim().is_empty());
        self.put("notes", notes.join("\n\n"));
        let start = self.first(Property::Dtstart);
        let due = match (self.first(Property::Due), start) {
            (Some(due), _) => Some(due),
            (None, Some(start)) => self.seconds(start).and_then(|seconds| start.later(seconds)).or(Some(start)),
            (None, None) => None,
        };
        if let Some(due) = due {
            self.put("due", due.text());
        }
        let status = self.all(Property::Status).next().map(|entry| text(entry).to_uppercase()).unwrap_or_default();
        let done = match self.first(Property::Completed) {
            Some(done) => Some(done),
            None if status == "COMPLETED" || status == "CANCELLED" => {
                [Property::LastModified, Property::Dtstamp].into_iter().find_map(|name| self.first(name)).or(due)
            }
            None => None,
        };
        if let Some(done) = done {
            self.put("done_at", done.text());
        }
        if status == "CANCELLED"
            && let Json::Array(tags) = self.tree.entry("tags").or_insert_with(|| json!([]))
        {
            tags.push(Json::from("cancelled"));
        }
        let priority = match self.all(Property::Priority).next().and_then(|entry| entry.values.first()) {
            Some(Value::Integer(number)) => *number,
            _ => 0,
        };
        // RFC 5545 section 3.8.1.9: 1 is the highest, 5 the middle, 0 says nothing.
        self.put(
            "priority",
            match priority {
                1 => "urgent",
                2..=4 => "high",
                5 => "normal",
                6..=9 => "low",
                _ => "",
            },
        );
        if let Some(remind) = self.remind(start, due) {
            self.put("remind", remind.text());
        }
        self.kept(&["due", "done_at", "remind"]);
    }

    /// When an alarm goes off: the first one.
    fn remind(&mut self, start: Option<When>, due: Option<When>) -> Option<When> {
        let alarm = self.calendar.components.iter().find(|component| component.component_type == Type::VAlarm)?;
        let trigger = alarm.entries.iter().find(|entry| entry.name == Property::Trigger)?;
        match trigger.values.first()? {
            Value::PartialDateTime(moment) => self.moment(moment, ""),
            Value::Duration(before) => {
                let is_end = parameter(trigger, &Parameter::Related).eq_ignore_ascii_case("END");
                let base = if is_end { due } else { start.or(due) };
                base?.later(before.as_seconds())
            }
            _ => None,
        }
    }

    /// What rolo wrote that no property has a place for. Of a time that a calendar cannot
    /// tell to the end, the whole counts as long as nobody changed what it tells.
    fn kept(&mut self, times: &[&str]) {
        for entry in self.main.entries.iter().filter(|entry| entry.name.as_str().eq_ignore_ascii_case(KEPT)) {
            let Ok(Json::Object(members)) = serde_json::from_str(&long_text(entry)) else { continue };
            for (name, value) in members {
                match (self.tree.get_mut(&name), value) {
                    (None, value) => drop(self.tree.insert(name, value)),
                    (Some(Json::Array(known)), Json::Array(more)) if name == "external_id" => known.extend(more),
                    (Some(Json::String(told)), Json::String(whole)) if times.contains(&name.as_str()) => {
                        let second = |text: &str| Timestamp::from_rfc3339(text).map(|at| at.0.div_euclid(1_000_000));
                        if second(told) == second(&whole) {
                            *told = whole;
                        }
                    }
                    (Some(_), _) => {}
                }
            }
        }
    }

    fn parties(&self) -> Parties {
        let party = |entry: &Entry| {
            let address = entry.values.first().map(value_text).unwrap_or_default();
            let mail = |text: &str| text.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("mailto:")).map(|_| text[7..].to_owned());
            let email = mail(&address).or_else(|| Some(parameter(entry, &Parameter::Email))).unwrap_or_default();
            let email = if email.is_empty() && address.contains('@') && !address.contains(':') { address } else { email };
            Party { name: parameter(entry, &Parameter::Cn), email: email.trim().to_owned() }
        };
        let all = |name: Property| {
            let mut found: Vec<Party> = Vec::new();
            for one in self.all(name).map(party).filter(|one| one.email.contains('@')).take(MOST_PARTIES) {
                if !found.iter().any(|known| known.email.eq_ignore_ascii_case(&one.email)) {
                    found.push(one);
                }
            }
            found
        };
        Parties { from: all(Property::Organizer), to: all(Property::Attendee) }
    }

    /// Attachments that stand in the component itself; of others the address is told.
    fn files(&self) -> Vec<Enclosed> {
        let mut files = Vec::new();
        for entry in self.all(Property::Attach) {
            for value in &entry.values {
                let content = match value {
                    Value::Binary(content) => content.clone(),
                    Value::Uri(Uri::Data(data)) => data.data.clone(),
                    _ => continue,
                };
                let other = Parameter::Other("X-FILENAME".to_owned());
                let name = [&Parameter::Filename, &other].map(|name| parameter(entry, name)).into_iter().find(|name| !name.is_empty());
                let name = name.unwrap_or_else(|| format!("attachment-{}", files.len() + 1));
                files.push(Enclosed { name, media_type: parameter(entry, &Parameter::Fmttype), content });
            }
        }
        files
    }

    /// Everything that rolo has no field for, under its own name.
    fn rest(&mut self, kind: Kind) {
        for entry in &self.main.entries {
            let name = entry.name.as_str().to_uppercase();
            if READ.contains(&name.as_str()) || HOUSEKEEPING.contains(&name.as_str()) {
                continue;
            }
            let text = text(entry);
            if text.is_empty() {
                continue;
            }
            let mut member = name.to_lowercase().replace('.', "-");
            if crate::domain::fields::field(kind, &member).is_some() {
                member = format!("ics-{member}");
            }
            match self.tree.get_mut(&member) {
                Some(Json::String(known)) => {
                    known.push_str("; ");
                    known.push_str(&text);
                }
                Some(_) => {}
                None => drop(self.tree.insert(member, Json::from(text))),
            }
        }
    }
}
