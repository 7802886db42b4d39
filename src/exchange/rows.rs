//! Rows of any input, one at a time: the one door through which tables, JSON and
//! later cards, messages and calendars come in. It must not know fields or the
//! store.
//!
//! A row is either cells under a header or a JSON object; both keep where they
//! stood and how they were written, since a rejected row is given back as it was.
//! Whatever the input's size, no more than one row and a window are in memory.

use std::io::Read;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::calendar::Calendar;
use super::cards::Cards;
use super::delimited::Delimited;
use super::dialect::{Dialect, Given};
use super::encoding::{Decoding, Hints, Report};
use super::format::Format;
use super::header::Header;
use super::json_rows::JsonRows;
use super::mail::{MailRows, OwnAddress};
use super::problem::Problem;
use super::record::Cells;
use crate::domain::Kind;

/// The longest row that is read, in bytes of UTF-8.
pub const LONGEST_ROW: usize = 8 * 1024 * 1024;

/// How much of a row that is too long is kept to show it.
pub(crate) const SHOWN: usize = 4 * 1024;

/// What a row holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Cells, in the order of the header.
    Cells(Cells),
    /// A JSON object.
    Tree(Map<String, Value>),
}

/// One row of the input.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Which row it is, from 1; blank lines don't count.
    pub number: u64,
    /// The line on which it begins, from 1.
    pub line: u64,
    /// Where it begins, in bytes of the decoded text.
    pub offset: u64,
    /// How it was written, without its line end.
    pub raw: String,
    /// What it holds.
    pub values: Values,
    /// What is odd about it, though it could be read.
    pub oddity: Option<Oddity>,
    /// Files that came with it.
    pub files: Vec<Enclosed>,
    /// What it is, where the input says so and not whoever imports it.
    pub kind: Option<Kind>,
    /// Whether a value that its field refuses goes into the notes, and the rest is taken:
    /// a card with a wrong birthday is still somebody's.
    pub lenient: bool,
    /// Who took part, in a meeting or the like.
    pub parties: Option<Box<Parties>>,
    /// The addresses to which it was sent.
    pub addressed: Vec<String>,
}

impl Row {
    /// Returns a row that says nothing about itself beyond its place and its values.
    pub fn new(number: u64, line: u64, offset: u64, raw: String, values: Values) -> Self {
        Self {
            number,
            line,
            offset,
            raw,
            values,
            oddity: None,
            files: Vec::new(),
            kind: None,
            lenient: false,
            parties: None,
            addressed: Vec::new(),
        }
    }
}

/// A file that came with a row: a card's photo, a message's attachment.
#[derive(Clone, PartialEq, Eq)]
pub struct Enclosed {
    /// What it is called, as it was written; it may be empty, or a path.
    pub name: String,
    /// What is in it (`image/png`), as it was told; it may be empty.
    pub media_type: String,
    /// Its content, decoded.
    pub content: Vec<u8>,
}

impl std::fmt::Debug for Enclosed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} ({}, {} bytes)", self.name, self.media_type, self.content.len())
    }
}

/// Who took part in something: people by their addresses, some of them our own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Parties {
    /// Who began it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<Party>,
    /// Who else was there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<Party>,
}

/// One who took part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The name; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The e-mail address.
    pub email: String,
}

/// What is odd about a row that could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oddity {
    /// It has fewer cells than the header; in this file rows commonly do.
    Padded {
        /// How many it has.
        cells: usize,
    },
    /// It has fewer cells than the header, which in this file is no habit.
    TooShort {
        /// How many it has.
        cells: usize,
    },
    /// It has more cells than the header, and not only blank ones.
    TooLong {
        /// How many it has.
        cells: usize,
    },
    /// Text follows the closing quote of this cell (from 0).
    TextAfterQuote {
        /// The cell, from 0.
        cell: usize,
    },
}

/// A row that could not be read; what follows it can be.
#[derive(Debug, Clone, PartialEq)]
pub struct BadRow {
    /// Which row it is, from 1.
    pub number: u64,
    /// The line on which it begins, from 1.
    pub line: u64,
    /// Where it begins, in bytes of the decoded text.
    pub offset: u64,
    /// How it was written; of a row that is too long, its beginning.
    pub raw: String,
    /// What is wrong.
    pub problem: Problem,
}

/// What the reader hands on.
pub type RowResult = Result<Row, Box<BadRow>>;

/// A source of rows.
pub trait Rows {
    /// Returns the next row; nothing at the end.
    ///
    /// # Errors
    /// Where nothing more can be read: reading fails, or the input is not of
    /// its format at all.
    fn next_row(&mut self) -> Result<Option<RowResult>, Problem>;

    /// Returns the columns of a table; nothing where rows name their own values.
    fn header(&self) -> Option<&Header>;

    /// Returns what was found out about the input so far.
    fn facts(&self) -> Facts;

    /// Returns how many bytes of the input have been used, for progress.
    fn bytes(&self) -> u64;
}

/// What was found out about an input.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Its format.
    pub format: Format,
    /// Its encoding, and malformed bytes so far.
    pub encoding: Report,
    /// How a delimited file is written.
    pub dialect: Option<Dialect>,
    /// What stands above the first row, header line included, as it was.
    pub head: String,
    /// Where rows were found in a JSON object: the name of its member.
    pub member: Option<String>,
    /// What is worth knowing beyond that, in sentences without a final stop.
    pub notes: Vec<String>,
}

