//! Why a call ended otherwise than done, and how that is told.

use std::io::{self, Write};

use serde_json::json;

use super::args::Format;
use crate::actions::ActionError;
use crate::config::ConfigError;
use crate::query::QueryError;
use crate::store::StoreError;
use crate::tui::text;

/// A call that ended otherwise than done.
#[derive(Debug)]
pub(super) enum Failure {
    /// With an exit code, a sentence and a hint.
    Error(ActionError),
    /// With this exit code; what there was to say has been said.
    Quiet(u8),
}

impl Failure {
    /// Returns the exit code.
    pub(super) fn code(&self) -> u8 {
        match self {
            Self::Error(error) => error.code,
            Self::Quiet(code) => *code,
        }
    }

    /// Returns a failure of wrong usage: exit 2.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self::Error(ActionError::usage(message))
    }

    /// Returns a failure that changed nothing: exit 1.
    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self::Error(ActionError::refused(message))
    }

    /// Adds what to do about it.
    #[must_use]
    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        match self {
            Self::Error(error) => Self::Error(error.hint(hint)),
            quiet @ Self::Quiet(_) => quiet,
        }
    }

    /// Tells the failure on standard error, as JSON where the call's output is.
    pub(super) fn tell(&self, format: Option<Format>) {
        let Self::Error(error) = self else { return };
        let mut out = io::stderr().lock();
        let said = if matches!(format, Some(Format::Json | Format::Jsonl)) {
            let mut object = json!({ "error": error.code, "message": error.message });
            if let Some(hint) = &error.hint {
                object["hint"] = json!(hint);
            }
            if let Some(at) = &error.at {
                object["at"] = json!(at);
            }
            writeln!(out, "{object}")
        } else {
            let place = error.at.as_ref().filter(|at| !error.message.contains(at.as_str()));
            let place = place.map_or_else(String::new, |at| format!("{at}: "));
            let said = writeln!(out, "rolo: {}", safe_lines(&format!("{place}{}", error.message)));
            match &error.hint {
                Some(hint) => said.and_then(|()| writeln!(out, "{}", safe_lines(&format!("  {hint}")))),
                None => said,
            }
        };
        // Nobody is left to hear that standard error is closed.
        drop(said);
    }
}

/// Returns lines that may reach a terminal.
pub(super) fn safe_lines(lines: &str) -> String {
    lines.split('\n').map(|line| text::safe(line).into_owned()).collect::<Vec<_>>().join("\n")
}

impl From<ActionError> for Failure {
    fn from(error: ActionError) -> Self {
        Self::Error(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Error(error.into())
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::refused(error.0)
    }
}

impl From<QueryError> for Failure {
    /// The query with a caret stands below the sentence.
    fn from(error: QueryError) -> Self {
        let mut failure = ActionError::usage(error.message.clone()).at(error.span.start.to_string());
        failure.hint = error.hint;
        Self::Error(failure)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // Whoever read our output has had enough.
            io::ErrorKind::BrokenPipe => Self::Quiet(0),
            _ => Self::refused(error.to_string()),
        }
    }
}
