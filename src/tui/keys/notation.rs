//! Vim's notation for keys: `3j`, `<C-d>`, `<CR>`, `<lt>`, `<S-Tab>`.
//!
//! One notation serves keymap files, `rolo play`, macros in registers and what
//! the screen shows of pending keys. Parsing what was printed gives the same
//! keys. It differs from Vim in one point: a name that Vim does not know is
//! typed out letter by letter there, and is an error here, because a script
//! with a misspelt key must not run.

use std::fmt;

use super::key::{Code, Key, Mods};
use crate::tui::diagnostic::nearest;

/// The names of keys that are no characters, the printed one first.
const NAMED: &[(&str, Code)] = &[
    ("CR", Code::Enter),
    ("Return", Code::Enter),
    ("Enter", Code::Enter),
    ("Esc", Code::Esc),
    ("Escape", Code::Esc),
    ("Tab", Code::Tab),
    ("BS", Code::Backspace),
    ("Backspace", Code::Backspace),
    ("Del", Code::Delete),
    ("Delete", Code::Delete),
    ("Insert", Code::Insert),
    ("Ins", Code::Insert),
    ("Up", Code::Up),
    ("Down", Code::Down),
    ("Left", Code::Left),
    ("Right", Code::Right),
    ("Home", Code::Home),
    ("End", Code::End),
    ("PageUp", Code::PageUp),
    ("PageDown", Code::PageDown),
    ("Space", Code::Char(' ')),
    ("lt", Code::Char('<')),
    ("Bar", Code::Char('|')),
    ("gt", Code::Char('>')),
    ("Bslash", Code::Char('\\')),
    ("NL", Code::Char('\n')),
    ("Nul", Code::Char('\0')),
];

/// A mistake in a text of keys, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotationError {
    /// Where the mistake stands, in bytes of the text.
    pub at: std::ops::Range<usize>,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to write instead, where something is near.
    pub hint: Option<String>,
}

impl fmt::Display for NotationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for NotationError {}

/// Parses a text of keys.
///
/// A `<` that begins no name (`<<`, `< `) is the key itself.
///
/// # Errors
///
/// A name between `<` and `>` that is no key, and modifiers without a key.
pub fn parse(text: &str) -> Result<Vec<Key>, NotationError> {
    let mut keys = Vec::new();
    let mut at = 0;
    while let Some((key, length)) = next(text, at)? {
        keys.push(key);
        at += length;
    }
    Ok(keys)
}

/// Returns the first key at a byte of `text` and how many bytes it takes, or
/// nothing at the end.
///
/// # Errors
///
/// As [`parse`].
pub(super) fn next(text: &str, at: usize) -> Result<Option<(Key, usize)>, NotationError> {
    let rest = &text[at..];
    let Some(character) = rest.chars().next() else {
        return Ok(None);
    };
    if character == '<'
        && let Some(inside) = name_in_brackets(rest)
    {
        let length = inside.len() + 2;
        return match named(inside) {
            Some(key) => Ok(Some((key, length))),
            None => Err(unknown(inside, at..at + length)),
        };
    }
    if character == '<' && begins_modifier(&rest[1..]) {
        return Err(NotationError {
            at: at..text.len().min(at + 4),
            message: format!("“{}” is not closed by “>”", first_chars(rest, 4)),
            hint: Some("a “<” alone is written “<lt>”".to_owned()),
        });
    }
    Ok(Some((Key::char(character), character.len_utf8())))
}

/// Returns what stands between `<` and `>` if it looks like a key's name:
/// modifiers with any character, or at least two letters and digits.
pub(super) fn name_in_brackets(rest: &str) -> Option<&str> {
    let mut inside = &rest[1..];
    let mut length = 0;
    while begins_modifier(inside) {
        inside = &inside[2..];
        length += 2;
    }
    let mut characters = inside.chars();
    let first = characters.next()?;
    if length > 0 && inside[first.len_utf8()..].starts_with('>') {
        return Some(&rest[1..1 + length + first.len_utf8()]);
    }
    let word = inside.find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(inside.len());
    let long_enough = word >= 2 || (length > 0 && word >= 1);
    (long_enough && inside[word..].starts_with('>')).then(|| &rest[1..1 + length + word])
}

/// Returns whether a text begins with a modifier's letter and a dash, and is
/// not the character of a key after modifiers (`<C-->`).
fn begins_modifier(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 2 && modifier(bytes[0]).is_some() && bytes[1] == b'-'
}

