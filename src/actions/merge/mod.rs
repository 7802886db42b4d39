//! Merging duplicates: several records become one, and nothing is lost.
//!
//! The first one stays and holds the values of all. The others become stand-ins in the
//! trash that say where they went (`merged_into`), with all that they had, so that their
//! ids go on leading to the one that was kept and a merging can be taken apart at any
//! time. Whatever linked to them is turned to the one that was kept.
//!
//! What must be atomic is one commit: the record that stays and the stand-ins. Links are
//! turned in the same commit where they fit, else in further commits of the step: each of
//! them alone changes nothing of what is known, since until then a link leads on by way
//! of the stand-in. A merging that was cut short is gone on with by merging again, or
//! taken back.
//!
//! The rooms inside: `slot` (the places of a record), `unite` (two as one), `split` (one
//! as two), `apart` (what undo needs of both).

mod apart;
mod slot;
mod split;
mod unite;

use std::collections::HashMap;

pub(super) use apart::{Merging, may_merge};
pub use slot::{Slot, slots};
pub(super) use split::relink_back;
pub use unite::Side;

use super::changeset::Changeset;
use super::chunks::{Unit, chunks};
use super::difference::Difference;
use super::step::Step;
use super::target::counted;
use super::{ActionError, Desk, Outcome};
use crate::domain::fields::number;
use crate::domain::{Kind, Lookup, Record, RecordId, Value};
use crate::store::api::{Change, StepKind};
use crate::store::leading::{leading, merged_into};

/// How many links are turned in one commit.
const BLOCK: usize = 500;
/// About how many bytes of records that link are turned in one commit.
const BLOCK_BYTES: usize = 1 << 20;
/// How often a block of links is read again because somebody wrote meanwhile.
const TRIES: usize = 5;
/// How many versions are looked through for who wrote a field last.
const VERSIONS: usize = 10_000;

/// Whose value stands where there is room for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Prefer {
    /// That of the record that stays.
    #[default]
    Keep,
    /// That of the others.
    Other,
    /// The one that was written last.
    Newest,
}

/// How records are to be merged.
#[derive(Debug, Clone, Default)]
pub struct MergeOptions {
    /// Whose values stand.
    pub prefer: Prefer,
    /// Whose value stands in these places, whatever `prefer` says.
    pub sides: Vec<(Slot, Side)>,
    /// Nothing is changed, only told.
    pub dry_run: bool,
}

/// What a merging did, or would do.
#[derive(Debug, Clone, Default)]
pub struct Merged {
    /// What changed.
    pub outcome: Outcome,
    /// The fields of the record that stays, before and after.
    pub differences: Vec<Difference>,
    /// The values for which there was no room, and that stand in the notes now.
    pub left_over: Vec<String>,
    /// How many records link to another one than before.
    pub relinked: usize,
}

/// Merges records into the first one.
///
/// # Errors
/// Records of different kinds, of a kind that is not merged, or fewer than two; exit 4
/// for one that is not there.
pub fn merge(desk: &Desk, ids: &[RecordId], options: &MergeOptions) -> Result<Merged, ActionError> {
    desk.check_writable()?;
    let [keep, others @ ..] = ids else { return Err(ActionError::usage("nothing is merged")) };
    let keep = leading(&*desk.store, *keep)?;
    let mut wanted: Vec<RecordId> = Vec::new();
    let mut done: Vec<RecordId> = Vec::new();
    for &other in others {
        let record = desk.record(other)?;
        match merged_into(&record) {
            // It was merged already: what is left of that is done.
            Some(_) if leading(&*desk.store, other)? == keep => done.push(other),
            Some(_) => wanted.push(leading(&*desk.store, other)?),
            None => wanted.push(other),
        }
    }
    wanted.retain(|other| *other != keep);
    let mut seen = std::collections::HashSet::new();
    wanted.retain(|other| seen.insert(*other));
    check(desk, keep, &wanted, others)?;
    let label = format!("merge {} into {keep}", listed(if wanted.is_empty() { &done } else { &wanted }));
    if wanted.is_empty() {
        return go_on(desk, keep, &done, label, options.dry_run);
    }
    let plan = Plan::new(desk, keep, &wanted, &|record, other| sides(desk, record, other, options))?;
    if options.dry_run {
        return plan.told();
    }
    plan.carry_out(Step::begin(desk, label))
}

