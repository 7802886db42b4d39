//! Values as text: canonical for columns and files, long and short for screens.
//!
//! The canonical text of a value reads back as the value. What is made for a screen
//! does not have to: times are those of the reader's zone, links are names.

use chrono::{Datelike, NaiveDate, Timelike};
use chrono_tz::Tz;

use super::zone::{day_at, wall_clock};
use super::{Address, Job, Line, Lookup, Money, Part, Timestamp, Value};

impl Value {
    /// Returns the canonical text, without the label: money `1234.50 EUR`, a time in
    /// RFC 3339 UTC, a flag `yes` or `no`, a link its id.
    pub fn plain(&self) -> String {
        match self.bare() {
            Self::Text(text) => text.clone(),
            Self::Int(number) => number.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
            Self::Date(date) => date.to_string(),
            Self::Time(at) => at.to_string(),
            Self::Money(money) => money.to_string(),
            Self::Link(id) => id.to_string(),
            Self::Address(_) => parts(self, Part::OF_ADDRESS),
            Self::Job(_) => parts(self, Part::OF_JOB),
            Self::Line(_) => parts(self, Part::OF_LINE),
            Self::Labelled(_, value) => value.plain(),
        }
    }

    /// Returns the canonical text with links as the names that records have; a record
    /// that nobody knows is its id.
    pub fn named(&self, lookup: &dyn Lookup) -> String {
        match self.bare() {
            Self::Link(id) => lookup.title(*id).unwrap_or_else(|| id.to_string()),
            _ => self.plain(),
        }
    }
}

/// `street=Main 1; city=Brno`, as it is read.
fn parts(value: &Value, known: &[Part]) -> String {
    let texts: Vec<String> =
        known.iter().filter_map(|part| part.get(value).map(|value| format!("{}={}", part.name(), value.plain()))).collect();
    super::parse::join_list(texts.iter().map(String::as_str))
}

/// How values look to somebody: when and where it is, and who knows names.
#[derive(Clone, Copy)]
pub struct Screen<'a> {
    /// The moment that counts as now.
    pub now: Timestamp,
    /// The reader's time zone.
    pub zone: Tz,
    /// Who knows names.
    pub lookup: &'a dyn Lookup,
}

impl Screen<'_> {
    /// Returns a value in full: a time as `2026-01-31 09:00` in the reader's zone, an
    /// address as on an envelope, a job as `CEO, Acme`. Line breaks stay.
    pub fn long(&self, value: &Value) -> String {
        match value.bare() {
            Value::Time(at) => self.time(*at),
            Value::Address(address) => envelope(address, ", "),
            Value::Job(job) => self.job(job),
            Value::Line(line) => self.line(line),
            other => other.named(self.lookup),
        }
    }

    /// Returns a value as short as a narrow cell needs it: of a time the day, of today
    /// the time; money in thousands; of a text its first line.
    pub fn short(&self, value: &Value) -> String {
        match value.bare() {
            Value::Time(at) => self.short_time(*at),
            Value::Money(money) => short_money(*money),
            Value::Address(address) => [&address.city, &address.country, &address.street]
                .iter()
                .find(|part| !part.is_empty())
                .map_or(String::new(), |part| (*part).clone()),
            Value::Text(text) => text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned(),
            _ => self.long(value),
        }
    }

    fn time(&self, at: Timestamp) -> String {
        let wall = wall_clock(self.zone, at);
        if wall.second() == 0 { wall.format("%Y-%m-%d %H:%M").to_string() } else { wall.format("%Y-%m-%d %H:%M:%S").to_string() }
    }

    fn short_time(&self, at: Timestamp) -> String {
        let wall = wall_clock(self.zone, at);
        let today: NaiveDate = day_at(self.zone, self.now);
        if wall.date() == today {
            wall.format("%H:%M").to_string()
        } else if wall.year() == today.year() {
            wall.format("%m-%d").to_string()
        } else {
            wall.format("%Y-%m-%d").to_string()
        }
    }

    fn job(&self, job: &Job) -> String {
        let company = job.company.map(|id| Value::Link(id).named(self.lookup));
        let mut parts: Vec<String> = [&job.title, &job.role].into_iter().filter(|text| !text.is_empty()).cloned().collect();
        parts.extend(company);
        if job.from.is_some() || job.to.is_some() {
            let day = |date: Option<super::Date>| date.map_or(String::new(), |date| date.to_string());
            parts.push(format!("{}–{}", day(job.from), day(job.to)));
        }
        parts.join(", ")
    }

    fn line(&self, line: &Line) -> String {
        let what = line.product.map(|id| Value::Link(id).named(self.lookup)).filter(|_| line.description.is_empty());
        let mut text = what.unwrap_or_else(|| line.description.clone());
        if let Some(quantity) = line.quantity {
            text = format!("{quantity} × {text}");
        }
        if let Some(price) = line.price {
            text = format!("{text} at {price}");
        }
        text
    }
}

