//! A record opened over the panes: all fields, links, history.

use super::grammar::cells::Spot;
use super::row::Row;
use super::viewport::Viewport;
use crate::domain::RecordId;

/// An opened record.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Which.
    pub id: RecordId,
    /// Its name, for the title.
    pub title: String,
    /// Its lines: fields (name and value), then links, then history. Each row's
    /// group is its section.
    pub rows: Vec<Row>,
    /// Cursor and window.
    pub view: Viewport,
    /// The cursor among the cells.
    pub spot: Spot,
    /// Whether it has been loaded.
    pub loaded: bool,
}

impl Opened {
    /// Returns a record that is being opened.
    pub fn new(id: RecordId) -> Self {
        Self { id, title: String::new(), rows: Vec::new(), view: Viewport::default(), spot: Spot::cell(1), loaded: false }
    }

    /// Takes its lines; the cursor stays on its line.
    pub fn set(&mut self, title: String, rows: Vec<Row>) {
        let cursor = self.view.cursor();
        self.title = title;
        self.rows = rows;
        self.view.set_rows(self.rows.len(), cursor);
        self.loaded = true;
    }

    /// Returns the line under the cursor.
    pub fn current(&self) -> Option<&Row> {
        self.rows.get(self.view.cursor())
    }
}
