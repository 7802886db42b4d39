//! Help: what the keys do in this pane, and every command, from their tables.

use super::state::App;
use super::told::{key, told};
use crate::command::{COMMANDS, Place, Spec, find};
use crate::tui::keys::trie::print_steps;
use crate::tui::keys::{Mode, Pane};

/// Returns the lines of help: about one command, or about everything here.
pub(super) fn lines(app: &App, about: &str) -> Vec<String> {
    if let Some(spec) = find(about.trim_start_matches(':')).filter(|_| !about.is_empty()) {
        return about_command(app, spec);
    }
    let mut lines = first_keys(app);
    lines.extend([String::new(), format!("All keys in {}", app.pane().name()), String::new()]);
    for (steps, binding) in app.keymap.sequences(Mode::Normal, app.pane()) {
        if let Some(meaning) = binding.under(app.facts()) {
            let title = meaning.title();
            let help = meaning.desc.clone().or_else(|| Some(find(title.split(' ').next()?)?.help.to_owned()));
            lines.push(format!("{:<16}{}", print_steps(&steps), help.unwrap_or(title)));
        }
    }
    lines.extend([String::new(), "Commands, behind a :".to_owned(), String::new()]);
    lines.extend(COMMANDS.iter().filter(|spec| spec.place != Place::Text).map(|spec| format!(":{:<34}{}", usage(spec), spec.help)));
    lines
}

/// What one needs first, pane by pane.
fn first_keys(app: &App) -> Vec<String> {
    let everywhere: &[(&str, &str)] = &[
        ("pane-next", "the next pane"),
        ("search", "search in the rows, and in this help"),
        ("undo", "take the last change back"),
        ("redo", "do it again"),
        ("help", "this help; Esc closes it"),
    ];
    let mut lines = vec!["The first keys".to_owned()];
    let line = |key: &str, what: &str| format!("  {key:<14}{what}");
    for pane in [Pane::Contacts, Pane::Pipeline, Pane::Timeline, Pane::Tickets] {
        let keys = told(pane).iter().filter(|(command, _)| *command != "pane-next");
        let keys: Vec<String> = keys.filter_map(|(command, what)| Some(line(&key(app, pane, command)?, what))).collect();
        let there = key(app, app.pane(), &format!("pane {}", pane.name()));
        lines.extend([String::new(), there.map_or_else(|| pane.name().to_owned(), |keys| format!("{} ({keys} goes there)", pane.name()))]);
        lines.extend(keys);
    }
    lines.extend([String::new(), "everywhere".to_owned()]);
    lines.extend(everywhere.iter().filter_map(|(command, what)| Some(line(&key(app, app.pane(), command)?, what))));
    let leave = key(app, app.pane(), "command-line").map(|colon| format!("{colon}q Enter"));
    lines.extend(leave.or_else(|| key(app, app.pane(), "quit")).map(|keys| line(&keys, "leave: all is kept already")));
    lines
}

fn usage(spec: &Spec) -> String {
    format!("{} {}", spec.name, spec.args)
}

fn about_command(app: &App, spec: &Spec) -> Vec<String> {
    let mut lines = vec![format!(":{}", usage(spec)), String::new(), spec.help.to_owned()];
    if !spec.aliases.is_empty() {
        lines.push(format!("also :{}", spec.aliases.join(" :")));
    }
    let keys = app.keymap.keys_for(Mode::Normal, app.pane(), spec.name);
    if !keys.is_empty() {
        lines.push(format!("keys {}", keys.join(" ")));
    }
    lines
}
