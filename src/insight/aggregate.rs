//! Counts and sums, whole or in groups, over any number of records: page by page,
//! exact, money per currency.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use crate::domain::zone::day_at;
use crate::domain::{
    Currency, Decimal, Definitions, FieldRef, FieldType, Kind, Lookup, Record, RecordId, UnknownField, Value, fold, format_minor,
};
use crate::query::Query;
use crate::store::StoreError;
use crate::store::api::{Store, View};
use crate::store::known::Known;
use crate::store::walk::Walk;

/// By which stretch of time days are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stretch {
    /// A day.
    Day,
    /// A month.
    Month,
    /// A quarter.
    Quarter,
    /// A year.
    Year,
}

const STRETCHES: &[(&str, Stretch)] =
    &[("day", Stretch::Day), ("month", Stretch::Month), ("quarter", Stretch::Quarter), ("year", Stretch::Year)];

/// What records are grouped by: a field; of a time its day, or `closed_at.quarter`,
/// `.month`, `.year`.
#[derive(Debug, Clone)]
pub struct By {
    field: FieldRef,
    stretch: Option<Stretch>,
    name: String,
}

impl By {
    /// Returns what a word means that names a field of a kind.
    ///
    /// # Errors
    /// The kind has no such field; the nearest is told.
    pub fn parse(kind: Kind, name: &str, definitions: &Definitions) -> Result<Self, UnknownField> {
        let is_day = |field: &FieldRef| matches!(field.field_type(), FieldType::Date | FieldType::Time);
        if let Some((field, last)) = name.rsplit_once('.')
            && let Some((_, stretch)) = STRETCHES.iter().find(|(word, _)| word.eq_ignore_ascii_case(last))
            && let Ok(field) = FieldRef::resolve(kind, field, definitions)
            && is_day(&field)
        {
            return Ok(Self { field, stretch: Some(*stretch), name: name.to_owned() });
        }
        let field = FieldRef::resolve(kind, name, definitions)?;
        let stretch = is_day(&field).then_some(Stretch::Day);
        Ok(Self { field, stretch, name: name.to_owned() })
    }

    /// Returns its name, as it was asked for.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the name of its field, without the stretch of time.
    pub(super) fn field(&self) -> &str {
        self.field.name()
    }

    /// Returns whether its values are stretches of time.
    pub(super) fn is_day(&self) -> bool {
        self.stretch.is_some()
    }

    /// Returns the type of its field.
    pub(super) fn field_type(&self) -> FieldType {
        self.field.field_type()
    }

    /// Returns the words of its list, in the team's order.
    pub(super) fn words<'a>(&'a self, definitions: &'a Definitions) -> Vec<&'a str> {
        self.field.words(definitions).map(|(words, _)| words).unwrap_or_default()
    }

    /// Returns the groups in which a record stands, each once: text, and the id of a
    /// linked record. A record without value stands in the group of an empty text.
    pub(super) fn groups(&self, record: &Record, definitions: &Definitions, lookup: &dyn Lookup) -> Vec<(String, Option<RecordId>)> {
        let mut groups: Vec<(String, Option<RecordId>)> = Vec::new();
        self.field.visit(record, lookup, &mut |value| {
            let group = match (self.stretch, value.bare()) {
                (Some(stretch), Value::Time(at)) => (stretch.of(day_at(definitions.settings.timezone, *at)), None),
                (Some(stretch), Value::Date(date)) => match date.whole() {
                    Some(day) => (stretch.of(day), None),
                    None => (date.to_string(), None),
                },
                _ => (value.named(lookup), value.as_link()),
            };
            if !groups.contains(&group) {
                groups.push(group);
            }
        });
        if groups.is_empty() {
            groups.push((String::new(), None));
        }
        groups
    }
}

impl Stretch {
    /// Returns the stretch of a word.
    pub(super) fn named(name: &str) -> Option<Self> {
        STRETCHES.iter().find(|(word, _)| word.eq_ignore_ascii_case(name)).map(|(_, stretch)| *stretch)
    }

