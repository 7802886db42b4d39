//! What it takes to turn one step round: each field it changed gets back the value
//! from before, what it created goes, what it took away comes back.
//!
//! Commits are turned round last first, so that nothing ever links to what is not
//! there. A field that does not hold any more what the step left in it was changed
//! by somebody since: a [`Conflict`], kept unless forced.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use super::chunks::{Unit, chunks};
use super::difference::{differences, field_name};
use super::merge::{Merging, relink_back};
use super::shown::shown;
use super::step::Step;
use super::{ActionError, Desk, configure};
use crate::domain::fields::number;
use crate::domain::{FieldNumber, Kind, Record, RecordId, Value, set_custom};
use crate::store::api::{Change, CommitInfo, StepKind};
use crate::store::leading::merged_into;

/// How many conflicts are told; more are counted as there being some.
const MOST_CONFLICTS: usize = 1_000;

/// A field that somebody changed since, shown both ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The record.
    pub id: RecordId,
    /// The field's name.
    pub field: String,
    /// What stands there now.
    pub theirs: String,
    /// What the undo would leave.
    pub restores: String,
    /// The login of who wrote the record last.
    pub by: String,
    /// The version that stands.
    pub version: u64,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.id, self.field, self.theirs)?;
        if !self.by.is_empty() {
            write!(f, " ({} @{})", self.by, self.version)?;
        }
        write!(f, "; undo would leave {}", self.restores)
    }
}

/// What turning steps round would do.
#[derive(Debug, Default)]
pub(super) struct Preview {
    pub(super) ids: Vec<RecordId>,
    pub(super) changed: usize,
    pub(super) conflicts: Vec<Conflict>,
    /// What cannot be split of records that were merged: it is told and stops nothing.
    pub(super) told: Vec<Conflict>,
}

/// Returns what turning these steps round, in this order, would do.
pub(super) fn preview(desk: &Desk, steps: &[u64]) -> Result<Preview, ActionError> {
    let mut reversal = Reversal::new(desk);
    let mut commits = Vec::new();
    for &step in steps {
        commits.extend(desk.store.commits_of(step)?.into_iter().rev());
    }
    reversal.mergings = Merging::all(desk, &commits)?;
    let mut times: HashMap<RecordId, u32> = HashMap::new();
    for (id, _) in commits.iter().flat_map(|commit| &commit.changed) {
        *times.entry(*id).or_default() += 1;
    }
    let mut preview = Preview::default();
    if steps.len() == 1 && commits.first().is_some_and(|last| last.seq == desk.store.seq()) {
        // Nothing was done since: there is nothing that could conflict.
        preview.ids = times.into_keys().filter(is_told).collect();
        preview.ids.sort_unstable();
        preview.changed = preview.ids.len();
        return Ok(preview);
    }
    let mut seen = HashSet::new();
    for commit in &commits {
        for turned in reversal.turn(commit)? {
            if turned.is_change() && is_told(&turned.id) && seen.insert(turned.id) {
                preview.changed += 1;
                preview.ids.push(turned.id);
            }
            // Only what is turned again has to be remembered.
            if times.get(&turned.id).is_some_and(|times| *times > 1) || turned.id.kind == Kind::Definition {
                reversal.ahead.insert(turned.id, turned.after.map(Arc::new));
            }
        }
    }
    reversal.check_definitions()?;
    preview.conflicts = reversal.conflicts;
    preview.told = reversal.told;
    preview.told.sort_by_key(|told| told.id);
    Ok(preview)
}

/// Returns whether a record is one that people count; an event goes with its record.
fn is_told(id: &RecordId) -> bool {
    !matches!(id.kind, Kind::Event | Kind::Provenance)
}

