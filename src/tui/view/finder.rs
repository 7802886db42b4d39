//! The finder: the best hits with the letters that matched, and a record beside them.

use ratatui::layout::Rect;

use super::paint::Canvas;
use crate::tui::app::finder::{Finder, Hit};
use crate::tui::app::layout::over;
use crate::tui::text;
use crate::tui::theme::Role;

/// Columns that the kind takes.
const KIND: u16 = 12;
/// From this width on a record is shown beside the hits.
const WIDE: u16 = 70;
/// What the keys do, in the last line.
const KEYS: &[(&str, &str)] = &[("<CR>", "open"), ("<C-l>", "log"), ("<C-y>", "copy"), ("<C-f>", "show in its pane"), ("<Esc>", "close")];

/// Draws the finder over the panes.
pub(super) fn draw(canvas: &mut Canvas<'_>, finder: &Finder, body: Rect) {
    let place = canvas.overlay(over(body), &title(finder));
    let hits = if place.width >= WIDE { Rect { width: place.width * 3 / 5, ..place } } else { place };
    let last = Rect { y: place.bottom() - 1, height: 1, ..place };
    let mut x = last.x;
    for (key, what) in KEYS {
        let room = last.right().saturating_sub(x);
        x += canvas.text(x, last.y, room, key, Some(Role::Key)) + 1;
        x += canvas.text(x, last.y, last.right().saturating_sub(x), what, Some(Role::KeyGroup)) + 2;
        if x >= last.right() {
            break;
        }
    }
    let hits = Rect { height: hits.height - 1, ..hits };
    for (line, row) in finder.view.visible().enumerate() {
        let y = hits.y + line as u16;
        if y >= hits.bottom() {
            break;
        }
        draw_hit(canvas, &finder.hits[row], Rect { y, height: 1, ..hits }, row == finder.view.cursor());
    }
    if finder.hits.is_empty() && !finder.looking && finder.unfinished.is_none() {
        let text = if finder.asked().is_empty() { "Type a few letters of any name, mail or number." } else { "Nothing is found." };
        canvas.text(hits.x, hits.y, hits.width, text, Some(Role::Empty));
    }
    if hits.width < place.width {
        let beside = Rect { x: hits.right() + 1, width: place.width - hits.width - 1, ..hits };
        preview(canvas, finder, beside);
    }
}

fn title(finder: &Finder) -> String {
    let Some(lines) = &finder.lines else { return "finder, reading the names".to_owned() };
    match (finder.looking, finder.unfinished) {
        (true, _) => "finder …".to_owned(),
        _ if finder.asked().is_empty() && finder.hits.is_empty() => {
            let more = if lines.0.is_done() { "" } else { "+, reading" };
            format!("finder {}{more} names", lines.0.index.len())
        }
        (false, Some(looked)) => format!("finder {} of {looked} looked at, unfinished …", finder.total),
        (false, None) => format!("finder {}", finder.total),
    }
}

fn draw_hit(canvas: &mut Canvas<'_>, hit: &Hit, place: Rect, at_cursor: bool) {
    canvas.rows += 1;
    canvas.fill(place, if at_cursor { Role::ListCursor } else { Role::Overlay });
    canvas.text(place.x, place.y, KIND - 1, hit.id.kind.name(), Some(Role::TextMuted));
    let x = place.x + KIND;
    let room = place.width.saturating_sub(KIND);
    let used = canvas.text(x, place.y, room, &hit.title, None);
    let mut letters = hit.letters.iter().peekable();
    for (at, (byte, c)) in hit.title.char_indices().enumerate() {
        if letters.next_if_eq(&&at).is_some() {
            let from = text::width(&hit.title[..byte]) as u16;
            let to = (text::width(&hit.title[..byte + c.len_utf8()]) as u16).min(used);
            if from < to {
                canvas.tint(Rect::new(x + from, place.y, to - from, 1), Role::Letters);
            }
        }
    }
    let left = room.saturating_sub(used + 2);
    if left > 4 {
        canvas.text(x + used + 2, place.y, left, &text::one_line(&hit.beside), Some(Role::TextMuted));
    }
}

/// Draws the fields of the record under the cursor, then what happened with it last.
fn preview(canvas: &mut Canvas<'_>, finder: &Finder, place: Rect) {
    let Some((_, rows)) = finder.preview.as_ref().filter(|(id, _)| finder.current().is_some_and(|hit| hit.id == *id)) else { return };
    let touches = rows.iter().filter(|row| row.group != "fields").count().min(usize::from(place.height / 2));
    let fields = usize::from(place.height).saturating_sub(touches + usize::from(touches > 0));
    let (first, last): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.group == "fields");
    let mut y = place.y;
    let mut line = |row: &crate::tui::app::row::Row, canvas: &mut Canvas<'_>| {
        canvas.rows += 1;
        let mut x = place.x;
        for (nth, cell) in row.cells.iter().enumerate() {
            let room = place.right().saturating_sub(x);
            let used = canvas.text(x, y, if nth == 0 { room.min(11) } else { room }, &text::one_line(&cell.text), cell.role);
            x += if nth == 0 { 12 } else { used + u16::from(used > 0) };
            if x >= place.right() {
                break;
            }
        }
        y += 1;
    };
    first.into_iter().take(fields).for_each(|row| line(row, canvas));
    last.into_iter().take(touches).for_each(|row| line(row, canvas));
}
