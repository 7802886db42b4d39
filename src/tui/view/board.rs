//! The board: a column a stage, a card an opportunity.

use ratatui::layout::Rect;

use super::paint::Canvas;
use crate::tui::app::board::{Board, CARD_LINES, Column, head_lines};
use crate::tui::app::state::App;
use crate::tui::text;
use crate::tui::theme::Role;

/// Draws the columns inside a place.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, board: &Board, place: Rect, focused: bool) {
    let shown = board.shown(place.width);
    for (index, x, width) in board.spans(place.width) {
        let here = Rect { x: place.x + x, width, ..place };
        let focused = focused && index == board.column;
        match board.is_narrow(index) {
            true => narrow(canvas, &board.columns[index], here, focused),
            false => column(canvas, app, &board.columns[index], here, focused),
        }
    }
    // What lies to the left and right is told at the edges of the heads.
    let role = Some(Role::TextStrong);
    if shown.start > 0 {
        canvas.text(place.x, place.y + 1, 1, "‹", role);
    }
    if shown.end < board.columns.len() {
        canvas.text(place.right().saturating_sub(1), place.y + 1, 1, "›", role);
    }
}

/// A column that is folded or empty: how many, and the stage from top to bottom.
fn narrow(canvas: &mut Canvas<'_>, column: &Column, place: Rect, focused: bool) {
    canvas.fill(place, if focused { Role::BoardHeadFocused } else { Role::BoardHead });
    canvas.text_to(place.right(), place.y, place.width, &column.totals.count.to_string(), Some(Role::BoardSum));
    for (y, letter) in (place.y + 2..place.bottom()).zip(column.stage.chars()) {
        canvas.text(place.x + 1, y, 1, letter.encode_utf8(&mut [0; 4]), Some(Role::TextMuted));
    }
}

fn column(canvas: &mut Canvas<'_>, app: &App, column: &Column, place: Rect, focused: bool) {
    let head = if focused { Role::BoardHeadFocused } else { Role::BoardHead };
    let lines = head_lines(place.height);
    canvas.fill(Rect { height: lines.min(place.height), ..place }, head);
    let stage = match column.stage.as_str() {
        "won" => Some(Role::StageWon),
        "lost" => Some(Role::StageLost),
        _ => None,
    };
    let room = place.width;
    let count = column.totals.count.to_string();
    let counted = text::width(&count) as u16;
    canvas.text(place.x, place.y, room.saturating_sub(counted + 1), &column.stage, stage);
    canvas.text_to(place.right(), place.y, counted, &count, Some(Role::BoardSum));
    for (line, text) in sums(column, usize::from(room), lines).iter().enumerate() {
        canvas.text(place.x, place.y + 1 + line as u16, room, text, Some(Role::BoardSum));
    }
    for (line, row) in column.view.visible().enumerate() {
        let y = place.y + lines + line as u16 * CARD_LINES;
        if y + CARD_LINES > place.bottom() {
            break;
        }
        let here = Rect { y, height: CARD_LINES, ..place };
        let role = match (row == column.view.cursor(), focused) {
            (true, true) => Role::BoardCursor,
            _ => Role::Board,
        };
        canvas.rows += 1;
        canvas.fill(here, role);
        let Some(card) = column.ids.get(row).and_then(|id| column.cards.get(id)) else { continue };
        let room = place.width.saturating_sub(1);
        let mark = if card.overdue { canvas.text(place.x, y, room, "! ", Some(Role::DueOverdue)) } else { 0 };
        let title = Rect { x: place.x + mark, y, width: room.saturating_sub(mark), height: 1 };
        canvas.text(title.x, y, title.width, &text::one_line(&card.title), None);
        super::list::highlight(canvas, app, &card.title, title);
        super::list::sign(canvas, app, card.id, Rect { height: 1, ..here });
        for (line, details) in [&card.worth, &card.about].into_iter().enumerate() {
            let mut x = place.x;
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

/// Sum and weighted sum: a line each, or both in one without their currency, which
/// the title names.
fn sums(column: &Column, room: usize, lines: u16) -> Vec<String> {
    let totals = &column.totals;
    if totals.count == 0 {
        return Vec::new();
    }
    let unpriced = if totals.unpriced > 0 { format!(" +{} unpriced", totals.unpriced) } else { String::new() };
    if lines > 2 {
        return vec![format!("{}{unpriced}", totals.short_sum), format!("≈ {}", totals.short_weighted)];
    }
    let bare = |text: &str| text.split(' ').next().unwrap_or_default().to_owned();
    let whole = format!("{} ≈ {}{unpriced}", totals.short_sum, totals.short_weighted);
    let short = format!("{} ≈ {}{unpriced}", bare(&totals.short_sum), bare(&totals.short_weighted));
    vec![[whole, short].into_iter().find(|text| text::width(text) <= room).unwrap_or_else(|| format!("{}{unpriced}", totals.short_sum))]
}
