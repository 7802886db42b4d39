//! Folding of text for comparison: one fold for queries, sorting, natural keys,
//! header matching and "did you mean".
//!
//! Two forms stand beside each other. [`fold`] keeps the script: case, width and
//! diacritics go, so that `novak` finds Novák and `ивана` finds Ивана. [`latin`]
//! also spells the text in Latin letters, so that `ivana` finds Ивана. A search
//! takes the second only for a query in plain ASCII: a Cyrillic query must never
//! find Latin text by its sound.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::decompose_compatible;

/// Returns the text without case, width and diacritics, in its own script.
///
/// Letters are decomposed by Unicode's compatibility mapping (NFKD) and lose the
/// marks that only modify a letter (accents, Hebrew points, Arabic vowel marks);
/// Latin letters that have no decomposition (ł, ø, ß, æ) are spelled out. Vowel
/// signs of Indic scripts and Hangul syllables are parts of the word and stay.
/// Folding twice is folding once.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        fold_char(c, &mut out);
    }
    // Korean written in single letters, as some systems store it, is syllables again.
    if out.chars().any(|c| ('\u{1100}'..='\u{11ff}').contains(&c)) { out.nfc().collect() } else { out }
}

/// Returns [`fold`] of the text, borrowed where nothing changes.
pub fn fold_cow(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) { Cow::Borrowed(text) } else { Cow::Owned(fold(text)) }
}

fn fold_char(c: char, out: &mut String) {
    if c.is_ascii() {
        out.push(c.to_ascii_lowercase());
    } else if is_hangul_syllable(c) {
        out.push(c);
    } else {
        decompose_compatible(c, |part| fold_part(part, out));
    }
}

fn fold_part(c: char, out: &mut String) {
    if is_diacritic(c) || is_invisible(c) {
        return;
    }
    for lower in c.to_lowercase() {
        match lower {
            'ς' => out.push('σ'),
            // Turkish İ lowers to i and a combining dot.
            mark if is_diacritic(mark) => {}
            letter if is_extended_latin(letter) => match deunicode::deunicode_char(letter) {
                Some(plain) if !plain.is_empty() => out.extend(plain.chars().map(|c| c.to_ascii_lowercase())),
                _ => out.push(letter),
            },
            // A no-break or ideographic space separates like any other.
            space if space.is_whitespace() => out.push(' '),
            letter => out.push(letter),
        }
    }
}

fn is_hangul_syllable(c: char) -> bool {
    ('\u{ac00}'..='\u{d7a3}').contains(&c)
}

fn is_extended_latin(c: char) -> bool {
    matches!(c, '\u{df}'..='\u{24f}' | '\u{250}'..='\u{2af}' | '\u{1e00}'..='\u{1eff}' | '\u{2c60}'..='\u{2c7f}')
}

/// Marks that modify a letter without being one of the word's sounds to a reader
/// in a hurry.
fn is_diacritic(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20f0}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}'
        // Hebrew points, Arabic vowel marks and tatweel, Japanese voicing marks.
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{640}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{3099}' | '\u{309a}')
}

/// Soft hyphen, zero-width characters and marks of direction: nobody types them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Returns the folded text spelled in Latin letters: `Ивана` is `ivana`.
pub fn latin(text: &str) -> String {
    let folded = fold(text);
    if folded.is_ascii() {
        return folded;
    }
    deunicode::deunicode_with_tofu(&folded, "").to_lowercase()
}

/// Returns the key by which text is sorted: folded and spelled in Latin letters
/// only where it is Latin already, so that scripts stay together; leading
/// punctuation is passed over.
pub fn sort_key(text: &str) -> String {
    let folded = fold(text);
    let start = folded.find(char::is_alphanumeric).unwrap_or(0);
    folded[start..].trim_end().to_owned()
}

/// Returns the text with only its folded letters and digits: `E-mail 1 - Value`
/// is `email1value`. Headers and field names are matched by it.
pub fn slug(text: &str) -> String {
    let mut folded = fold(text);
    folded.retain(char::is_alphanumeric);
    folded
}

