//! What holds of every figure, whatever the deals are.

use proptest::prelude::*;
use rolo::actions::{self, Clock, Desk};
use rolo::domain::fields::number;
use rolo::domain::{Assignment, DefinitionName, Kind, RecordId, Value, format_minor};
use rolo::insight::report::{Figure, Report};
use rolo::insight::{self, BoardRequest};

use super::common::{at, counts_open, define, desk, report};

const RATES: &str = "reporting = \"EUR\"\n[USD]\n2026-01-01 = 0.9\n2026-02-10 = 0.92\n[CZK]\n2026-01-01 = 0.0401\n[JPY]\n2026-01-15 = 0.0061\n[KWD]\n2026-03-01 = 3.01";
const CURRENCIES: &[&str] = &["EUR", "USD", "CZK", "JPY", "KWD", "GBP"];
const STAGES: &[&str] = &["lead", "qualified", "proposal", "negotiation", "won", "lost"];
const CATEGORIES: &[&str] = &["", "commit", "best", "pipeline", "omitted"];

/// A deal as chance has it.
#[derive(Debug, Clone)]
struct Made {
    stage: usize,
    category: usize,
    minor: Option<u32>,
    currency: usize,
    /// Days from the beginning of 2026.
    close: Option<u16>,
    closed: u16,
    probability: Option<u8>,
}

fn made() -> impl Strategy<Value = Made> {
    let days = 0_u16..120;
    (
        0..STAGES.len(),
        0..CATEGORIES.len(),
        proptest::option::weighted(0.9, 0_u32..10_000_000),
        0..CURRENCIES.len(),
        proptest::option::weighted(0.9, days.clone()),
        days,
        proptest::option::of(0_u8..=100),
    )
        .prop_map(|(stage, category, minor, currency, close, closed, probability)| Made {
            stage,
            category,
            minor,
            currency,
            close,
            closed,
            probability,
        })
}

fn day(days: u16) -> String {
    let first = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    (first + chrono::Days::new(days.into())).to_string()
}

fn assignments(made: &Made, desk: &Desk) -> Vec<Assignment> {
    let mut texts = vec![format!("stage={}", STAGES[made.stage]), "name=d".to_owned(), "opened_at=2025-12-20".to_owned()];
    if made.category > 0 {
        texts.push(format!("category={}", CATEGORIES[made.category]));
    }
    if let Some(minor) = made.minor {
        let currency = rolo::domain::Currency::from_code(CURRENCIES[made.currency]).unwrap();
        texts.push(format!("amount={} {currency}", format_minor(minor.into(), currency)));
    }
    texts.extend(made.close.map(|days| format!("expected_close={}", day(days))));
    texts.extend(made.probability.map(|percent| format!("probability={percent}")));
    if made.stage >= 4 {
        texts.push(format!("closed_at={}", day(made.closed)));
    }
    texts.iter().map(|text| Assignment::parse(Kind::Opportunity, text, &desk.definitions()).unwrap()).collect()
}

fn filled(deals: &[Made]) -> Desk {
    let desk = desk("2026-02-15T12:00:00Z");
    define(&desk, DefinitionName::Currencies, RATES);
    let rows: Vec<Vec<Assignment>> = deals.iter().map(|made| assignments(made, &desk)).collect();
    actions::add_all(&desk, Kind::Opportunity, &rows).unwrap();
    desk
}

fn money(report: &Report, column: &str) -> i128 {
    match report.figure(0, column) {
        Some(Figure::Money(minor, _)) => *minor,
        other => panic!("{column}: {other:?}"),
    }
}

