//! From bytes to text: which encoding a stream is in, decided from a bounded
//! prefix, and the decoding of the whole in bounded memory. It must not know
//! what the text means (rows, cards, messages).
//!
//! A byte-order mark wins over everything, also over an encoding that a mapping
//! file names: the same mapping then reads a rejects file, which is UTF-8. UTF-16
//! without a mark is told by where its zero bytes stand (chardetng does not try
//! to). What is ASCII at first stays undecided until the first other byte.

use std::io::{self, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::problem::Problem;
use crate::domain::fold::nearest;

/// How many bytes are looked at before the encoding is decided.
pub const WINDOW: usize = 256 * 1024;

/// How many bytes are read and decoded at a time.
const CHUNK: usize = 64 * 1024;

/// How many places of malformed bytes are remembered; all are counted.
const PLACES: usize = 16;

/// What the user says about the encoding.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    /// The encoding's name (a WHATWG label: `windows-1250`, `cp1252`, `utf-8` …).
    pub encoding: Option<String>,
    /// The country that the file is likely from (ISO 3166, two letters), which
    /// decides between code pages that share most letters.
    pub country: Option<String>,
}

/// Why an encoding was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// The user named it.
    Given,
    /// The file begins with its mark.
    ByteOrderMark,
    /// Every second byte is zero, as in UTF-16.
    ZeroBytes,
    /// All bytes are below 128.
    Ascii,
    /// The bytes form valid UTF-8.
    Valid,
    /// The letters are likelier in this one than in any other.
    Guess,
}

/// What was found out about a stream's encoding and bytes.
#[derive(Debug, Clone)]
pub struct Report {
    /// The encoding in use.
    pub encoding: &'static Encoding,
    /// Why it was taken.
    pub evidence: Evidence,
    /// The encoding that was asked for, where a byte-order mark overruled it.
    pub overruled: Option<String>,
    /// How many malformed sequences became U+FFFD.
    pub malformed: u64,
    /// The first of them: byte offset in the input and line, from 1.
    pub places: Vec<(u64, u64)>,
    /// How many NUL characters were dropped.
    pub nuls: u64,
}

impl Report {
    /// Returns the encoding's name in lower case, `ascii` where nothing else was seen.
    pub fn name(&self) -> String {
        if self.evidence == Evidence::Ascii { "ascii".to_owned() } else { self.encoding.name().to_lowercase() }
    }
}

/// Returns the encoding of that name.
///
/// # Errors
/// `encoding`: no such encoding; the hint names the nearest.
pub fn by_name(name: &str) -> Result<&'static Encoding, Problem> {
    Encoding::for_label_no_replacement(name.trim().as_bytes()).ok_or_else(|| {
        let problem = Problem::new("encoding", format!("unknown encoding “{name}”"));
        let known = [
            "utf-8",
            "utf-16le",
            "utf-16be",
            "windows-1250",
            "windows-1251",
            "windows-1252",
            "windows-1253",
            "windows-1254",
            "windows-1255",
            "windows-1256",
            "windows-1257",
            "iso-8859-1",
            "iso-8859-2",
            "iso-8859-5",
            "iso-8859-15",
            "koi8-r",
            "ibm866",
            "macintosh",
            "shift_jis",
            "euc-jp",
            "euc-kr",
            "gbk",
            "gb18030",
            "big5",
        ];
        match nearest(name, known) {
            Some(near) => problem.hint(format!("did you mean “{near}”?")),
            None => problem.hint("for example utf-8, utf-16le, windows-1250, iso-8859-2"),
        }
    })
}

