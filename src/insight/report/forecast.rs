//! The forecast of a period: what is closed, what may still come, and against which target.
//!
//! Definitions, each an exact sum that is rounded once:
//!
//! - `closed`: won in the period, by `closed_at`, at the rate of that day.
//! - `commit` = closed + open deals of the category commit; `best` = commit + those of the
//!   category best; `pipeline` = best + the rest. What is omitted is in none of them.
//! - `weighted` = the open ones, each times its own probability, else its stage's.
//! - An open deal is of the period in which it should close. One whose day is past is
//!   `overdue` and in no period: nobody knows when it will come. One without a day is
//!   `undated`.
//!
//! So closed ≤ commit ≤ best ≤ pipeline, and weighted ≤ pipeline − closed, where no amount
//! is negative. (Cumulative categories as in Salesforce's classic view; the weighted sum as
//! in Odoo's `crm_lead.py` and EspoCRM's `amountWeightedConverted`.)

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::ask::both;
use super::deals::{Deal, Prices, each_deal, standing};
use super::figure::Behind;
use super::groups::{Grouping, Key};
use super::{Ask, Cell, Column, Figure, Report, ReportError, Shape, Span};
use crate::domain::definitions::Whose;
use crate::domain::fields::number;
use crate::domain::zone::day_at;
use crate::domain::{Kind, Lookup, Meaning, Record, Worth};
use crate::store::api::Store;
use crate::store::known::Known;

/// What a deal is in a forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Won in the period.
    Closed,
    /// Open, of the category commit.
    Commit,
    /// Open, of the category best.
    Best,
    /// Open, of another category or of none.
    Rest,
    /// Open, and its day is past.
    Overdue,
    /// Open, without a day.
    Undated,
    /// Left out by its category.
    Omitted,
}

impl Part {
    /// Returns what a deal is in the forecast of a period; `None` where it is of another.
    pub(super) fn of(deal: &Deal<'_>, period: &Span, ask: &Ask) -> Option<Self> {
        match deal.meaning {
            Meaning::Lost => return None,
            Meaning::Won => return deal.closed.is_some_and(|day| period.contains_day(day, ask.zone())).then_some(Self::Closed),
            Meaning::Open => {}
        }
        let category = deal.record.text(number::FORECAST).unwrap_or_default();
        if category == "omitted" {
            return Some(Self::Omitted);
        }
        match deal.expected {
            None => Some(Self::Undated),
            Some(day) if day < ask.today() => Some(Self::Overdue),
            Some(day) if !period.contains_day(day, ask.zone()) => None,
            Some(_) => Some(match category {
                "commit" => Self::Commit,
                "best" => Self::Best,
                _ => Self::Rest,
            }),
        }
    }
}

/// The sums of a row.
#[derive(Debug, Default, Clone)]
struct Sums {
    closed: Worth,
    commit: Worth,
    best: Worth,
    rest: Worth,
    overdue: Worth,
    undated: Worth,
    omitted: Worth,
}

impl Sums {
    fn add(&mut self, part: Part, deal: &Deal<'_>, ask: &Ask) {
        let worth = match part {
            Part::Closed => &mut self.closed,
            Part::Commit => &mut self.commit,
            Part::Best => &mut self.best,
            Part::Rest => &mut self.rest,
            Part::Overdue => &mut self.overdue,
            Part::Undated => &mut self.undated,
            Part::Omitted => &mut self.omitted,
        };
        deal.add_to(worth, &ask.definitions);
    }

    fn together(parts: &[&Worth]) -> Worth {
        let mut all = Worth::default();
        parts.iter().for_each(|part| all.merge(part));
        all
    }

    fn open(&self) -> Worth {
        Self::together(&[&self.commit, &self.best, &self.rest])
    }

    fn all(&self) -> Worth {
        Self::together(&[&self.closed, &self.commit, &self.best, &self.rest, &self.overdue, &self.undated, &self.omitted])
    }
}

/// How rows find their records again.
struct Queries<'a> {
    ask: &'a Ask,
    narrowed: String,
    period: String,
}

