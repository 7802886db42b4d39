//! Drafts: what is being written and not kept yet, so that it is found again after a
//! broken connection or a crash.
//!
//! What is typed at present is [`App::draft`]; whoever runs the application keeps it as it
//! changes. What was found of earlier times waits until it is taken up or dropped. A form
//! keeps what stood in its lines, so that what somebody else has changed since shows.

use serde::{Deserialize, Serialize};

use super::form::{self, Form};
use super::grammar::operate;
use super::message::{Effect, Level, Request};
use super::prompt::{Asked, Prompt};
use super::showing;
use super::state::App;
use super::text_input::TextInput;
use crate::actions::Edited;
use crate::actions::form::Line as FormLine;
use crate::command::{self, Here, Id, Invocation, Question};
use crate::domain::{Kind, RecordId};
use crate::tui::keys::{Mode, Pane};

/// What the keys of drafts begin with that have no file of their own.
const CELL: &str = "cell ";

/// What is being written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "lowercase")]
pub enum Draft {
    /// The lines of a form, or a cell, that were changed.
    Form(FormDraft),
    /// The line of a prompt.
    Line {
        /// Which prompt, by its name.
        prompt: String,
        /// The text.
        text: String,
    },
    /// What an editor left.
    Text {
        /// The text.
        text: String,
        /// What it was made from.
        original: String,
    },
}

/// The changed lines of a record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FormDraft {
    /// The kind.
    pub kind: String,
    /// The record; `None` for a new one.
    pub id: Option<String>,
    /// What it is called.
    pub title: String,
    /// The version that it was read at.
    pub version: u64,
    /// The line that was typed into.
    pub at: String,
    /// The changed lines.
    pub lines: Vec<Changed>,
}

/// One changed line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Changed {
    /// Its name.
    pub name: String,
    /// What stood there.
    pub before: String,
    /// What was typed.
    pub text: String,
}

/// A draft of an earlier time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Tells it from others.
    pub key: String,
    /// When it was written, in words.
    pub when: String,
    /// The draft.
    pub draft: Draft,
}

/// The drafts of earlier times, and the one that is on its way to the store.
#[derive(Debug, Clone, Default)]
pub struct Drafts {
    /// Those that wait, oldest first.
    pub waiting: Vec<Waiting>,
    /// The one that is being taken up, by its key.
    taking: Option<String>,
    /// What was accepted and is not kept yet.
    pub(super) sent: Option<Draft>,
}

impl Draft {
    /// Returns it in a few words.
    pub fn told(&self) -> String {
        match self {
            Self::Form(form) => {
                let names: Vec<&str> = form.lines.iter().map(|line| line.name.as_str()).take(4).collect();
                let more = if form.lines.len() > names.len() { ", \u{2026}" } else { "" };
                let what = match &form.id {
                    Some(id) => format!("{id} {}", form.title),
                    None => format!("a new {}", form.kind),
                };
                format!("{}: {}{more}", what.trim_end(), names.join(", "))
            }
            Self::Line { prompt, text } => format!("{}{text}", Asked::named(prompt).map_or("", Asked::sigil)),
            Self::Text { text, original } => {
                let ids = original.lines().filter_map(|line| line.strip_prefix("id = \"")?.strip_suffix('"')).take(4);
                format!("the text of {} ({} lines)", ids.collect::<Vec<_>>().join(", "), text.lines().count())
            }
        }
    }

    /// Returns all of it, to be read.
    fn lines(&self) -> Vec<String> {
        let indented = |text: &str| text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>();
        match self {
            Self::Form(form) => form.lines.iter().flat_map(|line| indented(&format!("{}: {}", line.name, line.text))).collect(),
            Self::Line { text, .. } => indented(text),
            Self::Text { text, .. } => indented(text),
        }
    }
}

impl App {
    /// Returns what is being written and not kept yet, if something is.
    pub fn draft(&self) -> Option<Draft> {
        let cell = || self.drafts.waiting.iter().find(|waiting| waiting.key.starts_with(CELL)).map(|waiting| waiting.draft.clone());
        self.half_written().or_else(|| self.drafts.sent.clone()).or_else(cell)
    }

