//! Opportunities as reports read them: what they mean at the moment of the report, and
//! when they began and ended.

use std::collections::HashSet;

use chrono::NaiveDate;

use super::ask::quote;
use super::{Ask, ReportError};
use crate::domain::fields::number;
use crate::domain::zone::day_at;
use crate::domain::{Currency, Date, Definitions, Kind, Meaning, Money, Priced, Record, RecordId, Value, Worth};
use crate::store::api::Store;
use crate::store::walk::Walk;

/// An opportunity.
pub(super) struct Deal<'r> {
    pub(super) record: &'r Record,
    /// What its stage means; what closes only after the moment of the report is open.
    pub(super) meaning: Meaning,
    /// The day on which it began.
    pub(super) opened: Option<NaiveDate>,
    /// The day on which it closed, where it has.
    pub(super) closed: Option<NaiveDate>,
    /// The last day on which it should close.
    pub(super) expected: Option<NaiveDate>,
    /// Its chance in per cent.
    pub(super) percent: u8,
}

impl<'r> Deal<'r> {
    /// Returns what a record says.
    pub(super) fn of(record: &'r Record, ask: &Ask) -> Self {
        let day = |field| record.time(field).map(|at| day_at(ask.zone(), at));
        let definitions = &ask.definitions;
        let closed_at = record.time(number::OPPORTUNITY_CLOSED_AT);
        let is_yet_to_close = closed_at.is_some_and(|at| at > ask.view.now);
        if is_yet_to_close {
            ask.closes_later.set(true);
        }
        let meaning = if is_yet_to_close { Meaning::Open } else { definitions.meaning_of(record) };
        let expected = record.first(number::EXPECTED_CLOSE).and_then(Value::as_date).and_then(Date::span);
        Self {
            record,
            meaning,
            opened: day(number::OPPORTUNITY_OPENED_AT).or_else(|| day(number::CREATED_AT)),
            closed: day(number::OPPORTUNITY_CLOSED_AT).filter(|_| meaning.is_closed()),
            expected: expected.map(|(_, last)| last),
            percent: definitions.probability_of(record),
        }
    }

    /// Returns the id.
    pub(super) fn id(&self) -> RecordId {
        self.record.id
    }

    /// Returns what it is worth.
    pub(super) fn amount(&self) -> Option<Money> {
        self.record.first(number::AMOUNT).and_then(Value::as_money)
    }

    /// Returns how many days passed from its beginning to its end.
    pub(super) fn days(&self) -> Option<i64> {
        Some((self.closed? - self.opened?).num_days())
    }

    /// Adds what it is worth, at its own chance; what is closed keeps its rate.
    pub(super) fn add_to(&self, worth: &mut Worth, definitions: &Definitions) {
        worth.add_on(self.amount(), self.percent, self.closed, definitions);
    }
}

/// Calls `visit` with each opportunity of the asking, as the scratch layer has it.
pub(super) fn each_deal(
    store: &dyn Store,
    ask: &Ask,
    query: &str,
    mut visit: impl FnMut(Deal<'_>) -> Result<(), ReportError>,
) -> Result<u64, ReportError> {
    let query = ask.parse(Kind::Opportunity, query)?;
    let mut met = HashSet::new();
    Walk::new(Kind::Opportunity, ask.view.clone()).query(query).each(store, |record| {
        if ask.instead.is_empty() {
            return visit(Deal::of(record, ask));
        }
        met.insert(record.id);
        visit(Deal::of(ask.instead.get(&record.id).unwrap_or(record), ask))
    })
}

/// Returns the query of the opportunities that are won, lost or open, as far as the walk
/// over them has gone.
pub(super) fn standing(ask: &Ask, meanings: &[Meaning]) -> String {
    let later = format!("closed_at>{}", ask.view.now);
    if meanings.contains(&Meaning::Open) {
        // Whose stage nobody knows is open.
        let others: Vec<Meaning> = [Meaning::Won, Meaning::Lost].into_iter().filter(|meaning| !meanings.contains(meaning)).collect();
        return match (others.is_empty(), ask.closes_later.get()) {
            (true, _) => String::new(),
            (false, false) => format!("-{}", stages(ask, &others)),
            (false, true) => format!("(-{} or {later})", stages(ask, &others)),
        };
    }
    let stages = stages(ask, meanings);
    if ask.closes_later.get() { format!("{stages} -{later}") } else { stages }
}

/// Returns the query of the stages that mean one of these.
fn stages(ask: &Ask, meanings: &[Meaning]) -> String {
    let pipelines: Vec<_> = ask.definitions.pipelines.iter().collect();
    let has = |pipeline: &crate::domain::Pipeline, name: &str| pipeline.stage(name).is_some_and(|stage| meanings.contains(&stage.meaning));
    let mut names: Vec<&str> = Vec::new();
    for stage in pipelines.iter().flat_map(|pipeline| &pipeline.stages) {
        if meanings.contains(&stage.meaning) && !names.contains(&stage.name.as_str()) {
            names.push(&stage.name);
        }
    }
    // A word that means something else in another pipeline is asked for with its own.
    let is_plain = names.iter().all(|name| pipelines.iter().all(|pipeline| pipeline.stage(name).is_none() || has(pipeline, name)));
    let words = |names: &[&str]| names.iter().map(|name| quote(name)).collect::<Vec<_>>().join(",");
    if is_plain {
        return format!("stage:{}", words(&names));
    }
    let parts = pipelines.iter().filter_map(|pipeline| {
        let own: Vec<&str> =
            pipeline.stages.iter().filter(|stage| meanings.contains(&stage.meaning)).map(|stage| stage.name.as_str()).collect();
        (!own.is_empty()).then(|| format!("(pipeline:{} stage:{})", quote(&pipeline.name), words(&own)))
    });
    format!("({})", parts.collect::<Vec<_>>().join(" or "))
}

/// In which currency a report tells its sums, and at whose rates.
pub(super) struct Prices<'a> {
    ask: &'a Ask,
    own: Option<Currency>,
}

impl<'a> Prices<'a> {
    /// Returns the prices of everything that was added up.
    pub(super) fn of(all: &Worth, ask: &'a Ask) -> Self {
        Self { own: all.own_currency(&ask.definitions, ask.today()), ask }
    }

    /// Returns a worth in the report's currency.
    pub(super) fn told(&self, worth: &Worth) -> Priced {
        worth.told(self.own, &self.ask.definitions, self.ask.today())
    }
}
