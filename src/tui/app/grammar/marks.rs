//! Marks: letters bound to records, across panes.

use super::cells::Spot;
use super::jumps::{self, Stand};
use super::operate;
use crate::command::{Id, Invocation};
use crate::domain::RecordId;
use crate::tui::app::message::{Effect, Level};
use crate::tui::app::running::Given;
use crate::tui::app::state::App;
use crate::tui::app::{running, showing};
use crate::tui::keys::Pane;

/// A marked row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The pane that it was set in.
    pub pane: Pane,
    /// The record.
    pub id: RecordId,
    /// The cell.
    pub(in crate::tui::app) spot: Spot,
}

/// Carries out a command of marks; `None` if it is none.
pub(in crate::tui::app) fn run(app: &mut App, invocation: &Invocation, given: &Given) -> Option<Vec<Effect>> {
    match invocation.spec.id {
        Id::SetMark => Some(set(app, invocation, given)),
        Id::Marks => {
            let wanted = invocation.args.replace(' ', "");
            let marks = app.grammar.marks.iter().filter(|(name, _)| wanted.is_empty() || wanted.contains(**name));
            let lines: Vec<String> = marks.map(|(name, mark)| format!("{} {name} {}", mark.id, mark.pane.name())).collect();
            if lines.is_empty() {
                app.say(Level::Info, "no marks are set");
            } else {
                showing::sheet(app, "marks", lines);
            }
            Some(Vec::new())
        }
        Id::DelMarks => Some(delete(app, invocation)),
        _ => None,
    }
}

fn set(app: &mut App, invocation: &Invocation, given: &Given) -> Vec<Effect> {
    let name = given.character.or_else(|| invocation.args.chars().next());
    let row = given.rows.as_ref().and_then(|rows| rows.last().copied()).unwrap_or(app.cursor());
    let Some(id) = app.id_at(row).filter(|_| app.sheet.is_none()) else { return running::nothing_here(app) };
    match name {
        Some(name) if name.is_ascii_alphabetic() => {
            app.grammar.marks.insert(name, Mark { pane: app.pane(), id, spot: operate::spot(app) });
            Vec::new()
        }
        Some('\'' | '`') => {
            app.jumps_from_here();
            Vec::new()
        }
        _ => app.refuse("a mark is one letter", Some("such as ma")),
    }
}

fn delete(app: &mut App, invocation: &Invocation) -> Vec<Effect> {
    let marks = &mut app.grammar.marks;
    if invocation.bang {
        marks.retain(|name, _| name.is_ascii_uppercase());
        return Vec::new();
    }
    if invocation.args.is_empty() {
        return app.refuse("which marks?", Some("write :delmarks a b, :delmarks a-d, or :delmarks! for all small ones"));
    }
    let names: Vec<char> = invocation.args.chars().filter(|c| !c.is_whitespace()).collect();
    let mut at = 0;
    while at < names.len() {
        let to = if names.get(at + 1) == Some(&'-') { names.get(at + 2).copied() } else { None };
        let (from, to) = (names[at], to.unwrap_or(names[at]));
        marks.retain(|name, _| !(from..=to).contains(name));
        at += if from == to { 1 } else { 3 };
    }
    Vec::new()
}

/// Goes to a mark's row; the jump list takes where the cursor was.
pub(in crate::tui::app) fn go(app: &mut App, name: Option<char>, with_cell: bool) -> Vec<Effect> {
    let Some(name) = name else { return app.refuse("which mark?", Some("such as 'a")) };
    let found = match app.mark(name) {
        Ok(found) => found,
        Err(why) => return app.refuse(&why, None),
    };
    let is_operand = app.grammar.operator.is_some();
    if is_operand && found.0.pane != app.pane() {
        return app.refuse(&format!("the mark {name} is in {}", found.0.pane.name()), None);
    }
    app.jumps_from_here();
    let effects = jumps::to(app, found.0);
    if with_cell && !app.grammar.failed {
        app.set_spot(found.1);
    }
    effects
}

impl App {
    /// Returns where a mark is.
    ///
    /// # Errors
    /// One sentence: it is not set.
    fn mark(&self, name: char) -> Result<(Stand, Spot), String> {
        let row = |row: usize| self.id_at(row).map(|id| (Stand { pane: self.pane(), id }, Spot::default()));
        let stand = |stand: Stand| (stand, Spot::default());
        let found = match name {
            '\'' | '`' if self.grammar.jumps.is_new() => row(0),
            '\'' | '`' => self.grammar.jumps.context.map(stand),
            '.' | '[' | ']' => self.grammar.changes.last().map(stand),
            '<' => self.selected_rows().and_then(|(first, _)| row(first)),
            '>' => self.selected_rows().and_then(|(_, last)| row(last)),
            name => self.grammar.marks.get(&name).map(|mark| (Stand { pane: mark.pane, id: mark.id }, mark.spot)),
        };
        found.ok_or_else(|| format!("the mark {name} is not set"))
    }

    /// Returns the row of a mark in the pane that keys go to.
    ///
    /// # Errors
    /// One sentence: it is not set, or its record is not in this pane.
    pub(in crate::tui::app) fn mark_row(&self, name: char) -> Result<usize, String> {
        match name {
            '<' => return self.selected_rows().map(|(first, _)| first).ok_or_else(|| "nothing has been selected yet".to_owned()),
            '>' => return self.selected_rows().map(|(_, last)| last).ok_or_else(|| "nothing has been selected yet".to_owned()),
            _ => {}
        }
        let (stand, _) = self.mark(name)?;
        let here = stand.pane == self.pane();
        self.row_of(stand.id).filter(|_| here).ok_or_else(|| format!("the mark {name} ({}) is not among these rows", stand.id))
    }
}
