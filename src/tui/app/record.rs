//! A record opened over the panes: all fields, links, history.

use super::anchor::Anchor;
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
    /// Where the cursor goes when the lines come for the first time.
    pub begins_at: Option<Anchor<()>>,
}

impl Opened {
    /// Returns a record that is being opened.
    pub fn new(id: RecordId) -> Self {
        Self { id, title: String::new(), rows: Vec::new(), view: Viewport::default(), spot: Spot::cell(1), loaded: false, begins_at: None }
    }

    /// Takes its lines; the cursor stays on its line.
    pub fn set(&mut self, title: String, rows: Vec<Row>) {
        let anchor = self.anchor();
        self.begins_at = None;
        self.title = title;
        self.rows = rows;
        self.view.set_rows(self.rows.len(), anchor.line);
        anchor.look(&mut self.view);
        self.loaded = true;
    }

    /// Returns where the cursor stands, or will stand when the lines have come.
    pub fn anchor(&self) -> Anchor<()> {
        self.begins_at.clone().unwrap_or_else(|| Anchor::of(&self.view, self.view.cursor(), None))
    }

    /// Returns the line under the cursor.
    pub fn current(&self) -> Option<&Row> {
        self.rows.get(self.view.cursor())
    }
}
