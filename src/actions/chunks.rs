//! Cuts the changes of one step into commits that the store takes.
//!
//! A commit holds at most so many changes and bytes. What must be atomic for its
//! meaning (a stage with its events) is one [`Unit`] and never cut; a record that
//! links to one that comes into being in the same step stands in the same commit
//! or a later one; a record that goes does so after what linked to it.

use std::collections::HashMap;

use super::ActionError;
use crate::domain::RecordId;
use crate::store::api::{Change, MAX_CHANGES, MAX_COMMIT_BYTES, is_new};

/// What the frame of a commit needs besides its changes.
const FRAME_BYTES: usize = 32 << 10;
/// What the log writes beside each record: its id, version, times and author.
const CHANGE_BYTES: usize = 128;

/// Changes that stand or fall together.
#[derive(Debug, Clone, Default)]
pub(super) struct Unit {
    /// The changes.
    pub(super) changes: Vec<Change>,
    /// Records that these records linked to before and no longer do.
    pub(super) leaves: Vec<RecordId>,
}

/// Returns the changes of each commit, in the order in which they are to be made.
pub(super) fn chunks(units: Vec<Unit>) -> Result<Vec<Vec<Change>>, ActionError> {
    chunks_of(units, MAX_CHANGES, MAX_COMMIT_BYTES - FRAME_BYTES)
}

fn chunks_of(units: Vec<Unit>, most_changes: usize, most_bytes: usize) -> Result<Vec<Vec<Change>>, ActionError> {
    let needs = needs(&units);
    let order = order(&needs);
    let mut position = vec![0; units.len()];
    for (at, &unit) in order.iter().enumerate() {
        position[unit] = at;
    }
    let mut units: Vec<Option<Unit>> = units.into_iter().map(Some).collect();

    let mut commits = Vec::new();
    let mut open: Vec<(Vec<Change>, usize)> = Vec::new();
    let mut closed: Vec<Change> = Vec::new();
    let mut closed_bytes = 0;
    let mut reach = 0;
    for (at, &unit) in order.iter().enumerate() {
        let changes = units[unit].take().map(|unit| unit.changes).unwrap_or_default();
        let bytes = changes.iter().map(size).sum();
        reach = needs[unit].iter().map(|&other| position[other]).fold(reach, usize::max);
        open.push((changes, bytes));
        if reach > at {
            continue;
        }
        // Everything in `open` belongs together; what stands before it may be cut off.
        let count: usize = open.iter().map(|(changes, _)| changes.len()).sum();
        let bytes: usize = open.iter().map(|(_, bytes)| bytes).sum();
        if count > most_changes || bytes > most_bytes {
            return Err(ActionError::refused(format!(
                "{count} changes of {bytes} bytes belong together; a commit holds {most_changes} changes and {most_bytes} bytes"
            ))
            .hint("do it in smaller parts"));
        }
        if closed.len() + count > most_changes || closed_bytes + bytes > most_bytes {
            commits.push(std::mem::take(&mut closed));
            closed_bytes = 0;
        }
        closed.extend(open.drain(..).flat_map(|(changes, _)| changes));
        closed_bytes += bytes;
    }
    if !closed.is_empty() {
        commits.push(closed);
    }
    Ok(commits)
}

/// Returns about how many bytes a change takes in a commit.
fn size(change: &Change) -> usize {
    postcard::experimental::serialized_size(change).map_or(MAX_COMMIT_BYTES, |bytes| bytes + CHANGE_BYTES)
}

/// Returns for each unit those that must not come in a later commit.
fn needs(units: &[Unit]) -> Vec<Vec<usize>> {
    let mut born = HashMap::new();
    let mut dying = HashMap::new();
    for (at, unit) in units.iter().enumerate() {
        for change in &unit.changes {
            if change.after.is_none() {
                dying.insert(change.id, at);
            } else if is_new(change.id) || change.based_on == Some(0) {
                born.insert(change.id, at);
            }
        }
    }
    let mut needs = vec![Vec::new(); units.len()];
    for (at, unit) in units.iter().enumerate() {
        for record in unit.changes.iter().filter_map(|change| change.after.as_ref()) {
            record.links(&mut |_, to| {
                if let Some(&other) = born.get(&to)
                    && other != at
                {
                    needs[at].push(other);
                }
            });
        }
        for to in &unit.leaves {
            if let Some(&other) = dying.get(to)
                && other != at
            {
                needs[other].push(at);
            }
        }
    }
    needs
}

