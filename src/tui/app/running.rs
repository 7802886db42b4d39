//! Carries invocations out: what concerns the screen here, the rest as effects.

use super::cells::Spot;
use super::message::{Effect, Level, Request};
use super::options::Options;
use super::prompt::{Asked, Prompt};
use super::record::Opened;
use super::row::Written;
use super::state::{App, Editing, Sheet, default_columns, default_sort};
use super::text_input::TextInput;
use super::viewport::Viewport;
use super::{folds, motions, prompting, tabs, views, windows};
use crate::command::{self, Address, BadLine, Danger, Here, Id, Invocation, Range};
use crate::domain::{Kind, RecordId};
use crate::tui::keys::{Bound, Mode, Pane};

/// Runs the lines of a binding, each as if typed after `:`.
pub(super) fn run_lines(app: &mut App, bound: &Bound) -> Vec<Effect> {
    let mut effects = Vec::new();
    for line in bound.lines.iter() {
        match Invocation::parse(line) {
            Ok(Some(mut invocation)) => {
                invocation.count = invocation.count.or(bound.count);
                invocation.register = bound.register;
                effects.extend(run(app, invocation, bound.character));
            }
            Ok(None) => {}
            Err(bad) => effects.extend(refuse(app, &bad)),
        }
    }
    effects
}

/// Says what is wrong with a line.
pub(super) fn refuse(app: &mut App, bad: &BadLine) -> Vec<Effect> {
    app.machine.drop_waiting();
    app.complain(&bad.message, bad.hint.as_deref());
    vec![Effect::Bell]
}

/// Carries one invocation out.
pub(super) fn run(app: &mut App, mut invocation: Invocation, character: Option<char>) -> Vec<Effect> {
    let id = invocation.spec.id;
    if app.readonly && invocation.spec.danger != Danger::Reads {
        app.complain(&format!("{} would change something", invocation.spec.name), Some("this session is read-only"));
        return vec![Effect::Bell];
    }
    if let Some(effects) = motions::run(app, &invocation, character) {
        return effects;
    }
    if let Some(effects) = prompting::run(app, &invocation) {
        return effects;
    }
    if let Some(effects) = folds::run(app, &invocation) {
        return effects;
    }
    if let Some(effects) = windows::run(app, &invocation).or_else(|| tabs::run(app, &invocation)).or_else(|| views::run(app, &invocation)) {
        return effects;
    }
    if let Some(effects) = show(app, &invocation) {
        return effects;
    }
    match id {
        Id::EditCell | Id::ChangeCell => return edit_cell(app, &invocation),
        Id::Set if invocation.args.split_whitespace().next().is_some_and(Options::is_about) => return set_option(app, &invocation.args),
        Id::New | Id::NewAbove if invocation.args.is_empty() => {
            let kind = match app.pane() {
                Pane::Tickets => Kind::Ticket,
                Pane::Pipeline => Kind::Opportunity,
                Pane::Timeline => Kind::Interaction,
                _ => app.contacts.kind,
            };
            if kind == Kind::Interaction {
                return prompt(app, "log call ");
            }
            let field = crate::domain::fields::title_field(kind).map_or("name", |field| field.name);
            return prompt_new(app, kind, field);
        }
        Id::New | Id::NewAbove if !invocation.args.contains('=') => {
            let word = invocation.args.trim().to_owned();
            let Some(kind) = Kind::from_name(&word) else {
                app.complain(&format!("there is no kind \u{201c}{word}\u{201d}"), None);
                return vec![Effect::Bell];
            };
            let field = crate::domain::fields::title_field(kind).map_or("name", |field| field.name);
            return prompt_new(app, kind, field);
        }
        Id::LogTouch if invocation.args.is_empty() => return prompt(app, "log call "),
        Id::AppendNotes if invocation.args.is_empty() => return prompt(app, "append-notes "),
        Id::New | Id::NewAbove => invocation.spec = command::spec(Id::Add),
        _ => {}
    }
    let targets = match targets(app, &invocation) {
        Ok(targets) => targets,
        Err(why) => {
            app.complain(&why, None);
            return vec![Effect::Bell];
        }
    };
    if id == Id::Edit {
        return if targets.is_empty() { nothing_here(app) } else { vec![Effect::Edit(targets)] };
    }
    let targets = match (id, app.opened.is_empty() && app.focus == Pane::Timeline) {
        // Whose timeline it is: what is logged there is logged with them.
        (Id::Log | Id::LogTouch | Id::Answer | Id::Note, true) => app.timeline.of.into_iter().collect(),
        _ => targets,
    };
    let needs_row = matches!(id, Id::StageNext | Id::StagePrevious | Id::Trash | Id::Toggle | Id::AppendNotes | Id::LogTouch);
    if needs_row && targets.is_empty() && invocation.args.is_empty() {
        return nothing_here(app);
    }
    let field = written_under_cursor(app).map(|written| written.field);
    vec![Effect::Run { invocation: Box::new(invocation), here: Here { targets, field, kind: Some(kind_here(app)) } }]
}

