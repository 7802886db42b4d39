//! The keys under which the store finds a record by its values.
//!
//! The store keeps exactly these keys, each with the record's id, and takes them
//! away when the record changes; so they follow from the record alone: no clock,
//! no definitions, no other record. Equal values have equal keys. Values that
//! differ may share a key (a long text ends in a hash), so whoever finds a record
//! by a key looks at the record before believing it.
//!
//! Bytes compare as values do: times, dates and numbers are big-endian with the
//! sign turned. The field by which a kind is named ([`order_field`]) has one key for
//! every record, the one by which `--sort` orders it: its index is the kind's
//! order by name.

use crate::domain::fields::{self, number};
use crate::domain::fold::fold_cow;
use crate::domain::parse::phone_digits;
use crate::domain::{Date, Decimal, Field, FieldNumber, FieldType, Kind, Record, RecordId, Timestamp, Value};

use super::order;
use super::path::name_field;

/// One key: the field's number and the value's bytes.
pub type IndexKey = (FieldNumber, Vec<u8>);

/// The most bytes of a text in a key.
const LONGEST: usize = 64;

/// Returns every key of a record, in the order of its values.
pub fn index_keys(record: &Record) -> Vec<IndexKey> {
    let kind = record.kind();
    let named = order_field(kind);
    let mut keys: Vec<IndexKey> = named.map(|field| (field, order::name_key(record))).into_iter().collect();
    for (at, value) in &record.fields {
        if *at == number::CUSTOM {
            if let Value::Labelled(name, value) = value {
                keys.extend(custom_key(name, value).map(|key| (*at, key)));
            }
        } else if Some(*at) != named
            && let Some(field) = fields::field_by_number(kind, *at).filter(|field| field.indexed)
        {
            keys.extend(value_key(field, value).map(|key| (*at, key)));
        }
    }
    keys
}

/// Returns the field whose index has each record of a kind once, in the order of names.
pub fn order_field(kind: Kind) -> Option<FieldNumber> {
    let named = name_field(kind)?;
    fields::field_by_number(kind, named).filter(|field| field.indexed).map(|field| field.number)
}

/// Returns the key of a value of an indexed field; `None` for a value that has none.
///
/// For the field by which a kind is named this is the key of a record of that name.
pub fn key_of(kind: Kind, at: FieldNumber, value: &Value) -> Option<Vec<u8>> {
    if order_field(kind) == Some(at) {
        return value.as_text().map(order::name_key_of);
    }
    match value {
        Value::Labelled(name, value) if at == number::CUSTOM => custom_key(name, value),
        _ => value_key(fields::field_by_number(kind, at).filter(|field| field.indexed)?, value),
    }
}

/// Returns the key of a custom field's value: the name, a zero byte, the value.
pub fn custom_key(name: &str, value: &Value) -> Option<Vec<u8>> {
    let mut key = fold_cow(name).replace('\0', "").into_bytes();
    key.push(0);
    key.extend(match value.bare() {
        Value::Text(text) => text_key(text),
        other => plain_key(other)?,
    });
    Some(key)
}

fn value_key(field: &Field, value: &Value) -> Option<Vec<u8>> {
    match (field.ty, value, value.bare()) {
        (FieldType::ExternalId, Value::Labelled(source, _), Value::Text(id)) => Some(external_key(source, id)),
        (FieldType::ExternalId, _, Value::Text(id)) => Some(external_key("", id)),
        (FieldType::Phone, _, Value::Text(phone)) => Some(phone_key(phone)),
        (_, _, Value::Text(text)) => Some(text_key(text)),
        (_, _, other) => plain_key(other),
    }
}

/// Returns the key of a text, choice, tag or e-mail address: folded.
pub fn text_key(text: &str) -> Vec<u8> {
    bounded(fold_cow(text).trim().as_bytes())
}

/// Returns the key of a phone number: its digits; of one without digits, its text.
pub fn phone_key(phone: &str) -> Vec<u8> {
    let digits = phone_digits(phone);
    if digits.is_empty() { text_key(phone) } else { bounded(digits.as_bytes()) }
}

/// Returns the key of an id in another program, exactly as it is written there.
pub fn external_key(source: &str, id: &str) -> Vec<u8> {
    bounded(format!("{}\0{id}", source.replace('\0', "")).as_bytes())
}

/// Returns the key of a link.
pub fn link_key(id: RecordId) -> Vec<u8> {
    let mut key = vec![id.kind as u8];
    key.extend(id.number.to_be_bytes());
    key
}

/// Returns the key of a moment.
pub fn time_key(at: Timestamp) -> Vec<u8> {
    signed(at.0).to_vec()
}

/// Returns the key of a date: a part that is not known counts as its first.
pub fn date_key(date: Date) -> Vec<u8> {
    let year = u16::try_from(date.year().unwrap_or(0)).unwrap_or(0);
    let mut key = year.to_be_bytes().to_vec();
    key.extend([date.month().unwrap_or(1) as u8, date.day().unwrap_or(1) as u8]);
    key
}

/// Returns the key of an exact number: `units` at 18 digits behind the point.
pub(super) fn decimal_key(number: Decimal) -> [u8; 16] {
    // 2^63 * 10^18 < 2^127: never overflows.
    let scaled = i128::from(number.units()) * 10_i128.pow(u32::from(Decimal::MAX_SCALE - number.scale()));
    (scaled as u128 ^ (1 << 127)).to_be_bytes()
}

fn signed(number: i64) -> [u8; 8] {
    (number as u64 ^ (1 << 63)).to_be_bytes()
}

