//! Carries invocations out: what concerns the screen here, the rest as effects.

use super::grammar::extent::Extent;
use super::grammar::repeat::Change;
use super::grammar::{apply, awaiting, motions, operate, visual};
use super::message::{Effect, Level};
use super::options::Options;
use super::prompt::{Asked, Prompt};
use super::row::Written;
use super::state::{App, Editing};
use super::text_input::TextInput;
use super::{drafts, folds, form, page, prompting, review, showing, tabs, views, windows};
use crate::actions::form::{Draft, Line};
use crate::command::{self, BadLine, Danger, Here, Id, Invocation};
use crate::domain::{Kind, RecordId};
use crate::tui::keys::{Bound, Mode, Pane};

/// What belongs to an invocation and stands around it.
#[derive(Debug, Clone, Default)]
pub(super) struct Given {
    /// The character that was typed with its keys.
    pub(super) character: Option<char>,
    /// Whether it came from keys: `.` does those again, and not `:` lines.
    pub(super) by_key: bool,
    /// The rows of its range.
    pub(super) rows: Option<Vec<usize>>,
    /// Whether it runs row by row: `:g/x/d`.
    pub(super) one_by_one: bool,
    /// Whether a small deletion counts as one of rows, for the registers.
    pub(super) numbered: bool,
}

impl Given {
    /// Returns what a key gives.
    pub(super) fn key() -> Self {
        Self { by_key: true, ..Self::default() }
    }

    /// Returns what a `:` line gives.
    pub(super) fn line() -> Self {
        Self::default()
    }
}

/// Runs the lines of a binding, each as if typed after `:`.
pub(super) fn run_lines(app: &mut App, bound: &Bound) -> Vec<Effect> {
    let mut effects = Vec::new();
    let mut count = bound.count;
    for line in bound.lines.iter() {
        match Invocation::parse(line) {
            Ok(Some(mut invocation)) => {
                if invocation.spec.id == Id::Record {
                    app.forget_last(bound.keys.len());
                }
                invocation.count = invocation.count.or(count);
                invocation.register = bound.register;
                // An operator and its motion share one count.
                if invocation.spec.id == Id::Operator {
                    count = None;
                }
                let given = Given { character: bound.character, ..Given::key() };
                effects.extend(run(app, invocation, &given));
                if app.mode == Mode::Operator {
                    app.machine.hold(bound);
                }
            }
            Ok(None) => {}
            Err(bad) => effects.extend(bad_line(app, &bad)),
        }
    }
    effects
}

/// Says what is wrong with a line.
pub(super) fn bad_line(app: &mut App, bad: &BadLine) -> Vec<Effect> {
    app.refuse(&bad.message, bad.hint.as_deref())
}

