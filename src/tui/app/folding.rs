//! Which groups are folded: by name, so that folds stay where rows come and go; and how
//! lines become rows where they are.
//!
//! A *line* is a record of a pane, a *row* what the cursor can stand on: a closed fold is
//! one row of several lines. Operators, ranges and marks count lines, as in Vim; windows
//! count rows.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// Lines that stand together in one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// How many.
    pub lines: usize,
    /// The group's name; empty for those that are in none.
    pub group: Arc<str>,
}

/// Open and closed groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folding {
    /// Whether all are closed but the exceptions, or all open but these.
    all: bool,
    except: BTreeSet<String>,
}

impl Folding {
    /// Returns groups that are all closed but these, or all open but these.
    pub fn of(all: bool, except: impl IntoIterator<Item = String>) -> Self {
        Self { all, except: except.into_iter().collect() }
    }

    /// Returns whether all are closed but some, and these.
    pub fn parts(&self) -> (bool, impl Iterator<Item = &str>) {
        (self.all, self.except.iter().map(String::as_str))
    }

    /// Returns whether a group is closed.
    pub fn is_closed(&self, group: &str) -> bool {
        self.all != self.except.contains(group)
    }

    /// Closes or opens a group.
    pub fn set(&mut self, group: &str, closed: bool) {
        if self.all == closed {
            self.except.remove(group);
        } else {
            self.except.insert(group.to_owned());
        }
    }

    /// Closes or opens all.
    pub fn set_all(&mut self, closed: bool) {
        self.all = closed;
        self.except.clear();
    }

    /// Returns whether anything is or may be closed.
    pub fn is_used(&self) -> bool {
        self.all || !self.except.is_empty()
    }

    /// Forgets the exceptions: other groups are shown now.
    pub fn forget(&mut self) {
        self.except.clear();
    }
}

/// A closed fold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// Its first line.
    pub line: usize,
    /// How many lines it has.
    pub lines: usize,
    /// The group's name.
    pub group: Arc<str>,
    /// How many lines are hidden before it.
    hidden: usize,
}

impl Fold {
    fn row(&self) -> usize {
        self.line - self.hidden
    }

    fn end(&self) -> usize {
        self.line + self.lines
    }
}

/// The closed folds among lines, from above.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folds {
    lines: usize,
    closed: Vec<Fold>,
}

impl Folds {
    /// Returns so many lines without a fold.
    pub fn none(lines: usize) -> Self {
        Self { lines, closed: Vec::new() }
    }

    /// Returns the folds of groups of at least so many lines that are closed.
    pub fn of(runs: &[Run], folding: &Folding, least: usize) -> Self {
        let mut folds = Self::default();
        let mut hidden = 0;
        for run in runs {
            if run.lines >= least && folding.is_closed(&run.group) {
                folds.closed.push(Fold { line: folds.lines, lines: run.lines, group: Arc::clone(&run.group), hidden });
                hidden += run.lines - 1;
            }
            folds.lines += run.lines;
        }
        folds
    }

    /// Returns how many lines there are.
    pub fn lines(&self) -> usize {
        self.lines
    }

    /// Returns how many rows there are.
    pub fn rows(&self) -> usize {
        self.lines - self.closed.last().map_or(0, |fold| fold.hidden + fold.lines - 1)
    }

    /// Returns the row of a line.
    pub fn row_of(&self, line: usize) -> usize {
        let at = self.closed.partition_point(|fold| fold.line <= line);
        match at.checked_sub(1).map(|at| &self.closed[at]) {
            Some(fold) if line < fold.end() => fold.row(),
            Some(fold) => line + 1 - fold.hidden - fold.lines,
            None => line,
        }
    }

    /// Returns the first line of a row.
    pub fn line_of(&self, row: usize) -> usize {
        let at = self.closed.partition_point(|fold| fold.row() <= row);
        match at.checked_sub(1).map(|at| &self.closed[at]) {
            Some(fold) if fold.row() == row => fold.line,
            Some(fold) => row + fold.hidden + fold.lines - 1,
            None => row,
        }
    }

    /// Returns the closed fold that has a line.
    pub fn at(&self, line: usize) -> Option<&Fold> {
        let at = self.closed.partition_point(|fold| fold.line <= line).checked_sub(1)?;
        self.closed.get(at).filter(|fold| line < fold.end())
    }

    /// Returns the lines of the row that has a line.
    pub fn around(&self, line: usize) -> Range<usize> {
        self.at(line).map_or(line..line + 1, |fold| fold.line..fold.end())
    }

    /// Returns the closed folds.
    pub fn closed(&self) -> &[Fold] {
        &self.closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        /// Rows and lines are two ways to count the same, whatever is closed.
        #[test]
        fn rows_and_lines_are_the_same_things(runs in proptest::collection::vec((1..5usize, 0..3u8, proptest::bool::ANY), 0..12)) {
            let mut folding = Folding::default();
            let runs: Vec<Run> = runs.into_iter().enumerate().map(|(at, (lines, name, closed))| {
                let group = format!("{name}{at}");
                folding.set(&group, closed);
                Run { lines, group: group.into() }
            }).collect();
            let folds = Folds::of(&runs, &folding, 2);
            let mut rows = Vec::new();
            let mut line = 0;
            while line < folds.lines() {
                rows.push(folds.around(line));
                line = folds.around(line).end;
            }
            proptest::prop_assert_eq!(rows.len(), folds.rows());
            for (row, lines) in rows.into_iter().enumerate() {
                proptest::prop_assert_eq!(folds.line_of(row), lines.start);
                proptest::prop_assert!(lines.clone().all(|line| folds.row_of(line) == row));
                proptest::prop_assert_eq!(folds.at(lines.start).is_some(), lines.len() > 1);
            }
        }
    }

    #[test]
    fn groups_are_closed_one_by_one_or_all() {
        let mut folding = Folding::default();
        folding.set("today", true);
        assert!(folding.is_closed("today") && !folding.is_closed("yesterday"));
        folding.set_all(true);
        folding.set("today", false);
        assert!(!folding.is_closed("today") && folding.is_closed("yesterday"));
        folding.forget();
        assert!(folding.is_closed("today"));
        folding.set_all(false);
        assert!(!folding.is_closed("today"));
    }
}
