//! Text from the data, made safe for the terminal and measured in columns.
//!
//! Every function here takes a text as it is and gives back what may be drawn:
//! what a terminal would obey, what would turn a text around and what is not
//! seen becomes a visible placeholder. Columns are those that the drawing
//! library counts (grapheme by grapheme), so that what is said to fit fits; no
//! grapheme is ever split. This module knows texts and nothing of what they
//! mean.
//!
//! Work is bounded by the columns asked for, not by the length of the text.

mod hostile;
mod wrap;

use std::borrow::Cow;

use ratatui::buffer::CellWidth;
use unicode_segmentation::UnicodeSegmentation;

use self::hostile::{is_hostile, is_zero_width, sign};

pub use wrap::wrap;

/// What stands for text that was left out.
pub const ELLIPSIS: &str = "…";

/// How many characters without a column a grapheme may have. More are not
/// writing but an attack on the rows around it (Vietnamese needs 2, Hebrew with
/// all its signs 4, the flag of Scotland 6).
const MOST_MARKS: usize = 8;

/// How many bytes of a text are looked at for each column asked for. The longest
/// emoji sequences have less.
const BYTES_A_COLUMN: usize = 64;

/// A part of a text: as it is, or a placeholder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What is drawn.
    pub text: String,
    /// Whether it stands for something that may not be drawn.
    pub placeholder: bool,
}

/// On which side a text stands in its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// At the left, as words do.
    Left,
    /// At the right, as numbers do.
    Right,
}

/// Returns a text that may be drawn as it is, on one line: a line break in it is
/// a placeholder too.
pub fn safe(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut changed = false;
    convert(text, &mut |part, placeholder| {
        shown.push_str(part);
        changed |= placeholder;
        true
    });
    if changed { Cow::Owned(shown) } else { Cow::Borrowed(text) }
}

/// Returns whether a text may be drawn as it is.
pub fn is_safe(text: &str) -> bool {
    is_plain(text) || {
        let mut safe = true;
        convert(text, &mut |_, placeholder| {
            safe &= !placeholder;
            safe
        });
        safe
    }
}

/// Returns a text with its line breaks, tabs and runs of spaces as one space, for
/// a row that shows the beginning of a longer text.
pub fn one_line(text: &str) -> Cow<'_, str> {
    let is_blank = |character: char| matches!(character, ' ' | '\t' | '\n' | '\r');
    let has_run = text.contains("  ") || text.starts_with(' ') || text.ends_with(' ');
    if !has_run && !text.contains(['\t', '\n', '\r']) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split(is_blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "))
}

/// Returns how many columns a text takes, placeholders included.
pub fn width(text: &str) -> usize {
    if is_plain(text) {
        return text.len();
    }
    let mut columns = 0;
    convert(text, &mut |part, _| {
        columns += drawn_width(part);
        true
    });
    columns
}

/// Returns a text in at most so many columns; what is cut off leaves `…`.
pub fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if text.len() <= columns && is_plain(text) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(pieces(text, columns).into_iter().map(|piece| piece.text).collect())
}

/// Returns the end of a text in at most so many columns; what is cut off at the
/// beginning leaves `…`.
pub fn cut_start(text: &str, columns: usize) -> Cow<'_, str> {
    if text.len() <= columns && is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut from = text.len().saturating_sub((columns + 1).saturating_mul(BYTES_A_COLUMN));
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let shown = safe(&text[from..]).into_owned();
    if from == 0 && drawn_width(&shown) <= columns {
        return Cow::Owned(shown);
    }
    let mut left = columns.saturating_sub(drawn_width(ELLIPSIS));
    let mut start = shown.len();
    for (at, grapheme) in shown.grapheme_indices(true).rev() {
        let width = drawn_width(grapheme);
        if width > left {
            break;
        }
        left -= width;
        start = at;
    }
    Cow::Owned(if columns == 0 { String::new() } else { format!("{ELLIPSIS}{}", &shown[start..]) })
}

/// Returns a text in exactly so many columns, cut or filled with spaces.
pub fn fit(text: &str, columns: usize, side: Side) -> String {
    let mut shown = cut(text, columns).into_owned();
    let space = columns.saturating_sub(drawn_width(&shown));
    match side {
        Side::Left => shown.extend(std::iter::repeat_n(' ', space)),
        Side::Right => shown.insert_str(0, &" ".repeat(space)),
    }
    shown
}

/// Returns a text in at most so many columns, its placeholders apart, so that
/// they can be drawn in their own style.
pub fn pieces(text: &str, columns: usize) -> Vec<Piece> {
    pieces_of(text, columns, false)
}

/// Returns a text in at most so many columns; `over` says that more follows it,
/// so that it ends with `…` even if all of it fits.
fn pieces_of(text: &str, columns: usize, over: bool) -> Vec<Piece> {
    let bound = columns.saturating_add(1).saturating_mul(BYTES_A_COLUMN);
    let mut end = text.len().min(bound);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut row = Row { pieces: Vec::new(), columns, used: 0, before_last: 0, over: over || end < text.len() };
    convert(&text[..end], &mut |part, placeholder| row.add(part, placeholder));
    row.finish()
}

/// Pieces that are gathered until the columns are used up.
struct Row {
    pieces: Vec<Piece>,
    columns: usize,
    used: usize,
    /// How many of the used columns leave room for the ellipsis.
    before_last: usize,
    /// Whether there is more than fits.
    over: bool,
}

