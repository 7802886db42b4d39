//! What happened with somebody or something, newest first, from every room of the
//! record: interactions, changes of stage and status, orders, finished tasks,
//! attached files, opportunities and tickets as they were opened. Of a mail it is the
//! thread.
//!
//! Sources are merged block by block: a page costs what it shows, however long the
//! history is. It must not know how entries are drawn.

use std::collections::{BinaryHeap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use chrono::NaiveDate;

use crate::domain::fields::number;
use crate::domain::{Category, Definitions, Kind, Record, RecordId, Timestamp, Value, naming};
use crate::query::index;
use crate::store::StoreError;
use crate::store::api::Store;

/// How many records a source reads at once.
const BLOCK: usize = 16;
/// How many records of one kind about one record are looked at.
const MOST: usize = 100_000;
/// How many messages of one thread are looked at.
const MOST_OF_THREAD: usize = 1_000;
/// A change and its event closer than this are one moment: it happened here, and
/// is not history from elsewhere.
const LIVE: i64 = 60_000_000;

/// Which timeline, and which part of it.
#[derive(Debug, Clone)]
pub struct TimelineRequest {
    /// Whose.
    pub of: RecordId,
    /// Nothing older than this.
    pub since: Option<Timestamp>,
    /// How many entries to pass over.
    pub offset: usize,
    /// The most entries.
    pub limit: usize,
}

/// What an entry tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A touch.
    Interaction,
    /// A change of stage, status, owner, assignee, queue, line or priority.
    Change,
    /// An order.
    Order,
    /// An offer was made.
    Quote,
    /// A task was finished.
    Done,
    /// A file was attached.
    Document,
    /// An opportunity or ticket was opened.
    Opened,
}

/// One entry of a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// A stable name: `i5`; `o1@812` for what commit 812 changed on `o1`.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// What it tells.
    pub what: What,
    /// The record to open.
    pub record: RecordId,
    /// One line: the subject, or the change in words.
    pub title: String,
    /// The rest of what was said.
    pub body: String,
    /// The channel of an interaction.
    pub channel: Option<String>,
    /// Whether they began it (`in`) or we (`out`).
    pub direction: Option<String>,
    /// Whether it is an internal note.
    pub private: bool,
    /// Who changed it, or whose interaction it was.
    pub by: Option<String>,
    /// The contacts that took part, with their names.
    pub who: Vec<(RecordId, String)>,
    /// The opportunity or ticket it is about, with its name, unless that is whose
    /// timeline it is.
    pub about: Option<(RecordId, String)>,
}

/// A page of a timeline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    /// The entries, newest first.
    pub entries: Vec<Entry>,
    /// Whether there are older ones.
    pub more: bool,
}

/// Returns a page of the merged timeline of a record.
///
/// # Errors
/// What the store answers.
pub fn timeline(store: &dyn Store, today: NaiveDate, request: &TimelineRequest) -> Result<Timeline, StoreError> {
    let mut merge = Merge::new(store, sources(store, today, request.of)?)?;
    let definitions = store.definitions();
    let mut timeline = Timeline::default();
    let mut passed = 0;
    let mut found: Vec<(String, Vec<Arc<Record>>)> = Vec::new();
    while let Some((at, record)) = merge.next()? {
        if request.since.is_some_and(|since| at < since) {
            break;
        }
        if record.kind() == Kind::Event && is_beginning(&record, &definitions) {
            continue;
        }
        let id = entry_id(&record);
        if let Some((_, together)) = found.last_mut().filter(|(last, together)| *last == id && is_one_moment(together, &record)) {
            together.push(record);
            continue;
        }
        if found.len() == request.limit {
            timeline.more = true;
            break;
        }
        if passed < request.offset {
            // What belongs to one entry is passed over as one.
            if merge.passed.as_deref() != Some(id.as_str()) {
                passed += 1;
                merge.passed = Some(id);
            }
            continue;
        }
        if merge.passed.as_deref() == Some(id.as_str()) {
            continue;
        }
        found.push((id, vec![record]));
    }
    let names = names(store, &found)?;
    timeline.entries = found.into_iter().map(|(id, records)| entry(id, &records, request.of, &names)).collect();
    Ok(timeline)
}

/// Returns whether an event only repeats that something was opened.
fn is_beginning(event: &Record, definitions: &Definitions) -> bool {
    let to = event.text(number::EVENT_TO).unwrap_or_default();
    !event.has(number::EVENT_FROM)
        && match event.text(number::EVENT_FIELD) {
            Some("stage") => definitions.pipelines.any_stage(to).is_none_or(|stage| !stage.meaning.is_closed()),
            Some("status") => definitions.statuses.category(to) != Category::Done,
            _ => false,
        }
}

