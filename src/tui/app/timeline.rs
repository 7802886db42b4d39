//! The timeline of the record under the cursor of another pane.

use std::collections::BTreeSet;

use super::folding::Folding;
use super::grammar::cells::Spot;
use super::row::{Cell, Row};
use super::viewport::Viewport;
use crate::domain::RecordId;
use crate::tui::theme::Role;

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
    /// The entries that the cursor can stand on, a closed fold being one row with its
    /// first entry's key; each row's group is its day.
    pub rows: Vec<Row>,
    /// Cursor and window.
    pub view: Viewport,
    /// The cursor among the cells.
    pub spot: Spot,
    /// Which days are folded.
    pub folding: Folding,
    /// The channels that are shown; none for all.
    pub shown: Vec<String>,
    all: Vec<Row>,
    whole: BTreeSet<String>,
}

impl Timeline {
    /// Takes the entries of a record. The cursor stays on its entry while the
    /// record is the same.
    pub fn set(&mut self, of: RecordId, name: String, rows: Vec<Row>) {
        let same = self.of == Some(of);
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
        self.arrange();
    }

    /// Makes the rows of the entries: those of the channels shown, days that are
    /// folded as one. The cursor stays on its entry, or on the fold that has it.
    pub fn arrange(&mut self) {
        let here = self.rows.get(self.view.cursor()).map(|row| (row.key.clone(), row.group.clone()));
        let shown = |row: &&Row| self.shown.is_empty() || row.cells.get(CHANNEL).is_some_and(|cell| self.shown.contains(&cell.text));
        let entries: Vec<&Row> = self.all.iter().filter(shown).collect();
        let mut rows: Vec<Row> = Vec::new();
        for day in entries.chunk_by(|one, other| one.group == other.group) {
            match day {
                [first, ..] if self.folding.is_closed(&first.group) => rows.push(fold(first, day)),
                _ => rows.extend(day.iter().map(|row| (*row).clone())),
            }
        }
        self.rows = rows;
        let kept = here.and_then(|(key, group)| {
            let same = self.rows.iter().position(|row| row.key == key);
            same.or_else(|| self.rows.iter().position(|row| row.group == group))
        });
        self.view.set_rows(self.rows.len(), kept.unwrap_or(0));
    }

    /// Empties it: nothing stands under the cursor.
    pub fn clear(&mut self) {
        *self = Self { view: Viewport::new(0, self.view.height()), ..Self::default() };
    }

    /// Returns the entry under the cursor.
    pub fn current(&self) -> Option<&Row> {
        self.rows.get(self.view.cursor())
    }

    /// Returns how many entries there are, folded ones too.
    pub fn total(&self) -> usize {
        self.all.len()
    }

    /// Returns the channels of the entries, each once.
    pub fn channels(&self) -> Vec<String> {
        let names: BTreeSet<&str> = self.all.iter().filter_map(|row| row.cells.get(CHANNEL)).map(|cell| cell.text.as_str()).collect();
        names.into_iter().map(str::to_owned).collect()
    }

    /// Shows the text under the cursor whole, or on one line again.
    pub fn expand(&mut self) {
        let Some(key) = self.current().map(|row| row.key.clone()) else { return };
        if !self.whole.remove(&key) {
            self.whole.insert(key);
        }
    }

    /// Returns whether an entry's text is shown whole.
    pub fn is_whole(&self, row: &Row) -> bool {
        self.whole.contains(&row.key)
    }

    /// Returns whether a row is a closed fold.
    pub fn is_fold(&self, row: &Row) -> bool {
        self.folding.is_closed(&row.group)
    }

    /// Returns the keys of the closed folds, for `play`'s state.
    pub fn folds(&self) -> Vec<&str> {
        self.rows.iter().filter(|row| self.is_fold(row)).map(|row| row.key.as_str()).collect()
    }
}

/// Returns a closed day as one row: how many, and through which channels.
fn fold(first: &Row, day: &[&Row]) -> Row {
    let mut channels: Vec<&str> = Vec::new();
    for name in day.iter().filter_map(|row| row.cells.get(CHANNEL)).map(|cell| cell.text.as_str()) {
        if !channels.contains(&name) {
            channels.push(name);
        }
    }
    let entries = if day.len() == 1 { "entry" } else { "entries" };
    let text = format!("+ {} {entries}: {}", day.len(), channels.join(", "));
    Row { cells: vec![Cell::of(Role::ListFold, text)], ..first.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Kind;

    fn row(key: &str, day: &str, channel: &str) -> Row {
        let cells = ["10:00", channel, "→", "said"].map(Cell::plain).to_vec();
        Row { key: key.to_owned(), id: RecordId::new(Kind::Interaction, 1), cells, group: day.to_owned() }
    }

    fn timeline() -> Timeline {
        let mut timeline = Timeline::default();
        timeline.view.resize(10);
        let rows = vec![row("i3", "today", "call"), row("i2", "today", "email"), row("i1", "yesterday", "call")];
        timeline.set(RecordId::new(Kind::Contact, 1), "Ada".to_owned(), rows);
        timeline
    }

    fn keys(timeline: &Timeline) -> Vec<&str> {
        timeline.rows.iter().map(|row| row.key.as_str()).collect()
    }

    #[test]
    fn a_folded_day_is_one_row_and_the_cursor_stays_in_it() {
        let mut timeline = timeline();
        timeline.view.go_to(1);
        timeline.folding.set("today", true);
        timeline.arrange();
        assert_eq!((keys(&timeline), timeline.view.cursor()), (vec!["i3", "i1"], 0));
        assert_eq!((timeline.rows[0].text(), timeline.folds()), ("+ 2 entries: call, email".to_owned(), vec!["i3"]));
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
        timeline.set(RecordId::new(Kind::Contact, 2), "Bela".to_owned(), vec![row("i9", "today", "chat")]);
        assert_eq!((keys(&timeline), timeline.total()), (vec!["i9"], 1));
    }
}
