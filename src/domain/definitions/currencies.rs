//! Dated rates of currencies to the one that reports are in, exact.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use toml::de::DeValue;

use super::DefinitionError;
use super::document::{Section, Source};
use crate::domain::{Currency, Date, Decimal};

/// Rates to the reporting currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Currencies {
    /// The reporting currency, where this definition names one.
    pub(super) reporting: Option<Currency>,
    rates: BTreeMap<Currency, BTreeMap<NaiveDate, Decimal>>,
}

impl Currencies {
    pub(super) fn read(source: Source<'_>) -> Result<Self, DefinitionError> {
        let table = source.parse()?;
        let whole = Section::whole(source, &table, "definition of currencies");
        let reporting = whole
            .text("reporting")?
            .map(|code| Currency::from_code(code).ok_or_else(|| no_currency(whole.error_at("reporting", String::new()), code)))
            .transpose()?;
        let mut rates = BTreeMap::new();
        for (code, span, section) in whole.sections("currency") {
            if code == "reporting" {
                continue;
            }
            let currency = Currency::from_code(code).ok_or_else(|| no_currency(source.error(span.clone(), String::new()), code))?;
            if reporting == Some(currency) {
                return Err(source.error(span, format!("{currency} is the reporting currency: it has no rate")));
            }
            if rates.insert(currency, read_rates(source, &section?)?).is_some() {
                return Err(source.error(span, format!("{currency} stands here twice")));
            }
        }
        Ok(Self { reporting, rates })
    }

    /// Returns the exact rate of a currency on a day: that of the latest day given
    /// that is not after it.
    pub(super) fn rate(&self, currency: Currency, on: NaiveDate) -> Option<Decimal> {
        self.rates.get(&currency)?.range(..=on).next_back().map(|(_, rate)| *rate)
    }

    /// Returns the currencies that have a rate.
    pub fn iter(&self) -> impl Iterator<Item = Currency> {
        self.rates.keys().copied()
    }
}

fn no_currency(mut error: DefinitionError, code: &str) -> DefinitionError {
    error.message = format!("\u{201c}{code}\u{201d} is no currency");
    error.hint("a currency is its ISO 4217 code, such as EUR")
}

fn read_rates(source: Source<'_>, section: &Section<'_, '_>) -> Result<BTreeMap<NaiveDate, Decimal>, DefinitionError> {
    let mut rates = BTreeMap::new();
    for (day, span, value) in section.entries() {
        let Some(date) = day.parse::<Date>().ok().and_then(Date::whole) else {
            return Err(source.error(span, format!("\u{201c}{day}\u{201d} is no day")).hint("write 2026-01-31 = 0.92"));
        };
        let text = match value.get_ref() {
            DeValue::Float(number) => number.as_str(),
            DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
            DeValue::String(text) => text,
            other => return Err(source.error(value.span(), format!("a rate must be a number, not {}", other.type_str()))),
        };
        let rate = text.parse::<Decimal>().ok().filter(|rate| rate.units() > 0);
        let Some(rate) = rate else {
            return Err(source.error(value.span(), format!("\u{201c}{text}\u{201d} is no rate")).hint("a number above 0, such as 0.92"));
        };
        rates.insert(date, rate);
    }
    Ok(rates)
}
