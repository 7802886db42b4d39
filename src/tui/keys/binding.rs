//! What a sequence of keys is bound to.

use std::path::Path;
use std::sync::Arc;

use super::condition::Condition;
use super::fact::Facts;

/// What is done when a binding's keys have been typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Runs these lines, each as if typed after `:`.
    Run(Arc<[String]>),
    /// Takes the keys and does nothing.
    Nop,
    /// Takes the typed character as the register of the keys that follow.
    Register,
}

/// Where a binding was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The file, or the name of the embedded one.
    pub file: Arc<Path>,
    /// The line, from 1.
    pub line: usize,
}

/// One meaning of a sequence, with the condition under which it has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// What is done.
    pub act: Act,
    /// When; without one, always.
    pub when: Option<Condition>,
    /// What it is called in help; without one, its command's help serves.
    pub desc: Option<String>,
    /// Where it was written.
    pub origin: Origin,
}

impl Alternative {
    /// Returns whether it holds for these facts.
    pub fn holds(&self, facts: Facts) -> bool {
        self.when.as_ref().is_none_or(|when| when.holds(facts))
    }

    /// Returns what to call it: its description, else its command lines.
    pub fn title(&self) -> String {
        match (&self.desc, &self.act) {
            (Some(desc), _) => desc.clone(),
            (None, Act::Run(lines)) => lines.join(" | "),
            (None, Act::Nop) => "nop".to_owned(),
            (None, Act::Register) => "register".to_owned(),
        }
    }
}

/// The meanings of a sequence, the first that holds being taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Binding {
    /// The meanings; never empty in a keymap.
    pub alternatives: Vec<Alternative>,
}

impl Binding {
    /// Returns the meaning under these facts.
    pub fn under(&self, facts: Facts) -> Option<&Alternative> {
        self.alternatives.iter().find(|one| one.holds(facts))
    }

    /// Returns whether every meaning has a condition, so that what lies beneath
    /// may still apply.
    pub fn is_conditional(&self) -> bool {
        self.alternatives.iter().all(|one| one.when.is_some())
    }
}
