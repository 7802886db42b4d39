//! Pages of queries: which records of a kind, in which order, a piece at a time.
//!
//! Where an index has the order or finds the matches, only that is read; else all
//! records of the kind are, one after the other. What a query holds in memory is
//! ids and, for a sorted page, as many sort keys as reach to its end.

use std::collections::BinaryHeap;
use std::fmt::Write as _;
use std::ops::{Bound, ControlFlow};
use std::sync::Arc;

use super::core::Slot;
use super::eyes::Eyes;
use super::fault::Fault;
use super::finding::{self, Found};
use super::keys::{self, Key, Parts};
use super::sorted_rows::{Row, SortedRows};
use super::view::{Entry, Standing};
use crate::domain::{Definitions, Record, RecordId};
use crate::query::{Matcher, Sorter};
use crate::store::api::{Cursor, Page, PageRequest, Trash};

/// How many records are read at once where they are looked up one by one.
const RECORDS_AT_ONCE: usize = 256;

/// What is handed each record that may be on the page; `Break` ends the walk.
type Visit<'a> = dyn FnMut(RecordId, Option<Arc<Record>>) -> Result<ControlFlow<()>, Fault> + 'a;

/// Returns the page that was asked for.
pub(super) fn page(slot: &Slot, definitions: &Definitions, sorted: &SortedRows, request: &PageRequest) -> Result<Page, Fault> {
    let eyes = Eyes::new(slot.view(), definitions, &request.view)?;
    let matcher = request.query.as_deref().filter(|query| !query.is_all()).map(|query| Matcher::new(query, &eyes));
    let mut asking = Asking { slot, request, eyes: &eyes, matcher: matcher.as_ref(), found: Found::All, exact: matcher.is_none(), read: 0 };
    let mut plan = String::new();
    if let Some(matcher) = &matcher {
        let way = matcher.plan();
        // A plan's text has no more to say than what it looks up and checks.
        let _ = write!(plan, "{way}");
        if let Some(finding) = finding::find(slot, request.kind, request.trash, &way)? {
            (asking.found, asking.exact) = (finding.found, finding.exact);
        }
    }
    let mut page = asking.page(sorted)?;
    eyes.check()?;
    if request.records {
        page.records = slot.view().records(&page.ids)?.into_iter().flatten().collect();
    }
    page.unpriced = matcher.as_ref().map_or(0, Matcher::unpriced);
    if !plan.is_empty() {
        plan.push('\n');
    }
    let _ = write!(plan, "{} read to find them", counted(asking.read));
    page.plan = plan;
    Ok(page)
}

fn counted(records: usize) -> String {
    if records == 1 { "1 record".to_owned() } else { format!("{records} records") }
}

/// Returns whether a record that stands so is asked for.
pub(super) fn wanted(trash: Trash, standing: Standing) -> bool {
    match standing {
        Standing::Live => trash != Trash::Only,
        Standing::Trashed => trash != Trash::Without,
        Standing::Gone => false,
    }
}

/// A page that is being put together.
pub(super) struct Asking<'a> {
    pub(super) slot: &'a Slot,
    pub(super) request: &'a PageRequest,
    eyes: &'a Eyes<'a>,
    pub(super) matcher: Option<&'a Matcher<'a>>,
    /// The records that alone can be on the page.
    pub(super) found: Found,
    /// Whether all of them match.
    pub(super) exact: bool,
    /// How many records were read.
    pub(super) read: usize,
}

