//! What is told of a text while it is typed: how a touch on one line is understood, what
//! is wrong with the value of a cell, and what either may become.
//!
//! Answers come when they come; one to an older question is dropped.

use super::form;
use super::message::{Effect, Level, Request, Suggest};
use super::prompt::{Asked, Candidate, Completing};
use super::state::{App, Said};
use crate::actions::form::{Draft, Line, Verdict};
use crate::command::{Id, find};
use crate::tui::keys::Pane;

/// What is told of the text that is typed.
#[derive(Debug, Clone, Default)]
pub struct Aid {
    /// Which question was asked last.
    pub number: u64,
    /// What is told, if something is.
    pub said: Option<Said>,
}

/// Returns the byte where the line of a touch begins in a `:` line.
fn touch_at(line: &str) -> Option<usize> {
    let start = line.len() - line.trim_start_matches([' ', ':']).len();
    let (name, _) = line[start..].split_once(' ')?;
    matches!(find(name)?.id, Id::Log | Id::LogTouch).then_some(start + name.len() + 1)
}

/// Asks how what is typed is understood.
pub(super) fn typed(app: &mut App) -> Vec<Effect> {
    app.aid.number += 1;
    app.aid.said = None;
    let number = app.aid.number;
    if let Some(editing) = &mut app.editing {
        editing.completing = None;
        editing.refused = false;
        let text = editing.input.text().to_owned();
        let line = Line { name: editing.field.clone(), before: editing.before.clone(), text };
        if line.text == line.before {
            return Vec::new();
        }
        let draft = Draft { kind: editing.id.kind, id: Some(editing.id), version: 0, lines: vec![line] };
        return vec![Effect::Load(Request::Judge { number, draft })];
    }
    let Some(prompt) = app.prompt.as_ref().filter(|prompt| prompt.asked == Asked::Command) else { return Vec::new() };
    let text = prompt.input.text();
    let Some(at) = touch_at(text) else { return Vec::new() };
    let line = text[at..].trim().to_owned();
    if !line.contains(' ') {
        return Vec::new();
    }
    let here = match app.opened.is_empty() && app.focus == Pane::Timeline {
        true => app.timeline.of.into_iter().collect(),
        false => app.current().into_iter().collect(),
    };
    vec![Effect::Load(Request::Understand { number, line, here })]
}

/// Takes what is to be said, if it is of what is typed now.
pub(super) fn told(app: &mut App, number: u64, told: Vec<(String, Verdict)>) {
    if number != app.aid.number {
        return;
    }
    if app.form.is_some() && app.prompt.is_none() {
        form::told(app, &told);
        return;
    }
    app.aid.said = told.into_iter().next().map(|(_, verdict)| match verdict {
        Verdict::Reads(text) => Said { level: Level::Info, text },
        Verdict::Wrong(text) => Said { level: Level::Error, text },
    });
}

/// Completes the value of a cell, or the line of a touch; `None` if neither is typed.
pub(super) fn complete(app: &mut App, forward: bool) -> Option<Vec<Effect>> {
    if let Some(editing) = &mut app.editing {
        if let Some(mut completing) = editing.completing.take() {
            completing.cycle(&mut editing.input, forward);
            let effects = typed(app);
            if let Some(editing) = &mut app.editing {
                editing.completing = Some(completing);
            }
            return Some(effects);
        }
        let what = Suggest::Value {
            kind: editing.id.kind,
            name: editing.field.clone(),
            before: editing.input.before().to_owned(),
            pipeline: String::new(),
        };
        app.aid.number += 1;
        return Some(vec![Effect::Load(Request::Suggest { number: app.aid.number, what, lines: app.finder.lines.clone() })]);
    }
    let prompt = app.prompt.as_ref().filter(|prompt| prompt.asked == Asked::Command && prompt.completing.is_none())?;
    let before = prompt.input.before();
    let at = touch_at(before)?;
    let what = Suggest::Touch(before[at..].to_owned(), at);
    app.aid.number += 1;
    Some(vec![Effect::Load(Request::Suggest { number: app.aid.number, what, lines: app.finder.lines.clone() })])
}

/// Takes completions, if they are of what is typed now.
pub(super) fn suggested(app: &mut App, number: u64, start: usize, candidates: Vec<Candidate>) -> Vec<Effect> {
    if number != app.aid.number {
        return Vec::new();
    }
    if let Some(prompt) = &mut app.prompt {
        prompt.offer(start, candidates, true);
        return typed(app);
    }
    if app.form.is_some() {
        return form::suggested(app, start, candidates);
    }
    let Some(editing) = &mut app.editing else { return Vec::new() };
    if candidates.is_empty() {
        app.aid.said = Some(Said { level: Level::Info, text: "nothing completes this".to_owned() });
        return vec![Effect::Bell];
    }
    editing.completing = Some(Completing::of(&editing.input, start, candidates));
    complete(app, true).unwrap_or_default()
}
