//! What undo needs to know of a step in which records were merged.

use std::collections::HashMap;

use super::slot::{Slot, slots};
use super::split::{Apart, split};
use super::unite::Side;
use crate::actions::revert::Conflict;
use crate::actions::shown::shown;
use crate::actions::{ActionError, Desk};
use crate::domain::fields::number;
use crate::domain::{Record, RecordId};
use crate::store::api::CommitInfo;
use crate::store::leading::merged_into;

/// A merging, as its step tells it.
#[derive(Debug, Clone)]
pub(in crate::actions) struct Merging {
    /// The commit that did it.
    pub(in crate::actions) seq: u64,
    /// The record that was kept.
    pub(in crate::actions) keep: RecordId,
    /// Those that were merged into it.
    pub(in crate::actions) others: Vec<RecordId>,
    /// Where the others' values stood.
    pub(in crate::actions) sides: HashMap<Slot, Side>,
}

impl Merging {
    /// Returns what was merged in these commits: they hold records that became part of
    /// another one.
    ///
    /// # Errors
    /// What the store answers.
    pub(in crate::actions) fn all(desk: &Desk, commits: &[CommitInfo]) -> Result<Vec<Self>, ActionError> {
        let mut found = Vec::new();
        for commit in commits.iter().filter(|commit| may_merge(commit)) {
            found.extend(Self::of(desk, commit)?);
        }
        Ok(found)
    }

    fn of(desk: &Desk, commit: &CommitInfo) -> Result<Option<Self>, ActionError> {
        let before = commit.seq.saturating_sub(1);
        let mut merging: Option<Self> = None;
        let mut merged: Vec<Record> = Vec::new();
        for (id, _) in commit.changed.iter().filter(|(_, gone)| !gone) {
            let Some(into) = desk.store.as_of(*id, commit.seq)?.as_deref().and_then(merged_into) else { continue };
            let Some(was) = desk.store.as_of(*id, before)? else { continue };
            if merged_into(&was).is_some() {
                continue;
            }
            let merging = merging.get_or_insert_with(|| Self { seq: commit.seq, keep: into, others: Vec::new(), sides: HashMap::new() });
            merging.others.push(*id);
            merged.push(Record::clone(&was));
        }
        if let Some(merging) = &mut merging
            && let (Some(was), Some(left)) = (desk.store.as_of(merging.keep, before)?, desk.store.as_of(merging.keep, commit.seq)?)
        {
            merging.sides = sides_of(&was, &left, &merged);
        }
        Ok(merging)
    }

    /// Returns the records apart as they are to stand, the one that was kept first.
    ///
    /// # Errors
    /// Exit 1 where the one that was kept was itself merged since.
    pub(in crate::actions) fn take_apart(
        desk: &Desk,
        was: &Record,
        left: &Record,
        now: &Record,
        others: &[Record],
    ) -> Result<(Record, Vec<Record>, Vec<Conflict>), ActionError> {
        if let Some(into) = merged_into(now) {
            return Err(ActionError::refused(format!("{} was itself merged into {into} by @{}", now.id, step_of(desk, now)?))
                .at(now.id.to_string())
                .hint(format!("take that back first: rolo undo @{}", step_of(desk, now)?)));
        }
        let Apart { keep, others, told } = split(was, left, now, others);
        let conflicts = told.into_iter().map(|told| Conflict {
            id: told.id,
            field: told.slot.name(told.id.kind),
            theirs: shown(desk, &told.stands),
            restores: shown(desk, &told.had),
            by: now.updated_by.clone(),
            version: now.version,
        });
        Ok((keep, others, conflicts.collect()))
    }
}

fn step_of(desk: &Desk, record: &Record) -> Result<u64, ActionError> {
    Ok(desk.store.history(record.id, 1)?.first().map_or(record.version, |version| version.commit.step))
}

/// Returns whether a commit may hold a merging: by its label, which only `merge` and the
/// redo of one give.
pub(in crate::actions) fn may_merge(commit: &CommitInfo) -> bool {
    commit.label.starts_with("merge ") || commit.label.starts_with("redo @")
}

/// Returns the places in which the value of another one stood after a merging.
fn sides_of(was: &Record, left: &Record, others: &[Record]) -> HashMap<Slot, Side> {
    let taken = |slot: &Slot| {
        let (before, after) = (slot.values(was), slot.values(left));
        slot.field != number::MERGED_FROM && !before.is_empty() && before != after && others.iter().any(|other| slot.values(other) == after)
    };
    slots([was, left]).into_iter().filter(taken).map(|slot| (slot, Side::Other)).collect()
}
