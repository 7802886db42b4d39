//! Whether a commit may be made, and what exactly it then writes.
//!
//! Commits are looked at in their order, each against what stands after those
//! before it. A commit that is refused leaves no trace: no id is used up.
//!
//! It must not know how the log and the image are written.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::content::{Body, Head, Left, fingerprint};
use super::fault::Fault;
use super::keys::{self, Key, Parts};
use super::known::{Knowledge, Written};
use super::tallies::Tallies;
use super::view::{Standing, View};
use crate::domain::{FieldNumber, KINDS, Kind, Record, RecordId, Timestamp, Value};
use crate::store::api::{Change, Commit, Committed, MAX_CHANGES, MAX_COMMIT_BYTES, is_new};
use crate::store::{Conflict, StoreError};

/// How deep a value may stand in labels.
const MAX_LABELS: usize = 4;
/// The longest idempotency key, label and login, in bytes.
const MAX_WORDS: usize = 4096;

/// A commit that may be made.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) seq: u64,
    pub(super) head: Head,
    pub(super) changes: Vec<Written>,
    /// What is written to the log: the head, then one for each change.
    pub(super) bodies: Vec<Vec<u8>>,
}

/// What became of a commit.
#[derive(Debug)]
pub(super) enum Admitted {
    /// It is made.
    Made(Box<Prepared>),
    /// It was made before; this was the answer.
    Before(Committed),
}

/// The commits of one group, as far as they are admitted.
pub(super) struct Admission<'a> {
    pub(super) known: Knowledge<'a>,
    next: Vec<u64>,
    seq: u64,
    once: HashMap<String, (u64, Committed)>,
    /// Steps begun or continued in this group: whether each is finished, and whose it is.
    steps: HashMap<u64, (bool, String)>,
    /// The index keys of what this group leaves live.
    keys: HashMap<RecordId, HashSet<(FieldNumber, Vec<u8>)>>,
}

fn invalid<T>(why: impl Into<String>) -> Result<T, Fault> {
    Err(StoreError::Invalid(why.into()).into())
}

impl<'a> Admission<'a> {
    /// Returns an empty group behind the commit `seq`.
    pub(super) fn new(view: View<'a>, tallies: &Tallies, seq: u64) -> Self {
        Self {
            known: Knowledge::new(view),
            next: KINDS.iter().map(|info| tallies.kind(info.kind).next).collect(),
            seq,
            once: HashMap::new(),
            steps: HashMap::new(),
            keys: HashMap::new(),
        }
    }

    /// Looks at one commit, made at `now`, for another user of the system if one is named.
    ///
    /// # Errors
    /// [`Fault::Answer`] with the reason for which it is refused.
    pub(super) fn admit(&mut self, commit: &Commit, by: Option<&str>, now: Timestamp) -> Result<Admitted, Fault> {
        let asked = commit.key.as_ref().map(|_| fingerprint(commit)).unwrap_or_default();
        if let Some(key) = &commit.key
            && let Some((before, answer)) = self.answered(key)?
        {
            return if before == asked { Ok(Admitted::Before(answer)) } else { Err(StoreError::KeyReused(key.clone()).into()) };
        }
        check_shape(commit)?;
        if let Some(login) = by {
            self.permit(commit, login)?;
        }
        let finished = match commit.step {
            None => None,
            Some(step) => Some(self.finished(step)?),
        };
        match (commit.step, finished) {
            (Some(step), Some(None)) => return invalid(format!("there is no step @{step} to continue")),
            (Some(step), Some(Some(true))) => return invalid(format!("the step @{step} is finished")),
            _ => {}
        }

        let (ids, next) = self.resolve(&commit.changes)?;
        let seq = self.seq + 1;
        let at = commit.at.unwrap_or(now);
        let changes = self.changes(&commit.changes, &ids, at)?;
        self.check_links(&changes)?;
        self.check_absent(&commit.absent, &changes)?;

        let head = Head {
            step: commit.step.unwrap_or(seq),
            last: commit.last,
            at,
            author: commit.author.clone(),
            label: commit.label.clone(),
            kind: commit.kind,
            key: commit.key.clone().map(|key| (key, asked)),
            changed: changes.iter().map(|change| (change.id, change.record.is_none())).collect(),
        };
        let bodies = write(&head, seq, &changes)?;
        let prepared = Prepared { seq, head, changes, bodies };
        self.take(&prepared, next);
        Ok(Admitted::Made(Box::new(prepared)))
    }

