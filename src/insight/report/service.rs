//! Service: whether promises are kept, what waits and for how long, how soon people are
//! answered and helped, how often twice, and what they say of it.
//!
//! A clock counts in the period in which it ended; one that is late and still runs counts in
//! that in which it was due. Attainment is what was met of what was met, missed, or is late.
//! Hours are told twice, in the time of the calendar and around the clock, always without the
//! time in which the customer was waited for; p50 and p90 are by the nearest rank.
//! Satisfaction stands beside handling times, each with its n: neither says much alone.
//! CSAT is the part of 4 and 5; NPS that of 9 and 10 less that of 0 to 6.

use std::collections::BTreeMap;

use chrono::{Datelike, Timelike};

use super::ask::{both, quote};
use super::figure::Behind;
use super::groups::{Grouping, Key};
use super::{Ask, Cell, Column, Figure, Report, ReportError, Shape, Span};
use crate::domain::fields::number;
use crate::domain::service::{Clock, Standing};
use crate::domain::zone::{day_at, wall_clock};
use crate::domain::{Category, Kind, Timestamp};
use crate::insight::cases::{Case, cases, percentile, promoters};
use crate::store::api::Store;
use crate::store::known::Known;

/// Microseconds of an hour.
const HOUR: f64 = 3_600e6;
/// Microseconds of a week.
const WEEK: i64 = 7 * 24 * 3_600_000_000;
/// How many weeks the trend of the backlog shows.
const WEEKS: i64 = 12;
/// Answers below which a score says little.
const FEW: u64 = 5;

/// Returns the query of the tickets that are asked for.
fn narrowed(ask: &Ask) -> String {
    let mut parts: Vec<String> = Vec::new();
    if let Some(owner) = ask.get("owner") {
        parts.push(format!("assignee:{}", quote(owner)));
    }
    if let Some(team) = ask.get("team") {
        let team = quote(team);
        parts.push(format!("(team:{team} or assignee.team:{team})"));
    }
    both(&parts.join(" "), &ask.query)
}

/// What a report is made of: its rows, each with the tickets that stand in it.
struct Rows {
    grouping: Grouping,
    rows: Vec<(Key, Vec<usize>)>,
    cases: Vec<Case>,
    narrowed: String,
}

impl Rows {
    /// Reads the tickets that are asked for and of which `at` gives a moment, and sorts them
    /// into rows by that moment's day and the fields asked for.
    fn read(store: &dyn Store, ask: &Ask, at: impl Fn(&Case) -> Option<Timestamp>) -> Result<Self, ReportError> {
        let grouping = Grouping::read_with_time(ask, Kind::Ticket, "")?;
        let narrowed = narrowed(ask);
        let mut cases = cases(store, &ask.view, ask.parse(Kind::Ticket, &narrowed)?)?;
        cases.retain(|case| at(case).is_some());
        let known = Known::new(store);
        let mut rows: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
        for (n, case) in cases.iter().enumerate() {
            let day = at(case).map(|at| day_at(ask.zone(), at));
            for key in grouping.keys_at(&case.ticket, day, ask, &known) {
                rows.entry(key).or_default().push(n);
            }
        }
        let rows = grouping.ordered(rows, ask);
        Ok(Self { grouping, rows, cases, narrowed })
    }

    fn behind(&self, key: Option<&Key>, more: &str) -> Behind {
        let row = key.map(|key| self.grouping.query(key)).unwrap_or_default();
        Behind { kind: Kind::Ticket, query: both(&both(more, &row), &self.narrowed) }
    }

    /// Makes the report, a row for each group and one for all.
    fn report(
        &self,
        name: &'static str,
        title: String,
        columns: Vec<Column>,
        cells: impl Fn(&[&Case], Option<&Key>) -> Vec<Cell>,
    ) -> Report {
        let mut all_columns = self.grouping.columns();
        all_columns.extend(columns);
        let row = |mut names: Vec<Cell>, cases: &[&Case], key: Option<&Key>| {
            names.extend(cells(cases, key));
            names
        };
        let all: Vec<&Case> = self.cases.iter().collect();
        let whole = row(self.grouping.all_cells(), &all, None);
        let (rows, total) = if self.grouping.is_whole() {
            (vec![whole], None)
        } else {
            let rows = self.rows.iter().map(|(key, at)| {
                let cases: Vec<&Case> = at.iter().map(|n| &self.cases[*n]).collect();
                row(self.grouping.cells(key), &cases, Some(key))
            });
            (rows.collect(), Some(whole))
        };
        Report { name, title, columns: all_columns, rows, total, notes: Vec::new() }
    }
}