fn nothing_here(app: &mut App) -> Vec<Effect> {
    app.complain("nothing stands under the cursor", None);
    vec![Effect::Bell]
}

/// Returns the records that a command is about: those of its range, or as many
/// from the cursor on as its count says.
fn targets(app: &App, invocation: &Invocation) -> Result<Vec<RecordId>, String> {
    if let Some(opened) = app.opened.last() {
        return Ok(vec![opened.id]);
    }
    let ids: Vec<RecordId> = match app.focus {
        Pane::Timeline => app.timeline.rows.iter().map(|row| row.id).collect(),
        Pane::Pipeline => app.pipeline.current_column().map_or_else(Vec::new, |column| column.ids.clone()),
        pane => app.list(pane).map_or_else(Vec::new, |list| list.ids.clone()),
    };
    let cursor = app.view().map_or(0, Viewport::cursor);
    let (from, to) = match invocation.range {
        Some(range) => rows_of(app, range, cursor, ids.len())?,
        None => (cursor, cursor + invocation.count.unwrap_or(1).max(1) as usize - 1),
    };
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(ids[from.min(ids.len() - 1)..=to.min(ids.len() - 1)].to_vec())
}

/// Returns the first and last row of a range, from 0.
fn rows_of(app: &App, range: Range, cursor: usize, rows: usize) -> Result<(usize, usize), String> {
    let row = |address| -> Result<usize, String> {
        let row = match address {
            Address::Row(row) => i64::try_from(row).unwrap_or(i64::MAX) - 1,
            Address::Current(by) => i64::try_from(cursor).unwrap_or(i64::MAX).saturating_add(by),
            Address::End(by) => i64::try_from(rows).unwrap_or(i64::MAX).saturating_sub(1).saturating_add(by),
            Address::Mark(mark) => {
                let id = app.marks.get(&mark).ok_or_else(|| format!("the mark {mark} is not set"))?;
                let list = app.list(app.focus).ok_or("marks stand in lists")?;
                let at = list.ids.iter().position(|other| other == id).ok_or_else(|| format!("the mark {mark} is not in this pane"))?;
                i64::try_from(at).unwrap_or(i64::MAX)
            }
        };
        usize::try_from(row).ok().filter(|row| *row < rows.max(1)).ok_or_else(|| format!("there are only {rows} rows"))
    };
    let (from, to) = (row(range.from)?, row(range.to)?);
    Ok((from.min(to), from.max(to)))
}

/// Returns the field of the cell under the cursor, as it is written.
fn written_under_cursor(app: &App) -> Option<Written> {
    if let Some(opened) = app.opened.last() {
        return opened.current()?.cells.get(1)?.written.clone();
    }
    let list = app.list(app.focus)?;
    list.current_row()?.cells.get(list.spot.cell)?.written.clone()
}