/// Merges records again as they were merged before, as a redo of that step.
pub(super) fn again(desk: &Desk, merging: &Merging, label: String, origin: u64, unfinished: Option<u64>) -> Result<Merged, ActionError> {
    let Merging { keep, others, sides, .. } = merging;
    if leading(&*desk.store, *keep)? != *keep {
        return Err(ActionError::refused(format!("{keep} was merged into another record since")));
    }
    let plan = Plan::new(desk, *keep, others, &|_, _| Ok(sides.clone()))?;
    plan.carry_out(Step::of_kind(desk, label, StepKind::Redo(origin)).continuing(unfinished))
}

/// A few ids in words.
fn listed(ids: &[RecordId]) -> String {
    const SHOWN: usize = 5;
    let mut words: Vec<String> = ids.iter().take(SHOWN).map(ToString::to_string).collect();
    if ids.len() > SHOWN {
        words.push(format!("{} more", ids.len() - SHOWN));
    }
    words.join(", ")
}

fn check(desk: &Desk, keep: RecordId, others: &[RecordId], asked: &[RecordId]) -> Result<(), ActionError> {
    if asked.is_empty() || others.is_empty() && asked.contains(&keep) {
        return Err(ActionError::usage("one record alone is not merged").hint("give two or more"));
    }
    if let Some(other) = others.iter().find(|other| other.kind != keep.kind) {
        return Err(ActionError::usage(format!("{other} is a {} and {keep} a {}: they are not the same", other.kind, keep.kind)));
    }
    if !keep.kind.info().public || keep.kind == Kind::Event {
        return Err(ActionError::usage(format!("{} are not merged", keep.kind.plural())));
    }
    for record in desk.records(&[&[keep], others].concat())? {
        if record.has(number::TRASHED_AT) {
            let id = record.id;
            return Err(ActionError::refused(format!("{id} is in the trash"))
                .at(id.to_string())
                .hint(format!("`rolo restore {id}` takes it back")));
        }
    }
    Ok(())
}

/// Returns whose value stands in which places.
fn sides(desk: &Desk, keep: &Record, other: &Record, options: &MergeOptions) -> Result<HashMap<Slot, Side>, ActionError> {
    let mut sides: HashMap<Slot, Side> = HashMap::new();
    let all = slots([keep, other]);
    match options.prefer {
        Prefer::Keep => {}
        Prefer::Other => sides.extend(all.into_iter().map(|slot| (slot, Side::Other))),
        Prefer::Newest => {
            let (ours, theirs) = (written(desk, keep.id)?, written(desk, other.id)?);
            let newer = all.into_iter().filter(|slot| theirs.get(slot) > ours.get(slot));
            sides.extend(newer.map(|slot| (slot, Side::Other)));
        }
    }
    sides.extend(options.sides.iter().cloned());
    Ok(sides)
}

/// Returns for each place of a record the commit that last changed it.
fn written(desk: &Desk, id: RecordId) -> Result<HashMap<Slot, u64>, ActionError> {
    let versions = desk.store.history(id, VERSIONS)?;
    let nothing = Record::new(id);
    let mut last = HashMap::new();
    for (at, version) in versions.iter().enumerate() {
        let after = version.record.as_deref().unwrap_or(&nothing);
        let before = versions.get(at + 1).and_then(|version| version.record.as_deref()).unwrap_or(&nothing);
        for slot in slots([before, after]).into_iter().filter(|slot| slot.values(before) != slot.values(after)) {
            last.entry(slot).or_insert(version.commit.seq);
        }
    }
    Ok(last)
}

/// Goes on with a merging that was cut short.
fn go_on(desk: &Desk, keep: RecordId, others: &[RecordId], label: String, dry_run: bool) -> Result<Merged, ActionError> {
    let mut outcome = Outcome { ids: vec![keep], unchanged: 1, ..Outcome::default() };
    let mut relinked = 0;
    for other in others {
        relinked += linking(desk, *other, keep, usize::MAX)?.len();
    }
    let open = unfinished(desk, others)?;
    if relinked == 0 && open.is_none() {
        outcome.message = format!("{} merged into {keep} already", if others.len() == 1 { "it was" } else { "they were" });
        return Ok(Merged { outcome, ..Merged::default() });
    }
    outcome.message = format!("merged into {keep} before, and now gone on with: {relinked} more links");
    if !dry_run {
        let mut step = Step::begin(desk, label).continuing(open);
        turn_links(desk, &mut step, keep, others)?;
        outcome.step = step.end()?;
        (outcome.changed, outcome.unchanged) = (1, 0);
    }
    Ok(Merged { outcome, relinked, ..Merged::default() })
}

