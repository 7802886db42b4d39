//! The agenda: what is due and overdue, meetings, promises, days of contracts, and whom one
//! wanted to keep in touch with; in the order of time.
//!
//! A series of meetings stands there once for each of its moments, those left out that
//! were moved or changed by themselves. It only reads, and must not know how it is drawn.

use std::collections::HashSet;
use std::sync::Arc;

use chrono_tz::Tz;

use super::open_tasks::open_tasks;
use super::touch::{Cadence, cadence_of, cadences};
use crate::domain::fields::number;
use crate::domain::tasks::is_whole_day;
use crate::domain::zone::{day_at, midnight, wall_clock};
use crate::domain::{Date, Definitions, Kind, Meaning, Record, RecordId, Recurrence, Timestamp, Value, contracts, naming};
use crate::query::{Query, index};
use crate::store::StoreError;
use crate::store::api::{Store, View};
use crate::store::walk::Walk;

/// How many moments of one series are shown.
const MOST_MOMENTS: usize = 1_000;
/// How many meetings that were moved are looked at in one series.
const MOST_MOVED: usize = 10_000;
/// What is overdue for longer than a year is nobody's plan any more: `list task due:..-1y`.
const OVERDUE_DAYS: i64 = 366;
/// How long a meeting takes that does not say so.
const MINUTES: i64 = 60;

/// What an entry of the agenda asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matter {
    /// A meeting, or another touch that is planned.
    Meeting,
    /// A task.
    Task,
    /// The next step of an opportunity.
    NextStep,
    /// A contract must be ended by then, or it renews itself.
    Notice,
    /// A contract ends, or renews itself.
    End,
    /// Somebody is to be met again.
    Touch,
}

impl Matter {
    /// Returns its name for columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Meeting => "meeting",
            Self::Task => "task",
            Self::NextStep => "next step",
            Self::Notice => "notice",
            Self::End => "contract",
            Self::Touch => "touch",
        }
    }
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// When; of a whole day its midnight.
    pub at: Timestamp,
    /// Whether the day is meant and no time of it.
    pub whole_day: bool,
    /// What it asks for.
    pub matter: Matter,
    /// The record to open.
    pub record: RecordId,
    /// One line: what is to be done.
    pub title: String,
    /// With whom, or about what.
    pub about: Vec<(RecordId, String)>,
    /// Whether its time has passed.
    pub late: bool,
    /// How long it takes, where that is known.
    pub minutes: Option<i64>,
    /// When one is to be reminded, where that is another moment.
    pub remind: Option<Timestamp>,
}

/// Which agenda.
#[derive(Debug, Clone, Copy)]
pub struct AgendaRequest {
    /// Nothing from this moment on.
    pub until: Timestamp,
    /// Whose: what is nobody's is everybody's. `None` for all; a user without a record has
    /// nothing of their own.
    pub whose: Option<Option<RecordId>>,
}

/// Returns the agenda.
///
/// # Errors
/// What the store answers.
pub fn agenda(store: &dyn Store, view: &View, request: &AgendaRequest) -> Result<Vec<Item>, StoreError> {
    let definitions = store.definitions();
    let reader = Reader { store, view, definitions: &definitions, zone: definitions.settings.timezone, request };
    let mut items = Vec::new();
    reader.tasks(&mut items)?;
    reader.meetings(&mut items)?;
    reader.series(&mut items)?;
    reader.next_steps(&mut items)?;
    reader.contracts(&mut items)?;
    reader.touches(&mut items)?;
    items.sort_by_key(|item| (item.at, item.matter, item.record));
    reader.name(&mut items)?;
    Ok(items)
}

