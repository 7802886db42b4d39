//! Where words stand in a line, from the best place to the worst.

use super::words::{SCATTERED, Word, Words};

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
    /// They stand elsewhere in the record.
    Elsewhere,
    /// Only their letters stand in the name, in this order.
    Letters,
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
        let at = names.iter().filter_map(|name| in_name(name, word)).min();
        let at = at.or_else(|| word.is_in(beside).then_some(Place::Elsewhere));
        let at = at.or_else(|| names.iter().any(|name| has_letters(name, &word.text)).then_some(Place::Letters))?;
        worst = worst.max(at);
        sum += at as u16;
    }
    // A phrase that begins the name is better than its words here and there.
    Some(if begins { (worst.min(Place::Name), 0) } else { (worst, sum) })
}

fn in_name(name: &str, word: &Word) -> Option<Place> {
    let place = |at: usize| {
        let begins = name[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        let ends = name[at + word.text.len()..].chars().next().is_none_or(|c| !c.is_alphanumeric());
        match (begins, ends) {
            (true, true) => Place::Whole,
            (true, false) if at == 0 => Place::Name,
            (true, false) => Place::Word,
            (false, _) => Place::Within,
        }
    };
    word.places(name).map(place).min()
}

/// Returns whether the letters of a word stand in a text in their order.
fn has_letters(text: &str, word: &str) -> bool {
    if word.len() <= SCATTERED {
        return false;
    }
    if word.is_ascii() {
        // An ASCII letter is never a part of another: bytes will do.
        let mut rest = text.as_bytes();
        return word.bytes().all(|letter| match memchr::memchr(letter, rest) {
            Some(at) => {
                rest = &rest[at + 1..];
                true
            }
            None => false,
        });
    }
    let mut rest = text.chars();
    word.chars().all(|letter| rest.any(|c| c == letter))
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
        assert_eq!(at("ada novak", "acme ada@acme.cz", "acme ada"), Some(Place::Elsewhere));
        assert_eq!(at("ada novak", "", "anvk"), Some(Place::Letters));
        assert_eq!(at("ada novak", "", "kvn"), None);
        assert_eq!(at("ada novak", "", "dk"), None);
    }

    #[test]
    fn more_words_in_good_places_count() {
        let words = Words::of("ada acme");
        let (near, far) = (place(&["ada novak"], "acme", &words), place(&["bela novak"], "ada, acme", &words));
        assert!(near < far, "{near:?} {far:?}");
    }
}