impl Queries<'_> {
    fn behind(&self, row: &str, time: &str, parts: &[Part]) -> Behind {
        let today = self.ask.today();
        let times =
            |field: &str| format!("{field}:{}{}", self.period, if time.is_empty() { String::new() } else { format!(" {field}:{time}") });
        let open = standing(self.ask, &[Meaning::Open]);
        let terms: Vec<String> = parts
            .iter()
            .map(|part| match part {
                Part::Closed => format!("{} {}", standing(self.ask, &[Meaning::Won]), times("closed_at")),
                Part::Commit => format!("{open} {} expected_close:{today}.. category:commit", times("expected_close")),
                Part::Best => format!("{open} {} expected_close:{today}.. category:best", times("expected_close")),
                Part::Rest => format!("{open} {} expected_close:{today}.. -category:commit,best,omitted", times("expected_close")),
                Part::Overdue => format!("{open} expected_close:* -expected_close:{today}.. -category:omitted"),
                Part::Undated => format!("{open} expected_close: -category:omitted"),
                Part::Omitted => format!("{open} category:omitted"),
            })
            .collect();
        let parts = if terms.len() == 1 {
            terms.concat()
        } else {
            format!("({})", terms.iter().map(|term| format!("({term})")).collect::<Vec<_>>().join(" or "))
        };
        Behind::deals(&both(&parts, &both(row, &self.narrowed)))
    }
}

/// The forecast of a period.
pub(super) fn forecast(store: &dyn Store, ask: &Ask) -> Result<Report, ReportError> {
    let period = ask.period_or("quarter")?;
    let grouping = Grouping::read_with_time(ask, Kind::Opportunity, "")?;
    let known = Known::new(store);
    let mut rows: BTreeMap<Key, Sums> = BTreeMap::new();
    let mut all = Sums::default();
    let narrowed = ask.narrowed();
    each_deal(store, ask, &narrowed, |deal| {
        let Some(part) = Part::of(&deal, &period, ask) else { return Ok(()) };
        all.add(part, &deal, ask);
        if !grouping.is_whole() {
            let day = match part {
                Part::Closed => deal.closed,
                Part::Commit | Part::Best | Part::Rest => deal.expected,
                _ => None,
            };
            for key in grouping.keys_at(deal.record, day, ask, &known) {
                rows.entry(key).or_default().add(part, &deal, ask);
            }
        }
        Ok(())
    })?;
    let prices = Prices::of(&all.all(), ask);
    let queries = Queries { ask, narrowed, period: period.text.clone() };
    let money = |worth: &Worth| {
        let priced = prices.told(worth);
        Figure::Money(priced.sum, priced.currency)
    };
    let cells = |sums: &Sums, key: Option<&Key>| {
        let row = key.map(|key| grouping.query(key)).unwrap_or_default();
        let time = key.and_then(|key| grouping.time(key)).unwrap_or_default();
        // What is of no period stands in the row without one.
        let behind = |parts: &[Part]| {
            let is_timeless = matches!(parts, [Part::Overdue | Part::Undated | Part::Omitted]);
            let is_here = key.and_then(|key| grouping.time(key)).is_none_or(|time| time.is_empty() == is_timeless);
            is_here.then(|| queries.behind(&row, time, parts))
        };
        let open = sums.open();
        let told = prices.told(&open);
        let commit = Sums::together(&[&sums.closed, &sums.commit]);
        let best = Sums::together(&[&commit, &sums.best]);
        let pipeline = Sums::together(&[&best, &sums.rest]);
        let target = target(ask, &period, &grouping, key, &known).map(|worth| prices.told(&worth).sum);
        let closed = prices.told(&sums.closed).sum;
        let open_parts = [Part::Commit, Part::Best, Part::Rest];
        let everything = [Part::Closed, Part::Commit, Part::Best, Part::Rest, Part::Overdue, Part::Undated];
        vec![
            Cell { figure: money(&sums.closed), behind: behind(&[Part::Closed]) },
            Cell { figure: money(&commit), behind: behind(&[Part::Closed, Part::Commit]) },
            Cell { figure: money(&best), behind: behind(&[Part::Closed, Part::Commit, Part::Best]) },
            Cell { figure: money(&pipeline), behind: behind(&[Part::Closed, Part::Commit, Part::Best, Part::Rest]) },
            Cell { figure: Figure::Money(told.weighted, told.currency), behind: behind(&open_parts) },
            Cell { figure: Figure::Count(open.count()), behind: behind(&open_parts) },
            Cell::of(target.map_or(Figure::Nothing, |target| Figure::Money(target, told.currency))),
            Cell::of(target.filter(|target| *target > 0).map_or(Figure::Nothing, |target| Figure::Ratio(closed as f64 / target as f64))),
            Cell::of(target.map_or(Figure::Nothing, |target| Figure::Money((target - closed).max(0), told.currency))),
            Cell { figure: Figure::Count(sums.overdue.count()), behind: behind(&[Part::Overdue]) },
            Cell { figure: money(&sums.overdue), behind: behind(&[Part::Overdue]) },
            Cell { figure: Figure::Count(sums.undated.count()), behind: behind(&[Part::Undated]) },
            Cell { figure: money(&sums.undated), behind: behind(&[Part::Undated]) },
            Cell { figure: Figure::Count(sums.omitted.count()), behind: behind(&[Part::Omitted]) },
            Cell { figure: Figure::Count(prices.told(&sums.all()).unpriced), behind: behind(&everything) },
        ]
    };
    let mut columns = grouping.columns();
    columns.extend([
        Column::new("closed", Shape::Money),
        Column::new("commit", Shape::Money),
        Column::new("best", Shape::Money),
        Column::new("pipeline", Shape::Money).bar(),
        Column::new("weighted", Shape::Money),
        Column::new("open", Shape::Count),
        Column::new("target", Shape::Money),
        Column::new("reached", Shape::Ratio),
        Column::new("to_go", Shape::Money),
        Column::new("overdue", Shape::Count),
        Column::new("overdue_value", Shape::Money),
        Column::new("undated", Shape::Count),
        Column::new("undated_value", Shape::Money),
        Column::new("omitted", Shape::Count),
        Column::new("unpriced", Shape::Count),
    ]);
    let row = |mut names: Vec<Cell>, sums: &Sums, key: Option<&Key>| {
        names.extend(cells(sums, key));
        names
    };
    let whole = row(grouping.all_cells(), &all, None);
    let (rows, total) = if grouping.is_whole() {
        (vec![whole], None)
    } else {
        let rows = grouping.ordered(rows, ask);
        (rows.iter().map(|(key, sums)| row(grouping.cells(key), sums, Some(key))).collect(), Some(whole))
    };
    let mut notes = Vec::new();
    let unpriced = prices.told(&all.all()).unpriced;
    if unpriced > 0 {
        notes.push(format!("{unpriced} without a rate are in no sum"));
    }
    if !ask.instead.is_empty() {
        let mut ids: Vec<_> = ask.instead.keys().collect();
        ids.sort_unstable();
        let ids: Vec<String> = ids.into_iter().map(ToString::to_string).collect();
        notes.push(format!("as if {} were changed: nothing of it is kept", ids.join(", ")));
    }
    Ok(Report { name: "forecast", title: format!("forecast of {}", period.text), columns, rows, total, notes })
}

