//! Records as text in an editor, and back.
//!
//! The text is TOML: one record as a table, several as `[[record]]`. What was not
//! touched in it is not written, so that what somebody else changed meanwhile
//! stays; what both changed is a conflict. An error has line and column, and the
//! caller keeps the text.

use std::fmt::Write as _;
use std::ops::Range;

use serde_json::Value as Json;
use toml::de::{DeTable, DeValue};

use super::changeset::Changeset;
use super::target::counted;
use super::{ActionError, Desk, Outcome, add, differences};
use crate::domain::{AnyField, Field, FieldType, Kind, Problem, RecordId, json};
use crate::store::api::is_new;
use crate::store::known::Known;

/// What an editor begins with.
const HEAD: &str = "# Change what you like, save and leave. A field taken out is emptied; an empty file changes nothing.\n# A [[record]] without id is a new one; one that is taken out stays as it is.\n";

/// Returns records as TOML for an editor; the fields that they lack stand there as
/// comments, with an example.
///
/// # Errors
/// Exit 4 for a record that is not there.
pub fn edit_toml(desk: &Desk, ids: &[RecordId]) -> Result<String, ActionError> {
    let definitions = desk.definitions();
    let known = Known::new(&*desk.store);
    let mut text = HEAD.to_owned();
    for record in desk.records(ids)? {
        text.push('\n');
        if ids.len() > 1 {
            text.push_str("[[record]]\n");
        }
        let mut object = serde_json::Map::new();
        object.insert("id".to_owned(), record.id.to_string().into());
        object.insert("version".to_owned(), record.version.into());
        object.extend(json::fields_of(&record, &definitions, &known));
        for (name, value) in &object {
            let _ = writeln!(text, "{} = {}", key(name), inline(value));
        }
        for field in AnyField::all(record.kind(), &definitions).filter(|field| !object.contains_key(field.name())) {
            if let AnyField::Builtin(field) = field
                && !field.system
            {
                let _ = writeln!(text, "# {} = {}", field.name, example(field));
            }
        }
    }
    Ok(text)
}

/// What an editor left, and what it began with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edited {
    /// The text as it was left.
    pub text: String,
    /// The text as it was given.
    pub original: String,
}

/// What a text from an editor would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Review {
    /// What would change, a line a field; none if nothing would.
    pub lines: Vec<String>,
    /// Records whose tables were taken out: they stay as they are.
    pub left_out: Vec<RecordId>,
}

/// Returns what a text would change, and changes nothing.
///
/// # Errors
/// As [`apply_toml`].
pub fn review_toml(desk: &Desk, text: &str, original: &str) -> Result<Review, ActionError> {
    let (changes, _, left_out) = changes_of(desk, text, original)?;
    let mut lines = Vec::new();
    for found in changes.differences() {
        let shown = |values| super::shown::shown(desk, values);
        let whose = if is_new(found.id) { format!("new {}", found.id.kind) } else { found.id.to_string() };
        lines.push(match (found.before.is_empty(), found.after.is_empty()) {
            (true, _) => format!("{whose} {}: {}", found.name(), shown(&found.after)),
            (_, true) => format!("{whose} {}: {} taken out", found.name(), shown(&found.before)),
            _ => format!("{whose} {}: {} \u{2192} {}", found.name(), shown(&found.before), shown(&found.after)),
        });
    }
    Ok(Review { lines, left_out })
}

/// Takes what an editor left; `original` is what it began with. A table without an id
/// is a new record; a record whose table is gone stays as it is, which is told.
///
/// # Errors
/// Exit 1 or 2 with `line:column` for a slip in the text, an unknown field or a value
/// that is none; exit 5 for a field that somebody else changed meanwhile.
pub fn apply_toml(desk: &Desk, text: &str, original: &str) -> Result<Outcome, ActionError> {
    desk.check_writable()?;
    let (changes, ids, left_out) = changes_of(desk, text, original)?;
    let added = ids.iter().filter(|id| is_new(**id)).count();
    let mut outcome = changes.finish("edit")?;
    let count = outcome.changed.saturating_sub(added);
    let mut told = Vec::new();
    if count > 0 {
        let own: Vec<RecordId> = ids.iter().copied().filter(|id| !is_new(*id)).collect();
        told.push(format!("{} changed", counted(&own, count)));
    }
    if added > 0 {
        told.push(format!("{added} added"));
    }
    if told.is_empty() {
        told.push("nothing was changed".to_owned());
    }
    told.extend(left_out_told(&left_out));
    outcome.message = told.join("; ");
    Ok(outcome)
}

