//! The commands on folds: groups of lists, days of the timeline, columns of the board;
//! and texts of the timeline that are shown whole.
//!
//! The groups of a list are known for the rows on screen alone. When something is folded
//! there first, all are asked for, and the command goes on when they have come.

use std::sync::Arc;

use super::folding::{Folding, Run};
use super::grammar::awaiting::Awaiting;
use super::message::{Effect, Level, Request};
use super::state::App;
use crate::command::{Id, Invocation};
use crate::tui::keys::Pane;

/// Carries out a command on folds; `None` if it is none.
pub(super) fn run(app: &mut App, invocation: &Invocation) -> Option<Vec<Effect>> {
    let id = invocation.spec.id;
    if !matches!(
        id,
        Id::FoldOpen | Id::FoldClose | Id::FoldToggle | Id::FoldOpenAll | Id::FoldCloseAll | Id::FoldReveal | Id::Expand | Id::Channel
    ) {
        return None;
    }
    if app.pane() == Pane::Timeline && app.timeline.rows.is_empty() && id != Id::Channel {
        return Some(nothing(app, "nothing has happened here", "a logs a call, a mail, a meeting"));
    }
    match (id, app.pane()) {
        (Id::Channel, _) => channel(app, invocation.args.trim()),
        (Id::Expand, Pane::Timeline) => app.timeline.expand(),
        (Id::Expand, _) => return Some(nothing(app, "only texts of the timeline are shown whole", "open a record with <CR>")),
        (_, Pane::Timeline) => {
            let group = app.timeline.current().map(|row| row.group.clone());
            turn(&mut app.timeline.folding, id, group.as_deref());
            app.timeline.arrange();
        }
        (_, Pane::Pipeline) => {
            let board = &mut app.pipeline;
            let stage = board.columns.get(board.column).map(|column| column.stage.as_str());
            turn(&mut board.folding, id, stage);
        }
        (_, Pane::Record) => {
            return Some(nothing(app, "nothing is folded here", "groups of lists, days of the timeline and columns of the pipeline fold"));
        }
        (_, pane) => return Some(list(app, pane, id)),
    }
    Some(Vec::new())
}

fn nothing(app: &mut App, what: &str, hint: &str) -> Vec<Effect> {
    app.complain(what, Some(hint));
    vec![Effect::Bell]
}

/// Does to one group, or to all, what a command says.
fn turn(folding: &mut Folding, id: Id, group: Option<&str>) {
    match (id, group) {
        (Id::FoldOpenAll, _) => folding.set_all(false),
        (Id::FoldCloseAll, _) => folding.set_all(true),
        (_, None) => {}
        (Id::FoldToggle, Some(group)) => folding.set(group, !folding.is_closed(group)),
        (_, Some(group)) => folding.set(group, id == Id::FoldClose),
    }
}

/// Folds groups of a list, once they are known.
fn list(app: &mut App, pane: Pane, id: Id) -> Vec<Effect> {
    let Some(list) = app.list_mut(pane) else { return Vec::new() };
    if list.ids.is_empty() {
        return nothing(app, "nothing stands under the cursor", "there is nothing to fold");
    }
    let line = list.line();
    if list.runs().is_none() {
        if matches!(id, Id::FoldOpen | Id::FoldOpenAll | Id::FoldReveal) {
            list.folding.set_all(false);
            return Vec::new();
        }
        let request = Request::Groups { pane, ids: list.ids.as_slice().into(), sort: list.sort.clone() };
        app.grammar.awaiting = Some(Awaiting::Fold(id));
        return vec![Effect::Load(request)];
    }
    let group = list.group_of(line);
    turn(&mut list.folding, id, group.as_deref());
    list.fold(line);
    let hides = list.folds.at(line).is_some();
    if matches!(id, Id::FoldClose | Id::FoldToggle) && !hides && group.is_some_and(|group| list.folding.is_closed(&group)) {
        app.say(Level::Info, "one row alone is no fold: sort by what they share, such as :sort company");
    }
    Vec::new()
}

/// Takes the groups of a list's lines, and goes on with what waits for them.
pub(super) fn groups_came(app: &mut App, pane: Pane, runs: Arc<[Run]>) -> Vec<Effect> {
    if let Some(list) = app.list_mut(pane) {
        list.set_runs(runs);
    }
    match app.grammar.awaiting.take() {
        // The lines may have changed meanwhile; then their groups come with them.
        Some(Awaiting::Fold(id)) if app.list(pane).is_some_and(|list| list.runs().is_some()) => list(app, pane, id),
        Some(Awaiting::Fold(_)) => app.refuse("the rows have changed meanwhile", Some("press the keys again")),
        other => {
            app.grammar.awaiting = other;
            Vec::new()
        }
    }
}

/// Opens the closed fold that has a line.
pub(super) fn open_at(app: &mut App, line: usize) {
    let Some(group) = app.folds().and_then(|folds| folds.at(line)).map(|fold| Arc::clone(&fold.group)) else { return };
    let pane = app.pane();
    if pane == Pane::Timeline {
        app.timeline.folding.set(&group, false);
        app.timeline.arrange();
    } else if let Some(list) = app.list_mut(pane) {
        list.reveal(line);
    }
}

fn channel(app: &mut App, names: &str) {
    let known = app.timeline.channels();
    let names: Vec<String> = names.split([' ', ',']).filter(|name| !name.is_empty()).map(str::to_lowercase).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        let there = if known.is_empty() { "nothing has happened there".to_owned() } else { format!("there are {}", known.join(", ")) };
        app.complain(&format!("\u{201c}{unknown}\u{201d} is no channel of this timeline"), Some(&there));
        return;
    }
    if names.is_empty() && app.timeline.shown.is_empty() {
        app.say(Level::Info, "all channels are shown");
    }
    app.timeline.shown = names;
    app.timeline.arrange();
}
