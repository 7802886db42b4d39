//! A question that a command asks before it goes on: why an opportunity was lost.

use super::message::{Effect, Level};
use super::prompt::{Asked, Candidate, Prompt};
use super::state::App;
use super::{drafts, form, running};
use crate::command::{Here, Id, Invocation, Question};
use crate::tui::keys::Mode;

/// Asks, with the answers that are known in sight.
pub(super) fn ask(app: &mut App, question: Question) -> Vec<Effect> {
    // A command on many rows, one by one, is asked about once for all of them.
    let is_open = app.prompt.as_ref().is_some_and(|prompt| prompt.asked == Asked::Answer);
    if let Some(open) = app.question.as_mut().filter(|open| is_open && same(open, &question)) {
        let more: Vec<_> = question.here.targets.into_iter().filter(|id| !open.here.targets.contains(id)).collect();
        open.here.targets.extend(more);
        return Vec::new();
    }
    let mut prompt = Prompt::open(Asked::Answer, "", None);
    prompt.suggest(candidates(&question, ""));
    app.prompt = Some(prompt);
    app.question = Some(question);
    app.mode = Mode::Prompt;
    Vec::new()
}

fn same(one: &Question, other: &Question) -> bool {
    one.invocation.spec.id == other.invocation.spec.id && one.invocation.args == other.invocation.args
}

/// Goes on with the answer; an empty one is one too.
pub(super) fn answered(app: &mut App, text: &str) -> Vec<Effect> {
    let Some(Question { mut invocation, here, flag, .. }) = app.question.take() else { return Vec::new() };
    let text = text.trim();
    if invocation.spec.id == Id::DropDraft {
        return drafts::answered(app, &invocation.args, text);
    }
    match flag {
        Some(flag) => invocation.args = format!("{} --{flag} {}", invocation.args, running::quoted(text)),
        None if text.is_empty() => return Vec::new(),
        None => invocation.args = format!("{} {}", invocation.args, running::quoted(text)),
    }
    if invocation.spec.id == Id::EditApply {
        app.sheet = None;
        return match (text, here.edited) {
            ("apply" | "a", edited @ Some(_)) => vec![app.effect(Invocation::of(invocation.spec), Here { edited, ..Here::default() })],
            ("edit" | "e", Some(edited)) => vec![Effect::EditAgain(edited)],
            _ => {
                app.say(Level::Info, "nothing was changed");
                Vec::new()
            }
        };
    }
    if invocation.spec.id == Id::FormLeave {
        return form::leave(app, text);
    }
    vec![Effect::Run { invocation: Box::new(invocation), here }]
}

/// Offers the known answers that begin as what is typed.
pub(super) fn complete(app: &mut App, forward: bool) {
    let (Some(prompt), Some(question)) = (&mut app.prompt, &app.question) else { return };
    let found = candidates(question, prompt.input.before());
    prompt.offer(0, found, forward);
}

fn candidates(question: &Question, typed: &str) -> Vec<Candidate> {
    let begins = question.answers.iter().filter(|answer| answer.starts_with(typed));
    begins.map(|answer| Candidate { text: answer.clone(), help: String::new() }).collect()
}
