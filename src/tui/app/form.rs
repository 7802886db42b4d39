//! The form: all fields of a record, one a line, typed into one after the other.
//!
//! Lines are checked as one types and saved as one step. What somebody else changes
//! meanwhile is taken over; where both changed a line, both texts stand there until one
//! is chosen. Nothing that was typed is lost but by saying so.

use super::drafts;
use super::message::{Effect, Level, Request, Suggest};
use super::prompt::{Candidate, Completing};
use super::state::{App, Editing};
use super::text_input::TextInput;
use crate::actions::form::{self as lines, Draft, FormField, Line, Saved, Verdict};
use crate::command::{self, Here, Id, Invocation, Place, Question};
use crate::domain::{Kind, RecordId};
use crate::tui::keys::{Mode, Pane};

/// One line.
#[derive(Debug, Clone)]
pub struct FormRow {
    /// What it is, and what stood there when the record was read.
    pub field: FormField,
    /// What is typed.
    pub input: TextInput,
    /// What is to be said of it.
    pub told: Option<Verdict>,
    /// What somebody else wrote there meanwhile, until one of the two is chosen.
    pub theirs: Option<String>,
}

/// An open form.
#[derive(Debug, Clone)]
pub struct Form {
    /// The kind of record.
    pub kind: Kind,
    /// The record; `None` for a new one.
    pub id: Option<RecordId>,
    /// What it is called.
    pub title: String,
    /// The lines.
    pub rows: Vec<FormRow>,
    /// The line that is typed into.
    pub cursor: usize,
    /// Completions that are being gone through.
    pub completing: Option<Completing>,
    version: u64,
    more: Vec<FormField>,
}

impl FormRow {
    fn new(field: FormField) -> Self {
        Self { input: TextInput::new(field.text.clone()), field, told: None, theirs: None }
    }

    /// Returns whether something else stands there than is kept.
    pub fn is_changed(&self) -> bool {
        self.input.text() != self.field.text
    }
}

impl Form {
    fn new(form: lines::Form) -> Self {
        let rows = form.fields.into_iter().map(FormRow::new).collect();
        let lines::Form { kind, id, version, title, more, .. } = form;
        Self { kind, id, title, rows, cursor: 0, completing: None, version, more }
    }

    /// Returns the changed lines.
    pub fn draft(&self) -> Draft {
        let changed = self.rows.iter().filter(|row| row.is_changed());
        let lines =
            changed.map(|row| Line { name: row.field.name.clone(), before: row.field.text.clone(), text: row.input.text().to_owned() });
        Draft { kind: self.kind, id: self.id, version: self.version, lines: lines.collect() }
    }

    /// Returns the line that is typed into.
    pub fn current(&self) -> Option<&FormRow> {
        self.rows.get(self.cursor)
    }

    fn current_mut(&mut self) -> Option<&mut FormRow> {
        self.rows.get_mut(self.cursor)
    }

    fn unsaved(&self) -> usize {
        self.rows.iter().filter(|row| row.is_changed()).count()
    }

    /// Returns whether something is typed that is not kept.
    pub(super) fn is_changed(&self) -> bool {
        self.unsaved() > 0
    }

    /// Returns the place of the line that a name means; one that is not there is made. A
    /// column's name means the first of several values.
    fn line_of(&mut self, name: &str) -> usize {
        let base = name.split('.').next().unwrap_or(name);
        let own = |row: &FormRow| row.field.field == base && !row.field.name.ends_with(".label");
        let named = self.rows.iter().position(|row| row.field.name == name);
        let first = || self.rows.iter().position(|row| own(row) && (name == base || name.ends_with(".1")));
        if let Some(at) = named.or_else(first) {
            return at;
        }
        let at = self.rows.iter().rposition(|row| row.field.field == base).map_or(self.rows.len(), |at| at + 1);
        let field = FormField {
            name: name.to_owned(),
            field: base.to_owned(),
            text: String::new(),
            expected: String::new(),
            is_long: false,
            repeats: true,
        };
        self.rows.insert(at, FormRow::new(field));
        at
    }

