//! The keys of the image.
//!
//! ```text
//! table                 key behind the table's byte                     value
//! META     0x01         name                                            (by name)
//! SUM      0x02         the beginning that its keys share               KeySum
//! KIND     0x03         kind                                            next number, live, trashed
//! RECORD   0x10         kind id                                         state, seq, place of the latest version
//! VERSION  0x11         kind id seq                                     the same of an earlier version
//! TRASH    0x12         kind id
//! INDEX    0x13         kind field(2) value id-number
//! LINK     0x14         to-id from-kind time(8) from-number field(2)
//! ROLLUP   0x15         kind id                                         Rollup
//! DUE      0x16         id time(8) task-number
//! COMMIT   0x20         seq                                             step, places of frame and head
//! TIME     0x21         time(8) seq
//! STEP     0x22         step                                            StepInfo
//! PART     0x23         step seq
//! ONCE     0x24         idempotency key                                 seq, fingerprint
//! ONCE_AGE 0x25         seq                                             idempotency key
//! ```
//!
//! Numbers without a width are written as their length in bytes and these, big
//! end first: they sort as numbers and small ones are short. Indexes and links
//! hold live records only. Whatever is changed here or in a value: raise
//! [`SCHEMA`], and images of the old one are rebuilt.

use std::ops::Bound;

use crate::domain::{FieldNumber, Kind, RecordId, Timestamp};

/// The number of this layout.
pub(super) const SCHEMA: u32 = 2;

pub(super) const META: u8 = 0x01;
pub(super) const SUM: u8 = 0x02;
pub(super) const KIND: u8 = 0x03;
pub(super) const RECORD: u8 = 0x10;
pub(super) const VERSION: u8 = 0x11;
pub(super) const TRASH: u8 = 0x12;
pub(super) const INDEX: u8 = 0x13;
pub(super) const LINK: u8 = 0x14;
pub(super) const ROLLUP: u8 = 0x15;
pub(super) const DUE: u8 = 0x16;
pub(super) const COMMIT: u8 = 0x20;
pub(super) const TIME: u8 = 0x21;
pub(super) const STEP: u8 = 0x22;
pub(super) const PART: u8 = 0x23;
pub(super) const ONCE: u8 = 0x24;
pub(super) const ONCE_AGE: u8 = 0x25;

/// The schema, written when the image is begun.
pub(super) const META_SCHEMA: &[u8] = &[META, b's'];
/// The store that the image belongs to.
pub(super) const META_STORE: &[u8] = &[META, b'i'];
/// The last frame that was applied.
pub(super) const META_APPLIED: &[u8] = &[META, b'a'];
/// There while sums are changed because what the team owns was.
pub(super) const META_REVISING: &[u8] = &[META, b'r'];

/// The longest run of zeros that a value writes as one.
const LONGEST_RUN: usize = 128;

/// A key that is being put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key(pub(super) Vec<u8>);

impl Key {
    pub(super) fn of(table: u8) -> Self {
        let mut bytes = Vec::with_capacity(32);
        bytes.push(table);
        Self(bytes)
    }

    pub(super) fn kind(mut self, kind: Kind) -> Self {
        self.0.push(kind as u8);
        self
    }

    pub(super) fn number(mut self, number: u64) -> Self {
        let bytes = number.to_be_bytes();
        let skip = (number.leading_zeros() / 8) as usize;
        self.0.push((8 - skip) as u8);
        self.0.extend_from_slice(&bytes[skip..]);
        self
    }

    pub(super) fn id(self, id: RecordId) -> Self {
        self.kind(id.kind).number(id.number)
    }

    pub(super) fn field(mut self, field: FieldNumber) -> Self {
        self.0.extend_from_slice(&field.to_be_bytes());
        self
    }

    pub(super) fn time(mut self, at: Timestamp) -> Self {
        // With the sign turned, bytes sort as numbers.
        self.0.extend_from_slice(&(at.0 ^ i64::MIN).to_be_bytes());
        self
    }

    /// Adds bytes of any length so that they sort before their continuations.
    ///
    /// A run of up to 128 zeros with something behind it becomes 0 and 256 less
    /// its length; one of up to 127 at the end, and be it of none, 0 and its
    /// length. So the end sorts first, and numbers, which are full of zeros, stay
    /// short.
    pub(super) fn value(mut self, value: &[u8]) -> Self {
        let mut rest = value;
        while let Some((&byte, behind)) = rest.split_first() {
            if byte != 0 {
                self.0.push(byte);
                rest = behind;
                continue;
            }
            let zeros = rest.iter().take(LONGEST_RUN).take_while(|byte| **byte == 0).count();
            if zeros == rest.len() && zeros < LONGEST_RUN {
                break;
            }
            self.0.extend_from_slice(&[0, (256 - zeros) as u8]);
            rest = &rest[zeros..];
        }
        self.0.extend_from_slice(&[0, rest.len() as u8]);
        self
    }

    pub(super) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }
}

/// A key that is being taken apart. `None` says that it is not as written here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts<'a>(&'a [u8]);

impl<'a> Parts<'a> {
    /// Returns what follows the table's byte.
    pub(super) fn of(key: &'a [u8]) -> Self {
        Self(key.get(1..).unwrap_or_default())
    }

