//! The rows of the last sorted query of which a second page was asked for: sort
//! keys and ids alone, good as long as nothing is written. So a long list that is
//! read page by page is sorted once and not once a page.

use std::sync::{Mutex, PoisonError};

use crate::domain::{Kind, RecordId};
use crate::store::api::{PageRequest, Trash, View};

/// A row of a sorted list: sort key, then id.
pub(super) type Row = (Vec<u8>, RecordId);

/// What makes two requests ask for the same list.
#[derive(PartialEq, Eq)]
struct Asked {
    kind: Kind,
    query: Option<String>,
    sort: String,
    trash: Trash,
    view: View,
    seq: u64,
}

impl Asked {
    fn of(request: &PageRequest, seq: u64) -> Self {
        Self {
            kind: request.kind,
            query: request.query.as_ref().map(ToString::to_string),
            sort: request.sort.iter().map(|key| format!("{key},")).collect(),
            trash: request.trash,
            view: request.view.clone(),
            seq,
        }
    }
}

/// The rows of one sorted list.
#[derive(Default)]
pub(super) struct SortedRows {
    kept: Mutex<Option<(Asked, Vec<Row>)>>,
}

impl SortedRows {
    /// Keeps the rows of a list as of the commit `seq`.
    pub(super) fn keep(&self, request: &PageRequest, seq: u64, rows: Vec<Row>) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some((Asked::of(request, seq), rows));
    }

    /// Returns up to `most` rows of a list behind a row, and how many it has in
    /// all; `None` if another list is kept.
    pub(super) fn behind(&self, request: &PageRequest, seq: u64, after: Option<&Row>, most: usize) -> Option<(Vec<Row>, u64)> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (asked, rows) = kept.as_ref()?;
        if *asked != Asked::of(request, seq) {
            return None;
        }
        let begin = after.map_or(0, |after| rows.partition_point(|row| row <= after));
        Some((rows[begin..].iter().take(most).cloned().collect(), rows.len() as u64))
    }
}
