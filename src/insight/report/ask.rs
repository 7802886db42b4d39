//! What a report is asked with: which records, of when, by what.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;

use super::table::Spec;
use super::{ReportError, figure::Behind};
use crate::domain::zone::{day_at, midnight};
use crate::domain::{Definitions, Kind, Period, Record, RecordId, Timestamp, fold};
use crate::query::Query;
use crate::store::api::View;

/// Something a report may be asked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, as typed behind `--`.
    pub name: &'static str,
    /// What it means.
    pub help: &'static str,
}

const fn p(name: &'static str, help: &'static str) -> Parameter {
    Parameter { name, help }
}

/// Everything that reports may be asked with.
pub const PARAMETERS: &[Parameter] = &[
    p("period", "of when: 2026-q4, 2026-11, quarter, last-quarter, 2026-01-01..2026-03-31, -90d.."),
    p("by", "a row for each value of a field: owner, source, product, owner.manager, closed_at.quarter; several with a comma"),
    p("owner", "only what this person owns"),
    p("team", "only what this team owns"),
    p("pipeline", "only this pipeline"),
    p("since", "compared with that day"),
    p("until", "and this one; by default now"),
    p("what-if", "as if a record were changed: o12 stage=won amount=5k"),
];

/// A stretch of time, as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// How queries name it: `2026-q4`, `2026-01-01..2026-03-31`.
    pub text: String,
    /// Its first moment; `None` from the beginning of time.
    pub from: Option<Timestamp>,
    /// The first moment behind it; `None` to the end of time.
    pub to: Option<Timestamp>,
}

impl Span {
    /// Returns the stretch that a text means.
    ///
    /// # Errors
    /// A text that says nothing about time.
    pub fn parse(text: &str, zone: Tz, now: Timestamp) -> Result<Self, ReportError> {
        let text = text.trim();
        let whole = named(text, day_at(zone, now)).unwrap_or_else(|| text.to_owned());
        let read = |part: &str| {
            Period::parse(part, zone, now).ok_or_else(|| {
                ReportError::usage(format!("\u{201c}{text}\u{201d} is no period"))
                    .hint("write 2026-q4, 2026-11, quarter, last-quarter, 2026-01-01..2026-03-31, -90d.. or ..today")
            })
        };
        let (from, to) = match whole.split_once("..") {
            None => {
                let period = read(&whole)?;
                (Some(period.from), Some(period.to))
            }
            Some((from, to)) => {
                let from = (!from.is_empty()).then(|| read(from)).transpose()?.map(|period| period.from);
                let to = (!to.is_empty()).then(|| read(to)).transpose()?.map(|period| period.to);
                if let (Some(from), Some(to)) = (from, to)
                    && from >= to
                {
                    return Err(ReportError::usage(format!("the period {text} ends before it begins")));
                }
                (from, to)
            }
        };
        Ok(Self { text: whole, from, to })
    }

    /// Returns whether a moment lies within.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to)
    }

    /// Returns whether a day does.
    pub fn contains_day(&self, day: NaiveDate, zone: Tz) -> bool {
        self.contains(midnight(zone, day))
    }
}

/// Returns a stretch that has a name of its own, as queries write it.
fn named(text: &str, today: NaiveDate) -> Option<String> {
    let (shift, unit) = match text.split_once('-') {
        Some(("last", unit)) => (-1, unit),
        Some(("next", unit)) => (1, unit),
        Some(("this", unit)) => (0, unit),
        _ => (0, text),
    };
    let (year, month) = (today.year(), today.month0() as i32);
    match unit {
        "year" => Some(format!("{:04}", year + shift)),
        "quarter" => {
            let at = year * 4 + month / 3 + shift;
            Some(format!("{:04}-q{}", at.div_euclid(4), at.rem_euclid(4) + 1))
        }
        "month" => {
            let at = year * 12 + month + shift;
            Some(format!("{:04}-{:02}", at.div_euclid(12), at.rem_euclid(12) + 1))
        }
        _ => None,
    }
}

/// What a report is asked with.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The clock and the user.
    pub view: View,
    /// What the team owns.
    pub definitions: Arc<Definitions>,
    /// The parameters that were given, by name.
    pub given: HashMap<&'static str, String>,
    /// Further words of a query: which records.
    pub query: String,
    /// Records as they would be: a scratch layer over those that are kept.
    pub instead: HashMap<RecordId, Arc<Record>>,
    /// Whether an opportunity was met that closes after the moment of the report.
    pub(super) closes_later: Cell<bool>,
}

impl Ask {
    /// Returns the asking without any parameter.
    pub fn new(view: View, definitions: Arc<Definitions>) -> Self {
        Self { view, definitions, given: HashMap::new(), query: String::new(), instead: HashMap::new(), closes_later: Cell::new(false) }
    }

    /// Gives a parameter.
    ///
    /// # Errors
    /// A name that is none, with the nearest.
    pub fn give(&mut self, name: &str, value: impl Into<String>) -> Result<(), ReportError> {
        let Some(known) = PARAMETERS.iter().find(|known| known.name == name) else {
            let error = ReportError::usage(format!("no report is asked with --{name}"));
            let names = PARAMETERS.iter().map(|known| known.name);
            return Err(match fold::nearest(name, names) {
                Some(near) => error.hint(format!("did you mean --{near}?")),
                None => error.hint("rolo report lists the reports and what each is asked with"),
            });
        };
        self.given.insert(known.name, value.into());
        Ok(())
    }

