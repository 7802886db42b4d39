//! What stands around the cursor when a command is given.

use crate::domain::{Kind, RecordId};

/// What stands around the cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Here {
    /// The records it is about, in order: the cursor's row, or a range's.
    pub targets: Vec<RecordId>,
    /// The field of the cell under the cursor, as it is written.
    pub field: Option<String>,
    /// The fields of the cells that it is about; of rows those of the pane's columns.
    pub fields: Vec<String>,
    /// The kind of record that the pane shows.
    pub kind: Option<Kind>,
    /// What was searched for last.
    pub last_search: Option<String>,
    /// Whether a pattern ignores case, and whether a capital in it asks for case.
    pub case: (bool, bool),
    /// Whether it is a part of a step that goes on: of this one, or of one that its
    /// first change begins.
    pub joins: Option<Option<u64>>,
    /// A step that ends before it.
    pub ends: Option<u64>,
    /// What an editor left, that it may be kept.
    pub edited: Option<Box<crate::actions::Edited>>,
    /// Whose value stands in which places where records are merged.
    pub sides: Vec<(crate::actions::Slot, crate::actions::Side)>,
    /// What is only supposed: `o12 stage=won`.
    pub scratch: Vec<String>,
    /// The changed lines of a form that is to be saved.
    pub draft: Option<Box<crate::actions::form::Draft>>,
}
