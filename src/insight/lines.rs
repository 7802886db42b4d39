//! The lines by which records are found: what each is called, and what else it is
//! known by.
//!
//! They are read part by part, so that what has been read can be searched meanwhile.
//! Of interactions there are many: the latest have lines, the older ones are read page by
//! page for each question ([`older`]), so that memory has a bound.

use std::sync::Arc;

use chrono_tz::Tz;

use super::list::List;
use crate::domain::fields::{fields, number};
use crate::domain::{FieldType, Kind, Lookup, Record, RecordId, Screen, Timestamp, Value, fold, naming};
use crate::query::parse_sort;
use crate::search::{Entry, Index, Lines, Place, Words, place};
use crate::store::StoreError;
use crate::store::api::{Changes, Cursor, PageRequest, Store, Trash, View};
use crate::store::known::Known;

/// The kinds that are found, in the order of their hits where all else is equal.
pub(super) const FOUND: &[Kind] = &[
    Kind::Contact,
    Kind::Company,
    Kind::Opportunity,
    Kind::Ticket,
    Kind::Task,
    Kind::Product,
    Kind::Order,
    Kind::Contract,
    Kind::User,
    Kind::Team,
    Kind::Document,
    Kind::Quote,
    Kind::Article,
    Kind::Interaction,
];
/// How many records are read at once.
pub(super) const PAGE: usize = if cfg!(test) { 2 } else { 1_000 };
/// Of interactions there are many, and of old ones one finds the contact: so many of
/// the latest have a line.
pub(super) const INTERACTIONS: usize = if cfg!(test) { 4 } else { 20_000 };
/// How many records that borrow a changed name are read again.
const NAMED: usize = 500;
/// More commits than these are read anew as a whole.
const COMMITS: usize = 256;

/// Returns what a record is found by.
pub fn entry(record: &Record, lookup: &dyn Lookup) -> Entry {
    let screen = Screen { now: Timestamp(0), zone: Tz::UTC, lookup };
    let mut beside = record.id.to_string();
    let title = crate::domain::fields::title_field(record.kind()).map(|field| field.number);
    for field in fields(record.kind()).filter(|field| field.searched && field.ty != FieldType::LongText && Some(field.number) != title) {
        for value in record.values(field.number) {
            beside.push(' ');
            match value.bare() {
                // Of a job one knows the firm by its name.
                Value::Job(_) => beside.push_str(&screen.long(value)),
                _ => beside.push_str(&value.named(lookup)),
            }
        }
    }
    Entry { id: record.id, name: naming::title(record), beside }
}

/// Lines of a store, and where reading goes on.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The lines that have been read.
    pub index: Index,
    /// Where reading goes on; `None` once all is read.
    rest: Option<Rest>,
    /// Which block of the list file is read next.
    listed: Option<(Arc<List>, usize)>,
    /// Behind which interaction the older ones stand that have no line.
    older: Option<Cursor>,
}

/// Where reading goes on.
#[derive(Debug, Clone, Default)]
struct Rest {
    /// Which of the kinds.
    kind: usize,
    /// Behind which record of it.
    after: Option<Cursor>,
    /// How many of it have been read.
    read: usize,
}

impl Reading {
    /// Returns whether all lines have been read.
    pub fn is_done(&self) -> bool {
        self.rest.is_none() && self.listed.is_none()
    }

    /// Returns behind which interaction the older ones stand that have no line; `None`
    /// where each has one.
    pub fn older(&self) -> Option<&Cursor> {
        self.older.as_ref()
    }
}

/// Returns the lines of a store, from its list file where there is one, brought forward from
/// older ones where that is quicker, and read on as long as it may; at least a page is. The
/// list file is read without the store, which may be still to come.
///
/// # Errors
/// What the store answers.
pub fn lines(
    store: &dyn Store,
    view: &View,
    list: Option<&Arc<List>>,
    old: Option<&Reading>,
    may_go_on: &dyn Fn() -> bool,
) -> Result<Reading, StoreError> {
    match (old, list) {
        (Some(old), _) if old.listed.is_some() => match listed(old, may_go_on) {
            Some(reading) => return Ok(reading),
            // It is damaged.
            None => return lines(store, view, None, None, may_go_on),
        },
        (Some(old), _) if !store.is_there() => return Ok(old.clone()),
        // What was forgotten since it was written went with the image that it was made of.
        (None, Some(list)) if !store.is_there() || list.image() == store.stats()?.image_generation => {
            let index = Index::new(Lines::default(), list.seq());
            let reading = Reading { index, rest: None, listed: Some((Arc::clone(list), 0)), older: list.older().cloned() };
            return lines(store, view, None, Some(&reading), may_go_on);
        }
        _ => {}
    }
    let mut reading = match old {
        Some(old) => brought_forward(store, old)?,
        None => None,
    }
    .unwrap_or_else(|| Reading {
        index: Index::new(Lines::default(), store.seq()),
        rest: Some(Rest::default()),
        listed: None,
        older: None,
    });
    let known = Known::new(store);
    // What is read in one go is searched as one.
    let mut lines = Lines::default();
    while let Some(mut rest) = reading.rest.take() {
        let kind = FOUND[rest.kind];
        let page = store.query(&request(store, view, kind, rest.after.take())?)?;
        learn(&known, &page.records)?;
        for record in &page.records {
            let Entry { id, name, beside } = entry(record, &known);
            lines.push(id, &name, &beside);
        }
        rest.read += page.records.len();
        let is_enough = kind == Kind::Interaction && rest.read >= INTERACTIONS;
        if is_enough {
            reading.older.clone_from(&page.next);
        }
        rest.after = page.next.filter(|_| !is_enough);
        if rest.after.is_none() {
            rest = Rest { kind: rest.kind + 1, ..Rest::default() };
        }
        reading.rest = (rest.kind < FOUND.len()).then_some(rest);
        if !may_go_on() || lines.is_full() {
            break;
        }
    }
    reading.index.read_on(lines);
    Ok(reading)
}

