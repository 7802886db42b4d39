//! One key press, the same whether it came from a terminal, a keymap file, a
//! macro or a script.
//!
//! Terminals name the same press in several ways (`^H`, `C-4` for `C-\`, a
//! capital letter with and without Shift). Every way of making a [`Key`] goes
//! through [`Key::new`], which settles on one of them, so that equal presses
//! are equal values and may stand in a trie. This module knows terminal events
//! and nothing of what keys mean.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// The key itself, without the modifiers held with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// A key that types a character; the space bar is `' '`.
    Char(char),
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Tab; Shift-Tab is this with Shift.
    Tab,
    /// Backspace.
    Backspace,
    /// Delete to the right.
    Delete,
    /// Insert.
    Insert,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key, 1 to 35.
    F(u8),
}

/// The modifiers held with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Mods(u8);

impl Mods {
    /// No modifier.
    pub const NONE: Self = Self(0);
    /// Control, `C-`.
    pub const CTRL: Self = Self(1);
    /// Alt, which Vim calls Meta: `M-`.
    pub const ALT: Self = Self(2);
    /// Super, the Command or Windows key: `D-`.
    pub const SUPER: Self = Self(4);
    /// Shift, `S-`; never with a character that Shift changes.
    pub const SHIFT: Self = Self(8);

    /// Returns whether all of `other` are held.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Returns these modifiers and `other` together.
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns these modifiers without `other`.
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// A key with its modifiers, in the one form that equal presses share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    code: Code,
    mods: Mods,
}

impl Key {
    /// Escape without modifiers.
    pub const ESC: Self = Self { code: Code::Esc, mods: Mods::NONE };
    /// Return without modifiers.
    pub const ENTER: Self = Self { code: Code::Enter, mods: Mods::NONE };
    /// Control-C, the one key whose meaning no keymap can take away.
    pub const INTERRUPT: Self = Self { code: Code::Char('c'), mods: Mods::CTRL };

    /// Returns the key in its settled form.
    ///
    /// - Shift is folded into a character that it changes (`S-a` is `A`).
    /// - Control knows no case (`C-A` is `C-a`), as in Vim.
    /// - `C-[` is Escape and `C-m` is Return, as in Vim. `C-i` and Tab stay
    ///   apart, because terminals with the kitty protocol tell them apart.
    /// - `C-4` to `C-7` are `C-\`, `C-]`, `C-^` and `C-_`: terminals without
    ///   that protocol send the same byte for both.
    pub fn new(code: Code, mods: Mods) -> Self {
        let Code::Char(character) = code else {
            return Self { code, mods };
        };
        let (code, mods) = match character {
            '\r' => return Self::new(Code::Enter, mods),
            '\n' => return Self::new(Code::Char('j'), mods.with(Mods::CTRL)),
            '\t' => return Self::new(Code::Tab, mods),
            '\u{1b}' => return Self::new(Code::Esc, mods),
            '\u{7f}' => return Self::new(Code::Backspace, mods),
            '\0' => return Self::new(Code::Char(' '), mods.with(Mods::CTRL)),
            control @ '\u{1}'..='\u{1f}' => {
                let letter = char::from(control as u8 + 0x40);
                return Self::new(Code::Char(letter), mods.with(Mods::CTRL));
            }
            _ if mods.has(Mods::CTRL) => match character {
                '[' => (Code::Esc, mods.without(Mods::CTRL)),
                'm' | 'M' => (Code::Enter, mods.without(Mods::CTRL)),
                '@' => (Code::Char(' '), mods.without(Mods::SHIFT)),
                '4' => (Code::Char('\\'), mods),
                '5' => (Code::Char(']'), mods),
                '6' | '^' => (Code::Char('^'), mods.without(Mods::SHIFT)),
                '7' | '/' | '_' => (Code::Char('_'), mods.without(Mods::SHIFT)),
                _ => (Code::Char(lower(character)), mods),
            },
            ' ' => (Code::Char(' '), mods),
            _ if mods.has(Mods::SHIFT) => (Code::Char(upper(character)), mods.without(Mods::SHIFT)),
            _ => (Code::Char(character), mods),
        };
        Self { code, mods }
    }

    /// Returns the key that types `character`.
    pub fn char(character: char) -> Self {
        Self::new(Code::Char(character), Mods::NONE)
    }

    /// Returns Control held with `character`.
    pub fn ctrl(character: char) -> Self {
        Self::new(Code::Char(character), Mods::CTRL)
    }

    /// Returns a key without modifiers.
    pub fn plain(code: Code) -> Self {
        Self::new(code, Mods::NONE)
    }

