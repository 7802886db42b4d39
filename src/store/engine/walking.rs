//! Pages in the order of an index: by name, by a moment, by a day. Such a page
//! costs what stands on it, however many records there are.
//!
//! Where too little on the way matches, the walk gives up, and everything is
//! sorted instead.

use std::ops::{Bound, ControlFlow};

use super::fault::Fault;
use super::finding::Found;
use super::keys::{self, Key, Parts};
use super::pages::{Asking, rows_to_page};
use super::sorted_rows::Row;
use crate::domain::{FieldNumber, RecordId};
use crate::query::SortKey;
use crate::store::api::{Page, Trash};

/// Fewer records than so many pages are sorted sooner than found in an index.
const PAGES: usize = 4;
/// How many records are read in search of matches, beyond those of four pages.
const READ_IN_VAIN: usize = 1000;
/// How many keys are passed in search of matches, beyond those of 64 pages.
const PASSED_IN_VAIN: usize = 20_000;

/// The walk along an index.
struct Walk<'a, 'b> {
    asking: &'a mut Asking<'b>,
    sort: &'a SortKey,
    /// The row that the page begins behind.
    after: Option<Row>,
    /// How many rows make the page, and one beyond it.
    end: usize,
    rows: Vec<Row>,
    /// The numbers that stand under the key just passed.
    run: (Vec<u8>, Vec<u64>),
    passed: usize,
    ended: Ended,
}

/// Why a walk has ended.
#[derive(PartialEq, Eq)]
enum Ended {
    /// At the end of the index.
    AtTheEnd,
    /// With enough rows.
    Enough,
    /// Too much was passed in vain.
    InVain,
}

impl<'b> Asking<'b> {
    /// Follows the index that has the order asked for, where there is one and it
    /// is likely to be the shortest way.
    pub(super) fn by_index(&mut self) -> Result<Option<Page>, Fault> {
        let request = self.request;
        let [sort] = request.sort.as_slice() else { return Ok(None) };
        let Some(field) = sort.index(request.kind).filter(|_| request.trash == Trash::Without) else { return Ok(None) };
        let end = request.offset.saturating_add(request.limit).saturating_add(1);
        let total = match (&self.found, self.exact) {
            (Found::Numbers(numbers), _) if numbers.len() <= end.saturating_mul(PAGES) => return Ok(None),
            (Found::Numbers(numbers), true) => Some(numbers.len() as u64),
            (Found::All, true) => Some(self.slot.projection.tallies.kind(request.kind).live),
            (_, false) if request.total => return Ok(None),
            (_, false) => None,
        };
        let after: Option<Row> = request.after.as_ref().map(|cursor| (cursor.key.clone(), cursor.id));
        let begin = match &after {
            None => None,
            Some((piece, _)) => match sort.index_key(request.kind, piece) {
                Some(key) => Some(key),
                None => return Ok(None),
            },
        };
        let prefix = Key::of(keys::INDEX).kind(request.kind).field(field);
        let mut bounds = keys::beginning_with(&prefix.0);
        if let Some(key) = begin {
            let key = prefix.clone().value(&key).0;
            if sort.descending() {
                bounds.1 = keys::behind(&key).map_or(Bound::Unbounded, Bound::Excluded);
            } else {
                bounds.0 = Bound::Included(key);
            }
        }
        let slot = self.slot;
        let run = (Vec::new(), Vec::new());
        let mut walk = Walk { asking: self, sort, after, end, rows: Vec::new(), run, passed: 0, ended: Ended::AtTheEnd };
        slot.view().between(&bounds, sort.descending(), &mut |key, _| {
            let mut parts = Parts::whole(&key[prefix.0.len()..]);
            let read = (|| Some((parts.value()?, parts.number()?)))();
            let (value, number) = read.ok_or_else(|| Fault::image("a key is unreadable"))?;
            walk.pass(value, number)
        })?;
        walk.turn()?;
        let Walk { rows, ended, .. } = walk;
        let all_there = ended == Ended::Enough || (ended == Ended::AtTheEnd && self.has_all(field, sort)?);
        Ok(all_there.then(|| Page { total: total.filter(|_| request.total), ..rows_to_page(rows, request.offset, end) }))
    }

    /// Returns whether the index of a field has every live record of the kind, where
    /// this order has it.
    fn has_all(&self, field: FieldNumber, sort: &SortKey) -> Result<bool, Fault> {
        let (slot, kind) = (self.slot, self.request.kind);
        let group = Key::of(keys::INDEX).kind(kind).field(field).0;
        let tallies = &slot.projection.tallies;
        if tallies.sums().get(&group).map_or(0, |sum| sum.count()) != tallies.kind(kind).live {
            return Ok(false);
        }
        // Names that are missing stand last in the index, and in both directions.
        let mut last = None;
        slot.view().each(&group, true, &mut |key, _| {
            last = Parts::whole(&key[group.len()..]).value();
            Ok(ControlFlow::Break(()))
        })?;
        Ok(!sort.descending() || last.is_none_or(|key| sort.piece(kind, &key).is_some()))
    }
}

impl Walk<'_, '_> {
    /// Goes past one key. Those that are equal are put in the order of their ids.
    fn pass(&mut self, value: Vec<u8>, number: u64) -> Result<ControlFlow<()>, Fault> {
        self.passed += 1;
        if value != self.run.0 {
            self.turn()?;
            if self.ended != Ended::AtTheEnd {
                return Ok(ControlFlow::Break(()));
            }
        }
        self.run.0 = value;
        self.run.1.push(number);
        if self.passed > self.end.saturating_mul(64).saturating_add(PASSED_IN_VAIN) && self.asking.matcher.is_some() {
            self.ended = Ended::InVain;
            return Ok(ControlFlow::Break(()));
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Takes up the records under the key just passed.
    fn turn(&mut self) -> Result<(), Fault> {
        if self.ended != Ended::AtTheEnd || self.run.1.is_empty() {
            return Ok(());
        }
        let (value, mut numbers) = std::mem::take(&mut self.run);
        let kind = self.asking.request.kind;
        let missing = self.sort.piece(kind, &value).is_none();
        if missing && self.sort.descending() {
            // In a walk backwards they come first, and belong at the end.
            return Ok(());
        }
        // The index of names keeps them under a key that sorts last.
        let piece = self.sort.piece(kind, &value).unwrap_or(value);
        numbers.sort_unstable();
        for number in numbers {
            let row = (piece.clone(), RecordId::new(kind, number));
            if self.after.as_ref().is_some_and(|after| row <= *after) || !self.is_on(row.1)? {
                continue;
            }
            self.rows.push(row);
            if self.rows.len() == self.end {
                self.ended = Ended::Enough;
                return Ok(());
            }
        }
        if self.asking.read > self.end.saturating_mul(PAGES).saturating_add(READ_IN_VAIN) && self.asking.matcher.is_some() {
            self.ended = Ended::InVain;
        }
        Ok(())
    }

    /// Returns whether a record is asked for.
    fn is_on(&mut self, id: RecordId) -> Result<bool, Fault> {
        if let Found::Numbers(numbers) = &self.asking.found
            && numbers.binary_search(&id.number).is_err()
        {
            return Ok(false);
        }
        if self.asking.exact {
            return Ok(true);
        }
        let Some(record) = self.asking.slot.view().records(&[id])?.pop().flatten() else { return Ok(false) };
        self.asking.read += 1;
        self.asking.matches(&record)
    }
}
