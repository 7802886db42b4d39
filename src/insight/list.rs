//! What the list file says: what each record that is found is called and known by, the
//! order of the contacts, and the cells of their rows; as of a commit.
//!
//! ```text
//! head    version, store, image, seq; of each block the kind and the numbers in it
//! blocks  64 records of one kind: number, name, what else it is found by, cells
//!         then the numbers of all contacts by name, 16,384 a block
//! ```
//!
//! It is a cache: made from the store when nobody types, brought forward by what has changed
//! since, and thrown away where it is of another version, store or image. Numbers of other
//! kinds are read from it block by block, so a screen of rows is a few small reads, and
//! lines to search in are made of all of it on all processors.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::lines::{FOUND, INTERACTIONS, PAGE, changed_since, entry, learn, request};
use crate::domain::fields::number;
use crate::domain::{FieldRef, Kind, Record, RecordId, Screen, Timestamp};
use crate::query::parse_sort;
use crate::search::{Entry, Lines};
use crate::store::StoreError;
use crate::store::api::{Cursor, Store, View};
use crate::store::known::Known;
use crate::store::list_file::{ListFile, ListWriter, newest_image};

/// Records of a block.
const BLOCK: usize = 64;
/// Numbers of a block of the order.
const ORDER: usize = 16_384;
/// Columns whose cells are kept for contacts.
pub const COLUMNS: [&str; 3] = ["company", "email", "phone"];
/// The order that is kept of contacts.
pub const SORT: &str = "name";
/// How many ids are asked for at once.
const IDS: usize = 10_000;
/// How many blocks a thread makes lines of at once.
const BLOCKS: usize = 128;

#[derive(Debug, Serialize, Deserialize)]
struct Head {
    version: String,
    store: String,
    image: u64,
    seq: u64,
    older: Option<Cursor>,
    blocks: Vec<Block>,
    contacts: u64,
}

/// What is in a block: records of one kind, and between which numbers.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Block {
    kind: Kind,
    least: u64,
    most: u64,
}

/// What is said of a record.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Said<'a> {
    number: u64,
    name: &'a str,
    beside: &'a str,
    #[serde(borrow)]
    cells: Vec<&'a str>,
    last: Option<i64>,
}

/// What a list says of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Name, and what else it is found by.
    pub entry: Entry,
    /// Of a contact the cells of [`COLUMNS`].
    pub cells: Vec<String>,
    /// When something happened last with a contact.
    pub last: Option<Timestamp>,
}

/// A list file of this version, store and image.
#[derive(Debug)]
pub struct List {
    file: ListFile,
    head: Head,
}

impl List {
    /// Opens the list of the store in a folder; `None` where there is none that is of use.
    pub fn open(folder: &Path) -> Option<Self> {
        let file = ListFile::open(folder)?;
        let head: Head = postcard::from_bytes(file.head()).ok()?;
        let is_ours = head.version == env!("CARGO_PKG_VERSION") && newest_image(folder) == Some(head.image);
        (is_ours && head.blocks.len() <= file.blocks()).then_some(Self { file, head })
    }

    /// Returns the store's id.
    pub fn store(&self) -> &str {
        &self.head.store
    }

    /// Returns which image it was made of.
    pub(super) fn image(&self) -> u64 {
        self.head.image
    }

    /// Returns the last commit that it knows.
    pub fn seq(&self) -> u64 {
        self.head.seq
    }

    /// Returns behind which interaction the older ones stand that it says nothing of.
    pub(super) fn older(&self) -> Option<&Cursor> {
        self.head.older.as_ref()
    }

    /// Returns how many records it says something of, as far as the blocks tell.
    pub fn records(&self) -> usize {
        self.head.blocks.len() * BLOCK
    }

