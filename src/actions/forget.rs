//! A person forgotten: their record and what was only about them become tombstones,
//! other records lose the links to them, and then the store is made to forget what it
//! said of them in every version.
//!
//! What stays: ids, and the figures of business that others had a part in (amounts,
//! stages, times). What goes from there: what the person is called and reached by,
//! however it is written. What others have as well (a namesake, a shared switchboard)
//! stays theirs, and is told.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::sync::Arc;

use super::chunks::chunks;
use super::step::Step;
use super::trash::{tombstone, without};
use super::{ActionError, Desk, Outcome, content_of};
use crate::domain::fields::number;
use crate::domain::{Erase, FieldNumber, FileHash, Kind, Record, RecordId, Value, naming};
use crate::query::index;
use crate::store::StoreError;
use crate::store::api::{Forget, Forgotten, Store, Trash};
use crate::store::walk::Walk;

/// What the label of such a step begins with: what cannot be undone.
pub(super) const FORGET: &str = "forget ";
/// How many records are made tombstones at once.
const BLOCK: usize = 500;
/// Streets of fewer letters are words like others.
const TELLING_STREET: usize = 6;

/// What a person leaves, told before it is done and after.
#[derive(Debug, Clone, Default)]
pub struct Farewell {
    /// What was done.
    pub outcome: Outcome,
    /// How many records go with the person.
    pub gone: usize,
    /// How many lose what ties them to the person.
    pub parted: usize,
    /// What the store did.
    pub forgotten: Forgotten,
    /// What is worth knowing.
    pub notices: Vec<String>,
}

/// Forgets a person. On a dry run nothing is changed, and what would be is told.
///
/// # Errors
/// Exit 2 for what is no contact, 4 for one that never was, 7 where nothing may be
/// changed; what the store answers. Where it stopped half way it can be done again.
pub fn forget(desk: &Desk, id: RecordId, dry_run: bool) -> Result<Farewell, ActionError> {
    if !dry_run {
        desk.check_writable()?;
    }
    if id.kind != Kind::Contact {
        return Err(ActionError::usage(format!("{id} is a {}: only people can be forgotten", id.kind))
            .hint("`rolo rm` and `rolo purge` remove anything"));
    }
    let store = &*desk.store;
    let versions: Vec<Arc<Record>> = store.history(id, usize::MAX)?.into_iter().filter_map(|version| version.record).collect();
    if versions.is_empty() {
        return match store.history(id, 1)?.is_empty() {
            true => Err(ActionError::not_found(format!("there is no contact {id}")).at(id.to_string())),
            false => Err(ActionError::not_found(format!("{id} is forgotten already")).at(id.to_string())),
        };
    }
    let mut farewell = Farewell::default();
    let (everywhere, nearby) = words(store, id, &versions, &mut farewell.notices)?;
    let leave = Leave::of(desk, id)?;
    farewell.gone = leave.gone.len() - 1;
    farewell.parted = leave.parted.len();
    if dry_run {
        return Ok(farewell);
    }
    farewell.outcome.step = leave.commit(desk, id)?;
    let forget = Forget {
        gone: leave.gone.iter().copied().collect(),
        wiped: leave.parted.iter().copied().filter(|id| id.kind == Kind::Ticket).collect(),
        near: leave.parted.into_iter().collect(),
        everywhere,
        nearby,
        contents: leave.contents,
    };
    farewell.forgotten = store.forget(&forget)?;
    for hash in &forget.contents {
        super::forget_copies(hash);
    }
    farewell.notices.append(&mut farewell.forgotten.notices);
    farewell.outcome.ids = vec![id];
    farewell.outcome.changed = 1 + farewell.gone + farewell.parted;
    let others = |count: usize, what: &str| if count == 1 { format!("1 record {what}") } else { format!("{count} records {what}") };
    farewell.outcome.message = format!(
        "{id} is forgotten: {}, {}, {} versions and {} files say nothing of them any more",
        others(farewell.gone, "went with it"),
        others(farewell.parted, "lost their tie"),
        farewell.forgotten.versions,
        farewell.forgotten.contents + farewell.forgotten.beside,
    );
    Ok(farewell)
}

