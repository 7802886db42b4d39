//! The `when` of a binding: a boolean over named facts.
//!
//! ```text
//! or   = and { ("or" | "||") and } ;   and = not { ("and" | "&&") not } ;
//! not  = { "not" | "!" } atom ;        atom = fact | "(" or ")" ;
//! ```
//!
//! Printing a condition and parsing it again gives the same condition.

use std::fmt;
use std::ops::Range;

use super::fact::{Fact, Facts};
use crate::tui::diagnostic::nearest;

/// How many bytes a condition may have, and how deep it may nest: a file is no
/// reason to recurse without bound.
const LONGEST: usize = 500;
const DEEPEST: usize = 32;

/// A parsed condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The fact holds.
    Fact(Fact),
    /// The condition does not hold.
    Not(Box<Condition>),
    /// Both hold.
    And(Box<Condition>, Box<Condition>),
    /// At least one holds.
    Or(Box<Condition>, Box<Condition>),
}

/// A mistake in a condition, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionError {
    /// Where the mistake stands, in bytes of the text.
    pub at: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead, where something is near.
    pub hint: Option<String>,
}

impl Condition {
    /// Parses a condition.
    ///
    /// # Errors
    ///
    /// An unknown fact, a missing operand or parenthesis, a text too long or nested too deep.
    pub fn parse(text: &str) -> Result<Self, ConditionError> {
        if text.len() > LONGEST {
            return Err(error(0..text.len(), format!("a condition has at most {LONGEST} bytes"), None));
        }
        let mut parser = Parser { text, at: 0, depth: 0 };
        let condition = parser.or()?;
        match parser.token() {
            None => Ok(condition),
            Some(rest) => {
                Err(error(rest.clone(), format!("unexpected “{}”", &text[rest]), Some("facts are joined by “and” or “or”".to_owned())))
            }
        }
    }

    /// Returns whether the condition holds for these facts.
    pub fn holds(&self, facts: Facts) -> bool {
        match self {
            Self::Fact(fact) => facts.has(*fact),
            Self::Not(inner) => !inner.holds(facts),
            Self::And(left, right) => left.holds(facts) && right.holds(facts),
            Self::Or(left, right) => left.holds(facts) || right.holds(facts),
        }
    }

    /// How tightly the condition binds when printed.
    const fn strength(&self) -> u8 {
        match self {
            Self::Or(..) => 0,
            Self::And(..) => 1,
            Self::Not(_) | Self::Fact(_) => 2,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |f: &mut fmt::Formatter<'_>, inner: &Self, least: u8| {
            if inner.strength() < least { write!(f, "({inner})") } else { write!(f, "{inner}") }
        };
        match self {
            Self::Fact(fact) => f.write_str(fact.name()),
            Self::Not(inner) => {
                f.write_str("not ")?;
                side(f, inner, 2)
            }
            Self::And(left, right) => {
                side(f, left, 1)?;
                f.write_str(" and ")?;
                side(f, right, 2)
            }
            Self::Or(left, right) => {
                side(f, left, 0)?;
                f.write_str(" or ")?;
                side(f, right, 1)
            }
        }
    }
}

