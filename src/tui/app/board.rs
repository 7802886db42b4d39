//! The board: opportunities as cards, a column a stage.

use std::collections::BTreeMap;

use super::anchor::Anchor;
use super::folding::Folding;
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
    /// Whether it should have closed, or its next step was due, before now.
    pub overdue: bool,
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
    /// What is only supposed of its cards, by opportunity: `stage=won amount=5k`.
    pub scratch: Vec<(RecordId, String)>,
    /// The columns, a stage each.
    pub columns: Vec<Column>,
    /// The column under the cursor.
    pub column: usize,
    /// The first column on screen.
    pub left: usize,
    /// The cards that have been asked for and have not come yet.
    pub asked: std::collections::HashSet<RecordId>,
    /// The cards that were changed since they came: they stand until they come anew.
    pub stale: std::collections::HashSet<RecordId>,
    /// How many cards fit in a column.
    pub height: usize,
    /// Whether it has been loaded once.
    pub loaded: bool,
    /// Which columns are folded, by stage.
    pub folding: Folding,
    /// Where the cursors go when the columns come for the first time.
    pub begins_at: Option<BoardPlace>,
}

/// Where the cursors of a board stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BoardPlace {
    /// The stage of the column under the cursor.
    pub stage: String,
    /// The cursor of each column, by stage.
    pub columns: BTreeMap<String, Anchor<RecordId>>,
}

/// The width of a column that is folded or has no card, in cells of the terminal.
pub const NARROW: u16 = 3;
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

impl Column {
    fn anchor(&self) -> Anchor<RecordId> {
        Anchor::of(&self.view, self.view.cursor(), self.ids.get(self.view.cursor()).copied())
    }
}

impl Board {
    /// Returns what is supposed, a line for each opportunity.
    pub fn supposed(&self) -> Vec<String> {
        self.scratch.iter().map(|(id, texts)| format!("{id} {texts}")).collect()
    }

    /// Returns the column under the cursor; none where it is folded, since nobody
    /// sees on which card the cursor stands.
    pub fn current_column(&self) -> Option<&Column> {
        self.columns.get(self.column).filter(|column| !self.folding.is_closed(&column.stage))
    }

    /// Returns the column under the cursor, to be changed.
    pub fn current_column_mut(&mut self) -> Option<&mut Column> {
        let folding = &self.folding;
        self.columns.get_mut(self.column).filter(|column| !folding.is_closed(&column.stage))
    }

    /// Returns whether a column is narrow: folded, or without cards and without the
    /// cursor.
    pub fn is_narrow(&self, index: usize) -> bool {
        let Some(column) = self.columns.get(index) else { return true };
        self.folding.is_closed(&column.stage) || (column.ids.is_empty() && index != self.column)
    }

    /// Returns the columns on screen at a width, each with the place where it begins
    /// and how wide it is. Between two columns one cell is left.
    pub fn spans(&self, width: u16) -> Vec<(usize, u16, u16)> {
        let shown = self.shown(width);
        let narrow = shown.clone().filter(|index| self.is_narrow(*index)).count() as u16;
        let wide = shown.len() as u16 - narrow;
        let each = (width.saturating_sub(narrow * (NARROW + 1))).checked_div(wide).unwrap_or(0);
        let last = shown.clone().rev().find(|index| !self.is_narrow(*index));
        // What is left over goes to the last wide column.
        let behind = last.map_or(0, |last| shown.clone().filter(|index| *index > last).count() as u16 * (NARROW + 1));
        let mut x = 0;
        shown
            .map(|index| {
                let at = x;
                let own = match index {
                    index if self.is_narrow(index) => NARROW,
                    index if Some(index) == last => (width - x).saturating_sub(behind),
                    _ => each.saturating_sub(1),
                };
                x += own + 1;
                (index, at, own)
            })
            .collect()
    }

