//! Spans of days, weeks, months and years: `30d`, `2w`, `3m`, `1y`.

use chrono::{Days, Months, NaiveDate};

/// Returns the day that is a span after another one, or before it; `None` for a text that
/// is no span, or a day that no calendar has. The last day of a month that is too short is
/// meant where the day is missing there.
pub fn shifted(day: NaiveDate, span: &str, back: bool) -> Option<NaiveDate> {
    let span = span.trim();
    let unit = span.chars().next_back()?;
    let count: u32 = span.strip_suffix(unit)?.trim().parse().ok()?;
    let days = |days: u64| if back { day.checked_sub_days(Days::new(days)) } else { day.checked_add_days(Days::new(days)) };
    let months = |months: u32| {
        let months = Months::new(months);
        if back { day.checked_sub_months(months) } else { day.checked_add_months(months) }
    };
    match unit.to_ascii_lowercase() {
        'd' => days(count.into()),
        'w' => days(u64::from(count) * 7),
        'm' => months(count),
        'y' => months(count.checked_mul(12)?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_a_span_away() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        for (from, span, back, to) in [
            ("2026-01-31", "1m", false, "2026-02-28"),
            ("2026-03-31", "1m", true, "2026-02-28"),
            ("2026-01-01", "2w", false, "2026-01-15"),
            ("2026-01-01", "30d", true, "2025-12-02"),
            ("2024-02-29", "1y", false, "2025-02-28"),
        ] {
            assert_eq!(shifted(day(from), span, back), Some(day(to)), "{from} {span}");
        }
        for slip in ["", "m", "3", "3x", "-3d", "99999999999d", "4294967295y", "é"] {
            assert_eq!(shifted(day("2026-01-01"), slip, false), None, "{slip}");
        }
    }
}
