//! The time zones of a calendar: names of the IANA, of Windows, of whoever wrote it, and
//! definitions of their own. It must not know events.

use std::collections::BTreeMap;
use std::str::FromStr;

use calcard::common::timezone::Tz as Known;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType as Type, ICalendarProperty as Property, ICalendarValue as Value,
};
use chrono::{FixedOffset, NaiveDate, NaiveDateTime, Offset, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};

use crate::domain::Timestamp;
use crate::domain::zone::moment_at;

/// How many definitions are kept.
const MOST: usize = 1_000;

/// Zones that are meant most often where only their hours are known.
const USUAL: [Tz; 12] = [
    Tz::Europe__Berlin,
    Tz::Europe__London,
    Tz::Europe__Athens,
    Tz::America__New_York,
    Tz::America__Chicago,
    Tz::America__Denver,
    Tz::America__Los_Angeles,
    Tz::Asia__Tokyo,
    Tz::Asia__Kolkata,
    Tz::Australia__Sydney,
    Tz::Pacific__Auckland,
    Tz::America__Sao_Paulo,
];

/// Where a time is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    /// In a zone with a name.
    Named(Tz),
    /// So far from UTC all year.
    Fixed(FixedOffset),
}

impl Zone {
    /// Returns the moment at which a clock there shows this.
    pub(super) fn moment(self, wall: NaiveDateTime) -> Option<Timestamp> {
        match self {
            Self::Named(zone) => Some(moment_at(zone, wall)),
            Self::Fixed(offset) => wall.checked_sub_offset(offset).map(|utc| Timestamp::from_utc(utc.and_utc())),
        }
    }

    /// Returns its name, if it has one.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Named(zone) => Some(zone.name()),
            Self::Fixed(_) => None,
        }
    }
}

/// The zones of a calendar so far.
#[derive(Debug, Default)]
pub(super) struct Zones {
    known: BTreeMap<String, Option<Zone>>,
    /// The zone of times that name none (`X-WR-TIMEZONE`).
    pub(super) usual: Option<Tz>,
}

impl Zones {
    /// Takes a definition in.
    pub(super) fn define(&mut self, calendar: &ICalendar) {
        let Some(definition) = calendar.components.first() else { return };
        let id = definition.entries.iter().find(|entry| entry.name == Property::Tzid).and_then(|entry| entry.values.first());
        let Some(Value::Text(id)) = id else { return };
        if self.known.len() < MOST {
            let zone = definition.timezone().and_then(|(_, known)| of_library(known)).or_else(|| named(id)).or_else(|| by_hours(calendar));
            self.known.insert(id.clone(), zone);
        }
    }

    /// Returns the zone of a name, if anybody knows it.
    pub(super) fn find(&self, id: &str) -> Option<Zone> {
        self.known.get(id).copied().flatten().or_else(|| named(id))
    }
}

fn of_library(known: Known) -> Option<Zone> {
    match known {
        Known::Tz(zone) => Some(Zone::Named(zone)),
        Known::Fixed(offset) => Some(Zone::Fixed(offset)),
        Known::Floating => None,
    }
}

/// Returns the zone that a name means: its own, or one that stands at its end, as in
/// `/example.org/20050809/Europe/Prague`.
fn named(id: &str) -> Option<Zone> {
    let id = id.trim().trim_matches('"');
    if let Some(zone) = Known::from_str(id).ok().and_then(of_library) {
        return Some(zone);
    }
    let known = |name: &str| TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(name)).copied();
    let mut rest = id;
    loop {
        // A place alone may be anybody's; a region and a place are not.
        if (rest.contains('/') || rest == id)
            && let Some(zone) = known(rest)
        {
            return Some(Zone::Named(zone));
        }
        rest = rest.split_once('/')?.1;
    }
}

