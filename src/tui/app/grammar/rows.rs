//! The lines of the pane that keys go to, whatever the pane: what operators, ranges
//! and marks count in. Where a group is folded several lines are one row.

use crate::domain::{Kind, RecordId};
use crate::tui::app::folding::Folds;
use crate::tui::app::row::Row;
use crate::tui::app::state::App;
use crate::tui::app::viewport::Viewport;
use crate::tui::keys::Pane;

impl App {
    /// Returns the closed folds of a pane; `None` where nothing folds into rows.
    pub fn folds_in(&self, pane: Pane) -> Option<&Folds> {
        match pane {
            Pane::Timeline => Some(&self.timeline.folds),
            pane => self.list(pane).map(|list| &list.folds),
        }
    }

    /// Returns the closed folds among the lines that keys go to.
    pub(in crate::tui::app) fn folds(&self) -> Option<&Folds> {
        if self.sheet.is_some() { None } else { self.folds_in(self.pane()) }
    }

    /// Returns how many lines there are.
    pub(in crate::tui::app) fn row_count(&self) -> usize {
        self.folds().map_or_else(|| self.view().map_or(0, Viewport::rows), Folds::lines)
    }

    /// Returns the cursor's line; of a closed fold the first.
    pub(in crate::tui::app) fn cursor(&self) -> usize {
        let row = self.view().map_or(0, Viewport::cursor);
        self.folds().map_or(row, |folds| folds.line_of(row))
    }

    /// Returns the cursor's line, from 1, and how many there are; `None` where there is none.
    pub fn standing(&self) -> Option<(usize, usize)> {
        let lines = self.row_count();
        (lines > 0).then(|| (self.cursor() + 1, lines))
    }

    /// Moves the cursor to a line, or to the closed fold that has it.
    pub(in crate::tui::app) fn go_to(&mut self, line: usize) {
        let row = self.folds().map_or(line, |folds| folds.row_of(line.min(folds.lines().saturating_sub(1))));
        if let Some(view) = self.view_mut() {
            view.go_to(row);
        }
    }

    /// Moves the cursor to a line, and opens the fold that has it: searches, marks and
    /// jumps do, as in Vim.
    pub(in crate::tui::app) fn reveal(&mut self, line: usize) {
        crate::tui::app::folds::open_at(self, line);
        self.go_to(line);
    }

    /// Returns the lines of these rows and of all closed folds that have one of them.
    pub(in crate::tui::app) fn with_folds(&self, lines: &[usize]) -> Vec<usize> {
        let Some(folds) = self.folds().filter(|folds| !folds.closed().is_empty()) else { return lines.to_vec() };
        let all: std::collections::BTreeSet<usize> = lines.iter().flat_map(|line| folds.around(*line)).collect();
        all.into_iter().collect()
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
