//! What the keys of the moment do, where nothing else is said: whoever sees the
//! screen for the first time finds the next key on it. They are those of the keymap
//! in use.

use ratatui::layout::Rect;

use super::paint::Canvas;
use crate::tui::app::prompt::Asked;
use crate::tui::app::state::App;
use crate::tui::app::told::{key, told};
use crate::tui::keys::Mode;
use crate::tui::text;
use crate::tui::theme::Role;

/// Draws them into the line of the prompt, as many as there is room for; help and
/// leaving always.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, place: Rect) {
    if app.editing.is_some() {
        canvas.text(place.x + 1, place.y, place.width.saturating_sub(1), "Enter keeps it  Tab completes", Some(Role::PromptHint));
        return;
    }
    if app.form.is_some() {
        let hint = match app.mode {
            Mode::Insert => "Enter next  Tab completes  Ctrl-s saves  Ctrl-a one more  Ctrl-x takes out  Esc stops typing",
            _ => "i types  :w saves  :q leaves",
        };
        canvas.text(place.x + 1, place.y, place.width.saturating_sub(1), hint, Some(Role::PromptHint));
        return;
    }
    if let Some(sheet) = &app.sheet {
        let line = sheet.lines.get(sheet.view.cursor()).map_or("", String::as_str);
        let leads = line.split([' ', '@']).next().is_some_and(|word| word.parse::<crate::domain::RecordId>().is_ok());
        let own = |line: &str| key(app, app.pane(), line).unwrap_or_default();
        let (moves, search) = (format!("{} {}", own("down"), own("up")), own("search"));
        let mut hints = vec![("Esc", "close"), (moves.as_str(), "down, up"), (search.as_str(), "search")];
        if sheet.page.as_ref().is_some_and(|page| page.behind(sheet.view.cursor()).is_some()) {
            hints.insert(0, ("Enter", "the records"));
        }
        let figures = format!("{} {}", own("left"), own("right"));
        if sheet.page.is_some() {
            hints.insert(1.min(hints.len()), (figures.as_str(), "figures"));
        }
        if leads {
            hints.push(("Enter", "open the record"));
        }
        return draw_all(canvas, &hints, place);
    }
    match app.mode {
        Mode::Normal if app.machine.sequence().is_empty() => {}
        Mode::Operator => return draw_all(canvas, OPERATOR, place),
        Mode::Visual => return draw_all(canvas, VISUAL, place),
        _ => return,
    }
    let pane = app.pane();
    let mut last: Vec<(String, &str)> = key(app, pane, "help").map(|key| (key, "help")).into_iter().collect();
    let typed = key(app, pane, "command-line").map(|colon| format!("{colon}q"));
    last.extend(typed.or_else(|| key(app, pane, "quit")).map(|key| (key, "leave")));
    let width = |(key, what): &(String, &str)| (text::width(key) + text::width(what) + 3) as u16;
    let kept: u16 = last.iter().map(width).sum();
    let mut x = place.x + 1;
    let mut draw = |hint: &(String, &str), least: u16| {
        if x + width(hint) + least > place.right() {
            return;
        }
        let used = canvas.text(x, place.y, place.right() - x, &hint.0, Some(Role::Key));
        let used =
            used + 1 + canvas.text(x + used + 1, place.y, place.right().saturating_sub(x + used + 1), hint.1, Some(Role::PromptHint));
        x += used + 2;
    };
    for (line, what) in told(pane) {
        if let Some(key) = key(app, pane, line) {
            draw(&(key, what), kept);
        }
    }
    last.iter().for_each(|hint| draw(hint, 0));
}

/// What an operator waits for.
const OPERATOR: &[(&str, &str)] = &[
    ("the same again", "this row"),
    ("j k G gg", "up to there"),
    ("ip", "the group"),
    ("ic", "the company"),
    ("iv", "all on screen"),
    ("Esc", "none"),
];
/// What is done with a selection.
const VISUAL: &[(&str, &str)] =
    &[("j k G", "more or fewer"), ("d", "to the trash"), ("y", "copy"), (":", "a command"), ("> <", "stage, priority"), ("Esc", "none")];

/// Draws hints as many as there is room for.
fn draw_all(canvas: &mut Canvas<'_>, hints: &[(&str, &str)], place: Rect) {
    let mut x = place.x + 1;
    for (key, what) in hints {
        let width = (text::width(key) + text::width(what) + 3) as u16;
        if x + width > place.right() {
            break;
        }
        canvas.text(x, place.y, width, key, Some(Role::Key));
        canvas.text(x + width - text::width(what) as u16 - 2, place.y, width, what, Some(Role::PromptHint));
        x += width;
    }
}

/// Draws what the prompt itself takes, where it leaves room behind what is typed.
pub(super) fn prompt(canvas: &mut Canvas<'_>, app: &App, place: Rect, cursor: u16) {
    let Some(prompt) = app.prompt.as_ref().filter(|prompt| prompt.completing.is_none()) else { return };
    let typed = text::width(prompt.input.behind()) as u16;
    let hint = match prompt.asked {
        Asked::Finder => return,
        Asked::Command if prompt.input.text().starts_with("add ") => "Enter adds it  behind it more: amount=12k  Tab completes",
        Asked::Command | Asked::Filter => "Tab completes  Enter goes on  Esc leaves it",
        Asked::Search | Asked::SearchBack | Asked::Answer => "Enter goes on  Esc leaves it",
    };
    let width = text::width(hint) as u16;
    if cursor + typed + 4 + width < place.right() {
        canvas.text_to(place.right() - 1, place.y, width, hint, Some(Role::PromptHint));
    }
}
