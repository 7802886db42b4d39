//! The rows of the pane that keys go to, whatever the pane: what operators, ranges
//! and marks count in.

use crate::domain::{Kind, RecordId};
use crate::tui::app::row::Row;
use crate::tui::app::state::App;
use crate::tui::app::viewport::Viewport;
use crate::tui::keys::Pane;

impl App {
    /// Returns how many rows the cursor can stand on.
    pub(in crate::tui::app) fn row_count(&self) -> usize {
        self.view().map_or(0, Viewport::rows)
    }

    /// Returns the cursor's row.
    pub(in crate::tui::app) fn cursor(&self) -> usize {
        self.view().map_or(0, Viewport::cursor)
    }

    /// Returns the records of all rows, in order; one record may have several.
    pub(in crate::tui::app) fn row_ids(&self) -> Vec<RecordId> {
        match (self.opened.last(), self.focus) {
            (Some(opened), _) => opened.rows.iter().map(|row| row.id).collect(),
            (None, Pane::Timeline) => self.timeline.rows.iter().map(|row| row.id).collect(),
            (None, Pane::Pipeline) => self.pipeline.current_column().map_or_else(Vec::new, |column| column.ids.clone()),
            (None, pane) => self.list(pane).map_or_else(Vec::new, |list| list.ids.clone()),
        }
    }

    /// Returns the record of a row.
    pub(in crate::tui::app) fn id_at(&self, row: usize) -> Option<RecordId> {
        match (self.opened.last(), self.focus) {
            (Some(opened), _) => opened.rows.get(row).map(|row| row.id),
            (None, Pane::Timeline) => self.timeline.rows.get(row).map(|row| row.id),
            (None, Pane::Pipeline) => self.pipeline.current_column()?.ids.get(row).copied(),
            (None, pane) => self.list(pane)?.ids.get(row).copied(),
        }
    }

    /// Returns the row of a record, the one nearest to the cursor if it has several.
    pub(in crate::tui::app) fn row_of(&self, id: RecordId) -> Option<usize> {
        let ids = self.row_ids();
        let cursor = self.cursor();
        (0..ids.len()).filter(|row| ids[*row] == id).min_by_key(|row| row.abs_diff(cursor))
    }

    /// Returns a row as it is shown, if it has been loaded.
    pub(in crate::tui::app) fn shown_row(&self, row: usize) -> Option<&Row> {
        match (self.opened.last(), self.focus) {
            (Some(opened), _) => opened.rows.get(row),
            (None, Pane::Timeline) => self.timeline.rows.get(row),
            (None, Pane::Pipeline) => None,
            (None, pane) => {
                let list = self.list(pane)?;
                list.rows.get(list.ids.get(row)?)
            }
        }
    }

    /// Returns a row's text as registers have it, cells apart by tabs, if it is known
    /// without asking.
    pub(in crate::tui::app) fn row_text(&self, row: usize) -> Option<String> {
        if self.opened.is_empty() && self.focus == Pane::Pipeline {
            let column = self.pipeline.current_column()?;
            return column.cards.get(column.ids.get(row)?).map(|card| card.title.clone());
        }
        self.shown_row(row).map(|row| tabbed(row.cells.iter().map(|cell| cell.text.as_str())))
    }

    /// Returns the columns of the pane, by field name; empty where it has none.
    pub(in crate::tui::app) fn columns_here(&self) -> Vec<String> {
        match self.opened.is_empty() {
            true => self.list(self.focus).map_or_else(Vec::new, |list| list.columns.clone()),
            false => Vec::new(),
        }
    }

    /// Returns the kind of record that the pane with the focus is about.
    pub(in crate::tui::app) fn kind_here(&self) -> Kind {
        match (self.opened.last(), self.focus) {
            (Some(opened), _) => opened.id.kind,
            (None, Pane::Tickets) => self.tickets.kind,
            (None, Pane::Pipeline) => Kind::Opportunity,
            (None, Pane::Timeline) => Kind::Interaction,
            (None, _) => self.contacts.kind,
        }
    }

    /// Returns whether the rows are records of their own: the lines of an opened
    /// record are its fields.
    pub(in crate::tui::app) fn has_records(&self) -> bool {
        self.opened.is_empty()
    }
}

/// Returns cells as a line, those at the end left out that are empty.
pub(in crate::tui) fn tabbed<'c>(cells: impl Iterator<Item = &'c str>) -> String {
    let line = cells.collect::<Vec<_>>().join("\t");
    line.trim_end_matches('\t').to_owned()
}
