//! Escalations: what the team's rules do with tickets as time goes: warnings before a promise
//! breaks, the next line, what is asked some days after.

use super::{Effect, Handler};
use crate::actions::{ActionError, Desk, escalate_by_rule};
use crate::insight;

/// Carries out the team's rules for tickets.
#[derive(Debug, Clone, Copy, Default)]
pub struct Escalations;

impl Handler for Escalations {
    fn name(&self) -> &'static str {
        "escalations"
    }

    fn due(&self, desk: &Desk) -> Result<Vec<Effect>, ActionError> {
        let due = insight::due_service(&*desk.store, &desk.view())?;
        let effect = |rule: crate::domain::service::Effect| {
            let (key, ticket, label) = (rule.key.clone(), rule.ticket, format!("escalation {}", rule.rule));
            let told = format!("{}: {}", rule.rule, rule.why);
            Effect::new(key, ticket, label, told, move |changes| escalate_by_rule(changes, &rule).map(|_| ()))
        };
        Ok(due.into_iter().map(effect).collect())
    }
}
