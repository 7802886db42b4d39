//! Keeping in touch: how often somebody is to be met, and when they last really were.
//!
//! A touch is real where a person took part: notes among colleagues, answers of machines
//! and what is only planned are none.

use std::collections::HashMap;
use std::sync::Arc;

use chrono_tz::Tz;

use super::service::AUTOMATIC;
use crate::domain::fields::number;
use crate::domain::span::shifted;
use crate::domain::zone::{moment_at, wall_clock};
use crate::domain::{Definitions, Kind, Record, RecordId, Recurrence, Timestamp, Value, fold};
use crate::query::Query;
use crate::store::StoreError;
use crate::store::api::{Store, View};
use crate::store::walk::Walk;

/// How many interactions of one record are looked through for a real one.
const MOST: usize = 2_000;
const PAGE: usize = 20;

/// Somebody who is to be met every so often.
#[derive(Debug, Clone)]
pub struct Cadence {
    /// Who.
    pub record: Arc<Record>,
    /// How often, as it was written: `3m`.
    pub every: String,
    /// When the last real touch was, and through which channel.
    pub last: Option<(Timestamp, String)>,
    /// When the next one is due.
    pub due: Timestamp,
}

/// Returns whether an interaction is a real touch by a moment.
pub fn is_real(touch: &Record, now: Timestamp) -> bool {
    let private = touch.first(number::PRIVATE).and_then(Value::as_flag) == Some(true);
    let outcome = touch.text(number::OUTCOME).map(fold::fold);
    let machine = outcome.is_some_and(|outcome| AUTOMATIC.contains(&outcome.as_str()) || outcome == "cancelled");
    let note = touch.text(number::CHANNEL) == Some("note");
    let past = touch.time(number::INTERACTION_AT).is_some_and(|at| at <= now);
    past && !private && !machine && !note && !touch.has(number::TRASHED_AT)
}

/// Returns the last real touch with somebody: when, and through which channel.
///
/// # Errors
/// What the store answers.
pub fn last_touch(store: &dyn Store, with: RecordId, now: Timestamp) -> Result<Option<(Timestamp, String)>, StoreError> {
    let zone = store.definitions().settings.timezone;
    let ids: Vec<RecordId> = store.linking(with, Some(Kind::Interaction), MOST)?.into_iter().map(|(id, _)| id).collect();
    for page in ids.chunks(PAGE) {
        // Newest first, so that the first one that counts is the last that was; but a series
        // that began long ago may have come again since.
        let touches = store.get(page)?.into_iter().flatten().filter(|touch| is_real(touch, now));
        let last = touches.filter_map(|touch| Some((last_moment(&touch, zone, now)?, touch))).max_by_key(|(at, touch)| (*at, touch.id));
        if let Some((at, touch)) = last {
            return Ok(Some((at, touch.text(number::CHANNEL).unwrap_or_default().to_owned())));
        }
    }
    Ok(None)
}

/// Returns when a touch was; of a series when it was last.
fn last_moment(touch: &Record, zone: Tz, now: Timestamp) -> Option<Timestamp> {
    /// Looked back so far for the last meeting of a series, in days.
    const BACK: i64 = 400;
    const MOST: usize = 2_000;
    let at = touch.time(number::INTERACTION_AT)?;
    let Some(Ok(rule)) = touch.text(number::REPEAT).map(str::parse::<Recurrence>) else { return Some(at) };
    let after = Timestamp(now.0.saturating_add(1));
    let moments = rule.between(at, zone, at.max(now.plus_seconds(-BACK * 86_400)), after, MOST);
    moments.ok().and_then(|moments| moments.times.last().copied()).or(Some(at))
}

