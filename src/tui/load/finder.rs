//! The finder's lines, what is found in them, and what is shown of a hit.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::actions::{ActionError, Desk};
use crate::domain::{RecordId, flat, naming};
use crate::insight::{self, TimelineRequest};
use crate::search::{Found as Matches, Limits, Skim, Words, letters};
use crate::tui::app::finder::{Ask, Found, Hit, Lines};
use crate::tui::app::message::Loaded;
use crate::tui::app::row::{Cell, Row};
use crate::tui::text;
use crate::tui::theme::Role;

use super::cells::Maker;
use super::timeline;

/// The most hits.
const MOST: usize = 100;
/// The most fields and entries of a preview.
const FIELDS: usize = 40;
const ENTRIES: usize = 12;

pub(super) fn lines(desk: &Desk, old: Option<&Lines>) -> Result<Loaded, ActionError> {
    let index = insight::lines(&*desk.store, &desk.view(), old.map(|lines| &*lines.0))?;
    Ok(Loaded::FinderLines(Lines(Arc::new(index))))
}

pub(super) fn search(desk: &Desk, ask: &Ask) -> Result<Loaded, ActionError> {
    let words = Words::of(&ask.text);
    let within = ask.before.as_ref().filter(|(before, _)| words.narrow(&Words::of(before))).map(|(_, matching)| &**matching);
    let scorer = Skim::default();
    let stop = || ask.latest.load(Ordering::Relaxed) != ask.number;
    let limits = Limits { most: MOST, within, stop: &stop };
    let matches = if words.is_empty() { None } else { ask.lines.0.search(&words, &scorer, &limits) };
    let Matches { best, matching } = matches.unwrap_or_default();
    let ids: Vec<RecordId> = best.iter().map(|hit| hit.id).collect();
    let records = desk.store.get(&ids)?;
    let maker = Maker::new(desk, &[]);
    maker.learn(&records)?;
    let hits = best.iter().zip(&records).filter_map(|(hit, record)| {
        let record = record.as_ref()?;
        let title = text::one_line(&naming::title(record)).into_owned();
        let letters = letters(&title, &words, &scorer);
        let beside = insight::entry(record, &maker.known).beside;
        Some(Hit { id: hit.id, letters, title, beside, place: hit.place })
    });
    Ok(Loaded::FinderFound(Found { number: ask.number, text: ask.text.clone(), hits: hits.collect(), matching: matching.into() }))
}

/// Returns a record's fields and what happened with it last.
pub(super) fn preview(desk: &Desk, id: RecordId) -> Result<Loaded, ActionError> {
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
