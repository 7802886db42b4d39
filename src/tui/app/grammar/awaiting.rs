//! What goes on when the loader has answered: keys wait until then.

use super::line::Line;
use super::many::Picked;
use super::{line, many, objects, operate};
use crate::command::Id;
use crate::tui::app::message::{Effect, Hit};
use crate::tui::app::state::App;

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
}

/// Goes on with the rows that were asked for.
pub(in crate::tui::app) fn rows_came(app: &mut App, rows: Vec<usize>) -> Vec<Effect> {
    match app.grammar.awaiting.take() {
        Some(Awaiting::Object) => objects::found(app, rows),
        Some(Awaiting::Line(waiting)) => line::go_on(app, *waiting, rows),
        Some(Awaiting::Many(picked)) => many::picked(app, *picked, rows),
        Some(Awaiting::Match | Awaiting::Fold(_)) | None => Vec::new(),
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
