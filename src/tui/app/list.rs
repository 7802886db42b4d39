//! A pane of rows: contacts, tickets, or another kind that was asked for.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::anchor::Anchor;
use super::folding::{Folding, Folds, Run};
use super::grammar::cells::Spot;
use super::row::Row;
use super::viewport::Viewport;
use crate::domain::{Kind, RecordId, Timestamp};

/// The rows of one kind under a filter, with a cursor.
#[derive(Debug, Clone)]
pub struct List {
    /// What is listed.
    pub kind: Kind,
    /// The filter, in the query language.
    pub filter: String,
    /// The sort, as `--sort` takes it.
    pub sort: String,
    /// The sort of the rows that are there.
    pub sorted: String,
    /// The columns, by field name.
    pub columns: Vec<String>,
    /// Every record that matches, in order: the lines.
    pub ids: Vec<RecordId>,
    /// How many match, where `ids` was cut.
    pub total: u64,
    /// Which groups are folded.
    pub folding: Folding,
    /// The closed folds among the lines.
    pub folds: Folds,
    /// The groups of the lines, once something is folded.
    runs: Option<Arc<[Run]>>,
    /// Cursor and window, over rows.
    pub view: Viewport,
    /// The cursor among the cells.
    pub spot: Spot,
    /// The rows on screen and those seen lately.
    pub rows: HashMap<RecordId, Row>,
    /// The rows that have been asked for and have not come yet.
    pub asked: HashSet<RecordId>,
    /// The rows that were changed since they came: they stand until they come anew.
    stale: HashSet<RecordId>,
    /// When rows will say something else, though nothing is changed.
    changes: HashMap<RecordId, Timestamp>,
    /// Whether the ids have been loaded once.
    pub loaded: bool,
    /// What is worth saying about the filter: unpriced records left out.
    pub notice: Option<String>,
    /// Where the cursor goes when the rows come for the first time.
    pub begins_at: Option<Anchor<RecordId>>,
}

/// Rows kept beyond those on screen: enough for a page in each direction.
const KEPT: usize = 2_000;
/// How many lines a closed fold has at least: as in Vim, one alone stays what it is.
const LEAST: usize = 2;

impl List {
    /// Returns an empty list of a kind.
    pub fn new(kind: Kind, sort: &str, columns: &[&str]) -> Self {
        Self {
            kind,
            filter: String::new(),
            sort: sort.to_owned(),
            sorted: sort.to_owned(),
            columns: columns.iter().map(|&column| column.to_owned()).collect(),
            ids: Vec::new(),
            total: 0,
            folding: Folding::default(),
            folds: Folds::default(),
            runs: None,
            view: Viewport::new(0, 1),
            spot: Spot::default(),
            rows: HashMap::new(),
            asked: HashSet::new(),
            stale: HashSet::new(),
            changes: HashMap::new(),
            loaded: false,
            notice: None,
            begins_at: None,
        }
    }

    /// Returns the record under the cursor; of a closed fold the first.
    pub fn current(&self) -> Option<RecordId> {
        self.ids.get(self.line()).copied()
    }

    /// Returns the cursor's line.
    pub fn line(&self) -> usize {
        self.folds.line_of(self.view.cursor())
    }

    /// Returns the row under the cursor, once it has been loaded.
    pub fn current_row(&self) -> Option<&Row> {
        self.rows.get(&self.current()?)
    }

    /// Takes the ids anew, and their groups if something is folded. The cursor stays on
    /// its record; where that is gone, on its line. Where a line is given it goes there.
    pub fn set_ids(&mut self, ids: Vec<RecordId>, total: u64, runs: Option<Arc<[Run]>>, goal: Option<usize>) {
        let anchor = self.anchor();
        // In another order nothing is where it was.
        let looks = self.begins_at.take().is_some() || self.sorted == self.sort;
        self.sorted.clone_from(&self.sort);
        self.ids = ids;
        self.total = total;
        self.loaded = true;
        self.runs = runs;
        self.fold(goal.unwrap_or_else(|| anchor.line(|id| self.ids.iter().position(|other| other == id))));
        if goal.is_none() && looks {
            anchor.look(&mut self.view);
        }
    }

