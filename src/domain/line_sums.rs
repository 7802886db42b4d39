//! What lines come to: net, tax by rate, total, exact to the minor unit.
//!
//! A line's net is price × quantity less its discount, rounded to the minor unit half away
//! from zero, as it stands on the paper. Tax is taken of the sum of the nets of its rate and
//! rounded once a rate, so that the paper adds up. Prices hold no tax.

use std::collections::BTreeMap;

use super::{Currency, Decimal, Line, Money};

/// What lines come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineSums {
    /// The net of each line, in their order.
    pub nets: Vec<Money>,
    /// All nets together.
    pub net: Money,
    /// Rate in per cent, what it is taken of, and the tax; by rate.
    pub taxes: Vec<(Decimal, Money, Money)>,
    /// Net and taxes together.
    pub total: Money,
}

/// Why lines have no sum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSum {
    /// There are none.
    #[error("there are no lines")]
    Empty,
    /// A line has no price.
    #[error("line {0} has no price")]
    NoPrice(usize),
    /// A line is in another currency than the first.
    #[error("line {0} is in {1}, and the first one in {2}")]
    OtherCurrency(usize, Currency, Currency),
    /// A discount or tax that is none.
    #[error("line {0} has a {1} of {2} %: it is from 0 to 100")]
    NoRate(usize, &'static str, Decimal),
    /// It is more money than there is.
    #[error("line {0} comes to more than can be told")]
    TooMuch(usize),
}

impl LineSums {
    /// Returns what lines come to; a line without a quantity is of one piece.
    ///
    /// # Errors
    /// No lines, or one (counted from 1) that cannot be summed.
    pub fn of<'l>(lines: impl IntoIterator<Item = &'l Line>) -> Result<Self, NoSum> {
        let mut nets: Vec<Money> = Vec::new();
        let mut by_rate: BTreeMap<Decimal, i128> = BTreeMap::new();
        let (mut net, mut currency) = (0_i128, None);
        for (at, line) in lines.into_iter().enumerate() {
            let at = at + 1;
            let price = line.price.ok_or(NoSum::NoPrice(at))?;
            let first = *currency.get_or_insert(price.currency);
            if price.currency != first {
                return Err(NoSum::OtherCurrency(at, price.currency, first));
            }
            for (what, rate) in [("discount", line.discount), ("tax", line.tax)] {
                if let Some(rate) = rate.filter(|rate| *rate < Decimal::default() || *rate > Decimal::from(100)) {
                    return Err(NoSum::NoRate(at, what, rate));
                }
            }
            let minor = net_of(line, price).ok_or(NoSum::TooMuch(at))?;
            nets.push(Money { minor: i64::try_from(minor).map_err(|_| NoSum::TooMuch(at))?, currency: first });
            net = net.checked_add(minor).ok_or(NoSum::TooMuch(at))?;
            *by_rate.entry(line.tax.unwrap_or_default()).or_default() += minor;
        }
        let currency = currency.ok_or(NoSum::Empty)?;
        let last = nets.len();
        let money = |minor: i128| i64::try_from(minor).map(|minor| Money { minor, currency }).map_err(|_| NoSum::TooMuch(last));
        let mut taxes = Vec::new();
        let mut total = net;
        for (rate, base) in by_rate {
            let tax = part(base, rate).ok_or(NoSum::TooMuch(last))?;
            total += tax;
            if rate != Decimal::default() {
                taxes.push((rate, money(base)?, money(tax)?));
            }
        }
        Ok(Self { nets, net: money(net)?, taxes, total: money(total)? })
    }
}

/// Price × quantity × (100 − discount) / 100, rounded once.
fn net_of(line: &Line, price: Money) -> Option<i128> {
    let quantity = line.quantity.unwrap_or(Decimal::from(1));
    let discount = line.discount.unwrap_or_default();
    let hundred = 100_i128.checked_mul(power(discount.scale())?)?;
    let kept = hundred - i128::from(discount.units());
    let whole = i128::from(price.minor).checked_mul(i128::from(quantity.units()))?;
    let scale = power(quantity.scale())?;
    match (whole.checked_mul(kept), scale.checked_mul(hundred)) {
        (Some(number), Some(by)) => Some(divide(number, by)),
        // More digits than fit at once: without a discount there is less to multiply.
        _ if kept == hundred => Some(divide(whole, scale)),
        _ => None,
    }
}