fn plain_key(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::Int(number) => Some(decimal_key(Decimal::from(*number)).to_vec()),
        Value::Number(number) => Some(decimal_key(*number).to_vec()),
        Value::Flag(flag) => Some(vec![u8::from(*flag)]),
        Value::Date(date) => Some(date_key(*date)),
        Value::Time(at) => Some(time_key(*at)),
        Value::Link(id) => Some(link_key(*id)),
        Value::Job(job) => job.company.map(link_key),
        Value::Line(line) => line.product.map(link_key),
        Value::Money(money) => {
            let mut key = money.currency.code().as_bytes().to_vec();
            key.extend(signed(money.minor));
            Some(key)
        }
        Value::Text(_) | Value::Address(_) | Value::Labelled(..) => None,
    }
}

/// Returns at most [`LONGEST`] bytes: of longer ones the beginning and a hash of all.
fn bounded(bytes: &[u8]) -> Vec<u8> {
    const HASH: usize = size_of::<u64>();
    if bytes.len() <= LONGEST {
        return bytes.to_vec();
    }
    // FNV-1a, 64 bits: fixed for ever, unlike the standard library's hashers.
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    let mut key = bytes[..LONGEST - HASH].to_vec();
    key.extend(hash.to_be_bytes());
    key
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{Currency, Money};

    /// The bytes are what stores hold: a change here is a new schema of the image.
    #[test]
    fn the_bytes_of_keys() {
        let date = |text: &str| Value::Date(text.parse().expect("a date"));
        let kind = Kind::Contact;
        for (at, value, key) in [
            (number::CONTACT_NAME, Value::text("„Ada Novák“"), &b"\x01ada novak\xe2\x80\x9c\x00"[..]),
            (number::CONTACT_EMAIL, Value::labelled("work", Value::text("Ada@Example.com")), b"ada@example.com"),
            (number::CONTACT_PHONE, Value::text("+420 601"), b"420601"),
            (number::CONTACT_PHONE, Value::text("Ask Eva"), b"ask eva"),
            (number::TAGS, Value::text("VIP"), b"vip"),
            (number::OWNER, Value::Link(RecordId::new(Kind::User, 258)), b"\x0a\0\0\0\0\0\0\x01\x02"),
            (number::CREATED_AT, Value::Time(Timestamp(1)), b"\x80\0\0\0\0\0\0\x01"),
            (number::CREATED_AT, Value::Time(Timestamp(-1)), b"\x7f\xff\xff\xff\xff\xff\xff\xff"),
            (number::EXTERNAL_ID, Value::labelled("hubspot", Value::text("A-4711")), b"hubspot\0A-4711"),
            (number::CUSTOM, Value::labelled("Size", Value::text("Large")), b"size\0large"),
            (number::CUSTOM, Value::labelled("since", date("2026-01")), b"since\0\x07\xea\x01\x01"),
        ] {
            assert_eq!(key_of(kind, at, &value).as_deref(), Some(key), "{value:?}");
        }
        assert_eq!(key_of(kind, number::NOTES, &Value::text("not indexed")), None);
        assert_eq!(key_of(kind, number::CUSTOM, &Value::text("no name")), None);
        let long = Value::text("a".repeat(70));
        let key = key_of(kind, number::TAGS, &long).expect("indexed");
        assert_eq!(key.len(), LONGEST);
        assert_ne!(key_of(kind, number::TAGS, &Value::text("a".repeat(71))), Some(key));
    }

    #[test]
    fn a_record_has_a_key_for_each_value_and_one_for_its_name() {
        let mut record = Record::new(RecordId::new(Kind::Contact, 1));
        assert_eq!(index_keys(&record), [(number::CONTACT_NAME, vec![2])]);
        record.push(number::CONTACT_NAME, Value::text("Ada"));
        record.push(number::TAGS, Value::text("a"));
        record.push(number::TAGS, Value::text("b"));
        record.push(number::NOTES, Value::text("c"));
        record.push(60_000, Value::text("of a later version"));
        let keys = [(number::CONTACT_NAME, b"\x01ada\0".to_vec()), (number::TAGS, b"a".to_vec()), (number::TAGS, b"b".to_vec())];
        assert_eq!(index_keys(&record), keys);
        let interaction = Record::new(RecordId::new(Kind::Interaction, 1));
        assert_eq!(index_keys(&interaction), []);
    }

    fn decimal() -> impl Strategy<Value = Decimal> {
        (any::<i64>(), 0..=Decimal::MAX_SCALE).prop_map(|(units, scale)| Decimal::new(units, scale).expect("a scale in range"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn bytes_compare_as_values_do(
            times in any::<(i64, i64)>(), numbers in (decimal(), decimal()), amounts in any::<(i64, i64)>(),
            years in (1..=9999_i32, 1..=9999_i32), months in (1..=12_u32, 1..=12_u32), days in (1..=28_u32, 1..=28_u32),
        ) {
            prop_assert_eq!(time_key(Timestamp(times.0)).cmp(&time_key(Timestamp(times.1))), times.0.cmp(&times.1));
            prop_assert_eq!(decimal_key(numbers.0).cmp(&decimal_key(numbers.1)), numbers.0.cmp(&numbers.1));
            let date = |year, month, day| Date::new(year, month, day).expect("a date");
            let (a, b) = (date(years.0, months.0, days.0), date(years.1, months.1, days.1));
            prop_assert_eq!(date_key(a).cmp(&date_key(b)), a.cmp(&b));
            let money = |minor| plain_key(&Value::Money(Money { minor, currency: Currency::from_code("EUR").expect("a currency") }));
            prop_assert_eq!(money(amounts.0).cmp(&money(amounts.1)), amounts.0.cmp(&amounts.1));
        }
    }
}
