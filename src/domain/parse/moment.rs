//! What a text says about time: a moment, a day, a span of days.
//!
//! One reading for values, for the periods of queries and for `log --next`. Days and
//! clock times are those of the zone; relative words count from `now`, which is given.

use chrono::{Datelike, Days, Months, NaiveDate, NaiveTime, TimeDelta};
use chrono_tz::Tz;

use super::error::{ValueError, quoted};
use super::natural;
use crate::domain::zone::{day_at, moment_at, wall_clock};
use crate::domain::{Date, Timestamp};

/// What a text says about time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::domain) enum Moment {
    /// A moment, and how many microseconds it stands for: a minute where no seconds
    /// were written.
    At(Timestamp, i64),
    /// A moment so many days, weeks, months or years from now, at the same time of
    /// day; the day is meant where a span of time is asked for.
    Shifted(Timestamp, NaiveDate),
    /// A day.
    Day(NaiveDate),
    /// Several days: the first, and the one after the last.
    Days(NaiveDate, NaiveDate),
}

const MINUTE: i64 = 60_000_000;

/// Returns what a text says about time, if it says it in one of the documented forms.
pub(in crate::domain) fn moment(text: &str, zone: Tz, now: Timestamp) -> Option<Moment> {
    // Every form is short; what is longer is no date.
    const LONGEST: usize = 48;
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST || !text.is_ascii() {
        return None;
    }
    let text = text.to_ascii_lowercase();
    if text == "now" {
        return Some(Moment::At(now, 1));
    }
    if let Some(found) = shifted(&text, zone, now).or_else(|| span(&text)).or_else(|| written(&text, zone)) {
        return Some(found);
    }
    let today = day_at(zone, now);
    let words: Vec<&str> = text.split_whitespace().collect();
    let (day, rest) = match words.as_slice() {
        ["in", count, unit] if hours_or_minutes(unit).is_some() => {
            return shifted(&format!("+{}{}", natural::count(count)?, hours_or_minutes(unit)?), zone, now);
        }
        ["at", time] if clock_of_day(time).is_some() => (today, &words[1..]),
        [time] if clock_of_day(time).is_some() => (today, &words[..]),
        [word, rest @ ..] => match day_word(word, today, zone, now) {
            Some(day) => (day, rest),
            None => {
                let (day, used) = natural::day(&words, today)?;
                (day, &words[used..])
            }
        },
        [] => return None,
    };
    match rest {
        [] => Some(Moment::Day(day)),
        [time] | ["at", time] => {
            let (time, precision) = clock_of_day(time)?;
            Some(Moment::At(moment_at(zone, day.and_time(time)), precision))
        }
        _ => None,
    }
}

fn hours_or_minutes(unit: &str) -> Option<&'static str> {
    match unit {
        "h" | "hour" | "hours" => Some("h"),
        "min" | "mins" | "minute" | "minutes" => Some("min"),
        _ => None,
    }
}

/// Reads `9:30`, `9am`.
fn clock_of_day(text: &str) -> Option<(NaiveTime, i64)> {
    let named = |hour| NaiveTime::from_hms_opt(hour, 0, 0).map(|time| (time, MINUTE));
    match text {
        "noon" => named(12),
        "midnight" => named(0),
        _ => clock(text).or_else(|| natural::half_day(text).map(|time| (time, MINUTE))),
    }
}

/// Returns the day that a word means when a time of day may follow it.
fn day_word(word: &str, today: NaiveDate, zone: Tz, now: Timestamp) -> Option<NaiveDate> {
    match word {
        "today" => Some(today),
        "yesterday" => today.pred_opt(),
        "tomorrow" => today.succ_opt(),
        _ => match shifted(word, zone, now) {
            Some(Moment::Shifted(_, day)) => Some(day),
            Some(_) => None,
            None => match natural::weekday(word) {
                Some(weekday) => {
                    let monday = today.checked_sub_days(Days::new(u64::from(today.weekday().num_days_from_monday())))?;
                    monday.checked_add_days(Days::new(u64::from(weekday.num_days_from_monday())))
                }
                None => whole_date(word),
            },
        },
    }
}

fn whole_date(text: &str) -> Option<NaiveDate> {
    text.parse::<Date>().ok()?.whole()
}

