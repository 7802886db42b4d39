//! Business hours: several windows a day, holidays, a time zone.
//!
//! Windows are times of the clock on the wall and are converted at their edges, so
//! that a day with a change to or from summer time has the hours that it really has.
//! Costs grow with the days of a span, not with its seconds.

use std::fmt;

use chrono::{Datelike, Days, NaiveDate, NaiveTime, Weekday};
use chrono_tz::Tz;

use super::Holidays;
use crate::domain::Timestamp;
use crate::domain::zone::{day_at, moment_at};

/// The minutes of a day.
const DAY: u32 = 24 * 60;

/// How many days in a row may be without work before a calendar counts as one that
/// never works again.
const FALLOW: u32 = 1_000;

/// A part of a day in which people work, in minutes since midnight; `to` is 1,440 at most
/// and behind `from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    /// Its first minute.
    pub from: u32,
    /// The minute after its last.
    pub to: u32,
}

impl Window {
    /// Returns the window of a text: `09:00-12:30`, `22:00-24:00`.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence without its end.
    pub fn from_text(text: &str) -> Result<Self, String> {
        let minutes = |text: &str| {
            let (hour, minute) = text.trim().split_once(':')?;
            let two = |text: &str| text.len() <= 2 && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            if !two(hour) || minute.len() != 2 || !two(minute) {
                return None;
            }
            let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
            (minute < 60 && hour * 60 + minute <= DAY).then_some(hour * 60 + minute)
        };
        let ends = text.split_once(['-', '\u{2013}']).and_then(|(from, to)| Some((minutes(from)?, minutes(to)?)));
        match ends {
            None => Err(format!("\u{201c}{}\u{201d} is no part of a day", text.escape_debug())),
            Some((from, to)) if from < to => Ok(Self { from, to }),
            Some((from, to)) if from == to => Err(format!("\u{201c}{text}\u{201d} is empty")),
            Some(_) => Err(format!(
                "\u{201c}{text}\u{201d} ends before it begins: a night is two windows, to 24:00 and from 00:00 of the next day"
            )),
        }
    }
}

/// When people work.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    zone: Tz,
    /// From Monday on; in each day in order, without overlaps.
    week: [Vec<Window>; 7],
    holidays: Holidays,
}

/// Why nobody works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closed {
    /// Before the first or after the last window of a day.
    OutsideHours,
    /// Between two windows of a day.
    Break,
    /// A day of the week without windows.
    DayOff(Weekday),
    /// A holiday, by its name if it has one.
    Holiday(Option<String>),
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutsideHours => f.write_str("outside hours"),
            Self::Break => f.write_str("break"),
            Self::DayOff(day) => f.write_str(match day {
                Weekday::Mon => "Monday",
                Weekday::Tue => "Tuesday",
                Weekday::Wed => "Wednesday",
                Weekday::Thu => "Thursday",
                Weekday::Fri => "Friday",
                Weekday::Sat => "Saturday",
                Weekday::Sun => "Sunday",
            }),
            Self::Holiday(None) => f.write_str("holiday"),
            Self::Holiday(Some(name)) => write!(f, "holiday: {name}"),
        }
    }
}

/// A stretch of time in which people work, or don't.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Its first moment.
    pub from: Timestamp,
    /// The moment after its last.
    pub to: Timestamp,
    /// Why nobody works; none where people do.
    pub closed: Option<Closed>,
}

impl Span {
    fn micros(&self) -> i64 {
        self.to.0 - self.from.0
    }
}

impl Calendar {
    /// Returns the calendar of a week from Monday on. Windows are sorted; of two that
    /// overlap or touch one is made.
    pub fn new(zone: Tz, week: [Vec<Window>; 7], holidays: Holidays) -> Self {
        let week = week.map(|mut windows| {
            windows.sort_unstable();
            let mut joined: Vec<Window> = Vec::with_capacity(windows.len());
            for window in windows {
                match joined.last_mut() {
                    Some(last) if window.from <= last.to => last.to = last.to.max(window.to),
                    _ => joined.push(window),
                }
            }
            joined
        });
        Self { zone, week, holidays }
    }

    /// Returns the calendar of those who always work.
    pub fn always(zone: Tz) -> Self {
        Self::new(zone, std::array::from_fn(|_| vec![Window { from: 0, to: DAY }]), Holidays::default())
    }

