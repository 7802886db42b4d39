//! Carries a command out on the rows or cells that an operator, a range or a
//! selection has given it.

use super::extent::Extent;
use super::goal::Goal;
use super::registers::{Kind, Line, Register};
use super::undoing::Block;
use crate::command::{self, Here, Id, Invocation};
use crate::domain::RecordId;
use crate::tui::app::message::{Effect, Level, Request};
use crate::tui::app::row::Written;
use crate::tui::app::running::{self, Given};
use crate::tui::app::state::App;
use crate::tui::keys::Pane;

/// Carries a command out on an extent.
pub(in crate::tui::app) fn apply(app: &mut App, mut invocation: Invocation, extent: Extent, given: &Given) -> Vec<Effect> {
    if app.row_count() == 0 {
        return running::nothing_here(app);
    }
    // As in Vim, an operator takes closed folds whole, and `:g` the rows that it found.
    let extent = match extent {
        extent if given.one_by_one => extent,
        Extent::Rows(rows) => Extent::Rows(app.with_folds(&rows)),
        Extent::Cells { rows, from, to } => {
            let all = app.with_folds(&rows);
            let folded = all.len() > rows.len();
            if folded && acts_on_cells(invocation.spec.id) { Extent::Rows(all) } else { Extent::Cells { rows: all, from, to } }
        }
    };
    // The lines of an opened record are its fields: rows of it are cells.
    let extent = match extent {
        Extent::Rows(rows) if !app.has_records() && acts_on_cells(invocation.spec.id) => Extent::Cells { rows, from: 1, to: 1 },
        extent => extent,
    };
    let first = extent.rows().first().copied().unwrap_or(0);
    match (invocation.spec.id, &extent) {
        (Id::Yank, _) => yank(app, &invocation, &extent, given),
        (Id::Trash, Extent::Rows(rows)) => trash(app, invocation, &rows.clone(), given),
        (Id::Trash, Extent::Cells { .. }) => clear(app, &invocation, &extent, given),
        (Id::Change, Extent::Cells { rows, from, to }) => {
            let (row, cell) = (rows[0], *from);
            let rest = Extent::Cells { rows: rows.clone(), from: cell + 1, to: *to };
            stand_on(app, row, Some(cell));
            let mut effects = if *to > cell { clear(app, &invocation, &rest, given) } else { Vec::new() };
            remember_cells(app, invocation.register, &extent);
            effects.extend(running::edit_cell(app, &Invocation::of(command::spec(Id::ChangeCell)), given));
            // As in Vim, what is typed goes into each row of a block.
            if let (true, Ok(ids), Some(editing)) = (rows.len() > 1, app.records_of(rows), app.editing.as_mut()) {
                editing.also = ids.into_iter().filter(|id| *id != editing.id).collect();
            }
            effects
        }
        (Id::Change | Id::Edit, Extent::Rows(rows)) => {
            let ids = app.records_of(rows);
            stand_on(app, first, None);
            match ids {
                Ok(ids) => vec![Effect::Edit(ids)],
                Err(why) => app.refuse(&why, None),
            }
        }
        (Id::Edit, Extent::Cells { rows, .. }) => apply(app, invocation, Extent::Rows(rows.clone()), given),
        (Id::Normal | Id::Execute | Id::Global | Id::Except | Id::SetMark, _) => Vec::new(),
        (Id::Through, Extent::Rows(rows)) if invocation.args.is_empty() => {
            // As in Vim: the range stands in the prompt, the command is typed.
            let last = rows.last().copied().unwrap_or(first);
            stand_on(app, first, None);
            let range = if last == first { ".".to_owned() } else { format!(".,.+{}", last - first) };
            running::prompt(app, &format!("{range}!"))
        }
        _ => {
            let ids = match app.records_of(extent.rows()) {
                Ok(ids) => ids,
                Err(why) => return app.refuse(&why, None),
            };
            let fields = fields_of(app, &extent);
            let at = match &extent {
                Extent::Cells { from, .. } => Some(*from),
                Extent::Rows(_) => None,
            };
            stand_on(app, first, at);
            if invocation.spec.id == Id::Merge && ids.len() == 1 {
                return app.refuse("one record alone is not merged", Some("select several with V, or give a count"));
            }
            if let (Id::Increase | Id::Decrease, true) = (invocation.spec.id, invocation.args.is_empty()) {
                invocation.args = invocation.count.take().map(|by| by.to_string()).unwrap_or_default();
            }
            let field = app.written_under_cursor().map(|written| written.field);
            let here = Here { targets: ids, field, fields, kind: Some(app.kind_here()), ..Here::default() };
            vec![app.effect(invocation, here)]
        }
    }
}

