//! Why a text is no value of a field.

use crate::domain::{NotANumber, RecordId, fold};

/// What sort of thing is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// There is no such field.
    UnknownField,
    /// A closed list does not have the word.
    UnknownWord,
    /// The text is no value of the field's type.
    Refused,
    /// The text names a record and not its id.
    Unresolved(String),
    /// The text names several records.
    Ambiguous(Vec<RecordId>),
    /// No record has this name.
    NotFound,
    /// Nobody writes this field.
    ReadOnly,
}

/// Says that a text is no value of a field, and what would be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueError {
    /// The field, as named by whoever gave the text.
    pub field: String,
    /// What sort of thing is wrong.
    pub problem: Problem,
    /// What is wrong, in a sentence without its end.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl std::error::Error for ValueError {}

impl std::fmt::Display for ValueError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.field.is_empty() { f.write_str(&self.message) } else { write!(f, "{}: {}", self.field, self.message) }
    }
}

impl ValueError {
    /// Returns an error of this sort.
    pub fn new(problem: Problem, message: impl Into<String>) -> Self {
        Self { field: String::new(), problem, message: message.into(), hint: None }
    }

    /// Returns the error that a text is no value of a type.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(Problem::Refused, message)
    }

    /// Returns the error with the name of the field.
    #[must_use]
    pub fn of(mut self, field: impl Into<String>) -> Self {
        self.field = field.into();
        self
    }

    /// Returns the error with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Returns the error with the word that was probably meant as its hint; without a
    /// near one with the first of those that there are.
    #[must_use]
    pub fn nearest<'a>(self, word: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        const SHOWN: usize = 12;
        let known: Vec<&str> = known.into_iter().collect();
        if let Some(meant) = fold::nearest(word, known.iter().copied()) {
            return self.hint(format!("did you mean \u{201c}{meant}\u{201d}?"));
        }
        if known.is_empty() {
            return self;
        }
        let more = if known.len() > SHOWN { ", \u{2026}" } else { "" };
        self.hint(format!("known are {}{more}", known[..known.len().min(SHOWN)].join(", ")))
    }

    /// Returns whether the call was wrong, rather than a value in it: an unknown
    /// field or word.
    pub fn is_usage(&self) -> bool {
        matches!(self.problem, Problem::UnknownField | Problem::UnknownWord)
    }
}

impl From<NotANumber> for ValueError {
    fn from(NotANumber(text): NotANumber) -> Self {
        let error = Self::refused(format!("{} is no number", quoted(&text)));
        if text.contains(',') && text.replace(',', ".").parse::<crate::domain::Decimal>().is_ok() {
            return error.hint(format!("write {}", text.replace(',', ".")));
        }
        error.hint("write 1234.5, 10k or 1.5m")
    }
}

/// Returns a text in quotes for a message: shortened, and without what a terminal
/// would obey.
pub fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut shown = String::new();
    for (index, c) in text.chars().enumerate() {
        if index == LONGEST {
            shown.push('\u{2026}');
            break;
        }
        if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    format!("\u{201c}{shown}\u{201d}")
}