/// Reads `+2w`, `-7d`, `-3m`, `+1y`, `-2h`, `-90min`.
fn shifted(text: &str, zone: Tz, now: Timestamp) -> Option<Moment> {
    let back = match text.as_bytes().first()? {
        b'-' => true,
        b'+' => false,
        _ => return None,
    };
    let unit = text[1..].trim_start_matches(|c: char| c.is_ascii_digit());
    let count: u32 = text[1..text.len() - unit.len()].parse().ok()?;
    let minutes = match unit {
        "h" => Some(60),
        "min" => Some(1),
        _ => None,
    };
    if let Some(minutes) = minutes {
        let micros = i64::from(count).checked_mul(minutes * MINUTE)?;
        let at = if back { now.0.checked_sub(micros)? } else { now.0.checked_add(micros)? };
        return Some(Moment::At(Timestamp(at), 1));
    }
    let wall = wall_clock(zone, now);
    let days = |days: u32| if back { wall.checked_sub_days(Days::new(days.into())) } else { wall.checked_add_days(Days::new(days.into())) };
    let months =
        |months: u32| if back { wall.checked_sub_months(Months::new(months)) } else { wall.checked_add_months(Months::new(months)) };
    let then = match unit {
        "d" => days(count),
        "w" => days(count.checked_mul(7)?),
        "m" => months(count),
        "y" => months(count.checked_mul(12)?),
        _ => None,
    }?;
    Date::from_naive(then.date())?;
    Some(Moment::Shifted(moment_at(zone, then), then.date()))
}

/// Reads `2026-01-31`, `2026-01`, `2026-q1`, `2026`.
fn span(text: &str) -> Option<Moment> {
    if let Some((year, quarter)) = text.split_once("-q") {
        let year = text_year(year)?;
        let quarter: u32 = quarter.parse().ok().filter(|quarter| (1..=4).contains(quarter) && text.len() == 7)?;
        let first = NaiveDate::from_ymd_opt(year, quarter * 3 - 2, 1)?;
        return Some(Moment::Days(first, first.checked_add_months(Months::new(3))?));
    }
    let date: Date = text.parse().ok()?;
    if let Some(day) = date.whole() {
        return Some(Moment::Day(day));
    }
    let (first, last) = date.span()?;
    Some(Moment::Days(first, last.succ_opt()?))
}

