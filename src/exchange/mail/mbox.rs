//! Messages out of a mailbox file, one at a time, in whichever of its variants: where
//! one ends is told by a line that begins the next (mboxo, mboxrd, `>From ` taken off),
//! or by its Content-Length where that is right (mboxcl, mboxcl2). A line of the text
//! that only begins with `From ` is no such line. It must not know messages.
//!
//! One message and a window are in memory. Source of the variants:
//! qmail's mbox(5), RFC 4155.

use std::io::{self, Read, Write};

use super::fields::{name_length, trimmed};
use crate::domain::Timestamp;

/// The largest message that is read, in bytes.
pub const LARGEST_MESSAGE: usize = 50 << 20;

/// How much is read at a time.
const CHUNK: usize = 64 * 1024;

/// How much of a message that is too large is kept to show it.
const SHOWN: usize = 4 * 1024;

/// The largest header in which a length is looked for.
const LARGEST_HEADER: usize = 1 << 20;

/// The longest line that can begin a message.
const LONGEST_FROM: usize = 1_000;

/// A message as it stands in a mailbox.
#[derive(Debug, PartialEq, Eq)]
pub struct Raw {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// Where it begins, in bytes.
    pub offset: u64,
    /// The message, the line that begins it left out and `>From ` taken off; of one that
    /// is too large, its beginning.
    pub bytes: Vec<u8>,
    /// Whether it is too large.
    pub too_large: bool,
    /// When it came, where the line that begins it says so.
    pub came: Option<Timestamp>,
    /// What stands here is no message: nothing begins it.
    pub stray: bool,
}

/// Splits a mailbox.
pub struct Mbox<R> {
    source: R,
    buffer: Vec<u8>,
    start: usize,
    ended: bool,
    line: u64,
    offset: u64,
}

impl<R: Read> Mbox<R> {
    /// Returns the messages of a mailbox.
    pub fn new(source: R) -> Self {
        Self { source, buffer: Vec::new(), start: 0, ended: false, line: 1, offset: 0 }
    }

    /// Returns the next message; nothing at the end.
    ///
    /// # Errors
    /// What the source's `read` gives.
    pub fn next_message(&mut self) -> io::Result<Option<Raw>> {
        if self.offset == 0 {
            self.fill(3)?;
            if self.rest().starts_with(b"\xef\xbb\xbf") {
                self.skip(3);
            }
        }
        self.skip_blank_lines()?;
        let (line, offset) = (self.line, self.offset);
        let first = self.line_length(0)?;
        if first == 0 {
            return Ok(None);
        }
        let envelope = envelope(&self.rest()[..first]);
        let mut raw = Raw { line, offset, bytes: Vec::new(), too_large: false, came: None, stray: envelope.is_none() };
        if let Some(envelope) = envelope {
            raw.came = envelope.came;
            self.take(first);
        }
        if !raw.stray
            && let Some(length) = self.declared_length()?
        {
            raw.bytes = self.rest()[..length].to_vec();
            self.take(length);
            return Ok(Some(raw));
        }
        self.until_next(&mut raw)?;
        Ok(Some(raw))
    }

    /// Takes lines until one that begins another message.
    fn until_next(&mut self, raw: &mut Raw) -> io::Result<()> {
        let mut blank = false;
        let mut blanks = 0;
        // Of a line that was too long to be looked at whole, what follows is no line's beginning.
        let mut inside = false;
        loop {
            let length = self.line_length(0)?;
            if length == 0 {
                break;
            }
            let is_whole = self.rest()[length - 1] == b'\n' || self.ended;
            if !inside && self.rest().starts_with(b"From ") && self.begins_message(length, blank)? {
                break;
            }
            let line = &self.rest()[..length];
            blank = !inside && trimmed(line).is_empty();
            blanks += u64::from(blank);
            // mboxrd: each `>` that writing put before `From ` is taken off.
            let quotes = line.iter().take_while(|b| **b == b'>').count();
            let quoted = !inside && quotes > 0 && line[quotes..].starts_with(b"From ");
            let kept = if quoted { &line[1..] } else { line };
            if raw.bytes.len() + kept.len() > LARGEST_MESSAGE {
                raw.too_large = true;
                raw.bytes.truncate(SHOWN);
                raw.bytes.shrink_to_fit();
            }
            if !raw.too_large {
                raw.bytes.extend_from_slice(kept);
            }
            inside = !is_whole;
            self.take(length);
        }
        // The empty line before the next is the mailbox's, unless it ends the header.
        if blank && blanks > 1 && !raw.too_large {
            let end = if raw.bytes.ends_with(b"\r\n") { 2 } else { usize::from(raw.bytes.ends_with(b"\n")) };
            raw.bytes.truncate(raw.bytes.len() - end);
        }
        Ok(())
    }

