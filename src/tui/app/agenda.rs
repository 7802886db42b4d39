//! The agenda in the list pane: rows of several kinds in the order of time, each a record
//! once, by what it asks for next.
//!
//! It is a list like any other, under an order of its own: `agenda`, or `agenda:+2w` for
//! another end than a week, and `:all` behind it for that of everybody.

use super::list::List;
use super::message::{Effect, Level};
use super::state::App;
use crate::command::Invocation;
use crate::domain::Kind;
use crate::tui::keys::Pane;

/// The order, and the beginning of the names of the columns that only an agenda has.
pub const AGENDA: &str = "agenda";
/// When something is due.
pub const WHEN: &str = "agenda.when";
/// What it asks for.
pub const MATTER: &str = "agenda.what";
/// What is to be done.
pub const TITLE: &str = "agenda.title";
/// With whom, or about what.
pub const ABOUT: &str = "agenda.about";
/// The columns of an agenda.
pub const COLUMNS: &[&str] = &[WHEN, MATTER, TITLE, ABOUT];

/// Returns the end that an order names, and whether the agenda is everybody's; `None` for
/// an order that is no agenda's.
pub fn asked(sort: &str) -> Option<(&str, bool)> {
    let rest = sort.strip_prefix(AGENDA)?;
    let rest = if rest.is_empty() { rest } else { rest.strip_prefix(':')? };
    Some(match rest.strip_suffix("all").filter(|until| until.is_empty() || until.ends_with(':')) {
        Some(until) => (until.trim_end_matches(':'), true),
        None => (rest, false),
    })
}

/// `:agenda`: shows it in the list pane.
pub(super) fn show(app: &mut App, invocation: &Invocation) -> Vec<Effect> {
    let mut words: Vec<&str> = invocation.args.split_whitespace().collect();
    let all = words.iter().position(|word| *word == "--all").map(|at| words.remove(at)).is_some();
    let mut sort = AGENDA.to_owned();
    if !words.is_empty() {
        sort = format!("{sort}:{}", words.join(" "));
    }
    if all {
        sort.push_str(":all");
    }
    app.focus_on(Pane::Contacts);
    let height = app.contacts.view.height();
    app.contacts = List::new(Kind::Task, &sort, COLUMNS);
    app.contacts.view.resize(height);
    let until = if words.is_empty() { "a week from now".to_owned() } else { words.join(" ") };
    app.say(Level::Info, format!("the agenda{} up to {until}", if all { " of everybody" } else { "" }));
    vec![app.reload_list(Pane::Contacts)]
}

impl App {
    /// Returns whether the focused pane shows an agenda.
    pub fn is_agenda(&self) -> bool {
        self.opened.is_empty() && self.list(self.focus).is_some_and(List::is_agenda)
    }
}

impl List {
    /// Returns whether it is an agenda.
    pub fn is_agenda(&self) -> bool {
        asked(&self.sort).is_some()
    }

    /// Returns what the list is called.
    pub fn name(&self) -> &'static str {
        if self.is_agenda() { AGENDA } else { self.kind.plural() }
    }
}

#[cfg(test)]
mod tests {
    use super::asked;

    #[test]
    fn an_order_names_its_end_and_whose_it_is() {
        for (sort, found) in [
            ("agenda", Some(("", false))),
            ("agenda:+2w", Some(("+2w", false))),
            ("agenda:next fri:all", Some(("next fri", true))),
            ("agenda:all", Some(("", true))),
            ("agendas", None),
            ("due", None),
        ] {
            assert_eq!(asked(sort), found, "{sort}");
        }
    }
}
