//! What the keys of the moment do, where nothing else is said: whoever sees the
//! screen for the first time finds the next key on it. They are those of the keymap
//! in use.

use ratatui::layout::Rect;

use super::paint::Canvas;
use crate::tui::app::prompt::Asked;
use crate::tui::app::state::App;
use crate::tui::keys::{Mode, Pane};
use crate::tui::text;
use crate::tui::theme::Role;

/// The commands that are told of in a pane, with the words for them, those first that
/// one cannot do without.
fn told(pane: Pane) -> &'static [(&'static str, &'static str)] {
    match pane {
        Pane::Contacts => &[
            ("new", "new"),
            ("log-touch", "log a call"),
            ("open", "open"),
            ("edit-cell", "edit"),
            ("finder", "find"),
            ("pane-next", "next pane"),
        ],
        Pane::Timeline => &[
            ("log-touch", "log a call"),
            ("open", "open"),
            ("fold", "fold the day"),
            ("expand", "whole text"),
            ("finder", "find"),
            ("pane-next", "next pane"),
        ],
        Pane::Pipeline => &[
            ("stage-next", "next stage"),
            ("stage-previous", "back"),
            ("new", "new"),
            ("open", "open"),
            ("log-touch", "log a call"),
            ("pane-next", "next pane"),
        ],
        Pane::Tickets => {
            &[("answer", "answer"), ("take", "take"), ("status", "status"), ("new", "new"), ("open", "open"), ("pane-next", "next pane")]
        }
        Pane::Review => &[
            ("review-merge", "merge"),
            ("review-distinct", "no duplicates"),
            ("review-next", "skip"),
            ("review-right", "takes right"),
            ("review-left", "takes left"),
            ("review-swap", "swap"),
            ("review-open", "open"),
            ("undo", "undo"),
        ],
        Pane::Record => &[("edit-cell", "edit"), ("follow", "follow the link"), ("next-record", "next"), ("cancel", "close")],
    }
}

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
    if app.sheet.is_some() {
        return draw_all(canvas, SHEET, place);
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
/// What is done with lines that are read.
const SHEET: &[(&str, &str)] = &[("Esc", "close"), ("Enter", "open the record that the line begins with")];
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
        Asked::Command | Asked::Filter => "Tab completes  Enter goes on  Esc leaves it",
        Asked::Search | Asked::SearchBack | Asked::Answer => "Enter goes on  Esc leaves it",
    };
    let width = text::width(hint) as u16;
    if cursor + typed + 4 + width < place.right() {
        canvas.text_to(place.right() - 1, place.y, width, hint, Some(Role::PromptHint));
    }
}

/// Returns the shortest key of a command, as people call it; of an operator its key
/// twice.
pub(super) fn key(app: &App, pane: Pane, line: &str) -> Option<String> {
    let keys = |line: &str| app.keymap.keys_for(Mode::Normal, pane, line).into_iter().next();
    let own = keys(line).or_else(|| keys(&format!("operator {line}")).map(|key| key.repeat(2)))?;
    Some(called(&own))
}

/// Returns keys as people call them: `<Space>f` is `Space f`, `<C-q>` is `Ctrl-q`.
fn called(keys: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut rest = keys;
    while let Some(first) = rest.chars().next() {
        let end = rest.find('>').filter(|end| first == '<' && *end > 1);
        let Some(end) = end else {
            match words.last_mut() {
                // Plain keys stand together: gg, >>.
                Some(last) if last.chars().count() < 3 && last.chars().all(|c| !c.is_alphabetic() || first.is_alphabetic()) => {
                    last.push(first);
                }
                _ => words.push(first.to_string()),
            }
            rest = &rest[first.len_utf8()..];
            continue;
        };
        let name = &rest[1..end];
        let name = [("C-", "Ctrl-"), ("M-", "Alt-"), ("S-", "Shift-")]
            .iter()
            .fold(name.to_owned(), |name, (from, to)| name.strip_prefix(from).map_or(name.clone(), |rest| format!("{to}{rest}")));
        words.push(match name.as_str() {
            "CR" => "Enter".to_owned(),
            "lt" => "<".to_owned(),
            _ => name,
        });
        rest = &rest[end + 1..];
    }
    words.join(" ").replace("< <", "<<")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_called_as_people_do() {
        for (keys, name) in [
            ("gg", "gg"),
            (">>", ">>"),
            ("<lt><lt>", "<<"),
            ("<CR>", "Enter"),
            ("<Space>f", "Space f"),
            ("<Space><Space>", "Space Space"),
            ("<C-q>", "Ctrl-q"),
            ("<M-Right>", "Alt-Right"),
            ("<F1>", "F1"),
            (":q", ":q"),
        ] {
            assert_eq!(called(keys), name);
        }
    }
}
