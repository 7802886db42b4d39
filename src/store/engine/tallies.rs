//! The sums that the image keeps of itself: of each kind the next number and how
//! many there are, of each group of keys a count and a checksum. Held in memory,
//! since every commit needs them, and written with every batch.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use super::fault::Fault;
use super::keys::{self, Key, Parts};
use super::view::{Standing, View};
use crate::domain::{KINDS, Kind};
use crate::store::image::{Batch, KeySum};

/// What is counted of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KindTally {
    /// The number that the next new record gets.
    pub(super) next: u64,
    pub(super) live: u64,
    pub(super) trashed: u64,
}

impl Default for KindTally {
    fn default() -> Self {
        Self { next: 1, live: 0, trashed: 0 }
    }
}

/// The sums of one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tallies {
    kinds: Vec<KindTally>,
    sums: BTreeMap<Vec<u8>, KeySum>,
    changed: BTreeSet<Kind>,
    /// The groups whose sums have changed. Looked up for every key, so that
    /// nothing is allocated for one that is in already.
    changed_sums: BTreeSet<Vec<u8>>,
}

impl Default for Tallies {
    fn default() -> Self {
        Self {
            kinds: vec![KindTally::default(); KINDS.len()],
            sums: BTreeMap::new(),
            changed: BTreeSet::new(),
            changed_sums: BTreeSet::new(),
        }
    }
}

impl Tallies {
    /// Reads what the image has kept.
    pub(super) fn read(view: View<'_>) -> Result<Self, Fault> {
        let mut tallies = Self::default();
        view.each(&[keys::KIND], false, &mut |key, value| {
            let (mut key, mut value) = (Parts::of(key), Parts::whole(value));
            let read = || Some((key.kind()?, KindTally { next: value.number()?, live: value.number()?, trashed: value.number()? }));
            let (kind, tally) = { read }().ok_or_else(|| Fault::image("a count is unreadable"))?;
            tallies.kinds[kind as usize] = tally;
            Ok(ControlFlow::Continue(()))
        })?;
        view.each(&[keys::SUM], false, &mut |key, value| {
            let sum = KeySum::decode(value).ok_or_else(|| Fault::image("a checksum is unreadable"))?;
            tallies.sums.insert(key[1..].to_vec(), sum);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(tallies)
    }

    pub(super) fn kind(&self, kind: Kind) -> KindTally {
        self.kinds[kind as usize]
    }

    pub(super) fn kinds(&self) -> impl Iterator<Item = (Kind, KindTally)> {
        KINDS.iter().map(|info| (info.kind, self.kinds[info.kind as usize]))
    }

    pub(super) fn sums(&self) -> &BTreeMap<Vec<u8>, KeySum> {
        &self.sums
    }

    /// Counts that the record with this number stands otherwise than before.
    pub(super) fn count(&mut self, kind: Kind, number: u64, before: Option<Standing>, after: Standing) {
        let tally = &mut self.kinds[kind as usize];
        tally.next = tally.next.max(number.saturating_add(1));
        match before {
            Some(Standing::Live) => tally.live = tally.live.saturating_sub(1),
            Some(Standing::Trashed) => tally.trashed = tally.trashed.saturating_sub(1),
            Some(Standing::Gone) | None => {}
        }
        match after {
            Standing::Live => tally.live += 1,
            Standing::Trashed => tally.trashed += 1,
            Standing::Gone => {}
        }
        self.changed.insert(kind);
    }

    /// Sees to it that no number below `next` is given again.
    pub(super) fn reserve(&mut self, kind: Kind, next: u64) {
        let tally = &mut self.kinds[kind as usize];
        if next > tally.next {
            tally.next = next;
            self.changed.insert(kind);
        }
    }

    pub(super) fn add(&mut self, key: &[u8]) {
        self.sum(key, KeySum::add);
    }

    pub(super) fn remove(&mut self, key: &[u8]) {
        self.sum(key, KeySum::remove);
    }

    fn sum(&mut self, key: &[u8], change: fn(&mut KeySum, &[u8])) {
        let Some(group) = keys::sum_group(key) else { return };
        match self.sums.get_mut(group) {
            Some(sum) => change(sum, key),
            None => change(self.sums.entry(group.to_vec()).or_default(), key),
        }
        if !self.changed_sums.contains(group) {
            self.changed_sums.insert(group.to_vec());
        }
    }

    /// Adds what has changed since the last call to a batch.
    pub(super) fn write(&mut self, batch: &mut Batch) {
        for kind in std::mem::take(&mut self.changed) {
            let KindTally { next, live, trashed } = self.kind(kind);
            batch.put(Key::of(keys::KIND).kind(kind).0, Key(Vec::new()).number(next).number(live).number(trashed).0);
        }
        for group in std::mem::take(&mut self.changed_sums) {
            let sum = self.sums.get(&group).copied().unwrap_or_default();
            batch.put(Key::of(keys::SUM).raw(&group).0, sum.encode().to_vec());
        }
    }
}
