//! Holidays: days on which nobody works, given as dates or as rules.

use chrono::{Datelike, NaiveDate, TimeDelta};

/// When a holiday is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// On this day only.
    Once(NaiveDate),
    /// Each year in this month (1 to 12), on this day.
    Yearly(u32, u32),
    /// So many days after Easter Sunday of the western church; negative before it.
    Easter(i64),
}

/// One holiday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// When it is.
    pub on: Occasion,
    /// What it is called, if it has been said.
    pub name: Option<String>,
}

/// All holidays of a calendar.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holidays {
    holidays: Vec<Holiday>,
}

impl Holidays {
    /// Returns these holidays.
    pub fn new(holidays: Vec<Holiday>) -> Self {
        Self { holidays }
    }

    /// Returns the holiday that a day is.
    pub fn on(&self, day: NaiveDate) -> Option<&Holiday> {
        self.holidays.iter().find(|holiday| holiday.on.is(day))
    }
}

impl Occasion {
    /// Returns the occasion of a text: `2026-12-24`, `12-24`, `easter`, `easter+1`, `easter-2`.
    pub fn from_text(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(rest) = text.strip_prefix("easter") {
            let days: i64 = if rest.is_empty() { 0 } else { rest.strip_prefix('+').unwrap_or(rest).parse().ok()? };
            let signed = rest.is_empty() || rest.starts_with(['+', '-']);
            return (signed && (-120..=250).contains(&days)).then_some(Self::Easter(days));
        }
        if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            return (1..=9999).contains(&day.year()).then_some(Self::Once(day));
        }
        let (month, day) = text.split_once('-')?;
        let (month, day) = (month.parse().ok()?, day.parse().ok()?);
        // 2000 is a leap year: 29 February comes where it comes.
        NaiveDate::from_ymd_opt(2000, month, day).map(|_| Self::Yearly(month, day))
    }

    fn is(self, day: NaiveDate) -> bool {
        match self {
            Self::Once(once) => once == day,
            Self::Yearly(month, of_month) => (day.month(), day.day()) == (month, of_month),
            // A rule that reaches over the end of a year belongs to the other year's Easter.
            Self::Easter(days) => {
                [day.year() - 1, day.year()].into_iter().any(|year| easter(year).checked_add_signed(TimeDelta::days(days)) == Some(day))
            }
        }
    }
}

/// Returns Easter Sunday of a Gregorian year.
///
/// The anonymous algorithm of "Nature", 20 April 1876, as Jean Meeus gives it
/// (Astronomical Algorithms, chapter 8).
pub fn easter(year: i32) -> NaiveDate {
    let a = year.rem_euclid(19);
    let (b, c) = (year.div_euclid(100), year.rem_euclid(100));
    let (d, e) = (b / 4, b % 4);
    let f = (b + 8) / 25;
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    let month = u32::try_from(n / 31).unwrap_or(4);
    let day = u32::try_from(n % 31 + 1).unwrap_or(1);
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or(NaiveDate::MIN)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn easter_of_known_years() {
        for known in ["1818-03-22", "1943-04-25", "2000-04-23", "2016-03-27", "2026-04-05", "2038-04-25", "2285-03-22"] {
            assert_eq!(easter(day(known).year()), day(known));
        }
    }

    #[test]
    fn rules_and_dates() {
        let holidays = Holidays::new(
            ["easter-2", "easter+1", "12-24", "2026-07-03"]
                .map(|text| Holiday { on: Occasion::from_text(text).unwrap(), name: None })
                .into(),
        );
        let of_2026 = (0..365).map(|n| day("2026-01-01") + TimeDelta::days(n)).filter(|day| holidays.on(*day).is_some());
        assert_eq!(of_2026.map(|day| day.to_string()).collect::<Vec<_>>(), ["2026-04-03", "2026-04-06", "2026-07-03", "2026-12-24"]);
        assert!(holidays.on(day("2027-07-03")).is_none() && holidays.on(day("2027-03-26")).is_some());
        for slip in ["", "easter1", "easter+", "easter+999", "13-01", "02-30", "2026-02-29", "24.12.", "12-24-", "-1-2"] {
            assert_eq!(Occasion::from_text(slip), None, "{slip}");
        }
        assert_eq!(Occasion::from_text(" 02-29 "), Some(Occasion::Yearly(2, 29)));
    }
}
