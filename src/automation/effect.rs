//! One thing that time causes, under the key that it has wherever and whenever it is done.

use std::fmt;

use crate::actions::{ActionError, Changeset};
use crate::domain::fields::number;
use crate::domain::{Kind, RecordId, Value};

/// What an effect changes.
type Act = Box<dyn Fn(&mut Changeset<'_>) -> Result<(), ActionError>>;

/// One thing that time causes.
pub struct Effect {
    /// Its name for ever: what, of which record, by which moment; `reminder:k12:2026-11-29T10:00:00Z`.
    pub key: String,
    /// The record that it is about.
    pub about: RecordId,
    /// Whom it concerns; nobody named means everybody.
    pub to: Vec<RecordId>,
    /// What history says, in a few words.
    pub label: String,
    /// What people are told, one line.
    pub told: String,
    pub(super) act: Act,
}

impl fmt::Debug for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Effect").field("key", &self.key).field("told", &self.told).finish_non_exhaustive()
    }
}

impl Effect {
    /// Returns an effect that changes records. What it changes is asked for again where
    /// somebody else changed them meanwhile, so it must look at them each time; where
    /// nothing is left to change, nothing is done.
    pub fn new(
        key: impl Into<String>,
        about: RecordId,
        label: impl Into<String>,
        told: impl Into<String>,
        act: impl Fn(&mut Changeset<'_>) -> Result<(), ActionError> + 'static,
    ) -> Self {
        Self { key: key.into(), about, to: Vec::new(), label: label.into(), told: told.into(), act: Box::new(act) }
    }

    /// Returns an effect that only tells. It leaves an event with the record, `what: text`,
    /// which stands in its timeline.
    pub fn telling(key: impl Into<String>, about: RecordId, what: &'static str, told: impl Into<String>) -> Self {
        let told = told.into();
        let text = told.clone();
        Self::new(key, about, format!("{what} of {about}"), told, move |changes| {
            let (at, by) = (changes.now(), changes.login().to_owned());
            let event = changes.create(Kind::Event);
            let record = changes.edit(event)?;
            record.set(number::EVENT_RECORD, Value::Link(about));
            record.set(number::EVENT_AT, Value::Time(at));
            record.set(number::EVENT_BY, Value::Text(by));
            record.set(number::EVENT_FIELD, Value::text(what));
            record.set(number::EVENT_TO, Value::text(&text));
            Ok(())
        })
    }

    /// Returns the effect for these users.
    #[must_use]
    pub fn to(mut self, users: impl IntoIterator<Item = RecordId>) -> Self {
        self.to.extend(users);
        self
    }
}