    /// Returns where the cursor stands, or will stand when the rows have come.
    pub fn anchor(&self) -> Anchor<RecordId> {
        self.begins_at.clone().unwrap_or_else(|| Anchor::of(&self.view, self.line(), self.current()))
    }

    /// Returns the groups of the lines, if they are known.
    pub fn runs(&self) -> Option<&Arc<[Run]>> {
        self.runs.as_ref()
    }

    /// Takes the groups of the lines; those of other lines are of no use.
    pub fn set_runs(&mut self, runs: Arc<[Run]>) {
        self.runs = (runs.iter().map(|run| run.lines).sum::<usize>() == self.ids.len()).then_some(runs);
        self.fold(self.line());
    }

    /// Returns the group of a line, if it is known.
    pub fn group_of(&self, line: usize) -> Option<Arc<str>> {
        let mut end = 0;
        let mut runs = self.runs.as_ref()?.iter();
        runs.find(|run| {
            end += run.lines;
            line < end
        })
        .map(|run| Arc::clone(&run.group))
    }

    /// Makes the rows of the lines, the cursor on a line's.
    pub fn fold(&mut self, line: usize) {
        self.folds = match &self.runs {
            Some(runs) if self.folding.is_used() => Folds::of(runs, &self.folding, LEAST),
            _ => Folds::none(self.ids.len()),
        };
        self.view.set_rows(self.folds.rows(), self.folds.row_of(line.min(self.ids.len().saturating_sub(1))));
    }

    /// Moves the cursor to a line and opens the fold that has it.
    pub fn reveal(&mut self, line: usize) {
        if let Some(fold) = self.folds.at(line) {
            let group = Arc::clone(&fold.group);
            self.folding.set(&group, false);
        }
        self.fold(line);
    }

    /// Returns the records whose rows are to be asked for, each once: those on screen that
    /// are no fold.
    pub fn missing(&mut self) -> Vec<RecordId> {
        // The cursor may stand beyond the window while a macro runs.
        let shown = self.shown().into_iter().chain(self.current());
        shown.filter(|id| (self.stale.contains(id) || !self.rows.contains_key(id)) && self.asked.insert(*id)).collect()
    }

    fn shown(&self) -> Vec<RecordId> {
        let lines = self.view.visible().map(|row| self.folds.line_of(row)).filter(|line| self.folds.at(*line).is_none());
        lines.filter_map(|line| self.ids.get(line).copied()).collect()
    }

    /// Returns when one of the rows on screen will say something else.
    pub fn next_change(&self) -> Option<Timestamp> {
        if self.changes.is_empty() {
            return None;
        }
        self.shown().iter().filter_map(|id| self.changes.get(id)).min().copied()
    }

    /// Takes note of the rows on screen that say something else by now.
    pub fn count_down(&mut self, now: Timestamp) {
        let mut outdated = self.shown();
        outdated.retain(|id| self.changes.get(id).is_some_and(|at| *at <= now));
        for id in &outdated {
            self.changes.remove(id);
        }
        if !outdated.is_empty() {
            self.outdate(Some(&outdated));
        }
    }

    /// Takes rows, and when they will say something else.
    pub fn set_rows(&mut self, rows: Vec<Row>, changes: Vec<(RecordId, Timestamp)>) {
        for row in &rows {
            self.asked.remove(&row.id);
            self.stale.remove(&row.id);
            self.changes.remove(&row.id);
        }
        if self.rows.len() + rows.len() > KEPT {
            let shown: HashSet<RecordId> = self.shown().into_iter().collect();
            self.rows.retain(|id, _| shown.contains(id));
            self.changes.retain(|id, _| shown.contains(id));
        }
        self.changes.extend(changes);
        self.rows.extend(rows.into_iter().map(|row| (row.id, row)));
    }