fn hours(mut values: Vec<i64>, percent: usize) -> Figure {
    percentile(&mut values, percent).map_or(Figure::Nothing, |micros| Figure::Number(micros as f64 / HOUR, 4, "h"))
}

fn of_period(period: &Option<Span>, what: &str) -> String {
    period.as_ref().map_or_else(|| format!("{what} at any time"), |period| format!("{what} in {}", period.text))
}

fn within(period: &Option<Span>, at: Timestamp) -> bool {
    period.as_ref().is_none_or(|period| period.contains(at))
}

/// Returns when a ticket was solved, as its clock has it.
fn solved(case: &Case) -> Option<Timestamp> {
    case.clock(Clock::Resolution).and_then(|reading| reading.ended)
}

/// Returns the query of tickets that were solved in the period.
fn solved_in(period: &Option<Span>) -> String {
    period.as_ref().map_or_else(|| "solved_at:*".to_owned(), |period| format!("solved_at:{}", period.text))
}

/// Whether promises were kept, for each policy and target.
pub(super) fn attainment(store: &dyn Store, ask: &Ask) -> Result<Report, ReportError> {
    let period = ask.period()?;
    // Which moment a ticket is of, its clocks say one by one.
    let rows = Rows::read(store, ask, |case| case.policy.is_some().then_some(case.opened))?;
    let names = [("policy", Shape::Text), ("target", Shape::Text), ("met", Shape::Count), ("missed", Shape::Count), ("late", Shape::Count)];
    let mut columns = rows.grouping.columns();
    columns.extend(names.map(|(name, shape)| Column::new(name, shape)));
    columns.push(Column::new("attainment", Shape::Ratio).bar());
    let mut made: Vec<Vec<Cell>> = Vec::new();
    let mut whole = [0_u64; 3];
    for (key, at) in &rows.rows {
        let mut counts: BTreeMap<(&str, Clock), [u64; 3]> = BTreeMap::new();
        for case in at.iter().map(|n| &rows.cases[*n]) {
            let Some(policy) = case.policy.as_deref() else { continue };
            for reading in case.working.iter().filter(|reading| reading.target.is_some()) {
                let moment = reading.ended.or(reading.due.filter(|_| reading.standing == Standing::Breached));
                let place = match reading.standing {
                    Standing::Met => 0,
                    Standing::Missed => 1,
                    Standing::Breached => 2,
                    _ => continue,
                };
                if moment.is_some_and(|moment| within(&period, moment)) {
                    counts.entry((policy, reading.clock)).or_default()[place] += 1;
                }
            }
        }
        for ((policy, clock), [met, missed, late]) in counts {
            [met, missed, late].iter().zip(&mut whole).for_each(|(count, whole)| *whole += count);
            let mut cells = rows.grouping.cells(key);
            let behind = Some(rows.behind(Some(key), ""));
            cells.extend([Cell::text(policy), Cell::text(clock.said())]);
            cells.extend([met, missed, late].map(|count| Cell { figure: Figure::Count(count), behind: behind.clone() }));
            cells.push(Cell::of(Figure::ratio(met, met + missed + late)));
            made.push(cells);
        }
    }
    let [met, missed, late] = whole;
    let mut total = rows.grouping.all_cells();
    total.extend([Cell::text(if total.is_empty() { "all" } else { "" }), Cell::text("")]);
    total.extend(whole.map(Cell::count));
    total.push(Cell::of(Figure::ratio(met, met + missed + late)));
    Ok(Report {
        name: "sla",
        title: of_period(&period, "promises that ended or broke"),
        columns,
        rows: made,
        total: Some(total),
        notes: Vec::new(),
    })
}

