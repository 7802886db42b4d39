//! The prompt line at work: opening, typing, completing, accepting; and the cell
//! that is edited in place, which is typed into with the same keys.

use super::grammar::repeat::Change;
use super::grammar::{awaiting, line, motions, operate};
use super::message::{Effect, Level};
use super::prompt::{Asked, Prompt, remember};
use super::state::App;
use super::text_input::TextInput;
use super::{aid, finder, form, names, question, running};
use crate::command::{Id, Invocation};
use crate::tui::keys::Mode;

/// Carries out a command of the prompt line or of typing; `None` if it is none.
pub(super) fn run(app: &mut App, invocation: &Invocation, character: Option<char>) -> Option<Vec<Effect>> {
    let id = invocation.spec.id;
    if let Some(effects) = finder::run(app, invocation) {
        return Some(effects);
    }
    let asked = match id {
        Id::CommandLine => Some(Asked::Command),
        Id::Search => Some(Asked::Search),
        Id::SearchBack => Some(Asked::SearchBack),
        Id::PromptFilter => Some(Asked::Filter),
        _ => None,
    };
    if let Some(asked) = asked {
        return Some(open(app, asked, invocation));
    }
    if let Some(change) = text_change(id) {
        let emptied = match (&mut app.prompt, &mut app.editing) {
            (Some(prompt), _) => {
                // As in Vim, deleting in an empty prompt closes it.
                let empty = prompt.input.text().is_empty() && id == Id::TextDeleteBack;
                change(&mut prompt.input);
                prompt.typed();
                empty
            }
            (None, Some(editing)) => {
                change(&mut editing.input);
                false
            }
            (None, None) => {
                let Some(input) = app.form_input() else { return Some(nothing_typed(app)) };
                change(input);
                return Some(form::typed(app));
            }
        };
        return Some(if emptied { cancel(app) } else { typed(app) });
    }
    match id {
        Id::Accept => {
            let mut effects = names::settle(app);
            effects.extend(accept(app));
            Some(effects)
        }
        Id::TextRegister => Some(put_in(app, character)),
        Id::TextBreak => Some(break_line(app)),
        Id::Cancel if app.prompt.is_some() => Some(cancel(app)),
        Id::TextOlder | Id::TextNewer | Id::TextComplete | Id::TextCompleteBack if app.prompt.is_none() && app.editing.is_none() => {
            Some(nothing_typed(app))
        }
        Id::TextOlder | Id::TextNewer => {
            if let Some(prompt) = &mut app.prompt {
                let history = app.histories.entry(prompt.asked).or_default();
                if id == Id::TextOlder { prompt.recall_older(history) } else { prompt.recall_newer(history) }
            }
            Some(Vec::new())
        }
        Id::TextComplete | Id::TextCompleteBack => {
            if let Some(effects) = aid::complete(app, id == Id::TextComplete) {
                return Some(effects);
            }
            complete(app, id == Id::TextComplete);
            Some(names::preview(app))
        }
        _ => None,
    }
}

/// Breaks the line of a cell whose text may have several.
fn break_line(app: &mut App) -> Vec<Effect> {
    let Some(editing) = app.editing.as_mut().filter(|_| app.prompt.is_none()) else { return nothing_typed(app) };
    let field = crate::domain::fields::field(editing.id.kind, &editing.field);
    if field.is_none_or(|field| field.ty != crate::domain::FieldType::LongText) {
        app.say(Level::Info, "this text has one line");
        return vec![Effect::Bell];
    }
    editing.input.insert_lines("\n");
    aid::typed(app)
}

/// Puts in what a register holds, on one line.
fn put_in(app: &mut App, register: Option<char>) -> Vec<Effect> {
    let Some(text) = app.register(register).map(|held| held.text()) else {
        return app.refuse("that register is empty", None);
    };
    let line = text.replace(['\n', '\t'], " ");
    match (&mut app.prompt, &mut app.editing) {
        (Some(prompt), _) => {
            prompt.input.insert(&line);
            prompt.typed();
            typed(app)
        }
        (None, Some(editing)) => {
            editing.input.insert(&line);
            aid::typed(app)
        }
        (None, None) if app.form.is_some() => form::type_text(app, &line),
        (None, None) => nothing_typed(app),
    }
}

fn nothing_typed(app: &mut App) -> Vec<Effect> {
    app.refuse("nothing is being typed", Some("open the prompt with : or a cell with i"))
}

fn text_change(id: Id) -> Option<fn(&mut TextInput)> {
    Some(match id {
        Id::TextDeleteBack => |input| _ = input.delete_back(),
        Id::TextDelete => |input| _ = input.delete(),
        Id::TextDeleteWord => |input| _ = input.delete_word(),
        Id::TextDeleteLine => |input| _ = input.delete_line(),
        Id::TextLeft => TextInput::left,
        Id::TextRight => TextInput::right,
        Id::TextWordLeft => TextInput::word_left,
        Id::TextWordRight => TextInput::word_right,
        Id::TextHome => TextInput::home,
        Id::TextEnd => TextInput::end,
        _ => return None,
    })
}

