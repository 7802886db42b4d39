//! A line that is being typed: scrolled so that the cursor is in sight.

use ratatui::layout::Rect;

use super::paint::Canvas;
use crate::tui::app::text_input::TextInput;
use crate::tui::text;
use crate::tui::theme::Role;

/// Draws a sigil and the text; returns where the terminal's cursor stands.
pub(super) fn draw(canvas: &mut Canvas<'_>, place: Rect, sigil: &str, input: &TextInput, role: Role) -> (u16, u16) {
    let used = canvas.text(place.x, place.y, place.width, sigil, Some(Role::PromptSigil));
    let room = place.width.saturating_sub(used + 1);
    let before = text::cut_start(input.before(), usize::from(room)).into_owned();
    let x = place.x + used;
    let shown = canvas.text(x, place.y, room, &before, Some(role));
    let rest = place.right().saturating_sub(x + shown);
    canvas.text(x + shown, place.y, rest, input.behind(), Some(role));
    (x + shown, place.y)
}