/// Returns lines with those of more blocks of the list file, as long as it may; `None` where
/// that is damaged.
fn listed(old: &Reading, may_go_on: &dyn Fn() -> bool) -> Option<Reading> {
    let mut reading = old.clone();
    while let Some((list, from)) = reading.listed.take() {
        let (lines, next) = list.lines(from)?;
        lines.into_iter().for_each(|lines| reading.index.read_on(lines));
        reading.listed = next.map(|next| (list, next));
        if !may_go_on() {
            break;
        }
    }
    Some(reading)
}

/// Returns a page of the records of a kind, of interactions the latest first.
pub(super) fn request(store: &dyn Store, view: &View, kind: Kind, after: Option<Cursor>) -> Result<PageRequest, StoreError> {
    let sort = match kind {
        Kind::Interaction => parse_sort("-at", kind, &store.definitions()).map_err(|error| StoreError::Invalid(error.message))?,
        _ => Vec::new(),
    };
    Ok(PageRequest {
        kind,
        query: None,
        sort,
        after,
        offset: 0,
        limit: PAGE,
        records: true,
        total: false,
        trash: Trash::Without,
        at_least: None,
        view: view.clone(),
    })
}

/// Interactions without a line in which the words stand, of one stretch of them.
#[derive(Debug, Clone, Default)]
pub struct Older {
    /// Those found, with the place of the words, the latest first.
    pub hits: Vec<(RecordId, Place)>,
    /// How many were looked at.
    pub looked: usize,
    /// Where looking goes on; `None` at the end.
    pub next: Option<Cursor>,
}

/// Looks for words in the interactions that have no line, behind one of them, as long as
/// it may; at least a page is looked at.
///
/// # Errors
/// What the store answers.
pub fn older(store: &dyn Store, view: &View, after: &Cursor, words: &Words, may_go_on: &dyn Fn() -> bool) -> Result<Older, StoreError> {
    let known = Known::new(store);
    let mut older = Older { next: Some(after.clone()), ..Older::default() };
    while let Some(after) = older.next.take() {
        let page = store.query(&request(store, view, Kind::Interaction, Some(after))?)?;
        learn(&known, &page.records)?;
        older.looked += page.records.len();
        older.hits.extend(page.records.iter().filter_map(|record| {
            let entry = entry(record, &known);
            let name = fold::fold(entry.name.trim());
            let latin = if name.is_ascii() { String::new() } else { fold::latin(&name) };
            let (place, _) = place(&[&name, &latin], &fold::fold(&entry.beside), words)?;
            // Scattered letters stand in too many texts to be of use there.
            (!place.is_scattered()).then_some((record.id, place))
        }));
        older.next = page.next;
        if !may_go_on() {
            break;
        }
    }
    Ok(older)
}

/// Returns lines with what has been committed since; `None` where reading anew is
/// quicker.
fn brought_forward(store: &dyn Store, old: &Reading) -> Result<Option<Reading>, StoreError> {
    let seq = store.seq();
    if old.index.seq == seq {
        return Ok(Some(old.clone()));
    }
    let Some(changed) = changed_since(store, old.index.seq)? else { return Ok(None) };
    let index = forward(store, &old.index, &changed, seq)?;
    Ok(Some(Reading { index, rest: old.rest.clone(), listed: None, older: old.older.clone() }))
}

