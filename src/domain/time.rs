//! Moments in time, exact to the microsecond, in UTC.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The first moment of 1970.
    pub const EPOCH: Self = Self(0);

    /// Returns the moment of a chrono time.
    pub fn from_utc(at: DateTime<Utc>) -> Self {
        Self(at.timestamp_micros())
    }

    /// Returns the chrono time; a moment outside chrono's range is its nearest end.
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or(if self.0 < 0 { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC })
    }

    /// Returns the moment of an RFC 3339 text with an offset.
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|at| Self::from_utc(at.with_timezone(&Utc)))
    }

    /// Returns the moment this many seconds later.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC; fractions of a second only where there are some.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = match self.0.rem_euclid(1_000_000) {
            0 => SecondsFormat::Secs,
            part if part % 1_000 == 0 => SecondsFormat::Millis,
            _ => SecondsFormat::Micros,
        };
        f.write_str(&self.utc().to_rfc3339_opts(format, true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_what_it_reads() {
        for text in ["2026-01-31T12:00:00Z", "1965-12-31T23:59:59.5Z", "2025-12-19T21:00:52.123456Z"] {
            let at = Timestamp::from_rfc3339(text).expect("valid");
            assert_eq!(Timestamp::from_rfc3339(&at.to_string()), Some(at));
        }
        assert_eq!(Timestamp(1_500_000).to_string(), "1970-01-01T00:00:01.500Z");
    }
}
