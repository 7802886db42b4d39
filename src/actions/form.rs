//! All fields of a record as lines of text, and back: what a form is made from, checked
//! by while one types, and saved as, in one step.
//!
//! A line is named as columns are (`email.work`, `jobs.2.title`); only lines that were
//! changed are written. What somebody else changed meanwhile stays, unless both changed
//! the same line: then nothing is written, and both texts are told.

use super::changeset::Changeset;
use super::{ActionError, Desk, Outcome};
use crate::domain::{AnyField, Assignment, Definitions, FieldRef, FieldType, Kind, Lookup, Part, Record, RecordId, flat, naming};
use crate::store::known::Known;

/// One line of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormField {
    /// Its name, as columns and assignments name it.
    pub name: String,
    /// The field that it belongs to.
    pub field: String,
    /// What stands there.
    pub text: String,
    /// What is expected: the type and an example.
    pub expected: String,
    /// Whether line breaks are kept.
    pub is_long: bool,
    /// Whether a further value of the field can be added.
    pub repeats: bool,
}

/// A record as lines; a new one has no id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// The kind.
    pub kind: Kind,
    /// The record.
    pub id: Option<RecordId>,
    /// Its version when it was read.
    pub version: u64,
    /// What it is called.
    pub title: String,
    /// The lines, in the order of the table of fields.
    pub fields: Vec<FormField>,
    /// The lines of one more value of each field that holds several, with the place 1.
    pub more: Vec<FormField>,
}

/// One changed line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// What stood there when the form was read.
    pub before: String,
    /// What is to stand there.
    pub text: String,
}

/// The lines of a form that were changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The kind.
    pub kind: Kind,
    /// The record; `None` for a new one.
    pub id: Option<RecordId>,
    /// The version that the form was read from.
    pub version: u64,
    /// The changed lines, in order.
    pub lines: Vec<Line>,
}

/// What is to be said of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// How the text is understood, where it is not obvious.
    Reads(String),
    /// What is wrong with it, and what to do.
    Wrong(String),
}

/// What came of saving.
#[derive(Debug, Clone)]
pub enum Saved {
    /// It is kept.
    Done(Outcome),
    /// These lines are none of their field's values; nothing was written.
    Wrong(Vec<(String, Verdict)>),
    /// Somebody else changed the same lines: the record as it stands; nothing was
    /// written.
    Clashes(Box<Form>),
}

/// Returns a record as lines, or a new one of a kind.
///
/// # Errors
/// Exit 4 for a record that is not there.
pub fn form(desk: &Desk, kind: Kind, id: Option<RecordId>) -> Result<Form, ActionError> {
    let definitions = desk.definitions();
    let known = Known::new(&*desk.store);
    let record = id.map(|id| desk.record(id)).transpose()?;
    let blank = Record::new(id.unwrap_or(RecordId::new(kind, 0)));
    let shown = record.as_deref().unwrap_or(&blank);
    let cells = flat(shown, &definitions, &known);
    let mut fields = Vec::new();
    for any in AnyField::all(kind, &definitions).filter(|field| !matches!(field, AnyField::Builtin(field) if field.system)) {
        let own = cells.iter().filter(|(name, _)| !name.ends_with(".id") && belongs(name, any));
        let before = fields.len();
        fields.extend(own.filter_map(|(name, text)| line(kind, name, any, text.clone(), &definitions)));
        if fields.len() == before {
            fields.extend(empty_names(kind, any).into_iter().filter_map(|name| line(kind, &name, any, String::new(), &definitions)));
        }
    }
    let title = record.as_deref().map_or_else(String::new, naming::title);
    Ok(Form { kind, id, version: record.map_or(0, |record| record.version), title, fields, more: further(kind, &definitions) })
}

/// Returns the lines that take one more value of each field that holds several, for its
/// first value: `email.1.label`, `email.1`.
fn further(kind: Kind, definitions: &Definitions) -> Vec<FormField> {
    let mut lines = Vec::new();
    for any in AnyField::all(kind, definitions) {
        let AnyField::Builtin(field) = any else { continue };
        let name = field.name;
        let names: Vec<String> = match field.ty {
            _ if field.system => continue,
            FieldType::Address | FieldType::Job | FieldType::Line => {
                let label = field.labels.then(|| format!("{name}.1.label"));
                label.into_iter().chain(Part::of_type(field.ty).iter().map(|part| format!("{name}.1.{}", part.name()))).collect()
            }
            FieldType::Consent => continue,
            _ if field.labels => vec![format!("{name}.1.label"), format!("{name}.1")],
            _ => continue,
        };
        lines.extend(names.iter().filter_map(|name| line(kind, name, any, String::new(), definitions)));
    }
    lines
}

