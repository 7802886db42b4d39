//! How soon a ticket is to be answered and solved, and where its clocks stand.
//!
//! What happened is read from the ticket's events and messages, never from the time of
//! a commit; what follows from it is [`domain::service`](crate::domain::service)'s. It
//! must not know how clocks are drawn.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::domain::fields::number;
use crate::domain::service::{Calendar, Clock, Happening, History, Policy, Reading, What, read};
use crate::domain::zone::day_at;
use crate::domain::{Category, Date, Definitions, Kind, Record, RecordId, Timestamp, Value, fold};
use crate::query::Query;
use crate::store::StoreError;
use crate::store::api::{Store, View};
use crate::store::walk::Walk;

/// How many events or messages of one ticket are looked at.
const MOST: usize = 100_000;
/// So many tickets are asked for one by one; for more all that there are is read once.
const BY_ID: usize = 100;
/// What an interaction's outcome says where no person wrote it.
const AUTOMATIC: [&str; 4] = ["auto-reply", "autoreply", "automatic", "bounce"];

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
    let chosen = choose(store, view, &definitions, tickets)?;
    let histories = histories(store, view, tickets)?;
    let services = tickets.iter().zip(&histories).zip(chosen);
    Ok(services.map(|((ticket, history), (policy, notices))| of(ticket, history, view.now, &definitions, policy, notices)).collect())
}

fn of(
    ticket: &Record,
    history: &History,
    now: Timestamp,
    definitions: &Definitions,
    policy: Option<(&Policy, Chosen)>,
    notices: Vec<String>,
) -> Service {
    let always = Calendar::always(definitions.settings.timezone);
    let named = policy.as_ref().and_then(|(policy, _)| policy.calendar.as_deref());
    let calendar = named.and_then(|name| definitions.calendars.get(name)).unwrap_or(&always);
    let target = |clock| policy.as_ref().and_then(|(policy, _)| policy.target(clock, ticket.text(number::PRIORITY)));
    let readings = Clock::ALL.into_iter().filter_map(|clock| read(clock, history, calendar, target(clock), now)).collect();
    Service {
        ticket: ticket.id,
        calendar: named.map(str::to_owned),
        policy: policy.map(|(policy, chosen)| (policy.name.clone(), chosen)),
        readings,
        notices,
    }
}

