//! How long opportunities stay at their stages: since when, how long is usual, and which
//! are stuck.
//!
//! What is usual is the median of the stays that the latest changes ended, stage by stage
//! of each pipeline: the team's own pace, and not what it was years ago. A deal
//! that stays longer than that is slow; twice as long, or longer than the stage's
//! `max-days`, it is stuck. With fewer stays than [`ENOUGH`] nothing is usual yet.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::report::median;
use crate::domain::fields::number;
use crate::domain::zone::day_at;
use crate::domain::{Date, Definitions, Kind, Record, RecordId, Timestamp, Value};
use crate::query::parse_sort;
use crate::store::StoreError;
use crate::store::api::{PageRequest, Store, Trash, View};
use crate::store::walk::Walk;

/// How many events are looked at for what is usual.
const LATEST: usize = 1_000;
/// So many stays make a median that says something.
pub const ENOUGH: usize = 5;
/// So many deals are asked for one by one; for more all events are read once.
const BY_ID: usize = 100;
/// A deal changes more often than that only where something is wrong.
const MOST: usize = 200;
const DAY: f64 = 86_400e6;

/// How long deals usually stay.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pace {
    /// By pipeline and stage: the median in days, and of how many stays.
    medians: HashMap<(String, String), (f64, usize)>,
}

/// How a deal stands with the time at its stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// As usual, or nobody knows what is.
    Usual,
    /// Longer than usual.
    Slow,
    /// Twice as long as usual, or longer than the stage allows.
    Stuck,
}

impl Standing {
    /// Returns the word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Usual => "usual",
            Self::Slow => "slow",
            Self::Stuck => "stuck",
        }
    }
}

/// What is to be done about an open opportunity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Neglect {
    /// Whole days at its stage.
    pub days: i64,
    /// How it stands with them.
    pub standing: Standing,
    /// It should have closed before today.
    pub overdue: bool,
    /// Its next step was due before today.
    pub step_overdue: bool,
    /// It has no next step.
    pub step_missing: bool,
}

impl Pace {
    /// Returns the usual days at a stage, if enough is known.
    pub fn usual(&self, pipeline: &str, stage: &str) -> Option<f64> {
        let (median, stays) = self.medians.get(&(pipeline.to_owned(), stage.to_owned()))?;
        (*stays >= ENOUGH).then_some(*median)
    }

    /// Returns how an open opportunity stands that has been at its stage since then; `None`
    /// for one that is closed.
    pub fn neglect(&self, deal: &Record, since: Timestamp, now: Timestamp, definitions: &Definitions) -> Option<Neglect> {
        if definitions.meaning_of(deal).is_closed() {
            return None;
        }
        let zone = definitions.settings.timezone;
        let today = day_at(zone, now);
        let spent = (now.0 - since.0).max(0) as f64 / DAY;
        let stage = definitions.stage_of(deal);
        let usual = stage.and_then(|stage| self.usual(&definitions.pipeline_of(deal).name, &stage.name));
        let is_over = stage.and_then(|stage| stage.max_days).is_some_and(|most| spent > f64::from(most));
        let standing = match usual {
            _ if is_over => Standing::Stuck,
            Some(usual) if spent > 2.0 * usual => Standing::Stuck,
            Some(usual) if spent > usual => Standing::Slow,
            _ => Standing::Usual,
        };
        let day = |field| deal.first(field).and_then(Value::as_date).and_then(Date::span).map(|(_, last)| last);
        let is_past = |field| day(field).is_some_and(|day| day < today);
        Some(Neglect {
            days: spent as i64,
            standing,
            overdue: is_past(number::EXPECTED_CLOSE),
            step_overdue: is_past(number::NEXT_AT),
            step_missing: !deal.has(number::NEXT_STEP) && !deal.has(number::NEXT_AT),
        })
    }
}

/// Returns how long deals have usually stayed of late.
///
/// # Errors
/// What the store answers.
pub fn pace(store: &dyn Store, view: &View) -> Result<Pace, StoreError> {
    let definitions = store.definitions();
    let request = PageRequest {
        kind: Kind::Event,
        // All events, newest first: a page of them costs what stands on it, however many.
        query: None,
        sort: parse_sort("-at", Kind::Event, &definitions).map_err(|error| StoreError::Invalid(error.message))?,
        after: None,
        offset: 0,
        limit: LATEST,
        records: true,
        total: false,
        trash: Trash::Without,
        at_least: None,
        view: view.clone(),
    };
    let mut moves: HashMap<RecordId, Vec<(Timestamp, String)>> = HashMap::new();
    for event in store.query(&request)?.records {
        let (Some(deal), Some(at)) = (event.link(number::EVENT_RECORD), event.time(number::EVENT_AT)) else { continue };
        let is_stage = event.text(number::EVENT_FIELD) == Some("stage");
        if is_stage && deal.kind == Kind::Opportunity && at <= view.now {
            moves.entry(deal).or_default().push((at, event.text(number::EVENT_TO).unwrap_or_default().to_owned()));
        }
    }
    moves.retain(|_, moves| moves.len() > 1);
    let ids: Vec<RecordId> = moves.keys().copied().collect();
    let mut stays: HashMap<(String, String), Vec<f64>> = HashMap::new();
    for deal in store.get(&ids)?.into_iter().flatten() {
        let Some(moves) = moves.get_mut(&deal.id) else { continue };
        moves.sort_by_key(|(at, _)| *at);
        let pipeline = &definitions.pipeline_of(&deal).name;
        for pair in moves.windows(2) {
            if let [(came, stage), (left, _)] = pair {
                stays.entry((pipeline.clone(), stage.clone())).or_default().push((left.0 - came.0) as f64 / DAY);
            }
        }
    }
    let medians = stays.into_iter().filter_map(|(key, stays)| Some((key, (median(&stays)?, stays.len()))));
    Ok(Pace { medians: medians.collect() })
}

/// Returns since when each of these opportunities has been at its stage.
///
/// # Errors
/// What the store answers.
pub fn at_stage_since(store: &dyn Store, view: &View, deals: &[Arc<Record>]) -> Result<Vec<Timestamp>, StoreError> {
    let mut last: HashMap<RecordId, Timestamp> = HashMap::new();
    let mut note = |event: &Record| {
        let is_stage = event.text(number::EVENT_FIELD) == Some("stage");
        if let (true, Some(deal), Some(at)) = (is_stage, event.link(number::EVENT_RECORD), event.time(number::EVENT_AT)) {
            let known = last.entry(deal).or_insert(at);
            *known = at.max(*known);
        }
    };
    if deals.len() <= BY_ID {
        let mut events = Vec::new();
        for deal in deals {
            events.extend(store.linking(deal.id, Some(Kind::Event), MOST)?.into_iter().map(|(id, _)| id));
        }
        store.get(&events)?.iter().flatten().for_each(|event| note(event));
    } else {
        let ids: HashSet<RecordId> = deals.iter().map(|deal| deal.id).collect();
        Walk::new(Kind::Event, view.clone()).each(store, |event| {
            if event.link(number::EVENT_RECORD).is_some_and(|id| ids.contains(&id)) {
                note(event);
            }
            Ok::<(), StoreError>(())
        })?;
    }
    let since = |deal: &Arc<Record>| {
        let known = last.get(&deal.id).copied();
        known.or_else(|| deal.time(number::OPPORTUNITY_OPENED_AT)).unwrap_or(deal.recorded_at)
    };
    Ok(deals.iter().map(since).collect())
}
