//! What a command answers.

use crate::domain::RecordId;

/// What a command answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// One sentence for the status line.
    pub message: String,
    /// What the lines are about.
    pub title: String,
    /// Lines to be read. One that begins with a record's id leads to it.
    pub lines: Vec<String>,
    /// Whether records were changed.
    pub changed: bool,
    /// The record to go to: a new one.
    pub go_to: Option<RecordId>,
}

impl Reply {
    /// Returns an answer of one sentence.
    pub fn said(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    /// Returns an answer of lines under a title.
    pub fn read(title: impl Into<String>, lines: Vec<String>) -> Self {
        Self { title: title.into(), lines, ..Self::default() }
    }
}