/// Returns the target of a row, where it has one.
fn target(ask: &Ask, period: &Span, grouping: &Grouping, key: Option<&Key>, known: &Known<'_>) -> Option<Worth> {
    let definitions = &ask.definitions;
    let zone = ask.zone();
    let whole = match key.and_then(|key| grouping.time(key)) {
        Some("") => return None,
        Some(text) => Span::parse(text, zone, ask.view.now).ok()?,
        None => period.clone(),
    };
    let days: (NaiveDate, NaiveDate) = (day_at(zone, whole.from?), day_at(zone, whole.to?));
    let names = |id| known.record(id).map(|user| names_of(&user)).unwrap_or_default();
    let fields = grouping.fields();
    let found = match (key.map(|key| grouping.values(key)), fields.as_slice()) {
        (Some([(_, Some(id))]), ["owner"]) => definitions.targets.of(Whose::Owner(&names(*id)), days.0, days.1),
        (Some([(text, _)]), ["team" | "owner.team"]) => definitions.targets.of(Whose::Team(text), days.0, days.1),
        (Some([(text, _)]), ["pipeline"]) => definitions.targets.of(Whose::Pipeline(text), days.0, days.1),
        (Some([]) | None, _) => match (ask.get("owner"), ask.get("team"), ask.get("pipeline")) {
            (Some("me"), ..) => definitions.targets.of(Whose::Owner(std::slice::from_ref(&ask.view.login)), days.0, days.1),
            (Some(owner), ..) => definitions.targets.of(Whose::Owner(&[owner.to_owned()]), days.0, days.1),
            (None, Some(team), _) => definitions.targets.of(Whose::Team(team), days.0, days.1),
            (None, None, Some(pipeline)) => definitions.targets.of(Whose::Pipeline(pipeline), days.0, days.1),
            (None, None, None) => definitions.targets.of(Whose::All, days.0, days.1),
        },
        _ => Vec::new(),
    };
    if found.is_empty() {
        return None;
    }
    let mut worth = Worth::default();
    found.into_iter().for_each(|amount| worth.add(Some(amount), 100));
    Some(worth)
}

/// Returns what a user is called in definitions: login and name.
fn names_of(user: &Record) -> Vec<String> {
    [number::LOGIN, number::USER_NAME].into_iter().filter_map(|field| user.text(field).map(str::to_owned)).collect()
}
