//! What follows from a record: its index keys, its links, when it was, and how
//! it stands. All of it can be made again from the records.
//!
//! It must not know keys' bytes in the image, nor where anything lies.

use std::sync::{Arc, OnceLock};

use crate::domain::Definitions;
use crate::domain::fields::number;
use crate::domain::{FieldNumber, Kind, Record, RecordId, Timestamp, Value};

use super::view::Standing;

/// The index keys of one record: field and key, sorted, each once.
pub(super) type IndexKeys = Vec<(FieldNumber, Vec<u8>)>;

/// Returns how a record stands that a commit left.
pub(super) fn standing(record: Option<&Record>) -> Standing {
    match record {
        None => Standing::Gone,
        Some(record) if record.has(number::TRASHED_AT) => Standing::Trashed,
        Some(_) => Standing::Live,
    }
}

/// Returns the keys under which a live record is found.
pub(super) fn index_keys(record: &Record) -> IndexKeys {
    let mut keys = crate::query::index::index_keys(record);
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Returns the links of a live record, sorted, each once.
pub(super) fn links(record: &Record) -> Vec<(RecordId, FieldNumber)> {
    let mut found = Vec::new();
    record.links(&mut |field, to| found.push((to, field)));
    found.sort_unstable();
    found.dedup();
    found
}

/// Returns the moment by which a record takes its place in a timeline.
pub(super) fn moment(record: &Record) -> Timestamp {
    let own = match record.kind() {
        Kind::Interaction => &[number::INTERACTION_AT][..],
        Kind::Event => &[number::EVENT_AT],
        Kind::Opportunity => &[number::OPPORTUNITY_OPENED_AT],
        Kind::Ticket => &[number::TICKET_OPENED_AT],
        Kind::Task => &[number::DONE_AT, number::DUE],
        Kind::Order => &[number::ORDER_AT],
        Kind::Document => &[number::DOCUMENT_AT],
        Kind::Quote => &[number::QUOTE_AT],
        _ => &[],
    };
    own.iter().chain(&[number::CREATED_AT]).find_map(|field| record.first(*field).and_then(Value::as_time)).unwrap_or(record.recorded_at)
}

/// Returns what a team owns that has changed nothing, read once.
pub(super) fn built_in() -> Arc<Definitions> {
    static BUILT_IN: OnceLock<Arc<Definitions>> = OnceLock::new();
    Arc::clone(BUILT_IN.get_or_init(Arc::default))
}

/// Returns what the team owns, from its records, and in words what cannot be
/// read: for that the built-in counts.
pub(in crate::store) fn definitions(records: &[Arc<Record>]) -> (Arc<Definitions>, Vec<String>) {
    if records.is_empty() {
        return (built_in(), Vec::new());
    }
    let records = || records.iter().map(Arc::as_ref);
    if let Ok(definitions) = Definitions::from_records(records()) {
        return (Arc::new(definitions), Vec::new());
    }
    let (legible, illegible): (Vec<&Record>, Vec<&Record>) = records().partition(|record| Definitions::from_records([*record]).is_ok());
    let named = |record: &Record| record.text(number::DEFINITION_NAME).unwrap_or_default().to_owned();
    let told = illegible
        .into_iter()
        .map(|record| format!("the definition \u{201c}{}\u{201d} cannot be read: the built-in one counts", named(record)));
    (Definitions::from_records(legible).map_or_else(|_| built_in(), Arc::new), told.collect())
}