    /// Returns a parameter, if it was given.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.given.get(name).map(String::as_str).filter(|value| !value.trim().is_empty())
    }

    /// Refuses parameters that a report is not asked with.
    pub(super) fn check(&self, spec: &Spec) -> Result<(), ReportError> {
        for name in self.given.keys() {
            if !spec.takes.contains(name) {
                let takes: Vec<String> = spec.takes.iter().map(|name| format!("--{name}")).collect();
                let error = ReportError::usage(format!("{} is not asked with --{name}", spec.name));
                return Err(error.hint(format!("it is asked with {}", takes.join(", "))));
            }
        }
        Ok(())
    }

    /// Returns the zone whose days all days are.
    pub fn zone(&self) -> Tz {
        self.definitions.settings.timezone
    }

    /// Returns today.
    pub fn today(&self) -> NaiveDate {
        day_at(self.zone(), self.view.now)
    }

    /// Returns the period that was asked for.
    ///
    /// # Errors
    /// It is none.
    pub fn period(&self) -> Result<Option<Span>, ReportError> {
        self.get("period").map(|text| Span::parse(text, self.zone(), self.view.now)).transpose()
    }

    /// Returns the period that was asked for, else this one.
    ///
    /// # Errors
    /// It is none.
    pub fn period_or(&self, otherwise: &str) -> Result<Span, ReportError> {
        Span::parse(self.get("period").unwrap_or(otherwise), self.zone(), self.view.now)
    }

    /// Returns the query that owner, team, pipeline and words come to, for records that
    /// have these.
    pub fn narrowed(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        if let Some(owner) = self.get("owner") {
            parts.push(format!("owner:{}", quote(owner)));
        }
        if let Some(team) = self.get("team") {
            let team = quote(team);
            parts.push(format!("(team:{team} or owner.team:{team})"));
        }
        if let Some(pipeline) = self.get("pipeline") {
            parts.push(format!("pipeline:{}", quote(pipeline)));
        }
        both(&parts.join(" "), &self.query)
    }

    /// Reads a query over a kind; none for all.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(&self, kind: Kind, text: &str) -> Result<Option<Arc<Query>>, ReportError> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        Ok(Some(Arc::new(Query::parse(text, kind, &self.definitions)?)))
    }
}

/// Returns the query that wants both.
pub(super) fn both(one: &str, other: &str) -> String {
    let bracketed = |text: &str| {
        let text = text.trim();
        let is_or = text.split_whitespace().any(|word| matches!(word, "or" | "OR" | "|")) && !is_bracketed(text);
        if is_or { format!("({text})") } else { text.to_owned() }
    };
    match (one.trim().is_empty(), other.trim().is_empty()) {
        (true, _) => other.trim().to_owned(),
        (_, true) => one.trim().to_owned(),
        _ => format!("{} {}", bracketed(one), bracketed(other)),
    }
}

/// Whether one pair of brackets holds all of it.
fn is_bracketed(text: &str) -> bool {
    text.starts_with('(') && text.ends_with(')') && text[1..text.len() - 1].find(['(', ')']).is_none()
}

/// Returns a value as a query takes it whole.
pub(super) fn quote(value: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '@' | '/');
    if !value.is_empty() && value.chars().all(plain) && !value.starts_with(['/', '-']) {
        return value.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in value.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => quoted.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

impl Behind {
    /// Returns the opportunities of a query.
    pub(super) fn deals(query: &str) -> Self {
        Self { kind: Kind::Opportunity, query: query.trim().to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str) -> Result<String, String> {
        let now = Timestamp::from_rfc3339("2026-11-29T10:30:00Z").expect("valid");
        let told = |at: Option<Timestamp>| at.map_or_else(|| "-".to_owned(), |at| at.to_string());
        let span = Span::parse(text, Tz::UTC, now).map_err(|error| error.to_string())?;
        Ok(format!("{} {} {}", span.text, told(span.from), told(span.to)))
    }

    #[test]
    fn periods_have_names_and_ends() {
        for (text, expected) in [
            ("quarter", "2026-q4 2026-10-01T00:00:00Z 2027-01-01T00:00:00Z"),
            ("next-quarter", "2027-q1 2027-01-01T00:00:00Z 2027-04-01T00:00:00Z"),
            ("last-month", "2026-10 2026-10-01T00:00:00Z 2026-11-01T00:00:00Z"),
            ("last-year", "2025 2025-01-01T00:00:00Z 2026-01-01T00:00:00Z"),
            ("..2017-11-30", "..2017-11-30 - 2017-12-01T00:00:00Z"),
            ("2026-01..2026-03", "2026-01..2026-03 2026-01-01T00:00:00Z 2026-04-01T00:00:00Z"),
            ("2026-11-01..", "2026-11-01.. 2026-11-01T00:00:00Z -"),
        ] {
            assert_eq!(span(text).as_deref(), Ok(expected), "{text}");
        }
        for text in ["", "soon", "2026-q5", "2026-03..2026-01", "last-week-end", "2026-01...2026-02"] {
            assert!(span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn queries_are_joined_as_they_are_meant() {
        assert_eq!(both("", " stage:won "), "stage:won");
        assert_eq!(both("owner:me", "stage:won or stage:lost"), "owner:me (stage:won or stage:lost)");
        assert_eq!(both("(a or b)", "c"), "(a or b) c");
        assert_eq!(quote("Ada \"A\" Novák"), "\"Ada \\\"A\\\" Novák\"");
        assert_eq!(quote("*"), "\"*\"");
    }
}