/// Turns one step round as a step of this kind; returns its number.
pub(super) fn revert(
    desk: &Desk,
    step: u64,
    label: String,
    kind: StepKind,
    unfinished: Option<u64>,
    force: bool,
) -> Result<Option<u64>, ActionError> {
    let mut made = Step::of_kind(desk, label, kind).continuing(unfinished);
    let mut reversal = Reversal::new(desk);
    let commits = desk.store.commits_of(step)?;
    reversal.mergings = Merging::all(desk, &commits)?;
    let mut ended = false;
    for commit in commits.iter().rev() {
        let units: Vec<Unit> = reversal.turn(commit)?.into_iter().filter(Turned::is_change).map(Turned::into_unit).collect();
        if let Some(conflict) = reversal.conflicts.first().filter(|_| !force) {
            return Err(ActionError::conflict(conflict.to_string()).hint("look at it again and repeat the undo"));
        }
        // What is turned next is read from the store: it has to stand there by then.
        ended = commits.len() == 1 && !units.is_empty();
        made.commit_all(chunks(units)?, ended)?;
    }
    match made.number() {
        number @ Some(_) if ended => Ok(number),
        Some(_) => made.end(),
        None => {
            // Everything stood as it was already: the undo is remembered nevertheless.
            let Some((id, _)) = commits.iter().flat_map(|commit| &commit.changed).next() else { return Ok(None) };
            let after = desk.store.get(&[*id])?.pop().flatten().map(|record| Record::clone(&record));
            made.commit(vec![Change { id: *id, based_on: after.as_ref().map(|record| record.version), after }], true)?;
            Ok(made.number())
        }
    }
}

/// A record before and after it is turned round.
#[derive(Debug)]
struct Turned {
    id: RecordId,
    before: Option<Arc<Record>>,
    after: Option<Record>,
}

impl Turned {
    fn is_change(&self) -> bool {
        match (&self.before, &self.after) {
            (None, None) => false,
            (Some(before), Some(after)) => before.fields != after.fields,
            _ => true,
        }
    }

    fn into_unit(self) -> Unit {
        let mut leaves = Vec::new();
        if let Some(before) = &self.before {
            before.links(&mut |_, to| leaves.push(to));
        }
        if let Some(after) = &self.after {
            after.links(&mut |_, to| leaves.retain(|left| *left != to));
        }
        let based_on = Some(self.before.as_ref().map_or(0, |before| before.version));
        Unit { changes: vec![Change { id: self.id, based_on, after: self.after }], leaves }
    }
}

/// A record before a commit, after it, and now.
#[derive(Debug)]
struct Versions {
    was: Option<Arc<Record>>,
    left: Option<Arc<Record>>,
    stands: Option<Arc<Record>>,
}

struct Reversal<'d> {
    desk: &'d Desk,
    /// Records as they would stand, where that is not what the store has.
    ahead: HashMap<RecordId, Option<Arc<Record>>>,
    /// Whether a record is there, where this reversal decides it.
    there: HashMap<RecordId, bool>,
    conflicts: Vec<Conflict>,
    /// What was merged in the commits.
    mergings: Vec<Merging>,
    /// What cannot be split of it.
    told: Vec<Conflict>,
}

impl<'d> Reversal<'d> {
    fn new(desk: &'d Desk) -> Self {
        Self { desk, ahead: HashMap::new(), there: HashMap::new(), conflicts: Vec::new(), mergings: Vec::new(), told: Vec::new() }
    }

    /// Returns the records of a commit as they are and as they are to be.
    fn turn(&mut self, commit: &CommitInfo) -> Result<Vec<Turned>, ActionError> {
        let store = &self.desk.store;
        let ids: Vec<RecordId> = commit.changed.iter().map(|(id, _)| *id).collect();
        let mut turned = Vec::with_capacity(ids.len());
        // A merging's links are turned in its own commit and in those behind it.
        let merging = self.mergings.iter().filter(|merging| merging.seq <= commit.seq).max_by_key(|merging| merging.seq).cloned();
        let mut parts: HashMap<RecordId, Versions> = HashMap::new();
        for (id, stands) in ids.iter().copied().zip(store.get(&ids)?) {
            let ahead = self.ahead.get(&id).cloned();
            let is_stored = ahead.is_none();
            let stands = ahead.unwrap_or(stands);
            let was = store.as_of(id, commit.seq.saturating_sub(1))?;
            // What nobody has written since stands as the commit left it.
            let left = match &stands {
                Some(stands) if is_stored && stands.version == commit.seq => Some(Arc::clone(stands)),
                _ => store.as_of(id, commit.seq)?,
            };
            let after = match &merging {
                Some(merging) if merging.seq == commit.seq && (merging.keep == id || merging.others.contains(&id)) => {
                    parts.insert(id, Versions { was, left, stands: stands.clone() });
                    None
                }
                Some(merging) => self.turn_linking(merging, was.as_deref(), left.as_deref(), stands.as_deref())?,
                None => self.turn_record(id, was.as_deref(), left.as_deref(), stands.as_deref())?,
            };
            self.there.insert(id, after.is_some());
            turned.push(Turned { id, before: stands, after });
        }
        if let Some(merging) = merging {
            self.take_apart(&merging, &parts, &mut turned)?;
        }
        self.check_links(&mut turned)?;
        self.check_linking(&mut turned, &commit.author.login)?;
        Ok(turned)
    }

