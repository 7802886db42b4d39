//! The ticket queue: who needs an answer first, and why.
//!
//! By the nearest target of a service level, then priority, then whether somebody here
//! has to act or the customer, then age: the oldest first. Never by channel.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use super::service::{Service, opened_at, service};
use crate::domain::fields::number;
use crate::domain::service::{Clock, Standing};
use crate::domain::{Category, ChoiceList, Definitions, Kind, Record, Timestamp};
use crate::query::Query;
use crate::store::StoreError;
use crate::store::api::{Store, View};
use crate::store::walk::Walk;

/// A ticket in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urgency {
    /// The ticket.
    pub ticket: Arc<Record>,
    /// Its place among the priorities, 0 the most urgent; one without stands behind all.
    pub priority: usize,
    /// Who has to act.
    pub category: Category,
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
    let mut tickets = Vec::new();
    let unpriced = Walk::new(Kind::Ticket, view.clone()).query(query).each(store, |ticket| {
        tickets.push(Arc::clone(ticket));
        Ok::<(), StoreError>(())
    })?;
    let mut tickets: Vec<Urgency> = urgencies(store, view, &tickets)?.into_iter().flatten().collect();
    tickets.sort_by_key(|urgency| {
        let due = urgency.pressing.as_ref().map_or(Timestamp(i64::MAX), |pressing| pressing.due);
        (due, urgency.priority, Reverse(urgency.category == Category::Open), urgency.opened_at, urgency.ticket.id)
    });
    Ok(Queue { tickets, unpriced })
}

/// Returns the urgency of each of these tickets, in their order; `None` for one that is
/// done.
///
/// # Errors
/// What the store answers.
pub fn urgencies(store: &dyn Store, view: &View, tickets: &[Arc<Record>]) -> Result<Vec<Option<Urgency>>, StoreError> {
    let definitions = store.definitions();
    let open = |ticket: &Record| definitions.category_of(ticket) != Category::Done;
    let mut services = if definitions.policies.iter().len() == 0 {
        HashMap::new()
    } else {
        let asked: Vec<Arc<Record>> = tickets.iter().filter(|ticket| open(ticket)).map(Arc::clone).collect();
        service(store, view, &asked)?.into_iter().map(|service| (service.ticket, service)).collect()
    };
    let urgency =
        |ticket: &Arc<Record>| open(ticket).then(|| urgency(ticket, services.remove(&ticket.id).as_ref(), &definitions, view.now));
    Ok(tickets.iter().map(urgency).collect())
}

fn urgency(ticket: &Arc<Record>, service: Option<&Service>, definitions: &Definitions, now: Timestamp) -> Urgency {
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
    Urgency { ticket: Arc::clone(ticket), priority: rank, category, opened_at, pressing, reason }
}

impl Pressing {
    /// Returns what is due and in how much time, or how late it is.
    fn told(&self, now: Timestamp) -> String {
        let clock = self.clock.said();
        if self.due < now { format!("{clock} {} late", age(now, self.due)) } else { format!("{clock} in {}", age(self.due, now)) }
    }
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
}
