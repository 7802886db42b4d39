//! History: reads of the log by way of the image's places.

use std::ops::{Bound, ControlFlow};

use super::content::Head;
use super::core::Slot;
use super::fault::Fault;
use super::keys::{self, Key, Parts};
use super::view::{CommitEntry, View, decode_step};
use crate::domain::{RecordId, Timestamp};
use crate::store::api::{Changes, CommitInfo, StepInfo, Version};

/// From how many commits on it is cheaper to read everything anew.
const RESYNC_FROM: u64 = 10_000;

fn unreadable() -> Fault {
    Fault::image("a key is unreadable")
}

fn head(view: View<'_>, seq: u64) -> Result<Head, Fault> {
    let entry = view.commit(seq)?.ok_or_else(|| Fault::image(format!("it does not know the commit {seq} any more")))?;
    view.head(seq, &entry)
}

/// Returns the versions of a record, newest first.
pub(super) fn history(view: View<'_>, id: RecordId, limit: usize) -> Result<Vec<Version>, Fault> {
    let entries = view.versions(id, limit)?;
    entries.iter().map(|entry| Ok(Version { commit: head(view, entry.seq)?.info(entry.seq), record: view.record(id, entry)? })).collect()
}

/// Returns the seq of the last commit at or before a moment.
pub(super) fn seq_at(view: View<'_>, at: Timestamp) -> Result<u64, Fault> {
    let mut found = 0;
    let to = keys::behind(&Key::of(keys::TIME).time(at).0).map_or(Bound::Unbounded, Bound::Excluded);
    view.between(&(Bound::Included(vec![keys::TIME]), to), true, &mut |key, _| {
        let mut parts = Parts::of(key);
        found = parts.time().and_then(|_| parts.number()).ok_or_else(unreadable)?;
        Ok(ControlFlow::Break(()))
    })?;
    Ok(found)
}

/// Returns steps, newest first.
pub(super) fn steps(view: View<'_>, before: Option<u64>, limit: usize) -> Result<Vec<StepInfo>, Fault> {
    let mut found = Vec::new();
    let to = match before {
        Some(step) => Bound::Excluded(Key::of(keys::STEP).number(step).0),
        None => keys::beginning_with(&[keys::STEP]).1,
    };
    view.between(&(Bound::Included(vec![keys::STEP]), to), true, &mut |_, value| {
        if found.len() >= limit {
            return Ok(ControlFlow::Break(()));
        }
        found.push(decode_step(value)?);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

/// Returns the commits of a step, oldest first.
pub(super) fn commits_of(view: View<'_>, step: u64) -> Result<Vec<CommitInfo>, Fault> {
    let prefix = Key::of(keys::PART).number(step).0;
    let mut seqs = Vec::new();
    view.each(&prefix, false, &mut |key, _| {
        seqs.push(Parts::whole(&key[prefix.len()..]).number().ok_or_else(unreadable)?);
        Ok(ControlFlow::Continue(()))
    })?;
    seqs.into_iter().map(|seq| Ok(head(view, seq)?.info(seq))).collect()
}

/// Returns the commits after a seq, oldest first.
pub(super) fn changes_since(slot: &Slot, seq: u64, limit: usize) -> Result<Changes, Fault> {
    let last = slot.seq();
    if seq > last || last - seq > RESYNC_FROM {
        return Ok(Changes::Resync);
    }
    let view = slot.view();
    let mut entries = Vec::new();
    let from = Bound::Excluded(Key::of(keys::COMMIT).number(seq).0);
    view.between(&(from, keys::beginning_with(&[keys::COMMIT]).1), false, &mut |key, value| {
        if entries.len() >= limit {
            return Ok(ControlFlow::Break(()));
        }
        let seq = Parts::of(key).number().ok_or_else(unreadable)?;
        entries.push((seq, CommitEntry::decode(value).ok_or_else(unreadable)?));
        Ok(ControlFlow::Continue(()))
    })?;
    let commits = entries.into_iter().map(|(seq, entry)| Ok(view.head(seq, &entry)?.info(seq)));
    Ok(Changes::Commits(commits.collect::<Result<_, Fault>>()?))
}
