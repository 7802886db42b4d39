//! The header of a message or of one of its parts: its fields as they stand, and what
//! they mean. The meaning is mail-parser's; where a header ends, how much of it is
//! read and what 8-bit text in it is, is ours. It must not know bodies.

use std::borrow::Cow;

use mail_parser::parsers::MessageStream;
use mail_parser::{Addr, ContentType, DateTime};

use super::charset;
use crate::domain::Timestamp;

/// The most fields of one header.
const MOST_FIELDS: usize = 2_000;

/// The longest field that is read, in bytes: some 5,000 recipients.
const LONGEST_FIELD: usize = 256 * 1024;

/// The most addresses of one field.
const MOST_ADDRESSES: usize = 1_000;

/// An address with the name that stands before it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mailbox {
    /// The name; empty where there is none.
    pub name: String,
    /// The address, as it is written.
    pub address: String,
}

/// The fields of a header, in their order.
#[derive(Debug, Default)]
pub(super) struct Fields<'m> {
    fields: Vec<(&'m [u8], &'m [u8])>,
    /// Fields that were too long or too many.
    pub(super) left_out: usize,
}

impl<'m> Fields<'m> {
    /// Splits an entity into its header and its body. A header ends at an empty line,
    /// or where a line is neither a field nor goes on with one.
    pub(super) fn split(entity: &'m [u8]) -> (Self, &'m [u8]) {
        let mut header = Self::default();
        let mut at = 0;
        // Where the field began that is being read.
        let mut begun: Option<usize> = None;
        let mut first = true;
        loop {
            let line = line_at(entity, at);
            let goes_on = line.first().is_some_and(|b| matches!(b, b' ' | b'\t')) && begun.is_some();
            if goes_on && !line.is_empty() {
                at += line.len();
                continue;
            }
            if let Some(start) = begun.take() {
                header.keep(&entity[start..at]);
            }
            if line.is_empty() {
                return (header, &[]);
            }
            if trimmed(line).is_empty() {
                return (header, &entity[at + line.len()..]);
            }
            let is_envelope = line.starts_with(b">From ") || first && line.starts_with(b"From ");
            first = false;
            if is_envelope {
                at += line.len();
                continue;
            }
            if name_length(line).is_none() {
                return (header, &entity[at..]);
            }
            begun = Some(at);
            at += line.len();
        }
    }

    fn keep(&mut self, field: &'m [u8]) {
        if name_length(field).is_some_and(|length| is_of_rejects(trimmed(&field[..length]))) {
            return;
        }
        if self.fields.len() >= MOST_FIELDS || field.len() > LONGEST_FIELD {
            self.left_out += 1;
            return;
        }
        if let Some(length) = name_length(field) {
            self.fields.push((trimmed(&field[..length]), &field[length + 1..]));
        }
    }

    /// Returns whether there is no field at all.
    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.left_out == 0
    }

    /// Returns every value of a name, as written.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'m [u8]> + 'a {
        self.fields.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| *value)
    }

    /// Returns whether there is a field of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// Returns the first value of a name as plain text on one line, not decoded.
    pub(super) fn plain(&self, name: &str) -> Option<String> {
        self.all(name).next().map(|value| one_line(&charset::text(value, None, None).0))
    }

    /// Returns the first value of a name, its encoded words decoded.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.all(name).map(decoded).find(|text| !text.is_empty())
    }

    /// Returns the moment of the first value of a name that has one.
    pub(super) fn date(&self, name: &str) -> Option<Timestamp> {
        self.all(name).find_map(|value| moment(&charset::text(value, None, None).0))
    }

    /// Returns the addresses of all values of a name, groups taken apart.
    pub(super) fn addresses(&self, name: &str) -> Vec<Mailbox> {
        let mut found = Vec::new();
        for value in self.all(name) {
            let text = ended(value);
            let parsed = MessageStream::new(text.as_bytes()).parse_address();
            let Some(parsed) = parsed.as_address() else { continue };
            found.extend(parsed.iter().filter_map(mailbox).take(MOST_ADDRESSES.saturating_sub(found.len())));
        }
        found
    }

    /// Returns the message ids of the values of a name, in angle brackets.
    pub(super) fn ids(&self, name: &str) -> Vec<String> {
        self.all(name).flat_map(|value| super::message_id::all_of(&charset::text(value, None, None).0)).collect()
    }

    /// Returns a field that is a word with parameters.
    pub(super) fn content_type(&self, name: &str) -> Option<ContentType<'static>> {
        let text = tight(&ended(self.all(name).next()?));
        let parsed = MessageStream::new(text.as_bytes()).parse_content_type();
        parsed.into_owned().into_content_type()
    }
}