/// What is not done, how old it is, and how many there were in the last weeks.
pub(super) fn backlog(store: &dyn Store, ask: &Ask) -> Result<Report, ReportError> {
    let rows = Rows::read(store, ask, |case| Some(case.opened))?;
    let now = ask.view.now;
    let columns = vec![
        Column::new("open", Shape::Count).bar(),
        Column::new("waiting", Shape::Count),
        Column::new("unassigned", Shape::Count),
        Column::new("late", Shape::Count),
        Column::new("age_p50", Shape::Number),
        Column::new("age_p90", Shape::Number),
        Column::new("oldest", Shape::Number),
        Column::new("weeks", Shape::Series),
    ];
    let waiting: Vec<String> = statuses(ask, Category::Waiting);
    let done = statuses(ask, Category::Done).join(",");
    let mut report = rows.report("backlog", "what is not done".to_owned(), columns, |cases, key| {
        let open: Vec<&&Case> = cases.iter().filter(|case| case.category != Category::Done).collect();
        let ages = || open.iter().map(|case| (now.0 - case.opened.0).max(0)).collect::<Vec<i64>>();
        let count = |of: &dyn Fn(&Case) -> bool| open.iter().filter(|case| of(case)).count() as u64;
        let is_late = |case: &Case| case.working.iter().any(|reading| reading.standing == Standing::Breached);
        let behind = |more: &str| Some(rows.behind(key, &both(&format!("-status:{done}"), more)));
        let trend = (0..WEEKS).rev().map(|week| {
            let at = now.0 - week * WEEK;
            let stood = |case: &&&Case| case.opened.0 <= at && solved(case).is_none_or(|solved| solved.0 > at);
            cases.iter().filter(stood).count() as f64
        });
        vec![
            Cell { figure: Figure::Count(open.len() as u64), behind: behind("") },
            Cell {
                figure: Figure::Count(count(&|case| case.category == Category::Waiting)),
                behind: Some(rows.behind(key, &format!("status:{}", waiting.join(",")))).filter(|_| !waiting.is_empty()),
            },
            Cell { figure: Figure::Count(count(&|case| !case.ticket.has(number::ASSIGNEE))), behind: behind("assignee:") },
            Cell { figure: Figure::Count(count(&is_late)), behind: behind("") },
            Cell::of(hours(ages(), 50)),
            Cell::of(hours(ages(), 90)),
            Cell::of(hours(ages(), 100)),
            Cell::of(Figure::Series(trend.collect())),
        ]
    });
    report.notes.push(format!("weeks: how many were open at the end of each of the last {WEEKS}"));
    Ok(report)
}

fn statuses(ask: &Ask, category: Category) -> Vec<String> {
    ask.definitions.statuses.iter().filter(|status| status.category == category).map(|status| quote(&status.name)).collect()
}

/// How soon people were answered and helped, and what they said of it.
pub(super) fn handling(store: &dyn Store, ask: &Ask) -> Result<Report, ReportError> {
    let period = ask.period()?;
    let rows = Rows::read(store, ask, |case| solved(case).filter(|at| within(&period, *at)))?;
    let times = [
        "first_p50",
        "first_p90",
        "first_clock_p50",
        "first_clock_p90",
        "solved_p50",
        "solved_p90",
        "solved_clock_p50",
        "solved_clock_p90",
    ];
    let mut columns = vec![Column::new("solved", Shape::Count).bar()];
    columns.extend(times.map(|name| Column::new(name, Shape::Number)));
    for (name, shape) in [
        ("rated", Shape::Count),
        ("satisfaction", Shape::Number),
        ("csat", Shape::Ratio),
        ("effort_rated", Shape::Count),
        ("effort", Shape::Number),
        ("nps_rated", Shape::Count),
        ("nps", Shape::Number),
    ] {
        columns.push(Column::new(name, shape));
    }
    let mut few = false;
    let behind_all = solved_in(&period);
    let mut report = rows.report("handling", of_period(&period, "solved"), columns, |cases, key| {
        let took = |clock: Clock, working: bool| cases.iter().filter_map(|case| case.took(clock, working)).collect::<Vec<i64>>();
        let mut cells = vec![Cell { figure: Figure::Count(cases.len() as u64), behind: Some(rows.behind(key, &behind_all)) }];
        for clock in [Clock::FirstResponse, Clock::Resolution] {
            for working in [true, false] {
                cells.extend([50, 90].map(|percent| Cell::of(hours(took(clock, working), percent))));
            }
        }
        let rated: Vec<i64> = cases.iter().filter_map(|case| case.satisfaction).collect();
        let efforts: Vec<i64> = cases.iter().filter_map(|case| case.effort).collect();
        let recommends: Vec<i64> = cases.iter().filter_map(|case| case.recommends).collect();
        let mean = |scores: &[i64]| Figure::mean(scores.iter().sum::<i64>() as f64, scores.len() as u64, "");
        let behind = |field: &str| Some(rows.behind(key, &both(&behind_all, &format!("{field}:*"))));
        let good = rated.iter().filter(|score| **score >= 4).count() as u64;
        cells.extend([
            Cell { figure: Figure::Count(rated.len() as u64), behind: behind("satisfaction") },
            Cell::of(mean(&rated)),
            Cell::of(Figure::ratio(good, rated.len() as u64)),
            Cell { figure: Figure::Count(efforts.len() as u64), behind: behind("effort") },
            Cell::of(mean(&efforts)),
            Cell { figure: Figure::Count(recommends.len() as u64), behind: behind("nps") },
            Cell::of(promoters(recommends.iter().copied()).map_or(Figure::Nothing, |score| Figure::Number(score, 1, ""))),
        ]);
        cells
    });
    for name in ["rated", "nps_rated"] {
        let at = report.column(name);
        let all = report.rows.iter().chain(&report.total);
        few |= at.is_some_and(|at| all.filter_map(|row| row.get(at)).any(|cell| matches!(cell.figure, Figure::Count(1..FEW))));
    }
    report.notes.push("hours of the calendar, and of the clock on the wall; without those in which the customer was waited for".to_owned());
    if few {
        report.notes.push(format!("fewer than {FEW} answers say little"));
    }
    Ok(report)
}

