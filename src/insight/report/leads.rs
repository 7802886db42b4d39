//! Leads: what each scores, whose it is, and whether anybody has touched it; how well their
//! chance foretells; and what became of those of each month.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ask::both;
use super::{Ask, Cell, Column, Figure, Report, ReportError, Shape};
use crate::domain::fields::number;
use crate::domain::zone::day_at;
use crate::domain::{Kind, Lookup, Meaning, Record, RecordId, Value, Worth, naming};
use crate::insight::aggregate::Stretch;
use crate::insight::chance::measure;
use crate::insight::score::scores;
use crate::store::api::Store;
use crate::store::known::Known;
use crate::store::walk::Walk;

/// The most rows.
const MOST: usize = 1_000;
/// The leads that are worked on.
const LEADS: &str = "lifecycle:lead";

/// Reads the contacts of a query.
fn contacts(store: &dyn Store, ask: &Ask, query: &str) -> Result<Vec<Arc<Record>>, ReportError> {
    let mut found = Vec::new();
    Walk::new(Kind::Contact, ask.view.clone()).query(ask.parse(Kind::Contact, query)?).each(store, |contact| {
        found.push(Arc::clone(contact));
        Ok::<(), ReportError>(())
    })?;
    Ok(found)
}

fn person(id: Option<RecordId>, known: &Known<'_>) -> Cell {
    let named = id.and_then(|id| Some((id, known.title(id)?)));
    named.map_or_else(Cell::default, |(id, name)| Cell::of(Figure::Record(id, name)).behind(id.kind, format!("id:{id}")))
}

/// The leads with what they score, the best first.
pub(super) fn leads(store: &dyn Store, ask: &Ask) -> Result<Report, ReportError> {
    let found = contacts(store, ask, &both(LEADS, &ask.narrowed()))?;
    let scored = scores(store, &ask.view, &found)?;
    let known = Known::new(store);
    let mut rows: Vec<(Arc<Record>, crate::insight::score::Score)> = found.into_iter().zip(scored).collect();
    let by =
        |score: &crate::insight::score::Score| score.fit + score.engagement + score.chance.as_ref().map_or(0.0, |chance| chance.chance);
    rows.sort_by(|(a, one), (b, other)| by(other).total_cmp(&by(one)).then(a.id.cmp(&b.id)));
    let left_out = rows.len().saturating_sub(MOST);
    rows.truncate(MOST);
    let cells = rows.iter().map(|(lead, score)| {
        let last = known.rollup(lead.id).and_then(|rollup| rollup.last_at);
        let days = last.map(|at| (ask.view.now.0 - at.0).max(0) / 86_400_000_000);
        vec![
            Cell::of(Figure::Record(lead.id, naming::title(lead))).behind(Kind::Contact, format!("id:{}", lead.id)),
            Cell::text(score.grade.as_str()),
            Cell::of(Figure::Number(score.fit, 1, "")),
            Cell::of(Figure::Number(score.engagement, 1, "")),
            Cell::of(score.chance.as_ref().map_or(Figure::Nothing, |chance| Figure::Ratio(chance.chance))),
            person(lead.link(number::OWNER), &known),
            Cell::text(lead.text(number::CONTACT_SOURCE).unwrap_or_default()),
            Cell::of(days.map_or(Figure::Text("never".to_owned()), |days| Figure::Number(days as f64, 0, "d"))),
        ]
    });
    let columns = vec![
        Column::new("lead", Shape::Text),
        Column::new("grade", Shape::Text),
        Column::new("fit", Shape::Number),
        Column::new("engagement", Shape::Number),
        Column::new("chance", Shape::Ratio).bar(),
        Column::new("owner", Shape::Text),
        Column::new("source", Shape::Text),
        Column::new("last_touch", Shape::Number),
    ];
    let notes = if left_out > 0 { vec![format!("{left_out} more are not shown: ask for an owner or a source")] } else { Vec::new() };
    Ok(Report { name: "leads", title: "leads, the best first".to_owned(), columns, rows: cells.collect(), total: None, notes })
}

/// Leads that nobody owns, that nobody has touched, or both.
pub(super) fn unattended(store: &dyn Store, ask: &Ask) -> Result<Report, ReportError> {
    let narrowed = both(LEADS, &ask.narrowed());
    let row = |name: &str, query: &str| -> Result<Vec<Cell>, ReportError> {
        let query = both(&narrowed, query);
        let found = contacts(store, ask, &query)?;
        let ages = found.iter().filter_map(|lead| lead.time(number::CREATED_AT)).map(|at| (ask.view.now.0 - at.0).max(0) as f64 / 86_400e6);
        let ages: Vec<f64> = ages.collect();
        let oldest = ages.iter().copied().fold(0.0, f64::max);
        Ok(vec![
            Cell::text(name),
            Cell::count(found.len() as u64).behind(Kind::Contact, query),
            Cell::of(super::median(&ages).map_or(Figure::Nothing, |days| Figure::Number(days, 1, "d"))),
            Cell::of(if ages.is_empty() { Figure::Nothing } else { Figure::Number(oldest, 1, "d") }),
        ])
    };
    let rows = vec![
        row("all leads", "")?,
        row("nobody's", "owner:")?,
        row("untouched", "last.at:")?,
        row("untouched for 7 days", "last.at<-7d")?,
        row("nobody's and untouched", "owner: last.at:")?,
    ];
    let columns = vec![
        Column::new("leads", Shape::Text),
        Column::new("count", Shape::Count).bar(),
        Column::new("median_age", Shape::Number),
        Column::new("oldest", Shape::Number),
    ];
    Ok(Report { name: "unattended", title: "leads that nobody looks after".to_owned(), columns, rows, total: None, notes: Vec::new() })
}

