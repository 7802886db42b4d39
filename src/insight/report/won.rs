//! What was won and lost: how often, how quickly, why.
//!
//! A deal counts in the period in which it closed (`closed_at`), by its stage's meaning.
//! The rate is won / (won + lost). Days are those of the calendar from `opened_at` to
//! `closed_at`. Velocity is the usual product: open deals × win rate × mean of what was
//! won ÷ mean days to win it, so money a day.

use std::collections::BTreeMap;

use super::ask::both;
use super::deals::{Prices, each_deal, standing};
use super::figure::Behind;
use super::groups::{Grouping, Key};
use super::{Ask, Cell, Column, Figure, Report, ReportError, Shape};
use crate::domain::{Kind, Meaning, Worth};
use crate::store::api::Store;
use crate::store::known::Known;

/// What closed deals of a row come to.
#[derive(Debug, Default, Clone)]
struct Closed {
    won: u64,
    lost: u64,
    open: u64,
    won_worth: Worth,
    lost_worth: Worth,
    /// Days, and of how many deals.
    won_days: (i64, u64),
    lost_days: (i64, u64),
}

/// What all rows come to, and how each is found again.
struct Figures {
    grouping: Grouping,
    rows: Vec<(Key, Closed)>,
    all: Closed,
    /// The query of everything that was asked for, the period aside.
    narrowed: String,
    /// The period, as a query of when something closed.
    closed_in: String,
    title: String,
}

fn figures(store: &dyn Store, ask: &Ask, otherwise: &str) -> Result<Figures, ReportError> {
    let period = ask.period()?;
    let grouping = Grouping::read(ask, Kind::Opportunity, otherwise)?;
    let narrowed = ask.narrowed();
    let known = Known::new(store);
    let mut rows: BTreeMap<Key, Closed> = BTreeMap::new();
    let mut all = Closed::default();
    each_deal(store, ask, &narrowed, |deal| {
        let within = match (&period, deal.closed) {
            _ if !deal.meaning.is_closed() => true,
            (None, _) => true,
            (Some(period), Some(day)) => period.contains_day(day, ask.zone()),
            (Some(_), None) => false,
        };
        if !within {
            return Ok(());
        }
        let add = |closed: &mut Closed| {
            let (count, worth, days) = match deal.meaning {
                Meaning::Open => {
                    closed.open += 1;
                    return;
                }
                Meaning::Won => (&mut closed.won, &mut closed.won_worth, &mut closed.won_days),
                Meaning::Lost => (&mut closed.lost, &mut closed.lost_worth, &mut closed.lost_days),
            };
            *count += 1;
            deal.add_to(worth, &ask.definitions);
            if let Some(more) = deal.days() {
                *days = (days.0 + more, days.1 + 1);
            }
        };
        add(&mut all);
        if !grouping.is_whole() {
            for key in grouping.keys(deal.record, ask, &known) {
                add(rows.entry(key).or_default());
            }
        }
        Ok(())
    })?;
    // A row with open deals alone says nothing about what was closed.
    rows.retain(|_, row| row.won + row.lost > 0);
    let rows = grouping.ordered(rows, ask);
    let title = period.as_ref().map_or_else(|| "of all time".to_owned(), |period| format!("closed in {}", period.text));
    let closed_in = period.map_or_else(String::new, |period| format!("closed_at:{}", period.text));
    Ok(Figures { grouping, rows, all, narrowed, closed_in, title })
}

impl Figures {
    fn behind(&self, ask: &Ask, key: Option<&Key>, meanings: &[Meaning]) -> Behind {
        let row = key.map(|key| self.grouping.query(key)).unwrap_or_default();
        let when = if meanings == [Meaning::Open] { "" } else { &self.closed_in };
        Behind::deals(&both(&both(&standing(ask, meanings), when), &both(&row, &self.narrowed)))
    }

    /// Makes the report: `cells` gives the figures of a row behind its name.
    fn report(
        &self,
        name: &'static str,
        title: &str,
        columns: Vec<Column>,
        ask: &Ask,
        cells: impl Fn(&Closed, Option<&Key>) -> Vec<Cell>,
    ) -> Report {
        let row = |mut names: Vec<Cell>, closed: &Closed, key: Option<&Key>| {
            names.extend(cells(closed, key));
            names
        };
        let mut all_columns = self.grouping.columns();
        all_columns.extend(columns);
        let whole = row(self.grouping.all_cells(), &self.all, None);
        let (rows, total) = if self.grouping.is_whole() {
            (vec![whole], None)
        } else {
            (self.rows.iter().map(|(key, closed)| row(self.grouping.cells(key), closed, Some(key))).collect(), Some(whole))
        };
        let mut notes = Vec::new();
        let mut worth = self.all.won_worth.clone();
        worth.merge(&self.all.lost_worth);
        let unpriced = Prices::of(&worth, ask).told(&worth).unpriced;
        if unpriced > 0 {
            notes.push(format!("{unpriced} without a rate are in no sum"));
        }
        Report { name, title: format!("{title} {}", self.title), columns: all_columns, rows, total, notes }
    }

    fn prices<'a>(&self, ask: &'a Ask) -> Prices<'a> {
        let mut worth = self.all.won_worth.clone();
        worth.merge(&self.all.lost_worth);
        Prices::of(&worth, ask)
    }
}

fn money(prices: &Prices<'_>, worth: &Worth) -> Figure {
    let priced = prices.told(worth);
    Figure::Money(priced.sum, priced.currency)
}

