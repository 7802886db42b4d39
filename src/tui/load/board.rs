//! The board: its columns with their sums, and the cards on screen.

use std::collections::HashMap;

use crate::actions::{ActionError, Desk};
use crate::command;
use crate::domain::fields::number;
use crate::domain::{Date, Kind, RecordId, Timestamp, Value, naming, short_minor};
use crate::insight::{self, BoardRequest, Standing};
use crate::tui::app::board::{Card, Totals};
use crate::tui::app::message::Loaded;
use crate::tui::app::row::Cell;
use crate::tui::keys::Pane;
use crate::tui::theme::Role;

use super::cells::Maker;
use super::ids::{query, refusal};

pub(super) fn board(desk: &Desk, pipeline: &str, filter: &str, before: &str, scratch: &[String]) -> Result<Loaded, ActionError> {
    let query = match query(desk, filter, Kind::Opportunity) {
        Ok(query) => query,
        Err(error) => return Ok(Loaded::Refused { pane: Pane::Pipeline, before: before.to_owned(), why: refusal(&error) }),
    };
    let definitions = desk.definitions();
    let pipeline = definitions.pipelines.get_or_default((!pipeline.is_empty()).then_some(pipeline)).name.clone();
    // What can no longer be supposed, since its record is gone, is passed over.
    let supposed = scratch.iter().filter_map(|line| command::as_if(desk, std::slice::from_ref(line)).ok());
    let instead: HashMap<_, _> = supposed.flatten().collect();
    let request = BoardRequest { pipeline: Some(pipeline.clone()), query, limit: usize::MAX, instead };
    let board = insight::board(&*desk.store, &desk.view(), &request)?;
    let columns = board.columns.into_iter().map(|column| {
        let (sum, weighted) = (column.sum(), column.weighted());
        let currency = column.worth.currency;
        let totals = Totals {
            count: column.worth.count,
            sum,
            weighted,
            short_sum: short_minor(column.worth.sum, currency),
            short_weighted: short_minor(column.worth.weighted, currency),
            unpriced: column.worth.unpriced,
        };
        (column.stage, column.ids, totals)
    });
    let pipelines = definitions.pipelines.iter().map(|pipeline| pipeline.name.clone()).collect();
    Ok(Loaded::Board { pipeline, pipelines, columns: columns.collect() })
}

/// Returns the cards of these opportunities, one for each id.
pub(super) fn cards(desk: &Desk, ids: &[RecordId]) -> Result<Loaded, ActionError> {
    let maker = Maker::new(desk, &[]);
    let records = desk.store.get(ids)?;
    maker.learn(&records)?;
    let mut cards = Vec::new();
    let there: Vec<_> = records.iter().flatten().cloned().collect();
    let since: HashMap<RecordId, Timestamp> =
        there.iter().map(|deal| deal.id).zip(insight::at_stage_since(&*desk.store, &desk.view(), &there)?).collect();
    let pace = insight::pace(&*desk.store, &desk.view())?;
    for (&id, record) in ids.iter().zip(&records) {
        let Some(record) = record else {
            cards.push(Card { id, title: "gone".to_owned(), worth: Vec::new(), about: Vec::new(), overdue: false });
            continue;
        };
        let screen = maker.screen();
        let mut worth = Vec::new();
        if let Some(amount) = record.first(number::AMOUNT) {
            worth.push(Cell::of(Role::Money, screen.short(amount)));
        }
        let closed = maker.definitions.meaning_of(record).is_closed();
        let since = since.get(&id).copied().unwrap_or(record.recorded_at);
        let neglect = pace.neglect(record, since, maker.now, &maker.definitions);
        let days = (maker.now.0 - since.0).max(0) / 86_400_000_000;
        worth.push(match neglect.map(|neglect| neglect.standing) {
            Some(Standing::Stuck) => Cell::of(Role::DueOverdue, format!("{days}d!")),
            Some(Standing::Slow) => Cell::of(Role::DueToday, format!("{days}d+")),
            _ => Cell::of(Role::BoardDetail, format!("{days}d")),
        });
        let day = |field| record.first(field).and_then(Value::as_date).and_then(Date::span).map(|(_, last)| last).filter(|_| !closed);
        if let Some(day) = day(number::EXPECTED_CLOSE) {
            worth.push(Cell::of(maker.due(day), day.format("%-d %b").to_string()));
        }
        let overdue = [number::EXPECTED_CLOSE, number::NEXT_AT].into_iter().filter_map(day).any(|day| maker.due(day) == Role::DueOverdue);
        let company = record.first(number::OPPORTUNITY_COMPANY).map(|value| screen.short(value));
        let next = record.text(number::NEXT_STEP).map(|text| format!("→ {text}"));
        let next = next.or_else(|| neglect.is_some_and(|neglect| neglect.step_missing).then(|| "→ ?".to_owned()));
        let next_role = day(number::NEXT_AT).map_or(Role::BoardDetail, |day| maker.due(day));
        let company = company.map(|text| Cell::of(Role::BoardDetail, text));
        let about = company.into_iter().chain(next.filter(|_| !closed).map(|text| Cell::of(next_role, text))).collect();
        cards.push(Card { id, title: naming::title(record), worth, about, overdue });
    }
    Ok(Loaded::Cards(cards))
}
