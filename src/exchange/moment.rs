//! What a cell says of dates and times, in rolo's spelling. It must not know
//! fields, nor the clock.
//!
//! Without a given format only what can be read in one way is read: ISO 8601,
//! `31.1.2026`, names of months, and `a/b/year` where one of the two is above
//! twelve or the whole column shows the order ([`learn_order`]).

use chrono::{DateTime, Duration, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;

use super::cell::clip;
use super::problem::Problem;
use crate::domain::Timestamp;
use crate::domain::zone::moment_at;

/// The order of day and month in `1/2/2026`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Day first.
    DayMonth,
    /// Month first.
    MonthDay,
}

/// How dates and times are written in a file or column.
#[derive(Debug, Clone)]
pub struct Dates {
    /// Formats as of `strftime`, tried in order; `excel` is days since 1899-12-30.
    /// None: what can be read in one way.
    pub formats: Vec<String>,
    /// The zone of times that don't name theirs.
    pub zone: Tz,
    /// The order that the column shows.
    pub order: Option<Order>,
}

impl Default for Dates {
    fn default() -> Self {
        Self { formats: Vec::new(), zone: Tz::UTC, order: None }
    }
}

/// What a cell says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Moment {
    date: NaiveDate,
    time: Option<NaiveTime>,
    offset: Option<FixedOffset>,
}

/// Returns the problem of a format that is none.
///
/// # Errors
/// `dates`: a letter after `%` that means nothing, or a format without a date.
pub fn check_format(format: &str) -> Result<(), Problem> {
    use chrono::format::{Item, StrftimeItems};
    let sound = format == "excel" || StrftimeItems::new(format).all(|item| !matches!(item, Item::Error));
    if sound && (format == "excel" || format.contains('%')) {
        return Ok(());
    }
    Err(Problem::new("dates", format!("“{}” is no date format", clip(format))).hint("such as %Y-%m-%d, %-d.%-m.%Y, %m/%d/%Y %H:%M, excel"))
}

/// Returns the order that a column's cells show: one of the two numbers is above
/// twelve somewhere, and nowhere the other.
pub fn learn_order<'a>(cells: impl IntoIterator<Item = &'a str>) -> Option<Order> {
    let (mut day_first, mut month_first) = (false, false);
    for cell in cells {
        if let Some((a, b, _)) = slashed(date_part(cell.trim()).0) {
            day_first |= a > 12;
            month_first |= b > 12;
        }
    }
    match (day_first, month_first) {
        (true, false) => Some(Order::DayMonth),
        (false, true) => Some(Order::MonthDay),
        _ => None,
    }
}

impl Dates {
    /// Returns a date: `2026-01-31`; partial ones (`2026-01`, `2026`, `--01-31`)
    /// come through as they are where no format is given. A time behind it is left off.
    ///
    /// # Errors
    /// `date`: no date, or one that can be read in two ways.
    pub fn date(&self, cell: &str) -> Result<String, Problem> {
        let text = cell.trim();
        if self.formats.is_empty() && is_partial(text) {
            return Ok(text.to_owned());
        }
        self.moment(text).map(|m| m.date.format("%Y-%m-%d").to_string())
    }

    /// Returns a moment in UTC: `2026-01-31T09:00:00Z`. A date alone is its
    /// midnight in the file's zone; a local time that a change of clocks skips is
    /// the first moment after it, one that is repeated is the first of the two.
    ///
    /// # Errors
    /// `date`, as [`Self::date`].
    pub fn time(&self, cell: &str) -> Result<String, Problem> {
        let moment = self.moment(cell.trim())?;
        let local = moment.date.and_time(moment.time.unwrap_or_default());
        let at = match moment.offset {
            Some(offset) => local.checked_sub_offset(offset).map(|utc| Timestamp::from_utc(utc.and_utc())),
            None => Some(moment_at(self.zone, local)),
        };
        at.map(|at| at.to_string()).ok_or_else(|| not_a_date(cell))
    }

    fn moment(&self, text: &str) -> Result<Moment, Problem> {
        if self.formats.is_empty() {
            return self.plain(text);
        }
        let read = self.formats.iter().find_map(|format| by_format(text, format));
        read.ok_or_else(|| {
            let formats = self.formats.join(", ");
            not_a_date(text).hint(format!("the format here is {formats}"))
        })
    }

