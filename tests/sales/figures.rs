//! The figures of a real seller, each computed a second time from the file.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rolo::insight::report::Figure;

use super::common::{counts_open, figure, maven, report, rows, text};

/// One deal as the file has it.
struct Row {
    agent: String,
    stage: String,
    engaged: Option<NaiveDate>,
    closed: Option<NaiveDate>,
    value: i64,
    product: String,
}

fn file() -> Vec<Row> {
    let day = |text: &str| text.parse().ok();
    let row = |row: std::collections::HashMap<String, String>| Row {
        agent: row["sales_agent"].clone(),
        stage: row["deal_stage"].clone(),
        engaged: day(&row["engage_date"]),
        closed: day(&row["close_date"]),
        value: row["close_value"].parse().unwrap_or(0),
        product: row["product"].replace("GTXPro", "GTX Pro"),
    };
    rows("crm/maven/sales_pipeline.csv", b',').into_iter().map(row).collect()
}

fn quarter(day: NaiveDate) -> String {
    use chrono::Datelike;
    format!("{}-q{}", day.year(), day.month0() / 3 + 1)
}

fn usd(amount: i64) -> String {
    format!("{amount}.00 USD")
}

#[test]
fn a_sellers_win_rate_and_days_are_those_of_the_file() {
    let Some(desk) = maven("2018-01-01T00:00:00Z") else { return };
    let rate = report(&desk, "win-rate", &[]);
    for (column, expected) in [
        ("won", "4238"),
        ("lost", "2473"),
        ("closed", "6711"),
        ("win_rate", "0.631501"),
        ("won_value", "10005534.00 USD"),
        ("mean_won", "2360.91 USD"),
    ] {
        assert_eq!(text(&rate, "", column), expected, "{column}");
    }
    let until = report(&desk, "win-rate", &[("period", "..2017-11-30")]);
    let three = |report| ["won", "lost", "win_rate"].map(|column| text(report, "", column));
    assert_eq!(three(&until), ["3727", "2333", "0.615017"]);
    // The same with a clock that stood then: what closed later was open.
    let earlier = rolo::actions::Desk { clock: rolo::actions::Clock::Fixed(super::common::at("2017-11-30T23:59:59Z")), ..desk.clone() };
    assert_eq!(three(&report(&earlier, "win-rate", &[])), ["3727", "2333", "0.615017"]);
    let days = report(&desk, "velocity", &[]);
    for (column, expected) in [("days_won", "51.7820"), ("days_lost", "41.4792"), ("days_closed", "47.9854"), ("open", "2089")] {
        assert_eq!(text(&days, "", column), expected, "{column}");
    }
    for report in [&rate, &until, &days] {
        counts_open(&desk, report);
    }
}

#[test]
fn won_per_agent_and_quarter_are_those_of_the_file() {
    let Some(desk) = maven("2018-01-01T00:00:00Z") else { return };
    let mut expected: BTreeMap<(String, String), (u64, u64, i64)> = BTreeMap::new();
    for row in file().iter().filter(|row| row.closed.is_some()) {
        let entry = expected.entry((row.agent.clone(), quarter(row.closed.unwrap()))).or_default();
        let won = row.stage == "Won";
        entry.0 += u64::from(won);
        entry.1 += u64::from(!won);
        entry.2 += if won { row.value } else { 0 };
    }
    let cross = report(&desk, "win-rate", &[("by", "owner,quarter")]);
    assert_eq!(cross.rows.len(), expected.len());
    for row in &cross.rows {
        let key = (row[0].figure.text(), row[1].figure.text());
        let (won, lost, value) = expected[&key];
        assert_eq!((&row[2].figure, &row[3].figure), (&Figure::Count(won), &Figure::Count(lost)), "{key:?}");
        assert_eq!(row[6].figure.text(), usd(value), "{key:?}");
    }
    let by = |by: &str, row: &str| text(&report(&desk, "win-rate", &[("by", by)]), row, "won_value");
    for (field, row, value) in [
        ("owner", "Darcel Schlecht", 1_153_214),
        ("quarter", "2017-q1", 1_134_672),
        ("quarter", "2017-q2", 3_086_111),
        ("quarter", "2017-q3", 2_982_255),
        ("quarter", "2017-q4", 2_802_496),
        ("manager", "Melvin Marxen", 2_251_930),
        ("manager", "Dustin Brinkmann", 1_094_363),
        ("region", "West", 3_568_647),
        ("product", "GTX Pro", 3_510_578),
        ("company", "Kan-code", 341_455),
    ] {
        assert_eq!(by(field, row), usd(value), "{field} {row}");
    }
    counts_open(&desk, &report(&desk, "win-rate", &[("by", "manager,quarter")]));
    counts_open(&desk, &report(&desk, "velocity", &[("by", "region"), ("period", "2017-q3")]));
}

