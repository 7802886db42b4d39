//! Putting safe text into the buffer.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::tui::app::layout::inside;
use crate::tui::text;
use crate::tui::theme::{Role, Theme};

/// Where and how things are drawn.
pub(super) struct Canvas<'a> {
    /// What is drawn on.
    pub(super) buffer: &'a mut Buffer,
    /// How roles look.
    pub(super) theme: &'a Theme,
    /// How many rows have been made so far: nothing of a frame may grow with the data.
    pub(super) rows: usize,
}

impl Canvas<'_> {
    /// Fills a place with a role's ground.
    pub(super) fn fill(&mut self, place: Rect, role: Role) {
        let style = self.theme.whole(role);
        for y in place.top()..place.bottom() {
            for x in place.left()..place.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                    cell.set_style(style);
                }
            }
        }
    }

    /// Lays a role's style over what is drawn.
    pub(super) fn tint(&mut self, place: Rect, role: Role) {
        self.buffer.set_style(place, self.theme.style(role));
    }

    /// Writes a text into at most so many columns of a line; what may not reach
    /// the terminal is a placeholder. Returns the columns used.
    pub(super) fn text(&mut self, x: u16, y: u16, columns: u16, text: &str, role: Option<Role>) -> u16 {
        let style = role.map_or(Style::default(), |role| self.theme.style(role));
        let mut at = x;
        let mut left = usize::from(columns);
        for piece in text::pieces(text, left) {
            let style = if piece.placeholder { style.patch(self.theme.style(Role::Placeholder)) } else { style };
            let (end, _) = self.buffer.set_stringn(at, y, &piece.text, left, style);
            left = left.saturating_sub(usize::from(end - at));
            at = end;
        }
        at - x
    }

    /// Writes a text that ends at a column.
    pub(super) fn text_to(&mut self, right: u16, y: u16, columns: u16, text: &str, role: Option<Role>) {
        let width = (text::width(text) as u16).min(columns);
        self.text(right.saturating_sub(width), y, width, text, role);
    }

    /// Draws a frame with a title, and a detail beside it; returns what is inside.
    pub(super) fn frame(&mut self, place: Rect, title: &str, detail: &str, focused: bool) -> Rect {
        let (border, title_role) = if focused { (Role::BorderFocused, Role::TitleFocused) } else { (Role::Border, Role::Title) };
        self.fill(place, Role::Text);
        self.border(place, border);
        let room = place.width.saturating_sub(4);
        let used = self.text(place.x + 2, place.y, room, &format!(" {title} "), Some(title_role));
        if !detail.is_empty() && room > used + 2 {
            self.text(place.x + 2 + used, place.y, room - used, &format!("{detail} "), Some(Role::TitleDetail));
        }
        inside(place)
    }

    fn border(&mut self, place: Rect, role: Role) {
        if place.width < 2 || place.height < 2 {
            return;
        }
        let style = self.theme.style(role);
        let (right, bottom) = (place.right() - 1, place.bottom() - 1);
        for x in place.x + 1..right {
            self.buffer.set_string(x, place.y, "─", style);
            self.buffer.set_string(x, bottom, "─", style);
        }
        for y in place.y + 1..bottom {
            self.buffer.set_string(place.x, y, "│", style);
            self.buffer.set_string(right, y, "│", style);
        }
        for (x, y, corner) in [(place.x, place.y, "┌"), (right, place.y, "┐"), (place.x, bottom, "└"), (right, bottom, "┘")] {
            self.buffer.set_string(x, y, corner, style);
        }
    }

    /// Draws a frame of the role that lies over the panes.
    pub(super) fn overlay(&mut self, place: Rect, title: &str) -> Rect {
        self.fill(place, Role::Overlay);
        self.border(place, Role::OverlayBorder);
        self.text(place.x + 2, place.y, place.width.saturating_sub(4), &format!(" {title} "), Some(Role::OverlayTitle));
        inside(place)
    }
}