    /// Returns its time zone.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// Returns how long a working day is in microseconds: the mean of the days of the
    /// week on which people work; 24 hours if there is none.
    pub fn working_day(&self) -> i64 {
        let days: Vec<u32> = self.week.iter().map(|day| day.iter().map(|w| w.to - w.from).sum()).filter(|minutes| *minutes > 0).collect();
        let minutes = if days.is_empty() { i64::from(DAY) } else { i64::from(days.iter().sum::<u32>()) / days.len() as i64 };
        minutes * 60_000_000
    }

    /// Returns the working time from one moment to another in microseconds; none of it
    /// where the second is not later.
    pub fn worked(&self, from: Timestamp, to: Timestamp) -> i64 {
        let mut worked = 0;
        self.each_window(from, |open, close| {
            if open >= to {
                return false;
            }
            worked += (close.min(to).0 - open.max(from).0).max(0);
            true
        });
        worked
    }

    /// Returns the moment at which so much working time has passed since another; `None`
    /// if that never comes.
    pub fn after(&self, from: Timestamp, micros: i64) -> Option<Timestamp> {
        if micros <= 0 {
            return Some(from);
        }
        let (mut left, mut found) = (micros, None);
        self.each_window(from, |open, close| {
            let begin = open.max(from);
            let here = (close.0 - begin.0).max(0);
            if here >= left {
                found = Some(Timestamp(begin.0 + left));
                return false;
            }
            left -= here;
            true
        });
        found
    }

