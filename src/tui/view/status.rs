//! The status line, the prompt line with its completions, and which-key.

use ratatui::layout::Rect;

use super::paint::Canvas;
use crate::tui::app::message::Level;
use crate::tui::app::prompt::{Asked, Completing};
use crate::tui::app::state::App;
use crate::tui::keys::Mode;
use crate::tui::keys::binding::Alternative;
use crate::tui::text;
use crate::tui::theme::Role;

/// Columns for what a key does, where it has no words of its own.
const FEW: usize = 32;

/// Draws mode, pane, position and pending keys.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, place: Rect) {
    canvas.fill(place, Role::Status);
    let (mode, role) = match app.mode {
        Mode::Normal => (" NORMAL ", Role::StatusNormal),
        Mode::Operator => (" PENDING ", Role::StatusNormal),
        Mode::Visual => (" VISUAL ", Role::StatusVisual),
        Mode::Insert => (" INSERT ", Role::StatusInsert),
        Mode::Prompt => (" PROMPT ", Role::StatusPrompt),
    };
    let mut x = place.x + canvas.text(place.x, place.y, place.width, mode, Some(role)) + 1;
    // Where one stands is told before all that comes in between.
    let position = app.standing().map_or_else(|| "0/0".to_owned(), |(line, lines)| format!("{line}/{lines}"));
    let end = place.right().saturating_sub(text::width(&position) as u16 + 2);
    let mut say = |canvas: &mut Canvas<'_>, text: &str, role: Option<Role>| {
        let left = end.saturating_sub(x);
        if left > 1 && !text.is_empty() {
            x += canvas.text(x, place.y, left, text, role) + 1;
        }
    };
    say(canvas, app.pane().name(), None);
    if let Some(id) = app.current() {
        say(canvas, &id.to_string(), Some(Role::TextMuted));
    }
    if app.readonly {
        say(canvas, "read-only", Some(Role::StatusReadonly));
    }
    if !app.workspace.is_empty() {
        say(canvas, &format!("workspace {}", text::one_line(&app.workspace)), Some(Role::TextMuted));
    }
    if let Some(who) = app.current().and_then(|id| app.others.editor_of(id)) {
        say(canvas, &format!("{who} edits it"), Some(Role::StatusShare));
    }
    say(canvas, &app.others.told, Some(Role::StatusShare));
    match app.drafts.waiting.len() {
        0 => {}
        1 => say(canvas, "1 draft", Some(Role::MessageWarning)),
        count => say(canvas, &format!("{count} drafts"), Some(Role::MessageWarning)),
    }
    if let Some(recording) = &app.grammar.recording {
        say(canvas, &format!("recording @{}", recording.register), Some(Role::StatusVisual));
    }
    if let Some(busy) = &app.busy {
        say(canvas, busy, Some(Role::Progress));
    }
    say(canvas, &app.shared, Some(Role::TextMuted));
    let pending = app.machine.pending_text();
    let right = place.right().saturating_sub(1);
    let width = text::width(&position) as u16;
    if right >= x + width {
        canvas.text_to(right, place.y, width, &position, Some(Role::StatusPosition));
        let room = (right - width).saturating_sub(x + 1);
        canvas.text_to(right - width - 2, place.y, room, &pending, Some(Role::StatusPending));
    }
}

/// Draws the prompt line, or what was said last; returns where the text cursor
/// stands while one types.
pub(super) fn prompt(canvas: &mut Canvas<'_>, app: &App, place: Rect) -> Option<(u16, u16)> {
    canvas.fill(place, Role::Prompt);
    if let Some(prompt) = &app.prompt {
        let at = super::typing::draw(canvas, place, sigil(app, prompt.asked), &prompt.input, Role::Prompt);
        match &prompt.completing {
            Some(completing) => completions(canvas, completing, place),
            None => aid(canvas, app, place),
        }
        super::hints::prompt(canvas, app, place, at.0);
        return Some(at);
    }
    if let Some(said) = app.said.as_ref().or(app.aid.said.as_ref()) {
        let role = match said.level {
            Level::Info => Role::Message,
            Level::Warning => Role::MessageWarning,
            Level::Error => Role::MessageError,
        };
        canvas.text(place.x, place.y, place.width, &text::one_line(&said.text), Some(role));
    } else {
        super::hints::draw(canvas, app, place);
    }
    None
}