fn text_year(text: &str) -> Option<i32> {
    (text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten().filter(|year| *year > 0)
}

/// Reads `2026-02-03T10:00`, `2026-02-03 10:00:30.5`, each with or without an offset
/// (`Z`, `+01:00`): RFC 3339 and what people make of it.
fn written(text: &str, zone: Tz) -> Option<Moment> {
    let day = whole_date(text.get(..10)?)?;
    let rest = &text[10..];
    let rest = rest.strip_prefix('t').or_else(|| rest.strip_prefix(' '))?.trim_start();
    let offset_at = rest.find(['z', '+', '-']).unwrap_or(rest.len());
    let (time, offset) = rest.split_at(offset_at);
    let (time, precision) = clock(time.trim_end())?;
    let wall = day.and_time(time);
    let at = match offset {
        "" => moment_at(zone, wall),
        "z" => Timestamp::from_utc(wall.and_utc()),
        _ => {
            let digits: String = offset[1..].chars().filter(|c| *c != ':').collect();
            if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            let minutes =
                digits[..2].parse::<i64>().ok().filter(|h| *h < 24)? * 60 + digits[2..].parse::<i64>().ok().filter(|m| *m < 60)?;
            let minutes = if offset.starts_with('-') { -minutes } else { minutes };
            Timestamp::from_utc(wall.checked_sub_signed(TimeDelta::minutes(minutes))?.and_utc())
        }
    };
    Some(Moment::At(at, precision))
}

/// Reads `9:30`, `10:00`, `10:00:30`, `10:00:30.25`; returns the time and what its last
/// digit stands for, in microseconds.
fn clock(text: &str) -> Option<(NaiveTime, i64)> {
    let number = |part: &str, longest: usize| -> Option<u32> {
        ((1..=longest).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok()).flatten()
    };
    let mut parts = text.split(':');
    let hour = number(parts.next()?, 2)?;
    let minute = parts.next().filter(|part| part.len() == 2).and_then(|part| number(part, 2))?;
    let Some(seconds) = parts.next() else {
        return Some((NaiveTime::from_hms_opt(hour, minute, 0)?, MINUTE));
    };
    if parts.next().is_some() {
        return None;
    }
    let (second, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let second = Some(second).filter(|part| part.len() == 2).and_then(|part| number(part, 2))?;
    // A leap second is the last second of its minute.
    let second = if second == 60 { 59 } else { second };
    if !seconds.contains('.') {
        return Some((NaiveTime::from_hms_opt(hour, minute, second)?, 1_000_000));
    }
    number(fraction, 9)?;
    // Moments are exact to the microsecond; what is finer is cut.
    let kept = &fraction[..fraction.len().min(6)];
    let unit = 10_u32.pow(6 - kept.len() as u32);
    let micros = kept.parse::<u32>().ok()? * unit;
    Some((NaiveTime::from_hms_micro_opt(hour, minute, second, micros)?, i64::from(unit)))
}

/// The forms of a time, for messages.
const TIME_FORMS: &str =
    "write 2026-01-31 10:00, 2026-01-31, today, tomorrow 9:30, next fri 10:00, in 2 weeks, 31.1., 9am, -2h, +2w or 2026-01-31T10:00:00Z";

/// The forms of a date, for messages.
const DATE_FORMS: &str = "write 2026-01-31, 2026-01, 2026, --01-31, today, tomorrow, friday, next fri, in 2 weeks, 31.1., eom, +2w or -3m";

/// Returns the moment that a text means as a value; a day is its midnight in the zone.
pub(super) fn time(text: &str, zone: Tz, now: Timestamp) -> Result<Timestamp, ValueError> {
    let at = match moment(text, zone, now) {
        Some(Moment::At(at, _) | Moment::Shifted(at, _)) => Some(at),
        Some(Moment::Day(day)) => Some(crate::domain::zone::midnight(zone, day)),
        Some(Moment::Days(..)) => {
            return Err(ValueError::refused(format!("{} is several days and no time", quoted(text.trim()))).hint(TIME_FORMS));
        }
        None => None,
    };
    at.filter(|at| (FIRST..=LAST).contains(at))
        .ok_or_else(|| ValueError::refused(format!("{} is no time", quoted(text.trim()))).hint(TIME_FORMS))
}

/// The first and last moment that RFC 3339 can write: the years 1 to 9999.
const FIRST: Timestamp = Timestamp(-62_135_596_800_000_000);
const LAST: Timestamp = Timestamp(253_402_300_799_999_999);

/// Returns the date that a text means as a value, possibly partial; of a moment the
/// day in the zone.
pub(super) fn date(text: &str, zone: Tz, now: Timestamp) -> Result<Date, ValueError> {
    let text = text.trim();
    if let Ok(date) = text.parse() {
        return Ok(date);
    }
    let day = match moment(text, zone, now) {
        Some(Moment::At(at, _)) => Some(day_at(zone, at)),
        Some(Moment::Shifted(_, day) | Moment::Day(day)) => Some(day),
        Some(Moment::Days(..)) | None => None,
    };
    day.and_then(Date::from_naive).ok_or_else(|| ValueError::refused(format!("{} is no date", quoted(text))).hint(DATE_FORMS))
}

/// Returns the moment that a text means to somebody who looks ahead: what comes again
/// (`fri`, `31.1.`, `9am`) is the next one, never one that is past.
pub(super) fn time_ahead(text: &str, zone: Tz, now: Timestamp) -> Result<Timestamp, ValueError> {
    let at = time(text, zone, now)?;
    Ok(ahead(text, at, zone, now).unwrap_or(at))
}

/// Returns the date that a text means to somebody who looks ahead.
pub(super) fn date_ahead(text: &str, zone: Tz, now: Timestamp) -> Result<Date, ValueError> {
    let found = date(text, zone, now)?;
    let day = found.whole().map(|day| crate::domain::zone::midnight(zone, day));
    let next = day.and_then(|day| ahead(text, day, zone, now)).and_then(|at| Date::from_naive(day_at(zone, at)));
    Ok(next.unwrap_or(found))
}

/// Returns the moment that a text means; a day is its midnight in the zone.
///
/// # Errors
/// A text that means none, with the forms that there are.
pub fn moment_of(text: &str, zone: Tz, now: Timestamp) -> Result<Timestamp, ValueError> {
    time(text, zone, now)
}

/// Returns the time that a text begins with and what follows it: the date and the
/// title of `--next "next fri 10:00 call back"`. The longest beginning counts. A day
/// that comes again (`fri`, `31.1.`) is the next one here, never one that is past.
pub fn leading_time(text: &str, zone: Tz, now: Timestamp) -> Option<(Timestamp, &str)> {
    /// `in 2 weeks at 10:00`.
    const WORDS: usize = 5;
    let text = text.trim();
    let mut ends: Vec<usize> = Vec::new();
    let mut inside = false;
    for (at, c) in text.char_indices() {
        if c.is_whitespace() && inside {
            ends.push(at);
        }
        inside = !c.is_whitespace();
        if ends.len() == WORDS {
            break;
        }
    }
    if ends.len() < WORDS {
        ends.push(text.len());
    }
    let (at, end) = ends.iter().rev().find_map(|&end| Some((time_ahead(&text[..end], zone, now).ok()?, end)))?;
    Some((at, text[end..].trim_start()))
}

/// Returns the next such moment where the text names a day of a week or year, or a time
/// of day, that comes again and is past.
fn ahead(said: &str, at: Timestamp, zone: Tz, now: Timestamp) -> Option<Timestamp> {
    let wall = wall_clock(zone, at);
    // A day alone is not past before it ends.
    let is_day = wall.time() == NaiveTime::MIN;
    if at >= now || (is_day && day_at(zone, at) >= day_at(zone, now)) {
        return None;
    }
    let said = said.to_ascii_lowercase();
    let words: Vec<&str> = said.split_whitespace().collect();
    let then = match words.as_slice() {
        [time] | ["at", time] if clock_of_day(time).is_some() => wall.checked_add_days(Days::new(1)),
        _ => match natural::comes_again(&words)? {
            natural::Again::Week => wall.checked_add_days(Days::new(7)),
            natural::Again::Year => wall.checked_add_months(Months::new(12)),
        },
    }?;
    Date::from_naive(then.date())?;
    Some(moment_at(zone, then))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A Wednesday: 11:30 in Prague.
    fn now() -> Timestamp {
        Timestamp::from_rfc3339("2026-02-04T10:30:00Z").expect("valid")
    }

    fn prague() -> Tz {
        Tz::Europe__Prague
    }

    fn time_of(text: &str) -> Option<String> {
        time(text, prague(), now()).ok().map(|at| at.to_string())
    }

    #[test]
    fn times_as_typed() {
        for (text, at) in [
            ("2026-02-03T10:00:00Z", "2026-02-03T10:00:00Z"),
            ("2026-02-03T10:00:00.25+02:00", "2026-02-03T08:00:00.250Z"),
            ("2026-02-03 10:00", "2026-02-03T09:00:00Z"),
            ("2026-02-03T10:00", "2026-02-03T09:00:00Z"),
            ("2026-07-03 9:05", "2026-07-03T07:05:00Z"),
            ("2026-02-03", "2026-02-02T23:00:00Z"),
            ("now", "2026-02-04T10:30:00Z"),
            ("today", "2026-02-03T23:00:00Z"),
            ("Tomorrow 9:30", "2026-02-05T08:30:00Z"),
            ("yesterday", "2026-02-02T23:00:00Z"),
            ("monday", "2026-02-01T23:00:00Z"),
            ("sun 18:00", "2026-02-08T17:00:00Z"),
            ("next wed", "2026-02-10T23:00:00Z"),
            ("next fri 10:00", "2026-02-06T09:00:00Z"),
            ("last friday", "2026-01-29T23:00:00Z"),
            ("-7d", "2026-01-28T10:30:00Z"),
            ("+2w", "2026-02-18T10:30:00Z"),
            ("-3m", "2025-11-04T10:30:00Z"),
            // Summer time: the same hour on the wall.
            ("+6m", "2026-08-04T09:30:00Z"),
            ("+1y", "2027-02-04T10:30:00Z"),
            ("-2h", "2026-02-04T08:30:00Z"),
            ("-90min", "2026-02-04T09:00:00Z"),
            ("+2w 9:00", "2026-02-18T08:00:00Z"),
            ("in 2 weeks", "2026-02-17T23:00:00Z"),
            ("in 2 weeks 9:00", "2026-02-18T08:00:00Z"),
            ("in 2 hours", "2026-02-04T12:30:00Z"),
            ("next week", "2026-02-08T23:00:00Z"),
            ("tomorrow 9am", "2026-02-05T08:00:00Z"),
            ("14:30", "2026-02-04T13:30:00Z"),
            ("9pm", "2026-02-04T20:00:00Z"),
            ("31.1.", "2026-01-30T23:00:00Z"),
            ("31.1.2027 10:00", "2027-01-31T09:00:00Z"),
            ("5 Mar 10:00", "2026-03-05T09:00:00Z"),
            ("eom", "2026-02-27T23:00:00Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ] {
            assert_eq!(time_of(text).as_deref(), Some(at), "{text}");
        }
        for text in [
            "",
            "soon",
            "2026",
            "2026-02",
            "2026-q1",
            "2026-02-30",
            "25:00",
            "2026-02-03 24:01",
            "2026-02-03T10",
            "2026-02-03 1:2",
            "7d",
            "-d",
            "+99999999999d",
            "+4000000000m",
            "next",
            "next x",
            "next fri 10",
            "tu",
            "2026-02-03T10:00+25:00",
            "2026-02-03T10:00:00.Z",
            "-2h 10:00",
            "+4000000000h",
            "0001-01-01T00:00:00+01:00",
            "9999-12-31T23:30:00-01:00",
            "today today",
            "２０２６-02-03",
        ] {
            assert_eq!(time_of(text), None, "{text}");
        }
    }

    #[test]
    fn dates_as_typed() {
        for (text, read) in [
            ("2026-01-31", "2026-01-31"),
            ("2026-01", "2026-01"),
            ("2026", "2026"),
            ("--05-17", "--05-17"),
            ("today", "2026-02-04"),
            ("+2w", "2026-02-18"),
            ("next fri", "2026-02-06"),
            ("2026-02-03T23:30:00Z", "2026-02-04"),
        ] {
            assert_eq!(date(text, prague(), now()).map(|date| date.to_string()), Ok(read.to_owned()), "{text}");
        }
        assert_eq!(date("31.1.2026", prague(), now()).map(|date| date.to_string()), Ok("2026-01-31".to_owned()));
        let error = date("31/1/2026", prague(), now()).expect_err("not a form");
        assert_eq!(error.to_string(), "\u{201c}31/1/2026\u{201d} is no date");
        assert!(error.hint.is_some_and(|hint| hint.starts_with("write 2026-01-31")));
    }

    #[test]
    fn a_time_before_a_title() {
        let read = |text| leading_time(text, prague(), now()).map(|(at, rest)| (at.to_string(), rest.to_owned()));
        assert_eq!(read("next fri 10:00 call  back"), Some(("2026-02-06T09:00:00Z".to_owned(), "call  back".to_owned())));
        assert_eq!(read("tomorrow 9:30"), Some(("2026-02-05T08:30:00Z".to_owned(), String::new())));
        assert_eq!(read("+2w send the quote"), Some(("2026-02-18T10:30:00Z".to_owned(), "send the quote".to_owned())));
        assert_eq!(read("in 2 weeks 10:00 call"), Some(("2026-02-18T09:00:00Z".to_owned(), "call".to_owned())));
        // A Monday has been this week, and the 31st of January this year.
        assert_eq!(read("mon 10:00 call"), Some(("2026-02-09T09:00:00Z".to_owned(), "call".to_owned())));
        assert_eq!(read("31.1. call"), Some(("2027-01-30T23:00:00Z".to_owned(), "call".to_owned())));
        assert_eq!(read("2026-01-31 call"), Some(("2026-01-30T23:00:00Z".to_owned(), "call".to_owned())));
        assert_eq!(read("call back"), None);
        assert_eq!(read(""), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn nothing_typed_panics(text in "[-+0-9a-zT: .q]{0,24}", any in any::<String>(), now in any::<i64>()) {
            for zone in [Tz::UTC, Tz::Pacific__Apia] {
                let _ = (time(&text, zone, Timestamp(now)), date(&any, zone, Timestamp(now)), leading_time(&text, zone, Timestamp(now)));
            }
        }

        #[test]
        fn a_printed_moment_reads_back(micros in -62_135_596_800_000_000_i64..253_402_300_800_000_000) {
            let at = Timestamp(micros);
            prop_assert_eq!(time(&at.to_string(), Tz::Asia__Kathmandu, now()), Ok(at));
        }
    }
}
