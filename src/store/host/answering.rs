//! A request, answered by a store, in bounded memory.
//!
//! What a guest may ask for without end (a page, a history) is given in pieces,
//! each with what the guest needs to ask for the next one.

use std::sync::Arc;

use crate::query::{Query, parse_sort};
use crate::store::StoreError;
use crate::store::api::{Check, PageRequest, Store};
use crate::store::wire::{Answer, FILE_PIECE, PageAsked, PageSaid, Request, SharedRecord, WireError};

/// What is said of an answer that is too large.
pub(super) const TOO_MUCH: &str = "that is too much for one answer: ask for less";
/// The most rows of a page.
const MOST_ROWS: u64 = 2_000;
/// The most bytes of the records of one answer, about.
const MOST_BYTES: usize = 8 << 20;
/// The most ids of one answer.
const MOST_IDS: u64 = 2_000_000;
/// The most commits, steps or versions of one answer.
const MOST_COMMITS: u64 = 500;

/// What came of a request.
pub(super) enum Answered {
    /// Tell the guest.
    Answer(Answer),
    /// The guest is not there any more.
    Gone,
}

/// Answers a request. `tell` sends what goes before the answer.
pub(super) fn answer(store: &dyn Store, request: Request, tell: &mut dyn FnMut(Answer) -> Result<(), WireError>) -> Answered {
    if let Request::Check { repair } = request {
        return check(store, repair, tell);
    }
    Answered::Answer(ask(store, request).unwrap_or_else(Answer::Failed))
}

fn ask(store: &dyn Store, request: Request) -> Result<Answer, StoreError> {
    Ok(match request {
        Request::Query(asked) => Answer::Page(page(store, *asked)?),
        Request::Get(ids) => {
            let mut bytes = 0;
            let mut records = Vec::with_capacity(ids.len());
            // A few at a time: a record may have megabytes.
            for some in ids.chunks(64) {
                for record in store.get(some)? {
                    bytes += record.as_ref().map_or(1, size);
                    records.push(record.map(SharedRecord));
                }
                if bytes > MOST_BYTES {
                    break;
                }
            }
            Answer::Records(records)
        }
        Request::Rollups(ids) => Answer::Rollups(store.rollups(&ids)?),
        Request::Lookup { kind, field, key, limit } => {
            let found = store.lookup(kind, field, &key, most(limit, MOST_IDS + 1))?;
            Answer::Ids(bounded(found)?)
        }
        Request::Linking { to, from, limit } => {
            // All of them are found in another way than some, and quicker.
            let found = store.linking(to, from, if limit > MOST_IDS { usize::MAX } else { most(limit, MOST_IDS) })?;
            Answer::Linking(bounded(found)?)
        }
        Request::Commit(asked) => Answer::Committed(store.commit((*asked).into())?),
        Request::ChangesSince { seq, limit } => store.changes_since(seq, most(limit, MOST_COMMITS))?.into(),
        Request::History { id, offset, limit } => {
            let limit = limit.min(MOST_COMMITS);
            let versions = store.history(id, most(offset.saturating_add(limit), u64::MAX))?;
            let mut bytes = 0;
            let some = versions.into_iter().skip(most(offset, u64::MAX)).take_while(|version| {
                let fits = bytes <= MOST_BYTES;
                bytes += version.record.as_ref().map_or(1, size);
                fits
            });
            Answer::Versions(some.map(Into::into).collect())
        }
        Request::AsOf { id, seq } => Answer::Record(store.as_of(id, seq)?.map(SharedRecord)),
        Request::SeqAt(at) => Answer::Seq(store.seq_at(at)?),
        Request::Steps { before, limit } => Answer::Steps(store.steps(before, most(limit, MOST_COMMITS))?),
        Request::CommitsOf(step) => Answer::Commits(store.commits_of(step)?),
        Request::Committed(key) => Answer::Before(store.committed(&key)?),
        Request::Notices { from } => Answer::Notices(store.notices().into_iter().skip(most(from, u64::MAX)).collect()),
        Request::Stats => Answer::Stats(store.stats()?),
        Request::Forget(forget) => Answer::Forgotten(store.forget(&forget)?),
        Request::FileLength(hash) => Answer::FileLength(store.file_length(&hash)?),
        Request::ReadFile { hash, offset, most: asked } => {
            Answer::FileBytes(store.read_file(&hash, offset, most(asked, FILE_PIECE as u64))?)
        }
        Request::Check { .. }
        | Request::Sessions
        | Request::Present
        | Request::BeAt(_)
        | Request::Watch { .. }
        | Request::KeepFile { .. }
        | Request::FilePiece(_) => {
            return Err(StoreError::Invalid("that is not asked here".to_owned()));
        }
    })
}

fn most(asked: u64, most: u64) -> usize {
    usize::try_from(asked.min(most)).unwrap_or(usize::MAX)
}

fn bounded<T>(found: Vec<T>) -> Result<Vec<T>, StoreError> {
    if found.len() as u64 > MOST_IDS {
        return Err(StoreError::TooLarge(TOO_MUCH.to_owned()));
    }
    Ok(found)
}

fn size(record: &Arc<crate::domain::Record>) -> usize {
    postcard::experimental::serialized_size(&**record).unwrap_or(MOST_BYTES)
}

/// Reads a page; fewer rows where these would be too many bytes.
fn page(store: &dyn Store, asked: PageAsked) -> Result<PageSaid, StoreError> {
    let definitions = store.definitions();
    let told = |error: crate::query::QueryError| StoreError::Invalid(error.message);
    let query = match asked.query {
        Some(text) => Some(Arc::new(Query::parse(&text, asked.kind, &definitions).map_err(told)?)),
        None => None,
    };
    let mut request = PageRequest {
        kind: asked.kind,
        query,
        sort: parse_sort(&asked.sort, asked.kind, &definitions).map_err(told)?,
        after: asked.after,
        offset: most(asked.offset, u64::MAX),
        limit: most(asked.limit, MOST_ROWS),
        records: asked.records,
        total: asked.total,
        trash: asked.trash,
        at_least: asked.at_least,
        view: asked.view,
    };
    loop {
        let page = store.query(&request)?;
        let bytes: usize = page.records.iter().map(size).sum();
        if bytes <= MOST_BYTES || request.limit <= 1 {
            return Ok(page.into());
        }
        request.limit = (request.limit.min(page.records.len()) / 4).max(1);
    }
}

/// The most sentences of one kind that a check tells a guest.
const MOST_SENTENCES: usize = 10_000;

/// Leaves away what nobody reads: a check may find something wrong with every record.
fn shortened(mut check: Check) -> Check {
    for told in [&mut check.damage, &mut check.notices, &mut check.repaired] {
        if told.len() > MOST_SENTENCES {
            let more = told.len() - MOST_SENTENCES;
            told.truncate(MOST_SENTENCES);
            told.push(format!("and {more} more"));
        }
    }
    check
}

fn check(store: &dyn Store, repair: bool, tell: &mut dyn FnMut(Answer) -> Result<(), WireError>) -> Answered {
    let mut gone = false;
    let mut percent = None;
    let checked = store.check(repair, &mut |done, total| {
        let now = done.saturating_mul(100) / total.max(1);
        if !gone && percent != Some(now) {
            percent = Some(now);
            gone = tell(Answer::Progress { done, total }).is_err();
        }
    });
    match checked {
        _ if gone => Answered::Gone,
        Ok(check) => Answered::Answer(Answer::Check(shortened(check))),
        Err(error) => Answered::Answer(Answer::Failed(error)),
    }
}
