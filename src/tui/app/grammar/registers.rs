//! Registers: typed as what was put into them, and text at the same time.
//!
//! The rules of which register takes what are Vim's: a yank goes to `"0`, deleted
//! rows to `"1` and the others move on, a deleted cell to `"-`; a named register
//! takes both, a capital adds to it; `""` is the one used last; `"_` takes nothing.

use std::collections::BTreeMap;

use crate::domain::RecordId;

/// What kind of thing a register holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Whole records.
    Rows,
    /// Texts of cells.
    Cells,
    /// Keys: a macro, or any other text.
    Keys,
}

impl Kind {
    /// Returns the name in `play`'s state.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Cells => "cells",
            Self::Keys => "keys",
        }
    }

    /// Returns what a name means.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Rows, Self::Cells, Self::Keys].into_iter().find(|kind| kind.name() == name)
    }
}

/// One line of a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The record that it came from.
    pub id: Option<RecordId>,
    /// Its text, cells apart by tabs; `None` until it has been loaded.
    pub text: Option<String>,
}

/// What a register holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Register {
    /// What kind of thing.
    pub kind: Kind,
    /// Its lines.
    pub lines: Vec<Line>,
}

impl Register {
    /// Returns a register of keys.
    pub fn keys(text: impl Into<String>) -> Self {
        Self { kind: Kind::Keys, lines: vec![Line { id: None, text: Some(text.into()) }] }
    }

    /// Returns its text, lines apart by line breaks.
    pub fn text(&self) -> String {
        self.lines.iter().map(|line| line.text.as_deref().unwrap_or_default()).collect::<Vec<_>>().join("\n")
    }

    /// Returns its records.
    pub fn ids(&self) -> Vec<RecordId> {
        self.lines.iter().filter_map(|line| line.id).collect()
    }

    /// Adds what another holds, as `"A` does.
    fn append(&mut self, other: Self) {
        if self.kind == Kind::Keys && other.kind == Kind::Keys {
            *self = Self::keys(self.text() + &other.text());
            return;
        }
        if self.kind != other.kind {
            self.kind = if other.kind == Kind::Rows { Kind::Rows } else { self.kind };
        }
        self.lines.extend(other.lines);
    }
}

/// All registers.
#[derive(Debug, Clone, Default)]
pub struct Registers {
    held: BTreeMap<char, Register>,
    /// The one that `""` means.
    last: Option<char>,
}

/// How many bytes a register takes.
const LONGEST: usize = 8 << 20;

/// The registers that Vim fills by itself and the user only reads.
pub const READ_ONLY: &str = ":.%#/";

impl Registers {
    /// Returns registers as another session has left them; `last` is the one that `""` means.
    pub fn of(held: BTreeMap<char, Register>, last: Option<char>) -> Self {
        Self { held, last }
    }

    /// Returns what each holds, and which one `""` means.
    pub fn parts(&self) -> (&BTreeMap<char, Register>, Option<char>) {
        (&self.held, self.last)
    }

    /// Returns what a register holds; without a name, the one used last.
    pub fn get(&self, name: Option<char>) -> Option<&Register> {
        match name.unwrap_or('"') {
            '"' => self.held.get(&self.last.unwrap_or('0')),
            '*' => self.held.get(&'+'),
            name => self.held.get(&name.to_ascii_lowercase()),
        }
    }

    /// Returns every register that holds something, in order.
    pub fn all(&self) -> impl Iterator<Item = (char, &Register)> {
        let unnamed = self.get(None).map(|held| ('"', held));
        unnamed.into_iter().chain(self.held.iter().map(|(name, held)| (*name, held)))
    }

    /// Puts something into a register as a yank does. Returns the text that is to go
    /// to the clipboard's owner, where it is the clipboard.
    pub fn yank(&mut self, name: Option<char>, content: Register) {
        match name {
            Some('_') => {}
            None | Some('"') => self.set('0', content, true),
            Some(name) => self.set(name, content, true),
        }
    }

