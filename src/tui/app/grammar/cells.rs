//! The cursor among the cells of a row, and in the text of a cell.
//!
//! `h l 0 $` go by cells; `w b e f t` by words and characters, on from one cell
//! into the next, as they go on from one line into the next in Vim. Offsets count
//! graphemes. This module knows texts only.

use unicode_segmentation::UnicodeSegmentation;

/// A place in a row: a cell, and a grapheme in its text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The cell, from 0.
    pub cell: usize,
    /// The grapheme in the cell's text, from 0.
    pub offset: usize,
}

impl Spot {
    /// Returns the beginning of a cell.
    pub fn cell(cell: usize) -> Self {
        Self { cell, offset: 0 }
    }
}

/// Which way a character is looked for, and where the cursor stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Jump {
    /// Towards the end of the row.
    pub forward: bool,
    /// Just before the character instead of on it.
    pub till: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Space,
    Punctuation,
    Word,
}

fn class(grapheme: &str) -> Class {
    match grapheme.chars().next() {
        Some(c) if c.is_alphanumeric() || c == '_' => Class::Word,
        Some(c) if c.is_whitespace() => Class::Space,
        None => Class::Space,
        Some(_) => Class::Punctuation,
    }
}

/// Every grapheme of a row with its place, in order.
fn spots(cells: &[String]) -> Vec<(Spot, &str)> {
    let mut all = Vec::new();
    for (cell, text) in cells.iter().enumerate() {
        all.extend(text.graphemes(true).enumerate().map(|(offset, grapheme)| (Spot { cell, offset }, grapheme)));
    }
    all
}

/// A word begins where the class changes, and with each cell.
fn begins_word(all: &[(Spot, &str)], at: usize) -> bool {
    let here = class(all[at].1);
    here != Class::Space && (at == 0 || class(all[at - 1].1) != here || all[at - 1].0.cell != all[at].0.cell)
}

fn ends_word(all: &[(Spot, &str)], at: usize) -> bool {
    let here = class(all[at].1);
    here != Class::Space && (at + 1 == all.len() || class(all[at + 1].1) != here || all[at + 1].0.cell != all[at].0.cell)
}

/// Returns the beginning of the next word: `w`.
pub fn next_word(cells: &[String], from: Spot) -> Option<Spot> {
    let all = spots(cells);
    (0..all.len()).find(|&at| all[at].0 > from && begins_word(&all, at)).map(|at| all[at].0)
}

/// Returns the beginning of the word before: `b`.
pub fn previous_word(cells: &[String], from: Spot) -> Option<Spot> {
    let all = spots(cells);
    (0..all.len()).rev().find(|&at| all[at].0 < from && begins_word(&all, at)).map(|at| all[at].0)
}

/// Returns the end of the word: `e`.
pub fn end_of_word(cells: &[String], from: Spot) -> Option<Spot> {
    let all = spots(cells);
    (0..all.len()).find(|&at| all[at].0 > from && ends_word(&all, at)).map(|at| all[at].0)
}

/// Returns where a character stands in the row: `f t F T`, the count's one.
pub fn find(cells: &[String], from: Spot, wanted: char, jump: Jump, count: usize) -> Option<Spot> {
    let all = spots(cells);
    let is_wanted = |at: &usize| all[*at].1.starts_with(wanted);
    let nth = count.max(1) - 1;
    if jump.forward {
        let start = all.iter().position(|(spot, _)| *spot > from)?;
        let hit = (start..all.len()).filter(is_wanted).nth(nth)?;
        Some(if jump.till { all[hit.checked_sub(1)?].0 } else { all[hit].0 })
    } else {
        let end = all.iter().rposition(|(spot, _)| *spot < from)?;
        let hit = (0..=end).rev().filter(is_wanted).nth(nth)?;
        Some(all[hit + usize::from(jump.till)].0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Vec<String> {
        ["Ada Novák", "", "ada@x.example", "+420 601"].map(str::to_owned).to_vec()
    }

    #[test]
    fn words_go_on_into_the_next_cell() {
        let row = row();
        let mut spot = Spot::default();
        let mut stops = Vec::new();
        while let Some(next) = next_word(&row, spot) {
            stops.push((next.cell, next.offset));
            spot = next;
        }
        assert_eq!(stops, [(0, 4), (2, 0), (2, 3), (2, 4), (2, 5), (2, 6), (3, 0), (3, 1), (3, 5)]);
        assert_eq!(previous_word(&row, Spot { cell: 2, offset: 0 }), Some(Spot { cell: 0, offset: 4 }));
        assert_eq!(end_of_word(&row, Spot::default()), Some(Spot { cell: 0, offset: 2 }));
        assert_eq!(end_of_word(&row, Spot { cell: 0, offset: 8 }), Some(Spot { cell: 2, offset: 2 }));
    }

    #[test]
    fn characters_are_found_both_ways() {
        let row = row();
        let on = |forward, till| Jump { forward, till };
        assert_eq!(find(&row, Spot::default(), 'x', on(true, false), 1), Some(Spot { cell: 2, offset: 4 }));
        assert_eq!(find(&row, Spot::default(), 'x', on(true, true), 1), Some(Spot { cell: 2, offset: 3 }));
        assert_eq!(find(&row, Spot { cell: 3, offset: 0 }, 'a', on(false, false), 2), Some(Spot { cell: 2, offset: 2 }));
        assert_eq!(find(&row, Spot { cell: 3, offset: 0 }, 'a', on(false, true), 1), Some(Spot { cell: 2, offset: 9 }));
        assert_eq!(find(&row, Spot::default(), 'q', on(true, false), 1), None);
    }
}
