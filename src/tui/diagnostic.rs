//! What is wrong in a file that the user wrote: where, why, and the nearest
//! valid word.
//!
//! Keymaps and themes are checked when they are loaded and a mistake disables
//! itself, never the program; so mistakes are collected, shown on start and
//! listed by `rolo doctor`. This module knows texts and places, and nothing of
//! keys or colours.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use unicode_width::UnicodeWidthStr;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// What is written works, but perhaps not as meant.
    Warning,
    /// What is written was left out.
    Error,
}

/// One mistake in a file, with everything needed to show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The file, or the name of the embedded one (`keymaps/vim.toml`).
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The line's text.
    pub text: String,
    /// How many columns the caret underlines, at least one.
    pub width: usize,
}

impl fmt::Display for Diagnostic {
    /// Writes `file:line:column: severity: message`, the line with a caret
    /// under the place, and the hint.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        writeln!(f, "{}:{}:{}: {severity}: {}", self.file.display(), self.line, self.column, self.message)?;
        let before: String = self.text.chars().take(self.column - 1).collect();
        let gutter = self.line.to_string();
        writeln!(f, " {gutter} | {}", self.text)?;
        write!(f, " {:>gutter$} | {:>indent$}{}", "", "", "^".repeat(self.width), gutter = gutter.len(), indent = before.width(),)?;
        match &self.hint {
            Some(hint) => write!(f, " {hint}"),
            None => Ok(()),
        }
    }
}

/// A file's name and text, from which places are made.
#[derive(Debug, Clone, Copy)]
pub struct Source<'text> {
    /// The file, or the name of the embedded one.
    pub file: &'text std::path::Path,
    /// The whole text.
    pub text: &'text str,
}

impl Source<'_> {
    /// Returns the line and the column of a byte, both from 1, the column in
    /// characters. A byte past the end is the end.
    pub fn place(&self, byte: usize) -> (usize, usize) {
        let before = &self.text[..floor(self.text, byte)];
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (line, before[start..].chars().count() + 1)
    }

    /// Returns a diagnostic for the bytes `at`; what goes on past the end of
    /// the line is not underlined.
    pub fn diagnostic(&self, severity: Severity, at: Range<usize>, message: impl Into<String>, hint: Option<String>) -> Diagnostic {
        let start = floor(self.text, at.start);
        let (line, column) = self.place(start);
        let line_start = self.text[..start].rfind('\n').map_or(0, |found| found + 1);
        let line_end = self.text[start..].find('\n').map_or(self.text.len(), |found| start + found);
        let end = floor(self.text, at.end).clamp(start, line_end.max(start));
        Diagnostic {
            severity,
            file: self.file.to_owned(),
            line,
            column,
            message: message.into(),
            hint,
            text: shown(self.text[line_start..line_end].trim_end_matches('\r')),
            width: self.text[start..end].width().max(1),
        }
    }

    /// Returns the bytes of a part of a TOML string, so that a mistake inside it
    /// can be pointed at. `span` is the string with its quotes, `part` is in
    /// bytes of its value. Where escapes make the two differ, it is the whole
    /// string.
    pub fn inside(&self, span: Range<usize>, part: Range<usize>) -> Range<usize> {
        let Some(raw) = self.text.get(span.clone()) else {
            return span;
        };
        let quotes = match raw.as_bytes() {
            [b'"', b'"', b'"', ..] | [b'\'', b'\'', b'\'', ..] if raw.len() >= 6 => 3,
            [b'"' | b'\'', ..] => 1,
            _ => 0,
        };
        let plain = raw.starts_with('\'') || !raw.contains('\\');
        let newline = quotes == 3 && raw[3..].starts_with(['\n', '\r']);
        if plain && !newline && quotes + part.end + quotes <= raw.len() {
            span.start + quotes + part.start..span.start + quotes + part.end
        } else {
            span
        }
    }

    /// Returns an error for the bytes `at`.
    pub fn error(&self, at: Range<usize>, message: impl Into<String>, hint: Option<String>) -> Diagnostic {
        self.diagnostic(Severity::Error, at, message, hint)
    }

    /// Returns a warning for the bytes `at`.
    pub fn warning(&self, at: Range<usize>, message: impl Into<String>, hint: Option<String>) -> Diagnostic {
        self.diagnostic(Severity::Warning, at, message, hint)
    }
}