/// Returns whether a field tells why a message was rejected before.
fn is_of_rejects(name: &[u8]) -> bool {
    super::REJECT_FIELDS.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}

/// Returns the line that begins at a place, its end included.
fn line_at(bytes: &[u8], at: usize) -> &[u8] {
    let rest = &bytes[at.min(bytes.len())..];
    let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
    &rest[..end]
}

/// Returns a line without blanks and its end.
pub(super) fn trimmed(line: &[u8]) -> &[u8] {
    line.trim_ascii()
}

/// Returns where the colon of a field stands; nothing where the line is no field.
pub(super) fn name_length(line: &[u8]) -> Option<usize> {
    let colon = line.iter().take(1_000).position(|b| *b == b':')?;
    // RFC 5322 section 4.5.8 lets blanks stand before the colon.
    let name = line[..colon].trim_ascii_end();
    (!name.is_empty() && name.iter().all(|b| matches!(b, b'!'..=b'~'))).then_some(colon)
}

/// Returns a value whose parameters stand right behind their `=`.
fn tight(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('=') {
        out.push_str(&rest[..=at]);
        let after = rest[at + 1..].trim_start();
        rest = if after.starts_with('"') { after } else { &rest[at + 1..] };
    }
    out.push_str(rest);
    out
}

/// Returns a value with the end of line that the parser waits for.
fn ended(value: &[u8]) -> String {
    let mut text = charset::text(value, None, None).0.into_owned();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn decoded(value: &[u8]) -> String {
    let text = ended(value);
    let parsed = MessageStream::new(text.as_bytes()).parse_unstructured();
    one_line(parsed.as_text().unwrap_or_default())
}

/// Returns a text on one line, without control characters.
pub(super) fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn mailbox(found: &Addr<'_>) -> Option<Mailbox> {
    let address = found.address.as_deref().map(one_line)?;
    // A name that looks like an address and no address behind it is one.
    let address = address.trim_matches(|c| matches!(c, '<' | '>' | '\'' | ' ')).to_owned();
    let name = found.name.as_deref().map(one_line).unwrap_or_default();
    address.contains('@').then_some(Mailbox { name, address })
}

/// Returns the moment that a date of RFC 5322 tells, also a sloppy one.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    // A zone may stand in small letters, and once more in a comment.
    let plain = text.split('(').next().unwrap_or_default().trim();
    let plain = match plain.rsplit_once(' ') {
        Some((time, zone)) if zone.bytes().all(|b| b.is_ascii_alphabetic()) => format!("{time} {}", zone.to_ascii_uppercase()),
        _ => plain.to_owned(),
    };
    if let Ok(date) = chrono::DateTime::parse_from_rfc2822(&plain) {
        return Some(Timestamp::from_utc(date.to_utc()));
    }
    let date = DateTime::parse_rfc822(&format!("{plain}\n"))?;
    let is_day = (1..=31).contains(&date.day) && (1..=12).contains(&date.month) && (1900..=9999).contains(&date.year);
    if !is_day || date.hour > 24 || date.minute > 59 || date.second > 60 || date.tz_hour > 24 {
        return None;
    }
    date.to_timestamp().checked_mul(1_000_000).map(Timestamp)
}

/// Returns the parameter of a content type, bounded.
pub(super) fn parameter<'c>(of: &'c ContentType<'_>, name: &str) -> Option<Cow<'c, str>> {
    of.attribute(name).map(|value| Cow::Borrowed(value.trim())).filter(|value| !value.is_empty())
}