/// A cursor over a condition's text.
struct Parser<'text> {
    text: &'text str,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    /// Returns the next token's bytes without taking it.
    fn token(&self) -> Option<Range<usize>> {
        let rest = &self.text[self.at..];
        let start = self.at + (rest.len() - rest.trim_start().len());
        let rest = &self.text[start..];
        let first = rest.chars().next()?;
        let is_word = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-' | '.');
        let length = if rest.starts_with("&&") || rest.starts_with("||") {
            2
        } else if is_word(first) {
            rest.find(|character| !is_word(character)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        Some(start..start + length)
    }

    /// Takes the next token if it is one of these.
    fn take(&mut self, words: &[&str]) -> bool {
        match self.token() {
            Some(range) if words.contains(&&self.text[range.clone()]) => {
                self.at = range.end;
                true
            }
            _ => false,
        }
    }

    fn or(&mut self) -> Result<Condition, ConditionError> {
        let mut left = self.and()?;
        while self.take(&["or", "||"]) {
            left = Condition::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Condition, ConditionError> {
        let mut left = self.not()?;
        while self.take(&["and", "&&"]) {
            left = Condition::And(Box::new(left), Box::new(self.not()?));
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Condition, ConditionError> {
        if self.depth == DEEPEST {
            return Err(error(self.at..self.text.len(), format!("nested deeper than {DEEPEST}"), None));
        }
        self.depth += 1;
        let condition = if self.take(&["not", "!"]) { Condition::Not(Box::new(self.not()?)) } else { self.atom()? };
        self.depth -= 1;
        Ok(condition)
    }

    fn atom(&mut self) -> Result<Condition, ConditionError> {
        let open = self.token();
        if self.take(&["("]) {
            let inner = self.or()?;
            if self.take(&[")"]) {
                return Ok(inner);
            }
            let open = open.unwrap_or(self.at..self.at);
            return Err(error(open, "“(” without “)”", None));
        }
        let Some(range) = open else {
            let end = self.text.len();
            let known = Fact::ALL.map(Fact::name).join(", ");
            return Err(error(end..end, "a fact is missing", Some(format!("one of {known}"))));
        };
        let word = &self.text[range.clone()];
        if let Some(fact) = Fact::named(word) {
            self.at = range.end;
            return Ok(Condition::Fact(fact));
        }
        let hint = match nearest(word, Fact::ALL.map(Fact::name)) {
            Some(near) => format!("did you mean “{near}”?"),
            None => format!("one of {}", Fact::ALL.map(Fact::name).join(", ")),
        };
        Err(error(range, format!("unknown fact “{word}”"), Some(hint)))
    }
}

/// Returns an error at a place.
fn error(at: Range<usize>, message: impl Into<String>, hint: Option<String>) -> ConditionError {
    ConditionError { at, message: message.into(), hint }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn and_binds_tighter_than_or_and_not_tightest() {
        let condition = Condition::parse("overlay or not zoomed and filtered").unwrap();
        assert_eq!(condition.to_string(), "overlay or not zoomed and filtered");
        let facts = |list: &[Fact]| list.iter().copied().collect::<Facts>();
        assert!(condition.holds(facts(&[Fact::Overlay, Fact::Zoomed])));
        assert!(condition.holds(facts(&[Fact::Filtered])));
        assert!(!condition.holds(facts(&[Fact::Filtered, Fact::Zoomed])));
        assert!(!condition.holds(Facts::NONE));
    }

    #[test]
    fn signs_are_words() {
        for (signs, words) in [
            ("!overlay&&(zoomed||found)", "not overlay and (zoomed or found)"),
            ("!!empty", "not not empty"),
            ("!(empty&&busy)", "not (empty and busy)"),
        ] {
            let condition = Condition::parse(signs).unwrap();
            assert_eq!(condition.to_string(), words);
            assert_eq!(Condition::parse(words).unwrap(), condition);
        }
    }

    #[test]
    fn mistakes_have_a_place_and_a_hint() {
        for (text, at, message, hint) in [
            ("not overlya", 4..11, "unknown fact “overlya”", Some("did you mean “overlay”?")),
            ("overlay zoomed", 8..14, "unexpected “zoomed”", Some("facts are joined by “and” or “or”")),
            ("(overlay", 0..1, "“(” without “)”", None),
            ("overlay)", 7..8, "unexpected “)”", Some("facts are joined by “and” or “or”")),
        ] {
            let error = Condition::parse(text).unwrap_err();
            assert_eq!((error.at, error.message.as_str(), error.hint.as_deref()), (at, message, hint), "{text}");
        }
        let missing = Condition::parse("overlay and").unwrap_err();
        assert_eq!((missing.at, missing.message.as_str()), (11..11, "a fact is missing"));
        assert_eq!(Condition::parse("").unwrap_err().message, "a fact is missing");
    }

    #[test]
    fn a_condition_without_end_is_refused() {
        for part in ["(", "not ", "overlay and "] {
            let message = Condition::parse(&part.repeat(100_000)).unwrap_err().message;
            assert_eq!(message, "a condition has at most 500 bytes");
            assert!(Condition::parse(&part.repeat(LONGEST / part.len())).is_err());
        }
    }

    fn any_condition() -> impl Strategy<Value = Condition> {
        let fact = proptest::sample::select(&Fact::ALL[..]).prop_map(Condition::Fact);
        fact.prop_recursive(5, 24, 2, |inner| {
            prop_oneof![
                inner.clone().prop_map(|one| Condition::Not(Box::new(one))),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| Condition::And(Box::new(a), Box::new(b))),
                (inner.clone(), inner).prop_map(|(a, b)| Condition::Or(Box::new(a), Box::new(b))),
            ]
        })
    }

    proptest! {
        #[test]
        fn parsing_what_was_printed_is_the_identity(condition in any_condition()) {
            let printed = condition.to_string();
            prop_assume!(printed.len() <= LONGEST);
            prop_assert_eq!(Condition::parse(&printed).unwrap(), condition, "{}", printed);
        }

        #[test]
        fn no_text_panics(text in "[a-z()!&| é]{0,30}") {
            if let Ok(condition) = Condition::parse(&text) {
                prop_assert_eq!(Condition::parse(&condition.to_string()).unwrap(), condition);
            }
        }
    }
}