    /// Returns what is to stand where `was` became `left` and `stands` stands now.
    fn turn_record(
        &mut self,
        id: RecordId,
        was: Option<&Record>,
        left: Option<&Record>,
        stands: Option<&Record>,
    ) -> Result<Option<Record>, ActionError> {
        match (was, left, stands) {
            (Some(was), Some(left), Some(stands)) => {
                let mut after = stands.clone();
                for field in was.differing(left) {
                    if stands.values(field).eq(left.values(field)) {
                        after.replace(field, was.values(field).cloned());
                    } else if !stands.values(field).eq(was.values(field)) {
                        self.turn_changed(field, was, left, stands, &mut after)?;
                    }
                }
                Ok(Some(after))
            }
            (Some(was), Some(left), None) => {
                for difference in differences(id, Some(left), Some(was)) {
                    let restores = shown(self.desk, &difference.after);
                    self.conflict(id, None, difference.name(), "the record is gone".to_owned(), restores);
                }
                Ok(None)
            }
            (None, Some(left), Some(stands)) => {
                for difference in differences(id, Some(left), Some(stands)) {
                    let theirs = shown(self.desk, &difference.after);
                    self.conflict(id, Some(stands), difference.name(), theirs, "no record: it was created then".to_owned());
                }
                Ok(None)
            }
            (Some(was), None, stands) => {
                for difference in stands.map(|stands| differences(id, Some(was), Some(stands))).unwrap_or_default() {
                    let (theirs, restores) = (shown(self.desk, &difference.after), shown(self.desk, &difference.before));
                    self.conflict(id, stands, difference.name(), theirs, restores);
                }
                // Brought back with its own fields; the store's are given by the commit.
                Ok(Some(Record { version: stands.map_or(0, |stands| stands.version), ..was.clone() }))
            }
            (None, None, stands) => Ok(stands.cloned()),
            (None, Some(_), None) => Ok(None),
        }
    }

    /// Takes apart what was merged. Where the record that was kept is gone, or one of the
    /// others came back on its own, each is turned for itself.
    fn take_apart(&mut self, merging: &Merging, parts: &HashMap<RecordId, Versions>, turned: &mut [Turned]) -> Result<(), ActionError> {
        let mut after: HashMap<RecordId, Option<Record>> = HashMap::new();
        let mut others: Vec<Record> = Vec::new();
        for id in &merging.others {
            let stands = parts.get(id).and_then(|part| part.stands.as_deref());
            if let Some(stands) = stands.filter(|stands| merged_into(stands) == Some(merging.keep)) {
                let mut other = stands.clone();
                other.clear(number::TRASHED_AT);
                others.push(other);
            }
        }
        if let Some(Versions { was: Some(was), left: Some(left), stands: Some(stands) }) = parts.get(&merging.keep) {
            let (keep, others, told) = Merging::take_apart(self.desk, was, left, stands, &others)?;
            after.insert(keep.id, Some(keep));
            after.extend(others.into_iter().map(|other| (other.id, Some(other))));
            self.told.extend(told);
        }
        for turned in turned.iter_mut().filter(|turned| parts.contains_key(&turned.id)) {
            turned.after = match (after.remove(&turned.id), parts.get(&turned.id)) {
                (Some(after), _) => after,
                (None, Some(part)) => self.turn_record(turned.id, part.was.as_deref(), part.left.as_deref(), part.stands.as_deref())?,
                (None, None) => None,
            };
            self.there.insert(turned.id, turned.after.is_some());
        }
        Ok(())
    }

