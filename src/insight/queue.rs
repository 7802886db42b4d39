//! The ticket queue: who needs an answer first, and why.
//!
//! By priority, then whether somebody here has to act or the customer, then age:
//! the oldest first. Service clocks come before that once there are service levels.

use std::cmp::Reverse;
use std::sync::Arc;

use super::service::opened_at;
use crate::domain::fields::number;
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
    /// Why it stands where it does: `urgent, open for 3 d`.
    pub reason: String,
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
    let definitions = store.definitions();
    let mut tickets = Vec::new();
    let unpriced = Walk::new(Kind::Ticket, view.clone()).query(query).each(store, |ticket| {
        tickets.extend(urgency(ticket, &definitions, view.now));
        Ok::<(), StoreError>(())
    })?;
    tickets.sort_by_key(|urgency| (urgency.priority, Reverse(urgency.category == Category::Open), urgency.opened_at, urgency.ticket.id));
    Ok(Queue { tickets, unpriced })
}

/// Returns a ticket's urgency; `None` for one that is done.
pub fn urgency(ticket: &Arc<Record>, definitions: &Definitions, now: Timestamp) -> Option<Urgency> {
    let category = definitions.category_of(ticket);
    if category == Category::Done {
        return None;
    }
    let priority = ticket.text(number::PRIORITY);
    let rank = priority.and_then(|word| definitions.rank(ChoiceList::Priority, word)).unwrap_or(usize::MAX);
    let opened_at = opened_at(ticket);
    let acts = if category == Category::Waiting { "waiting" } else { "open" };
    let status = ticket.text(number::STATUS).unwrap_or(acts);
    let age = age(now, opened_at);
    let reason = match (priority, ticket.has(number::FIRST_RESPONSE_AT)) {
        (Some(priority), false) if category == Category::Open => format!("{priority}, {status}, unanswered for {age}"),
        (Some(priority), _) => format!("{priority}, {status} for {age}"),
        (None, _) => format!("{status} for {age}"),
    };
    Some(Urgency { ticket: Arc::clone(ticket), priority: rank, category, opened_at, reason })
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
