//! The finder's lines, what is found in them, and what is shown of a hit.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::actions::{ActionError, Desk};
use crate::domain::{RecordId, flat, naming};
use crate::insight::{self, TimelineRequest};
use crate::search::{Entry, Limits, Place, Scorer, Skim, Words, letters};
use crate::tui::app::finder::{Ask, AskMore, AskOlder, Found, FoundOlder, Hit, Lines, Listing, MOST, Matched};
use crate::tui::app::message::Loaded;
use crate::tui::app::row::{Cell, Row};
use crate::tui::text;
use crate::tui::theme::Role;

use super::cells::Maker;
use super::timeline;

/// The most fields and entries of a preview.
const FIELDS: usize = 40;
const ENTRIES: usize = 12;

/// How long lines are read at once: a key that is typed meanwhile waits no longer for its
/// hits.
const READ: Duration = Duration::from_millis(25);
/// How long lines are searched at once, unless something else is typed.
const SLICE: Duration = Duration::from_millis(80);
/// How long a search looks before what it has found is shown: less than a frame.
const FIRST: Duration = Duration::from_millis(10);

/// Returns whether a slice of time is not over.
fn slice(length: Duration) -> impl Fn() -> bool {
    let end = Instant::now() + length;
    move || Instant::now() < end
}

pub(super) fn lines(desk: &Desk, old: Option<&Lines>, list: Option<&Listing>) -> Result<Loaded, ActionError> {
    let list = list.map(|list| &list.0);
    let reading = insight::lines(&*desk.store, &desk.view(), list, old.map(|lines| &*lines.0), &slice(READ))?;
    Ok(Loaded::FinderLines(Lines(Arc::new(reading))))
}

pub(super) fn search(desk: &Desk, ask: &Ask) -> Result<Loaded, ActionError> {
    let words = Words::of(&ask.text);
    let mut found =
        Found { number: ask.number, text: ask.text.clone(), hits: Vec::new(), rest: Vec::new(), total: 0, looking: None, matched: None };
    let is_latest = || ask.latest.load(Ordering::Relaxed) == ask.number;
    // Where nobody waits for it any longer, nothing is looked for.
    if words.is_empty() || !is_latest() {
        return Ok(Loaded::FinderFound(found));
    }
    // What matched fewer letters is all there is to look at, once that was looked for to
    // the end; what is read on comes behind it.
    let before = ask.before.iter().filter(|before| ask.lines.0.is_done() && words.narrow(&Words::of(&before.text)));
    let within = before.map(|before| &before.marks).min_by_key(|marks| marks.count());
    let may_go_on = slice(if ask.looking.is_none() { FIRST } else { SLICE });
    let stop = || !is_latest() || !may_go_on();
    let limits = Limits { most: MOST, within, stop: &stop };
    let index = &ask.lines.0.index;
    let mut looking = ask.looking.as_deref().cloned().unwrap_or_else(|| index.looking(&words, MOST));
    let is_whole = index.look_on(&words, &limits, &mut looking) && ask.lines.0.is_done();
    let scorer = Skim::default();
    let best: Vec<_> = index.best(&words, &scorer, &looking, MOST).into_iter().map(|hit| (hit.id, hit.place)).collect();
    let (shown, rest) = best.split_at(ask.rows.min(best.len()));
    found.hits = hits(desk, ask.list.as_ref(), shown, &words, &scorer)?;
    found.rest = rest.to_owned();
    found.total = looking.total();
    if is_whole {
        index.remember(&words, &looking);
        found.matched = Some(Arc::new(Matched { text: ask.text.clone(), marks: looking.into_marks() }));
    } else {
        found.looking = Some(Arc::new(looking));
    }
    Ok(Loaded::FinderFound(found))
}

/// Looks in interactions that have no line.
pub(super) fn older(desk: &Desk, ask: &AskOlder) -> Result<Loaded, ActionError> {
    // It is asked again once the store is there.
    if !desk.store.is_there() {
        return Ok(Loaded::FinderOlder(FoundOlder { number: ask.number, hits: Vec::new(), looked: 0, next: None }));
    }
    let words = Words::of(&ask.text);
    let found = insight::older(&*desk.store, &desk.view(), &ask.after, &words, &slice(SLICE))?;
    Ok(Loaded::FinderOlder(FoundOlder { number: ask.number, hits: found.hits, looked: found.looked, next: found.next }))
}

/// Returns hits as they are shown.
pub(super) fn more(desk: &Desk, ask: &AskMore) -> Result<Loaded, ActionError> {
    hits(desk, ask.list.as_ref(), &ask.hits, &Words::of(&ask.text), &Skim::default()).map(|hits| Loaded::FinderMore(ask.number, hits))
}

/// Returns records as hits are shown.
fn hits(
    desk: &Desk,
    list: Option<&Listing>,
    found: &[(RecordId, Place)],
    words: &Words,
    scorer: &dyn Scorer,
) -> Result<Vec<Hit>, ActionError> {
    let ids: Vec<RecordId> = found.iter().map(|(id, _)| *id).collect();
    if let Some(list) = list.filter(|_| !desk.store.is_there()) {
        let mut listed = list.0.listed(&ids);
        let hits = found.iter().filter_map(|(id, place)| {
            let Entry { name, beside, .. } = listed.remove(id)?.entry;
            let title = text::one_line(&name).into_owned();
            Some(Hit { id: *id, letters: letters(&title, words, scorer), title, beside, place: *place })
        });
        return Ok(hits.collect());
    }
    let records = desk.store.get(&ids)?;
    let maker = Maker::new(desk, &[]);
    maker.learn(&records)?;
    let hits = found.iter().zip(&records).filter_map(|((id, place), record)| {
        let record = record.as_ref()?;
        let title = text::one_line(&naming::title(record)).into_owned();
        let letters = letters(&title, words, scorer);
        let beside = insight::entry(record, &maker.known).beside;
        Some(Hit { id: *id, letters, title, beside, place: *place })
    });
    Ok(hits.collect())
}

/// Returns a record's fields and what happened with it last.
pub(super) fn preview(desk: &Desk, id: RecordId) -> Result<Loaded, ActionError> {
    if !desk.store.is_there() {
        let cells = vec![Cell::plain(""), Cell::of(Role::TextMuted, "the store is being opened")];
        return Ok(Loaded::Preview { id, rows: vec![Row { key: String::new(), id, cells, group: "fields".to_owned() }] });
    }
    let record = desk.record(id)?;
    let maker = Maker::new(desk, &[]);
    maker.learn(&[Some(record.clone())])?;
    let row = |group: &str, cells: Vec<Cell>| Row { key: String::new(), id, cells, group: group.to_owned() };
    let shown = flat(&record, &maker.definitions, &maker.known).into_iter().filter(|(name, _)| !name.ends_with(".id") && name != "version");
    let mut rows: Vec<Row> = shown
        .take(FIELDS)
        .map(|(name, text)| row("fields", vec![Cell::of(Role::FieldName, name), Cell::of(Role::FieldValue, text)]))
        .collect();
    let request = TimelineRequest { of: id, since: None, offset: 0, limit: ENTRIES };
    let (zone, today) = (desk.zone(), desk.today());
    let last = insight::timeline(&*desk.store, today, &request)?;
    rows.extend(last.entries.iter().map(|entry| {
        let entry = timeline::row(entry, zone, today);
        let mut cells = vec![Cell::of(Role::HeadingDay, entry.group)];
        cells.extend(entry.cells.into_iter().skip(1));
        row("last touches", cells)
    }));
    Ok(Loaded::Preview { id, rows })
}
