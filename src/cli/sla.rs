//! Calls about service levels: why a ticket's clocks stand where they stand.

use chrono_tz::Tz;
use serde_json::{Map, Value as Json, json};

use super::args::{Format, Sla, SlaCall};
use super::failure::Failure;
use super::output::{Cell, FIGURES, Rows, lines};
use super::session::Session;
use crate::actions::resolve;
use crate::domain::service::{Clock, Reading, length};
use crate::domain::zone::wall_clock;
use crate::domain::{Kind, Timestamp, naming};
use crate::insight::{self, Chosen, Service};

/// `rolo sla`.
///
/// # Errors
/// As its parts.
pub(super) fn sla(session: &Session, call: &Sla) -> Result<(), Failure> {
    match &call.call {
        SlaCall::Why { ticket } => why(session, ticket),
    }
}

/// `rolo sla why`: on a terminal for people, in json one object with all clocks, else a
/// row for each stretch.
fn why(session: &Session, ticket: &str) -> Result<(), Failure> {
    let format = session.format(FIGURES)?;
    let desk = session.desk()?;
    let ticket = desk.record(resolve(&desk, &[Kind::Ticket], ticket)?)?;
    let Some(service) = insight::service(&*desk.store, &desk.view(), std::slice::from_ref(&ticket))?.pop() else { return Ok(()) };
    for notice in &service.notices {
        session.say(notice);
    }
    match format {
        Format::Table => lines(told(&service, &format!("{} {}", ticket.id, naming::title(&ticket)), desk.zone())),
        Format::Json => lines([serde_json::to_string_pretty(&object(&service)).map_err(std::io::Error::from)?]),
        _ => stretches(session, format, &service),
    }
}

/// Returns why a policy applies, in a few words.
fn because(service: &Service) -> String {
    match &service.policy {
        None => "no service level applies".to_owned(),
        Some((name, Chosen::Contract(contract))) => format!("{name}, by the contract {contract}"),
        Some((name, Chosen::Ticket)) => format!("{name}, as the ticket says"),
        Some((name, Chosen::Query)) => format!("{name}, the first that fits"),
    }
}

fn told(service: &Service, title: &str, zone: Tz) -> Vec<String> {
    let clock = |at: Timestamp| wall_clock(zone, at).format("%Y-%m-%d %H:%M").to_string();
    let calendar = service.calendar.as_deref().map_or_else(|| "around the clock".to_owned(), |name| format!("calendar {name}"));
    let mut told = vec![title.to_owned(), format!("{}; {calendar}; times of {}", because(service), zone.name())];
    for reading in &service.readings {
        let of = reading.target.map_or_else(String::new, |target| format!(" of {}", length(target)));
        let due = match (reading.due, reading.ended) {
            (_, Some(ended)) => format!(", ended {}", clock(ended)),
            (Some(due), None) => format!(", due {}", clock(due)),
            (None, None) => String::new(),
        };
        told.push(String::new());
        told.push(format!("{}: {}, {}{of}{due}", reading.clock.said(), reading.standing.said(), length(reading.used)));
        for segment in &reading.segments {
            told.push(format!("  {}  {}  {:>12}  {}", clock(segment.from), clock(segment.to), length(segment.micros()), segment.why));
        }
    }
    told
}

fn minutes(micros: i64) -> f64 {
    micros as f64 / 60e6
}

fn object(service: &Service) -> Map<String, Json> {
    let mut object = Map::new();
    let mut put = |name: &str, value: Json| {
        if !value.is_null() {
            object.insert(name.to_owned(), value);
        }
    };
    put("ticket", json!(service.ticket.to_string()));
    put("policy", json!(service.policy.as_ref().map(|(name, _)| name)));
    put("because", json!(because(service)));
    put("calendar", json!(service.calendar));
    put("clocks", service.readings.iter().map(clock_object).collect());
    object
}

fn clock_object(reading: &Reading) -> Json {
    let mut object = Map::new();
    let at = |at: Option<Timestamp>| at.map(|at| at.to_string());
    for (name, value) in [
        ("clock", json!(reading.clock.name())),
        ("standing", json!(reading.standing.said())),
        ("started", json!(reading.started.to_string())),
        ("ended", json!(at(reading.ended))),
        ("due", json!(at(reading.due))),
        ("used_minutes", json!(minutes(reading.used))),
        ("target_minutes", json!(reading.target.map(minutes))),
    ] {
        if !value.is_null() {
            object.insert(name.to_owned(), value);
        }
    }
    let segments = reading.segments.iter().map(|segment| {
        json!({
            "from": segment.from.to_string(),
            "to": segment.to.to_string(),
            "minutes": minutes(segment.micros()),
            "counts": segment.counts(),
            "why": segment.why.to_string(),
        })
    });
    object.insert("segments".to_owned(), segments.collect());
    Json::Object(object)
}

fn stretches(session: &Session, format: Format, service: &Service) -> Result<(), Failure> {
    let mut rows = Rows::new(session, format, &["clock", "from", "to", "minutes", "counts", "why"].map(str::to_owned))?;
    for reading in &service.readings {
        for segment in &reading.segments {
            let number = serde_json::Number::from_f64(minutes(segment.micros()));
            let cell = number.map_or_else(Cell::default, Cell::number);
            let counts = if segment.counts() { "yes" } else { "no" };
            let clock: Clock = reading.clock;
            let cells = [
                Cell::text(clock.name()),
                Cell::text(segment.from.to_string()),
                Cell::text(segment.to.to_string()),
                cell,
                Cell { text: counts.to_owned(), json: Some(Json::Bool(segment.counts())) },
                Cell::text(segment.why.to_string()),
            ];
            rows.row(clock.name(), &cells)?;
        }
    }
    rows.finish()
}
