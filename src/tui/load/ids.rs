//! The ids of a list pane: filtered, sorted, all of them, without their records.

use std::sync::Arc;

use crate::actions::{ActionError, Desk};
use crate::domain::{Kind, fields};
use crate::query::{Query, QueryError, parse_sort};
use crate::store::api::{PageRequest, Trash};
use crate::tui::app::message::{Failure, Loaded};
use crate::tui::app::state::URGENCY;
use crate::tui::keys::Pane;

use super::Queue;
use super::groups::runs;

/// How many ids are read at once.
const PAGE: usize = 10_000;

/// Returns a filter as a query; `None` for all.
pub(super) fn query(desk: &Desk, filter: &str, kind: Kind) -> Result<Option<Arc<Query>>, QueryError> {
    if filter.trim().is_empty() {
        return Ok(None);
    }
    Query::parse(filter, kind, &desk.definitions()).map(|query| Some(Arc::new(query)))
}

/// Returns what a refused filter is told with.
pub(super) fn refusal(error: &QueryError) -> Failure {
    Failure { message: error.message.clone(), hint: error.hint.clone() }
}

/// Returns the words for records that a query left out for want of a rate.
pub(super) fn unpriced(count: u64) -> Option<String> {
    (count > 0).then(|| format!("{count} left out: their currency has no rate"))
}

#[allow(clippy::too_many_arguments, reason = "what a list asks for, field by field")]
pub(super) fn ids(
    desk: &Desk,
    kept: &Queue,
    pane: Pane,
    kind: Kind,
    filter: &str,
    before: &str,
    sort: &str,
    groups: bool,
) -> Result<Loaded, ActionError> {
    if let Some((until, all)) = crate::tui::app::agenda::asked(sort) {
        let loaded = super::agenda::ids(desk, &super::agenda::Asked { pane, filter, before, until, all });
        return match loaded {
            Ok(Loaded::Ids { ids, total, notice, .. }) => {
                let runs = if groups { Some(runs(desk, &ids, sort)?) } else { None };
                Ok(Loaded::Ids { pane, ids, total, notice, runs })
            }
            other => other,
        };
    }
    let query = match query(desk, filter, kind) {
        Ok(query) => query,
        Err(error) => return Ok(Loaded::Refused { pane, before: before.to_owned(), why: refusal(&error) }),
    };
    // The queue is what is still to be done; whoever filters by status asks for all.
    let by_urgency = kind == Kind::Ticket && sort == URGENCY;
    if by_urgency && !filter.contains("status") {
        let (ids, left_out) = super::kept(kept).ids(&*desk.store, &desk.view(), query)?;
        let total = ids.len() as u64;
        let runs = if groups { Some(runs(desk, &ids, sort)?) } else { None };
        return Ok(Loaded::Ids { pane, ids, total, notice: unpriced(left_out), runs });
    }
    let sort = if by_urgency { "priority,opened_at" } else { sort };
    let keys = match parse_sort(sort, kind, &desk.definitions()) {
        Ok(keys) => keys,
        Err(error) => {
            let known = fields::title_field(kind).map_or("id", |field| field.name);
            let hint = error.hint.clone().unwrap_or_else(|| format!("such as :sort {known}"));
            let why = Failure { message: format!(":sort {sort}: {}", error.message), hint: Some(hint) };
            return Ok(Loaded::Unsorted { pane, why });
        }
    };
    let mut request = PageRequest {
        kind,
        query,
        sort: keys,
        after: None,
        offset: 0,
        limit: PAGE,
        records: false,
        total: false,
        trash: Trash::Without,
        at_least: None,
        view: desk.view(),
    };
    let (mut ids, mut left_out) = (Vec::new(), 0);
    loop {
        let page = desk.store.query(&request)?;
        left_out += page.unpriced;
        ids.extend(page.ids);
        request.after = page.next;
        if request.after.is_none() {
            break;
        }
    }
    let total = ids.len() as u64;
    let runs = if groups { Some(runs(desk, &ids, sort)?) } else { None };
    Ok(Loaded::Ids { pane, ids, total, notice: unpriced(left_out), runs })
}
