//! Which format an input has, by its content first and its extension second,
//! and the refusal of what is no text. It must not know how formats are read.

use std::io::{self, Cursor, Read};

use super::mail::{maildir, mbox};
use super::problem::Problem;
use crate::domain::Kind;

/// How much of an input is looked at to know what it is.
const HEAD: usize = 8 * 1024;

/// A format that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Delimited text, whatever its delimiter.
    Csv,
    /// Tab-delimited text; where the user says so, with rolo's escapes.
    Tsv,
    /// A JSON array, an object, or an object that holds an array of records.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// A file of many messages.
    Mbox,
    /// A folder of messages.
    Maildir,
    /// One message.
    Eml,
    /// vCard 2.1, 3.0 and 4.0.
    Vcard,
    /// iCalendar.
    Ics,
}

impl Format {
    /// All formats, with their names.
    pub const ALL: [(&'static str, Self); 9] = [
        ("csv", Self::Csv),
        ("tsv", Self::Tsv),
        ("json", Self::Json),
        ("jsonl", Self::Jsonl),
        ("mbox", Self::Mbox),
        ("maildir", Self::Maildir),
        ("eml", Self::Eml),
        ("vcard", Self::Vcard),
        ("ics", Self::Ics),
    ];

    /// Returns the format of that name.
    ///
    /// # Errors
    /// `format`: no such format; the hint lists them.
    pub fn by_name(name: &str) -> Result<Self, Problem> {
        let lower = name.to_lowercase();
        Self::ALL
            .iter()
            .find(|(known, _)| *known == lower)
            .map(|(_, format)| *format)
            .ok_or_else(|| Problem::new("format", format!("“{name}” is not a format that can be read")).hint(Self::names()))
    }

    fn names() -> String {
        Self::ALL.map(|(name, _)| name).join(", ")
    }

    /// Returns whether it is one of mail.
    pub fn is_mail(self) -> bool {
        matches!(self, Self::Mbox | Self::Maildir | Self::Eml)
    }

    /// Returns what the rows of a format are by themselves; the first is what they are
    /// most often, none where whoever imports has to say it.
    pub fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Vcard => &[Kind::Contact, Kind::Company],
            Self::Ics => &[Kind::Interaction, Kind::Task],
            Self::Mbox | Self::Maildir | Self::Eml => &[Kind::Interaction],
            Self::Csv | Self::Tsv | Self::Json | Self::Jsonl => &[],
        }
    }

    /// Returns the extension of a file of rejects.
    pub fn rejects(self) -> &'static str {
        match self {
            Self::Vcard => "vcf",
            Self::Ics => "ics",
            Self::Mbox | Self::Maildir | Self::Eml => "mbox",
            Self::Csv | Self::Tsv | Self::Json | Self::Jsonl => "csv",
        }
    }

    /// Returns the source of ids that are the same wherever they stand (`UID`), where the
    /// format has such.
    pub fn source(self) -> Option<&'static str> {
        match self {
            Self::Vcard => Some("vcard"),
            Self::Ics => Some("ics"),
            _ => None,
        }
    }

    /// Returns the format's name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, format)| *format == self).map_or("csv", |(name, _)| name)
    }
}

/// Returns the beginning of an input, and the whole of it to be read.
///
/// # Errors
/// What the source's `read` gives.
pub fn peek<'s>(source: Box<dyn Read + 's>) -> io::Result<(Vec<u8>, Box<dyn Read + 's>)> {
    let mut source = source;
    let mut head = Vec::new();
    (&mut source).take(HEAD as u64).read_to_end(&mut head)?;
    Ok((head.clone(), Box::new(Cursor::new(head).chain(source))))
}

