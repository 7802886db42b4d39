//! Why an action was refused: a sentence in the user's words, where, and what to do.
//!
//! It carries the exit code of `cli.md`, so that the command line, the importer
//! and the application answer alike. It must not know how it will be shown.

use crate::domain::{DefinitionError, NotAnId, Problem, ValueError};
use crate::query::QueryError;
use crate::store::StoreError;

/// An action that was refused or failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ActionError {
    /// The exit code: 1 a value refused, 2 wrong usage, 4 not found or several,
    /// 5 conflict, 6 damaged, 7 not permitted, 8 busy.
    pub code: u8,
    /// What was wrong, without a full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Where it was: `amount`, `3:7`, `c17`.
    pub at: Option<String>,
}

impl ActionError {
    /// Returns an error with this exit code and sentence.
    pub fn new(code: u8, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, at: None }
    }

    /// Returns an error about a value: exit 1.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(1, message)
    }

    /// Returns an error about the call, a field or a choice: exit 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(2, message)
    }

    /// Returns an error about something that is not there, or there several times: exit 4.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(4, message)
    }

    /// Returns an error about something changed meanwhile: exit 5.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(5, message)
    }

    /// Returns an error about something not permitted: exit 7.
    pub fn not_permitted(message: impl Into<String>) -> Self {
        Self::new(7, message)
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds where it was; the first, innermost place stays.
    #[must_use]
    pub fn at(mut self, at: impl Into<String>) -> Self {
        self.at.get_or_insert_with(|| at.into());
        self
    }
}

impl From<StoreError> for ActionError {
    fn from(error: StoreError) -> Self {
        let at = match &error {
            StoreError::Conflict(conflict) => Some(conflict.id.to_string()),
            StoreError::Exists(id) | StoreError::DeadLink { from: id, .. } => Some(id.to_string()),
            _ => None,
        };
        Self { code: error.exit_code(), message: error.to_string(), hint: error.hint().map(str::to_owned), at }
    }
}

impl From<ValueError> for ActionError {
    fn from(error: ValueError) -> Self {
        let code = match &error.problem {
            Problem::UnknownField | Problem::UnknownWord => 2,
            Problem::NotFound | Problem::Ambiguous(_) | Problem::Unresolved(_) => 4,
            Problem::Refused | Problem::ReadOnly => 1,
        };
        let at = (!error.field.is_empty()).then_some(error.field);
        Self { code, message: error.message, hint: error.hint, at }
    }
}

impl From<DefinitionError> for ActionError {
    fn from(error: DefinitionError) -> Self {
        let at = Some(format!("{}:{}:{}", error.document, error.line, error.column));
        Self { code: 1, message: error.message, hint: error.hint, at }
    }
}

impl From<QueryError> for ActionError {
    fn from(error: QueryError) -> Self {
        Self { code: 2, message: error.message, hint: error.hint, at: Some((error.span.start + 1).to_string()) }
    }
}

impl From<NotAnId> for ActionError {
    fn from(error: NotAnId) -> Self {
        Self::usage(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_place_stays() {
        let error = ActionError::refused("no").at("amount").at("o1");
        assert_eq!(error.at.as_deref(), Some("amount"));
        assert_eq!(ActionError::from(StoreError::ReadOnly("asked for".into())).code, 7);
    }
}
