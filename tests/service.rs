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
use rolo::insight::report::{Ask, report};
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

    // The report says the same, and each of its rows what its part of the file says.
    let told = |by: &str| {
        let mut ask = Ask::new(desk.view(), desk.definitions());
        ask.query = "solved_at:*".to_owned();
        ask.give("by", by).unwrap();
        report(&desk.store, "handling", &ask).unwrap()
    };
    let whole = told("");
    let figures =
        ["solved", "solved_p50", "solved_p90", "solved_clock_p50", "solved_clock_p90"].map(|name| whole.figure(0, name).unwrap().text());
    assert_eq!(figures, ["9157", "15.8167", "107.4667", "65.7000", "482.9167"]);
    let rows = told("priority");
    let counts: Vec<String> = (0..rows.rows.len()).map(|row| rows.figure(row, "solved").unwrap().text()).collect();
    assert_eq!(counts, ["101", "154", "8534", "368"], "as the data's own README counts them");
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

/// A small generator, so that a seed says what happens (Numerical Recipes' ranqd1).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.roll(of.len() as u64) as usize]
    }
}

const PROMISES: [&str; 4] = [
    "[vip]\nwhen = \"company.tags:vip\"\nany = { first-response = \"1h\", next-reply = \"30min\" }\n[rest]\nany = { resolution = \"2d\" }\n",
    "[old]\nwhen = \"opened_at:..-2h\"\nany = { resolution = \"4h\" }\n[urgent]\nwhen = \"priority:urgent\"\nany = { first-response = \"10min\" }\n",
    "[silent]\nwhen = \"company.last.at:..-1h\"\nany = { resolution = \"1d\" }\n[gold]\nany = { first-response = \"3h\", resolution = \"9h\" }\n",
    "",
];

/// Changes something, as somebody here or elsewhere might.
fn change(desk: &mut Desk, dice: &mut Dice) -> String {
    let id = |kind: &str, dice: &mut Dice, most: u64| format!("{kind}{}", 1 + dice.roll(most));
    let ticket = id("t", dice, 30);
    let set = |desk: &Desk, id: &str, text: &str| {
        let done = actions::set_texts(desk, &Target::Ids(vec![id.parse().unwrap()]), &[text], None, false);
        format!("{id} {text}: {:?}", done.map(|outcome| outcome.changed).map_err(|error| error.message))
    };
    match dice.roll(16) {
        0 => {
            let Now::Fixed(at) = desk.clock else { return String::new() };
            desk.clock = Now::Fixed(at.plus_seconds(60 * dice.roll(400) as i64));
            format!("it is {}", desk.now())
        }
        1 | 2 => {
            let way = dice.one(&["in", "out"]).to_owned();
            let said =
                actions::log(desk, "email", &[&ticket], "words", &LogOptions { direction: Some(way.clone()), ..LogOptions::default() });
            format!("{way} {ticket}: {}", said.is_ok())
        }
        3 | 4 => set(desk, &ticket, &format!("status={}", dice.one(&["new", "open", "pending", "solved", "closed"]))),
        5 => set(desk, &ticket, &format!("priority={}", dice.one(&["urgent", "high", "normal", "low"]))),
        6 => set(desk, &ticket, &format!("company={}", id("a", dice, 5))),
        7 => {
            let company = id("a", dice, 5);
            set(desk, &company, dice.one(&["tags+=vip", "tags-=vip"]))
        }
        8 => {
            let deal = id("o", dice, 8);
            set(desk, &deal, dice.one(&["stage=won", "stage=lead", "amount=70 EUR", "amount=9000 EUR", "company=a1", "company=a2"]))
        }
        9 => set(desk, &ticket, dice.one(&["contract=g1", "contract=", "sla=gold", "sla=", "sla=none"])),
        10 => set(desk, "g1", dice.one(&["sla=gold", "sla=vip", "start=2026-11-01", "start=2027-01-01"])),
        11 => {
            let ids = Target::Ids(vec![ticket.parse().unwrap()]);
            let done = if dice.roll(2) == 0 { actions::trash(desk, &ids) } else { actions::restore(desk, &ids) };
            format!("{ticket} to or from the trash: {}", done.is_ok())
        }
        12 => format!("undo: {}", actions::undo(desk, &actions::Which::Last, false, true).is_ok()),
        13 => {
            let touch = id("i", dice, 20);
            set(desk, &touch, &format!("{}={ticket}", dice.one(&["ticket", "ticket", "contact"])))
        }
        14 if dice.roll(4) == 0 => {
            let sla = PROMISES[dice.roll(4) as usize];
            format!("{:?}: {}", sla, configure::put(desk, DefinitionName::Sla, sla).is_ok())
        }
        _ => {
            let parse = |text: &str| Assignment::parse(Kind::Ticket, text, &desk.definitions()).unwrap();
            let opened = desk.now().plus_seconds(60 * (dice.roll(900) as i64 - 300));
            add(
                desk,
                Kind::Ticket,
                &[parse("subject=More"), parse(&format!("opened_at={opened}")), parse(dice.one(&["company=a1", "company=a3"]))],
            )
            .map(|outcome| format!("{:?}", outcome.ids))
            .unwrap_or_default()
        }
    }
}

