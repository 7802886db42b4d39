//! The form over the panes: a line a field, below the one that is typed into what is
//! expected there, below others what is wrong.

use ratatui::layout::Rect;

use super::paint::Canvas;

use crate::actions::form::Verdict;
use crate::tui::app::form::{Form, FormRow};
use crate::tui::app::layout::over;
use crate::tui::app::state::App;
use crate::tui::keys::Mode;
use crate::tui::text;
use crate::tui::theme::Role;

/// Columns that the names of fields take.
const NAMES: u16 = 20;

/// Returns what is told below a line.
fn below(row: &FormRow, is_current: bool) -> Vec<(String, Role)> {
    let mut lines = Vec::new();
    if let Some(theirs) = &row.theirs {
        let theirs = if theirs.is_empty() { "nothing".to_owned() } else { text::one_line(theirs).into_owned() };
        lines.push((format!("now: {theirs}"), Role::ChangeAdded));
        lines.push(("Ctrl-y keeps yours  Ctrl-t takes what is there now".to_owned(), Role::PromptHint));
    }
    match &row.told {
        Some(Verdict::Wrong(why)) => lines.push((why.clone(), Role::FieldWrong)),
        Some(Verdict::Reads(read)) if is_current => lines.push((format!("= {read}"), Role::TextMuted)),
        _ if is_current && row.theirs.is_none() => lines.push((row.field.expected.clone(), Role::TextMuted)),
        _ => {}
    }
    lines
}

fn height(row: &FormRow, is_current: bool) -> usize {
    row.input.text().split('\n').count() + below(row, is_current).len()
}

/// Returns the first line on screen, so that the one that is typed into is in sight with
/// all that is told of it.
fn top(form: &Form, room: usize) -> usize {
    let mut used = 0;
    let mut top = form.cursor;
    for at in (0..=form.cursor.min(form.rows.len().saturating_sub(1))).rev() {
        used += height(&form.rows[at], at == form.cursor);
        if used > room && at != form.cursor {
            break;
        }
        top = at;
    }
    top
}

/// Draws the form; returns where the text cursor stands.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, form: &Form, body: Rect) -> Option<(u16, u16)> {
    let name = text::one_line(&form.title);
    let title = match form.id {
        Some(id) => format!("edit {id} {name}{}", super::record::editor(app, id)),
        None => format!("new {}", form.kind),
    };
    let place = canvas.overlay(over(body), &title);
    let names = NAMES.min(place.width / 3);
    let value = Rect { x: place.x + names + 1, width: place.width.saturating_sub(names + 1), ..place };
    let mut typing = None;
    let mut y = place.y;
    for (at, row) in form.rows.iter().enumerate().skip(top(form, usize::from(place.height))) {
        if y >= place.bottom() {
            break;
        }
        canvas.rows += 1;
        let is_current = at == form.cursor;
        let role = if is_current { Role::ListCursor } else { Role::Overlay };
        canvas.fill(Rect { y, height: 1, ..place }, role);
        canvas.text(place.x, y, names, &row.field.name, Some(Role::FieldName));
        let is_wrong = matches!(row.told, Some(Verdict::Wrong(_)));
        let role = if is_wrong {
            Role::FieldWrong
        } else if row.is_changed() {
            Role::FieldChanged
        } else {
            Role::FieldValue
        };
        let is_typed = is_current && app.mode == Mode::Insert;
        let before = row.input.before();
        let (line_of, column) = (before.matches('\n').count(), before.rfind('\n').map_or(0, |at| at + 1));
        for (number, line) in row.input.text().split('\n').enumerate() {
            if y >= place.bottom() {
                break;
            }
            let here = Rect { y, height: 1, ..value };
            if is_typed && number == line_of {
                let rest = &line[before.len() - column..];
                typing = Some(super::typing::draw_parts(canvas, here, &before[column..], rest, role));
            } else {
                canvas.text(here.x, y, here.width, line, Some(role));
            }
            y += 1;
        }
        for (line, role) in below(row, is_current) {
            if y >= place.bottom() {
                break;
            }
            canvas.text(value.x, y, value.width, &line, Some(role));
            y += 1;
        }
    }
    if let (Some(completing), Some((x, y))) = (&form.completing, typing) {
        super::status::completions(
            canvas,
            completing,
            Rect { x: x.min(value.x + value.width / 2), y, width: value.right().saturating_sub(value.x), height: 1 },
        );
    }
    typing
}
