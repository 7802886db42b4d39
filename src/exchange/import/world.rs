//! The store as it will be when everything planned is committed: records by id, by
//! key and by name. It must not know rows or mappings.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::overlay::Overlay;
use crate::domain::definitions::Definitions;
use crate::domain::fields::{self, number};
use crate::domain::naming::title;
use crate::domain::{FieldNumber, Kind, Lookup, Record, RecordId, Value, fold};
use crate::query::index;
use crate::store::StoreError;
use crate::store::api::{Change, Store, is_new};
use crate::store::leading::{leading, merged_into};

/// How many records of one key are looked at.
const MOST: usize = 256;

/// How many names of linked records are remembered.
const REMEMBERED: usize = 50_000;

/// What is being committed. It is seen as it was planned: what the store has got since may
/// be that commit itself.
struct Flying {
    planned: Overlay,
    /// Up to which seq the store is looked at meanwhile.
    seq: u64,
    /// Records of the store that are later, so that each is read once.
    later: RefCell<HashSet<RecordId>>,
}

/// The store with what is planned laid over it.
pub(super) struct World<'s> {
    store: &'s dyn Store,
    definitions: Arc<Definitions>,
    overlay: RefCell<Overlay>,
    /// What is being committed.
    flying: RefCell<Option<Flying>>,
    /// Records of the store that names were found to mean.
    names: RefCell<HashMap<(Kind, String), RecordId>>,
    /// The first error of the store in a lookup that could not hand it on.
    failed: RefCell<Option<StoreError>>,
}

impl<'s> World<'s> {
    /// Returns the store as it is.
    pub(super) fn new(store: &'s dyn Store) -> Self {
        Self {
            store,
            definitions: store.definitions(),
            overlay: RefCell::default(),
            flying: RefCell::default(),
            names: RefCell::default(),
            failed: RefCell::default(),
        }
    }

    /// Takes other definitions, as those that an import makes.
    pub(super) fn redefine(&mut self, definitions: Arc<Definitions>) {
        self.definitions = definitions;
    }

    /// Returns what the team owns.
    pub(super) fn definitions(&self) -> &Definitions {
        &self.definitions
    }

    /// Returns a record, planned or kept; trashed ones too.
    pub(super) fn get(&self, id: RecordId) -> Result<Option<Arc<Record>>, StoreError> {
        if let Some(planned) = self.overlay.borrow().get(id) {
            return Ok(Some(planned));
        }
        if let Some(flown) = self.flying.borrow().as_ref().and_then(|flying| flying.planned.get(id)) {
            return Ok(Some(flown));
        }
        if is_new(id) {
            return Ok(None);
        }
        Ok(self.store.get(&[id])?.pop().flatten())
    }

    /// Returns the record that one leads to: itself, unless it was merged into another.
    pub(super) fn lead(&self, record: Arc<Record>) -> Result<Arc<Record>, StoreError> {
        if is_new(record.id) || merged_into(&record).is_none() {
            return Ok(record);
        }
        let id = leading(self.store, record.id)?;
        Ok(self.get(id)?.unwrap_or(record))
    }

    /// Returns the live records of a kind that have this value in an indexed field;
    /// what shares the key only by chance may be among them.
    pub(super) fn having(&self, kind: Kind, field: FieldNumber, value: &Value) -> Result<Vec<Arc<Record>>, StoreError> {
        let Some(key) = index::key_of(kind, field, value) else { return Ok(Vec::new()) };
        let overlay = self.overlay.borrow();
        let mut found: Vec<Arc<Record>> = overlay.find(kind, field, &key).iter().filter_map(|id| overlay.get(*id)).collect();
        let flying = self.flying.borrow();
        if let Some(Flying { planned, .. }) = flying.as_ref() {
            found.extend(planned.find(kind, field, &key).iter().filter(|id| !overlay.has(**id)).filter_map(|id| planned.get(*id)));
        }
        let flies = |id: RecordId| flying.as_ref().is_some_and(|flying| flying.planned.has(id) || flying.later.borrow().contains(&id));
        let is_planned = |id: RecordId| overlay.has(id) || flies(id);
        let kept = self.store.lookup(kind, field, &key, MOST)?;
        let kept: Vec<RecordId> = kept.into_iter().filter(|id| !is_planned(*id)).collect();
        if !kept.is_empty() {
            for record in self.store.get(&kept)?.into_iter().flatten() {
                match flying.as_ref().filter(|flying| record.version > flying.seq) {
                    Some(flying) => drop(flying.later.borrow_mut().insert(record.id)),
                    None => found.push(record),
                }
            }
        }
        Ok(found)
    }