    /// Returns all contacts by name; `None` where that is damaged.
    pub fn contacts(&self) -> Option<Vec<RecordId>> {
        let mut ids = Vec::with_capacity(usize::try_from(self.head.contacts).ok()?.min(1 << 24));
        for block in self.head.blocks.len()..self.file.blocks() {
            let numbers: Vec<u64> = postcard::from_bytes(&self.file.block(block)?).ok()?;
            ids.extend(numbers.into_iter().map(|number| RecordId::new(Kind::Contact, number)));
        }
        (ids.len() as u64 == self.head.contacts).then_some(ids)
    }

    /// Returns what it says of some records; those that it does not know are left out.
    pub fn listed(&self, ids: &[RecordId]) -> HashMap<RecordId, Listed> {
        let mut wanted: BTreeMap<usize, HashSet<u64>> = BTreeMap::new();
        for id in ids {
            let holds = |block: &&(usize, &Block)| block.1.kind == id.kind && (block.1.least..=block.1.most).contains(&id.number);
            for (at, _) in self.head.blocks.iter().enumerate().filter(|block| holds(&block)) {
                wanted.entry(at).or_default().insert(id.number);
            }
        }
        let mut listed = HashMap::new();
        for (at, numbers) in wanted {
            let kind = self.head.blocks[at].kind;
            self.each(at, |said| {
                if numbers.contains(&said.number) {
                    let id = RecordId::new(kind, said.number);
                    let entry = Entry { id, name: said.name.to_owned(), beside: said.beside.to_owned() };
                    let cells = said.cells.iter().map(|&cell| cell.to_owned()).collect();
                    listed.insert(id, Listed { entry, cells, last: said.last.map(Timestamp) });
                }
            });
        }
        listed
    }

