//! Changing fields of records: one, or all that match.
//!
//! Everything is read and checked before anything is written, so that a value that
//! some record refuses changes none.

use super::changeset::Changeset;
use super::step::Step;
use super::target::counted;
use super::{ActionError, Desk, Outcome, Target};
use crate::domain::{Assignment, Kind, RecordId};

/// How many records are held at once.
const BLOCK: usize = 500;

/// Changes fields of records.
///
/// # Errors
/// Exit 1 or 2 for a value or field that is none, 4 for a record that is not there,
/// 5 where a record no longer has the version `if_version`.
pub fn set(
    desk: &Desk,
    target: &Target,
    assignments: &[Assignment],
    if_version: Option<u64>,
    dry_run: bool,
) -> Result<Outcome, ActionError> {
    let each = |changes: &mut Changeset<'_>, id: RecordId| {
        if let Some(other) = assignments.iter().find(|assignment| assignment.target.kind() != id.kind) {
            return Err(ActionError::usage(format!(
                "{id} is a {}, {} is a field of {}",
                id.kind,
                other.target.name(),
                other.target.kind()
            )));
        }
        changes.assign(id, assignments)
    };
    if assignments.is_empty() {
        return Err(ActionError::usage("there is nothing to set").hint("write FIELD=VALUE, FIELD+=VALUE, FIELD-=VALUE or FIELD="));
    }
    change(desk, target, if_version, dry_run, &label("set", assignments), &each)
}

/// Changes fields of records of any kinds, as typed: `stage=won`, `tags+=vip`.
///
/// # Errors
/// As [`set`].
pub fn set_texts<T: AsRef<str>>(
    desk: &Desk,
    target: &Target,
    texts: &[T],
    if_version: Option<u64>,
    dry_run: bool,
) -> Result<Outcome, ActionError> {
    let definitions = desk.definitions();
    let parse = |kind: Kind| -> Result<Vec<Assignment>, ActionError> {
        texts.iter().map(|text| Ok(Assignment::parse(kind, text.as_ref(), &definitions)?)).collect()
    };
    let ids = target.ids(desk)?;
    let mut kinds: Vec<Kind> = ids.iter().map(|id| id.kind).collect();
    if let Target::Where(kind, _) = target {
        kinds.push(*kind);
    }
    kinds.sort_unstable();
    kinds.dedup();
    let parsed: Vec<(Kind, Vec<Assignment>)> =
        kinds.into_iter().map(|kind| Ok((kind, parse(kind)?))).collect::<Result<_, ActionError>>()?;
    if let [(_, assignments)] = parsed.as_slice() {
        return set(desk, &Target::Ids(ids), assignments, if_version, dry_run);
    }
    let each = |changes: &mut Changeset<'_>, id: RecordId| match parsed.iter().find(|(kind, _)| *kind == id.kind) {
        Some((_, assignments)) => changes.assign(id, assignments),
        None => Ok(()),
    };
    let label = parsed.first().map_or_else(|| "set".to_owned(), |(_, assignments)| label("set", assignments));
    change(desk, &Target::Ids(ids), if_version, dry_run, &label, &each)
}

/// Returns what is set, in a few words: `set owner, tags`.
fn label(verb: &str, assignments: &[Assignment]) -> String {
    let mut names: Vec<&str> = assignments.iter().map(|assignment| assignment.target.name()).collect();
    names.dedup();
    let more = if names.len() > 3 { ", \u{2026}" } else { "" };
    format!("{verb} {}{more}", names[..names.len().min(3)].join(", "))
}

/// Changes each record by `each`, all as one step; nothing is written unless all can
/// be changed.
pub(super) fn change(
    desk: &Desk,
    target: &Target,
    if_version: Option<u64>,
    dry_run: bool,
    label: &str,
    each: &dyn Fn(&mut Changeset<'_>, RecordId) -> Result<(), ActionError>,
) -> Result<Outcome, ActionError> {
    desk.check_writable()?;
    let ids = target.ids(desk)?;
    let block = |ids: &[RecordId]| -> Result<Changeset<'_>, ActionError> {
        let mut changes = Changeset::new(desk);
        changes.load(ids)?;
        for &id in ids {
            if let Some(version) = if_version {
                changes.expect(id, version)?;
            }
            each(&mut changes, id).map_err(|error| error.at(id.to_string()))?;
        }
        Ok(changes)
    };
    let mut outcome = Outcome { ids: ids.clone(), ..Outcome::default() };
    if dry_run || ids.len() > BLOCK {
        for ids in ids.chunks(BLOCK) {
            let (changed, unchanged) = block(ids)?.counts();
            outcome.changed += changed;
            outcome.unchanged += unchanged;
        }
    }
    if !dry_run && (outcome.changed > 0 || ids.len() <= BLOCK) {
        (outcome.changed, outcome.unchanged) = (0, 0);
        let mut step = Step::begin(desk, label);
        let blocks = ids.len().div_ceil(BLOCK);
        for (at, ids) in ids.chunks(BLOCK).enumerate() {
            let taken = block(ids)?.finish_in(&mut step, at + 1 == blocks)?;
            outcome.changed += taken.changed;
            outcome.unchanged += taken.unchanged;
        }
        outcome.step = step.number();
    }
    let done = counted(&ids, outcome.changed);
    outcome.message = match (outcome.changed, dry_run) {
        (0, _) => "nothing to change: it stands so already".to_owned(),
        (_, true) => format!("{label}: {done} would change"),
        (_, false) => format!("{label}: {done} changed"),
    };
    Ok(outcome)
}
