//! What is kept of a workspace, as it is written: words and numbers, no types of the
//! application, so that the format stays while they change.
//!
//! What is missing is as it is at first, what is unknown is passed over; a file of a
//! later format is not read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The format that is written here; a larger number is of a later version.
pub const FORMAT: u32 = 1;

/// What is kept of a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// The format.
    pub format: u32,
    /// The tabs, in their order.
    pub tabs: Vec<Tab>,
    /// Which of them is seen.
    pub tab: usize,
    /// The records that were open over the panes, the last one on top.
    pub opened: Vec<Opened>,
    /// The theme, where another one was chosen than the user's file names.
    pub theme: Option<String>,
    /// What `:set` was told, beyond the user's file.
    pub options: Vec<String>,
    /// Marks.
    pub marks: BTreeMap<char, Mark>,
    /// Registers, those with macros too.
    pub registers: BTreeMap<char, Register>,
    /// The register that `""` means.
    pub register: Option<char>,
    /// The jump list, oldest first.
    pub jumps: Vec<Stand>,
    /// Where in it one stands.
    pub jump: usize,
    /// The mark `''`.
    pub context: Option<Stand>,
    /// Where something was changed, oldest first.
    pub changes: Vec<Stand>,
    /// The last search.
    pub search: Option<Search>,
    /// Lines typed into the prompts, by the prompt's name.
    pub histories: BTreeMap<String, Vec<String>>,
    /// The last `:` line.
    pub line: Option<String>,
    /// The last replacement.
    pub substitution: Option<String>,
    /// The register that `@@` means.
    pub executed: Option<char>,
    /// The record that `<C-^>` opens.
    pub alternate: Option<String>,
}

/// One tab.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tab {
    /// The pane with the focus.
    pub focus: String,
    /// The pane whose cursor the timeline follows.
    pub leading: String,
    /// Whether the focused pane has the screen.
    pub zoomed: bool,
    /// How the screen is split, where the user did.
    pub windows: Option<Windows>,
    /// The contacts, or another kind.
    pub contacts: List,
    /// The queue.
    pub tickets: List,
    /// The board.
    pub pipeline: Board,
    /// The timeline.
    pub timeline: Timeline,
}

/// A part of the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Windows {
    /// One pane.
    Pane(String),
    /// Two parts.
    Split {
        /// Whether they stand side by side.
        beside: bool,
        /// The share of the first, in thousandths.
        share: u16,
        /// Both.
        parts: Box<(Windows, Windows)>,
    },
}

/// Where a cursor stood.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// On which record, or entry of the timeline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// On which line, from 0: where it stands if the record is gone.
    pub line: usize,
    /// How many rows below the first one on screen.
    pub below_top: usize,
    /// Whether the first of all rows is on screen.
    pub at_beginning: bool,
    /// The cell.
    pub cell: usize,
    /// The letter in it.
    pub letter: usize,
}

/// A pane of rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct List {
    /// What is listed.
    pub kind: String,
    /// The filter.
    pub filter: String,
    /// The sort.
    pub sort: String,
    /// The columns, where they are others than at first.
    pub columns: Option<Vec<String>>,
    /// The folds.
    pub folds: Folds,
    /// The cursor.
    pub at: Place,
}

/// The board.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Board {
    /// Which pipeline.
    pub pipeline: String,
    /// The filter.
    pub filter: String,
    /// The stage of the column under the cursor.
    pub stage: String,
    /// The cursor of each column, by stage.
    pub at: BTreeMap<String, Place>,
    /// The folds.
    pub folds: Folds,
}

/// The timeline.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Timeline {
    /// Whose.
    pub of: Option<String>,
    /// The channels that are shown; none for all.
    pub channels: Vec<String>,
    /// The folds.
    pub folds: Folds,
    /// The cursor.
    pub at: Place,
}

/// Which groups are closed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Folds {
    /// Whether all are but these, or none but these.
    pub all: bool,
    /// These.
    pub except: Vec<String>,
}

/// An opened record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Opened {
    /// Which.
    pub id: String,
    /// The cursor among its lines.
    pub at: Place,
}

/// A marked row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mark {
    /// In which pane.
    pub pane: String,
    /// The record.
    pub id: String,
    /// The cell.
    pub cell: usize,
    /// The letter in it.
    pub letter: usize,
}

/// A row of a pane.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stand {
    /// Which pane.
    pub pane: String,
    /// The record.
    pub id: String,
}

/// What a register holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Register {
    /// What kind of thing: rows, cells, keys.
    pub kind: String,
    /// Its lines: the record that each came from, and its text.
    pub lines: Vec<(Option<String>, Option<String>)>,
}

/// The last search.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Search {
    /// What was looked for.
    pub pattern: String,
    /// Whether it was looked for backward.
    pub back: bool,
    /// Whether hits are highlighted.
    pub shown: bool,
}
