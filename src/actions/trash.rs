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
        changes.edit(id)?.clear(number::TRASHED_AT);
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

fn in_trash(desk: &Desk) -> Result<Vec<RecordId>, ActionError> {
    let mut ids = Vec::new();
    for kind in Kind::public() {
        ids.extend(Walk::new(kind, desk.view()).trash(Trash::Only).ids(&*desk.store)?);
    }
    Ok(ids)
}

fn tombstone(record: &Record) -> Unit {
    let mut leaves = Vec::new();
    record.links(&mut |_, to| leaves.push(to));
    Unit { changes: vec![Change { id: record.id, based_on: Some(record.version), after: None }], leaves }
}

/// Returns a record without its links to those that go.
fn without(record: &Record, going: &HashSet<RecordId>) -> Unit {
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