/// Carries one invocation out.
pub(super) fn run(app: &mut App, mut invocation: Invocation, given: &Given) -> Vec<Effect> {
    if app.readonly && changes(&invocation) {
        operate::cancel(app);
        return app.refuse(&format!("{} would change something", invocation.spec.name), Some("this session is read-only"));
    }
    if let Some(effects) = form::run(app, &invocation) {
        return effects;
    }
    if let Some(effects) = page::run(app, &invocation) {
        return effects;
    }
    if let Some(effects) = review::run(app, &invocation) {
        return effects;
    }
    if let Some(effects) = awaiting::all_entries(app, &invocation, given) {
        return effects;
    }
    if app.mode == Mode::Operator && app.grammar.operator.is_some() {
        return operate::motion(app, invocation, given);
    }
    if app.grammar.visual.is_some()
        && app.mode == Mode::Visual
        && let Some(effects) = visual::dispatch(app, &invocation, given)
    {
        return effects;
    }
    if invocation.spec.jumps
        && !is_prompt(&invocation)
        && !matches!(invocation.spec.id, Id::MarkRow | Id::MarkCell)
        && !searches(invocation.spec.id)
    {
        app.jumps_from_here();
    }
    if let Some(effects) = motions::run(app, &invocation, given.character) {
        return effects;
    }
    if given.by_key && invocation.spec.repeats && !app.grammar.repeating && is_change(invocation.spec.id) {
        app.grammar.change = Some(Change::command(&invocation, given.character));
    }
    if let Some(effects) = grammar(app, &invocation, given) {
        return effects;
    }
    if let Some(effects) = prompting::run(app, &invocation, given.character) {
        return effects;
    }
    if let Some(effects) = folds::run(app, &invocation) {
        return effects;
    }
    if let Some(effects) = windows::run(app, &invocation)
        .or_else(|| tabs::run(app, &invocation))
        .or_else(|| views::run(app, &invocation))
        .or_else(|| drafts::run(app, &invocation))
    {
        return effects;
    }
    if let Some(effects) = showing::show(app, &invocation) {
        return effects;
    }
    if let Some(effects) = ask_for_more(app, &invocation) {
        // `.` does what a key began, and the prompt only asked the rest of.
        if let Some(prompt) = &mut app.prompt {
            prompt.repeats = given.by_key;
        }
        return effects;
    }
    match invocation.spec.id {
        Id::EditCell | Id::ChangeCell => return edit_cell(app, &invocation, given),
        Id::Set if invocation.args.split_whitespace().next().is_some_and(Options::is_about) => return set_option(app, &invocation.args),
        Id::New | Id::NewAbove => invocation.spec = command::spec(Id::Add),
        _ => {}
    }
    if invocation.spec.range && !is_about_its_ticket(app, invocation.spec.id, given) {
        if !takes_text(invocation.spec.id) {
            register_and_count(&mut invocation);
        }
        return match given.rows.clone() {
            Some(rows) => on_rows(app, invocation, rows, given),
            None if names_records(&invocation) => vec![app.effect(invocation, Here { kind: Some(app.kind_here()), ..Here::default() })],
            None => on_cursor(app, invocation, given),
        };
    }
    on_current(app, invocation)
}

/// Returns whether an invocation would change something.
fn changes(invocation: &Invocation) -> bool {
    if invocation.spec.id == Id::Operator {
        return matches!(Invocation::parse(&invocation.args), Ok(Some(inner)) if inner.spec.danger != Danger::Reads);
    }
    invocation.spec.danger != Danger::Reads
}

fn is_prompt(invocation: &Invocation) -> bool {
    matches!(invocation.spec.id, Id::Search | Id::SearchBack)
}

/// Returns whether the cursor jumps only when something is found.
fn searches(id: Id) -> bool {
    matches!(id, Id::Search | Id::SearchBack | Id::SearchNext | Id::SearchPrevious | Id::SearchCell | Id::SearchCellBack)
}

/// Returns whether a command that changes something is a change of its own for `.`:
/// undo is none, and text that is typed is remembered when it has been.
fn is_change(id: Id) -> bool {
    !matches!(
        id,
        Id::Undo
            | Id::Redo
            | Id::UndoOlder
            | Id::UndoNewer
            | Id::Earlier
            | Id::Later
            | Id::EditCell
            | Id::ChangeCell
            | Id::New
            | Id::NewAbove
            | Id::LogTouch
            | Id::AppendNotes
    )
}

/// Commands of the grammar; `None` if the command is none.
fn grammar(app: &mut App, invocation: &Invocation, given: &Given) -> Option<Vec<Effect>> {
    match invocation.spec.id {
        Id::Operator => return Some(operate::begin(app, invocation, given)),
        Id::ObjectMatch => {
            return Some(match visual::run(app, &Invocation::of(command::spec(Id::Visual))) {
                Some(effects) if effects.is_empty() => super::grammar::objects::begin(app, invocation),
                other => other.unwrap_or_default(),
            });
        }
        _ if invocation.spec.object => {
            return Some(app.refuse("rows that belong together stand behind an operator", Some("such as dip, or select with V first")));
        }
        Id::Repeat => return Some(super::grammar::repeat::run(app, invocation)),
        Id::Put | Id::PutBefore => return Some(super::grammar::put::run(app, invocation)),
        Id::Global | Id::Except => return Some(super::grammar::many::begin(app, invocation, given)),
        Id::Normal => return Some(super::grammar::many::normal(app, invocation, given)),
        Id::ReplaceChar => return Some(super::grammar::replace::run(app, invocation, given)),
        Id::Substitute | Id::SubstituteAgain => return Some(super::grammar::replace::substitute(app, invocation, given)),
        _ => {}
    }
    visual::run(app, invocation)
        .or_else(|| super::grammar::jumps::run(app, invocation))
        .or_else(|| super::grammar::marks::run(app, invocation, given))
        .or_else(|| super::grammar::macros::run(app, invocation, given))
        .or_else(|| super::grammar::reading::run(app, invocation))
}

