//! Operators: a command waits for a motion or an object and is given its rows.
//!
//! Any command that takes a range can be an operator; which keys make it one is the
//! keymap's (`"d" = "operator rm"`). The motion runs as it always does, where it ends
//! is looked at, and the cursor is put back to where the extent begins, as in Vim.

use super::cells::Spot;
use super::extent::Extent;
use super::registers::{Kind, Register};
use super::repeat::{Again, Change};
use super::{apply, motions, objects};
use crate::command::{self, Id, Invocation, Motion};
use crate::tui::app::message::{Effect, Request};
use crate::tui::app::running::{self, Given};
use crate::tui::app::state::App;
use crate::tui::keys::{Mode, Pane};

/// An operator that waits.
#[derive(Debug, Clone)]
pub(in crate::tui::app) struct Operator {
    /// The command that is given the rows, as one could type it.
    pub(in crate::tui::app) line: String,
    pub(in crate::tui::app) register: Option<char>,
    pub(in crate::tui::app) count: Option<u32>,
    /// How the motion that has begun is to be taken.
    motion: Option<(Motion, String, Option<char>)>,
    /// Whether `.` does it again: it does not, where `.` is doing it.
    remembered: bool,
    /// Whether the keys are in a search's prompt.
    pub(in crate::tui::app) prompted: bool,
    /// Whether the extent counts as one over a search or a mark, for the registers.
    pub(in crate::tui::app) numbered: bool,
}

/// Begins an operator, or carries it out on the selection.
pub(in crate::tui::app) fn begin(app: &mut App, invocation: &Invocation, given: &Given) -> Vec<Effect> {
    if app.sheet.is_some() {
        return app.refuse("these lines are to be read", Some("close them with <Esc>"));
    }
    let line = invocation.args.clone();
    if app.grammar.visual.is_some() {
        return on_selection(app, &line, invocation, given);
    }
    app.grammar.operator = Some(Operator {
        line,
        register: invocation.register,
        count: invocation.count,
        motion: None,
        remembered: !app.grammar.repeating,
        prompted: false,
        numbered: false,
    });
    app.mode = Mode::Operator;
    Vec::new()
}

/// Gives a command the selected rows or cells, and ends the selection.
pub(in crate::tui::app) fn on_selection(app: &mut App, line: &str, invocation: &Invocation, given: &Given) -> Vec<Effect> {
    let Some(extent) = super::visual::extent(app) else { return Vec::new() };
    let again = match &extent {
        Extent::Rows(rows) => Again::Rows(rows.len()),
        Extent::Cells { rows, from, to } => Again::Cells { rows: rows.len(), cells: to - from + 1 },
    };
    super::visual::end(app);
    let change = Change::operator(line, invocation.register, invocation.count, again);
    let Ok(Some(mut inner)) = Invocation::parse(line) else { return Vec::new() };
    inner.register = invocation.register;
    inner.count = invocation.count;
    if inner.spec.repeats && !app.grammar.repeating {
        app.grammar.change = Some(change);
    }
    apply::apply(app, inner, extent, &Given { character: given.character, ..Given::key() })
}

/// Takes the motion or object of the operator that waits.
pub(in crate::tui::app) fn motion(app: &mut App, mut invocation: Invocation, given: &Given) -> Vec<Effect> {
    let Some(operator) = &mut app.grammar.operator else { return Vec::new() };
    operator.register = invocation.register.or(operator.register);
    let count = match (operator.count, invocation.count) {
        (Some(one), Some(other)) => Some(one.saturating_mul(other).min(999_999_999)),
        (one, other) => one.or(other),
    };
    let id = invocation.spec.id;
    if id == Id::CommandLine {
        cancel(app);
        return running::run(app, invocation, given);
    }
    if matches!(id, Id::Search | Id::SearchBack) && invocation.args.is_empty() {
        operator.count = count;
        operator.prompted = true;
        app.mode = Mode::Prompt;
        return crate::tui::app::prompting::run(app, &Invocation { count, ..invocation }, None).unwrap_or_default();
    }
    let told = line_of(&invocation);
    if invocation.spec.object {
        operator.count = count;
        operator.motion = Some((Motion::Rows, told, given.character));
        return objects::begin(app, &invocation);
    }
    let Some(motion) = invocation.spec.motion.filter(|motion| *motion != Motion::Scrolls) else {
        let message = format!("{} needs a motion or an object, and {} is none", operator.line, invocation.spec.name);
        cancel(app);
        return app.refuse(&message, None);
    };
    if matches!(motion, Motion::Cells | Motion::CellsThrough) && app.opened.is_empty() && app.focus == Pane::Pipeline {
        cancel(app);
        return app.refuse("cards have no cells", Some("open the record with <CR>"));
    }
    operator.count = count;
    operator.motion = Some((motion, told, given.character));
    operator.numbered =
        matches!(id, Id::Search | Id::SearchBack | Id::SearchNext | Id::SearchPrevious | Id::MarkCell | Id::NextGroup | Id::PreviousGroup);
    invocation.count = count;
    let stand = stand(app);
    app.grammar.failed = false;
    // Searches and marks keep the place themselves, where they end anywhere.
    if matches!(id, Id::First | Id::Last | Id::ScreenTop | Id::ScreenMiddle | Id::ScreenBottom) {
        app.jumps_from_here();
    }
    let effects = motions::run(app, &invocation, given.character).unwrap_or_default();
    if std::mem::take(&mut app.grammar.failed) {
        back(app, stand);
        if matches!(id, Id::NextWord | Id::EndOfWord | Id::Right) && app.cells().is_some() {
            // As in Vim, the last word of all is a word too, and the last cell a cell; an
            // empty one is one.
            let cell = spot(app).cell;
            return on(app, Extent::Cells { rows: vec![app.cursor()], from: cell, to: cell });
        }
        cancel(app);
        return effects;
    }
    if effects.iter().any(|effect| matches!(effect, Effect::Load(Request::Find { .. } | Request::Group { .. }))) {
        return effects;
    }
    let to = (app.cursor(), spot(app));
    back(app, stand);
    let mut effects = effects;
    effects.extend(finish(app, to.0, to.1));
    effects
}

