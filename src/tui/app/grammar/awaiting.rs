//! What goes on when the loader has answered: keys wait until then.

use super::line::Line;
use super::many::Picked;
use super::{line, many, objects, operate};
use crate::command::{Id, Invocation};
use crate::tui::app::message::{Effect, Hit, Request};
use crate::tui::app::running::{self, Given};
use crate::tui::app::state::App;
use crate::tui::keys::Pane;

/// As many entries as anybody has.
pub(in crate::tui) const ALL_ENTRIES: usize = 100_000;

/// What waits for an answer of the loader.
#[derive(Debug, Clone)]
pub(in crate::tui::app) enum Awaiting {
    /// The rows of an object.
    Object,
    /// The row of the next hit, as an object.
    Match,
    /// The hits of the patterns in a line's range.
    Line(Box<Line>),
    /// The rows of `:g` or `:v`.
    Many(Box<Picked>),
    /// The groups of a list, for a command on its folds.
    Fold(Id),
    /// All entries of the timeline, for a command that may go to the last.
    Entries(Box<(Invocation, Given)>),
}

/// Goes on with the rows that were asked for.
pub(in crate::tui::app) fn rows_came(app: &mut App, rows: Vec<usize>) -> Vec<Effect> {
    match app.grammar.awaiting.take() {
        Some(Awaiting::Object) => objects::found(app, rows),
        Some(Awaiting::Line(waiting)) => line::go_on(app, *waiting, rows),
        Some(Awaiting::Many(picked)) => many::picked(app, *picked, rows),
        Some(Awaiting::Match | Awaiting::Fold(_) | Awaiting::Entries(_)) | None => Vec::new(),
    }
}

/// Goes on where a search has ended that an operator or object waits for. Returns
/// `None` where none does.
pub(in crate::tui::app) fn hit_came(app: &mut App, hit: Option<Hit>) -> Option<Vec<Effect>> {
    if matches!(app.grammar.awaiting, Some(Awaiting::Match)) {
        app.grammar.awaiting = None;
        let rows = hit.map(|hit| hit.row).into_iter().collect();
        return Some(objects::found(app, rows));
    }
    app.grammar.operator.as_ref()?;
    match hit {
        Some(hit) => {
            app.jumps_from_here();
            Some(operate::finish(app, hit.row, super::cells::Spot::default()))
        }
        None => {
            operate::cancel(app);
            Some(app.fail())
        }
    }
}

/// Has all entries of the timeline loaded before a command that may go beyond those that
/// are there. Returns `None` where that is not needed.
pub(in crate::tui::app) fn all_entries(app: &mut App, invocation: &Invocation, given: &Given) -> Option<Vec<Effect>> {
    let is_there = !app.timeline.more || app.timeline.total() >= ALL_ENTRIES;
    if app.pane() != Pane::Timeline || is_there || app.sheet.is_some() || !may_go_beyond(app, invocation) {
        return None;
    }
    let of = app.timeline.of?;
    app.grammar.awaiting = Some(Awaiting::Entries(Box::new((invocation.clone(), given.clone()))));
    Some(vec![Effect::Load(Request::Timeline { of, limit: ALL_ENTRIES })])
}

fn may_go_beyond(app: &App, invocation: &Invocation) -> bool {
    if let (Id::Operator, Ok(Some(inner))) = (invocation.spec.id, Invocation::parse(&invocation.args)) {
        return inner.range.is_some();
    }
    let is_far = invocation.count.is_some_and(|count| {
        let left = app.timeline.rows.len().saturating_sub(app.cursor());
        count as usize >= left.min(app.timeline.rows.len() / 2)
    });
    match invocation.spec.id {
        Id::Last
        | Id::NextGroup
        | Id::ObjectGroup
        | Id::ObjectMatch
        | Id::SearchNext
        | Id::SearchPrevious
        | Id::SearchCell
        | Id::SearchCellBack
        | Id::Global
        | Id::Except
        | Id::Channel => true,
        Id::Search | Id::SearchBack => !invocation.args.is_empty(),
        _ => is_far || invocation.range.is_some(),
    }
}

/// Goes on with the command that has waited for all entries.
pub(in crate::tui::app) fn entries_came(app: &mut App) -> Vec<Effect> {
    match app.grammar.awaiting.take() {
        Some(Awaiting::Entries(waiting)) if waiting.0.range.is_some() => line::resolved(app, waiting.0),
        Some(Awaiting::Entries(waiting)) => running::run(app, waiting.0, &waiting.1),
        other => {
            app.grammar.awaiting = other;
            Vec::new()
        }
    }
}
