//! Tasks and time: when one is told of, what follows a repeating one, and when one that
//! is put off is due. It must not know the clock.

use chrono_tz::Tz;

use super::fields::number;
use super::zone::{day_at, midnight};
use super::{NoRecurrence, Record, Recurrence, Timestamp, Value};

/// Returns when somebody is reminded of a task: at the moment that it names, else when it
/// is due; `None` for one that is done or names no moment.
pub fn reminder(task: &Record) -> Option<Timestamp> {
    let open = !task.has(number::DONE_AT) && !task.has(number::TRASHED_AT);
    task.time(number::REMIND).or_else(|| task.time(number::DUE)).filter(|_| open)
}

/// Returns whether a moment is a day's beginning, and so stands for the day.
pub fn is_whole_day(at: Timestamp, zone: Tz) -> bool {
    midnight(zone, day_at(zone, at)) == at
}

/// Fields that belong to the one task and not to the series.
const OWN: [u16; 6] =
    [number::DONE_AT, number::CREATED_AT, number::EXTERNAL_ID, number::MERGED_INTO, number::MERGED_FROM, number::DISTINCT_FROM];

/// Returns what the next task of a repeating one says, `None` where the series has ended or
/// there is none. It is due at the first moment of the series that is after both the task's
/// and `now`: what was missed is not caught up. It reminds as long before as this one.
///
/// # Errors
/// A rule that is none.
pub fn next(task: &Record, zone: Tz, now: Timestamp) -> Result<Option<Record>, NoRecurrence> {
    /// Nobody plans further ahead.
    const YEARS: i64 = 60 * 366 * 86_400;
    let Some(rule) = task.text(number::TASK_REPEAT) else { return Ok(None) };
    let rule: Recurrence = rule.parse()?;
    let start = task.time(number::DUE).unwrap_or(now);
    let after = Timestamp(start.max(now).0.saturating_add(1));
    let Some(due) = rule.between(start, zone, after, after.plus_seconds(YEARS), 1)?.times.first().copied() else { return Ok(None) };
    let Some(rest) = rule.from_on(start, zone, due)? else { return Ok(None) };
    let mut next = task.clone();
    OWN.iter().for_each(|field| next.clear(*field));
    next.set(number::DUE, Value::Time(due));
    if let Some(remind) = task.time(number::REMIND) {
        next.set(number::REMIND, Value::Time(Timestamp(due.0.saturating_sub(start.0.saturating_sub(remind.0)))));
    }
    next.set(number::TASK_REPEAT, Value::Text(rest.to_string()));
    Ok(Some(next))
}

/// Puts a task off to a moment; its reminder goes along.
pub fn put_off(task: &mut Record, to: Timestamp) {
    if let (Some(due), Some(remind)) = (task.time(number::DUE), task.time(number::REMIND)) {
        task.set(number::REMIND, Value::Time(Timestamp(to.0.saturating_sub(due.0.saturating_sub(remind.0)))));
    }
    task.set(number::DUE, Value::Time(to));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::{Kind, RecordId};
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_rfc3339(text).unwrap()
    }

    fn task(due: &str, rule: &str) -> Record {
        let mut task = Record::new(RecordId::new(Kind::Task, 1));
        task.set(number::TASK_TITLE, Value::text("Call"));
        task.set(number::DUE, Value::Time(at(due)));
        task.set(number::TASK_REPEAT, Value::text(rule));
        task
    }

    fn due(task: &Record, now: &str) -> Option<String> {
        next(task, Tz::Europe__Prague, at(now)).unwrap().map(|next| next.time(number::DUE).unwrap().to_string())
    }

    #[test]
    fn the_next_one_keeps_its_hour_and_leaves_out_what_was_missed() {
        let weekly = task("2026-03-16T08:00:00Z", "FREQ=WEEKLY");
        assert_eq!(due(&weekly, "2026-03-16T12:00:00Z").as_deref(), Some("2026-03-23T08:00:00Z"));
        assert_eq!(due(&weekly, "2026-03-10T12:00:00Z").as_deref(), Some("2026-03-23T08:00:00Z"), "done early");
        assert_eq!(due(&weekly, "2026-04-01T12:00:00Z").as_deref(), Some("2026-04-06T07:00:00Z"), "done late, in summer time");
        let mut reminding = weekly;
        reminding.set(number::REMIND, Value::Time(at("2026-03-16T07:45:00Z")));
        let next = next(&reminding, Tz::Europe__Prague, at("2026-03-16T12:00:00Z")).unwrap().unwrap();
        assert_eq!(next.time(number::REMIND), Some(at("2026-03-23T07:45:00Z")));
    }

    #[test]
    fn a_series_ends_where_its_rule_says() {
        let mut now = at("2026-01-05T12:00:00Z");
        let mut one = Some(task("2026-01-05T09:00:00Z", "FREQ=DAILY;COUNT=4"));
        let mut days = 0;
        while let Some(task) = one {
            days += 1;
            one = next(&task, Tz::UTC, now).unwrap();
            now = now.plus_seconds(86_400);
        }
        assert_eq!(days, 4);
        assert_eq!(due(&task("2026-01-05T09:00:00Z", "FREQ=DAILY;UNTIL=20260106"), "2026-01-06T12:00:00Z"), None);
        assert_eq!(due(&task("2026-01-05T09:00:00Z", "FREQ=DAILY;COUNT=4"), "2026-02-06T12:00:00Z"), None, "all of them missed");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// The next task is later than this one and than now, and the same series goes on.
        #[test]
        fn the_next_one_is_later(
            start in 0_i64..2_000_000_000, ahead in -100_000_000_i64..100_000_000,
            rule in proptest::sample::select(vec!["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY", "FREQ=YEARLY", "FREQ=DAILY;COUNT=9"]),
        ) {
            let (start, now) = (Timestamp(start * 1_000_000), Timestamp((start + ahead) * 1_000_000));
            let mut one = task("2026-01-05T09:00:00Z", rule);
            one.set(number::DUE, Value::Time(start));
            if let Some(after) = next(&one, Tz::Europe__Prague, now).unwrap() {
                let due = after.time(number::DUE).unwrap();
                prop_assert!(due > start && due > now);
                let direct = next(&one, Tz::Europe__Prague, due).unwrap().map(|task| task.time(number::DUE));
                let by_way = next(&after, Tz::Europe__Prague, due).unwrap().map(|task| task.time(number::DUE));
                prop_assert_eq!(direct, by_way);
            }
        }
    }
}
