//! A book of what a store has acknowledged, to compare it with.
//!
//! Commits go by number: what each makes and changes follows from its number and
//! from what was acknowledged before, so that what was kept of one that was not
//! acknowledged can be told to be whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use rolo::domain::fields::number;
use rolo::domain::{Kind, RecordId, Value};
use rolo::store::api::{Change, Changes, new_id};
use rolo::store::disk::{Disk, FaultDisk};
use rolo::store::engine::{Engine, Foundation};
use rolo::store::{Store, StoreError};

use super::bench::{commit, contact, gone, put, record, there};
use super::shelf::Shelf;

/// Opens a store on a disk of faults.
pub(crate) fn open(disk: &FaultDisk, shelf: &Shelf) -> Result<Engine, StoreError> {
    let disk: Arc<dyn Disk> = Arc::new(disk.clone());
    Foundation { segment_size: 6000, preallocate: 4096, path: "here".to_owned(), ..Foundation::new(disk, Box::new(shelf.clone())) }.open()
}

/// What was acknowledged: each record's versions, `None` for gone.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Book {
    pub(crate) versions: BTreeMap<RecordId, Vec<(u64, Option<String>)>>,
    pub(crate) seq: u64,
}

impl Book {
    /// Returns the changes of the commit `n`: some new contacts, one changed, one gone.
    pub(crate) fn changes(&self, n: u64) -> Vec<Change> {
        let mut changes: Vec<Change> = (0..1 + n % 4).map(|k| contact(k, &text(n, k))).collect();
        let live: Vec<RecordId> =
            self.versions.iter().filter(|(_, versions)| versions.last().unwrap().1.is_some()).map(|(id, _)| *id).collect();
        if n % 2 == 1 && live.len() > 2 {
            let id = live[(n * 7) as usize % live.len()];
            let mut changed = record(id, &[(number::CONTACT_NAME, &text(n, 8))]);
            changed.push(number::LINKED, Value::Link(live[0]));
            changes.push(put(changed, None));
        }
        if n % 5 == 4 && live.len() > 4 {
            let id = live[1 + (n * 3) as usize % (live.len() - 1)];
            if changes.iter().all(|change| change.id != id) {
                changes.push(gone(id, None));
            }
        }
        changes
    }

    /// Writes down that a commit was made.
    pub(crate) fn enter(&mut self, seq: u64, changes: &[Change], ids: &[RecordId]) {
        for (change, id) in changes.iter().zip(ids) {
            let left = change.after.as_ref().map(|record| record.text(number::CONTACT_NAME).unwrap().to_owned());
            self.versions.entry(*id).or_default().push((seq, left));
        }
        self.seq = seq;
    }

    /// Makes the commit `n`; writes it down if it was acknowledged.
    pub(crate) fn make(&mut self, store: &dyn Store, n: u64) -> Result<(), StoreError> {
        let changes = self.changes(n);
        let answer = store.commit(commit(changes.clone()))?;
        self.enter(answer.seq, &changes, &answer.ids);
        Ok(())
    }

    /// Makes commits from `n` on until one fails; returns how many were made and why it ended.
    pub(crate) fn make_all(&mut self, store: &dyn Store, numbers: std::ops::Range<u64>) -> (u64, Option<StoreError>) {
        let begin = numbers.start;
        for n in numbers {
            if let Err(error) = self.make(store, n) {
                return (n - begin, Some(error));
            }
        }
        (0, None)
    }

    /// If the store has kept one more commit than was acknowledged, it must be
    /// the commit `n`, whole; writes it down.
    pub(crate) fn accept_one_more(&mut self, store: &dyn Store, n: u64) {
        if store.seq() == self.seq {
            return;
        }
        assert_eq!(store.seq(), self.seq + 1, "nobody asked for more than one");
        let Changes::Commits(commits) = store.changes_since(self.seq, 9).unwrap() else { panic!("a resync") };
        let changes = self.changes(n);
        let ids: Vec<RecordId> = commits[0].changed.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids.len(), changes.len(), "a torn commit");
        for (change, id) in changes.iter().zip(&ids) {
            assert!(change.id == *id || (change.id.number >= rolo::store::api::NEW && change.id.kind == id.kind));
        }
        self.enter(self.seq + 1, &changes, &ids);
    }

    /// Asserts that the store holds exactly what is written down.
    pub(crate) fn compare(&self, store: &dyn Store) {
        assert_eq!(store.seq(), self.seq);
        for (id, versions) in &self.versions {
            let found: Vec<(u64, Option<String>)> = store
                .history(*id, usize::MAX)
                .unwrap()
                .iter()
                .rev()
                .map(|version| {
                    (version.commit.seq, version.record.as_ref().map(|record| record.text(number::CONTACT_NAME).unwrap().to_owned()))
                })
                .collect();
            assert_eq!(found, *versions, "{id}");
            let latest = store.get(&[*id]).unwrap().pop().unwrap();
            assert_eq!(latest.map(|record| record.version), versions.last().filter(|(_, left)| left.is_some()).map(|(seq, _)| *seq));
        }
        let check = store.check(false, &mut |_, _| {}).unwrap();
        assert_eq!(check.damage, Vec::<String>::new());
        assert_eq!(check.commits, self.seq);
    }

    /// Asserts that what the store answers is what is written down, as far as it
    /// answers; returns how many records it could not read.
    pub(crate) fn compare_what_is_there(&self, store: &dyn Store) -> usize {
        let mut unread = 0;
        for (id, versions) in &self.versions {
            match store.get(&[*id]) {
                Ok(found) => {
                    let found = found[0].as_ref().map(|record| (record.version, record.text(number::CONTACT_NAME).unwrap().to_owned()));
                    let last = versions.last().unwrap();
                    assert_eq!(found, last.1.as_ref().map(|text| (last.0, text.clone())), "{id}");
                }
                Err(error) => {
                    assert!(matches!(error, StoreError::Damaged(_)), "{error}");
                    unread += 1;
                }
            }
        }
        unread
    }

    /// Returns the book as of a seq.
    pub(crate) fn as_of(&self, seq: u64) -> Self {
        let mut versions = self.versions.clone();
        versions.retain(|_, versions| {
            versions.retain(|(at, _)| *at <= seq);
            !versions.is_empty()
        });
        Self { versions, seq }
    }
}

fn text(n: u64, k: u64) -> String {
    format!("commit {n} record {k} {}", "x".repeat((n * 13 % 90) as usize))
}

/// Makes one more commit, which must succeed, with a number that no record had.
pub(crate) fn goes_on(store: &dyn Store, book: &Book) {
    let answer = store.commit(commit(vec![contact(1, "one more")])).unwrap();
    let id = RecordId::new(Kind::Contact, book.versions.keys().map(|id| id.number).max().unwrap_or(0) + 1);
    assert!(answer.ids[0].number >= id.number, "{} was given twice", answer.ids[0]);
    assert_eq!(there(store, answer.ids[0]).version, answer.seq);
    assert_ne!(new_id(Kind::Contact, 1), answer.ids[0]);
}
