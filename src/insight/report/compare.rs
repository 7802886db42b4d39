//! The forecast of a period at two moments, and what became of the difference.
//!
//! What a record was at a moment the log says. What was taken in later than that, with
//! dates before it, is as its first version says, open until its `closed_at`. A deal counts
//! with its amount where it is open, should close in the period and is not omitted; both
//! moments have the rates of the later one, and each deal is rounded by itself, so that the
//! parts sum to the difference exactly.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::deals::Deal;
use super::funnel::ids;
use super::{Ask, Cell, Column, Figure, Report, ReportError, Shape, Span};
use crate::domain::fields::number;
use crate::domain::zone::day_at;
use crate::domain::{Currency, Kind, Meaning, Record, RecordId, Timestamp, Worth};
use crate::query::Matcher;
use crate::store::api::{Store, Trash};
use crate::store::asking::Asking;
use crate::store::walk::Walk;

/// What became of a deal between two moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    New,
    PulledIn,
    Reopened,
    Grew,
    Likelier,
    Shrank,
    Slipped,
    Won,
    Lost,
    Removed,
}

const CHANGES: &[(Change, &str)] = &[
    (Change::New, "new"),
    (Change::PulledIn, "pulled in"),
    (Change::Reopened, "reopened"),
    (Change::Grew, "grew"),
    (Change::Likelier, "other chance"),
    (Change::Shrank, "shrank"),
    (Change::Slipped, "slipped"),
    (Change::Won, "won"),
    (Change::Lost, "lost"),
    (Change::Removed, "removed"),
];

/// Where a deal stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stood {
    Absent,
    /// Open in the period: worth and weighted worth in minor units.
    In(i128, i128),
    Elsewhere,
    Won,
    Lost,
}

/// The first moment or the last.
struct Moment {
    at: Timestamp,
    seq: u64,
}

/// The sums of one part.
#[derive(Default)]
struct Sum {
    amount: i128,
    weighted: i128,
    ids: Vec<RecordId>,
}

impl Sum {
    fn add(&mut self, id: RecordId, amount: i128, weighted: i128) {
        self.amount += amount;
        self.weighted += weighted;
        self.ids.push(id);
    }
}

