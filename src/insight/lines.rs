//! The lines by which records are found: what each is called, and what else it is
//! known by.

use std::sync::Arc;

use crate::domain::fields::{fields, number};
use crate::domain::{FieldType, Kind, Lookup, Record, RecordId, naming};
use crate::query::parse_sort;
use crate::search::{Entry, Index, Lines};
use crate::store::StoreError;
use crate::store::api::{Changes, PageRequest, Store, Trash, View};
use crate::store::known::Known;

/// The kinds that are found, in the order of their hits where all else is equal.
pub(super) const FOUND: &[Kind] = &[
    Kind::Contact,
    Kind::Company,
    Kind::Opportunity,
    Kind::Ticket,
    Kind::Task,
    Kind::Product,
    Kind::Order,
    Kind::Contract,
    Kind::User,
    Kind::Team,
    Kind::Document,
    Kind::Interaction,
];
/// How many records are read at once.
const PAGE: usize = 1_000;
/// Of interactions there are many, and of old ones one finds the contact: so many of
/// the latest have a line.
const INTERACTIONS: usize = 20_000;
/// How many records that borrow a changed name are read again.
const NAMED: usize = 500;
/// More commits than these are read anew as a whole.
const COMMITS: usize = 256;

/// Returns what a record is found by.
pub fn entry(record: &Record, lookup: &dyn Lookup) -> Entry {
    let mut beside = record.id.to_string();
    let title = crate::domain::fields::title_field(record.kind()).map(|field| field.number);
    for field in fields(record.kind()).filter(|field| field.searched && field.ty != FieldType::LongText && Some(field.number) != title) {
        for value in record.values(field.number) {
            beside.push(' ');
            beside.push_str(&value.named(lookup));
        }
    }
    Entry { id: record.id, name: naming::title(record), beside }
}

/// Returns the index of a store, brought forward from an older one where that is
/// quicker.
///
/// # Errors
/// What the store answers.
pub fn lines(store: &dyn Store, view: &View, old: Option<&Index>) -> Result<Index, StoreError> {
    let seq = store.seq();
    if let Some(old) = old {
        if old.seq == seq {
            return Ok(old.clone());
        }
        if let Changes::Commits(commits) = store.changes_since(old.seq, COMMITS)?
            && commits.len() < COMMITS
        {
            let mut changed: Vec<RecordId> = commits.iter().flat_map(|commit| &commit.changed).map(|(id, _)| *id).collect();
            changed.retain(|id| FOUND.contains(&id.kind));
            // A contact is found by the name of its company, a deal by both.
            for id in changed.clone().into_iter().filter(|id| matches!(id.kind, Kind::Company | Kind::Contact)) {
                changed.extend(store.linking(id, None, NAMED)?.into_iter().map(|(id, _)| id).filter(|id| FOUND.contains(&id.kind)));
            }
            changed.sort_unstable();
            changed.dedup();
            return forward(store, old, &changed, seq);
        }
    }
    let known = Known::new(store);
    let mut lines = Lines::default();
    for &kind in FOUND {
        let latest = kind == Kind::Interaction;
        let sort = if latest {
            parse_sort("-at", kind, &store.definitions()).map_err(|error| StoreError::Invalid(error.message))?
        } else {
            Vec::new()
        };
        let mut request = PageRequest {
            kind,
            query: None,
            sort,
            after: None,
            offset: 0,
            limit: PAGE,
            records: true,
            total: false,
            trash: Trash::Without,
            at_least: None,
            view: view.clone(),
        };
        let mut left = if latest { INTERACTIONS } else { usize::MAX };
        loop {
            let page = store.query(&request)?;
            learn(&known, &page.records)?;
            page.records.iter().for_each(|record| lines.push(&entry(record, &known)));
            left = left.saturating_sub(PAGE);
            request.after = page.next;
            if request.after.is_none() || left == 0 {
                break;
            }
        }
    }
    Ok(Index::new(lines, seq))
}

fn learn(known: &Known<'_>, records: &[Arc<Record>]) -> Result<(), StoreError> {
    let mut ids = Vec::new();
    for record in records {
        record.links(&mut |_, to| ids.push(to));
    }
    known.learn(ids)
}

fn forward(store: &dyn Store, old: &Index, changed: &[RecordId], seq: u64) -> Result<Index, StoreError> {
    let known = Known::new(store);
    // The trash is found nowhere.
    let records: Vec<Arc<Record>> = store.get(changed)?.into_iter().flatten().filter(|record| !record.has(number::TRASHED_AT)).collect();
    learn(&known, &records)?;
    let entries: Vec<Entry> = records.iter().map(|record| entry(record, &known)).collect();
    Ok(old.forward(changed, &entries, seq))
}
