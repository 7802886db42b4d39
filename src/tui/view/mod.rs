//! Drawing: the state to a buffer, and nothing else.
//!
//! It never changes anything and never sees the store. Only what is visible is
//! built: nothing here grows with the data.

mod board;
mod columns;
mod empty;
mod finder;
mod form;
mod hints;
mod list;
mod page;
mod paint;
mod record;
mod review;
mod status;
mod tabs;
mod timeline;
mod typing;

use paint::Canvas;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::app::layout::SMALLEST;
use crate::tui::app::prompt::Asked;
use crate::tui::app::state::App;
use crate::tui::keys::Pane;
use crate::tui::theme::{Role, Theme};

/// What came of drawing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Where the terminal's cursor stands, if text is being typed.
    pub cursor: Option<(u16, u16)>,
    /// How many rows were made: of lists, cards, entries, lines of what lies over them.
    pub rows: usize,
}

/// Draws the application.
pub fn draw(app: &App, theme: &Theme, buffer: &mut Buffer) -> Drawn {
    let screen = buffer.area;
    let mut canvas = Canvas { buffer, theme, rows: 0 };
    canvas.fill(screen, Role::Text);
    let Some(layout) = app.layout() else {
        let text = format!("rolo needs {}x{}", SMALLEST.0, SMALLEST.1);
        canvas.text(screen.x, screen.y, screen.width, &text, Some(Role::MessageError));
        return Drawn::default();
    };
    if app.tabs.len() > 1 {
        tabs::draw(&mut canvas, app, Rect { height: 1, ..screen });
    }
    let mut typing = None;
    for (pane, place) in &layout.panes {
        typing = draw_pane(&mut canvas, app, *pane, *place).or(typing);
    }
    let body = Rect::new(0, 0, screen.width, layout.status.y);
    if let Some(review) = &app.review {
        review::draw(&mut canvas, review, body);
    }
    if let Some(opened) = app.opened.last() {
        typing = record::draw(&mut canvas, app, opened, body).or(typing);
    }
    if let Some(form) = &app.form {
        typing = form::draw(&mut canvas, app, form, body);
    }
    if let Some(sheet) = &app.sheet {
        match &sheet.page {
            Some(page) => page::draw(&mut canvas, app, sheet, page, body),
            None => record::sheet(&mut canvas, app, sheet, body),
        }
    }
    if app.prompt.as_ref().is_some_and(|prompt| prompt.asked == Asked::Finder) {
        finder::draw(&mut canvas, &app.finder, body);
    }
    if let (Some(completing), Some((x, y))) = (app.editing.as_ref().and_then(|editing| editing.completing.as_ref()), typing) {
        status::completions(&mut canvas, completing, Rect { x, y, width: screen.width.saturating_sub(x), height: 1 });
    }
    status::which_key(&mut canvas, app, body);
    status::draw(&mut canvas, app, layout.status);
    let cursor = status::prompt(&mut canvas, app, layout.prompt).or(typing);
    Drawn { cursor, rows: canvas.rows }
}

fn draw_pane(canvas: &mut Canvas<'_>, app: &App, pane: Pane, place: Rect) -> Option<(u16, u16)> {
    let focused = app.focus == pane && app.opened.is_empty() && app.sheet.is_none() && app.review.is_none();
    match pane {
        Pane::Contacts | Pane::Tickets => {
            let list = app.list(pane)?;
            let title = if pane == Pane::Tickets { "tickets" } else { list.name() };
            let inside = canvas.frame(place, title, &detail(&list.filter, &list.sort, list.total), focused);
            if list.loaded && list.ids.is_empty() {
                empty::draw(canvas, app, pane, inside);
                return None;
            }
            list::draw(canvas, app, list, inside, focused)
        }
        Pane::Pipeline => {
            let board = &app.pipeline;
            let total = board.columns.iter().map(|column| column.totals.count).sum();
            let supposed = if board.scratch.is_empty() { String::new() } else { format!(" what if {}", board.scratch.len()) };
            let title = if board.pipelines.len() > 1 { format!("pipeline {}", board.pipeline) } else { "pipeline".to_owned() };
            let inside = canvas.frame(place, &format!("{title}{supposed}"), &detail(&board.filter, &currency(board), total), focused);
            if board.loaded && total == 0 && board.filter.is_empty() {
                empty::draw(canvas, app, pane, inside);
                return None;
            }
            board::draw(canvas, app, board, inside, focused);
            None
        }
        Pane::Timeline => {
            let timeline = &app.timeline;
            let title = if timeline.name.is_empty() { "timeline".to_owned() } else { format!("timeline {}", timeline.name) };
            let mut detail = format!("{}{}", timeline.total(), if timeline.more { "+" } else { "" });
            if !timeline.shown.is_empty() {
                detail = format!("{detail}, only {}", timeline.shown.join(", "));
            }
            let inside = canvas.frame(place, &title, &detail, focused);
            if timeline.rows.is_empty() {
                empty::draw(canvas, app, pane, inside);
                return None;
            }
            timeline::draw(canvas, app, timeline, inside, focused);
            None
        }
        Pane::Record | Pane::Review => None,
    }
}

/// Returns what the sums of the board are told in.
fn currency(board: &crate::tui::app::board::Board) -> String {
    let sum = board.columns.iter().map(|column| column.totals.short_sum.as_str()).find(|sum| !sum.is_empty());
    sum.and_then(|sum| sum.rsplit_once(' ')).map_or_else(String::new, |(_, currency)| currency.to_owned())
}

/// A title's detail: the filter, the sort, how many.
fn detail(filter: &str, sort: &str, total: u64) -> String {
    let mut detail = total.to_string();
    if sort.chars().all(char::is_uppercase) && !sort.is_empty() {
        detail = format!("{detail} in {sort}");
    } else if !sort.is_empty() {
        detail = format!("{detail} by {sort}");
    }
    if !filter.is_empty() {
        detail = format!("{detail} where {filter}");
    }
    detail
}
