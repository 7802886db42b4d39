//! Which records were made only because rows name them: a row that gives one itself
//! counts as having created it. It must not know rows.

use std::collections::{HashMap, HashSet};

use crate::domain::RecordId;

/// Records that were made because rows name them, as long as no row gives them itself.
#[derive(Debug, Default)]
pub(super) struct Stubs {
    open: HashSet<RecordId>,
    /// Since the last commit.
    opened: Vec<RecordId>,
    closed: Vec<RecordId>,
}

impl Stubs {
    /// Takes in what rows have made.
    pub(super) fn open(&mut self, ids: Vec<RecordId>) {
        self.open.extend(ids.iter().copied());
        self.opened.extend(ids);
    }

    /// Returns whether the record is one.
    pub(super) fn has(&self, id: RecordId) -> bool {
        self.open.contains(&id)
    }

    /// Returns whether the record was one, and is none from now on.
    pub(super) fn close(&mut self, id: RecordId) -> bool {
        let was = self.open.remove(&id);
        if was {
            self.closed.push(id);
        }
        was
    }

    /// Forgets what happened since the last commit.
    pub(super) fn rewind(&mut self) {
        for id in self.closed.drain(..) {
            self.open.insert(id);
        }
        for id in self.opened.drain(..) {
            self.open.remove(&id);
        }
    }

    /// Takes the ids that a commit has given.
    pub(super) fn settle(&mut self, given: &HashMap<RecordId, RecordId>) {
        self.closed.clear();
        for id in self.opened.drain(..) {
            if self.open.remove(&id) {
                self.open.insert(given.get(&id).copied().unwrap_or(id));
            }
        }
    }

    /// Returns how many there are.
    pub(super) fn len(&self) -> usize {
        self.open.len()
    }
}
