//! Where words stand in a line, from the best place to the worst.

use super::words::{Word, Words};

/// Where words were found; the least is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// They are whole words of the name.
    Whole,
    /// They begin the name.
    Name,
    /// They begin a word of it.
    Word,
    /// They stand within it.
    Within,
    /// They are whole words elsewhere in the record.
    Beside,
    /// They are made of the beginnings of several words of the name.
    Initials,
    /// They stand elsewhere in the record.
    Elsewhere,
    /// Only their letters stand in the name, in this order.
    Letters,
}

impl Place {
    /// Returns whether the words do not stand there as they were typed.
    pub fn is_scattered(self) -> bool {
        matches!(self, Self::Initials | Self::Letters)
    }
}

/// Returns the worst place of the words in a line, and the sum of all their places,
/// so that of two lines the one with more words in good places comes first; `None`
/// if a word is not there at all.
///
/// `names` are the folded spellings of the name, `beside` what else is folded there.
pub fn place(names: &[&str], beside: &str, words: &Words) -> Option<(Place, u16)> {
    let begins = names.iter().any(|name| !name.is_empty() && name.starts_with(words.whole()));
    let mut worst = Place::Whole;
    let mut sum = 0;
    for word in words.each() {
        let at = of_word(names, beside, word)?;
        worst = worst.max(at);
        sum += at as u16;
    }
    // A phrase that begins the name is better than its words here and there.
    Some(if begins { (worst.min(Place::Name), 0) } else { (worst, sum) })
}

fn of_word(names: &[&str], beside: &str, word: &Word) -> Option<Place> {
    if let Some(at) = names.iter().filter_map(|name| in_name(name, word)).min() {
        return Some(at);
    }
    let scattered = names.iter().any(|name| has_letters(name, word));
    let by_letters = if scattered { by_letters(names, word) } else { None };
    // Initials are better than what stands within a word elsewhere, and nothing else.
    match by_letters {
        Some(Place::Initials) if in_beside(beside, word) != Some(Place::Beside) => Some(Place::Initials),
        by_letters => in_beside(beside, word).or(by_letters),
    }
}

/// Returns where a word stands in what else is known of a record.
pub(super) fn in_beside(beside: &str, word: &Word) -> Option<Place> {
    let whole = |at: usize| begins(beside, at) && ends(beside, at + word.text.len());
    let mut places = word.places(beside);
    let first = places.next()?;
    Some(if whole(first) || places.any(whole) { Place::Beside } else { Place::Elsewhere })
}

/// Returns how a word's letters stand in names that have them in this order.
pub(super) fn by_letters(names: &[&str], word: &Word) -> Option<Place> {
    if names.iter().any(|name| is_initials(name, word)) {
        return Some(Place::Initials);
    }
    word.may_scatter().then_some(Place::Letters)
}

fn begins(text: &str, at: usize) -> bool {
    text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric())
}

fn ends(text: &str, at: usize) -> bool {
    text[at..].chars().next().is_none_or(|c| !c.is_alphanumeric())
}

/// Returns the best place where a word stands in a name.
pub(super) fn in_name(name: &str, word: &Word) -> Option<Place> {
    let mut best = None;
    for at in word.places(name) {
        let place = match (begins(name, at), ends(name, at + word.text.len())) {
            (true, true) => return Some(Place::Whole),
            (true, false) if at == 0 => Place::Name,
            (true, false) => Place::Word,
            (false, _) => Place::Within,
        };
        best = Some(best.map_or(place, |best: Place| best.min(place)));
    }
    best
}

/// Returns whether the letters of a word stand in a text in their order.
pub(super) fn has_letters(text: &str, word: &Word) -> bool {
    if word.letters.len() < 2 {
        return false;
    }
    if word.text.is_ascii() {
        // An ASCII letter is never a part of another: bytes will do.
        let mut rest = text.as_bytes();
        return word.text.bytes().all(|letter| match memchr::memchr(letter, rest) {
            Some(at) => {
                rest = &rest[at + 1..];
                true
            }
            None => false,
        });
    }
    let mut rest = text.chars();
    word.letters.iter().all(|letter| rest.any(|c| c == *letter))
}

/// Returns whether a word is made of the beginnings of words of a name, in their order:
/// `jsm` of John Smith.
fn is_initials(name: &str, word: &Word) -> bool {
    let count = word.letters.len();
    if !(2..=32).contains(&count) {
        return false;
    }
    // Bit n: so many letters have been found at the beginnings of the words so far.
    let (mut reached, mut live, mut inside) = (1_u64, 0_u64, false);
    let mut found = 0;
    for c in name.chars() {
        if !c.is_alphanumeric() {
            (reached, found, inside) = (reached | found, 0, false);
            continue;
        }
        if !std::mem::replace(&mut inside, true) {
            live = reached;
        }
        if live != 0 {
            let here = word.letters.iter().enumerate().fold(0, |bits, (at, letter)| if *letter == c { bits | 1 << at } else { bits });
            live = (live & here) << 1;
            found |= live;
        }
    }
    (reached | found) >> count & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(name: &str, beside: &str, text: &str) -> Option<Place> {
        place(&[name], beside, &Words::of(text)).map(|(place, _)| place)
    }

    #[test]
    fn beginnings_come_before_middles() {
        assert_eq!(at("ada novak", "", "ada n"), Some(Place::Name));
        assert_eq!(at("ada novak", "", "nov"), Some(Place::Word));
        assert_eq!(at("ada novak", "", "Novák Ada"), Some(Place::Whole));
        assert_eq!(at("ada novak", "", "ovak"), Some(Place::Within));
        assert_eq!(at("ada novak", "acme ada@acme.cz", "acme ada"), Some(Place::Beside));
        assert_eq!(at("ada novak", "acme ada@acme.cz", "cme ada"), Some(Place::Elsewhere));
        assert_eq!(at("ada novak", "", "ak"), Some(Place::Within));
        assert_eq!(at("ada novak", "", "dvk"), Some(Place::Letters));
        assert_eq!(at("ada novak", "", "kvn"), None);
        assert_eq!(at("ada novak", "", "dk"), None);
    }

    #[test]
    fn beginnings_of_several_words_are_initials() {
        for text in ["an", "anov", "adnov", "adan"] {
            assert_eq!(at("ada novak", "", text), Some(Place::Initials), "{text}");
        }
        assert_eq!(at("john james o'brien", "", "jobr"), Some(Place::Initials), "words are passed over");
        assert_eq!(at("ивана петрова", "", "ипет"), Some(Place::Initials));
        assert_eq!(at("ada novak", "", "na"), None, "in their order");
        assert_eq!(at("ada novak", "", "adv"), Some(Place::Letters));
        assert_eq!(at("ada novak", "an 17", "an"), Some(Place::Beside), "a whole word is what was meant");
        assert_eq!(at("ada novak", "panama", "an"), Some(Place::Initials));
        assert_eq!(at("a a a a a a a a a a a a a a a a a a a a", "", &"a".repeat(19)), Some(Place::Initials));
    }

    #[test]
    fn an_id_is_found_by_all_of_it() {
        assert!(at("zoe", "c17 zoe@x.example", "c17") < at("ada", "c170 ada@x.example", "c17"));
    }

    #[test]
    fn more_words_in_good_places_count() {
        let words = Words::of("ada acme");
        let (near, far) = (place(&["ada novak"], "acme", &words), place(&["bela novak"], "ada, acme", &words));
        assert!(near < far, "{near:?} {far:?}");
    }
}
