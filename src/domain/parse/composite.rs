//! Values of several parts as one text: `street=Main 1; city=Brno`.
//!
//! Columns and assignments name each part (`address.home.city`); the one text is for
//! a cell that holds the whole.

use super::{Reading, ValueError, one_line, quoted};
use crate::domain::{Address, Job, Line, Part, Value};

/// Splits a text at semicolons that no backslash escapes, and takes the backslashes
/// off. Empty pieces are left out.
pub fn split_list(text: &str, also: Option<char>) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let piece = pieces.last_mut().expect("there is a piece");
        match c {
            '\\' => match chars.next() {
                Some(escaped @ (';' | '\\')) => piece.push(escaped),
                Some(other) => piece.extend(['\\', other]),
                None => piece.push('\\'),
            },
            ';' => pieces.push(String::new()),
            separator if Some(separator) == also => pieces.push(String::new()),
            other => piece.push(other),
        }
    }
    pieces.retain(|piece| !piece.trim().is_empty());
    pieces
}

/// Joins texts so that [`split_list`] parts them again.
pub fn join_list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut joined = String::new();
    for text in texts {
        if !joined.is_empty() {
            joined.push_str("; ");
        }
        for c in text.chars() {
            if matches!(c, ';' | '\\') {
                joined.push('\\');
            }
            joined.push(c);
        }
    }
    joined
}

/// Returns the parts of a text `part=value; part=value`, or `None` if it is no such
/// text.
fn parts(text: &str, known: &[Part]) -> Option<Vec<(Part, String)>> {
    let mut found = Vec::new();
    for piece in split_list(text, None) {
        let (name, value) = piece.split_once('=')?;
        let part = known.iter().find(|part| part.name() == name.trim().to_lowercase())?;
        found.push((*part, value.trim().to_owned()));
    }
    (!found.is_empty()).then_some(found)
}

/// Returns an address: its parts, or all of a text without parts as the street.
pub(super) fn address(text: &str, reading: &Reading<'_>) -> Result<Option<Value>, ValueError> {
    let text = text.trim();
    let Some(parts) = parts(text, Part::OF_ADDRESS) else {
        return Ok((!text.is_empty()).then(|| Value::Address(Box::new(Address { street: one_line(text), ..Address::default() }))));
    };
    build(Value::Address(Box::default()), parts, reading)
}

/// Returns a job: its parts, or all of a text without parts as the company.
pub(super) fn job(text: &str, reading: &Reading<'_>) -> Result<Option<Value>, ValueError> {
    let parts = parts(text, Part::OF_JOB).unwrap_or_else(|| vec![(Part::Company, text.trim().to_owned())]);
    build(Value::Job(Box::default()), parts, reading)
}

/// Returns a line: its parts, or all of a text without parts as its description.
pub(super) fn line(text: &str, reading: &Reading<'_>) -> Result<Option<Value>, ValueError> {
    let parts = parts(text, Part::OF_LINE).unwrap_or_else(|| vec![(Part::Description, text.trim().to_owned())]);
    build(Value::Line(Box::default()), parts, reading)
}

fn build(mut value: Value, parts: Vec<(Part, String)>, reading: &Reading<'_>) -> Result<Option<Value>, ValueError> {
    for (part, text) in parts {
        put_part(&mut value, part, &text, reading)?;
    }
    Ok((!value.is_empty()).then_some(value))
}

/// Puts a typed text into a part of an address, job or line; an empty text empties it.
pub(in crate::domain) fn put_part(value: &mut Value, part: Part, text: &str, reading: &Reading<'_>) -> Result<(), ValueError> {
    let parsed = part_text(part, text, reading)?;
    if part.put(value, parsed) { Ok(()) } else { Err(ValueError::refused(format!("{} is no part of this value", quoted(part.name())))) }
}

/// Returns the value that a text means for a part; `None` for an empty text.
pub(in crate::domain) fn part_text(part: Part, text: &str, reading: &Reading<'_>) -> Result<Option<Value>, ValueError> {
    let text = text.trim();
    let text = match part {
        Part::Discount | Part::Tax => text.strip_suffix('%').unwrap_or(text).trim_end(),
        _ => text,
    };
    if text.is_empty() { Ok(None) } else { super::typed(part.field_type(), text, reading) }
}

impl Job {
    /// Returns whether nothing is said in it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Line {
    /// Returns whether nothing is said in it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Address {
    /// Returns whether nothing is said in it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