/// Returns the next entry that a record alone makes before a moment, whosever it is; `None`
/// where it asks for nothing.
///
/// # Errors
/// What the store answers.
pub fn next_item(store: &dyn Store, view: &View, until: Timestamp, record: &Arc<Record>) -> Result<Option<Item>, StoreError> {
    let definitions = store.definitions();
    let request = AgendaRequest { until, whose: None };
    let reader = Reader { store, view, definitions: &definitions, zone: definitions.settings.timezone, request: &request };
    let mut items = match record.kind() {
        Kind::Task => reader.task(record).into_iter().collect(),
        Kind::Interaction if record.has(number::REPEAT) => reader.one_series(record)?,
        Kind::Interaction => reader.one_meeting(record).into_iter().collect(),
        Kind::Opportunity => reader.next_step(record).into_iter().collect(),
        Kind::Contract => reader.contract(record),
        Kind::Contact | Kind::Company => {
            let cadence = cadence_of(store, view, record)?;
            cadence.into_iter().filter(|cadence| cadence.due < until).map(|cadence| reader.touch(&cadence)).collect()
        }
        _ => Vec::new(),
    };
    items.sort_by_key(|item| (item.at, item.matter));
    items.truncate(1);
    reader.name(&mut items)?;
    Ok(items.pop())
}

struct Reader<'s> {
    store: &'s dyn Store,
    view: &'s View,
    definitions: &'s Definitions,
    zone: Tz,
    request: &'s AgendaRequest,
}

