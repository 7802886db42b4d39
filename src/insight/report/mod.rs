//! Reports: named figures with the records behind each of them.
//!
//! A report is a line in [`REPORTS`]: a name, what it may be asked with, and a function
//! from an [`Ask`] to a [`Report`]. What comes out are typed [`Column`]s and rows of
//! [`Cell`]s; each figure of records says by which query they are found again ([`Behind`]),
//! so that every number can be opened. How it is printed or drawn, and who asked, is known
//! elsewhere. To add a report, add a line to the table.

mod activity;
mod ask;
mod burnup;
mod channels;
mod compare;
mod deals;
mod figure;
mod forecast;
mod funnel;
mod groups;
mod leads;
mod service;
mod stuck;
mod table;
mod what_if;
mod won;

use std::sync::Arc;

pub use ask::{Ask, PARAMETERS, Parameter, Span};
pub use figure::{Behind, Cell, Column, Drawn, Figure, Shape};
pub(in crate::insight) use funnel::median;
pub use table::{DASHBOARD, INDEX, REPORTS, Spec, find};

use crate::query::QueryError;
use crate::store::StoreError;
use crate::store::api::Store;

/// What a report came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Its name, as it is asked for.
    pub name: &'static str,
    /// What it is about, and of when, in a few words.
    pub title: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each with a cell for each column.
    pub rows: Vec<Vec<Cell>>,
    /// All rows together, where that is more than the one row there is.
    pub total: Option<Vec<Cell>>,
    /// What is worth knowing: what was left out, how something is meant.
    pub notes: Vec<String>,
}

impl Report {
    /// Returns the place of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// Returns a figure by row and name of its column.
    pub fn figure(&self, row: usize, name: &str) -> Option<&Figure> {
        self.rows.get(row)?.get(self.column(name)?).map(|cell| &cell.figure)
    }
}

/// Why there is no report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// It was asked for in a way that means nothing.
    #[error("{message}")]
    Usage {
        /// What is wrong, in a sentence without its end.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ReportError {
    /// Returns an error about the asking.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), hint: None }
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        match self {
            Self::Usage { message, .. } => Self::Usage { message, hint: Some(hint.into()) },
            other => other,
        }
    }
}

impl From<QueryError> for ReportError {
    fn from(error: QueryError) -> Self {
        Self::Usage { message: error.message, hint: error.hint }
    }
}

/// Makes a report.
///
/// # Errors
/// A name or a parameter that there is not, with the nearest; what the store answers.
pub fn report(store: &Arc<dyn Store>, name: &str, ask: &Ask) -> Result<Report, ReportError> {
    let Some(spec) = find(name) else {
        let error = ReportError::usage(format!("there is no report \u{201c}{name}\u{201d}"));
        let names = REPORTS.iter().map(|spec| spec.name);
        return Err(match crate::domain::fold::nearest(name, names) {
            Some(near) => error.hint(format!("did you mean \u{201c}{near}\u{201d}?")),
            None => error.hint(format!("there are {}", REPORTS.iter().map(|spec| spec.name).collect::<Vec<_>>().join(", "))),
        });
    };
    ask.check(spec)?;
    (spec.make)(&**store, ask)
}
