//! What the grammar holds, to be read: registers, the help on a field, lines typed
//! before.

use super::registers::{READ_ONLY, Register};
use crate::command::{Here, Id, Invocation, spec};
use crate::domain::{Kind, RecordId};
use crate::tui::app::message::{Effect, Level};
use crate::tui::app::prompt::Asked;
use crate::tui::app::showing;
use crate::tui::app::state::App;

/// Carries out a command that only shows; `None` if it is none.
pub(in crate::tui::app) fn run(app: &mut App, invocation: &Invocation) -> Option<Vec<Effect>> {
    match invocation.spec.id {
        Id::Registers => {
            let wanted = invocation.args.replace(' ', "");
            let is_wanted = |name: char| wanted.is_empty() || wanted.contains(name);
            let held = app.grammar.registers.all().filter(|(name, _)| is_wanted(*name));
            let mut lines: Vec<String> = held.map(|(name, held)| line(name, held)).collect();
            for name in READ_ONLY.chars().filter(|name| is_wanted(*name)) {
                lines.extend(app.register(Some(name)).map(|held| line(name, &held)));
            }
            if lines.is_empty() {
                app.say(Level::Info, "these registers are empty");
            } else {
                showing::sheet(app, "registers", lines);
            }
        }
        Id::HistoryWindow => {
            let asked = match invocation.args.as_str() {
                "/" | "?" => Asked::Search,
                _ => Asked::Command,
            };
            let lines: Vec<String> = app
                .histories
                .get(&asked)
                .map_or_else(Vec::new, |lines| lines.iter().map(|line| format!("{}{line}", asked.sigil())).collect());
            if lines.is_empty() {
                return Some(app.refuse("nothing has been typed there yet", None));
            }
            let last = lines.len() - 1;
            showing::sheet(app, "history: <CR> runs a line, i edits it first", lines);
            if let Some(sheet) = &mut app.sheet {
                sheet.view.go_to(last);
                sheet.typed_into = Some(asked);
            }
        }
        Id::FieldHelp => return Some(field_help(app)),
        Id::OpenOutside => return Some(outside(app, invocation.bang)),
        _ => return None,
    }
    Some(Vec::new())
}

/// Says what the field under the cursor is.
fn field_help(app: &mut App) -> Vec<Effect> {
    let column = app.columns_here().get(super::operate::spot(app).cell).cloned();
    let Some(name) = app.written_under_cursor().map(|written| written.field).or(column) else {
        return app.refuse("no field stands under the cursor", Some("go to a list or open a record"));
    };
    let plain = name.split('.').next().unwrap_or(&name);
    let kind = app.opened.last().map_or_else(|| app.kind_here(), |opened| opened.id.kind);
    let text = match crate::domain::fields::fields(kind).find(|field| field.name == plain) {
        Some(field) => format!("{name}: {} ({}), such as {}", field.help, field.ty, field.example),
        None => format!("{name}: what the store or the team knows of a {kind}"),
    };
    app.say(Level::Info, text);
    Vec::new()
}

/// Opens what stands under the cursor: an address of the web, for mail, to be called;
/// a document; else the record's own one.
fn outside(app: &mut App, bang: bool) -> Vec<Effect> {
    let cell = if app.opened.is_empty() { super::operate::spot(app).cell } else { 1 };
    let text = app
        .shown_row(app.cursor())
        .and_then(|row| row.cells.get(cell))
        .map(|cell| cell.written.as_ref().map_or(&cell.text, |written| &written.text).clone());
    let record = app.shown_row(app.cursor()).map(|row| row.id);
    match (text.as_deref().and_then(address), record) {
        (_, Some(document)) if document.kind == Kind::Document => open_file(document),
        // Whoever is called is asked about first: whether they want it, and what time it is there.
        (Some(address), Some(id)) if address.starts_with("tel:") && matches!(id.kind, Kind::Contact | Kind::Company) => {
            let number = address.trim_start_matches("tel:").to_owned();
            let invocation = Invocation { args: number, bang, ..Invocation::of(spec(Id::Call)) };
            vec![Effect::Run { invocation: Box::new(invocation), here: Here { targets: vec![id], ..Here::default() } }]
        }
        (Some(address), _) => vec![Effect::Open(address)],
        (None, Some(record)) => open_file(record),
        (None, None) => app.refuse("no address stands under the cursor", Some("go to a web address, an e-mail, a phone or a file")),
    }
}

fn open_file(of: RecordId) -> Vec<Effect> {
    let invocation = Box::new(Invocation::of(spec(Id::OpenFile)));
    vec![Effect::Run { invocation, here: Here { targets: vec![of], ..Here::default() } }]
}

/// Returns a text as an address that the system knows how to open.
fn address(text: &str) -> Option<String> {
    let word = text.split_whitespace().find(|word| word.contains(['@', '/', '+']) || word.starts_with("www."))?;
    let is_safe = word.chars().all(|c| c.is_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c));
    if !is_safe {
        return None;
    }
    if word.starts_with("https://") || word.starts_with("http://") {
        return Some(word.to_owned());
    }
    if word.starts_with("www.") {
        return Some(format!("https://{word}"));
    }
    if word.contains('@') && !word.contains('/') {
        return Some(format!("mailto:{word}"));
    }
    let digits: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    (digits.len() > 6 && digits.starts_with('+')).then(|| format!("tel:{digits}"))
}

fn line(name: char, held: &Register) -> String {
    format!("\"{name}  {:<6}{}", held.kind.name(), held.text().replace('\n', "^J").replace('\t', "  "))
}

impl App {
    /// Returns what a register holds, those included that fill themselves.
    pub(in crate::tui::app) fn register(&self, name: Option<char>) -> Option<Register> {
        let text = match name {
            Some(':') => self.grammar.line.clone(),
            Some('/') => self.search.as_ref().map(|search| search.pattern.text().to_owned()),
            Some('.') => Some(self.grammar.inserted.clone()).filter(|text| !text.is_empty()),
            Some('%') => self.current().map(|id| id.to_string()),
            Some('#') => self.grammar.alternate.map(|id| id.to_string()),
            name => return self.grammar.registers.get(name).cloned(),
        };
        text.map(Register::keys)
    }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn addresses_are_known_by_their_look() {
        for (text, opened) in [
            ("https://example.org/a?b", Some("https://example.org/a?b")),
            ("www.example.org", Some("https://www.example.org")),
            ("ada@x.example", Some("mailto:ada@x.example")),
            ("+420 601 123 456", Some("tel:+420601123456")),
            ("Ada Novák", None),
            ("file:///etc/passwd", None),
            ("https://x/`rm`", None),
        ] {
            assert_eq!(address(text).as_deref(), opened, "{text}");
        }
    }
}
