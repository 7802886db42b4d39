//! What is wrong with a query, where, and what to do.

use super::Span;
use super::caret;
use crate::domain::fold;

/// A mistake in a query, in the user's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    /// What is wrong, one sentence without its full stop.
    pub message: String,
    /// Where it stands in the query's text.
    pub span: Span,
    /// What to do about it: `did you mean stage?`.
    pub hint: Option<String>,
}

impl QueryError {
    /// Returns a mistake without a hint.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { message: message.into(), span, hint: None }
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds what to do, where something is known to do.
    #[must_use]
    pub fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint.or(self.hint);
        self
    }

    /// Adds the word that was probably meant, where one is near.
    #[must_use]
    pub fn near<'a>(self, word: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let meant = fold::nearest(word, known);
        self.maybe_hint(meant.map(|meant| format!("did you mean \u{201c}{meant}\u{201d}?")))
    }

    /// Adds the word that was probably meant, or the first of those that there are.
    #[must_use]
    pub fn nearest<'a>(self, word: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        const SHOWN: usize = 12;
        let known: Vec<&str> = known.into_iter().collect();
        let more = if known.len() > SHOWN { ", \u{2026}" } else { "" };
        let listed = (!known.is_empty()).then(|| format!("known are {}{more}", known[..known.len().min(SHOWN)].join(", ")));
        self.maybe_hint(listed).near(word, known)
    }

    /// Returns two lines without a last line break: the query, and carets under the mistake.
    ///
    /// Counted in columns of a terminal; what would not show (control characters,
    /// marks of writing direction) is shown as `\u{fffd}`, and of a long query only
    /// what stands around the mistake.
    pub fn caret(&self, query: &str) -> String {
        caret::under(query, self.span)
    }
}
