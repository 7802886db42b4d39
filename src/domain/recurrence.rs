//! How something recurs: a rule of RFC 5545 in one line, and the moments that it comes
//! to between two times. It must not know records or the clock.
//!
//! The line holds what a calendar says of a series: the rule first, then words that it
//! may need, parted by spaces: `FREQ=WEEKLY;BYDAY=MO TZID=Europe/Prague
//! EXDATE=20260406T080000Z`. What other programs write wrongly is read as they meant it:
//! an end that is a day or names no zone, dropped days without a time.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use chrono::{NaiveDate, NaiveDateTime, TimeZone};
use chrono_tz::Tz;
use rrule::{RRule, RRuleSet, Unvalidated};

use super::Timestamp;
use super::zone::{day_at, midnight, moment_at, wall_clock};

/// How many moments of one rule are gone through.
const MOST_STEPS: usize = 100_000;

/// How many rules, and how many single days, one series may have.
const MOST_RULES: usize = 16;
const MOST_DAYS: usize = 10_000;

/// A day or a moment that a series adds or drops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Day {
    /// A moment.
    Moment(Timestamp),
    /// What a clock on the wall shows.
    Wall(NaiveDateTime),
    /// A whole day.
    Whole(NaiveDate),
}

/// How something recurs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recurrence {
    /// Rules without their name: `FREQ=WEEKLY;BYDAY=MO`.
    rules: Vec<String>,
    zone: Option<Tz>,
    whole_days: bool,
    dropped: Vec<Day>,
    added: Vec<Day>,
}

/// The moments of a series between two times.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Moments {
    /// The moments, in order.
    pub times: Vec<Timestamp>,
    /// Whether there are more than were gone through.
    pub is_cut: bool,
}

/// Why a text is no recurrence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\u{201c}{text}\u{201d} is no rule of recurrence: {why}")]
pub struct NoRecurrence {
    text: String,
    why: String,
}

fn refused(text: &str, why: impl fmt::Display) -> NoRecurrence {
    const SHOWN: usize = 80;
    NoRecurrence { text: text.chars().take(SHOWN).collect(), why: why.to_string() }
}

impl FromStr for Recurrence {
    type Err = NoRecurrence;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut found = Self::default();
        for word in text.split_whitespace() {
            let (name, rest) = word.split_once(['=', ':']).ok_or_else(|| refused(word, "a value is missing"))?;
            let days = |rest: &str| rest.split(',').take(MOST_DAYS).map(day).collect::<Result<Vec<_>, _>>();
            match name.to_ascii_uppercase().as_str() {
                "RRULE" => found.rules.push(rest.to_owned()),
                "TZID" => found.zone = Some(rest.parse().map_err(|_| refused(rest, "there is no such time zone"))?),
                "VALUE" => found.whole_days = rest.eq_ignore_ascii_case("DATE"),
                "EXDATE" => found.dropped.extend(days(rest)?),
                "RDATE" => found.added.extend(days(rest)?),
                _ => found.rules.push(word.to_owned()),
            }
        }
        if found.rules.len() > MOST_RULES || found.rules.is_empty() && found.added.is_empty() {
            return Err(refused(text, "there is none, or too many"));
        }
        if let Some(rule) = found.rules.iter().find(|rule| !rule.to_ascii_uppercase().split(';').any(|part| part.starts_with("FREQ="))) {
            return Err(refused(rule, "it says no frequency, such as FREQ=WEEKLY"));
        }
        Ok(found)
    }
}

impl fmt::Display for Recurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = self.rules.clone();
        words.extend(self.zone.map(|zone| format!("TZID={}", zone.name())));
        words.extend(self.whole_days.then(|| "VALUE=DATE".to_owned()));
        for (name, days) in [("EXDATE", &self.dropped), ("RDATE", &self.added)] {
            let texts: Vec<String> = days.iter().map(Day::to_string).collect();
            words.extend((!texts.is_empty()).then(|| format!("{name}={}", texts.join(","))));
        }
        f.write_str(&words.join(" "))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Moment(at) => at.utc().format("%Y%m%dT%H%M%SZ").fmt(f),
            Self::Wall(wall) => wall.format("%Y%m%dT%H%M%S").fmt(f),
            Self::Whole(day) => day.format("%Y%m%d").fmt(f),
        }
    }
}