    /// Calls for each record of a block; returns false where the block is damaged.
    fn each(&self, block: usize, mut call: impl FnMut(Said<'_>)) -> bool {
        let Some(bytes) = self.file.block(block) else { return false };
        let Ok(said) = postcard::from_bytes::<Vec<Said<'_>>>(&bytes) else { return false };
        said.into_iter().for_each(&mut call);
        true
    }

    /// Returns lines of the blocks from one on, as many as are made at once on all
    /// processors, and the block to go on with; `None` where one is damaged.
    pub(super) fn lines(&self, from: usize) -> Option<(Vec<Lines>, Option<usize>)> {
        let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get().min(4));
        let end = self.head.blocks.len();
        let made: Vec<Option<Lines>> = std::thread::scope(|scope| {
            let starts = (0..threads).map(|thread| from + thread * BLOCKS).filter(|start| *start < end);
            let threads: Vec<_> = starts
                .map(|start| {
                    scope.spawn(move || {
                        let mut lines = Lines::default();
                        let whole = (start..end.min(start + BLOCKS)).all(|block| {
                            let kind = self.head.blocks[block].kind;
                            self.each(block, |said| lines.push(RecordId::new(kind, said.number), said.name, said.beside))
                        });
                        whole.then_some(lines)
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().ok().flatten()).collect()
        });
        let next = from + threads * BLOCKS;
        Some((made.into_iter().collect::<Option<_>>()?, (next < end).then_some(next)))
    }
}

/// Collects records of one kind into blocks.
struct Writing<'s> {
    store: &'s dyn Store,
    out: ListWriter,
    blocks: Vec<Block>,
    kind: Kind,
    waiting: Vec<(Entry, Vec<String>, Option<i64>)>,
}

impl Writing<'_> {
    fn records(&mut self, known: &Known<'_>, records: &[Arc<Record>]) -> Result<(), StoreError> {
        learn(known, records)?;
        let ids: Vec<RecordId> = records.iter().map(|record| record.id).filter(|id| id.kind == Kind::Contact).collect();
        let mut last: HashMap<RecordId, Option<i64>> = HashMap::new();
        if !ids.is_empty() {
            let rollups = self.store.rollups(&ids)?;
            last.extend(ids.into_iter().zip(rollups).map(|(id, rollup)| (id, rollup.last_at.map(|at| at.0))));
        }
        let definitions = self.store.definitions();
        let columns: Vec<FieldRef> = COLUMNS.iter().filter_map(|name| FieldRef::resolve(Kind::Contact, name, &definitions).ok()).collect();
        let screen = Screen { now: Timestamp(0), zone: definitions.settings.timezone, lookup: known };
        for record in records {
            let cells = columns.iter().filter(|_| record.kind() == Kind::Contact).map(|field| match field.get(record, known).as_slice() {
                [] => String::new(),
                [one] => screen.short(one),
                [first, more @ ..] => format!("{} +{}", screen.short(first), more.len()),
            });
            self.add(entry(record, known), cells.collect(), last.get(&record.id).copied().flatten())?;
        }
        Ok(())
    }

    fn add(&mut self, entry: Entry, cells: Vec<String>, last: Option<i64>) -> Result<(), StoreError> {
        if self.kind != entry.id.kind || self.waiting.len() >= BLOCK {
            self.flush()?;
            self.kind = entry.id.kind;
        }
        self.waiting.push((entry, cells, last));
        Ok(())
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        let numbers = || self.waiting.iter().map(|(entry, ..)| entry.id.number);
        let (Some(least), Some(most)) = (numbers().min(), numbers().max()) else { return Ok(()) };
        let said: Vec<Said<'_>> = self
            .waiting
            .iter()
            .map(|(entry, cells, last)| Said {
                number: entry.id.number,
                name: &entry.name,
                beside: &entry.beside,
                cells: cells.iter().map(String::as_str).collect(),
                last: *last,
            })
            .collect();
        let bytes = postcard::to_stdvec(&said).map_err(|error| StoreError::Io(error.to_string()))?;
        self.out.block(&bytes).map_err(|error| failed(&error))?;
        self.blocks.push(Block { kind: self.kind, least, most });
        self.waiting.clear();
        Ok(())
    }

    /// Takes over what an older list says of records that have not changed since.
    fn take_over(&mut self, old: &List, changed: &HashSet<RecordId>, may_go_on: &dyn Fn() -> bool) -> Result<bool, StoreError> {
        for (at, block) in old.head.blocks.iter().enumerate() {
            if at % BLOCKS == 0 && !may_go_on() {
                return Ok(false);
            }
            let mut stays = Vec::new();
            let mut any = false;
            let whole = old.each(at, |said| {
                let id = RecordId::new(block.kind, said.number);
                if changed.contains(&id) {
                    any = true;
                } else {
                    let entry = Entry { id, name: said.name.to_owned(), beside: said.beside.to_owned() };
                    stays.push((entry, said.cells.iter().map(|&cell| cell.to_owned()).collect(), said.last));
                }
            });
            if !whole {
                return Ok(false);
            }
            if any {
                for (entry, cells, last) in stays {
                    self.add(entry, cells, last)?;
                }
                self.flush()?;
            } else if self.out.copy(&old.file, at).map_err(|error| failed(&error))? {
                self.blocks.push(*block);
            }
        }
        Ok(true)
    }
}

fn failed(error: &std::io::Error) -> StoreError {
    StoreError::Io(format!("writing the list file failed: {error}"))
}

/// Writes the list file of a store in a folder anew, from an older one and what has changed
/// since where that is quicker, and returns it; `None` where another process does, where it
/// may not go on, or where the store's image was made anew meanwhile.
///
/// # Errors
/// What the store answers; the folder cannot be written.
pub fn keep_list(store: &dyn Store, view: &View, folder: &Path, may_go_on: &dyn Fn() -> bool) -> Result<Option<List>, StoreError> {
    let stats = store.stats()?;
    let seq = store.seq();
    let old = List::open(folder).filter(|old| old.head.store == stats.store_id && old.head.image == stats.image_generation);
    if newest_image(folder) != Some(stats.image_generation) {
        return Ok(None);
    }
    let Some(out) = ListWriter::begin(folder).map_err(|error| failed(&error))? else { return Ok(None) };
    let mut writing = Writing { store, out, blocks: Vec::new(), kind: Kind::Contact, waiting: Vec::new() };
    let known = Known::new(store);
    let changed = match &old {
        Some(old) => changed_since(store, old.head.seq)?,
        None => None,
    };
    let mut older = None;
    match (&old, changed) {
        (Some(old), Some(mut changed)) => {
            touched(store, &mut changed)?;
            older.clone_from(&old.head.older);
            if !writing.take_over(old, &changed.iter().copied().collect(), may_go_on)? {
                return Ok(None);
            }
            for ids in changed.chunks(PAGE) {
                let live: Vec<_> = store.get(ids)?.into_iter().flatten().filter(|record| !record.has(number::TRASHED_AT)).collect();
                writing.records(&known, &live)?;
            }
        }
        _ => {
            for &kind in FOUND {
                let (mut after, mut read) = (None, 0);
                loop {
                    if !may_go_on() {
                        return Ok(None);
                    }
                    let page = store.query(&request(store, view, kind, after.take())?)?;
                    writing.records(&known, &page.records)?;
                    read += page.records.len();
                    after = page.next;
                    if kind == Kind::Interaction && read >= INTERACTIONS {
                        older = after.take();
                    }
                    if after.is_none() {
                        break;
                    }
                }
            }
        }
    }
    writing.flush()?;
    let contacts = order(store, view, &mut writing.out, may_go_on)?;
    // What was forgotten meanwhile must not come back: its image is another one.
    let is_same = || Ok::<_, StoreError>(store.stats()?.image_generation == stats.image_generation);
    let (Some(contacts), true) = (contacts, is_same()?) else { return Ok(None) };
    let Writing { out, blocks, .. } = writing;
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let head = Head { version, store: stats.store_id, image: stats.image_generation, seq, older, blocks, contacts };
    out.keep(postcard::to_stdvec(&head).map_err(|error| StoreError::Io(error.to_string()))?).map_err(|error| failed(&error))?;
    if !is_same()? {
        ListFile::remove(folder).map_err(|error| failed(&error))?;
        return Ok(None);
    }
    Ok(List::open(folder))
}

/// Adds the contacts with whom something happened: when that was last stands in their rows.
fn touched(store: &dyn Store, changed: &mut Vec<RecordId>) -> Result<(), StoreError> {
    let touches: Vec<RecordId> = changed.iter().copied().filter(|id| id.kind == Kind::Interaction).collect();
    for ids in touches.chunks(PAGE) {
        for record in store.get(ids)?.into_iter().flatten() {
            record.links(&mut |_, to| changed.extend((to.kind == Kind::Contact).then_some(to)));
        }
    }
    changed.sort_unstable();
    changed.dedup();
    Ok(())
}

/// Writes the order of the contacts; returns how many there are.
fn order(store: &dyn Store, view: &View, out: &mut ListWriter, may_go_on: &dyn Fn() -> bool) -> Result<Option<u64>, StoreError> {
    let invalid = |error: crate::query::QueryError| StoreError::Invalid(error.message);
    let mut ask = request(store, view, Kind::Contact, None)?;
    ask.sort = parse_sort(SORT, Kind::Contact, &store.definitions()).map_err(invalid)?;
    (ask.records, ask.limit) = (false, IDS);
    let (mut numbers, mut count): (Vec<u64>, u64) = (Vec::new(), 0);
    loop {
        if !may_go_on() {
            return Ok(None);
        }
        let page = store.query(&ask)?;
        numbers.extend(page.ids.iter().map(|id| id.number));
        count += page.ids.len() as u64;
        ask.after = page.next;
        while numbers.len() >= ORDER || ask.after.is_none() && !numbers.is_empty() {
            let block: Vec<u64> = numbers.drain(..ORDER.min(numbers.len())).collect();
            out.block(&postcard::to_stdvec(&block).map_err(|error| StoreError::Io(error.to_string()))?).map_err(|error| failed(&error))?;
        }
        if ask.after.is_none() {
            return Ok(Some(count));
        }
    }
}
