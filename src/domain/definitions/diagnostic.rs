//! What is wrong in a definition, and where.

use crate::domain::fold;

/// A slip in a definition: its place and the nearest valid word.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{document}:{line}:{column}: {message}")]
pub struct DefinitionError {
    /// The name of the definition: `pipelines`.
    pub document: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong, in a sentence without its end.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl DefinitionError {
    /// Returns the error with the word that was probably meant; without a near
    /// one, with all that there are.
    #[must_use]
    pub(super) fn nearest<'a>(mut self, word: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        self.hint = match fold::nearest(word, known.iter().copied()) {
            Some(meant) => Some(format!("did you mean \u{201c}{meant}\u{201d}?")),
            None if known.is_empty() => None,
            None => Some(format!("known are {}", known.join(", "))),
        };
        self
    }

    /// Returns the error with a hint.
    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