/// Reads `20260105T080000Z`, `20260105T080000` or `20260105`; of a period its beginning.
fn day(text: &str) -> Result<Day, NoRecurrence> {
    let whole = text;
    let text = text.split('/').next().unwrap_or_default().trim();
    let (text, is_utc) = match text.strip_suffix(['Z', 'z']) {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let moment = NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok();
    match (moment, NaiveDate::parse_from_str(text, "%Y%m%d")) {
        (Some(moment), _) if is_utc => Ok(Day::Moment(Timestamp::from_utc(moment.and_utc()))),
        (Some(moment), _) => Ok(Day::Wall(moment)),
        (None, Ok(day)) => Ok(Day::Whole(day)),
        (None, Err(_)) => Err(refused(whole, "it is no date")),
    }
}

impl Recurrence {
    /// Returns whether the text is a rule that can be gone through from some start.
    pub fn is_sound(&self) -> bool {
        let start = Timestamp::EPOCH;
        let zone = self.zone.unwrap_or(Tz::UTC);
        self.rules.iter().all(|rule| self.rule(rule, start, zone).is_ok())
    }

    /// Returns the zone in which the series keeps its hour.
    pub fn zone(&self) -> Option<Tz> {
        self.zone
    }

    /// Returns whether what recurs are whole days.
    pub fn is_whole_days(&self) -> bool {
        self.whole_days
    }

    /// Returns the lines of a calendar that say so: name with parameters, and value.
    pub fn lines(&self) -> Vec<(String, String)> {
        let mut lines: Vec<(String, String)> = self.rules.iter().map(|rule| ("RRULE".to_owned(), rule.clone())).collect();
        for (name, days) in [("EXDATE", &self.dropped), ("RDATE", &self.added)] {
            for day in days {
                let head = match (day, self.zone) {
                    (Day::Whole(_), _) => format!("{name};VALUE=DATE"),
                    (Day::Wall(_), Some(zone)) => format!("{name};TZID={}", zone.name()),
                    _ => name.to_owned(),
                };
                lines.push((head, day.to_string()));
            }
        }
        lines
    }

    /// Returns the moments of a series that begins at `start`, from `from` on and before
    /// `until`, `most` at most; `zone` is that of series that name none. The start itself
    /// is one only where the rule comes to it, as with most calendars.
    ///
    /// # Errors
    /// A rule that says nothing that could be gone through.
    pub fn between(&self, start: Timestamp, zone: Tz, from: Timestamp, until: Timestamp, most: usize) -> Result<Moments, NoRecurrence> {
        let zone = self.zone.unwrap_or(zone);
        let mut moments = Moments::default();
        let mut times: BTreeSet<Timestamp> = BTreeSet::new();
        for rule in &self.rules {
            let set = RRuleSet::new(at(start, zone)?).rrule(self.rule(rule, start, zone)?).limit();
            let mut steps = 0;
            let mut found = 0;
            for one in &set {
                steps += 1;
                let time = Timestamp::from_utc(one.to_utc());
                if time >= until {
                    break;
                }
                if steps > MOST_STEPS || found > most.saturating_add(self.dropped.len()) {
                    moments.is_cut = true;
                    break;
                }
                if time >= from {
                    found += 1;
                    times.insert(time);
                }
            }
        }
        let moment = |day: &Day| match day {
            Day::Moment(at) => *at,
            Day::Wall(wall) => moment_at(zone, *wall),
            Day::Whole(day) if self.whole_days => midnight(zone, *day),
            // A day alone is that day at the hour of the series.
            Day::Whole(day) => moment_at(zone, day.and_time(wall_clock(zone, start).time())),
        };
        times.extend(self.added.iter().map(moment).filter(|time| (from..until).contains(time)));
        let dropped: BTreeSet<Timestamp> = self.dropped.iter().map(moment).collect();
        let days: BTreeSet<NaiveDate> =
            self.dropped.iter().filter_map(|day| if let Day::Whole(day) = day { Some(*day) } else { None }).collect();
        times.retain(|time| !dropped.contains(time) && !days.contains(&day_at(zone, *time)));
        moments.is_cut |= times.len() > most;
        moments.times = times.into_iter().take(most).collect();
        Ok(moments)
    }

    /// Returns the series from one of its moments on: what is counted is counted from
    /// there; `None` where nothing is left.
    ///
    /// # Errors
    /// A rule that says nothing that could be gone through.
    pub fn from_on(&self, start: Timestamp, zone: Tz, moment: Timestamp) -> Result<Option<Self>, NoRecurrence> {
        let mut rest = Self { rules: Vec::new(), ..self.clone() };
        for rule in &self.rules {
            let counted = |part: &&str| part.trim().to_ascii_uppercase().starts_with("COUNT=");
            let Some(count) = rule.split(';').find(counted) else {
                rest.rules.push(rule.clone());
                continue;
            };
            let alone = Self { rules: vec![rule.clone()], zone: self.zone, ..Self::default() };
            let passed = alone.between(start, zone, start, moment, MOST_STEPS)?.times.len();
            let count = count.trim().split_once('=').and_then(|(_, count)| count.trim().parse::<usize>().ok()).unwrap_or_default();
            if let Some(left) = count.checked_sub(passed).filter(|left| *left > 0) {
                let others = rule.split(';').filter(|part| !counted(part));
                rest.rules.push(others.map(str::to_owned).chain([format!("COUNT={left}")]).collect::<Vec<_>>().join(";"));
            }
        }
        Ok((!rest.rules.is_empty() || !rest.added.is_empty()).then_some(rest))
    }

    fn rule(&self, rule: &str, start: Timestamp, zone: Tz) -> Result<RRule, NoRecurrence> {
        // The reader of rules cuts names of days by bytes.
        if !rule.is_ascii() {
            return Err(refused(rule, "a rule has letters of ASCII only"));
        }
        let mut parts: Vec<String> = Vec::new();
        for part in rule.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or_else(|| refused(rule, format!("{part} has no value")))?;
            let name = name.to_ascii_uppercase();
            // What other programs add is no part of the rule.
            if name.starts_with("X-") || value.is_empty() {
                continue;
            }
            if name == "UNTIL" {
                let end = match day(value)? {
                    Day::Moment(at) => at,
                    Day::Wall(wall) => moment_at(zone, wall),
                    // A day is meant to its end.
                    Day::Whole(day) => moment_at(zone, day.and_hms_opt(23, 59, 59).unwrap_or_default()),
                };
                parts.push(format!("UNTIL={}", Day::Moment(end.max(start))));
                // An end before the start: nothing is left.
                if end < start {
                    parts.push("COUNT=0".to_owned());
                }
                continue;
            }
            if name == "INTERVAL" && value.trim_start_matches('0').is_empty() {
                return Err(refused(rule, "an interval of nothing"));
            }
            parts.push(format!("{name}={}", value.to_ascii_uppercase()));
        }
        let text = parts.join(";");
        let parsed: RRule<Unvalidated> = text.parse().map_err(|why: rrule::RRuleError| refused(rule, why))?;
        parsed.validate(at(start, zone)?).map_err(|why| refused(rule, why))
    }
}

