//! Reading everything and comparing: the log with itself, the image with the log,
//! and the sums that the image keeps with what is there.
//!
//! What is expected is derived from the records as they stand, not by the way in
//! which the image came to be; so a slip in that way shows. Memory is bounded by
//! the steps of the walk, not by the number of records.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, ControlFlow};
use std::path::Path;

use super::apply::link_keys;
use super::content::Epoch;
use super::core::Slot;
use super::derived;
use super::documents::Named;
use super::fault::{Fault, told};
use super::keys::{self, Key, Parts};
use super::rollups::{self, due_key};
use super::said::{Said, read_frame};
use super::tallies::KindTally;
use super::view::{CommitEntry, Entry, Standing, View, decode_step};
use crate::domain::{Contribution, KINDS, Kind, RecordId, Rollup, contributions};
use crate::store::StoreError;
use crate::store::api::Check;
use crate::store::disk::Disk;
use crate::store::image::KeySum;
use crate::store::list_file::ListFile;
use crate::store::log::{Frame, ReadFrom};

/// How many sentences of one sort are told.
const TOLD: usize = 20;
/// How many rollups are computed anew at once.
const ROLLUPS_AT_ONCE: usize = 200_000;
/// How many records are compared at once.
const RECORDS_AT_ONCE: usize = 512;

/// What a check has found so far.
pub(super) struct Findings<'a> {
    slot: &'a Slot,
    progress: &'a mut dyn FnMut(u64, u64),
    pub(super) check: Check,
    /// What is wrong with the image alone: a rebuild mends it.
    pub(super) image: Vec<String>,
    /// The contents that documents name.
    pub(super) named: Named,
    untold: usize,
    /// The sums that follow from the log and the records.
    expected: BTreeMap<Vec<u8>, KeySum>,
    counted: Vec<KindTally>,
    bodies: u64,
    done: u64,
    total: u64,
}

/// Looks at the list file of a store's folder: what is wrong with it is no damage, since it is
/// made anew.
pub(super) fn list_file(folder: &Path, repair: bool, check: &mut Check) {
    let Some(why) = ListFile::damage(folder) else { return };
    if repair && ListFile::remove(folder).is_ok() {
        check.repaired.push(format!("the list file was thrown away: {why}"));
    } else {
        check.notices.push(format!("the list file is of no use and is made anew when the application rests: {why}"));
    }
}

/// Reads everything and compares.
pub(super) fn check<'a>(slot: &'a Slot, progress: &'a mut dyn FnMut(u64, u64)) -> Result<Findings<'a>, Fault> {
    let records: u64 = slot.projection.tallies.kinds().map(|(_, tally)| tally.live + tally.trashed).sum();
    let mut findings = Findings {
        slot,
        progress,
        check: Check::default(),
        image: Vec::new(),
        named: Named::default(),
        untold: 0,
        expected: BTreeMap::new(),
        counted: vec![KindTally::default(); KINDS.len()],
        bodies: 0,
        done: 0,
        total: slot.seq() + records,
    };
    findings.read_log()?;
    findings.read_records()?;
    findings.read_versions()?;
    findings.read_rollups()?;
    findings.read_steps()?;
    findings.compare_sums()?;
    if findings.untold > 0 {
        findings.image.push(format!("and {} more of the kind", findings.untold));
    }
    Ok(findings)
}