/// Returns what a person is called and reached by: what tells them anywhere, and what
/// does where they are known to be meant.
fn words(store: &dyn Store, id: RecordId, versions: &[Arc<Record>], notices: &mut Vec<String>) -> Result<(Erase, Erase), ActionError> {
    let (mut everywhere, mut nearby) = (Erase::default(), Erase::default());
    let mut texts: BTreeSet<String> = BTreeSet::new();
    let mut phones: BTreeSet<String> = BTreeSet::new();
    for record in versions {
        let text = |field: FieldNumber| record.text(field).unwrap_or_default();
        let (given, family) = (text(number::GIVEN), text(number::FAMILY));
        [given, family, text(number::NICKNAME)].iter().for_each(|word| nearby.text(word));
        for name in [naming::title(record), text(number::CONTACT_NAME).to_owned(), format!("{given} {family}"), format!("{family} {given}")]
        {
            let words: Vec<&str> = name.split_whitespace().collect();
            if let [.., last] = words.as_slice()
                && words.len() > 1
            {
                // As a list of names has it.
                let turned = format!("{last} {}", words[..words.len() - 1].join(" "));
                let comma = format!("{last}, {}", words[..words.len() - 1].join(" "));
                texts.extend([words.join(" "), turned, comma]);
                words.iter().filter(|word| word.chars().count() > 2).for_each(|word| nearby.text(word));
            } else {
                nearby.text(&name);
            }
        }
        for field in [number::CONTACT_EMAIL, number::CONTACT_URL] {
            texts.extend(record.values(field).filter_map(Value::as_text).map(str::to_owned));
        }
        phones.extend(record.values(number::CONTACT_PHONE).filter_map(Value::as_text).map(str::to_owned));
        for value in record.values(number::CONTACT_ADDRESS) {
            if let Value::Address(address) = value.bare()
                && address.street.chars().count() >= TELLING_STREET
            {
                nearby.text(&address.street);
            }
        }
    }
    for text in texts {
        let fields = [
            (Kind::Contact, number::CONTACT_NAME),
            (Kind::Contact, number::CONTACT_EMAIL),
            (Kind::Company, number::COMPANY_EMAIL),
            (Kind::Company, number::COMPANY_NAME),
        ];
        match somebody_else(store, id, &fields, &text)? {
            Some(other) => {
                notices.push(format!("\u{201c}{text}\u{201d} stays where nobody can tell who is meant: {other} has it too"));
                nearby.text(&text);
            }
            None => everywhere.text(&text),
        }
    }
    for phone in phones {
        match somebody_else(store, id, &[(Kind::Contact, number::CONTACT_PHONE), (Kind::Company, number::COMPANY_PHONE)], &phone)? {
            Some(other) => notices.push(format!("{phone} stays: {other} has it too")),
            None => everywhere.phone(&phone),
        }
    }
    Ok((everywhere, nearby))
}

/// Returns another live record that is called or reached the same.
fn somebody_else(store: &dyn Store, id: RecordId, fields: &[(Kind, FieldNumber)], text: &str) -> Result<Option<RecordId>, StoreError> {
    for (kind, field) in fields {
        let Some(key) = index::key_of(*kind, *field, &Value::text(text)) else { continue };
        if let Some(other) = store.lookup(*kind, *field, &key, 2)?.into_iter().find(|other| *other != id) {
            return Ok(Some(other));
        }
    }
    Ok(None)
}

/// What goes with a person, and what stays without them.
struct Leave {
    gone: BTreeSet<RecordId>,
    parted: BTreeSet<RecordId>,
    contents: Vec<FileHash>,
}

