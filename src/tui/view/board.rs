//! The board: a column a stage, a card an opportunity.

use ratatui::layout::Rect;

use super::paint::Canvas;
use crate::tui::app::board::{Board, CARD_LINES, Column};
use crate::tui::app::state::App;
use crate::tui::text;
use crate::tui::theme::Role;

/// Draws the columns inside a place.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, board: &Board, place: Rect, focused: bool) {
    let shown = board.shown(place.width);
    let count = shown.len().max(1) as u16;
    let width = place.width / count;
    for (nth, index) in shown.clone().enumerate() {
        let x = place.x + nth as u16 * width;
        let wide = if nth + 1 == usize::from(count) { place.right() - x } else { width - 1 };
        let here = Rect { x, width: wide, ..place };
        column(canvas, app, &board.columns[index], here, focused && index == board.column);
    }
    // What lies to the left and right is told at the edges of the heads.
    let role = Some(Role::TextStrong);
    if shown.start > 0 {
        canvas.text(place.x, place.y, 1, "‹", role);
    }
    if shown.end < board.columns.len() {
        canvas.text(place.right().saturating_sub(1), place.y, 1, "›", role);
    }
}

fn column(canvas: &mut Canvas<'_>, app: &App, column: &Column, place: Rect, focused: bool) {
    let head = if focused { Role::BoardHeadFocused } else { Role::BoardHead };
    canvas.fill(Rect { height: 2.min(place.height), ..place }, head);
    let stage = match column.stage.as_str() {
        "won" => Some(Role::StageWon),
        "lost" => Some(Role::StageLost),
        _ => None,
    };
    let used = canvas.text(place.x + 1, place.y, place.width.saturating_sub(2), &column.stage, stage);
    let count = column.totals.count.to_string();
    canvas.text_to(place.right().saturating_sub(1), place.y, place.width.saturating_sub(used + 3), &count, Some(Role::BoardSum));
    if place.height > 1 {
        let sums = if column.totals.count == 0 { String::new() } else { sums(column, usize::from(place.width.saturating_sub(2))) };
        canvas.text(place.x + 1, place.y + 1, place.width.saturating_sub(2), &sums, Some(Role::BoardSum));
    }
    for (line, row) in column.view.visible().enumerate() {
        let y = place.y + 2 + line as u16 * CARD_LINES;
        if y + CARD_LINES > place.bottom() {
            break;
        }
        let here = Rect { y, height: CARD_LINES, ..place };
        let role = match (row == column.view.cursor(), focused) {
            (true, true) => Role::BoardCursor,
            _ => Role::Board,
        };
        canvas.fill(here, role);
        let Some(card) = column.ids.get(row).and_then(|id| column.cards.get(id)) else { continue };
        let room = place.width.saturating_sub(1);
        canvas.text(place.x, y, room, &text::one_line(&card.title), None);
        super::list::highlight(canvas, app, &card.title, Rect { height: 1, width: room, ..here });
        for (line, details) in [&card.worth, &card.about].into_iter().enumerate() {
            let mut x = place.x + 1;
            for detail in details.iter().filter(|detail| !detail.text.is_empty()) {
                let left = (place.x + room).saturating_sub(x);
                if left < 3 {
                    break;
                }
                let shown = text::one_line(&detail.text);
                x += canvas.text(x, y + 1 + line as u16, left, &shown, Some(detail.role.unwrap_or(Role::BoardDetail))) + 1;
            }
        }
    }
}

/// Sum and weighted sum; the weighted one goes first where there is no room.
fn sums(column: &Column, room: usize) -> String {
    let totals = &column.totals;
    let unpriced = if totals.unpriced > 0 { format!(" +{} unpriced", totals.unpriced) } else { String::new() };
    let both = format!("{} ≈{}{unpriced}", totals.short_sum, totals.short_weighted);
    if text::width(&both) <= room || totals.short_sum.is_empty() { both } else { format!("{}{unpriced}", totals.short_sum) }
}
