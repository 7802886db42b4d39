//! The ticket queue: who needs an answer first, and why.
//!
//! By the nearest target of a service level, then priority, then whether somebody here
//! has to act or the customer, then what the customer is worth, then age: the oldest
//! first. Never by channel.

mod kept;

use std::cmp::Reverse;
use std::sync::Arc;

pub use self::kept::KeptQueue;
use super::service::{Service, opened_at};
use crate::domain::fields::number;
use crate::domain::service::{Clock, Standing};
use crate::domain::{Category, ChoiceList, Definitions, Kind, Record, RecordId, Timestamp};
use crate::query::Query;
use crate::store::StoreError;
use crate::store::api::{Store, View};

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;

/// A ticket in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urgency {
    /// The ticket.
    pub ticket: Arc<Record>,
    /// Its place among the priorities, 0 the most urgent; one without stands behind all.
    pub priority: usize,
    /// Who has to act.
    pub category: Category,
    /// What was won from its company, else its contact, in minor units of the reporting
    /// currency at the day's rate; what has no rate is not counted.
    pub worth: i128,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The promise that has to be kept first; none where nothing is promised or the
    /// customer is waited for.
    pub pressing: Option<Pressing>,
    /// Why it stands where it does: `first response in 20 min`, `urgent, open for 3 d`.
    pub reason: String,
}

/// A promise, and when it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pressing {
    /// Which clock runs.
    pub clock: Clock,
    /// Where it stands.
    pub standing: Standing,
    /// When its target is reached.
    pub due: Timestamp,
}

/// The queue, most urgent first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Queue {
    /// The tickets that are not done.
    pub tickets: Vec<Urgency>,
    /// Tickets left out because an amount in the query has no rate.
    pub unpriced: u64,
}

/// Returns the tickets that are not done and match a query, most urgent first.
///
/// # Errors
/// What the store answers.
pub fn queue(store: &dyn Store, view: &View, query: Option<Arc<Query>>) -> Result<Queue, StoreError> {
    KeptQueue::default().queue(store, view, query)
}

/// Returns the query of the tickets that are not done, which an index answers however many
/// are; `None` for all of them where it cannot be said.
pub(in crate::insight) fn not_done(definitions: &Definitions) -> Option<Arc<Query>> {
    let open = definitions.statuses.iter().filter(|status| status.category != Category::Done);
    let quoted = open.map(|status| format!("\"{}\"", status.name.replace('\\', "\\\\").replace('"', "\\\"")));
    let text = format!("status:{}", quoted.collect::<Vec<_>>().join(","));
    Query::parse(&text, Kind::Ticket, definitions).ok().map(Arc::new)
}

/// Returns what a ticket's urgency is told by.
fn urgency(ticket: &Arc<Record>, service: Option<&Service>, worth: i128, definitions: &Definitions, now: Timestamp) -> Urgency {
    let category = definitions.category_of(ticket);
    let priority = ticket.text(number::PRIORITY);
    let rank = priority.and_then(|word| definitions.rank(ChoiceList::Priority, word)).unwrap_or(usize::MAX);
    let opened_at = opened_at(ticket);
    let acts = if category == Category::Waiting { "waiting" } else { "open" };
    let status = ticket.text(number::STATUS).unwrap_or(acts);
    let age = age(now, opened_at);
    let pressing = service.and_then(Service::nearest).and_then(|reading| {
        let due = reading.due?;
        Some(Pressing { clock: reading.clock, standing: reading.standing, due })
    });
    let paused = service.is_some_and(|service| service.readings.iter().any(|reading| reading.standing == Standing::Paused));
    let reason = match (&pressing, priority, ticket.has(number::FIRST_RESPONSE_AT)) {
        (Some(pressing), ..) => pressing.told(now),
        (None, _, _) if paused => format!("clock stands, {status} for {age}"),
        (None, Some(priority), false) if category == Category::Open => format!("{priority}, {status}, unanswered for {age}"),
        (None, Some(priority), _) => format!("{priority}, {status} for {age}"),
        (None, None, _) => format!("{status} for {age}"),
    };
    Urgency { ticket: Arc::clone(ticket), priority: rank, category, worth, opened_at, pressing, reason }
}

impl Urgency {
    fn place(&self) -> Place {
        Place {
            due: self.pressing.as_ref().map_or(Timestamp(i64::MAX), |pressing| pressing.due),
            priority: self.priority,
            acts: Reverse(self.category == Category::Open),
            worth: Reverse(self.worth),
            opened_at: self.opened_at,
            id: self.ticket.id,
        }
    }
}

/// Where a ticket stands in the queue: what comes first, by field. It does not change
/// with time, since a target is due at one moment until something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    due: Timestamp,
    priority: usize,
    acts: Reverse<bool>,
    worth: Reverse<i128>,
    opened_at: Timestamp,
    id: RecordId,
}

impl Pressing {
    /// Returns what is due and in how much time, or how late it is; to the second in the
    /// last minute.
    fn told(&self, now: Timestamp) -> String {
        let clock = self.clock.said();
        match self.due.0 - now.0 {
            left @ 0..MINUTE => format!("{clock} in {} s", left / SECOND),
            left if left > 0 => format!("{clock} in {}", age(self.due, now)),
            _ => format!("{clock} {} late", age(now, self.due)),
        }
    }

    /// Returns when it is told in other words: at the next whole minute, in the last one
    /// at the next second.
    pub fn changes_at(&self, now: Timestamp) -> Timestamp {
        match self.due.0 - now.0 {
            // The last minute begins when a minute is left, and ends a moment after it is due.
            left @ 0..MINUTE => Timestamp(now.0 + left % SECOND + 1),
            left if left >= MINUTE => Timestamp(next_minute(now).min(self.due.0 - MINUTE + 1)),
            _ => Timestamp(next_minute(now)),
        }
    }
}

fn next_minute(now: Timestamp) -> i64 {
    now.0 - now.0.rem_euclid(MINUTE) + MINUTE
}

/// Returns a span of time in its largest whole unit: `3 d`, `5 h`, `12 min`.
fn age(now: Timestamp, since: Timestamp) -> String {
    let minutes = now.0.saturating_sub(since.0).max(0) / 60_000_000;
    match minutes {
        0..60 => format!("{minutes} min"),
        60..2_880 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1_440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_one_unit() {
        let at = Timestamp::EPOCH;
        for (minutes, told) in [(0, "0 min"), (59, "59 min"), (61, "1 h"), (2_879, "47 h"), (2_880, "2 d"), (600_000, "416 d")] {
            assert_eq!(age(at.plus_seconds(minutes * 60), at), told);
        }
        assert_eq!(age(at, at.plus_seconds(60)), "0 min");
    }

    #[test]
    fn a_promise_is_told_anew_each_minute_and_in_the_last_one_each_second() {
        let due = Timestamp::EPOCH.plus_seconds(630);
        let pressing = Pressing { clock: Clock::Resolution, standing: Standing::Running, due };
        let told = |second: i64| {
            let now = Timestamp::EPOCH.plus_seconds(second);
            (pressing.told(now), (pressing.changes_at(now).0 - now.0).div_euclid(SECOND))
        };
        for (second, text, seconds) in [
            (0, "resolution in 10 min", 60),
            (510, "resolution in 2 min", 30),
            (540, "resolution in 1 min", 30),
            (571, "resolution in 59 s", 0),
            (629, "resolution in 1 s", 0),
            (630, "resolution in 0 s", 0),
            (631, "resolution 0 min late", 29),
            (690, "resolution 1 min late", 30),
        ] {
            assert_eq!(told(second), (text.to_owned(), seconds), "{second}");
        }
    }
}
