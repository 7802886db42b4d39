//! The review of duplicates over the panes: two records side by side.

use ratatui::layout::Rect;

use super::paint::Canvas;
use crate::actions::Side;
use crate::tui::app::layout::over;
use crate::tui::app::review::{Beside, BesideRow, Decision, Review};
use crate::tui::theme::Role;

/// Columns that the names of fields take, at most.
const NAMES: u16 = 16;

/// Draws the review.
pub(super) fn draw(canvas: &mut Canvas<'_>, review: &Review, body: Rect) {
    let place = canvas.overlay(over(body), &title(review));
    let lines = |canvas: &mut Canvas<'_>, texts: &[String], role: Role| {
        for (y, text) in (place.y..place.bottom()).zip(texts) {
            canvas.text(place.x, y, place.width, text, Some(role));
        }
    };
    let Some(pairs) = &review.pairs else {
        return lines(canvas, &[format!("Looking for {} that may be one …", review.sought.kind.plural())], Role::Empty);
    };
    let Some(pair) = pairs.get(review.at) else {
        let mut texts = vec![format!("No {} seem to be one.", review.sought.kind.plural())];
        texts.extend(review.told.iter().cloned());
        return lines(canvas, &texts, Role::Empty);
    };
    let decided = match pair.decision {
        Some(Decision::Merged(step)) => format!("merged by @{step}; "),
        Some(Decision::Distinct(step)) => format!("no duplicates, by @{step}; "),
        None => String::new(),
    };
    let why = format!("{:.2} {decided}{}", pair.twin.score, pair.twin.reasons.join(", "));
    canvas.text(place.x, place.y, place.width, &why, Some(Role::TextMuted));
    let Some(compared) = &review.compared else { return };
    let names = NAMES.min(place.width / 4);
    let half = place.width.saturating_sub(names + 2) / 2;
    let (left, right) = (place.x + names + 1, place.x + names + 1 + half + 1);
    let head = [format!("stays: {}", compared.heads[0]), format!("goes in: {}", compared.heads[1])];
    canvas.text(left, place.y + 1, half, &head[0], Some(Role::Heading));
    canvas.text(right, place.y + 1, half, &head[1], Some(Role::Heading));
    for (line, row) in review.view.visible().enumerate() {
        let y = place.y + 2 + line as u16;
        if y >= place.bottom() {
            break;
        }
        let here = Rect { y, height: 1, ..place };
        canvas.fill(here, if row == review.view.cursor() { Role::ListCursor } else { Role::Overlay });
        let row = &compared.rows[row];
        canvas.text(place.x, y, names, &row.name, Some(Role::FieldName));
        for (side, x) in [(Side::Keep, left), (Side::Other, right)] {
            let (mark, role) = look(review, row, side);
            canvas.text(x, y, 1, mark, Some(role));
            canvas.text(x + 2, y, half.saturating_sub(2), &row.values[usize::from(side == Side::Other)], Some(role));
        }
    }
}

/// Returns the mark before a value and how it looks: what stands is plain to see without
/// colours too.
fn look(review: &Review, row: &BesideRow, side: Side) -> (&'static str, Role) {
    let is_there = !row.values[usize::from(side == Side::Other)].is_empty();
    match row.beside {
        _ if !is_there => (" ", Role::TextMuted),
        Beside::Same => (" ", Role::FieldValue),
        Beside::One => ("+", Role::FieldValue),
        Beside::Both if review.side(row) == side => ("1", Role::FieldChanged),
        Beside::Both => ("2", Role::FieldChanged),
        Beside::Either if review.side(row) == side => (">", Role::FieldChanged),
        Beside::Either => ("x", Role::TextMuted),
    }
}

fn title(review: &Review) -> String {
    let Some(pairs) = &review.pairs else { return "duplicates".to_owned() };
    if pairs.is_empty() {
        return "duplicates".to_owned();
    }
    format!("duplicates {} of {}, {} open", review.at + 1, pairs.len(), review.open())
}
