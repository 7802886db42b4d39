//! The queue, kept and brought forward by what changes: however many tickets are open, a
//! change costs what it touches.
//!
//! A ticket's place hangs on its own record, on the events and messages that link to it,
//! on its contract, on what its customer is worth, and on the team's policies. The store
//! tells which records changed; from there it is known which tickets have to be looked at
//! again. Where that cannot be told, all of them are.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;

use super::{Place, Queue, Urgency, not_done, urgency};
use crate::domain::fields::number;
use crate::domain::service::History;
use crate::domain::zone::day_at;
use crate::domain::{Category, Definitions, Kind, Money, Record, RecordId, Rollup, Timestamp, Value, in_reporting_currency};
use crate::insight::service::{Governed, Service, glanced, governed, histories};
use crate::query::{Query, Reach};
use crate::store::StoreError;
use crate::store::api::{Changes, Store, View};
use crate::store::walk::Walk;

/// How many commits are read at once.
const COMMITS: usize = 64;
/// More changed records than these are not gone through one by one.
const MOST: usize = 1_000;
/// So many customers' worth is asked for at once.
const CUSTOMERS: usize = 1_000;
/// How often a policy that speaks of time is asked anew, in microseconds.
const OFTEN: i64 = 60_000_000;

/// The tickets that are not done, in the order of their urgency, as of the last change
/// that it was told of.
#[derive(Debug, Default)]
pub struct KeptQueue {
    state: Option<State>,
}

#[derive(Debug)]
struct State {
    /// The last commit that is in it.
    seq: u64,
    definitions: Arc<Definitions>,
    login: String,
    /// When it was looked at last, and on which day.
    now: Timestamp,
    day: NaiveDate,
    /// What the policies look at besides the tickets.
    reach: Reach,
    tickets: HashMap<RecordId, Kept>,
    order: BTreeSet<Place>,
    /// The tickets that link to a customer or contract.
    around: HashMap<RecordId, HashSet<RecordId>>,
    /// When something happens to tickets that is said to happen later.
    ahead: BTreeSet<(Timestamp, RecordId)>,
}

#[derive(Debug)]
struct Kept {
    ticket: Arc<Record>,
    history: History,
    governed: Governed,
    worth: i128,
    place: Place,
    ahead: Option<Timestamp>,
}

impl KeptQueue {
    /// Returns the tickets that are not done and match a query, most urgent first.
    ///
    /// # Errors
    /// What the store answers.
    pub fn queue(&mut self, store: &dyn Store, view: &View, query: Option<Arc<Query>>) -> Result<Queue, StoreError> {
        let (ids, unpriced) = self.ids(store, view, query)?;
        Ok(Queue { tickets: self.urgencies(store, view, &ids)?.into_iter().flatten().collect(), unpriced })
    }

    /// Returns their ids, and how many were left out because an amount in the query has
    /// no rate.
    ///
    /// # Errors
    /// What the store answers.
    pub fn ids(&mut self, store: &dyn Store, view: &View, query: Option<Arc<Query>>) -> Result<(Vec<RecordId>, u64), StoreError> {
        let state = self.forward(store, view)?;
        let Some(query) = query else { return Ok((state.order.iter().map(|place| place.id).collect(), 0)) };
        let mut places = Vec::new();
        let unpriced = Walk::new(Kind::Ticket, view.clone()).query(Some(query)).each(store, |ticket| {
            places.extend(state.tickets.get(&ticket.id).map(|kept| kept.place));
            Ok::<(), StoreError>(())
        })?;
        places.sort_unstable();
        Ok((places.into_iter().map(|place| place.id).collect(), unpriced))
    }

    /// Returns the urgency of each of these tickets, in their order; `None` for one that
    /// is done or gone.
    ///
    /// # Errors
    /// What the store answers.
    pub fn urgencies(&mut self, store: &dyn Store, view: &View, ids: &[RecordId]) -> Result<Vec<Option<Urgency>>, StoreError> {
        let state = self.forward(store, view)?;
        let urgency = |id: &RecordId| state.tickets.get(id).map(|kept| state.urgency(kept, view.now));
        Ok(ids.iter().map(urgency).collect())
    }

    /// Brings it forward to the last commit and to this moment.
    fn forward(&mut self, store: &dyn Store, view: &View) -> Result<&State, StoreError> {
        let definitions = store.definitions();
        let day = day_at(definitions.settings.timezone, view.now);
        let state = self.state.take().filter(|state| {
            let is_same = Arc::ptr_eq(&state.definitions, &definitions) || state.definitions == definitions;
            is_same && state.login == view.login && state.day == day && state.now <= view.now
        });
        let brought = match state {
            Some(state) => state.brought(store, view)?,
            None => None,
        };
        let state = match brought {
            Some(state) => state,
            None => State::new(store, view, definitions, day)?,
        };
        Ok(self.state.insert(state))
    }
}

