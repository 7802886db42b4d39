//! The timeline: an entry a line, its day where it begins; a text that is wanted whole
//! takes as many lines as it needs.

use ratatui::layout::Rect;

use super::paint::Canvas;
use crate::tui::app::row::Row;
use crate::tui::app::state::App;
use crate::tui::app::timeline::{TEXT, Timeline};
use crate::tui::text;
use crate::tui::theme::Role;

/// Columns that the day takes.
const DAY: u16 = 10;
/// Columns that time, channel and direction take; the rest has what room is left.
const FIXED: [u16; 3] = [5, 7, 1];
/// Columns before the text.
const BEFORE: u16 = FIXED[0] + FIXED[1] + FIXED[2] + 3;

/// Draws the visible entries inside a place.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, timeline: &Timeline, place: Rect, focused: bool) {
    let room = usize::from(place.height);
    let visible = timeline.view.visible();
    // Texts shown whole push others down; the row under the cursor stays in sight.
    let mut first = visible.start;
    let line_of = |row: usize| timeline.folds.line_of(row);
    let lines_of = |row: usize| lines(app, timeline, line_of(row), place.width, room);
    let cursor = timeline.view.cursor();
    while first < cursor && (first..=cursor).map(|row| lines_of(row).len().max(1)).sum::<usize>() > room {
        first += 1;
    }
    let mut y = place.y;
    for row in first..timeline.folds.rows() {
        if y >= place.bottom() {
            break;
        }
        let line = line_of(row);
        let Some(entry) = timeline.rows.get(line) else { break };
        let fold = timeline.fold_text(line);
        let whole = lines_of(row);
        let height = (whole.len().max(1) as u16).min(place.bottom() - y);
        let here = Rect { y, height, ..place };
        let role = match (row == cursor, focused) {
            (true, true) => Role::ListCursor,
            (true, false) => Role::ListCursorResting,
            _ if fold.is_some() => Role::ListFold,
            _ => Role::Timeline,
        };
        canvas.rows += 1;
        canvas.fill(here, role);
        let begins = row == first || timeline.rows[line - 1].group != entry.group;
        if begins {
            canvas.text(place.x, y, DAY - 1, &entry.group, Some(Role::HeadingDay));
        }
        let beside = Rect { x: place.x + DAY, width: place.width.saturating_sub(DAY), height: 1, ..here };
        if let Some(text) = fold {
            canvas.text(beside.x, y, beside.width, &text, Some(Role::ListFold));
        } else if whole.is_empty() {
            cells(canvas, app, entry, beside, &FIXED);
        } else {
            let head = Row { cells: entry.cells[..TEXT].to_vec(), ..entry.clone() };
            cells(canvas, app, &head, beside, &FIXED);
            let role = entry.cells.get(TEXT).and_then(|cell| cell.role);
            for (line, text) in whole.iter().enumerate().take(usize::from(height)) {
                let x = place.x + DAY + BEFORE;
                canvas.text(x, y + line as u16, place.right().saturating_sub(x), text, role);
            }
        }
        y += height;
    }
}

/// Returns the lines of a text that is shown whole, who was there at its end; none
/// where one line will do.
fn lines(app: &App, timeline: &Timeline, line: usize, width: u16, most: usize) -> Vec<String> {
    let Some(entry) = timeline.rows.get(line) else { return Vec::new() };
    if timeline.folds.at(line).is_some() || !(app.options.wrap || timeline.is_whole(entry)) {
        return Vec::new();
    }
    let columns = usize::from(width.saturating_sub(DAY + BEFORE));
    let texts: Vec<&str> = entry.cells.iter().skip(TEXT).map(|cell| cell.text.trim()).filter(|text| !text.is_empty()).collect();
    text::wrap(&texts.join("  "), columns, most.max(1))
}

/// Time, channel and direction, then the text with what room is left.
fn cells(canvas: &mut Canvas<'_>, app: &App, entry: &Row, place: Rect, fixed: &[u16]) {
    let mut x = place.x;
    for (index, cell) in entry.cells.iter().enumerate() {
        let left = place.right().saturating_sub(x);
        if left == 0 {
            break;
        }
        let room = fixed.get(index).map_or(left, |fixed| left.min(*fixed));
        let line = text::one_line(&cell.text);
        let used = canvas.text(x, place.y, room, &line, cell.role);
        super::list::highlight(canvas, app, &cell.text, Rect { x, width: room, ..place });
        x += fixed.get(index).map_or(used + u16::from(used > 0), |fixed| fixed + 1);
    }
}
