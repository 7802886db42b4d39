//! Several commands as one step: a macro, a count of it, `:g` with keys.

use crate::command::{Here, Id, Invocation};
use crate::tui::app::message::Effect;
use crate::tui::app::state::App;
use crate::tui::keys::Errand;

/// A step that several commands make.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::tui::app) struct OpenStep {
    /// Its number, once a command has changed something.
    pub(in crate::tui::app) number: Option<u64>,
}

impl App {
    /// Begins a step that lasts until the keys that are put before the others have
    /// been read; within one that is open nothing begins.
    pub(in crate::tui::app) fn begin_step(&mut self) {
        if self.grammar.step.is_none() {
            self.grammar.step = Some(OpenStep::default());
            self.machine.errand_before(Errand::EndStep);
        }
    }

    /// Ends the step that several commands have made.
    pub(in crate::tui::app) fn end_step(&mut self) -> Vec<Effect> {
        match self.grammar.step.take() {
            Some(OpenStep { number: Some(number) }) => vec![Effect::EndStep(number)],
            _ => Vec::new(),
        }
    }

    /// Returns the effect of a command on records, as a part of the open step if there
    /// is one.
    pub(in crate::tui::app) fn effect(&mut self, invocation: Invocation, mut here: Here) -> Effect {
        // An undo takes back steps that are whole.
        let turns = matches!(invocation.spec.id, Id::Undo | Id::Redo | Id::Earlier | Id::Later | Id::UndoOlder | Id::UndoNewer);
        here.ends = None;
        let asked = invocation.count.unwrap_or(1) as usize;
        self.grammar.turning = matches!(invocation.spec.id, Id::Undo | Id::Redo).then_some(asked);
        if let Some(step) = &mut self.grammar.step {
            if turns {
                here.ends = step.number.take();
            } else {
                here.joins = Some(step.number);
            }
        }
        Effect::Run { invocation: Box::new(invocation), here }
    }
}