/// What is known about an input before it is opened.
#[derive(Default)]
pub struct Request<'a> {
    /// The name as the user gave it, for its extension.
    pub name: &'a str,
    /// The format, where it is given.
    pub format: Option<Format>,
    /// Encoding and country.
    pub encoding: Hints,
    /// Delimiter and header row.
    pub dialect: Given,
    /// What every row is to be, where that was said.
    pub kind: Option<Kind>,
    /// Whether it was said whose ids stand in it.
    pub has_source: bool,
    /// Whether a word is the name of a column that the importer knows.
    pub known: Option<&'a dyn Fn(&str) -> bool>,
    /// The team's own addresses, by which mail is told that went out.
    pub team: &'a [OwnAddress],
}

/// Opens an input and finds out how it is written.
///
/// # Errors
/// Where it cannot be read, is of a format that is not read, or has no header.
pub fn open<'s>(source: Box<dyn Read + 's>, request: &Request<'_>) -> Result<Box<dyn Rows + 's>, Problem> {
    let (head, source) = super::format::peek(source).map_err(|error| Problem::io(&error))?;
    let found = super::format::mail_of(&head, request.name);
    let asked = match (request.format, found) {
        (Some(Format::Maildir), found) if found != Some(Format::Maildir) => {
            return Err(
                Problem::new("format", "a maildir is a folder, and this is none").hint("name the folder that has cur and new in it")
            );
        }
        (Some(asked), Some(Format::Maildir)) if !asked.is_mail() => {
            return Err(Problem::new("format", format!("a folder of mail is no {}", asked.name())).hint("leave --from out"));
        }
        (_, Some(Format::Maildir)) => found,
        (asked, found) => asked.or(found),
    };
    if let Some(format) = asked.filter(|format| format.is_mail()) {
        super::format::refuse_binary(&head, request.name)?;
        return Ok(Box::new(MailRows::open(source, format, request.team, request.encoding.country.clone())?));
    }
    let decoding = Decoding::open(source, request.encoding.clone())?;
    super::format::refuse_binary(decoding.head(), request.name)?;
    // Cards and calendars are read as bytes: their lines may be in several encodings.
    match request.format.or_else(|| super::format::of_bytes(decoding.head(), request.name)) {
        Some(Format::Vcard) => return Ok(Box::new(Cards::open(decoding, request.kind, request.has_source))),
        Some(Format::Ics) => return Ok(Box::new(Calendar::open(decoding, request.kind, request.has_source))),
        _ => {}
    }
    let mut text = Text::new(decoding);
    let sample = text.look()?;
    let format = match request.format {
        Some(format) => format,
        None => super::format::detect(sample, request.name),
    };
    match format {
        Format::Vcard | Format::Ics => Err(Problem::new("format", "the file is neither cards nor a calendar")),
        Format::Csv | Format::Tsv => {
            let never = |_: &str| false;
            let known = request.known.unwrap_or(&never);
            let mut given = request.dialect.clone();
            given.own_tsv |= request.format == Some(Format::Tsv);
            Ok(Box::new(Delimited::open(text, format, &given, known)?))
        }
        Format::Json | Format::Jsonl => Ok(Box::new(JsonRows::open(text, format)?)),
        Format::Mbox | Format::Maildir | Format::Eml => Err(Problem::new("format", format!("the input is no {}", format.name()))),
    }
}

/// Decoded text of which one row at a time is in memory.
pub(crate) struct Text<R> {
    decoding: Decoding<R>,
    buffer: String,
    start: usize,
    /// Bytes of decoded text before `buffer[start..]`.
    offset: u64,
    ended: bool,
}

impl<R: Read> Text<R> {
    pub(crate) fn new(decoding: Decoding<R>) -> Self {
        Self { decoding, buffer: String::new(), start: 0, offset: 0, ended: false }
    }

    /// Returns a first window of the text, without using it up.
    pub(crate) fn look(&mut self) -> Result<&str, Problem> {
        while !self.ended && self.pending() < super::encoding::WINDOW {
            self.more()?;
        }
        Ok(self.rest())
    }

    /// Returns the text that is in memory and not used up.
    pub(crate) fn rest(&self) -> &str {
        &self.buffer[self.start..]
    }

    fn pending(&self) -> usize {
        self.buffer.len() - self.start
    }

    /// Returns true where `rest` is all that is left.
    pub(crate) fn whole(&self) -> bool {
        self.ended
    }

    /// Returns the place of `rest`, in bytes of decoded text.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Makes `rest` longer: at least twice as long, so that a long row is not
    /// looked through once for each piece.
    pub(crate) fn more(&mut self) -> Result<(), Problem> {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        let wanted = self.buffer.len().saturating_mul(2).max(1);
        while !self.ended && self.buffer.len() < wanted {
            self.ended = !self.decoding.fill(&mut self.buffer).map_err(|e| Problem::io(&e))?;
        }
        Ok(())
    }

    /// Uses up the first bytes of `rest`.
    pub(crate) fn take(&mut self, bytes: usize) {
        self.start += bytes;
        self.offset += bytes as u64;
    }

    pub(crate) fn report(&self) -> &Report {
        self.decoding.report()
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.decoding.bytes()
    }
}

/// Returns the beginning of a text that is too long to be kept.
pub(crate) fn shown(text: &str) -> String {
    let mut end = text.len().min(SHOWN);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

/// Returns the problem of a row above the limit.
pub(crate) fn too_long(line: u64) -> Problem {
    Problem::new("too-long", format!("a row is longer than {} MiB", LONGEST_ROW / 1024 / 1024))
        .line(line)
        .hint("is a quote or a line end missing?")
}
