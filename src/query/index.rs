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
