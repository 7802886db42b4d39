//! Completion of names that the state knows: themes, channels, pipelines, views; a theme is
//! shown as one moves through them.

use super::message::Effect;
use super::prompt::{Asked, Candidate};
use super::state::App;
use crate::command::{Id, find};

/// Returns the byte where the completed name begins, and the names it may become;
/// `None` if the command takes no such name.
pub(super) fn candidates(app: &App, before: &str) -> Option<(usize, Vec<Candidate>)> {
    let (id, at) = command(app, before)?;
    let plain = |names: &[String]| names.iter().map(|name| Candidate { text: name.clone(), help: String::new() }).collect();
    let mut names: Vec<Candidate> = match id {
        Id::Theme => plain(&app.themes),
        Id::Channel => plain(&app.timeline.channels()),
        Id::Pipeline => plain(&app.pipeline.pipelines),
        Id::View | Id::KeepView | Id::DropView => {
            app.views.iter().map(|view| Candidate { text: view.name.clone(), help: view.help() }).collect()
        }
        _ => return None,
    };
    let typed = &before[at..];
    names.retain(|name| name.text.starts_with(typed));
    Some((at, names))
}

/// Returns the command of a `:` line and where its argument that is typed begins.
fn command(app: &App, before: &str) -> Option<(Id, usize)> {
    app.prompt.as_ref().filter(|prompt| prompt.asked == Asked::Command)?;
    let (name, _) = before.split_once(' ')?;
    let id = find(name.trim_end_matches('!'))?.id;
    let word = match id {
        Id::Channel => before.rfind([' ', ','])? + 1,
        _ => name.len() + 1,
    };
    Some((id, word))
}

/// Shows the theme that stands in the prompt, if one is being chosen.
pub(super) fn preview(app: &mut App) -> Vec<Effect> {
    let Some(prompt) = &app.prompt else { return Vec::new() };
    let text = prompt.input.text();
    let Some((Id::Theme, at)) = command(app, text) else { return Vec::new() };
    let name = text[at..].trim();
    if name == app.theme || !app.themes.iter().any(|theme| theme == name) {
        return Vec::new();
    }
    app.theme_before.get_or_insert_with(|| app.theme.clone());
    vec![Effect::Theme(name.to_owned())]
}

/// Goes back to the theme that there was before one was only looked at.
pub(super) fn unpreview(app: &mut App) -> Vec<Effect> {
    app.theme_before.take().filter(|before| *before != app.theme).map(Effect::Theme).into_iter().collect()
}

/// Lets the theme stand that is taken; one that was only looked at goes.
pub(super) fn settle(app: &mut App) -> Vec<Effect> {
    let line = app.prompt.as_ref().map_or("", |prompt| prompt.input.text());
    match command(app, line) {
        Some((Id::Theme, _)) => {
            app.theme_before = None;
            Vec::new()
        }
        _ => unpreview(app),
    }
}
