//! A list pane: names of columns, then the visible rows.

use ratatui::layout::Rect;

use super::columns::widths;
use super::paint::Canvas;
use crate::domain::RecordId;
use crate::tui::app::folding::Fold;
use crate::tui::app::list::List;
use crate::tui::app::row::Row;
use crate::tui::app::state::{App, Editing};
use crate::tui::text;
use crate::tui::theme::Role;

/// Columns that the cursor's bar takes.
const BAR: u16 = 1;

/// Draws the rows of a list inside a place; returns where the text cursor stands
/// if a cell is being edited.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, list: &List, place: Rect, focused: bool) -> Option<(u16, u16)> {
    let margin = margin_width(app, list);
    let room = place.width.saturating_sub(margin);
    let widths = widths(&list.columns, room);
    canvas.fill(Rect { height: 1, ..place }, Role::ListHeader);
    let mut x = place.x + margin;
    for (column, width) in list.columns.iter().zip(&widths) {
        canvas.text(x, place.y, *width, &heading(column), Some(Role::ListHeader));
        x += width + 1;
    }
    let mut typing = None;
    let selection = (app.sheet.is_none() && focused).then(|| app.selection(app.focus)).flatten();
    for (at, row) in list.view.visible().enumerate() {
        let y = place.y + 1 + at as u16;
        if y >= place.bottom() {
            break;
        }
        canvas.rows += 1;
        let here = Rect { y, height: 1, ..place };
        let at_cursor = row == list.view.cursor();
        let line = list.folds.line_of(row);
        let selected = selection.is_some_and(|(visual, ..)| {
            let anchor = list.folds.row_of(visual.anchor);
            (anchor.min(list.view.cursor())..=anchor.max(list.view.cursor())).contains(&row)
        });
        let whole = selection.is_some_and(|(visual, ..)| !visual.block);
        canvas.fill(here, if selected && whole { Role::ListVisual } else { Role::List });
        // A bar and the cell, not the whole row, and the bar in the text's colour:
        // a key down writes what it must, and no more goes over the line.
        if at_cursor {
            canvas.text(place.x, y, BAR, "▌", Some(if focused { Role::List } else { Role::TextMuted }));
        }
        if margin > BAR {
            let shown = if app.options.relativenumber && !at_cursor { row.abs_diff(list.view.cursor()) } else { line + 1 };
            canvas.text_to(place.x + margin - 1, y, margin - 1 - BAR, &shown.to_string(), Some(Role::ListNumber));
        }
        if let Some(fold) = list.folds.at(line) {
            canvas.text(place.x + margin, y, room, &fold_text(list, fold), Some(Role::ListFold));
            continue;
        }
        let Some(content) = list.ids.get(line).and_then(|id| list.rows.get(id)) else { continue };
        if let Some((_, from, to)) = selection.filter(|_| selected && !whole) {
            let mut x = place.x + margin;
            for (cell, width) in widths.iter().enumerate() {
                if (from..=to).contains(&cell) {
                    canvas.fill(Rect::new(x, y, *width, 1), Role::ListVisual);
                }
                x += width + 1;
            }
        }
        let editing = app.editing.as_ref().filter(|editing| at_cursor && focused && editing.id == content.id);
        let cursor = (at_cursor && focused).then_some(list.spot.cell);
        typing = cells(canvas, app, content, list, &widths, (place.x + margin, y), cursor, editing).or(typing);
        if editing.is_none() {
            sign(canvas, app, content.id, here);
        }
    }
    typing
}

/// Draws at the end of a row who edits its record, or has just changed it.
pub(super) fn sign(canvas: &mut Canvas<'_>, app: &App, id: RecordId, row: Rect) {
    if let Some(sign) = app.others.sign(id) {
        canvas.text_to(row.right(), row.y, row.width / 2, &text::one_line(&sign.text()), Some(Role::StatusShare));
    }
}

#[allow(clippy::too_many_arguments, reason = "one row's drawing needs all of it")]
fn cells(
    canvas: &mut Canvas<'_>,
    app: &App,
    row: &Row,
    list: &List,
    widths: &[u16],
    (start, y): (u16, u16),
    cursor: Option<usize>,
    editing: Option<&Editing>,
) -> Option<(u16, u16)> {
    let mut x = start;
    let mut typing = None;
    for (index, (cell, width)) in row.cells.iter().zip(widths).enumerate() {
        if *width == 0 {
            continue;
        }
        let here = Rect::new(x, y, *width, 1);
        if cursor == Some(index) {
            canvas.tint(here, Role::ListCursor);
            canvas.tint(here, Role::ListCell);
        }
        match editing.filter(|_| list.spot.cell == index) {
            Some(editing) => typing = Some(super::typing::draw(canvas, here, "", &editing.input, Role::FieldChanged)),
            None => {
                canvas.text(x, y, *width, &text::one_line(&cell.text), cell.role);
                highlight(canvas, app, &cell.text, here);
            }
        }
        x += width + 1;
    }
    typing
}

/// Returns the words for a closed group: how many, and what they share.
fn fold_text(list: &List, fold: &Fold) -> String {
    let what = if fold.group.is_empty() { "in no group".to_owned() } else { text::one_line(&fold.group).into_owned() };
    format!("+ {} {}: {what}", fold.lines, list.name())
}

/// Tints what the last search found in a text drawn at a place.
pub(super) fn highlight(canvas: &mut Canvas<'_>, app: &App, content: &str, place: Rect) {
    let Some(search) = app.search.as_ref().filter(|search| search.shown) else { return };
    let line = text::one_line(content);
    for hit in search.pattern.hits(&line) {
        let from = text::width(&line[..hit.start]) as u16;
        let to = (text::width(&line[..hit.end]) as u16).min(place.width);
        if from < to {
            canvas.tint(Rect::new(place.x + from, place.y, to - from, 1), Role::Match);
        }
    }
}

/// Returns the columns before the cells: the cursor's bar, and the row's number.
fn margin_width(app: &App, list: &List) -> u16 {
    if !app.options.number && !app.options.relativenumber {
        return BAR;
    }
    BAR + list.ids.len().max(1).to_string().len() as u16 + 1
}

fn heading(column: &str) -> String {
    match column {
        "last.at" => "last touch".to_owned(),
        "next.due" => "next due".to_owned(),
        "won.total" => "won".to_owned(),
        agenda if agenda.starts_with("agenda.") => agenda.trim_start_matches("agenda.").to_owned(),
        "opened_at" => "opened".to_owned(),
        other => other.replace(['_', '.'], " "),
    }
}