/// Returns the format of mail that begins with `head`; nothing where it is none.
pub fn mail_of(head: &[u8], name: &str) -> Option<Format> {
    if head.starts_with(maildir::MARK_OF_FOLDER) {
        return Some(Format::Maildir);
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let first = memchr::memchr(b'\n', text).map_or(text, |end| &text[..end]);
    if text.starts_with(b"From ") && mbox::envelope(first).is_some() {
        return Some(Format::Mbox);
    }
    let lower = name.to_lowercase();
    let fields = fields_of_mail(text);
    let is_named = lower.ends_with(".eml") || lower.ends_with(".mbox") || lower.ends_with(".mbx");
    if fields >= 2 || fields == 1 && is_named {
        return Some(Format::Eml);
    }
    None
}

/// Returns how many fields of mail a text begins with, before anything else.
fn fields_of_mail(text: &[u8]) -> usize {
    const KNOWN: [&str; 15] = [
        "from",
        "to",
        "cc",
        "subject",
        "date",
        "message-id",
        "received",
        "return-path",
        "delivered-to",
        "mime-version",
        "reply-to",
        "content-type",
        "in-reply-to",
        "references",
        "sender",
    ];
    let mut found = 0;
    for line in text.split(|b| *b == b'\n') {
        if line.starts_with(b" ") || line.starts_with(b"\t") || line.starts_with(b">From ") {
            continue;
        }
        let Some(colon) = line.iter().position(|b| *b == b':') else { break };
        let name = &line[..colon];
        if name.is_empty() || !name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
            break;
        }
        found += usize::from(KNOWN.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes())));
    }
    found
}

/// Refuses files that are no text, naming what they are.
///
/// # Errors
/// `format`: a workbook, an archive or the like.
pub fn refuse_binary(head: &[u8], name: &str) -> Result<(), Problem> {
    let named = |suffix: &str| name.to_lowercase().ends_with(suffix);
    let (what, hint) = if head.starts_with(b"PK\x03\x04") {
        if named(".xlsx") || named(".ods") { ("a workbook", "save the sheet as CSV UTF-8") } else { ("a zip archive", "unpack it first") }
    } else if head.starts_with(b"\xd0\xcf\x11\xe0") {
        ("an old Office file", "save the sheet as CSV")
    } else if head.starts_with(b"\x1f\x8b") {
        ("compressed with gzip", "unpack it first, as by gunzip -c FILE | rolo import -")
    } else if head.starts_with(b"%PDF-") {
        ("a PDF", "ask for the table itself")
    } else if head.starts_with(b"SQLite format 3\0") {
        ("an SQLite database", "export its tables as CSV")
    } else {
        return Ok(());
    };
    Err(Problem::new("format", format!("the file is {what}")).hint(hint))
}

/// Returns the format of a file whose lines are read as bytes, if it is of one.
pub fn of_bytes(head: &[u8], name: &str) -> Option<Format> {
    const LOOKED_AT: usize = 4 * 1024;
    // Marks and every second byte of UTF-16 are no letters.
    let letters: Vec<u8> = head.iter().take(LOOKED_AT).copied().filter(|byte| byte.is_ascii() && *byte != 0).collect();
    let text = String::from_utf8_lossy(&letters).to_ascii_uppercase();
    let begins = |with: &str| text.trim_start().starts_with(with);
    if ["VCALENDAR", "VEVENT", "VTODO", "VJOURNAL", "VTIMEZONE"].iter().any(|name| begins(&format!("BEGIN:{name}"))) {
        return Some(Format::Ics);
    }
    if begins("BEGIN:VCARD") || text.lines().any(|line| line.trim() == "BEGIN:VCARD") {
        return Some(Format::Vcard);
    }
    if begins("[") || begins("{") {
        return None;
    }
    let lower = name.to_lowercase();
    match lower.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "vcf" | "vcard" => Some(Format::Vcard),
        "ics" | "ical" | "ifb" => Some(Format::Ics),
        _ => None,
    }
}

