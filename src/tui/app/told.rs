//! Which keys one is told of, those of the keymap in use: what is worth knowing first in
//! a pane, and how keys are called.

use super::state::App;
use crate::tui::keys::{Mode, Pane};

/// The commands that are told of in a pane, with the words for them, those first that
/// one cannot do without.
pub fn told(pane: Pane) -> &'static [(&'static str, &'static str)] {
    match pane {
        Pane::Contacts => &[
            ("new", "new"),
            ("log-touch", "log a call"),
            ("open", "open"),
            ("pane-next", "next pane"),
            ("edit-cell", "edit"),
            ("finder", "find"),
        ],
        Pane::Timeline => &[
            ("log-touch", "log a call"),
            ("open", "open"),
            ("pane-next", "next pane"),
            ("fold", "fold the day"),
            ("expand", "whole text"),
            ("finder", "find"),
        ],
        Pane::Pipeline => &[
            ("stage-next", "next stage"),
            ("stage-previous", "back"),
            ("new", "new"),
            ("open", "open"),
            ("pane-next", "next pane"),
            ("log-touch", "log a call"),
        ],
        Pane::Tickets => {
            &[("answer", "answer"), ("take", "take"), ("status", "status"), ("new", "new"), ("open", "open"), ("pane-next", "next pane")]
        }
        Pane::Review => &[
            ("review-merge", "merge"),
            ("review-distinct", "no duplicates"),
            ("review-next", "skip"),
            ("review-right", "takes right"),
            ("review-left", "takes left"),
            ("review-swap", "swap"),
            ("review-open", "open"),
            ("undo", "undo"),
        ],
        Pane::Record => &[("edit-cell", "edit"), ("follow", "follow the link"), ("next-record", "next"), ("cancel", "close")],
    }
}

/// Returns the shortest key of a command, as people call it; of an operator its key
/// twice.
pub fn key(app: &App, pane: Pane, line: &str) -> Option<String> {
    let keys = |line: &str| app.keymap.keys_for(Mode::Normal, pane, line).into_iter().next();
    let own = keys(line).or_else(|| keys(&format!("operator {line}")).map(|key| key.repeat(2)))?;
    Some(called(&own))
}

/// Returns keys as people call them: `<Space>f` is `Space f`, `<C-q>` is `Ctrl-q`.
fn called(keys: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut rest = keys;
    while let Some(first) = rest.chars().next() {
        let end = rest.find('>').filter(|end| first == '<' && *end > 1);
        let Some(end) = end else {
            match words.last_mut() {
                // Plain keys stand together: gg, >>.
                Some(last) if last.chars().count() < 3 && last.chars().all(|c| !c.is_alphabetic() || first.is_alphabetic()) => {
                    last.push(first);
                }
                _ => words.push(first.to_string()),
            }
            rest = &rest[first.len_utf8()..];
            continue;
        };
        let name = &rest[1..end];
        let name = [("C-", "Ctrl-"), ("M-", "Alt-"), ("S-", "Shift-")]
            .iter()
            .fold(name.to_owned(), |name, (from, to)| name.strip_prefix(from).map_or(name.clone(), |rest| format!("{to}{rest}")));
        words.push(match name.as_str() {
            "CR" => "Enter".to_owned(),
            "lt" => "<".to_owned(),
            _ => name,
        });
        rest = &rest[end + 1..];
    }
    words.join(" ").replace("< <", "<<")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_called_as_people_do() {
        for (keys, name) in [
            ("gg", "gg"),
            (">>", ">>"),
            ("<lt><lt>", "<<"),
            ("<CR>", "Enter"),
            ("<Space>f", "Space f"),
            ("<Space><Space>", "Space Space"),
            ("<C-q>", "Ctrl-q"),
            ("<M-Right>", "Alt-Right"),
            ("<F1>", "F1"),
            (":q", ":q"),
        ] {
            assert_eq!(called(keys), name);
        }
    }
}
