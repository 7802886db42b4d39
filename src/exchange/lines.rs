//! Content lines, the common ground of cards and calendars (RFC 2425, RFC 5545 section
//! 3.1, RFC 6350 section 3.2): bytes are cut into blocks (a card, a component of a
//! calendar), a block into unfolded lines, each decoded on its own, since old cards
//! say their character set line by line. It must not know properties' meanings.
//!
//! What follows is left to a library, which wants text and says nothing of what it
//! skips; so what is no line of the format is left out here, and counted.

use std::io::{self, Read, Write};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

use super::encoding::{Decoding, Evidence, Report};
use super::problem::Problem;
use super::rows::LONGEST_ROW;

/// How many bytes are read at a time.
const CHUNK: usize = 64 * 1024;

/// The longest line that is written, in octets, line end not counted (RFC 5545 section 3.1).
const FOLD: usize = 75;

/// Physical lines of bytes, in an encoding whose line ends are those of ASCII.
pub(crate) struct Physical<'s> {
    source: Source<'s>,
    buffer: Vec<u8>,
    start: usize,
    ended: bool,
    /// Lines end with a return alone, as on old Macs.
    returns: bool,
    /// The line that comes next, from 1.
    line: u64,
    /// Where it begins, in bytes.
    offset: u64,
}

enum Source<'s> {
    /// As they are.
    Raw { source: Box<dyn Read + 's>, report: Report, taken: u64 },
    /// Decoded first, since they are UTF-16, or said to be of a certain encoding.
    Text(Decoding<Box<dyn Read + 's>>),
}

/// One physical line.
struct Line {
    /// Without its end; of one that is too long, its beginning.
    bytes: Vec<u8>,
    is_too_long: bool,
}

impl<'s> Physical<'s> {
    /// Returns the lines of an input whose encoding was looked at.
    pub(crate) fn new(decoding: Decoding<Box<dyn Read + 's>>) -> Self {
        let report = decoding.report().clone();
        let decodes = match report.evidence {
            Evidence::Given => report.encoding != UTF_8,
            // A fold may stand within a character of UTF-8.
            Evidence::ByteOrderMark | Evidence::ZeroBytes => report.encoding != UTF_8,
            Evidence::Ascii | Evidence::Valid => false,
            // Escapes of ISO-2022-JP reach beyond a line's end only where lines are folded.
            Evidence::Guess => !report.encoding.is_ascii_compatible(),
        };
        let source = if decodes {
            Source::Text(decoding)
        } else {
            let (head, rest) = decoding.into_bytes();
            Source::Raw { source: Box::new(io::Cursor::new(head).chain(rest)), report, taken: 0 }
        };
        Self { source, buffer: Vec::new(), start: 0, ended: false, returns: false, line: 1, offset: 0 }
    }

    /// Returns what is known of the encoding.
    pub(crate) fn report(&self) -> Report {
        match &self.source {
            Source::Raw { report, .. } => report.clone(),
            Source::Text(decoding) => decoding.report().clone(),
        }
    }

    /// Counts malformed bytes of a line.
    fn malformed(&mut self, line: u64, offset: u64) {
        const PLACES: usize = 16;
        if let Source::Raw { report, .. } = &mut self.source {
            report.malformed += 1;
            if report.places.len() < PLACES {
                report.places.push((offset, line));
            }
        }
    }

    /// Returns how many bytes of the input have been used.
    pub(crate) fn bytes(&self) -> u64 {
        match &self.source {
            Source::Raw { taken, .. } => *taken,
            Source::Text(decoding) => decoding.bytes(),
        }
    }

    fn more(&mut self) -> Result<(), Problem> {
        self.buffer.drain(..self.start);
        self.start = 0;
        let failed = |error: io::Error| Problem::io(&error);
        match &mut self.source {
            Source::Raw { source, taken, .. } => {
                let before = self.buffer.len();
                // Twice as much each time, so that a long line is looked through few times.
                let wanted = CHUNK.max(before) as u64;
                source.by_ref().take(wanted).read_to_end(&mut self.buffer).map_err(failed)?;
                *taken += (self.buffer.len() - before) as u64;
                self.ended = self.buffer.len() == before;
            }
            Source::Text(decoding) => {
                let mut text = String::new();
                self.ended = !decoding.fill(&mut text).map_err(failed)?;
                self.buffer.extend_from_slice(text.as_bytes());
            }
        }
        if self.line == 1 && self.offset == 0 && !self.buffer.contains(&b'\n') {
            self.returns = self.buffer.contains(&b'\r');
        }
        Ok(())
    }

    /// Returns the next line.
    fn next(&mut self) -> Result<Option<Line>, Problem> {
        let mut seen = 0;
        loop {
            let rest = &self.buffer[self.start..];
            let end = if self.returns { b'\r' } else { b'\n' };
            if let Some(at) = memchr::memchr(end, &rest[seen..]).map(|at| at + seen) {
                let line = rest[..at].strip_suffix(b"\r").unwrap_or(&rest[..at]).to_vec();
                self.used(at + 1);
                return Ok(Some(Line { bytes: line, is_too_long: false }));
            }
            if rest.len() > LONGEST_ROW {
                return self.skip(end).map(Some);
            }
            if self.ended {
                if rest.is_empty() {
                    return Ok(None);
                }
                let (line, size) = (rest.strip_suffix(b"\r").unwrap_or(rest).to_vec(), rest.len());
                self.used(size);
                return Ok(Some(Line { bytes: line, is_too_long: false }));
            }
            seen = rest.len();
            self.more()?;
        }
    }

    /// Passes over a line that is too long.
    fn skip(&mut self, end: u8) -> Result<Line, Problem> {
        let shown = &self.buffer[self.start..];
        let line = Line { bytes: shown[..shown.len().min(super::rows::SHOWN)].to_vec(), is_too_long: true };
        loop {
            let rest = &self.buffer[self.start..];
            if let Some(at) = memchr::memchr(end, rest) {
                self.used(at + 1);
                return Ok(line);
            }
            self.start = self.buffer.len();
            self.offset += self.buffer.len() as u64;
            if self.ended {
                return Ok(line);
            }
            self.more()?;
        }
    }

    fn used(&mut self, bytes: usize) {
        self.start += bytes;
        self.offset += bytes as u64;
        self.line += 1;
    }
}

/// What encloses a block: `BEGIN:VCARD` and its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bracket {
    /// A line `BEGIN:…`.
    Begin,
    /// A line `END:…`.
    End,
}

