//! A pattern over shown text: `/`, `:g`, `:s` and the ranges mean the same by it.
//!
//! It is a regular expression (syntax of the `regex` crate). Case is ignored unless
//! the pattern has a capital (smart case), diacritics always: `novak` finds Novák.

use std::ops::Range;

use regex::{Regex, RegexBuilder};

use crate::domain::fold::fold;

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

impl Pattern {
    /// Compiles a pattern. With `ignorecase` case does not count; with `smartcase`
    /// it does where the pattern has a capital.
    ///
    /// # Errors
    /// What is wrong with it, in one line.
    pub fn new(text: &str, ignorecase: bool, smartcase: bool) -> Result<Self, String> {
        let insensitive = ignorecase && !(smartcase && has_capital(text));
        let (plain, _) = strip(text);
        RegexBuilder::new(&plain)
            .case_insensitive(insensitive)
            .size_limit(1 << 20)
            .build()
            .map(|regex| Self { text: text.to_owned(), regex })
            .map_err(|error| {
                let why = error.to_string();
                let last = why.lines().last().unwrap_or_default();
                format!("bad pattern: {}", last.trim_start_matches("error: "))
            })
    }

    /// Returns the pattern as typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns whether a text has a hit.
    pub fn is_in(&self, text: &str) -> bool {
        self.regex.is_match(&strip(text).0)
    }

    /// Returns where the hits are, in bytes of the text.
    pub fn hits(&self, text: &str) -> Vec<Range<usize>> {
        let (plain, places) = strip(text);
        self.regex.find_iter(&plain).filter(|hit| !hit.is_empty()).map(|hit| places[hit.start()]..places[hit.end()]).collect()
    }

    /// Returns for each hit where it is and where its groups are, the whole first.
    pub(super) fn groups(&self, text: &str) -> Vec<Vec<Option<Range<usize>>>> {
        let (plain, places) = strip(text);
        let group = |hit: Option<regex::Match<'_>>| hit.map(|hit| places[hit.start()]..places[hit.end()]);
        self.regex.captures_iter(&plain).map(|hit| hit.iter().map(group).collect()).collect()
    }
}

/// A capital counts unless it stands behind a backslash: `\S` is no name.
fn has_capital(pattern: &str) -> bool {
    let mut escaped = false;
    pattern.chars().any(|c| {
        let counts = !escaped && c.is_uppercase();
        escaped = !escaped && c == '\\';
        counts
    })
}

/// Returns the text without diacritics, case kept, and for each of its bytes (and
/// its end) the byte of the original that it stands for.
fn strip(text: &str) -> (String, Vec<usize>) {
    let mut plain = String::with_capacity(text.len());
    let mut places = Vec::with_capacity(text.len() + 1);
    for (at, c) in text.char_indices() {
        let start = plain.len();
        if c.is_ascii() {
            plain.push(c);
        } else {
            let folded = fold(c.encode_utf8(&mut [0; 4]));
            if c.is_uppercase() {
                plain.extend(folded.chars().flat_map(char::to_uppercase));
            } else {
                plain.push_str(&folded);
            }
        }
        places.extend(std::iter::repeat_n(at, plain.len() - start));
    }
    places.push(text.len());
    (plain, places)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::new(text, true, true).expect("a pattern")
    }

    #[test]
    fn case_and_diacritics_are_ignored_unless_a_capital_asks() {
        assert!(pattern("novak").is_in("Ada Novák"));
        assert!(pattern("NOVÁK").is_in("ADA NOVAK") && !pattern("NOVÁK").is_in("Ada Novák"));
        assert!(pattern("Novak").is_in("Ada Novák") && !pattern("Novak").is_in("ada novák"));
        assert!(pattern(r"n\S+k$").is_in("ada novák"));
        assert!(pattern("иван").is_in("Иван Петров"));
    }

    #[test]
    fn hits_stand_where_the_letters_are() {
        let text = "Ångström, angstrom";
        let hits: Vec<&str> = pattern("angstrom").hits(text).into_iter().map(|hit| &text[hit]).collect();
        assert_eq!(hits, ["Ångström", "angstrom"]);
        assert!(pattern("x*").hits("abc").is_empty());
    }

    #[test]
    fn a_bad_pattern_is_told_in_one_line() {
        assert_eq!(Pattern::new("a(b", true, true).expect_err("open"), "bad pattern: unclosed group");
    }
}