/// Returns a zone that has the hours that a definition gives.
fn by_hours(calendar: &ICalendar) -> Option<Zone> {
    let observance = |wanted: Type| calendar.components.iter().find(|component| component.component_type == wanted);
    let standard = observance(Type::Standard);
    let daylight = observance(Type::Daylight);
    let (Some(standard), Some(daylight)) = (standard, daylight) else {
        return standard.or(daylight).and_then(offset_to).map(Zone::Fixed);
    };
    let (winter, summer) = (offset_to(standard)?, offset_to(daylight)?);
    // Summer begins before the middle of the year in the north.
    let month = daylight.entries.iter().find(|entry| entry.name == Property::Dtstart).and_then(|entry| match entry.values.first() {
        Some(Value::PartialDateTime(moment)) => moment.month,
        _ => None,
    });
    let is_north = month.is_none_or(|month| month < 8);
    let in_month = |zone: &Tz, year: i32, month: u32| {
        let noon = NaiveDate::from_ymd_opt(year, month, 15).and_then(|day| day.and_hms_opt(12, 0, 0)).unwrap_or_default();
        zone.offset_from_utc_datetime(&noon).fix()
    };
    let (warm, cold): (&[u32], &[u32]) = if is_north { (&[5, 7, 9], &[1, 12]) } else { (&[1, 12], &[6, 7]) };
    let keeps = |zone: &Tz, year: i32| {
        warm.iter().all(|month| in_month(zone, year, *month) == summer) && cold.iter().all(|month| in_month(zone, year, *month) == winter)
    };
    // Some countries have changed no clocks for years.
    let years = [2024, 2008, 1998];
    let found = years.iter().find_map(|year| USUAL.iter().chain(TZ_VARIANTS.iter()).find(|zone| keeps(zone, *year)));
    found.copied().map(Zone::Named)
}

fn offset_to(observance: &ICalendarComponent) -> Option<FixedOffset> {
    let entry = observance.entries.iter().find(|entry| entry.name == Property::Tzoffsetto)?;
    let Some(Value::PartialDateTime(moment)) = entry.values.first() else { return None };
    let seconds = i32::from(moment.tz_hour?) * 3_600 + i32::from(moment.tz_minute.unwrap_or_default()) * 60;
    FixedOffset::east_opt(if moment.tz_minus { -seconds } else { seconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_known_by_many_names() {
        let zones = Zones::default();
        let name = |id: &str| zones.find(id).and_then(Zone::name);
        assert_eq!(name("Europe/Prague"), Some("Europe/Prague"));
        assert_eq!(name("europe/prague"), Some("Europe/Prague"));
        assert_eq!(name("Central Europe Standard Time"), Some("Europe/Budapest"));
        assert_eq!(name("/freeassociation.sourceforge.net/Tzfile/Europe/Prague"), Some("Europe/Prague"));
        assert_eq!(name("/example.org/20050809_5/America/Chicago"), Some("America/Chicago"));
        assert_eq!(name("Customized Time Zone"), None);
        assert_eq!(name(""), None);
    }

    #[test]
    fn a_definition_without_a_name_is_known_by_its_hours() {
        let text = "BEGIN:VTIMEZONE\nTZID:Ours\nBEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\n\
                    BEGIN:DAYLIGHT\nDTSTART:16010301T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nEND:DAYLIGHT\nEND:VTIMEZONE\n";
        let mut zones = Zones::default();
        zones.define(&ICalendar::parse(text).expect("a zone"));
        assert_eq!(zones.find("Ours").and_then(Zone::name), Some("Europe/Berlin"));
        let fixed = "BEGIN:VTIMEZONE\nTZID:Mine\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0530\nTZOFFSETTO:+0545\nEND:STANDARD\nEND:VTIMEZONE\n";
        zones.define(&ICalendar::parse(fixed).expect("a zone"));
        assert_eq!(zones.find("Mine"), FixedOffset::east_opt(20_700).map(Zone::Fixed));
    }
}
