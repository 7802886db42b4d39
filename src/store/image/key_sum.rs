//! A count and an order-free checksum of the keys of one index.
//!
//! A record's CRC tells that a record is right, not that none is missing. The
//! sum of the keys' hashes does: it is brought forward with every change and
//! compared with what a scan finds. It is a guard against faults, not against
//! an attacker, who could choose keys to fit.

use twox_hash::XxHash3_128;

/// The number of keys and the wrapping sum of their 128-bit hashes (XXH3).
///
/// Adding and removing commute, so the order of changes does not matter. The
/// same key added twice counts twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeySum {
    count: u64,
    sum: u128,
}

impl KeySum {
    /// Bytes of the encoded form.
    pub const ENCODED_LENGTH: usize = 24;

    /// Returns the sum of no keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes `key` in.
    pub fn add(&mut self, key: &[u8]) {
        self.count = self.count.wrapping_add(1);
        self.sum = self.sum.wrapping_add(XxHash3_128::oneshot(key));
    }

    /// Takes `key` out again.
    pub fn remove(&mut self, key: &[u8]) {
        self.count = self.count.wrapping_sub(1);
        self.sum = self.sum.wrapping_sub(XxHash3_128::oneshot(key));
    }

    /// Returns how many keys are in.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns the bytes to keep: count, then sum, big-endian.
    pub fn encode(&self) -> [u8; Self::ENCODED_LENGTH] {
        let mut bytes = [0; Self::ENCODED_LENGTH];
        bytes[..8].copy_from_slice(&self.count.to_be_bytes());
        bytes[8..].copy_from_slice(&self.sum.to_be_bytes());
        bytes
    }

    /// Returns the sum from its encoded form, `None` if the length is wrong.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (count, sum) = bytes.split_first_chunk::<8>()?;
        Some(Self { count: u64::from_be_bytes(*count), sum: u128::from_be_bytes(sum.try_into().ok()?) })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::KeySum;

    fn of<'a>(keys: impl IntoIterator<Item = &'a Vec<u8>>) -> KeySum {
        let mut sum = KeySum::new();
        for key in keys {
            sum.add(key);
        }
        sum
    }

    #[test]
    fn a_kept_sum_stays_readable() {
        // A change of hash would make every kept sum wrong. The hash of
        // nothing is the one that XXH3's own tests give.
        let nothing = of(&[Vec::new()]);
        assert_eq!(nothing.sum, 0x99aa_06d3_0147_98d8_6001_c324_468d_497f);
        let sum = of(&[b"novak".to_vec(), Vec::new()]);
        let mut encoded = [0; KeySum::ENCODED_LENGTH];
        encoded[7] = 2;
        encoded[8..].copy_from_slice(&0x8214_9470_0e5d_bc23_24e2_c1c8_4a37_be5a_u128.to_be_bytes());
        assert_eq!(sum.encode(), encoded);
        assert_eq!(KeySum::decode(&sum.encode()), Some(sum));
        assert_eq!(KeySum::decode(b"short"), None);
        assert_eq!(KeySum::decode(&[0; 25]), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_order_does_not_matter_and_removing_undoes(
            mut keys in proptest::collection::hash_set(any::<Vec<u8>>(), 0..20),
            extra in any::<Vec<u8>>(),
        ) {
            keys.remove(&extra);
            let forward: Vec<_> = keys.iter().cloned().collect();
            let mut backward = forward.clone();
            backward.reverse();
            let mut sum = of(&forward);
            prop_assert_eq!(sum, of(&backward));
            prop_assert_eq!(sum.count(), forward.len() as u64);
            sum.add(&extra);
            prop_assert_ne!(sum, of(&forward));
            sum.remove(&extra);
            prop_assert_eq!(sum, of(&forward));
        }

        #[test]
        fn one_key_exchanged_for_another_is_seen(a in any::<Vec<u8>>(), b in any::<Vec<u8>>()) {
            prop_assume!(a != b);
            prop_assert_ne!(of([&a]), of([&b]));
        }
    }
}