/// Returns how many values the lines of one field stand for, by their names and whether
/// something stands in them.
pub fn values<'a>(field: &str, lines: impl Iterator<Item = (&'a str, bool)>) -> usize {
    let mut values: Vec<String> = Vec::new();
    for (name, _) in lines.filter(|(name, has_text)| *has_text || *name != field) {
        let parts: Vec<&str> = name.split('.').collect();
        let own = match parts.as_slice() {
            _ if own_job(name) => "1".to_owned(),
            [_, label, second, ..] if second.parse::<usize>().is_ok() => format!("{label}.{second}"),
            [_, place, ..] => (*place).to_owned(),
            _ => "1".to_owned(),
        };
        if !values.contains(&own) {
            values.push(own);
        }
    }
    values.len()
}

/// Says of each changed line how it is understood, or what is wrong with it.
///
/// # Errors
/// What the store answers; a record that is gone.
pub fn check(desk: &Desk, draft: &Draft) -> Result<Vec<(String, Verdict)>, ActionError> {
    let definitions = desk.definitions();
    let known = Known::new(&*desk.store);
    let mut changes = Changeset::new(desk);
    let id = match draft.id {
        Some(id) => id,
        None => changes.create(draft.kind),
    };
    let mut told = Vec::new();
    for line in ordered(draft) {
        let wrong = |error: ActionError| {
            let message = error.message.strip_prefix(&format!("{}: ", line.name)).unwrap_or(&error.message).to_owned();
            Verdict::Wrong(error.hint.map_or_else(|| message.clone(), |hint| format!("{message}: {hint}")))
        };
        let verdict = match assignment(draft.kind, line, &definitions) {
            Err(error) => Some(wrong(error)),
            Ok(assignment) => match changes.assign(id, std::slice::from_ref(&assignment)) {
                Err(error) => Some(wrong(error)),
                Ok(()) => {
                    let kept = assignment.target.text(changes.get(id)?, &known);
                    (!line.text.trim().is_empty() && kept.trim() != line.text.trim())
                        .then(|| Verdict::Reads(shown(desk, &assignment, &kept)))
                }
            },
        };
        told.extend(verdict.map(|verdict| (line.name.clone(), verdict)));
    }
    Ok(told)
}

/// Keeps what a form changed, as one step.
///
/// # Errors
/// What the store refuses; a record that is gone.
pub fn save(desk: &Desk, draft: &Draft) -> Result<Saved, ActionError> {
    desk.check_writable()?;
    let wrong: Vec<_> = check(desk, draft)?.into_iter().filter(|(_, verdict)| matches!(verdict, Verdict::Wrong(_))).collect();
    if !wrong.is_empty() {
        return Ok(Saved::Wrong(wrong));
    }
    let definitions = desk.definitions();
    let mut changes = Changeset::new(desk);
    let id = match draft.id {
        None => changes.create(draft.kind),
        Some(id) => {
            if changes.get(id)?.version != draft.version {
                let now = form(desk, draft.kind, Some(id))?;
                if draft.lines.iter().any(|line| now.text(&line.name) != line.before && now.text(&line.name) != line.text) {
                    return Ok(Saved::Clashes(Box::new(now)));
                }
            }
            id
        }
    };
    if draft.lines.is_empty() || (draft.id.is_none() && draft.lines.iter().all(|line| line.text.trim().is_empty())) {
        return Ok(Saved::Done(Outcome { message: "nothing was changed".to_owned(), ..Outcome::default() }));
    }
    let assignments = ordered(draft).map(|line| assignment(draft.kind, line, &definitions)).collect::<Result<Vec<_>, _>>()?;
    changes.assign(id, &assignments)?;
    let label = if draft.id.is_some() { "edit".to_owned() } else { format!("add {}", draft.kind) };
    let mut outcome = changes.finish(label)?;
    outcome.ids.retain(|id| id.kind == draft.kind);
    let called = match outcome.ids.first() {
        Some(id) => super::add::called(desk, *id)?,
        None => draft.kind.name().to_owned(),
    };
    outcome.message = match (draft.id, outcome.changed) {
        (None, _) => format!("added {called}"),
        (Some(_), 0) => "nothing to change: it stands so already".to_owned(),
        (Some(_), _) => format!("{called} changed"),
    };
    Ok(Saved::Done(outcome))
}

/// Returns a record as it stands, if a line that was typed over has been changed since by
/// somebody else, to something else.
///
/// # Errors
/// What the store answers; a record that is gone.
pub fn clash(desk: &Desk, typed: &Draft) -> Result<Option<Form>, ActionError> {
    let Some(id) = typed.id else { return Ok(None) };
    let definitions = desk.definitions();
    let known = Known::new(&*desk.store);
    let record = desk.record(id)?;
    for line in &typed.lines {
        let field = FieldRef::resolve(typed.kind, &line.name, &definitions).map_err(crate::domain::ValueError::from)?;
        let now = field.text(&record, &known);
        if now != line.before && now != line.text {
            return form(desk, typed.kind, Some(id)).map(Some);
        }
    }
    Ok(None)
}

impl Form {
    /// Returns what stands in a line; nothing where there is none.
    pub fn text(&self, name: &str) -> &str {
        self.fields.iter().find(|field| field.name == name).map_or("", |field| &field.text)
    }
}

