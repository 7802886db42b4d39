//! A step as it is made: commit after commit under one number.

use std::collections::HashMap;

use super::{ActionError, Desk};
use crate::domain::RecordId;
use crate::store::api::{Absent, Change, Commit, Committed, StepKind, is_new};

/// A step that is being made. Dropped before its end, it stays unfinished: it can
/// be continued or undone.
#[derive(Debug)]
pub struct Step<'d> {
    desk: &'d Desk,
    label: String,
    kind: StepKind,
    number: Option<u64>,
    /// The idempotency key of its first commit.
    key: Option<String>,
    /// Whether others go on with it.
    goes_on: bool,
    /// What must not be there when its first commit is made.
    pub(super) absent: Vec<Absent>,
}

impl<'d> Step<'d> {
    /// Returns a step that its first commit begins. The label says in a few words
    /// what the person did.
    pub fn begin(desk: &'d Desk, label: impl Into<String>) -> Self {
        Self::of_kind(desk, label, StepKind::Do)
    }

    pub(super) fn of_kind(desk: &'d Desk, label: impl Into<String>, kind: StepKind) -> Self {
        let joined = desk.joins.filter(|_| kind == StepKind::Do);
        Self { desk, label: label.into(), kind, number: joined.flatten(), key: None, goes_on: joined.is_some(), absent: Vec::new() }
    }

    /// Returns an unfinished step, to go on with it.
    #[must_use]
    pub fn continuing(mut self, step: Option<u64>) -> Self {
        self.number = step;
        self
    }

    /// Returns the step, its first commit under a key that is used once for all.
    #[must_use]
    pub(super) fn once(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// Returns the step's number, once its first commit is made.
    pub fn number(&self) -> Option<u64> {
        self.number
    }

    /// Makes one commit of the step; `last` ends it.
    ///
    /// # Errors
    /// What the store refuses; the step then stands as it was before.
    pub fn commit(&mut self, changes: Vec<Change>, last: bool) -> Result<Committed, ActionError> {
        self.desk.check_writable()?;
        let committed = self.desk.store.commit(Commit {
            author: self.desk.author.clone(),
            label: self.label.clone(),
            step: self.number,
            last: last && !self.goes_on,
            kind: self.kind,
            key: self.key.take(),
            at: self.desk.clock.fixed(),
            changes,
            absent: std::mem::take(&mut self.absent),
        })?;
        self.number = Some(committed.step);
        Ok(committed)
    }

    /// Makes all of these commits; with `last`, the last one ends the step. What
    /// one commit creates, the later ones may link to by its `new:N` reference.
    /// Returns the ids of all changes in their order.
    pub(super) fn commit_all(&mut self, commits: Vec<Vec<Change>>, last: bool) -> Result<Vec<(RecordId, RecordId)>, ActionError> {
        let count = commits.len();
        let mut given: HashMap<RecordId, RecordId> = HashMap::new();
        let mut ids = Vec::new();
        for (at, mut changes) in commits.into_iter().enumerate() {
            for (_, value) in changes.iter_mut().filter_map(|change| change.after.as_mut()).flat_map(|record| &mut record.fields) {
                value.map_links(&mut |to| given.get(&to).copied().unwrap_or(to));
            }
            let asked: Vec<RecordId> = changes.iter().map(|change| change.id).collect();
            let committed = self.commit(changes, last && at + 1 == count)?;
            for (asked, id) in asked.into_iter().zip(committed.ids) {
                if is_new(asked) {
                    given.insert(asked, id);
                }
                ids.push((asked, id));
            }
        }
        Ok(ids)
    }

    /// Ends a step of which a commit was made and none was the last.
    ///
    /// # Errors
    /// As [`Self::commit`].
    pub fn end(mut self) -> Result<Option<u64>, ActionError> {
        if self.number.is_some() && !self.goes_on {
            self.commit(Vec::new(), true)?;
        }
        Ok(self.number)
    }
}

/// Ends a step that several commands have made.
///
/// # Errors
/// What the store refuses.
pub fn end_step(desk: &Desk, number: u64) -> Result<(), ActionError> {
    Step::begin(desk, "macro").continuing(Some(number)).end().map(|_| ())
}