/// Returns the sentence about records whose tables were taken out.
pub fn left_out_told(left_out: &[RecordId]) -> Option<String> {
    match left_out {
        [] => None,
        [one] => Some(format!("{one}, taken out of the text, stays as it is: rm puts it into the trash")),
        several => Some(format!("{} records, taken out of the text, stay as they are: rm puts them into the trash", several.len())),
    }
}

/// Returns the changes that a text makes, the records that it is about, and those that
/// were taken out of it. An empty text takes nothing out.
type Changes<'d> = (Changeset<'d>, Vec<RecordId>, Vec<RecordId>);

fn changes_of<'d>(desk: &'d Desk, text: &str, original: &str) -> Result<Changes<'d>, ActionError> {
    let (edited, began) = (Document::parse(text)?, Document::parse(original)?);
    let mut changes = Changeset::new(desk);
    let mut ids = Vec::new();
    let kind = began.sections.first().map(|section| section.id(&began)).transpose()?.map(|id| id.kind);
    for section in &edited.sections {
        if section.value("id").is_none() {
            ids.extend(add_section(&mut changes, section, kind, &edited)?);
            continue;
        }
        let id = section.id(&edited)?;
        if ids.contains(&id) {
            return Err(edited.error(section.span.clone(), 1, format!("{id} stands there twice")));
        }
        let Some(before) = began.sections.iter().find(|other| other.id(&began).is_ok_and(|other| other == id)) else {
            return Err(edited.error(section.span.clone(), 4, format!("{id} was not opened for editing")));
        };
        edit(desk, &mut changes, id, section, before, &edited)?;
        ids.push(id);
    }
    let mut left_out = Vec::new();
    for section in began.sections.iter().filter(|_| !edited.sections.is_empty()) {
        left_out.push(section.id(&began)?);
    }
    left_out.retain(|id| !ids.contains(id));
    Ok((changes, ids, left_out))
}

/// Makes a new record of a table without an id: of the kind that it names, else of that
/// of the records which the text began with.
fn add_section(
    changes: &mut Changeset<'_>,
    section: &Section,
    kind: Option<Kind>,
    document: &Document<'_>,
) -> Result<Option<RecordId>, ActionError> {
    let mut object = serde_json::Map::new();
    let mut kind = kind;
    for entry in &section.entries {
        match entry.name.as_str() {
            "version" => {}
            "kind" => {
                let named = entry.value.as_str().and_then(Kind::from_name);
                kind = Some(named.ok_or_else(|| document.error(entry.span.clone(), 2, format!("there is no kind {}", entry.value)))?);
            }
            _ => _ = object.insert(entry.name.clone(), entry.value.clone()),
        }
    }
    if object.is_empty() {
        return Ok(None);
    }
    let Some(kind) = kind else {
        return Err(document.error(section.span.clone(), 1, "a new record needs its kind: kind = \"contact\"".to_owned()));
    };
    let found = json::changes(kind, &Json::Object(object), &changes.reading()).map_err(|errors| {
        let name = errors.first().map(|error| error.field.split('.').next().unwrap_or_default().to_owned()).unwrap_or_default();
        let span = section.entries.iter().find(|entry| entry.name == name).map_or(section.span.clone(), |entry| entry.span.clone());
        let error = add::first(errors);
        ActionError { at: Some(document.place(span)), ..error }
    })?;
    let id = changes.create(kind);
    changes.apply(id, &found).map_err(|error| ActionError { at: Some(document.place(section.span.clone())), ..error })?;
    Ok(Some(id))
}