/// Returns the records whose lines are others since a commit; `None` where reading all anew
/// is quicker.
pub(super) fn changed_since(store: &dyn Store, seq: u64) -> Result<Option<Vec<RecordId>>, StoreError> {
    if seq > store.seq() {
        return Ok(None);
    }
    let Changes::Commits(commits) = store.changes_since(seq, COMMITS)? else { return Ok(None) };
    if commits.len() >= COMMITS {
        return Ok(None);
    }
    let mut changed: Vec<RecordId> = commits.iter().flat_map(|commit| &commit.changed).map(|(id, _)| *id).collect();
    changed.retain(|id| FOUND.contains(&id.kind));
    // A contact is found by the name of its company, a deal by both.
    for id in changed.clone().into_iter().filter(|id| matches!(id.kind, Kind::Company | Kind::Contact)) {
        changed.extend(store.linking(id, None, NAMED)?.into_iter().map(|(id, _)| id).filter(|id| FOUND.contains(&id.kind)));
    }
    changed.sort_unstable();
    changed.dedup();
    Ok(Some(changed))
}

pub(super) fn learn(known: &Known<'_>, records: &[Arc<Record>]) -> Result<(), StoreError> {
    let mut ids = Vec::new();
    for record in records {
        record.links(&mut |_, to| ids.push(to));
    }
    known.learn(ids)
}

fn forward(store: &dyn Store, old: &Index, changed: &[RecordId], seq: u64) -> Result<Index, StoreError> {
    let known = Known::new(store);
    // The trash is found nowhere.
    let records: Vec<Arc<Record>> = store.get(changed)?.into_iter().flatten().filter(|record| !record.has(number::TRASHED_AT)).collect();
    learn(&known, &records)?;
    let entries: Vec<Entry> = records.iter().map(|record| entry(record, &known)).collect();
    Ok(old.forward(changed, &entries, seq))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::actions::{Desk, add_all};
    use crate::domain::Assignment;
    use crate::search::{Limits, Skim};

    fn desk() -> Desk {
        let desk = Desk::new(crate::store::memory().unwrap(), "ada");
        let definitions = desk.definitions();
        let read =
            |kind, texts: &[String]| texts.iter().map(|text| Assignment::parse(kind, text, &definitions).unwrap()).collect::<Vec<_>>();
        let people: Vec<_> = (1..=5).map(|n| read(Kind::Contact, &[format!("name=Person {n}")])).collect();
        add_all(&desk, Kind::Contact, &people).unwrap();
        let touches: Vec<_> = (1..=9)
            .map(|n| {
                read(
                    Kind::Interaction,
                    &[format!("subject=Lens {n}"), "channel=call".to_owned(), format!("at=2026-01-0{n}"), "contact=c1".to_owned()],
                )
            })
            .collect();
        add_all(&desk, Kind::Interaction, &touches).unwrap();
        desk
    }

    fn names(reading: &Reading, text: &str) -> Vec<String> {
        let found = reading.index.search(&Words::of(text), &Skim::default(), &Limits { most: 50, within: None, stop: &|| false });
        found.unwrap().best.iter().map(|hit| hit.id.to_string()).collect()
    }

    #[test]
    fn lines_are_read_page_by_page_and_the_oldest_touches_without_any() {
        let desk = desk();
        let mut reading = Reading::default();
        let mut steps = 0;
        let mut lens = Vec::new();
        let mut old = None;
        while old.is_none() || !reading.is_done() {
            reading = lines(&*desk.store, &desk.view(), None, old.as_ref(), &|| false).unwrap();
            old = Some(reading.clone());
            lens.push(reading.index.len());
            steps += 1;
            // What others change meanwhile is followed, read or not.
            if steps == 1 {
                let definitions = desk.definitions();
                let assignment = |text: &str| vec![Assignment::parse(Kind::Contact, text, &definitions).unwrap()];
                crate::actions::set(&desk, &vec![RecordId::new(Kind::Contact, 5)].into(), &assignment("name=Zoe Zed"), None, false)
                    .unwrap();
            }
        }
        assert_eq!(lens[0], 2, "a page at least, and no more than that");
        assert!(steps > 10, "{steps}");
        assert_eq!(names(&reading, "zed"), ["c5"]);
        let people = names(&reading, "person").into_iter().filter(|id| id.starts_with('c'));
        assert_eq!(people.count(), 4, "as it was called before it is found no longer");
        assert_eq!(names(&reading, "lens").len(), 4, "the latest have lines");
        let words = Words::of("lens");
        let mut next = reading.older().cloned();
        let mut found = Vec::new();
        while let Some(after) = next {
            let part = older(&*desk.store, &desk.view(), &after, &words, &|| false).unwrap();
            assert_eq!(part.hits.len().max(1), part.looked.max(1));
            found.extend(part.hits.into_iter().map(|(id, _)| id.number));
            next = part.next;
        }
        assert_eq!(found, [5, 4, 3, 2, 1], "the older ones are looked at as they are, the latest first");
        let whole = lines(&*desk.store, &desk.view(), None, None, &|| true).unwrap();
        assert_eq!((whole.is_done(), names(&whole, "lens")), (true, names(&reading, "lens")));
    }
}
