//! Who changed what: of one record, of everybody, between two steps.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::desk::no_such;
use super::difference::{Difference, differences};
use super::{ActionError, Desk};
use crate::domain::fields::number;
use crate::domain::{Record, RecordId, Value};
use crate::store::api::{Changes, CommitInfo, StepInfo};

/// How many commits are read at once.
const PAGE: usize = 256;

/// One version of a record, with what it changed.
#[derive(Debug, Clone)]
pub struct Revision {
    /// The record: the one asked for, or one that was merged into it.
    pub id: RecordId,
    /// The commit that wrote it.
    pub commit: CommitInfo,
    /// The fields that it changed; of the first version all, of a tombstone none left.
    pub differences: Vec<Difference>,
    /// Whether it created the record.
    pub created: bool,
    /// Whether it left a tombstone.
    pub gone: bool,
}

/// Returns the versions of a record and of those that were merged into it, newest first,
/// at most `limit`.
///
/// # Errors
/// Exit 4 for a record that never was.
pub fn history(desk: &Desk, id: RecordId, limit: usize) -> Result<Vec<Revision>, ActionError> {
    let mut all = revisions(desk, id, limit)?;
    let parts: Vec<RecordId> = match desk.store.get(&[id])?.pop().flatten() {
        Some(record) => record.values(number::MERGED_FROM).filter_map(Value::as_link).collect(),
        None => Vec::new(),
    };
    for part in parts {
        all.extend(revisions(desk, part, limit)?);
    }
    all.sort_by_key(|revision| (std::cmp::Reverse(revision.commit.seq), revision.id != id));
    all.truncate(limit);
    Ok(all)
}

fn revisions(desk: &Desk, id: RecordId, limit: usize) -> Result<Vec<Revision>, ActionError> {
    // One more, to tell what the oldest one shown changed.
    let versions = desk.store.history(id, limit.saturating_add(1))?;
    if versions.is_empty() {
        return Err(no_such(id));
    }
    let revisions = versions.iter().enumerate().take(limit).map(|(at, version)| {
        let before = versions.get(at + 1).and_then(|before| before.record.as_deref());
        Revision {
            id,
            commit: version.commit.clone(),
            differences: differences(id, before, version.record.as_deref()),
            created: before.is_none() && version.record.is_some(),
            gone: version.record.is_none(),
        }
    });
    Ok(revisions.collect())
}

/// Returns steps, newest first, those before `before` if given, at most `limit`.
///
/// # Errors
/// What the store answers.
pub fn steps(desk: &Desk, before: Option<u64>, limit: usize) -> Result<Vec<StepInfo>, ActionError> {
    Ok(desk.store.steps(before, limit)?)
}

/// One record between two steps.
#[derive(Debug, Clone)]
pub struct Changed {
    /// The record.
    pub id: RecordId,
    /// It as it was after the first step; `None`: it was not there.
    pub before: Option<Arc<Record>>,
    /// It as it was after the second.
    pub after: Option<Arc<Record>>,
    /// The fields in which it differs.
    pub differences: Vec<Difference>,
}

/// Calls `visit` with each record that differs between what stood after one step and
/// what stood after another, by kind and number.
///
/// # Errors
/// Exit 4 for a step that is not there; what `visit` returns.
pub fn diff(desk: &Desk, from: u64, to: u64, visit: &mut dyn FnMut(Changed) -> Result<(), ActionError>) -> Result<(), ActionError> {
    let (from, to) = (end_of(desk, from)?, end_of(desk, to)?);
    let (first, last) = (from.min(to), from.max(to));
    let mut touched = BTreeSet::new();
    let mut seq = first;
    while seq < last {
        let commits = match desk.store.changes_since(seq, PAGE)? {
            Changes::Commits(commits) => commits,
            Changes::Resync => return Err(ActionError::refused("the store no longer knows the commits between these steps")),
        };
        let Some(end) = commits.last().map(|commit| commit.seq) else { break };
        touched.extend(commits.iter().filter(|commit| commit.seq <= last).flat_map(|commit| &commit.changed).map(|(id, _)| *id));
        seq = end;
    }
    for id in touched {
        let (before, after) = (desk.store.as_of(id, from)?, desk.store.as_of(id, to)?);
        let differences = differences(id, before.as_deref(), after.as_deref());
        if !differences.is_empty() || before.is_some() != after.is_some() {
            visit(Changed { id, before, after, differences })?;
        }
    }
    Ok(())
}

/// Returns the seq of a step's last commit; @0 is before everything.
fn end_of(desk: &Desk, step: u64) -> Result<u64, ActionError> {
    if step == 0 {
        return Ok(0);
    }
    match desk.store.commits_of(step)?.last() {
        Some(last) => Ok(last.seq),
        None => Err(ActionError::not_found(format!("there is no step @{step}")).at(format!("@{step}")).hint("`rolo history` lists them")),
    }
}
