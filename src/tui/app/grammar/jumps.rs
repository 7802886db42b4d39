//! Where the cursor jumped from, and where something was changed: bound to records,
//! across panes, kept as Vim keeps them (`mark.c`).

use std::collections::HashMap;

use crate::command::{Id, Invocation};
use crate::domain::RecordId;
use crate::tui::app::message::{Effect, Level};
use crate::tui::app::state::App;
use crate::tui::keys::Pane;

/// A row of a pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui::app) struct Stand {
    pub(in crate::tui::app) pane: Pane,
    pub(in crate::tui::app) id: RecordId,
}

/// How many jumps are kept.
const KEPT: usize = 100;

/// The jump list, and the place of `''`.
#[derive(Debug, Clone, Default)]
pub(in crate::tui::app) struct Jumps {
    list: Vec<Stand>,
    /// Where in the list the cursor is; its length is behind all.
    at: usize,
    /// Where the last jump began: the mark `''`.
    pub(in crate::tui::app) context: Option<Stand>,
    /// What it was before, should the jump turn out to be none.
    previous: Option<Stand>,
    /// Whether `''` was bound to a row that is gone; before the first jump it is the
    /// first row.
    lost: bool,
}

impl Jumps {
    /// Returns a jump list as another session has left it.
    pub(in crate::tui::app) fn of(list: Vec<Stand>, at: usize, context: Option<Stand>) -> Self {
        let list: Vec<Stand> = list.into_iter().rev().take(KEPT).rev().collect();
        Self { at: at.min(list.len()), list, context, ..Self::default() }
    }

    /// Returns the list, oldest first, and where in it the cursor is.
    pub(in crate::tui::app) fn list(&self) -> (&[Stand], usize) {
        (&self.list, self.at)
    }

    /// Keeps a place that is about to be left (`setpcmark`).
    pub(in crate::tui::app) fn leave(&mut self, from: Option<Stand>) {
        let Some(from) = from else { return };
        self.previous = self.context;
        self.context = Some(from);
        self.lost = false;
        if self.list.len() == KEPT {
            self.list.remove(0);
        }
        self.list.push(from);
        self.at = self.list.len();
    }

    /// Takes back the place of `''` where the cursor has not moved, or the place is
    /// gone (`checkpcmark`).
    pub(in crate::tui::app) fn settle(&mut self, now: Option<Stand>) {
        if self.previous.is_some() && (self.context.is_none() || self.context == now) {
            self.context = self.previous;
        }
        self.previous = None;
    }

    /// Returns whether nothing has been left yet.
    pub(in crate::tui::app) fn is_new(&self) -> bool {
        self.context.is_none() && !self.lost
    }

    /// Returns the place so many jumps on, or back below 0 (`getmark_jumplist`).
    fn by(&mut self, count: isize, from: Option<Stand>) -> Option<Stand> {
        self.clean();
        let reach = |at: usize| at.checked_add_signed(count);
        let len = self.list.len();
        reach(self.at).filter(|at| *at < len)?;
        if self.at == len {
            self.leave(from);
            self.at -= 1;
            // A place that was in the list already has moved to its end.
            reach(self.at)?;
        }
        self.at = reach(self.at)?;
        self.list.get(self.at).copied()
    }

    /// Drops all but the last of equal places.
    fn clean(&mut self) {
        let behind = self.at == self.list.len();
        let old = std::mem::take(&mut self.list);
        let mut at = self.at;
        for (index, stand) in old.iter().enumerate() {
            if self.at == index {
                at = self.list.len();
            }
            if !old[index + 1..].contains(stand) {
                self.list.push(*stand);
            }
        }
        self.at = if behind { self.list.len() } else { at };
    }

    /// Binds the places of rows that go to the row behind them, as Vim does.
    fn rebind(&mut self, pane: Pane, to: &HashMap<RecordId, Option<RecordId>>, first_goes: bool) {
        self.lost |= self.is_new() && first_goes;
        let gone = |stand: &Stand| stand.pane == pane && to.contains_key(&stand.id);
        self.list.retain_mut(|stand| match to.get(&stand.id).filter(|_| stand.pane == pane) {
            Some(Some(id)) => {
                stand.id = *id;
                true
            }
            Some(None) => false,
            None => true,
        });
        self.at = self.at.min(self.list.len());
        self.lost |= self.context.is_some_and(|stand| gone(&stand));
        self.context = self.context.filter(|stand| !gone(stand));
        self.previous = self.previous.filter(|stand| !gone(stand));
    }
}

/// Where something was changed, oldest first.
#[derive(Debug, Clone, Default)]
pub(in crate::tui::app) struct Changes {
    list: Vec<Stand>,
    at: usize,
}

impl Changes {
    /// Returns the changes of another session.
    pub(in crate::tui::app) fn of(list: Vec<Stand>) -> Self {
        let list: Vec<Stand> = list.into_iter().rev().take(KEPT).rev().collect();
        Self { at: list.len(), list }
    }

    /// Returns them, oldest first.
    pub(in crate::tui::app) fn list(&self) -> &[Stand] {
        &self.list
    }

    /// Keeps where something was changed.
    pub(in crate::tui::app) fn add(&mut self, stand: Option<Stand>) {
        let Some(stand) = stand else { return };
        if self.list.last() != Some(&stand) {
            self.list.push(stand);
        }
        if self.list.len() > KEPT {
            self.list.remove(0);
        }
        self.at = self.list.len();
    }

    /// Returns the last one.
    pub(in crate::tui::app) fn last(&self) -> Option<Stand> {
        self.list.last().copied()
    }

