//! Days as people say them: `in 2 weeks`, `next monday`, `31.1.`, `31 jan`, `eom`;
//! and times of day: `9am`, `14:30`.
//!
//! Words are lower case here. Nothing knows a clock: today is given.

use chrono::{Datelike, Days, Months, NaiveDate, NaiveTime, Weekday};

/// Returns the day that the first words mean and how many of them say it.
pub(super) fn day(words: &[&str], today: NaiveDate) -> Option<(NaiveDate, usize)> {
    match words {
        ["in", amount, unit, ..] => Some((ahead(today, count(amount)?, unit)?, 3)),
        ["next", name, ..] => Some((following(today, name)?, 2)),
        ["last", name, ..] => Some((preceding(today, weekday(name)?)?, 2)),
        ["eom", ..] => Some((last_of(today, 1)?, 1)),
        ["eoq", ..] => Some((last_of(today.with_day(1)?.with_month(today.month0() / 3 * 3 + 1)?, 3)?, 1)),
        ["eoy", ..] => Some((NaiveDate::from_ymd_opt(today.year(), 12, 31)?, 1)),
        [first, second, rest @ ..] if month(first).is_some() || month(second).is_some() => {
            let (day, month) = match (month(first), month(second)) {
                (Some(month), None) => (*second, month),
                (None, Some(month)) => (*first, month),
                _ => return None,
            };
            let year = rest.first().and_then(|word| year(word));
            let day = day.trim_end_matches('.').parse().ok()?;
            Some((NaiveDate::from_ymd_opt(year.unwrap_or(today.year()), month, day)?, if year.is_some() { 3 } else { 2 }))
        }
        [word, ..] => Some((dotted(word, today)?, 1)),
        [] => None,
    }
}

/// Reads `2`, `a`, `an`, `one`.
pub(super) fn count(word: &str) -> Option<u32> {
    if matches!(word, "a" | "an" | "one") { Some(1) } else { word.parse().ok() }
}

/// Returns whether these words mean a day of a week or year that they do not name, so
/// that somebody who looks ahead means the next one.
pub(super) fn comes_again(words: &[&str]) -> Option<Again> {
    match words {
        [name, ..] if weekday(name).is_some() => Some(Again::Week),
        [word, ..] if word.ends_with('.') && word.matches('.').count() == 2 && !word.starts_with('.') => Some(Again::Year),
        [first, second, rest @ ..] if month(first).is_some() || month(second).is_some() => {
            rest.first().and_then(|word| year(word)).is_none().then_some(Again::Year)
        }
        _ => None,
    }
}

/// When a day comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// A week later.
    Week,
    /// A year later.
    Year,
}

/// Reads `31.1.` and `31.1.2026`.
fn dotted(word: &str, today: NaiveDate) -> Option<NaiveDate> {
    let mut parts = word.split('.');
    let number = |part: &str| (1..=2).contains(&part.len()).then(|| part.parse::<u32>().ok()).flatten();
    let (day, month) = (number(parts.next()?)?, number(parts.next()?)?);
    let written = match parts.next()? {
        "" => today.year(),
        text => year(text)?,
    };
    if parts.next().is_some() {
        return None;
    }
    NaiveDate::from_ymd_opt(written, month, day)
}