impl Asking<'_> {
    fn page(&mut self, sorted: &SortedRows) -> Result<Page, Fault> {
        let request = self.request;
        let mut page = if request.sort.is_empty() {
            self.by_id()?
        } else if let Some(page) = self.by_index()? {
            page
        } else {
            self.sorted(sorted)?
        };
        if request.total && page.total.is_none() && self.matcher.is_none() {
            let tally = self.slot.projection.tallies.kind(request.kind);
            page.total = Some(match request.trash {
                Trash::Without => tally.live,
                Trash::Only => tally.trashed,
                Trash::With => tally.live + tally.trashed,
            });
        }
        Ok(page)
    }

    /// Whether a record matches; it is read only if that has to be looked at.
    pub(super) fn matches(&self, record: &Record) -> Result<bool, Fault> {
        let matches = self.matcher.is_none_or(|matcher| matcher.matches(record));
        self.eyes.check()?;
        Ok(matches)
    }

    /// Hands the matching records to `visit` by id, from behind `after`; whole
    /// records if they had to be read anyway or `whole` asks for them.
    fn each(&mut self, after: Option<RecordId>, whole: bool, visit: &mut Visit<'_>) -> Result<(), Fault> {
        match std::mem::replace(&mut self.found, Found::All) {
            Found::All => self.scan(after, whole, visit),
            Found::Numbers(numbers) => {
                let outcome = self.look_up(&numbers, after, whole, visit);
                self.found = Found::Numbers(numbers);
                outcome
            }
        }
    }

    /// Goes through all records of the kind.
    fn scan(&mut self, after: Option<RecordId>, whole: bool, visit: &mut Visit<'_>) -> Result<(), Fault> {
        let (slot, request) = (self.slot, self.request);
        let prefix = Key::of(keys::RECORD).kind(request.kind);
        let from = match after {
            Some(id) => Bound::Excluded(prefix.clone().number(id.number).0),
            None => Bound::Included(prefix.0.clone()),
        };
        let bounds = (from, keys::beginning_with(&prefix.0).1);
        slot.view().between(&bounds, false, &mut |key, value| {
            let id = Parts::of(key).id().ok_or_else(|| Fault::image("a key is unreadable"))?;
            let entry = Entry::decode(value).ok_or_else(|| Fault::image("an entry is unreadable"))?;
            if !wanted(request.trash, entry.standing) {
                return Ok(ControlFlow::Continue(()));
            }
            let record = if whole || !self.exact { self.take(slot.view().record(id, &entry)?) } else { None };
            self.hand(id, record, visit)
        })
    }

    /// Goes through records that were found by their numbers, ascending.
    fn look_up(&mut self, numbers: &[u64], after: Option<RecordId>, whole: bool, visit: &mut Visit<'_>) -> Result<(), Fault> {
        let (slot, request) = (self.slot, self.request);
        let begin = after.map_or(0, |id| numbers.partition_point(|number| *number <= id.number));
        for numbers in numbers[begin..].chunks(RECORDS_AT_ONCE) {
            let ids: Vec<RecordId> = numbers.iter().map(|number| RecordId::new(request.kind, *number)).collect();
            let entries = if whole || !self.exact { slot.view().entries(&ids)? } else { vec![None; ids.len()] };
            for (id, entry) in ids.into_iter().zip(entries) {
                let record = match entry {
                    Some(entry) if !wanted(request.trash, entry.standing) => continue,
                    Some(entry) => self.take(slot.view().record(id, &entry)?),
                    None if whole || !self.exact => continue,
                    None => None,
                };
                if self.hand(id, record, visit)?.is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, record: Option<Arc<Record>>) -> Option<Arc<Record>> {
        self.read += usize::from(record.is_some());
        record
    }

    fn hand(&mut self, id: RecordId, record: Option<Arc<Record>>, visit: &mut Visit<'_>) -> Result<ControlFlow<()>, Fault> {
        if !self.exact
            && let Some(record) = &record
            && !self.matches(record)?
        {
            return Ok(ControlFlow::Continue(()));
        }
        visit(id, record)
    }

    fn by_id(&mut self) -> Result<Page, Fault> {
        let request = self.request;
        let mut page = Page::default();
        let counting = request.total && self.matcher.is_some();
        let after = request.after.as_ref().map(|cursor| cursor.id);
        let (mut skip, mut total) = (request.offset, 0);
        // Counting begins at the beginning, wherever the page does.
        self.each(after.filter(|_| !counting), false, &mut |id, _| {
            total += 1;
            if after.is_some_and(|after| id <= after) {
                return Ok(ControlFlow::Continue(()));
            }
            if skip > 0 {
                skip -= 1;
                return Ok(ControlFlow::Continue(()));
            }
            if page.ids.len() < request.limit {
                page.ids.push(id);
                return Ok(ControlFlow::Continue(()));
            }
            page.next = page.ids.last().map(|id| Cursor { key: Vec::new(), id: *id });
            Ok(if counting { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        page.total = counting.then_some(total);
        Ok(page)
    }

    fn sorted(&mut self, kept: &SortedRows) -> Result<Page, Fault> {
        let request = self.request;
        let end = request.offset.saturating_add(request.limit).saturating_add(1);
        let after: Option<Row> = request.after.as_ref().map(|cursor| (cursor.key.clone(), cursor.id));
        let seq = self.slot.seq();
        if let Some((rows, total)) = kept.behind(request, seq, after.as_ref(), end) {
            return Ok(Page { total: request.total.then_some(total), ..rows_to_page(rows, request.offset, end) });
        }
        let eyes = self.eyes;
        let sorter = Sorter::new(&request.sort, eyes);
        // Who asks for a second page will ask for a third.
        let keep_all = after.is_some();
        let (mut total, mut all) = (0, Vec::new());
        let mut rows: BinaryHeap<Row> = BinaryHeap::new();
        self.each(None, true, &mut |id, record| {
            let Some(record) = record else { return Ok(ControlFlow::Continue(())) };
            total += 1;
            let row = (sorter.key(&record), id);
            eyes.check()?;
            if keep_all {
                all.push(row);
            } else if rows.len() < end {
                rows.push(row);
            } else if let Some(mut last) = rows.peek_mut()
                && row < *last
            {
                *last = row;
            }
            Ok(ControlFlow::Continue(()))
        })?;
        let rows = if keep_all {
            all.sort_unstable();
            kept.keep(request, seq, all);
            kept.behind(request, seq, after.as_ref(), end).map(|(rows, _)| rows).unwrap_or_default()
        } else {
            rows.into_sorted_vec()
        };
        Ok(Page { total: request.total.then_some(total), ..rows_to_page(rows, request.offset, end) })
    }
}

/// Makes a page of sorted rows, which may reach one beyond it.
pub(super) fn rows_to_page(mut rows: Vec<Row>, offset: usize, end: usize) -> Page {
    let more = rows.len() >= end;
    rows.truncate(end - 1);
    let next = rows.last().filter(|_| more).map(|(key, id)| Cursor { key: key.clone(), id: *id });
    Page { ids: rows.into_iter().skip(offset).map(|(_, id)| id).collect(), next, ..Page::default() }
}