/// What a report says, without the ids that it names.
fn said(report: &Report) -> Vec<Vec<String>> {
    report.rows.iter().chain(&report.total).map(|row| row.iter().map(|cell| cell.figure.text()).collect()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse::<u32>().ok()).map_or(12, |cases| cases.min(200)), ..ProptestConfig::default() })]

    /// Closed ≤ commit ≤ best ≤ all; what is weighted is no more than all of it; and each
    /// count is the number of the records behind it.
    #[test]
    fn a_forecast_grows_from_what_is_sure_to_all(deals in proptest::collection::vec(made(), 1..25)) {
        let desk = filled(&deals);
        for by in ["", "month", "stage", "pipeline,category"] {
            let forecast = report(&desk, "forecast", &[("period", "2026-q1"), ("by", by)]);
            counts_open(&desk, &forecast);
        }
        let forecast = report(&desk, "forecast", &[("period", "2026-q1")]);
        let [closed, commit, best, all, weighted] = ["closed", "commit", "best", "pipeline", "weighted"].map(|column| money(&forecast, column));
        prop_assert!(0 <= closed && closed <= commit && commit <= best && best <= all);
        // Each sum is rounded by itself.
        prop_assert!(weighted <= all - closed + 1, "{weighted} {all} {closed}");
        // The best case is no less than the weighted part of what it counts.
        let counted = report_of(&desk, "forecast", "category:commit,best");
        prop_assert!(money(&counted, "weighted") <= best - closed + 1);
    }

    /// The order in which deals are taken in changes no figure.
    #[test]
    fn the_order_of_taking_in_does_not_matter(deals in proptest::collection::vec(made(), 1..20)) {
        let turned: Vec<Made> = deals.iter().rev().cloned().collect();
        let (one, other) = (filled(&deals), filled(&turned));
        for (name, given) in [
            ("forecast", vec![("period", "2026-q1"), ("by", "month")]),
            ("win-rate", vec![("by", "stage")]),
            ("velocity", vec![]),
            ("reasons", vec![]),
            ("burn-up", vec![("period", "2026-q1")]),
            ("funnel", vec![]),
        ] {
            prop_assert_eq!(said(&report(&one, name, &given)), said(&report(&other, name, &given)), "{}", name);
        }
    }

    /// The board, the sums of `rolo sum` and the reports tell the same money.
    #[test]
    fn board_sum_and_report_agree(deals in proptest::collection::vec(made(), 1..25)) {
        // What closes after today is open in a report, and on the board where its stage is.
        agree(&filled(&deals.into_iter().map(|made| Made { closed: made.closed.min(45), ..made }).collect::<Vec<_>>()))?;
    }

    /// Compared with itself a day has no difference; between two days the parts are all of it.
    #[test]
    fn the_parts_of_a_comparison_are_the_difference(
        deals in proptest::collection::vec(made(), 2..10),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), made()), 0..10),
    ) {
        let desk = filled(&deals);
        let ids: Vec<RecordId> = super::common::found(&desk, Kind::Opportunity, "");
        let later = Desk { clock: Clock::Fixed(at("2026-02-20T12:00:00Z")), ..desk };
        for (which, made) in &changes {
            let id = *which.get(&ids);
            if made.probability == Some(7) {
                actions::trash(&later, &id.into()).unwrap();
            } else {
                actions::set(&later, &id.into(), &assignments(made, &later), None, false).unwrap();
            }
        }
        let same = report(&later, "changes", &[("period", "2026-q1"), ("since", "2026-02-20")]);
        prop_assert_eq!(same.rows.len(), 2, "{:?}", said(&same));
        prop_assert_eq!(&said(&same)[0][1..], &said(&same)[1][1..]);
        let changed = report(&later, "changes", &[("period", "2026-q1"), ("since", "2026-02-16")]);
        for column in ["amount", "weighted"] {
            let at = changed.column(column).unwrap();
            let minor = |row: &Vec<insight::report::Cell>| match row[at].figure {
                Figure::Money(minor, _) => minor,
                _ => 0,
            };
            let (Some((start, rest)), Some((end, parts))) = (changed.rows.split_first(), changed.rows[1..].split_last()) else { panic!("two rows") };
            prop_assert_eq!(rest.len(), parts.len() + 1);
            prop_assert_eq!(minor(start) + parts.iter().map(minor).sum::<i128>(), minor(end), "{} {:?}", column, said(&changed));
        }
    }

    /// Nobody goes on who did not come: conversion is never above 1.
    #[test]
    fn a_funnel_narrows(moves in proptest::collection::vec((0_usize..8, 0..STAGES.len()), 0..40)) {
        let desk = desk("2026-01-01T00:00:00Z");
        let ids: Vec<RecordId> = (0..8).map(|at| super::common::add(&desk, Kind::Opportunity, &[&format!("name=d{at}")])).collect();
        for (day, (which, stage)) in moves.iter().enumerate() {
            let now = Desk { clock: Clock::Fixed(at("2026-01-01T00:00:00Z").plus_seconds(86_400 * day as i64)), ..desk.clone() };
            actions::move_stage(&now, &ids[*which].into(), STAGES[*stage], None).unwrap();
        }
        let now = Desk { clock: Clock::Fixed(at("2026-06-01T00:00:00Z")), ..desk };
        let funnel = report(&now, "funnel", &[]);
        let reached: Vec<u64> = (0..funnel.rows.len()).filter_map(|row| match funnel.figure(row, "reached") { Some(Figure::Count(count)) => Some(*count), _ => None }).collect();
        prop_assert_eq!(reached[0], 8);
        prop_assert!(reached.windows(2).all(|pair| pair[1] <= pair[0]), "{reached:?}");
        counts_open(&now, &funnel);
    }
}

