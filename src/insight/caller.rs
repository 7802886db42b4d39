//! Who calls: whoever has a number or an address, and all that is open with them, so that
//! whoever answers the phone sees orders, tickets and the last promise at once.
//!
//! It only reads, and must not know how it is shown.

use std::collections::HashSet;
use std::sync::Arc;

use chrono_tz::Tz;

use super::touch::last_touch;
use crate::domain::contracts::is_in_force;
use crate::domain::fields::number;
use crate::domain::parse::{AnyField, Reading, email_domain, phone_digits};
use crate::domain::{Category, Definitions, Kind, Meaning, Record, RecordId, Timestamp, Value, fields, fold};
use crate::query::{Query, index};
use crate::store::StoreError;
use crate::store::api::{Store, View};
use crate::store::walk::Walk;

/// How many of one number are told.
const MOST: usize = 20;
/// How many links of a record are looked at.
const LINKS: usize = 2_000;
/// A number of fewer digits is an extension, and nobody's own.
const LEAST_DIGITS: usize = 6;

/// What is open with somebody.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who it is.
    pub record: Arc<Record>,
    /// The company of their first job, if they have one.
    pub company: Option<Arc<Record>>,
    /// The last real touch: when, and through which channel.
    pub last: Option<(Timestamp, String)>,
    /// Tickets that are not done.
    pub tickets: Vec<Arc<Record>>,
    /// Opportunities that are open.
    pub opportunities: Vec<Arc<Record>>,
    /// Orders that are not delivered, or not paid.
    pub orders: Vec<Arc<Record>>,
    /// Tasks that are not done: what was promised.
    pub tasks: Vec<Arc<Record>>,
    /// Contracts in force.
    pub contracts: Vec<Arc<Record>>,
}

/// What a number or an address came to.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The number or address as it would be kept.
    pub written: String,
    /// Whether it is an address for mail.
    pub is_email: bool,
    /// Whoever has it: contacts first.
    pub who: Vec<RecordId>,
    /// Where nobody has the address: the company whose domain it is of.
    pub company: Option<RecordId>,
}

/// Returns whoever has a number or an address; `None` for a text that is neither.
///
/// # Errors
/// What the store answers.
pub fn who_has(store: &dyn Store, view: &View, text: &str) -> Result<Option<Found>, StoreError> {
    let definitions = store.definitions();
    let reading = Reading::new(&definitions, view.now);
    let text = text.trim().trim_start_matches("tel:").trim_start_matches("mailto:");
    let is_email = text.contains('@');
    let ends = if is_email {
        [(Kind::Contact, number::CONTACT_EMAIL), (Kind::Company, number::COMPANY_EMAIL)]
    } else {
        [(Kind::Contact, number::CONTACT_PHONE), (Kind::Company, number::COMPANY_PHONE)]
    };
    let field = fields::field_by_number(Kind::Contact, ends[0].1).map(AnyField::Builtin);
    let Some(Ok(Some(value))) = field.map(|field| field.parse(text, &reading)) else { return Ok(None) };
    let written = value.as_text().unwrap_or_default().to_owned();
    if !is_email && phone_digits(&written).len() < LEAST_DIGITS {
        return Ok(None);
    }
    let mut found = Found { written, is_email, ..Found::default() };
    for (kind, field) in ends {
        let Some(key) = index::key_of(kind, field, &value) else { continue };
        found.who.extend(store.lookup(kind, field, &key, MOST)?);
    }
    if found.who.is_empty() && !is_email {
        // Written without its country there or here: the digits that both have.
        let digits: String = phone_digits(text).trim_start_matches('0').to_owned();
        if digits.len() >= LEAST_DIGITS {
            for kind in [Kind::Contact, Kind::Company] {
                let Ok(query) = Query::parse(&format!("phone:{digits}"), kind, &definitions) else { continue };
                found.who.extend(Walk::new(kind, view.clone()).query(Some(Arc::new(query))).ids(store)?.into_iter().take(MOST));
            }
        }
    }
    if found.who.is_empty() && is_email {
        found.company = company_of(store, &definitions, &found.written)?;
    }
    Ok(Some(found))
}

/// Returns the company whose domain an address is of, unless it is a public provider's.
fn company_of(store: &dyn Store, definitions: &Definitions, email: &str) -> Result<Option<RecordId>, StoreError> {
    let Some(domain) = email_domain(email).filter(|domain| !definitions.settings.is_public_mail(domain)) else { return Ok(None) };
    let Some(key) = index::key_of(Kind::Company, number::DOMAIN, &Value::text(domain)) else { return Ok(None) };
    Ok(store.lookup(Kind::Company, number::DOMAIN, &key, 1)?.pop())
}

/// Returns what is open with somebody; of a contact also what is open with the company.
///
/// # Errors
/// What the store answers.
pub fn caller(store: &dyn Store, view: &View, id: RecordId) -> Result<Option<Caller>, StoreError> {
    let Some(record) = store.get(&[id])?.pop().flatten() else { return Ok(None) };
    let definitions = store.definitions();
    let mut company = None;
    record.links(&mut |field, to| {
        if field == number::JOBS && to.kind == Kind::Company {
            company.get_or_insert(to);
        }
    });
    let company = match company {
        Some(company) => store.get(&[company])?.pop().flatten(),
        None => None,
    };
    let of: Vec<RecordId> = std::iter::once(id).chain(company.as_ref().map(|company| company.id)).collect();
    let linked = |kind: Kind, is_open: &dyn Fn(&Record) -> bool| -> Result<Vec<Arc<Record>>, StoreError> {
        let mut seen = HashSet::new();
        let mut open = Vec::new();
        for to in &of {
            let ids: Vec<RecordId> = store.linking(*to, Some(kind), LINKS)?.into_iter().map(|(id, _)| id).collect();
            let ids: Vec<RecordId> = ids.into_iter().filter(|id| seen.insert(*id)).collect();
            open.extend(store.get(&ids)?.into_iter().flatten().filter(|record| is_open(record)));
        }
        Ok(open)
    };
    let mut tasks = linked(Kind::Task, &|task| !task.has(number::DONE_AT))?;
    tasks.sort_by_key(|task| (task.time(number::DUE).unwrap_or(Timestamp(i64::MAX)), task.id));
    Ok(Some(Caller {
        last: last_touch(store, id, view.now)?,
        tickets: linked(Kind::Ticket, &|ticket| definitions.category_of(ticket) != Category::Done)?,
        opportunities: linked(Kind::Opportunity, &|deal| definitions.meaning_of(deal) == Meaning::Open)?,
        orders: linked(Kind::Order, &is_open_order)?,
        tasks,
        contracts: linked(Kind::Contract, &is_in_force)?,
        record,
        company,
    }))
}

/// Returns whether an order waits for its delivery, or its invoice to be paid.
fn is_open_order(order: &Record) -> bool {
    let state = order.text(number::ORDER_STATUS).map(fold::fold).unwrap_or_default();
    if state == "cancelled" || state == "canceled" {
        return false;
    }
    let delivered = order.has(number::DELIVERED_AT) || state == "delivered";
    !delivered || (order.has(number::INVOICED_AT) && !order.has(number::PAID_AT))
}

/// Returns what somebody has said to being called: `yes`, `no`; `None` where nothing is known.
pub fn consent_to(record: &Record, channel: &str) -> Option<bool> {
    match record.labelled(number::CONSENT, channel)?.as_text()? {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// Returns the zone in which somebody lives, as far as it is known.
pub fn zone_of(record: &Record) -> Option<Tz> {
    record.text(number::CONTACT_TIMEZONE)?.parse().ok()
}