/// What a prefix says about the encoding.
enum Decision {
    Settled(&'static Encoding, Evidence),
    /// Nothing but ASCII so far.
    Open,
}

fn decide(prefix: &[u8], whole: bool, hints: &Hints) -> Decision {
    if let Some((encoding, _)) = Encoding::for_bom(prefix) {
        return Decision::Settled(encoding, Evidence::ByteOrderMark);
    }
    if let Some(encoding) = utf16_without_mark(prefix) {
        return Decision::Settled(encoding, Evidence::ZeroBytes);
    }
    if prefix.is_ascii() && !prefix.contains(&0x1b) {
        return Decision::Open;
    }
    if mostly_utf8(prefix, whole) && !prefix.is_ascii() {
        return Decision::Settled(UTF_8, Evidence::Valid);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(prefix, whole);
    let country =
        hints.country.as_deref().filter(|c| c.len() == 2 && c.bytes().all(|b| b.is_ascii_alphabetic())).map(str::to_ascii_lowercase);
    // An ASCII escape sequence that is no ISO-2022-JP is guessed as windows-1252.
    let encoding = detector.guess(country.as_deref().map(str::as_bytes), Utf8Detection::Deny);
    if encoding == WINDOWS_1252 && prefix.is_ascii() {
        return Decision::Open;
    }
    Decision::Settled(encoding, Evidence::Guess)
}

/// Returns true where the bytes are UTF-8 throughout, or so nearly that the
/// rest must be damage: ten good sequences for each bad one.
fn mostly_utf8(bytes: &[u8], whole: bool) -> bool {
    let (mut good, mut bad) = (0usize, 0usize);
    let mut rest = bytes;
    loop {
        let (valid, after) = match std::str::from_utf8(rest) {
            Ok(_) => (rest, None),
            Err(error) => {
                let at = error.valid_up_to();
                let skip = match error.error_len() {
                    Some(len) => Some(at + len),
                    // A sequence that the end of the window cuts is no fault.
                    None if whole => Some(rest.len()),
                    None => None,
                };
                (&rest[..at], skip)
            }
        };
        good += valid.iter().filter(|b| **b >= 0xc0).count();
        match after {
            Some(next) => {
                bad += 1;
                rest = &rest[next..];
            }
            None => break,
        }
    }
    bad == 0 || good >= bad * 10
}

/// Returns the byte order where the zero bytes stand as in UTF-16 text that
/// has at least some letters below 256: hardly any at one parity, many at the other.
fn utf16_without_mark(prefix: &[u8]) -> Option<&'static Encoding> {
    let pairs = prefix.len() / 2;
    if pairs < 2 {
        return None;
    }
    let (mut even, mut odd) = (0usize, 0usize);
    for pair in prefix.chunks_exact(2) {
        even += usize::from(pair[0] == 0);
        odd += usize::from(pair[1] == 0);
    }
    let (few, many, encoding) = if even > odd { (odd, even, UTF_16BE) } else { (even, odd, UTF_16LE) };
    (many >= 3 && many * 10 >= pairs && few * 20 <= many).then_some(encoding)
}

/// Text decoded from a byte stream, piece by piece.
pub struct Decoding<R> {
    source: R,
    raw: Vec<u8>,
    hints: Hints,
    decoder: Option<Decoder>,
    report: Report,
    /// Bytes taken from the source.
    taken: u64,
    line: u64,
    last_was_return: bool,
    exhausted: bool,
    finished: bool,
}

impl<R: Read> Decoding<R> {
    /// Reads a bounded prefix and decides the encoding.
    ///
    /// # Errors
    /// `io` where reading fails, `encoding` where the named one is unknown or
    /// the input is UTF-32.
    pub fn open(source: R, hints: Hints) -> Result<Self, Problem> {
        let mut decoding = Self {
            source,
            raw: Vec::new(),
            hints,
            decoder: None,
            report: Report { encoding: UTF_8, evidence: Evidence::Ascii, overruled: None, malformed: 0, places: Vec::new(), nuls: 0 },
            taken: 0,
            line: 1,
            last_was_return: false,
            exhausted: false,
            finished: false,
        };
        let given = match &decoding.hints.encoding {
            Some(name) => Some(by_name(name)?),
            None => None,
        };
        decoding.read_up_to(WINDOW).map_err(|e| Problem::io(&e))?;
        let raw = &decoding.raw;
        if raw.starts_with(&[0xff, 0xfe, 0, 0]) || raw.starts_with(&[0, 0, 0xfe, 0xff]) {
            return Err(Problem::new("encoding", "the file is in UTF-32, which is not read").hint("save it as UTF-8"));
        }
        match (Encoding::for_bom(raw), given) {
            (Some((marked, _)), given) => {
                if given.is_some_and(|g| g != marked) {
                    decoding.report.overruled = decoding.hints.encoding.clone();
                }
                decoding.settle(marked, Evidence::ByteOrderMark);
            }
            (None, Some(given)) => decoding.settle(given, Evidence::Given),
            (None, None) => match decide(&decoding.raw, decoding.exhausted, &decoding.hints) {
                Decision::Settled(encoding, evidence) => decoding.settle(encoding, evidence),
                Decision::Open => {}
            },
        }
        Ok(decoding)
    }

    fn settle(&mut self, encoding: &'static Encoding, evidence: Evidence) {
        self.report.encoding = encoding;
        self.report.evidence = evidence;
        self.decoder = Some(encoding.new_decoder_with_bom_removal());
    }

