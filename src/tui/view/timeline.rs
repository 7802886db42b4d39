//! The timeline: an entry a line, its day where it begins.

use ratatui::layout::Rect;

use super::paint::Canvas;
use crate::tui::app::row::Row;
use crate::tui::app::state::App;
use crate::tui::app::timeline::Timeline;
use crate::tui::text;
use crate::tui::theme::Role;

/// Columns that the day takes.
const DAY: u16 = 10;
/// Columns that time, channel and direction take; the rest has what room is left.
const FIXED: [u16; 3] = [5, 7, 1];

/// Draws the visible entries inside a place.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, timeline: &Timeline, place: Rect, focused: bool) {
    for (line, row) in timeline.view.visible().enumerate() {
        let y = place.y + line as u16;
        if y >= place.bottom() {
            break;
        }
        let here = Rect { y, height: 1, ..place };
        let entry = &timeline.rows[row];
        let role = match (row == timeline.view.cursor(), focused) {
            (true, true) => Role::ListCursor,
            (true, false) => Role::ListCursorResting,
            _ => Role::Timeline,
        };
        canvas.fill(here, role);
        let begins = line == 0 || timeline.rows[row - 1].group != entry.group;
        if begins {
            canvas.text(place.x, y, DAY - 1, &entry.group, Some(Role::HeadingDay));
        }
        cells(canvas, app, entry, Rect { x: place.x + DAY, width: place.width.saturating_sub(DAY), ..here });
    }
}

/// Time, channel and direction, then the text with what room is left.
fn cells(canvas: &mut Canvas<'_>, app: &App, entry: &Row, place: Rect) {
    let mut x = place.x;
    for (index, cell) in entry.cells.iter().enumerate() {
        let left = place.right().saturating_sub(x);
        if left == 0 {
            break;
        }
        let room = FIXED.get(index).map_or(left, |fixed| left.min(*fixed));
        let line = text::one_line(&cell.text);
        let used = canvas.text(x, place.y, room, &line, cell.role);
        super::list::highlight(canvas, app, &cell.text, Rect { x, width: room, ..place });
        x += FIXED.get(index).map_or(used + u16::from(used > 0), |fixed| fixed + 1);
    }
}