    fn plain(&self, text: &str) -> Result<Moment, Problem> {
        let (head, rest) = date_part(text);
        let (date, rest) = match plain_date(head, self.order) {
            Some(date) => (date, rest),
            None => {
                if let Some((a, b, _)) = slashed(head)
                    && (1..=12).contains(&a)
                    && (1..=12).contains(&b)
                {
                    return Err(Problem::new("date", format!("“{}” can be read in two ways", clip(text)))
                        .hint("say which with dates = \"%d/%m/%Y\" or \"%m/%d/%Y\""));
                }
                worded(text).ok_or_else(|| not_a_date(text))?
            }
        };
        if rest.is_empty() {
            return Ok(Moment { date, time: None, offset: None });
        }
        let (time, offset) = clock(rest).ok_or_else(|| not_a_date(text))?;
        Ok(Moment { date, time: Some(time), offset })
    }
}

fn not_a_date(cell: &str) -> Problem {
    Problem::new("date", format!("“{}” is no date", clip(cell)))
}

/// Returns true for `2026`, `2026-01` and `--01-31`.
fn is_partial(text: &str) -> bool {
    let digits = |t: &str, n: usize| t.len() == n && t.bytes().all(|b| b.is_ascii_digit());
    let pair = |t: &str, first: usize| t.split_once('-').is_some_and(|(a, b)| digits(a, first) && digits(b, 2));
    digits(text, 4) || pair(text, 4) || text.strip_prefix("--").is_some_and(|rest| pair(rest, 2))
}

/// Splits a text behind its date: at `T` between digits, or at the first space.
fn date_part(text: &str) -> (&str, &str) {
    let at = text.char_indices().find(|(at, c)| {
        let after = text[at + c.len_utf8()..].starts_with(|c: char| c.is_ascii_digit());
        c.is_whitespace() || (matches!(c, 'T' | 't') && after && *at > 0)
    });
    match at {
        Some((at, c)) => (text[..at].trim_end_matches(','), text[at + c.len_utf8()..].trim_start()),
        None => (text, ""),
    }
}

fn plain_date(head: &str, order: Option<Order>) -> Option<NaiveDate> {
    let ymd = |y: &str, m: &str, d: &str| {
        let short = |t: &str| (1..=2).contains(&t.len());
        let number = |t: &str| if t.bytes().all(|b| b.is_ascii_digit()) { t.parse::<u32>().ok() } else { None };
        if y.len() != 4 || !short(m) || !short(d) {
            return None;
        }
        NaiveDate::from_ymd_opt(i32::try_from(number(y)?).ok()?, number(m)?, number(d)?)
    };
    let parts = |mark: char| -> Option<[&str; 3]> {
        let mut parts = head.split(mark);
        let three = [parts.next()?, parts.next()?, parts.next()?];
        parts.next().is_none().then_some(three)
    };
    if let Some([a, b, c]) = parts('-').or_else(|| parts('/'))
        && let Some(date) = ymd(a, b, c)
    {
        return Some(date);
    }
    if let Some([d, m, y]) = parts('.') {
        return ymd(y, m, d).or_else(|| ymd(d, m, y));
    }
    if head.len() == 8 && head.bytes().all(|b| b.is_ascii_digit()) {
        let date = ymd(&head[..4], &head[4..6], &head[6..])?;
        return date.format("%Y").to_string().starts_with(['1', '2']).then_some(date);
    }
    let (a, b, year) = slashed(head)?;
    let day_first = match order {
        Some(order) => order == Order::DayMonth,
        None if a == b || a > 12 => true,
        None if b > 12 => false,
        None => return None,
    };
    let (day, month) = if day_first { (a, b) } else { (b, a) };
    NaiveDate::from_ymd_opt(year, month, day)
}

/// Reads `a/b/2026` and `a-b-2026`.
fn slashed(head: &str) -> Option<(u32, u32, i32)> {
    let mark = if head.contains('/') { '/' } else { '-' };
    let mut parts = head.split(mark);
    let (a, b, year) = (parts.next()?, parts.next()?, parts.next()?);
    let short = |t: &str| (1..=2).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit());
    if parts.next().is_some() || !short(a) || !short(b) || year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some((a.parse().ok()?, b.parse().ok()?, year.parse().ok()?))
}

/// Reads a date with the English name of its month, and gives what follows it.
fn worded(text: &str) -> Option<(NaiveDate, &str)> {
    // `Fri, 15 Mar 2024`: the weekday says nothing new.
    let text = match text.split_once([',', ' ']) {
        Some((day, rest)) if matches!(day.to_lowercase().get(..3), Some("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")) => {
            rest.trim_start_matches([',', ' '])
        }
        _ => text,
    };
    ["%d %B %Y", "%d-%B-%Y", "%B %d, %Y", "%B %d %Y", "%d. %B %Y", "%Y-%B-%d"].iter().find_map(|format| {
        let (date, rest) = NaiveDate::parse_and_remainder(text, format).ok()?;
        let apart = rest.is_empty() || rest.starts_with([' ', 'T', ',']);
        apart.then(|| (date, rest.trim_start_matches([',', ' ', 'T'])))
    })
}

