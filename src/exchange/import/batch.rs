//! A batch of rows: planned, committed while the next one is planned on top of it, planned
//! anew where others wrote meanwhile, and told. It must not know how rows are read.

use std::collections::HashMap;
use std::panic::resume_unwind;
use std::thread;

use super::enclosed::{self, Filed};
use super::expected::{CONFLICT, Expected};
use super::planner::{Planner, name_plan, settle_plan};
use super::report::{Action, DOCUMENTS, FieldChange, Report, RowPlan};
use super::run::{Import, ImportError, Watch};
use crate::domain::RecordId;
use crate::exchange::problem::Problem;
use crate::exchange::rows::Row;
use crate::store::StoreError;
use crate::store::api::{Absent, Change, Commit, Committed, StepKind};

/// How often a batch is planned anew because others wrote meanwhile.
const TRIES: usize = 5;

/// A row of the batch that is being planned.
pub(super) struct Pending {
    pub(super) row: Row,
    pub(super) key: Option<String>,
    pub(super) plan: Option<RowPlan>,
    /// The files that came with it, kept.
    pub(super) filed: Vec<Filed>,
}

/// A batch that is being committed.
pub(super) struct Flight<'scope> {
    batch: Vec<Pending>,
    /// The ids of its changes, in their order.
    asked: Vec<RecordId>,
    done: thread::ScopedJoinHandle<'scope, Result<Committed, StoreError>>,
}

/// The step of an import, begun by its first commit or left unfinished by an earlier run.
pub(super) struct Step {
    pub(super) number: Option<u64>,
    /// Which commit of the step is next, from 0.
    pub(super) next: usize,
    /// The idempotency keys' beginning.
    pub(super) key: String,
}

impl<'s> Import<'s> {
    /// Returns the next commit of the step.
    fn next_commit(&self, step: &Step, name: &str, changes: Vec<Change>, absent: Vec<Absent>, last: bool) -> Commit {
        Commit {
            author: self.desk.author.clone(),
            label: format!("import {name}"),
            step: step.number,
            last,
            kind: StepKind::Do,
            key: Some(format!("{}:{}", step.key, step.next)),
            at: self.desk.clock.fixed(),
            changes,
            absent,
        }
    }

    /// Makes one commit of the step; returns the ids that it gave.
    pub(super) fn make(
        &self,
        step: &mut Step,
        name: &str,
        changes: Vec<Change>,
        absent: Vec<Absent>,
        last: bool,
    ) -> Result<HashMap<RecordId, RecordId>, StoreError> {
        let asked: Vec<RecordId> = changes.iter().map(|change| change.id).collect();
        let done = self.store.commit(self.next_commit(step, name, changes, absent, last))?;
        step.number = Some(done.step);
        step.next += 1;
        Ok(asked.into_iter().zip(done.ids).collect())
    }