/// Returns an address in the order of an envelope.
pub fn envelope(address: &Address, separator: &str) -> String {
    let town = [address.postcode.as_str(), address.city.as_str()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let lines = [
        address.pobox.as_str(),
        address.street.as_str(),
        address.street2.as_str(),
        town.as_str(),
        address.region.as_str(),
        address.country.as_str(),
    ];
    lines.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(separator)
}

/// Returns money in three or four figures: `950 EUR`, `12.5k EUR`, `1.2M EUR`. Cut, not
/// rounded up: what is shown is there.
pub fn short_money(money: Money) -> String {
    short_minor(i128::from(money.minor), money.currency)
}

/// Returns a sum of minor units in three or four figures, as [`short_money`].
pub fn short_minor(minor: i128, currency: super::Currency) -> String {
    let major = minor / 10_i128.pow(currency.digits().into());
    let sign = if minor < 0 { "-" } else { "" };
    let size = major.unsigned_abs();
    let (unit, letter) = match size {
        0..=9_999 => return format!("{sign}{size} {currency}"),
        10_000..=999_999 => (1_000, "k"),
        1_000_000..=999_999_999 => (1_000_000, "M"),
        _ => (1_000_000_000, "G"),
    };
    let (whole, tenth) = (size / unit, size % unit * 10 / unit);
    if tenth == 0 || whole >= 1000 {
        format!("{sign}{whole}{letter} {currency}")
    } else {
        format!("{sign}{whole}.{tenth}{letter} {currency}")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::{Currency, NoLookup};

    #[test]
    fn times_as_the_reader_sees_them() {
        let at = |text: &str| Value::Time(Timestamp::from_rfc3339(text).unwrap());
        let screen = Screen { now: Timestamp::from_rfc3339("2026-02-04T10:30:00Z").unwrap(), zone: Tz::Europe__Prague, lookup: &NoLookup };
        for (time, long, short) in [
            ("2026-02-04T08:00:00Z", "2026-02-04 09:00", "09:00"),
            ("2026-02-03T23:30:00Z", "2026-02-04 00:30", "00:30"),
            ("2026-01-31T08:00:05Z", "2026-01-31 09:00:05", "01-31"),
            ("2025-07-01T08:00:00Z", "2025-07-01 10:00", "2025-07-01"),
        ] {
            assert_eq!((screen.long(&at(time)), screen.short(&at(time))), (long.to_owned(), short.to_owned()));
        }
        assert_eq!(screen.short(&Value::text("\n  a b \nc")), "a b");
        let _ = (screen.long(&Value::Time(Timestamp(i64::MAX))), screen.short(&Value::Time(Timestamp(i64::MIN))));
    }

    #[test]
    fn money_in_few_figures() {
        let eur = Currency::from_code("EUR").unwrap();
        for (minor, text) in [
            (95_000, "950 EUR"),
            (999_999, "9999 EUR"),
            (1_250_000, "12.5k EUR"),
            (-1_250_000, "-12.5k EUR"),
            (1_000_553_400, "10M EUR"),
            (12_345_678_900, "123.4M EUR"),
            (99_999_999, "999.9k EUR"),
            (1_234_567_890_123, "12.3G EUR"),
        ] {
            assert_eq!(short_money(Money { minor, currency: eur }), text);
        }
    }

    #[test]
    fn composites_as_people_write_them() {
        let screen = Screen { now: Timestamp::EPOCH, zone: Tz::UTC, lookup: &NoLookup };
        let address = Address { street: "Main 1".into(), city: "Brno".into(), postcode: "602 00".into(), ..Address::default() };
        let address = Value::Address(Box::new(address));
        assert_eq!((screen.long(&address), screen.short(&address)), ("Main 1, 602 00 Brno".into(), "Brno".into()));
        assert_eq!(address.plain(), "street=Main 1; city=Brno; postcode=602 00");
        let job = Job { title: "CEO".into(), from: "2024".parse().ok(), company: "a1".parse().ok(), ..Job::default() };
        assert_eq!(screen.long(&Value::Job(Box::new(job))), "CEO, a1, 2024–");
    }
}
