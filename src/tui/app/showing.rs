//! Commands on what is seen: records opened and closed, panes, filters, sorts,
//! columns, kinds and pipelines shown.

use super::grammar::cells::Spot;
use super::message::{Effect, Level, Request};
use super::prompt::Prompt;
use super::prompting;
use super::record::Opened;
use super::running::nothing_here;
use super::state::{App, Sheet, default_columns, default_sort};
use super::viewport::Viewport;
use crate::command::{Id, Invocation};
use crate::domain::{Kind, RecordId};
use crate::tui::keys::{Mode, Pane};

/// Commands on what is seen; `None` if the command is none.
pub(super) fn show(app: &mut App, invocation: &Invocation) -> Option<Vec<Effect>> {
    let args = invocation.args.trim();
    match invocation.spec.id {
        Id::Open | Id::EditCell if app.sheet.as_ref().is_some_and(|sheet| sheet.typed_into.is_some()) => {
            return Some(type_again(app, invocation.spec.id == Id::Open));
        }
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
                if invocation.spec.id == Id::Close {
                    return Some(app.refuse("nothing is open", Some(":q leaves")));
                }
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
            let told = format!("sorted by {}", list.sort);
            app.say(Level::Info, told);
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
            let told = format!("the columns are {}", list.columns.join(", "));
            app.say(Level::Info, told);
        }
        Id::List => return Some(list_kind(app, args)),
        Id::Agenda => return Some(super::agenda::show(app, invocation)),
        Id::Zoom => app.zoomed = !app.zoomed,
        Id::Pane => match Pane::named(args).filter(|pane| !pane.lies_over()) {
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
            let text = match (app.current(), app.standing()) {
                (Some(id), Some((line, lines))) => format!("{id}, row {line} of {lines}"),
                _ => "nothing stands under the cursor".to_owned(),
            };
            app.say(Level::Info, text);
        }
        Id::Messages => {
            let lines = app.messages.iter().map(|said| said.text.clone()).collect();
            sheet(app, "messages", lines);
        }
        Id::Perf => {
            let lines = app.perf.lines();
            sheet(app, "perf", lines);
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

/// Puts the line of a history back into its prompt, and runs it if that is wanted.
fn type_again(app: &mut App, at_once: bool) -> Vec<Effect> {
    let Some(sheet) = app.sheet.take() else { return Vec::new() };
    let (Some(asked), Some(line)) = (sheet.typed_into, sheet.lines.get(sheet.view.cursor())) else { return Vec::new() };
    let text = line.strip_prefix(asked.sigil()).unwrap_or(line).to_owned();
    app.prompt = Some(Prompt::open(asked, text, None));
    app.mode = Mode::Prompt;
    if at_once { prompting::accept(app) } else { Vec::new() }
}

/// Shows lines over the panes.
pub(super) fn sheet(app: &mut App, title: &str, lines: Vec<String>) {
    let view = Viewport::new(lines.len(), 1);
    app.sheet = Some(Sheet { title: title.to_owned(), lines, view, typed_into: None, page: None });
}

fn only_in_lists(app: &mut App) -> Vec<Effect> {
    app.complain(&format!("{} is no list", app.focus.name()), Some("go to contacts or tickets"));
    vec![Effect::Bell]
}

/// Opens a record over the panes.
pub(super) fn open(app: &mut App, id: RecordId) -> Vec<Effect> {
    if let Some(before) = app.opened.last().filter(|before| before.id != id) {
        app.grammar.alternate = Some(before.id);
    }
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
        let groups = list.folding.is_used();
        return vec![Effect::Load(Request::Ids { pane, kind, filter: args.to_owned(), before, sort, groups })];
    }
    let before = std::mem::replace(&mut app.pipeline.filter, args.to_owned());
    let pipeline = app.pipeline.pipeline.clone();
    let scratch = app.pipeline.supposed();
    vec![Effect::Load(Request::Board { pipeline, filter: args.to_owned(), before, scratch })]
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
    if board.pipeline == next {
        let only = board.pipelines.len() == 1;
        let told = if only { format!("{next} is the only pipeline") } else { format!("the pipeline is {next}") };
        app.say(Level::Info, told);
    }
    app.pipeline.pipeline = next;
    app.focus_on(Pane::Pipeline);
    vec![app.reload_board()]
}

/// Shows a kind in its pane, filtered.
pub(super) fn list_kind(app: &mut App, args: &str) -> Vec<Effect> {
    let (word, query) = args.split_once(char::is_whitespace).unwrap_or((args, ""));
    let Some(kind) = Kind::from_name(word) else {
        return app
            .refuse(&format!("there is no kind \u{201c}{word}\u{201d}"), Some("such as contact, company, opportunity, ticket, task"));
    };
    match kind {
        Kind::Ticket => app.focus_on(Pane::Tickets),
        Kind::Opportunity => app.focus_on(Pane::Pipeline),
        kind => return list_rows(app, kind, query),
    }
    filter(app, query.trim())
}

/// Shows a kind as rows, filtered: opportunities too, of whatever pipeline.
pub(super) fn list_rows(app: &mut App, kind: Kind, query: &str) -> Vec<Effect> {
    app.focus_on(Pane::Contacts);
    if app.contacts.kind != kind || app.contacts.is_agenda() {
        let height = app.contacts.view.height();
        app.contacts = super::list::List::new(kind, default_sort(kind), default_columns(kind));
        app.contacts.view.resize(height);
    }
    filter(app, query.trim())
}
