//! What a plan says of rows, held against what becomes of them when it is carried out:
//! a row is taken as it was planned, or not at all. It must not know files.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::report::{Action, DOCUMENTS, RowPlan};
use crate::exchange::plan_file::Planned;
use crate::exchange::problem::Problem;

/// The code of a row that no longer comes out as planned.
pub(super) const CONFLICT: &str = "conflict";

/// What was planned for the rows that are being taken, by their number.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    rows: Rc<RefCell<HashMap<u64, Planned>>>,
}

impl Expected {
    /// Takes what was planned for a row.
    pub fn put(&self, planned: Planned) {
        self.rows.borrow_mut().insert(planned.row, planned);
    }

    /// Forgets a row whose fate is settled.
    pub(super) fn settle(&self, number: u64) {
        self.rows.borrow_mut().remove(&number);
    }

    /// Compares what becomes of a row with what was planned for it.
    ///
    /// # Errors
    /// `conflict`: something else would become of it now; `planned`: it was planned as
    /// a reject.
    pub(super) fn check(&self, plan: &RowPlan) -> Result<(), Problem> {
        match self.rows.borrow().get(&plan.number) {
            Some(planned) => check(planned, plan),
            None => Err(Problem::new(CONFLICT, "the plan does not have the row")),
        }
    }
}

fn check(planned: &Planned, plan: &RowPlan) -> Result<(), Problem> {
    let id = plan.record.map(|id| id.to_string()).unwrap_or_default();
    let conflict = |message: String| Err(Problem::new(CONFLICT, message).hint("plan it again"));
    match (planned.action, plan.action) {
        // What stands as the row says need not be done, and may have been done already.
        (_, Action::Reject) => Ok(()),
        (Action::Reject, _) => {
            let told = planned.problem.as_ref().map_or("it was planned as a reject", |told| told.message.as_str());
            Err(Problem::new("planned", told.to_owned()))
        }
        (_, Action::Unchanged) => Ok(()),
        (Action::Create, Action::Update) => {
            let by = plan.key.as_deref().map(|key| format!(", found by {key}")).unwrap_or_default();
            conflict(format!("it was planned as a new record, and {id} is there now{by}"))
        }
        (_, Action::Create) if planned.action != Action::Create => {
            let was = planned.record.as_deref().unwrap_or("its record");
            conflict(format!("it was planned for {was}, which it does not find any more"))
        }
        _ => {
            if planned.action == Action::Update && planned.record.as_ref().is_some_and(|was| *was != id) {
                let was = planned.record.as_deref().unwrap_or_default();
                return conflict(format!("it was planned for {was}, and finds {id} now"));
            }
            match difference(planned, plan) {
                Some(message) => conflict(message),
                None => Ok(()),
            }
        }
    }
}

/// Returns where the fields that change are not those that were planned.
fn difference(planned: &Planned, plan: &RowPlan) -> Option<String> {
    for change in &plan.changes {
        match planned.changes.iter().find(|was| was.field == change.field) {
            Some(was) if was == change => {}
            Some(was) if was.before != change.before => {
                return Some(format!(
                    "{} was \u{201c}{}\u{201d} when it was planned, and is \u{201c}{}\u{201d} now",
                    change.field, was.before, change.before
                ));
            }
            Some(was) => {
                return Some(format!(
                    "{} was to be \u{201c}{}\u{201d}, and would be \u{201c}{}\u{201d} now",
                    change.field, was.after, change.after
                ));
            }
            None => {
                return Some(format!(
                    "{} would change too, from \u{201c}{}\u{201d} to \u{201c}{}\u{201d}",
                    change.field, change.before, change.after
                ));
            }
        }
    }
    // The files that came with a row are seen to when its fields are.
    let fields = planned.changes.iter().filter(|was| was.field != DOCUMENTS);
    let gone = fields.into_iter().find(|was| plan.changes.iter().all(|change| change.field != was.field));
    gone.map(|was| {
        format!("{} was to change from \u{201c}{}\u{201d} to \u{201c}{}\u{201d}, and would stay now", was.field, was.before, was.after)
    })
}