impl State {
    fn new(store: &dyn Store, view: &View, definitions: Arc<Definitions>, day: NaiveDate) -> Result<Self, StoreError> {
        let reach = definitions.policies.iter().filter_map(|policy| policy.when.as_ref()).fold(Reach::default(), |reach, when| {
            // A query that is none matches nobody, whatever changes.
            Query::parse(when, Kind::Ticket, &definitions).map_or(reach, |query| reach.and(query.reach()))
        });
        let mut state = Self {
            // Before anything is read: what is committed meanwhile is gone through again.
            seq: store.seq(),
            login: view.login.clone(),
            now: view.now,
            day,
            reach,
            tickets: HashMap::new(),
            order: BTreeSet::new(),
            around: HashMap::new(),
            ahead: BTreeSet::new(),
            definitions,
        };
        let mut tickets = Vec::new();
        Walk::new(Kind::Ticket, view.clone()).query(not_done(&state.definitions)).each(store, |ticket| {
            tickets.extend(state.is_open(ticket).then(|| Arc::clone(ticket)));
            Ok::<(), StoreError>(())
        })?;
        state.take(store, view, tickets)?;
        Ok(state)
    }

    fn is_open(&self, ticket: &Record) -> bool {
        !ticket.has(number::TRASHED_AT) && self.definitions.category_of(ticket) != Category::Done
    }

    /// Returns it as of the last commit and this moment; `None` where all is to be read
    /// anew.
    fn brought(mut self, store: &dyn Store, view: &View) -> Result<Option<Self>, StoreError> {
        let Some(touched) = self.touched(store)? else { return Ok(None) };
        let speaks = self.reach.moment && view.now.0 - self.now.0 >= OFTEN;
        let asks = speaks || (self.reach.sums && touched.any) || (self.reach.links && touched.others);
        let due: Vec<RecordId> = self.ahead.range(..=(view.now, RecordId::new(Kind::Definition, u64::MAX))).map(|(_, id)| *id).collect();
        if asks || !self.reach.moment {
            self.now = view.now;
        }
        let mut stale: Vec<RecordId> = touched.tickets.into_iter().chain(due).collect();
        if asks {
            let left: Vec<Arc<Record>> = self.tickets.values().map(|kept| Arc::clone(&kept.ticket)).collect();
            let governed = governed(store, view, &self.definitions, &left)?;
            for (ticket, governed) in left.iter().zip(governed) {
                if self.tickets.get(&ticket.id).is_some_and(|kept| kept.governed != governed) {
                    stale.push(ticket.id);
                }
            }
        }
        stale.sort_unstable();
        stale.dedup();
        if !stale.is_empty() {
            let found = store.get(&stale)?;
            stale.iter().for_each(|id| self.drop(*id));
            let open = found.into_iter().flatten().filter(|ticket| self.is_open(ticket)).collect();
            self.take(store, view, open)?;
        }
        Ok(Some(self))
    }

    /// Returns what the commits since the last one touch; `None` where that is too much or
    /// not known.
    fn touched(&mut self, store: &dyn Store) -> Result<Option<Touched>, StoreError> {
        let mut touched = Touched::default();
        let until = store.seq();
        let mut looked_at: Vec<(RecordId, u64)> = Vec::new();
        let mut count = 0;
        while self.seq < until {
            let Changes::Commits(commits) = store.changes_since(self.seq, COMMITS)? else { return Ok(None) };
            let Some(last) = commits.last() else { return Ok(None) };
            self.seq = last.seq;
            for commit in &commits {
                count += commit.changed.len();
                if count > MOST {
                    return Ok(None);
                }
                for (id, _) in &commit.changed {
                    touched.any = true;
                    match id.kind {
                        Kind::Ticket => touched.tickets.push(*id),
                        Kind::Event | Kind::Interaction | Kind::Opportunity => looked_at.push((*id, commit.seq)),
                        _ => {}
                    }
                    touched.others |= !matches!(id.kind, Kind::Ticket | Kind::Event | Kind::Interaction | Kind::Task | Kind::Provenance);
                    touched.tickets.extend(self.around.get(id).into_iter().flatten());
                }
            }
        }
        if looked_at.is_empty() {
            return Ok(Some(touched));
        }
        // Both what they were about and what they are about.
        let ids: Vec<RecordId> = looked_at.iter().map(|(id, _)| *id).collect();
        let mut versions: Vec<Arc<Record>> = store.get(&ids)?.into_iter().flatten().collect();
        for (id, seq) in looked_at {
            versions.extend(store.as_of(id, seq - 1)?);
        }
        for record in versions {
            let around = |id: RecordId| self.around.get(&id).into_iter().flatten().copied();
            match record.kind() {
                Kind::Event => touched.tickets.extend(record.link(number::EVENT_RECORD).filter(|id| id.kind == Kind::Ticket)),
                Kind::Interaction => touched.tickets.extend(record.link(number::INTERACTION_TICKET)),
                _ => {
                    let customers = record.values(number::OPPORTUNITY_CONTACT).filter_map(Value::as_link);
                    let customers: Vec<RecordId> = customers.chain(record.link(number::OPPORTUNITY_COMPANY)).collect();
                    touched.tickets.extend(customers.into_iter().flat_map(around));
                }
            }
        }
        Ok(Some(touched))
    }

