//! Which policy a ticket is under, and why it is that one.

use std::collections::HashSet;
use std::sync::Arc;

use super::{BY_ID, Chosen, opened_at};
use crate::domain::fields::number;
use crate::domain::zone::day_at;
use crate::domain::{Date, Definitions, Kind, Record, RecordId, Value};
use crate::query::Query;
use crate::store::StoreError;
use crate::store::api::{Store, View};
use crate::store::walk::Walk;

/// The policy of a ticket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::insight) struct Governed {
    /// Its name, and why it is this one; without one nothing is promised.
    pub(in crate::insight) policy: Option<(String, Chosen)>,
    /// What is odd about it, in sentences.
    pub(in crate::insight) notices: Vec<String>,
}

/// Returns the policy of each ticket: its contract's while that runs, else its own, else
/// the first whose query matches.
///
/// # Errors
/// What the store answers.
pub(in crate::insight) fn governed(
    store: &dyn Store,
    view: &View,
    definitions: &Definitions,
    tickets: &[Arc<Record>],
) -> Result<Vec<Governed>, StoreError> {
    let mut chosen: Vec<Governed> = Vec::with_capacity(tickets.len());
    for ticket in tickets {
        let mut notices = Vec::new();
        let mut named = |name: &str, by: &str| {
            let policy = definitions.policies.get(name);
            if policy.is_none() {
                notices.push(format!("{by} names the service level \u{201c}{name}\u{201d}, which there is not"));
            }
            policy.map(|policy| policy.name.clone())
        };
        let by_contract = granted(store, definitions, ticket)?
            .and_then(|(contract, name)| named(&name, &contract.to_string()).map(|policy| (policy, Chosen::Contract(contract))));
        let own = || ticket.text(number::TICKET_SLA).and_then(|name| named(name, "the ticket")).map(|policy| (policy, Chosen::Ticket));
        let policy = by_contract.or_else(own);
        chosen.push(Governed { policy, notices });
    }
    let mut left: Vec<usize> = (0..tickets.len()).filter(|n| chosen[*n].policy.is_none()).collect();
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
                chosen[*n].policy = Some((policy.name.clone(), Chosen::Query));
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