impl Reader<'_> {
    fn each(&self, kind: Kind, query: &str, mut visit: impl FnMut(&Arc<Record>) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let Ok(query) = Query::parse(query, kind, self.definitions) else { return Ok(()) };
        Walk::new(kind, self.view.clone()).query(Some(Arc::new(query))).each(self.store, &mut visit)?;
        Ok(())
    }

    /// Returns whether something belongs into this agenda by who is responsible for it.
    fn is_theirs(&self, responsible: Option<RecordId>) -> bool {
        match (self.request.whose, responsible) {
            (None, _) | (_, None) => true,
            (Some(whose), Some(_)) => whose == responsible,
        }
    }

    fn item(&self, record: &Record, matter: Matter, at: Timestamp, title: String, about: &[u16]) -> Item {
        let whole_day = is_whole_day(at, self.zone);
        let late = if whole_day { day_at(self.zone, at) < day_at(self.zone, self.view.now) } else { at < self.view.now };
        let mut linked: Vec<(RecordId, String)> = Vec::new();
        for id in about.iter().flat_map(|field| record.values(*field)).filter_map(Value::as_link) {
            if !linked.iter().any(|(known, _)| *known == id) {
                linked.push((id, String::new()));
            }
        }
        Item { at, whole_day, matter, record: record.id, title, about: linked, late, minutes: None, remind: None }
    }

    fn tasks(&self, items: &mut Vec<Item>) -> Result<(), StoreError> {
        let from = self.view.now.plus_seconds(-OVERDUE_DAYS * 86_400);
        let tasks = open_tasks(self.store, self.view, from, self.request.until)?;
        items.extend(tasks.iter().filter_map(|task| self.task(task)));
        Ok(())
    }

    fn task(&self, task: &Record) -> Option<Item> {
        let remind = task.time(number::REMIND);
        let at = task.time(number::DUE).or(remind).filter(|at| *at < self.request.until && !task.has(number::DONE_AT))?;
        if !self.is_theirs(task.link(number::TASK_ASSIGNEE)) {
            return None;
        }
        let item = self.item(task, Matter::Task, at, naming::title(task), &[number::ABOUT]);
        Some(Item { remind: remind.filter(|remind| *remind != at), ..item })
    }

    fn meeting(&self, touch: &Record, at: Timestamp) -> Item {
        let about = [number::INTERACTION_CONTACT, number::INTERACTION_COMPANY, number::INTERACTION_OPPORTUNITY, number::INTERACTION_TICKET];
        let minutes = touch.first(number::MINUTES).and_then(Value::as_int).filter(|minutes| *minutes > 0);
        let item = self.item(touch, Matter::Meeting, at, naming::title(touch), &about);
        // It goes on: who comes late is late, and the meeting is not over.
        Item { minutes, late: false, ..item }
    }

    /// Returns since when a meeting may have begun that still goes on.
    fn running_since(&self) -> Timestamp {
        const DAY: i64 = 86_400;
        self.view.now.plus_seconds(-DAY)
    }

    fn is_over(&self, touch: &Record, at: Timestamp) -> bool {
        let minutes = touch.first(number::MINUTES).and_then(Value::as_int).filter(|minutes| *minutes > 0).unwrap_or(MINUTES);
        let ends = if is_whole_day(at, self.zone) {
            day_at(self.zone, at).succ_opt().map_or(at, |next| midnight(self.zone, next))
        } else {
            at.plus_seconds(minutes.saturating_mul(60))
        };
        ends <= self.view.now
    }

    /// What is still to come; of what has been logged as done today, nothing.
    fn is_planned(&self, touch: &Record, at: Timestamp) -> bool {
        let cancelled = touch.text(number::OUTCOME).is_some_and(|outcome| outcome == "cancelled");
        let met = touch.text(number::CHANNEL).is_some_and(|channel| matches!(channel, "meeting" | "visit"));
        let ahead = at > self.view.now || (met && !touch.has(number::OUTCOME) && !self.is_over(touch, at));
        ahead && !cancelled && touch.text(number::CHANNEL) != Some("note") && self.is_theirs(touch.link(number::OWNER))
    }

    fn meetings(&self, items: &mut Vec<Item>) -> Result<(), StoreError> {
        let until = self.request.until;
        self.each(Kind::Interaction, &format!("at:{}..{until}", self.running_since()), |touch| {
            items.extend(self.one_meeting(touch));
            Ok(())
        })
    }

    fn one_meeting(&self, touch: &Record) -> Option<Item> {
        let at = touch.time(number::INTERACTION_AT).filter(|at| *at < self.request.until)?;
        (!touch.has(number::REPEAT) && self.is_planned(touch, at)).then(|| self.meeting(touch, at))
    }

    fn series(&self, items: &mut Vec<Item>) -> Result<(), StoreError> {
        let mut series = Vec::new();
        self.each(Kind::Interaction, "repeat:*", |touch| {
            series.push(Arc::clone(touch));
            Ok(())
        })?;
        for touch in series {
            items.extend(self.one_series(&touch)?);
        }
        Ok(())
    }

    fn one_series(&self, touch: &Record) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let (Some(start), Some(rule)) = (touch.time(number::INTERACTION_AT), touch.text(number::REPEAT)) else { return Ok(items) };
        // A rule that is none is the importer's to tell.
        let Ok(rule) = rule.parse::<Recurrence>() else { return Ok(items) };
        let (from, until) = (self.running_since(), self.request.until);
        let Ok(moments) = rule.between(start, self.zone, from, until, MOST_MOMENTS) else { return Ok(items) };
        let moved = if moments.times.is_empty() { HashSet::new() } else { self.moved(touch)? };
        for at in moments.times {
            let is_moved = names_of(at, rule.zone().unwrap_or(self.zone)).iter().any(|name| moved.contains(name));
            if !is_moved && self.is_planned(touch, at) {
                items.push(self.meeting(touch, at));
            }
        }
        Ok(items)
    }

    /// Returns the moments of a series that stand as meetings of their own, as calendars
    /// name them: they share its thread, and their id elsewhere ends in `/20260112T090000Z`.
    fn moved(&self, series: &Record) -> Result<HashSet<String>, StoreError> {
        let mut moved = HashSet::new();
        let Some(thread) = series.text(number::THREAD) else { return Ok(moved) };
        let Some(key) = index::key_of(Kind::Interaction, number::THREAD, &Value::text(thread)) else { return Ok(moved) };
        let ids = self.store.lookup(Kind::Interaction, number::THREAD, &key, MOST_MOVED)?;
        for touch in self.store.get(&ids)?.into_iter().flatten() {
            if touch.id == series.id || touch.text(number::THREAD) != Some(thread) {
                continue;
            }
            for id in touch.values(number::EXTERNAL_ID).filter_map(|id| id.bare().as_text()) {
                moved.extend(id.rsplit_once('/').map(|(_, name)| name.to_owned()));
            }
        }
        Ok(moved)
    }

    fn next_steps(&self, items: &mut Vec<Item>) -> Result<(), StoreError> {
        let last = day_at(self.zone, Timestamp(self.request.until.0.saturating_sub(1)));
        self.each(Kind::Opportunity, &format!("next_at:..{last}"), |deal| {
            items.extend(self.next_step(deal));
            Ok(())
        })
    }

    fn next_step(&self, deal: &Record) -> Option<Item> {
        let (day, _) = deal.first(number::NEXT_AT).and_then(Value::as_date).and_then(Date::span)?;
        let at = midnight(self.zone, day);
        let open = self.definitions.meaning_of(deal) == Meaning::Open && self.is_theirs(deal.link(number::OWNER));
        let title = format!("{}: {}", deal.text(number::NEXT_STEP).unwrap_or("next step"), naming::title(deal));
        let about = [number::OPPORTUNITY_CONTACT, number::OPPORTUNITY_COMPANY];
        (open && at < self.request.until).then(|| self.item(deal, Matter::NextStep, at, title, &about))
    }

    fn contracts(&self, items: &mut Vec<Item>) -> Result<(), StoreError> {
        self.each(Kind::Contract, "end:*", |contract| {
            items.extend(self.contract(contract));
            Ok(())
        })
    }

    fn contract(&self, contract: &Record) -> Vec<Item> {
        let mut items = Vec::new();
        if !contracts::is_in_force(contract) || !self.is_theirs(contract.link(number::OWNER)) {
            return items;
        }
        let today = day_at(self.zone, self.view.now);
        let dates = contracts::dates(contract);
        let name = naming::title(contract);
        let about = [number::CONTRACT_COMPANY, number::CONTRACT_CONTACT];
        let mut put = |matter, day, title| {
            let at = midnight(self.zone, day);
            // Once the day has passed nothing can be done about it.
            if day >= today && at < self.request.until {
                items.push(self.item(contract, matter, at, title, &about));
            }
        };
        if let Some(day) = dates.notice {
            let then = dates.renewed.map_or_else(|| "as agreed".to_owned(), |to| format!("else it renews itself to {to}"));
            put(Matter::Notice, day, format!("{name}: last day for notice, {then}"));
        }
        if let Some(end) = dates.end {
            let then = dates.renewed.map_or_else(|| "ends".to_owned(), |to| format!("renews itself to {to}"));
            put(Matter::End, end, format!("{name}: {then}"));
        }
        items
    }

    fn touches(&self, items: &mut Vec<Item>) -> Result<(), StoreError> {
        let cadences = cadences(self.store, self.view, self.request.until)?;
        let theirs = cadences.iter().filter(|cadence| self.is_theirs(cadence.record.link(number::OWNER)));
        items.extend(theirs.map(|cadence| self.touch(cadence)));
        Ok(())
    }

    fn touch(&self, cadence: &Cadence) -> Item {
        let last = match &cadence.last {
            Some((at, channel)) => format!("last {channel} {}", wall_clock(self.zone, *at).format("%Y-%m-%d")),
            None => "never met yet".to_owned(),
        };
        let title = format!("{}: keep in touch every {}, {last}", naming::title(&cadence.record), cadence.every);
        self.item(&cadence.record, Matter::Touch, midnight(self.zone, day_at(self.zone, cadence.due)), title, &[])
    }

    /// Gives the names of what the entries are about.
    fn name(&self, items: &mut [Item]) -> Result<(), StoreError> {
        let mut ids: Vec<RecordId> = items.iter().flat_map(|item| item.about.iter().map(|(id, _)| *id)).collect();
        ids.sort_unstable();
        ids.dedup();
        let names: std::collections::HashMap<RecordId, String> =
            self.store.get(&ids)?.into_iter().flatten().map(|record| (record.id, naming::title(&record))).collect();
        for (id, name) in items.iter_mut().flat_map(|item| &mut item.about) {
            *name = names.get(id).cloned().unwrap_or_else(|| id.to_string());
        }
        Ok(())
    }
}

/// Returns what calendars call a moment of a series (RFC 5545 section 3.8.4.4).
fn names_of(at: Timestamp, zone: Tz) -> [String; 3] {
    let wall = wall_clock(zone, at);
    [at.utc().format("%Y%m%dT%H%M%SZ").to_string(), wall.format("%Y%m%dT%H%M%S").to_string(), wall.format("%Y%m%d").to_string()]
}