/// Returns a moment as the library has it.
fn at(start: Timestamp, zone: Tz) -> Result<chrono::DateTime<rrule::Tz>, NoRecurrence> {
    let utc = start.utc().naive_utc();
    let years = NaiveDate::from_ymd_opt(1, 1, 1).zip(NaiveDate::from_ymd_opt(9999, 1, 1));
    if years.is_none_or(|(first, last)| utc.date() < first || utc.date() > last) {
        return Err(refused(&start.to_string(), "it begins in no year of ours"));
    }
    Ok(rrule::Tz::Tz(zone).from_utc_datetime(&utc))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn time(text: &str) -> Timestamp {
        Timestamp::from_rfc3339(text).unwrap()
    }

    fn between(rule: &str, start: &str, from: &str, until: &str) -> Vec<String> {
        let rule: Recurrence = rule.parse().unwrap();
        let found = rule.between(time(start), Tz::UTC, time(from), time(until), 50).unwrap();
        found.times.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_series_keeps_its_hour_on_the_wall() {
        let weekly = "FREQ=WEEKLY;BYDAY=MO TZID=Europe/Prague";
        let found = between(weekly, "2026-03-16T08:00:00Z", "2026-03-20T00:00:00Z", "2026-04-10T00:00:00Z");
        assert_eq!(found, ["2026-03-23T08:00:00Z", "2026-03-30T07:00:00Z", "2026-04-06T07:00:00Z"]);
    }

    #[test]
    fn an_end_is_read_as_it_was_meant() {
        let start = "2026-01-05T09:00:00Z";
        let days = |until: &str| between(&format!("FREQ=DAILY;UNTIL={until}"), start, start, "2027-01-01T00:00:00Z").len();
        assert_eq!(days("20260107"), 3);
        assert_eq!(days("20260107T090000"), 3);
        assert_eq!(days("20260107T090000Z"), 3);
        assert_eq!(days("20260107T085959Z"), 2);
        // The zone's wall clock says when a series with a zone ends.
        let zoned = "FREQ=DAILY;UNTIL=20260107T100000 TZID=Europe/Prague";
        assert_eq!(between(zoned, start, start, "2027-01-01T00:00:00Z").len(), 3);
    }

    #[test]
    fn a_rule_of_other_letters_is_refused() {
        let start = time("2026-01-05T09:00:00Z");
        for text in ["FREQ=WEEKLY;BYDAY=1\u{9830}", "FREQ=\u{9830}"] {
            let Ok(recurrence) = text.parse::<Recurrence>() else { continue };
            assert!(recurrence.between(start, Tz::UTC, start, start.plus_seconds(86_400), 50).is_err(), "{text}");
        }
    }

    #[test]
    fn days_are_dropped_and_added() {
        let start = "2026-01-05T09:00:00Z";
        let rule = "FREQ=DAILY;COUNT=4 EXDATE=20260106T090000Z,20260107 RDATE=20260201T120000Z";
        assert_eq!(
            between(rule, start, start, "2027-01-01T00:00:00Z"),
            ["2026-01-05T09:00:00Z", "2026-01-08T09:00:00Z", "2026-02-01T12:00:00Z"]
        );
    }

    #[test]
    fn what_goes_on_for_ever_is_cut() {
        let rule: Recurrence = "FREQ=SECONDLY".parse().unwrap();
        let found = rule.between(time("1990-01-01T00:00:00Z"), Tz::UTC, time("2026-01-01T00:00:00Z"), time("2027-01-01T00:00:00Z"), 10);
        assert!(found.unwrap().is_cut);
        let never: Recurrence = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30".parse().unwrap();
        let found = never.between(time("1990-01-01T00:00:00Z"), Tz::UTC, Timestamp(i64::MIN), Timestamp(i64::MAX), 10).unwrap();
        assert_eq!(found.times, []);
    }

    #[test]
    fn a_text_that_is_no_rule_is_refused() {
        for text in ["", "weekly", "BYDAY=MO", "FREQ=WEEKLY TZID=Nowhere/At_All", "FREQ=WEEKLY EXDATE=tomorrow"] {
            assert!(text.parse::<Recurrence>().is_err(), "{text}");
        }
        for text in ["FREQ=FORTNIGHTLY", "FREQ=WEEKLY;BYDAY=XX", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;COUNT=-1"] {
            assert!(!text.parse::<Recurrence>().unwrap().is_sound(), "{text}");
        }
        assert!("RRULE:FREQ=WEEKLY;WKST=SU".parse::<Recurrence>().unwrap().is_sound());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_text_brings_it_down(
            text in "(FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY|HOURLY|SECONDLY)[;A-Z=,0-9-]{0,30}|[A-Z=; :0-9]{0,40})( (EXDATE|TZID|RDATE)=[A-Za-z/0-9,]{0,20})?",
            start in -62_135_596_800_000_000_i64..253_402_300_799_000_000,
            span in 0_i64..1_000_000_000_000_000,
        ) {
            if let Ok(rule) = text.parse::<Recurrence>() {
                let again = rule.to_string().parse::<Recurrence>();
                prop_assert_eq!(again.as_ref(), Ok(&rule));
                let found = rule.between(Timestamp(start), Tz::Europe__Prague, Timestamp(start), Timestamp(start.saturating_add(span)), 20);
                if let Ok(found) = found {
                    prop_assert!(found.times.len() <= 20 && found.times.is_sorted());
                }
            }
        }

        #[test]
        fn what_is_printed_is_read_again(
            count in 1_u32..100, drop in proptest::collection::vec(0_i64..4_000_000_000, 0..4), zone in proptest::sample::select(vec!["", " TZID=Asia/Tokyo"]),
        ) {
            let days: Vec<String> = drop.iter().map(|at| Day::Moment(Timestamp(at * 1_000_000)).to_string()).collect();
            let days = if days.is_empty() { String::new() } else { format!(" EXDATE={}", days.join(",")) };
            let text = format!("FREQ=DAILY;COUNT={count}{zone}{days}");
            prop_assert_eq!(text.parse::<Recurrence>().unwrap().to_string(), text);
        }
    }
}
