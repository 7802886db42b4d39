//! Which records an action is about: ids, or all that match a query.

use std::sync::Arc;

use super::{ActionError, Desk};
use crate::domain::{Kind, RecordId};
use crate::query::Query;
use crate::store::api::Trash;
use crate::store::walk::Walk;

/// Some records.
#[derive(Debug, Clone)]
pub enum Target {
    /// These, each once, in this order.
    Ids(Vec<RecordId>),
    /// The live ones of a kind that a query matches; `None` for all.
    Where(Kind, Option<Arc<Query>>),
}

impl From<RecordId> for Target {
    fn from(id: RecordId) -> Self {
        Self::Ids(vec![id])
    }
}

impl From<Vec<RecordId>> for Target {
    fn from(ids: Vec<RecordId>) -> Self {
        Self::Ids(ids)
    }
}

impl Target {
    /// Returns the ids, each once.
    pub(super) fn ids(&self, desk: &Desk) -> Result<Vec<RecordId>, ActionError> {
        match self {
            Self::Ids(ids) => {
                let mut seen = std::collections::HashSet::new();
                Ok(ids.iter().copied().filter(|id| seen.insert(*id)).collect())
            }
            Self::Where(kind, query) => Ok(Walk::new(*kind, desk.view()).query(query.clone()).trash(Trash::Without).ids(&*desk.store)?),
        }
    }
}

/// Returns a count of records in words: `1 contact`, `3 records`.
pub(super) fn counted(ids: &[RecordId], count: usize) -> String {
    let kind = ids.first().map(|id| id.kind).filter(|kind| ids.iter().all(|id| id.kind == *kind));
    match (kind, count) {
        (Some(kind), 1) => format!("1 {kind}"),
        (Some(kind), count) => format!("{count} {}", kind.plural()),
        (None, 1) => "1 record".to_owned(),
        (None, count) => format!("{count} records"),
    }
}
