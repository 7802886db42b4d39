//! Exact money: whole minor units of an ISO 4217 currency.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Decimal;

/// A currency by its ISO 4217 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Returns the currency of a code, without regard to case; `None` if ISO 4217 has no such code.
    pub fn from_code(code: &str) -> Option<Self> {
        let code = code.to_ascii_uppercase();
        iso_currency::Currency::from_code(&code)?;
        code.as_bytes().try_into().ok().map(Self)
    }

    /// Returns the three letters; `XXX`, ISO 4217's "no currency", for bytes from
    /// elsewhere that are no letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Returns how many digits the minor unit has: 2 for EUR, 0 for JPY, 3 for KWD.
    pub fn digits(&self) -> u8 {
        iso_currency::Currency::from_code(self.code()).and_then(|c| c.exponent()).map_or(2, |digits| digits as u8)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount in minor units (cents) of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units: 1050 is 10.50 EUR, or 1050 JPY.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// Returns the amount of a decimal number of major units; `None` when it has
    /// more digits than the currency's minor unit, or overflows.
    pub fn from_decimal(amount: Decimal, currency: Currency) -> Option<Self> {
        amount.rescaled(currency.digits()).map(|minor| Self { minor, currency })
    }

    /// Returns the amount as text with all digits of the minor unit: `1234.50`.
    pub fn amount(&self) -> String {
        format_minor(i128::from(self.minor), self.currency)
    }
}

/// Returns minor units as text with all digits of the currency: `1234.50`.
pub fn format_minor(minor: i128, currency: Currency) -> String {
    let digits = usize::from(currency.digits());
    if digits == 0 {
        return minor.to_string();
    }
    let power = 10_u128.pow(currency.digits().into());
    let sign = if minor < 0 { "-" } else { "" };
    let minor = minor.unsigned_abs();
    format!("{sign}{}.{:0digits$}", minor / power, minor % power)
}

impl fmt::Display for Money {
    /// `1234.50 EUR`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_the_digits_of_the_currency() {
        for (code, minor, text) in [("EUR", 123_450, "1234.50 EUR"), ("JPY", 1050, "1050 JPY"), ("KWD", -5, "-0.005 KWD")] {
            let currency = Currency::from_code(code).expect("a currency");
            assert_eq!(Money { minor, currency }.to_string(), text);
        }
        assert_eq!(Currency::from_code("eur").map(|c| c.code().to_owned()), Some("EUR".to_owned()));
        assert_eq!(Currency::from_code("EURO"), None);
        assert_eq!(Currency::from_code("ZZZ"), None);
    }
}
