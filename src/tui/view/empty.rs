//! Empty panes explain themselves: how to begin, not a blank box.

use ratatui::layout::Rect;

use super::paint::Canvas;
use crate::tui::app::state::App;
use crate::tui::keys::Pane;
use crate::tui::text;
use crate::tui::theme::Role;

/// Draws why a pane is empty and what to do about it.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, pane: Pane, place: Rect) {
    let filtered = match pane {
        Pane::Pipeline => !app.pipeline.filter.is_empty(),
        pane => app.list(pane).is_some_and(|list| !list.filter.is_empty()),
    };
    let lines: &[(&str, &str)] = match pane {
        _ if filtered => &[("Nothing matches the filter.", ""), (":filter<Enter>", "shows all again")],
        Pane::Contacts if app.empty_store => &[
            ("Nobody is here yet.", ""),
            ("", ""),
            (":import FILE --as contact", "your own: csv, tsv, json, jsonl"),
            (":demo<Enter>", "a small invented company to try things on"),
            ("o", "a new contact"),
            (":help<Enter>", "keys and commands"),
            (":q<Enter>", "leave"),
            ("", ""),
            ("In the shell:", ""),
            ("rolo demo", "the same company"),
            ("rolo import", "FILE --as contact: csv, tsv, json, jsonl"),
        ],
        Pane::Contacts => &[("Nobody is here yet.", ""), ("o", "a new one")],
        Pane::Timeline => &[("Nothing has happened yet.", ""), ("a", "log a call, a mail, a meeting")],
        Pane::Pipeline => &[("No opportunities yet.", ""), ("o", "a new one")],
        Pane::Tickets => &[("The queue is empty.", ""), ("o", "a new ticket")],
        Pane::Record => &[],
    };
    let keys = lines.iter().filter(|(_, text)| !text.is_empty()).map(|(key, _)| text::width(key)).max().unwrap_or(0) as u16;
    for (line, (key, text)) in lines.iter().enumerate() {
        let y = place.y + 1 + line as u16;
        if y >= place.bottom() {
            break;
        }
        let x = place.x + 2;
        let room = place.width.saturating_sub(3);
        let role = if text.is_empty() { Role::Empty } else { Role::EmptyKey };
        canvas.text(x, y, room, key, Some(role));
        canvas.text(x + keys + 2, y, room.saturating_sub(keys + 2), text, Some(Role::Empty));
    }
}
