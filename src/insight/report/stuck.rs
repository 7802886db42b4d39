//! Open opportunities that somebody should look at: stuck, slow, overdue, without a next step.

use std::sync::Arc;

use super::deals::{Prices, each_deal, standing};
use super::{Ask, Cell, Column, Figure, Report, ReportError, Shape};
use crate::domain::fields::number;
use crate::domain::{Kind, Lookup, Meaning, Record, Worth, naming};
use crate::insight::pace::{Neglect, Standing, at_stage_since, pace};
use crate::store::api::Store;
use crate::store::known::Known;

/// The most rows.
const MOST: usize = 1_000;

/// What is neglected, the worst first.
pub(super) fn stuck(store: &dyn Store, ask: &Ask) -> Result<Report, ReportError> {
    let narrowed = super::ask::both(&standing(ask, &[Meaning::Open]), &ask.narrowed());
    let mut deals: Vec<Arc<Record>> = Vec::new();
    each_deal(store, ask, &narrowed, |deal| {
        deals.push(Arc::new(deal.record.clone()));
        Ok(())
    })?;
    let pace = pace(store, &ask.view)?;
    let since = at_stage_since(store, &ask.view, &deals)?;
    let mut found: Vec<(Arc<Record>, Neglect)> = Vec::new();
    for (deal, since) in deals.into_iter().zip(since) {
        let Some(neglect) = pace.neglect(&deal, since, ask.view.now, &ask.definitions) else { continue };
        if neglect.standing > Standing::Usual || neglect.overdue || neglect.step_overdue || neglect.step_missing {
            found.push((deal, neglect));
        }
    }
    let flags = |neglect: &Neglect| u8::from(neglect.overdue) + u8::from(neglect.step_overdue) + u8::from(neglect.step_missing);
    found.sort_by_key(|(deal, neglect)| (std::cmp::Reverse(neglect.standing), std::cmp::Reverse(flags(neglect)), -neglect.days, deal.id));
    let left_out = found.len().saturating_sub(MOST);
    found.truncate(MOST);
    let mut all = Worth::default();
    found.iter().for_each(|(deal, _)| all.add_record(deal, &ask.definitions));
    let prices = Prices::of(&all, ask);
    let known = Known::new(store);
    let definitions = &ask.definitions;
    let rows = found.iter().map(|(deal, neglect)| {
        let mut worth = Worth::default();
        worth.add_record(deal, definitions);
        let priced = prices.told(&worth);
        let has_amount = deal.has(number::AMOUNT) && priced.unpriced == 0;
        let stage = definitions.stage_of(deal);
        let usual = stage.and_then(|stage| pace.usual(&definitions.pipeline_of(deal).name, &stage.name));
        let owner = deal.link(number::OWNER).and_then(|id| Some((id, known.title(id)?)));
        let why: Vec<&str> = [
            (neglect.standing > Standing::Usual, neglect.standing.word()),
            (neglect.overdue, "overdue"),
            (neglect.step_overdue, "next step overdue"),
            (neglect.step_missing, "no next step"),
        ]
        .into_iter()
        .filter_map(|(is_so, word)| is_so.then_some(word))
        .collect();
        vec![
            Cell::of(Figure::Record(deal.id, naming::title(deal))).behind(Kind::Opportunity, format!("id:{}", deal.id)),
            owner.map_or_else(Cell::default, |(id, name)| Cell::of(Figure::Record(id, name)).behind(Kind::User, format!("id:{id}"))),
            Cell::text(deal.text(number::STAGE).unwrap_or_default()),
            Cell::of(Figure::Number(neglect.days as f64, 0, "d")),
            Cell::of(usual.map_or(Figure::Nothing, |days| Figure::Number(days, 1, "d"))),
            Cell::of(if has_amount { Figure::Money(priced.sum, priced.currency) } else { Figure::Nothing }),
            Cell::text(why.join(", ")),
        ]
    });
    let columns = vec![
        Column::new("opportunity", Shape::Text),
        Column::new("owner", Shape::Text),
        Column::new("stage", Shape::Text),
        Column::new("days", Shape::Number),
        Column::new("usual", Shape::Number),
        Column::new("amount", Shape::Money),
        Column::new("why", Shape::Text),
    ];
    let notes = if left_out > 0 { vec![format!("{left_out} more are not shown: ask for an owner or a pipeline")] } else { Vec::new() };
    Ok(Report {
        name: "stuck",
        title: "what is stuck, slow, overdue or without a next step".to_owned(),
        columns,
        rows: rows.collect(),
        total: None,
        notes,
    })
}
