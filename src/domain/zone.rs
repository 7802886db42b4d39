//! Time zones: what day it is where, and when a day begins there.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};

use super::{Timestamp, fold};

/// Returns the time zone of an IANA name, without regard to case.
///
/// # Errors
///
/// The name that was probably meant, if there is one.
pub fn zone_named(name: &str) -> Result<Tz, Option<&'static str>> {
    let name = name.trim();
    if let Ok(zone) = name.parse() {
        return Ok(zone);
    }
    if let Some(zone) = TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(name)) {
        return Ok(*zone);
    }
    // A city alone is what people type: Prague is meant as Europe/Prague.
    let city = fold::slug(name);
    let by_city =
        TZ_VARIANTS.iter().map(|zone| zone.name()).find(|known| known.rsplit('/').next().is_some_and(|last| fold::slug(last) == city));
    Err(by_city.filter(|_| !city.is_empty()).or_else(|| fold::nearest(name, TZ_VARIANTS.iter().map(|zone| zone.name()))))
}

/// Returns what a clock on the wall shows in a zone.
pub fn wall_clock(zone: Tz, at: Timestamp) -> NaiveDateTime {
    // The ends of chrono's range have no local time a zone away from UTC.
    let utc = at.utc().naive_utc();
    let latest = NaiveDate::from_ymd_opt(9999, 12, 31).and_then(|day| day.and_hms_opt(23, 59, 59)).expect("a date");
    let first = NaiveDate::from_ymd_opt(1, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0)).expect("a date");
    if utc > latest || utc < first {
        return utc;
    }
    zone.from_utc_datetime(&utc).naive_local()
}

/// Returns which day it is in a zone.
pub fn day_at(zone: Tz, at: Timestamp) -> NaiveDate {
    wall_clock(zone, at).date()
}

/// Returns the moment at which a clock in the zone shows this. Of two (the hour that
/// comes twice in autumn) the first; of none (the hour that is left out in spring,
/// a day left out in the Pacific) the first moment after it.
pub fn moment_at(zone: Tz, wall: NaiveDateTime) -> Timestamp {
    const STEP: i64 = 15;
    for step in 0..=(26 * 60 / STEP) {
        let Some(later) = wall.checked_add_signed(TimeDelta::minutes(step * STEP)) else { break };
        if let Some(found) = zone.from_local_datetime(&later).earliest() {
            if step == 0 {
                return Timestamp::from_utc(found.to_utc());
            }
            return Timestamp::from_utc(first_after_gap(zone, wall).unwrap_or(found).to_utc());
        }
    }
    Timestamp::from_utc(wall.and_utc())
}

/// Returns the moment when a gap in a zone's local time ends: the clock reading taken
/// with the offset that was valid before the gap.
fn first_after_gap(zone: Tz, wall: NaiveDateTime) -> Option<chrono::DateTime<Tz>> {
    let day_before = wall.checked_sub_signed(TimeDelta::hours(26))?;
    let before = zone.from_local_datetime(&day_before).latest()?;
    let (mut low, mut high) = (before.timestamp(), before.timestamp().checked_add(54 * 3600)?);
    let reads = |seconds: i64| zone.timestamp_opt(seconds, 0).single().map(|at| at.naive_local());
    // The last second whose reading is not after the wanted one, by halving.
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if reads(middle)? <= wall { low = middle } else { high = middle }
    }
    zone.timestamp_opt(high, 0).single()
}

/// Returns the first moment of a day in a zone.
pub fn midnight(zone: Tz, day: NaiveDate) -> Timestamp {
    moment_at(zone, day.and_hms_opt(0, 0, 0).expect("midnight is a time"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(zone: &str, wall: &str) -> String {
        moment_at(zone.parse().unwrap(), wall.parse().unwrap()).to_string()
    }

    #[test]
    fn names_of_zones() {
        assert_eq!(zone_named("europe/prague").map(|zone| zone.name()), Ok("Europe/Prague"));
        assert_eq!(zone_named("Prague"), Err(Some("Europe/Prague")));
        assert_eq!(zone_named("Europe/Pragu"), Err(Some("Europe/Prague")));
        assert_eq!(zone_named(""), Err(None));
        assert_eq!(zone_named("\u{1b}[31m"), Err(None));
    }

    #[test]
    fn gaps_and_overlaps() {
        assert_eq!(at("Europe/Prague", "2026-01-31T00:00:00"), "2026-01-30T23:00:00Z");
        // 02:30 does not exist: 03:00 summer time follows 02:00.
        assert_eq!(at("Europe/Prague", "2026-03-29T02:30:00"), "2026-03-29T01:00:00Z");
        // 02:30 comes twice: the first.
        assert_eq!(at("Europe/Prague", "2026-10-25T02:30:00"), "2026-10-25T00:30:00Z");
        // No midnight on this day, and no such day at all.
        assert_eq!(at("America/Sao_Paulo", "2018-11-04T00:00:00"), "2018-11-04T03:00:00Z");
        assert_eq!(at("Pacific/Apia", "2011-12-30T12:00:00"), "2011-12-30T10:00:00Z");
    }

    #[test]
    fn the_ends_of_time_are_no_trouble() {
        let zone: Tz = "Pacific/Kiritimati".parse().unwrap();
        for at in [Timestamp(i64::MIN), Timestamp(i64::MAX), Timestamp::EPOCH] {
            let day = day_at(zone, at);
            let _ = midnight(zone, day);
        }
        let prague: Tz = "Europe/Prague".parse().unwrap();
        assert_eq!(day_at(prague, Timestamp::from_rfc3339("2026-01-31T23:00:00Z").unwrap()).to_string(), "2026-02-01");
    }
}
