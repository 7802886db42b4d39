//! Records as they are to be: what every action and the importer build commits with.
//!
//! Records are read once and changed as copies. At the end follows what follows:
//! defaults of new records, names of nameless ones, times of closing, events; then
//! everything becomes commits that the store takes. Nothing is written before
//! [`Changeset::finish`].

use std::collections::HashMap;
use std::sync::Arc;

use super::chunks::{Unit, chunks};
use super::desk::no_such;
use super::resolve::Resolver;
use super::step::Step;
use super::{ActionError, Desk, Outcome};
use crate::domain::fields::number;
use crate::domain::{
    Assignment, Definitions, FieldChange, Kind, Lookup, Reading, Record, RecordId, Timestamp, Value, assign, check_stage, events,
    fill_defaults, follow_ups, missing_at_stage, naming, tasks,
};
use crate::store::api::{Change, is_new, new_id};
use crate::store::known::Known;

/// A record being changed.
#[derive(Debug)]
struct Entry {
    id: RecordId,
    before: Option<Arc<Record>>,
    after: Record,
}

impl Entry {
    fn is_change(&self) -> bool {
        self.before.as_ref().is_none_or(|before| before.fields != self.after.fields)
    }
}

/// What a changeset came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// The ids asked for and given: `new:N` references and what became of them, and
    /// the records that were changed.
    pub ids: HashMap<RecordId, RecordId>,
    /// How many records were changed or created, events aside.
    pub changed: usize,
    /// How many stood as they were to be.
    pub unchanged: usize,
    /// The tasks that follow repeating ones that were done.
    pub follow: Vec<RecordId>,
}

impl Taken {
    /// Gives the tasks that follow their ids.
    fn known_follow(&mut self) {
        for id in &mut self.follow {
            *id = self.ids.get(id).copied().unwrap_or(*id);
        }
    }
}

/// Changes of records on their way to the store.
#[derive(Debug)]
pub struct Changeset<'d> {
    desk: &'d Desk,
    definitions: Arc<Definitions>,
    now: Timestamp,
    resolver: Resolver<'d>,
    known: Known<'d>,
    entries: Vec<Entry>,
    places: HashMap<RecordId, usize>,
    /// The tasks that follow repeating ones.
    follow: Vec<RecordId>,
    next_new: u64,
}

impl<'d> Changeset<'d> {
    /// Returns an empty changeset.
    pub fn new(desk: &'d Desk) -> Self {
        Self {
            desk,
            definitions: desk.definitions(),
            now: desk.now(),
            resolver: Resolver::new(desk),
            known: Known::new(&*desk.store),
            entries: Vec::new(),
            places: HashMap::new(),
            follow: Vec::new(),
            next_new: 0,
        }
    }

    /// Returns what the team owns.
    pub fn definitions(&self) -> &Arc<Definitions> {
        &self.definitions
    }

    /// Returns the login of who makes the changes.
    pub fn login(&self) -> &str {
        &self.desk.author.login
    }