/// A physical line of a block and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    pub(crate) bytes: Vec<u8>,
    pub(crate) line: u64,
    pub(crate) offset: u64,
    is_too_long: bool,
}

impl Piece {
    /// Returns whether the line is a bracket, and of what: `BEGIN:vcard` is one of `VCARD`.
    pub(crate) fn bracket(&self) -> Option<(Bracket, String)> {
        const LONGEST: usize = 200;
        let text = self.bytes.trim_ascii();
        let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
        if text.len() > LONGEST {
            return None;
        }
        let colon = text.iter().position(|byte| *byte == b':')?;
        let name = text[..colon].trim_ascii();
        let bracket = match name {
            name if name.eq_ignore_ascii_case(b"BEGIN") => Bracket::Begin,
            name if name.eq_ignore_ascii_case(b"END") => Bracket::End,
            _ => return None,
        };
        Some((bracket, String::from_utf8_lossy(text[colon + 1..].trim_ascii()).to_uppercase()))
    }

    /// Returns whether nothing stands on the line.
    pub(crate) fn is_blank(&self) -> bool {
        self.bytes.trim_ascii().is_empty()
    }
}

/// The lines of a block so far.
#[derive(Debug, Default)]
pub(crate) struct Block {
    pub(crate) pieces: Vec<Piece>,
    size: usize,
    /// The line that made it too long.
    pub(crate) too_long: Option<u64>,
}

impl Block {
    /// Adds a line; of a block that is too long only the beginning is kept.
    pub(crate) fn push(&mut self, piece: Piece) {
        // Each line costs more than its bytes.
        self.size += piece.bytes.len() + size_of::<Piece>();
        if piece.is_too_long || self.size > LONGEST_ROW {
            self.too_long.get_or_insert(piece.line);
        }
        if self.too_long.is_none() || self.pieces.len() < 2 {
            self.pieces.push(piece);
        }
        if self.too_long.is_some() {
            self.pieces.truncate(20);
        }
    }

    /// Returns where the block begins: line and byte.
    pub(crate) fn place(&self) -> (u64, u64) {
        self.pieces.first().map_or((1, 0), |piece| (piece.line, piece.offset))
    }
}