fn mean_money(prices: &Prices<'_>, worth: &Worth) -> Figure {
    let priced = prices.told(worth);
    let count = i128::from(priced.count.saturating_sub(priced.unpriced));
    if count == 0 { Figure::Nothing } else { Figure::Money((priced.sum + priced.sum.signum() * count / 2) / count, priced.currency) }
}

/// What was won of what was closed.
pub(super) fn win_rate(store: &dyn Store, ask: &Ask) -> Result<Report, ReportError> {
    let figures = figures(store, ask, "")?;
    let prices = figures.prices(ask);
    let columns = vec![
        Column::new("won", Shape::Count),
        Column::new("lost", Shape::Count),
        Column::new("closed", Shape::Count),
        Column::new("win_rate", Shape::Ratio),
        Column::new("won_value", Shape::Money).bar(),
        Column::new("lost_value", Shape::Money),
        Column::new("mean_won", Shape::Money),
    ];
    Ok(figures.report("win-rate", "win rate", columns, ask, |row, key| {
        let behind = |meanings: &[Meaning]| Some(figures.behind(ask, key, meanings));
        let closed = behind(&[Meaning::Won, Meaning::Lost]);
        vec![
            Cell { figure: Figure::Count(row.won), behind: behind(&[Meaning::Won]) },
            Cell { figure: Figure::Count(row.lost), behind: behind(&[Meaning::Lost]) },
            Cell { figure: Figure::Count(row.won + row.lost), behind: closed.clone() },
            Cell { figure: Figure::ratio(row.won, row.won + row.lost), behind: closed },
            Cell { figure: money(&prices, &row.won_worth), behind: behind(&[Meaning::Won]) },
            Cell { figure: money(&prices, &row.lost_worth), behind: behind(&[Meaning::Lost]) },
            Cell { figure: mean_money(&prices, &row.won_worth), behind: behind(&[Meaning::Won]) },
        ]
    }))
}

/// How quickly deals close, and what a day brings.
pub(super) fn velocity(store: &dyn Store, ask: &Ask) -> Result<Report, ReportError> {
    let figures = figures(store, ask, "")?;
    let prices = figures.prices(ask);
    let columns = vec![
        Column::new("won", Shape::Count),
        Column::new("lost", Shape::Count),
        Column::new("days_won", Shape::Number).bar(),
        Column::new("days_lost", Shape::Number),
        Column::new("days_closed", Shape::Number),
        Column::new("win_rate", Shape::Ratio),
        Column::new("mean_won", Shape::Money),
        Column::new("open", Shape::Count),
        Column::new("a_day", Shape::Money),
    ];
    Ok(figures.report("velocity", "velocity", columns, ask, |row, key| {
        let behind = |meanings: &[Meaning]| Some(figures.behind(ask, key, meanings));
        let mean = |(days, count): (i64, u64)| Figure::mean(days as f64, count, "d");
        let both = (row.won_days.0 + row.lost_days.0, row.won_days.1 + row.lost_days.1);
        let closed = behind(&[Meaning::Won, Meaning::Lost]);
        vec![
            Cell { figure: Figure::Count(row.won), behind: behind(&[Meaning::Won]) },
            Cell { figure: Figure::Count(row.lost), behind: behind(&[Meaning::Lost]) },
            Cell { figure: mean(row.won_days), behind: behind(&[Meaning::Won]) },
            Cell { figure: mean(row.lost_days), behind: behind(&[Meaning::Lost]) },
            Cell { figure: mean(both), behind: closed.clone() },
            Cell { figure: Figure::ratio(row.won, row.won + row.lost), behind: closed },
            Cell { figure: mean_money(&prices, &row.won_worth), behind: behind(&[Meaning::Won]) },
            Cell { figure: Figure::Count(row.open), behind: behind(&[Meaning::Open]) },
            Cell::of(a_day(&prices, row)),
        ]
    }))
}

/// Open deals × win rate × mean won ÷ mean days, in whole minor units.
fn a_day(prices: &Prices<'_>, row: &Closed) -> Figure {
    let priced = prices.told(&row.won_worth);
    let (days, count) = row.won_days;
    let mean_days = days as f64 / count as f64;
    let worth_of = priced.count.saturating_sub(priced.unpriced);
    if count == 0 || mean_days <= 0.0 || worth_of == 0 {
        return Figure::Nothing;
    }
    let rate = row.won as f64 / (row.won + row.lost) as f64;
    let day = row.open as f64 * rate * (priced.sum as f64 / worth_of as f64) / mean_days;
    Figure::Money(day.round() as i128, priced.currency)
}

/// Why deals were lost.
pub(super) fn reasons(store: &dyn Store, ask: &Ask) -> Result<Report, ReportError> {
    let figures = figures(store, ask, "lost_reason")?;
    let prices = figures.prices(ask);
    let columns = vec![
        Column::new("lost", Shape::Count).bar(),
        Column::new("share", Shape::Ratio),
        Column::new("lost_value", Shape::Money),
        Column::new("days_lost", Shape::Number),
    ];
    let lost = figures.all.lost;
    let mut report = figures.report("reasons", "reasons of losing,", columns, ask, |row, key| {
        let behind = Some(figures.behind(ask, key, &[Meaning::Lost]));
        let (days, count) = row.lost_days;
        vec![
            Cell { figure: Figure::Count(row.lost), behind: behind.clone() },
            Cell { figure: Figure::ratio(row.lost, lost), behind: behind.clone() },
            Cell { figure: money(&prices, &row.lost_worth), behind: behind.clone() },
            Cell { figure: Figure::mean(days as f64, count, "d"), behind },
        ]
    });
    let at = report.column("lost");
    report.rows.retain(|row| at.is_some_and(|at| row[at].figure != Figure::Count(0)));
    Ok(report)
}