/// How well the chance of leads foretells what became of them.
pub(super) fn foretold(store: &dyn Store, ask: &Ask) -> Result<Report, ReportError> {
    let columns = vec![
        Column::new("chance", Shape::Text),
        Column::new("contacts", Shape::Count).bar(),
        Column::new("foretold", Shape::Ratio),
        Column::new("won", Shape::Ratio),
    ];
    let report = |rows, notes| Report { name: "foretold", title: "chances beside what came".to_owned(), columns, rows, total: None, notes };
    let measured = match &ask.definitions.scoring.chance {
        None => return Ok(report(Vec::new(), vec!["no chance is counted: rolo config edit scoring".to_owned()])),
        Some(from) => measure(store, &ask.view, from)?,
    };
    let Some(measured) = measured else {
        return Ok(report(Vec::new(), vec!["too few were won and lost to count a chance".to_owned()]));
    };
    let rows = measured.tenths.iter().enumerate().filter(|(_, (count, ..))| *count > 0).map(|(at, (count, chance, won))| {
        let name = format!("{}\u{2013}{} %", at * 10, at * 10 + 10);
        vec![Cell::text(name), Cell::count(*count), Cell::of(Figure::Ratio(*chance)), Cell::of(Figure::Ratio(*won))]
    });
    let (one, other) = measured.halves;
    let note = format!(
        "counted from {one}, measured on {other} others; one that was won stands above one that was lost in {:.1} % (AUC {:.3})",
        measured.auc * 100.0,
        measured.auc
    );
    Ok(report(rows.collect(), vec![note]))
}

/// What became of the leads of each month.
#[derive(Default)]
struct Cohort {
    leads: u64,
    converted: u64,
    won: u64,
    lost: u64,
    worth: Worth,
    days: (i64, u64),
}

/// Leads by the month in which they came, and what became of them.
pub(super) fn cohorts(store: &dyn Store, ask: &Ask) -> Result<Report, ReportError> {
    // Whoever is a lead, or was one until it was converted.
    let query = both("(lifecycle:lead or converted_at:*)", &ask.narrowed());
    let period = ask.period()?;
    let mut months: BTreeMap<String, Cohort> = BTreeMap::new();
    let mut of: BTreeMap<RecordId, String> = BTreeMap::new();
    for lead in contacts(store, ask, &query)? {
        let Some(at) = lead.time(number::CREATED_AT) else { continue };
        if at > ask.view.now || period.as_ref().is_some_and(|period| !period.contains(at)) {
            continue;
        }
        let month = Stretch::Month.of(day_at(ask.zone(), at));
        let cohort = months.entry(month.clone()).or_default();
        cohort.leads += 1;
        if let Some(converted) = lead.time(number::CONVERTED_AT).filter(|converted| *converted <= ask.view.now) {
            cohort.converted += 1;
            let days = (day_at(ask.zone(), converted) - day_at(ask.zone(), at)).num_days();
            cohort.days = (cohort.days.0 + days, cohort.days.1 + 1);
            of.insert(lead.id, month);
        }
    }
    let mut counted: std::collections::HashSet<RecordId> = std::collections::HashSet::new();
    super::deals::each_deal(store, ask, "", |deal| {
        // A deal is its first contact's.
        let Some(lead) = deal.record.values(number::OPPORTUNITY_CONTACT).filter_map(Value::as_link).find(|id| of.contains_key(id)) else {
            return Ok(());
        };
        let Some(cohort) = of.get(&lead).and_then(|month| months.get_mut(month)) else { return Ok(()) };
        match deal.meaning {
            Meaning::Won => {
                deal.add_to(&mut cohort.worth, &ask.definitions);
                cohort.won += u64::from(counted.insert(lead));
            }
            Meaning::Lost => cohort.lost += 1,
            Meaning::Open => {}
        }
        Ok(())
    })?;
    let mut all = Worth::default();
    months.values().for_each(|cohort| all.merge(&cohort.worth));
    let prices = super::deals::Prices::of(&all, ask);
    let rows = months.iter().map(|(month, cohort)| {
        let came = both(&query, &format!("created_at:{month}"));
        let priced = prices.told(&cohort.worth);
        let (days, count) = cohort.days;
        vec![
            Cell::text(month.as_str()),
            Cell::count(cohort.leads).behind(Kind::Contact, came.clone()),
            Cell::count(cohort.converted).behind(Kind::Contact, both(&came, "converted_at:*")),
            Cell::of(Figure::ratio(cohort.converted, cohort.leads)),
            Cell::of(Figure::mean(days as f64, count, "d")),
            Cell::count(cohort.won),
            Cell::of(Figure::ratio(cohort.won, cohort.leads)),
            Cell::of(Figure::Money(priced.sum, priced.currency)),
        ]
    });
    let columns = vec![
        Column::new("month", Shape::Text),
        Column::new("leads", Shape::Count).bar(),
        Column::new("converted", Shape::Count),
        Column::new("conversion", Shape::Ratio),
        Column::new("days_to_convert", Shape::Number),
        Column::new("won", Shape::Count),
        Column::new("won_of_all", Shape::Ratio),
        Column::new("won_value", Shape::Money),
    ];
    Ok(Report {
        name: "cohorts",
        title: "leads by the month in which they came".to_owned(),
        columns,
        rows: rows.collect(),
        total: None,
        notes: Vec::new(),
    })
}