/// Draws what is told of what is typed, above the line.
fn aid(canvas: &mut Canvas<'_>, app: &App, place: Rect) {
    let Some(said) = app.aid.said.as_ref().filter(|_| place.y > 0) else { return };
    const MOST: usize = 3;
    let role = if said.level == Level::Error { Role::PromptWrong } else { Role::Message };
    let lines = text::wrap(&text::one_line(&said.text), usize::from(place.width.max(1)), MOST.min(usize::from(place.y)));
    for (at, text) in lines.iter().enumerate() {
        let line = Rect { y: place.y - (lines.len() - at) as u16, height: 1, ..place };
        canvas.fill(line, Role::Overlay);
        canvas.text(line.x, line.y, line.width, text, Some(role));
    }
}

/// Returns what stands before what is typed.
fn sigil(app: &App, asked: Asked) -> &str {
    match &app.question {
        Some(question) if asked == Asked::Answer => &question.text,
        _ => asked.sigil(),
    }
}

/// The most completions seen at once.
const SHOWN: usize = 8;

/// Draws completions above a line, or below it where there is more room.
pub(super) fn completions(canvas: &mut Canvas<'_>, completing: &Completing, prompt: Rect) {
    let all = &completing.candidates;
    let chosen = completing.chosen.unwrap_or(0);
    let from = chosen.saturating_sub(SHOWN - 1);
    let shown = &all[from..all.len().min(from + SHOWN)];
    let bottom = canvas.buffer.area.bottom();
    let (above, under) = (prompt.y, bottom.saturating_sub(prompt.y + 1));
    let height = (shown.len() as u16).min(above.max(under));
    let from_y = if height <= above { prompt.y - height } else { prompt.y + 1 };
    let names = shown.iter().map(|candidate| text::width(&candidate.text)).max().unwrap_or(0) as u16;
    let helps = shown.iter().map(|candidate| text::width(&candidate.help)).max().unwrap_or(0) as u16;
    let width = (names + helps + 4).min(prompt.width);
    for (line, candidate) in shown.iter().enumerate().take(usize::from(height)) {
        let y = from_y + line as u16;
        let here = Rect { x: prompt.x, y, width, height: 1 };
        canvas.fill(here, if completing.chosen == Some(from + line) { Role::CompletionSelected } else { Role::Completion });
        canvas.text(here.x + 1, y, width.saturating_sub(2), &candidate.text, None);
        let left = width.saturating_sub(names + 4);
        canvas.text(here.x + names + 3, y, left, &candidate.help, Some(Role::CompletionHelp));
    }
}

/// Returns what a key does in a few words: its own, or those of its command.
fn told(binding: &Alternative) -> String {
    let title = binding.title();
    let help = binding.desc.is_none().then(|| crate::command::find(title.split(' ').next()?)).flatten();
    let Some(spec) = help.filter(|spec| spec.name == title) else { return title };
    let short = spec.help.split([':', ';', ',', '(']).next().unwrap_or(spec.help).trim();
    text::cut(short, FEW).into_owned()
}

/// Draws what may be typed next behind pending keys, above the status line.
pub(super) fn which_key(canvas: &mut Canvas<'_>, app: &App, body: Rect) {
    // Where nobody types, nobody pauses.
    if !(app.shows_keys || app.follows_at_once) {
        return;
    }
    let next = app.keymap.following(app.place(), app.machine.sequence());
    if app.machine.sequence().is_empty() || next.is_empty() {
        return;
    }
    let entries: Vec<(String, String)> = next
        .iter()
        .map(|next| {
            let keys = crate::tui::keys::trie::print_steps(&[next.step]);
            let title = match (&next.binding, &next.label) {
                (Some(binding), _) => told(binding),
                (None, Some(label)) => format!("+{label}"),
                (None, None) => format!("+{} more", next.more),
            };
            (keys, title)
        })
        .collect();
    let wide = entries.iter().map(|(keys, title)| text::width(keys) + text::width(title) + 4).max().unwrap_or(1) as u16;
    let across = (body.width / wide.max(1)).max(1);
    let lines = (entries.len() as u16).div_ceil(across).min(body.height / 2);
    let place = Rect::new(body.x, body.bottom() - lines, body.width, lines);
    canvas.fill(place, Role::Overlay);
    for (index, (keys, title)) in entries.iter().enumerate() {
        let (row, column) = (index as u16 / across, index as u16 % across);
        if row >= lines {
            break;
        }
        let x = place.x + column * wide + 1;
        let used = canvas.text(x, place.y + row, wide, keys, Some(Role::Key));
        canvas.text(x + used + 1, place.y + row, wide.saturating_sub(used + 2), title, Some(Role::KeyGroup));
    }
}