/// Returns a command as a line that does the same.
fn line_of(invocation: &Invocation) -> String {
    format!("{} {}", invocation.spec.name, invocation.args).trim_end().to_owned()
}

/// Notes which motion a search's prompt has come to.
pub(in crate::tui::app) fn prompted(app: &mut App, pattern: &str, forward: bool) {
    if let Some(operator) = &mut app.grammar.operator {
        let name = command::spec(if forward { Id::Search } else { Id::SearchBack }).name;
        operator.motion = Some((Motion::RowsUpTo, format!("{name} {pattern}"), None));
        operator.numbered = true;
        operator.prompted = false;
    }
}

/// Carries the operator out, now that its motion has ended there.
pub(in crate::tui::app) fn finish(app: &mut App, row: usize, spot_there: Spot) -> Vec<Effect> {
    let Some(operator) = app.grammar.operator.clone() else { return Vec::new() };
    let Some((motion, ..)) = operator.motion else { return Vec::new() };
    let from = (app.cursor(), spot(app));
    match Extent::of_motion(motion, from, (row, spot_there)) {
        Some(extent) => on(app, extent),
        None => {
            // As in Vim, up to where the cursor stands is nothing, and nothing is copied.
            if Invocation::parse(&operator.line).is_ok_and(|inner| inner.is_some_and(|inner| inner.spec.id == Id::Yank)) {
                app.grammar.registers.yank(operator.register, Register { kind: Kind::Cells, lines: Vec::new() });
            }
            cancel(app);
            Vec::new()
        }
    }
}

/// Carries the operator out on rows or cells.
pub(in crate::tui::app) fn on(app: &mut App, extent: Extent) -> Vec<Effect> {
    let Some(operator) = app.grammar.operator.take() else { return Vec::new() };
    app.mode = Mode::Normal;
    app.machine.let_go();
    let Ok(Some(mut inner)) = Invocation::parse(&operator.line) else { return Vec::new() };
    if let (true, true, Some((_, line, character))) = (inner.spec.repeats, operator.remembered, operator.motion) {
        let again = Again::Motion { line, character };
        app.grammar.change = Some(Change::operator(&operator.line, operator.register, operator.count, again));
    }
    inner.register = operator.register;
    inner.count = None;
    apply::apply(app, inner, extent, &Given { numbered: operator.numbered, ..Given::key() })
}

/// Lets the operator go that waits.
pub(in crate::tui::app) fn cancel(app: &mut App) {
    if app.grammar.operator.take().is_some() {
        app.mode = Mode::Normal;
    }
    app.machine.let_go();
}

/// Where everything stands that a motion moves.
type Stand = (usize, usize, Spot, usize);

fn stand(app: &App) -> Stand {
    let view = app.view();
    (view.map_or(0, |view| view.cursor()), view.map_or(0, |view| view.top()), spot(app), app.pipeline.column)
}

fn back(app: &mut App, (cursor, top, spot, column): Stand) {
    app.pipeline.column = column;
    if let Some(view) = app.view_mut() {
        view.put_back(cursor, top);
    }
    app.set_spot(spot);
}

/// Returns the cursor's cell.
pub(in crate::tui::app) fn spot(app: &App) -> Spot {
    match (app.opened.last(), app.list(app.focus)) {
        (Some(opened), _) => opened.spot,
        (None, Some(list)) => list.spot,
        (None, None) => app.timeline.spot,
    }
}

/// Carries a command with a range out on as many rows from the cursor as its count
/// says, as `3dd` does; a count that goes beyond the last row fails on that row.
pub(in crate::tui::app) fn on_count(app: &mut App, mut invocation: Invocation, given: &Given) -> Vec<Effect> {
    let count = invocation.count.take().unwrap_or(1).max(1) as usize;
    let rows = app.row_count();
    if rows == 0 {
        return running::nothing_here(app);
    }
    // A closed fold counts as one row.
    let row = app.view().map_or(0, crate::tui::app::viewport::Viewport::cursor);
    let last = app.folds().map_or(row + count - 1, |folds| folds.line_of((row + count).min(folds.rows()) - 1));
    let extent = Extent::between(app.cursor(), last.min(rows - 1));
    apply::apply(app, invocation, extent, given)
}
