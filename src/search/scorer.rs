//! How well a word stands in a text, letter by letter: behind a trait, so that the
//! matcher can be another one.

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

use super::words::Words;
use crate::domain::fold;

/// The most letters of a text that are scored: the time grows with them.
const LONGEST: usize = 200;

/// Scores folded words in folded texts.
pub trait Scorer: Send + Sync {
    /// Returns how well the letters of a word stand in a text, more being better;
    /// `None` if they are not all there in their order.
    fn score(&self, text: &str, word: &str) -> Option<i64>;

    /// Returns which characters of the text the word's letters are, from 0.
    fn letters(&self, text: &str, word: &str) -> Option<Vec<usize>>;
}

/// The matcher of skim, by the `fuzzy-matcher` crate. It folds nothing itself: what
/// it is given is folded.
pub struct Skim(SkimMatcherV2);

impl Default for Skim {
    fn default() -> Self {
        Self(SkimMatcherV2::default().respect_case())
    }
}

impl std::fmt::Debug for Skim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Skim")
    }
}

fn cut(text: &str) -> &str {
    text.char_indices().nth(LONGEST).map_or(text, |(end, _)| &text[..end])
}

impl Scorer for Skim {
    fn score(&self, text: &str, word: &str) -> Option<i64> {
        self.0.fuzzy_match(cut(text), word)
    }

    fn letters(&self, text: &str, word: &str) -> Option<Vec<usize>> {
        self.0.fuzzy_indices(cut(text), word).map(|(_, at)| at)
    }
}

/// Returns which characters of a text as it is shown the words matched, ascending.
pub fn letters(text: &str, words: &Words, scorer: &dyn Scorer) -> Vec<usize> {
    let mut folded = String::new();
    // For each folded character the one that it came from.
    let mut from = Vec::new();
    for (at, c) in text.chars().enumerate().take(LONGEST) {
        let part = fold::fold(c.encode_utf8(&mut [0; 4]));
        from.extend(part.chars().map(|_| at));
        folded.push_str(&part);
    }
    let mut found: Vec<usize> = Vec::new();
    for word in words.iter() {
        let begins = |at: &usize| folded[..*at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        let whole = folded.match_indices(word).map(|(at, _)| at).find(begins).or_else(|| folded.find(word));
        match whole {
            Some(byte) => {
                let first = folded[..byte].chars().count();
                found.extend(from[first..first + word.chars().count()].iter());
            }
            None => found.extend(scorer.letters(&folded, word).into_iter().flatten().filter_map(|at| from.get(at))),
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, words: &str) -> Vec<usize> {
        letters(text, &Words::of(words), &Skim::default())
    }

    #[test]
    fn letters_are_those_of_the_text_as_it_is_shown() {
        assert_eq!(of("Ada Novák", "novak"), [4, 5, 6, 7, 8]);
        assert_eq!(of("Straße 5", "strasse"), [0, 1, 2, 3, 4, 5]);
        assert_eq!(of("Canada, Ada", "ada"), [8, 9, 10]);
        assert_eq!(of("John Smith", "jsm"), [0, 5, 6]);
        assert_eq!(of("John Smith", "xyz"), Vec::<usize>::new());
    }

    #[test]
    fn a_long_text_is_cut() {
        assert!(Skim::default().score(&"ab".repeat(100_000), "ab").is_some());
        assert_eq!(of(&"x".repeat(100_000), "y"), Vec::<usize>::new());
    }
}
