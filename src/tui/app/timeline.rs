//! The timeline of the record under the cursor of another pane.

use super::cells::Spot;
use super::row::Row;
use super::viewport::Viewport;
use crate::domain::RecordId;

/// What happened with one record, newest first.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    /// Whose it is, once it has been loaded.
    pub of: Option<RecordId>,
    /// That record's name, for the title.
    pub name: String,
    /// The entries; each row's group is its day.
    pub rows: Vec<Row>,
    /// Cursor and window.
    pub view: Viewport,
    /// The cursor among the cells.
    pub spot: Spot,
}

impl Timeline {
    /// Takes the entries of a record. The cursor stays on its entry while the
    /// record is the same.
    pub fn set(&mut self, of: RecordId, name: String, rows: Vec<Row>) {
        let same = self.of == Some(of);
        let key = self.rows.get(self.view.cursor()).map(|row| row.key.clone());
        let kept = key.filter(|_| same).and_then(|key| rows.iter().position(|row| row.key == key));
        self.of = Some(of);
        self.name = name;
        self.rows = rows;
        self.view.set_rows(self.rows.len(), kept.unwrap_or(0));
    }

    /// Empties it: nothing stands under the cursor.
    pub fn clear(&mut self) {
        *self = Self { view: Viewport::new(0, self.view.height()), ..Self::default() };
    }

    /// Returns the entry under the cursor.
    pub fn current(&self) -> Option<&Row> {
        self.rows.get(self.view.cursor())
    }
}