/// Returns the kind of record that the pane with the focus is about.
fn kind_here(app: &App) -> Kind {
    match (app.opened.last(), app.focus) {
        (Some(opened), _) => opened.id.kind,
        (None, Pane::Tickets) => app.tickets.kind,
        (None, Pane::Pipeline) => Kind::Opportunity,
        (None, Pane::Timeline) => Kind::Interaction,
        (None, _) => app.contacts.kind,
    }
}

pub(super) fn prompt(app: &mut App, text: &str) -> Vec<Effect> {
    app.prompt = Some(Prompt::open(Asked::Command, text, None));
    app.mode = Mode::Prompt;
    Vec::new()
}

/// Opens the prompt for a new record, the cursor between the quotes of its name.
fn prompt_new(app: &mut App, kind: Kind, field: &str) -> Vec<Effect> {
    let effects = prompt(app, &format!("add {} {field}=\"\"", kind.name()));
    if let Some(prompt) = &mut app.prompt {
        prompt.input.left();
    }
    effects
}

fn edit_cell(app: &mut App, invocation: &Invocation) -> Vec<Effect> {
    let Some(id) = app.current() else { return nothing_here(app) };
    if app.opened.is_empty() && app.list(app.focus).is_none() {
        app.complain("there are no cells here", Some("open the record with <CR>, or press cc to edit it"));
        return vec![Effect::Bell];
    }
    let Some(Written { field, text: before }) = written_under_cursor(app) else {
        app.complain("this cell is not edited in place", Some("go to a field, or press cc to edit the record"));
        return vec![Effect::Bell];
    };
    if !invocation.args.is_empty() {
        return set_cell(id, &field, &invocation.args);
    }
    let input = if invocation.spec.id == Id::ChangeCell { TextInput::default() } else { TextInput::new(before.clone()) };
    app.editing = Some(Editing { id, field, before, input });
    app.mode = Mode::Insert;
    Vec::new()
}

/// Returns the effect that sets one field of one record.
pub(super) fn set_cell(id: RecordId, field: &str, text: &str) -> Vec<Effect> {
    let mut invocation = Invocation::of(command::spec(Id::Set));
    invocation.args = format!("{field}={}", quoted(text));
    vec![Effect::Run { invocation: Box::new(invocation), here: Here { targets: vec![id], ..Here::default() } }]
}

/// Returns the text as one word of a command line.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn set_option(app: &mut App, args: &str) -> Vec<Effect> {
    for word in args.split_whitespace() {
        match app.options.set(word) {
            Ok(text) => app.say(Level::Info, text),
            Err(why) => {
                app.complain(&why, None);
                return vec![Effect::Bell];
            }
        }
    }
    Vec::new()
}