    /// Returns what is being typed.
    pub(super) fn half_written(&self) -> Option<Draft> {
        if let Some(form) = self.form.as_ref().filter(|form| form.is_changed()) {
            return Some(Draft::Form(form.kept()));
        }
        if let Some(editing) = self.editing.as_ref().filter(|editing| editing.input.text() != editing.before) {
            let line = Changed { name: editing.field.clone(), before: editing.before.clone(), text: editing.input.text().to_owned() };
            let (kind, id) = (editing.id.kind.name().to_owned(), Some(editing.id.to_string()));
            return Some(Draft::Form(FormDraft { kind, id, at: line.name.clone(), lines: vec![line], ..FormDraft::default() }));
        }
        if let Some(edited) = self.question.as_ref().and_then(|question| question.here.edited.as_ref()) {
            return Some(Draft::Text { text: edited.text.clone(), original: edited.original.clone() });
        }
        let prompt = self.prompt.as_ref().filter(|prompt| prompt.is_draft())?;
        Some(Draft::Line { prompt: prompt.asked.name().to_owned(), text: prompt.input.text().to_owned() })
    }

    /// Says that there are drafts, and which keys are for them.
    pub fn offer_drafts(&mut self) {
        let Some(newest) = self.drafts.waiting.last() else { return };
        let key = |line: &str| {
            let own = self.keymap.keys_for(Mode::Normal, Pane::Contacts, line).into_iter().next();
            own.unwrap_or_else(|| format!(":{line}"))
        };
        let many = match self.drafts.waiting.len() {
            1 => "a draft waits".to_owned(),
            count => format!("{count} drafts wait, the last"),
        };
        let told =
            format!("{many} ({}): {} takes it up, {} drops it; of {}", newest.draft.told(), key("draft"), key("deldraft"), newest.when);
        self.say(Level::Warning, told);
    }

    /// Takes a draft up that could not be kept now, to be offered.
    pub fn wait_with(&mut self, waiting: Waiting) {
        self.drafts.waiting.retain(|other| other.key != waiting.key);
        self.drafts.waiting.push(waiting);
    }

    /// Notes that an editor has had a text: the draft that it was taken from goes.
    pub fn text_taken_up(&mut self, text: &Edited) -> Vec<Effect> {
        let taking = self.drafts.waiting.iter().find(|waiting| self.drafts.taking.as_ref() == Some(&waiting.key));
        match taking.map(|waiting| &waiting.draft) {
            Some(Draft::Text { original, .. }) if *original == text.original => self.taken_up(),
            _ => Vec::new(),
        }
    }

    /// Notes that the draft that was to be taken up is on screen again; its old file
    /// goes.
    fn taken_up(&mut self) -> Vec<Effect> {
        let Some(key) = self.drafts.taking.take() else { return Vec::new() };
        self.drafts.waiting.retain(|waiting| waiting.key != key);
        vec![Effect::ForgetDraft(key)]
    }

    /// Returns the draft of a record's form that is being taken up.
    pub(super) fn taking(&self, kind: Kind, id: Option<RecordId>) -> Option<FormDraft> {
        let key = self.drafts.taking.as_ref()?;
        match &self.drafts.waiting.iter().find(|waiting| waiting.key == *key)?.draft {
            Draft::Form(form) if form.kind == kind.name() && form.id.as_ref().and_then(|id| id.parse().ok()) == id => Some(form.clone()),
            _ => None,
        }
    }

    /// Shows a cell that is being edited as a form, since its row is not seen any more.
    pub(super) fn editing_to_form(&mut self) -> Vec<Effect> {
        let Some(draft @ Draft::Form(_)) = self.half_written() else { return Vec::new() };
        let Some(editing) = self.editing.take() else { return Vec::new() };
        self.mode = self.resting_mode();
        let key = format!("{CELL}{}", editing.id);
        self.wait_with(Waiting { key: key.clone(), when: String::new(), draft });
        self.drafts.taking = Some(key);
        vec![Effect::Load(Request::Form(editing.id.kind, Some(editing.id)))]
    }
}

/// Carries out a command on drafts; `None` if it is none.
pub(super) fn run(app: &mut App, invocation: &Invocation) -> Option<Vec<Effect>> {
    let args = invocation.args.trim();
    Some(match invocation.spec.id {
        Id::Drafts => list(app),
        Id::TakeDraft => match chosen(app, args) {
            Ok(at) => take(app, at),
            Err(effects) => effects,
        },
        Id::DropDraft => match chosen(app, args) {
            Ok(at) if invocation.bang => forget(app, at),
            Ok(at) => ask(app, at),
            Err(effects) => effects,
        },
        _ => return None,
    })
}

