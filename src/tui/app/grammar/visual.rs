//! Visual mode: rows from an anchor to the cursor, or cells of several rows.
//!
//! `v` and `V` both select rows: a row is to rolo what a line is to Vim, and there is
//! nothing smaller that could be selected across rows but cells, which `<C-v>` takes.

use std::collections::HashMap;

use super::cells::Spot;
use super::extent::Extent;
use super::operate;
use crate::command::{Id, Invocation};
use crate::domain::RecordId;
use crate::tui::app::message::Effect;
use crate::tui::app::running::{self, Given};
use crate::tui::app::state::App;
use crate::tui::keys::{Mode, Pane};

/// What is selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visual {
    /// Whether it is a block of cells.
    pub block: bool,
    /// The pane that it is in.
    pub pane: Pane,
    /// The row where it began.
    pub anchor: usize,
    /// The record where it began: rows may move under it.
    id: Option<RecordId>,
    /// The cell where it began.
    spot: Spot,
}

/// A selection that has ended.
#[derive(Debug, Clone, Copy)]
pub(in crate::tui::app) struct Selected {
    visual: Visual,
    end: Option<RecordId>,
    end_row: usize,
    end_spot: Spot,
    /// Where the two ends are to be found once their records are gone.
    instead: [Option<RecordId>; 2],
}

impl Selected {
    /// Binds the ends that go to the rows that stay; what comes back is found again.
    pub(in crate::tui::app) fn rebind(&mut self, pane: Pane, to: &HashMap<RecordId, Option<RecordId>>) {
        if self.visual.pane != pane {
            return;
        }
        for (bound, instead) in [self.visual.id, self.end].into_iter().zip(&mut self.instead) {
            let now = if bound.is_some_and(|id| to.contains_key(&id)) { bound } else { *instead };
            if let Some(stays) = now.and_then(|id| to.get(&id)) {
                *instead = *stays;
            }
        }
    }

    /// Returns the rows of the two ends, the anchor first.
    fn ends(&self, app: &App) -> (usize, usize) {
        let last = app.row_count().saturating_sub(1);
        let find = |id: Option<RecordId>, instead: Option<RecordId>, row: usize| {
            let known = |id: Option<RecordId>| id.and_then(|id| app.row_of(id));
            known(id).or_else(|| known(instead)).unwrap_or(row.min(last))
        };
        (find(self.visual.id, self.instead[0], self.visual.anchor), find(self.end, self.instead[1], self.end_row))
    }
}

/// Carries out a command of visual mode; `None` if it is none.
pub(in crate::tui::app) fn run(app: &mut App, invocation: &Invocation) -> Option<Vec<Effect>> {
    let count = invocation.count.unwrap_or(1).max(1) as usize;
    match invocation.spec.id {
        Id::Visual | Id::VisualBlock => Some(begin(app, invocation.spec.id == Id::VisualBlock, count)),
        Id::VisualAgain => Some(again(app)),
        Id::VisualOtherEnd => Some(other_end(app)),
        _ => None,
    }
}

fn begin(app: &mut App, block: bool, count: usize) -> Vec<Effect> {
    if let Some(visual) = &mut app.grammar.visual {
        if visual.block == block {
            end(app);
        } else {
            visual.block = block;
        }
        return Vec::new();
    }
    if app.sheet.is_some() {
        return app.refuse("these lines are to be read", Some("close them with <Esc>"));
    }
    if app.row_count() == 0 {
        return running::nothing_here(app);
    }
    let row = app.cursor();
    app.grammar.visual = Some(Visual { block, pane: app.pane(), anchor: row, id: app.id_at(row), spot: operate::spot(app) });
    if count > 1
        && let Some(view) = app.view_mut()
    {
        view.go_to(view.cursor() + count - 1);
    }
    app.mode = Mode::Visual;
    Vec::new()
}

/// Ends the selection; `gv` brings it back.
pub(in crate::tui::app) fn end(app: &mut App) {
    if let Some(visual) = app.grammar.visual.take() {
        let row = app.cursor();
        app.grammar.selected =
            Some(Selected { visual, end: app.id_at(row), end_row: row, end_spot: operate::spot(app), instead: [None; 2] });
        if app.mode == Mode::Visual {
            app.mode = Mode::Normal;
        }
    }
}

fn again(app: &mut App) -> Vec<Effect> {
    let Some(selected) = app.grammar.selected else {
        return app.refuse("nothing has been selected yet", Some("press V and move"));
    };
    if selected.visual.pane != app.pane() {
        return app.refuse(&format!("the last selection is in {}", selected.visual.pane.name()), None);
    }
    end(app);
    let (anchor, cursor) = selected.ends(app);
    app.grammar.visual = Some(Visual { anchor, id: app.id_at(anchor), ..selected.visual });
    app.mode = Mode::Visual;
    app.go_to(cursor);
    if selected.visual.block {
        app.set_spot(selected.end_spot);
    }
    Vec::new()
}

