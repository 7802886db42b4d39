//! What opportunities are worth together: counts, sums per currency, weighted sums, and
//! both in the reporting currency.
//!
//! Sums are exact: whole minor units, and minor units times per cent, in 128 bits,
//! divided and rounded once at the end, half away from zero. The weighted sum is that of
//! the common systems (Odoo's `crm_lead.py`, EspoCRM's `amountWeightedConverted`): each
//! open deal's amount times its own probability, else its stage's; won counts whole, lost
//! not at all. What is open has the rate of the day on which it is asked about; what is
//! closed keeps the rate of the day on which it closed. An amount in a currency without a
//! rate on the day is never guessed: it is counted as unpriced.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::fields::number;
use super::zone::day_at;
use super::{Currency, Definitions, Money, Record, Value};

/// Sums of one currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sum {
    count: u64,
    minor: i128,
    /// Minor units times per cent.
    weighted: i128,
}

/// Whose rate an amount has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum RateOf {
    /// The day on which it is asked about.
    Asking,
    /// That of a day for good: the first on which that rate was valid, so that there
    /// are no more of them than there are rates; none where there was no rate.
    Day(Option<NaiveDate>),
}

/// Amounts added up, per currency and rate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Worth {
    count: u64,
    sums: BTreeMap<(Currency, RateOf), Sum>,
}

/// A worth in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Priced {
    /// The reporting currency.
    pub currency: Currency,
    /// How many were added, with and without an amount.
    pub count: u64,
    /// The sum in minor units.
    pub sum: i128,
    /// The weighted sum in minor units.
    pub weighted: i128,
    /// How many have an amount that has no rate, and are in neither sum.
    pub unpriced: u64,
}

impl Worth {
    /// Returns the worth of these opportunities.
    pub fn of<'r>(opportunities: impl IntoIterator<Item = &'r Record>, definitions: &Definitions) -> Self {
        let mut worth = Self::default();
        opportunities.into_iter().for_each(|record| worth.add_record(record, definitions));
        worth
    }

    /// Adds an opportunity with its probability; what is closed has the rate of the day
    /// on which it closed.
    pub fn add_record(&mut self, opportunity: &Record, definitions: &Definitions) {
        let amount = opportunity.first(number::AMOUNT).and_then(Value::as_money);
        let closed = definitions.meaning_of(opportunity).is_closed();
        let closed = opportunity.time(number::OPPORTUNITY_CLOSED_AT).filter(|_| closed);
        let on = closed.map(|at| day_at(definitions.settings.timezone, at));
        self.add_on(amount, definitions.probability_of(opportunity), on, definitions);
    }

    /// Adds an amount with its probability in per cent.
    pub fn add(&mut self, amount: Option<Money>, percent: u8) {
        self.add_at(amount, percent, RateOf::Asking);
    }

    /// Adds an amount with its probability, which keeps the rate of a day if one is given.
    pub fn add_on(&mut self, amount: Option<Money>, percent: u8, on: Option<NaiveDate>, definitions: &Definitions) {
        let rate = match (amount, on) {
            (Some(money), Some(on)) if money.currency != definitions.reporting_currency() => {
                RateOf::Day(definitions.currencies.rate_day(money.currency, on))
            }
            _ => RateOf::Asking,
        };
        self.add_at(amount, percent, rate);
    }

    fn add_at(&mut self, amount: Option<Money>, percent: u8, rate: RateOf) {
        self.count += 1;
        if let Some(Money { minor, currency }) = amount {
            let sum = self.sums.entry((currency, rate)).or_default();
            sum.count += 1;
            sum.minor += i128::from(minor);
            sum.weighted += i128::from(minor) * i128::from(percent);
        }
    }

    /// Adds what another worth sums up.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        for (key, more) in &other.sums {
            let sum = self.sums.entry(*key).or_default();
            sum.count += more.count;
            sum.minor += more.minor;
            sum.weighted += more.weighted;
        }
    }

    /// Returns how many were added, with and without an amount.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns what each currency sums up to, whatever its rates.
    fn by_currency(&self) -> BTreeMap<Currency, Sum> {
        let mut all: BTreeMap<Currency, Sum> = BTreeMap::new();
        for ((currency, _), more) in &self.sums {
            let sum = all.entry(*currency).or_default();
            sum.count += more.count;
            sum.minor += more.minor;
            sum.weighted += more.weighted;
        }
        all
    }

    /// Returns the sum of each currency in minor units, in the order of their codes.
    pub fn sums(&self) -> impl Iterator<Item = (Currency, i128)> {
        self.by_currency().into_iter().map(|(currency, sum)| (currency, sum.minor))
    }

    /// Returns the weighted sum of each currency in minor units.
    pub fn weighted(&self) -> impl Iterator<Item = (Currency, i128)> {
        self.by_currency().into_iter().map(|(currency, sum)| (currency, divide(sum.weighted, 100)))
    }

    /// Returns the only currency of the amounts, if that has no rate at all: sums are
    /// then told in it.
    pub fn own_currency(&self, definitions: &Definitions, on: NaiveDate) -> Option<Currency> {
        let mut currencies = self.sums.keys().map(|(currency, _)| *currency);
        let only = currencies.next()?;
        let alone = currencies.all(|other| other == only) && definitions.rate(only, on).is_none();
        (alone && !self.sums.keys().any(|(_, rate)| matches!(rate, RateOf::Day(Some(_))))).then_some(only)
    }

    /// Returns both sums in a currency, for amounts that are all in it: no rate is needed.
    pub fn in_currency(&self, currency: Currency) -> Priced {
        let sums = self.by_currency();
        let own = sums.get(&currency).copied().unwrap_or_default();
        let all: u64 = sums.values().map(|sum| sum.count).sum();
        Priced { currency, count: self.count, sum: own.minor, weighted: divide(own.weighted, 100), unpriced: all - own.count }
    }

    /// Returns both sums in a currency of their own, or in the reporting currency.
    pub fn told(&self, own: Option<Currency>, definitions: &Definitions, on: NaiveDate) -> Priced {
        own.map_or_else(|| self.priced(definitions, on), |own| self.in_currency(own))
    }

    /// Returns both sums in the reporting currency at the rates of a day, rounded once.
    pub fn priced(&self, definitions: &Definitions, on: NaiveDate) -> Priced {
        let currency = definitions.reporting_currency();
        let mut sum = Fraction::default();
        let mut weighted = Fraction::default();
        let mut unpriced = 0;
        for ((from, rate), part) in &self.sums {
            let day = match rate {
                RateOf::Asking => Some(on),
                RateOf::Day(day) => *day,
            };
            let added = day
                .and_then(|day| Rate::of(*from, definitions, day))
                .and_then(|rate| Some((sum.plus(rate.apply(part.minor)?)?, weighted.plus(rate.apply(part.weighted)?.over_hundred()?)?)));
            match added {
                Some(both) => (sum, weighted) = both,
                None => unpriced += part.count,
            }
        }
        Priced { currency, count: self.count, sum: sum.rounded(), weighted: weighted.rounded(), unpriced }
    }
}

