//! Numbers, per cent and money.

use super::error::{ValueError, quoted};
use crate::domain::{Currency, Decimal, Money};

/// Returns a whole number; `10k` is one too.
pub(super) fn int(text: &str) -> Result<i64, ValueError> {
    let number: Decimal = text.trim().parse()?;
    if number.scale() > 0 {
        return Err(ValueError::refused(format!("{} is no whole number", quoted(text.trim()))));
    }
    Ok(number.units())
}

/// Returns whole per cent, 0 to 100: `60`, `60%`.
pub(super) fn percent(text: &str) -> Result<i64, ValueError> {
    let bare = text.trim();
    let bare = bare.strip_suffix('%').unwrap_or(bare).trim_end();
    let refused =
        || ValueError::refused(format!("{} is no share in per cent", quoted(text.trim()))).hint("write a whole number from 0 to 100");
    let number: Decimal = bare.parse().map_err(|_| refused())?;
    if number.scale() > 0 || !(0..=100).contains(&number.units()) {
        return Err(refused());
    }
    Ok(number.units())
}

/// Signs that people know better than codes. Several countries write $; the plain
/// one is the United States'.
const SIGNS: &[(&str, &str)] =
    &[("€", "EUR"), ("$", "USD"), ("£", "GBP"), ("¥", "JPY"), ("Kč", "CZK"), ("zł", "PLN"), ("Ft", "HUF"), ("₽", "RUB"), ("₹", "INR")];

/// Returns exact money: `1234.50 EUR`, `10k EUR`, `10keur`, and without a currency
/// in the given one.
pub fn money(text: &str, default: Currency) -> Result<Money, ValueError> {
    let text = text.trim();
    let hint = "write 1234.50 EUR, 10k or 10keur";
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))).unwrap_or(text.len());
    let (number, tail) = (&text[..end], text[end..].trim());
    if !number.contains(|c: char| c.is_ascii_digit()) {
        let currency = text.trim_matches(|c: char| c.is_whitespace() || c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | ','));
        if text.contains(|c: char| c.is_ascii_digit()) && (sign(currency).is_some() || Currency::from_code(currency).is_some()) {
            let code = sign(currency).unwrap_or(currency).to_ascii_uppercase();
            let amount = text.replace(currency, "");
            return Err(
                ValueError::refused(format!("{} has its currency in front", quoted(text))).hint(format!("write {} {code}", amount.trim()))
            );
        }
        return Err(ValueError::refused(format!("{} is money without a number", quoted(text))).hint(hint));
    }
    if tail.starts_with(',') {
        let error = ValueError::refused(format!("{} is no amount", quoted(text)));
        return Err(error.hint("write the decimal point as a point and thousands without a separator: 1234.50 EUR"));
    }
    let (power, code) = split_tail(tail);
    let currency = if code.is_empty() { default } else { Currency::from_code(code).ok_or_else(|| no_currency(code))? };
    let amount: Decimal =
        format!("{number}{power}").parse().map_err(|_| ValueError::refused(format!("{} is no amount", quoted(text))).hint(hint))?;
    Money::from_decimal(amount, currency).ok_or_else(|| {
        if amount.scale() > currency.digits() {
            ValueError::refused(format!("{} has more digits than {currency} has: {}", quoted(text), currency.digits()))
        } else {
            ValueError::refused(format!("{} is more money than there is", quoted(text)))
        }
    })
}

/// Returns the power of ten (`k`, `m`, `b` or nothing) and the currency's code of what
/// stands behind a number.
fn split_tail(tail: &str) -> (&str, &str) {
    let is_power = |text: &str| matches!(text, "k" | "K" | "m" | "M" | "b" | "B");
    if let Some((first, rest)) = tail.split_once(char::is_whitespace)
        && is_power(first)
    {
        return (first, rest.trim_start());
    }
    match tail.char_indices().nth(1) {
        None if is_power(tail) => (tail, ""),
        Some((at, _)) if tail.len() == 4 && is_power(&tail[..at]) => tail.split_at(at),
        _ => ("", tail),
    }
}

