//! What stands around the cursor when a command is given.

use crate::domain::{Kind, RecordId};

/// What stands around the cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Here {
    /// The records it is about, in order: the cursor's row, or a range's.
    pub targets: Vec<RecordId>,
    /// The field of the cell under the cursor, as it is written.
    pub field: Option<String>,
    /// The kind of record that the pane shows.
    pub kind: Option<Kind>,
}