impl Leave {
    fn of(desk: &Desk, id: RecordId) -> Result<Self, ActionError> {
        let store = &*desk.store;
        if store.get(&[id])?.pop().flatten().is_none() {
            return Self::again(store, id);
        }
        let mut leave = Self { gone: BTreeSet::from([id]), parted: BTreeSet::new(), contents: Vec::new() };
        let mut trashed: Vec<Arc<Record>> = Vec::new();
        for kind in Kind::public() {
            // The indexes know what is live alone.
            Walk::new(kind, desk.view()).trash(Trash::Only).each::<StoreError>(store, |record| {
                trashed.push(Arc::clone(record));
                Ok(())
            })?;
        }
        let mut queue = VecDeque::from([id]);
        while let Some(going) = queue.pop_front() {
            let live: Vec<RecordId> = store.linking(going, None, usize::MAX)?.into_iter().map(|(from, _)| from).collect();
            let mut linking: Vec<Arc<Record>> = store.get(&live)?.into_iter().flatten().collect();
            linking.extend(trashed.iter().filter(|record| links_to(record, going)).cloned());
            for record in linking {
                if leave.gone.contains(&record.id) {
                    continue;
                }
                if leave.goes(&record) {
                    leave.parted.remove(&record.id);
                    leave.gone.insert(record.id);
                    queue.push_back(record.id);
                } else {
                    leave.parted.insert(record.id);
                }
            }
        }
        leave.contents = leave.contents(store)?;
        Ok(leave)
    }

    /// Returns what went with somebody who is gone, where forgetting stopped behind that.
    fn again(store: &dyn Store, id: RecordId) -> Result<Self, ActionError> {
        let mut leave = Self { gone: BTreeSet::from([id]), parted: BTreeSet::new(), contents: Vec::new() };
        let last = store.history(id, 1)?.pop().filter(|version| version.commit.label.starts_with(FORGET));
        let Some(last) = last else { return Ok(leave) };
        for (changed, is_gone) in store.commits_of(last.commit.step)?.into_iter().flat_map(|commit| commit.changed) {
            if is_gone {
                leave.gone.insert(changed)
            } else {
                leave.parted.insert(changed)
            };
        }
        leave.contents = leave.contents(store)?;
        Ok(leave)
    }

    /// Returns whether a record is about nobody and nothing else than what goes.
    fn goes(&self, record: &Record) -> bool {
        let only = |field: FieldNumber| record.values(field).filter_map(Value::as_link).all(|to| self.gone.contains(&to));
        match record.kind() {
            Kind::Event | Kind::Provenance => true,
            Kind::Interaction => only(number::INTERACTION_CONTACT),
            Kind::Task => only(number::ABOUT),
            Kind::Document => only(number::DOCUMENT_ABOUT),
            _ => false,
        }
    }

    /// Returns the contents that no document names which stays.
    fn contents(&self, store: &dyn Store) -> Result<Vec<FileHash>, ActionError> {
        let documents: Vec<RecordId> = self.gone.iter().copied().filter(|id| id.kind == Kind::Document).collect();
        let mut contents = Vec::new();
        for id in documents {
            // One that is gone already says it in the version before.
            let Some(document) = store.history(id, usize::MAX)?.into_iter().find_map(|version| version.record) else { continue };
            let Ok(hash) = content_of(&document) else { continue };
            let key = index::key_of(Kind::Document, number::HASH, &Value::Text(hash.to_string()));
            let naming = key.map_or(Ok(Vec::new()), |key| store.lookup(Kind::Document, number::HASH, &key, usize::MAX))?;
            if naming.iter().all(|id| self.gone.contains(id)) && !contents.contains(&hash) {
                contents.push(hash);
            }
        }
        Ok(contents)
    }

    /// Makes tombstones of what goes, and takes the links to it out of what stays.
    fn commit(&self, desk: &Desk, id: RecordId) -> Result<Option<u64>, ActionError> {
        let mut step = Step::begin(desk, format!("{FORGET}{id}"));
        let all: HashSet<RecordId> = self.gone.iter().copied().collect();
        // What points to others goes before them.
        let ids: Vec<RecordId> = self.parted.iter().chain(self.gone.iter().rev()).copied().collect();
        for block in ids.chunks(BLOCK) {
            let records = desk.store.get(block)?.into_iter().flatten();
            let units = records.map(|record| if all.contains(&record.id) { tombstone(&record) } else { without(&record, &all) });
            step.commit_all(chunks(units.collect())?, false)?;
        }
        step.end()
    }
}

fn links_to(record: &Record, id: RecordId) -> bool {
    let mut links = false;
    record.links(&mut |_, to| links |= to == id);
    links
}
