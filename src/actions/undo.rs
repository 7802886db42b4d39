//! Taking steps back, and doing them again.
//!
//! An undo is a new step that restores what a step changed, field by field, and
//! never makes events. A field that somebody changed since is a conflict, shown
//! both ways. Which steps stand and which are taken back is read from the steps
//! themselves (`Undo(x)` and `Redo(x)` always name the step that did something),
//! so that it survives a restart and is the same for everybody.

use std::collections::HashMap;

use super::merge::{self, Merging, may_merge};
use super::revert::{self, Conflict};
use super::{ActionError, Desk, FORGET, Outcome, PURGE};
use crate::store::api::{StepInfo, StepKind};

/// How many steps are read at once.
const PAGE: usize = 64;

/// Which steps to take back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// The last of this user that stands: in an interactive session, of its
    /// workspace; on the command line, of any session.
    Last,
    /// These; a step that is itself an undo is done again.
    Steps(Vec<u64>),
}

/// What an undo did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Undone {
    /// What changed.
    pub outcome: Outcome,
    /// The fields that somebody changed since; overridden when forced.
    pub conflicts: Vec<Conflict>,
    /// What could not be split of records that had been merged: it stands on the record
    /// named, and the rest was taken apart nevertheless.
    pub told: Vec<Conflict>,
    /// The steps that did something: whether each was taken back, and not done again.
    pub turned: Vec<(u64, bool)>,
}

/// Where a session stands among its steps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UndoState {
    /// The step that the next undo would take back.
    pub step: Option<u64>,
    /// The last step that the session made.
    pub last: Option<u64>,
    /// Whether a step can be done again.
    pub can_redo: bool,
}

/// What became of a step since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fate {
    /// Whether it is taken back now.
    undone: bool,
    /// The step that put it into this state; an undo of that one is the way back.
    by: u64,
    /// An undo or redo of it that did not come to its end.
    unfinished: Option<(u64, bool)>,
}

/// One step to be turned round.
#[derive(Debug)]
struct Turn {
    /// The step that did something.
    origin: u64,
    /// The step whose changes are reverted: the origin, or its latest undo or redo.
    revert: u64,
    /// Whether it is taken back, and not done again.
    undo: bool,
    /// What it did, in a few words.
    label: String,
    /// An unfinished step to go on with.
    unfinished: Option<u64>,
}

/// The steps, newest first, and what became of each.
struct Walk<'d> {
    desk: &'d Desk,
    before: Option<u64>,
    page: std::vec::IntoIter<StepInfo>,
    fates: HashMap<u64, Fate>,
    /// Unfinished turns, by origin: seen before the finished ones.
    unfinished: HashMap<u64, (u64, bool)>,
}

impl<'d> Walk<'d> {
    fn new(desk: &'d Desk) -> Self {
        Self { desk, before: None, page: Vec::new().into_iter(), fates: HashMap::new(), unfinished: HashMap::new() }
    }

    /// Returns the next older step, its later fate known.
    fn next(&mut self) -> Result<Option<StepInfo>, ActionError> {
        if self.page.len() == 0 {
            self.page = self.desk.store.steps(self.before, PAGE)?.into_iter();
        }
        let Some(step) = self.page.next() else { return Ok(None) };
        self.before = Some(step.step);
        let (origin, undone) = match step.kind {
            StepKind::Do => return Ok(Some(step)),
            StepKind::Undo(origin) => (origin, true),
            StepKind::Redo(origin) => (origin, false),
        };
        if step.finished {
            let unfinished = self.unfinished.get(&origin).copied();
            self.fates.entry(origin).or_insert(Fate { undone, by: step.step, unfinished });
        } else if !self.fates.contains_key(&origin) {
            self.unfinished.entry(origin).or_insert((step.step, undone));
        }
        Ok(Some(step))
    }

    /// Returns what became of a step, once the walk has come to it.
    fn fate(&self, step: u64) -> Fate {
        let unfinished = self.unfinished.get(&step).copied();
        self.fates.get(&step).copied().unwrap_or(Fate { undone: false, by: step, unfinished })
    }

    /// Returns whether a step is one that this session's undo walks over.
    fn is_own(&self, step: &StepInfo) -> bool {
        self.desk.author.walks_over(&step.author)
    }