#[test]
fn the_kept_queue_stands_after_each_change_as_one_that_is_sorted_anew() {
    let rounds = if std::env::var_os("ROLO_LONG").is_some() { 40 } else { 4 };
    for seed in 0..rounds {
        let mut desk = Desk::new(rolo::store::memory().unwrap(), "ada");
        desk.clock = Now::Fixed(Timestamp::from_rfc3339("2026-11-23T08:00:00Z").unwrap());
        let add = |kind: Kind, texts: &[&str]| {
            let assignments: Vec<_> = texts.iter().map(|text| Assignment::parse(kind, text, &desk.definitions()).unwrap()).collect();
            add(&desk, kind, &assignments).unwrap();
        };
        configure::put(&desk, DefinitionName::Sla, PROMISES[seed % 4]).unwrap();
        (1..=5).for_each(|n| add(Kind::Company, &[&format!("name=Firm {n}")]));
        (1..=8).for_each(|n| add(Kind::Opportunity, &[&format!("name=Deal {n}"), &format!("company=a{}", 1 + n % 5), "amount=500 EUR"]));
        add(Kind::Contract, &["name=Care", "sla=gold"]);
        (1..=20).for_each(|n| add(Kind::Ticket, &[&format!("subject=Request {n}"), &format!("company=a{}", 1 + n % 5)]));
        let (mut kept, mut dice) = (insight::KeptQueue::default(), Dice(seed as u64));
        let mut done = Vec::new();
        for _ in 0..150 {
            done.push(change(&mut desk, &mut dice));
            let view = desk.view();
            let stands = kept.queue(&*desk.store, &view, None).unwrap();
            let anew = insight::queue(&*desk.store, &view, None).unwrap();
            let told = |queue: &insight::Queue| -> Vec<String> {
                queue.tickets.iter().map(|urgency| format!("{} {} {}", urgency.ticket.id, urgency.worth, urgency.reason)).collect()
            };
            assert_eq!(told(&stands), told(&anew), "seed {seed}, after {:#?}", &done[done.len().saturating_sub(5)..]);
            assert_eq!(stands, anew, "seed {seed}");
        }
    }
}

const EVENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/tickets/uci_incident_events_every8th.csv");
const ISSUES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/tickets/vulcan_issues.jsonl");
const ZENDESK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/tickets/zendesk_go_fixtures/sla_policies.json");

