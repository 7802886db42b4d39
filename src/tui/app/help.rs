//! Help: what the keys do in this pane, and every command, from their tables.

use super::state::App;
use crate::command::{COMMANDS, Place, Spec, find};
use crate::tui::keys::Mode;
use crate::tui::keys::trie::print_steps;

/// Returns the lines of help: about one command, or about everything here.
pub(super) fn lines(app: &App, about: &str) -> Vec<String> {
    if let Some(spec) = find(about.trim_start_matches(':')).filter(|_| !about.is_empty()) {
        return about_command(app, spec);
    }
    let mut lines = vec![format!("Keys in {}", app.pane().name()), String::new()];
    for (steps, binding) in app.keymap.sequences(Mode::Normal, app.pane()) {
        if let Some(meaning) = binding.under(app.facts()) {
            let title = meaning.title();
            let help = meaning.desc.clone().or_else(|| Some(find(title.split(' ').next()?)?.help.to_owned()));
            lines.push(format!("{:<14}{}", print_steps(&steps), help.unwrap_or(title)));
        }
    }
    lines.extend([String::new(), "Commands, behind a :".to_owned(), String::new()]);
    lines.extend(COMMANDS.iter().filter(|spec| spec.place != Place::Text).map(|spec| format!(":{:<34}{}", usage(spec), spec.help)));
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
