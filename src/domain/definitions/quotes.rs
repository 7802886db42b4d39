//! Quotes: their numbers, how long they hold, and their templates.

use serde_json::json;

use super::DefinitionError;
use super::document::{Section, Source};
use crate::domain::template::fill;

/// How quotes are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotes {
    /// The pattern of the number.
    number: String,
    /// How many days one holds.
    pub valid_days: u32,
    /// Who offers, line by line.
    pub seller: Vec<String>,
    /// The template of plain text.
    pub text: String,
    /// The template of HTML.
    pub html: String,
}

impl Quotes {
    pub(super) fn read(source: Source<'_>) -> Result<Self, DefinitionError> {
        let table = source.parse()?;
        let whole = Section::whole(source, &table, "definition of quotes");
        whole.keys_among(&["number", "valid-days", "seller", "text", "html"])?;
        let number = whole.text("number")?.unwrap_or("Q-{year}-{n:4}");
        if split(number).is_none() {
            let error = whole.error_at("number", format!("\u{201c}{number}\u{201d} counts nothing"));
            return Err(error.hint("a number has one {n} in it, or {n:4}: Q-{year}-{n:4}"));
        }
        let template = |key: &str, html: bool| -> Result<String, DefinitionError> {
            let text = whole.required_text(key)?;
            fill(text, &sample(), html).map_err(|error| {
                let line = error.line.map_or_else(String::new, |line| format!(" in its line {line}"));
                whole.error_at(key, format!("the template {key} is wrong{line}: {}", error.message))
            })?;
            Ok(text.to_owned())
        };
        Ok(Self {
            number: number.to_owned(),
            valid_days: whole.int("valid-days", 1..=3_650)?.unwrap_or(30) as u32,
            seller: whole.lines("seller")?,
            text: template("text", false)?,
            html: template("html", true)?,
        })
    }

    /// Returns the number of the nth quote of a year.
    pub fn number(&self, year: i32, n: u64) -> String {
        let Some((before, width, after)) = split(&self.number) else { return format!("{n}") };
        let year_of = |text: &str| text.replace("{year}", &format!("{year:04}"));
        format!("{}{n:0width$}{}", year_of(before), year_of(after))
    }

    /// Returns which of a year's quotes has a number, if it is one of that year.
    pub fn nth(&self, year: i32, number: &str) -> Option<u64> {
        let (before, _, after) = split(&self.number)?;
        let year_of = |text: &str| text.replace("{year}", &format!("{year:04}"));
        let digits = number.strip_prefix(&year_of(before))?.strip_suffix(&year_of(after))?;
        (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok())?
    }
}

/// Splits a pattern at its counter: what stands before, how many digits, what behind.
fn split(pattern: &str) -> Option<(&str, usize, &str)> {
    let (before, rest) = pattern.split_once("{n")?;
    let (inside, after) = rest.split_once('}')?;
    let width = match inside.strip_prefix(':') {
        Some(width) => width.parse().ok().filter(|width| (1..=18).contains(width))?,
        None if inside.is_empty() => 1,
        None => return None,
    };
    (!after.contains("{n")).then_some((before, width, after))
}

/// A quote on which templates are tried.
fn sample() -> serde_json::Value {
    let line = json!({ "position": "1", "name": "Chair", "quantity": "2", "price": "10.00", "discount": "", "tax": "21", "net": "20.00" });
    json!({
        "seller": ["Seller"], "number": "Q-2026-0001", "revision": 2, "date": "2026-01-31", "valid_until": "2026-02-28",
        "customer": "Acme", "contact": "Ada", "address": "Street 1", "opportunity": "Acme, chairs", "owner": "Ben", "currency": "EUR",
        "net": "20.00", "total": "24.20", "lines": [line], "taxes": [{ "rate": "21", "base": "20.00", "tax": "4.20" }],
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::domain::Definitions;

    #[test]
    fn numbers_count_within_a_year() {
        let quotes = Definitions::default().quotes;
        assert_eq!(quotes.number(2026, 7), "Q-2026-0007");
        assert_eq!(
            [quotes.nth(2026, "Q-2026-0123"), quotes.nth(2027, "Q-2026-0123"), quotes.nth(2026, "Q-2026-x")],
            [Some(123), None, None]
        );
        assert_eq!(quotes.nth(2026, &quotes.number(2026, 123_456)), Some(123_456));
    }

    #[test]
    fn a_template_is_tried_before_it_is_taken() {
        let with = |number: &str, text: &str| {
            let text = format!("number = \"{number}\"\ntext = '''{text}'''\nhtml = ''");
            Definitions::from_documents([("quotes", text.as_str())]).map(|_| ()).map_err(|error| error.to_string())
        };
        assert_eq!(with("A{n}", "{{ number }}"), Ok(()));
        assert_eq!(with("A1", ""), Err("quotes:1:10: \u{201c}A1\u{201d} counts nothing".to_owned()));
        assert!(with("{n}", "x\n{{ numbr }}").unwrap_err().contains("the template text is wrong in its line 2"));
        assert!(with("{n}", "{% for %}").is_err());
    }
}