    fn read_up_to(&mut self, wanted: usize) -> io::Result<()> {
        while !self.exhausted && self.raw.len() < wanted {
            let missing = (wanted - self.raw.len()) as u64;
            let before = self.raw.len();
            match (&mut self.source).take(missing).read_to_end(&mut self.raw) {
                Ok(0) => self.exhausted = true,
                Ok(_) => self.exhausted = self.raw.len() < wanted,
                Err(error) => {
                    self.taken += (self.raw.len() - before) as u64;
                    return Err(error);
                }
            }
            self.taken += (self.raw.len() - before) as u64;
        }
        Ok(())
    }

    /// Appends the next piece of text to `out`; false at the end of the input.
    ///
    /// # Errors
    /// What the source's `read` gives.
    pub fn fill(&mut self, out: &mut String) -> io::Result<bool> {
        let start = out.len();
        while out.len() == start {
            if self.finished {
                return Ok(false);
            }
            self.read_up_to(CHUNK)?;
            if self.decoder.is_none() {
                self.pass_ascii(out)?;
            } else {
                self.decode(out);
            }
            self.drop_nuls(out, start);
        }
        self.count_lines(&out[start..]);
        Ok(true)
    }

    /// Hands ASCII on as it is, and decides at the first byte that is not.
    fn pass_ascii(&mut self, out: &mut String) -> io::Result<()> {
        let plain = Encoding::ascii_valid_up_to(&self.raw);
        if plain > 0 || self.raw.is_empty() {
            // Only ASCII up to here, so each byte is a character.
            out.extend(self.raw[..plain].iter().map(|b| char::from(*b)));
            self.raw.drain(..plain);
            self.finished = self.exhausted && self.raw.is_empty();
            return Ok(());
        }
        self.read_up_to(WINDOW)?;
        match decide(&self.raw, self.exhausted, &self.hints) {
            Decision::Settled(encoding, evidence) => self.settle(encoding, evidence),
            Decision::Open => self.settle(UTF_8, Evidence::Guess),
        }
        Ok(())
    }

    fn decode(&mut self, out: &mut String) {
        let Some(decoder) = self.decoder.as_mut() else {
            return;
        };
        let take = self.raw.len().min(CHUNK);
        let last = self.exhausted && take == self.raw.len();
        let base = self.taken - self.raw.len() as u64;
        let mut done = 0;
        let before = out.len();
        loop {
            let need = decoder.max_utf8_buffer_length_without_replacement(take - done).unwrap_or(4 * CHUNK);
            out.reserve(need);
            let (result, read) = decoder.decode_to_string_without_replacement(&self.raw[done..take], out, last);
            done += read;
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(length, after) => {
                    if self.report.places.len() < PLACES {
                        let back = u64::from(length) + u64::from(after);
                        let offset = (base + done as u64).saturating_sub(back);
                        let line = self.line + line_ends(&out[before..], self.last_was_return).0;
                        self.report.places.push((offset, line));
                    }
                    self.report.malformed += 1;
                    out.push('\u{fffd}');
                }
            }
        }
        self.raw.drain(..take);
        self.finished = last;
    }

    fn drop_nuls(&mut self, out: &mut String, start: usize) {
        if !out[start..].contains('\0') {
            return;
        }
        let tail: String = out[start..].chars().filter(|c| *c != '\0').collect();
        self.report.nuls += (out.len() - start - tail.len()) as u64;
        out.truncate(start);
        out.push_str(&tail);
    }

    fn count_lines(&mut self, text: &str) {
        let (lines, ends_with_return) = line_ends(text, self.last_was_return);
        self.line += lines;
        self.last_was_return = ends_with_return;
    }

    /// Returns what is known so far of encoding and malformed bytes.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Returns how many bytes of the source have been taken, for progress.
    pub fn bytes(&self) -> u64 {
        self.taken - self.raw.len() as u64
    }

    /// Returns the bytes themselves: those that were looked at, and where the rest comes
    /// from. Nothing must have been decoded yet.
    pub(crate) fn into_bytes(self) -> (Vec<u8>, R) {
        (self.raw, self.source)
    }

    /// Returns the first bytes, before anything has been decoded.
    pub fn head(&self) -> &[u8] {
        &self.raw
    }
}