    fn turn(&self, step: &StepInfo, undo: bool) -> Turn {
        let fate = self.fate(step.step);
        let unfinished = fate.unfinished.filter(|(_, undone)| *undone == undo).map(|(step, _)| step);
        Turn { origin: step.step, revert: fate.by, undo, label: step.label.clone(), unfinished }
    }
}

/// Takes steps back.
///
/// # Errors
/// Exit 4 for a step that is not there, 5 for fields that somebody changed since
/// (unless `force`), 1 for what cannot be taken back.
pub fn undo(desk: &Desk, which: &Which, dry_run: bool, force: bool) -> Result<Undone, ActionError> {
    let turns = match which {
        Which::Last => match last(desk)? {
            Some(turn) => vec![turn],
            None => return Ok(nothing("there is nothing to undo")),
        },
        Which::Steps(steps) => named(desk, steps)?,
    };
    turn_round(desk, &turns, dry_run, force)
}

/// Does the step again that this session took back last, unless it did something
/// else since.
///
/// # Errors
/// As [`undo`].
pub fn redo(desk: &Desk, dry_run: bool, force: bool) -> Result<Undone, ActionError> {
    match undone_last(desk)? {
        Some(turn) => turn_round(desk, &[turn], dry_run, force),
        None => Ok(nothing("there is nothing to redo")),
    }
}

/// Returns where this session stands among its steps.
///
/// # Errors
/// What the store answers.
pub fn undo_state(desk: &Desk) -> Result<UndoState, ActionError> {
    let mut walk = Walk::new(desk);
    let mut state = UndoState::default();
    while let Some(step) = walk.next()? {
        if step.kind != StepKind::Do || !walk.is_own(&step) {
            continue;
        }
        state.last.get_or_insert(step.step);
        if !walk.fate(step.step).undone {
            state.step = Some(step.step);
            break;
        }
    }
    state.can_redo = undone_last(desk)?.is_some();
    Ok(state)
}

fn nothing(message: &str) -> Undone {
    Undone { outcome: Outcome { message: message.to_owned(), ..Outcome::default() }, ..Undone::default() }
}

/// Returns the last own step that stands.
fn last(desk: &Desk) -> Result<Option<Turn>, ActionError> {
    let mut walk = Walk::new(desk);
    while let Some(step) = walk.next()? {
        if step.kind == StepKind::Do && walk.is_own(&step) && !walk.fate(step.step).undone {
            return Ok(Some(walk.turn(&step, true)));
        }
    }
    Ok(None)
}

/// Returns the own step taken back last, if nothing was done since.
fn undone_last(desk: &Desk) -> Result<Option<Turn>, ActionError> {
    let mut walk = Walk::new(desk);
    while let Some(step) = walk.next()? {
        if !walk.is_own(&step) {
            continue;
        }
        match step.kind {
            StepKind::Do if !walk.fate(step.step).undone => return Ok(None),
            StepKind::Undo(origin) if step.finished && walk.fate(origin).by == step.step => {
                return named(desk, &[step.step]).map(|mut turns| turns.pop());
            }
            _ => {}
        }
    }
    Ok(None)
}

/// Returns these steps as they are to be turned round, newest first.
fn named(desk: &Desk, steps: &[u64]) -> Result<Vec<Turn>, ActionError> {
    let mut wanted = HashMap::new();
    for &step in steps {
        let commits = desk.store.commits_of(step)?;
        let Some(first) = commits.first() else {
            return Err(ActionError::not_found(format!("there is no step @{step}"))
                .at(format!("@{step}"))
                .hint("`rolo history` lists them"));
        };
        match first.kind {
            StepKind::Do => wanted.insert(step, (step, true)),
            StepKind::Undo(origin) => wanted.insert(origin, (step, false)),
            StepKind::Redo(origin) => wanted.insert(origin, (step, true)),
        };
    }
    let mut walk = Walk::new(desk);
    let mut turns = Vec::new();
    while !wanted.is_empty() {
        let Some(step) = walk.next()? else { break };
        let Some((asked, undo)) = (step.kind == StepKind::Do).then(|| wanted.remove(&step.step)).flatten() else { continue };
        let fate = walk.fate(step.step);
        if fate.undone == undo {
            let state = if undo { "taken back already" } else { "done again already" };
            return Err(ActionError::refused(format!("@{asked} is {state}")).at(format!("@{asked}")));
        }
        turns.push(walk.turn(&step, undo));
    }
    turns.sort_by_key(|turn| std::cmp::Reverse(turn.origin));
    Ok(turns)
}

