//! What queries are asked with outside of the store: who asks, when, and what is known.

use std::sync::Arc;

use super::StoreError;
use super::api::{Store, View};
use super::known::Known;
use crate::domain::fields::number;
use crate::domain::{Definitions, Kind, Lookup, Record, RecordId, Rollup, Timestamp, Value};
use crate::query::{Context, index};

/// How many users with one login in other letters are looked at.
const ALIKE: usize = 16;

/// A store as one user asks it at one moment, for queries over records that are at hand: as
/// they were, as they would be, or many at once.
pub struct Asking<'s> {
    known: Known<'s>,
    view: View,
    definitions: Arc<Definitions>,
    me: Option<RecordId>,
}

impl<'s> Asking<'s> {
    /// Returns the store as somebody sees it.
    ///
    /// # Errors
    /// What the store answers.
    pub fn new(store: &'s dyn Store, view: &View) -> Result<Self, StoreError> {
        let mut me = None;
        if let Some(key) = index::key_of(Kind::User, number::LOGIN, &Value::text(&view.login)) {
            let alike = store.lookup(Kind::User, number::LOGIN, &key, ALIKE)?;
            let users = store.get(&alike)?;
            me = users.into_iter().flatten().find(|user| user.text(number::LOGIN) == Some(view.login.as_str())).map(|user| user.id);
        }
        Ok(Self { known: Known::new(store), view: view.clone(), definitions: store.definitions(), me })
    }
}

impl Lookup for Asking<'_> {
    fn record(&self, id: RecordId) -> Option<Arc<Record>> {
        self.known.record(id)
    }

    fn rollup(&self, id: RecordId) -> Option<Rollup> {
        self.known.rollup(id)
    }
}

impl Context for Asking<'_> {
    fn now(&self) -> Timestamp {
        self.view.now
    }

    fn login(&self) -> &str {
        &self.view.login
    }

    fn me(&self) -> Option<RecordId> {
        self.me
    }

    fn definitions(&self) -> &Definitions {
        &self.definitions
    }
}
