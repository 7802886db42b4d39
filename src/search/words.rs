//! What is looked for: the folded words of a text, in any order.

use memchr::memmem::Finder;

use crate::domain::fold;

/// More words than these, and longer ones, nobody types to find a record.
const MOST: usize = 16;
const LONGEST: usize = 64;
/// The letters of a word of at most so many say too little to be scattered.
const SCATTERED: usize = 2;

/// One word, ready to be looked for in many texts.
#[derive(Debug, Clone)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) letters: Vec<char>,
    /// What a name has that has all its letters.
    mask: u64,
    /// What words begin with, of which it is the initials: all of them where it has two
    /// letters, else the first.
    firsts: u32,
    finder: Finder<'static>,
}

impl Word {
    fn new(text: String) -> Self {
        let letters: Vec<char> = text.chars().collect();
        let firsts = letters.iter().take(if letters.len() == 2 { 2 } else { 1 }).fold(0, |bits, c| bits | first_of(*c));
        Self { mask: letters_of(&text), firsts, finder: Finder::new(text.as_bytes()).into_owned(), letters, text }
    }

    /// Returns where it stands first in some bytes.
    pub(super) fn find(&self, bytes: &[u8]) -> Option<usize> {
        self.finder.find(bytes)
    }

    /// Returns the bytes where it begins in a text.
    pub(super) fn places<'t>(&'t self, text: &'t str) -> impl Iterator<Item = usize> + 't {
        self.finder.find_iter(text.as_bytes())
    }

    /// Returns its mask if it is one letter or digit, of which the masks of names know all.
    pub(super) fn as_letter(&self) -> Option<u64> {
        (self.text.len() == 1 && self.text.as_bytes()[0].is_ascii_alphanumeric()).then_some(self.mask)
    }

    /// Returns whether its letters may be scattered over a name and still say something.
    pub(super) fn may_scatter(&self) -> bool {
        self.letters.len() > SCATTERED
    }

    /// Returns whether its letters may stand in a name with these letters, and with words
    /// that begin with these: in order, or as initials.
    pub(super) fn may_be_in(&self, mask: u64, firsts: u32) -> bool {
        mask & self.mask == self.mask && self.letters.len() > 1 && (self.may_scatter() || self.may_begin(firsts))
    }

    /// Returns whether it may stand at the beginnings of words.
    pub(super) fn may_begin(&self, firsts: u32) -> bool {
        firsts & self.firsts == self.firsts
    }
}

/// The words of a query.
#[derive(Debug, Clone, Default)]
pub struct Words {
    words: Vec<Word>,
    whole: String,
    lead: usize,
}

impl Words {
    /// Returns the words of what was typed.
    pub fn of(text: &str) -> Self {
        let cut = |word: &str| word.chars().take(LONGEST).collect::<String>();
        let words: Vec<String> = fold::fold(text).split_whitespace().take(MOST).map(cut).collect();
        let whole = words.join(" ");
        let words: Vec<Word> = words.into_iter().map(Word::new).collect();
        // The longest one is found least often.
        let lead = (0..words.len()).rev().max_by_key(|word| words[*word].text.len()).unwrap_or(0);
        Self { words, whole, lead }
    }

    /// Returns whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Returns the folded words.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|word| word.text.as_str())
    }

    /// Returns them ready to be looked for.
    pub(super) fn each(&self) -> &[Word] {
        &self.words
    }

    /// Returns the word that is to be looked for first.
    pub(super) fn lead(&self) -> Option<&Word> {
        self.words.get(self.lead)
    }

    /// Returns all of them as one phrase.
    pub fn whole(&self) -> &str {
        &self.whole
    }

    /// Returns whether all that is found with these was found with the others too:
    /// then only those need to be looked at. A word of two letters is not scattered
    /// over a name, one of three is: so it finds what the shorter one did not.
    pub fn narrow(&self, others: &Self) -> bool {
        let scattered = others.words.last().is_some_and(Word::may_scatter);
        let same = others.iter().zip(self.iter()).all(|(one, other)| one == other) && others.words.len() <= self.words.len();
        self.whole.starts_with(&others.whole) && (scattered || same && !others.is_empty())
    }
}

/// Returns a bit for each letter and digit of a folded text, with one for all others.
pub(super) fn letters_of(text: &str) -> u64 {
    text.bytes().fold(0, |mask, byte| {
        mask | match byte {
            b'a'..=b'z' => 1 << (byte - b'a'),
            b'0'..=b'9' => 1 << (26 + byte - b'0'),
            b' ' => 0,
            b'.' => 1 << 36,
            b'-' => 1 << 37,
            b'@' => 1 << 38,
            // What is no ASCII falls into the rest by its last bits.
            other => 1 << (40 + (other & 15)),
        }
    })
}

/// Returns a bit for each letter with which a word of a folded text begins.
pub(super) fn firsts_of(text: &str) -> u32 {
    let mut inside = false;
    text.chars().fold(0, |bits, c| {
        let begins = !std::mem::replace(&mut inside, c.is_alphanumeric()) && inside;
        if begins { bits | first_of(c) } else { bits }
    })
}

fn first_of(c: char) -> u32 {
    match c {
        'a'..='z' => 1 << (c as u32 - 'a' as u32),
        '0'..='9' => 1 << (26 + (c as u32 & 1)),
        c if c.is_ascii() => 1 << 28,
        c => 1 << (29 + c as u32 % 3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_on_narrows() {
        let narrow = |one: &str, other: &str| Words::of(one).narrow(&Words::of(other));
        assert!(narrow("ada n", "ada") && narrow("Adam", "ada") && narrow("Ád a", "ad") && narrow("ивана", "ива"));
        assert!(!narrow("ada", "ada n") && !narrow("ada", "") && !narrow("bada", "ada") && !narrow("ada", "ad") && !narrow("ива", "ив"));
    }

    #[test]
    fn words_are_bounded() {
        let words = Words::of(&"ab ".repeat(1_000));
        assert_eq!(words.iter().count(), MOST);
        assert_eq!(Words::of(&"x".repeat(10_000)).whole().len(), LONGEST);
    }
}
