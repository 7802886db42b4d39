//! What an action did, in a few numbers and one sentence.

use crate::domain::RecordId;

/// What an action did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The step it made; `None` when nothing changed, or on a dry run.
    pub step: Option<u64>,
    /// The records it was about: created or changed, in the order asked for.
    pub ids: Vec<RecordId>,
    /// How many records changed, or would.
    pub changed: usize,
    /// How many stood as they were to be.
    pub unchanged: usize,
    /// One sentence for the status line, without a full stop.
    pub message: String,
}