/// Reads a time of day, with half of the day and offset where they stand.
fn clock(text: &str) -> Option<(NaiveTime, Option<FixedOffset>)> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.')).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let mut parts = digits.split(':');
    let hour: u32 = parts.next()?.parse().ok()?;
    let minute: u32 = parts.next()?.parse().ok()?;
    let (second, micros) = match parts.next() {
        None => (0, 0),
        Some(seconds) => {
            let (whole, part) = seconds.split_once('.').unwrap_or((seconds, ""));
            let part: String = part.chars().chain("000000".chars()).take(6).collect();
            (whole.parse().ok()?, part.parse::<u32>().ok()?)
        }
    };
    if parts.next().is_some() {
        return None;
    }
    let rest = rest.trim();
    let lower = rest.to_ascii_lowercase();
    let (hour, rest) = match lower.get(..2) {
        Some("am") if (1..=12).contains(&hour) => (hour % 12, rest[2..].trim()),
        Some("pm") if (1..=12).contains(&hour) => (hour % 12 + 12, rest[2..].trim()),
        _ => (hour, rest),
    };
    let time = NaiveTime::from_hms_micro_opt(hour, minute, second, micros)?;
    let offset = match rest {
        "" => None,
        "Z" | "z" | "UTC" | "GMT" => FixedOffset::east_opt(0),
        rest => Some(offset(rest)?),
    };
    Some((time, offset))
}

/// Reads `+01:00`, `+0100` and `+01`.
fn offset(text: &str) -> Option<FixedOffset> {
    let text = text.strip_prefix("UTC").or_else(|| text.strip_prefix("GMT")).unwrap_or(text);
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 = digits[2..].parse().unwrap_or(0);
    FixedOffset::east_opt(sign * (hours * 3600 + minutes * 60))
}

fn by_format(text: &str, format: &str) -> Option<Moment> {
    if format == "excel" {
        return excel(text);
    }
    if let Ok(at) = DateTime::parse_from_str(text, format) {
        let local = at.naive_local();
        return Some(Moment { date: local.date(), time: Some(local.time()), offset: Some(*at.offset()) });
    }
    if let Ok(at) = NaiveDateTime::parse_from_str(text, format) {
        // Seconds since 1970 are seconds of UTC.
        let offset = if format.contains("%s") { FixedOffset::east_opt(0) } else { None };
        return Some(Moment { date: at.date(), time: Some(at.time()), offset });
    }
    let date = NaiveDate::parse_from_str(text, format).ok()?;
    Some(Moment { date, time: None, offset: None })
}