    /// Gives the links of a record back that a merging turned, beside what was added since.
    fn turn_linking(
        &mut self,
        merging: &Merging,
        was: Option<&Record>,
        left: Option<&Record>,
        stands: Option<&Record>,
    ) -> Result<Option<Record>, ActionError> {
        let (Some(was), Some(left), Some(stands)) = (was, left, stands) else {
            let id = was.or(left).or(stands).map_or(merging.keep, |record| record.id);
            return self.turn_record(id, was, left, stands);
        };
        let mut after = stands.clone();
        for field in was.differing(left) {
            let [before, then, now] = [was, left, stands].map(|record| record.values(field).cloned().collect::<Vec<Value>>());
            if then == now {
                after.replace(field, before);
            } else if let Some(back) = relink_back(&before, &then, &now, merging.keep, &merging.others) {
                after.replace(field, back);
            } else if now != before {
                let (theirs, restores) = (shown(self.desk, &now), shown(self.desk, &before));
                let name = field_name(stands.id.kind, field);
                let conflict =
                    Conflict { id: stands.id, field: name, theirs, restores, by: stands.updated_by.clone(), version: stands.version };
                self.told.push(conflict);
            }
        }
        Ok(Some(after))
    }

    /// A field that holds neither what the step left nor what was before. Of the
    /// custom fields, which share a number, only those concerned conflict.
    fn turn_changed(
        &mut self,
        field: FieldNumber,
        was: &Record,
        left: &Record,
        stands: &Record,
        after: &mut Record,
    ) -> Result<(), ActionError> {
        for difference in differences(stands.id, Some(left), Some(was)).into_iter().filter(|difference| difference.field == field) {
            let is_meant = |value: &&Value| difference.custom.is_none() || value.label() == difference.custom.as_deref();
            let theirs: Vec<Value> = stands.values(field).filter(is_meant).cloned().collect();
            if theirs == difference.after {
                continue;
            }
            if theirs != difference.before {
                let (shows, restores) = (shown(self.desk, &theirs), shown(self.desk, &difference.after));
                self.conflict(stands.id, Some(stands), difference.name(), shows, restores);
            }
            match &difference.custom {
                Some(name) => set_custom(after, name, difference.after.first().map(|value| value.bare().clone())),
                None => after.replace(field, difference.after),
            }
        }
        Ok(())
    }

    /// What comes back may link to what is gone meanwhile.
    fn check_links(&mut self, turned: &mut [Turned]) -> Result<(), ActionError> {
        let mut wanted: Vec<(usize, FieldNumber, RecordId)> = Vec::new();
        for (at, turned) in turned.iter().enumerate() {
            let Some(after) = &turned.after else { continue };
            let mut had = HashSet::new();
            if let Some(before) = &turned.before {
                before.links(&mut |_, to| {
                    had.insert(to);
                });
            }
            after.links(&mut |field, to| {
                if !had.contains(&to) && self.there.get(&to) != Some(&true) {
                    wanted.push((at, field, to));
                }
            });
        }
        let targets: Vec<RecordId> = wanted.iter().map(|(_, _, to)| *to).collect();
        for ((at, field, to), found) in wanted.into_iter().zip(self.desk.store.get(&targets)?) {
            if found.is_some() && self.there.get(&to).copied().unwrap_or(true) {
                continue;
            }
            let id = turned[at].id;
            self.conflict(id, None, field_name(id.kind, field), format!("{to} is gone"), format!("a link to {to}"));
            if let Some(after) = &mut turned[at].after {
                unlink(after, to);
            }
        }
        Ok(())
    }

