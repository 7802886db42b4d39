//! The board: opportunities as cards, a column a stage.

use super::row::Cell;
use super::viewport::Viewport;
use crate::domain::RecordId;

/// One card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// The opportunity.
    pub id: RecordId,
    /// Its name.
    pub title: String,
    /// Amount, days in the stage, when it should close.
    pub worth: Vec<Cell>,
    /// Company and next step.
    pub about: Vec<Cell>,
}

/// What a stage's column says above its cards.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many cards.
    pub count: u64,
    /// Their sum, in the reporting currency, as text.
    pub sum: String,
    /// Their sum weighted by probability.
    pub weighted: String,
    /// The sum in a few figures.
    pub short_sum: String,
    /// The weighted sum in a few figures.
    pub short_weighted: String,
    /// Cards whose currency has no rate.
    pub unpriced: u64,
}

/// One column.
#[derive(Debug, Clone, Default)]
pub struct Column {
    /// The stage.
    pub stage: String,
    /// The opportunities, in order.
    pub ids: Vec<RecordId>,
    /// Count and sums.
    pub totals: Totals,
    /// Cursor and window.
    pub view: Viewport,
    /// The cards that have been loaded.
    pub cards: std::collections::HashMap<RecordId, Card>,
}

/// One pipeline's columns.
#[derive(Debug, Clone, Default)]
pub struct Board {
    /// Which pipeline; empty for the default one.
    pub pipeline: String,
    /// All pipelines there are, for the title and `:pipeline`.
    pub pipelines: Vec<String>,
    /// The filter.
    pub filter: String,
    /// The columns, a stage each.
    pub columns: Vec<Column>,
    /// The column under the cursor.
    pub column: usize,
    /// The first column on screen.
    pub left: usize,
    /// The cards that have been asked for and have not come yet.
    pub asked: std::collections::HashSet<RecordId>,
    /// How many cards fit in a column.
    pub height: usize,
    /// Whether it has been loaded once.
    pub loaded: bool,
}

/// The narrowest column worth reading, in cells of the terminal.
pub const COLUMN_WIDTH: u16 = 14;
/// How many lines a card takes.
pub const CARD_LINES: u16 = 3;

/// Returns how many lines the head of a column takes: the weighted sum has one of
/// its own where that costs no card.
pub fn head_lines(height: u16) -> u16 {
    let cards = |head: u16| height.saturating_sub(head) / CARD_LINES;
    if cards(3) == cards(2) && cards(3) > 0 { 3 } else { 2 }
}

impl Board {
    /// Returns the column under the cursor.
    pub fn current_column(&self) -> Option<&Column> {
        self.columns.get(self.column)
    }

    /// Returns the column under the cursor, to be changed.
    pub fn current_column_mut(&mut self) -> Option<&mut Column> {
        self.columns.get_mut(self.column)
    }

    /// Returns the opportunity under the cursor.
    pub fn current(&self) -> Option<RecordId> {
        let column = self.current_column()?;
        column.ids.get(column.view.cursor()).copied()
    }

    /// Takes the columns anew; the cursor stays on its card wherever that went.
    pub fn set_columns(&mut self, columns: Vec<(String, Vec<RecordId>, Totals)>) {
        let card = self.current();
        let stage = self.current_column().map(|column| column.stage.clone());
        let mut old: std::collections::HashMap<String, Column> =
            std::mem::take(&mut self.columns).into_iter().map(|column| (column.stage.clone(), column)).collect();
        for (stage, ids, totals) in columns {
            let mut column = old.remove(&stage).unwrap_or_default();
            let here = column.ids.get(column.view.cursor()).and_then(|id| ids.iter().position(|other| other == id));
            let cursor = here.unwrap_or(column.view.cursor());
            column.stage = stage;
            column.ids = ids;
            column.totals = totals;
            column.view.resize(self.height);
            column.view.set_rows(column.ids.len(), cursor);
            self.columns.push(column);
        }
        let holding = card.and_then(|card| self.columns.iter().position(|column| column.ids.contains(&card)));
        let named = stage.and_then(|stage| self.columns.iter().position(|column| column.stage == stage));
        self.column = holding.or(named).unwrap_or(0).min(self.columns.len().saturating_sub(1));
        if let (Some(card), Some(column)) = (card, self.columns.get_mut(self.column))
            && let Some(row) = column.ids.iter().position(|&id| id == card)
        {
            column.view.go_to(row);
        }
        self.loaded = true;
    }