/// Reads a spreadsheet's serial number: days since 1899-12-30, the time as their part.
fn excel(text: &str) -> Option<Moment> {
    let (days, part) = text.split_once('.').unwrap_or((text, ""));
    let days: i64 = days.parse().ok().filter(|days| (1..=2_958_465).contains(days))?;
    let date = NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_signed(Duration::days(days))?;
    if part.is_empty() {
        return Some(Moment { date, time: None, offset: None });
    }
    let fraction: f64 = format!("0.{part}").parse().ok()?;
    let seconds = (fraction * 86_400.0).round() as u32;
    let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds.min(86_399), 0)?;
    Some(Moment { date, time: Some(time), offset: None })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn prague() -> Dates {
        Dates { zone: Tz::Europe__Prague, ..Dates::default() }
    }

    fn with(formats: &[&str]) -> Dates {
        Dates { formats: formats.iter().map(|f| (*f).to_owned()).collect(), ..prague() }
    }

    #[test]
    fn what_can_be_read_in_one_way_is_read() {
        for (cell, expected) in [
            ("2026-01-31", "2026-01-31"),
            ("2026/1/31", "2026-01-31"),
            ("20140102", "2014-01-02"),
            ("29.1.2025", "2025-01-29"),
            ("31/12/2012", "2012-12-31"),
            ("12/31/2012", "2012-12-31"),
            ("3/3/2024", "2024-03-03"),
            ("15 Mar 2024", "2024-03-15"),
            ("Mar 15, 2024", "2024-03-15"),
            ("March 15, 2024", "2024-03-15"),
            ("15-Mar-2024", "2024-03-15"),
            ("Fri, 15 Mar 2024", "2024-03-15"),
            ("2026-01-31T23:30:00Z", "2026-01-31"),
            ("2026-01", "2026-01"),
            ("1996", "1996"),
            ("--05-17", "--05-17"),
        ] {
            assert_eq!(prague().date(cell).unwrap(), expected, "{cell}");
        }
        for cell in ["", "soon", "31.2.2024", "2024-13-01", "1.2.24", "0/0/00", "2024-01-01x", "99999999", "20ééé"] {
            assert!(prague().date(cell).is_err(), "{cell}");
        }
        assert_eq!(
            prague().date("3/4/2024").unwrap_err().to_string(),
            "“3/4/2024” can be read in two ways (say which with dates = \"%d/%m/%Y\" or \"%m/%d/%Y\")"
        );
    }

    #[test]
    fn times_become_utc() {
        for (cell, expected) in [
            ("2026-01-31", "2026-01-30T23:00:00Z"),
            ("2026-07-01 10:00", "2026-07-01T08:00:00Z"),
            ("2026-07-01T10:00:00.250+09:00", "2026-07-01T01:00:00.250Z"),
            ("2026-07-01 10:00:00 UTC", "2026-07-01T10:00:00Z"),
            ("1.7.2026 8:05", "2026-07-01T06:05:00Z"),
            ("12/31/2025 12:15 AM", "2025-12-30T23:15:00Z"),
            ("12/31/2025, 1:15 PM", "2025-12-31T12:15:00Z"),
            ("Fri, 15 Mar 2024 10:00:00 +0100", "2024-03-15T09:00:00Z"),
            // 02:30 does not exist that night, and exists twice in October.
            ("2026-03-29 02:30", "2026-03-29T01:00:00Z"),
            ("2026-10-25 02:30", "2026-10-25T00:30:00Z"),
        ] {
            assert_eq!(prague().time(cell).unwrap(), expected, "{cell}");
        }
        for cell in ["2026-01-31 25:00", "2026-01-31 10", "2026-01-31 10:00 XYZ", "2026-01-31 13:00 PM"] {
            assert!(prague().time(cell).is_err(), "{cell}");
        }
    }

    #[test]
    fn given_formats_are_all_that_counts() {
        let incidents = with(&["%-d/%-m/%Y %H:%M", "%Y-%m-%d"]);
        assert_eq!(incidents.time("29/2/2016 01:16").unwrap(), "2016-02-29T00:16:00Z");
        assert_eq!(incidents.date("5/3/2016 12:00").unwrap(), "2016-03-05");
        assert_eq!(incidents.date("2016-03-05").unwrap(), "2016-03-05");
        assert_eq!(
            incidents.date("5.3.2016").unwrap_err().to_string(),
            "“5.3.2016” is no date (the format here is %-d/%-m/%Y %H:%M, %Y-%m-%d)"
        );
        assert_eq!(with(&["%s"]).time("86400").unwrap(), "1970-01-02T00:00:00Z");
        assert_eq!(with(&["excel"]).time("45292.5").unwrap(), "2024-01-01T11:00:00Z");
        assert_eq!(with(&["excel"]).date("45292").unwrap(), "2024-01-01");
        assert!(check_format("%-d.%-m.%Y").is_ok());
        assert_eq!(
            check_format("%Q").unwrap_err().to_string(),
            "“%Q” is no date format (such as %Y-%m-%d, %-d.%-m.%Y, %m/%d/%Y %H:%M, excel)"
        );
        assert!(check_format("yyyy").is_err());
    }

    #[test]
    fn a_column_shows_its_order() {
        assert_eq!(learn_order(["1/2/2026", "13/2/2026 10:00", ""]), Some(Order::DayMonth));
        assert_eq!(learn_order(["1/2/2026", "2/13/2026"]), Some(Order::MonthDay));
        assert_eq!(learn_order(["1/2/2026"]), None);
        assert_eq!(learn_order(["13/1/2026", "1/13/2026"]), None);
        let known = Dates { order: Some(Order::MonthDay), ..prague() };
        assert_eq!(known.date("3/4/2024").unwrap(), "2024-03-04");
        assert!(known.date("13/4/2024").is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn any_cell_is_read_without_panic(cell in "[0-9/.:T+Zé -]{0,20}|(Mon|Fri|Mar|May)?[ ,0-9:APM+-]{0,16}", excel in any::<bool>()) {
            let dates = if excel { with(&["excel", "%s", "%c"]) } else { prague() };
            let _ = (dates.date(&cell), dates.time(&cell), learn_order([cell.as_str()]));
        }

        #[test]
        fn a_written_date_is_read_back(days in 0i64..40_000, style in 0usize..5) {
            let date = NaiveDate::from_ymd_opt(1930, 1, 1).unwrap() + Duration::days(days);
            let format = ["%Y-%m-%d", "%-d.%-m.%Y", "%d %b %Y", "%B %d, %Y", "%Y/%m/%d"][style];
            let cell = date.format(format).to_string();
            prop_assert_eq!(prague().date(&cell).unwrap(), date.to_string());
        }
    }
}
