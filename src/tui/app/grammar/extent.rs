//! What an operator acts on: rows, or cells.

use super::cells::Spot;
use crate::command::Motion;

/// What an operator acts on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tui::app) enum Extent {
    /// These rows, ascending.
    Rows(Vec<usize>),
    /// Cells of these rows, both ends included.
    Cells {
        /// The rows, ascending.
        rows: Vec<usize>,
        /// The first cell.
        from: usize,
        /// The last cell.
        to: usize,
    },
}

impl Extent {
    /// Returns the rows from one to another, whichever comes first.
    pub(in crate::tui::app) fn between(one: usize, other: usize) -> Self {
        Self::Rows((one.min(other)..=one.max(other)).collect())
    }

    /// Returns the rows that it lies in.
    pub(in crate::tui::app) fn rows(&self) -> &[usize] {
        match self {
            Self::Rows(rows) | Self::Cells { rows, .. } => rows,
        }
    }

    /// Returns what a motion from one place to another gives an operator; `None`
    /// where that is nothing.
    pub(in crate::tui::app) fn of_motion(motion: Motion, from: (usize, Spot), to: (usize, Spot)) -> Option<Self> {
        match motion {
            Motion::Rows => Some(Self::between(from.0, to.0)),
            Motion::RowsUpTo => {
                let (low, high) = (from.0.min(to.0), from.0.max(to.0));
                (low < high).then(|| Self::between(low, high - 1))
            }
            Motion::Cells | Motion::CellsThrough => {
                let (low, high) = (from.1.min(to.1), from.1.max(to.1));
                let last = match motion {
                    Motion::CellsThrough => high.cell,
                    // Up to the beginning of a cell leaves that cell out.
                    _ if high.offset == 0 && high.cell > low.cell => high.cell - 1,
                    _ if low == high => return None,
                    _ => high.cell,
                };
                Some(Self::Cells { rows: vec![from.0], from: low.cell, to: last })
            }
            Motion::Scrolls => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_taken_as_vim_takes_lines() {
        let at = |row| (row, Spot::default());
        let rows = |motion, from, to| Extent::of_motion(motion, at(from), at(to)).map(|extent| extent.rows().to_vec());
        assert_eq!(rows(Motion::Rows, 3, 5), Some(vec![3, 4, 5]));
        assert_eq!(rows(Motion::Rows, 5, 3), Some(vec![3, 4, 5]));
        assert_eq!(rows(Motion::RowsUpTo, 3, 5), Some(vec![3, 4]));
        assert_eq!(rows(Motion::RowsUpTo, 5, 3), Some(vec![3, 4]));
        assert_eq!(rows(Motion::RowsUpTo, 3, 3), None);
    }

    #[test]
    fn cells_are_taken_whole() {
        let spot = |cell, offset| (0, Spot { cell, offset });
        let cells = |motion, from, to| match Extent::of_motion(motion, from, to) {
            Some(Extent::Cells { from, to, .. }) => Some((from, to)),
            _ => None,
        };
        assert_eq!(cells(Motion::Cells, spot(0, 0), spot(1, 0)), Some((0, 0)));
        assert_eq!(cells(Motion::Cells, spot(0, 0), spot(0, 4)), Some((0, 0)), "a word in a cell is the cell");
        assert_eq!(cells(Motion::Cells, spot(3, 0), spot(1, 0)), Some((1, 2)));
        assert_eq!(cells(Motion::CellsThrough, spot(1, 0), spot(4, 0)), Some((1, 4)));
        assert_eq!(cells(Motion::Cells, spot(0, 0), spot(0, 0)), None);
    }
}