/// Carries a command out on rows.
pub(super) fn on_rows(app: &mut App, mut invocation: Invocation, mut rows: Vec<usize>, given: &Given) -> Vec<Effect> {
    // As in Vim, a count behind a range begins at its last row.
    if let (Some(count), Some(last)) = (invocation.count.take_if(|_| !counts_amounts(invocation.spec.id)), rows.last().copied()) {
        rows = (last..=(last + count.max(1) as usize - 1).min(app.row_count().saturating_sub(1))).collect();
    }
    if matches!(invocation.spec.id, Id::Substitute) {
        return super::grammar::replace::substitute(app, &invocation, &Given { rows: Some(rows), ..given.clone() });
    }
    // As in Vim, a line that changes rows leaves the place of '' behind.
    if !given.by_key && !given.one_by_one && invocation.spec.id != Id::Yank {
        app.jumps_from_here();
    }
    apply::apply(app, invocation, Extent::Rows(rows), given)
}

/// Returns whether a count says how much, and not how many rows.
fn counts_amounts(id: Id) -> bool {
    matches!(id, Id::Increase | Id::Decrease | Id::Put | Id::PutBefore)
}

/// Carries a command out on the cursor's row, and on those below it as its count says.
fn on_cursor(app: &mut App, mut invocation: Invocation, given: &Given) -> Vec<Effect> {
    if app.opened.is_empty() && app.row_count() == 0 {
        return nothing_here(app);
    }
    if matches!(invocation.spec.id, Id::Merge | Id::Distinct) {
        invocation.count = Some(invocation.count.unwrap_or(2).max(2));
    }
    if counts_amounts(invocation.spec.id) {
        let cell = operate::spot(app).cell;
        let extent = Extent::Cells { rows: vec![app.cursor()], from: cell, to: cell };
        return apply::apply(app, invocation, extent, given);
    }
    operate::on_count(app, invocation, given)
}

/// Takes what stands behind a command of rows as in Vim: a register, a count.
pub(super) fn register_and_count(invocation: &mut Invocation) {
    if !matches!(
        invocation.spec.id,
        Id::Trash | Id::Yank | Id::Put | Id::PutBefore | Id::StageNext | Id::StagePrevious | Id::Merge | Id::Copy
    ) {
        return;
    }
    let mut words = invocation.args.split_whitespace().peekable();
    let mut register = None;
    if let Some(name) = words.peek().and_then(|word| single(word)).filter(|name| !name.is_ascii_digit()) {
        register = Some(name);
        words.next();
    }
    let count = words.peek().and_then(|word| word.parse::<u32>().ok());
    if count.is_some() {
        words.next();
    }
    if words.next().is_none() && (register.is_some() || count.is_some()) {
        invocation.register = register.or(invocation.register);
        invocation.count = count.or(invocation.count);
        invocation.args.clear();
    }
}

fn single(word: &str) -> Option<char> {
    let mut chars = word.chars();
    let only = chars.next()?;
    chars.next().is_none().then_some(only)
}

/// Returns whether what stands behind a command of the queue is text, a word or a name: no
/// register, no count, and no record that the command is about.
fn takes_text(id: Id) -> bool {
    is_of_tickets(id) || id == Id::Separate
}

