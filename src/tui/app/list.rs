//! A pane of rows: contacts, tickets, or another kind that was asked for.

use std::collections::{HashMap, HashSet};

use super::grammar::cells::Spot;
use super::row::Row;
use super::viewport::Viewport;
use crate::domain::{Kind, RecordId};

/// The rows of one kind under a filter, with a cursor.
#[derive(Debug, Clone)]
pub struct List {
    /// What is listed.
    pub kind: Kind,
    /// The filter, in the query language.
    pub filter: String,
    /// The sort, as `--sort` takes it.
    pub sort: String,
    /// The columns, by field name.
    pub columns: Vec<String>,
    /// Every record that matches, in order.
    pub ids: Vec<RecordId>,
    /// How many match, where `ids` was cut.
    pub total: u64,
    /// Cursor and window.
    pub view: Viewport,
    /// The cursor among the cells.
    pub spot: Spot,
    /// The rows on screen and those seen lately.
    pub rows: HashMap<RecordId, Row>,
    /// The rows that have been asked for and have not come yet.
    pub asked: HashSet<RecordId>,
    /// Whether the ids have been loaded once.
    pub loaded: bool,
    /// What is worth saying about the filter: unpriced records left out.
    pub notice: Option<String>,
}

/// Rows kept beyond those on screen: enough for a page in each direction.
const KEPT: usize = 2_000;

impl List {
    /// Returns an empty list of a kind.
    pub fn new(kind: Kind, sort: &str, columns: &[&str]) -> Self {
        Self {
            kind,
            filter: String::new(),
            sort: sort.to_owned(),
            columns: columns.iter().map(|&column| column.to_owned()).collect(),
            ids: Vec::new(),
            total: 0,
            view: Viewport::new(0, 1),
            spot: Spot::default(),
            rows: HashMap::new(),
            asked: HashSet::new(),
            loaded: false,
            notice: None,
        }
    }

    /// Returns the record under the cursor.
    pub fn current(&self) -> Option<RecordId> {
        self.ids.get(self.view.cursor()).copied()
    }

    /// Returns the row under the cursor, once it has been loaded.
    pub fn current_row(&self) -> Option<&Row> {
        self.rows.get(&self.current()?)
    }

    /// Takes the ids anew. The cursor stays on its record; where that is gone, on
    /// its row. Where a row is given it goes there.
    pub fn set_ids(&mut self, ids: Vec<RecordId>, total: u64, goal: Option<usize>) {
        let kept = self.current().and_then(|id| ids.iter().position(|&other| other == id));
        let cursor = goal.or(kept).unwrap_or(self.view.cursor());
        self.ids = ids;
        self.total = total;
        self.loaded = true;
        self.view.set_rows(self.ids.len(), cursor);
    }

    /// Returns the records on screen whose rows are to be asked for, each once.
    pub fn missing(&mut self) -> Vec<RecordId> {
        // The cursor may stand beyond the window while a macro runs.
        let shown = self.ids[self.view.visible()].iter().copied().chain(self.current());
        shown.filter(|id| !self.rows.contains_key(id) && self.asked.insert(*id)).collect()
    }

    /// Takes rows.
    pub fn set_rows(&mut self, rows: Vec<Row>) {
        for row in &rows {
            self.asked.remove(&row.id);
        }
        if self.rows.len() + rows.len() > KEPT {
            let shown: HashSet<RecordId> = self.ids[self.view.visible()].iter().copied().collect();
            self.rows.retain(|id, _| shown.contains(id));
        }
        self.rows.extend(rows.into_iter().map(|row| (row.id, row)));
    }

    /// Drops rows that a change has made stale.
    pub fn forget(&mut self, ids: &[RecordId]) {
        for id in ids {
            self.rows.remove(id);
            self.asked.remove(id);
        }
    }

    /// Drops all rows.
    pub fn forget_all(&mut self) {
        self.rows.clear();
        self.asked.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(numbers: &[u64]) -> Vec<RecordId> {
        numbers.iter().map(|&number| RecordId::new(Kind::Contact, number)).collect()
    }

    #[test]
    fn the_cursor_stays_on_its_record() {
        let mut list = List::new(Kind::Contact, "name", &["name"]);
        list.view.resize(10);
        list.set_ids(ids(&[1, 2, 3, 4]), 4, None);
        list.view.go_to(2);
        list.set_ids(ids(&[9, 1, 8, 2, 3]), 5, None);
        assert_eq!(list.current(), Some(RecordId::new(Kind::Contact, 3)));
        list.set_ids(ids(&[1, 2]), 2, None);
        assert_eq!(list.current(), Some(RecordId::new(Kind::Contact, 2)));
        list.set_ids(Vec::new(), 0, None);
        assert_eq!(list.current(), None);
    }
}