fn other_end(app: &mut App) -> Vec<Effect> {
    let Some(mut visual) = app.grammar.visual else {
        return app.refuse("nothing is selected", Some("press V and move"));
    };
    let (row, spot) = (app.cursor(), operate::spot(app));
    let to = visual.anchor;
    app.set_spot(visual.spot);
    app.go_to(to);
    (visual.anchor, visual.id, visual.spot) = (row, app.id_at(row), spot);
    app.grammar.visual = Some(visual);
    Vec::new()
}

/// Returns what is selected.
pub(in crate::tui::app) fn extent(app: &App) -> Option<Extent> {
    let visual = app.grammar.visual?;
    let (low, high) = (visual.anchor.min(app.cursor()), visual.anchor.max(app.cursor()));
    let rows: Vec<usize> = (low..=high.min(app.row_count().saturating_sub(1))).collect();
    if !visual.block {
        return Some(Extent::Rows(rows));
    }
    let (one, other) = (visual.spot.cell, operate::spot(app).cell);
    Some(Extent::Cells { rows, from: one.min(other), to: one.max(other) })
}

/// Selects exactly these rows, which stand together.
pub(in crate::tui::app) fn select(app: &mut App, rows: &[usize]) -> Vec<Effect> {
    let (Some(&first), Some(&last)) = (rows.first(), rows.last()) else { return app.fail() };
    if last - first + 1 != rows.len() {
        return app.refuse("those rows do not stand together", Some("sort by what they share, or use it behind an operator"));
    }
    let id = app.id_at(first);
    if let Some(visual) = &mut app.grammar.visual {
        (visual.anchor, visual.id) = (first, id);
    }
    app.go_to(last);
    Vec::new()
}

/// Carries a command out while rows are selected; `None` leaves it to normal mode.
pub(in crate::tui::app) fn dispatch(app: &mut App, invocation: &Invocation, given: &Given) -> Option<Vec<Effect>> {
    let spec = invocation.spec;
    match spec.id {
        Id::Cancel | Id::Close => {
            end(app);
            Some(Vec::new())
        }
        Id::CommandLine => {
            end(app);
            Some(running::prompt(app, &format!("'<,'>{}", invocation.args)))
        }
        Id::Visual | Id::VisualBlock | Id::VisualAgain | Id::VisualOtherEnd | Id::Operator => None,
        Id::Execute | Id::Put | Id::PutBefore => {
            end(app);
            None
        }
        _ if spec.object => Some(super::objects::begin(app, invocation)),
        _ if spec.motion.is_some() => None,
        // As in Vim: jumps are for moving, not for selecting.
        Id::JumpOlder | Id::JumpNewer | Id::ChangeOlder | Id::ChangeNewer => {
            Some(app.refuse("the cursor does not jump while rows are selected", Some("end the selection with <Esc>")))
        }
        Id::ScrollDown | Id::ScrollUp | Id::RowToTop | Id::RowToMiddle | Id::RowToBottom => None,
        Id::NoHighlight | Id::Redraw | Id::WhereAmI | Id::SetMark | Id::Nothing | Id::Record => None,
        _ if spec.range => {
            let line = format!("{} {}", spec.name, invocation.args);
            Some(operate::on_selection(app, line.trim_end(), invocation, given))
        }
        _ => {
            end(app);
            None
        }
    }
}

impl App {
    /// Returns what is selected in a pane: the anchor's row, and whether it is a block
    /// of cells, with its first and last cell.
    pub fn selection(&self, pane: Pane) -> Option<(Visual, usize, usize)> {
        let visual = self.grammar.visual.filter(|visual| visual.pane == pane && self.pane() == pane)?;
        let cell = operate::spot(self).cell;
        Some((visual, visual.spot.cell.min(cell), visual.spot.cell.max(cell)))
    }

    /// Keeps the anchor on its record when the rows have come anew.
    pub(in crate::tui::app) fn anchor_again(&mut self) {
        let Some(visual) = self.grammar.visual.filter(|visual| visual.pane == self.pane()) else { return };
        let row = visual.id.and_then(|id| self.row_of(id)).unwrap_or(visual.anchor);
        let last = self.row_count().saturating_sub(1);
        if let Some(visual) = &mut self.grammar.visual {
            visual.anchor = row.min(last);
        }
    }

    /// Returns the first and last row of the selection, or of the last one.
    pub(in crate::tui::app) fn selected_rows(&self) -> Option<(usize, usize)> {
        if let Some(visual) = self.grammar.visual {
            return Some((visual.anchor.min(self.cursor()), visual.anchor.max(self.cursor())));
        }
        let selected = self.grammar.selected.filter(|selected| selected.visual.pane == self.pane())?;
        let (one, other) = selected.ends(self);
        Some((one.min(other), one.max(other)))
    }
}
