//! Empty panes explain themselves: how to begin, not a blank box.

use ratatui::layout::Rect;

use super::paint::Canvas;
use crate::domain::Kind;
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
    let key = |line: &str| crate::tui::app::told::key(app, pane, line);
    let own = |line: &str, what| key(line).map(|key| (key, what));
    let said = |text: &str| Some((text.to_owned(), ""));
    let lines: Vec<(String, &str)> = match pane {
        _ if filtered => vec![said("Nothing matches the filter."), Some((":filter<Enter>".to_owned(), "shows all again"))],
        Pane::Contacts if app.empty_store => vec![
            said("Nobody is here yet."),
            said(""),
            Some((":import FILE --as contact".to_owned(), "your own: csv, tsv, json, jsonl")),
            Some((":demo<Enter>".to_owned(), "a small invented company to try things on")),
            own("new", "a new contact"),
            Some((":help<Enter>".to_owned(), "keys and commands")),
            Some((":q<Enter>".to_owned(), "leave")),
            said(""),
            said("In the shell:"),
            Some(("rolo demo".to_owned(), "the same company")),
            Some(("rolo import".to_owned(), "FILE --as contact: csv, tsv, json, jsonl")),
        ],
        Pane::Contacts if app.contacts.is_agenda() => vec![said("Nothing is due."), own("new", "a new task")],
        Pane::Contacts if app.contacts.kind == Kind::Contact => vec![said("Nobody is here yet."), own("new", "a new contact")],
        Pane::Contacts => vec![said(&format!("No {} yet.", app.contacts.kind.plural())), own("new", "a new one")],
        Pane::Timeline if app.timeline.total() > 0 => {
            vec![said("Nothing through these channels."), Some((":channel<Enter>".to_owned(), "shows all again"))]
        }
        // Of whom one knows is still to come.
        Pane::Timeline if app.timeline.of.is_none() && app.current_in(app.leading).is_some() => Vec::new(),
        Pane::Timeline => vec![said("Nothing has happened yet."), own("log-touch", "log a call, a mail, a meeting")],
        Pane::Pipeline => vec![said("No opportunities yet."), own("new", "a new one")],
        Pane::Tickets => vec![said("The queue is empty."), own("new", "a new ticket")],
        Pane::Record | Pane::Review => Vec::new(),
    }
    .into_iter()
    .flatten()
    .collect();
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