/// The pipeline comes before the stage that is one of it.
fn ordered(draft: &Draft) -> impl Iterator<Item = &Line> {
    let is_first = |line: &&Line| line.name == "pipeline";
    draft.lines.iter().filter(is_first).chain(draft.lines.iter().filter(move |line| !is_first(line)))
}

fn assignment(kind: Kind, line: &Line, definitions: &Definitions) -> Result<Assignment, ActionError> {
    Ok(Assignment::new(
        FieldRef::resolve(kind, &line.name, definitions).map_err(crate::domain::ValueError::from)?,
        crate::domain::Op::Set,
        line.text.as_str(),
    )?)
}

/// Returns a canonical text as people read it: a moment in the store's zone.
fn shown(desk: &Desk, assignment: &Assignment, kept: &str) -> String {
    match (assignment.target.field_type(), crate::domain::Timestamp::from_rfc3339(kept)) {
        (FieldType::Time, Some(at)) => crate::domain::zone::wall_clock(desk.zone(), at).format("%a %Y-%m-%d %H:%M").to_string(),
        (FieldType::Date, _) => match chrono::NaiveDate::parse_from_str(kept, "%Y-%m-%d") {
            Ok(day) => day.format("%a %Y-%m-%d").to_string(),
            Err(_) => kept.to_owned(),
        },
        _ => kept.to_owned(),
    }
}

fn belongs(name: &str, any: AnyField<'_>) -> bool {
    let first = name.split('.').next().unwrap_or(name);
    first == any.name() || (any.name() == "jobs" && any.field_type() == FieldType::Job && own_job(name))
}

/// Of the first job these are the contact's own columns.
fn own_job(name: &str) -> bool {
    matches!(name, "company" | "title" | "role")
}

fn empty_names(kind: Kind, any: AnyField<'_>) -> Vec<String> {
    if kind == Kind::Contact && any.field_type() == FieldType::Job {
        return ["company", "title", "role"].map(str::to_owned).to_vec();
    }
    vec![any.name().to_owned()]
}

fn line(kind: Kind, name: &str, any: AnyField<'_>, text: String, definitions: &Definitions) -> Option<FormField> {
    let target = FieldRef::resolve(kind, name, definitions).ok()?;
    target.written()?;
    let ty = target.field_type();
    let example = if name == any.name() { any.example() } else { "" };
    let mut expected = match any {
        AnyField::Custom(_) => any.type_text(),
        AnyField::Builtin(_) => ty.to_string(),
    };
    if let Some((words, closed)) = target.words(definitions).filter(|(words, _)| !words.is_empty()) {
        const SHOWN: usize = 8;
        let more = if words.len() > SHOWN || !closed { ", \u{2026}" } else { "" };
        expected = format!("{}{more}", words[..words.len().min(SHOWN)].join(", "));
    } else if !example.is_empty() {
        expected = format!("{expected}, such as {example}");
    }
    if name == any.name() && !any.help().is_empty() {
        expected = format!("{} ({expected})", any.help());
    }
    let repeats = matches!(any, AnyField::Builtin(field) if field.labels || matches!(field.ty, FieldType::Job | FieldType::Line));
    if name == any.name() && any.repeats() && !repeats {
        expected = format!("{expected}; several are parted by ;");
    }
    Some(FormField { name: name.to_owned(), field: any.name().to_owned(), text, expected, is_long: ty == FieldType::LongText, repeats })
}

/// Returns the records that a link of a form may lead to, by the name of its line.
pub fn links_of(desk: &Desk, kind: Kind, name: &str) -> Option<Vec<Kind>> {
    let definitions = desk.definitions();
    match FieldRef::resolve(kind, name, &definitions).ok()?.field_type() {
        FieldType::Link(kinds) => Some(kinds.to_vec()),
        _ => None,
    }
}

/// Returns the words that a line may be, in the team's order; of an opportunity's stage
/// those of its pipeline.
pub fn words_of(desk: &Desk, kind: Kind, name: &str, pipeline: &str) -> Vec<String> {
    let definitions = desk.definitions();
    let Ok(field) = FieldRef::resolve(kind, name, &definitions) else { return Vec::new() };
    if name == "stage" && !pipeline.is_empty() {
        let pipeline = definitions.pipelines.get_or_default(Some(pipeline));
        return pipeline.stages.iter().map(|stage| stage.name.clone()).collect();
    }
    match field.field_type() {
        FieldType::Flag => ["yes", "no"].map(str::to_owned).to_vec(),
        _ => field.words(&definitions).map(|(words, _)| words.into_iter().map(str::to_owned).collect()).unwrap_or_default(),
    }
}

/// Returns what a link is called where its name alone means it, else its id.
pub fn name_of(desk: &Desk, id: RecordId) -> String {
    let known = Known::new(&*desk.store);
    match known.title(id) {
        Some(title) if !title.contains(';') && super::resolve(desk, &[id.kind], &title).is_ok_and(|found| found == id) => title,
        _ => id.to_string(),
    }
}
