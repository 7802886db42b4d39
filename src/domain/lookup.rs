//! Who knows the records that links point to.

use std::sync::Arc;

use super::{Record, RecordId, Rollup, naming};

/// Knows records by id, for links that are followed or named. Each is asked for when
/// a value needs it.
pub trait Lookup {
    /// Returns the record of an id, if there is one.
    fn record(&self, id: RecordId) -> Option<Arc<Record>>;

    /// Returns what a record is called, if there is one.
    fn title(&self, id: RecordId) -> Option<String> {
        self.record(id).map(|record| naming::title(&record))
    }

    /// Returns what a record sums up of those that point to it.
    fn rollup(&self, _id: RecordId) -> Option<Rollup> {
        None
    }
}

/// Knows nobody: links show as their ids.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoLookup;

impl Lookup for NoLookup {
    fn record(&self, _id: RecordId) -> Option<Arc<Record>> {
        None
    }
}
