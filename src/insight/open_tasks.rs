//! Tasks that are not done, by when they are due or remind.
//!
//! Two stretches of two indexes are read, so that it costs what lies between, however many
//! tasks there are.

use std::collections::HashSet;
use std::sync::Arc;

use crate::domain::{Kind, Record, Timestamp};
use crate::query::Query;
use crate::store::StoreError;
use crate::store::api::{Store, View};
use crate::store::walk::Walk;

/// Returns the tasks that are not done and are due, or remind, between two moments.
///
/// # Errors
/// What the store answers.
pub fn open_tasks(store: &dyn Store, view: &View, from: Timestamp, until: Timestamp) -> Result<Vec<Arc<Record>>, StoreError> {
    let definitions = store.definitions();
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for field in ["due", "remind"] {
        let Ok(query) = Query::parse(&format!("{field}:{from}..{until} -done_at:*"), Kind::Task, &definitions) else { continue };
        Walk::new(Kind::Task, view.clone()).query(Some(Arc::new(query))).each(store, |task| {
            if seen.insert(task.id) {
                found.push(Arc::clone(task));
            }
            Ok::<(), StoreError>(())
        })?;
    }
    Ok(found)
}
