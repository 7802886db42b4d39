//! From what is kept to the application.
//!
//! The file may be anybody's: every word is looked at, and what means nothing here is
//! passed over. Cursors wait for the rows that they stand on.

use std::str::FromStr;

use super::kept::{self, Folds, Kept, Place, Windows};
use crate::domain::{Kind, RecordId};
use crate::tui::app::anchor::Anchor;
use crate::tui::app::board::{Board, BoardPlace};
use crate::tui::app::folding::Folding;
use crate::tui::app::grammar::cells::Spot;
use crate::tui::app::grammar::jumps::{Changes, Jumps, Stand};
use crate::tui::app::grammar::marks::Mark;
use crate::tui::app::grammar::registers::{self, Registers};
use crate::tui::app::grammar::search;
use crate::tui::app::list::List;
use crate::tui::app::prompt::{Asked, remember};
use crate::tui::app::record::Opened;
use crate::tui::app::state::{App, Search, default_columns, default_sort};
use crate::tui::app::tabs::{self, Tab};
use crate::tui::app::timeline::{Timeline, TimelinePlace};
use crate::tui::app::tree::Tree;
use crate::tui::keys::Pane;

impl App {
    /// Notes the workspace that one is in; the first one needs no name.
    pub fn name_workspace(&mut self, name: &str) {
        self.workspace = if name == "main" { String::new() } else { name.to_owned() };
    }

    /// Goes to where a workspace was left; nothing is loaded yet, and of the theme only
    /// the name is known.
    pub fn resume(&mut self, kept: Kept) {
        if let Some(theme) = &kept.theme {
            self.theme.clone_from(theme);
        }
        for word in &kept.options {
            // One that there is no more is as it is at first.
            let _ = self.options.set(word);
        }
        self.resume_grammar(&kept);
        for (name, lines) in kept.histories {
            let Some(asked) = Asked::named(&name).filter(|asked| *asked != Asked::Answer) else { continue };
            let history = self.histories.entry(asked).or_default();
            lines.iter().for_each(|line| remember(history, line));
        }
        let opened = kept.opened.into_iter().filter_map(|opened| {
            let mut shown = Opened::new(opened.id.parse().ok()?);
            shown.spot = spot(&opened.at);
            shown.begins_at = Some(anchor(&opened.at, None));
            Some(shown)
        });
        self.opened = opened.collect();
        let tabs: Vec<Tab> = kept.tabs.into_iter().take(tabs::MOST).map(|tab| self.resumed(tab)).collect();
        if !tabs.is_empty() {
            self.tab = kept.tab.min(tabs.len() - 1);
            self.tabs = tabs;
            tabs::enter(self);
        }
        self.arrange();
    }

    fn resume_grammar(&mut self, kept: &Kept) {
        let grammar = &mut self.grammar;
        let marks = kept.marks.iter().filter(|(name, _)| name.is_ascii_alphabetic());
        grammar.marks = marks
            .filter_map(|(name, mark)| {
                let pane = Pane::named(&mark.pane)?;
                Some((*name, Mark { pane, id: mark.id.parse().ok()?, spot: Spot { cell: mark.cell, offset: mark.letter } }))
            })
            .collect();
        let held = kept.registers.iter().filter_map(|(name, held)| {
            let kind = registers::Kind::named(&held.kind)?;
            let line = |(id, text): &(Option<String>, Option<String>)| registers::Line { id: parsed(id), text: text.clone() };
            Some((*name, registers::Register { kind, lines: held.lines.iter().map(line).collect() }))
        });
        grammar.registers = Registers::of(held.collect(), kept.register);
        grammar.jumps = Jumps::of(kept.jumps.iter().filter_map(stand).collect(), kept.jump, kept.context.as_ref().and_then(stand));
        grammar.changes = Changes::of(kept.changes.iter().filter_map(stand).collect());
        grammar.line.clone_from(&kept.line);
        grammar.substitution.clone_from(&kept.substitution);
        grammar.executed = kept.executed;
        grammar.alternate = parsed(&kept.alternate);
        self.search = kept.search.as_ref().and_then(|last| {
            let pattern = search::pattern(&last.pattern, &self.options).ok()?;
            Some(Search { pattern, forward: !last.back, shown: last.shown && self.options.hlsearch, hit: None })
        });
    }