impl Row {
    /// Adds a part, as much of it as fits; returns whether there is room.
    fn add(&mut self, part: &str, placeholder: bool) -> bool {
        for grapheme in part.graphemes(true) {
            let width = drawn_width(grapheme);
            if self.used + width > self.columns {
                self.over = true;
                return false;
            }
            self.used += width;
            if self.used + drawn_width(ELLIPSIS) <= self.columns {
                self.before_last = self.used;
            }
            match self.pieces.last_mut() {
                Some(last) if last.placeholder == placeholder => last.text.push_str(grapheme),
                _ => self.pieces.push(Piece { text: grapheme.to_owned(), placeholder }),
            }
        }
        true
    }

    /// Returns the pieces; if something is left out, an ellipsis ends them.
    fn finish(mut self) -> Vec<Piece> {
        if !self.over || self.columns == 0 {
            return self.pieces;
        }
        while self.used > self.before_last {
            let Some(last) = self.pieces.last_mut() else { break };
            let Some((at, grapheme)) = last.text.grapheme_indices(true).next_back() else {
                self.pieces.pop();
                continue;
            };
            self.used -= drawn_width(grapheme);
            last.text.truncate(at);
        }
        match self.pieces.last_mut() {
            Some(last) if !last.placeholder => last.text.push_str(ELLIPSIS),
            _ => self.pieces.push(Piece { text: ELLIPSIS.to_owned(), placeholder: false }),
        }
        self.pieces.retain(|piece| !piece.text.is_empty());
        self.pieces
    }
}

/// Returns whether a text is printable ASCII, a byte a column.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Returns how many columns the drawing library gives a text that is safe.
fn drawn_width(text: &str) -> usize {
    if is_plain(text) {
        return text.len();
    }
    text.graphemes(true).map(|grapheme| usize::from(grapheme.cell_width())).sum()
}

/// Gives a text part by part, each as it is or as a placeholder; stops when told
/// that no more is wanted.
fn convert(text: &str, give: &mut impl FnMut(&str, bool) -> bool) {
    let mut plain_from = 0;
    for (start, grapheme) in text.grapheme_indices(true) {
        let end = start + grapheme.len();
        if is_fine(grapheme, &text[end..]) {
            continue;
        }
        if plain_from < start && !give(&text[plain_from..start], false) {
            return;
        }
        plain_from = end;
        if !convert_grapheme(grapheme, &text[end..], give) {
            return;
        }
    }
    if plain_from < text.len() {
        give(&text[plain_from..], false);
    }
}

/// Returns whether a grapheme may be drawn as it is.
fn is_fine(grapheme: &str, rest: &str) -> bool {
    if let [byte] = grapheme.as_bytes() {
        return matches!(byte, b' '..=b'~');
    }
    let mut marks = 0;
    for (at, character) in grapheme.char_indices() {
        let after = at + character.len_utf8();
        let following = if after < grapheme.len() { &grapheme[after..] } else { joined_rest(character, rest) };
        if is_hostile(&grapheme[..at], character, following) {
            return false;
        }
        marks += usize::from(is_zero_width(character));
    }
    marks <= MOST_MARKS && grapheme.cell_width() > 0
}

/// Returns what a character at the end of a grapheme has after it: a non-joiner
/// is told by the letter that begins the next grapheme, others end with theirs.
fn joined_rest(character: char, rest: &str) -> &str {
    if character == '\u{200c}' { rest } else { "" }
}

/// Gives a grapheme that may not be drawn as it is.
fn convert_grapheme(grapheme: &str, rest: &str, give: &mut impl FnMut(&str, bool) -> bool) -> bool {
    let mut fine = String::new();
    let mut marks = 0;
    let mut dropped = 0_usize;
    for (at, character) in grapheme.char_indices() {
        let after = at + character.len_utf8();
        let following = if after < grapheme.len() { &grapheme[after..] } else { joined_rest(character, rest) };
        let zero = is_zero_width(character);
        if is_hostile(&grapheme[..at], character, following) {
            if !give_fine(&mut fine, give) || !give(&sign(character), true) {
                return false;
            }
        } else if zero && marks == MOST_MARKS {
            dropped += 1;
        } else {
            marks += usize::from(zero);
            if !zero && dropped > 0 {
                // What goes on after marks that were left out is apart.
                if !give_fine(&mut fine, give) || !give(&format!("‹+{dropped}›"), true) {
                    return false;
                }
                (marks, dropped) = (0, 0);
            }
            fine.push(character);
        }
    }
    give_fine(&mut fine, give) && (dropped == 0 || give(&format!("‹+{dropped}›"), true))
}

/// Gives what was gathered, if anything; marks without a letter get a circle to
/// stand on.
fn give_fine(fine: &mut String, give: &mut impl FnMut(&str, bool) -> bool) -> bool {
    let part = std::mem::take(fine);
    let first = part.graphemes(true).next().unwrap_or_default();
    if first.is_empty() || drawn_width(first) > 0 {
        return part.is_empty() || give(&part, false);
    }
    let rest = &part[first.len()..];
    let standing = format!("\u{25cc}{first}");
    // A vowel of Hangul without its consonant does not stand on a circle.
    let shown = if standing.graphemes(true).count() == 1 { standing } else { first.chars().map(sign).collect() };
    give(&shown, true) && (rest.is_empty() || give(rest, false))
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
