//! What of an input nothing takes: counted, and named where something stands in it. It
//! must not know how columns are taken.

use std::collections::{HashMap, HashSet};

use super::columns::{Columns, How};
use super::report::Report;
use crate::exchange::rows::Values;

/// The columns that nothing takes, and in how many rows something stands in them.
pub(super) struct Left {
    /// Their places, for a table.
    places: Vec<(usize, u64)>,
}

impl Left {
    /// How many are named.
    const SHOWN: usize = 20;

    /// Returns the columns of an input that nothing takes.
    pub(super) fn of(columns: &Columns) -> Self {
        let left = columns.uses.iter().enumerate().filter(|(_, used)| used.how == How::Left);
        Self { places: left.map(|(at, _)| (at, 0)).collect() }
    }

    /// Counts what stands in them in a row.
    pub(super) fn see(&mut self, values: &Values) {
        let Values::Cells(cells) = values else { return };
        for (at, rows) in &mut self.places {
            *rows += u64::from(cells.get(*at).is_some_and(|cell| !cell.trim().is_empty()));
        }
    }

    /// Names what is left over and holds something.
    pub(super) fn tell(&self, columns: &Columns, report: &mut Report, name: &str) {
        let places: HashMap<usize, u64> = self.places.iter().copied().collect();
        let filled = |at: usize| places.get(&at).copied();
        let left = columns.uses.iter().enumerate().filter(|(_, used)| used.how == How::Left);
        let left: Vec<(&str, Option<u64>)> =
            left.map(|(at, used)| (used.header.as_str(), filled(at))).filter(|(_, rows)| *rows != Some(0)).collect();
        if left.is_empty() {
            return;
        }
        let one = |(header, rows): &(&str, Option<u64>)| match rows {
            Some(1) => format!("{header} (1 row)"),
            Some(rows) => format!("{header} ({rows} rows)"),
            None => (*header).to_owned(),
        };
        let mut names: Vec<String> = left.iter().take(Self::SHOWN).map(one).collect();
        if left.len() > Self::SHOWN {
            names.push(format!("and {} more", left.len() - Self::SHOWN));
        }
        report.notices.push(format!("{name}: not taken: {} (--create-fields takes them as custom fields)", names.join(", ")));
        let known: HashSet<&str> = report.leftover.iter().map(String::as_str).collect();
        let new: Vec<String> = left.iter().filter(|(header, _)| !known.contains(header)).map(|(header, _)| (*header).to_owned()).collect();
        report.leftover.extend(new);
    }
}
