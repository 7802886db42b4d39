//! Searching and grouping a list: over the rows as they would be shown, built in
//! pages and thrown away.

use std::collections::BTreeMap;

use crate::actions::{ActionError, Desk};
use crate::domain::{FieldRef, Record, RecordId, Value};
use crate::tui::app::grammar::motions::choose;
use crate::tui::app::grammar::rows::tabbed;
use crate::tui::app::grammar::search::pattern;
use crate::tui::app::message::{Like, Loaded, Request};
use crate::tui::app::options::Options;
use crate::tui::keys::Pane;

use super::Queue;
use super::cells::Maker;

/// How many rows are built at once.
const PAGE: usize = 1_000;
/// How many bytes of text a register takes.
const LONGEST: usize = 8 << 20;

/// Answers a [`Request::Find`].
pub(super) fn find(desk: &Desk, queue: &Queue, request: &Request) -> Result<Loaded, ActionError> {
    let Request::Find { pane, ids, columns, pattern, from, forward, count, here, options } = request else {
        return Err(ActionError::refused("only a search is looked for"));
    };
    let hits = hits(desk, queue, ids, columns, pattern, options)?;
    let hit = choose(&hits, *from, *forward, *count, *here, options.wrapscan);
    Ok(Loaded::Found { pane: *pane, hit })
}

/// Returns the rows with a hit, ascending.
pub(super) fn hits(
    desk: &Desk,
    queue: &Queue,
    ids: &[RecordId],
    columns: &[String],
    text: &str,
    options: &Options,
) -> Result<Vec<usize>, ActionError> {
    let pattern = pattern(text, options).map_err(ActionError::usage)?;
    let mut maker = Maker::with_queue(desk, queue, columns);
    let mut hits = Vec::new();
    for (page, ids) in ids.chunks(PAGE).enumerate() {
        let records = desk.store.get(ids)?;
        maker.learn(&records)?;
        for (at, record) in records.iter().enumerate() {
            let Some(record) = record else { continue };
            let cells = maker.cells(record);
            let text = cells.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join(" ");
            if pattern.is_in(&text) {
                hits.push(page * PAGE + at);
            }
        }
    }
    Ok(hits)
}

/// Returns the texts of rows, for registers.
pub(super) fn texts(desk: &Desk, queue: &Queue, ids: &[RecordId], columns: &[String]) -> Result<Loaded, ActionError> {
    let mut maker = Maker::with_queue(desk, queue, columns);
    let mut texts = BTreeMap::new();
    let mut room = LONGEST;
    for ids in ids.chunks(PAGE) {
        let records = desk.store.get(ids)?;
        maker.learn(&records)?;
        for (id, record) in ids.iter().zip(&records) {
            let Some(record) = record else { continue };
            let cells = maker.cells(record);
            let text = tabbed(cells.iter().map(|cell| cell.text.as_str()));
            // The records are kept whatever happens to the text of the last ones.
            room = room.saturating_sub(text.len());
            texts.insert(*id, if room == 0 { String::new() } else { text });
        }
    }
    Ok(Loaded::Texts(texts))
}

/// Returns the rows that share something with one of them.
pub(super) fn like(desk: &Desk, ids: &[RecordId], cursor: usize, id: RecordId, like: Like) -> Result<Loaded, ActionError> {
    let maker = Maker::new(desk, &[]);
    let field = |record: &Record, name: &str| -> Vec<Value> {
        let found = FieldRef::resolve(record.kind(), name, &maker.definitions);
        found.map_or_else(|_| Vec::new(), |field| field.get(record, &maker.known))
    };
    let shared = |record: &Record| -> Vec<Value> {
        match like {
            Like::Group => vec![Value::text(maker.group(record))],
            Like::Company if record.kind() == crate::domain::Kind::Company => vec![Value::Link(record.id)],
            Like::Company => field(record, "company").into_iter().take(1).collect(),
            Like::Owner => match record.kind() {
                crate::domain::Kind::Ticket | crate::domain::Kind::Task => field(record, "assignee"),
                _ => field(record, "owner"),
            },
            Like::Tag => field(record, "tags"),
        }
    };
    let wanted = shared(&*desk.record(id)?);
    let mut rows = Vec::new();
    for (page, ids) in ids.chunks(PAGE).enumerate() {
        let records = desk.store.get(ids)?;
        maker.learn(&records)?;
        for (at, record) in records.iter().enumerate() {
            if record.as_ref().is_some_and(|record| shared(record).iter().any(|value| wanted.contains(value))) {
                rows.push(page * PAGE + at);
            }
        }
    }
    if like == Like::Group {
        // A group has no gap.
        let at = rows.partition_point(|row| *row < cursor);
        let first = (0..=at).rev().take_while(|&from| from < rows.len() && at - from == cursor - rows[from]).last().unwrap_or(at);
        let last = (at..rows.len()).take_while(|&to| to - at == rows[to] - cursor).last().unwrap_or(at);
        rows = rows.get(first..=last).map_or_else(Vec::new, <[usize]>::to_vec);
    }
    Ok(Loaded::Like(rows))
}

/// Answers a [`Request::Group`]: rows are read only as far as the motion goes.
pub(super) fn group(desk: &Desk, pane: Pane, ids: &[RecordId], from: usize, forward: bool, count: usize) -> Result<Loaded, ActionError> {
    let last = ids.len().saturating_sub(1);
    let maker = Maker::new(desk, &[]);
    let groups = |ids: &[RecordId]| -> Result<Vec<String>, ActionError> {
        let records = desk.store.get(ids)?;
        maker.learn(&records)?;
        Ok(records.iter().map(|record| record.as_ref().map_or_else(String::new, |record| maker.group(record))).collect())
    };
    let mut left = count.max(1);
    if forward {
        let mut at = from;
        let mut before: Option<String> = None;
        while at < ids.len() {
            let end = (at + PAGE).min(ids.len());
            for (row, group) in (at..end).zip(groups(&ids[at..end])?) {
                if before.as_ref().is_some_and(|before| *before != group) {
                    left -= 1;
                    if left == 0 {
                        return Ok(Loaded::Group { pane, row });
                    }
                }
                before = Some(group);
            }
            at = end;
        }
        return Ok(Loaded::Group { pane, row: last });
    }
    // Backwards a group begins where the row before it has another one.
    let mut end = from.min(ids.len());
    let mut behind: Option<(usize, String)> = None;
    while end > 0 {
        let start = end.saturating_sub(PAGE);
        for (row, group) in (start..end).zip(groups(&ids[start..end])?).rev() {
            if let Some((begin, other)) = &behind
                && *other != group
            {
                left -= 1;
                if left == 0 {
                    return Ok(Loaded::Group { pane, row: *begin });
                }
            }
            behind = Some((row, group));
        }
        end = start;
    }
    Ok(Loaded::Group { pane, row: 0 })
}
