//! What time does to tickets, done: for `rolo tick`, which is called by several at the same
//! minute, late, or not for a week.

use crate::actions::{self, ActionError, Desk};
use crate::insight;

/// How often rules are asked again after tickets were moved: a rule may lead to another.
const PASSES: usize = 8;
/// Exit code of a change that somebody else was quicker with.
const CONFLICT: u8 = 5;

/// Carries out all that the team's rules do with tickets now, each once; returns what was
/// done, a line each.
///
/// # Errors
/// What the store answers.
pub fn escalate_due(desk: &Desk) -> Result<Vec<String>, ActionError> {
    let mut told = Vec::new();
    for _ in 0..PASSES {
        let effects = insight::due_service(&*desk.store, &desk.view())?;
        if effects.is_empty() {
            break;
        }
        for effect in &effects {
            match actions::carry_out(desk, effect) {
                Ok(done) => told.extend(done),
                // The next pass sees what they have made of it.
                Err(error) if error.code == CONFLICT => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(told)
}
