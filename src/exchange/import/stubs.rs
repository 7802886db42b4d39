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
    /// In what is being committed.
    flown_opened: Vec<RecordId>,
    flown_closed: Vec<RecordId>,
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

    /// Forgets what happened since the last commit that was done.
    pub(super) fn rewind(&mut self) {
        for id in self.closed.drain(..).chain(self.flown_closed.drain(..)) {
            self.open.insert(id);
        }
        for id in self.opened.drain(..).chain(self.flown_opened.drain(..)) {
            self.open.remove(&id);
        }
    }

    /// Takes what happened since the last commit as being committed.
    pub(super) fn take_off(&mut self) {
        self.flown_opened = std::mem::take(&mut self.opened);
        self.flown_closed = std::mem::take(&mut self.closed);
    }

    /// Takes the ids that were given to what was being committed.
    pub(super) fn land(&mut self, given: &HashMap<RecordId, RecordId>) {
        let named = |id: &RecordId| given.get(id).copied().unwrap_or(*id);
        self.flown_closed.clear();
        for id in self.flown_opened.drain(..) {
            if self.open.remove(&id) {
                self.open.insert(named(&id));
            }
        }
        // One that was made in it may have been closed since.
        self.closed.iter_mut().for_each(|id| *id = named(id));
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
