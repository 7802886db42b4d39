//! From the application to what is kept of it.

use std::collections::BTreeMap;

use super::kept::{Board, FORMAT, Folds, Kept, List, Mark, Opened, Place, Register, Search, Stand, Tab, Timeline, Windows};
use crate::domain::RecordId;
use crate::tui::app::anchor::Anchor;
use crate::tui::app::board::Board as BoardPane;
use crate::tui::app::folding::Folding;
use crate::tui::app::grammar::cells::Spot;
use crate::tui::app::grammar::jumps;
use crate::tui::app::grammar::registers::Register as Held;
use crate::tui::app::list::List as ListPane;
use crate::tui::app::prompt::Asked;
use crate::tui::app::record::Opened as OpenedRecord;
use crate::tui::app::state::{App, default_columns};
use crate::tui::app::tabs;
use crate::tui::app::timeline::Timeline as TimelinePane;
use crate::tui::app::tree::Tree;

/// The most lines of a register that are kept, and the most bytes of its texts: what was
/// deleted comes back by `u`.
const MOST_LINES: usize = 1_000;
/// See [`MOST_LINES`].
const MOST_BYTES: usize = 64 << 10;
/// The longest line of a history that is kept, in bytes.
const LONGEST_LINE: usize = 8 << 10;

impl App {
    /// Returns what is kept of the workspace.
    pub fn kept(&self) -> Kept {
        let (jumped, jump) = self.grammar.jumps.list();
        let (held, register) = self.grammar.registers.parts();
        let fits = |text: &&String| text.len() <= LONGEST_LINE;
        let short = |text: &Option<String>| text.as_ref().filter(fits).cloned();
        Kept {
            format: FORMAT,
            tabs: self.tabs.iter().enumerate().map(|(at, tab)| if at == self.tab { self.seen_tab() } else { self.tab_of(tab) }).collect(),
            tab: self.tab,
            opened: self.opened.iter().map(|opened| Opened { id: opened.id.to_string(), at: line(opened) }).collect(),
            theme: Some(self.theme_before.as_ref().unwrap_or(&self.theme)).filter(|theme| **theme != self.given.theme).cloned(),
            options: self.options.beyond(&self.given.options),
            marks: self.grammar.marks.iter().map(|(name, mark)| (*name, self::mark(mark))).collect(),
            registers: held.iter().filter_map(|(name, held)| Some((*name, self::register(held)?))).collect(),
            register,
            jumps: jumped.iter().map(stand).collect(),
            jump,
            context: self.grammar.jumps.context.as_ref().map(stand),
            changes: self.grammar.changes.list().iter().map(stand).collect(),
            search: self.search.as_ref().map(|search| Search {
                pattern: search.pattern.text().to_owned(),
                back: !search.forward,
                shown: search.shown,
            }),
            histories: self.kept_histories(),
            line: short(&self.grammar.line),
            substitution: short(&self.grammar.substitution),
            executed: self.grammar.executed,
            alternate: self.grammar.alternate.map(|id| id.to_string()),
        }
    }

    fn kept_histories(&self) -> BTreeMap<String, Vec<String>> {
        let asked = self.histories.iter().filter(|(asked, _)| **asked != Asked::Answer);
        asked
            .map(|(asked, lines)| {
                let lines = lines.iter().filter(|line| line.len() <= LONGEST_LINE).cloned();
                (asked.name().to_owned(), lines.collect())
            })
            .collect()
    }

    fn seen_tab(&self) -> Tab {
        Tab {
            focus: self.focus.name().to_owned(),
            leading: self.leading.name().to_owned(),
            zoomed: self.zoomed,
            windows: self.tree.as_ref().map(windows),
            contacts: list(&self.contacts, &self.given.contacts),
            tickets: list(&self.tickets, &self.given.tickets),
            pipeline: board(&self.pipeline),
            timeline: timeline(&self.timeline),
        }
    }

