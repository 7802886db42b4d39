//! A block: neighbouring keys and values in about 2 KiB, the unit that sled
//! holds.
//!
//! sled splits a leaf at sixteen entries whatever their size, and keeps a page
//! in memory for each leaf; so it is given few large entries. In a block each
//! key is stored as what it adds to the one before it. A CRC over the block
//! and its place finds a block that was damaged or stands where another should.

/// Marks a deleted key where the length of the value stands.
const DELETED: u32 = u32::MAX;
const CRC_LENGTH: usize = 4;

/// Where a block stands: the number of its run and its own in that run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) run: u32,
    pub(super) number: u32,
}

impl Place {
    fn crc_of(self, bytes: &[u8]) -> u32 {
        let place = (u64::from(self.run) << 32) | u64::from(self.number);
        crc32c::crc32c_append(crc32c::crc32c(&place.to_be_bytes()), bytes)
    }

    /// Returns `bytes` with the CRC that [`Place::opened`] asks for.
    pub(super) fn sealed(self, mut bytes: Vec<u8>) -> Vec<u8> {
        let crc = self.crc_of(&bytes);
        bytes.extend_from_slice(&crc.to_be_bytes());
        bytes
    }

    /// Returns the bytes without their CRC, `None` if it is not theirs.
    pub(super) fn opened(self, sealed: &[u8]) -> Option<&[u8]> {
        let (bytes, crc) = sealed.split_last_chunk::<CRC_LENGTH>()?;
        (self.crc_of(bytes) == u32::from_be_bytes(*crc)).then_some(bytes)
    }
}

pub(super) fn put_varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

pub(super) fn take_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn take_slice<'a>(bytes: &mut &'a [u8], length: u64) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(usize::try_from(length).ok()?)?;
    *bytes = rest;
    Some(taken)
}