/// Applies what one section changed to its record.
fn edit(
    desk: &Desk,
    changes: &mut Changeset<'_>,
    id: RecordId,
    section: &Section,
    before: &Section,
    document: &Document<'_>,
) -> Result<(), ActionError> {
    let mut object = serde_json::Map::new();
    for entry in &section.entries {
        if before.value(&entry.name) != Some(&entry.value) {
            object.insert(entry.name.clone(), entry.value.clone());
        }
    }
    for entry in before.entries.iter().filter(|entry| section.value(&entry.name).is_none()) {
        object.insert(entry.name.clone(), Json::Null);
    }
    // A text that was brought forward has the version that stands.
    if section.version() == Some(changes.get(id)?.version) {
        object.remove("version");
    }
    for fixed in ["id", "version"] {
        if object.remove(fixed).is_some() {
            let span = section.entries.iter().find(|entry| entry.name == fixed).map_or(section.span.clone(), |entry| entry.span.clone());
            return Err(document.error(span, 1, format!("\u{201c}{fixed}\u{201d} cannot be changed")));
        }
    }
    if object.is_empty() {
        return Ok(());
    }
    let stands = changes.get(id)?.clone();
    // Words of a stage are those of the record's own pipeline, unless it is changed too.
    let pipeline = changes.definitions().pipeline_of(&stands).name.clone();
    let found = {
        let reading = changes.reading();
        let reading = crate::domain::Reading { pipeline: (id.kind == Kind::Opportunity).then_some(&*pipeline), ..reading };
        json::changes(id.kind, &Json::Object(object), &reading)
    };
    let found = found.map_err(|errors| {
        let name = errors.first().map(|error| error.field.split('.').next().unwrap_or_default().to_owned()).unwrap_or_default();
        let unknown = errors.first().is_some_and(|error| error.problem == Problem::UnknownField);
        // An unknown field is named in the message only.
        let is_meant = |entry: &&Entry| entry.name == name || (unknown && json_unknown(id.kind, &entry.name, changes));
        let span = section.entries.iter().find(is_meant).map_or(section.span.clone(), |entry| entry.span.clone());
        let error = add::first(errors);
        ActionError { at: Some(document.place(span)), ..error }
    })?;
    if section.version() != Some(stands.version)
        && let Some(version) = section.version()
    {
        let began = desk.store.as_of(id, version)?;
        let mut wanted = stands.clone();
        found.iter().for_each(|change| change.apply(&mut wanted));
        let theirs = differences(id, began.as_deref(), Some(&stands));
        let ours = differences(id, Some(&stands), Some(&wanted));
        if let Some(both) = ours.iter().find(|ours| theirs.iter().any(|theirs| theirs.field == ours.field && theirs.custom == ours.custom))
        {
            let shown = |values| super::shown::shown(desk, values);
            return Err(ActionError::conflict(format!(
                "{id} {} was changed meanwhile by {}: it is {}, yours is {}",
                both.name(),
                stands.updated_by,
                shown(&both.before),
                shown(&both.after)
            ))
            .at(id.to_string())
            .hint("edit it again: the text begins with what stands now"));
        }
    }
    changes.apply(id, &found).map_err(|error| ActionError { at: Some(document.place(section.span.clone())), ..error })
}

fn json_unknown(kind: Kind, name: &str, changes: &Changeset<'_>) -> bool {
    crate::domain::FieldRef::resolve(kind, name, changes.definitions()).is_err()
}

/// A TOML text with the place of everything in it.
pub(super) struct Document<'t> {
    text: &'t str,
    pub(super) sections: Vec<Section>,
}

/// One record of it.
pub(super) struct Section {
    span: Range<usize>,
    pub(super) entries: Vec<Entry>,
}

/// One field of a record.
pub(super) struct Entry {
    pub(super) name: String,
    span: Range<usize>,
    /// The whole lines that it stands on, their ends too.
    pub(super) lines: Range<usize>,
    pub(super) value: Json,
}

impl Section {
    pub(super) fn value(&self, name: &str) -> Option<&Json> {
        self.entries.iter().find(|entry| entry.name == name).map(|entry| &entry.value)
    }

    pub(super) fn id(&self, document: &Document<'_>) -> Result<RecordId, ActionError> {
        let id = self.value("id").and_then(Json::as_str).and_then(|text| text.parse().ok());
        id.ok_or_else(|| document.error(self.span.clone(), 1, "a record needs its id: id = \"c17\"".to_owned()))
    }

    fn version(&self) -> Option<u64> {
        self.value("version").and_then(Json::as_u64)
    }
}

impl<'t> Document<'t> {
    pub(super) fn parse(text: &'t str) -> Result<Self, ActionError> {
        let mut document = Self { text, sections: Vec::new() };
        let table = DeTable::parse(text).map_err(|error| {
            let message = error.message().lines().collect::<Vec<_>>().join(", ");
            document.error(error.span().unwrap_or(0..0), 1, message)
        })?;
        let table = table.into_inner();
        if table.is_empty() {
            return Ok(document);
        }
        match table.get("record").map(|records| (records.span(), records.get_ref())) {
            Some((_, DeValue::Array(records))) if table.len() == 1 => {
                for record in records.iter() {
                    let DeValue::Table(table) = record.get_ref() else {
                        return Err(document.error(record.span(), 1, "a record is a table".to_owned()));
                    };
                    let section = document.section(table, record.span())?;
                    document.sections.push(section);
                }
            }
            // One record as it is, and new ones behind it.
            records => {
                let mut section = document.section(&table, 0..0)?;
                section.entries.retain(|entry| entry.name != "record");
                document.sections.push(section);
                if let Some((span, DeValue::Array(records))) = records {
                    for record in records.iter() {
                        let DeValue::Table(table) = record.get_ref() else {
                            return Err(document.error(span, 1, "a record is a table".to_owned()));
                        };
                        let section = document.section(table, record.span())?;
                        document.sections.push(section);
                    }
                }
            }
        }
        Ok(document)
    }