/// Returns the place of the draft that a number names, from 1; without one of the last.
fn chosen(app: &mut App, args: &str) -> Result<usize, Vec<Effect>> {
    let count = app.drafts.waiting.len();
    if count == 0 {
        return Err(app.refuse("no draft waits", Some("what you type is kept as you type it, and offered if it was not finished")));
    }
    match args.parse::<usize>() {
        _ if args.is_empty() => Ok(count - 1),
        Ok(number) if (1..=count).contains(&number) => Ok(number - 1),
        _ => Err(app.refuse(&format!("there is no draft \u{201c}{args}\u{201d}"), Some(":drafts lists them with their numbers"))),
    }
}

fn list(app: &mut App) -> Vec<Effect> {
    let mut lines = Vec::new();
    for (at, waiting) in app.drafts.waiting.iter().enumerate() {
        lines.push(format!("{} {}, of {}", at + 1, waiting.draft.told(), waiting.when));
        lines.extend(waiting.draft.lines());
    }
    if lines.is_empty() {
        app.say(Level::Info, "no draft waits");
        return Vec::new();
    }
    showing::sheet(app, "drafts: :draft N takes one up, :deldraft N drops it", lines);
    Vec::new()
}

fn take(app: &mut App, at: usize) -> Vec<Effect> {
    if app.half_written().is_some() || app.form.is_some() {
        return app.refuse("something is being written already", Some("keep it or leave it first"));
    }
    let Some(waiting) = app.drafts.waiting.get(at).cloned() else { return Vec::new() };
    app.drafts.taking = Some(waiting.key);
    match waiting.draft {
        Draft::Form(form) => {
            let id = form.id.as_deref().map(str::parse::<RecordId>).transpose();
            match (Kind::from_name(&form.kind), id) {
                (Some(kind), Ok(id)) => vec![Effect::Load(Request::Form(kind, id))],
                _ => app.refuse("this draft is of a record that this version does not know", Some(":drafts shows what was typed")),
            }
        }
        Draft::Line { prompt, text } => {
            operate::cancel(app);
            let asked = Asked::named(&prompt).filter(|asked| *asked != Asked::Answer).unwrap_or(Asked::Command);
            let mut opened = Prompt::open(asked, String::new(), None);
            opened.input = TextInput::new(text);
            app.prompt = Some(opened);
            app.mode = Mode::Prompt;
            app.sheet = None;
            app.taken_up()
        }
        Draft::Text { text, original } => vec![Effect::EditAgain(Box::new(Edited { text, original }))],
    }
}

fn ask(app: &mut App, at: usize) -> Vec<Effect> {
    let mut invocation = Invocation::of(command::spec(Id::DropDraft));
    invocation.args = (at + 1).to_string();
    let question = Question {
        text: format!("drop the draft ({}) for good? ", app.drafts.waiting[at].draft.told()),
        invocation,
        here: Here::default(),
        flag: None,
        answers: ["keep", "drop"].map(str::to_owned).to_vec(),
    };
    super::question::ask(app, question)
}

/// Goes on with the answer: whether a draft is to be dropped.
pub(super) fn answered(app: &mut App, number: &str, answer: &str) -> Vec<Effect> {
    match (answer, number.parse::<usize>()) {
        ("drop" | "d", Ok(number @ 1..)) => forget(app, number - 1),
        _ => {
            app.say(Level::Info, "the draft waits on");
            Vec::new()
        }
    }
}

fn forget(app: &mut App, at: usize) -> Vec<Effect> {
    if at >= app.drafts.waiting.len() {
        return Vec::new();
    }
    let gone = app.drafts.waiting.remove(at);
    app.say(Level::Info, "the draft is dropped");
    vec![Effect::ForgetDraft(gone.key)]
}

impl Form {
    /// Returns what was typed, to be found again.
    fn kept(&self) -> FormDraft {
        let draft = self.draft();
        FormDraft {
            kind: self.kind.name().to_owned(),
            id: self.id.map(|id| id.to_string()),
            title: self.title.clone(),
            version: draft.version,
            at: self.current().map(|row| row.field.name.clone()).unwrap_or_default(),
            lines: draft.lines.into_iter().map(|FormLine { name, before, text }| Changed { name, before, text }).collect(),
        }
    }
}

/// Opens the form of a draft over the record as it stands now: what both changed is shown
/// twice.
pub(super) fn opened(app: &mut App, draft: FormDraft) -> Vec<Effect> {
    let lines = draft.lines.into_iter().map(|Changed { name, before, text }| FormLine { name, before, text });
    let mut effects = form::retype(app, lines.collect(), &draft.at);
    effects.extend(app.taken_up());
    effects
}