/// Returns whether a command does something with cells that it does not with rows.
fn acts_on_cells(id: Id) -> bool {
    matches!(id, Id::Trash | Id::Yank | Id::Change)
}

/// Puts the cursor where an extent begins.
fn stand_on(app: &mut App, row: usize, cell: Option<usize>) {
    app.go_to(row);
    if let Some(cell) = cell {
        app.set_spot(super::cells::Spot::cell(cell));
    }
}

/// Returns the fields that cells stand for, as they are written; of rows those of the
/// pane's columns.
fn fields_of(app: &App, extent: &Extent) -> Vec<String> {
    match extent {
        Extent::Rows(_) => app.columns_here(),
        Extent::Cells { rows, from, to } => {
            let written = |cell: usize| match rows.as_slice() {
                [row] => app.written(*row, cell).map(|written| written.field),
                _ if !app.has_records() => None,
                _ => app.columns_here().get(cell).cloned(),
            };
            let single: Vec<String> = (*from..=*to).filter_map(written).collect();
            if single.is_empty() && !app.has_records() {
                return rows.iter().filter_map(|row| app.written(*row, 1)).map(|written| written.field).collect();
            }
            single
        }
    }
}

/// Returns what a register is to hold of an extent, and the records whose texts are
/// still to be loaded.
fn content(app: &App, extent: &Extent) -> (Register, Vec<RecordId>) {
    let mut missing = Vec::new();
    let line = |row: usize, text: Option<String>, missing: &mut Vec<RecordId>| {
        let id = app.id_at(row);
        if text.is_none() {
            missing.extend(id);
        }
        Line { id, text }
    };
    match extent {
        Extent::Rows(rows) => {
            let lines = rows.iter().map(|row| line(*row, app.row_text(*row), &mut missing)).collect();
            (Register { kind: Kind::Rows, lines }, missing)
        }
        Extent::Cells { rows, from, to } => {
            let text = |row: usize| {
                let cells = &app.shown_row(row)?.cells;
                let texts = (*from..=*to).filter_map(|cell| cells.get(cell));
                Some(super::rows::tabbed(texts.map(|cell| cell.written.as_ref().map_or(cell.text.as_str(), |written| &written.text))))
            };
            let lines = rows.iter().map(|row| Line { id: app.id_at(*row), text: Some(text(*row).unwrap_or_default()) }).collect();
            (Register { kind: Kind::Cells, lines }, missing)
        }
    }
}

