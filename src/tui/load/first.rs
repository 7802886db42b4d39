//! Rows from the list file, before the store is there.
//!
//! They say what they can: cells of columns that the list does not keep are empty until the
//! rows come from the store.

use chrono_tz::Tz;

use super::cells::ago;
use crate::domain::zone::day_at;
use crate::domain::{RecordId, Timestamp};
use crate::insight::{COLUMNS, List};
use crate::tui::app::row::{Cell, Row};
use crate::tui::theme::Role;

/// Returns rows of contacts as far as the list knows them.
pub fn first_rows(list: &List, ids: &[RecordId], columns: &[String], now: Timestamp) -> Vec<Row> {
    let mut listed = list.listed(ids);
    let known = ids.iter().filter_map(|id| listed.remove(id).map(|listed| (*id, listed)));
    known
        .map(|(id, listed)| {
            let cell = |column: &String| match (column.as_str(), COLUMNS.iter().position(|known| known == column)) {
                ("name", _) => Cell::plain(listed.entry.name.clone()),
                // The zone of the team is not known yet; a moment later it is.
                ("last.at", _) => {
                    let text = listed.last.map(|at| ago(at, now, day_at(Tz::UTC, now), Tz::UTC));
                    Cell::of(Role::TextMuted, text.unwrap_or_default())
                }
                (_, Some(nth)) => Cell::plain(listed.cells.get(nth).cloned().unwrap_or_default()),
                _ => Cell::default(),
            };
            Row { key: id.to_string(), id, cells: columns.iter().map(cell).collect(), group: String::new() }
        })
        .collect()
}
