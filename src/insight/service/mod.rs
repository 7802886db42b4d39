//! How soon a ticket is to be answered and solved, and where its clocks stand.
//!
//! What happened is read from the ticket's events and messages, never from the time of
//! a commit; what follows from it is [`domain::service`](crate::domain::service)'s. It
//! must not know how clocks are drawn.

mod history;
mod policy;

pub(super) use history::AUTOMATIC;
use std::borrow::Cow;
use std::sync::Arc;

pub use self::history::histories;
pub(super) use self::history::opened_at;
pub(super) use self::policy::{Governed, governed};
use crate::domain::fields::number;
use crate::domain::service::{Calendar, Clock, History, Reading, glance, read};
use crate::domain::{Definitions, Record, RecordId, Timestamp};
use crate::store::StoreError;
use crate::store::api::{Store, View};

/// So many tickets are asked for one by one; for more all that there are is read once.
const BY_ID: usize = 100;

/// Why a policy applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// The ticket's contract grants it.
    Contract(RecordId),
    /// The ticket names it.
    Ticket,
    /// It is the first whose query matches.
    Query,
}

/// The service that a ticket is under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// The ticket.
    pub ticket: RecordId,
    /// The policy, and why it is this one; without one nothing is promised.
    pub policy: Option<(String, Chosen)>,
    /// The name of the calendar; none works around the clock.
    pub calendar: Option<String>,
    /// Its clocks, those that have begun.
    pub readings: Vec<Reading>,
    /// What is odd about its policy, in sentences.
    pub notices: Vec<String>,
}

impl Service {
    /// Returns the clock that has to be met first: what is over its target before what is
    /// due, the nearest before the rest.
    pub fn nearest(&self) -> Option<&Reading> {
        let open = self.readings.iter().filter(|reading| reading.ended.is_none() && reading.due.is_some());
        open.min_by_key(|reading| (reading.due, reading.clock))
    }
}

/// Returns the service of these tickets, in their order, as of a moment.
///
/// # Errors
/// What the store answers.
pub fn service(store: &dyn Store, view: &View, tickets: &[Arc<Record>]) -> Result<Vec<Service>, StoreError> {
    let definitions = store.definitions();
    let governed = governed(store, view, &definitions, tickets)?;
    let histories = histories(store, view, tickets)?;
    let services = tickets.iter().zip(&histories).zip(governed);
    Ok(services.map(|((ticket, history), governed)| reckoned(ticket, history, governed, &definitions, view.now)).collect())
}

/// Returns the clocks of a ticket at a moment, from its history and its policy.
fn reckoned(ticket: &Record, history: &History, governed: Governed, definitions: &Definitions, now: Timestamp) -> Service {
    let terms = Terms::of(ticket, governed.policy.as_ref(), definitions);
    let readings = terms.clocks().filter_map(|(clock, target)| read(clock, history, &terms.calendar, target, now)).collect();
    Service { ticket: ticket.id, calendar: terms.named, policy: governed.policy, readings, notices: governed.notices }
}

/// Returns the same without the segments of each clock.
pub(super) fn glanced(ticket: &Record, history: &History, governed: &Governed, definitions: &Definitions, now: Timestamp) -> Service {
    let terms = Terms::of(ticket, governed.policy.as_ref(), definitions);
    let readings = terms.clocks().filter_map(|(clock, target)| glance(clock, history, &terms.calendar, target, now)).collect();
    let Governed { policy, notices } = governed.clone();
    Service { ticket: ticket.id, calendar: terms.named, policy, readings, notices }
}

/// What a policy promises for one ticket.
struct Terms<'d> {
    calendar: Cow<'d, Calendar>,
    named: Option<String>,
    targets: [Option<i64>; 3],
}

impl<'d> Terms<'d> {
    fn of(ticket: &Record, policy: Option<&(String, Chosen)>, definitions: &'d Definitions) -> Self {
        let policy = policy.and_then(|(name, _)| definitions.policies.get(name));
        let named = policy.and_then(|policy| policy.calendar.as_deref());
        let calendar = named.and_then(|name| definitions.calendars.get(name)).map(Cow::Borrowed);
        Self {
            calendar: calendar.unwrap_or_else(|| Cow::Owned(Calendar::always(definitions.settings.timezone))),
            named: named.map(str::to_owned),
            targets: Clock::ALL.map(|clock| policy.and_then(|policy| policy.target(clock, ticket.text(number::PRIORITY)))),
        }
    }

    fn clocks(&self) -> impl Iterator<Item = (Clock, Option<i64>)> {
        Clock::ALL.into_iter().zip(self.targets)
    }
}