fn open(app: &mut App, asked: Asked, invocation: &Invocation) -> Vec<Effect> {
    let text = match asked {
        Asked::Filter if invocation.args.is_empty() => {
            app.list(app.leading).map_or_else(|| app.pipeline.filter.clone(), |list| list.filter.clone())
        }
        // A count before `:` is a range, as in Vim.
        Asked::Command => match invocation.count {
            Some(1) => format!(".{}", invocation.args),
            Some(count) => format!(".,.+{}{}", count - 1, invocation.args),
            // Behind a whole command that takes something one types on.
            None if crate::command::find(&invocation.args).is_some_and(|spec| !spec.args.is_empty()) => format!("{} ", invocation.args),
            None => invocation.args.clone(),
        },
        _ => invocation.args.clone(),
    };
    app.prompt = Some(Prompt::open(asked, text, invocation.count));
    app.mode = Mode::Prompt;
    // Lines that are read are searched too; all else is done where they lay.
    if !matches!(asked, Asked::Search | Asked::SearchBack) {
        app.sheet = None;
    }
    Vec::new()
}

/// Does what follows typing: a search is shown as it is typed.
pub(super) fn typed(app: &mut App) -> Vec<Effect> {
    let Some(prompt) = &app.prompt else { return aid::typed(app) };
    if prompt.asked == Asked::Finder {
        return finder::typed(app);
    }
    if prompt.asked == Asked::Command {
        return aid::typed(app);
    }
    if !matches!(prompt.asked, Asked::Search | Asked::SearchBack) {
        return Vec::new();
    }
    // Only the highlight follows; the cursor goes on <CR>.
    let forward = prompt.asked == Asked::Search;
    match super::grammar::search::pattern(prompt.input.text(), &app.options) {
        Ok(pattern) if !prompt.input.text().is_empty() => {
            app.search = Some(super::state::Search { pattern, forward, shown: app.options.hlsearch, hit: None });
        }
        _ => {}
    }
    Vec::new()
}

fn cancel(app: &mut App) -> Vec<Effect> {
    app.prompt = None;
    app.aid.said = None;
    operate::cancel(app);
    app.mode = app.resting_mode();
    names::unpreview(app)
}

/// Takes what was typed.
pub(super) fn accept(app: &mut App) -> Vec<Effect> {
    app.mode = app.resting_mode();
    app.aid.said = None;
    if let Some(editing) = app.editing.take() {
        let text = editing.input.text();
        if editing.refused {
            app.say(Level::Warning, format!("{} stays as it was; Ctrl-r . puts in again what was typed", editing.field));
            return Vec::new();
        }
        app.edited = Some(editing.clone());
        if editing.again {
            app.grammar.change = Some(Change::cell(text, 1 + editing.also.len()));
        }
        text.clone_into(&mut app.grammar.inserted);
        if !editing.also.is_empty() {
            let ids = std::iter::once(editing.id).chain(editing.also.iter().copied()).collect();
            return vec![running::set_cell(app, ids, &editing.field, text)];
        }
        return if text == editing.before { Vec::new() } else { vec![running::set_typed(app, &editing)] };
    }
    let Some(prompt) = app.prompt.take() else { return nothing_typed(app) };
    let text = prompt.input.text().to_owned();
    remember(app.histories.entry(prompt.asked).or_default(), &text);
    match prompt.asked {
        Asked::Command => {
            if prompt.repeats {
                app.grammar.change = Some(Change::line(&text));
            }
            line::typed(app, &text)
        }
        Asked::Filter => {
            let mut invocation = Invocation::of(crate::command::spec(Id::Filter));
            invocation.args = text;
            running::run(app, invocation, &running::Given::line())
        }
        Asked::Finder => Vec::new(),
        Asked::Answer => question::answered(app, &text),
        Asked::Search | Asked::SearchBack => {
            let forward = prompt.asked == Asked::Search;
            let last = app.search.as_ref().map(|search| search.pattern.text().to_owned());
            let pattern = if text.is_empty() { last } else { Some(text) };
            match pattern {
                Some(pattern) => {
                    let id = if forward { Id::Search } else { Id::SearchBack };
                    let search = Invocation { args: pattern.clone(), count: prompt.count, ..Invocation::of(crate::command::spec(id)) };
                    if let Some(effects) = awaiting::all_entries(app, &search, &running::Given::key()) {
                        return effects;
                    }
                    operate::prompted(app, &pattern, forward);
                    motions::search(app, &pattern, forward, prompt.count.unwrap_or(1) as usize)
                }
                None => {
                    operate::cancel(app);
                    app.refuse("nothing has been searched for yet", None)
                }
            }
        }
    }
}

fn complete(app: &mut App, forward: bool) {
    let Some(prompt) = &app.prompt else { return };
    if prompt.completing.is_some() {
        if let Some(prompt) = &mut app.prompt {
            prompt.cycle(forward);
        }
        return;
    }
    let kind = match app.leading {
        crate::tui::keys::Pane::Tickets => crate::domain::Kind::Ticket,
        crate::tui::keys::Pane::Pipeline => crate::domain::Kind::Opportunity,
        _ => app.contacts.kind,
    };
    if prompt.asked == Asked::Answer {
        return question::complete(app, forward);
    }
    let before = prompt.input.before();
    let named = names::candidates(app, before);
    let (start, candidates) = named.unwrap_or_else(|| super::completion::candidates(prompt.asked, before, kind));
    if let Some(prompt) = &mut app.prompt {
        prompt.offer(start, candidates, forward);
    }
}