/// Returns the modifier of a letter, in either case.
fn modifier(letter: u8) -> Option<Mods> {
    match letter.to_ascii_uppercase() {
        b'C' => Some(Mods::CTRL),
        b'M' | b'A' => Some(Mods::ALT),
        b'S' => Some(Mods::SHIFT),
        b'D' => Some(Mods::SUPER),
        _ => None,
    }
}

/// Returns the key of a name such as `C-S-Tab`.
fn named(inside: &str) -> Option<Key> {
    let mut mods = Mods::NONE;
    let mut name = inside;
    while begins_modifier(name) {
        mods = mods.with(modifier(name.as_bytes()[0])?);
        name = &name[2..];
    }
    let mut characters = name.chars();
    if let (Some(only), None) = (characters.next(), characters.next()) {
        return Some(Key::new(Code::Char(only), mods));
    }
    if let Some((_, code)) = NAMED.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
        return Some(Key::new(*code, mods));
    }
    let number = name.strip_prefix(['F', 'f'])?;
    if number.starts_with(['0', '+']) {
        return None;
    }
    let number = number.parse().ok()?;
    (1..=35).contains(&number).then(|| Key::new(Code::F(number), mods))
}

/// Returns the error for a name that no key has.
fn unknown(inside: &str, at: std::ops::Range<usize>) -> NotationError {
    let mut name = inside;
    while begins_modifier(name) {
        name = &name[2..];
    }
    let modifiers = &inside[..inside.len() - name.len()];
    let hint = match nearest(name, NAMED.iter().map(|(known, _)| *known)) {
        Some(near) => format!("did you mean “<{modifiers}{near}>”?"),
        None => "a “<” alone is written “<lt>”".to_owned(),
    };
    NotationError { at, message: format!("no key is called “<{inside}>”"), hint: Some(hint) }
}

/// Returns the beginning of a text, at most `count` characters.
fn first_chars(text: &str, count: usize) -> &str {
    match text.char_indices().nth(count) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mods = self.mods();
        let name = NAMED.iter().find(|(_, code)| *code == self.code()).map(|(name, _)| *name);
        if mods == Mods::NONE
            && let Code::Char(character) = self.code()
            && !matches!(character, ' ' | '<' | '|')
        {
            return write!(f, "{character}");
        }
        f.write_str("<")?;
        for (one, letter) in [(Mods::CTRL, 'C'), (Mods::ALT, 'M'), (Mods::SUPER, 'D'), (Mods::SHIFT, 'S')] {
            if mods.has(one) {
                write!(f, "{letter}-")?;
            }
        }
        match (self.code(), name) {
            (Code::Char('\\' | '>'), _) | (_, None) => match self.code() {
                Code::Char(character) => write!(f, "{character}")?,
                Code::F(number) => write!(f, "F{number}")?,
                _ => {}
            },
            (_, Some(name)) => f.write_str(name)?,
        }
        f.write_str(">")
    }
}

