//! The commands on folds: days of the timeline, columns of the board; and texts of
//! the timeline that are shown whole.

use super::message::{Effect, Level};
use super::state::App;
use crate::command::{Id, Invocation};
use crate::tui::keys::Pane;

/// Carries out a command on folds; `None` if it is none.
pub(super) fn run(app: &mut App, invocation: &Invocation) -> Option<Vec<Effect>> {
    let id = invocation.spec.id;
    if !matches!(id, Id::FoldOpen | Id::FoldClose | Id::FoldToggle | Id::FoldOpenAll | Id::FoldCloseAll | Id::Expand | Id::Channel) {
        return None;
    }
    if app.pane() == Pane::Timeline && app.timeline.rows.is_empty() && id != Id::Channel {
        return Some(nothing(app, "nothing has happened here", "a logs a call, a mail, a meeting"));
    }
    match (id, app.pane()) {
        (Id::Channel, _) => channel(app, invocation.args.trim()),
        (Id::Expand, Pane::Timeline) => app.timeline.expand(),
        (Id::Expand, _) => return Some(nothing(app, "only texts of the timeline are shown whole", "open a record with <CR>")),
        (_, Pane::Timeline) => timeline(app, id),
        (_, Pane::Pipeline) => board(app, id),
        _ => return Some(nothing(app, "nothing is folded here", "days of the timeline and columns of the pipeline fold")),
    }
    Some(Vec::new())
}

fn nothing(app: &mut App, what: &str, hint: &str) -> Vec<Effect> {
    app.complain(what, Some(hint));
    vec![Effect::Bell]
}

fn timeline(app: &mut App, id: Id) {
    let timeline = &mut app.timeline;
    let group = timeline.current().map(|row| row.group.clone());
    match (id, group) {
        (Id::FoldOpenAll, _) => timeline.folding.set_all(false),
        (Id::FoldCloseAll, _) => timeline.folding.set_all(true),
        (_, None) => {}
        (Id::FoldToggle, Some(group)) => timeline.folding.set(&group, !timeline.folding.is_closed(&group)),
        (_, Some(group)) => timeline.folding.set(&group, id == Id::FoldClose),
    }
    timeline.arrange();
}

fn board(app: &mut App, id: Id) {
    let board = &mut app.pipeline;
    let stage = board.columns.get(board.column).map(|column| column.stage.clone());
    match (id, stage) {
        (Id::FoldOpenAll, _) => board.folding.set_all(false),
        (Id::FoldCloseAll, _) => board.folding.set_all(true),
        (_, None) => {}
        (Id::FoldToggle, Some(stage)) => board.folding.set(&stage, !board.folding.is_closed(&stage)),
        (_, Some(stage)) => board.folding.set(&stage, id == Id::FoldClose),
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