/// Returns whoever is to be met again before a moment: contacts and companies that say how
/// often, else those whose tag the team's settings name, the shortest span counting.
///
/// # Errors
/// What the store answers.
pub fn cadences(store: &dyn Store, view: &View, until: Timestamp) -> Result<Vec<Cadence>, StoreError> {
    let definitions = store.definitions();
    let mut wanted: HashMap<RecordId, (Arc<Record>, String)> = HashMap::new();
    for (kind, field) in [(Kind::Contact, number::CONTACT_KEEP_IN_TOUCH), (Kind::Company, number::COMPANY_KEEP_IN_TOUCH)] {
        for tag in definitions.settings.keep_in_touch.iter().map(|(tag, _)| format!("tags:\"{}\"", tag.replace('"', ""))) {
            each(store, view, &definitions, kind, &tag, &mut |record| {
                if let Some(every) = by_tags(record, &definitions).filter(|_| !record.has(field)) {
                    wanted.insert(record.id, (Arc::clone(record), every));
                }
            })?;
        }
        each(store, view, &definitions, kind, "keep_in_touch:*", &mut |record| {
            if let Some(every) = record.text(field) {
                wanted.insert(record.id, (Arc::clone(record), every.to_owned()));
            }
        })?;
    }
    let mut found = Vec::new();
    for (record, every) in wanted.into_values() {
        found.extend(met(store, view, &definitions, &record, every)?.filter(|cadence| cadence.due < until));
    }
    found.sort_by_key(|cadence| (cadence.due, cadence.record.id));
    Ok(found)
}

/// Returns when a record is to be met again, if it is.
///
/// # Errors
/// What the store answers.
pub fn cadence_of(store: &dyn Store, view: &View, record: &Arc<Record>) -> Result<Option<Cadence>, StoreError> {
    let definitions = store.definitions();
    let field = if record.kind() == Kind::Company { number::COMPANY_KEEP_IN_TOUCH } else { number::CONTACT_KEEP_IN_TOUCH };
    match record.text(field).map(str::to_owned).or_else(|| by_tags(record, &definitions)) {
        Some(every) => met(store, view, &definitions, record, every),
        None => Ok(None),
    }
}

fn met(
    store: &dyn Store,
    view: &View,
    definitions: &Definitions,
    record: &Arc<Record>,
    every: String,
) -> Result<Option<Cadence>, StoreError> {
    let last = last_touch(store, record.id, view.now)?;
    let since = last.as_ref().map_or_else(|| record.time(number::CREATED_AT).unwrap_or(record.recorded_at), |(at, _)| *at);
    let due = after(since, &every, definitions.settings.timezone);
    Ok(due.map(|due| Cadence { record: Arc::clone(record), every, last, due }))
}

fn each(
    store: &dyn Store,
    view: &View,
    definitions: &Definitions,
    kind: Kind,
    query: &str,
    visit: &mut dyn FnMut(&Arc<Record>),
) -> Result<(), StoreError> {
    let Ok(query) = Query::parse(query, kind, definitions) else { return Ok(()) };
    Walk::new(kind, view.clone()).query(Some(Arc::new(query))).each(store, |record| {
        visit(record);
        Ok::<(), StoreError>(())
    })?;
    Ok(())
}

/// Returns the shortest span that the settings name for a tag of a record.
fn by_tags(record: &Record, definitions: &Definitions) -> Option<String> {
    let tags: Vec<String> = record.values(number::TAGS).filter_map(Value::as_text).map(fold::fold).collect();
    let spans = definitions.settings.keep_in_touch.iter().filter(|(tag, _)| tags.contains(&fold::fold(tag)));
    let day = chrono::NaiveDate::from_ymd_opt(2001, 1, 1)?;
    spans.min_by_key(|(_, span)| shifted(day, span, false)).map(|(_, span)| span.clone())
}

/// Returns the moment a span after another, at the same time of day.
fn after(at: Timestamp, span: &str, zone: Tz) -> Option<Timestamp> {
    let wall = wall_clock(zone, at);
    Some(moment_at(zone, shifted(wall.date(), span, false)?.and_time(wall.time())))
}