    /// Returns whether the line of this length begins a message; `blank` where an empty
    /// line stands before it.
    fn begins_message(&mut self, length: usize, blank: bool) -> io::Result<bool> {
        let Some(found) = envelope(&self.rest()[..length]) else { return Ok(false) };
        if blank && found.came.is_some() {
            return Ok(true);
        }
        let next = self.line_length(length)?;
        let next = &self.rest()[length..length + next];
        // Mozilla's line is like no text, and its mailboxes lack the empty line.
        Ok((blank || found.came.is_some() || found.is_mozilla) && (name_length(next).is_some() || next.starts_with(b">From ")))
    }

    /// Returns how long the message is by its own word, where another message or the end
    /// stands there.
    fn declared_length(&mut self) -> io::Result<Option<usize>> {
        let mut at = 0;
        let mut declared = None;
        loop {
            let length = self.line_length(at)?;
            let line = &self.rest()[at..at + length];
            if length == 0 || at > LARGEST_HEADER {
                return Ok(None);
            }
            at += length;
            if trimmed(line).is_empty() {
                break;
            }
            if let Some(colon) = name_length(line)
                && line[..colon].trim_ascii_end().eq_ignore_ascii_case(b"content-length")
            {
                declared = std::str::from_utf8(trimmed(&line[colon + 1..])).ok().and_then(|text| text.parse::<usize>().ok());
            } else if name_length(line).is_none() && !line.starts_with(b" ") && !line.starts_with(b"\t") && !line.starts_with(b">From ") {
                return Ok(None);
            }
        }
        let Some(end) = declared.filter(|length| *length <= LARGEST_MESSAGE).map(|length| at + length) else { return Ok(None) };
        self.fill(end + LONGEST_FROM)?;
        if self.rest().len() < end {
            return Ok(None);
        }
        // What is declared must end a line, else it is some other length.
        if end > at && self.rest()[end - 1] != b'\n' && !self.rest()[end..].starts_with(b"\n") && !self.rest()[end..].starts_with(b"\r\n") {
            let is_last = self.ended && self.rest().len() == end;
            return Ok(is_last.then_some(end));
        }
        let mut next = end;
        while self.rest().get(next).is_some_and(|b| matches!(b, b'\n' | b'\r')) && next < end + 8 {
            next += 1;
        }
        let length = self.line_length(next)?;
        let is_right = length == 0 || envelope(&self.rest()[next..next + length]).is_some();
        Ok(is_right.then_some(end))
    }

    fn skip_blank_lines(&mut self) -> io::Result<()> {
        loop {
            let length = self.line_length(0)?;
            if length == 0 || !trimmed(&self.rest()[..length]).is_empty() {
                return Ok(());
            }
            self.take(length);
        }
    }