/// Returns the units so that each comes after what it needs, else as given; a
/// circle stands together.
fn order(needs: &[Vec<usize>]) -> Vec<usize> {
    let mut order = Vec::with_capacity(needs.len());
    let mut seen = vec![false; needs.len()];
    let mut path: Vec<(usize, usize)> = Vec::new();
    for start in 0..needs.len() {
        if seen[start] {
            continue;
        }
        seen[start] = true;
        path.push((start, 0));
        while let Some((unit, next)) = path.last_mut() {
            match needs[*unit].get(*next) {
                Some(&other) => {
                    *next += 1;
                    if !seen[other] {
                        seen[other] = true;
                        path.push((other, 0));
                    }
                }
                None => {
                    order.push(*unit);
                    path.pop();
                }
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{Kind, Record, Value, fields::number};
    use crate::store::api::new_id;

    fn company(n: u64, parents: &[u64]) -> Unit {
        let id = new_id(Kind::Company, n);
        let mut record = Record::new(id);
        record.replace(number::LINKED, parents.iter().map(|&n| Value::Link(new_id(Kind::Company, n))));
        Unit { changes: vec![Change { id, based_on: Some(0), after: Some(record) }], leaves: Vec::new() }
    }

    fn ids(commits: &[Vec<Change>]) -> Vec<Vec<RecordId>> {
        commits.iter().map(|changes| changes.iter().map(|change| change.id).collect()).collect()
    }

    #[test]
    fn what_is_linked_to_comes_first() {
        let n = |n| new_id(Kind::Company, n);
        let commits = chunks_of(vec![company(1, &[3]), company(2, &[]), company(3, &[])], 2, 1 << 20).unwrap();
        assert_eq!(ids(&commits), [vec![n(3), n(1)], vec![n(2)]]);
    }

    #[test]
    fn a_circle_is_not_cut() {
        let n = |n| new_id(Kind::Company, n);
        let units = vec![company(1, &[]), company(2, &[4]), company(4, &[2])];
        assert_eq!(ids(&chunks_of(units.clone(), 2, 1 << 20).unwrap()), [vec![n(1)], vec![n(4), n(2)]]);
        assert_eq!(chunks_of(units, 1, 1 << 20).unwrap_err().code, 1);
    }

    #[test]
    fn a_record_goes_after_what_linked_to_it() {
        let (one, two) = (RecordId::new(Kind::Company, 1), RecordId::new(Kind::Contact, 2));
        let gone = |id, leaves: &[RecordId]| Unit { changes: vec![Change { id, based_on: Some(7), after: None }], leaves: leaves.to_vec() };
        let commits = chunks_of(vec![gone(one, &[]), gone(two, &[one])], 1, 1 << 20).unwrap();
        assert_eq!(ids(&commits), [vec![two], vec![one]]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_change_once_and_no_link_ahead(parents in prop::collection::vec(0..40_u64, 1..40)) {
            // Each company links to at most one of a lower number, given in the wrong order.
            let units: Vec<Unit> = parents
                .iter()
                .enumerate()
                .map(|(n, &parent)| company(n as u64, if parent < n as u64 { std::slice::from_ref(&parents[n]) } else { &[] }))
                .rev()
                .collect();
            let commits = chunks_of(units, 7, 1 << 20).unwrap();
            let mut made = Vec::new();
            for commit in &commits {
                prop_assert!(commit.len() <= 7);
                made.extend(commit.iter().map(|change| change.id));
                for change in commit {
                    change.after.as_ref().unwrap().links(&mut |_, to| assert!(made.contains(&to)));
                }
            }
            prop_assert_eq!(made.len(), parents.len());
        }
    }
}
