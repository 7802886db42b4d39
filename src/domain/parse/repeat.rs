//! How something recurs, as people say it: `every 2 weeks`, `every mon and thu`,
//! `monthly`, `every last friday until 2027-06-30`; or as RFC 5545 has it.
//!
//! Said in words it becomes a rule. Words are lower case here; nothing knows a clock.

use chrono::Weekday;
use chrono_tz::Tz;

use super::error::{ValueError, quoted};
use super::{moment, natural};
use crate::domain::{Recurrence, Timestamp};

const FORMS: &str = "write every 2 weeks, every mon and thu, weekdays, monthly, every 15., every last friday, every year until 2030, or FREQ=WEEKLY;BYDAY=MO";

/// The longest rule in words.
const LONGEST: usize = 120;

/// Returns the rule that a text means, in one line.
///
/// # Errors
/// A text that is no rule, in words or in those of RFC 5545.
pub(super) fn repeat(text: &str, zone: Tz, now: Timestamp) -> Result<String, ValueError> {
    let text = text.trim();
    if text.to_ascii_uppercase().contains("FREQ=") || text.contains("RDATE") {
        let rule: Recurrence = text.parse().map_err(|error| ValueError::refused(format!("{error}")).hint(FORMS))?;
        if !rule.is_sound() {
            return Err(ValueError::refused(format!("{} is no rule of recurrence", quoted(text))).hint(FORMS));
        }
        return Ok(rule.to_string());
    }
    let said = (text.len() <= LONGEST && text.is_ascii()).then(|| in_words(&text.to_ascii_lowercase(), zone, now)).flatten();
    said.ok_or_else(|| ValueError::refused(format!("{} does not say how it recurs", quoted(text))).hint(FORMS))
}

fn in_words(text: &str, zone: Tz, now: Timestamp) -> Option<String> {
    let text = text.replace(',', " ");
    let mut words: Vec<&str> = text.split_whitespace().filter(|word| *word != "and").collect();
    let mut end = String::new();
    if let Some(at) = words.iter().position(|word| *word == "until") {
        let day = moment::date(&words[at + 1..].join(" "), zone, now).ok()?;
        // All of a partial date is meant.
        let last = day.span()?.1;
        end = format!(";UNTIL={}", last.format("%Y%m%d"));
        words.truncate(at);
    } else if let [rest @ .., count, "times"] = words.as_slice() {
        let count: u32 = count.parse().ok().filter(|count| (1..=10_000).contains(count))?;
        end = format!(";COUNT={count}");
        words = rest.to_vec();
    }
    let rule = match words.as_slice() {
        ["daily"] => "FREQ=DAILY".to_owned(),
        ["weekly"] => "FREQ=WEEKLY".to_owned(),
        ["fortnightly" | "biweekly"] => "FREQ=WEEKLY;INTERVAL=2".to_owned(),
        ["monthly"] => "FREQ=MONTHLY".to_owned(),
        ["quarterly"] => "FREQ=MONTHLY;INTERVAL=3".to_owned(),
        ["yearly" | "annually"] => "FREQ=YEARLY".to_owned(),
        ["weekdays"] => WORKING.to_owned(),
        ["every", rest @ ..] => every(rest)?,
        _ => return None,
    };
    Some(format!("{rule}{end}"))
}

const WORKING: &str = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR";

fn every(words: &[&str]) -> Option<String> {
    match words {
        ["weekday"] => return Some(WORKING.to_owned()),
        ["eom"] | ["last", "day"] | ["end", "of", "month"] | ["last", "day", "of", "month"] => {
            return Some("FREQ=MONTHLY;BYMONTHDAY=-1".to_owned());
        }
        [which, name] | [which, name, "of", "month"] if natural::weekday(name).is_some() => {
            if let Some(nth) = nth(which) {
                return Some(format!("FREQ=MONTHLY;BYDAY={nth}{}", code(natural::weekday(name)?)));
            }
        }
        // `every 15.`, `every 1st`: a day of the month.
        [day] if day.bytes().next().is_some_and(|b| b.is_ascii_digit()) => {
            let digits = ["st", "nd", "rd", "th", "."].iter().find_map(|end| day.strip_suffix(end))?;
            let day: u32 = digits.parse().ok().filter(|day| (1..=31).contains(day))?;
            return Some(format!("FREQ=MONTHLY;BYMONTHDAY={day}"));
        }
        _ => {}
    }
    let (interval, rest): (u32, &[&str]) = match words {
        ["other" | "second", rest @ ..] => (2, rest),
        ["third", rest @ ..] => (3, rest),
        [count, rest @ ..] if count.bytes().all(|b| b.is_ascii_digit()) => {
            (count.parse().ok().filter(|count| (1..=1_000).contains(count))?, rest)
        }
        rest => (1, rest),
    };
    let (unit, days) = match rest {
        [unit, "on", days @ ..] if !days.is_empty() => (Some(*unit), days),
        [unit] if natural::weekday(unit).is_none() => (Some(*unit), &[][..]),
        days => (None, days),
    };
    let (frequency, times) = match unit {
        Some("hour" | "hours") => ("HOURLY", 1),
        Some("day" | "days") => ("DAILY", 1),
        Some("week" | "weeks") | None => ("WEEKLY", 1),
        Some("fortnight" | "fortnights") => ("WEEKLY", 2),
        Some("month" | "months") => ("MONTHLY", 1),
        Some("quarter" | "quarters") => ("MONTHLY", 3),
        Some("year" | "years") => ("YEARLY", 1),
        Some(_) => return None,
    };
    let mut rule = format!("FREQ={frequency}");
    if interval * times > 1 {
        rule.push_str(&format!(";INTERVAL={}", interval * times));
    }
    if !days.is_empty() {
        if frequency != "WEEKLY" {
            return None;
        }
        let mut known: Vec<Weekday> = days.iter().map(|name| natural::weekday(name)).collect::<Option<_>>()?;
        known.sort_by_key(Weekday::num_days_from_monday);
        known.dedup();
        rule.push_str(&format!(";BYDAY={}", known.into_iter().map(code).collect::<Vec<_>>().join(",")));
    } else if unit.is_none() {
        return None;
    }
    Some(rule)
}