/// Returns an amount in minor units of the reporting currency at the rate of a day,
/// rounded half away from zero; `None` without a rate.
pub fn in_reporting_currency(amount: Money, definitions: &Definitions, on: NaiveDate) -> Option<i128> {
    Rate::of(amount.currency, definitions, on)?.apply(i128::from(amount.minor)).map(Fraction::rounded)
}

/// What a minor unit of one currency is in minor units of the reporting one:
/// `units` / 10^`scale`.
#[derive(Clone, Copy)]
struct Rate {
    units: i128,
    scale: u32,
}

impl Rate {
    fn of(from: Currency, definitions: &Definitions, on: NaiveDate) -> Option<Self> {
        let rate = definitions.rate(from, on)?;
        let (more, less) = (u32::from(definitions.reporting_currency().digits()), u32::from(from.digits()));
        // A yen has no cents: a minor unit of it is a hundred of a euro's at par.
        let units = i128::from(rate.units()) * 10_i128.pow(more.saturating_sub(less));
        Some(Self { units, scale: u32::from(rate.scale()) + less.saturating_sub(more) })
    }

    fn apply(self, minor: i128) -> Option<Fraction> {
        Some(Fraction { units: minor.checked_mul(self.units)?, scale: self.scale })
    }
}

/// `units` / 10^`scale`, exactly.
#[derive(Clone, Copy, Default)]
struct Fraction {
    units: i128,
    scale: u32,
}

impl Fraction {
    fn plus(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let at = |fraction: Self| fraction.units.checked_mul(10_i128.checked_pow(scale - fraction.scale)?);
        Some(Self { units: at(self)?.checked_add(at(other)?)?, scale })
    }

    fn over_hundred(self) -> Option<Self> {
        Some(Self { units: self.units, scale: self.scale.checked_add(2)? })
    }

    fn rounded(self) -> i128 {
        divide(self.units, 10_i128.checked_pow(self.scale).unwrap_or(i128::MAX))
    }
}