    /// Sets how many cards fit, and scrolls sideways so that the column is seen.
    pub fn resize(&mut self, width: u16, height: usize) {
        self.height = height;
        for column in &mut self.columns {
            column.view.resize(height);
        }
        let fits = usize::from(width / COLUMN_WIDTH).clamp(1, self.columns.len().max(1));
        self.left = self.left.min(self.column).max((self.column + 1).saturating_sub(fits)).min(self.columns.len().saturating_sub(fits));
    }

    /// Returns which columns are on screen at a width.
    pub fn shown(&self, width: u16) -> std::ops::Range<usize> {
        let fits = usize::from(width / COLUMN_WIDTH).clamp(1, self.columns.len().max(1));
        self.left..(self.left + fits).min(self.columns.len())
    }

    /// Moves by columns.
    pub fn sideways(&mut self, by: isize) {
        self.column = self.column.saturating_add_signed(by).min(self.columns.len().saturating_sub(1));
    }

    /// Returns the opportunities on screen whose cards are to be asked for, each once.
    pub fn missing(&mut self, width: u16) -> Vec<RecordId> {
        let columns = &self.columns[self.shown(width)];
        let seen = columns.iter().flat_map(|column| column.ids[column.view.visible()].iter().map(move |id| (column, *id)));
        let unknown = seen.filter(|(column, id)| !column.cards.contains_key(id)).map(|(_, id)| id);
        unknown.filter(|id| self.asked.insert(*id)).collect()
    }

    /// Takes cards.
    pub fn set_cards(&mut self, cards: Vec<Card>) {
        for card in cards {
            self.asked.remove(&card.id);
            if let Some(column) = self.columns.iter_mut().find(|column| column.ids.contains(&card.id)) {
                column.cards.insert(card.id, card);
            }
        }
    }

    /// Drops cards that a change has made stale.
    pub fn forget(&mut self, ids: &[RecordId]) {
        for column in &mut self.columns {
            column.cards.retain(|id, _| !ids.contains(id));
        }
        self.asked.retain(|id| !ids.contains(id));
    }

    /// Drops all cards.
    pub fn forget_all(&mut self) {
        for column in &mut self.columns {
            column.cards.clear();
        }
        self.asked.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Kind;

    fn id(number: u64) -> RecordId {
        RecordId::new(Kind::Opportunity, number)
    }

    fn board(columns: &[(&str, &[u64])]) -> Vec<(String, Vec<RecordId>, Totals)> {
        columns.iter().map(|(stage, ids)| ((*stage).to_owned(), ids.iter().map(|&n| id(n)).collect(), Totals::default())).collect()
    }

    #[test]
    fn the_cursor_goes_with_its_card() {
        let mut view = Board::default();
        view.resize(80, 5);
        view.set_columns(board(&[("lead", &[1, 2]), ("won", &[3])]));
        if let Some(column) = view.current_column_mut() {
            column.view.go_to(1);
        }
        view.set_columns(board(&[("lead", &[1]), ("won", &[3, 2])]));
        assert_eq!((view.column, view.current()), (1, Some(id(2))));
        view.set_columns(board(&[("lead", &[1]), ("won", &[])]));
        assert_eq!((view.column, view.current()), (1, None));
    }

    #[test]
    fn scrolls_sideways_to_the_column() {
        let mut view = Board::default();
        view.set_columns(board(&[("a", &[]), ("b", &[]), ("c", &[]), ("d", &[])]));
        view.sideways(3);
        view.resize(2 * COLUMN_WIDTH, 3);
        assert_eq!(view.shown(2 * COLUMN_WIDTH), 2..4);
        view.sideways(-9);
        view.resize(2 * COLUMN_WIDTH, 3);
        assert_eq!(view.shown(2 * COLUMN_WIDTH), 0..2);
    }
}
