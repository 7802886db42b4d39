//! The board of a pipeline: its columns with what stands in them and what it is worth.
//!
//! Sums are in the reporting currency, of open deals at today's rates, of closed ones at
//! those of the day on which they closed, rounded once; deals without a rate are counted
//! as unpriced (`domain::Worth`). A pipeline whose amounts are all in
//! one currency without a rate is summed in that.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::fields::number;
use crate::domain::parse::quoted;
use crate::domain::zone::day_at;
use crate::domain::{Kind, Meaning, Priced, Record, RecordId, Worth, fold, format_minor};
use crate::query::Query;
use crate::store::StoreError;
use crate::store::api::{Store, View};
use crate::store::walk::Walk;

/// Which board.
#[derive(Debug, Clone, Default)]
pub struct BoardRequest {
    /// The pipeline's name; `None` for the default one.
    pub pipeline: Option<String>,
    /// Which opportunities; `None` for all of the pipeline.
    pub query: Option<Arc<Query>>,
    /// The most ids of a column.
    pub limit: usize,
    /// Records as they would be: a scratch layer over those that are kept.
    pub instead: HashMap<RecordId, Arc<Record>>,
}

/// One column: a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The stage's name.
    pub stage: String,
    /// What it means.
    pub meaning: Meaning,
    /// Its chance in per cent.
    pub probability: u8,
    /// The opportunities: of open ones those first that should close first, of closed
    /// ones those closed last; at most the limit asked for.
    pub ids: Vec<RecordId>,
    /// How many there are, and what they are worth.
    pub worth: Priced,
}

impl Column {
    /// Returns the sum as text: `10.00 EUR`.
    pub fn sum(&self) -> String {
        format!("{} {}", format_minor(self.worth.sum, self.worth.currency), self.worth.currency)
    }

    /// Returns the weighted sum as text.
    pub fn weighted(&self) -> String {
        format!("{} {}", format_minor(self.worth.weighted, self.worth.currency), self.worth.currency)
    }
}

/// A pipeline's board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Board {
    /// The pipeline.
    pub pipeline: String,
    /// Its stages, in order.
    pub columns: Vec<Column>,
    /// Opportunities of the pipeline whose stage it does not know.
    pub stray: Vec<RecordId>,
    /// Opportunities left out because an amount in the query has no rate.
    pub unpriced: u64,
}

/// Where a card stands in its column.
type Place = (bool, i64, RecordId);

/// Returns the board of a pipeline.
///
/// # Errors
/// [`StoreError::Invalid`] for a pipeline that is not there; what the store answers.
pub fn board(store: &dyn Store, view: &View, request: &BoardRequest) -> Result<Board, StoreError> {
    let definitions = store.definitions();
    let pipeline = match &request.pipeline {
        None => definitions.pipelines.default_pipeline(),
        Some(name) => match definitions.pipelines.get(name) {
            Some(pipeline) => pipeline,
            None => return Err(StoreError::Invalid(format!("there is no pipeline {}", quoted(name)))),
        },
    };
    let mut cards: Vec<(Vec<Place>, Worth)> = pipeline.stages.iter().map(|_| (Vec::new(), Worth::default())).collect();
    let mut stray = Vec::new();
    let unpriced = Walk::new(Kind::Opportunity, view.clone()).query(request.query.clone()).each(store, |deal| {
        let deal = request.instead.get(&deal.id).unwrap_or(deal);
        if definitions.pipeline_of(deal).name != pipeline.name {
            return Ok(());
        }
        match deal.text(number::STAGE).and_then(|stage| position(pipeline, stage)) {
            Some(at) => {
                let (places, worth) = &mut cards[at];
                worth.add_record(deal, &definitions);
                places.push(place(deal, pipeline.stages[at].meaning));
            }
            None => stray.push(deal.id),
        }
        Ok::<(), StoreError>(())
    })?;
    let today = day_at(definitions.settings.timezone, view.now);
    // Where all amounts are in one currency that has no rate, the sums are in it.
    let mut all = Worth::default();
    cards.iter().for_each(|(_, worth)| all.merge(worth));
    let own = all.own_currency(&definitions, today);
    let columns = pipeline.stages.iter().zip(cards).map(|(stage, (mut places, worth))| {
        places.sort_unstable();
        Column {
            stage: stage.name.clone(),
            meaning: stage.meaning,
            probability: stage.probability,
            ids: places.into_iter().take(request.limit).map(|(_, _, id)| id).collect(),
            worth: worth.told(own, &definitions, today),
        }
    });
    Ok(Board { pipeline: pipeline.name.clone(), columns: columns.collect(), stray, unpriced })
}

fn position(pipeline: &crate::domain::Pipeline, stage: &str) -> Option<usize> {
    let at = pipeline.stages.iter().position(|known| known.name == stage);
    at.or_else(|| pipeline.stages.iter().position(|known| fold::fold(&known.name) == fold::fold(stage)))
}

fn place(deal: &Record, meaning: Meaning) -> Place {
    let at = if meaning.is_closed() {
        deal.time(number::OPPORTUNITY_CLOSED_AT).map(|at| at.0.saturating_neg())
    } else {
        let close = deal.first(number::EXPECTED_CLOSE).and_then(crate::domain::Value::as_date);
        close.and_then(crate::domain::Date::span).map(|(first, _)| chrono::Datelike::num_days_from_ce(&first).into())
    };
    (at.is_none(), at.unwrap_or_default(), deal.id)
}
