//! What the grammar remembers between keys: the operator that waits, the selection,
//! registers, jumps, what `.` and `@:` do again.

use std::collections::BTreeMap;

use super::awaiting::Awaiting;
use super::goal::Goal;
use super::jumps::{Changes, Jumps};
use super::macros::Recording;
use super::many::Batch;
use super::operate::Operator;
use super::registers::Registers;
use super::repeat::Change;
use super::step::OpenStep;
use super::undoing::Places;
use super::visual::{Selected, Visual};

/// What the grammar remembers.
#[derive(Debug, Default)]
pub struct Grammar {
    /// The operator that waits for its motion.
    pub(super) operator: Option<Operator>,
    /// The selection.
    pub(super) visual: Option<Visual>,
    /// The selection before, for `gv`.
    pub(super) selected: Option<Selected>,
    /// The registers.
    pub registers: Registers,
    /// Where the cursor jumped from.
    pub(super) jumps: Jumps,
    /// Where something was changed.
    pub(super) changes: Changes,
    /// The last change, for `.`.
    pub(super) change: Option<Change>,
    /// Whether what runs is done again and not to be remembered anew.
    pub(super) repeating: bool,
    /// The last `:` line.
    pub(super) line: Option<String>,
    /// The last replacement: what `&` does again.
    pub(super) substitution: Option<String>,
    /// The last `@{a}`.
    pub(super) executed: Option<char>,
    /// The macro that is being recorded.
    pub recording: Option<Recording>,
    /// What waits for an answer of the loader.
    pub(super) awaiting: Option<Awaiting>,
    /// How many keys macros have put in since one was typed.
    pub(super) played: usize,
    /// The rows that `:g` and `:norm` still have to go to.
    pub(super) batch: Option<Batch>,
    /// Where the cursor goes when the rows have come.
    pub(super) goal: Option<Goal>,
    /// How many steps are being taken back or done again.
    pub(super) turning: Option<usize>,
    /// Where the cursor was in the steps of this session, for undo.
    pub(super) places: Places,
    /// The step that a macro's changes belong to.
    pub(super) step: Option<OpenStep>,
    /// Whether a command has failed since this was looked at last.
    pub(super) failed: bool,
    /// What was last typed into a cell: the register `"."`.
    pub(super) inserted: String,
    /// The record opened before the last one, for `<C-^>`.
    pub(super) alternate: Option<crate::domain::RecordId>,
    /// Marks.
    pub marks: BTreeMap<char, super::marks::Mark>,
}