fn nth(word: &str) -> Option<i8> {
    match word {
        "first" | "1st" | "1." => Some(1),
        "second" | "2nd" | "2." => Some(2),
        "third" | "3rd" | "3." => Some(3),
        "fourth" | "4th" | "4." => Some(4),
        "last" => Some(-1),
        _ => None,
    }
}

fn code(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "MO",
        Weekday::Tue => "TU",
        Weekday::Wed => "WE",
        Weekday::Thu => "TH",
        Weekday::Fri => "FR",
        Weekday::Sat => "SA",
        Weekday::Sun => "SU",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<String> {
        let now = Timestamp::from_rfc3339("2026-11-29T10:00:00Z").expect("valid");
        repeat(text, Tz::Europe__Prague, now).ok()
    }

    #[test]
    fn rules_as_said() {
        for (text, rule) in [
            ("every 2 weeks", "FREQ=WEEKLY;INTERVAL=2"),
            ("Every Day", "FREQ=DAILY"),
            ("every 3 days", "FREQ=DAILY;INTERVAL=3"),
            ("every other week", "FREQ=WEEKLY;INTERVAL=2"),
            ("every monday", "FREQ=WEEKLY;BYDAY=MO"),
            ("every thu and mon", "FREQ=WEEKLY;BYDAY=MO,TH"),
            ("every mon, wed, fri", "FREQ=WEEKLY;BYDAY=MO,WE,FR"),
            ("every 2 weeks on fri", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"),
            ("every other tue", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
            ("every weekday", WORKING),
            ("weekdays", WORKING),
            ("monthly", "FREQ=MONTHLY"),
            ("every 6 months", "FREQ=MONTHLY;INTERVAL=6"),
            ("every quarter", "FREQ=MONTHLY;INTERVAL=3"),
            ("every 2 quarters", "FREQ=MONTHLY;INTERVAL=6"),
            ("every 15.", "FREQ=MONTHLY;BYMONTHDAY=15"),
            ("every 1st", "FREQ=MONTHLY;BYMONTHDAY=1"),
            ("every eom", "FREQ=MONTHLY;BYMONTHDAY=-1"),
            ("every end of month", "FREQ=MONTHLY;BYMONTHDAY=-1"),
            ("every last friday", "FREQ=MONTHLY;BYDAY=-1FR"),
            ("every second tuesday of month", "FREQ=MONTHLY;BYDAY=2TU"),
            ("yearly", "FREQ=YEARLY"),
            ("every year until 2030", "FREQ=YEARLY;UNTIL=20301231"),
            ("weekly until 31.1.2027", "FREQ=WEEKLY;UNTIL=20270131"),
            ("every day 5 times", "FREQ=DAILY;COUNT=5"),
            ("FREQ=WEEKLY;BYDAY=MO", "FREQ=WEEKLY;BYDAY=MO"),
            ("RRULE:FREQ=DAILY", "FREQ=DAILY"),
        ] {
            assert_eq!(read(text).as_deref(), Some(rule), "{text}");
        }
        for slip in [
            "",
            "every",
            "every 0 days",
            "every 32.",
            "every mon on tue",
            "every day on mon",
            "every two weeks",
            "every 2",
            "often",
            "every 2000 weeks",
            "every monday until",
            "every monday 0 times",
            "every m\u{f6}n",
            "FREQ=FORTNIGHTLY",
            "FREQ=DAILY;INTERVAL=0",
        ] {
            assert_eq!(read(slip), None, "{slip}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        /// Whatever is taken is a rule that can be gone through, and reads as itself.
        #[test]
        fn what_is_taken_is_a_rule(
            words in proptest::collection::vec(
                proptest::sample::select(vec![
                    "every", "2", "3", "0", "other", "week", "days", "month", "year", "on", "mon", "friday", "and", "last", "eom", "15.",
                    "until", "2030", "times", "daily", "hour", "of", "weekdays",
                ]),
                0..7,
            ),
        ) {
            if let Some(rule) = read(&words.join(" ")) {
                prop_assert!(rule.parse::<Recurrence>().is_ok_and(|rule| rule.is_sound()), "{rule}");
                prop_assert_eq!(read(&rule), Some(rule));
            }
        }

        #[test]
        fn no_text_brings_it_down(text in "\\PC{0,60}") {
            let _ = read(&text);
        }
    }
}