/// Returns the format of a text that begins with `sample`.
pub fn detect(sample: &str, name: &str) -> Format {
    let text = sample.trim_start();
    if let Some(inside) = text.strip_prefix('[')
        && inside.trim_start().starts_with(['{', ']', '[', '"'])
    {
        return Format::Json;
    }
    if text.starts_with('{') {
        return json_or_lines(text);
    }
    let lower = name.to_lowercase();
    let extension = lower.rsplit_once('.').map_or("", |(_, e)| e);
    match extension {
        "jsonl" | "ndjson" => Format::Jsonl,
        "json" => Format::Json,
        "tsv" | "tab" => Format::Tsv,
        _ => Format::Csv,
    }
}

/// Several lines that are objects each are JSON Lines.
fn json_or_lines(text: &str) -> Format {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().unwrap_or_default().trim_end();
    let second = lines.next().unwrap_or_default().trim_start();
    // A first line that is broken is still a line if the second begins an object.
    let complete = first.ends_with('}') && first.len() > 2;
    if complete && second.starts_with('{') { Format::Jsonl } else { Format::Json }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn content_comes_before_the_extension() {
        for (text, name, format) in [
            ("{\"a\":1}\n{\"a\":2}\n", "x.json", Format::Jsonl),
            ("{\"a\":1}", "x.jsonl", Format::Json),
            ("{\n \"a\":1}", "x", Format::Json),
            (" [\n{}]", "x.csv", Format::Json),
            ("[]", "x.csv", Format::Json),
            ("a\tb\n", "x.TSV", Format::Tsv),
            ("a,b\n", "-", Format::Csv),
            ("[Name],b\n", "-", Format::Csv),
            ("", "x.jsonl", Format::Jsonl),
        ] {
            assert_eq!(detect(text, name), format, "{text:?}");
        }
    }

    #[test]
    fn mail_is_known_by_what_it_begins_with() {
        for (head, name, format) in [
            ("From ada@example.com Sat Jan  3 01:05:34 1996\nSubject: x\n", "-", Some(Format::Mbox)),
            ("\u{feff}From -\nSubject: x\n", "-", Some(Format::Mbox)),
            ("Received: by x\n\tfor y\nDate: today\n\nHello", "-", Some(Format::Eml)),
            ("Subject: x\n\n", "x.eml", Some(Format::Eml)),
            ("Subject: x\n\n", "x.txt", None),
            ("From here,to there\n", "-", None),
            ("name: x,from: y\n", "-", None),
            ("From,To,Subject\na,b,c\n", "x.csv", None),
            ("", "x.eml", None),
        ] {
            assert_eq!(mail_of(head.as_bytes(), name), format, "{head:?}");
        }
    }

    #[test]
    fn cards_are_known_by_their_content_then_by_their_name() {
        let wide: Vec<u8> = "\u{feff}BEGIN:VCARD\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(of_bytes(&wide, "x"), Some(Format::Vcard));
        assert_eq!(of_bytes(b"\r\n begin:vcard\r\n", "x.csv"), Some(Format::Vcard));
        assert_eq!(of_bytes(b"", "x.VCF"), Some(Format::Vcard));
        assert_eq!(of_bytes(b"\xef\xbb\xbfBEGIN:VCALENDAR\r\n", "x.txt"), Some(Format::Ics));
        assert_eq!(of_bytes(b"", "holidays.ics"), Some(Format::Ics));
        assert_eq!(of_bytes(b"[\"vcard\"]", "x.vcf"), None);
        assert_eq!(of_bytes(b"name,notes\nAda,BEGIN:VCARD\n", "x.csv"), None);
    }

    #[test]
    fn what_is_no_table_is_named() {
        let told = |head: &[u8], name| refuse_binary(head, name).unwrap_err().to_string();
        assert_eq!(told(b"PK\x03\x04..", "leads.xlsx"), "the file is a workbook (save the sheet as CSV UTF-8)");
        assert_eq!(
            Format::by_name("xls").unwrap_err().to_string(),
            "“xls” is not a format that can be read (csv, tsv, json, jsonl, mbox, maildir, eml, vcard, ics)"
        );
        assert!(refuse_binary(b"name,email", "x").is_ok());
    }
}
