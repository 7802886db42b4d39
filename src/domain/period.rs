//! Periods: the span of time that a word of a query means.

use chrono_tz::Tz;

use super::Timestamp;
use super::parse::moment::{Moment, moment};
use super::zone::midnight;

/// A span of time: from a moment, up to and without another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub to: Timestamp,
}

impl Period {
    /// Returns the period that a text means: a day (`2026-01-31`, `today`, `monday`,
    /// `-7d`: the day that many days ago), a month, a quarter, a year, or a moment as
    /// long as its last digit says (`2026-01-31 10:00` is a minute, `-2h` an instant).
    /// Days are those of the zone; `None` for a text that says nothing about time.
    pub fn parse(text: &str, zone: Tz, now: Timestamp) -> Option<Self> {
        let days = |first, after| Self { from: midnight(zone, first), to: midnight(zone, after) };
        match moment(text, zone, now)? {
            Moment::At(at, length) => Some(Self { from: at, to: Timestamp(at.0.saturating_add(length)) }),
            Moment::Day(day) | Moment::Shifted(_, day) => Some(days(day, day.succ_opt()?)),
            Moment::Days(first, after) => Some(days(first, after)),
        }
    }

    /// Returns whether a moment lies within.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_the_time_they_mean() {
        let now = Timestamp::from_rfc3339("2026-02-04T10:30:00Z").expect("valid");
        let read = |text| Period::parse(text, Tz::Europe__Prague, now).map(|period| format!("{} {}", period.from, period.to));
        for (text, period) in [
            ("2026-01-31", "2026-01-30T23:00:00Z 2026-01-31T23:00:00Z"),
            ("2026-01", "2025-12-31T23:00:00Z 2026-01-31T23:00:00Z"),
            ("2026-q1", "2025-12-31T23:00:00Z 2026-03-31T22:00:00Z"),
            ("2026-Q4", "2026-09-30T22:00:00Z 2026-12-31T23:00:00Z"),
            ("2026", "2025-12-31T23:00:00Z 2026-12-31T23:00:00Z"),
            ("today", "2026-02-03T23:00:00Z 2026-02-04T23:00:00Z"),
            ("monday", "2026-02-01T23:00:00Z 2026-02-02T23:00:00Z"),
            ("-7d", "2026-01-27T23:00:00Z 2026-01-28T23:00:00Z"),
            ("+2w", "2026-02-17T23:00:00Z 2026-02-18T23:00:00Z"),
            // The day on which the clock goes forward has 23 hours.
            ("2026-03-29", "2026-03-28T23:00:00Z 2026-03-29T22:00:00Z"),
            ("2026-01-31 10:00", "2026-01-31T09:00:00Z 2026-01-31T09:01:00Z"),
            ("now", "2026-02-04T10:30:00Z 2026-02-04T10:30:00.000001Z"),
            ("-2h", "2026-02-04T08:30:00Z 2026-02-04T08:30:00.000001Z"),
            ("9999", "9998-12-31T23:00:00Z 9999-12-31T23:00:00Z"),
        ] {
            assert_eq!(read(text).as_deref(), Some(period), "{text}");
        }
        for text in ["", "2026-q5", "2026-q0", "2026-13", "soon", "--05-17", "2026-q01"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
