//! Into the trash, back, and emptied.

use std::collections::HashSet;

use super::chunks::{Unit, chunks};
use super::revert::unlink;
use super::set::change;
use super::step::Step;
use super::target::counted;
use super::{ActionError, Changeset, Desk, Outcome, Target};
use crate::domain::fields::number;
use crate::domain::{Kind, Record, RecordId, Value};
use crate::store::api::{Change, Trash};
use crate::store::leading::{leading, merged_into};
use crate::store::walk::Walk;

/// The label of a step that emptied the trash: what cannot be undone.
pub(super) const PURGE: &str = "purge";
/// How many records are made tombstones at once, with what points to them.
const BLOCK: usize = 500;

/// Puts records into the trash.
///
/// # Errors
/// Exit 4 for a record that is not there.
pub fn trash(desk: &Desk, target: &Target) -> Result<Outcome, ActionError> {
    let each = |changes: &mut Changeset<'_>, id: RecordId| {
        let now = changes.now();
        let record = changes.edit(id)?;
        if !record.has(number::TRASHED_AT) {
            record.set(number::TRASHED_AT, Value::Time(now));
        }
        Ok(())
    };
    let mut outcome = change(desk, target, None, false, "rm", &each)?;
    outcome.message = match outcome.changed {
        0 => "nothing to remove: it is in the trash already".to_owned(),
        count => format!("{} in the trash; `u` or `rolo restore` brings back", counted(&outcome.ids, count)),
    };
    Ok(outcome)
}

/// Takes records back from the trash.
///
/// # Errors
/// Exit 4 for a record that is not there.
pub fn restore(desk: &Desk, target: &Target) -> Result<Outcome, ActionError> {
    let each = |changes: &mut Changeset<'_>, id: RecordId| {
        let record = changes.get(id)?;
        if let Some(into) = merged_into(record) {
            let version = record.version;
            return Err(ActionError::refused(format!("{id} was merged into {into}"))
                .hint(format!("`rolo undo @{}` takes them apart again", step_of(desk, id, version)?)));
        }
        let record = changes.edit(id)?;
        record.clear(number::TRASHED_AT);
        // What it links to may have been merged while it was in the trash.
        let mut moved = Vec::new();
        record.links(&mut |_, to| moved.push(to));
        for to in moved {
            let lead = leading(&*desk.store, to)?;
            if lead != to {
                for (_, value) in &mut changes.edit(id)?.fields {
                    value.map_links(&mut |link| if link == to { lead } else { link });
                }
            }
        }
        Ok(())
    };
    let mut outcome = change(desk, target, None, false, "restore", &each)?;
    outcome.message = match outcome.changed {
        0 => "nothing to restore: it is not in the trash".to_owned(),
        count => format!("{} back from the trash", counted(&outcome.ids, count)),
    };
    Ok(outcome)
}

/// Returns how many records are in the trash.
///
/// # Errors
/// What the store answers.
pub fn trashed(desk: &Desk) -> Result<usize, ActionError> {
    Ok(in_trash(desk)?.len())
}

/// Empties the trash: what is in it becomes tombstones, its events go with it, and
/// links to it are taken out of other records. Undo cannot reach it.
///
/// # Errors
/// What the store answers.
pub fn purge(desk: &Desk) -> Result<Outcome, ActionError> {
    desk.check_writable()?;
    let going = in_trash(desk)?;
    let all: HashSet<RecordId> = going.iter().copied().collect();
    let mut step = Step::begin(desk, PURGE);
    for block in going.chunks(BLOCK) {
        let mut units = Vec::new();
        let mut seen: HashSet<RecordId> = block.iter().copied().collect();
        for record in desk.store.get(block)?.into_iter().flatten() {
            units.push(tombstone(&record));
            for (from, _) in desk.store.linking(record.id, None, usize::MAX)? {
                if all.contains(&from) || !seen.insert(from) {
                    continue;
                }
                let Some(linking) = desk.store.get(&[from])?.pop().flatten() else { continue };
                units.push(match from.kind {
                    Kind::Event | Kind::Provenance => tombstone(&linking),
                    _ => without(&linking, &all),
                });
            }
        }
        step.commit_all(chunks(units)?, false)?;
    }
    let step = step.end()?;
    let message = match going.len() {
        0 => "the trash is empty".to_owned(),
        count => format!("{} gone for good", counted(&going, count)),
    };
    Ok(Outcome { step, changed: going.len(), ids: going, unchanged: 0, message })
}

/// Returns what is in the trash. What was merged is a part of the record that it was
/// merged into, and goes with that one alone.
fn in_trash(desk: &Desk) -> Result<Vec<RecordId>, ActionError> {
    let (mut ids, mut parts) = (Vec::new(), Vec::new());
    for kind in Kind::public() {
        Walk::new(kind, desk.view()).trash(Trash::Only).each(&*desk.store, |record| {
            match merged_into(record) {
                Some(_) => parts.push(record.id),
                None => ids.push(record.id),
            }
            Ok::<(), ActionError>(())
        })?;
    }
    let going: HashSet<RecordId> = ids.iter().copied().collect();
    for part in parts {
        let lead = leading(&*desk.store, part)?;
        if going.contains(&lead) || desk.store.get(&[lead])?.pop().flatten().is_none() {
            ids.push(part);
        }
    }
    Ok(ids)
}

/// Returns the step that wrote a version of a record.
fn step_of(desk: &Desk, id: RecordId, version: u64) -> Result<u64, ActionError> {
    Ok(desk.store.history(id, 1)?.first().map_or(version, |latest| latest.commit.step))
}

pub(super) fn tombstone(record: &Record) -> Unit {
    let mut leaves = Vec::new();
    record.links(&mut |_, to| leaves.push(to));
    Unit { changes: vec![Change { id: record.id, based_on: Some(record.version), after: None }], leaves }
}

/// Returns a record without its links to those that go.
pub(super) fn without(record: &Record, going: &HashSet<RecordId>) -> Unit {
    let mut leaves = Vec::new();
    record.links(&mut |_, to| {
        if going.contains(&to) {
            leaves.push(to);
        }
    });
    let mut after = record.clone();
    leaves.iter().for_each(|to| unlink(&mut after, *to));
    Unit { changes: vec![Change { id: record.id, based_on: Some(record.version), after: Some(after) }], leaves }
}
