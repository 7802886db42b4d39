//! A line that is being typed: scrolled so that the cursor is in sight.

use ratatui::layout::Rect;

use super::paint::Canvas;
use crate::tui::app::text_input::TextInput;
use crate::tui::text;
use crate::tui::theme::Role;

/// Draws a sigil and the text; returns where the terminal's cursor stands.
pub(super) fn draw(canvas: &mut Canvas<'_>, place: Rect, sigil: &str, input: &TextInput, role: Role) -> (u16, u16) {
    let used = canvas.text(place.x, place.y, place.width, sigil, Some(Role::PromptSigil));
    let place = Rect { x: place.x + used, width: place.width.saturating_sub(used), ..place };
    draw_parts(canvas, place, input.before(), input.behind(), role)
}

/// Draws what stands before and behind the cursor; returns where that stands.
pub(super) fn draw_parts(canvas: &mut Canvas<'_>, place: Rect, before: &str, behind: &str, role: Role) -> (u16, u16) {
    let room = place.width.saturating_sub(1);
    let before = text::cut_start(before, usize::from(room)).into_owned();
    let shown = canvas.text(place.x, place.y, room, &before, Some(role));
    let rest = place.right().saturating_sub(place.x + shown);
    canvas.text(place.x + shown, place.y, rest, behind, Some(role));
    (place.x + shown, place.y)
}