    /// Returns the opportunity under the cursor.
    pub fn current(&self) -> Option<RecordId> {
        let column = self.current_column()?;
        column.ids.get(column.view.cursor()).copied()
    }

    /// Takes the columns anew; the cursor stays on its card wherever that went.
    pub fn set_columns(&mut self, columns: Vec<(String, Vec<RecordId>, Totals)>) {
        let BoardPlace { stage, columns: mut anchors } = self.place();
        self.begins_at = None;
        let card = anchors.get(&stage).and_then(|anchor| anchor.key).filter(|_| !self.folding.is_closed(&stage));
        let mut old: std::collections::HashMap<String, Column> =
            std::mem::take(&mut self.columns).into_iter().map(|column| (column.stage.clone(), column)).collect();
        for (stage, ids, totals) in columns {
            let mut column = old.remove(&stage).unwrap_or_default();
            let anchor = anchors.remove(&stage).unwrap_or(Anchor { key: None, line: 0, below_top: 0, at_beginning: true });
            column.stage = stage;
            column.ids = ids;
            column.totals = totals;
            column.view.resize(self.height);
            column.view.set_rows(column.ids.len(), anchor.line(|id| column.ids.iter().position(|other| other == id)));
            anchor.look(&mut column.view);
            self.columns.push(column);
        }
        let holding = card.and_then(|card| self.columns.iter().position(|column| column.ids.contains(&card)));
        let named = self.columns.iter().position(|column| column.stage == stage);
        self.column = holding.or(named).unwrap_or(0).min(self.columns.len().saturating_sub(1));
        if let (Some(card), Some(column)) = (card, self.columns.get_mut(self.column))
            && let Some(row) = column.ids.iter().position(|&id| id == card)
        {
            column.view.go_to(row);
        }
        self.loaded = true;
    }

    /// Returns where the cursors stand, or will stand when the columns have come.
    pub fn place(&self) -> BoardPlace {
        let now = || BoardPlace {
            stage: self.columns.get(self.column).map(|column| column.stage.clone()).unwrap_or_default(),
            columns: self.columns.iter().map(|column| (column.stage.clone(), column.anchor())).collect(),
        };
        self.begins_at.clone().unwrap_or_else(now)
    }

    /// Sets how many cards fit, and scrolls sideways so that the column is seen.
    pub fn resize(&mut self, width: u16, height: usize) {
        self.height = height;
        for column in &mut self.columns {
            column.view.resize(height);
        }
        let columns = self.columns.len();
        self.left = self.left.min(self.column);
        while self.left < self.column && !self.from(self.left, width).contains(&self.column) {
            self.left += 1;
        }
        // What room is left at the right shows a column more at the left.
        while self.left > 0 && self.from(self.left - 1, width).end == columns {
            self.left -= 1;
        }
    }

    /// Returns which columns are on screen at a width.
    pub fn shown(&self, width: u16) -> std::ops::Range<usize> {
        self.from(self.left, width)
    }

    /// Returns as many columns from one on as fit at their least; one at least.
    fn from(&self, left: usize, width: u16) -> std::ops::Range<usize> {
        let mut used = 0;
        let mut end = left;
        while end < self.columns.len() {
            used += if self.is_narrow(end) { NARROW + 1 } else { COLUMN_WIDTH };
            if used > width && end > left {
                break;
            }
            end += 1;
        }
        left..end
    }

    /// Moves by columns.
    pub fn sideways(&mut self, by: isize) {
        self.column = self.column.saturating_add_signed(by).min(self.columns.len().saturating_sub(1));
    }

    /// Returns the opportunities on screen whose cards are to be asked for, each once.
    pub fn missing(&mut self, width: u16) -> Vec<RecordId> {
        let columns = &self.columns[self.shown(width)];
        let open = columns.iter().filter(|column| !self.folding.is_closed(&column.stage));
        let seen = open.flat_map(|column| column.ids[column.view.visible()].iter().map(move |id| (column, *id)));
        let unknown = seen.filter(|(column, id)| self.stale.contains(id) || !column.cards.contains_key(id)).map(|(_, id)| id);
        unknown.filter(|id| self.asked.insert(*id)).collect()
    }

