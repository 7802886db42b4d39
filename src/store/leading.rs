//! Where an id leads to: a record that was merged into another leads to that one.
//!
//! What is merged away stays as a record in the trash that says where it went, so that
//! its id, written down anywhere, goes on leading to the one that was kept.

use super::StoreError;
use super::api::Store;
use crate::domain::fields::number;
use crate::domain::{Record, RecordId};

/// How many mergings one after another are followed; more are a circle.
const LONGEST: usize = 64;

/// Returns the record that a record was merged into.
pub fn merged_into(record: &Record) -> Option<RecordId> {
    record.link(number::MERGED_INTO)
}

/// Returns the id that this one leads to: itself, unless its record was merged away.
///
/// # Errors
/// What the store answers.
pub fn leading(store: &dyn Store, id: RecordId) -> Result<RecordId, StoreError> {
    let mut at = id;
    for _ in 0..LONGEST {
        match store.get(&[at])?.pop().flatten().as_deref().and_then(merged_into) {
            Some(into) => at = into,
            None => break,
        }
    }
    Ok(at)
}
