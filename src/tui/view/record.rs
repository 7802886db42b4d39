//! An opened record over the panes, and sheets of lines to be read.

use ratatui::layout::Rect;

use super::paint::Canvas;
use crate::domain::RecordId;
use crate::tui::app::layout::over;
use crate::tui::app::record::Opened;
use crate::tui::app::state::{App, Sheet};
use crate::tui::text;
use crate::tui::theme::Role;

/// Columns that the names of fields take.
const NAMES: u16 = 18;

/// Draws an opened record; returns where the text cursor stands if a field is
/// being edited.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, opened: &Opened, body: Rect) -> Option<(u16, u16)> {
    let place = canvas.overlay(over(body), &format!("{} {}{}", opened.id, text::one_line(&opened.title), editor(app, opened.id)));
    let mut typing = None;
    if opened.loaded && opened.rows.is_empty() {
        canvas.text(place.x, place.y, place.width, "There is nothing to show.", Some(Role::Empty));
    }
    for (line, row) in opened.view.visible().enumerate() {
        let y = place.y + line as u16;
        if y >= place.bottom() {
            break;
        }
        let here = Rect { y, height: 1, ..place };
        let content = &opened.rows[row];
        let at_cursor = row == opened.view.cursor();
        canvas.rows += 1;
        canvas.fill(here, if at_cursor { Role::ListCursor } else { Role::Overlay });
        let names = NAMES.min(place.width / 3);
        let name = content.cells.first().map_or("", |cell| cell.text.as_str());
        canvas.text(place.x, y, names, name, Some(Role::FieldName));
        let room = place.width.saturating_sub(names + 1);
        let value = Rect { x: place.x + names + 1, width: room, ..here };
        let editing = app.editing.as_ref().filter(|editing| {
            at_cursor && content.cells.get(1).and_then(|cell| cell.written.as_ref()).is_some_and(|written| written.field == editing.field)
        });
        if let Some(editing) = editing {
            typing = Some(super::typing::draw(canvas, value, "", &editing.input, Role::FieldChanged));
            continue;
        }
        let mut x = value.x;
        for cell in content.cells.iter().skip(1) {
            let line = text::one_line(&cell.text);
            x += canvas.text(x, y, value.right().saturating_sub(x), &line, Some(cell.role.unwrap_or(Role::FieldValue))) + 1;
            if x >= value.right() {
                break;
            }
        }
        if let Some(cell) = content.cells.get(1) {
            super::list::highlight(canvas, app, &cell.text, value);
        }
        // Where a section begins, its name stands at the right.
        if line == 0 || opened.rows[row - 1].group != content.group {
            let name = format!(" {}", content.group);
            canvas.text_to(place.right(), y, place.width / 2, &name, Some(Role::Heading));
        }
    }
    typing
}

/// Returns who else edits a record, as the end of a title.
pub(super) fn editor(app: &App, id: RecordId) -> String {
    app.others.editor_of(id).map_or_else(String::new, |who| format!(" \u{2013} {} edits it", text::one_line(who)))
}

/// Draws lines to be read.
pub(super) fn sheet(canvas: &mut Canvas<'_>, app: &App, sheet: &Sheet, body: Rect) {
    let place = canvas.overlay(over(body), &sheet.title);
    for (line, row) in sheet.view.visible().enumerate() {
        let y = place.y + line as u16;
        if y >= place.bottom() {
            break;
        }
        let role = if row == sheet.view.cursor() { Role::ListCursor } else { Role::Overlay };
        canvas.rows += 1;
        canvas.fill(Rect { y, height: 1, ..place }, role);
        canvas.text(place.x, y, place.width, &sheet.lines[row], None);
        super::list::highlight(canvas, app, &sheet.lines[row], Rect { y, height: 1, ..place });
    }
}
