//! Which format an input has, by its content first and its extension second,
//! and the refusal of what is no text. It must not know how formats are read.

use super::problem::Problem;

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
}

impl Format {
    /// All formats, with their names.
    pub const ALL: [(&'static str, Self); 4] = [("csv", Self::Csv), ("tsv", Self::Tsv), ("json", Self::Json), ("jsonl", Self::Jsonl)];

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
            .ok_or_else(|| Problem::new("format", format!("“{name}” is not a format that can be read")).hint("csv, tsv, json, jsonl"))
    }

    /// Returns the format's name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, format)| *format == self).map_or("csv", |(name, _)| name)
    }
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

/// Returns the format of a text that begins with `sample`.
///
/// # Errors
/// `format`: a format that rolo knows of and does not read.
pub fn detect(sample: &str, name: &str) -> Result<Format, Problem> {
    let text = sample.trim_start();
    let starts = |with: &str| text.get(..with.len()).is_some_and(|head| head.eq_ignore_ascii_case(with));
    let refused = if starts("BEGIN:VCARD") {
        Some("a vCard file")
    } else if starts("BEGIN:VCALENDAR") {
        Some("a calendar")
    } else if text.starts_with("From ") && text.contains("\nFrom: ") {
        Some("a mailbox")
    } else {
        None
    };
    if let Some(what) = refused {
        return Err(Problem::new("format", format!("the file is {what}, which is not read yet")).hint("csv, tsv, json and jsonl are"));
    }
    if let Some(inside) = text.strip_prefix('[')
        && inside.trim_start().starts_with(['{', ']', '[', '"'])
    {
        return Ok(Format::Json);
    }
    if text.starts_with('{') {
        return Ok(json_or_lines(text));
    }
    let lower = name.to_lowercase();
    let extension = lower.rsplit_once('.').map_or("", |(_, e)| e);
    Ok(match extension {
        "jsonl" | "ndjson" => Format::Jsonl,
        "json" => Format::Json,
        "tsv" | "tab" => Format::Tsv,
        _ => Format::Csv,
    })
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
            assert_eq!(detect(text, name).unwrap(), format, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_table_is_named() {
        let told = |head: &[u8], name| refuse_binary(head, name).unwrap_err().to_string();
        assert_eq!(told(b"PK\x03\x04..", "leads.xlsx"), "the file is a workbook (save the sheet as CSV UTF-8)");
        assert_eq!(
            detect("BEGIN:VCARD\n", "x").unwrap_err().to_string(),
            "the file is a vCard file, which is not read yet (csv, tsv, json and jsonl are)"
        );
        assert_eq!(Format::by_name("xls").unwrap_err().to_string(), "“xls” is not a format that can be read (csv, tsv, json, jsonl)");
        assert!(refuse_binary(b"name,email", "x").is_ok());
    }
}