    fn resumed(&self, tab: kept::Tab) -> Tab {
        let pane = |name: &str| Pane::named(name).filter(|pane| *pane != Pane::Record).unwrap_or(Pane::Contacts);
        let focus = pane(&tab.focus);
        let leading = Some(pane(&tab.leading)).filter(|pane| *pane != Pane::Timeline).unwrap_or(Pane::Contacts);
        let tree = tab.windows.as_ref().and_then(windows).filter(|tree| is_whole(tree) && tree.has(focus));
        Tab {
            focus,
            leading,
            zoomed: tab.zoomed,
            tree,
            contacts: list(tab.contacts, Kind::Contact, &self.given.contacts),
            tickets: list(kept::List { kind: String::new(), ..tab.tickets }, Kind::Ticket, &self.given.tickets),
            pipeline: board(tab.pipeline),
            timeline: timeline(tab.timeline),
        }
    }
}

fn parsed(id: &Option<String>) -> Option<RecordId> {
    id.as_deref()?.parse().ok()
}

fn stand(kept: &kept::Stand) -> Option<Stand> {
    Some(Stand { pane: Pane::named(&kept.pane)?, id: kept.id.parse().ok()? })
}

fn spot(place: &Place) -> Spot {
    Spot { cell: place.cell, offset: place.letter }
}

fn anchor<K>(place: &Place, key: Option<K>) -> Anchor<K> {
    Anchor { key, line: place.line, below_top: place.below_top.min(place.line), at_beginning: place.at_beginning }
}

fn on<K: FromStr>(place: &Place) -> Anchor<K> {
    anchor(place, place.id.as_deref().and_then(|id| id.parse().ok()))
}

fn windows(kept: &Windows) -> Option<Tree> {
    Some(match kept {
        Windows::Pane(name) => Tree::Leaf(Pane::named(name).filter(|pane| *pane != Pane::Record)?),
        Windows::Split { beside, share, parts } => Tree::of(*beside, (*share).clamp(50, 950), windows(&parts.0)?, windows(&parts.1)?),
    })
}

/// Returns whether each pane stands in it once.
fn is_whole(tree: &Tree) -> bool {
    let mut panes = tree.panes();
    let count = panes.len();
    panes.sort_unstable();
    panes.dedup();
    panes.len() == count
}

fn list(kept: kept::List, first: Kind, given: &[String]) -> List {
    let kind = Kind::from_name(&kept.kind).filter(|kind| kind.info().public).unwrap_or(first);
    let mut list = List::new(kind, default_sort(kind), default_columns(kind));
    if kind == first {
        list.columns = given.to_vec();
    }
    if let Some(columns) = kept.columns.filter(|columns| !columns.is_empty()) {
        list.columns = columns;
    }
    if !kept.sort.is_empty() {
        list.sort = kept.sort;
    }
    list.filter = kept.filter;
    list.folding = folding(kept.folds);
    list.spot = spot(&kept.at);
    list.begins_at = Some(on(&kept.at));
    list
}

fn folding(folds: Folds) -> Folding {
    Folding::of(folds.all, folds.except)
}

fn board(kept: kept::Board) -> Board {
    let columns = kept.at.into_iter().map(|(stage, place)| (stage, on(&place))).collect();
    Board {
        pipeline: kept.pipeline,
        filter: kept.filter,
        folding: folding(kept.folds),
        begins_at: Some(BoardPlace { stage: kept.stage, columns }),
        ..Board::default()
    }
}

fn timeline(kept: kept::Timeline) -> Timeline {
    let of: Option<RecordId> = parsed(&kept.of);
    let mut timeline = Timeline::default();
    timeline.shown = kept.channels;
    timeline.spot = spot(&kept.at);
    timeline.begins_at = of.map(|of| TimelinePlace { of, folding: folding(kept.folds), at: on(&kept.at) });
    timeline
}