    /// Returns the fingerprint and the answer of an earlier commit under a key.
    fn answered(&self, key: &str) -> Result<Option<(u64, Committed)>, Fault> {
        match self.once.get(key) {
            Some(found) => Ok(Some(found.clone())),
            None => answered(self.known.view, key),
        }
    }

    /// Returns whether a step is finished, `None` if there is no such step.
    fn finished(&self, step: u64) -> Result<Option<bool>, Fault> {
        match self.steps.get(&step) {
            Some((finished, _)) => Ok(Some(*finished)),
            None => Ok(self.known.view.step(step)?.map(|step| step.finished)),
        }
    }

    /// Returns whose step it is, `None` if there is no such step.
    pub(super) fn author_of(&self, step: u64) -> Result<Option<String>, Fault> {
        match self.steps.get(&step) {
            Some((_, login)) => Ok(Some(login.clone())),
            None => Ok(self.known.view.step(step)?.map(|step| step.author.login)),
        }
    }

    /// Returns the users that this group has changed.
    pub(super) fn changed_users(&self) -> Vec<RecordId> {
        self.keys.keys().filter(|id| id.kind == Kind::User).copied().collect()
    }

    /// Gives numbers to new records; returns the ids of the changes and the
    /// numbers that are next then.
    fn resolve(&self, changes: &[Change]) -> Result<(HashMap<RecordId, RecordId>, Vec<u64>), Fault> {
        let mut next = self.next.clone();
        let mut ids = HashMap::with_capacity(changes.len());
        for change in changes {
            let id = if is_new(change.id) {
                let number = &mut next[change.id.kind as usize];
                *number += 1;
                RecordId::new(change.id.kind, *number - 1)
            } else {
                change.id
            };
            if ids.insert(change.id, id).is_some() {
                return invalid(format!("{} is changed twice in one commit", shown(change.id)));
            }
        }
        Ok((ids, next))
    }

    /// Checks the versions that the changes are based on, and puts together what
    /// each leaves.
    fn changes(&mut self, changes: &[Change], ids: &HashMap<RecordId, RecordId>, at: Timestamp) -> Result<Vec<Written>, Fault> {
        let (new, old): (Vec<&Change>, Vec<&Change>) = changes.iter().partition(|change| is_new(change.id));
        for change in new {
            self.known.never(ids[&change.id]);
        }
        self.known.learn(old.into_iter().map(|change| change.id))?;
        changes.iter().map(|change| self.change(change, ids, at)).collect()
    }

    fn change(&mut self, change: &Change, ids: &HashMap<RecordId, RecordId>, at: Timestamp) -> Result<Written, Fault> {
        let id = ids[&change.id];
        self.check_version(change)?;
        let before = self.known.before(id)?;
        let fields = match &change.after {
            Some(after) => Some(checked_fields(id, after.fields.clone(), ids)?),
            None if is_new(change.id) => return invalid(format!("{} would be new and gone at once", shown(change.id))),
            None => None,
        };
        let recorded_at = before.as_ref().map_or(at, |before| before.recorded_at);
        let record = fields.map(|fields| {
            // Version, time and author are what reading gives: the commit's.
            Arc::new(Record { id, version: 0, recorded_at, updated_at: at, updated_by: String::new(), fields })
        });
        Ok(Written::new(id, recorded_at, before, record))
    }