    /// What goes may be linked to by records made or changed since. The author's own
    /// user record, made on the way, stays while it is needed.
    fn check_linking(&mut self, turned: &mut Vec<Turned>, author: &str) -> Result<(), ActionError> {
        let going: Vec<usize> = (0..turned.len()).filter(|at| turned[*at].before.is_some() && turned[*at].after.is_none()).collect();
        let mut places: HashMap<RecordId, usize> = turned.iter().enumerate().map(|(at, turned)| (turned.id, at)).collect();
        for at in going {
            let to = turned[at].id;
            // Those that this reversal has turned stand as before the record was there.
            let mut linking = self.desk.store.linking(to, None, usize::MAX)?;
            linking.retain(|(from, _)| match places.get(from) {
                Some(at) => links_to(&turned[*at], to),
                None => !self.there.contains_key(from),
            });
            let is_author = to.kind == Kind::User && turned[at].before.as_ref().and_then(|user| user.text(number::LOGIN)) == Some(author);
            if is_author && !linking.is_empty() {
                turned[at].after = turned[at].before.as_deref().cloned();
                self.there.insert(to, true);
                continue;
            }
            for (from, field) in linking {
                self.conflict(from, None, field_name(from.kind, field), format!("a link to {to}"), format!("no {to}: it was created then"));
                let place = match places.get(&from) {
                    Some(place) => *place,
                    None => {
                        let before = match self.ahead.get(&from) {
                            Some(ahead) => ahead.clone(),
                            None => self.desk.store.get(&[from])?.pop().flatten(),
                        };
                        let after = before.as_deref().cloned();
                        turned.push(Turned { id: from, before, after });
                        places.insert(from, turned.len() - 1);
                        turned.len() - 1
                    }
                };
                let after = cut(turned[place].after.take(), to);
                self.there.insert(from, after.is_some());
                turned[place].after = after;
            }
        }
        Ok(())
    }

    /// Words and fields that a definition would lose may be in use.
    fn check_definitions(&mut self) -> Result<(), ActionError> {
        let restored: Vec<(RecordId, Option<Arc<Record>>)> =
            self.ahead.iter().filter(|(id, _)| id.kind == Kind::Definition).map(|(id, record)| (*id, record.clone())).collect();
        if restored.is_empty() {
            return Ok(());
        }
        for (id, in_use) in configure::lost_in_use(self.desk, &restored, &|id| self.there.contains_key(&id))? {
            self.conflict(id, None, field_name(Kind::Definition, number::DEFINITION_TEXT), in_use, "a definition without it".to_owned());
        }
        Ok(())
    }

    fn conflict(&mut self, id: RecordId, stands: Option<&Record>, field: String, theirs: String, restores: String) {
        if self.conflicts.len() < MOST_CONFLICTS {
            let (by, version) = stands.map(|record| (record.updated_by.clone(), record.version)).unwrap_or_default();
            self.conflicts.push(Conflict { id, field, theirs, restores, by, version });
        }
    }
}

fn links_to(turned: &Turned, to: RecordId) -> bool {
    let mut found = false;
    if let Some(after) = &turned.after {
        after.links(&mut |_, linked| found |= linked == to);
    }
    found
}

/// Takes a link out of a record that the step has nothing to do with; an event or
/// provenance without its record goes with it.
fn cut(record: Option<Record>, to: RecordId) -> Option<Record> {
    let mut record = record.filter(|record| !matches!(record.kind(), Kind::Event | Kind::Provenance))?;
    unlink(&mut record, to);
    Some(record)
}

/// Takes every link to a record out of another.
pub(super) fn unlink(record: &mut Record, to: RecordId) {
    record.fields.retain_mut(|(_, value)| match innermost(value) {
        Value::Link(linked) => *linked != to,
        Value::Job(job) => {
            if job.company == Some(to) {
                job.company = None;
            }
            **job != crate::domain::Job::default()
        }
        Value::Line(line) => {
            if line.product == Some(to) {
                line.product = None;
            }
            **line != crate::domain::Line::default()
        }
        _ => true,
    });
}

fn innermost(value: &mut Value) -> &mut Value {
    match value {
        Value::Labelled(_, value) => innermost(value),
        other => other,
    }
}