impl Physical<'_> {
    /// Returns the next physical line.
    ///
    /// # Errors
    /// Where reading fails.
    pub(crate) fn piece(&mut self) -> Result<Option<Piece>, Problem> {
        let (line, offset) = (self.line, self.offset);
        Ok(self.next()?.map(|Line { bytes, is_too_long }| Piece { bytes, line, offset, is_too_long }))
    }
}

/// A line of the format, unfolded and decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Logical {
    pub(crate) text: String,
    /// The physical line on which it begins.
    pub(crate) line: u64,
}

/// A block's lines, and what of it is none.
#[derive(Debug, Default)]
pub(crate) struct Unfolded {
    pub(crate) lines: Vec<Logical>,
    /// Lines that are none of the format: without a colon.
    pub(crate) skipped: Vec<u64>,
}

impl Unfolded {
    /// Returns the lines as one text, each on a line of its own.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for line in &self.lines {
            text.push_str(&line.text);
            text.push('\n');
        }
        text
    }
}

/// How a property's value is written, as its parameters say.
#[derive(Debug, Default)]
struct Written {
    quoted_printable: bool,
    base64: bool,
    charset: Option<String>,
}

/// Returns the place of the colon before a value, quotes respected.
fn colon_of(line: &[u8]) -> Option<usize> {
    let mut quoted = false;
    for (at, byte) in line.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b':' if !quoted => return Some(at),
            _ => {}
        }
    }
    // A quote that is never closed hides no colon.
    memchr::memchr(b':', line)
}

fn written(head: &[u8]) -> Written {
    let head = String::from_utf8_lossy(head);
    let mut written = Written::default();
    for parameter in head.split(';').skip(1) {
        let (name, value) = parameter.split_once('=').map_or(("", parameter), |(name, value)| (name.trim(), value));
        let value = value.trim().trim_matches('"');
        if name.eq_ignore_ascii_case("CHARSET") {
            written.charset = Some(value.to_owned());
        } else if name.is_empty() || name.eq_ignore_ascii_case("ENCODING") {
            written.quoted_printable |= value.eq_ignore_ascii_case("QUOTED-PRINTABLE") || value.eq_ignore_ascii_case("Q");
            written.base64 |= ["BASE64", "B"].iter().any(|known| value.eq_ignore_ascii_case(known)) && !name.is_empty()
                || value.eq_ignore_ascii_case("BASE64");
        }
    }
    written
}

fn is_base64(line: &[u8]) -> bool {
    !line.is_empty() && line.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
}

/// Unfolds and decodes the lines of a block, and counts malformed ones in `physical`.
pub(crate) fn unfold(block: &Block, physical: &mut Physical<'_>) -> Unfolded {
    let mut joined: Vec<(Vec<u8>, u64, u64)> = Vec::new();
    let mut kind = Written::default();
    for piece in &block.pieces {
        let bytes = piece.bytes.as_slice();
        if let Some((last, ..)) = joined.last_mut() {
            if kind.quoted_printable && last.ends_with(b"=") {
                last.pop();
                last.extend_from_slice(bytes);
                continue;
            }
            if let [b' ' | b'\t', rest @ ..] = bytes {
                if colon_of(last).is_none() {
                    last.extend_from_slice(rest);
                    kind = colon_of(last).map(|at| written(&last[..at])).unwrap_or_default();
                } else {
                    last.extend_from_slice(if kind.base64 { rest.trim_ascii() } else { rest });
                }
                continue;
            }
            if kind.base64 && is_base64(bytes) {
                last.extend_from_slice(bytes);
                continue;
            }
        }
        kind = colon_of(bytes).map(|at| written(&bytes[..at])).unwrap_or_default();
        joined.push((bytes.to_vec(), piece.line, piece.offset));
    }
    let guess = guess(&joined, physical);
    let mut found = Unfolded::default();
    for (bytes, line, offset) in joined {
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        let Some(colon) = colon_of(&bytes) else {
            found.skipped.push(line);
            continue;
        };
        let kind = written(&bytes[..colon]);
        let (mut text, was_malformed) = decoded(&bytes, kind.charset.as_deref(), guess);
        if was_malformed {
            physical.malformed(line, offset);
        }
        if kind.quoted_printable {
            text = with_charset(text, &bytes[colon..], kind.charset.as_deref(), guess);
        }
        // A return within a line is none of the format's.
        if text.contains(['\r', '\0']) {
            text.retain(|c| !matches!(c, '\r' | '\0'));
        }
        found.lines.push(Logical { text, line });
    }
    found
}