fn mapping(name: &str) -> String {
    fs::read_to_string(format!("{}/tests/mappings/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn import(desk: &Desk, kind: Kind, mapping: &str, path: &str) -> (u64, u64, u64) {
    let settings = Settings::new(kind, Mapping::parse(mapping, "mapping.toml").unwrap());
    let name = Path::new(path).file_name().unwrap().to_str().unwrap();
    let report = Import::new(desk, settings).run(vec![Input::new(name, Box::new(fs::File::open(path).unwrap()))], &mut Quiet).unwrap();
    (report.created + report.updated, report.unchanged, report.rejected)
}

/// What the history of an incident comes to, read from its rows alone: minutes in states
/// in which somebody here has to act until it was done for the last time, how often its
/// group changed, and how often it was opened again.
struct Second {
    minutes: i64,
    transfers: usize,
    reopened: usize,
    handed_on: u64,
}

fn second_computation() -> (std::collections::BTreeMap<String, Second>, usize) {
    let mut reader = std::collections::BTreeMap::<String, Vec<Vec<String>>>::new();
    let text = fs::read_to_string(EVENTS).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let at = |name: &str| header.iter().position(|column| *column == name).unwrap();
    for line in lines {
        let cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        assert_eq!(cells.len(), header.len(), "no cell of this file is quoted");
        reader.entry(cells[at("number")].clone()).or_default().push(cells);
    }
    let minute = |text: &str| chrono::NaiveDateTime::parse_from_str(text, "%d/%m/%Y %H:%M").unwrap().and_utc().timestamp() / 60;
    let mut changes = 0;
    let is_hold = |state: &str| state.starts_with("Awaiting ") && state != "Awaiting User Info";
    let second = reader.into_iter().map(|(number, rows)| {
        let opened = minute(&rows[0][at("opened_at")]);
        let mut last = [String::new(), String::new(), String::new()];
        let mut states = vec![(minute(&rows[0][at("closed_at")]), "Closed".to_owned())];
        let (mut groups, mut seen, mut handed_on) = (Vec::new(), 0, 0);
        for row in &rows {
            let now = ["incident_state", "assignment_group", "assigned_to"]
                .map(|name| Some(row[at(name)].clone()).filter(|text| text != "?").unwrap_or_default());
            // For us all who are waited for but the customer are one.
            let same = |n: usize| last[n] == now[n] || n == 0 && [&last[n], &now[n]].iter().all(|state| is_hold(state));
            seen += (0..3).filter(|n| !same(*n)).count();
            if !same(0) {
                states.push((minute(&row[at("sys_updated_at")]), now[0].clone()));
            }
            if last[1] != now[1] {
                groups.push(now[1].clone());
            }
            handed_on += (1..3).filter(|n| !last[*n].is_empty() && !now[*n].is_empty() && last[*n] != now[*n]).count() as u64;
            last = now;
        }
        changes += seen;
        // What is said to have happened before it was opened happened then.
        states.iter_mut().for_each(|(at, _)| *at = (*at).max(opened));
        states.sort_by_key(|(at, _)| *at);
        let is_done = |state: &str| matches!(state, "Resolved" | "Closed");
        // From the end back to the first of the done states in a row.
        let done = states.iter().rposition(|(_, state)| !is_done(state)).map_or(0, |last| last + 1);
        let (mut minutes, mut at, mut state) = (0, opened, "New");
        for (next, name) in &states[..=done] {
            if matches!(state, "New" | "Active") {
                minutes += next - at;
            }
            (at, state) = (*next, name);
        }
        let reopened = states.windows(2).filter(|pair| is_done(&pair[0].1) && !is_done(&pair[1].1)).count();
        (number, Second { minutes, transfers: groups.len().saturating_sub(1), reopened, handed_on })
    });
    let second: std::collections::BTreeMap<String, Second> = second.collect();
    (second, changes)
}

#[test]
fn a_history_from_elsewhere_is_taken_once_and_its_clocks_are_those_of_a_second_computation() {
    if !Path::new(EVENTS).exists() {
        println!("skipped: the shared data folder is not here");
        return;
    }
    let mut desk = Desk::new(rolo::store::memory().unwrap(), "ada");
    desk.clock = Now::Fixed(Timestamp::from_rfc3339("2018-01-01T00:00:00Z").unwrap());
    let tickets = mapping("incidents.toml")
        .replace("key    = ", "on-match = \"skip\"\nkey    = ")
        .replace("Europe/Prague", "UTC")
        .replace("\"incident_state\" = \"status\"", "\"incident_state\" = false")
        .replace("\"resolved_at\" = \"solved_at\"", "\"resolved_at\" = false")
        .replace("\"assignment_group\" = \"queue\"", "\"assignment_group\" = false")
        + "\n[defaults]\nstatus = \"closed\"\n";
    assert_eq!(import(&desk, Kind::Ticket, &tickets, EVENTS), (2_596, 14_904 - 2_596, 0));
    let (second, changes) = second_computation();
    let events = mapping("incident_events.toml");
    // What the tickets' own events say already is taken into them, and one says all of it.
    assert_eq!(import(&desk, Kind::Event, &events, EVENTS), (changes as u64 - 1, 1, 0));
    assert_eq!(import(&desk, Kind::Event, &events, EVENTS), (0, changes as u64, 0), "each once");

    let mut all: Vec<Arc<Record>> = Vec::new();
    Walk::new(Kind::Ticket, desk.view())
        .each(&*desk.store, |ticket| {
            all.push(Arc::clone(ticket));
            Ok::<(), rolo::store::StoreError>(())
        })
        .unwrap();
    let services = insight::service(&*desk.store, &desk.view(), &all).unwrap();
    let (mut minutes, mut waited) = (0, 0);
    for (ticket, service) in all.iter().zip(&services) {
        let number = ticket.values(number::EXTERNAL_ID).next().unwrap().as_text().unwrap().to_owned();
        let resolution = service.readings.iter().find(|reading| reading.clock == Clock::Resolution).unwrap();
        assert_eq!(resolution.used, second[&number].minutes * 60_000_000, "{number}");
        minutes += second[&number].minutes;
        waited += usize::from(resolution.segments.iter().any(|segment| segment.why.to_string().starts_with("waiting: ")));
    }
    let linked = |ticket: &Record, field: &str| {
        let ids: Vec<_> = desk.store.linking(ticket.id, Some(Kind::Event), 1_000).unwrap().into_iter().map(|(id, _)| id).collect();
        let events = desk.store.get(&ids).unwrap();
        events.into_iter().flatten().filter(|event| event.text(number::EVENT_FIELD) == Some(field)).collect::<Vec<_>>()
    };
    for ticket in all.iter().step_by(20) {
        let number = ticket.values(number::EXTERNAL_ID).next().unwrap().as_text().unwrap().to_owned();
        let groups = linked(ticket, "queue");
        assert_eq!(groups.len().saturating_sub(1), second[&number].transfers, "{number}");
    }
    let reopened: usize = second.values().map(|second| second.reopened).sum();
    let rework = report(&desk.store, "rework", &Ask::new(desk.view(), desk.definitions())).unwrap();
    let figure = |name: &str| rework.figure(0, name).unwrap().text().parse::<u64>().unwrap();
    assert_eq!(figure("solved"), 2_596);
    assert_eq!(figure("reopened"), second.values().filter(|second| second.reopened > 0).count() as u64);
    assert_eq!(figure("transfers"), second.values().map(|second| second.handed_on).sum::<u64>());
    println!("{} incidents, {changes} events, {minutes} minutes, {waited} waited, {reopened} times opened again", all.len());
    assert!(waited > 500 && reopened > 20, "the file has both: {waited} {reopened}");
}

#[test]
fn the_issues_of_a_tracker_have_the_times_of_their_facts() {
    if !Path::new(ISSUES).exists() {
        println!("skipped: the shared data folder is not here");
        return;
    }
    let mut desk = Desk::new(rolo::store::memory().unwrap(), "ada");
    desk.clock = Now::Fixed(Timestamp::from_rfc3339("2026-06-06T00:00:00Z").unwrap());
    assert_eq!(import(&desk, Kind::Ticket, &mapping("vulcan.toml"), ISSUES), (925, 0, 0));
    assert_eq!(import(&desk, Kind::Ticket, &mapping("vulcan.toml"), ISSUES), (0, 925, 0));
    let mut all: Vec<Arc<Record>> = Vec::new();
    Walk::new(Kind::Ticket, desk.view())
        .each(&*desk.store, |ticket| {
            all.push(Arc::clone(ticket));
            Ok::<(), rolo::store::StoreError>(())
        })
        .unwrap();
    let mut hours: Vec<f64> = insight::service(&*desk.store, &desk.view(), &all)
        .unwrap()
        .iter()
        .filter_map(|service| service.readings.iter().find(|reading| reading.clock == Clock::Resolution && reading.ended.is_some()))
        .map(|reading| reading.used as f64 / 3.6e9)
        .collect();
    hours.sort_by(f64::total_cmp);
    let [p50, p90, _] = told(&hours);
    assert_eq!((hours.len(), p50.as_str(), p90.as_str()), (570, "3.4725", "90.7172"));
    // The rest is the queue: urgent first, as nothing is promised.
    let queue = insight::queue(&*desk.store, &desk.view(), None).unwrap();
    let count = |rank: usize| queue.tickets.iter().filter(|urgency| urgency.priority == rank).count();
    assert_eq!((queue.tickets.len(), count(0), count(1), count(2), count(3)), (355, 33, 89, 143, 90));
}

/// A Zendesk policy as a service level of ours: its metrics are our clocks.
fn zendesk_policies(text: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(text).unwrap();
    let mut policies: Vec<&serde_json::Value> = json["sla_policies"].as_array().unwrap().iter().collect();
    policies.sort_by_key(|policy| policy["position"].as_i64());
    let mut toml = String::new();
    for policy in policies {
        toml += &format!("[policy-{}]\nwhen = \"category:{}\"\n", policy["id"], policy["filter"]["all"][0]["value"].as_str().unwrap());
        for priority in ["urgent", "high", "normal", "low"] {
            let metrics = policy["policy_metrics"].as_array().unwrap().iter().filter(|metric| metric["priority"] == priority);
            let targets: Vec<String> = metrics
                .filter_map(|metric| {
                    let clock = match metric["metric"].as_str().unwrap() {
                        "first_reply_time" => "first-response",
                        "next_reply_time" => "next-reply",
                        "requester_wait_time" => "resolution",
                        _ => return None,
                    };
                    Some(format!("{clock} = \"{}min\"", metric["target"]))
                })
                .collect();
            if !targets.is_empty() {
                toml += &format!("{priority} = {{ {} }}\n", targets.join(", "));
            }
        }
    }
    toml
}

#[test]
fn the_policies_of_another_program_are_kept_as_they_were_promised() {
    if !Path::new(ZENDESK).exists() {
        println!("skipped: the shared data folder is not here");
        return;
    }
    let mut desk = Desk::new(rolo::store::memory().unwrap(), "ada");
    desk.clock = Now::Fixed(Timestamp::from_rfc3339("2026-11-23T08:00:00Z").unwrap());
    configure::put(&desk, DefinitionName::Sla, &zendesk_policies(&fs::read_to_string(ZENDESK).unwrap())).unwrap();
    assert_eq!(desk.definitions().policies.iter().len(), 3);
    for priority in ["urgent", "normal", "low"] {
        let parse = |text: &str| Assignment::parse(Kind::Ticket, text, &desk.definitions()).unwrap();
        let said = format!("priority={priority}");
        add(&desk, Kind::Ticket, &[parse(&said), parse(&format!("subject=A {priority} one")), parse("category=incident")]).unwrap();
    }
    assert_eq!(
        queue(&mut desk, "2026-11-23T08:05:00Z"),
        ["A urgent one: first response in 5 min", "A normal one: first response in 25 min", "A low one: resolution in 2 h"]
    );
}

/// A message as a mail program writes it.
fn message(id: &str, from: &str, to: &str, date: &str, subject: &str, more: &str) -> String {
    format!(
        "Message-ID: <{id}@example.org>\r\nFrom: {from}\r\nTo: {to}\r\nDate: {date}\r\nSubject: {subject}\r\n{more}\r\nSome words of {id}.\r\n"
    )
}

/// Imports a message; returns how many interactions it made.
fn arrives(desk: &Desk, message: &str) -> u64 {
    let mut settings = Settings::new(Kind::Interaction, Mapping::default());
    settings.format = Some(rolo::exchange::format::Format::Eml);
    let bytes = Box::new(std::io::Cursor::new(message.to_owned().into_bytes()));
    let report = Import::new(desk, settings).run(vec![Input::new("-", bytes)], &mut Quiet).unwrap();
    assert_eq!(report.rejected, 0);
    report.created
}

const ADA: &str = "Ada Novak <ada.novak@customer.example>";
const HELP: &str = "help@rolo.example";

/// A desk where messages open tickets and an hour is promised.
fn support_desk() -> Desk {
    let mut desk = Desk::new(rolo::store::memory().unwrap(), "eva");
    desk.clock = Now::Fixed(Timestamp::from_rfc3339("2026-11-23T08:00:00Z").unwrap());
    let queues = "[support]\naddresses = [\"help@rolo.example\"]\npriority = \"high\"\ncategory = \"question\"\nline = \"first\"\n";
    configure::put(&desk, DefinitionName::Queues, queues).unwrap();
    configure::put(&desk, DefinitionName::Sla, "[all]\nany = { first-response = \"1h\", next-reply = \"30min\", resolution = \"8h\" }\n")
        .unwrap();
    let parse = |text: &str| Assignment::parse(Kind::User, text, &desk.definitions()).unwrap();
    add(&desk, Kind::User, &[parse("login=ben"), parse("name=Ben"), parse("email=ben@rolo.example")]).unwrap();
    add(&desk, Kind::User, &[parse("login=lea"), parse("name=Lea"), parse("email=lea@rolo.example")]).unwrap();
    desk
}

fn ticket(desk: &Desk, id: &str) -> Arc<Record> {
    desk.record(id.parse().unwrap()).unwrap()
}

fn count(desk: &Desk, kind: Kind) -> usize {
    Walk::new(kind, desk.view()).ids(&*desk.store).unwrap().len()
}

fn status(desk: &Desk, id: &str) -> String {
    ticket(desk, id).text(number::STATUS).unwrap().to_owned()
}

#[test]
fn a_message_to_a_queue_opens_a_ticket_and_its_thread_joins_it() {
    let mut desk = support_desk();
    let at = |desk: &mut Desk, moment: &str| desk.clock = Now::Fixed(Timestamp::from_rfc3339(moment).unwrap());
    at(&mut desk, "2026-11-23T09:05:00Z");
    let first = message("one", ADA, HELP, "Mon, 23 Nov 2026 09:00:00 +0000", "Re: Printer is loud", "");
    assert_eq!((arrives(&desk, &first), count(&desk, Kind::Ticket)), (1, 1));
    let opened = ticket(&desk, "t1");
    let text = |field| opened.text(field).unwrap_or_default().to_owned();
    assert_eq!(text(number::TICKET_SUBJECT), "Printer is loud");
    assert_eq!(text(number::TICKET_BODY).trim(), "Some words of one.");
    let given = [number::QUEUE, number::PRIORITY, number::TICKET_CATEGORY, number::SERVICE_LINE, number::TICKET_CHANNEL].map(text);
    assert_eq!(given, ["support", "high", "question", "first", "email"]);
    assert_eq!(opened.time(number::TICKET_OPENED_AT).unwrap().to_string(), "2026-11-23T09:00:00Z", "the clock began when it was written");
    let contact = desk.record(opened.link(number::TICKET_CONTACT).unwrap()).unwrap();
    assert_eq!(naming::title(&contact), "Ada Novak");
    // Twice is once.
    assert_eq!((arrives(&desk, &first), count(&desk, Kind::Ticket), count(&desk, Kind::Interaction)), (0, 1, 1));

    // The answer of one of us goes to the ticket, and is the first response.
    at(&mut desk, "2026-11-23T09:41:00Z");
    let answer = message(
        "two",
        "Ben <ben@rolo.example>",
        "ada.novak@customer.example, help@rolo.example",
        "Mon, 23 Nov 2026 09:40:00 +0000",
        "Re: Printer is loud",
        "In-Reply-To: <one@example.org>\r\nReferences: <one@example.org>\r\n",
    );
    arrives(&desk, &answer);
    assert_eq!(count(&desk, Kind::Ticket), 1);
    assert_eq!(ticket(&desk, "t1").time(number::FIRST_RESPONSE_AT).unwrap().to_string(), "2026-11-23T09:40:00Z");
    actions::set_texts(&desk, &Target::Ids(vec!["t1".parse().unwrap()]), &["status=pending"], None, false).unwrap();

    // A machine's answer neither wakes it nor stands for the customer.
    at(&mut desk, "2026-11-23T10:01:00Z");
    let away = "In-Reply-To: <two@example.org>\r\nReferences: <one@example.org> <two@example.org>\r\nAuto-Submitted: auto-replied\r\n";
    arrives(&desk, &message("three", ADA, HELP, "Mon, 23 Nov 2026 10:00:00 +0000", "Out of office", away));
    assert_eq!((status(&desk, "t1").as_str(), count(&desk, Kind::Ticket)), ("pending", 1));
    let alone = "Auto-Submitted: auto-generated\r\n";
    arrives(&desk, &message("four", "shop@other.example", HELP, "Mon, 23 Nov 2026 10:00:00 +0000", "News", alone));
    assert_eq!(count(&desk, Kind::Ticket), 1, "what a machine wrote is no request");

    // The customer writes again, in a mail without its thread but with the number.
    at(&mut desk, "2026-11-23T11:02:00Z");
    arrives(&desk, &message("five", ADA, HELP, "Mon, 23 Nov 2026 11:00:00 +0000", "[t1] still loud", ""));
    assert_eq!((status(&desk, "t1").as_str(), count(&desk, Kind::Ticket)), ("open", 1));
    let service = insight::service(&*desk.store, &desk.view(), &[ticket(&desk, "t1")]).unwrap().pop().unwrap();
    let next = service.readings.iter().find(|reading| reading.clock == Clock::NextReply).unwrap();
    assert_eq!(next.started.to_string(), "2026-11-23T11:00:00Z");
    let resolution = service.readings.iter().find(|reading| reading.clock == Clock::Resolution).unwrap();
    let waited = resolution.segments.iter().find(|segment| segment.why.to_string() == "waiting: pending").unwrap();
    assert_eq!(waited.to.to_string(), "2026-11-23T11:00:00Z", "from when it was written, and not from when it was taken in");

    // Whoever guesses a number is not let in.
    arrives(&desk, &message("six", "Mallory <m@elsewhere.example>", HELP, "Mon, 23 Nov 2026 11:01:00 +0000", "[t1] tell me", ""));
    assert_eq!(count(&desk, Kind::Ticket), 2);
    assert_eq!(ticket(&desk, "t2").text(number::TICKET_SUBJECT), Some("tell me"));

    // What is solved is opened again; what is closed for good is asked anew.
    actions::solve(&desk, &["t1".parse().unwrap()], "", false).unwrap();
    at(&mut desk, "2026-11-24T09:00:00Z");
    let reply = |id: &str, day: &str| {
        let thread = "In-Reply-To: <two@example.org>\r\nReferences: <one@example.org> <two@example.org>\r\n";
        message(id, ADA, HELP, &format!("{day} Nov 2026 09:00:00 +0000"), "Re: Printer is loud", thread)
    };
    arrives(&desk, &reply("seven", "Tue, 24"));
    assert_eq!(status(&desk, "t1"), "open");
    actions::set_texts(&desk, &Target::Ids(vec!["t1".parse().unwrap()]), &["status=closed"], None, false).unwrap();
    at(&mut desk, "2026-11-25T09:00:00Z");
    arrives(&desk, &reply("eight", "Wed, 25"));
    assert_eq!((status(&desk, "t1").as_str(), count(&desk, Kind::Ticket)), ("closed", 3));
    assert_eq!(ticket(&desk, "t3").text(number::NOTES), Some("follows t1, which is closed"));
    arrives(
        &desk,
        &message(
            "nine",
            ADA,
            HELP,
            "Wed, 25 Nov 2026 09:30:00 +0000",
            "Re: Printer is loud",
            "References: <one@example.org> <eight@example.org>\r\n",
        ),
    );
    assert_eq!(count(&desk, Kind::Ticket), 3, "its thread goes on in the new one");
    // All of it is taken back import by import.
    assert!(actions::undo(&desk, &actions::Which::Last, false, false).is_ok());
    assert!(actions::undo(&desk, &actions::Which::Last, false, false).is_ok());
    assert_eq!(count(&desk, Kind::Ticket), 2);
}

#[test]
fn hostile_mail_opens_no_more_than_a_ticket() {
    let desk = support_desk();
    for (n, subject) in
        ["", "[t99999999999999999999]", "[c1] [a1] [t0]", "\u{1b}]0;x\u{7} re: re: re:", &"x".repeat(5_000)].iter().enumerate()
    {
        arrives(&desk, &message(&format!("h{n}"), "x@y.example", HELP, "Mon, 23 Nov 2026 09:00:00 +0000", subject, ""));
        assert_eq!(count(&desk, Kind::Ticket), n + 1, "{subject}");
    }
    // Without a queue of that address nothing is opened.
    arrives(&desk, &message("z", "x@y.example", "ben@rolo.example", "Mon, 23 Nov 2026 09:00:00 +0000", "Lunch?", ""));
    assert_eq!(count(&desk, Kind::Ticket), 5);
}

#[test]
fn rules_warn_hand_over_and_follow_up_each_once() {
    let mut desk = support_desk();
    let at = |desk: &mut Desk, moment: &str| desk.clock = Now::Fixed(Timestamp::from_rfc3339(moment).unwrap());
    configure::put(&desk, DefinitionName::Teams, "[[team]]\nname = \"Help\"\nlead = \"lea\"\nqueues = [\"support\"]\n").unwrap();
    let rules = "[early]\nat = \"75%\"\nclock = \"first-response\"\nwarn = [\"assignee\", \"lead\"]\n\
                 [second]\nwhen = \"line:first\"\nat = \"100%\"\nline = \"second\"\nqueue = \"network\"\n\
                 [vip]\nwhen = \"line:second tags:vip\"\npriority = \"urgent\"\nassignee = \"ben\"\n\
                 [after]\nafter-solving = \"3d\"\ntask = \"Ask whether it is well\"\n";
    configure::put(&desk, DefinitionName::Escalations, rules).unwrap();
    let parse = |text: &str| Assignment::parse(Kind::Ticket, text, &desk.definitions()).unwrap();
    let words = ["subject=Printer", "queue=support", "line=first", "assignee=ben", "tags=vip"].map(parse);
    add(&desk, Kind::Ticket, &words).unwrap();
    let due = |desk: &Desk| rolo::command::escalate_due(desk).unwrap();
    let tasks = |desk: &Desk| -> Vec<String> {
        let mut told = Vec::new();
        Walk::new(Kind::Task, desk.view())
            .each(&*desk.store, |task| {
                let who = desk.record(task.link(number::TASK_ASSIGNEE).unwrap()).unwrap();
                told.push(format!("{}: {}", naming::title(&who), naming::title(task)));
                Ok::<(), rolo::store::StoreError>(())
            })
            .unwrap();
        told
    };
    at(&mut desk, "2026-11-23T08:30:00Z");
    assert_eq!(due(&desk), [] as [&str; 0], "nothing yet");
    at(&mut desk, "2026-11-23T08:46:00Z");
    assert_eq!(due(&desk).len(), 1);
    let warning = "t1 Printer: first response 76 % used, due 2026-11-23 09:00";
    assert_eq!(tasks(&desk), [format!("Ben: {warning}"), format!("Lea: {warning}")]);
    assert!(due(&desk).is_empty(), "once");
    // A week late: both rules that follow from each other, and still each once.
    at(&mut desk, "2026-11-30T08:00:00Z");
    let done = due(&desk);
    assert_eq!(done.len(), 2, "{done:?}");
    let moved = ticket(&desk, "t1");
    let text = |field| moved.text(field).unwrap_or_default().to_owned();
    assert_eq!([number::SERVICE_LINE, number::QUEUE, number::PRIORITY].map(text), ["second", "network", "urgent"]);
    assert_eq!(moved.link(number::ASSIGNEE), Some("u1".parse().unwrap()));
    assert!(due(&desk).is_empty());
    // What a person takes back stays taken back.
    assert!(actions::undo(&desk, &actions::Which::Last, false, false).is_ok());
    assert!(due(&desk).is_empty());
    actions::solve(&desk, &["t1".parse().unwrap()], "Done.", false).unwrap();
    at(&mut desk, "2026-12-02T08:00:00Z");
    assert!(due(&desk).is_empty());
    at(&mut desk, "2026-12-03T09:00:00Z");
    assert_eq!(due(&desk).len(), 1);
    assert!(tasks(&desk)[2].ends_with(": Ask whether it is well: t1 Printer"), "{:?}", tasks(&desk));
    assert!(due(&desk).is_empty());
}

#[test]
fn what_several_carry_out_at_once_is_done_once() {
    let mut desk = support_desk();
    configure::put(&desk, DefinitionName::Escalations, "[now]\nwhen = \"line:first\"\nwarn = [\"ben\"]\nline = \"second\"\n").unwrap();
    for n in 0..20 {
        let parse = |text: &str| Assignment::parse(Kind::Ticket, text, &desk.definitions()).unwrap();
        add(&desk, Kind::Ticket, &[parse(&format!("subject=Request {n}")), parse("line=first")]).unwrap();
    }
    desk.clock = Now::Fixed(Timestamp::from_rfc3339("2026-11-23T08:01:00Z").unwrap());
    let done: usize = std::thread::scope(|scope| {
        let all: Vec<_> = ["ada", "ben", "eva"]
            .map(|login| {
                let mut desk = desk.clone();
                login.clone_into(&mut desk.author.login);
                scope.spawn(move || rolo::command::escalate_due(&desk).unwrap().len())
            })
            .into();
        all.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!((done, count(&desk, Kind::Task)), (20, 20));
}

#[test]
fn tickets_that_are_one_keep_the_clock_of_the_one_that_stays() {
    let mut desk = support_desk();
    let at = |desk: &mut Desk, moment: &str| desk.clock = Now::Fixed(Timestamp::from_rfc3339(moment).unwrap());
    for subject in ["Printer", "The printer again"] {
        let parse = |text: &str| Assignment::parse(Kind::Ticket, text, &desk.definitions()).unwrap();
        add(&desk, Kind::Ticket, &[parse(&format!("subject={subject}"))]).unwrap();
    }
    at(&mut desk, "2026-11-23T08:10:00Z");
    let set = |desk: &Desk, id: &str, text: &str| {
        actions::set_texts(desk, &Target::Ids(vec![id.parse().unwrap()]), &[text], None, false).unwrap();
    };
    set(&desk, "t1", "status=open");
    at(&mut desk, "2026-11-23T08:20:00Z");
    set(&desk, "t2", "status=pending");
    set(&desk, "t2", "status=solved");
    at(&mut desk, "2026-11-23T09:00:00Z");
    actions::merge(&desk, &["t1".parse().unwrap(), "t2".parse().unwrap()], &actions::MergeOptions::default()).unwrap();
    let read = |desk: &Desk| {
        let service = insight::service(&*desk.store, &desk.view(), &[ticket(desk, "t1")]).unwrap().pop().unwrap();
        let reading = service.readings.into_iter().find(|reading| reading.clock == Clock::Resolution).unwrap();
        (reading.used / 60_000_000, reading.ended.is_some())
    };
    assert_eq!((status(&desk, "t1").as_str(), read(&desk)), ("open", (60, false)));
    at(&mut desk, "2026-11-23T10:00:00Z");
    assert!(actions::undo(&desk, &actions::Which::Last, false, false).is_ok());
    assert_eq!(read(&desk), (120, false), "taken apart, it runs on");
}

/// What it takes, told and not judged: with `ROLO_LONG` the queue of 50,000 open tickets.
#[test]
fn a_large_queue_stands_as_one_sorted_anew_after_each_change() {
    let tickets = if std::env::var_os("ROLO_LONG").is_some() { 50_000 } else { 500 };
    let mut desk = support_desk();
    let lines: Vec<serde_json::Value> = (0..tickets)
        .map(|n: i64| {
            let opened = desk.now().plus_seconds(-60 * (n * 7_919 % 100_000));
            let priority = ["urgent", "high", "normal", "low"][n as usize % 4];
            serde_json::json!({ "subject": format!("Request {n}"), "opened_at": opened.to_string(), "channel": "email", "priority": priority })
        })
        .collect();
    for some in lines.chunks(1_000) {
        actions::add_json(&desk, Kind::Ticket, &some.to_vec().into()).unwrap();
    }
    let mut kept = insight::KeptQueue::default();
    let mut timed = |desk: &Desk, what: &str| {
        let began = std::time::Instant::now();
        let (ids, _) = kept.ids(&*desk.store, &desk.view(), None).unwrap();
        println!("{what}: {} tickets in {:.1} ms", ids.len(), began.elapsed().as_secs_f64() * 1e3);
        ids
    };
    assert_eq!(timed(&desk, "read").len() as i64, tickets);
    let mut dice = Dice(1);
    for _ in 0..10 {
        let id = format!("t{}", 1 + dice.roll(tickets as u64));
        desk.clock = Now::Fixed(desk.now().plus_seconds(60));
        let way = dice.one(&["in", "out"]).to_owned();
        actions::log(&desk, "email", &[&id], "words", &LogOptions { direction: Some(way), ..LogOptions::default() }).unwrap();
        let ids = timed(&desk, "after a message");
        let anew = insight::KeptQueue::default().ids(&*desk.store, &desk.view(), None).unwrap().0;
        assert!(ids == anew, "{id}");
    }
}
