//! The commands on windows: split, close, only, larger, smaller, equal.

use ratatui::layout::Rect;

use super::message::Effect;
use super::state::App;
use super::tree::Tree;
use crate::command::{Id, Invocation};
use crate::tui::keys::Pane;

/// Carries out a command on windows; `None` if it is none.
pub(super) fn run(app: &mut App, invocation: &Invocation) -> Option<Vec<Effect>> {
    let by = i32::try_from(invocation.count.unwrap_or(1)).unwrap_or(i32::MAX).min(1_000);
    Some(match invocation.spec.id {
        Id::WindowSplit => split(app, false, invocation.args.trim()),
        Id::WindowSplitBeside => split(app, true, invocation.args.trim()),
        Id::WindowClose => close(app),
        Id::WindowOnly => only(app),
        Id::WindowTaller => resize(app, false, by),
        Id::WindowShorter => resize(app, false, -by),
        Id::WindowWider => resize(app, true, by),
        Id::WindowNarrower => resize(app, true, -by),
        Id::WindowsEqual => {
            tree(app).equalize();
            Vec::new()
        }
        _ => return None,
    })
}

fn no(app: &mut App, what: &str, hint: &str) -> Vec<Effect> {
    app.complain(what, Some(hint));
    vec![Effect::Bell]
}

/// Returns the user's own tree; the first time it is that of what is seen now.
fn tree(app: &mut App) -> &mut Tree {
    let seen = app.layout().map(|layout| layout.panes.iter().map(|(pane, _)| *pane).collect::<Vec<_>>()).unwrap_or_default();
    let focus = app.focus;
    app.zoomed = false;
    app.tree.get_or_insert_with(|| match seen.as_slice() {
        [_, _, _, _] => Tree::four(),
        [upper, lower] => Tree::of(false, 600, Tree::Leaf(*upper), Tree::Leaf(*lower)),
        _ => Tree::Leaf(focus),
    })
}

fn body(app: &App) -> Rect {
    let top = u16::from(app.tabs.len() > 1);
    Rect::new(0, top, app.size.0, app.size.1.saturating_sub(2 + top))
}

fn split(app: &mut App, beside: bool, name: &str) -> Vec<Effect> {
    let focus = app.focus;
    let wanted = Pane::named(name).filter(|pane| !pane.lies_over());
    if wanted.is_none() && !name.is_empty() {
        return no(app, &format!("there is no pane \u{201c}{name}\u{201d}"), "contacts, timeline, pipeline, tickets");
    }
    let panes = [Pane::Contacts, Pane::Timeline, Pane::Pipeline, Pane::Tickets];
    let tree = tree(app);
    let Some(new) = wanted.or_else(|| panes.into_iter().find(|pane| !tree.has(*pane))).filter(|pane| !tree.has(*pane)) else {
        return no(app, "that pane is seen already", "each has one window; close one with <C-w>c, or open a tab with :tabnew");
    };
    tree.split(focus, new, beside);
    app.focus_on(new);
    Vec::new()
}

fn close(app: &mut App) -> Vec<Effect> {
    let focus = app.focus;
    let Some(left) = tree(app).clone().without(focus) else {
        return no(app, "this is the only window", ":q leaves");
    };
    let next = left.panes().first().copied();
    app.tree = Some(left);
    if let Some(next) = next {
        app.focus_on(next);
    }
    Vec::new()
}

fn only(app: &mut App) -> Vec<Effect> {
    app.zoomed = false;
    app.tree = Some(Tree::Leaf(app.focus));
    Vec::new()
}

fn resize(app: &mut App, beside: bool, by: i32) -> Vec<Effect> {
    let (focus, area) = (app.focus, body(app));
    if !tree(app).resize(focus, beside, by, area) {
        let where_to = if beside { "beside" } else { "above or below" };
        return no(app, &format!("no window lies {where_to} this one"), "split it with <C-w>s or <C-w>v");
    }
    Vec::new()
}