/// The forecast between two moments.
pub(super) fn compare(store: &dyn Store, ask: &Ask) -> Result<Report, ReportError> {
    let period = ask.period_or("quarter")?;
    let moment = |name: &str| -> Result<Option<Timestamp>, ReportError> {
        let Some(text) = ask.get(name) else { return Ok(None) };
        let read = Span::parse(text, ask.zone(), ask.view.now)?;
        // A day is its end: what was done on it counts.
        let end = read.to.map(|to| Timestamp(to.0 - 1)).unwrap_or(ask.view.now);
        Ok(Some(end.min(ask.view.now)))
    };
    let Some(since) = moment("since")? else {
        return Err(ReportError::usage("since when?").hint("write --since 2026-10-01, or --since -7d"));
    };
    let until = moment("until")?.unwrap_or(ask.view.now);
    if since > until {
        return Err(ReportError::usage("that would be backwards: --since is after --until"));
    }
    let [before, after] = [Moment { at: since, seq: store.seq_at(since)? }, Moment { at: until, seq: store.seq_at(until)? }];
    let deals = read(store, ask, &before, &after)?;
    let currency = own_currency(&deals, ask, until);
    let mut parts: BTreeMap<Change, Sum> = BTreeMap::new();
    let (mut start, mut end) = (Sum::default(), Sum::default());
    let mut unpriced = 0_u64;
    for (id, states) in &deals {
        let [was, is] = states;
        let was = stood(was.as_deref(), &period, &before, ask, currency, until, &mut unpriced);
        let is = stood(is.as_deref(), &period, &after, ask, currency, until, &mut unpriced);
        if let Stood::In(amount, weighted) = was {
            start.add(*id, amount, weighted);
        }
        if let Stood::In(amount, weighted) = is {
            end.add(*id, amount, weighted);
        }
        if let Some((change, amount, weighted)) = change(was, is) {
            parts.entry(change).or_default().add(*id, amount, weighted);
        }
    }
    let day = |at: Timestamp| day_at(ask.zone(), at);
    let row = |name: String, sum: &Sum| {
        let behind = ids(&sum.ids);
        vec![
            Cell::text(name),
            Cell { figure: Figure::Count(sum.ids.len() as u64), behind: behind.clone() },
            Cell { figure: Figure::Money(sum.amount, currency), behind: behind.clone() },
            Cell { figure: Figure::Money(sum.weighted, currency), behind },
        ]
    };
    let mut rows = vec![row(format!("open on {}", day(since)), &start)];
    let empty = Sum::default();
    // What did not happen is no row; comparing a day with itself leaves none.
    let told = CHANGES.iter().filter(|(change, _)| parts.contains_key(change));
    rows.extend(told.map(|(change, name)| row((*name).to_owned(), parts.get(change).unwrap_or(&empty))));
    rows.push(row(format!("open on {}", day(until)), &end));
    let mut notes = vec!["both days at the rates of the later one, each deal rounded by itself".to_owned()];
    if unpriced > 0 {
        notes.push(format!("{unpriced} times an amount had no rate and counted as nothing"));
    }
    let columns = vec![
        Column::new("what", Shape::Text),
        Column::new("deals", Shape::Count),
        Column::new("amount", Shape::Money).bar(),
        Column::new("weighted", Shape::Money),
    ];
    let title = format!("forecast of {}, {} to {}", period.text, day(since), day(until));
    Ok(Report { name: "changes", title, columns, rows, total: None, notes })
}

/// A deal at the two moments.
type States = (RecordId, [Option<Arc<Record>>; 2]);

/// Reads every deal as it was at both moments; those that the asking meant at neither are
/// left out.
fn read(store: &dyn Store, ask: &Ask, before: &Moment, after: &Moment) -> Result<Vec<States>, ReportError> {
    let query = ask.parse(Kind::Opportunity, &ask.narrowed())?;
    let asking = Asking::new(store, &ask.view)?;
    let matcher = query.as_ref().map(|query| Matcher::new(query, &asking));
    let mut deals = Vec::new();
    Walk::new(Kind::Opportunity, ask.view.clone()).trash(Trash::With).each(store, |record| {
        // Where it was somebody else's it was not there for whoever asks.
        let is_meant = |state: &Arc<Record>| matcher.as_ref().is_none_or(|matcher| matcher.matches(state));
        let states = [at(store, record, before)?, at(store, record, after)?].map(|state| state.filter(is_meant));
        if states.iter().any(Option::is_some) {
            deals.push((record.id, states));
        }
        Ok::<(), ReportError>(())
    })?;
    Ok(deals)
}

/// Returns a record as it was at a moment; `None` where it was not there, or in the trash.
fn at(store: &dyn Store, record: &Arc<Record>, moment: &Moment) -> Result<Option<Arc<Record>>, ReportError> {
    let state = if record.version <= moment.seq { Some(Arc::clone(record)) } else { store.as_of(record.id, moment.seq)? };
    let state = match state {
        Some(state) => Some(state),
        None => {
            // It came later than the moment, and may say that it began before.
            let began = record.time(number::OPPORTUNITY_OPENED_AT).or_else(|| record.time(number::CREATED_AT));
            if began.is_none_or(|began| began > moment.at) || record.recorded_at <= moment.at {
                return Ok(None);
            }
            store.history(record.id, usize::MAX)?.pop().and_then(|version| version.record)
        }
    };
    Ok(state.filter(|state| !state.has(number::TRASHED_AT)))
}

