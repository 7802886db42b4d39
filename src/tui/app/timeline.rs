//! The timeline of the record under the cursor of another pane.
//!
//! Entries are loaded as they come near the window, twice as many each time. What asks
//! for the last one (`G`, a search, a range) has all of them loaded first.

use std::collections::BTreeSet;

use super::anchor::Anchor;
use super::folding::{Folding, Folds, Run};
use super::grammar::awaiting::ALL_ENTRIES;
use super::grammar::cells::Spot;
use super::row::Row;
use super::viewport::Viewport;
use crate::domain::RecordId;

/// The cell of an entry that names its channel, and the one with its text.
pub const CHANNEL: usize = 1;
/// See [`CHANNEL`].
pub const TEXT: usize = 3;

/// What happened with one record, newest first.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    /// Whose it is, once it has been loaded.
    pub of: Option<RecordId>,
    /// That record's name, for the title.
    pub name: String,
    /// The entries of the channels shown, each one's group being its day: the lines.
    pub rows: Vec<Row>,
    /// The closed days among them.
    pub folds: Folds,
    /// Cursor and window, over rows.
    pub view: Viewport,
    /// The cursor among the cells.
    pub spot: Spot,
    /// Which days are folded.
    pub folding: Folding,
    /// The channels that are shown; none for all.
    pub shown: Vec<String>,
    /// How it is shown when the entries of this record come for the first time.
    pub begins_at: Option<TimelinePlace>,
    /// Whether there are older entries than those loaded.
    pub more: bool,
    /// Whether more have been asked for.
    asked: bool,
    all: Vec<Row>,
    whole: BTreeSet<String>,
}

/// How the timeline of one record is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelinePlace {
    /// Whose.
    pub of: RecordId,
    /// Which days are folded.
    pub folding: Folding,
    /// The cursor, by the entry's key.
    pub at: Anchor<String>,
}

impl Timeline {
    /// Takes the entries of a record. The cursor stays on its entry while the
    /// record is the same.
    pub fn set(&mut self, of: RecordId, name: String, rows: Vec<Row>, more: bool) {
        let same = self.of == Some(of);
        self.more = more;
        self.asked = false;
        self.of = Some(of);
        self.name = name;
        self.all = rows;
        if !same {
            self.folding.forget();
            self.whole.clear();
            self.rows.clear();
            // What it is filtered by may not be there.
            let known = self.channels();
            self.shown.retain(|name| known.contains(name));
        }
        match self.begins_at.take_if(|place| place.of == of) {
            Some(place) => {
                self.folding = place.folding;
                self.arrange();
                let line = place.at.line(|key| self.rows.iter().position(|row| row.key == *key));
                self.view.go_to(self.folds.row_of(line));
                place.at.look(&mut self.view);
            }
            None => self.arrange(),
        }
    }

    /// Returns how it is shown, or will be when the entries have come.
    pub fn place(&self) -> Option<TimelinePlace> {
        let now = || {
            let at = Anchor::of(&self.view, self.line(), self.current().map(|row| row.key.clone()));
            self.of.map(|of| TimelinePlace { of, folding: self.folding.clone(), at })
        };
        self.begins_at.clone().or_else(now)
    }

    /// Makes the rows of the entries: those of the channels shown, days that are
    /// folded as one. The cursor stays on its entry, or on the fold that has it.
    pub fn arrange(&mut self) {
        let here = self.current().map(|row| (row.key.clone(), row.group.clone()));
        let shown = |row: &&Row| self.shown.is_empty() || row.cells.get(CHANNEL).is_some_and(|cell| self.shown.contains(&cell.text));
        self.rows = self.all.iter().filter(shown).cloned().collect();
        let days = self.rows.chunk_by(|one, other| one.group == other.group);
        let runs: Vec<Run> = days.map(|day| Run { lines: day.len(), group: day[0].group.as_str().into() }).collect();
        self.folds = Folds::of(&runs, &self.folding, 1);
        let kept = here.and_then(|(key, group)| {
            let same = self.rows.iter().position(|row| row.key == key);
            same.or_else(|| self.rows.iter().position(|row| row.group == group))
        });
        self.view.set_rows(self.folds.rows(), self.folds.row_of(kept.unwrap_or(0)));
    }

    /// Returns how many entries are asked for when they are loaded anew.
    pub fn wanted(&self, of: RecordId) -> usize {
        let first = 2 * self.view.height() + 2;
        if self.of == Some(of) { self.all.len().max(first) } else { first }
    }

    /// Returns whose entries are to be loaded and how many, where the window comes near
    /// the end of those that are there; once.
    pub fn missing(&mut self) -> Option<(RecordId, usize)> {
        let near = self.view.visible().end + self.view.height() / 2 >= self.folds.rows();
        let of = self.of.filter(|_| self.more && near && !self.asked && self.all.len() < ALL_ENTRIES)?;
        self.asked = true;
        Some((of, (2 * self.all.len().max(self.view.height())).min(ALL_ENTRIES - 1)))
    }

