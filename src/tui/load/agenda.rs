//! The rows of an agenda, and when it next reminds.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::actions::{ActionError, Desk, user_of};
use crate::command::agenda_until;
use crate::domain::zone::{day_at, wall_clock};
use crate::domain::{Kind, RecordId, Timestamp};
use crate::insight::{self, AgendaRequest, Item};
use crate::query::Query;
use crate::store::walk::Walk;
use crate::tui::app::message::Loaded;
use crate::tui::keys::Pane;

use super::ids::refusal;

/// Which agenda, as its order says.
pub(super) struct Asked<'a> {
    pub(super) pane: Pane,
    pub(super) filter: &'a str,
    pub(super) before: &'a str,
    pub(super) until: &'a str,
    pub(super) all: bool,
}

/// Returns the records of an agenda in the order of time, each once. A filter is one on each
/// kind that knows its words; the others have no part in it.
pub(super) fn ids(desk: &Desk, asked: &Asked<'_>) -> Result<Loaded, ActionError> {
    let (pane, until) = (asked.pane, agenda_until(desk, Some(asked.until).filter(|until| !until.is_empty()))?);
    let whose = if asked.all { None } else { Some(user_of(desk, &desk.author.login)?) };
    let items = insight::agenda(&*desk.store, &desk.view(), &AgendaRequest { until, whose })?;
    let mut seen = HashSet::new();
    let mut ids: Vec<RecordId> = items.iter().map(|item| item.record).filter(|id| seen.insert(*id)).collect();
    if !asked.filter.trim().is_empty() {
        let kinds: HashSet<Kind> = ids.iter().map(|id| id.kind).chain([Kind::Task]).collect();
        let mut matching: HashSet<RecordId> = HashSet::new();
        let mut understood = false;
        let mut refused = None;
        for kind in kinds {
            match Query::parse(asked.filter, kind, &desk.definitions()) {
                Ok(query) => {
                    understood = true;
                    matching.extend(Walk::new(kind, desk.view()).query(Some(Arc::new(query))).ids(&*desk.store)?);
                }
                Err(error) if kind == Kind::Task => refused = Some(refusal(&error)),
                Err(_) => {}
            }
        }
        if let Some(why) = refused.filter(|_| !understood) {
            return Ok(Loaded::Refused { pane, before: asked.before.to_owned(), why });
        }
        ids.retain(|id| matching.contains(id));
    }
    let total = ids.len() as u64;
    Ok(Loaded::Ids { pane, ids, total, notice: None, runs: None })
}

/// Returns what each of these records asks for next, where it asks for something at all.
pub(super) fn items(desk: &Desk, records: &[Option<Arc<crate::domain::Record>>]) -> Result<HashMap<RecordId, Item>, ActionError> {
    /// What the rows show does not end where the list does.
    const FAR: i64 = 400 * 86_400;
    let until = desk.now().plus_seconds(FAR);
    let mut found = HashMap::new();
    for record in records.iter().flatten() {
        found.extend(insight::next_item(&*desk.store, &desk.view(), until, record)?.map(|item| (record.id, item)));
    }
    Ok(found)
}

/// Returns when an entry is due, as a row shows it.
pub(super) fn when(desk: &Desk, item: &Item) -> String {
    let zone = desk.zone();
    let day = day_at(zone, item.at);
    let name = match (day - desk.today()).num_days() {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        2..=6 => day.format("%a").to_string(),
        _ => day.format("%Y-%m-%d").to_string(),
    };
    if item.whole_day { name } else { format!("{name} {}", wall_clock(zone, item.at).format("%H:%M")) }
}

/// Returns the day of an entry: what an agenda is grouped by.
pub(super) fn day(desk: &Desk, at: Timestamp) -> String {
    day_at(desk.zone(), at).to_string()
}
