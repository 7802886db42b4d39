//! What an agenda is asked for with, on the command line and in the application.

use chrono::{Days, NaiveDate};

use crate::actions::{ActionError, Desk};
use crate::domain::zone::{day_at, midnight};
use crate::domain::{Timestamp, parse, tasks};

/// How many days an agenda has unless another end is given.
const DAYS: u64 = 7;

/// Returns the moment before which an agenda ends: of a day, and of so many days from now,
/// the end of the day.
///
/// # Errors
/// Exit 2 for a text that is no moment.
pub fn agenda_until(desk: &Desk, text: Option<&str>) -> Result<Timestamp, ActionError> {
    let zone = desk.zone();
    let after = |day: NaiveDate, days: u64| day.checked_add_days(Days::new(days)).map(|day| midnight(zone, day));
    let end = match text {
        None => after(desk.today(), DAYS),
        Some(text) => match parse::leading_time(text, zone, desk.now()) {
            Some((at, "")) if tasks::is_whole_day(at, zone) || text.trim().starts_with(['+', '-']) => after(day_at(zone, at), 1),
            Some((at, "")) => Some(at),
            _ => None,
        },
    };
    end.ok_or_else(|| {
        ActionError::usage(format!("{} is no moment", parse::quoted(text.unwrap_or_default())))
            .hint("write +2w, fri, eom, 31.1. or 2026-01-31 10:00")
    })
}
