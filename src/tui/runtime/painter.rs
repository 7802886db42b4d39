//! From a frame to as few bytes as it takes.
//!
//! The frame is compared with the last one and only what differs is written, in one
//! go and between the marks of a synchronised update, so that a terminal never
//! shows half of it.

use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::tui::app::state::App;
use crate::tui::theme::Theme;
use crate::tui::view;

const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// What the terminal shows.
#[derive(Debug, Default)]
pub(super) struct Painter {
    shown: Option<Buffer>,
    cursor: Option<(u16, u16)>,
}

impl Painter {
    /// Forgets what the terminal shows: the next frame is drawn whole.
    pub(super) fn forget(&mut self) {
        self.shown = None;
    }

    /// Returns the bytes that bring the terminal up to date; none if it is.
    pub(super) fn frame(&mut self, app: &App, theme: &Theme) -> Vec<u8> {
        let area = Rect::new(0, 0, app.size.0, app.size.1);
        let mut buffer = Buffer::empty(area);
        let cursor = view::draw(app, theme, &mut buffer);
        let whole = self.shown.as_ref().is_none_or(|shown| shown.area != area);
        let before = self.shown.take().filter(|_| !whole).unwrap_or_else(|| Buffer::empty(area));
        let updates = before.diff(&buffer);
        let moved = whole || cursor != self.cursor;
        if updates.is_empty() && !moved {
            self.shown = Some(before);
            return Vec::new();
        }
        let mut bytes = BEGIN.to_vec();
        let mut backend = CrosstermBackend::new(&mut bytes);
        // Writing into memory does not fail.
        let _ = if whole { backend.clear() } else { Ok(()) };
        if self.cursor.is_some() || whole {
            let _ = backend.hide_cursor();
        }
        let _ = backend.draw(updates.into_iter());
        if let Some((x, y)) = cursor {
            let _ = backend.set_cursor_position(Position { x, y });
            let _ = backend.show_cursor();
        }
        bytes.extend(END);
        self.shown = Some(buffer);
        self.cursor = cursor;
        bytes
    }
}