/// A rate in per cent of a sum.
fn part(of: i128, rate: Decimal) -> Option<i128> {
    Some(divide(of.checked_mul(i128::from(rate.units()))?, 100_i128.checked_mul(power(rate.scale())?)?))
}

fn power(scale: u8) -> Option<i128> {
    10_i128.checked_pow(scale.into())
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

    fn line(price: i64, quantity: &str, discount: &str, tax: &str) -> Line {
        let number = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
        let price = Some(Money { minor: price, currency: Currency::from_code("EUR").unwrap() });
        Line { price, quantity: number(quantity), discount: number(discount), tax: number(tax), ..Line::default() }
    }

    #[test]
    fn lines_add_up_as_on_paper() {
        let sums =
            LineSums::of(&[line(1999, "3", "10", "21"), line(333, "0.5", "", "12"), line(1, "1", "50", "21"), line(100, "", "", "")])
                .unwrap();
        // 59.97 less 10 % is 53.973; half of 3.33 is 1.665; half a cent is one.
        assert_eq!(sums.nets.iter().map(|net| net.minor).collect::<Vec<_>>(), [5397, 167, 1, 100]);
        assert_eq!(sums.net.minor, 5665);
        let taxes: Vec<(String, i64, i64)> = sums.taxes.iter().map(|(rate, base, tax)| (rate.to_string(), base.minor, tax.minor)).collect();
        assert_eq!(taxes, [("12".to_owned(), 167, 20), ("21".to_owned(), 5398, 1134)]);
        assert_eq!(sums.total.minor, 5665 + 20 + 1134);
    }

    #[test]
    fn what_has_no_sum_says_which_line() {
        let usd = Line { price: Some(Money { minor: 1, currency: Currency::from_code("USD").unwrap() }), ..Line::default() };
        for (lines, said) in [
            (vec![], "there are no lines"),
            (vec![line(1, "1", "", ""), Line::default()], "line 2 has no price"),
            (vec![line(1, "1", "", ""), usd], "line 2 is in USD, and the first one in EUR"),
            (vec![line(1, "1", "101", "")], "line 1 has a discount of 101 %: it is from 0 to 100"),
            (vec![line(1, "1", "", "-1")], "line 1 has a tax of -1 %: it is from 0 to 100"),
            (vec![line(i64::MAX, "9000000000", "", "")], "line 1 comes to more than can be told"),
        ] {
            assert_eq!(LineSums::of(&lines).unwrap_err().to_string(), said);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        /// The total is the nets and the taxes, and no tax is off by more than half a unit.
        #[test]
        fn the_paper_adds_up(lines in proptest::collection::vec((-1_000_000_i64..1_000_000, 0_i64..10_000, 0_i64..=100, 0_i64..=30), 1..12)) {
            let lines: Vec<Line> = lines.iter().map(|(price, quantity, discount, tax)| {
                Line { quantity: Decimal::new(*quantity, 2), ..line(*price, "1", &discount.to_string(), &tax.to_string()) }
            }).collect();
            let sums = LineSums::of(&lines).unwrap();
            prop_assert_eq!(sums.nets.iter().map(|net| net.minor).sum::<i64>(), sums.net.minor);
            prop_assert_eq!(sums.net.minor + sums.taxes.iter().map(|(_, _, tax)| tax.minor).sum::<i64>(), sums.total.minor);
            for (rate, base, tax) in &sums.taxes {
                let twice = (tax.minor * 100 - base.minor * rate.units()) * 2;
                prop_assert!(twice.abs() <= 100, "{base:?} {rate} {tax:?}");
            }
            // The order of lines does not matter.
            let mut turned = lines;
            turned.reverse();
            prop_assert_eq!(LineSums::of(&turned).unwrap().total, sums.total);
        }
    }
}