    /// Returns all of these bytes, which are a piece of a key or a value.
    pub(super) fn whole(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn kind(&mut self) -> Option<Kind> {
        self.take(1).and_then(|byte| Kind::from_code(byte[0]))
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        let length = usize::from(self.take(1)?[0]);
        if length > 8 {
            return None;
        }
        let bytes = self.take(length)?;
        Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    pub(super) fn id(&mut self) -> Option<RecordId> {
        Some(RecordId::new(self.kind()?, self.number()?))
    }

    pub(super) fn field(&mut self) -> Option<FieldNumber> {
        self.take(2).map(|bytes| FieldNumber::from_be_bytes([bytes[0], bytes[1]]))
    }

    /// Returns what is left.
    pub(super) fn rest(self) -> &'a [u8] {
        self.0
    }

    pub(super) fn crc(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    pub(super) fn time(&mut self) -> Option<Timestamp> {
        let bytes: [u8; 8] = self.take(8)?.try_into().ok()?;
        Some(Timestamp(i64::from_be_bytes(bytes) ^ i64::MIN))
    }

    /// Takes a value and returns it as it was.
    pub(super) fn value(&mut self) -> Option<Vec<u8>> {
        let mut value = Vec::new();
        loop {
            let byte = self.take(1)?[0];
            if byte != 0 {
                value.push(byte);
                continue;
            }
            let run = usize::from(self.take(1)?[0]);
            if run < LONGEST_RUN {
                value.resize(value.len() + run, 0);
                return Some(value);
            }
            value.resize(value.len() + 256 - run, 0);
        }
    }

    /// Goes past a value.
    pub(super) fn skip_value(&mut self) -> Option<()> {
        loop {
            let zero = self.0.iter().position(|byte| *byte == 0)?;
            self.take(zero + 1)?;
            if usize::from(self.take(1)?[0]) < LONGEST_RUN {
                return Some(());
            }
        }
    }
}

/// Returns the beginning of the keys that are summed up together with this one,
/// `None` where no sum is kept.
pub(super) fn sum_group(key: &[u8]) -> Option<&[u8]> {
    let length = match key.first()? {
        &RECORD | &VERSION | &TRASH | &LINK | &ROLLUP | &DUE => 2,
        &INDEX => 4,
        &COMMIT | &TIME | &STEP | &PART | &ONCE | &ONCE_AGE => 1,
        _ => return None,
    };
    key.get(..length)
}

/// Returns the key right behind all that begin with `prefix`; `None` is the end.
pub(super) fn behind(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != 255)?;
    let mut behind = prefix[..=last].to_vec();
    behind[last] += 1;
    Some(behind)
}

/// Returns the bounds of all keys that begin with `prefix`.
pub(super) fn beginning_with(prefix: &[u8]) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
    (Bound::Included(prefix.to_vec()), behind(prefix).map_or(Bound::Unbounded, Bound::Excluded))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn keys_sort_as_what_they_are_made_of(
            a in (prop::collection::vec(0u8..2, 0..5), any::<i64>(), 0u64..70_000),
            b in (prop::collection::vec(0u8..2, 0..5), any::<i64>(), any::<u64>()),
        ) {
            let key = |(value, at, id): &(Vec<u8>, i64, u64)| {
                Key::of(INDEX).kind(Kind::Contact).field(100).value(value).time(Timestamp(*at)).number(*id)
            };
            prop_assert_eq!(key(&a).0.cmp(&key(&b).0), a.cmp(&b));
        }

        #[test]
        fn long_runs_of_zeros_sort_as_they_are(a in 0usize..400, b in 0usize..400, end_a: Option<bool>, end_b: Option<bool>) {
            let value = |zeros: usize, end: Option<bool>| {
                let mut value = vec![0; zeros];
                value.extend(end.map(u8::from));
                value
            };
            let (a, b) = (value(a, end_a), value(b, end_b));
            let key = |value: &[u8]| Key::of(INDEX).value(value).number(7).0;
            prop_assert_eq!(key(&a).cmp(&key(&b)), a.cmp(&b));
            let key = key(&a);
            let mut parts = Parts::of(&key);
            prop_assert_eq!(parts.value(), Some(a));
            prop_assert_eq!(parts.number(), Some(7));
        }

        #[test]
        fn keys_come_apart_again(value in any::<Vec<u8>>(), at: i64, number: u64, field: u16) {
            let id = RecordId::new(Kind::Ticket, number);
            let key = Key::of(INDEX).field(field).value(&value).time(Timestamp(at)).id(id).0;
            let mut parts = Parts::of(&key);
            prop_assert_eq!(parts.field(), Some(field));
            let mut skipped = parts;
            prop_assert_eq!(skipped.skip_value(), Some(()));
            prop_assert_eq!(skipped.time(), Some(Timestamp(at)));
            prop_assert_eq!(parts.value(), Some(value));
            prop_assert_eq!(parts.time(), Some(Timestamp(at)));
            prop_assert_eq!(parts.id(), Some(id));
            prop_assert!(parts.number().is_none());
        }

        #[test]
        fn any_bytes_are_taken_apart_without_a_panic(bytes in any::<Vec<u8>>()) {
            let parts = Parts::of(&bytes);
            let _ = (parts.clone().value(), parts.clone().skip_value(), parts.clone().id(), parts.clone().time());
        }
    }

    #[test]
    fn behind_a_prefix_is_the_next_one() {
        assert_eq!(behind(&[1, 2]), Some(vec![1, 3]));
        assert_eq!(behind(&[1, 255, 255]), Some(vec![2]));
        assert_eq!(behind(&[255]), None);
        assert_eq!(behind(&[]), None);
    }
}