    /// Types again what was typed over an earlier state of the record: what somebody
    /// else has changed since is kept beside it.
    fn retype(&mut self, lines: Vec<Line>, at: &str) {
        for Line { name, before, text } in lines {
            let at = self.line_of(&name);
            let row = &mut self.rows[at];
            let now = std::mem::replace(&mut row.field.text, before);
            row.input = TextInput::new(text);
            if now == row.input.text() || now == row.field.text {
                row.field.text = now;
            } else {
                row.theirs = Some(now);
            }
        }
        if !at.is_empty() {
            let at = self.line_of(at);
            self.go_to(at);
        }
    }

    fn go_to(&mut self, row: usize) {
        self.cursor = row.min(self.rows.len().saturating_sub(1));
        self.completing = None;
        if let Some(row) = self.current_mut() {
            row.input.end();
        }
    }

    /// Takes over what stands in the store now; what both changed is kept twice.
    fn rebase(&mut self, now: lines::Form) {
        for row in &mut self.rows {
            let text = now.text(&row.field.name).to_owned();
            if text == row.field.text {
                continue;
            }
            if !row.is_changed() || row.input.text() == text {
                row.input = TextInput::new(text.clone());
                row.field.text = text;
                row.theirs = None;
            } else {
                row.theirs = Some(text);
            }
        }
        for field in now.fields {
            if !self.rows.iter().any(|row| row.field.name == field.name) {
                let at = self.rows.iter().rposition(|row| row.field.field == field.field).map_or(self.rows.len(), |at| at + 1);
                self.rows.insert(at, FormRow::new(field));
                self.cursor += usize::from(at <= self.cursor);
            }
        }
        self.version = now.version;
        self.title = now.title;
    }
}

/// Carries out a command of the form, or one that means something else in it; `None` if
/// it is none.
pub(super) fn run(app: &mut App, invocation: &Invocation) -> Option<Vec<Effect>> {
    let id = invocation.spec.id;
    if id == Id::Form && app.form.is_none() {
        return Some(open(app, invocation.args.trim()));
    }
    let is_forms = matches!(id, Id::FormNext | Id::FormSave | Id::FormLeave | Id::FormAdd | Id::FormRemove | Id::FormMine | Id::FormTheirs);
    if app.form.is_none() {
        return is_forms.then(|| app.refuse("no form is open", Some("open one with :form")));
    }
    if app.prompt.is_some() || app.sheet.is_some() {
        return None;
    }
    if let Some(effects) = move_or_type(app, invocation) {
        return Some(effects);
    }
    let form = app.form.as_mut()?;
    Some(match id {
        Id::FormSave | Id::Write => save(app),
        Id::FormAdd | Id::New | Id::NewAbove => add_value(app),
        Id::FormRemove => {
            if let Some(row) = form.current_mut() {
                row.input = TextInput::default();
            }
            typed(app)
        }
        Id::FormMine => choose(app, false),
        Id::FormTheirs => choose(app, true),
        Id::FormLeave => leave(app, invocation.args.trim()),
        Id::Accept | Id::Cancel if app.mode == Mode::Insert => {
            if form.completing.take().is_none() {
                app.mode = Mode::Normal;
            }
            Vec::new()
        }
        Id::Quit if invocation.bang => leave(app, "discard"),
        Id::Cancel | Id::Close | Id::Quit => ask_to_leave(app),
        Id::CommandLine | Id::Help | Id::KeyHelp | Id::Messages | Id::Perf | Id::Theme | Id::Redraw | Id::Suspend | Id::Nothing => {
            return None;
        }
        _ if invocation.spec.place == Place::Text => return None,
        _ if invocation.spec.motion.is_some() => Vec::new(),
        _ => app.refuse("a form is open", Some("save it with :w, or leave it with :q")),
    })
}