/// Returns the unfinished step in which records were merged.
fn unfinished(desk: &Desk, others: &[RecordId]) -> Result<Option<u64>, ActionError> {
    let Some(version) = others.first().map(|other| desk.store.history(*other, 1)).transpose()?.and_then(|mut versions| versions.pop())
    else {
        return Ok(None);
    };
    let step = version.commit.step;
    let found = desk.store.steps(Some(step + 1), 1)?.pop();
    Ok(found.filter(|found| found.step == step && !found.finished).map(|found| found.step))
}

/// A merging that is put together.
struct Plan<'d> {
    desk: &'d Desk,
    keep: RecordId,
    others: Vec<RecordId>,
    changes: Changeset<'d>,
    left_over: Vec<String>,
    linking: usize,
}

type Sides<'f> = dyn Fn(&Record, &Record) -> Result<HashMap<Slot, Side>, ActionError> + 'f;

impl<'d> Plan<'d> {
    fn new(desk: &'d Desk, keep: RecordId, others: &[RecordId], sides: &Sides<'_>) -> Result<Self, ActionError> {
        let mut changes = Changeset::new(desk);
        changes.load(&[&[keep], others].concat())?;
        let mut plan = Self { desk, keep, others: others.to_vec(), changes, left_over: Vec::new(), linking: 0 };
        for &other in others {
            plan.take(other, sides)?;
            plan.linking += linking(desk, other, keep, usize::MAX)?.len();
        }
        let record = plan.changes.edit(keep)?;
        turn(record, keep, others);
        // It does not link to itself.
        record.fields.retain(|(field, value)| *field == number::MERGED_FROM || *value != Value::Link(keep));
        Ok(plan)
    }

    /// Takes one record in.
    fn take(&mut self, other: RecordId, sides: &Sides<'_>) -> Result<(), ActionError> {
        let from = self.changes.get(other)?.clone();
        let into = self.changes.get(self.keep)?.clone();
        let sides = sides(&into, &from)?;
        let united = unite::unite(&into, &from, &|slot| sides.get(slot).copied().unwrap_or(Side::Keep));
        let told = |(slot, value): &(Slot, Value)| {
            let text = match value.bare() {
                Value::Link(id) => self.changes.title(*id).map_or_else(|| id.to_string(), |title| format!("{title} ({id})")),
                _ => value.plain(),
            };
            format!("{}: {text}", slot.name(other.kind))
        };
        let left_over: Vec<String> = united.left_over.iter().map(told).collect();
        let mut record = united.record;
        if !left_over.is_empty() {
            let note = format!("merged {other}: {}", left_over.join("; "));
            let notes = record.text(number::NOTES).unwrap_or_default();
            if !notes.contains(&note) {
                let notes = if notes.is_empty() { note } else { format!("{notes}\n{note}") };
                record.set(number::NOTES, Value::text(notes));
            }
        }
        let known = record.values(number::MERGED_FROM).any(|value| value.as_link() == Some(other));
        if !known {
            record.push(number::MERGED_FROM, Value::Link(other));
        }
        self.left_over.extend(left_over);
        *self.changes.edit(self.keep)? = record;
        let (now, keep) = (self.changes.now(), self.keep);
        let stand_in = self.changes.edit(other)?;
        stand_in.set(number::TRASHED_AT, Value::Time(now));
        stand_in.set(number::MERGED_INTO, Value::Link(keep));
        Ok(())
    }

    fn differences(&self) -> Vec<Difference> {
        self.changes.differences().into_iter().filter(|difference| difference.id == self.keep).collect()
    }

    fn told(self) -> Result<Merged, ActionError> {
        let links = if self.linking == 1 { "1 link".to_owned() } else { format!("{} links", self.linking) };
        let message = format!("would merge {} into {}, and turn {links}", listed(&self.others), self.keep);
        let outcome = Outcome { step: None, ids: vec![self.keep], changed: 1 + self.others.len() + self.linking, unchanged: 0, message };
        Ok(Merged { outcome, differences: self.differences(), left_over: self.left_over, relinked: self.linking })
    }