fn is_of_tickets(id: Id) -> bool {
    matches!(
        id,
        Id::Answer | Id::Note | Id::Assign | Id::Status | Id::Escalate | Id::Solve | Id::Reopen | Id::Incident | Id::Why | Id::Take
    )
}

/// Returns whether a command of the queue is given in the timeline of a ticket: it is about
/// that, and not about the row under the cursor.
fn is_about_its_ticket(app: &App, id: Id, given: &Given) -> bool {
    let in_timeline = app.opened.is_empty() && app.focus == Pane::Timeline && given.rows.is_none();
    in_timeline && is_of_tickets(id) && app.timeline.of.is_some()
}

/// Returns whether a command's arguments name the records that it is about.
fn names_records(invocation: &Invocation) -> bool {
    let first = invocation.args.split_whitespace().next();
    match invocation.spec.id {
        Id::Trash | Id::Edit | Id::Distinct => first.is_some(),
        id if takes_text(id) => false,
        // What answers the tickets of the rows, and no row itself.
        Id::Article => false,
        _ => first.is_some_and(|word| word.parse::<RecordId>().is_ok()),
    }
}

/// Carries a command out that is about the one record under the cursor.
fn on_current(app: &mut App, invocation: Invocation) -> Vec<Effect> {
    let id = invocation.spec.id;
    let in_timeline = app.opened.is_empty() && app.focus == Pane::Timeline;
    let targets: Vec<RecordId> = match (id, in_timeline) {
        // Whose timeline it is: what is logged there is logged with them.
        (Id::Log | Id::LogTouch, true) => app.timeline.of.into_iter().collect(),
        (id, true) if is_of_tickets(id) => app.timeline.of.into_iter().collect(),
        _ => app.current().into_iter().collect(),
    };
    let needs_row = matches!(id, Id::AppendNotes | Id::LogTouch);
    if needs_row && targets.is_empty() && invocation.args.is_empty() {
        return nothing_here(app);
    }
    let field = app.written_under_cursor().map(|written| written.field);
    let here = Here { targets, field, kind: Some(app.kind_here()), ..Here::default() };
    vec![app.effect(invocation, here)]
}

/// Says that there is no row.
pub(super) fn nothing_here(app: &mut App) -> Vec<Effect> {
    operate::cancel(app);
    app.refuse("nothing stands under the cursor", None)
}

impl App {
    /// Returns the field of the cell under the cursor, as it is written.
    pub(super) fn written_under_cursor(&self) -> Option<Written> {
        let cell = if self.opened.is_empty() { operate::spot(self).cell } else { 1 };
        self.written(self.cursor(), cell)
    }

    /// Says what is wrong, and lets the macro end that asked for it.
    pub(super) fn refuse(&mut self, message: &str, hint: Option<&str>) -> Vec<Effect> {
        self.complain(message, hint);
        self.fail()
    }

    /// Lets the macro end that asked for something that cannot be done.
    pub(super) fn fail(&mut self) -> Vec<Effect> {
        self.grammar.failed = true;
        self.machine.drop_macro();
        vec![Effect::Bell]
    }
}

/// Opens the `:` prompt with a text.
pub(super) fn prompt(app: &mut App, text: &str) -> Vec<Effect> {
    app.prompt = Some(Prompt::open(Asked::Command, text, None));
    app.mode = Mode::Prompt;
    Vec::new()
}