/// Goes to another line, or types into this one.
fn move_or_type(app: &mut App, invocation: &Invocation) -> Option<Vec<Effect>> {
    let count = invocation.count.unwrap_or(1) as usize;
    let form = app.form.as_mut()?;
    let last = form.rows.len().saturating_sub(1);
    let page = 10;
    let to = match invocation.spec.id {
        Id::Down | Id::NextRow | Id::TextNewer => form.cursor + count,
        Id::Up | Id::PreviousRow | Id::TextOlder => form.cursor.saturating_sub(count),
        Id::First => 0,
        Id::Last => last,
        Id::HalfPageDown | Id::PageDown => form.cursor + page,
        Id::HalfPageUp | Id::PageUp => form.cursor.saturating_sub(page),
        Id::FormNext if form.cursor == last => return Some(save(app)),
        Id::FormNext => form.cursor + 1,
        Id::EditCell | Id::LogTouch | Id::AppendNotes | Id::Open => {
            app.mode = Mode::Insert;
            return Some(Vec::new());
        }
        Id::ChangeCell => {
            app.mode = Mode::Insert;
            form.current_mut()?.input = TextInput::default();
            return Some(typed(app));
        }
        Id::TextComplete | Id::TextCompleteBack => return Some(complete(app, invocation.spec.id == Id::TextComplete)),
        Id::TextBreak => {
            let row = form.current_mut()?;
            if row.field.is_long {
                row.input.insert_lines("\n");
            }
            return Some(typed(app));
        }
        _ => return None,
    };
    form.go_to(to);
    Some(Vec::new())
}

/// Opens a form: of the record under the cursor, of one that is named, or of a new one.
fn open(app: &mut App, what: &str) -> Vec<Effect> {
    if what.is_empty() {
        let Some(id) = app.current() else {
            let kind = match app.pane() {
                Pane::Tickets => Kind::Ticket,
                Pane::Pipeline => Kind::Opportunity,
                Pane::Timeline => Kind::Interaction,
                _ => app.contacts.kind,
            };
            return vec![Effect::Load(Request::Form(kind, None))];
        };
        return vec![Effect::Load(Request::Form(id.kind, Some(id)))];
    }
    if let Ok(id) = what.parse::<RecordId>() {
        return vec![Effect::Load(Request::Form(id.kind, Some(id)))];
    }
    match Kind::from_name(what) {
        Some(kind) => vec![Effect::Load(Request::Form(kind, None))],
        None => app.refuse(&format!("there is neither a kind nor an id \u{201c}{what}\u{201d}"), Some("write :form contact, or :form c17")),
    }
}

/// Takes a record that was read: opens its form, or brings the open one forward.
pub(super) fn loaded(app: &mut App, now: lines::Form) -> Vec<Effect> {
    match &mut app.form {
        Some(form) if form.id == now.id && form.kind == now.kind => {
            if form.version == now.version {
                return Vec::new();
            }
            form.rebase(now);
            tell_of_clashes(app)
        }
        Some(_) => Vec::new(),
        None => {
            let draft = app.taking(now.kind, now.id);
            show(app, now);
            draft.map_or_else(Vec::new, |draft| drafts::opened(app, draft))
        }
    }
}

fn show(app: &mut App, now: lines::Form) {
    app.form = Some(Form::new(now));
    app.sheet = None;
    app.mode = Mode::Insert;
}

/// Types lines of a draft again into the form that has been opened.
pub(super) fn retype(app: &mut App, lines: Vec<Line>, at: &str) -> Vec<Effect> {
    if let Some(form) = &mut app.form {
        form.retype(lines, at);
    }
    let mut effects = tell_of_clashes(app);
    effects.extend(typed(app));
    effects
}

/// Shows a cell as a form: somebody else has changed it while it was edited.
pub(super) fn cell_clashes(app: &mut App, now: lines::Form, cell: &Editing) -> Vec<Effect> {
    show(app, now);
    let line = Line { name: cell.field.clone(), before: cell.before.clone(), text: cell.input.text().to_owned() };
    retype(app, vec![line], &cell.field)
}