    fn carry_out(self, mut step: Step<'_>) -> Result<Merged, ActionError> {
        let differences = self.differences();
        let Self { desk, keep, others, changes, left_over, .. } = self;
        // Few links are turned in the same commit.
        let first = Links::read(desk, keep, &others)?;
        let together = if first.more { Vec::new() } else { first.changes };
        let mut relinked = together.len();
        changes.finish_together(&mut step, together, !first.more)?;
        if first.more {
            relinked += turn_links(desk, &mut step, keep, &others)?;
            step.commit(Vec::new(), true)?;
        }
        let mut message = format!("{} merged into {keep}", counted(&others, others.len()));
        if !left_over.is_empty() {
            message.push_str(&format!("; kept in its notes: {}", left_over.join("; ")));
        }
        let outcome = Outcome { step: step.number(), ids: vec![keep], changed: 1 + others.len() + relinked, unchanged: 0, message };
        Ok(Merged { outcome, differences, left_over, relinked })
    }
}

/// A block of records that link to what is merged away, as they are to be.
struct Links {
    changes: Vec<Change>,
    /// Whether there are more.
    more: bool,
}

impl Links {
    fn read(desk: &Desk, keep: RecordId, others: &[RecordId]) -> Result<Self, ActionError> {
        let mut ids = Vec::new();
        for other in others {
            ids.extend(linking(desk, *other, keep, BLOCK + 1)?);
        }
        let mut seen = std::collections::HashSet::new();
        ids.retain(|id| !others.contains(id) && seen.insert(*id));
        let mut links = Self { changes: Vec::new(), more: ids.len() > BLOCK };
        ids.truncate(BLOCK);
        let mut bytes = 0;
        for record in desk.store.get(&ids)?.into_iter().flatten() {
            if bytes > BLOCK_BYTES {
                links.more = true;
                break;
            }
            bytes += postcard::experimental::serialized_size(&record.fields).unwrap_or(BLOCK_BYTES);
            let mut after = Record::clone(&record);
            turn(&mut after, keep, others);
            links.changes.push(Change { id: record.id, based_on: Some(record.version), after: Some(after) });
        }
        Ok(links)
    }
}

/// Returns who links to a record, but for the one that it was merged into.
fn linking(desk: &Desk, to: RecordId, keep: RecordId, limit: usize) -> Result<Vec<RecordId>, ActionError> {
    let mut ids: Vec<RecordId> = desk.store.linking(to, None, limit.saturating_add(1))?.into_iter().map(|(id, _)| id).collect();
    ids.retain(|id| *id != keep);
    ids.truncate(limit);
    Ok(ids)
}

/// Turns all links to `others` to `keep`, block by block; returns how many records.
fn turn_links(desk: &Desk, step: &mut Step<'_>, keep: RecordId, others: &[RecordId]) -> Result<usize, ActionError> {
    let (mut turned, mut tries) = (0, 0);
    loop {
        let links = Links::read(desk, keep, others)?;
        if links.changes.is_empty() {
            return Ok(turned);
        }
        let count = links.changes.len();
        let units = links.changes.into_iter().map(|change| Unit { changes: vec![change], leaves: Vec::new() }).collect();
        let made = chunks(units)?.into_iter().try_for_each(|changes| step.commit(changes, false).map(|_| ()));
        match made {
            Ok(()) => (turned, tries) = (turned + count, 0),
            // Somebody wrote one of them meanwhile: it is read again.
            Err(error) if error.code == 5 && tries < TRIES => tries += 1,
            Err(error) => return Err(error),
        }
    }
}

/// Turns the links of a record, and drops values that this has made equal.
fn turn(record: &mut Record, keep: RecordId, others: &[RecordId]) {
    let mut touched = std::collections::HashSet::new();
    for (field, value) in record.fields.iter_mut().filter(|(field, _)| *field != number::MERGED_FROM) {
        value.map_links(&mut |to| {
            if others.contains(&to) {
                touched.insert(*field);
                keep
            } else {
                to
            }
        });
    }
    let mut seen = std::collections::HashSet::new();
    record.fields.retain(|pair| !touched.contains(&pair.0) || seen.insert(pair.clone()));
}
