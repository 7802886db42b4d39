//! Searching and grouping a list: over the rows as they would be shown, built in
//! pages and thrown away.

use crate::actions::{ActionError, Desk};
use crate::domain::RecordId;
use crate::tui::app::message::{Loaded, Request};
use crate::tui::app::motions::choose;
use crate::tui::app::search::Pattern;
use crate::tui::keys::Pane;

use super::cells::Maker;

/// How many rows are built at once.
const PAGE: usize = 1_000;

/// Answers a [`Request::Find`].
pub(super) fn find(desk: &Desk, request: &Request) -> Result<Loaded, ActionError> {
    let Request::Find { pane, ids, columns, pattern, from, forward, count, here, options } = request else {
        return Err(ActionError::refused("only a search is looked for"));
    };
    let pattern = Pattern::new(pattern, options).map_err(ActionError::usage)?;
    let mut maker = Maker::new(desk, columns);
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
    let hit = choose(&hits, *from, *forward, *count, *here, options.wrapscan);
    Ok(Loaded::Found { pane: *pane, hit })
}

/// Answers a [`Request::Group`]: rows are read only as far as the motion goes.
pub(super) fn group(desk: &Desk, pane: Pane, ids: &[RecordId], from: usize, forward: bool, count: usize) -> Result<Loaded, ActionError> {
    let last = ids.len().saturating_sub(1);
    let maker = Maker::new(desk, &[]);
    let groups = |ids: &[RecordId]| -> Result<Vec<String>, ActionError> {
        let records = desk.store.get(ids)?;
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