/// Divides and rounds half away from zero.
fn divide(number: i128, by: i128) -> i128 {
    let (whole, rest) = (number / by, number % by);
    if rest.unsigned_abs() >= by.unsigned_abs() - by.unsigned_abs() / 2 { whole + number.signum() } else { whole }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn money(minor: i64, code: &str) -> Money {
        Money { minor, currency: Currency::from_code(code).unwrap() }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn definitions() -> Definitions {
        let rates = "reporting = \"CZK\"\n[EUR]\n2026-01-01 = 25.125\n[JPY]\n2026-01-01 = 0.155\n[KWD]\n2026-01-01 = 70";
        Definitions::from_documents([("currencies", rates)]).unwrap()
    }

    #[test]
    fn sums_are_exact_and_rounded_once() {
        let mut worth = Worth::default();
        // Three thirds of a cent's worth of probability would be lost if each were rounded.
        (0..3).for_each(|_| worth.add(Some(money(1, "EUR")), 33));
        worth.add(None, 50);
        worth.add(Some(money(10_001, "EUR")), 75);
        assert_eq!(worth.count(), 5);
        assert_eq!(worth.sums().collect::<Vec<_>>(), [(money(0, "EUR").currency, 10_004)]);
        // (3 * 33 + 10001 * 75) / 100 = 7501.74
        assert_eq!(worth.weighted().next().unwrap().1, 7502);
    }

    #[test]
    fn conversion_is_exact_between_currencies_of_other_digits() {
        let definitions = definitions();
        let on = day("2026-02-01");
        assert_eq!(in_reporting_currency(money(10_000, "EUR"), &definitions, on), Some(251_250));
        assert_eq!(in_reporting_currency(money(100, "JPY"), &definitions, on), Some(1550));
        assert_eq!(in_reporting_currency(money(1_000, "KWD"), &definitions, on), Some(7_000));
        assert_eq!(in_reporting_currency(money(4, "EUR"), &definitions, on), Some(101));
        assert_eq!(in_reporting_currency(money(-4, "EUR"), &definitions, on), Some(-101));
        assert_eq!(in_reporting_currency(money(5, "CZK"), &definitions, on), Some(5));
        assert_eq!(in_reporting_currency(money(5, "USD"), &definitions, on), None);
        assert_eq!(in_reporting_currency(money(5, "EUR"), &definitions, day("2025-12-31")), None);
    }

    #[test]
    fn what_has_no_rate_is_counted() {
        let definitions = definitions();
        let mut worth = Worth::default();
        worth.add(Some(money(10_000, "EUR")), 50);
        worth.add(Some(money(7, "CZK")), 50);
        worth.add(Some(money(1, "USD")), 50);
        worth.add(Some(money(2, "USD")), 50);
        worth.add(None, 50);
        let priced = worth.priced(&definitions, day("2026-02-01"));
        assert_eq!((priced.count, priced.sum, priced.weighted, priced.unpriced), (5, 251_257, 125_629, 2));
    }

    #[test]
    fn what_is_closed_keeps_its_rate() {
        let text = "reporting = \"CZK\"\n[EUR]\n2026-01-01 = 25\n2026-03-01 = 24";
        let definitions = Definitions::from_documents([("currencies", text)]).unwrap();
        let mut worth = Worth::default();
        for on in [Some("2026-02-01"), Some("2026-02-28"), Some("2026-03-01"), Some("2025-12-31"), None] {
            worth.add_on(Some(money(100, "EUR")), 100, on.map(day), &definitions);
        }
        worth.add_on(Some(money(100, "CZK")), 100, Some(day("2020-01-01")), &definitions);
        let priced = worth.priced(&definitions, day("2026-06-01"));
        assert_eq!((priced.sum, priced.unpriced), (2_500 + 2_500 + 2_400 + 2_400 + 100, 1));
        assert_eq!(worth.priced(&definitions, day("2026-02-01")).sum, 2_500 + 2_500 + 2_400 + 2_500 + 100);
        assert_eq!(worth.sums().map(|(_, sum)| sum).sum::<i128>(), 600);
    }

    #[test]
    fn more_money_than_there_is_does_not_panic() {
        let definitions = Definitions::from_documents([(
            "currencies",
            "[USD]\n2026-01-01 = 9223372036854775807\n[CZK]\n2026-01-01 = 0.000000000000000001",
        )])
        .unwrap();
        let mut worth = Worth::default();
        for code in ["USD", "CZK", "EUR"] {
            (0..4).for_each(|_| worth.add(Some(money(i64::MAX, code)), 100));
        }
        let priced = worth.priced(&definitions, day("2026-02-01"));
        assert!(priced.unpriced > 0 && priced.sum > 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        /// Added in any order and in parts, the worth is the same.
        #[test]
        fn parts_make_the_whole(deals in proptest::collection::vec((any::<i64>(), 0_u8..=100, proptest::bool::ANY), 0..20), cut in any::<proptest::sample::Index>()) {
            let add = |deals: &[(i64, u8, bool)]| {
                let mut worth = Worth::default();
                deals.iter().for_each(|(minor, percent, euro)| worth.add(Some(money(*minor, if *euro { "EUR" } else { "CZK" })), *percent));
                worth
            };
            let cut = cut.index(deals.len() + 1);
            let mut parts = add(&deals[cut..]);
            parts.merge(&add(&deals[..cut]));
            prop_assert_eq!(&parts, &add(&deals));
            let (definitions, on) = (definitions(), day("2026-02-01"));
            let exact: i128 = deals.iter().map(|(minor, percent, euro)| i128::from(*minor) * i128::from(*percent) * if *euro { 25_125 } else { 1_000 }).sum();
            prop_assert_eq!(parts.priced(&definitions, on).weighted, divide(exact, 100_000));
        }

        #[test]
        fn division_rounds_half_away_from_zero(number in -1_000_000_i128..1_000_000, by in 1_i128..1000) {
            let expected = (number as f64 / by as f64).round();
            prop_assert_eq!(divide(number, by), expected as i128);
        }
    }
}