/// Returns a field name made of a header: folded letters and digits, all else one
/// `_` between them: `Obrat (Kč)` is `obrat_kc`. Empty when the header has none.
pub fn field_name(header: &str) -> String {
    let mut name = String::new();
    for c in fold(header).chars() {
        if c.is_alphanumeric() {
            name.push(c);
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    if name.ends_with('_') {
        name.pop();
    }
    name
}

/// A folded word to be looked for in many texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needle {
    folded: String,
    plain: bool,
}

impl Needle {
    /// Returns the needle of a query word.
    pub fn new(word: &str) -> Self {
        let folded = fold(word);
        let plain = folded.is_ascii();
        Self { folded, plain }
    }

    /// Returns whether the needle has nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.folded.is_empty()
    }

    /// Returns the folded word.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// Returns whether the text contains the word.
    pub fn is_in(&self, text: &str) -> bool {
        let folded = fold_cow(text);
        folded.contains(&self.folded) || (self.plain && !folded.is_ascii() && latin(text).contains(&self.folded))
    }

    /// Returns whether the text is the word.
    pub fn is(&self, text: &str) -> bool {
        let folded = fold_cow(text);
        folded == self.folded || (self.plain && !folded.is_ascii() && latin(text) == self.folded)
    }
}

/// Returns the candidate that a mistyped word most likely means, if one is near
/// enough: the same folded letters, a beginning of it of at least two letters, or
/// a Damerau-Levenshtein distance of at most a third of its length.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Nobody mistypes a novel; the distance grows with the square of the length.
    const LONGEST: usize = 64;
    let wanted = slug(word);
    let length = wanted.chars().count();
    if length == 0 || length > LONGEST {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let plain = slug(candidate);
        if plain.is_empty() || plain.chars().count() > LONGEST {
            continue;
        }
        let distance = if plain == wanted {
            0
        } else if length >= 2 && plain.starts_with(&wanted) {
            1
        } else {
            let distance = strsim::damerau_levenshtein(&wanted, &plain);
            if distance > (length.max(plain.chars().count()) / 3).max(1) || distance >= length {
                continue;
            }
            distance + 1
        };
        if best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn case_width_and_diacritics_go() {
        for (text, folded) in [
            ("Novák", "novak"),
            ("ŽLUŤOUČKÝ kůň", "zlutoucky kun"),
            ("Müller", "muller"),
            ("Straße", "strasse"),
            ("Łódź", "lodz"),
            ("Øresund", "oresund"),
            ("İstanbul", "istanbul"),
            ("Ａｃｍｅ　１２", "acme 12"),
            ("Ивана Ёлкина", "ивана елкина"),
            ("Αθήνα ΟΔΟΣ", "αθηνα οδοσ"),
            ("ﬁrst", "first"),
            ("김철수", "김철수"),
            ("\u{1100}\u{1175}\u{11b7}", "김"),
            ("सीता", "सीता"),
            ("e\u{301}", "e"),
            ("a\u{200b}b\u{ad}c", "abc"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn a_plain_word_also_finds_by_its_sound() {
        assert!(Needle::new("ивана").is_in("Ивана Петрова"));
        assert!(Needle::new("ivana").is_in("Ивана Петрова"));
        assert!(Needle::new("novak").is_in("Jan Novák"));
        assert!(Needle::new("athena").is_in("Αθηνα") || Needle::new("athina").is_in("Αθηνα"));
        assert!(!Needle::new("ивана").is_in("Ivana"));
        assert!(Needle::new("NOVÁK").is("novak"));
    }

    #[test]
    fn headers_and_names() {
        assert_eq!(slug("E-mail 1 - Value"), "email1value");
        assert_eq!(slug("given_name"), slug("Given Name"));
        assert_eq!(field_name("Obrat (Kč)"), "obrat_kc");
        assert_eq!(field_name("  --Poslední   kontakt!"), "posledni_kontakt");
        assert_eq!(field_name("Город"), "город");
        assert_eq!(field_name("???"), "");
        assert_eq!(sort_key("„Acme“ "), "acme“");
        assert_eq!(sort_key("…"), "...");
    }

    #[test]
    fn the_nearest_word_is_near() {
        let stages = ["lead", "qualified", "proposal", "negotiation", "won", "lost"];
        assert_eq!(nearest("propsal", stages), Some("proposal"));
        assert_eq!(nearest("Neg", stages), Some("negotiation"));
        assert_eq!(nearest("wno", stages), Some("won"));
        assert_eq!(nearest("last", stages), Some("lost"));
        assert_eq!(nearest("elephant", stages), None);
        assert_eq!(nearest("", stages), None);
        assert_eq!(nearest("x", ["a", "b"]), None);
        assert_eq!(nearest(&"a".repeat(100_000), stages), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn folding_twice_is_folding_once(text in any::<String>()) {
            let once = fold(&text);
            prop_assert_eq!(&fold(&once), &once);
            prop_assert_eq!(&*fold_cow(&text), once.as_str());
            let _ = (latin(&text), sort_key(&text), field_name(&text), nearest(&text, ["stage"]));
        }
    }
}