    /// Puts deleted things into a register. `numbered` are rows, and what was deleted
    /// over a search or a mark; the others are small.
    pub fn delete(&mut self, name: Option<char>, content: Register, numbered: bool) {
        if name == Some('_') {
            return;
        }
        let named = name.filter(|name| *name != '"');
        if let Some(name) = named {
            self.set(name, content.clone(), true);
        }
        if numbered {
            for number in ('1'..'9').rev() {
                let next = char::from_u32(number as u32 + 1).unwrap_or('9');
                match self.held.remove(&number) {
                    Some(held) => self.held.insert(next, held),
                    None => self.held.remove(&next),
                };
            }
            // What was added to a capital register is still what "" means.
            let adds = named.is_some_and(|name| name.is_ascii_uppercase());
            self.set('1', content, !adds);
        } else if named.is_none() {
            self.set('-', content, true);
        }
    }

    /// Puts something into a register and nothing else: a macro that was recorded.
    pub fn record(&mut self, name: char, content: Register) {
        let last = self.last;
        self.set(name, content, false);
        self.last = last;
    }

    fn set(&mut self, name: char, content: Register, used: bool) {
        let small = match name {
            '*' => '+',
            name => name.to_ascii_lowercase(),
        };
        match self.held.get_mut(&small).filter(|_| name.is_ascii_uppercase()) {
            Some(held) => held.append(content),
            None => _ = self.held.insert(small, content),
        }
        if used {
            self.last = Some(small);
        }
    }

    /// Takes what the terminal has pasted where nothing is typed: it is what the clipboard
    /// holds, which nobody can ask the terminal for. Cells apart by tabs where it is one
    /// line; a longer text than a register takes is cut.
    pub fn pasted(&mut self, text: &str) {
        let mut end = text.len().min(LONGEST);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let text = text[..end].replace("\r\n", "\n").replace('\r', "\n");
        let text = text.trim_end_matches('\n');
        let kind = if text.contains('\n') { Kind::Keys } else { Kind::Cells };
        self.held.insert('+', Register { kind, lines: vec![Line { id: None, text: Some(text.to_owned()) }] });
    }

    /// Fills in the texts of rows that were not on screen.
    pub fn learn(&mut self, texts: &BTreeMap<RecordId, String>) {
        for line in self.held.values_mut().flat_map(|held| &mut held.lines) {
            if let (None, Some(text)) = (&line.text, line.id.and_then(|id| texts.get(&id))) {
                line.text = Some(text.clone());
            }
        }
    }

    /// Returns the text of the clipboard's register while it is whole.
    pub fn clipboard(&self) -> Option<String> {
        let held = self.held.get(&'+')?;
        held.lines.iter().all(|line| line.text.is_some()).then(|| held.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Kind as RecordKind;

    fn rows(text: &str) -> Register {
        let id = Some(RecordId::new(RecordKind::Contact, 1));
        Register { kind: Kind::Rows, lines: text.split(' ').map(|text| Line { id, text: Some(text.to_owned()) }).collect() }
    }

    fn told(registers: &Registers) -> String {
        registers.all().map(|(name, held)| format!("{name}={}", held.text().replace('\n', "+"))).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn deletes_move_on_through_the_numbers() {
        let mut registers = Registers::default();
        registers.yank(None, rows("y"));
        for text in ["a", "b", "c"] {
            registers.delete(None, rows(text), true);
        }
        assert_eq!(told(&registers), "\"=c 0=y 1=c 2=b 3=a");
        registers.delete(None, rows("small"), false);
        assert_eq!(told(&registers), "\"=small -=small 0=y 1=c 2=b 3=a");
        registers.delete(Some('_'), rows("gone"), true);
        assert_eq!(registers.get(Some('1')), Some(&rows("c")));
    }

    #[test]
    fn a_capital_adds() {
        let mut registers = Registers::default();
        registers.yank(Some('a'), rows("x"));
        registers.yank(Some('A'), rows("y z"));
        assert_eq!(told(&registers), "\"=x+y+z a=x+y+z");
        registers.record('q', Register::keys("jj"));
        registers.record('Q', Register::keys("dd"));
        assert_eq!(registers.get(Some('q')).map(Register::text).as_deref(), Some("jjdd"));
        assert_eq!(registers.get(None).map(Register::text).as_deref(), Some("x\ny\nz"), "recording uses no register");
    }
}
