//! Service clocks over 10,000 real incidents: every figure was computed apart, in Python.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rolo::actions::{Clock as Now, Desk, configure};
use rolo::domain::fields::number;
use rolo::domain::service::Clock;
use rolo::domain::{DefinitionName, Kind, Record, Timestamp};
use rolo::exchange::import::{Import, ImportError, Input, Settings, Watch};
use rolo::exchange::mapping::Mapping;
use rolo::insight;
use rolo::store::walk::Walk;

const INCIDENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/tickets/uci_incidents_final_first10000.csv");

const CALENDARS: &str = r#"
[office]
timezone = "Europe/Prague"
weekdays = ["08:00-12:00", "13:00-17:00"]
holidays = [
  "01-01", { on = "easter-2", name = "Good Friday" }, { on = "easter+1", name = "Easter Monday" }, "05-01", "05-08", "07-05", "07-06",
  "09-28", "10-28", "11-17", "12-24", "12-25", "12-26",
]
"#;

struct Quiet;

impl Watch for Quiet {}

/// Returns a desk at a store with the incidents, whose times are those of a zone.
fn incidents(zone: &str) -> Result<Desk, ImportError> {
    let mut desk = Desk::new(rolo::store::memory().unwrap(), "ada");
    desk.clock = Now::Fixed(Timestamp::from_rfc3339("2018-01-01T00:00:00Z").unwrap());
    let path = format!("{}/tests/mappings/incidents.toml", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path).unwrap().replace("Europe/Prague", zone);
    let settings = Settings::new(Kind::Ticket, Mapping::parse(&text, "incidents.toml").unwrap());
    let source = Box::new(fs::File::open(INCIDENTS).unwrap());
    let report = Import::new(&desk, settings).run(vec![Input { name: "incidents.csv".into(), source }], &mut Quiet)?;
    assert_eq!((report.read, report.created, report.rejected), (10_000, 10_000, 0));
    Ok(desk)
}

/// Returns the hours of the resolution of those that were solved, least first.
fn hours(desk: &Desk) -> Vec<f64> {
    let mut solved: Vec<Arc<Record>> = Vec::new();
    Walk::new(Kind::Ticket, desk.view())
        .each(&*desk.store, |ticket| {
            solved.extend(ticket.has(number::SOLVED_AT).then(|| Arc::clone(ticket)));
            Ok::<(), rolo::store::StoreError>(())
        })
        .unwrap();
    let services = insight::service(&*desk.store, &desk.view(), &solved).unwrap();
    let mut hours: Vec<f64> = services
        .iter()
        .map(|service| {
            let resolution = service.readings.iter().find(|reading| reading.clock == Clock::Resolution).unwrap();
            assert!(resolution.ended.is_some(), "{} was solved", service.ticket);
            resolution.used as f64 / 3.6e9
        })
        .collect();
    hours.sort_by(f64::total_cmp);
    hours
}

/// The nearest rank, as in the data's own README: the value at ceil(q n).
fn told(hours: &[f64]) -> [String; 3] {
    let rank = |percent: usize| hours[(hours.len() * percent).div_ceil(100) - 1];
    [format!("{:.4}", rank(50)), format!("{:.4}", rank(90)), format!("{:.2}", hours.iter().sum::<f64>())]
}

#[test]
fn ten_thousand_incidents_in_calendar_hours_and_in_business_hours() {
    if !Path::new(INCIDENTS).exists() {
        println!("skipped: the shared data folder is not here");
        return;
    }
    let utc = hours(&incidents("UTC").unwrap());
    assert_eq!((utc.len(), told(&utc)), (9_157, ["65.7000", "483.4667", "2164680.63"].map(str::to_owned)));

    let desk = incidents("Europe/Prague").unwrap();
    assert_eq!(told(&hours(&desk)), ["65.7000", "482.9167", "2163113.63"], "an hour of the night of summer time is not there");

    configure::put(&desk, DefinitionName::Calendars, CALENDARS).unwrap();
    configure::put(&desk, DefinitionName::Sla, "[all]\ncalendar = \"office\"\nany = { resolution = \"5d\" }\n").unwrap();
    let business = hours(&desk);
    assert_eq!(told(&business), ["15.8167", "107.4667", "491223.93"]);
    assert_eq!(business.iter().filter(|hours| **hours == 0.0).count(), 833);
}
