//! Service clocks over 10,000 real incidents: every figure was computed apart, in Python.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rolo::actions::{self, Clock as Now, Desk, LogOptions, Target, add, configure};
use rolo::domain::fields::number;
use rolo::domain::service::Clock;
use rolo::domain::{Assignment, DefinitionName, Kind, Record, Timestamp, naming};
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
    let report = Import::new(&desk, settings).run(vec![Input::new("incidents.csv", source)], &mut Quiet)?;
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

/// The Monday of a queue, told in order.
fn queue(desk: &mut Desk, at: &str) -> Vec<String> {
    desk.clock = Now::Fixed(Timestamp::from_rfc3339(at).unwrap());
    let queue = insight::queue(&*desk.store, &desk.view(), None).unwrap();
    queue.tickets.iter().map(|urgency| format!("{}: {}", naming::title(&urgency.ticket), urgency.reason)).collect()
}

#[test]
fn the_queue_is_ordered_by_what_is_due_first_and_says_so() {
    let mut desk = Desk::new(rolo::store::memory().unwrap(), "ada");
    let at = |desk: &mut Desk, moment: &str| desk.clock = Now::Fixed(Timestamp::from_rfc3339(moment).unwrap());
    at(&mut desk, "2026-11-23T08:00:00Z");
    configure::put(&desk, DefinitionName::Calendars, "[office]\ntimezone = \"UTC\"\nweekdays = [\"08:00-16:00\"]\n").unwrap();
    let sla = "[vip]\nwhen = \"tags:vip\"\ncalendar = \"office\"\nany = { first-response = \"1h\", next-reply = \"2h\", resolution = \"1d\" }\n\
               [rest]\nwhen = \"-priority:low\"\ncalendar = \"office\"\nurgent = { first-response = \"4h\" }\nany = { resolution = \"2d\" }\n";
    configure::put(&desk, DefinitionName::Sla, sla).unwrap();
    for (subject, more) in [("Urgent", "priority=urgent"), ("Important", "tags=vip"), ("Low", "priority=low"), ("Usual", "priority=normal")]
    {
        let parse = |text: &str| Assignment::parse(Kind::Ticket, text, &desk.definitions()).unwrap();
        add(&desk, Kind::Ticket, &[parse(&format!("subject={subject}")), parse(more)]).unwrap();
    }
    assert_eq!(
        queue(&mut desk, "2026-11-23T08:30:00Z"),
        [
            "Important: first response in 30 min",
            "Urgent: first response in 3 h",
            "Usual: resolution in 31 h",
            "Low: low, new, unanswered for 30 min"
        ]
    );
    let log = |desk: &Desk, channel: &str, direction: &str| {
        let options = LogOptions { direction: Some(direction.to_owned()), ..LogOptions::default() };
        actions::log(desk, channel, &["t2"], "about it", &options).unwrap();
    };
    at(&mut desk, "2026-11-23T08:40:00Z");
    log(&desk, "email", "out");
    at(&mut desk, "2026-11-23T10:00:00Z");
    log(&desk, "email", "in");
    assert_eq!(
        queue(&mut desk, "2026-11-23T12:30:00Z"),
        [
            "Urgent: first response 30 min late",
            "Important: next reply 30 min late",
            "Usual: resolution in 27 h",
            "Low: low, new, unanswered for 4 h"
        ]
    );
    at(&mut desk, "2026-11-23T12:40:00Z");
    log(&desk, "email", "out");
    actions::set_texts(&desk, &Target::Ids(vec!["t2".parse().unwrap()]), &["status=pending"], None, false).unwrap();
    assert_eq!(
        queue(&mut desk, "2026-11-24T08:00:00Z")[1..],
        ["Usual: resolution in 8 h", "Important: clock stands, pending for 24 h", "Low: low, new, unanswered for 24 h"]
    );
}
