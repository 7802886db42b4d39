//! What `<Tab>` offers in the prompt line: commands, kinds, fields, panes.

use super::options::Options;
use super::prompt::{Asked, Candidate};
use crate::command::{COMMANDS, Id, Place, find};
use crate::domain::fields::fields;
use crate::domain::{FieldType, Kind};
use crate::insight::report::{self, PARAMETERS, REPORTS};
use crate::tui::keys::Pane;

fn candidate(text: impl Into<String>, help: impl Into<String>) -> Candidate {
    Candidate { text: text.into(), help: help.into() }
}

/// Returns the byte where the completed word begins, and what it may become.
pub(super) fn candidates(asked: Asked, before: &str, kind: Kind) -> (usize, Vec<Candidate>) {
    match asked {
        Asked::Search | Asked::SearchBack | Asked::Finder | Asked::Answer => (before.len(), Vec::new()),
        Asked::Filter => query(before, kind),
        Asked::Command => command_line(before, kind),
    }
}

fn command_line(before: &str, kind: Kind) -> (usize, Vec<Candidate>) {
    let name_start = before.find(|c: char| c.is_alphabetic()).unwrap_or(before.len());
    let Some(space) = before[name_start..].find(' ') else {
        let typed = &before[name_start..];
        let typed_keys = |place| matches!(place, Place::Text);
        let mut found: Vec<Candidate> = COMMANDS
            .iter()
            .filter(|spec| spec.motion.is_none() && !typed_keys(spec.place) && spec.name.starts_with(typed))
            .map(|spec| candidate(spec.name, spec.help))
            .collect();
        found.sort_by(|one, other| one.text.cmp(&other.text));
        return (name_start, found);
    };
    let name = &before[name_start..name_start + space];
    let args_at = name_start + space + 1;
    let word_at = before.rfind(' ').map_or(args_at, |at| at + 1);
    let first = word_at == args_at;
    let typed = &before[word_at..];
    let from = |words: Vec<Candidate>| (word_at, words.into_iter().filter(|word| word.text.starts_with(typed)).collect());
    let kinds = || Kind::public().map(|kind| candidate(format!("{} ", kind.name()), "")).collect();
    let named = |kind_word: &str| Kind::from_name(kind_word);
    let first_arg = before[args_at..].split(' ').next().unwrap_or("");
    match find(name.trim_end_matches('!')).map(|spec| spec.id) {
        Some(Id::Pane) => from(Pane::ALL[..4].iter().map(|pane| candidate(pane.name(), "")).collect()),
        Some(Id::List | Id::Count | Id::Sum | Id::Add | Id::New | Id::NewAbove | Id::Fields | Id::Export) if first => from(kinds()),
        Some(Id::Add | Id::New | Id::NewAbove) => assignment(before, word_at, named(first_arg).unwrap_or(kind)),
        Some(Id::List | Id::Count) => query(before, named(first_arg).unwrap_or(kind)),
        Some(Id::Report) if first => from(REPORTS.iter().map(|spec| candidate(format!("{} ", spec.name), spec.help)).collect()),
        Some(Id::Report) => {
            let takes = report::find(first_arg).map_or(&[][..], |spec| spec.takes);
            let known = PARAMETERS.iter().filter(|parameter| takes.contains(&parameter.name));
            from(known.map(|parameter| candidate(format!("--{} ", parameter.name), parameter.help)).collect())
        }
        Some(Id::WhatIf) if first => {
            let words = ["drop", "keep"].map(|word| candidate(word, "what is supposed"));
            let (at, fields) = assignment(before, word_at, Kind::Opportunity);
            (at, words.into_iter().filter(|word| word.text.starts_with(typed)).chain(fields).collect())
        }
        Some(Id::WhatIf) => assignment(before, word_at, Kind::Opportunity),
        Some(Id::Set) => assignment(before, word_at, kind),
        Some(Id::Filter | Id::Where) => query(before, kind),
        Some(Id::Sort | Id::Columns) => {
            let at = before.rfind([' ', ',', '-']).map_or(word_at, |at| at + 1);
            let typed = &before[at..];
            (at, fields(kind).filter(|field| field.name.starts_with(typed)).map(|field| candidate(field.name, field.help)).collect())
        }
        Some(Id::Help) => from(COMMANDS.iter().map(|spec| candidate(spec.name, spec.help)).collect()),
        _ => (before.len(), Vec::new()),
    }
}

fn assignment(before: &str, word_at: usize, kind: Kind) -> (usize, Vec<Candidate>) {
    let typed = &before[word_at..];
    if Options::is_about(typed) {
        return (before.len(), Vec::new());
    }
    let settable = fields(kind).filter(|field| !field.system && field.name.starts_with(typed));
    (word_at, settable.map(|field| candidate(format!("{}=", field.name), field.help)).collect())
}

fn query(before: &str, kind: Kind) -> (usize, Vec<Candidate>) {
    let at = before.rfind([' ', '(', '-']).map_or(0, |at| at + 1);
    let typed = &before[at..];
    if typed.contains(':') {
        return (before.len(), Vec::new());
    }
    let searchable = fields(kind).filter(|field| field.name.starts_with(typed) && field.ty != FieldType::Line);
    (at, searchable.map(|field| candidate(format!("{}:", field.name), field.help)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(asked: Asked, before: &str) -> (usize, Vec<String>) {
        let (at, found) = candidates(asked, before, Kind::Contact);
        (at, found.into_iter().map(|candidate| candidate.text).collect())
    }

    #[test]
    fn completes_commands_kinds_and_fields() {
        assert_eq!(texts(Asked::Command, "filt"), (0, vec!["filter".to_owned()]));
        assert_eq!(texts(Asked::Command, "2,5se"), (3, vec!["set".to_owned()]));
        assert_eq!(texts(Asked::Command, "list opp"), (5, vec!["opportunity ".to_owned()]));
        assert_eq!(texts(Asked::Command, "set lif"), (4, vec!["lifecycle=".to_owned()]));
        assert_eq!(texts(Asked::Command, "filter owner:me lif"), (16, vec!["lifecycle:".to_owned()]));
        assert_eq!(texts(Asked::Filter, "-lifec"), (1, vec!["lifecycle:".to_owned()]));
        assert_eq!(texts(Asked::Command, "report win"), (7, vec!["win-rate ".to_owned()]));
        assert_eq!(texts(Asked::Command, "report forecast --wh"), (16, vec!["--what-if ".to_owned()]));
        assert_eq!(texts(Asked::Command, "what-if sta"), (8, vec!["stage=".to_owned()]));
        assert_eq!(texts(Asked::Search, "x").1, Vec::<String>::new());
    }
}