#[test]
fn the_forecast_is_that_of_a_second_computation() {
    let Some(desk) = maven("2018-01-01T00:00:00Z") else { return };
    let forecast = report(&desk, "forecast", &[("period", "2018-q1")]);
    for (column, expected) in [
        ("closed", "0.00 USD"),
        ("commit", "0.00 USD"),
        ("pipeline", "4966215.00 USD"),
        ("weighted", "2053513.10 USD"),
        ("open", "2089"),
        ("overdue", "0"),
        ("undated", "0"),
        ("unpriced", "0"),
        ("target", ""),
    ] {
        assert_eq!(text(&forecast, "", column), expected, "{column}");
    }
    counts_open(&desk, &forecast);
    // By whoever leads: the list prices of what is open, in tenths of a dollar.
    let manager: BTreeMap<String, String> =
        rows("crm/maven/sales_teams.csv", b',').into_iter().map(|row| (row["sales_agent"].clone(), row["manager"].clone())).collect();
    let price: BTreeMap<String, i64> =
        rows("crm/maven/products.csv", b',').into_iter().map(|row| (row["product"].clone(), row["sales_price"].parse().unwrap())).collect();
    let mut expected: BTreeMap<&str, (i64, i64, u64)> = BTreeMap::new();
    let deals = file();
    for row in deals.iter().filter(|row| row.closed.is_none()) {
        let entry = expected.entry(&manager[&row.agent]).or_default();
        let list = price[&row.product];
        entry.0 += list;
        entry.1 += list * if row.stage == "Engaging" { 5 } else { 1 };
        entry.2 += 1;
    }
    let by = report(&desk, "forecast", &[("period", "2018"), ("by", "owner.manager")]);
    assert_eq!(by.rows.len(), expected.len());
    for (manager, (sum, tenths, open)) in expected {
        assert_eq!(text(&by, manager, "pipeline"), usd(sum), "{manager}");
        assert_eq!(text(&by, manager, "weighted"), format!("{}.{}0 USD", tenths / 10, tenths % 10), "{manager}");
        assert_eq!(figure(&by, manager, "open"), Figure::Count(open), "{manager}");
    }
    counts_open(&desk, &by);
    assert!(deals.iter().all(|row| row.engaged.is_some() || row.stage == "Prospecting"));
    // A week after the day all of it is overdue, and in no period.
    let later = rolo::actions::Desk { clock: rolo::actions::Clock::Fixed(super::common::at("2018-04-07T00:00:00Z")), ..desk };
    let overdue = report(&later, "forecast", &[("period", "2018-q2")]);
    assert_eq!(["pipeline", "overdue", "overdue_value"].map(|column| text(&overdue, "", column)), ["0.00 USD", "2089", "4966215.00 USD"]);
    counts_open(&later, &overdue);
}

#[test]
fn a_quarter_stands_beside_its_target() {
    let Some(desk) = maven("2018-01-01T00:00:00Z") else { return };
    let all = report(&desk, "forecast", &[("period", "2017-q4")]);
    assert_eq!(
        ["closed", "target", "reached", "to_go"].map(|column| text(&all, "", column)),
        ["2802496.00 USD", "3000000.00 USD", "0.934165", "197504.00 USD"]
    );
    let owners = report(&desk, "forecast", &[("period", "2017-q4"), ("by", "owner")]);
    assert_eq!(text(&owners, "Darcel Schlecht", "target"), "150000.00 USD");
    assert_eq!(text(&owners, "Vicki Laflamme", "target"), "");
    let months = report(&desk, "forecast", &[("period", "2017-q4"), ("by", "month"), ("owner", "Darcel Schlecht")]);
    assert_eq!(["2017-10", "2017-11", "2017-12"].map(|month| text(&months, month, "target")), ["100000.00 USD", "50000.00 USD", ""]);
    counts_open(&desk, &months);
}