    fn section(&self, table: &DeTable<'_>, span: Range<usize>) -> Result<Section, ActionError> {
        let mut entries = Vec::new();
        for (name, value) in table.iter() {
            let span = name.span();
            let end = value.span().end.max(span.end);
            let begins = self.text.get(..span.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
            let ends = self.text.get(end..).and_then(|rest| rest.find('\n')).map_or(self.text.len(), |at| end + at + 1);
            let value = self.json(value.get_ref(), &span)?;
            entries.push(Entry { name: name.get_ref().to_string(), span, lines: begins..ends, value });
        }
        Ok(Section { span, entries })
    }

    /// Returns a TOML value as the JSON that records are read from.
    fn json(&self, value: &DeValue<'_>, span: &Range<usize>) -> Result<Json, ActionError> {
        Ok(match value {
            DeValue::String(text) => Json::String(text.to_string()),
            DeValue::Boolean(flag) => Json::Bool(*flag),
            // Dates may stand without quotes.
            DeValue::Datetime(at) => Json::String(at.to_string()),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => number.into(),
                Err(_) => return Err(self.error(span.clone(), 1, format!("{number} is too large a number"))),
            },
            // As written, so that no digit is lost.
            DeValue::Float(number) => Json::String(number.as_str().to_owned()),
            DeValue::Array(items) => {
                items.iter().map(|item| self.json(item.get_ref(), &item.span())).collect::<Result<Vec<_>, _>>()?.into()
            }
            DeValue::Table(table) => {
                let parts = table.iter().map(|(name, value)| Ok((name.get_ref().to_string(), self.json(value.get_ref(), &value.span())?)));
                Json::Object(parts.collect::<Result<_, ActionError>>()?)
            }
        })
    }

    fn error(&self, span: Range<usize>, code: u8, message: String) -> ActionError {
        ActionError::new(code, message).at(self.place(span))
    }

    /// Returns `line:column` of a place, both from 1, columns in characters.
    fn place(&self, span: Range<usize>) -> String {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        format!("{}:{}", before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

fn key(name: &str) -> String {
    let is_bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if is_bare { name.to_owned() } else { quoted(name) }
}

/// Returns a JSON value as TOML on one line; a text of several lines is written over
/// several.
fn inline(value: &Json) -> String {
    match value {
        Json::Null => "\"\"".to_owned(),
        Json::Bool(flag) => flag.to_string(),
        Json::Number(number) => number.to_string(),
        Json::String(text) if text.contains('\n') => format!("\"\"\"\n{}\"\"\"", escaped(text, true)),
        Json::String(text) => quoted(text),
        Json::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Json::Object(parts) => {
            let parts: Vec<String> = parts.iter().map(|(name, value)| format!("{} = {}", key(name), inline_flat(value))).collect();
            format!("{{ {} }}", parts.join(", "))
        }
    }
}

/// A value within an inline table, where no text may stand over several lines.
fn inline_flat(value: &Json) -> String {
    match value {
        Json::String(text) => quoted(text),
        other => inline(other),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text, false))
}

/// Escapes what a basic string of TOML may not hold, and what a terminal would obey.
fn escaped(text: &str, lines: bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '\n' if lines => escaped.push('\n'),
            // What complains of a text begins lines so, and is taken out again.
            '#' if lines && (escaped.is_empty() || escaped.ends_with('\n')) => escaped.push_str("\\u0023"),
            '\t' => escaped.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => {
                let _ = write!(escaped, "\\u{:04X}", u32::from(c));
            }
            other => escaped.push(other),
        }
    }
    escaped
}

/// Returns an example of a field as TOML.
fn example(field: &'static Field) -> String {
    let one = match field.ty {
        FieldType::Int | FieldType::Percent | FieldType::Number => field.example.to_owned(),
        FieldType::Flag => "true".to_owned(),
        FieldType::Address => "{ street = \"\", city = \"\", postcode = \"\", country = \"\" }".to_owned(),
        FieldType::Job => "{ company = \"Acme\", title = \"\" }".to_owned(),
        FieldType::Line => "{ product = \"\", quantity = 1 }".to_owned(),
        FieldType::Consent => return "{ email = \"yes\" }".to_owned(),
        _ => quoted(field.example),
    };
    match (field.labels, field.repeats) {
        (true, _) if field.ty != FieldType::Address => format!("[{{ label = \"work\", value = {one} }}]"),
        (_, true) => format!("[{one}]"),
        _ => one,
    }
}
