//! Every record of a kind, page by page: memory holds one page, however many there are.

use std::sync::Arc;

use super::StoreError;
use super::api::{Cursor, PageRequest, Store, Trash, View};
use crate::domain::{Kind, Record, RecordId};
use crate::query::Query;

/// How many records a page has.
const PAGE: usize = 1_000;

/// Which records to walk over.
#[derive(Debug, Clone)]
pub struct Walk {
    /// The kind.
    pub kind: Kind,
    /// Which of them; `None` for all.
    pub query: Option<Arc<Query>>,
    /// What about the trash.
    pub trash: Trash,
    /// The clock and the user that the query sees.
    pub view: View,
}

impl Walk {
    /// Returns the walk over all live records of a kind.
    pub fn new(kind: Kind, view: View) -> Self {
        Self { kind, query: None, trash: Trash::Without, view }
    }

    /// Returns the walk over those that a query matches.
    #[must_use]
    pub fn query(mut self, query: Option<Arc<Query>>) -> Self {
        self.query = query;
        self
    }

    /// Returns the walk that also, or only, meets what is in the trash.
    #[must_use]
    pub fn trash(mut self, trash: Trash) -> Self {
        self.trash = trash;
        self
    }

    fn request(&self, after: Option<Cursor>, records: bool) -> PageRequest {
        PageRequest {
            kind: self.kind,
            query: self.query.clone(),
            sort: Vec::new(),
            after,
            offset: 0,
            limit: PAGE,
            records,
            total: false,
            trash: self.trash,
            at_least: None,
            view: self.view.clone(),
        }
    }

    /// Calls `visit` with each record, in the order of their ids; returns how many
    /// were left out because an amount has no rate.
    ///
    /// # Errors
    /// What the store answers, and what `visit` returns.
    pub fn each<E: From<StoreError>>(&self, store: &dyn Store, mut visit: impl FnMut(&Arc<Record>) -> Result<(), E>) -> Result<u64, E> {
        let (mut after, mut unpriced) = (None, 0);
        loop {
            let page = store.query(&self.request(after, true))?;
            unpriced += page.unpriced;
            page.records.iter().try_for_each(&mut visit)?;
            after = page.next;
            if after.is_none() {
                return Ok(unpriced);
            }
        }
    }

    /// Returns the ids, ascending.
    ///
    /// # Errors
    /// What the store answers.
    pub fn ids(&self, store: &dyn Store) -> Result<Vec<RecordId>, StoreError> {
        let (mut after, mut ids) = (None, Vec::new());
        loop {
            let page = store.query(&self.request(after, false))?;
            ids.extend(page.ids);
            after = page.next;
            if after.is_none() {
                return Ok(ids);
            }
        }
    }
}