/// Commands on what is seen; `None` if the command is none.
fn show(app: &mut App, invocation: &Invocation) -> Option<Vec<Effect>> {
    let args = invocation.args.trim();
    match invocation.spec.id {
        Id::Open if app.sheet.is_some() => {
            let line = app.sheet.as_ref().and_then(|sheet| sheet.lines.get(sheet.view.cursor()));
            let Some(id) = line.and_then(|line| line.split([' ', '@']).next()?.parse().ok()) else {
                app.say(Level::Info, "this line leads to no record");
                return Some(Vec::new());
            };
            app.sheet = None;
            return Some(open(app, id));
        }
        Id::Open => {
            let Some(id) = app.current() else { return Some(nothing_here(app)) };
            if app.opened.is_empty() {
                return Some(open(app, id));
            }
            return Some(follow_link(app));
        }
        Id::Follow => return Some(follow_link(app)),
        Id::Show => match args.parse() {
            Ok(id) => return Some(open(app, id)),
            Err(error) => {
                let error: crate::domain::NotAnId = error;
                app.complain(&error.to_string(), None);
            }
        },
        Id::Close | Id::Cancel => {
            if app.sheet.take().is_none() && app.opened.pop().is_none() {
                if let Some(search) = &mut app.search {
                    search.shown = false;
                }
                app.said = None;
            }
        }
        Id::Quit => {
            // One thing at a time is closed, unless all is to be left.
            if app.sheet.take().is_none() && app.opened.pop().is_none() {
                app.exited = Some(0);
                app.machine.drop_waiting();
            }
        }
        Id::Write => app.say(Level::Info, "all is kept already: every change is on disk when it is shown"),
        Id::Where if args.contains("::") => return None,
        Id::Timeline if args.is_empty() => app.focus_on(Pane::Timeline),
        Id::Filter | Id::Where => return Some(filter(app, args)),
        Id::Sort => {
            let pane = app.focus;
            let Some(list) = app.list_mut(pane) else { return Some(only_in_lists(app)) };
            list.sort = if args.is_empty() { default_sort(list.kind).to_owned() } else { args.to_owned() };
            return Some(vec![app.reload_list(pane)]);
        }
        Id::Columns => {
            let pane = app.focus;
            let Some(list) = app.list_mut(pane) else { return Some(only_in_lists(app)) };
            list.columns = if args.is_empty() {
                default_columns(list.kind).iter().map(|&column| column.to_owned()).collect()
            } else {
                args.split(',').map(|column| column.trim().to_owned()).collect()
            };
            list.forget_all();
            list.spot = Spot::default();
        }
        Id::List => return Some(list_kind(app, args)),
        Id::Zoom => app.zoomed = !app.zoomed,
        Id::Pane => match Pane::named(args).filter(|pane| *pane != Pane::Record) {
            Some(pane) => app.focus_on(pane),
            None => app.complain(&format!("there is no pane \u{201c}{args}\u{201d}"), Some("contacts, timeline, pipeline, tickets")),
        },
        Id::PaneNext | Id::PanePrevious => {
            let panes = [Pane::Contacts, Pane::Timeline, Pane::Pipeline, Pane::Tickets];
            let at = panes.iter().position(|pane| *pane == app.focus).unwrap_or(0);
            let by = invocation.count.unwrap_or(1) as usize % panes.len();
            let at = if invocation.spec.id == Id::PaneNext { at + by } else { at + panes.len() - by };
            app.focus_on(panes[at % panes.len()]);
        }
        Id::PaneLeft => go(app, -1, 0),
        Id::PaneRight => go(app, 1, 0),
        Id::PaneUp => go(app, 0, -1),
        Id::PaneDown => go(app, 0, 1),
        Id::Pipeline => return Some(pipeline(app, args)),
        Id::Theme if args.is_empty() => app.say(Level::Info, app.theme.clone()),
        Id::Theme => return Some(vec![Effect::Theme(args.to_owned())]),
        Id::Redraw => return Some(vec![Effect::Redraw]),
        Id::Suspend => return Some(vec![Effect::Suspend]),
        Id::NoHighlight => {
            if let Some(search) = &mut app.search {
                search.shown = false;
            }
        }
        Id::WhereAmI => {
            let text = match (app.current(), app.view()) {
                (Some(id), Some(view)) => format!("{id}, row {} of {}", view.cursor() + 1, view.rows()),
                _ => "nothing stands under the cursor".to_owned(),
            };
            app.say(Level::Info, text);
        }
        Id::Messages => {
            let lines = app.messages.iter().map(|said| said.text.clone()).collect();
            sheet(app, "messages", lines);
        }
        Id::Help | Id::KeyHelp => {
            let lines = super::help::lines(app, args);
            sheet(app, "help", lines);
        }
        Id::Last if invocation.range.is_some() => {}
        Id::Nothing => {}
        _ => return None,
    }
    Some(Vec::new())
}

pub(super) fn sheet(app: &mut App, title: &str, lines: Vec<String>) {
    let view = Viewport::new(lines.len(), 1);
    app.sheet = Some(Sheet { title: title.to_owned(), lines, view });
}

fn only_in_lists(app: &mut App) -> Vec<Effect> {
    app.complain(&format!("{} is no list", app.focus.name()), Some("go to contacts or tickets"));
    vec![Effect::Bell]
}

pub(super) fn open(app: &mut App, id: RecordId) -> Vec<Effect> {
    app.opened.push(Opened::new(id));
    vec![Effect::Load(Request::Record(id))]
}