/// How often the same thing was done again: tickets opened again, and handed on.
pub(super) fn rework(store: &dyn Store, ask: &Ask) -> Result<Report, ReportError> {
    let period = ask.period()?;
    let rows = Rows::read(store, ask, |case| solved(case).filter(|at| within(&period, *at)))?;
    let columns = vec![
        Column::new("solved", Shape::Count),
        Column::new("reopened", Shape::Count),
        Column::new("reopen_rate", Shape::Ratio).bar(),
        Column::new("handed_on", Shape::Count),
        Column::new("transfer_rate", Shape::Ratio).bar(),
        Column::new("transfers", Shape::Count),
    ];
    let behind_all = solved_in(&period);
    Ok(rows.report("rework", of_period(&period, "solved"), columns, |cases, key| {
        let all = cases.len() as u64;
        let reopened = cases.iter().filter(|case| case.reopened > 0).count() as u64;
        let handed = cases.iter().filter(|case| case.transfers > 0).count() as u64;
        vec![
            Cell { figure: Figure::Count(all), behind: Some(rows.behind(key, &behind_all)) },
            Cell::count(reopened),
            Cell::of(Figure::ratio(reopened, all)),
            Cell::count(handed),
            Cell::of(Figure::ratio(handed, all)),
            Cell::count(cases.iter().map(|case| case.transfers).sum()),
        ]
    }))
}

/// When people ask: how many tickets were opened on each day of the week, hour by hour.
pub(super) fn arrivals(store: &dyn Store, ask: &Ask) -> Result<Report, ReportError> {
    const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let period = ask.period()?;
    let narrowed = narrowed(ask);
    let all = cases(store, &ask.view, ask.parse(Kind::Ticket, &narrowed)?)?;
    let mut hours = [[0_u64; 24]; 7];
    for case in all.iter().filter(|case| within(&period, case.opened)) {
        let at = wall_clock(ask.zone(), case.opened);
        hours[at.weekday().num_days_from_monday() as usize][at.hour() as usize] += 1;
    }
    let mut columns =
        vec![Column::new("day", Shape::Text), Column::new("opened", Shape::Count).bar(), Column::new("by_hour", Shape::Series)];
    columns.extend((0..24).map(|hour| Column::new(format!("{hour:02}"), Shape::Count)));
    let row = |name: &str, hours: &[u64; 24]| {
        let mut cells = vec![
            Cell::text(name),
            Cell::count(hours.iter().sum()),
            Cell::of(Figure::Series(hours.iter().map(|count| *count as f64).collect())),
        ];
        cells.extend(hours.map(Cell::count));
        cells
    };
    let mut whole = [0; 24];
    hours.iter().for_each(|day| day.iter().zip(&mut whole).for_each(|(count, whole)| *whole += count));
    Ok(Report {
        name: "arrivals",
        title: of_period(&period, "opened"),
        columns,
        rows: DAYS.iter().zip(&hours).map(|(name, hours)| row(name, hours)).collect(),
        total: Some(row("all", &whole)),
        notes: vec![format!("hours of {}", ask.zone().name())],
    })
}
