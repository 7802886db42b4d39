//! What happened to tickets that clocks look at: read from events and messages, never
//! from the time of a commit.

use std::collections::HashMap;
use std::sync::Arc;

use super::BY_ID;
use crate::domain::fields::number;
use crate::domain::service::{Happening, History, What};
use crate::domain::{Category, Definitions, Kind, Record, RecordId, Timestamp, Value, fold};
use crate::query::Query;
use crate::store::StoreError;
use crate::store::api::{PageRequest, Store, Trash, View};
use crate::store::walk::Walk;

/// How many events or messages of one ticket are looked at.
const MOST: usize = 100_000;
/// So many tickets' records are asked for in one call.
const AT_ONCE: usize = 500;
/// All events and messages are read once where there are at most so many for each ticket.
const EACH: u64 = 50;
/// What an interaction's outcome says where no person wrote it.
pub(in crate::insight) const AUTOMATIC: [&str; 4] = ["auto-reply", "autoreply", "automatic", "bounce"];

/// Returns when a ticket was opened, as far as is known.
pub(in crate::insight) fn opened_at(ticket: &Record) -> Timestamp {
    ticket.time(number::TICKET_OPENED_AT).or_else(|| ticket.time(number::CREATED_AT)).unwrap_or(ticket.recorded_at)
}

/// What one record tells of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    /// Which record tells it.
    by: RecordId,
    /// What, and when.
    happening: Happening,
    /// Of a status, which one stood before.
    from: Option<String>,
}

/// Returns the ticket that an event or message is about, and what it tells of it: nothing
/// for notes, for what a machine wrote, and for what is in the trash.
fn told(record: &Record, definitions: &Definitions) -> Option<(RecordId, Told)> {
    let (ticket, happening) = match record.kind() {
        Kind::Event if record.text(number::EVENT_FIELD) == Some("status") => {
            let (at, status) = record.time(number::EVENT_AT).zip(record.text(number::EVENT_TO))?;
            (record.link(number::EVENT_RECORD)?, status_at(at, status, definitions))
        }
        Kind::Interaction => {
            let at = record.time(number::INTERACTION_AT).unwrap_or(record.recorded_at);
            (record.link(number::INTERACTION_TICKET)?, Happening { at, what: said(record)? })
        }
        _ => return None,
    };
    let from = record.text(number::EVENT_FROM).filter(|_| record.kind() == Kind::Event).map(str::to_owned);
    (!record.has(number::TRASHED_AT)).then_some((ticket, Told { by: record.id, happening, from }))
}

/// Returns what happened to these tickets that clocks look at, in their order: of a few
/// by what links to each, of many by reading all events and messages once.
///
/// # Errors
/// What the store answers.
pub fn histories(store: &dyn Store, view: &View, tickets: &[Arc<Record>]) -> Result<Vec<History>, StoreError> {
    let definitions = store.definitions();
    let mut all: HashMap<RecordId, Vec<Told>> = tickets.iter().map(|ticket| (ticket.id, Vec::new())).collect();
    let mut take = |record: &Record| {
        if let Some((ticket, told)) = told(record, &definitions)
            && let Some(all) = all.get_mut(&ticket)
        {
            all.push(told);
        }
    };
    if tickets.len() <= BY_ID || is_few(store, view, tickets.len())? {
        for tickets in tickets.chunks(AT_ONCE) {
            let mut ids: Vec<RecordId> = Vec::new();
            for ticket in tickets {
                for kind in [Kind::Event, Kind::Interaction] {
                    ids.extend(store.linking(ticket.id, Some(kind), MOST)?.into_iter().map(|(id, _)| id));
                }
            }
            ids.sort_unstable();
            ids.dedup();
            for ids in ids.chunks(AT_ONCE) {
                store.get(ids)?.iter().flatten().for_each(|record| take(record));
            }
        }
    } else {
        for (kind, query) in [(Kind::Event, "field:status"), (Kind::Interaction, "ticket:*")] {
            let query = Query::parse(query, kind, &definitions).ok().map(Arc::new);
            Walk::new(kind, view.clone()).query(query).each(store, |record| {
                take(record);
                Ok::<(), StoreError>(())
            })?;
        }
    }
    Ok(tickets.iter().map(|ticket| history(ticket, all.remove(&ticket.id).unwrap_or_default(), &definitions)).collect())
}

/// Returns whether so many tickets are few among all events and messages.
fn is_few(store: &dyn Store, view: &View, tickets: usize) -> Result<bool, StoreError> {
    let mut all = 0;
    for kind in [Kind::Event, Kind::Interaction] {
        let request = PageRequest {
            kind,
            query: None,
            sort: Vec::new(),
            after: None,
            offset: 0,
            limit: 1,
            records: false,
            total: true,
            trash: Trash::Without,
            at_least: None,
            view: view.clone(),
        };
        all += store.query(&request)?.total.unwrap_or_default();
    }
    Ok(all / EACH > tickets as u64)
}

/// Returns the history of a ticket from what is told of it.
fn history(ticket: &Record, mut told: Vec<Told>, definitions: &Definitions) -> History {
    // Of two at one moment what was kept first was first; what is said counts after that.
    told.sort_by_key(|told| (told.by.kind == Kind::Interaction, told.happening.at, told.by));
    let said = told.split_off(told.partition_point(|told| told.by.kind != Kind::Interaction));
    if ticket.has(number::MERGED_FROM) {
        own_statuses(&mut told);
    }
    let mut happenings: Vec<Happening> = told.into_iter().map(|told| told.happening).collect();
    solved_before(&mut happenings, ticket, definitions);
    happenings.extend(said.into_iter().map(|told| told.happening));
    happenings.extend(ticket.time(number::FIRST_RESPONSE_AT).map(|at| Happening { at, what: What::Answered }));
    History::new(opened_at(ticket), happenings)
}

/// Of tickets that are one now, each had statuses of its own: those that follow from each
/// other are kept, from the first on, and the other's do not end or stop this one's clocks.
fn own_statuses(told: &mut Vec<Told>) {
    let mut stands: Option<String> = None;
    told.retain(|told| {
        let What::Status(to, _) = &told.happening.what else { return true };
        let follows = stands.is_none() || told.from == stands;
        if follows {
            stands = Some(to.clone());
        }
        follows
    });
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