/// Opens the record that the line of an opened record links to.
fn follow_link(app: &mut App) -> Vec<Effect> {
    let linked = match app.opened.last() {
        Some(opened) => opened.current().filter(|row| row.id != opened.id).map(|row| row.id),
        None => app.current(),
    };
    match linked {
        Some(id) => open(app, id),
        None => {
            app.say(Level::Info, "this line links to no other record");
            Vec::new()
        }
    }
}

fn go(app: &mut App, dx: i8, dy: i8) {
    let there = app.layout().and_then(|layout| layout.neighbour(app.focus, dx, dy));
    // Where only two panes are seen, the others are a key away all the same.
    let hidden = match (app.focus, dx, dy) {
        (Pane::Contacts, 0, 1) | (Pane::Tickets, -1, 0) => Some(Pane::Pipeline),
        (Pane::Pipeline, 0, -1) | (Pane::Timeline, -1, 0) => Some(Pane::Contacts),
        (Pane::Pipeline, 1, 0) | (Pane::Timeline, 0, 1) => Some(Pane::Tickets),
        (Pane::Contacts, 1, 0) | (Pane::Tickets, 0, -1) => Some(Pane::Timeline),
        _ => None,
    };
    let whole = app.tree.is_some() || app.layout().is_some_and(|layout| layout.panes.len() == 4);
    match there.or(hidden.filter(|_| !whole)) {
        Some(pane) => app.focus_on(pane),
        None => app.say(Level::Info, "no pane lies there"),
    }
}

/// Sets the filter of the focused pane; the timeline's leading pane has it.
fn filter(app: &mut App, args: &str) -> Vec<Effect> {
    let pane = app.leading;
    if let Some(list) = app.list_mut(pane) {
        let before = std::mem::replace(&mut list.filter, args.to_owned());
        let (kind, sort) = (list.kind, list.sort.clone());
        return vec![Effect::Load(Request::Ids { pane, kind, filter: args.to_owned(), before, sort })];
    }
    let before = std::mem::replace(&mut app.pipeline.filter, args.to_owned());
    let pipeline = app.pipeline.pipeline.clone();
    vec![Effect::Load(Request::Board { pipeline, filter: args.to_owned(), before })]
}

/// Shows another pipeline on the board.
fn pipeline(app: &mut App, name: &str) -> Vec<Effect> {
    let board = &mut app.pipeline;
    let at = board.pipelines.iter().position(|known| *known == board.pipeline).map_or(0, |at| at + 1);
    let next = match name {
        "" => board.pipelines.get(at).or_else(|| board.pipelines.first()),
        name => board.pipelines.iter().find(|known| known.eq_ignore_ascii_case(name)),
    };
    let Some(next) = next.cloned() else {
        let hint = format!("there are {}", board.pipelines.join(", "));
        app.complain(&format!("there is no pipeline \u{201c}{name}\u{201d}"), Some(&hint));
        return vec![Effect::Bell];
    };
    board.pipeline = next;
    app.focus_on(Pane::Pipeline);
    vec![app.reload_board()]
}

/// Shows a kind in its pane, filtered.
pub(super) fn list_kind(app: &mut App, args: &str) -> Vec<Effect> {
    let (word, query) = args.split_once(char::is_whitespace).unwrap_or((args, ""));
    let Some(kind) = Kind::from_name(word) else {
        app.complain(&format!("there is no kind \u{201c}{word}\u{201d}"), Some("such as contact, company, opportunity, ticket, task"));
        return vec![Effect::Bell];
    };
    match kind {
        Kind::Ticket => app.focus_on(Pane::Tickets),
        Kind::Opportunity => app.focus_on(Pane::Pipeline),
        kind => {
            app.focus_on(Pane::Contacts);
            if app.contacts.kind != kind {
                let height = app.contacts.view.height();
                app.contacts = super::list::List::new(kind, default_sort(kind), default_columns(kind));
                app.contacts.view.resize(height);
            }
        }
    }
    filter(app, query.trim())
}
