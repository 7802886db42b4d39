//! What a command answers.

use super::{Here, Invocation};
use crate::domain::RecordId;

/// Something to be asked before a command can be carried out as it should be.
#[derive(Debug, Clone)]
pub struct Question {
    /// What is asked, before what is typed: `why lost? `.
    pub text: String,
    /// The command, which is given the answer behind its arguments.
    pub invocation: Invocation,
    /// What stood around the cursor.
    pub here: Here,
    /// The flag that the answer goes with, if it has one.
    pub flag: Option<&'static str>,
    /// Answers that are known.
    pub answers: Vec<String>,
}

/// What a command answered.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// One sentence for the status line.
    pub message: String,
    /// What the lines are about.
    pub title: String,
    /// Lines to be read. One that begins with a record's id leads to it.
    pub lines: Vec<String>,
    /// Figures to be looked at, each with the records behind it.
    pub report: Option<Box<crate::insight::report::Report>>,
    /// Whether records were changed.
    pub changed: bool,
    /// The record to go to: a new one.
    pub go_to: Option<RecordId>,
    /// What is to be asked first; nothing has been done then.
    pub question: Option<Box<Question>>,
    /// What came of a form that was to be saved.
    pub saved: Option<Box<crate::actions::form::Saved>>,
    /// The step that it made.
    pub step: Option<u64>,
    /// The steps that were taken back (true) or done again, in order.
    pub turned: Vec<(u64, bool)>,
    /// An address for the system's opener: a number to be called.
    pub open: Option<String>,
    /// The records that were changed.
    pub ids: Vec<RecordId>,
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
