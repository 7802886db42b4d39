//! Files as records tell of them: a name that is safe anywhere, and the hash under
//! which the content is kept.
//!
//! A name comes from outside (a mail, a card, a command line) and is used inside
//! (shown, written beside an export, given to a program that opens it): so it is
//! made safe where it enters, once.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// The longest name of a file, in bytes of UTF-8: what file systems take, less room
/// for a mark that tells equal names apart.
pub const LONGEST_FILE_NAME: usize = 200;
/// The longest ending that is kept where a name is cut, its dot included.
const LONGEST_ENDING: usize = 20;
/// What a file is called whose name says nothing.
pub const UNNAMED_FILE: &str = "file";

/// The SHA-256 of a file's content (FIPS 180-4): under it the content is kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileHash(pub [u8; 32]);

impl fmt::Display for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Says that a text is no hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a hash is 64 hexadecimal digits")]
pub struct NotAHash;

impl FromStr for FileHash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let digits: Vec<u8> =
            text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect::<Option<_>>().ok_or(NotAHash)?;
        let mut hash = [0; 32];
        if digits.len() != 2 * hash.len() {
            return Err(NotAHash);
        }
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = pair[0] << 4 | pair[1];
        }
        Ok(Self(hash))
    }
}

/// Returns the name of a file as it is kept: the last part of a path, whatever
/// system's, without control and invisible characters, at most
/// [`LONGEST_FILE_NAME`] bytes with its ending kept.
///
/// ```
/// use rolo::domain::file_name;
/// assert_eq!(file_name("../../etc/passwd"), "passwd");
/// assert_eq!(file_name(r"C:\Users\Ada\quote.pdf"), "quote.pdf");
/// assert_eq!(file_name(".."), "file");
/// ```
pub fn file_name(text: &str) -> String {
    let last = text.rsplit(['/', '\\']).find(|part| !part.trim().is_empty()).unwrap_or_default();
    let clean: String = last.nfc().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !is_unfit(*c)).collect();
    let clean = clean.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let clean = cut(clean.trim_end_matches(['.', ' ']));
    // A cut may have left a dot or a space at the end.
    let clean = clean.trim_end_matches(['.', ' ']);
    if clean.is_empty() { UNNAMED_FILE.to_owned() } else { clean.to_owned() }
}

/// Returns what is in a file (RFC 6838): what it came as, if that says something,
/// else what its name's ending means, else whether it begins as text does.
pub fn media_type(told: &str, name: &str, begins: &[u8]) -> String {
    /// What says nothing.
    const ANYTHING: &str = "application/octet-stream";
    let told = told.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if told != ANYTHING && is_media_type(&told) {
        return told;
    }
    if let Some(by_name) = mime_guess::from_path(name).first_raw() {
        return by_name.to_owned();
    }
    let begins = &begins[..begins.len().min(4096)];
    let is_text = match std::str::from_utf8(begins) {
        Ok(text) => !text.is_empty() && !text.contains('\0'),
        // A character may be cut at the end.
        Err(error) => error.error_len().is_none() && !begins.contains(&0),
    };
    if is_text { "text/plain" } else { ANYTHING }.to_owned()
}

/// Returns whether a text is a type and a subtype (RFC 6838 section 4.2).
fn is_media_type(text: &str) -> bool {
    let is_part = |part: &str| {
        (1..=127).contains(&part.len())
            && part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c))
    };
    text.split_once('/').is_some_and(|(ty, sub)| is_part(ty) && is_part(sub))
}

/// Controls, what changes the direction of writing, what nobody sees, and U+FFFD.
fn is_unfit(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffd}' | '\u{e0000}'..='\u{e007f}')
}

fn cut(name: &str) -> String {
    if name.len() <= LONGEST_FILE_NAME {
        return name.to_owned();
    }
    let ending = name.rfind('.').map(|at| &name[at..]).filter(|ending| ending.len() <= LONGEST_ENDING).unwrap_or_default();
    let mut end = LONGEST_FILE_NAME - ending.len();
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{ending}", &name[..end])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_names_wherever_they_come_from() {
        let long = format!("{}.pdf", "ž".repeat(300));
        for (text, name) in [
            ("a.txt", "a.txt"),
            ("/etc/passwd", "passwd"),
            ("..\\..\\boot.ini", "boot.ini"),
            ("mixed/..\\x", "x"),
            ("folder/", "folder"),
            ("", "file"),
            ("   ", "file"),
            (".", "file"),
            ("..", "file"),
            ("...", "file"),
            ("/", "file"),
            (".bashrc", ".bashrc"),
            ("a\0b\u{1b}[31m\r\nc", "ab[31m c"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("zero\u{200b}width", "zerowidth"),
            ("trailing. . ", "trailing"),
            ("  two   words .txt", "two words .txt"),
            ("e\u{301}te\u{301}.txt", "été.txt"),
            (long.as_str(), &format!("{}.pdf", "ž".repeat(98))),
        ] {
            assert_eq!(file_name(text), name, "{text:?}");
        }
    }

    #[test]
    fn what_is_in_a_file_is_told_by_whoever_knows() {
        for (told, name, begins, ty) in [
            ("image/PNG; name=x", "a.pdf", "", "image/png"),
            ("application/octet-stream", "a.pdf", "", "application/pdf"),
            ("", "A.JPEG", "", "image/jpeg"),
            ("nonsense", "readme", "hello", "text/plain"),
            ("a/b\u{1b}[31m", "x", "\0\u{1}", "application/octet-stream"),
            ("", "x", "", "application/octet-stream"),
        ] {
            assert_eq!(media_type(told, name, begins.as_bytes()), ty, "{told} {name}");
        }
    }

    #[test]
    fn a_hash_is_written_and_read() {
        let text = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        let hash: FileHash = text.parse().unwrap();
        assert_eq!(hash.to_string(), text);
        assert_eq!(text.to_uppercase().parse(), Ok(hash));
        for wrong in ["", "9f", &text[1..], &format!("{text}0"), &text.replace('9', "g"), &text.replace('9', "９")] {
            assert_eq!(wrong.parse::<FileHash>(), Err(NotAHash), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_text_gives_a_name_that_stays_one(text in "\\PC{0,40}|[./\\\\ \0\u{202e}a]{0,12}|.{0,400}") {
            let name = file_name(&text);
            prop_assert!(!name.is_empty() && name.len() <= LONGEST_FILE_NAME && name != "." && name != "..");
            prop_assert!(!name.contains(['/', '\\']) && !name.chars().any(char::is_control));
            prop_assert_eq!(file_name(&name), name);
        }
    }
}