/// Returns how many leading bytes `a` and `b` have in common.
pub(super) fn shared_prefix(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

/// Takes keys in ascending order and makes a block of them.
#[derive(Debug, Default)]
pub(super) struct BlockBuilder {
    bytes: Vec<u8>,
    last_key: Vec<u8>,
    count: u32,
}

impl BlockBuilder {
    /// Adds a key above all that are in; `None` notes that it is deleted.
    pub(super) fn add(&mut self, key: &[u8], value: Option<&[u8]>) {
        let shared = shared_prefix(&self.last_key, key);
        put_varint(&mut self.bytes, shared as u64);
        put_varint(&mut self.bytes, (key.len() - shared) as u64);
        put_varint(&mut self.bytes, value.map_or(0, |value| value.len() as u64 + 1));
        self.bytes.extend_from_slice(&key[shared..]);
        self.bytes.extend_from_slice(value.unwrap_or_default());
        self.last_key.truncate(shared);
        self.last_key.extend_from_slice(&key[shared..]);
        self.count += 1;
    }

    /// Returns the bytes so far.
    pub(super) fn size(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Returns the key that was added last.
    pub(super) fn last_key(&self) -> &[u8] {
        &self.last_key
    }

    /// Returns the bytes to store at `place`, and starts anew.
    pub(super) fn finish(&mut self, place: Place) -> Vec<u8> {
        self.last_key.clear();
        self.count = 0;
        place.sealed(std::mem::take(&mut self.bytes))
    }
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    start: u32,
    key: u32,
    value: u32,
}

/// A block that was read: keys in full, so that any can be looked at.
#[derive(Debug)]
pub(super) struct Block {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

impl Block {
    /// Returns the block stored at `place`, `None` if the bytes are not it.
    pub(super) fn decode(sealed: &[u8], place: Place) -> Option<Self> {
        let mut rest = place.opened(sealed)?;
        let mut bytes = Vec::with_capacity(rest.len() * 2);
        let mut entries = Vec::<Entry>::with_capacity(rest.len() / 16);
        let mut before = 0..0;
        while !rest.is_empty() {
            let shared = usize::try_from(take_varint(&mut rest)?).ok()?;
            let added = take_varint(&mut rest)?;
            let value = take_varint(&mut rest)?;
            if shared > before.len() {
                return None;
            }
            let start = bytes.len();
            bytes.extend_from_within(before.start..before.start + shared);
            bytes.extend_from_slice(take_slice(&mut rest, added)?);
            before = start..bytes.len();
            let entry = Entry {
                start: u32::try_from(start).ok()?,
                key: u32::try_from(before.len()).ok()?,
                value: match value.checked_sub(1) {
                    None => DELETED,
                    Some(length) => {
                        bytes.extend_from_slice(take_slice(&mut rest, length)?);
                        u32::try_from(length).ok()?
                    }
                },
            };
            entries.push(entry);
        }
        Some(Self { bytes, entries })
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns about what it takes in memory.
    pub(super) fn memory(&self) -> usize {
        self.bytes.capacity() + self.entries.capacity() * size_of::<Entry>() + 96
    }

    pub(super) fn key(&self, at: usize) -> &[u8] {
        let Entry { start, key, .. } = self.entries[at];
        &self.bytes[start as usize..][..key as usize]
    }

    /// Returns the value of the key at `at`, `None` if it is deleted.
    pub(super) fn value(&self, at: usize) -> Option<&[u8]> {
        let Entry { start, key, value } = self.entries[at];
        (value != DELETED).then(|| &self.bytes[(start + key) as usize..][..value as usize])
    }

    /// Returns how many keys lie before `key`, and also `key` if `through`.
    pub(super) fn position(&self, key: &[u8], through: bool) -> usize {
        let (mut low, mut high) = (0, self.entries.len());
        while low < high {
            let middle = low.midpoint(high);
            let here = self.key(middle);
            if here < key || (through && here == key) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::{Block, BlockBuilder, Place};

    const PLACE: Place = Place { run: 7, number: 3 };

    fn built(entries: &BTreeMap<Vec<u8>, Option<Vec<u8>>>) -> Vec<u8> {
        let mut builder = BlockBuilder::default();
        for (key, value) in entries {
            builder.add(key, value.as_deref());
        }
        builder.finish(PLACE)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_was_added_is_found(
            entries in proptest::collection::btree_map(
                proptest::collection::vec(0..3_u8, 0..6),
                proptest::option::of(proptest::collection::vec(any::<u8>(), 0..200)),
                0..40,
            ),
            wanted in proptest::collection::vec(0..3_u8, 0..6),
        ) {
            let block = Block::decode(&built(&entries), PLACE).unwrap();
            prop_assert_eq!(block.len(), entries.len());
            for (at, (key, value)) in entries.iter().enumerate() {
                prop_assert_eq!(block.key(at), key);
                prop_assert_eq!(block.value(at), value.as_deref());
            }
            let before = entries.keys().filter(|key| **key < wanted).count();
            let through = entries.keys().filter(|key| **key <= wanted).count();
            prop_assert_eq!(block.position(&wanted, false), before);
            prop_assert_eq!(block.position(&wanted, true), through);
        }

        #[test]
        fn bytes_that_are_no_block_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            // Once with a CRC that fits, so that the parser is reached too.
            prop_assert!(Block::decode(&bytes, PLACE).is_none());
            let _ = Block::decode(&PLACE.sealed(bytes), PLACE);
        }
    }

    #[test]
    fn a_flipped_bit_or_another_place_is_refused() {
        let entries = BTreeMap::from([(b"novak".to_vec(), Some(b"1".to_vec())), (b"novotny".to_vec(), None)]);
        let sealed = built(&entries);
        for bit in 0..sealed.len() * 8 {
            let mut flipped = sealed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(Block::decode(&flipped, PLACE).is_none(), "bit {bit}");
        }
        let elsewhere = Place { number: 4, ..PLACE };
        assert!(Block::decode(&sealed, elsewhere).is_none());
    }
}
