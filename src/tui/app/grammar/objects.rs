//! Objects: rows around the cursor that belong together.

use super::awaiting::Awaiting;
use super::extent::Extent;
use super::{operate, visual};
use crate::command::{Id, Invocation};
use crate::tui::app::message::{Effect, Like, Request};
use crate::tui::app::running;
use crate::tui::app::state::App;
use crate::tui::keys::Pane;

/// Finds the rows of an object; the operator or the selection takes them when they
/// are there.
pub(in crate::tui::app) fn begin(app: &mut App, invocation: &Invocation) -> Vec<Effect> {
    let Some(id) = app.current().filter(|_| app.row_count() > 0) else {
        operate::cancel(app);
        return running::nothing_here(app);
    };
    let like = match invocation.spec.id {
        Id::ObjectVisible => {
            let shown = app.view().map_or(0..0, crate::tui::app::viewport::Viewport::visible);
            let rows = shown.map(|row| app.folds().map_or(row, |folds| folds.line_of(row))).collect();
            return found(app, rows);
        }
        Id::ObjectMatch => {
            let effects = super::motions::look(app, true, 1, true);
            if app.grammar.operator.is_some() || app.grammar.visual.is_some() {
                app.grammar.awaiting = Some(Awaiting::Match);
            }
            return effects;
        }
        Id::ObjectGroup if app.opened.is_empty() && app.focus == Pane::Pipeline => {
            let rows = (0..app.row_count()).collect();
            return found(app, rows);
        }
        Id::ObjectGroup if !app.opened.is_empty() || app.focus == Pane::Timeline => {
            let rows = match app.opened.last() {
                Some(opened) => &opened.rows,
                None => &app.timeline.rows,
            };
            let groups: Vec<String> = rows.iter().map(|row| row.group.clone()).collect();
            let rows = around(app.cursor(), |row| groups.get(row).is_some_and(|group| *group == groups[app.cursor()]));
            return found(app, rows);
        }
        Id::ObjectGroup => Like::Group,
        Id::ObjectCompany => Like::Company,
        Id::ObjectOwner => Like::Owner,
        _ => Like::Tag,
    };
    app.grammar.awaiting = Some(Awaiting::Object);
    vec![Effect::Load(Request::Like { ids: app.row_ids().into(), cursor: app.cursor(), id, like })]
}

/// Returns the rows around one for which something holds without a gap.
fn around(row: usize, holds: impl Fn(usize) -> bool) -> Vec<usize> {
    let low = (0..row).rev().take_while(|&row| holds(row)).last().unwrap_or(row);
    let high = (row + 1..).take_while(|&row| holds(row)).last().unwrap_or(row);
    (low..=high).collect()
}

/// Gives the rows of an object to whom they were asked for.
pub(in crate::tui::app) fn found(app: &mut App, rows: Vec<usize>) -> Vec<Effect> {
    if rows.is_empty() {
        operate::cancel(app);
        return app.refuse("there are no such rows", Some("the record has no such value"));
    }
    if app.grammar.operator.is_some() {
        return operate::on(app, Extent::Rows(rows));
    }
    visual::select(app, &rows)
}
