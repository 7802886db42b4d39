//! Service policies: how soon a ticket is to be answered and solved, by priority.

use super::Clock;
use crate::domain::fold;

/// Targets in microseconds of working time; none where nothing is promised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Targets {
    /// From opening to the first public answer.
    pub first_response: Option<i64>,
    /// From the oldest unanswered message of the customer to the next public answer.
    pub next_reply: Option<i64>,
    /// From opening to the solution.
    pub resolution: Option<i64>,
}

impl Targets {
    /// Returns the target of a clock.
    pub fn of(&self, clock: Clock) -> Option<i64> {
        match clock {
            Clock::FirstResponse => self.first_response,
            Clock::NextReply => self.next_reply,
            Clock::Resolution => self.resolution,
        }
    }
}

/// One policy. Of a list of them the first whose query matches a ticket applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Its name, which a contract's or a ticket's `sla` says.
    pub name: String,
    /// The query that its tickets match; none for all that name it or nothing else.
    pub when: Option<String>,
    /// The name of its calendar; none works around the clock.
    pub calendar: Option<String>,
    /// Targets by priority, as the team writes it.
    pub priorities: Vec<(String, Targets)>,
    /// Targets of the other priorities.
    pub any: Targets,
}

impl Policy {
    /// Returns the target of a clock for a priority, in microseconds of working time:
    /// the priority's own, else that for any.
    pub fn target(&self, clock: Clock, priority: Option<&str>) -> Option<i64> {
        let own = priority.and_then(|word| self.priorities.iter().find(|(known, _)| fold::fold(known) == fold::fold(word)));
        own.and_then(|(_, targets)| targets.of(clock)).or_else(|| self.any.of(clock))
    }
}