/// Returns the only currency of all amounts, if it has no rate; else the reporting one.
fn own_currency(deals: &[States], ask: &Ask, until: Timestamp) -> Currency {
    let mut all = Worth::default();
    for state in deals.iter().flat_map(|(_, states)| states.iter().flatten()) {
        all.add(state.first(number::AMOUNT).and_then(crate::domain::Value::as_money), 100);
    }
    let on = day_at(ask.zone(), until);
    all.own_currency(&ask.definitions, on).unwrap_or_else(|| ask.definitions.reporting_currency())
}

fn stood(
    state: Option<&Record>,
    period: &Span,
    moment: &Moment,
    ask: &Ask,
    currency: Currency,
    rates: Timestamp,
    unpriced: &mut u64,
) -> Stood {
    let Some(record) = state else { return Stood::Absent };
    let closes_later = record.time(number::OPPORTUNITY_CLOSED_AT).is_some_and(|closed| closed > moment.at);
    let deal = Deal::of(record, ask);
    let meaning = if closes_later { Meaning::Open } else { ask.definitions.meaning_of(record) };
    match meaning {
        Meaning::Won => return Stood::Won,
        Meaning::Lost => return Stood::Lost,
        Meaning::Open => {}
    }
    let is_within = deal.expected.is_some_and(|day: NaiveDate| period.contains_day(day, ask.zone()));
    if !is_within || record.text(number::FORECAST) == Some("omitted") {
        return Stood::Elsewhere;
    }
    let mut worth = Worth::default();
    worth.add(deal.amount(), deal.percent);
    let priced = match deal.amount() {
        Some(amount) if amount.currency == currency => worth.in_currency(currency),
        _ => worth.priced(&ask.definitions, day_at(ask.zone(), rates)),
    };
    *unpriced += priced.unpriced;
    Stood::In(priced.sum, priced.weighted)
}

/// Returns what became of a deal, and by how much amount and weighted amount moved.
fn change(was: Stood, is: Stood) -> Option<(Change, i128, i128)> {
    Some(match (was, is) {
        (Stood::In(amount, weighted), Stood::In(now, weighted_now)) => {
            let change = match now.cmp(&amount) {
                std::cmp::Ordering::Greater => Change::Grew,
                std::cmp::Ordering::Less => Change::Shrank,
                std::cmp::Ordering::Equal if weighted == weighted_now => return None,
                std::cmp::Ordering::Equal => Change::Likelier,
            };
            (change, now - amount, weighted_now - weighted)
        }
        (Stood::Absent, Stood::In(amount, weighted)) => (Change::New, amount, weighted),
        (Stood::Elsewhere, Stood::In(amount, weighted)) => (Change::PulledIn, amount, weighted),
        (_, Stood::In(amount, weighted)) => (Change::Reopened, amount, weighted),
        (Stood::In(amount, weighted), Stood::Elsewhere) => (Change::Slipped, -amount, -weighted),
        (Stood::In(amount, weighted), Stood::Won) => (Change::Won, -amount, -weighted),
        (Stood::In(amount, weighted), Stood::Lost) => (Change::Lost, -amount, -weighted),
        (Stood::In(amount, weighted), Stood::Absent) => (Change::Removed, -amount, -weighted),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_from_one_stand_to_another_has_a_name_and_sums_up() {
        let stands = [Stood::Absent, Stood::In(100, 50), Stood::In(70, 50), Stood::In(100, 10), Stood::Elsewhere, Stood::Won, Stood::Lost];
        let worth = |stood: Stood| if let Stood::In(amount, weighted) = stood { (amount, weighted) } else { (0, 0) };
        for was in stands {
            for is in stands {
                let moved = change(was, is).map_or((0, 0), |(_, amount, weighted)| (amount, weighted));
                assert_eq!((worth(was).0 + moved.0, worth(was).1 + moved.1), worth(is), "{was:?} {is:?}");
                assert_eq!(change(was, is).is_none(), worth(was) == worth(is), "{was:?} {is:?}");
            }
        }
    }
}