/// Returns the moment at which a record stands in a timeline; `None` if it has no
/// place there.
fn moment(record: &Record) -> Option<Timestamp> {
    if record.has(number::TRASHED_AT) {
        return None;
    }
    let own = match record.kind() {
        Kind::Interaction => number::INTERACTION_AT,
        Kind::Event => number::EVENT_AT,
        Kind::Order => number::ORDER_AT,
        Kind::Quote => number::QUOTE_AT,
        Kind::Document => number::DOCUMENT_AT,
        Kind::Task => return record.time(number::DONE_AT),
        Kind::Opportunity => number::OPPORTUNITY_OPENED_AT,
        Kind::Ticket => number::TICKET_OPENED_AT,
        _ => return None,
    };
    Some(record.time(own).or_else(|| record.time(number::CREATED_AT)).unwrap_or(record.recorded_at))
}

/// Returns the stable name of the entry that a record makes.
fn entry_id(record: &Record) -> String {
    match (record.kind(), record.link(number::EVENT_RECORD), record.time(number::EVENT_AT)) {
        (Kind::Event, Some(changed), Some(at)) if (record.recorded_at.0 - at.0).abs() < LIVE => format!("{changed}@{}", record.version),
        _ => record.id.to_string(),
    }
}

/// Returns whether an event belongs to the change that these events tell.
fn is_one_moment(together: &[Arc<Record>], record: &Record) -> bool {
    record.kind() == Kind::Event && together.iter().all(|other| other.kind() == Kind::Event && other.id != record.id)
}

/// Returns the ids that may stand in a timeline, source by source, each newest first.
fn sources(store: &dyn Store, today: NaiveDate, of: RecordId) -> Result<Vec<Vec<RecordId>>, StoreError> {
    let linking = |to: RecordId, from: Kind| -> Result<Vec<RecordId>, StoreError> {
        Ok(store.linking(to, Some(from), MOST)?.into_iter().map(|(id, _)| id).collect())
    };
    let mut people = vec![of];
    if of.kind == Kind::Company {
        people.extend(everyone_in(store, today, of)?);
    }
    let mut sources = Vec::new();
    let mut tracked = people.clone();
    for &person in &people {
        for kind in [Kind::Interaction, Kind::Order, Kind::Quote, Kind::Task, Kind::Document] {
            sources.push(linking(person, kind)?);
        }
        for kind in [Kind::Opportunity, Kind::Ticket] {
            if person.kind != kind {
                let opened = linking(person, kind)?;
                tracked.extend(&opened);
                sources.push(opened);
            }
        }
    }
    if of.kind == Kind::Interaction {
        sources.push(thread(store, of)?);
    } else if matches!(of.kind, Kind::Opportunity | Kind::Ticket | Kind::Order | Kind::Task) {
        sources.push(vec![of]);
    }
    tracked.sort_unstable();
    tracked.dedup();
    for record in tracked {
        sources.push(linking(record, Kind::Event)?);
    }
    sources.retain(|source| !source.is_empty());
    Ok(sources)
}

/// Returns the messages of an interaction's thread, newest first; itself where it is of
/// none.
fn thread(store: &dyn Store, of: RecordId) -> Result<Vec<RecordId>, StoreError> {
    let Some(this) = store.get(&[of])?.pop().flatten() else { return Ok(vec![of]) };
    let name = this.text(number::THREAD).map(Value::text);
    let Some(key) = name.as_ref().and_then(|name| index::key_of(Kind::Interaction, number::THREAD, name)) else { return Ok(vec![of]) };
    let ids = store.lookup(Kind::Interaction, number::THREAD, &key, MOST_OF_THREAD)?;
    let records = store.get(&ids)?.into_iter().flatten().chain([Arc::clone(&this)]);
    let of_thread = records.filter(|record| record.text(number::THREAD) == this.text(number::THREAD));
    let mut found: Vec<(Timestamp, RecordId)> = of_thread.filter_map(|record| Some((moment(&record)?, record.id))).collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.dedup();
    Ok(found.into_iter().map(|(_, id)| id).collect())
}

/// Returns the contacts who work at a company today.
fn everyone_in(store: &dyn Store, today: NaiveDate, company: RecordId) -> Result<Vec<RecordId>, StoreError> {
    let linking = store.linking(company, Some(Kind::Contact), MOST)?;
    let ids: Vec<RecordId> = linking.into_iter().filter(|(_, field)| *field == number::JOBS).map(|(id, _)| id).collect();
    let works = |record: &Record| {
        record.values(number::JOBS).any(|value| match value.bare() {
            Value::Job(job) => {
                let left = job.to.and_then(|to| to.span()).is_some_and(|(_, last)| last < today);
                job.company == Some(company) && !left
            }
            _ => false,
        })
    };
    Ok(store.get(&ids)?.into_iter().flatten().filter(|record| works(record)).map(|record| record.id).collect())
}

/// One source: ids newest first, read block by block.
struct Source {
    ids: Vec<RecordId>,
    next: usize,
    ready: VecDeque<(Timestamp, Arc<Record>)>,
}

/// Merges sources, newest first.
struct Merge<'s> {
    store: &'s dyn Store,
    sources: Vec<Source>,
    /// The head of each source that has one: when, id, source.
    heads: BinaryHeap<(Timestamp, RecordId, usize)>,
    seen: HashSet<RecordId>,
    /// The entry passed over last.
    passed: Option<String>,
}

