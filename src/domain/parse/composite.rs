//! Values of several parts as one text: `street=Main 1; city=Brno`.
//!
//! Columns and assignments name each part (`address.home.city`); the one text is for
//! a cell that holds the whole.

use super::{Reading, ValueError, amount, moment, one_line, quoted};
use crate::domain::{Address, Job, Line, Part, RecordId, Value};

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
    let text = text.trim();
    let given = (!text.is_empty()).then_some(text);
    let link =
        |reading: &Reading<'_>| -> Result<Option<RecordId>, ValueError> { given.map(|text| reading.link(part.kinds(), text)).transpose() };
    match value {
        Value::Labelled(_, inner) => return put_part(inner, part, text, reading),
        Value::Address(address) => {
            if let Some(slot) = address_part(address, part) {
                *slot = one_line(text);
                return Ok(());
            }
        }
        Value::Job(job) => match part {
            Part::Company => return link(reading).map(|id| job.company = id),
            Part::Title => {
                job.title = one_line(text);
                return Ok(());
            }
            Part::Role => {
                job.role = one_line(text);
                return Ok(());
            }
            Part::From | Part::To => {
                let date = given.map(|text| moment::date(text, reading.zone, reading.now)).transpose()?;
                *(if part == Part::From { &mut job.from } else { &mut job.to }) = date;
                return Ok(());
            }
            _ => {}
        },
        Value::Line(line) => match part {
            Part::Product => return link(reading).map(|id| line.product = id),
            Part::Description => {
                line.description = one_line(text);
                return Ok(());
            }
            Part::Price => return given.map(|text| amount::money(text, reading.currency)).transpose().map(|price| line.price = price),
            Part::Quantity => return given.map(str::parse).transpose().map(|number| line.quantity = number).map_err(ValueError::from),
            Part::Discount | Part::Tax => {
                let number = given.map(|text| text.strip_suffix('%').unwrap_or(text).trim_end().parse()).transpose()?;
                *(if part == Part::Tax { &mut line.tax } else { &mut line.discount }) = number;
                return Ok(());
            }
            _ => {}
        },
        _ => {}
    }
    Err(ValueError::refused(format!("{} is no part of this value", quoted(part.name()))))
}

fn address_part(address: &mut Address, part: Part) -> Option<&mut String> {
    Some(match part {
        Part::Street => &mut address.street,
        Part::Street2 => &mut address.street2,
        Part::City => &mut address.city,
        Part::Region => &mut address.region,
        Part::Postcode => &mut address.postcode,
        Part::Country => &mut address.country,
        Part::Pobox => &mut address.pobox,
        _ => return None,
    })
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
