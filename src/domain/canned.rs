//! Texts with variables: `Hello {{contact.given|there}},`.
//!
//! A variable is a path of fields in two braces, with what stands there where it has no
//! value behind a bar. `{{{{` is two braces. That is all: what is worked out belongs into a
//! field. It must not know records.

use std::fmt::Write;
use std::ops::Range;

/// One piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Variable(Variable),
}

/// A variable of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// The path: `contact.given`.
    pub path: String,
    /// What stands there where it has no value; without, it must have one.
    pub instead: Option<String>,
    /// Where it stands, in bytes.
    pub span: Range<usize>,
}

/// A text with variables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

/// What is wrong in a text with variables.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// What, in a sentence without its end.
    pub message: String,
    /// Where, in bytes.
    pub span: Range<usize>,
}

impl Template {
    /// Reads a text with variables.
    ///
    /// # Errors
    /// Braces that are never closed, or with nothing in them.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut at = 0;
        while let Some(found) = text[at..].find("{{") {
            let begin = at + found;
            plain.push_str(&text[at..begin]);
            if text[begin + 2..].starts_with("{{") {
                plain.push_str("{{");
                at = begin + 4;
                continue;
            }
            let Some(length) = text[begin..].find("}}") else {
                let message = "two braces are opened and never closed".to_owned();
                return Err(TemplateError { message, span: begin..begin + 2 });
            };
            let span = begin..begin + length + 2;
            let inside = &text[begin + 2..begin + length];
            let (path, instead) = inside.split_once('|').map_or((inside, None), |(path, instead)| (path, Some(instead.trim().to_owned())));
            let path = path.trim().to_owned();
            if path.is_empty() || path.contains(['{', '\n']) {
                return Err(TemplateError { message: "no variable stands between the braces".to_owned(), span });
            }
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            at = span.end;
            pieces.push(Piece::Variable(Variable { path, instead, span }));
        }
        plain.push_str(&text[at..]);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self { pieces })
    }

    /// Returns its variables, in their order.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.pieces.iter().filter_map(|piece| if let Piece::Variable(variable) = piece { Some(variable) } else { None })
    }

    /// Returns the text with a value for each variable; what a value says is never read
    /// again as a variable.
    ///
    /// # Errors
    /// The first variable that has neither a value nor anything instead.
    pub fn fill(&self, value: &mut dyn FnMut(&str) -> Option<String>) -> Result<String, TemplateError> {
        let mut filled = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Variable(variable) => {
                    let found = value(&variable.path).filter(|text| !text.is_empty()).or_else(|| variable.instead.clone());
                    let Some(text) = found else {
                        let message = format!("\u{201c}{}\u{201d} has no value here", variable.path.escape_debug());
                        return Err(TemplateError { message, span: variable.span.clone() });
                    };
                    filled.push_str(&text);
                }
            }
        }
        Ok(filled)
    }
}

/// Returns the line and column of a byte, from 1, for messages.
pub fn place(text: &str, at: usize) -> String {
    let before = &text[..at.min(text.len())];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let mut place = String::new();
    // Writing into a text fails never.
    let _ = write!(place, "{line}:{column}");
    place
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn fill(text: &str) -> Result<String, String> {
        let template = Template::parse(text).map_err(|error| format!("{} at {}", error.message, place(text, error.span.start)))?;
        let mut value = |path: &str| match path {
            "contact.given" => Some("Ada".to_owned()),
            "hostile" => Some("{{secret}}".to_owned()),
            _ => None,
        };
        template.fill(&mut value).map_err(|error| format!("{} at {}", error.message, place(text, error.span.start)))
    }

    #[test]
    fn variables_get_their_values() {
        for (text, filled) in [
            ("Hello {{contact.given}},", Ok("Hello Ada,")),
            ("{{ contact.given }}{{contact.given}}", Ok("AdaAda")),
            ("Hello {{contact.nickname|there}}", Ok("Hello there")),
            ("{{x|}}!", Ok("!")),
            ("{{{{x}} {{hostile}} }} {x}", Ok("{{x}} {{secret}} }} {x}")),
            ("a\nb {{c}}", Err("“c” has no value here at 2:3")),
            ("a {{c", Err("two braces are opened and never closed at 1:3")),
            ("{{ }}", Err("no variable stands between the braces at 1:1")),
            ("", Ok("")),
        ] {
            assert_eq!(fill(text), filled.map(str::to_owned).map_err(str::to_owned), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn no_text_brings_it_down(text in "[{}|a-z\u{10d} \n]{0,40}") {
            if let Ok(template) = Template::parse(&text) {
                for variable in template.variables() {
                    prop_assert!(text[variable.span.clone()].starts_with("{{") && text[variable.span.clone()].ends_with("}}"));
                }
                let _ = template.fill(&mut |_| Some("x".to_owned()));
            }
        }

        #[test]
        fn a_text_without_braces_stays(text in "[^{]{0,40}") {
            prop_assert_eq!(Template::parse(&text).unwrap().fill(&mut |_| None).unwrap(), text);
        }
    }
}