    fn check_version(&self, change: &Change) -> Result<(), Fault> {
        let latest = self.known.latest(change.id);
        let conflict =
            |based_on, version| Fault::from(StoreError::Conflict(Conflict { id: change.id, based_on, version, fields: Vec::new() }));
        match (latest, change.based_on) {
            _ if is_new(change.id) => match change.based_on {
                None | Some(0) => Ok(()),
                Some(_) => invalid(format!("{} is new and can be based on no version", shown(change.id))),
            },
            (None, None | Some(0)) if change.id.number == 0 || change.id.number >= self.next[change.id.kind as usize] => {
                invalid(format!("{} was never given: new records get their number from the store", change.id))
            }
            (None, None | Some(0)) => Ok(()),
            (None, Some(version)) => Err(conflict(version, 0)),
            (Some(latest), Some(0)) if latest.standing != Standing::Gone => Err(StoreError::Exists(change.id).into()),
            (Some(_), None | Some(0)) => Ok(()),
            (Some(latest), Some(version)) if latest.seq == version => Ok(()),
            (Some(latest), Some(version)) => Err(conflict(version, latest.seq)),
        }
    }

    /// Refuses new links that lead nowhere. Those that a record has already are
    /// left alone: what they led to may be gone since.
    fn check_links(&mut self, changes: &[Written]) -> Result<(), Fault> {
        let own: HashMap<RecordId, bool> = changes.iter().map(|change| (change.id, change.record.is_some())).collect();
        let mut wanted: Vec<(RecordId, RecordId)> = Vec::new();
        for change in changes {
            let Some(record) = &change.record else { continue };
            let had: HashSet<RecordId> = change.before.as_ref().and_then(|before| before.record.as_deref()).map(links).unwrap_or_default();
            wanted.extend(links(record).into_iter().filter(|to| !had.contains(to)).map(|to| (change.id, to)));
        }
        self.known.learn(wanted.iter().map(|(_, to)| *to).filter(|to| !own.contains_key(to) && !is_new(*to)))?;
        for (from, to) in wanted {
            let there = match own.get(&to) {
                Some(there) => *there,
                None => self.known.latest(to).is_some_and(|latest| latest.standing != Standing::Gone),
            };
            if !there {
                return Err(StoreError::DeadLink { from, to }.into());
            }
        }
        Ok(())
    }

    /// Refuses a commit that would make a record which is there meanwhile.
    fn check_absent(&self, absent: &[crate::store::api::Absent], changes: &[Written]) -> Result<(), Fault> {
        if absent.is_empty() {
            return Ok(());
        }
        let own: HashSet<RecordId> = changes.iter().map(|change| change.id).collect();
        for absent in absent {
            let wanted = (absent.field, absent.key.clone());
            let mut here = self.keys.iter().filter(|(id, keys)| id.kind == absent.kind && keys.contains(&wanted)).map(|(id, _)| *id);
            let found = match here.find(|id| !own.contains(id)) {
                Some(id) => Some(id),
                // Few, if any: what this group has changed counts as it stands now.
                None => {
                    let limit = own.len() + self.keys.len() + 1;
                    let there = self.known.view.lookup(absent.kind, absent.field, &absent.key, limit)?;
                    there.into_iter().find(|id| !own.contains(id) && !self.keys.contains_key(id))
                }
            };
            if let Some(id) = found {
                return Err(StoreError::Exists(id).into());
            }
        }
        Ok(())
    }

    fn take(&mut self, prepared: &Prepared, next: Vec<u64>) {
        self.seq = prepared.seq;
        self.next = next;
        let (step, login) = (prepared.head.step, &prepared.head.author.login);
        self.steps.entry(step).or_insert_with(|| (false, login.clone())).0 = prepared.head.last;
        if let Some((key, asked)) = &prepared.head.key {
            self.once.insert(key.clone(), (*asked, prepared.head.answer(prepared.seq)));
        }
        for change in &prepared.changes {
            self.known.take(change, prepared.seq);
            self.keys.insert(change.id, change.keys.iter().cloned().collect());
        }
    }
}