fn sign(text: &str) -> Option<&'static str> {
    SIGNS.iter().find(|(sign, _)| sign.eq_ignore_ascii_case(text)).map(|(_, code)| *code)
}

fn no_currency(code: &str) -> ValueError {
    let error = ValueError::refused(format!("{} is no currency", quoted(code)));
    let meant = sign(code).map(str::to_owned).or_else(|| code.get(..3).and_then(Currency::from_code).map(|currency| currency.to_string()));
    match meant {
        Some(meant) => error.hint(format!("did you mean \u{201c}{meant}\u{201d}?")),
        None => error.hint("a currency is its ISO 4217 code, such as EUR"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        let eur = Currency::from_code("EUR").expect("a currency");
        money(text, eur).map(|money| money.to_string()).map_err(|error| match &error.hint {
            Some(hint) => format!("{error} | {hint}"),
            None => error.to_string(),
        })
    }

    #[test]
    fn money_in_its_forms() {
        for (text, printed) in [
            ("1234.50 EUR", "1234.50 EUR"),
            ("1234.5", "1234.50 EUR"),
            ("10k", "10000.00 EUR"),
            ("10keur", "10000.00 EUR"),
            ("10kusd", "10000.00 USD"),
            ("10k EUR", "10000.00 EUR"),
            ("1.5m czk", "1500000.00 CZK"),
            ("10mxn", "10.00 MXN"),
            ("10mmxn", "10000000.00 MXN"),
            ("-3 jpy", "-3 JPY"),
            ("0.125kwd", "0.125 KWD"),
            (" 7 ", "7.00 EUR"),
        ] {
            assert_eq!(read(text), Ok(printed.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_with_money_is_said() {
        for (text, said) in [
            ("EUR", "\u{201c}EUR\u{201d} is money without a number | write 1234.50 EUR, 10k or 10keur"),
            ("", "\u{201c}\u{201d} is money without a number | write 1234.50 EUR, 10k or 10keur"),
            ("EUR 10", "\u{201c}EUR 10\u{201d} has its currency in front | write 10 EUR"),
            ("€10", "\u{201c}€10\u{201d} has its currency in front | write 10 EUR"),
            ("10 EURO", "\u{201c}EURO\u{201d} is no currency | did you mean \u{201c}EUR\u{201d}?"),
            ("10 €", "\u{201c}€\u{201d} is no currency | did you mean \u{201c}EUR\u{201d}?"),
            ("10 xq", "\u{201c}xq\u{201d} is no currency | a currency is its ISO 4217 code, such as EUR"),
            ("1.234 EUR", "\u{201c}1.234 EUR\u{201d} has more digits than EUR has: 2"),
            ("1e3", "\u{201c}e3\u{201d} is no currency | a currency is its ISO 4217 code, such as EUR"),
            (
                "1,234.50 EUR",
                "\u{201c}1,234.50 EUR\u{201d} is no amount | write the decimal point as a point and thousands without a separator: 1234.50 EUR",
            ),
            ("9223372036854775807 EUR", "\u{201c}9223372036854775807 EUR\u{201d} is more money than there is"),
            ("1.2.3", "\u{201c}1.2.3\u{201d} is no amount | write 1234.50 EUR, 10k or 10keur"),
        ] {
            assert_eq!(read(text), Err(said.to_owned()), "{text}");
        }
    }

    #[test]
    fn numbers_and_shares() {
        assert_eq!(int("10k").ok(), Some(10_000));
        assert_eq!(int("1.5").map_err(|error| error.to_string()), Err("\u{201c}1.5\u{201d} is no whole number".to_owned()));
        assert_eq!(int("1,5").expect_err("no number").hint.as_deref(), Some("write 1.5"));
        assert_eq!((percent("60%").ok(), percent("60").ok(), percent(" 100 % ").ok()), (Some(60), Some(60), Some(100)));
        for text in ["", "%", "101", "-1", "0.5", "sixty"] {
            assert!(percent(text).is_err(), "{text}");
        }
    }
}