    /// Returns the time from one moment to another cut into stretches of work and of
    /// none, each as long as its reason is the same.
    pub fn spans(&self, from: Timestamp, to: Timestamp) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        let mut push = |begin: Timestamp, end: Timestamp, closed: Option<Closed>| {
            let span = Span { from: begin.max(from), to: end.min(to), closed };
            if span.micros() <= 0 {
                return;
            }
            match spans.last_mut() {
                Some(last) if last.closed == span.closed => last.to = span.to,
                _ => spans.push(span),
            }
        };
        let mut day = day_at(self.zone, from);
        loop {
            let (begin, end) = (self.moment(day, 0), self.moment(day, DAY));
            if begin >= to {
                break;
            }
            let windows = self.windows(day);
            if end <= begin {
                // A day that a zone left out: nothing of it is there to be cut.
            } else if windows.is_empty() {
                let why = match self.holidays.on(day) {
                    Some(holiday) if !self.of_week(day).is_empty() => Closed::Holiday(holiday.name.clone()),
                    _ => Closed::DayOff(day.weekday()),
                };
                push(begin, end, Some(why));
            } else {
                let mut at = begin;
                for (n, window) in windows.iter().enumerate() {
                    let (open, close) = (self.moment(day, window.from), self.moment(day, window.to));
                    push(at, open, Some(if n == 0 { Closed::OutsideHours } else { Closed::Break }));
                    push(open, close, None);
                    at = close;
                }
                push(at, end, Some(Closed::OutsideHours));
            }
            let Some(next) = day.checked_add_days(Days::new(1)) else { break };
            day = next;
        }
        spans
    }

    /// Hands the windows that end after a moment to a function, in order, until it has
    /// enough or nobody works for years.
    fn each_window(&self, from: Timestamp, mut enough: impl FnMut(Timestamp, Timestamp) -> bool) {
        let mut day = day_at(self.zone, from);
        let mut fallow = 0;
        while fallow < FALLOW {
            fallow += 1;
            // A day off costs a look all the same: the span may end on it.
            if self.windows(day).is_empty() {
                if !enough(self.moment(day, DAY), self.moment(day, DAY)) {
                    return;
                }
            } else {
                for window in self.windows(day) {
                    let (open, close) = (self.moment(day, window.from), self.moment(day, window.to));
                    if close <= from {
                        continue;
                    }
                    if close > open {
                        fallow = 0;
                    }
                    if !enough(open, close) {
                        return;
                    }
                }
            }
            let Some(next) = day.checked_add_days(Days::new(1)) else { return };
            day = next;
        }
    }

    fn of_week(&self, day: NaiveDate) -> &[Window] {
        &self.week[day.weekday().num_days_from_monday() as usize]
    }

    fn windows(&self, day: NaiveDate) -> &[Window] {
        let windows = self.of_week(day);
        if windows.is_empty() || self.holidays.on(day).is_some() { &[] } else { windows }
    }

    /// Returns the moment at which a clock on the wall shows so many minutes of a day.
    fn moment(&self, day: NaiveDate, minutes: u32) -> Timestamp {
        let (day, minutes) =
            if minutes >= DAY { (day.checked_add_days(Days::new(1)).unwrap_or(day), minutes - DAY) } else { (day, minutes) };
        let time = NaiveTime::from_num_seconds_from_midnight_opt(minutes * 60, 0).unwrap_or(NaiveTime::MIN);
        moment_at(self.zone, day.and_time(time))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::super::{Holiday, Occasion};
    use super::*;

    fn office() -> Calendar {
        let windows = ["08:00-12:00", "13:00-17:00"].map(|text| Window::from_text(text).unwrap());
        let week = std::array::from_fn(|day| if day < 5 { windows.to_vec() } else { Vec::new() });
        let holidays =
            ["easter-2", "easter+1", "12-24"].map(|text| Holiday { on: Occasion::from_text(text).unwrap(), name: Some(text.to_owned()) });
        Calendar::new("Europe/Prague".parse().unwrap(), week, Holidays::new(holidays.into()))
    }

    /// Round the clock but for the night's change of time, so that the change shows.
    fn night() -> Calendar {
        let week = std::array::from_fn(|_| vec![Window { from: 0, to: 6 * 60 }, Window { from: 22 * 60, to: DAY }]);
        Calendar::new("Europe/Prague".parse().unwrap(), week, Holidays::default())
    }

    fn at(wall: &str) -> Timestamp {
        moment_at("Europe/Prague".parse().unwrap(), wall.parse().unwrap())
    }

    fn hours(calendar: &Calendar, from: &str, to: &str) -> f64 {
        calendar.worked(at(from), at(to)) as f64 / 3.6e9
    }

    #[test]
    fn only_hours_at_work_count() {
        let office = office();
        assert_eq!(hours(&office, "2026-11-27T16:30:00", "2026-11-30T08:15:00"), 0.75);
        assert_eq!(hours(&office, "2026-11-27T11:30:00", "2026-11-27T13:30:00"), 1.0);
        assert_eq!(hours(&office, "2026-11-28T00:00:00", "2026-11-29T23:00:00"), 0.0);
        assert_eq!(hours(&office, "2026-04-02T16:00:00", "2026-04-07T09:00:00"), 2.0, "Easter");
        assert_eq!(hours(&office, "2026-11-30T10:00:00", "2026-11-30T09:00:00"), 0.0);
        // A night with a change of time has an hour less, or one more.
        assert_eq!(hours(&night(), "2026-03-28T22:00:00", "2026-03-29T06:00:00"), 7.0);
        assert_eq!(hours(&night(), "2026-10-24T22:00:00", "2026-10-25T06:00:00"), 9.0);
    }

    #[test]
    fn a_deadline_lies_within_hours() {
        let hour = 3_600_000_000;
        for (from, hours, due) in [
            ("2026-11-27T16:30:00", 1, "2026-11-30T08:30:00"),
            ("2026-11-28T14:00:00", 1, "2026-11-30T09:00:00"),
            ("2026-11-27T11:00:00", 2, "2026-11-27T14:00:00"),
            ("2026-04-02T16:30:00", 16, "2026-04-08T16:30:00"),
        ] {
            assert_eq!(office().after(at(from), hours * hour), Some(at(due)), "{from} + {hours} h");
        }
        assert_eq!(office().after(at("2026-11-28T14:00:00"), 0), Some(at("2026-11-28T14:00:00")));
        let never = Calendar::new("UTC".parse().unwrap(), std::array::from_fn(|_| Vec::new()), Holidays::default());
        assert_eq!(never.after(at("2026-11-28T14:00:00"), 1), None);
        assert_eq!(never.working_day(), 24 * hour);
        assert_eq!(office().working_day(), 8 * hour);
    }

    #[test]
    fn stretches_say_why() {
        let told: Vec<String> = office()
            .spans(at("2026-04-02T11:00:00"), at("2026-04-07T09:00:00"))
            .into_iter()
            .map(|span| format!("{} min {:?}", span.micros() / 60_000_000, span.closed))
            .collect();
        assert_eq!(
            told,
            [
                "60 min None",
                "60 min Some(Break)",
                "240 min None",
                "420 min Some(OutsideHours)",
                "1440 min Some(Holiday(Some(\"easter-2\")))",
                "1440 min Some(DayOff(Sat))",
                "1440 min Some(DayOff(Sun))",
                "1440 min Some(Holiday(Some(\"easter+1\")))",
                "480 min Some(OutsideHours)",
                "60 min None",
            ]
        );
    }

    #[test]
    fn windows_are_read_or_refused() {
        assert_eq!(Window::from_text(" 9:00 - 24:00"), Ok(Window { from: 540, to: DAY }));
        for slip in
            ["", "9-17", "09:00", "09:60-10:00", "25:00-26:00", "24:01-24:02", "+9:00-10:00", "09:00-09:00", "22:00-06:00", "09:0-10:00"]
        {
            assert!(Window::from_text(slip).is_err(), "{slip}");
        }
        let touching = Calendar::new(
            "UTC".parse().unwrap(),
            std::array::from_fn(|_| vec![Window { from: 600, to: 700 }, Window { from: 500, to: 600 }]),
            Holidays::default(),
        );
        assert_eq!(touching.spans(Timestamp(0), Timestamp(86_400_000_000)).len(), 3);
    }

    fn any_calendar() -> impl Strategy<Value = Calendar> {
        let zone =
            prop_oneof![Just("Europe/Prague"), Just("UTC"), Just("America/Sao_Paulo"), Just("Pacific/Apia"), Just("Australia/Lord_Howe")];
        let window = (0..DAY, 1..DAY).prop_map(|(from, long)| Window { from, to: (from + long).min(DAY) });
        let day = prop::collection::vec(window, 0..4);
        let holiday = (-3i64..60).prop_map(|days| Holiday { on: Occasion::Easter(days), name: None });
        (zone, prop::collection::vec(day, 7), prop::collection::vec(holiday, 0..5))
            .prop_map(|(zone, week, holidays)| Calendar::new(zone.parse().unwrap(), week.try_into().unwrap(), Holidays::new(holidays)))
    }

    /// Moments of 2010 to 2020, which hold both changes of time of all these zones and
    /// the day that Apia left out.
    fn any_moment() -> impl Strategy<Value = Timestamp> {
        (1_262_304_000i64..1_577_836_800).prop_map(|seconds| Timestamp(seconds * 1_000_000))
    }

    proptest! {
        #[test]
        fn working_time_adds_up(calendar in any_calendar(), mut moments in prop::collection::vec(any_moment(), 3)) {
            moments.sort_unstable();
            let [a, b, c] = moments[..] else { unreachable!() };
            let (whole, first, second) = (calendar.worked(a, c), calendar.worked(a, b), calendar.worked(b, c));
            prop_assert_eq!(whole, first + second);
            prop_assert!(first >= 0 && first <= b.0 - a.0);
            prop_assert_eq!(calendar.worked(c, a), 0);
        }

        #[test]
        fn what_has_passed_by_a_deadline_is_what_was_given(calendar in any_calendar(), from in any_moment(), minutes in 1i64..20_000) {
            if let Some(due) = calendar.after(from, minutes * 60_000_000) {
                prop_assert_eq!(calendar.worked(from, due), minutes * 60_000_000);
                prop_assert!(calendar.worked(from, Timestamp(due.0 - 1)) < minutes * 60_000_000);
            }
        }

        #[test]
        fn stretches_are_the_whole_time(calendar in any_calendar(), from in any_moment(), hours in 0i64..2_000) {
            let to = from.plus_seconds(hours * 3600);
            let spans = calendar.spans(from, to);
            let mut at = from;
            for span in &spans {
                prop_assert_eq!(span.from, at);
                at = span.to;
            }
            prop_assert_eq!(at, to);
            let open: i64 = spans.iter().filter(|span| span.closed.is_none()).map(Span::micros).sum();
            prop_assert_eq!(open, calendar.worked(from, to));
        }
    }
}
