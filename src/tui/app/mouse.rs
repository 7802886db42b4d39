//! The mouse: a click focuses and selects, the wheel scrolls what lies under it, a
//! card is dragged to another stage. Optional: `:set mouse`.
//!
//! What it changes it changes as a command does, so that it is undone and told alike.

use ratatui::layout::{Position, Rect};

use super::board::{CARD_LINES, head_lines};
use super::grammar::{operate, visual};
use super::layout::{inside, over};
use super::message::{Effect, Level};
use super::running::{self, Given};
use super::state::App;
use super::viewport::Viewport;
use crate::command::{self, Id, Invocation};
use crate::domain::RecordId;
use crate::tui::keys::Pane;

/// Rows that the wheel scrolls by, as in Vim.
const WHEEL: usize = 3;

/// What the mouse does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pointer {
    /// The left button goes down.
    Press,
    /// It moves while it is down.
    Drag,
    /// It comes up.
    Release,
    /// The wheel turns towards the user.
    WheelDown,
    /// The wheel turns away.
    WheelUp,
}

/// Takes what the mouse does at a place of the screen.
pub(super) fn point(app: &mut App, pointer: Pointer, at: Position) -> Vec<Effect> {
    if app.mode.types() || app.form.is_some() {
        return Vec::new();
    }
    let lines = app.layout().map_or(0, |layout| layout.status.y);
    let body = Rect::new(0, 0, app.size.0, lines);
    if !body.contains(at) {
        return Vec::new();
    }
    if app.sheet.is_some() || !app.opened.is_empty() {
        return on_overlay(app, pointer, at, inside(over(body)));
    }
    let Some((pane, place)) = app.layout().and_then(|layout| layout.panes.into_iter().find(|(_, place)| place.contains(at))) else {
        return Vec::new();
    };
    let place = inside(place);
    match pointer {
        Pointer::Press => press(app, pane, place, at),
        Pointer::Drag => drag(app, pane, place, at),
        Pointer::Release => release(app, pane, place, at),
        Pointer::WheelDown | Pointer::WheelUp => {
            if let Some(view) = view(app, pane, place, at) {
                wheel(view, pointer);
            }
            Vec::new()
        }
    }
}

fn wheel(view: &mut Viewport, pointer: Pointer) {
    if pointer == Pointer::WheelDown {
        view.scroll_down(WHEEL);
    } else {
        view.scroll_up(WHEEL);
    }
}

/// Lines to be read and opened records: rows without anything above them.
fn on_overlay(app: &mut App, pointer: Pointer, at: Position, place: Rect) -> Vec<Effect> {
    let opened = app.opened.last_mut().map(|opened| &mut opened.view);
    let Some(view) = app.sheet.as_mut().map(|sheet| &mut sheet.view).or(opened) else { return Vec::new() };
    match pointer {
        Pointer::WheelDown | Pointer::WheelUp => wheel(view, pointer),
        Pointer::Press if place.contains(at) => {
            let row = view.top() + usize::from(at.y - place.y);
            if row < view.rows() {
                view.go_to(row);
            }
        }
        _ => {}
    }
    Vec::new()
}

/// Returns the rows that lie under the mouse.
fn view(app: &mut App, pane: Pane, place: Rect, at: Position) -> Option<&mut Viewport> {
    match pane {
        Pane::Contacts => Some(&mut app.contacts.view),
        Pane::Tickets => Some(&mut app.tickets.view),
        Pane::Timeline => Some(&mut app.timeline.view),
        Pane::Pipeline => {
            let column = column(app, place, at)?;
            Some(&mut app.pipeline.columns[column].view)
        }
        Pane::Record | Pane::Review => None,
    }
}

/// Returns the column of the board that lies under the mouse.
fn column(app: &App, place: Rect, at: Position) -> Option<usize> {
    let x = at.x.checked_sub(place.x)?;
    let under = app.pipeline.spans(place.width).into_iter().find(|(_, from, width)| (*from..from + width).contains(&x));
    under.map(|(index, ..)| index)
}

/// Focuses the pane and selects what lies under the mouse; a card is grabbed.
fn press(app: &mut App, pane: Pane, place: Rect, at: Position) -> Vec<Effect> {
    app.machine.cancel();
    operate::cancel(app);
    visual::end(app);
    app.grabbed = None;
    app.focus_on(pane);
    let Some(line) = at.y.checked_sub(place.y).filter(|_| place.contains(at)).map(usize::from) else { return Vec::new() };
    let (head, each) = match pane {
        // Names of columns stand above the rows.
        Pane::Contacts | Pane::Tickets => (1, 1),
        Pane::Pipeline => (usize::from(head_lines(place.height)), usize::from(CARD_LINES)),
        Pane::Timeline | Pane::Record | Pane::Review => (0, 1),
    };
    if pane == Pane::Pipeline {
        let Some(column) = column(app, place, at) else { return Vec::new() };
        app.pipeline.column = column;
    }
    let Some(row) = line.checked_sub(head).map(|line| line / each) else { return Vec::new() };
    let selected = view(app, pane, place, at).is_some_and(|view| {
        let row = view.top() + row;
        let is_there = view.visible().contains(&row);
        if is_there {
            view.go_to(row);
        }
        is_there
    });
    if selected && pane == Pane::Pipeline {
        app.grabbed = app.pipeline.current();
    }
    Vec::new()
}

/// Returns the card that is held over another column than its own, and the stage of
/// that column.
fn held(app: &App, pane: Pane, place: Rect, at: Position) -> Option<(RecordId, String)> {
    let card = app.grabbed?;
    let to = (pane == Pane::Pipeline).then(|| column(app, place, at)).flatten()?;
    let to = &app.pipeline.columns[to];
    (!to.ids.contains(&card)).then(|| (card, to.stage.clone()))
}

fn drag(app: &mut App, pane: Pane, place: Rect, at: Position) -> Vec<Effect> {
    match held(app, pane, place, at) {
        Some((card, stage)) => app.say(Level::Info, format!("{card} to {stage}: let go to move it")),
        None => app.said = None,
    }
    Vec::new()
}

fn release(app: &mut App, pane: Pane, place: Rect, at: Position) -> Vec<Effect> {
    let held = held(app, pane, place, at);
    app.grabbed = None;
    let Some((card, stage)) = held else { return Vec::new() };
    let mut invocation = Invocation::of(command::spec(Id::Move));
    invocation.args = format!("{card} '{stage}'");
    running::run(app, invocation, &Given::line())
}