/// Prints keys so that [`parse`] gives them back.
pub fn print(keys: &[Key]) -> String {
    keys.iter().map(Key::to_string).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn keys(text: &str) -> Vec<Key> {
        parse(text).unwrap()
    }

    #[test]
    fn vims_names_are_understood() {
        let shift_tab = Key::new(Code::Tab, Mods::SHIFT);
        for (text, expected) in [
            ("<CR>", Key::ENTER),
            ("<cr>", Key::ENTER),
            ("<Enter>", Key::ENTER),
            ("<Esc>", Key::ESC),
            ("<C-[>", Key::ESC),
            ("<lt>", Key::char('<')),
            ("<Space>", Key::char(' ')),
            ("<Bar>", Key::char('|')),
            ("<Bslash>", Key::char('\\')),
            ("<C-d>", Key::ctrl('d')),
            ("<c-D>", Key::ctrl('d')),
            ("<S-Tab>", shift_tab),
            ("<M-x>", Key::new(Code::Char('x'), Mods::ALT)),
            ("<A-x>", Key::new(Code::Char('x'), Mods::ALT)),
            ("<M-X>", Key::new(Code::Char('X'), Mods::ALT)),
            ("<S-a>", Key::char('A')),
            ("<C-^>", Key::ctrl('^')),
            ("<C-lt>", Key::ctrl('<')),
            ("<C->>", Key::ctrl('>')),
            ("<C-->", Key::ctrl('-')),
            ("<C-Space>", Key::ctrl(' ')),
            ("<C-@>", Key::ctrl(' ')),
            ("<Nul>", Key::ctrl(' ')),
            ("<NL>", Key::ctrl('j')),
            ("<F1>", Key::plain(Code::F(1))),
            ("<C-F12>", Key::new(Code::F(12), Mods::CTRL)),
            ("<Del>", Key::plain(Code::Delete)),
            ("<BS>", Key::plain(Code::Backspace)),
            ("<PageDown>", Key::plain(Code::PageDown)),
            ("<C-é>", Key::ctrl('é')),
            ("é", Key::char('é')),
            (">", Key::char('>')),
        ] {
            assert_eq!(keys(text), [expected], "{text}");
        }
    }

    #[test]
    fn a_lone_angle_bracket_is_a_key() {
        assert_eq!(keys("<<"), keys("<lt><lt>"));
        assert_eq!(keys("3<j"), keys("3<lt>j"));
        assert_eq!(keys("<a>"), keys("<lt>a>"));
        assert_eq!(keys("< CR>"), keys("<lt><Space>CR>"));
        assert_eq!(keys("<<CR>"), [Key::char('<'), Key::ENTER]);
        assert_eq!(keys("<>"), keys("<lt>>"));
        assert_eq!(keys("<"), keys("<lt>"));
    }

    #[test]
    fn counts_and_commands_are_single_keys() {
        assert_eq!(keys("3j").len(), 2);
        assert_eq!(keys(":filter owner:me<CR>").len(), 17);
        assert!(keys("").is_empty());
    }

    #[test]
    fn an_unknown_name_is_an_error_with_its_place() {
        let error = parse("jj<Retrun>k").unwrap_err();
        assert_eq!(error.at, 2..10);
        assert_eq!(error.to_string(), "no key is called “<Retrun>” (did you mean “<Return>”?)");
        let error = parse("<C-Spce>").unwrap_err();
        assert_eq!(error.to_string(), "no key is called “<C-Spce>” (did you mean “<C-Space>”?)");
        let error = parse("<F36>").unwrap_err();
        assert_eq!(error.message, "no key is called “<F36>”");
    }

    #[test]
    fn modifiers_without_an_end_are_an_error() {
        let error = parse("j<C-d").unwrap_err();
        assert_eq!(error.at, 1..5);
        assert_eq!(error.to_string(), "“<C-d” is not closed by “>” (a “<” alone is written “<lt>”)");
        assert!(parse("<C-").is_err());
    }

    #[test]
    fn printing_is_canonical() {
        for (text, printed) in [
            ("<return>", "<CR>"),
            ("<C-A>", "<C-a>"),
            ("<S-C-Tab>", "<C-S-Tab>"),
            ("<A-x>", "<M-x>"),
            (" ", "<Space>"),
            ("|", "<Bar>"),
            ("\\", "\\"),
            ("<C-\\>", "<C-\\>"),
            ("<", "<lt>"),
        ] {
            assert_eq!(print(&keys(text)), printed, "{text}");
        }
    }

    fn any_key() -> impl Strategy<Value = Key> {
        let code = prop_oneof![
            any::<char>().prop_map(Code::Char),
            (1_u8..=35).prop_map(Code::F),
            proptest::sample::select(NAMED).prop_map(|(_, code)| code),
        ];
        (code, 0_u8..16).prop_map(|(code, bits)| {
            let mut mods = Mods::NONE;
            for (bit, one) in [Mods::CTRL, Mods::ALT, Mods::SUPER, Mods::SHIFT].into_iter().enumerate() {
                if bits & (1 << bit) != 0 {
                    mods = mods.with(one);
                }
            }
            Key::new(code, mods)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn parsing_what_was_printed_is_the_identity(
            keys in proptest::collection::vec(any_key(), 0..12)
        ) {
            let printed = print(&keys);
            prop_assert_eq!(parse(&printed), Ok(keys), "{}", printed);
        }

        #[test]
        fn no_text_panics(text in "[<>CMSAD\\-a-zF0-9 éﬀ\\PC]{0,24}") {
            if let Ok(keys) = parse(&text) {
                prop_assert_eq!(parse(&print(&keys)), Ok(keys));
            }
        }
    }
}
