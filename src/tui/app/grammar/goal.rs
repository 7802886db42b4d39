//! Where the cursor goes when the rows have come that a change has left.

use crate::domain::RecordId;
use crate::tui::app::state::App;
use crate::tui::keys::Pane;

/// Where the cursor goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tui::app) enum Goal {
    /// To this row.
    Row {
        /// Of this pane.
        pane: Pane,
        /// From 0; the last one where there are fewer.
        row: usize,
    },
    /// To the first of these records that the pane has.
    FirstOf(Vec<RecordId>),
}

impl App {
    /// Returns the row that the cursor of a pane is to go to among these ids, and
    /// forgets it.
    pub(in crate::tui::app) fn goal_in(&mut self, pane: Pane, ids: &[RecordId]) -> Option<usize> {
        match self.grammar.goal.clone()? {
            Goal::Row { pane: wanted, row } if wanted == pane => {
                self.grammar.goal = None;
                Some(row)
            }
            Goal::FirstOf(wanted) if pane == self.focus => {
                self.grammar.goal = None;
                let wanted: std::collections::HashSet<RecordId> = wanted.into_iter().collect();
                ids.iter().position(|id| wanted.contains(id))
            }
            _ => None,
        }
    }
}