    /// Takes these tickets to their places.
    fn take(&mut self, store: &dyn Store, view: &View, tickets: Vec<Arc<Record>>) -> Result<(), StoreError> {
        let promises = self.definitions.policies.iter().len() > 0;
        let (histories, policies) = if promises {
            (histories(store, view, &tickets)?, governed(store, view, &self.definitions, &tickets)?)
        } else {
            // Without a promise no clock is asked for.
            (tickets.iter().map(|_| History::new(Timestamp::EPOCH, Vec::new())).collect(), vec![Governed::default(); tickets.len()])
        };
        let worths = worths(store, &tickets, &self.definitions, self.day)?;
        for (((ticket, history), governed), worth) in tickets.into_iter().zip(histories).zip(policies).zip(worths) {
            let ahead = history.next_after(view.now);
            let id = ticket.id;
            for to in bonds(&ticket) {
                self.around.entry(to).or_default().insert(id);
            }
            self.ahead.extend(ahead.map(|at| (at, id)));
            let service = self.service(&ticket, &history, &governed, view.now);
            let place = urgency(&ticket, service.as_ref(), worth, &self.definitions, view.now).place();
            self.order.insert(place);
            self.tickets.insert(id, Kept { ticket, history, governed, worth, place, ahead });
        }
        Ok(())
    }

    fn drop(&mut self, id: RecordId) {
        let Some(kept) = self.tickets.remove(&id) else { return };
        self.order.remove(&kept.place);
        for to in bonds(&kept.ticket) {
            if let Some(around) = self.around.get_mut(&to) {
                around.remove(&id);
                if around.is_empty() {
                    self.around.remove(&to);
                }
            }
        }
        if let Some(at) = kept.ahead {
            self.ahead.remove(&(at, id));
        }
    }

    fn urgency(&self, kept: &Kept, now: Timestamp) -> Urgency {
        let service = self.service(&kept.ticket, &kept.history, &kept.governed, now);
        urgency(&kept.ticket, service.as_ref(), kept.worth, &self.definitions, now)
    }

    /// Returns where the clocks of a ticket stand to which something is promised.
    fn service(&self, ticket: &Record, history: &History, governed: &Governed, now: Timestamp) -> Option<Service> {
        governed.policy.as_ref().map(|_| glanced(ticket, history, governed, &self.definitions, now))
    }
}

/// What some commits touch.
#[derive(Debug, Default)]
struct Touched {
    /// Tickets to be looked at again.
    tickets: Vec<RecordId>,
    /// Whether anything was changed, and whether anything but tickets and what happens to
    /// them.
    any: bool,
    others: bool,
}

/// Returns the records whose changes may move a ticket.
fn bonds(ticket: &Record) -> impl Iterator<Item = RecordId> {
    [number::TICKET_CONTACT, number::TICKET_COMPANY, number::TICKET_CONTRACT].into_iter().filter_map(|field| ticket.link(field))
}

/// Returns what the customer of each ticket is worth: what was won from its company, else
/// from its contact.
fn worths(store: &dyn Store, tickets: &[Arc<Record>], definitions: &Definitions, on: NaiveDate) -> Result<Vec<i128>, StoreError> {
    let customer = |ticket: &Arc<Record>| ticket.link(number::TICKET_COMPANY).or_else(|| ticket.link(number::TICKET_CONTACT));
    let mut customers: Vec<RecordId> = tickets.iter().filter_map(customer).collect();
    customers.sort_unstable();
    customers.dedup();
    let mut worth: HashMap<RecordId, i128> = HashMap::with_capacity(customers.len());
    for ids in customers.chunks(CUSTOMERS) {
        let rollups = store.rollups(ids)?;
        worth.extend(ids.iter().copied().zip(rollups.iter().map(|rollup| won(rollup, definitions, on))));
    }
    Ok(tickets.iter().map(|ticket| customer(ticket).and_then(|id| worth.get(&id).copied()).unwrap_or_default()).collect())
}

fn won(rollup: &Rollup, definitions: &Definitions, on: NaiveDate) -> i128 {
    let sums = rollup.won_total.iter().map(|(currency, minor)| {
        let minor = i64::try_from(*minor).unwrap_or(if *minor < 0 { i64::MIN } else { i64::MAX });
        Money { minor, currency: *currency }
    });
    sums.filter_map(|money| in_reporting_currency(money, definitions, on)).fold(0, i128::saturating_add)
}