    /// Takes note that these records were changed, or any: their rows on screen stand until
    /// they have come anew, so that keys typed meanwhile find what was seen.
    pub fn outdate(&mut self, ids: Option<&[RecordId]>) {
        let shown: HashSet<RecordId> = self.shown().into_iter().chain(self.current()).collect();
        let changed: Vec<RecordId> = match ids {
            Some(ids) => ids.to_vec(),
            None => self.rows.keys().chain(&self.asked).copied().collect(),
        };
        for id in changed {
            self.asked.remove(&id);
            if shown.contains(&id) && self.rows.contains_key(&id) {
                self.stale.insert(id);
            } else {
                self.rows.remove(&id);
                self.stale.remove(&id);
            }
        }
    }

    /// Drops all rows: they were of other columns.
    pub fn forget_all(&mut self) {
        self.rows.clear();
        self.asked.clear();
        self.stale.clear();
        self.changes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(numbers: &[u64]) -> Vec<RecordId> {
        numbers.iter().map(|&number| RecordId::new(Kind::Contact, number)).collect()
    }

    #[test]
    fn the_cursor_stays_on_its_record() {
        let mut list = List::new(Kind::Contact, "name", &["name"]);
        list.view.resize(10);
        list.set_ids(ids(&[1, 2, 3, 4]), 4, None, None);
        list.view.go_to(2);
        list.set_ids(ids(&[9, 1, 8, 2, 3]), 5, None, None);
        assert_eq!(list.current(), Some(RecordId::new(Kind::Contact, 3)));
        list.set_ids(ids(&[1, 2]), 2, None, None);
        assert_eq!(list.current(), Some(RecordId::new(Kind::Contact, 2)));
        list.set_ids(Vec::new(), 0, None, None);
        assert_eq!(list.current(), None);
    }

    #[test]
    fn a_changed_row_stands_until_it_comes_anew() {
        let mut list = List::new(Kind::Contact, "name", &["name"]);
        list.view.resize(2);
        list.set_ids(ids(&[1, 2, 3]), 3, None, None);
        let rows = |numbers: &[u64]| {
            ids(numbers).into_iter().map(|id| Row { id, key: id.to_string(), cells: Vec::new(), group: String::new() }).collect()
        };
        list.set_rows(rows(&[1, 2, 3]), Vec::new());
        assert_eq!(list.missing(), []);
        list.outdate(Some(&ids(&[1, 3])));
        assert!(list.current_row().is_some(), "what is on screen stands");
        assert!(!list.rows.contains_key(&ids(&[3])[0]), "what is not, goes");
        assert_eq!(list.missing(), ids(&[1]), "it is asked for once");
        assert_eq!(list.missing(), []);
        list.outdate(None);
        assert_eq!(list.missing(), ids(&[1, 2]), "what was asked before the change is asked again");
        list.set_rows(rows(&[1, 2]), Vec::new());
        assert_eq!(list.missing(), []);
    }

    #[test]
    fn a_closed_group_is_one_row_and_the_cursor_stays_in_it() {
        let mut list = List::new(Kind::Contact, "name", &["name"]);
        list.view.resize(10);
        list.set_ids(ids(&[1, 2, 3, 4, 5]), 5, None, None);
        list.view.go_to(2);
        let run = |lines, group: &str| Run { lines, group: group.into() };
        list.set_runs([run(1, "a"), run(3, "b"), run(1, "a")].into());
        list.folding.set_all(true);
        list.fold(2);
        assert_eq!((list.folds.rows(), list.view.cursor(), list.current()), (3, 1, Some(RecordId::new(Kind::Contact, 2))));
        assert_eq!(
            list.missing(),
            [1, 5, 2].map(|number| RecordId::new(Kind::Contact, number)),
            "what is folded is not read, but for the cursor"
        );
        list.set_runs([run(4, "a")].into());
        assert_eq!(list.folds.rows(), 5, "groups of other lines are of no use");
    }
}