    /// Begins to commit what is planned; the next batch can be planned on top of it.
    pub(super) fn take_off<'scope>(
        &self,
        scope: &'scope thread::Scope<'scope, '_>,
        planner: &mut Planner<'_, 's>,
        batch: &mut Vec<Pending>,
        step: &Step,
        name: &str,
    ) -> Flight<'scope>
    where
        's: 'scope,
    {
        let changes = planner.world.changes();
        let asked: Vec<RecordId> = changes.iter().map(|change| change.id).collect();
        let commit = self.next_commit(step, name, changes, planner.absent.borrow().clone(), false);
        planner.take_off();
        let store = self.store;
        Flight { batch: std::mem::take(batch), asked, done: scope.spawn(move || store.commit(commit)) }
    }

    /// Waits for the batch that is being committed, if there is one; what was planned on top
    /// of it meanwhile is then of the ids that it was given. If others wrote what it is based
    /// on, both are planned anew.
    #[allow(clippy::too_many_arguments, reason = "a batch and all that it goes on from")]
    pub(super) fn land(
        &self,
        planner: &mut Planner<'_, 's>,
        flight: &mut Option<Flight<'_>>,
        batch: &mut [Pending],
        step: &mut Option<Step>,
        name: &str,
        report: &mut Report,
        watch: &mut dyn Watch,
    ) -> Result<(), ImportError> {
        let (Some(Flight { batch: mut flown, asked, done }), Some(begun)) = (flight.take(), step.as_mut()) else { return Ok(()) };
        match done.join().unwrap_or_else(|panic| resume_unwind(panic)) {
            Ok(done) => {
                begun.number = Some(done.step);
                begun.next += 1;
                let given: HashMap<RecordId, RecordId> = asked.into_iter().zip(done.ids).collect();
                planner.land(&given, done.seq);
                batch.iter_mut().filter_map(|pending| pending.plan.as_mut()).for_each(|plan| name_plan(plan, &given));
                tell(&mut flown, &given, self.settings.expected.as_ref(), report, watch)
            }
            Err(error) if is_overtaken(&error) => {
                planner.rewind();
                plan_again(planner, &mut flown)?;
                self.commit(planner, &mut flown, step, false, name, report, watch)?;
                Ok(plan_again(planner, batch)?)
            }
            Err(error) => Err(error.into()),
        }
    }

    #[allow(clippy::too_many_arguments, reason = "a batch and all that it goes on from")]
    pub(super) fn commit(
        &self,
        planner: &mut Planner<'_, 's>,
        batch: &mut Vec<Pending>,
        step: &mut Option<Step>,
        is_last: bool,
        name: &str,
        report: &mut Report,
        watch: &mut dyn Watch,
    ) -> Result<(), ImportError> {
        let expected = self.settings.expected.as_ref();
        let Some(step) = step else {
            return tell(batch, &HashMap::new(), expected, report, watch);
        };
        for attempt in 1.. {
            let changes = planner.world.changes();
            let ends = is_last && step.number.is_some();
            if changes.is_empty() && !ends {
                break;
            }
            let absent = planner.absent.borrow().clone();
            match self.make(step, name, changes, absent, is_last) {
                Ok(given) => {
                    planner.settle(&given);
                    return tell(batch, &given, expected, report, watch);
                }
                Err(error) if is_overtaken(&error) && attempt < TRIES => {
                    planner.rewind();
                    plan_again(planner, batch)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        tell(batch, &HashMap::new(), expected, report, watch)
    }
}

/// Returns whether somebody wrote what a batch is based on: it is planned anew.
fn is_overtaken(error: &StoreError) -> bool {
    matches!(error, StoreError::Conflict(_) | StoreError::Exists(_) | StoreError::DeadLink { .. })
}

/// Plans the rows of a batch anew.
fn plan_again(planner: &mut Planner<'_, '_>, batch: &mut [Pending]) -> Result<(), StoreError> {
    for pending in batch.iter_mut().filter(|pending| pending.plan.as_ref().is_none_or(|plan| plan.action != Action::Reject)) {
        pending.plan = planner.plan(&pending.row, &mut pending.key)?;
        name_documents(planner, pending)?;
    }
    Ok(())
}

/// Plans documents for the files that came with a row.
pub(super) fn name_documents(planner: &Planner<'_, '_>, pending: &mut Pending) -> Result<(), StoreError> {
    let Some(plan) = pending.plan.as_mut().filter(|plan| plan.action != Action::Reject) else { return Ok(()) };
    let Some(record) = plan.record.filter(|_| !pending.filed.is_empty()) else { return Ok(()) };
    if planner.world.get(record)?.is_none_or(|record| record.has(crate::domain::fields::number::TRASHED_AT)) {
        return Ok(());
    }
    let names = enclosed::enclose(planner.world, record, &pending.filed, planner.now)?;
    if !names.is_empty() {
        if plan.action == Action::Unchanged {
            plan.action = Action::Update;
        }
        plan.changes.push(FieldChange { field: DOCUMENTS.to_owned(), before: String::new(), after: names.join("; ") });
    }
    Ok(())
}

/// Hands on what became of the rows of a batch, and forgets them.
pub(super) fn tell(
    batch: &mut Vec<Pending>,
    given: &HashMap<RecordId, RecordId>,
    expected: Option<&Expected>,
    report: &mut Report,
    watch: &mut dyn Watch,
) -> Result<(), ImportError> {
    for pending in batch.drain(..) {
        if let Some(expected) = expected {
            expected.settle(pending.row.number);
        }
        let Some(mut plan) = pending.plan else { continue };
        settle_plan(&mut plan, given);
        report.count(plan.action);
        report.conflicts += u64::from(plan.problem.as_ref().is_some_and(|problem| problem.code == CONFLICT));
        watch.read(&plan, &pending.row).map_err(|error| ImportError::Input(Problem::io(&error)))?;
        watch.row(&plan, &pending.row.raw).map_err(|error| ImportError::Input(Problem::io(&error)))?;
    }
    Ok(())
}