    /// Returns the live records of a kind that are called so, without regard to case
    /// and diacritics.
    pub(super) fn called(&self, kind: Kind, name: &str) -> Result<Vec<Arc<Record>>, StoreError> {
        let Some(field) = fields::title_field(kind) else { return Ok(Vec::new()) };
        let named = |record: &Record| fold::fold(title(record).trim()) == fold::fold(name.trim());
        let mut found = self.having(kind, field.number, &Value::text(name.trim()))?;
        if kind == Kind::User {
            // The table's first field of a user is the login; people are called by name.
            found.extend(self.having(kind, number::USER_NAME, &Value::text(name.trim()))?);
            found.sort_by_key(|record| record.id);
            found.dedup_by_key(|record| record.id);
            found.retain(|record| named(record) || record.text(number::LOGIN) == Some(name.trim()));
            return Ok(found);
        }
        found.retain(|record| named(record));
        Ok(found)
    }

    /// Returns the live record of a kind with this id under this source.
    pub(super) fn external(&self, kind: Kind, source: &str, id: &str) -> Result<Vec<Arc<Record>>, StoreError> {
        let value = Value::labelled(source, Value::text(id));
        let mut found = self.having(kind, number::EXTERNAL_ID, &value)?;
        found.retain(|record| record.values(number::EXTERNAL_ID).any(|known| *known == value));
        Ok(found)
    }

    /// Returns the record that a name was found to mean before.
    pub(super) fn remembered(&self, kind: Kind, name: &str) -> Option<RecordId> {
        self.names.borrow().get(&(kind, name.to_owned())).copied()
    }

    /// Remembers what a name means; planned records are found anew each time.
    pub(super) fn remember(&self, kind: Kind, name: &str, id: RecordId) {
        if is_new(id) {
            return;
        }
        let mut names = self.names.borrow_mut();
        if names.len() >= REMEMBERED {
            names.clear();
        }
        names.insert((kind, name.to_owned()), id);
    }

    /// Plans a new record.
    pub(super) fn create(&self, record: Record) -> RecordId {
        self.overlay.borrow_mut().create(record)
    }

    /// Plans a change.
    pub(super) fn put(&self, record: Record, version: u64) {
        self.overlay.borrow_mut().put(record, version);
    }

    /// Returns the place to which [`Self::take_back`] returns.
    pub(super) fn mark(&self) -> usize {
        self.overlay.borrow().mark()
    }

    /// Takes back what was planned since a mark.
    pub(super) fn take_back(&self, mark: usize) {
        self.overlay.borrow_mut().take_back(mark);
    }

    /// Returns how many changes are planned, and about how many bytes they take.
    pub(super) fn size(&self) -> (usize, usize) {
        let overlay = self.overlay.borrow();
        (overlay.len(), overlay.bytes())
    }

    /// Returns the planned changes.
    pub(super) fn changes(&self) -> Vec<Change> {
        self.overlay.borrow().changes()
    }

    /// Takes what is planned as being committed; it is seen like what is planned.
    pub(super) fn take_off(&self) {
        let planned = self.overlay.borrow_mut().take_off();
        *self.flying.borrow_mut() = Some(Flying { planned, seq: self.store.seq(), later: RefCell::default() });
    }

    /// Takes what was being committed as kept, under these ids and this version.
    pub(super) fn land(&self, given: &HashMap<RecordId, RecordId>, seq: u64) {
        if let Some(flying) = self.flying.borrow_mut().take() {
            self.overlay.borrow_mut().land(&flying.planned, given, seq);
        }
    }

    /// Forgets what is planned, after it was committed or to plan it anew.
    pub(super) fn clear(&self, also_names: bool) {
        self.overlay.borrow_mut().clear();
        self.flying.borrow_mut().take();
        if also_names {
            self.names.borrow_mut().clear();
        }
    }

    /// Keeps an error of the store for whoever asks next.
    pub(super) fn fail(&self, error: StoreError) {
        self.failed.borrow_mut().get_or_insert(error);
    }

    /// Returns the error that was kept.
    pub(super) fn failure(&self) -> Option<StoreError> {
        self.failed.borrow_mut().take()
    }
}

impl Lookup for World<'_> {
    fn record(&self, id: RecordId) -> Option<Arc<Record>> {
        match self.get(id) {
            Ok(found) => found,
            Err(error) => {
                self.fail(error);
                None
            }
        }
    }
}
