//! Exact decimal numbers: `12.50` stays `12.5`, never 12.499999.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// `units` / 10^`scale`, without trailing zeros, so that equal numbers are equal bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Decimal {
    units: i64,
    scale: u8,
}

impl Decimal {
    /// The most digits behind the point.
    pub const MAX_SCALE: u8 = 18;

    /// Returns `units` / 10^`scale`; `None` when `scale` is over [`Self::MAX_SCALE`].
    pub fn new(units: i64, scale: u8) -> Option<Self> {
        (scale <= Self::MAX_SCALE).then(|| Self { units, scale }.reduced())
    }

    /// Returns the units at the shortest scale.
    pub fn units(self) -> i64 {
        self.units
    }

    /// Returns how many digits stand behind the point.
    pub fn scale(self) -> u8 {
        self.scale
    }

    /// Returns the units at this scale, exactly; `None` when digits would be lost or it overflows.
    pub fn rescaled(self, scale: u8) -> Option<i64> {
        if scale < self.scale {
            return (self.units == 0).then_some(0);
        }
        10_i64.checked_pow(u32::from(scale - self.scale))?.checked_mul(self.units)
    }

    fn reduced(mut self) -> Self {
        while self.scale > 0 && self.units % 10 == 0 {
            self.units /= 10;
            self.scale -= 1;
        }
        self
    }
}

impl From<i64> for Decimal {
    fn from(units: i64) -> Self {
        Self { units, scale: 0 }
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        // 10^18 * 2^63 < 2^127: never overflows.
        let common = self.scale.max(other.scale);
        let at = |d: &Self| i128::from(d.units) * 10_i128.pow(u32::from(common - d.scale));
        at(self).cmp(&at(other))
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scale == 0 {
            return write!(f, "{}", self.units);
        }
        let power = 10_u64.pow(u32::from(self.scale));
        let sign = if self.units < 0 { "-" } else { "" };
        let units = self.units.unsigned_abs();
        write!(f, "{sign}{}.{:0width$}", units / power, units % power, width = usize::from(self.scale))
    }
}

/// Says that a text is no number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\u{201c}{0}\u{201d} is no number: write 1234.5, 10k or 1.5m")]
pub struct NotANumber(pub String);

impl FromStr for Decimal {
    type Err = NotANumber;

    /// Reads `[-+]digits[.digits][k|m|b]`.
    fn from_str(text: &str) -> Result<Self, NotANumber> {
        let parse = || -> Option<Self> {
            let (body, power) = match text.as_bytes().last()?.to_ascii_lowercase() {
                b'k' => (&text[..text.len() - 1], 3_i32),
                b'm' => (&text[..text.len() - 1], 6),
                b'b' => (&text[..text.len() - 1], 9),
                _ => (text, 0),
            };
            let (sign, digits) = match body.as_bytes().first()? {
                b'-' => (-1, &body[1..]),
                b'+' => (1, &body[1..]),
                _ => (1, body),
            };
            let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
            let is_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
            if (whole.is_empty() && part.is_empty()) || !is_digits(whole) || !is_digits(part) {
                return None;
            }
            let part = part.trim_end_matches('0');
            let mut units: i128 = 0;
            for digit in whole.bytes().chain(part.bytes()) {
                units = units.checked_mul(10)?.checked_add(i128::from(digit - b'0'))?;
            }
            let mut scale = i32::try_from(part.len()).ok()? - power;
            if scale < 0 {
                units = units.checked_mul(10_i128.checked_pow(u32::try_from(-scale).ok()?)?)?;
                scale = 0;
            }
            Self::new(i64::try_from(units * sign).ok()?, u8::try_from(scale).ok()?)
        };
        parse().ok_or_else(|| NotANumber(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_prints() {
        for (text, printed) in [
            ("12.50", "12.5"),
            ("-0.05", "-0.05"),
            ("10k", "10000"),
            ("1.5m", "1500000"),
            ("1.2345k", "1234.5"),
            ("+7", "7"),
            (".5", "0.5"),
            ("0", "0"),
            ("9223372036854775807", "9223372036854775807"),
        ] {
            assert_eq!(text.parse::<Decimal>().map(|d| d.to_string()), Ok(printed.to_owned()), "{text}");
        }
        for text in ["", "-", ".", "k", "1e5", "1,5", "9223372036854775808", "0.0000000000000000001", "١"] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
    }

    #[test]
    fn compares_across_scales() {
        let d = |text: &str| text.parse::<Decimal>().expect("a number");
        assert!(d("0.5") < d("0.51") && d("-2") < d("-1.9") && d("1.0") == d("1"));
    }
}
