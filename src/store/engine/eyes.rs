//! What a query sees beyond the record: linked records, rollups, the user, the
//! moment. What goes wrong on the way is remembered, since a query is told only
//! that there is nothing.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use super::fault::Fault;
use super::rollups;
use super::view::View;
use crate::domain::fields::number;
use crate::domain::{Definitions, Kind, Lookup, Record, RecordId, Rollup, Timestamp};
use crate::query::{Context, index};
use crate::store::api;

/// How many linked records are kept for the next time.
const MEMORIES: usize = 4096;

/// The store as one query sees it.
pub(super) struct Eyes<'a> {
    view: View<'a>,
    definitions: &'a Definitions,
    asked: &'a api::View,
    me: Option<RecordId>,
    memory: RefCell<HashMap<RecordId, Option<Arc<Record>>>>,
    fault: Cell<Option<Fault>>,
}

impl<'a> Eyes<'a> {
    pub(super) fn new(view: View<'a>, definitions: &'a Definitions, asked: &'a api::View) -> Result<Self, Fault> {
        let me = user(view, &asked.login)?;
        Ok(Self { view, definitions, asked, me, memory: RefCell::default(), fault: Cell::new(None) })
    }

    /// Returns an error if something could not be read since the last call.
    pub(super) fn check(&self) -> Result<(), Fault> {
        match self.fault.take() {
            Some(fault) => Err(fault),
            None => Ok(()),
        }
    }

    fn keep<T>(&self, found: Result<T, Fault>) -> Option<T> {
        found.map_err(|fault| self.fault.set(Some(fault))).ok()
    }
}

/// Returns the user of a login, if the store has one.
fn user(view: View<'_>, login: &str) -> Result<Option<RecordId>, Fault> {
    if login.is_empty() {
        return Ok(None);
    }
    // Logins that differ in case share a key.
    let alike = view.lookup(Kind::User, number::LOGIN, &index::text_key(login), 16)?;
    let records = view.records(&alike)?;
    Ok(records.into_iter().flatten().find(|user| user.text(number::LOGIN) == Some(login)).map(|user| user.id))
}

impl Lookup for Eyes<'_> {
    fn record(&self, id: RecordId) -> Option<Arc<Record>> {
        if let Some(known) = self.memory.borrow().get(&id) {
            return known.clone();
        }
        let found = self.keep(self.view.records(&[id])).and_then(|mut records| records.pop().flatten());
        let mut memory = self.memory.borrow_mut();
        if memory.len() >= MEMORIES {
            memory.clear();
        }
        memory.insert(id, found.clone());
        found
    }

    fn rollup(&self, id: RecordId) -> Option<Rollup> {
        self.keep(rollups::read(self.view, &[id])).and_then(|mut rollups| rollups.pop())
    }
}

impl Context for Eyes<'_> {
    fn now(&self) -> Timestamp {
        self.asked.now
    }

    fn login(&self) -> &str {
        &self.asked.login
    }

    fn me(&self) -> Option<RecordId> {
        self.me
    }

    fn definitions(&self) -> &Definitions {
        self.definitions
    }
}