/// Returns the fingerprint and the answer of an earlier commit under a key.
pub(super) fn answered(view: View<'_>, key: &str) -> Result<Option<(u64, Committed)>, Fault> {
    let Some(bytes) = view.image.get(&Key::of(keys::ONCE).raw(key.as_bytes()).0)? else { return Ok(None) };
    let (seq, asked) = read_once(&bytes).ok_or_else(|| Fault::image("an idempotency key is unreadable"))?;
    let Some(entry) = view.commit(seq)? else {
        return Err(Fault::image(format!("it knows the key of a commit {seq}, and not the commit")));
    };
    Ok(Some((asked, view.head(seq, &entry)?.answer(seq))))
}

/// Returns what the image keeps under an idempotency key.
pub(super) fn once_value(seq: u64, fingerprint: u64) -> Vec<u8> {
    Key(Vec::new()).number(seq).number(fingerprint).0
}

fn read_once(bytes: &[u8]) -> Option<(u64, u64)> {
    let mut parts = Parts::whole(bytes);
    Some((parts.number()?, parts.number()?))
}

fn check_shape(commit: &Commit) -> Result<(), Fault> {
    if commit.changes.len() > MAX_CHANGES {
        let text = format!("{} changes in one commit are too many, {MAX_CHANGES} are allowed", commit.changes.len());
        return Err(StoreError::TooLarge(text).into());
    }
    if commit.changes.is_empty() && commit.step.is_none() {
        return invalid("a commit that begins a step changes something");
    }
    let words = [Some(&commit.author.login), Some(&commit.author.workspace), Some(&commit.label), commit.key.as_ref()];
    if words.into_iter().flatten().any(|text| text.len() > MAX_WORDS) {
        return Err(StoreError::TooLarge(format!("a login, label or key has more than {MAX_WORDS} bytes")).into());
    }
    Ok(())
}

/// Returns the values in the order of their fields, references resolved.
fn checked_fields(
    id: RecordId,
    mut fields: Vec<(FieldNumber, Value)>,
    ids: &HashMap<RecordId, RecordId>,
) -> Result<Vec<(FieldNumber, Value)>, Fault> {
    fields.sort_by_key(|(number, _)| *number);
    let mut dead = None;
    for (_, value) in &mut fields {
        let mut inner = &*value;
        for _ in 0..MAX_LABELS {
            if let Value::Labelled(_, value) = inner {
                inner = value;
            }
        }
        if matches!(inner, Value::Labelled(..)) {
            return invalid(format!("a value of {id} stands under more than {MAX_LABELS} labels"));
        }
        value.map_links(&mut |to| match ids.get(&to) {
            Some(known) => *known,
            None => {
                if is_new(to) {
                    dead = Some(to);
                }
                to
            }
        });
    }
    match dead {
        Some(to) => invalid(format!("{id} would link to {}, which the commit does not make", shown(to))),
        None => Ok(fields),
    }
}

fn links(record: &Record) -> HashSet<RecordId> {
    let mut found = HashSet::new();
    record.links(&mut |_, to| {
        found.insert(to);
    });
    found
}

/// Returns an id in words, `new:N` for a reference.
fn shown(id: RecordId) -> String {
    if is_new(id) { format!("new:{} ({})", id.number - crate::store::api::NEW, id.kind) } else { id.to_string() }
}

/// Encodes what stands in the log.
fn write(head: &Head, seq: u64, changes: &[Written]) -> Result<Vec<Vec<u8>>, Fault> {
    let mut bodies = Vec::with_capacity(changes.len() + 1);
    bodies.push(head.encode());
    for change in changes {
        let left = change.record.as_deref().map_or(Left::Tombstone, |record| Left::Record(record.fields.as_slice()));
        let body = Body { id: change.id, seq, at: head.at, by: head.author.login.clone(), recorded_at: change.recorded_at, left };
        bodies.push(body.encode());
    }
    let bytes: usize = bodies.iter().map(Vec::len).sum();
    if bytes > MAX_COMMIT_BYTES {
        let text = format!("a commit of {bytes} bytes is too large, {MAX_COMMIT_BYTES} are allowed");
        return Err(StoreError::TooLarge(text).into());
    }
    Ok(bodies)
}