/// Returns a line as it may be shown: one column a tab and a placeholder for
/// every control character, so that the caret stands under its place and a
/// file cannot send escape sequences.
fn shown(line: &str) -> String {
    line.chars()
        .map(|character| match character {
            '\t' => ' ',
            _ if character.is_control() => '\u{fffd}',
            _ => character,
        })
        .collect()
}

/// Returns the start of the character that holds a byte.
fn floor(text: &str, byte: usize) -> usize {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}

/// Returns the candidate nearest to a misspelt word, if one is near enough to
/// be what was meant: at most a third of its letters differ (swapped
/// neighbours count once), or the word begins it.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = word.to_lowercase();
    let allowed = (folded.chars().count() / 3).clamp(1, 3);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let other = candidate.to_lowercase();
        let distance = strsim::osa_distance(&folded, &other);
        let begins = folded.chars().count() >= 3 && other.starts_with(&folded);
        let score = if distance <= allowed {
            distance
        } else if begins {
            allowed + 1
        } else {
            continue;
        };
        if best.is_none_or(|(least, _)| score < least) {
            best = Some((score, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const TEXT: &str = "[normal]\n\"š\" = \"fitler\"\n";

    fn source() -> Source<'static> {
        Source { file: Path::new("my.toml"), text: TEXT }
    }

    #[test]
    fn the_whole_of_a_diagnostic() {
        let at = TEXT.find("fitler").map_or(0..0, |start| start..start + 6);
        let hint = Some("did you mean “filter”?".to_owned());
        let shown = source().error(at, "unknown command “fitler”", hint);
        assert_eq!(
            shown.to_string(),
            "my.toml:2:8: error: unknown command “fitler”\n \
             2 | \"š\" = \"fitler\"\n   |        ^^^^^^ did you mean “filter”?"
        );
    }

    #[test]
    fn a_place_past_the_end_or_inside_a_character_is_kept_in_bounds() {
        assert_eq!(source().place(usize::MAX), (3, 1));
        let inside = TEXT.find('š').map_or(0, |start| start + 1);
        assert_eq!(source().place(inside), (2, 2));
        let far = source().warning(900..1000, "x", None);
        assert_eq!((far.line, far.column, far.width), (3, 1, 1));
    }

    #[test]
    fn a_part_of_a_string_is_pointed_at() {
        let part = |text: &str| {
            let source = Source { file: Path::new("f"), text };
            source.inside(0..text.len(), 2..4)
        };
        assert_eq!(part("abcdef"), 2..4);
        assert_eq!(part("\"abcdef\""), 3..5);
        assert_eq!(part("'ab\\cd'"), 3..5);
        assert_eq!(part("\"\"\"abcdef\"\"\""), 5..7);
        assert_eq!(part(r#""\u0061bcd""#), 0..11);
        assert_eq!(part("\"a\""), 0..3);
    }

    #[test]
    fn a_file_cannot_send_escape_sequences() {
        let source = Source { file: Path::new("f"), text: "a = \u{1b}[2J\t\u{9b}x" };
        let shown = source.error(0..1, "x", None).to_string();
        assert!(!shown.contains(['\u{1b}', '\u{9b}', '\t']));
    }

    #[test]
    fn the_nearest_word_is_offered_only_when_near() {
        let words = ["filter", "first", "last", "undo"];
        assert_eq!(nearest("fitler", words), Some("filter"));
        assert_eq!(nearest("fil", words), Some("filter"));
        assert_eq!(nearest("LAST", words), Some("last"));
        assert_eq!(nearest("banana", words), None);
        assert_eq!(nearest("", words), None);
    }
}