/// Returns the encoding of lines that are no UTF-8 and name none: what the input's
/// beginning showed, else what the block shows.
fn guess(lines: &[(Vec<u8>, u64, u64)], physical: &Physical<'_>) -> &'static Encoding {
    let report = physical.report();
    if report.evidence == Evidence::Guess && report.encoding != UTF_8 {
        return report.encoding;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut any = false;
    for (bytes, ..) in lines.iter().filter(|(bytes, ..)| std::str::from_utf8(bytes).is_err()) {
        detector.feed(bytes, false);
        any = true;
    }
    if any {
        detector.feed(b"\n", true);
        detector.guess(None, Utf8Detection::Deny)
    } else {
        UTF_8
    }
}

/// Returns a line's text, and whether it holds bytes that are none.
fn decoded(bytes: &[u8], charset: Option<&str>, guess: &'static Encoding) -> (String, bool) {
    let stateful = charset.and_then(|name| Encoding::for_label(name.trim().as_bytes())).filter(|named| !named.is_ascii_compatible());
    if stateful.is_none()
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return (text.to_owned(), false);
    }
    let named = charset.and_then(|name| Encoding::for_label_no_replacement(name.trim().as_bytes())).filter(|named| *named != UTF_8);
    let (text, was_malformed) = named.unwrap_or(guess).decode_without_bom_handling(bytes);
    (text.into_owned(), was_malformed)
}

/// Names the character set of a quoted-printable value that names none.
fn with_charset(text: String, value: &[u8], charset: Option<&str>, guess: &'static Encoding) -> String {
    let is_known = charset.is_some_and(|name| Encoding::for_label_no_replacement(name.trim().as_bytes()).is_some());
    if is_known {
        return text;
    }
    let mut bytes = Vec::new();
    let mut rest = value;
    while let [first, more @ ..] = rest {
        rest = more;
        match (first, more) {
            (b'=', [a, b, after @ ..]) => {
                let digits = [*a, *b];
                if let Some(byte) = std::str::from_utf8(&digits).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
                    bytes.push(byte);
                    rest = after;
                }
            }
            (byte, _) => bytes.push(*byte),
        }
    }
    let name = if std::str::from_utf8(&bytes).is_ok() {
        UTF_8.name()
    } else if guess == UTF_8 {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(&bytes, true);
        detector.guess(None, Utf8Detection::Deny).name()
    } else {
        guess.name()
    };
    let Some(colon) = colon_of(text.as_bytes()) else { return text };
    // A set that nobody knows is no help to whoever reads on.
    let head: Vec<&str> =
        text[..colon].split(';').filter(|one| !one.trim().get(..8).is_some_and(|name| name.eq_ignore_ascii_case("CHARSET="))).collect();
    format!("{};CHARSET={name}{}", head.join(";"), &text[colon..])
}

/// Writes one line: name and parameters, then the value as it is to stand, folded at 75
/// octets and never within a character.
///
/// # Errors
/// What the sink gives.
pub(crate) fn write_line<W: Write>(out: &mut W, head: &str, value: &str) -> io::Result<()> {
    let mut width = 0;
    let mut piece = [0; 4];
    for c in head.chars().chain([':']).chain(value.chars()) {
        if width + c.len_utf8() > FOLD {
            out.write_all(b"\r\n ")?;
            width = 1;
        }
        out.write_all(c.encode_utf8(&mut piece).as_bytes())?;
        width += c.len_utf8();
    }
    out.write_all(b"\r\n")
}

/// Returns a text as a value has it: backslash, comma, semicolon and line break escaped
/// (RFC 5545 section 3.3.11, RFC 6350 section 3.4).
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ',' | ';' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => {}
            c => out.push(c),
        }
    }
    out
}

