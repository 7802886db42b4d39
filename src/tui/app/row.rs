//! What a pane shows of one record: texts with the roles that they are drawn in.
//!
//! Rows are made by the loader from the store and only for what is on screen.

use crate::domain::RecordId;
use crate::tui::theme::Role;

/// One cell's text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// The text, as the record has it: the view makes it safe.
    pub text: String,
    /// What it means, where it is more than text.
    pub role: Option<Role>,
    /// What is edited when it is edited in place; `None` where nothing can be.
    pub written: Option<Written>,
}

/// The field behind a cell, as it is typed: a cell shows less than it has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// The field's name in `FIELD=VALUE`.
    pub field: String,
    /// Its canonical text.
    pub text: String,
}

impl Cell {
    /// Returns a cell of plain text.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), role: None, written: None }
    }

    /// Returns a cell of text with a meaning.
    pub fn of(role: Role, text: impl Into<String>) -> Self {
        Self { text: text.into(), role: Some(role), written: None }
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The row's own id in `play`'s state: `c17`, `i5`, `o1@812`.
    pub key: String,
    /// The record that it stands for.
    pub id: RecordId,
    /// The cells.
    pub cells: Vec<Cell>,
    /// What it is grouped under, for `{` and `}`.
    pub group: String,
}

impl Row {
    /// Returns the shown cells joined by one space: what a search looks at.
    pub fn text(&self) -> String {
        self.cells.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Returns the texts of the cells.
    pub fn texts(&self) -> Vec<String> {
        self.cells.iter().map(|cell| cell.text.clone()).collect()
    }
}
