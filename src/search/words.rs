//! What is looked for: the folded words of a text, in any order.

use memchr::memmem::Finder;

use crate::domain::fold;

/// More words than these, and longer ones, nobody types to find a record.
const MOST: usize = 16;
const LONGEST: usize = 64;
/// The letters of a word of at most so many bytes say too little to be scattered.
pub(super) const SCATTERED: usize = 2;

/// One word, ready to be looked for in many texts.
#[derive(Debug, Clone)]
pub(super) struct Word {
    pub(super) text: String,
    finder: Finder<'static>,
}

impl Word {
    fn new(text: String) -> Self {
        Self { finder: Finder::new(text.as_bytes()).into_owned(), text }
    }

    /// Returns whether it stands in a text.
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.finder.find(text.as_bytes()).is_some()
    }

    /// Returns the bytes where it begins in a text.
    pub(super) fn places<'t>(&'t self, text: &'t str) -> impl Iterator<Item = usize> + 't {
        self.finder.find_iter(text.as_bytes())
    }
}

/// The words of a query.
#[derive(Debug, Clone, Default)]
pub struct Words {
    words: Vec<Word>,
    whole: String,
    mask: u64,
}

impl Words {
    /// Returns the words of what was typed.
    pub fn of(text: &str) -> Self {
        let cut = |word: &str| word.chars().take(LONGEST).collect::<String>();
        let words: Vec<String> = fold::fold(text).split_whitespace().take(MOST).map(cut).collect();
        let mask = words.iter().fold(0, |mask, word| mask | letters_of(word));
        Self { whole: words.join(" "), words: words.into_iter().map(Word::new).collect(), mask }
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

    /// Returns all of them as one phrase.
    pub fn whole(&self) -> &str {
        &self.whole
    }

    /// Returns the letters that every hit has.
    pub fn mask(&self) -> u64 {
        self.mask
    }

    /// Returns whether all that is found with these was found with the others too:
    /// then only those need to be looked at. A word of two letters is not scattered
    /// over a name, one of three is: so it finds what the shorter one did not.
    pub fn narrow(&self, others: &Self) -> bool {
        let scattered = others.words.last().is_some_and(|word| word.text.len() > SCATTERED);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_on_narrows() {
        let narrow = |one: &str, other: &str| Words::of(one).narrow(&Words::of(other));
        assert!(narrow("ada n", "ada") && narrow("Adam", "ada") && narrow("Ád a", "ad"));
        assert!(!narrow("ada", "ada n") && !narrow("ada", "") && !narrow("bada", "ada") && !narrow("ada", "ad"));
    }

    #[test]
    fn words_are_bounded() {
        let words = Words::of(&"ab ".repeat(1_000));
        assert_eq!(words.iter().count(), MOST);
        assert_eq!(Words::of(&"x".repeat(10_000)).whole().len(), LONGEST);
    }
}