/// Returns a parameter's value: in quotes where it needs them, what no quotes can hold
/// left out.
pub(crate) fn parameter(text: &str) -> String {
    let plain: String = text.chars().filter(|c| !c.is_control()).map(|c| if c == '"' { '\'' } else { c }).collect();
    if plain.contains([':', ';', ',']) { format!("\"{plain}\"") } else { plain }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::encoding::Hints;
    use super::*;

    fn unfolded(bytes: &[u8]) -> Unfolded {
        let source: Box<dyn Read + '_> = Box::new(bytes);
        let mut physical = Physical::new(Decoding::open(source, Hints::default()).unwrap());
        let mut block = Block::default();
        while let Some(piece) = physical.piece().unwrap() {
            block.push(piece);
        }
        unfold(&block, &mut physical)
    }

    fn texts(bytes: &[u8]) -> Vec<String> {
        unfolded(bytes).lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn folded_lines_are_one() {
        assert_eq!(texts(b"NOTE:This is a lo\r\n ng line\r\nFN:Ada\r\n"), ["NOTE:This is a long line", "FN:Ada"]);
        assert_eq!(texts(b"NOTE:a\n\tb\n  c\n"), ["NOTE:ab c"]);
        // A fold may stand within a character.
        let cut = [b"FN:Nov\xc3".as_slice(), b"\r\n \xa1k\r\n"].concat();
        assert_eq!(texts(&cut), ["FN:Novák"]);
        assert_eq!(texts(b"FN:Ada\rNOTE:x\r"), ["FN:Ada", "NOTE:x"]);
    }

    #[test]
    fn each_line_is_decoded_as_it_says() {
        let (sjis, ..) = encoding_rs::SHIFT_JIS.encode("山田");
        let card = [b"N;CHARSET=SHIFT_JIS:".as_slice(), &sjis, b";\r\nFN:plain\r\n"].concat();
        assert_eq!(texts(&card), ["N;CHARSET=SHIFT_JIS:山田;", "FN:plain"]);
        let (latin, ..) = encoding_rs::WINDOWS_1252.encode("FN:Günther Müßig, Öde Straße\r\n");
        assert_eq!(texts(&latin), ["FN:Günther Müßig, Öde Straße"]);
    }

    #[test]
    fn quoted_printable_goes_on_behind_its_soft_breaks_and_names_its_set() {
        let card = b"NOTE;ENCODING=QUOTED-PRINTABLE:Nov=C3=\n=A1k=0D=0A=\nx\nFN:A";
        assert_eq!(texts(card), ["NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Nov=C3=A1k=0D=0Ax", "FN:A"]);
        assert_eq!(texts(b"N;QUOTED-PRINTABLE;CHARSET=ISO-8859-1:M=FCller"), ["N;QUOTED-PRINTABLE;CHARSET=ISO-8859-1:M=FCller"]);
    }

    #[test]
    fn base64_goes_on_without_a_fold() {
        let card = b"PHOTO;BASE64;TYPE=JPEG:AAAA\nBBBB\nCC==\n\nFN:A\n";
        assert_eq!(texts(card), ["PHOTO;BASE64;TYPE=JPEG:AAAABBBBCC==", "FN:A"]);
        assert_eq!(texts(b"PHOTO;ENCODING=b:AAAA\r\n BB==\r\nFN:A"), ["PHOTO;ENCODING=b:AAAABB==", "FN:A"]);
    }

    #[test]
    fn what_is_no_line_is_counted() {
        let found = unfolded(b"FN:A\nno colon here\n\nNOTE:b\n");
        assert_eq!(found.skipped, [2]);
        assert_eq!(found.text(), "FN:A\nNOTE:b\n");
    }

    #[test]
    fn lines_are_folded_within_no_character() {
        let mut out = Vec::new();
        write_line(&mut out, "NOTE", &"ž".repeat(100)).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.split("\r\n").all(|line| line.len() <= FOLD), "{text}");
        assert_eq!(text.replace("\r\n ", ""), format!("NOTE:{}\r\n", "ž".repeat(100)));
    }

    #[test]
    fn a_line_without_end_is_cut_and_the_next_one_read() {
        let mut bytes = b"NOTE:".to_vec();
        bytes.resize(LONGEST_ROW * 2, b'x');
        bytes.extend_from_slice(b"\nFN:A\n");
        let source: Box<dyn Read + '_> = Box::new(bytes.as_slice());
        let mut physical = Physical::new(Decoding::open(source, Hints::default()).unwrap());
        let first = physical.piece().unwrap().unwrap();
        assert!(first.is_too_long && first.bytes.len() < 10_000);
        assert_eq!(physical.piece().unwrap().unwrap().bytes, b"FN:A");
    }
}
