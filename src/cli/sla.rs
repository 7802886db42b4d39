//! Calls about service levels: why a ticket's clocks stand where they stand.

use serde_json::{Map, Value as Json, json};

use super::args::{Format, Sla, SlaCall};
use super::failure::Failure;
use super::output::{Cell, FIGURES, Rows, lines};
use super::session::Session;
use crate::actions::resolve;
use crate::command::{escalate_due, why};
use crate::domain::service::{Clock, Reading};
use crate::domain::{Kind, Timestamp, naming};
use crate::insight::{self, Service};

/// `rolo sla`.
///
/// # Errors
/// As its parts.
pub(super) fn sla(session: &Session, call: &Sla) -> Result<(), Failure> {
    match &call.call {
        SlaCall::Why { ticket } => explain(session, ticket),
        SlaCall::Escalate => lines(escalate_due(&session.desk()?)?),
    }
}

/// `rolo sla why`: on a terminal for people, in json one object with all clocks, else a
/// row for each stretch.
fn explain(session: &Session, ticket: &str) -> Result<(), Failure> {
    let format = session.format(FIGURES)?;
    let desk = session.desk()?;
    let ticket = desk.record(resolve(&desk, &[Kind::Ticket], ticket)?)?;
    let Some(service) = insight::service(&*desk.store, &desk.view(), std::slice::from_ref(&ticket))?.pop() else { return Ok(()) };
    for notice in &service.notices {
        session.say(notice);
    }
    match format {
        Format::Table => {
            let title = format!("{} {}", ticket.id, naming::title(&ticket));
            lines(std::iter::once(title).chain(why::told(&service, desk.zone())))
        }
        Format::Json => lines([serde_json::to_string_pretty(&object(&service)).map_err(std::io::Error::from)?]),
        _ => stretches(session, format, &service),
    }
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
    put("because", json!(why::because(service)));
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