/// Asks for the record of the open form anew after a change.
pub(super) fn changed(app: &App, ids: Option<&[RecordId]>) -> Option<Effect> {
    let form = app.form.as_ref()?;
    let id = form.id.filter(|id| ids.is_none_or(|ids| ids.contains(id)))?;
    Some(Effect::Load(Request::Form(form.kind, Some(id))))
}

fn tell_of_clashes(app: &mut App) -> Vec<Effect> {
    let Some(form) = &mut app.form else { return Vec::new() };
    let clashes = form.rows.iter().filter(|row| row.theirs.is_some()).count();
    let Some(first) = form.rows.iter().position(|row| row.theirs.is_some()) else { return Vec::new() };
    form.go_to(first);
    let what = if clashes == 1 { "1 field was".to_owned() } else { format!("{clashes} fields were") };
    app.say(Level::Warning, format!("{what} changed meanwhile: Ctrl-y keeps yours, Ctrl-t takes theirs"));
    vec![Effect::Bell]
}

fn save(app: &mut App) -> Vec<Effect> {
    let Some(form) = &app.form else { return Vec::new() };
    if form.rows.iter().any(|row| row.theirs.is_some()) {
        return tell_of_clashes(app);
    }
    let draft = form.draft();
    let invocation = Invocation::of(command::spec(Id::FormSave));
    vec![app.effect(invocation, Here { draft: Some(Box::new(draft)), ..Here::default() })]
}

/// Takes what came of saving.
pub(super) fn saved(app: &mut App, saved: Saved) -> Vec<Effect> {
    match saved {
        Saved::Done(_) => {
            app.form = None;
            app.mode = app.resting_mode();
            Vec::new()
        }
        Saved::Wrong(wrong) => {
            told(app, &wrong);
            let Some(form) = &mut app.form else { return Vec::new() };
            let is_wrong = |row: &FormRow| matches!(row.told, Some(Verdict::Wrong(_)));
            if let Some(first) = form.rows.iter().position(is_wrong) {
                form.go_to(first);
            }
            let count = form.rows.iter().filter(|row| is_wrong(row)).count();
            app.mode = Mode::Insert;
            app.say(
                Level::Error,
                format!("nothing is saved yet: {count} {} no value", if count == 1 { "field has" } else { "fields have" }),
            );
            vec![Effect::Bell]
        }
        Saved::Clashes(now) => {
            if let Some(form) = &mut app.form {
                form.rebase(*now);
            }
            tell_of_clashes(app)
        }
    }
}

/// Takes what is to be said of the lines.
pub(super) fn told(app: &mut App, told: &[(String, Verdict)]) {
    let Some(form) = &mut app.form else { return };
    for row in &mut form.rows {
        row.told = told.iter().find(|(name, _)| *name == row.field.name).map(|(_, verdict)| verdict.clone());
    }
}

fn choose(app: &mut App, theirs: bool) -> Vec<Effect> {
    let Some(row) = app.form.as_mut().and_then(Form::current_mut) else { return Vec::new() };
    let Some(text) = row.theirs.take() else {
        app.say(Level::Info, "nobody else has changed this field");
        return Vec::new();
    };
    row.field.text.clone_from(&text);
    if theirs {
        row.input = TextInput::new(text);
    }
    let mut effects = tell_of_clashes(app);
    effects.extend(typed(app));
    effects
}

/// Adds the lines of one more value.
fn add_value(app: &mut App) -> Vec<Effect> {
    let Some(form) = &mut app.form else { return Vec::new() };
    let Some(field) = form.current().map(|row| row.field.field.clone()) else { return Vec::new() };
    let own = form.rows.iter().filter(|row| row.field.field == field);
    let next = lines::values(&field, own.map(|row| (row.field.name.as_str(), !row.input.text().is_empty()))) + 1;
    let place = format!("{field}.1");
    let rows: Vec<FormRow> = form
        .more
        .iter()
        .filter(|more| more.field == field)
        .map(|more| FormRow::new(FormField { name: more.name.replacen(&place, &format!("{field}.{next}"), 1), ..more.clone() }))
        .collect();
    if rows.is_empty() {
        app.say(Level::Info, format!("{field} has one line: several values are parted by ; where it holds several"));
        return vec![Effect::Bell];
    }
    let at = form.rows.iter().rposition(|row| row.field.field == field).map_or(0, |at| at + 1);
    form.rows.splice(at..at, rows);
    form.go_to(at);
    app.mode = Mode::Insert;
    Vec::new()
}