    /// Returns the word.
    pub(super) fn name(self) -> &'static str {
        STRETCHES.iter().find(|(_, stretch)| *stretch == self).map_or("", |(word, _)| word)
    }

    /// Returns the name of the stretch in which a day lies, as a query would say it.
    pub(super) fn of(self, day: NaiveDate) -> String {
        match self {
            Self::Day => day.format("%Y-%m-%d").to_string(),
            Self::Month => day.format("%Y-%m").to_string(),
            Self::Quarter => format!("{:04}-q{}", day.year(), day.month0() / 3 + 1),
            Self::Year => format!("{:04}", day.year()),
        }
    }
}

/// One group of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What its records have in common; empty for those without a value.
    pub key: String,
    /// The linked record that it is.
    pub id: Option<RecordId>,
    /// How many records it has.
    pub count: u64,
    /// The sums, of money one for each currency, by code; empty for a count.
    pub totals: Vec<Total>,
}

/// One exact sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    /// The currency of money.
    pub currency: Option<Currency>,
    /// Units: of money minor units, of numbers at `scale`.
    pub units: i128,
    /// How many digits stand behind the point of a number.
    pub scale: u8,
}

impl Total {
    /// Returns the sum as text, without its currency: `1234.50`.
    pub fn amount(&self) -> String {
        match self.currency {
            Some(currency) => format_minor(self.units, currency),
            None if self.scale == 0 => self.units.to_string(),
            None => {
                let (power, width) = (10_u128.pow(u32::from(self.scale)), usize::from(self.scale));
                let units = self.units.unsigned_abs();
                let text = format!("{}{}.{:0width$}", if self.units < 0 { "-" } else { "" }, units / power, units % power);
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            }
        }
    }
}

impl std::fmt::Display for Total {
    /// `1234.50 EUR`, or the number alone.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.currency {
            Some(currency) => write!(f, "{} {currency}", self.amount()),
            None => f.write_str(&self.amount()),
        }
    }
}

/// How many records there are, in groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// The groups: words of a list in the team's order, else by name; those without
    /// value last. A record with several values stands in several.
    pub groups: Vec<Group>,
    /// How many records match.
    pub count: u64,
    /// Records left out because an amount in the query has no rate.
    pub unpriced: u64,
}

/// What a field sums up to, whole and in groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summed {
    /// The sums over all records.
    pub totals: Vec<Total>,
    /// The groups, if asked for; ordered as in [`Counted`].
    pub groups: Vec<Group>,
    /// How many records match.
    pub count: u64,
    /// How many of them have no value.
    pub without: u64,
    /// Records left out because an amount in the query has no rate.
    pub unpriced: u64,
}

/// Returns how many records match, and with `by` how many in each group.
///
/// # Errors
/// What the store answers.
pub fn count_by(store: &dyn Store, view: &View, kind: Kind, query: Option<Arc<Query>>, by: &By) -> Result<Counted, StoreError> {
    let mut groups = Groups::new(store);
    let mut count = 0;
    let unpriced = Walk::new(kind, view.clone()).query(query).each(store, |record| {
        count += 1;
        groups.each(by, record, |group| {
            group.count += 1;
            Ok(())
        })
    })?;
    Ok(Counted { groups: groups.ordered(by), count, unpriced })
}

/// Returns whether the values of a field can be summed.
pub fn is_summable(field: &FieldRef) -> bool {
    matches!(field.field_type(), FieldType::Money | FieldType::Int | FieldType::Number | FieldType::Percent)
}

/// Returns the sum of a field over the records that match, and with `by` in each
/// group.
///
/// # Errors
/// A sum beyond what can be told exactly; what the store answers.
pub fn sum(
    store: &dyn Store,
    view: &View,
    kind: Kind,
    query: Option<Arc<Query>>,
    field: &FieldRef,
    by: Option<&By>,
) -> Result<Summed, StoreError> {
    let mut groups = Groups::new(store);
    let known = Known::new(store);
    let mut summed = Summed::default();
    let mut all = Sums::default();
    summed.unpriced = Walk::new(kind, view.clone()).query(query).each(store, |record| {
        summed.count += 1;
        let values: Vec<Value> = field.get(record, &known);
        summed.without += u64::from(values.is_empty());
        all.add(&values)?;
        let Some(by) = by else { return Ok(()) };
        groups.each(by, record, |group| {
            group.count += 1;
            group.sums.add(&values)
        })
    })?;
    summed.totals = all.totals();
    summed.groups = by.map(|by| groups.ordered(by)).unwrap_or_default();
    Ok(summed)
}