fn turn_round(desk: &Desk, turns: &[Turn], dry_run: bool, force: bool) -> Result<Undone, ActionError> {
    desk.check_writable()?;
    if let Some(turn) = turns.iter().find(|turn| turn.label == PURGE) {
        let message = format!("@{} emptied the trash: that cannot be undone", turn.origin);
        return Err(ActionError::refused(message).at(format!("@{}", turn.origin)).hint("`rolo undo @STEP` takes back an earlier step"));
    }
    if let Some(turn) = turns.iter().find(|turn| turn.label.starts_with(FORGET)) {
        let message = format!("@{} forgot somebody: that cannot be undone", turn.origin);
        return Err(ActionError::refused(message).at(format!("@{}", turn.origin)).hint("`rolo undo @STEP` takes back an earlier step"));
    }
    let mut merges: HashMap<u64, Merging> = HashMap::new();
    for turn in turns.iter().filter(|turn| !turn.undo) {
        merges.extend(merged_in(desk, turn.origin)?.map(|merging| (turn.origin, merging)));
    }
    let steps: Vec<u64> = turns.iter().filter(|turn| !merges.contains_key(&turn.origin)).map(|turn| turn.revert).collect();
    let mut preview = revert::preview(desk, &steps)?;
    for merging in merges.values() {
        preview.changed += 1 + merging.others.len();
        preview.ids.push(merging.keep);
    }
    if !preview.conflicts.is_empty() && !force && !dry_run {
        return Err(refusal(&preview.conflicts));
    }
    let mut outcome = Outcome { ids: preview.ids, changed: preview.changed, ..Outcome::default() };
    let mut said = Vec::new();
    for turn in turns {
        let (kind, verb) = if turn.undo { (StepKind::Undo(turn.origin), "undo") } else { (StepKind::Redo(turn.origin), "redo") };
        if !dry_run {
            let label = format!("{verb} @{} ({})", turn.origin, turn.label);
            if let Some(merging) = merges.get(&turn.origin) {
                let made = merge::again(desk, merging, label, turn.origin, turn.unfinished)?;
                outcome.step = made.outcome.step.or(outcome.step);
                said.push(format!("@{} ({})", turn.origin, turn.label));
                continue;
            }
            outcome.step = revert::revert(desk, turn.revert, label, kind, turn.unfinished, force)?.or(outcome.step);
        }
        said.push(format!("@{} ({})", turn.origin, turn.label));
    }
    let records = if outcome.changed == 1 { "1 record".to_owned() } else { format!("{} records", outcome.changed) };
    let verb = match (turns.first().is_none_or(|turn| turn.undo), dry_run) {
        (true, false) => "took back",
        (false, false) => "did again",
        (true, true) => "would take back",
        (false, true) => "would do again",
    };
    outcome.message = format!("{verb} {}: {records}", said.join(", "));
    if !preview.told.is_empty() {
        let places = if preview.told.len() == 1 { "1 field".to_owned() } else { format!("{} fields", preview.told.len()) };
        let first = preview.told.first().map(ToString::to_string).unwrap_or_default();
        outcome.message.push_str(&format!("; {places} could not be split: {first}"));
    }
    let turned = turns.iter().map(|turn| (turn.origin, turn.undo)).collect();
    Ok(Undone { outcome, conflicts: preview.conflicts, told: preview.told, turned })
}

/// Returns what a step merged, if that is all that it did.
fn merged_in(desk: &Desk, step: u64) -> Result<Option<Merging>, ActionError> {
    let commits = desk.store.commits_of(step)?;
    if !commits.iter().all(may_merge) {
        return Ok(None);
    }
    let mut mergings = Merging::all(desk, &commits)?;
    Ok(if mergings.len() == 1 { mergings.pop() } else { None })
}

fn refusal(conflicts: &[Conflict]) -> ActionError {
    let lines: Vec<String> = conflicts.iter().take(10).map(ToString::to_string).collect();
    let more = if conflicts.len() > 10 { format!("\nand {} more", conflicts.len() - 10) } else { String::new() };
    ActionError::conflict(format!("somebody changed since:\n{}{more}", lines.join("\n")))
        .at(conflicts.first().map(|conflict| conflict.id.to_string()).unwrap_or_default())
        .hint("--force restores nevertheless")
}