    /// Returns the moment that everything in it happens.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Returns who finds records by name.
    pub fn resolver(&self) -> &Resolver<'d> {
        &self.resolver
    }

    /// Returns how texts are read: the store's settings, links by name.
    pub fn reading(&self) -> Reading<'_> {
        Reading::new(&self.definitions, self.now).with_links(&self.resolver)
    }

    /// Returns the user's own record; it is created if there is none.
    ///
    /// # Errors
    /// What the store answers.
    pub fn me(&self) -> Result<RecordId, ActionError> {
        self.resolver.me()
    }

    /// Reads these records in one call.
    ///
    /// # Errors
    /// Exit 4 for an id that is not there.
    pub fn load(&mut self, ids: &[RecordId]) -> Result<(), ActionError> {
        let missing: Vec<RecordId> = ids.iter().copied().filter(|id| !self.places.contains_key(id)).collect();
        for (id, record) in missing.iter().zip(self.desk.store.get(&missing)?) {
            let record = record.ok_or_else(|| no_such(*id))?;
            if !self.places.contains_key(id) {
                let after = Record::clone(&record);
                self.put(Entry { id: *id, before: Some(record), after });
            }
        }
        Ok(())
    }

    /// Returns a record as it is to be.
    ///
    /// # Errors
    /// Exit 4 for an id that is not there.
    pub fn get(&mut self, id: RecordId) -> Result<&Record, ActionError> {
        self.edit(id).map(|record| &*record)
    }

    /// Returns a record as it stood before; `None` for a new one or one not loaded.
    pub fn before(&self, id: RecordId) -> Option<&Arc<Record>> {
        self.entries[*self.places.get(&id)?].before.as_ref()
    }

    /// Returns a record to be changed, reading it if need be.
    ///
    /// # Errors
    /// Exit 4 for an id that is not there.
    pub fn edit(&mut self, id: RecordId) -> Result<&mut Record, ActionError> {
        if !self.places.contains_key(&id) {
            self.load(&[id])?;
        }
        let at = *self.places.get(&id).ok_or_else(|| no_such(id))?;
        Ok(&mut self.entries[at].after)
    }

    /// Returns the `new:N` reference of a new record, to be filled.
    pub fn create(&mut self, kind: Kind) -> RecordId {
        self.next_new += 1;
        let id = new_id(kind, self.next_new);
        self.put(Entry { id, before: None, after: Record::new(id) });
        id
    }

    /// Applies assignments to a record, as a whole or not at all.
    ///
    /// # Errors
    /// The first text that is no value of its field.
    pub fn assign(&mut self, id: RecordId, assignments: &[Assignment]) -> Result<(), ActionError> {
        let mut record = self.edit(id)?.clone();
        assign(&mut record, assignments, &self.reading()).map_err(|error| self.resolver.lift(error))?;
        *self.edit(id)? = record;
        Ok(())
    }

    /// Makes changes of whole fields to a record.
    ///
    /// # Errors
    /// Exit 4 for an id that is not there; exit 2 for a stage that the opportunity's
    /// pipeline does not have.
    pub fn apply(&mut self, id: RecordId, changes: &[FieldChange]) -> Result<(), ActionError> {
        let mut record = self.edit(id)?.clone();
        changes.iter().for_each(|change| change.apply(&mut record));
        if id.kind == Kind::Opportunity {
            check_stage(&record, &self.definitions)?;
        }
        *self.edit(id)? = record;
        Ok(())
    }

    /// Refuses if a record no longer has this version: exit 5.
    ///
    /// # Errors
    /// It has another; or it is not there.
    pub fn expect(&mut self, id: RecordId, version: u64) -> Result<(), ActionError> {
        let found = self.get(id)?.version;
        if found == version {
            return Ok(());
        }
        let by = self.before(id).map(|record| record.updated_by.clone()).unwrap_or_default();
        Err(ActionError::conflict(format!("{id} was changed meanwhile by {by}: it has version {found}, not {version}"))
            .at(id.to_string())
            .hint("look at it again and repeat the change"))
    }

    /// Returns what would change, record by record and field by field.
    pub fn differences(&self) -> Vec<super::Difference> {
        let changed = self.entries.iter().filter(|entry| entry.is_change());
        changed.flat_map(|entry| super::differences(entry.id, entry.before.as_deref(), Some(&entry.after))).collect()
    }

    /// Returns how many records would be changed or created, and how many stand so.
    pub fn counts(&self) -> (usize, usize) {
        let changed = self.entries.iter().filter(|entry| entry.is_change()).count();
        (changed, self.places.len().saturating_sub(changed))
    }

    /// Makes everything one step and returns what it did; the message is the caller's.
    ///
    /// # Errors
    /// What the store refuses.
    pub fn finish(self, label: impl Into<String>) -> Result<Outcome, ActionError> {
        let desk = self.desk;
        desk.check_writable()?;
        let order: Vec<RecordId> = self.entries.iter().map(|entry| entry.id).collect();
        let mut step = Step::begin(desk, label);
        let taken = self.finish_in(&mut step, true)?;
        let mut ids: Vec<RecordId> = order.iter().filter_map(|id| taken.ids.get(id)).copied().collect();
        ids.extend(taken.follow);
        Ok(Outcome { step: step.number(), ids, changed: taken.changed, unchanged: taken.unchanged, message: String::new() })
    }

    /// Makes everything one commit under a key that is used once for all. Whoever comes
    /// second, here or in another process, changes nothing and is answered `None`.
    ///
    /// # Errors
    /// What does not fit one commit; what the store refuses.
    pub fn finish_once(self, key: &str, label: impl Into<String>) -> Result<Option<Outcome>, ActionError> {
        let desk = self.desk;
        let order: Vec<RecordId> = self.entries.iter().map(|entry| entry.id).collect();
        let mut step = Step::begin(desk, label).once(key);
        let taken = match self.finish_together(&mut step, Vec::new(), true) {
            Ok(taken) => taken,
            Err(_) if desk.store.committed(key)?.is_some() => return Ok(None),
            Err(error) => return Err(error),
        };
        // The answer may be that of another process, which asked for the same before.
        let commits = step.number().map_or(Ok(Vec::new()), |step| desk.store.commits_of(step))?;
        if commits.first().is_some_and(|commit| commit.author != desk.author) {
            return Ok(None);
        }
        let ids = order.iter().filter_map(|id| taken.ids.get(id)).copied().collect();
        Ok(Some(Outcome { step: step.number(), ids, changed: taken.changed, unchanged: taken.unchanged, message: String::new() }))
    }

    /// Makes everything a part of a step; `last` ends the step.
    ///
    /// # Errors
    /// What the store refuses.
    pub fn finish_in(self, step: &mut Step<'_>, last: bool) -> Result<Taken, ActionError> {
        let (units, mut taken) = self.into_units()?;
        if units.is_empty() {
            if last && step.number().is_some() {
                step.commit(Vec::new(), true)?;
            }
            return Ok(taken);
        }
        taken.ids.extend(step.commit_all(chunks(units)?, last)?);
        taken.known_follow();
        Ok(taken)
    }

    /// Makes everything one commit of a step, with further changes that belong to it;
    /// `last` ends the step.
    ///
    /// # Errors
    /// What does not fit one commit, with the count; what the store refuses.
    pub(super) fn finish_together(self, step: &mut Step<'_>, more: Vec<Change>, last: bool) -> Result<Taken, ActionError> {
        let (units, mut taken) = self.into_units()?;
        let mut together = Unit::default();
        for unit in units {
            together.changes.extend(unit.changes);
            together.leaves.extend(unit.leaves);
        }
        together.changes.extend(more);
        taken.ids.extend(step.commit_all(chunks(vec![together])?, last)?);
        taken.known_follow();
        Ok(taken)
    }

    fn into_units(mut self) -> Result<(Vec<Unit>, Taken), ActionError> {
        self.complete()?;
        let mut taken = Taken::default();
        (taken.changed, taken.unchanged) = self.counts();
        taken.follow = std::mem::take(&mut self.follow);
        taken.ids.extend(self.entries.iter().filter(|entry| entry.before.is_some()).map(|entry| (entry.id, entry.id)));
        let mut units = Vec::new();
        for entry in self.entries.into_iter().filter(Entry::is_change) {
            let mut leaves = Vec::new();
            if let Some(before) = &entry.before {
                before.links(&mut |_, to| leaves.push(to));
            }
            entry.after.links(&mut |_, to| leaves.retain(|left| *left != to));
            let mut changes = Vec::new();
            for fields in events(entry.before.as_deref(), &entry.after, self.now, &self.desk.author.login) {
                self.next_new += 1;
                let id = new_id(Kind::Event, self.next_new);
                let mut event = Record { fields, ..Record::new(id) };
                event.set(number::CREATED_AT, Value::Time(self.now));
                changes.push(Change { id, based_on: Some(0), after: Some(event) });
            }
            let based_on = Some(entry.before.as_ref().map_or(0, |before| before.version));
            changes.insert(0, Change { id: entry.id, based_on, after: Some(entry.after) });
            units.push(Unit { changes, leaves });
        }
        Ok((units, taken))
    }

    /// Makes the next one of each repeating task that is done now. The series goes on with
    /// it, so that the one that is done is none of it any more.
    fn repeat(&mut self) {
        for at in 0..self.entries.len() {
            let Entry { before: Some(before), after, .. } = &self.entries[at] else { continue };
            if after.kind() != Kind::Task || before.has(number::DONE_AT) || !after.has(number::DONE_AT) {
                continue;
            }
            // A rule that is none says nothing of what follows.
            let Ok(Some(next)) = tasks::next(after, self.definitions.settings.timezone, self.now) else { continue };
            self.entries[at].after.clear(number::TASK_REPEAT);
            let id = self.create(Kind::Task);
            self.follow.push(id);
            if let Some(entry) = self.entries.last_mut() {
                entry.after.fields = next.fields;
            }
        }
    }

    /// Gives records what follows from what they say.
    fn complete(&mut self) -> Result<(), ActionError> {
        self.repeat();
        for at in 0..self.entries.len() {
            if self.entries[at].before.is_none() {
                self.give_defaults(at)?;
            }
        }
        self.add_new_user();
        for at in 0..self.entries.len() {
            if !self.entries[at].is_change() {
                continue;
            }
            let (before, mut after) = (self.entries[at].before.clone(), self.entries[at].after.clone());
            follow_ups(before.as_deref(), &mut after, &self.definitions, self.now);
            naming::complete_name(before.as_deref(), &mut after, &*self, None);
            self.check_entry(before.as_deref(), &after)?;
            self.entries[at].after = after;
        }
        Ok(())
    }

    /// Refuses an opportunity that comes to a stage without what the stage requires.
    fn check_entry(&self, before: Option<&Record>, after: &Record) -> Result<(), ActionError> {
        if after.kind() != Kind::Opportunity {
            return Ok(());
        }
        let missing = missing_at_stage(before, after, &self.definitions);
        if missing.is_empty() {
            return Ok(());
        }
        let stage = after.text(number::STAGE).unwrap_or_default();
        let (id, missing) = (after.id, missing.join(", "));
        let name = if is_new(id) { "it".to_owned() } else { id.to_string() };
        let error = ActionError::refused(format!("{name} cannot be at \u{201c}{stage}\u{201d} without {missing}"));
        Err(error.at(name).hint(format!("give it {missing} with the same change, or before")))
    }

    /// Fills what a new record is expected to have and does not say. Who creates a
    /// contact, company, opportunity or interaction owns it, and gets the tasks; tickets
    /// are given out by their queue, and the rest comes from the back office.
    fn give_defaults(&mut self, at: usize) -> Result<(), ActionError> {
        let mut record = self.entries[at].after.clone();
        let kind = record.kind();
        if kind.info().public {
            fill_defaults(&mut record, &self.definitions, self.now);
        }
        if kind == Kind::Interaction && !record.has(number::INTERACTION_COMPANY) {
            let company = record.link(number::INTERACTION_CONTACT).and_then(|contact| self.company_of(contact));
            record.replace(number::INTERACTION_COMPANY, company.map(Value::Link));
        }
        let owns = match kind {
            Kind::Contact | Kind::Company | Kind::Opportunity | Kind::Interaction => Some(number::OWNER),
            Kind::Task => Some(number::TASK_ASSIGNEE),
            _ => None,
        };
        if let Some(owns) = owns.filter(|owns| !record.has(*owns)) {
            record.set(owns, Value::Link(self.me()?));
        }
        self.entries[at].after = record;
        Ok(())
    }

    /// Returns the company of a contact's first job.
    fn company_of(&self, contact: RecordId) -> Option<RecordId> {
        let record = self.record(contact)?;
        match record.first(number::JOBS)?.bare() {
            Value::Job(job) => job.company,
            _ => None,
        }
    }

    /// The first action that needs the user's record makes it.
    fn add_new_user(&mut self) {
        let Some(id) = self.resolver.new_user().filter(|id| !self.places.contains_key(id)) else { return };
        let mut user = Record::new(id);
        let login = &self.desk.author.login;
        user.set(number::CREATED_AT, Value::Time(self.now));
        user.set(number::LOGIN, Value::text(login));
        user.set(number::USER_NAME, Value::text(login));
        self.put(Entry { id, before: None, after: user });
    }

    fn put(&mut self, entry: Entry) {
        self.places.insert(entry.id, self.entries.len());
        self.entries.push(entry);
    }
}

impl Lookup for Changeset<'_> {
    fn record(&self, id: RecordId) -> Option<Arc<Record>> {
        match self.places.get(&id) {
            Some(at) => Some(Arc::new(self.entries[*at].after.clone())),
            None => self.known.record(id),
        }
    }
}