    fn rest(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Returns the length of the line at a place, its end included, or of as much of it
    /// as a window holds; 0 at the end.
    fn line_length(&mut self, at: usize) -> io::Result<usize> {
        let mut looked = at;
        loop {
            if let Some(end) = self.rest().get(looked..).and_then(|rest| memchr::memchr(b'\n', rest)) {
                return Ok(looked + end + 1 - at);
            }
            looked = self.rest().len().max(at);
            if self.ended || looked - at >= CHUNK {
                return Ok(looked - at);
            }
            self.fill(looked + 1)?;
        }
    }

    /// Makes at least so many bytes stand in memory, where there are so many.
    fn fill(&mut self, wanted: usize) -> io::Result<()> {
        while !self.ended && self.rest().len() < wanted {
            if self.start > CHUNK {
                self.buffer.drain(..self.start);
                self.start = 0;
            }
            let before = self.buffer.len();
            let missing = (wanted - self.rest().len()).max(CHUNK) as u64;
            (&mut self.source).take(missing).read_to_end(&mut self.buffer)?;
            self.ended = ((self.buffer.len() - before) as u64) < missing;
        }
        Ok(())
    }

    fn take(&mut self, bytes: usize) {
        self.line += memchr::memchr_iter(b'\n', &self.rest()[..bytes]).count() as u64;
        self.skip(bytes);
    }

    fn skip(&mut self, bytes: usize) {
        self.start += bytes;
        self.offset += bytes as u64;
    }

    /// Returns how many bytes have been used.
    pub fn bytes(&self) -> u64 {
        self.offset
    }
}

/// Writes a message into a mailbox: the line that begins it, then its bytes, `>` put
/// before lines that begin with `From ` behind any number of `>` (mboxrd), then the empty
/// line that ends it.
///
/// # Errors
/// What the sink gives.
pub fn write(out: &mut dyn Write, sender: &str, at: Option<Timestamp>, bytes: &[u8]) -> io::Result<()> {
    let sender: String = sender.chars().filter(|c| !c.is_whitespace() && !c.is_control()).take(200).collect();
    let sender = if sender.is_empty() { "MAILER-DAEMON" } else { &sender };
    let at = at.unwrap_or(Timestamp::EPOCH).utc();
    writeln!(out, "From {sender} {}", at.format("%a %b %e %H:%M:%S %Y"))?;
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        let quotes = line.iter().take_while(|b| **b == b'>').count();
        if line[quotes..].starts_with(b"From ") {
            out.write_all(b">")?;
        }
        out.write_all(line)?;
    }
    let ended = bytes.is_empty() || bytes.ends_with(b"\n");
    out.write_all(if ended { b"\n" } else { b"\n\n" })
}

/// What the line that begins a message says.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::exchange) struct Envelope {
    /// When the message came.
    pub(super) came: Option<Timestamp>,
    is_mozilla: bool,
}

/// Reads a line that begins a message: `From ada@example.com Sat Jan  3 01:05:34 1996`,
/// Mozilla's `From -`, Gmail's `From 1844@xxx`. Text that begins with the word has
/// neither a date nor an address in its place.
pub(in crate::exchange) fn envelope(line: &[u8]) -> Option<Envelope> {
    let rest = line.strip_prefix(b"From ")?;
    if rest.len() > LONGEST_FROM {
        return None;
    }
    let text = String::from_utf8_lossy(rest);
    let words: Vec<&str> = text.split_whitespace().collect();
    let came = date_of(&words);
    let sender = words.first().copied().unwrap_or_default();
    let is_bare = words.len() <= 1 && (sender == "-" || sender.contains('@'));
    (came.is_some() || is_bare).then_some(Envelope { came, is_mozilla: sender == "-" })
}

/// Returns the moment in the words of a line: a weekday, a month, a day, a time, maybe a
/// zone, and a year.
fn date_of(words: &[&str]) -> Option<Timestamp> {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let is_day = |word: &str| DAYS.iter().any(|day| word.trim_end_matches(',').eq_ignore_ascii_case(day));
    let at = words.iter().position(|word| is_day(word))?;
    let rest = &words[at + 1..];
    let time =
        rest.iter().position(|word| word.len() >= 4 && word.contains(':') && word.bytes().all(|b| b.is_ascii_digit() || b == b':'))?;
    let is_year = |word: &&&str| word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit());
    let year = rest.iter().find(is_year)?;
    let day = rest.iter().take(3).find(|word| word.len() <= 2 && word.bytes().all(|b| b.is_ascii_digit()))?;
    let month = rest.iter().take(3).find(|word| word.len() >= 3 && word.bytes().all(|b| b.is_ascii_alphabetic()))?;
    let zone = rest
        .iter()
        .skip(time + 1)
        .find(|word| word.len() <= 5 && (word.starts_with(['+', '-']) || word.bytes().all(|b| b.is_ascii_uppercase())) && !is_year(word));
    super::fields::moment(&format!("{day} {month} {year} {} {}", rest[time], zone.unwrap_or(&"+0000")))
}