impl Findings<'_> {
    fn view(&self) -> View<'_> {
        self.slot.view()
    }

    fn step(&mut self, count: u64) {
        self.done += count;
        (self.progress)(self.done, self.total.max(self.done));
    }

    fn wrong(&mut self, sentence: String) {
        if self.image.len() < TOLD {
            self.image.push(sentence);
        } else {
            self.untold += 1;
        }
    }

    fn expect(&mut self, key: &[u8]) {
        expect(&mut self.expected, key);
    }

    /// Reads the whole log and looks each change up in the image.
    fn read_log(&mut self) -> Result<(), Fault> {
        let last = self.slot.seq();
        let mut lost = BTreeSet::new();
        for frame in self.slot.log.frames(ReadFrom::Start) {
            match frame.and_then(|frame| Ok((read_frame(&frame)?, frame))) {
                Ok((_, frame)) if frame.seq > last => break,
                Ok((Said::Epoch(Epoch::Lost { first, last, .. }), _)) => {
                    if lost.insert((first, last)) {
                        self.check.notices.push(format!("the commits {first} to {last} were lost and have been given up"));
                    }
                }
                Ok((Said::Commit(head, bodies), frame)) => {
                    self.check.commits += 1;
                    self.bodies += bodies.len() as u64;
                    bodies.iter().for_each(|body| self.named.see(body));
                    self.expect(&Key::of(keys::COMMIT).number(frame.seq).0);
                    self.expect(&Key::of(keys::TIME).time(head.at).number(frame.seq).0);
                    self.expect(&Key::of(keys::PART).number(head.step).number(frame.seq).0);
                    if head.step == frame.seq {
                        self.expect(&Key::of(keys::STEP).number(frame.seq).0);
                    }
                    let ids: Vec<RecordId> = bodies.iter().map(|body| body.id).collect();
                    self.look_up(&frame, head.step, &ids)?;
                }
                Err(error) if error.is_damage() => {
                    let StoreError::Damaged(sentence) = told(&error) else { return Err(error.into()) };
                    self.check.damage.push(sentence);
                }
                Err(error) => return Err(error.into()),
            }
            self.step(1);
        }
        Ok(())
    }

    /// Compares where the image thinks that a commit's changes lie.
    fn look_up(&mut self, frame: &Frame, step: u64, ids: &[RecordId]) -> Result<(), Fault> {
        let seq = frame.seq;
        let Some((head, places)) = frame.places.split_first() else { return Ok(()) };
        let commit = CommitEntry { step, at: frame.at, head: *head };
        if self.view().commit(seq)? != Some(commit) {
            self.wrong(format!("the image does not know where commit {seq} lies"));
        }
        let latest = self.view().entries(ids)?;
        for ((id, place), latest) in ids.iter().zip(places).zip(latest) {
            let entry = match latest {
                Some(entry) if entry.seq == seq => Some(entry),
                _ => {
                    let found = self.view().image.get(&Key::of(keys::VERSION).id(*id).number(seq).0)?;
                    found.and_then(|bytes| Entry::decode(&bytes)).filter(|entry| entry.seq == seq)
                }
            };
            if entry.is_none_or(|entry| entry.place != *place) {
                self.wrong(format!("the image does not know where {id} of commit {seq} lies"));
            }
        }
        Ok(())
    }

    /// Reads every record as it stands, and derives what the image should hold.
    fn read_records(&mut self) -> Result<(), Fault> {
        for info in KINDS {
            let prefix = Key::of(keys::RECORD).kind(info.kind).0;
            let mut from = prefix.clone();
            loop {
                let mut entries = Vec::with_capacity(RECORDS_AT_ONCE);
                let bounds = (Bound::Excluded(from), keys::beginning_with(&prefix).1);
                self.view().between(&bounds, false, &mut |key, value| {
                    let id = Parts::of(key).id().ok_or_else(|| Fault::image("a key is unreadable"))?;
                    entries.push((id, Entry::decode(value).ok_or_else(|| Fault::image("an entry is unreadable"))?));
                    Ok(if entries.len() < RECORDS_AT_ONCE { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
                })?;
                let Some((last, _)) = entries.last() else { break };
                from = Key::of(keys::RECORD).id(*last).0;
                for (id, entry) in &entries {
                    self.read_record(*id, entry)?;
                }
                self.step(entries.len() as u64);
            }
        }
        Ok(())
    }

    fn read_record(&mut self, id: RecordId, entry: &Entry) -> Result<(), Fault> {
        self.expect(&Key::of(keys::RECORD).id(id).0);
        let record = match self.view().body(id, entry) {
            Ok(body) => body.record(),
            // Told when the log was read.
            Err(Fault::Log(error)) if error.is_damage() => return Ok(()),
            Err(Fault::Image(lost)) => {
                self.wrong(format!("{id}: {}", lost.reason));
                return Ok(());
            }
            Err(fault) => return Err(fault),
        };
        let standing = derived::standing(record.as_deref());
        if standing != entry.standing {
            self.wrong(format!("the image thinks that {id} is {:?}, and it is {standing:?}", entry.standing));
        }
        let tally = &mut self.counted[id.kind as usize];
        tally.next = tally.next.max(id.number.saturating_add(1));
        let Some(record) = record else { return Ok(()) };
        self.check.records += 1;
        self.named.stand(&record);
        if standing == Standing::Trashed {
            tally.trashed += 1;
            self.expect(&Key::of(keys::TRASH).id(id).0);
            return Ok(());
        }
        tally.live += 1;
        for (to, contribution) in contributions(&record, &self.slot.projection.definitions) {
            if let Contribution::Due(due) = contribution {
                self.expect(&due_key(to, due, id));
            }
        }
        for (field, value) in derived::index_keys(&record) {
            self.expect(&Key::of(keys::INDEX).kind(id.kind).field(field).value(&value).number(id.number).0);
        }
        for key in link_keys(id, &record) {
            self.expect(&key);
        }
        Ok(())
    }

    /// Computes the rollups anew, so many at once as memory should hold.
    fn read_rollups(&mut self) -> Result<(), Fault> {
        let view = self.slot.view();
        let mut after: Option<RecordId> = None;
        loop {
            let mut kept: BTreeMap<RecordId, (Rollup, Rollup)> = BTreeMap::new();
            let from = after.map_or_else(|| vec![keys::ROLLUP], |id| Key::of(keys::ROLLUP).id(id).0);
            let bounds = (Bound::Excluded(from), keys::beginning_with(&[keys::ROLLUP]).1);
            view.between(&bounds, false, &mut |key, value| {
                let id = Parts::of(key).id().ok_or_else(|| Fault::image("a key is unreadable"))?;
                kept.insert(id, (rollups::decode(value)?, Rollup::default()));
                Ok(if kept.len() < ROLLUPS_AT_ONCE { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
            })?;
            let last = kept.last_key_value().map(|(id, _)| *id).filter(|_| kept.len() == ROLLUPS_AT_ONCE);
            self.add_up(&mut kept, after, last)?;
            for (id, (kept, counted)) in kept {
                if kept != counted {
                    self.wrong(format!("the image sums up {id} as {}, and it is {}", summed(&kept), summed(&counted)));
                }
            }
            if last.is_none() {
                return Ok(());
            }
            after = last;
        }
    }

    /// Adds what every record contributes to the rollups of the ids behind `after`
    /// up to `last`; of which nothing is kept, that is told.
    fn add_up(
        &mut self,
        kept: &mut BTreeMap<RecordId, (Rollup, Rollup)>,
        after: Option<RecordId>,
        last: Option<RecordId>,
    ) -> Result<(), Fault> {
        let slot = self.slot;
        let mut missing: BTreeMap<RecordId, Rollup> = BTreeMap::new();
        for kind in [Kind::Interaction, Kind::Ticket, Kind::Opportunity, Kind::Task] {
            slot.view().each(&Key::of(keys::RECORD).kind(kind).0, false, &mut |key, value| {
                let id = Parts::of(key).id().ok_or_else(|| Fault::image("a key is unreadable"))?;
                let entry = Entry::decode(value).ok_or_else(|| Fault::image("an entry is unreadable"))?;
                let record = match slot.view().record(id, &entry) {
                    // Told when the records were read.
                    Err(Fault::Log(_) | Fault::Image(_)) | Ok(None) => return Ok(ControlFlow::Continue(())),
                    Ok(Some(record)) => record,
                    Err(fault) => return Err(fault),
                };
                for (to, contribution) in contributions(&record, &slot.projection.definitions) {
                    match kept.get_mut(&to) {
                        Some((_, counted)) => counted.add(&contribution),
                        None if after.is_none_or(|after| to > after) && last.is_none_or(|last| to <= last) => {
                            // A sum of nothing is not kept.
                            let known = missing.len() < ROLLUPS_AT_ONCE || missing.contains_key(&to);
                            if known && !Rollup::of([&contribution]).is_empty() {
                                missing.entry(to).or_default().add(&contribution);
                            }
                        }
                        None => {}
                    }
                }
                Ok(ControlFlow::Continue(()))
            })?;
        }
        for (id, _) in missing.into_iter().filter(|(_, rollup)| !rollup.is_empty()) {
            self.wrong(format!("the image sums up nothing of {id}"));
        }
        Ok(())
    }

    /// Earlier versions must be earlier than the latest.
    fn read_versions(&mut self) -> Result<(), Fault> {
        let mut newest: Vec<(RecordId, u64)> = Vec::new();
        let mut wrong = Vec::new();
        let view = self.slot.view();
        let mut settle = |newest: &mut Vec<(RecordId, u64)>| -> Result<(), Fault> {
            let ids: Vec<RecordId> = newest.iter().map(|(id, _)| *id).collect();
            for ((id, seq), latest) in newest.drain(..).zip(view.entries(&ids)?) {
                if latest.is_none_or(|latest| latest.seq <= seq) && wrong.len() < TOLD {
                    wrong.push(format!("the image takes an earlier version of {id} for the latest"));
                }
            }
            Ok(())
        };
        view.each(&[keys::VERSION], false, &mut |key, _| {
            let mut parts = Parts::of(key);
            let (Some(id), Some(seq)) = (parts.id(), parts.number()) else { return Err(Fault::image("a key is unreadable")) };
            match newest.last_mut() {
                Some((last, newest)) if *last == id => *newest = (*newest).max(seq),
                _ => {
                    if newest.len() >= RECORDS_AT_ONCE {
                        settle(&mut newest)?;
                    }
                    newest.push((id, seq));
                }
            }
            Ok(ControlFlow::Continue(()))
        })?;
        settle(&mut newest)?;
        for sentence in wrong {
            self.wrong(sentence);
        }
        Ok(())
    }

    fn read_steps(&mut self) -> Result<(), Fault> {
        let (mut changes, mut unfinished) = (0, Vec::new());
        self.slot.view().each(&[keys::STEP], false, &mut |_, value| {
            let step = decode_step(value)?;
            changes += step.changes;
            if !step.finished {
                unfinished.push(format!("the step @{} ({}) is unfinished: it can be continued or undone", step.step, step.label));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        if changes != self.bodies && self.check.damage.is_empty() {
            self.wrong(format!("the image counts {changes} changes in all steps, and there are {}", self.bodies));
        }
        self.check.notices.extend(unfinished);
        Ok(())
    }

    /// Compares the keys that are there with the sums that are kept, and both
    /// with what follows from the records.
    fn compare_sums(&mut self) -> Result<(), Fault> {
        let mut there: BTreeMap<Vec<u8>, KeySum> = BTreeMap::new();
        self.slot.view().each(&[], false, &mut |key, _| {
            expect(&mut there, key);
            Ok(ControlFlow::Continue(()))
        })?;
        let kept = self.slot.projection.tallies.sums().clone();
        let groups: BTreeSet<&Vec<u8>> = there.keys().chain(kept.keys()).chain(self.expected.keys()).collect();
        let mut wrong = Vec::new();
        let of = |sums: &BTreeMap<Vec<u8>, KeySum>, group: &[u8]| sums.get(group).copied().unwrap_or_default();
        for group in groups {
            let (found, kept) = (of(&there, group), of(&kept, group));
            if found != kept {
                wrong.push(format!("{}: {} keys are there, {} were kept", group_name(group), found.count(), kept.count()));
            } else if follows(group[0]) && self.check.damage.is_empty() && found != of(&self.expected, group) {
                let expected = of(&self.expected, group).count();
                wrong.push(format!("{}: {} keys are there, {expected} follow from the records", group_name(group), found.count()));
            }
        }
        let count = |table: u8| there.iter().filter(|(group, _)| group[0] == table).map(|(_, sum)| sum.count()).sum::<u64>();
        let versions = count(keys::RECORD) + count(keys::VERSION);
        if versions != self.bodies && self.check.damage.is_empty() {
            wrong.push(format!("the image knows {versions} versions of records, and there are {}", self.bodies));
        }
        for (kind, kept) in self.slot.projection.tallies.kinds() {
            let counted = self.counted[kind as usize];
            let same = (kept.live, kept.trashed) == (counted.live, counted.trashed) && kept.next >= counted.next;
            if !same && self.check.damage.is_empty() {
                wrong.push(format!(
                    "{}: {} and {} in the trash were counted, {} and {} are there",
                    kind.plural(),
                    kept.live,
                    kept.trashed,
                    counted.live,
                    counted.trashed
                ));
            }
        }
        for sentence in wrong {
            self.wrong(sentence);
        }
        Ok(())
    }
}

/// Tells what earlier openings and repairs have put beside the log.
pub(super) fn kept_beside(disk: &dyn Disk) -> Result<Vec<String>, StoreError> {
    let names = disk.list().map_err(|error| StoreError::Io(format!("listing the log's folder failed: {error}")))?;
    let told = |name: &String| match name {
        name if name.starts_with("cut-") => Some(format!("log/{name} holds a write that did not finish and was never acknowledged")),
        name if name.starts_with("salvaged-") => Some(format!("log/{name} holds what was known of lost commits")),
        _ => None,
    };
    Ok(names.iter().filter_map(told).collect())
}

fn expect(sums: &mut BTreeMap<Vec<u8>, KeySum>, key: &[u8]) {
    let Some(group) = keys::sum_group(key) else { return };
    match sums.get_mut(group) {
        Some(sum) => sum.add(key),
        None => sums.entry(group.to_vec()).or_default().add(key),
    }
}

/// Returns whether the keys of a table follow from the log and the records as
/// they stand; the others are kept for a while, or counted elsewhere.
fn follows(table: u8) -> bool {
    !matches!(table, keys::VERSION | keys::ROLLUP | keys::ONCE | keys::ONCE_AGE)
}

fn summed(rollup: &Rollup) -> String {
    format!(
        "{} open tickets, {} open opportunities, {} sums won, last at {}, next due at {}",
        rollup.tickets_open,
        rollup.opportunities_open,
        rollup.won_total.len(),
        rollup.last_at.map_or_else(|| "no time".to_owned(), |at| at.to_string()),
        rollup.next_due.map_or_else(|| "no time".to_owned(), |at| at.to_string()),
    )
}

fn group_name(group: &[u8]) -> String {
    let mut parts = Parts::of(group);
    let kind = |parts: &mut Parts<'_>| parts.kind().map_or("?", Kind::plural);
    match group.first() {
        Some(&keys::RECORD) => format!("the index of {}", kind(&mut parts)),
        Some(&keys::VERSION) => format!("the versions of {}", kind(&mut parts)),
        Some(&keys::TRASH) => format!("the trash of {}", kind(&mut parts)),
        Some(&keys::LINK) => format!("the links to {}", kind(&mut parts)),
        Some(&keys::DUE) => format!("the open tasks about {}", kind(&mut parts)),
        Some(&keys::ROLLUP) => format!("the rollups of {}", kind(&mut parts)),
        Some(&keys::INDEX) => {
            let of = parts.kind();
            let field = of.and_then(|kind| crate::domain::fields::field_by_number(kind, parts.field()?)).map_or("?", |field| field.name);
            format!("the index of {} by {field}", of.map_or("?", Kind::plural))
        }
        Some(&keys::COMMIT) => "the index of commits".to_owned(),
        Some(&keys::TIME) => "the index of commits by time".to_owned(),
        Some(&keys::STEP) => "the index of steps".to_owned(),
        Some(&keys::PART) => "the commits of steps".to_owned(),
        _ => "the idempotency keys".to_owned(),
    }
}
