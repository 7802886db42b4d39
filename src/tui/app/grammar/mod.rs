//! Vim's grammar on rows: operators and their motions, objects, selections, registers,
//! marks, macros, ranges, and what it remembers between keys.
//!
//! It knows panes only as rows that a cursor stands on (`rows`).

pub(in crate::tui::app) mod apply;
pub(in crate::tui) mod awaiting;
pub mod cells;
pub(in crate::tui::app) mod extent;
pub(in crate::tui::app) mod goal;
pub(in crate::tui::app) mod jumps;
pub(in crate::tui::app) mod line;
pub mod macros;
pub(in crate::tui::app) mod many;
pub mod marks;
pub(in crate::tui) mod motions;
pub(in crate::tui::app) mod objects;
pub(in crate::tui::app) mod operate;
pub(in crate::tui::app) mod put;
pub(in crate::tui::app) mod reading;
pub mod registers;
pub(in crate::tui::app) mod repeat;
pub(in crate::tui::app) mod replace;
pub(in crate::tui) mod rows;
pub mod search;
pub(in crate::tui::app) mod step;
pub(in crate::tui::app) mod undoing;
pub mod visual;

use std::collections::BTreeMap;

use awaiting::Awaiting;
use goal::Goal;
use jumps::{Changes, Jumps};
use macros::Recording;
use many::Batch;
use operate::Operator;
use registers::Registers;
use repeat::Change;
use step::OpenStep;
use undoing::Places;
use visual::{Selected, Visual};

/// What the grammar remembers.
#[derive(Debug, Default)]
pub struct Grammar {
    /// The operator that waits for its motion.
    pub(in crate::tui::app) operator: Option<Operator>,
    /// The selection.
    pub(in crate::tui::app) visual: Option<Visual>,
    /// The selection before, for `gv`.
    pub(in crate::tui::app) selected: Option<Selected>,
    /// The registers.
    pub registers: Registers,
    /// Where the cursor jumped from.
    pub(in crate::tui::app) jumps: Jumps,
    /// Where something was changed.
    pub(in crate::tui::app) changes: Changes,
    /// The last change, for `.`.
    pub(in crate::tui::app) change: Option<Change>,
    /// Whether what runs is done again and not to be remembered anew.
    pub(in crate::tui::app) repeating: bool,
    /// The last `:` line.
    pub(in crate::tui::app) line: Option<String>,
    /// The last replacement: what `&` does again.
    pub(in crate::tui::app) substitution: Option<String>,
    /// The last `@{a}`.
    pub(in crate::tui::app) executed: Option<char>,
    /// The macro that is being recorded.
    pub recording: Option<Recording>,
    /// What waits for an answer of the loader.
    pub(in crate::tui::app) awaiting: Option<Awaiting>,
    /// How many keys macros have put in since one was typed.
    pub(in crate::tui::app) played: usize,
    /// The rows that `:g` and `:norm` still have to go to.
    pub(in crate::tui::app) batch: Option<Batch>,
    /// Where the cursor goes when the rows have come.
    pub(in crate::tui::app) goal: Option<Goal>,
    /// How many steps are being taken back or done again.
    pub(in crate::tui::app) turning: Option<usize>,
    /// Where the cursor was in the steps of this session, for undo.
    pub(in crate::tui::app) places: Places,
    /// The step that a macro's changes belong to.
    pub(in crate::tui::app) step: Option<OpenStep>,
    /// Whether a command has failed since this was looked at last.
    pub(in crate::tui::app) failed: bool,
    /// What was last typed into a cell: the register `"."`.
    pub(in crate::tui::app) inserted: String,
    /// The record opened before the last one, for `<C-^>`.
    pub(in crate::tui::app) alternate: Option<crate::domain::RecordId>,
    /// Marks.
    pub marks: BTreeMap<char, marks::Mark>,
}