    /// Takes cards.
    pub fn set_cards(&mut self, cards: Vec<Card>) {
        for card in cards {
            self.asked.remove(&card.id);
            self.stale.remove(&card.id);
            if let Some(column) = self.columns.iter_mut().find(|column| column.ids.contains(&card.id)) {
                column.cards.insert(card.id, card);
            }
        }
    }

    /// Takes note that these opportunities were changed, or any: their cards on screen stand
    /// until they have come anew.
    pub fn outdate(&mut self, ids: Option<&[RecordId]>) {
        let is_changed = |id: &RecordId| ids.is_none_or(|ids| ids.contains(id));
        self.asked.retain(|id| !is_changed(id));
        self.stale.retain(|id| !is_changed(id));
        for column in &mut self.columns {
            let shown = &column.ids[column.view.visible()];
            column.cards.retain(|id, _| !is_changed(id) || shown.contains(id));
            self.stale.extend(column.cards.keys().copied().filter(is_changed));
        }
    }

    /// Drops all cards.
    pub fn forget_all(&mut self) {
        for column in &mut self.columns {
            column.cards.clear();
        }
        self.asked.clear();
        self.stale.clear();
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
    fn narrow_columns_leave_room_for_others() {
        let mut view = Board::default();
        view.set_columns(board(&[("a", &[1]), ("b", &[]), ("c", &[2]), ("d", &[3])]));
        view.folding.set("d", true);
        let width = 2 * COLUMN_WIDTH + 2 * (NARROW + 1) + 3;
        view.resize(width, 3);
        assert_eq!(view.spans(width), [(0, 0, 14), (1, 15, 3), (2, 19, 16), (3, 36, 3)]);
        view.sideways(3);
        assert_eq!((view.current(), view.current_column().is_none()), (None, true));
        view.sideways(-2);
        assert!(!view.is_narrow(1), "the empty column is open under the cursor");
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(128))]

        /// Whatever is folded or empty, columns fit beside one another and the cursor's is seen.
        #[test]
        fn columns_fit(cards in proptest::collection::vec((0..3u64, proptest::bool::ANY), 1..12), column in 0..12usize, width in 20..200u16) {
            let stages: Vec<String> = (0..cards.len()).map(|at| format!("s{at}")).collect();
            let mut view = Board::default();
            view.set_columns(
                cards.iter().zip(&stages).enumerate().map(|(at, ((count, _), stage))| {
                    (stage.clone(), (0..*count).map(|n| id(at as u64 * 10 + n + 1)).collect(), Totals::default())
                }).collect(),
            );
            for ((_, folded), stage) in cards.iter().zip(&stages) {
                view.folding.set(stage, *folded);
            }
            view.sideways(column as isize);
            view.resize(width, 3);
            let spans = view.spans(width);
            proptest::prop_assert!(spans.iter().any(|(index, ..)| *index == view.column));
            let mut end = 0;
            for (_, x, wide) in spans {
                proptest::prop_assert!(x >= end && wide > 0, "{x} {wide} {end}");
                end = x + wide;
            }
            proptest::prop_assert!(end <= width, "{end} {width}");
        }
    }

    #[test]
    fn scrolls_sideways_to_the_column() {
        let mut view = Board::default();
        view.set_columns(board(&[("a", &[1]), ("b", &[2]), ("c", &[3]), ("d", &[4])]));
        view.sideways(3);
        view.resize(2 * COLUMN_WIDTH, 3);
        assert_eq!(view.shown(2 * COLUMN_WIDTH), 2..4);
        view.sideways(-9);
        view.resize(2 * COLUMN_WIDTH, 3);
        assert_eq!(view.shown(2 * COLUMN_WIDTH), 0..2);
    }
}
