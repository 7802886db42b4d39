//! `.`: the last change again, operators included.
//!
//! What is kept is not the keys but what they meant: the command and the motion as
//! lines, and the text that was typed. A count given to `.` takes the place of the
//! first one, and stays.

use std::sync::Arc;

use super::extent::Extent;
use super::{apply, operate};
use crate::command::{Id, Invocation};
use crate::tui::app::message::Effect;
use crate::tui::app::running::{self, Given};
use crate::tui::app::state::App;
use crate::tui::keys::Bound;

/// What an operator was given, to be found anew.
#[derive(Debug, Clone)]
pub(in crate::tui::app) enum Again {
    /// Where this motion or object ends.
    Motion { line: String, character: Option<char> },
    /// As many rows from the cursor on.
    Rows(usize),
    /// As many rows and cells from the cursor on.
    Cells { rows: usize, cells: usize },
    /// Nothing: the command needs none.
    Nothing { character: Option<char> },
}

/// A change that can be done again.
#[derive(Debug, Clone)]
pub(in crate::tui::app) struct Change {
    line: String,
    register: Option<char>,
    count: Option<u32>,
    again: Again,
}

impl Change {
    /// Returns the change of an operator.
    pub(in crate::tui::app) fn operator(line: &str, register: Option<char>, count: Option<u32>, again: Again) -> Self {
        Self { line: line.to_owned(), register, count, again }
    }

    /// Returns the change of a command that needs no motion.
    pub(in crate::tui::app) fn command(invocation: &Invocation, character: Option<char>) -> Self {
        let line = format!("{} {}", invocation.spec.name, invocation.args).trim_end().to_owned();
        Self { line, register: invocation.register, count: invocation.count, again: Again::Nothing { character } }
    }

    /// Returns the change of a line whose beginning a key typed.
    pub(in crate::tui::app) fn line(text: &str) -> Self {
        Self { line: text.to_owned(), register: None, count: None, again: Again::Nothing { character: None } }
    }

    /// Returns the change of a cell to a text, and of those below it in so many rows.
    pub(in crate::tui::app) fn cell(text: &str, rows: usize) -> Self {
        if rows > 1 {
            let again = Again::Cells { rows, cells: 1 };
            return Self { line: format!("change-cell {text}"), register: None, count: None, again };
        }
        let nothing = Again::Nothing { character: None };
        if text.is_empty() {
            let right = Again::Motion { line: "right".to_owned(), character: None };
            return Self::operator("rm", None, None, right);
        }
        Self { line: format!("change-cell {text}"), register: None, count: None, again: nothing }
    }
}

/// Does the last change again.
pub(in crate::tui::app) fn run(app: &mut App, invocation: &Invocation) -> Vec<Effect> {
    let Some(change) = &mut app.grammar.change else {
        return app.refuse("nothing has been changed yet", Some(". does the last change again"));
    };
    let before = change.count;
    if invocation.count.is_some() {
        change.count = invocation.count;
    }
    // As in Vim, "1p then . goes on with the next deletion.
    if let Some(number @ '1'..='8') = change.register.filter(|_| change.line.starts_with("put")) {
        change.register = char::from_u32(number as u32 + 1);
    }
    let change = change.clone();
    app.grammar.repeating = true;
    let effects = again(app, &change);
    app.grammar.repeating = false;
    // A count stays where it could be done.
    if effects.iter().any(|effect| matches!(effect, Effect::Bell))
        && let Some(change) = &mut app.grammar.change
    {
        change.count = before;
    }
    effects
}

fn again(app: &mut App, change: &Change) -> Vec<Effect> {
    let Ok(Some(mut invocation)) = Invocation::parse(&change.line) else { return Vec::new() };
    invocation.register = change.register;
    let (cursor, last) = (app.cursor(), app.row_count().saturating_sub(1));
    let rows = |count: usize| (cursor..=(cursor + count.max(1) - 1).min(last)).collect::<Vec<_>>();
    match &change.again {
        Again::Motion { line, character } => {
            let lines = [format!("operator {}", change.line), line.clone()];
            let bound = Bound {
                keys: Vec::new(),
                sequence: Vec::new(),
                count: change.count,
                register: change.register,
                character: *character,
                lines: Arc::from(lines),
            };
            running::run_lines(app, &bound)
        }
        Again::Rows(count) => apply::apply(app, invocation, Extent::Rows(rows(*count)), &Given::key()),
        Again::Cells { rows: count, cells } => {
            let from = operate::spot(app).cell;
            apply::apply(app, invocation, Extent::Cells { rows: rows(*count), from, to: from + cells - 1 }, &Given::key())
        }
        Again::Nothing { character } => {
            invocation.count = change.count;
            let given = Given { character: *character, ..Given::key() };
            match invocation.spec.id {
                Id::Repeat => Vec::new(),
                _ => running::run(app, invocation, &given),
            }
        }
    }
}
