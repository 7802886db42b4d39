//! The groups of a list, for its folds: which lines stand together, and under what name.
//!
//! Where the order keeps a group together its borders are found by halving, so that a
//! few records are read of however many; elsewhere each is read, and forgotten.

use std::sync::Arc;

use crate::actions::{ActionError, Desk};
use crate::domain::{Kind, RecordId};
use crate::tui::app::agenda::{WHEN, asked};
use crate::tui::app::folding::Run;

use super::cells::Maker;

/// How many records are read at once.
const PAGE: usize = 1_000;

/// Returns the groups of these lines, in their order.
pub(super) fn runs(desk: &Desk, ids: &[RecordId], sort: &str) -> Result<Arc<[Run]>, ActionError> {
    let columns = if asked(sort).is_some() { vec![WHEN.to_owned()] } else { Vec::new() };
    let names = Names { desk, maker: Maker::new(desk, &columns) };
    let borders = match ids.first() {
        Some(first) if columns.is_empty() && keeps_together(first.kind, sort) => names.halved(ids)?,
        _ => names.each(ids)?,
    };
    let ends = borders.iter().skip(1).map(|(line, _)| *line).chain([ids.len()]);
    Ok(borders.iter().zip(ends).map(|((line, group), end)| Run { lines: end - line, group: Arc::clone(group) }).collect())
}

/// Returns whether an order has each group of a kind in one piece: it begins with the
/// one value that the group is made of.
fn keeps_together(kind: Kind, sort: &str) -> bool {
    let first = sort.split(',').next().unwrap_or_default().trim().trim_start_matches('-');
    match kind {
        // The queue stands by what is due, whatever its priority.
        Kind::Ticket => first == "priority",
        Kind::Opportunity => first == "stage",
        Kind::Company => first == "industry",
        Kind::Task => first == "due",
        Kind::Interaction | Kind::Event | Kind::Order => first == "at",
        _ => false,
    }
}

/// Where a group begins, and its name.
type Border = (usize, Arc<str>);

struct Names<'d> {
    desk: &'d Desk,
    maker: Maker<'d>,
}

impl Names<'_> {
    /// Returns the names of the groups of records.
    fn of(&self, ids: &[RecordId]) -> Result<Vec<Arc<str>>, ActionError> {
        let records = self.desk.store.get(ids)?;
        self.maker.learn(&records)?;
        let names = records.iter().map(|record| record.as_ref().map_or_else(String::new, |record| self.maker.group(record)));
        Ok(names.map(Arc::from).collect())
    }

    fn each(&self, ids: &[RecordId]) -> Result<Vec<Border>, ActionError> {
        let mut borders: Vec<Border> = Vec::new();
        for (page, ids) in ids.chunks(PAGE).enumerate() {
            for (at, name) in self.of(ids)?.into_iter().enumerate() {
                if borders.last().is_none_or(|(_, last)| *last != name) {
                    borders.push((page * PAGE + at, name));
                }
            }
        }
        Ok(borders)
    }

    /// Halves what has different ends until its ends stand side by side.
    fn halved(&self, ids: &[RecordId]) -> Result<Vec<Border>, ActionError> {
        let ends = self.of(&[ids[0], ids[ids.len() - 1]])?;
        let mut borders = vec![(0, Arc::clone(&ends[0]))];
        let mut open = vec![((0, Arc::clone(&ends[0])), (ids.len() - 1, Arc::clone(&ends[1])))];
        while !open.is_empty() {
            open.retain(|(low, high)| low.1 != high.1);
            let (near, far): (Vec<_>, Vec<_>) = open.into_iter().partition(|(low, high)| high.0 - low.0 == 1);
            borders.extend(near.into_iter().map(|(_, high)| high));
            let middles: Vec<usize> = far.iter().map(|(low, high)| low.0.midpoint(high.0)).collect();
            open = Vec::with_capacity(2 * far.len());
            for (middles, far) in middles.chunks(PAGE).zip(far.chunks(PAGE)) {
                let wanted: Vec<RecordId> = middles.iter().map(|line| ids[*line]).collect();
                for (((low, high), line), name) in far.iter().zip(middles).zip(self.of(&wanted)?) {
                    open.push((low.clone(), (*line, Arc::clone(&name))));
                    open.push(((*line, name), high.clone()));
                }
            }
        }
        borders.sort_unstable_by_key(|(line, _)| *line);
        Ok(borders)
    }
}
