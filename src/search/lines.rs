//! Folded lines of records, one after the other in one buffer, with what tells quickly
//! that a line need not be looked at.

use std::borrow::Cow;

use super::words::{firsts_of, letters_of};
use crate::domain::{Kind, RecordId, fold};

/// The most bytes of a name and of what stands beside it.
const NAME: usize = 200;
const BESIDE: usize = 160;
/// The most bytes of text, so that a place in it is a small number.
const FULL: usize = 1 << 30;
/// What stands behind each part of a line: no word has it.
const END: u8 = b'\n';

/// What a record is found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The record.
    pub id: RecordId,
    /// What it is called.
    pub name: String,
    /// What else it is found by: mail, phone, company, tags.
    pub beside: String,
}

#[derive(Debug, Clone, Copy)]
struct Line {
    number: u64,
    start: u32,
    kind: Kind,
    name: u8,
    latin: u8,
}

/// Folded lines, one after the other: name, its Latin spelling, what else is known.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    text: String,
    lines: Vec<Line>,
    /// The letters of each name, and the letters that its words begin with.
    masks: Vec<u64>,
    firsts: Vec<u32>,
}

/// The parts of a line, folded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts<'l> {
    pub(super) name: &'l str,
    pub(super) latin: &'l str,
    pub(super) beside: &'l str,
}

fn cut(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Returns a text without what ends a line.
fn one_line(text: &str) -> Cow<'_, str> {
    match memchr::memchr(END, text.as_bytes()) {
        None => Cow::Borrowed(text),
        Some(_) => Cow::Owned(text.replace(END as char, " ")),
    }
}

impl Lines {
    /// Adds a record.
    pub fn push(&mut self, id: RecordId, name: &str, beside: &str) {
        let (name, beside) = (one_line(name.trim()), one_line(beside));
        let name = fold::fold_cow(&name);
        // What is no Latin is found by its letters and by its sound.
        let latin = if name.is_ascii() { String::new() } else { fold::latin(&name) };
        let beside = fold::fold_cow(&beside);
        let (name, latin, mut beside) = (cut(&name, NAME), cut(&latin, NAME), cut(&beside, BESIDE).to_owned());
        if !beside.is_ascii() {
            let other: Vec<String> = beside.split_whitespace().filter(|word| !word.is_ascii()).map(fold::latin).collect();
            beside = format!("{beside} {}", other.join(" "));
            beside.truncate(cut(&beside, 2 * BESIDE).len());
        }
        let start = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        for part in [name, latin, &beside] {
            // A line of its own would end the line here.
            self.text.push_str(part);
            self.text.push(END as char);
        }
        let length = |part: &str| u8::try_from(part.len()).unwrap_or(u8::MAX);
        self.lines.push(Line { number: id.number, start, kind: id.kind, name: length(name), latin: length(latin) });
        self.masks.push(letters_of(name) | letters_of(latin));
        self.firsts.push(firsts_of(name) | firsts_of(latin));
    }

    /// Takes a line over from others.
    pub(super) fn take(&mut self, others: &Self, at: usize) {
        let Some(line) = others.lines.get(at) else { return };
        let start = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        self.text.push_str(others.text.get(others.start(at)..others.start(at + 1)).unwrap_or_default());
        self.lines.push(Line { start, ..*line });
        self.masks.push(others.masks[at]);
        self.firsts.push(others.firsts[at]);
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Returns whether the next lines should stand in a buffer of their own.
    pub fn is_full(&self) -> bool {
        self.text.len() >= FULL
    }

    /// Returns how many bytes of memory they take.
    pub fn bytes(&self) -> usize {
        self.text.capacity() + self.lines.capacity() * size_of::<Line>() + self.masks.capacity() * 8 + self.firsts.capacity() * 4
    }

    /// Gives back what memory is not needed when nothing more is added.
    pub(super) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.lines.shrink_to_fit();
        self.masks.shrink_to_fit();
        self.firsts.shrink_to_fit();
    }

    /// Returns the record of a line.
    pub(super) fn id(&self, at: usize) -> RecordId {
        RecordId::new(self.lines[at].kind, self.lines[at].number)
    }

    /// Returns the kind of a line's record, and how long its name is.
    pub(super) fn brief(&self, at: usize) -> (Kind, u8) {
        (self.lines[at].kind, self.lines[at].name)
    }

    /// Returns the letters of a name, and those that its words begin with.
    pub(super) fn letters(&self, at: usize) -> (u64, u32) {
        (self.masks[at], self.firsts[at])
    }

    /// Returns the byte where a line begins; that behind the last line is the end.
    pub(super) fn start(&self, at: usize) -> usize {
        self.lines.get(at).map_or(self.text.len(), |line| line.start as usize)
    }

    /// Returns the byte where a line's name and its Latin spelling end.
    pub(super) fn end_of_names(&self, at: usize) -> usize {
        let line = &self.lines[at];
        line.start as usize + usize::from(line.name) + usize::from(line.latin) + 2
    }

    /// Returns all lines as bytes.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// Returns the parts of a line.
    pub(super) fn parts(&self, at: usize) -> Parts<'_> {
        let line = &self.lines[at];
        let start = line.start as usize;
        let latin = start + usize::from(line.name) + 1;
        let beside = self.end_of_names(at);
        let part = |from: usize, to: usize| self.text.get(from..to).unwrap_or_default();
        Parts { name: part(start, latin - 1), latin: part(latin, beside - 1), beside: part(beside, self.start(at + 1).saturating_sub(1)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_gives_back_its_parts() {
        let mut lines = Lines::default();
        let id = |number| RecordId::new(Kind::Contact, number);
        lines.push(id(1), "Ада\nНовак", "АО Ромашка\nc1");
        lines.push(id(2), "", "");
        lines.push(id(3), &"ž".repeat(1_000), &"é".repeat(1_000));
        let parts = lines.parts(0);
        assert_eq!((parts.name, parts.latin, parts.beside), ("ада новак", "ada novak", "ао ромашка c1 ao romashka"));
        let parts = lines.parts(1);
        assert_eq!((parts.name, parts.latin, parts.beside), ("", "", ""));
        let parts = lines.parts(2);
        assert_eq!((parts.name.len(), parts.latin.len(), parts.beside.len()), (200, 0, 160));
        let mut others = Lines::default();
        others.take(&lines, 2);
        others.take(&lines, 0);
        assert_eq!((others.parts(1).latin, others.id(1), others.len()), ("ada novak", id(1), 2));
    }
}
