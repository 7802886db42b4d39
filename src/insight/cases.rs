//! What became of tickets, for reports: how soon they were answered and solved, in working
//! time and by the clock on the wall, how often they were handed on and opened again, and
//! what the customer said afterwards. What is summed, and by what, others know.

use std::collections::HashMap;
use std::sync::Arc;

use super::service::{glanced, governed, histories, opened_at};
use crate::domain::fields::number;
use crate::domain::service::{Calendar, Clock, Reading, What, glance};
use crate::domain::{Category, Kind, Record, RecordId, Timestamp, Value};
use crate::query::Query;
use crate::store::StoreError;
use crate::store::api::{Store, View};
use crate::store::walk::Walk;

/// The events that hand a ticket on.
const HANDED_ON: &str = "field:queue,line,assignee";

/// A ticket, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The ticket.
    pub ticket: Arc<Record>,
    /// The policy that it is under.
    pub policy: Option<String>,
    /// When it was opened.
    pub opened: Timestamp,
    /// Who has to act.
    pub category: Category,
    /// Its clocks, in the time of its calendar.
    pub working: Vec<Reading>,
    /// Its clocks, around the clock.
    pub calendar: Vec<Reading>,
    /// How often it was opened again.
    pub reopened: u64,
    /// How often it went from one queue, line or person to another.
    pub transfers: u64,
    /// 1 to 5, said by the customer.
    pub satisfaction: Option<i64>,
    /// 1 to 7, said by the customer.
    pub effort: Option<i64>,
    /// 0 to 10, said by the customer.
    pub recommends: Option<i64>,
}

impl Case {
    /// Returns a clock in the time of the ticket's calendar.
    pub fn clock(&self, clock: Clock) -> Option<&Reading> {
        self.working.iter().find(|reading| reading.clock == clock)
    }

    /// Returns how long a clock ran that has ended, in microseconds, in working time or
    /// around the clock.
    pub fn took(&self, clock: Clock, working: bool) -> Option<i64> {
        let readings = if working { &self.working } else { &self.calendar };
        readings.iter().find(|reading| reading.clock == clock && reading.ended.is_some()).map(|reading| reading.used)
    }
}

/// Returns the tickets that match a query, and what became of them.
///
/// # Errors
/// What the store answers.
pub fn cases(store: &dyn Store, view: &View, query: Option<Arc<Query>>) -> Result<Vec<Case>, StoreError> {
    let definitions = store.definitions();
    let mut tickets = Vec::new();
    Walk::new(Kind::Ticket, view.clone()).query(query).each(store, |ticket| {
        tickets.push(Arc::clone(ticket));
        Ok::<(), StoreError>(())
    })?;
    let governed = governed(store, view, &definitions, &tickets)?;
    let histories = histories(store, view, &tickets)?;
    let mut transfers: HashMap<RecordId, u64> = tickets.iter().map(|ticket| (ticket.id, 0)).collect();
    let query = Query::parse(HANDED_ON, Kind::Event, &definitions).ok().map(Arc::new);
    Walk::new(Kind::Event, view.clone()).query(query).each(store, |event| {
        // Whoever takes what nobody had hands nothing on.
        let moved = event.has(number::EVENT_FROM) && event.has(number::EVENT_TO);
        if let Some(count) = event.link(number::EVENT_RECORD).filter(|_| moved).and_then(|id| transfers.get_mut(&id)) {
            *count += 1;
        }
        Ok::<(), StoreError>(())
    })?;
    let always = Calendar::always(definitions.settings.timezone);
    let said = |ticket: &Record, field, least: i64, most: i64| {
        ticket.first(field).and_then(Value::as_int).filter(|score| (least..=most).contains(score))
    };
    let cases = tickets.into_iter().zip(&histories).zip(&governed).map(|((ticket, history), governed)| {
        let mut done = false;
        let mut reopened = 0;
        for happening in history.happenings() {
            if let What::Status(_, category) = &happening.what {
                let now = *category == Category::Done;
                reopened += u64::from(done && !now);
                done = now;
            }
        }
        Case {
            policy: governed.policy.as_ref().map(|(name, _)| name.clone()),
            opened: opened_at(&ticket),
            category: definitions.category_of(&ticket),
            working: glanced(&ticket, history, governed, &definitions, view.now).readings,
            calendar: Clock::ALL.into_iter().filter_map(|clock| glance(clock, history, &always, None, view.now)).collect(),
            reopened,
            transfers: transfers.get(&ticket.id).copied().unwrap_or_default(),
            satisfaction: said(&ticket, number::SATISFACTION, 1, 5),
            effort: said(&ticket, number::EFFORT, 1, 7),
            recommends: said(&ticket, number::RECOMMENDS, 0, 10),
            ticket,
        }
    });
    Ok(cases.collect())
}

/// Returns the value below which so many per cent of the values lie, by the nearest rank:
/// that at ⌈p n / 100⌉ of them in order; `None` of nothing.
pub fn percentile(values: &mut [i64], percent: usize) -> Option<i64> {
    values.sort_unstable();
    let rank = (values.len() * percent).div_ceil(100);
    values.get(rank.checked_sub(1)?).copied()
}

/// Returns the Net Promoter Score: the part of 9 and 10 less that of 0 to 6, from -100 to
/// 100; `None` of nothing.
pub fn promoters(scores: impl IntoIterator<Item = i64>) -> Option<f64> {
    let (mut count, mut sum) = (0_i64, 0_i64);
    for score in scores {
        count += 1;
        sum += i64::from(score >= 9) - i64::from(score <= 6);
    }
    (count > 0).then(|| 100.0 * sum as f64 / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_the_nearest_and_scores_are_those_of_the_literature() {
        let mut values: Vec<i64> = (1..=10).rev().collect();
        for (percent, value) in [(50, 5), (90, 9), (91, 10), (100, 10), (1, 1)] {
            assert_eq!(percentile(&mut values, percent), Some(value), "{percent}");
        }
        assert_eq!((percentile(&mut [], 50), percentile(&mut [7], 90)), (None, Some(7)));
        assert_eq!(promoters([10, 9, 8, 7, 6, 0]), Some(0.0));
        assert_eq!(promoters([10, 9, 8]).map(f64::round), Some(67.0));
        assert_eq!((promoters([0]), promoters([])), (Some(-100.0), None), "a nought is a detractor");
    }
}