    /// Empties it: nothing stands under the cursor.
    pub fn clear(&mut self) {
        *self = Self { view: Viewport::new(0, self.view.height()), begins_at: self.begins_at.take(), ..Self::default() };
    }

    /// Returns the entry under the cursor; of a closed day the first.
    pub fn current(&self) -> Option<&Row> {
        self.rows.get(self.line())
    }

    /// Returns the cursor's line.
    pub fn line(&self) -> usize {
        self.folds.line_of(self.view.cursor())
    }

    /// Returns how many entries are loaded, folded ones too.
    pub fn total(&self) -> usize {
        self.all.len()
    }

    /// Returns the channels of the entries, each once.
    pub fn channels(&self) -> Vec<String> {
        let names: BTreeSet<&str> = self.all.iter().filter_map(|row| row.cells.get(CHANNEL)).map(|cell| cell.text.as_str()).collect();
        names.into_iter().map(str::to_owned).collect()
    }

    /// Shows the text under the cursor whole, or on one line again; opens a closed day.
    pub fn expand(&mut self) {
        if let Some(fold) = self.folds.at(self.line()) {
            let day = std::sync::Arc::clone(&fold.group);
            self.folding.set(&day, false);
            self.arrange();
            return;
        }
        let Some(key) = self.current().map(|row| row.key.clone()) else { return };
        if !self.whole.remove(&key) {
            self.whole.insert(key);
        }
    }

    /// Returns whether an entry's text is shown whole.
    pub fn is_whole(&self, row: &Row) -> bool {
        self.whole.contains(&row.key)
    }

    /// Returns the lines of the rows that the cursor can stand on, for `play`'s state.
    pub fn lines(&self) -> impl Iterator<Item = &Row> {
        (0..self.folds.rows()).filter_map(|row| self.rows.get(self.folds.line_of(row)))
    }

    /// Returns the keys of the closed folds, for `play`'s state.
    pub fn folds(&self) -> Vec<&str> {
        self.folds.closed().iter().filter_map(|fold| self.rows.get(fold.line)).map(|row| row.key.as_str()).collect()
    }

    /// Returns the words for a closed day: how many, and through which channels.
    pub fn fold_text(&self, line: usize) -> Option<String> {
        let fold = self.folds.at(line)?;
        let mut channels: Vec<&str> = Vec::new();
        for row in &self.rows[fold.line..fold.line + fold.lines] {
            if let Some(cell) = row.cells.get(CHANNEL).filter(|cell| !channels.contains(&cell.text.as_str())) {
                channels.push(&cell.text);
            }
        }
        let entries = if fold.lines == 1 { "entry" } else { "entries" };
        Some(format!("+ {} {entries}: {}", fold.lines, channels.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Kind;
    use crate::tui::app::row::Cell;

    fn row(key: &str, day: &str, channel: &str) -> Row {
        let cells = ["10:00", channel, "→", "said"].map(Cell::plain).to_vec();
        Row { key: key.to_owned(), id: RecordId::new(Kind::Interaction, 1), cells, group: day.to_owned() }
    }

    fn timeline() -> Timeline {
        let mut timeline = Timeline::default();
        timeline.view.resize(10);
        let rows = vec![row("i3", "today", "call"), row("i2", "today", "email"), row("i1", "yesterday", "call")];
        timeline.set(RecordId::new(Kind::Contact, 1), "Ada".to_owned(), rows, false);
        timeline
    }

    fn keys(timeline: &Timeline) -> Vec<&str> {
        timeline.lines().map(|row| row.key.as_str()).collect()
    }

    #[test]
    fn a_folded_day_is_one_row_and_the_cursor_stays_in_it() {
        let mut timeline = timeline();
        timeline.view.go_to(1);
        timeline.folding.set("today", true);
        timeline.arrange();
        assert_eq!((keys(&timeline), timeline.view.cursor()), (vec!["i3", "i1"], 0));
        assert_eq!((timeline.fold_text(0), timeline.folds()), (Some("+ 2 entries: call, email".to_owned()), vec!["i3"]));
        timeline.folding.set_all(false);
        timeline.arrange();
        assert_eq!(keys(&timeline), ["i3", "i2", "i1"]);
    }

    #[test]
    fn channels_are_filtered_for_as_long_as_they_are_there() {
        let mut timeline = timeline();
        timeline.shown = vec!["call".to_owned()];
        timeline.arrange();
        assert_eq!(keys(&timeline), ["i3", "i1"]);
        timeline.set(RecordId::new(Kind::Contact, 2), "Bela".to_owned(), vec![row("i9", "today", "chat")], false);
        assert_eq!((keys(&timeline), timeline.total()), (vec!["i9"], 1));
    }
}