/// Groups as they grow.
struct Groups<'s> {
    known: Known<'s>,
    definitions: Arc<Definitions>,
    found: BTreeMap<(String, Option<RecordId>), Growing>,
}

#[derive(Default)]
struct Growing {
    count: u64,
    sums: Sums,
}

impl<'s> Groups<'s> {
    fn new(store: &'s dyn Store) -> Self {
        Self { known: Known::new(store), definitions: store.definitions(), found: BTreeMap::new() }
    }

    fn each(&mut self, by: &By, record: &Record, mut visit: impl FnMut(&mut Growing) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let keys = by.groups(record, &self.definitions, &self.known);
        keys.into_iter().try_for_each(|key| visit(self.found.entry(key).or_default()))
    }

    fn ordered(self, by: &By) -> Vec<Group> {
        let words = by.words(&self.definitions);
        let mut groups: Vec<Group> = self
            .found
            .into_iter()
            .map(|((key, id), growing)| Group { key, id, count: growing.count, totals: growing.sums.totals() })
            .collect();
        groups.sort_by_cached_key(|group| {
            let rank = words.iter().position(|word| *word == group.key).unwrap_or(usize::MAX);
            (group.key.is_empty(), rank, fold::sort_key(&group.key), group.key.clone(), group.id)
        });
        groups
    }
}

/// Exact sums, money per currency.
#[derive(Debug, Default)]
struct Sums {
    money: BTreeMap<Currency, i128>,
    number: Option<(i128, u8)>,
}

impl Sums {
    fn add(&mut self, values: &[Value]) -> Result<(), StoreError> {
        for value in values {
            match value.bare() {
                Value::Money(money) => *self.money.entry(money.currency).or_default() += i128::from(money.minor),
                Value::Int(number) => self.add_number(Decimal::from(*number))?,
                Value::Number(number) => self.add_number(*number)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn add_number(&mut self, number: Decimal) -> Result<(), StoreError> {
        let (sum, scale) = self.number.unwrap_or((0, 0));
        let common = scale.max(number.scale());
        let at = |units: i128, scale: u8| units.checked_mul(10_i128.pow(u32::from(common - scale)));
        let sum = at(sum, scale).and_then(|sum| sum.checked_add(at(i128::from(number.units()), number.scale())?));
        let sum = sum.ok_or_else(|| StoreError::Invalid("the sum has more digits than can be told exactly".to_owned()))?;
        self.number = Some((sum, common));
        Ok(())
    }

    fn totals(&self) -> Vec<Total> {
        let money = self.money.iter().map(|(currency, units)| Total { currency: Some(*currency), units: *units, scale: currency.digits() });
        money.chain(self.number.map(|(units, scale)| Total { currency: None, units, scale })).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_exact() {
        let mut sums = Sums::default();
        let number = |text: &str| Value::Number(text.parse().expect("a number"));
        sums.add(&[number("0.1"), number("0.2"), Value::Int(-3), number("0.000000000000000001")]).expect("it fits");
        assert_eq!(sums.totals()[0].to_string(), "-2.699999999999999999");
        for code in ["JPY", "EUR", "EUR"] {
            let currency = Currency::from_code(code).expect("a currency");
            sums.add(&[Value::Money(crate::domain::Money { minor: i64::MAX, currency })]).expect("it fits");
        }
        let texts: Vec<String> = sums.totals().iter().map(Total::to_string).collect();
        assert_eq!(texts, ["184467440737095516.14 EUR", "9223372036854775807 JPY", "-2.699999999999999999"]);
        assert!(sums.add(&vec![Value::Int(i64::MAX); 100]).is_err());
    }

    #[test]
    fn days_are_grouped_as_a_query_names_them() {
        let day = NaiveDate::from_ymd_opt(2017, 5, 9).expect("a day");
        let names: Vec<String> = STRETCHES.iter().map(|(_, stretch)| stretch.of(day)).collect();
        assert_eq!(names, ["2017-05-09", "2017-05", "2017-q2", "2017"]);
    }
}