fn year(text: &str) -> Option<i32> {
    (text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten().filter(|year| *year > 0)
}

fn month(name: &str) -> Option<u32> {
    const NAMES: [&str; 12] =
        ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
    let at = NAMES.iter().position(|full| name.len() >= 3 && full.starts_with(name))?;
    u32::try_from(at + 1).ok()
}

/// Returns the weekday of a name or its first letters, three at least.
pub(super) fn weekday(name: &str) -> Option<Weekday> {
    const NAMES: [(&str, Weekday); 7] = [
        ("monday", Weekday::Mon),
        ("tuesday", Weekday::Tue),
        ("wednesday", Weekday::Wed),
        ("thursday", Weekday::Thu),
        ("friday", Weekday::Fri),
        ("saturday", Weekday::Sat),
        ("sunday", Weekday::Sun),
    ];
    NAMES.iter().find(|(full, _)| name.len() >= 3 && full.starts_with(name)).map(|(_, weekday)| *weekday)
}

fn ahead(today: NaiveDate, count: u32, unit: &str) -> Option<NaiveDate> {
    match unit {
        "d" | "day" | "days" => today.checked_add_days(Days::new(count.into())),
        "w" | "week" | "weeks" => today.checked_add_days(Days::new(u64::from(count) * 7)),
        "month" | "months" => today.checked_add_months(Months::new(count)),
        "y" | "year" | "years" => today.checked_add_months(Months::new(count.checked_mul(12)?)),
        _ => None,
    }
}

/// Returns the next such weekday, or the first day of the next week, month or year.
fn following(today: NaiveDate, name: &str) -> Option<NaiveDate> {
    match name {
        "week" => today.checked_add_days(Days::new(7 - u64::from(today.weekday().num_days_from_monday()))),
        "month" => today.with_day(1)?.checked_add_months(Months::new(1)),
        "year" => NaiveDate::from_ymd_opt(today.year() + 1, 1, 1),
        _ => {
            let wanted = weekday(name)?;
            (1..=7).filter_map(|days| today.checked_add_days(Days::new(days))).find(|day| day.weekday() == wanted)
        }
    }
}

fn preceding(today: NaiveDate, weekday: Weekday) -> Option<NaiveDate> {
    (1..=7).filter_map(|days| today.checked_sub_days(Days::new(days))).find(|day| day.weekday() == weekday)
}

/// Returns the last day of so many months from the month of a day on.
fn last_of(day: NaiveDate, months: u32) -> Option<NaiveDate> {
    day.with_day(1)?.checked_add_months(Months::new(months))?.pred_opt()
}

/// Reads `9am`, `12:30pm`.
pub(super) fn half_day(text: &str) -> Option<NaiveTime> {
    let (written, afternoon) = match (text.strip_suffix("am"), text.strip_suffix("pm")) {
        (Some(written), _) => (written, false),
        (_, Some(written)) => (written, true),
        _ => return None,
    };
    let (hour, minute) = written.split_once(':').unwrap_or((written, "00"));
    let number = |part: &str| (part.len() <= 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u32>().ok()).flatten();
    let hour = number(hour).filter(|hour| (1..=12).contains(hour))? % 12;
    let minute = Some(minute).filter(|part| part.len() == 2).and_then(number)?;
    NaiveTime::from_hms_opt(hour + if afternoon { 12 } else { 0 }, minute, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_as_said() {
        // A Wednesday.
        let today = NaiveDate::from_ymd_opt(2026, 2, 4).expect("valid");
        let read = |text: &str| {
            let words: Vec<&str> = text.split(' ').collect();
            day(&words, today).map(|(day, used)| (day.to_string(), used))
        };
        for (text, expected, used) in [
            ("in 2 weeks send", "2026-02-18", 3),
            ("in 3 days", "2026-02-07", 3),
            ("in 1 month", "2026-03-04", 3),
            ("next monday x", "2026-02-09", 2),
            ("next wed", "2026-02-11", 2),
            ("next week", "2026-02-09", 2),
            ("next month", "2026-03-01", 2),
            ("last fri", "2026-01-30", 2),
            ("31.1.", "2026-01-31", 1),
            ("31.1.2027 x", "2027-01-31", 1),
            ("31 jan", "2026-01-31", 2),
            ("march 5th", "", 0),
            ("march 5 2028", "2028-03-05", 3),
            ("eom", "2026-02-28", 1),
            ("eoq", "2026-03-31", 1),
            ("eoy", "2026-12-31", 1),
            ("31.2.", "", 0),
            ("1.2.3.", "", 0),
            ("in many days", "", 0),
            ("in 4000000000 years", "", 0),
        ] {
            let expected = (used > 0).then(|| (expected.to_owned(), used));
            assert_eq!(read(text), expected, "{text}");
        }
        assert_eq!(half_day("9am").map(|time| time.to_string()), Some("09:00:00".to_owned()));
        assert_eq!(half_day("12:30pm").map(|time| time.to_string()), Some("12:30:00".to_owned()));
        assert_eq!(half_day("12am").map(|time| time.to_string()), Some("00:00:00".to_owned()));
        assert_eq!((half_day("13pm"), half_day("pm"), half_day("am")), (None, None, None));
    }
}
