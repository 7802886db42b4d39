//! Why the clocks of a ticket stand where they stand, in lines for people: the same behind
//! `:why` and `rolo sla why`.

use chrono_tz::Tz;

use crate::domain::Timestamp;
use crate::domain::service::length;
use crate::domain::zone::wall_clock;
use crate::insight::{Chosen, Service};

/// Returns why a policy applies, in a few words.
pub fn because(service: &Service) -> String {
    match &service.policy {
        None => "no service level applies".to_owned(),
        Some((name, Chosen::Contract(contract))) => format!("{name}, by the contract {contract}"),
        Some((name, Chosen::Ticket)) => format!("{name}, as the ticket says"),
        Some((name, Chosen::Query)) => format!("{name}, the first that fits"),
    }
}

/// Returns the policy of a ticket and all of its clocks, each with the stretches of time that
/// count and those that don't, in lines.
pub fn told(service: &Service, zone: Tz) -> Vec<String> {
    let clock = |at: Timestamp| wall_clock(zone, at).format("%Y-%m-%d %H:%M").to_string();
    let calendar = service.calendar.as_deref().map_or_else(|| "around the clock".to_owned(), |name| format!("calendar {name}"));
    let mut told = vec![format!("{}; {calendar}; times of {}", because(service), zone.name())];
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