/// Returns the policy of each ticket: its contract's while that runs, else its own, else
/// the first whose query matches.
#[allow(clippy::type_complexity, reason = "a policy, why, and what was odd, for each ticket")]
fn choose<'d>(
    store: &dyn Store,
    view: &View,
    definitions: &'d Definitions,
    tickets: &[Arc<Record>],
) -> Result<Vec<(Option<(&'d Policy, Chosen)>, Vec<String>)>, StoreError> {
    let mut chosen = Vec::with_capacity(tickets.len());
    for ticket in tickets {
        let mut notices = Vec::new();
        let mut named = |name: &str, by: &str| {
            let policy = definitions.policies.get(name);
            if policy.is_none() {
                notices.push(format!("{by} names the service level \u{201c}{name}\u{201d}, which there is not"));
            }
            policy
        };
        let by_contract = granted(store, definitions, ticket)?
            .and_then(|(contract, name)| named(&name, &contract.to_string()).map(|policy| (policy, Chosen::Contract(contract))));
        let own = || ticket.text(number::TICKET_SLA).and_then(|name| named(name, "the ticket")).map(|policy| (policy, Chosen::Ticket));
        chosen.push((by_contract.or_else(own), notices));
    }
    let mut left: Vec<usize> = (0..tickets.len()).filter(|n| chosen[*n].0.is_none()).collect();
    for policy in definitions.policies.iter() {
        if left.is_empty() {
            break;
        }
        let matching = match &policy.when {
            None => None,
            // A query that is none any more, since a field or word of it is gone, matches nobody.
            Some(when) => match Query::parse(when, Kind::Ticket, definitions) {
                Err(_) => continue,
                Ok(_) => Some(matching(store, view, definitions, when, left.iter().map(|n| tickets[*n].id))?),
            },
        };
        left.retain(|n| {
            let fits = matching.as_ref().is_none_or(|ids| ids.contains(&tickets[*n].id));
            if fits {
                chosen[*n].0 = Some((policy, Chosen::Query));
            }
            !fits
        });
    }
    Ok(chosen)
}

/// Returns which of these tickets a policy's query matches.
fn matching(
    store: &dyn Store,
    view: &View,
    definitions: &Definitions,
    when: &str,
    ids: impl ExactSizeIterator<Item = RecordId>,
) -> Result<HashSet<RecordId>, StoreError> {
    let text = if ids.len() <= BY_ID {
        let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
        format!("id:{} ({when})", ids.join(","))
    } else {
        when.to_owned()
    };
    let Ok(query) = Query::parse(&text, Kind::Ticket, definitions) else { return Ok(HashSet::new()) };
    Ok(Walk::new(Kind::Ticket, view.clone()).query(Some(Arc::new(query))).ids(store)?.into_iter().collect())
}

/// Returns the service level that a ticket's contract grants, if the contract runs on the
/// day on which the ticket was opened.
fn granted(store: &dyn Store, definitions: &Definitions, ticket: &Record) -> Result<Option<(RecordId, String)>, StoreError> {
    let Some(id) = ticket.link(number::TICKET_CONTRACT) else { return Ok(None) };
    let Some(contract) = store.get(&[id])?.pop().flatten() else { return Ok(None) };
    let day = day_at(definitions.settings.timezone, opened_at(ticket));
    let date = |field| contract.first(field).and_then(Value::as_date).and_then(Date::whole);
    let runs = date(number::CONTRACT_START).is_none_or(|start| start <= day) && date(number::CONTRACT_END).is_none_or(|end| day <= end);
    Ok(contract.text(number::CONTRACT_SLA).filter(|_| runs).map(|name| (id, name.to_owned())))
}

/// Returns when a ticket was opened, as far as is known.
pub(super) fn opened_at(ticket: &Record) -> Timestamp {
    ticket.time(number::TICKET_OPENED_AT).or_else(|| ticket.time(number::CREATED_AT)).unwrap_or(ticket.recorded_at)
}

/// Returns what happened to these tickets that clocks look at, in their order: of a few
/// by what links to each, of many by reading all events and messages once.
///
/// # Errors
/// What the store answers.
pub fn histories(store: &dyn Store, view: &View, tickets: &[Arc<Record>]) -> Result<Vec<History>, StoreError> {
    let definitions = store.definitions();
    let mut told: HashMap<RecordId, Vec<Arc<Record>>> = HashMap::new();
    if tickets.len() <= BY_ID {
        for ticket in tickets {
            let mut ids: Vec<RecordId> = Vec::new();
            for kind in [Kind::Event, Kind::Interaction] {
                ids.extend(store.linking(ticket.id, Some(kind), MOST)?.into_iter().map(|(id, _)| id));
            }
            told.insert(ticket.id, store.get(&ids)?.into_iter().flatten().collect());
        }
    } else {
        told.extend(tickets.iter().map(|ticket| (ticket.id, Vec::new())));
        for (kind, field, query) in
            [(Kind::Event, number::EVENT_RECORD, "field:status"), (Kind::Interaction, number::INTERACTION_TICKET, "ticket:*")]
        {
            let query = Query::parse(query, kind, &definitions).ok().map(Arc::new);
            Walk::new(kind, view.clone()).query(query).each(store, |record| {
                if let Some(records) = record.link(field).and_then(|ticket| told.get_mut(&ticket)) {
                    records.push(Arc::clone(record));
                }
                Ok::<(), StoreError>(())
            })?;
        }
    }
    Ok(tickets.iter().map(|ticket| history(ticket, told.remove(&ticket.id).unwrap_or_default(), &definitions)).collect())
}

/// Returns the history of a ticket from its events and messages.
fn history(ticket: &Record, mut told: Vec<Arc<Record>>, definitions: &Definitions) -> History {
    told.retain(|record| !record.has(number::TRASHED_AT));
    let mut happenings = Vec::new();
    let mut events: Vec<&Arc<Record>> = told.iter().filter(|record| record.kind() == Kind::Event).collect();
    events.sort_by_key(|event| (event.time(number::EVENT_AT), event.id));
    for event in events {
        if let Some((at, status)) = event.time(number::EVENT_AT).zip(event.text(number::EVENT_TO))
            && event.text(number::EVENT_FIELD) == Some("status")
        {
            happenings.push(status_at(at, status, definitions));
        }
    }
    solved_before(&mut happenings, ticket, definitions);
    for touch in told.iter().filter(|record| record.kind() == Kind::Interaction) {
        let at = touch.time(number::INTERACTION_AT).unwrap_or(touch.recorded_at);
        happenings.extend(said(touch).map(|what| Happening { at, what }));
    }
    happenings.extend(ticket.time(number::FIRST_RESPONSE_AT).map(|at| Happening { at, what: What::Answered }));
    History::new(opened_at(ticket), happenings)
}

fn status_at(at: Timestamp, status: &str, definitions: &Definitions) -> Happening {
    Happening { at, what: What::Status(status.to_owned(), definitions.statuses.category(status)) }
}

/// A ticket from elsewhere comes as it is now, with the time at which it was solved and
/// no event of it: what is done since its last event was done then.
fn solved_before(happenings: &mut Vec<Happening>, ticket: &Record, definitions: &Definitions) {
    let Some(solved) = ticket.time(number::SOLVED_AT) else { return };
    let is_done = |happening: &Happening| matches!(happening.what, What::Status(_, Category::Done));
    let last_not_done = happenings.iter().filter(|happening| !is_done(happening)).map(|happening| happening.at).max();
    if last_not_done.is_none_or(|at| at <= solved) && !happenings.iter().any(|happening| is_done(happening) && happening.at <= solved) {
        let status = definitions.statuses.iter().find(|status| status.category == Category::Done).map_or("solved", |status| &status.name);
        let behind = happenings.iter().position(|happening| happening.at > solved).unwrap_or(happenings.len());
        happenings.insert(behind, status_at(solved, status, definitions));
    }
}

/// Returns what a touch is for the clocks: nothing for notes, and for what a machine wrote.
fn said(touch: &Record) -> Option<What> {
    let private = touch.values(number::PRIVATE).any(|value| matches!(value, Value::Flag(true)));
    let automatic = touch.text(number::OUTCOME).is_some_and(|outcome| AUTOMATIC.contains(&fold::fold(outcome).as_str()));
    if private || automatic || touch.text(number::CHANNEL) == Some("note") {
        return None;
    }
    match touch.text(number::DIRECTION) {
        Some("in") => Some(What::Asked),
        Some("out") => Some(What::Answered),
        _ => None,
    }
}
