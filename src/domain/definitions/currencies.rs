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

    /// Returns the first day of the rate that a currency has on a day.
    pub fn rate_day(&self, currency: Currency, on: NaiveDate) -> Option<NaiveDate> {
        self.rates.get(&currency)?.range(..=on).next_back().map(|(day, _)| *day)
    }

    /// Returns the currencies that have a rate.
    pub fn iter(&self) -> impl Iterator<Item = Currency> {
        self.rates.keys().copied()
    }
}

/// Returns the text of a definition of currencies with these rates put in: those of days
/// that stand there are replaced, all other lines stay as they are.
pub fn with_rates(text: &str, rates: &[(Currency, NaiveDate, Decimal)]) -> String {
    let mut new: BTreeMap<Currency, BTreeMap<NaiveDate, Decimal>> = BTreeMap::new();
    for (currency, day, rate) in rates {
        new.entry(*currency).or_default().insert(*day, *rate);
    }
    let mut lines: Vec<String> = Vec::new();
    let mut section: Option<Currency> = None;
    let append = |lines: &mut Vec<String>, section: Option<Currency>, new: &mut BTreeMap<Currency, BTreeMap<NaiveDate, Decimal>>| {
        let left = section.and_then(|currency| new.remove(&currency)).unwrap_or_default();
        // Blank lines and comments before the next section stay there.
        let end =
            lines.iter().rposition(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')).map_or(lines.len(), |at| at + 1);
        let left = left.into_iter().map(|(day, rate)| format!("{day} = {rate}"));
        lines.splice(end..end, left.collect::<Vec<_>>());
    };
    for line in text.lines() {
        let bare = line.split('#').next().unwrap_or_default().trim();
        if let Some(name) = bare.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            append(&mut lines, section, &mut new);
            section = Currency::from_code(name.trim().trim_matches(['"', '\'']));
        } else if let Some((day, _)) = bare.split_once('=')
            && let Ok(day) = day.trim().trim_matches(['"', '\'']).parse::<NaiveDate>()
            && let Some(rate) = section.and_then(|currency| new.get_mut(&currency)).and_then(|rates| rates.remove(&day))
        {
            lines.push(format!("{day} = {rate}"));
            continue;
        }
        lines.push(line.to_owned());
    }
    append(&mut lines, section, &mut new);
    for (currency, rates) in new {
        lines.push(String::new());
        lines.push(format!("[{currency}]"));
        lines.extend(rates.into_iter().map(|(day, rate)| format!("{day} = {rate}")));
    }
    let mut text = lines.join("\n");
    text.push('\n');
    text
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::Definitions;

    #[test]
    fn new_rates_leave_all_other_lines_as_they_are() {
        let currency = |code: &str| Currency::from_code(code).unwrap();
        let rate = |code: &str, day: &str, rate: &str| (currency(code), day.parse().unwrap(), rate.parse().unwrap());
        let text = "# ours\nreporting = \"EUR\"\n\n[USD] # dollars\n2026-01-01 = 0.92\n2026-02-01 = 0.93\n\n# the old ones\n[CZK]\n2026-01-01 = 0.04\n";
        let rates = [
            rate("USD", "2026-02-01", "0.94"),
            rate("USD", "2026-03-01", "0.95"),
            rate("GBP", "2026-01-01", "1.15"),
            rate("CZK", "2026-02-01", "0.041"),
        ];
        let after = with_rates(text, &rates);
        assert_eq!(
            after,
            "# ours\nreporting = \"EUR\"\n\n[USD] # dollars\n2026-01-01 = 0.92\n2026-02-01 = 0.94\n2026-03-01 = 0.95\n\n# the old ones\n[CZK]\n2026-01-01 = 0.04\n2026-02-01 = 0.041\n\n[GBP]\n2026-01-01 = 1.15\n"
        );
        assert_eq!(with_rates(&after, &rates), after, "twice is once");
        let read = Definitions::from_documents([("currencies", after.as_str())]).unwrap();
        assert_eq!(read.rate(currency("USD"), "2026-02-15".parse().unwrap()).unwrap().to_string(), "0.94");
    }
}
