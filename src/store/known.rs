//! Records by id, read once: what names, links and rollups are shown from.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::StoreError;
use super::api::Store;
use crate::domain::{Lookup, Record, RecordId, Rollup};

/// How many records are remembered; then the oldest memories go, all at once.
const MOST: usize = 20_000;

/// The records of a store, remembered as they are read. An error of the store reads
/// as "nobody knows"; what is shown then is the id.
pub struct Known<'s> {
    store: &'s dyn Store,
    read: RefCell<HashMap<RecordId, Option<Arc<Record>>>>,
}

impl std::fmt::Debug for Known<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Known").field("read", &self.read.borrow().len()).finish()
    }
}

impl<'s> Known<'s> {
    /// Returns the records of a store, none of them read yet.
    pub fn new(store: &'s dyn Store) -> Self {
        Self { store, read: RefCell::new(HashMap::new()) }
    }

    /// Reads these records in one call, so that asking for them costs no more.
    ///
    /// # Errors
    /// What the store answers.
    pub fn learn(&self, ids: impl IntoIterator<Item = RecordId>) -> Result<(), StoreError> {
        let mut read = self.read.borrow_mut();
        let mut missing: Vec<RecordId> = ids.into_iter().filter(|id| !read.contains_key(id)).collect();
        missing.sort_unstable();
        missing.dedup();
        if missing.is_empty() {
            return Ok(());
        }
        if read.len() + missing.len() > MOST {
            read.clear();
        }
        let found = self.store.get(&missing)?;
        read.extend(missing.into_iter().zip(found));
        Ok(())
    }
}

impl Lookup for Known<'_> {
    fn record(&self, id: RecordId) -> Option<Arc<Record>> {
        if let Some(known) = self.read.borrow().get(&id) {
            return known.clone();
        }
        self.learn([id]).ok()?;
        self.read.borrow().get(&id).cloned().flatten()
    }

    fn rollup(&self, id: RecordId) -> Option<Rollup> {
        self.store.rollups(&[id]).ok()?.pop()
    }
}