    fn by(&mut self, count: isize) -> Option<Stand> {
        let last = self.list.len().checked_sub(1)?;
        let to = self.at.saturating_add_signed(count).min(last);
        if to == self.at {
            return None;
        }
        self.at = to;
        self.list.get(to).copied()
    }
}

/// Carries out a command of jumps; `None` if it is none.
pub(in crate::tui::app) fn run(app: &mut App, invocation: &Invocation) -> Option<Vec<Effect>> {
    let count = isize::try_from(invocation.count.unwrap_or(1)).unwrap_or(isize::MAX);
    let here = app.stand();
    match invocation.spec.id {
        Id::JumpOlder | Id::JumpNewer => {
            let count = if invocation.spec.id == Id::JumpOlder { -count } else { count };
            Some(match app.grammar.jumps.by(count, here) {
                Some(stand) => to(app, stand),
                None => app.refuse(if count < 0 { "no older place is known" } else { "no newer place is known" }, None),
            })
        }
        Id::ChangeOlder | Id::ChangeNewer => {
            let count = if invocation.spec.id == Id::ChangeOlder { -count } else { count };
            Some(match app.grammar.changes.by(count) {
                Some(stand) => to(app, stand),
                None => app.refuse(if count < 0 { "no older change is known" } else { "no newer change is known" }, None),
            })
        }
        Id::JumpAlternate => Some(match app.grammar.alternate {
            Some(id) => {
                app.grammar.alternate = app.opened.last().map(|opened| opened.id).or(app.current()).filter(|other| *other != id);
                app.opened.pop();
                crate::tui::app::showing::open(app, id)
            }
            None => app.refuse("no record has been opened before", Some("open one with <CR>")),
        }),
        Id::Jumps => {
            let jumps = &app.grammar.jumps;
            let lines = (jumps.list.iter().enumerate())
                .map(|(at, stand)| {
                    format!("{} {}{:>4} {}", stand.id, if at == jumps.at { ">" } else { " " }, jumps.at.abs_diff(at), stand.pane.name())
                })
                .rev()
                .collect();
            Some(told(app, "jumps, newest first", lines))
        }
        Id::Changes => {
            let lines = app.grammar.changes.list.iter().rev().map(|stand| format!("{} {}", stand.id, stand.pane.name())).collect();
            Some(told(app, "changes, newest first", lines))
        }
        _ => None,
    }
}

fn told(app: &mut App, title: &str, lines: Vec<String>) -> Vec<Effect> {
    if lines.is_empty() {
        app.say(Level::Info, "there are none yet");
    } else {
        crate::tui::app::showing::sheet(app, title, lines);
    }
    Vec::new()
}

/// Goes to a row of a pane, if the pane has it.
pub(in crate::tui::app) fn to(app: &mut App, stand: Stand) -> Vec<Effect> {
    if stand.pane == Pane::Record {
        return crate::tui::app::showing::open(app, stand.id);
    }
    let before = (app.focus, app.pipeline.column);
    let opened = std::mem::take(&mut app.opened);
    app.focus_on(stand.pane);
    if stand.pane == Pane::Pipeline
        && let Some(column) = app.pipeline.columns.iter().position(|column| column.ids.contains(&stand.id))
    {
        app.pipeline.column = column;
    }
    match app.row_of(stand.id) {
        Some(row) => {
            app.reveal(row);
            Vec::new()
        }
        None => {
            app.focus_on(before.0);
            app.pipeline.column = before.1;
            app.opened = opened;
            app.refuse(&format!("{} is not among the rows of {}", stand.id, stand.pane.name()), Some("it is filtered out, or in the trash"))
        }
    }
}

impl App {
    /// Returns where the cursor stands.
    pub(in crate::tui::app) fn stand(&self) -> Option<Stand> {
        if self.sheet.is_some() {
            return None;
        }
        self.current().map(|id| Stand { pane: self.pane(), id })
    }

    /// Keeps where the cursor stands among the jumps.
    pub(in crate::tui::app) fn jumps_from_here(&mut self) {
        if self.grammar.batch.is_none() {
            if self.grammar.jumps.is_new() {
                self.grammar.jumps.context = self.id_at(0).map(|id| Stand { pane: self.pane(), id });
            }
            self.grammar.jumps.leave(self.stand());
        }
    }

    /// Binds jumps to the rows that stay among these.
    pub(in crate::tui::app) fn rows_have_gone(&mut self, left: &[RecordId]) {
        let left: std::collections::HashSet<RecordId> = left.iter().copied().collect();
        let ids = self.row_ids();
        let gone: Vec<usize> = (0..ids.len()).filter(|row| !left.contains(&ids[*row])).collect();
        if !gone.is_empty() {
            self.rows_go(&gone);
        }
    }

    /// Binds jumps to the rows that stay, where these rows go.
    pub(in crate::tui::app) fn rows_go(&mut self, rows: &[usize]) {
        let ids = self.row_ids();
        let gone: std::collections::HashSet<usize> = rows.iter().copied().collect();
        let stays = |row: &usize| !gone.contains(row);
        let last = (0..ids.len()).rev().find(stays).map(|row| ids[row]);
        let mut after = None;
        let mut to = HashMap::new();
        for (row, id) in ids.iter().enumerate().rev() {
            if gone.contains(&row) {
                to.insert(*id, after.or(last));
            } else {
                after = Some(*id);
            }
        }
        self.grammar.jumps.rebind(self.pane(), &to, gone.contains(&0));
        let pane = self.pane();
        if let Some(selected) = self.grammar.selected.as_mut() {
            selected.rebind(pane, &to);
        }
    }
}