/// Opens the prompt where a command needs more than its key says; `None` if it has all.
fn ask_for_more(app: &mut App, invocation: &Invocation) -> Option<Vec<Effect>> {
    Some(match invocation.spec.id {
        Id::New | Id::NewAbove if invocation.args.is_empty() => {
            let kind = match app.pane() {
                Pane::Tickets => Kind::Ticket,
                Pane::Pipeline => Kind::Opportunity,
                Pane::Timeline => Kind::Interaction,
                _ => app.contacts.kind,
            };
            if kind == Kind::Interaction {
                return Some(prompt(app, "log call "));
            }
            let field = crate::domain::fields::title_field(kind).map_or("name", |field| field.name);
            prompt_new(app, kind, field)
        }
        Id::New | Id::NewAbove if !invocation.args.contains('=') => {
            let word = invocation.args.trim().to_owned();
            let Some(kind) = Kind::from_name(&word) else {
                return Some(app.refuse(&format!("there is no kind \u{201c}{word}\u{201d}"), None));
            };
            let field = crate::domain::fields::title_field(kind).map_or("name", |field| field.name);
            prompt_new(app, kind, field)
        }
        Id::Pop if invocation.args.is_empty() => match caller(app) {
            Some(text) => vec![app.effect(Invocation { args: quoted(&text), ..invocation.clone() }, Here::default())],
            None => prompt(app, "pop "),
        },
        Id::LogTouch if invocation.args.is_empty() => prompt(app, "log call "),
        Id::AppendNotes if invocation.args.is_empty() => prompt(app, "append-notes "),
        _ => return None,
    })
}

/// Returns the number or address that was copied last, or stands under the cursor.
fn caller(app: &App) -> Option<String> {
    let copied = [Some('+'), None].into_iter().filter_map(|name| app.register(name)).map(|held| held.text());
    let here = app.written_under_cursor().map(|written| written.text);
    let is_one = |text: &String| {
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let spare = text.chars().all(|c| c.is_ascii_digit() || " +-()./".contains(c));
        text.len() < 100 && ((digits >= 6 && spare) || (text.contains('@') && !text.contains(char::is_whitespace)))
    };
    copied.chain(here).map(|text| text.trim().to_owned()).find(is_one)
}

/// Opens the prompt for a new record, the cursor between the quotes of its name.
fn prompt_new(app: &mut App, kind: Kind, field: &str) -> Vec<Effect> {
    let effects = prompt(app, &format!("add {} {field}=\"\"", kind.name()));
    if let Some(prompt) = &mut app.prompt {
        prompt.input.left();
    }
    effects
}

/// Edits the cell under the cursor in place, or sets it at once.
pub(super) fn edit_cell(app: &mut App, invocation: &Invocation, given: &Given) -> Vec<Effect> {
    let Some(id) = app.current() else { return nothing_here(app) };
    if app.opened.is_empty() && app.list(app.focus).is_none() {
        return app.refuse("there are no cells here", Some("open the record with <CR>, or press cc to edit it"));
    }
    let Some(Written { field, text: before }) = app.written_under_cursor() else {
        return app.refuse("this cell is not edited in place", Some("go to a field, or press cc to edit the record"));
    };
    if !invocation.args.is_empty() {
        return vec![set_cell(app, vec![id], &field, &invocation.args)];
    }
    let input = if invocation.spec.id == Id::ChangeCell { TextInput::default() } else { TextInput::new(before.clone()) };
    let again = given.by_key && !app.grammar.repeating;
    app.editing = Some(Editing { id, also: Vec::new(), field, before, input, completing: None, refused: false, again });
    app.mode = Mode::Insert;
    Vec::new()
}

/// Returns the effect that sets one field of records.
pub(super) fn set_cell(app: &mut App, ids: Vec<RecordId>, field: &str, text: &str) -> Effect {
    let mut invocation = Invocation::of(command::spec(Id::Set));
    invocation.args = format!("{field}={}", quoted(text));
    app.effect(invocation, Here { targets: ids, ..Here::default() })
}

/// Returns the effect that keeps what was typed into a cell, unless somebody else has
/// changed it meanwhile.
pub(super) fn set_typed(app: &mut App, editing: &Editing) -> Effect {
    let text = editing.input.text().to_owned();
    let mut invocation = Invocation::of(command::spec(Id::Set));
    invocation.args = format!("{}={}", editing.field, quoted(&text));
    let lines = vec![Line { name: editing.field.clone(), before: editing.before.clone(), text }];
    let draft = Some(Box::new(Draft { kind: editing.id.kind, id: Some(editing.id), version: 0, lines }));
    app.effect(invocation, Here { targets: vec![editing.id], draft, ..Here::default() })
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
                return app.refuse(&why, None);
            }
        }
    }
    Vec::new()
}