    fn tab_of(&self, tab: &tabs::Tab) -> Tab {
        Tab {
            focus: tab.focus.name().to_owned(),
            leading: tab.leading.name().to_owned(),
            zoomed: tab.zoomed,
            windows: tab.tree.as_ref().map(windows),
            contacts: list(&tab.contacts, &self.given.contacts),
            tickets: list(&tab.tickets, &self.given.tickets),
            pipeline: board(&tab.pipeline),
            timeline: timeline(&tab.timeline),
        }
    }
}

fn windows(tree: &Tree) -> Windows {
    match tree {
        Tree::Leaf(pane) => Windows::Pane(pane.name().to_owned()),
        Tree::Split(split) => {
            Windows::Split { beside: split.beside, share: split.share, parts: Box::new((windows(&split.first), windows(&split.second))) }
        }
    }
}

fn place<K: ToString>(anchor: &Anchor<K>, spot: Spot) -> Place {
    let id = anchor.key.as_ref().map(ToString::to_string);
    let Anchor { line, below_top, at_beginning, .. } = *anchor;
    Place { id, line, below_top, at_beginning, cell: spot.cell, letter: spot.offset }
}

fn line(opened: &OpenedRecord) -> Place {
    let Anchor { line, below_top, at_beginning, .. } = opened.anchor();
    Place { id: None, line, below_top, at_beginning, cell: opened.spot.cell, letter: opened.spot.offset }
}

/// Columns as they are at first are not kept: another version may have better ones.
fn list(list: &ListPane, given: &[String]) -> List {
    let is_given = list.columns == given || list.columns == default_columns(list.kind);
    List {
        kind: list.kind.name().to_owned(),
        filter: list.filter.clone(),
        sort: list.sort.clone(),
        columns: (!is_given).then(|| list.columns.clone()),
        folds: folds(&list.folding),
        at: place(&list.anchor(), list.spot),
    }
}

fn folds(folding: &Folding) -> Folds {
    let (all, except) = folding.parts();
    Folds { all, except: except.map(str::to_owned).collect() }
}

fn board(board: &BoardPane) -> Board {
    let stands = board.place();
    Board {
        pipeline: board.pipeline.clone(),
        filter: board.filter.clone(),
        stage: stands.stage,
        at: stands.columns.into_iter().map(|(stage, anchor)| (stage, place(&anchor, Spot::default()))).collect(),
        folds: folds(&board.folding),
    }
}

fn timeline(timeline: &TimelinePane) -> Timeline {
    let shown = timeline.place();
    Timeline {
        of: shown.as_ref().map(|shown| shown.of.to_string()),
        channels: timeline.shown.clone(),
        folds: shown.as_ref().map_or_else(Folds::default, |shown| folds(&shown.folding)),
        at: shown.map_or_else(Place::default, |shown| place(&shown.at, timeline.spot)),
    }
}

fn mark(mark: &crate::tui::app::grammar::marks::Mark) -> Mark {
    Mark { pane: mark.pane.name().to_owned(), id: mark.id.to_string(), cell: mark.spot.cell, letter: mark.spot.offset }
}

fn stand(stand: &jumps::Stand) -> Stand {
    Stand { pane: stand.pane.name().to_owned(), id: stand.id.to_string() }
}

/// Returns what is kept of a register; `None` where it holds too much.
fn register(held: &Held) -> Option<Register> {
    let bytes: usize = held.lines.iter().take(MOST_LINES + 1).filter_map(|line| line.text.as_ref()).map(String::len).sum();
    if held.lines.len() > MOST_LINES || bytes > MOST_BYTES {
        return None;
    }
    let id = |id: Option<RecordId>| id.map(|id| id.to_string());
    let lines = held.lines.iter().map(|line| (id(line.id), line.text.clone())).collect();
    Some(Register { kind: held.kind.name().to_owned(), lines })
}
