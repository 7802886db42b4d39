//! Steps as a tree: undo and a new change leave a branch behind, and every state that
//! ever was can be gone back to, as in Vim.
//!
//! The tree is read from the steps of this user in this workspace, oldest first: a
//! step's parent is the state in which it was made.

use std::collections::{BTreeMap, HashSet};

use super::undo::{Which, redo, undo};
use super::{ActionError, Desk, Outcome, Undone};
use crate::domain::Timestamp;
use crate::store::api::{StepInfo, StepKind};

/// How many steps are read at once.
const PAGE: usize = 256;

/// A state: what one step has made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The step.
    pub step: u64,
    /// The step on which it was made; `None` for the beginning.
    pub parent: Option<u64>,
    /// When.
    pub at: Timestamp,
    /// What it did.
    pub label: String,
}

/// All states of a session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    /// The states by step.
    pub states: BTreeMap<u64, State>,
    /// The one that stands; `None` is the beginning.
    pub current: Option<u64>,
    /// Which one stood since when, oldest first.
    pub times: Vec<(Timestamp, Option<u64>)>,
}

impl Tree {
    /// Returns the states that nothing was made on: the ends of the branches, with how
    /// many steps lead there.
    pub fn leaves(&self) -> Vec<(&State, usize)> {
        let parents: HashSet<u64> = self.states.values().filter_map(|state| state.parent).collect();
        let ends = self.states.values().filter(|state| !parents.contains(&state.step));
        ends.map(|state| (state, self.path(Some(state.step)).len())).collect()
    }

    /// Returns the steps from the beginning to a state.
    fn path(&self, state: Option<u64>) -> Vec<u64> {
        let mut path = Vec::new();
        let mut at = state;
        while let Some(state) = at.and_then(|step| self.states.get(&step)) {
            path.push(state.step);
            at = state.parent.filter(|parent| *parent < state.step);
        }
        path.reverse();
        path
    }

    /// Returns the state so many steps on in time, or back below 0.
    pub fn by(&self, count: i64) -> Option<u64> {
        let steps: Vec<u64> = self.states.keys().copied().collect();
        let at = self.current.map_or(0, |step| steps.partition_point(|other| *other <= step));
        let to = i64::try_from(at).unwrap_or(0).saturating_add(count).clamp(0, steps.len() as i64);
        usize::try_from(to).ok()?.checked_sub(1).map(|at| steps[at])
    }

    /// Returns the state that stood at a moment.
    pub fn at(&self, moment: Timestamp) -> Option<u64> {
        self.times.iter().rev().find(|(at, _)| *at <= moment).and_then(|(_, state)| *state)
    }
}

/// Returns the tree of this session's steps.
///
/// # Errors
/// What the store answers.
pub fn tree(desk: &Desk) -> Result<Tree, ActionError> {
    let author = &desk.author;
    let mut steps: Vec<StepInfo> = Vec::new();
    let mut before = None;
    loop {
        let page = desk.store.steps(before, PAGE)?;
        let Some(last) = page.last() else { break };
        before = Some(last.step);
        steps.extend(page.into_iter().filter(|step| author.walks_over(&step.author)));
    }
    let mut tree = Tree::default();
    for step in steps.into_iter().rev() {
        match step.kind {
            StepKind::Do => {
                tree.states.insert(step.step, State { step: step.step, parent: tree.current, at: step.at, label: step.label });
                tree.current = Some(step.step);
            }
            // A step undone out of order leaves the state where it is.
            StepKind::Undo(origin) if step.finished && tree.current == Some(origin) => {
                tree.current = tree.states.get(&origin).and_then(|state| state.parent);
            }
            StepKind::Redo(origin) if step.finished && tree.states.get(&origin).is_some_and(|state| state.parent == tree.current) => {
                tree.current = Some(origin);
            }
            StepKind::Undo(_) | StepKind::Redo(_) => {}
        }
        tree.times.push((step.at, tree.current));
    }
    Ok(tree)
}

/// Goes to a state, over the beginning of its branch.
///
/// # Errors
/// As [`undo`]: what cannot be taken back, or somebody changed since.
pub fn go_to(desk: &Desk, tree: &Tree, state: Option<u64>) -> Result<Undone, ActionError> {
    let (here, there) = (tree.path(tree.current), tree.path(state));
    let common = here.iter().zip(&there).take_while(|(one, other)| one == other).count();
    let mut all = Undone::default();
    let mut take = |next: Undone| {
        all.turned.extend(next.turned);
        all.conflicts.extend(next.conflicts);
        let changed = all.outcome.changed + next.outcome.changed;
        all.outcome = Outcome { changed, ..next.outcome };
    };
    for step in here[common..].iter().rev() {
        take(undo(desk, &Which::Steps(vec![*step]), false, false)?);
    }
    for step in &there[common..] {
        take(again(desk, *step)?);
    }
    Ok(all)
}

/// Does an undone step again.
fn again(desk: &Desk, step: u64) -> Result<Undone, ActionError> {
    // The last undo of it is what has to be undone, by its own number.
    let mut before = None;
    loop {
        let page = desk.store.steps(before, PAGE)?;
        let Some(last) = page.last() else { return redo(desk, false, false) };
        before = Some(last.step);
        if let Some(undone) = page.iter().find(|other| other.finished && other.kind == StepKind::Undo(step)) {
            return undo(desk, &Which::Steps(vec![undone.step]), false, false);
        }
    }
}
