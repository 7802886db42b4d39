//! Calendar dates, possibly partial: `1985-05-17`, `1985-05`, `1985`, `--05-17`.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// A date of which the year, or the month and day, may be unknown (0).
///
/// The forms are those of ISO 8601 and, without a year, RFC 6350 section 4.3.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Date {
    year: i16,
    month: u8,
    day: u8,
}

impl Date {
    /// Returns a whole date; `None` for a day that does not exist or a year outside 1 to 9999.
    pub fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, day).and_then(Self::from_naive)
    }

    /// Returns the date of a chrono date in the years 1 to 9999.
    pub fn from_naive(date: NaiveDate) -> Option<Self> {
        if !(1..=9999).contains(&date.year()) {
            return None;
        }
        Some(Self { year: date.year() as i16, month: date.month() as u8, day: date.day() as u8 })
    }

    /// Returns a date of which only the year, or year and month, is known.
    pub fn partial(year: i32, month: Option<u32>) -> Option<Self> {
        let whole = Self::new(year, month.unwrap_or(1), 1)?;
        Some(Self { day: 0, month: if month.is_some() { whole.month } else { 0 }, ..whole })
    }

    /// Returns a date without its year.
    pub fn yearless(month: u32, day: u32) -> Option<Self> {
        // 2000 is a leap year: 29 February is a birthday.
        Self::new(2000, month, day).map(|whole| Self { year: 0, ..whole })
    }

    /// Returns the year, if known.
    pub fn year(self) -> Option<i32> {
        (self.year != 0).then_some(i32::from(self.year))
    }

    /// Returns the month, 1 to 12, if known.
    pub fn month(self) -> Option<u32> {
        (self.month != 0).then_some(u32::from(self.month))
    }

    /// Returns the day of the month, if known.
    pub fn day(self) -> Option<u32> {
        (self.day != 0).then_some(u32::from(self.day))
    }

    /// Returns the chrono date of a whole date.
    pub fn whole(self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(self.year()?, self.month()?, self.day()?)
    }

    /// Returns the first and last day that this date may mean; `None` without a year.
    pub fn span(self) -> Option<(NaiveDate, NaiveDate)> {
        let year = self.year()?;
        let first = NaiveDate::from_ymd_opt(year, self.month().unwrap_or(1), self.day().unwrap_or(1))?;
        let after = match (self.month(), self.day()) {
            (Some(_), Some(_)) => return Some((first, first)),
            (Some(12), None) | (None, _) => NaiveDate::from_ymd_opt(year + 1, 1, 1)?,
            (Some(month), None) => NaiveDate::from_ymd_opt(year, month + 1, 1)?,
        };
        Some((first, after.pred_opt()?))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.year(), self.month(), self.day()) {
            (Some(year), Some(month), Some(day)) => write!(f, "{year:04}-{month:02}-{day:02}"),
            (Some(year), Some(month), None) => write!(f, "{year:04}-{month:02}"),
            (Some(year), None, _) => write!(f, "{year:04}"),
            (None, month, day) => write!(f, "--{:02}-{:02}", month.unwrap_or(0), day.unwrap_or(0)),
        }
    }
}

/// Says that a text is no date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\u{201c}{0}\u{201d} is no date: write 2026-01-31, 2026-01, 2026 or --01-31")]
pub struct NotADate(pub String);

impl FromStr for Date {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Self, NotADate> {
        let number = |part: &str, digits: usize| -> Option<u32> {
            (part.len() == digits && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())?
        };
        let parse = || -> Option<Self> {
            if let Some(rest) = text.strip_prefix("--") {
                let (month, day) = rest.split_once('-')?;
                return Self::yearless(number(month, 2)?, number(day, 2)?);
            }
            let mut parts = text.split('-');
            let year = i32::try_from(number(parts.next()?, 4)?).ok()?;
            let month = parts.next();
            let day = parts.next();
            if parts.next().is_some() {
                return None;
            }
            match (month, day) {
                (None, _) => Self::partial(year, None),
                (Some(month), None) => Self::partial(year, Some(number(month, 2)?)),
                (Some(month), Some(day)) => Self::new(year, number(month, 2)?, number(day, 2)?),
            }
        };
        parse().ok_or_else(|| NotADate(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_what_it_reads() {
        for text in ["2026-01-31", "2024-02-29", "2026-01", "2026", "--02-29"] {
            assert_eq!(text.parse::<Date>().map(|date| date.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "2026-02-30", "2025-02-29", "26-01-01", "2026-1-1", "--02-30", "0000", "2026-00", "2026-01-01-01", "+026"] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_partial_date_spans_its_days() {
        let span = |text: &str| text.parse::<Date>().ok().and_then(Date::span).map(|(a, b)| format!("{a} {b}"));
        assert_eq!(span("2024-02").as_deref(), Some("2024-02-01 2024-02-29"));
        assert_eq!(span("2024-12").as_deref(), Some("2024-12-01 2024-12-31"));
        assert_eq!(span("2024").as_deref(), Some("2024-01-01 2024-12-31"));
        assert_eq!(span("--02-29"), None);
    }
}
