//! Contracts in time: until when one runs, by when it must be ended, and to when it renews
//! itself. It must not know the clock.

use chrono::NaiveDate;

use super::fields::number;
use super::span::shifted;
use super::{Record, Value, fold};

/// The states in which a contract does nothing any more, or not yet.
const STILL: [&str; 4] = ["draft", "ended", "cancelled", "canceled"];

/// The days of a contract.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dates {
    /// Its first day.
    pub start: Option<NaiveDate>,
    /// Its last day.
    pub end: Option<NaiveDate>,
    /// The last day on which it can be ended before it renews itself, or as was agreed.
    pub notice: Option<NaiveDate>,
    /// Its last day after it has renewed itself.
    pub renewed: Option<NaiveDate>,
}

/// Returns whether a contract is in force as far as its state says.
pub fn is_in_force(contract: &Record) -> bool {
    let state = contract.text(number::CONTRACT_STATUS).map(fold::fold);
    !contract.has(number::TRASHED_AT) && state.is_none_or(|state| !STILL.contains(&state.as_str()))
}

/// Returns the days of a contract. Spans count from the day after its last one, so that
/// what ends with a month goes on ending with one.
pub fn dates(contract: &Record) -> Dates {
    let day = |field| contract.first(field).and_then(Value::as_date);
    let end = day(number::CONTRACT_END).and_then(super::Date::span).map(|(_, last)| last);
    let from_end = |field, back| shifted(end?.succ_opt()?, contract.text(field)?, back)?.pred_opt();
    Dates {
        start: day(number::CONTRACT_START).and_then(super::Date::span).map(|(first, _)| first),
        end,
        notice: from_end(number::CONTRACT_NOTICE, true),
        renewed: from_end(number::CONTRACT_RENEWAL, false).filter(|renewed| Some(*renewed) > end),
    }
}

/// Returns the last day of a contract that has renewed itself as often as it had to by
/// `today`; `None` where it has not ended yet, or does not renew itself.
pub fn renewed_by(contract: &Record, today: NaiveDate) -> Option<NaiveDate> {
    /// A contract of a day that was forgotten for a century.
    const MOST: usize = 40_000;
    let mut contract = contract.clone();
    let mut last = None;
    for _ in 0..MOST {
        let Dates { end: Some(end), renewed: Some(renewed), .. } = dates(&contract) else { break };
        if end >= today {
            break;
        }
        contract.set(number::CONTRACT_END, Value::Date(super::Date::from_naive(renewed)?));
        last = Some(renewed);
    }
    last
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::{Kind, RecordId};

    fn contract(end: &str, notice: &str, renewal: &str) -> Record {
        let mut contract = Record::new(RecordId::new(Kind::Contract, 1));
        contract.set(number::CONTRACT_END, Value::Date(end.parse().unwrap()));
        for (field, text) in [(number::CONTRACT_NOTICE, notice), (number::CONTRACT_RENEWAL, renewal)] {
            if !text.is_empty() {
                contract.set(field, Value::text(text));
            }
        }
        contract
    }

    #[test]
    fn spans_count_from_the_day_after_the_last() {
        let day = |text: &str| Some(text.parse::<NaiveDate>().unwrap());
        let dates_of = |end, notice, renewal| dates(&contract(end, notice, renewal));
        assert_eq!(dates_of("2026-12-31", "3m", "1y").notice, day("2026-09-30"));
        assert_eq!(dates_of("2026-12-31", "3m", "1y").renewed, day("2027-12-31"));
        assert_eq!(dates_of("2026-11-30", "", "1m").renewed, day("2026-12-31"));
        assert_eq!(dates_of("2026", "30d", "").notice, day("2026-12-01"));
        assert_eq!(dates_of("2026-12-31", "", "0d").renewed, None, "a renewal by nothing is none");
    }

    #[test]
    fn what_was_forgotten_has_renewed_itself_more_than_once() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let monthly = contract("2026-01-31", "", "1m");
        assert_eq!(renewed_by(&monthly, day("2026-01-31")), None, "its last day is still its");
        assert_eq!(renewed_by(&monthly, day("2026-02-01")), Some(day("2026-02-28")));
        assert_eq!(renewed_by(&monthly, day("2026-06-15")), Some(day("2026-06-30")));
        assert_eq!(renewed_by(&contract("2026-01-31", "", ""), day("2027-01-01")), None);
    }
}
