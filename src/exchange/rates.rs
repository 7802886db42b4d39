//! Rates of currencies from a table: a row for each day and currency (`date,currency,rate`),
//! or a column for each currency, as central banks write them (`Date,USD,JPY`).
//!
//! A rate is what one unit is worth in the reporting currency; banks write the other way
//! round, what one unit of theirs buys, and then each is turned, to twelve digits.

use std::io::Read;

use chrono::NaiveDate;

use crate::domain::{Currency, Date, Decimal};

/// A rate from a day on.
pub type Rate = (Currency, NaiveDate, Decimal);

/// The most rates of one file.
const MOST: usize = 1_000_000;

/// Reads the rates of a table. Cells that are empty or say `N/A` are passed over.
///
/// # Errors
/// The first cell that cannot be read, with its line.
pub fn read_rates(source: impl Read, turned: bool) -> Result<Vec<Rate>, RatesError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(source);
    let wrong = |line: u64, message: String| RatesError { line, message };
    let header = reader.headers().map_err(|error| wrong(1, error.to_string()))?.clone();
    let place = |names: &[&str]| {
        header.iter().position(|name| names.iter().any(|known| name.trim_start_matches('\u{feff}').eq_ignore_ascii_case(known)))
    };
    let Some(day) = place(&["date", "day", "time_period"]) else {
        return Err(wrong(1, "no column is called date".to_owned()));
    };
    let long = place(&["currency", "code"]).zip(place(&["rate", "value", "obs_value"]));
    let wide: Vec<(usize, Currency)> = header.iter().enumerate().filter_map(|(at, name)| Some((at, Currency::from_code(name)?))).collect();
    if long.is_none() && wide.is_empty() {
        return Err(wrong(1, "the columns are neither currency and rate nor called after currencies".to_owned()));
    }
    let mut rates = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| wrong(error.position().map_or(0, csv::Position::line), error.to_string()))?;
        let line = row.position().map_or(0, csv::Position::line);
        let cell = |at: usize| row.get(at).unwrap_or_default();
        if row.iter().all(str::is_empty) {
            continue;
        }
        let date = cell(day)
            .parse::<Date>()
            .ok()
            .and_then(Date::whole)
            .ok_or_else(|| wrong(line, format!("\u{201c}{}\u{201d} is no day", cell(day))))?;
        let cells: Vec<(Currency, &str)> = match long {
            Some((code, rate)) => {
                let currency =
                    Currency::from_code(cell(code)).ok_or_else(|| wrong(line, format!("\u{201c}{}\u{201d} is no currency", cell(code))))?;
                vec![(currency, cell(rate))]
            }
            None => wide.iter().map(|(at, currency)| (*currency, cell(*at))).collect(),
        };
        for (currency, text) in cells {
            if text.is_empty() || text.eq_ignore_ascii_case("n/a") || text == "-" {
                continue;
            }
            let rate = text.parse::<Decimal>().ok().filter(|rate| rate.units() > 0);
            let rate = rate.and_then(|rate| if turned { turn(rate) } else { Some(rate) });
            rates.push((currency, date, rate.ok_or_else(|| wrong(line, format!("\u{201c}{text}\u{201d} is no rate of {currency}")))?));
        }
        if rates.len() > MOST {
            return Err(wrong(line, format!("a file has at most {MOST} rates")));
        }
    }
    Ok(rates)
}

/// One divided by a rate, to twelve digits.
fn turn(rate: Decimal) -> Option<Decimal> {
    const DIGITS: u8 = 12;
    let number = 10_i128.checked_pow(u32::from(rate.scale()) + u32::from(DIGITS))?;
    let by = i128::from(rate.units());
    let units = (number + by / 2) / by;
    Decimal::new(i64::try_from(units).ok()?, DIGITS).filter(|rate| rate.units() > 0)
}

/// What is wrong in a table of rates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct RatesError {
    /// Which line, from 1.
    pub line: u64,
    /// What is wrong.
    pub message: String,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(text: &str, turned: bool) -> Result<Vec<String>, String> {
        let told = |rates: Vec<Rate>| rates.into_iter().map(|(currency, day, rate)| format!("{currency} {day} {rate}")).collect();
        read_rates(text.as_bytes(), turned).map(told).map_err(|error| error.to_string())
    }

    #[test]
    fn rates_stand_in_rows_or_in_columns() {
        assert_eq!(
            read("date,currency,rate\n2026-01-01,USD,0.92\n\n2026-01-02,czk,0.04\n", false).unwrap(),
            ["USD 2026-01-01 0.92", "CZK 2026-01-02 0.04"]
        );
        assert_eq!(
            read("Date,USD,JPY,\n2026-01-01,1.25,N/A,\n2026-01-02,,160,\n", true).unwrap(),
            ["USD 2026-01-01 0.8", "JPY 2026-01-02 0.00625"]
        );
    }

    #[test]
    fn what_is_no_rate_is_told_with_its_line() {
        for (text, said) in [
            ("a,b\n1,2", "line 1: no column is called date"),
            ("date,b\n1,2", "line 1: the columns are neither currency and rate nor called after currencies"),
            ("date,USD\nsoon,2", "line 2: \u{201c}soon\u{201d} is no day"),
            ("date,currency,rate\n2026-01-01,USD,1\n2026-01-01,USD,-1", "line 3: \u{201c}-1\u{201d} is no rate of USD"),
            ("date,currency,rate\n2026-01-01,XYZ,1", "line 2: \u{201c}XYZ\u{201d} is no currency"),
        ] {
            assert_eq!(read(text, false).unwrap_err(), said);
        }
    }
}
