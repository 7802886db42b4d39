//! A report: the names of its columns, its rows with the cell under the cursor, and a bar
//! behind each row where there is room.

use ratatui::layout::Rect;

use super::paint::Canvas;
use crate::insight::report::{Column, Shape};
use crate::tui::app::layout::over;
use crate::tui::app::page::Page;
use crate::tui::app::state::{App, Sheet};
use crate::tui::text;
use crate::tui::theme::Role;

/// The shortest bar that says something, in cells of the terminal.
const BAR: u16 = 8;
/// The longest that is still read.
const LONGEST: u16 = 40;

/// Draws a report.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, sheet: &Sheet, page: &Page, body: Rect) {
    let place = canvas.overlay(over(body), &text::one_line(&sheet.title));
    if place.height == 0 {
        return;
    }
    let columns = shown(page, place.width);
    canvas.fill(Rect { height: 1, ..place }, Role::ListHeader);
    for &(at, x, width) in &columns {
        cell(canvas, &page.report.columns[at], &page.report.columns[at].name, Rect { x: place.x + x, width, height: 1, ..place }, None);
    }
    let used = columns.last().map_or(0, |(_, x, width)| x + width + 2);
    for (line, row) in sheet.view.visible().enumerate() {
        let y = place.y + 1 + line as u16;
        if y >= place.bottom() {
            break;
        }
        let here = Rect { y, height: 1, ..place };
        let at_cursor = row == sheet.view.cursor();
        canvas.rows += 1;
        canvas.fill(here, if at_cursor { Role::ListCursor } else { Role::Overlay });
        let Some(cells) = page.row(row) else {
            canvas.text(place.x, y, place.width, &text::one_line(&sheet.lines[row]), Some(Role::TextMuted));
            continue;
        };
        for &(at, x, width) in &columns {
            let here = Rect { x: place.x + x, y, width, height: 1 };
            if at_cursor && at == page.column {
                canvas.fill(Rect { width: width.min(place.right().saturating_sub(here.x)), ..here }, Role::ListCell);
            }
            let is_total = row == page.report.rows.len();
            let shown = cells.get(at).map(|cell| cell.figure.shown()).unwrap_or_default();
            cell(canvas, &page.report.columns[at], &shown, here, is_total.then_some(Role::TextStrong));
            super::list::highlight(canvas, app, &shown, here);
        }
        bar(canvas, page, row, Rect { x: place.x + used, width: place.width.saturating_sub(used), ..here });
    }
}

/// Returns the columns that are seen, each with its place: the first one always, and the
/// cursor's.
fn shown(page: &Page, width: u16) -> Vec<(usize, u16, u16)> {
    let fit = |first: usize| {
        let mut places = Vec::new();
        let mut x = 0;
        for at in std::iter::once(0).chain(first..page.widths.len()) {
            let own = page.widths[at].min(width.saturating_sub(x));
            if own == 0 || (own < page.widths[at] && at != 0 && at != first) {
                break;
            }
            places.push((at, x, own));
            x += own + 2;
        }
        places
    };
    let mut first = 1;
    loop {
        let places = if page.widths.is_empty() { Vec::new() } else { fit(first) };
        if first >= page.column || places.iter().any(|(at, ..)| *at == page.column) {
            return places;
        }
        first += 1;
    }
}

/// Writes a cell: words from the left, numbers to the right.
fn cell(canvas: &mut Canvas<'_>, column: &Column, shown: &str, place: Rect, role: Option<Role>) {
    let line = text::one_line(shown);
    match column.shape {
        Shape::Text | Shape::Series => {
            canvas.text(place.x, place.y, place.width, &line, role);
        }
        _ => canvas.text_to(place.right(), place.y, place.width, &line, role),
    }
}

/// Draws a row's bar in eighths of a cell.
fn bar(canvas: &mut Canvas<'_>, page: &Page, row: usize, place: Rect) {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if place.width < BAR {
        return;
    }
    let Some((part, below)) = page.bar(row) else { return };
    let eighths = (part * f64::from(place.width.min(LONGEST)) * 8.0).round() as usize;
    let role = if below { Role::DueOverdue } else { Role::Money };
    let blocks = format!("{}{}", "█".repeat(eighths / 8), PARTS[eighths % 8]);
    canvas.text(place.x, place.y, place.width, &blocks, Some(role));
}
