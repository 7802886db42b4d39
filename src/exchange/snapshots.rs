//! Rows that are states of a record, each at its time, taken as what changed between them:
//! one row in, an event out for each column that differs from the row of the same record
//! before. It must not know what a state means.
//!
//! Many programs export their history so. What a state was is held for each record, and
//! nothing else, however many rows there are.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::header::Header;
use super::mapping::{Mapping, Target};
use super::problem::Problem;
use super::record::Cells;
use super::rows::{Facts, Row, RowResult, Rows, Values};

/// The columns that an event has of its own.
const EVENT: [&str; 3] = ["field", "from", "to"];

/// A column whose changes are events.
struct Watched {
    at: usize,
    field: String,
    values: Vec<(String, String)>,
}

impl Watched {
    fn value(&self, cells: &Cells, empty: &[String]) -> String {
        let cell = cells.get(self.at).unwrap_or_default().trim();
        let known = self.values.iter().find(|(from, _)| from == cell).map(|(_, to)| to.as_str());
        let value = known.unwrap_or(cell);
        if empty.iter().any(|none| none == value) { String::new() } else { value.to_owned() }
    }
}

/// Events from rows that are states.
pub(in crate::exchange) struct Snapshots<'s> {
    states: Box<dyn Rows + 's>,
    header: Header,
    /// The columns that stay as they are.
    kept: Vec<usize>,
    record: usize,
    watched: Vec<Watched>,
    empty: Vec<String>,
    /// What each record's watched columns were.
    before: HashMap<String, Arc<[String]>>,
    ahead: VecDeque<RowResult>,
    number: u64,
}

impl<'s> Snapshots<'s> {
    /// Returns the events of rows that are states, as a mapping says: its `[changes]` name
    /// the columns, and one of its columns is the record.
    ///
    /// # Errors
    /// An input that is no table, or lacks a column.
    pub(in crate::exchange) fn new(states: Box<dyn Rows + 's>, mapping: &Mapping) -> Result<Self, Problem> {
        let Some(header) = states.header() else {
            return Err(Problem::new("mapping", "[changes] are read from the columns of a table").hint("csv, or any other delimited file"));
        };
        let find = |name: &str| header.find(name).ok_or_else(|| Problem::new("column", format!("the file has no column “{name}”")));
        let is_record = |rule: &super::mapping::Rule| matches!(&rule.target, Target::Field(field) if field == "record");
        let record = mapping.columns.iter().find(|column| column.rule.as_ref().is_some_and(is_record));
        let record = record.ok_or_else(|| Problem::new("mapping", "whose changes are they? no column is the “record”"))?;
        let record = find(&record.header)?;
        let mut watched = Vec::new();
        for column in &mapping.changes {
            let Some(rule) = &column.rule else { continue };
            let at = find(&column.header).map_err(|problem| mapping.placed(problem, column.at))?;
            watched.push(Watched { at, field: rule.target.name().to_owned(), values: rule.values.clone() });
        }
        let kept: Vec<usize> = (0..header.len()).filter(|at| watched.iter().all(|watched| watched.at != *at)).collect();
        let names: Vec<String> = kept.iter().map(|at| header.name(*at)).collect();
        let header = Header::new(names.iter().map(String::as_str).chain(EVENT));
        let empty = mapping.file.empty.clone();
        Ok(Self { states, header, kept, record, watched, empty, before: HashMap::new(), ahead: VecDeque::new(), number: 0 })
    }

    /// Takes one state: what it changes is ahead then.
    fn take(&mut self, row: Row) {
        let Values::Cells(cells) = &row.values else {
            self.ahead.push_back(Ok(row));
            return;
        };
        let now: Arc<[String]> = self.watched.iter().map(|watched| watched.value(cells, &self.empty)).collect();
        let record = cells.get(self.record).unwrap_or_default().to_owned();
        let before = self.before.insert(record, Arc::clone(&now));
        for (at, watched) in self.watched.iter().enumerate() {
            let from = before.as_ref().map_or("", |before| before[at].as_str());
            if from == now[at] {
                continue;
            }
            let mut event = Cells::default();
            self.kept.iter().for_each(|at| event.push(cells.get(*at).unwrap_or_default()));
            [watched.field.as_str(), from, &now[at]].into_iter().for_each(|cell| event.push(cell));
            self.number += 1;
            let values = Values::Cells(event);
            self.ahead.push_back(Ok(Row { oddity: row.oddity, ..Row::new(self.number, row.line, row.offset, row.raw.clone(), values) }));
        }
    }
}

impl Rows for Snapshots<'_> {
    fn next_row(&mut self) -> Result<Option<RowResult>, Problem> {
        loop {
            if let Some(ahead) = self.ahead.pop_front() {
                return Ok(Some(ahead));
            }
            match self.states.next_row()? {
                Some(Ok(row)) => self.take(row),
                Some(Err(mut bad)) => {
                    self.number += 1;
                    bad.number = self.number;
                    return Ok(Some(Err(bad)));
                }
                None => return Ok(None),
            }
        }
    }

    fn header(&self) -> Option<&Header> {
        Some(&self.header)
    }

    fn facts(&self) -> Facts {
        self.states.facts()
    }

    fn bytes(&self) -> u64 {
        self.states.bytes()
    }
}