impl<'s> Merge<'s> {
    fn new(store: &'s dyn Store, sources: Vec<Vec<RecordId>>) -> Result<Self, StoreError> {
        // All heads in one call.
        let heads: Vec<RecordId> = sources.iter().filter_map(|ids| ids.first().copied()).collect();
        let first: HashMap<RecordId, Arc<Record>> = store.get(&heads)?.into_iter().flatten().map(|record| (record.id, record)).collect();
        let sources = sources
            .into_iter()
            .map(|ids| {
                let ready = ids.first().and_then(|id| first.get(id)).and_then(|record| Some((moment(record)?, Arc::clone(record))));
                Source { ids, next: 1, ready: ready.into_iter().collect() }
            })
            .collect();
        let mut merge = Self { store, sources, heads: BinaryHeap::new(), seen: HashSet::new(), passed: None };
        for source in 0..merge.sources.len() {
            merge.offer(source)?;
        }
        Ok(merge)
    }

    /// Puts the head of a source among the heads, reading on where it has none ready.
    fn offer(&mut self, at: usize) -> Result<(), StoreError> {
        let source = &mut self.sources[at];
        while source.ready.is_empty() && source.next < source.ids.len() {
            let end = (source.next + BLOCK).min(source.ids.len());
            let block = self.store.get(&source.ids[source.next..end])?;
            source.next = end;
            source.ready.extend(block.into_iter().flatten().filter_map(|record| Some((moment(&record)?, record))));
        }
        if let Some((when, record)) = source.ready.front() {
            self.heads.push((*when, record.id, at));
        }
        Ok(())
    }

    /// Returns the newest record that was not returned before.
    fn next(&mut self) -> Result<Option<(Timestamp, Arc<Record>)>, StoreError> {
        while let Some((when, id, at)) = self.heads.pop() {
            let record = self.sources[at].ready.pop_front().map(|(_, record)| record);
            self.offer(at)?;
            if let Some(record) = record
                && self.seen.insert(id)
            {
                return Ok(Some((when, record)));
            }
        }
        Ok(None)
    }
}

/// Returns the names of all records that the entries mention.
fn names(store: &dyn Store, found: &[(String, Vec<Arc<Record>>)]) -> Result<HashMap<RecordId, String>, StoreError> {
    let mut ids = Vec::new();
    for record in found.iter().flat_map(|(_, records)| records) {
        record.links(&mut |_, to| ids.push(to));
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(store.get(&ids)?.into_iter().flatten().map(|record| (record.id, naming::title(&record))).collect())
}

/// Puts an entry together from its records: one, or the events of one change.
fn entry(id: String, records: &[Arc<Record>], of: RecordId, names: &HashMap<RecordId, String>) -> Entry {
    let record = &records[0];
    let name_of = |id: RecordId| (id, names.get(&id).cloned().unwrap_or_else(|| id.to_string()));
    let text = |field| record.text(field).map(str::to_owned);
    let (what, channel) = match record.kind() {
        Kind::Interaction => (What::Interaction, text(number::CHANNEL)),
        Kind::Event => (What::Change, None),
        Kind::Order => (What::Order, None),
        Kind::Quote => (What::Quote, None),
        Kind::Task => (What::Done, None),
        Kind::Document => (What::Document, None),
        _ => (What::Opened, None),
    };
    let changed = record.link(number::EVENT_RECORD).filter(|_| what == What::Change);
    let by = match what {
        What::Change => text(number::EVENT_BY),
        _ => record.link(number::OWNER).or_else(|| record.link(number::TASK_ASSIGNEE)).map(|user| name_of(user).1),
    };
    let about = match what {
        What::Change => changed,
        What::Interaction => record.link(number::INTERACTION_TICKET).or_else(|| record.link(number::INTERACTION_OPPORTUNITY)),
        What::Done => record.link(number::ABOUT),
        What::Document => record.link(number::DOCUMENT_ABOUT),
        What::Quote => record.link(number::QUOTE_OPPORTUNITY),
        What::Order | What::Opened => None,
    };
    let is_touch = what == What::Interaction;
    Entry {
        id,
        at: moment(record).unwrap_or(record.recorded_at),
        what,
        record: changed.unwrap_or(record.id),
        title: records.iter().map(|record| naming::title(record)).collect::<Vec<_>>().join("; "),
        body: if is_touch { text(number::INTERACTION_BODY).unwrap_or_default() } else { String::new() },
        channel,
        direction: if is_touch { text(number::DIRECTION) } else { None },
        private: is_touch && record.first(number::PRIVATE) == Some(&Value::Flag(true)),
        by,
        who: if is_touch {
            record.values(number::INTERACTION_CONTACT).filter_map(Value::as_link).map(name_of).collect()
        } else {
            Vec::new()
        },
        about: about.filter(|about| *about != of).map(name_of),
    }
}