    /// Returns the key of a terminal's event, or nothing for a release and for
    /// keys that have no name here (media keys, lone modifiers).
    pub fn from_event(event: KeyEvent) -> Option<Self> {
        if event.kind == KeyEventKind::Release {
            return None;
        }
        let mut mods = Mods::NONE;
        for (theirs, ours) in [
            (KeyModifiers::CONTROL, Mods::CTRL),
            (KeyModifiers::ALT, Mods::ALT),
            (KeyModifiers::META, Mods::ALT),
            (KeyModifiers::SUPER, Mods::SUPER),
            (KeyModifiers::SHIFT, Mods::SHIFT),
        ] {
            if event.modifiers.contains(theirs) {
                mods = mods.with(ours);
            }
        }
        let code = match event.code {
            KeyCode::Char(character) => Code::Char(character),
            KeyCode::Enter => Code::Enter,
            KeyCode::Esc => Code::Esc,
            KeyCode::Tab => Code::Tab,
            KeyCode::BackTab => {
                mods = mods.with(Mods::SHIFT);
                Code::Tab
            }
            KeyCode::Backspace => Code::Backspace,
            KeyCode::Delete => Code::Delete,
            KeyCode::Insert => Code::Insert,
            KeyCode::Up => Code::Up,
            KeyCode::Down => Code::Down,
            KeyCode::Left => Code::Left,
            KeyCode::Right => Code::Right,
            KeyCode::Home => Code::Home,
            KeyCode::End => Code::End,
            KeyCode::PageUp => Code::PageUp,
            KeyCode::PageDown => Code::PageDown,
            KeyCode::F(number @ 1..=35) => Code::F(number),
            KeyCode::Null => {
                mods = mods.with(Mods::CTRL);
                Code::Char(' ')
            }
            _ => return None,
        };
        Some(Self::new(code, mods))
    }

    /// Returns the key without its modifiers.
    pub fn code(self) -> Code {
        self.code
    }

    /// Returns the modifiers held.
    pub fn mods(self) -> Mods {
        self.mods
    }

    /// Returns the character that this key types, if it types one: no modifier
    /// but Shift is held.
    pub fn typed(self) -> Option<char> {
        match self.code {
            Code::Char(character) if self.mods.without(Mods::SHIFT) == Mods::NONE => Some(character),
            _ => None,
        }
    }
}

/// Folds to lower case where that is one character.
fn lower(character: char) -> char {
    let mut folded = character.to_lowercase();
    match (folded.next(), folded.next()) {
        (Some(one), None) => one,
        _ => character,
    }
}

/// Folds to upper case where that is one character.
fn upper(character: char) -> char {
    let mut folded = character.to_uppercase();
    match (folded.next(), folded.next()) {
        (Some(one), None) => one,
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(code: KeyCode, modifiers: KeyModifiers) -> Option<Key> {
        Key::from_event(KeyEvent::new(code, modifiers))
    }

    #[test]
    fn a_capital_is_the_same_with_and_without_shift() {
        let capital = Some(Key::char('A'));
        assert_eq!(event(KeyCode::Char('A'), KeyModifiers::SHIFT), capital);
        assert_eq!(event(KeyCode::Char('A'), KeyModifiers::NONE), capital);
        assert_eq!(event(KeyCode::Char('a'), KeyModifiers::SHIFT), capital);
        assert_eq!(event(KeyCode::Char('?'), KeyModifiers::SHIFT), Some(Key::char('?')));
    }

    #[test]
    fn control_knows_no_case() {
        assert_eq!(event(KeyCode::Char('D'), KeyModifiers::CONTROL), Some(Key::ctrl('d')));
    }

    #[test]
    fn the_bytes_that_terminals_share_are_one_key() {
        for (digit, character) in [('4', '\\'), ('5', ']'), ('6', '^'), ('7', '_')] {
            assert_eq!(Key::ctrl(digit), Key::ctrl(character));
        }
        assert_eq!(Key::ctrl('['), Key::ESC);
        assert_eq!(Key::ctrl('m'), Key::ENTER);
        assert_eq!(Key::char('\u{4}'), Key::ctrl('d'));
        assert_eq!(Key::ctrl('@'), Key::ctrl(' '));
        assert_ne!(Key::ctrl('i'), Key::plain(Code::Tab));
    }

    #[test]
    fn back_tab_is_shift_tab() {
        let key = event(KeyCode::BackTab, KeyModifiers::SHIFT);
        assert_eq!(key, Some(Key::new(Code::Tab, Mods::SHIFT)));
        assert_eq!(event(KeyCode::BackTab, KeyModifiers::NONE), key);
    }

    #[test]
    fn releases_and_lone_modifiers_are_no_keys() {
        let release = KeyEvent::new_with_kind(KeyCode::Char('a'), KeyModifiers::NONE, KeyEventKind::Release);
        assert_eq!(Key::from_event(release), None);
        let repeat = KeyEvent::new_with_kind(KeyCode::Char('a'), KeyModifiers::NONE, KeyEventKind::Repeat);
        assert_eq!(Key::from_event(repeat), Some(Key::char('a')));
        assert_eq!(event(KeyCode::CapsLock, KeyModifiers::NONE), None);
    }

    #[test]
    fn only_unmodified_characters_are_typed() {
        assert_eq!(Key::char('é').typed(), Some('é'));
        assert_eq!(Key::char(' ').typed(), Some(' '));
        assert_eq!(Key::ctrl('a').typed(), None);
        assert_eq!(Key::ENTER.typed(), None);
    }

    #[test]
    fn settling_twice_changes_nothing() {
        for code in (0..=0x250).filter_map(char::from_u32) {
            for bits in 0..16 {
                let once = Key::new(Code::Char(code), Mods(bits));
                assert_eq!(Key::new(once.code, once.mods), once, "{code:?} {bits}");
            }
        }
    }
}