/// Returns how many lines end in `text` (`\n`, `\r\n` and `\r` alike), and
/// whether it ends with a return whose newline may follow.
fn line_ends(text: &str, mut after_return: bool) -> (u64, bool) {
    let mut lines = 0;
    for byte in text.bytes() {
        lines += u64::from(byte == b'\r' || (byte == b'\n' && !after_return));
        after_return = byte == b'\r';
    }
    (lines, after_return)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn all(bytes: &[u8], hints: Hints) -> (String, Report) {
        let mut decoding = Decoding::open(bytes, hints).unwrap();
        let mut text = String::new();
        while decoding.fill(&mut text).unwrap() {}
        (text, decoding.report().clone())
    }

    fn plain(bytes: &[u8]) -> (String, Report) {
        all(bytes, Hints::default())
    }

    fn utf16(text: &str, little: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() }).collect()
    }

    #[test]
    fn utf16_without_a_mark_is_seen() {
        for little in [true, false] {
            let (text, report) = plain(&utf16("Jméno;Obrat\r\nŽofie;1\r\n", little));
            assert_eq!(text, "Jméno;Obrat\r\nŽofie;1\r\n");
            assert_eq!(report.evidence, Evidence::ZeroBytes);
        }
    }

    #[test]
    fn a_mark_overrules_what_was_asked_for() {
        let hints = Hints { encoding: Some("windows-1250".into()), country: None };
        let (text, report) = all("\u{feff}žluť".as_bytes(), hints);
        assert_eq!(text, "žluť");
        assert_eq!(report.overruled.as_deref(), Some("windows-1250"));
        assert_eq!(report.name(), "utf-8");
    }

    #[test]
    fn ascii_is_undecided_until_the_first_other_byte() {
        let mut bytes = b"name\n".repeat(100_000);
        let (_, report) = plain(&bytes);
        assert_eq!(report.name(), "ascii");
        bytes.extend("Žofie Nováková, Dvořák, Šťastný\n".as_bytes());
        let (text, report) = plain(&bytes);
        assert!(text.ends_with("Šťastný\n"));
        assert_eq!((report.name().as_str(), report.malformed), ("utf-8", 0));
    }

    #[test]
    fn malformed_bytes_are_counted_and_placed() {
        let mut bytes = "řádek ěščřžýáíé\n".repeat(3).into_bytes();
        let at = bytes.len() as u64 + 2;
        bytes.extend(b"ab\xff\n\xc3");
        let (text, report) = plain(&bytes);
        assert!(text.ends_with("ab\u{fffd}\n\u{fffd}"));
        assert_eq!(report.malformed, 2);
        assert_eq!(report.places, vec![(at, 4), (at + 2, 5)]);
    }

    #[test]
    fn nuls_are_dropped_and_counted() {
        let (text, report) = plain(b"a,b,c\n\0,2,3 and more text to make it long\n");
        assert_eq!(text, "a,b,c\n,2,3 and more text to make it long\n");
        assert_eq!(report.nuls, 1);
    }

    #[test]
    fn unknown_names_and_utf32_are_refused_with_a_hint() {
        assert_eq!(by_name("windos-1250").unwrap_err().to_string(), "unknown encoding “windos-1250” (did you mean “windows-1250”?)");
        let bytes = [0xff, 0xfe, 0, 0, b'a', 0, 0, 0];
        let problem = Decoding::open(&bytes[..], Hints::default()).err().unwrap();
        assert_eq!(problem.to_string(), "the file is in UTF-32, which is not read (save it as UTF-8)");
    }

    #[test]
    fn a_country_decides_between_code_pages() {
        let czech = "Město;Žďár nad Sázavou;Šťastný Novák\n".repeat(3);
        let (bytes, _, _) = encoding_rs::WINDOWS_1250.encode(&czech);
        let hints = Hints { encoding: None, country: Some("CZ".into()) };
        let (text, report) = all(&bytes, hints);
        assert_eq!((text, report.name().as_str()), (czech, "windows-1250"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_bytes_decode_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000), country in "[a-zA-Z.é]{0,3}") {
            let hints = Hints { encoding: None, country: Some(country) };
            let (_, report) = all(&bytes, hints);
            prop_assert!(report.places.len() as u64 <= report.malformed);
        }

        #[test]
        fn utf8_and_marked_utf16_come_through_whole(text in "[a-zěščřž\\r\\n,;😀]{0,400}") {
            let mut marked = vec![0xff, 0xfe];
            marked.extend(utf16(&text, true));
            prop_assert_eq!(&plain(&marked).0, &text);
            let mut marked = vec![0xef, 0xbb, 0xbf];
            marked.extend(text.as_bytes());
            prop_assert_eq!(&plain(&marked).0, &text);
        }
    }
}