fn report_of(desk: &Desk, name: &str, query: &str) -> Report {
    rolo::command::report(desk, name, &[("period", "2026-q1".to_owned())], query, &[]).unwrap()
}

/// Compares the ways in which the same money is told.
fn agree(desk: &Desk) -> Result<(), TestCaseError> {
    let definitions = desk.definitions();
    let board = insight::board(&*desk.store, &desk.view(), &BoardRequest { limit: 0, ..BoardRequest::default() }).unwrap();
    let column = |stage: &str| board.columns.iter().find(|column| column.stage == stage).unwrap().worth;
    // Won, by the board and by the report.
    let rate = report(desk, "win-rate", &[]);
    prop_assert_eq!(money(&rate, "won_value"), column("won").sum);
    prop_assert_eq!(money(&rate, "lost_value"), column("lost").sum);
    // Exact money by hand: each currency at the rate of its day, in fractions of a cent.
    let field = rolo::domain::FieldRef::resolve(Kind::Opportunity, "amount", &definitions).unwrap();
    let by = insight::By::parse(Kind::Opportunity, "stage", &definitions).unwrap();
    let summed = insight::sum(&*desk.store, &desk.view(), Kind::Opportunity, None, &field, Some(&by)).unwrap();
    for group in &summed.groups {
        let own = column(&group.key);
        prop_assert_eq!(group.count, own.count);
        let only_euros = group.totals.iter().all(|total| total.currency.is_some_and(|currency| currency.code() == "EUR"));
        if only_euros {
            prop_assert_eq!(group.totals.iter().map(|total| total.units).sum::<i128>(), own.sum);
        }
    }
    Ok(())
}

#[test]
fn a_million_deals_in_five_currencies_sum_exactly() {
    // By default two thousand: the million is for the long round.
    let many: u64 = std::env::var("ROLO_SALES_DEALS").ok().and_then(|many| many.parse().ok()).unwrap_or(2_000);
    let desk = desk("2026-02-15T12:00:00Z");
    define(&desk, DefinitionName::Currencies, RATES);
    let mut expected: i128 = 0;
    let mut made = 0;
    while made < many {
        let rows: Vec<Vec<Assignment>> = (made..(made + 5_000).min(many))
            .map(|at| {
                let currency = CURRENCIES[(at % 4) as usize];
                let minor = (at * 7_919 % 1_000_003) as i128;
                // Won before and after the dollar's rate changed; units of a millionth of a cent.
                let closed = if at % 3 == 0 { "2026-02-01" } else { "2026-02-12" };
                let code = rolo::domain::Currency::from_code(currency).unwrap();
                expected += minor
                    * match (currency, closed) {
                        ("EUR", _) => 1_000_000,
                        ("USD", "2026-02-01") => 900_000,
                        ("USD", _) => 920_000,
                        ("CZK", _) => 40_100,
                        _ => 6_100 * 100,
                    };
                let texts = [
                    "name=d".to_owned(),
                    "stage=won".to_owned(),
                    format!("closed_at={closed}"),
                    format!("amount={} {code}", format_minor(minor, code)),
                ];
                texts.iter().map(|text| Assignment::parse(Kind::Opportunity, text, &desk.definitions()).unwrap()).collect()
            })
            .collect();
        made += rows.len() as u64;
        actions::add_all(&desk, Kind::Opportunity, &rows).unwrap();
    }
    let rate = report(&desk, "win-rate", &[]);
    assert_eq!(rate.figure(0, "won"), Some(&Figure::Count(many)));
    assert_eq!(money(&rate, "won_value"), (expected + 500_000) / 1_000_000);
    agree(&desk).unwrap();
    let forecast = report(&desk, "forecast", &[("period", "2026-q1")]);
    assert_eq!(money(&forecast, "closed"), money(&rate, "won_value"));
    // Newer rates change nothing of what is closed.
    define(&desk, DefinitionName::Currencies, &RATES.replace("2026-02-10 = 0.92", "2026-02-10 = 0.92\n2026-02-14 = 0.5"));
    assert_eq!(money(&report(&desk, "win-rate", &[]), "won_value"), (expected + 500_000) / 1_000_000);
    let first = desk.record(super::common::found(&desk, Kind::Opportunity, "id:o1")[0]).unwrap();
    assert!(first.first(number::AMOUNT).is_some_and(|amount| matches!(amount, Value::Money(_))));
}
