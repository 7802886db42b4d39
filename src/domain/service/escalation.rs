//! What the team does by itself as time goes: who is warned before a promise breaks, what
//! goes to the next line, what is asked some days after.

use super::Clock;
use crate::domain::{RecordId, Timestamp};

/// When a rule applies to a ticket that its query matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// As soon as the query matches.
    AtOnce,
    /// When so many per cent of a clock's target are used; from 100 on when it is over.
    Share(u16),
    /// When so many microseconds have run on a clock, with a target or without.
    Used(i64),
    /// So many microseconds after it was solved, if it is still done then.
    Solved(i64),
}

/// Somebody whom a rule means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// Who works on the ticket; nobody does: who leads the team of its queue.
    Assignee,
    /// Who leads the team of its queue.
    Lead,
    /// The user of this login.
    Login(String),
}

impl Whom {
    /// Returns whom a word means; any but `assignee` and `lead` is a login.
    pub fn from_word(word: &str) -> Self {
        match word {
            "assignee" => Self::Assignee,
            "lead" => Self::Lead,
            login => Self::Login(login.to_owned()),
        }
    }
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escalation {
    /// Its name.
    pub name: String,
    /// The query that its tickets match; none for all.
    pub when: Option<String>,
    /// When it applies.
    pub trigger: Trigger,
    /// The clock that is looked at; none for any.
    pub clock: Option<Clock>,
    /// The line to which the ticket goes.
    pub line: Option<String>,
    /// Its queue from then on.
    pub queue: Option<String>,
    /// Who gets it.
    pub assignee: Option<Whom>,
    /// Its priority from then on.
    pub priority: Option<String>,
    /// Who is warned, by a task.
    pub warn: Vec<Whom>,
    /// What is to be done, by the assignee.
    pub task: Option<String>,
}

impl Escalation {
    /// Returns whether it changes the ticket itself.
    pub fn moves(&self) -> bool {
        self.line.is_some() || self.queue.is_some() || self.assignee.is_some() || self.priority.is_some()
    }
}

/// What a rule does with a ticket now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// The ticket.
    pub ticket: RecordId,
    /// The name of the rule.
    pub rule: String,
    /// By which it is known: carried out under it, it is done once.
    pub key: String,
    /// Why, in a few words: `first response 80 % used, due 2026-11-23 10:00`.
    pub why: String,
    /// The line to which it goes.
    pub line: Option<String>,
    /// Its queue from now on.
    pub queue: Option<String>,
    /// Its priority from now on.
    pub priority: Option<String>,
    /// Who gets it; none within: nobody has it any more.
    pub assignee: Option<Option<RecordId>>,
    /// Who is warned.
    pub warn: Vec<RecordId>,
    /// What is to be done, and by whom.
    pub task: Option<(String, Option<RecordId>)>,
    /// By when it should be looked at.
    pub due: Timestamp,
}

impl Effect {
    /// Returns whether it changes the ticket itself.
    pub fn moves(&self) -> bool {
        self.line.is_some() || self.queue.is_some() || self.priority.is_some() || self.assignee.is_some()
    }
}