/// Returns the effects that complete a register: texts of rows not on screen, and
/// the clipboard's.
fn complete(app: &App, missing: Vec<RecordId>, register: Option<char>) -> Vec<Effect> {
    if !missing.is_empty() {
        return vec![Effect::Load(Request::Texts { ids: missing, columns: app.columns_here() })];
    }
    match register {
        Some('+' | '*') => app.grammar.registers.clipboard().map(Effect::Copy).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn yank(app: &mut App, invocation: &Invocation, extent: &Extent, given: &Given) -> Vec<Effect> {
    let (content, missing) = content(app, extent);
    let (count, what) = match extent {
        Extent::Rows(rows) => (rows.len(), "rows"),
        Extent::Cells { rows, from, to } => (rows.len() * (to - from + 1), "cells"),
    };
    app.grammar.registers.yank(invocation.register, content);
    let cell = match extent {
        Extent::Cells { from, .. } => Some(*from),
        Extent::Rows(_) => None,
    };
    // `:y` leaves the cursor where it is.
    if given.by_key {
        stand_on(app, extent.rows().first().copied().unwrap_or(0), cell);
    }
    if count > 1 {
        app.say(Level::Info, format!("{count} {what} copied"));
    }
    complete(app, missing, invocation.register)
}

fn remember_cells(app: &mut App, register: Option<char>, extent: &Extent) {
    let (content, _) = content(app, extent);
    app.grammar.registers.delete(register, content, false);
}

/// Puts rows into the trash and into a register.
fn trash(app: &mut App, mut invocation: Invocation, rows: &[usize], given: &Given) -> Vec<Effect> {
    let ids = match app.records_of(rows) {
        Ok(ids) => ids,
        Err(why) => return app.refuse(&why, None),
    };
    let first = rows[0];
    let mut missing = Vec::new();
    if given.one_by_one {
        // `:g/x/d` deletes row by row, and so do the registers see it.
        let from = if invocation.register.is_some_and(|name| name.is_ascii_uppercase()) { 0 } else { rows.len().saturating_sub(9) };
        for row in &rows[from..] {
            let (content, more) = content(app, &Extent::Rows(vec![*row]));
            missing.extend(more);
            app.grammar.registers.delete(invocation.register, content, true);
        }
    } else {
        let (content, more) = content(app, &Extent::Rows(rows.to_vec()));
        missing = more;
        app.grammar.registers.delete(invocation.register, content, true);
    }
    let last = rows.len() - 1;
    let goal = if given.one_by_one { rows[last] - last } else { first };
    let blocks = if given.one_by_one {
        rows.iter().enumerate().map(|(gone, row)| Block { top: row - gone, rows: 1 }).collect()
    } else {
        vec![Block { top: first, rows: rows.len() }]
    };
    let after = app.survivor(rows, goal);
    app.rows_go(rows);
    app.grammar.jumps.settle(after.map(|id| super::jumps::Stand { pane: app.pane(), id }));
    app.grammar.changes.add(after.map(|id| super::jumps::Stand { pane: app.pane(), id }));
    app.grammar.goal = Some(Goal::Row { pane: app.pane(), row: goal });
    app.grammar.places.doing(app.pane(), first, blocks);
    let register = invocation.register.take();
    let mut effects = complete(app, missing, register);
    invocation.count = None;
    let here = Here { targets: ids, kind: Some(app.kind_here()), ..Here::default() };
    effects.push(app.effect(invocation, here));
    effects
}

/// Clears cells and puts their texts into a register.
fn clear(app: &mut App, invocation: &Invocation, extent: &Extent, given: &Given) -> Vec<Effect> {
    let mut fields = fields_of(app, extent);
    fields.dedup();
    if fields.is_empty() {
        return app.refuse("nothing can be cleared here", Some("go to a field that is written in place"));
    }
    let ids = match app.has_records() {
        true => match app.records_of(extent.rows()) {
            Ok(ids) => ids,
            Err(why) => return app.refuse(&why, None),
        },
        false => app.opened.last().map(|opened| opened.id).into_iter().collect(),
    };
    let (content, missing) = content(app, extent);
    app.grammar.registers.delete(invocation.register, content, given.numbered);
    if let Extent::Cells { rows, from, .. } = extent {
        stand_on(app, rows[0], Some(*from));
    }
    let mut set = Invocation::of(command::spec(Id::Set));
    set.args = fields.iter().map(|field| format!("{field}=")).collect::<Vec<_>>().join(" ");
    let here = Here { targets: ids, ..Here::default() };
    let mut effects = complete(app, missing, invocation.register);
    effects.push(app.effect(set, here));
    effects
}

impl App {
    /// Returns the records of rows, each once.
    ///
    /// # Errors
    /// One sentence where a row is none: a change in the timeline.
    pub(in crate::tui::app) fn records_of(&self, rows: &[usize]) -> Result<Vec<RecordId>, String> {
        if let Some(opened) = self.opened.last() {
            return Ok(vec![opened.id]);
        }
        let mut seen = std::collections::HashSet::new();
        let mut ids = Vec::with_capacity(rows.len());
        for &row in rows {
            let Some(id) = self.id_at(row) else { continue };
            if self.focus == Pane::Timeline
                && let Some(entry) = self.timeline.rows.get(row)
                && entry.key != id.to_string()
            {
                return Err(format!("this entry is a change of {id} and no record of its own"));
            }
            if seen.insert(id) {
                ids.push(id);
            }
        }
        Ok(ids)
    }

    /// Returns the field behind a cell, as it is written.
    pub(in crate::tui::app) fn written(&self, row: usize, cell: usize) -> Option<Written> {
        self.shown_row(row)?.cells.get(cell)?.written.clone()
    }

    /// Returns the record that stands on a row once these rows are gone.
    fn survivor(&self, gone: &[usize], row: usize) -> Option<RecordId> {
        let left = self.row_count().checked_sub(gone.len()).filter(|left| *left > 0)?;
        let mut wanted = row.min(left - 1);
        for gone in gone {
            if *gone <= wanted {
                wanted += 1;
            }
        }
        self.id_at(wanted)
    }
}