/// Does what follows typing: what is typed is checked.
pub(super) fn typed(app: &mut App) -> Vec<Effect> {
    let Some(form) = &mut app.form else { return Vec::new() };
    form.completing = None;
    let draft = form.draft();
    app.aid.number += 1;
    vec![Effect::Load(Request::Judge { number: app.aid.number, draft })]
}

fn complete(app: &mut App, forward: bool) -> Vec<Effect> {
    let Some(form) = &mut app.form else { return Vec::new() };
    let Some(row) = form.rows.get_mut(form.cursor) else { return Vec::new() };
    if let Some(completing) = &mut form.completing {
        completing.cycle(&mut row.input, forward);
        let draft = form.draft();
        app.aid.number += 1;
        return vec![Effect::Load(Request::Judge { number: app.aid.number, draft })];
    }
    let (name, before) = (row.field.name.clone(), row.input.before().to_owned());
    let pipeline = form.rows.iter().find(|row| row.field.name == "pipeline").map_or_else(String::new, |row| row.input.text().to_owned());
    app.aid.number += 1;
    let what = Suggest::Value { kind: form.kind, name, before, pipeline };
    vec![Effect::Load(Request::Suggest { number: app.aid.number, what, lines: app.finder.lines.clone() })]
}

/// Takes completions of the line that is typed into.
pub(super) fn suggested(app: &mut App, start: usize, candidates: Vec<Candidate>) -> Vec<Effect> {
    let Some(form) = &mut app.form else { return Vec::new() };
    if candidates.is_empty() {
        app.say(Level::Info, "nothing completes this");
        return vec![Effect::Bell];
    }
    let Some(row) = form.rows.get(form.cursor) else { return Vec::new() };
    form.completing = Some(Completing::of(&row.input, start, candidates));
    complete(app, true)
}

/// Types a text into the line.
pub(super) fn type_text(app: &mut App, text: &str) -> Vec<Effect> {
    if app.mode != Mode::Insert {
        return Vec::new();
    }
    let Some(row) = app.form.as_mut().and_then(Form::current_mut) else { return Vec::new() };
    if row.field.is_long {
        row.input.insert_lines(text);
    } else {
        row.input.insert(text);
    }
    typed(app)
}

/// Leaves the form, asking if something in it is not saved.
pub(super) fn ask_to_leave(app: &mut App) -> Vec<Effect> {
    let unsaved = app.form.as_ref().map_or(0, Form::unsaved);
    if unsaved == 0 {
        return leave(app, "discard");
    }
    let what = if unsaved == 1 { "1 field is".to_owned() } else { format!("{unsaved} fields are") };
    let question = Question {
        text: format!("{what} not saved: "),
        invocation: Invocation::of(command::spec(Id::FormLeave)),
        here: Here::default(),
        flag: None,
        answers: ["stay", "save", "discard"].map(str::to_owned).to_vec(),
    };
    super::question::ask(app, question)
}

/// Leaves the form as somebody answered.
pub(super) fn leave(app: &mut App, how: &str) -> Vec<Effect> {
    match how {
        "discard" => {
            app.form = None;
            app.mode = app.resting_mode();
            Vec::new()
        }
        "save" => save(app),
        "" if app.form.as_ref().is_some_and(|form| form.unsaved() == 0) => leave(app, "discard"),
        _ => {
            app.say(Level::Info, "the form stays open");
            Vec::new()
        }
    }
}

impl App {
    /// Returns the text of the form that is typed into, if one is.
    pub(super) fn form_input(&mut self) -> Option<&mut TextInput> {
        let is_typed = self.mode == Mode::Insert && self.prompt.is_none();
        self.form.as_mut().filter(|_| is_typed)?.current_mut().map(|row| &mut row.input)
    }
}
