//! One line of text that is being typed: the prompt, a cell.

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

/// A text and a cursor in it, moved by graphemes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextInput {
    text: String,
    /// A byte of the text, at the boundary of a grapheme.
    cursor: usize,
}

impl TextInput {
    /// Returns an input with this text, the cursor at its end.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { cursor: text.len(), text }
    }

    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the text before the cursor.
    pub fn before(&self) -> &str {
        &self.text[..self.cursor]
    }

    /// Returns the text behind the cursor.
    pub fn behind(&self) -> &str {
        &self.text[self.cursor..]
    }

    /// Types text. Line breaks become spaces: a paste is text, never a key.
    pub fn insert(&mut self, text: &str) {
        let line: String = text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c }).collect();
        self.text.insert_str(self.cursor, &line);
        self.cursor = self.boundary(self.cursor + line.len());
    }

    /// Types a text with its line breaks, where there may be several lines.
    pub fn insert_lines(&mut self, text: &str) {
        let lines = text.replace("\r\n", "\n").replace('\r', "\n");
        self.text.insert_str(self.cursor, &lines);
        self.cursor = self.boundary(self.cursor + lines.len());
    }

    /// Replaces the text between a byte and the cursor: a completion.
    pub fn replace_from(&mut self, start: usize, text: &str) {
        let start = start.min(self.cursor);
        self.text.replace_range(start..self.cursor, text);
        self.cursor = self.boundary(start + text.len());
    }

    /// Deletes the grapheme before the cursor; returns false at the beginning.
    pub fn delete_back(&mut self) -> bool {
        let start = self.previous();
        self.cut(start, self.cursor)
    }

    /// Deletes the grapheme under the cursor.
    pub fn delete(&mut self) -> bool {
        let end = self.next();
        self.cut(self.cursor, end)
    }

    /// Deletes the word before the cursor.
    pub fn delete_word(&mut self) -> bool {
        let start = self.word_start();
        self.cut(start, self.cursor)
    }

    /// Deletes everything before the cursor.
    pub fn delete_line(&mut self) -> bool {
        self.cut(0, self.cursor)
    }

    /// Moves a grapheme to the left.
    pub fn left(&mut self) {
        self.cursor = self.previous();
    }

    /// Moves a grapheme to the right.
    pub fn right(&mut self) {
        self.cursor = self.next();
    }

    /// Moves to the beginning of the word.
    pub fn word_left(&mut self) {
        self.cursor = self.word_start();
    }

    /// Moves behind the word.
    pub fn word_right(&mut self) {
        let rest = self.behind();
        let skipped = rest.len() - rest.trim_start().len();
        let word = rest[skipped..].find(char::is_whitespace).unwrap_or(rest.len() - skipped);
        self.cursor = self.boundary(self.cursor + skipped + word);
    }

    /// Moves to the beginning.
    pub fn home(&mut self) {
        self.cursor = 0;
    }

    /// Moves to the end.
    pub fn end(&mut self) {
        self.cursor = self.text.len();
    }

    fn cut(&mut self, start: usize, end: usize) -> bool {
        self.text.replace_range(start..end, "");
        self.cursor = self.boundary(start);
        start != end
    }

    fn previous(&self) -> usize {
        self.before().grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn next(&self) -> usize {
        self.cursor + self.behind().graphemes(true).next().map_or(0, str::len)
    }

    fn word_start(&self) -> usize {
        let is_space = |grapheme: &str| grapheme.starts_with(char::is_whitespace);
        let back = self.before().grapheme_indices(true).rev().skip_while(|(_, grapheme)| is_space(grapheme));
        back.take_while(|(_, grapheme)| !is_space(grapheme)).last().map_or(0, |(at, _)| at)
    }

    /// Returns the nearest boundary of a grapheme at or behind a byte: what was
    /// typed may have joined its neighbours.
    fn boundary(&self, at: usize) -> usize {
        let mut cursor = GraphemeCursor::new(at, self.text.len(), true);
        match cursor.is_boundary(&self.text, 0) {
            Ok(true) => at,
            _ => cursor.next_boundary(&self.text, 0).ok().flatten().unwrap_or(self.text.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn types_and_deletes_graphemes() {
        let mut input = TextInput::new("a👨‍👩‍👧é");
        input.delete_back();
        assert_eq!(input.text(), "a👨‍👩‍👧");
        input.left();
        assert_eq!((input.before(), input.behind()), ("a", "👨‍👩‍👧"));
        input.insert("x\ny");
        assert_eq!(input.text(), "ax y👨‍👩‍👧");
        input.delete();
        assert_eq!(input.text(), "ax y");
        input.delete_word();
        assert_eq!(input.text(), "ax ");
    }

    proptest! {
        #[test]
        fn never_stands_inside_a_grapheme(text in "\\PC{0,12}", moves in prop::collection::vec(0..10_u8, 0..24)) {
            let mut input = TextInput::new(text);
            for step in moves {
                match step {
                    0 => input.left(),
                    1 => input.right(),
                    2 => _ = input.delete_back(),
                    3 => _ = input.delete(),
                    4 => input.insert("\u{301}é"),
                    5 => input.word_left(),
                    6 => input.word_right(),
                    7 => _ = input.delete_word(),
                    8 => input.insert("\u{1F1E8}"),
                    _ => input.home(),
                }
                let at = input.before().len();
                let whole = input.text().to_owned();
                prop_assert!(at == whole.len() || whole.grapheme_indices(true).any(|(start, _)| start == at));
            }
        }
    }
}
