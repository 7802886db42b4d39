//! Who works, on which store, with which clock: what every action needs.

use std::fmt;
use std::sync::Arc;

use chrono::{NaiveDate, Utc};
use chrono_tz::Tz;

use super::ActionError;
use crate::domain::definitions::Definitions;
use crate::domain::{Record, RecordId, Timestamp};
use crate::store::api::{Author, Store, View};

/// The clock that ages, relative dates and commits see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The host's.
    Real,
    /// Always this moment (`--now`): reproducible reports and tests.
    Fixed(Timestamp),
}

impl Clock {
    /// Returns the moment of a fixed clock.
    pub fn fixed(self) -> Option<Timestamp> {
        match self {
            Self::Real => None,
            Self::Fixed(at) => Some(at),
        }
    }
}

/// Where somebody works: store, author and clock.
#[derive(Clone)]
pub struct Desk {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Who works, and in which workspace.
    pub author: Author,
    /// The clock.
    pub clock: Clock,
    /// Whether every change is refused.
    pub readonly: bool,
    /// The step that changes belong to while several commands make one: its number
    /// once it has one. It stays open until [`super::end_step`].
    pub joins: Option<Option<u64>>,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("author", &self.author).field("clock", &self.clock).field("readonly", &self.readonly).finish()
    }
}

impl Desk {
    /// Returns the desk of somebody on the command line, with the host's clock.
    pub fn new(store: Arc<dyn Store>, login: impl Into<String>) -> Self {
        let author = Author { login: login.into(), workspace: String::new() };
        Self { store, author, clock: Clock::Real, readonly: false, joins: None }
    }

    /// Returns the moment.
    pub fn now(&self) -> Timestamp {
        self.clock.fixed().unwrap_or_else(|| Timestamp::from_utc(Utc::now()))
    }

    /// Returns what queries see: the clock and the user.
    pub fn view(&self) -> View {
        View { now: self.now(), login: self.author.login.clone() }
    }

    /// Returns what the team owns.
    pub fn definitions(&self) -> Arc<Definitions> {
        self.store.definitions()
    }

    /// Returns the store's time zone: whose days all days are.
    pub fn zone(&self) -> Tz {
        self.definitions().settings.timezone
    }

    /// Returns today's date in the store's zone.
    pub fn today(&self) -> NaiveDate {
        self.now().utc().with_timezone(&self.zone()).date_naive()
    }

    /// Refuses where nothing may be changed: exit 7.
    pub fn check_writable(&self) -> Result<(), ActionError> {
        if self.readonly {
            return Err(ActionError::not_permitted("nothing is changed: rolo was started with --readonly"));
        }
        Ok(())
    }

    /// Returns the records that there are, in the order asked for.
    ///
    /// # Errors
    /// Exit 4 for an id that is not there.
    pub fn records(&self, ids: &[RecordId]) -> Result<Vec<Arc<Record>>, ActionError> {
        let found = self.store.get(ids)?;
        ids.iter().zip(found).map(|(id, record)| record.ok_or_else(|| no_such(*id))).collect()
    }

    /// Returns one record.
    ///
    /// # Errors
    /// Exit 4 if it is not there.
    pub fn record(&self, id: RecordId) -> Result<Arc<Record>, ActionError> {
        self.store.get(&[id])?.pop().flatten().ok_or_else(|| no_such(id))
    }
}

/// Returns the error for an id that is not there.
pub(super) fn no_such(id: RecordId) -> ActionError {
    ActionError::not_found(format!("there is no {} {id}", id.kind)).at(id.to_string())
}
