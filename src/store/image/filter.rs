//! Tells in a run without reading it that a key is not there.
//!
//! A blocked Bloom filter (Putze, Sanders, Singler: Cache-, Hash- and
//! Space-Efficient Bloom Filters, 2007): all bits of a key lie in one line of
//! 512 bits, so that asking touches memory once.

use twox_hash::XxHash3_128;

const WORDS: usize = 8;
const BITS_A_KEY: u64 = 9;
const PROBES: u32 = 6;

/// The hash that a filter asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeyHash(u128);

impl KeyHash {
    pub(super) fn of(key: &[u8]) -> Self {
        Self(XxHash3_128::oneshot(key))
    }
}

/// Which keys may be in a run; one in about fifty that are not is let through.
#[derive(Debug)]
pub(super) struct Filter {
    lines: Vec<[u64; WORDS]>,
}

impl Filter {
    /// Returns a filter with room for `keys` keys.
    pub(super) fn sized(keys: u64) -> Self {
        let lines = (keys * BITS_A_KEY).div_ceil(64 * WORDS as u64).max(1);
        let lines = usize::try_from(lines).unwrap_or(usize::MAX);
        Self { lines: vec![[0; WORDS]; lines] }
    }

    fn line_of(&self, hash: KeyHash) -> usize {
        let spread = (hash.0 >> 64) * self.lines.len() as u128;
        usize::try_from(spread >> 64).expect("a fraction of the number of lines")
    }

    fn bits(hash: KeyHash) -> impl Iterator<Item = (usize, u64)> {
        (0..PROBES).map(move |probe| {
            let nine = usize::try_from((hash.0 >> (9 * probe)) & 511).expect("nine bits");
            (nine / 64, 1 << (nine % 64))
        })
    }

    pub(super) fn add(&mut self, hash: KeyHash) {
        let line = self.line_of(hash);
        for (word, bit) in Self::bits(hash) {
            self.lines[line][word] |= bit;
        }
    }

    pub(super) fn may_have(&self, hash: KeyHash) -> bool {
        let line = &self.lines[self.line_of(hash)];
        Self::bits(hash).all(|(word, bit)| line[word] & bit != 0)
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let words = self.lines.iter().flatten();
        words.flat_map(|word| word.to_be_bytes()).collect()
    }

    /// Returns the filter from its bytes, `None` if they are none.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (lines, rest) = bytes.as_chunks::<{ WORDS * 8 }>();
        if lines.is_empty() || !rest.is_empty() {
            return None;
        }
        let line = |line: &[u8; WORDS * 8]| {
            let (words, _) = line.as_chunks::<8>();
            std::array::from_fn(|at| u64::from_be_bytes(words[at]))
        };
        Some(Self { lines: lines.iter().map(line).collect() })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Filter, KeyHash};

    #[test]
    fn every_key_is_let_through_and_few_others() {
        let mut filter = Filter::sized(10_000);
        let hash = |number: u32| KeyHash::of(&number.to_be_bytes());
        (0..10_000).for_each(|number| filter.add(hash(number)));
        let filter = Filter::from_bytes(&filter.to_bytes()).unwrap();
        assert!((0..10_000).all(|number| filter.may_have(hash(number))));
        let wrong = (10_000..110_000).filter(|number| filter.may_have(hash(*number)));
        let wrong = wrong.count();
        assert!((500..4_000).contains(&wrong), "{wrong} of 100,000");
        assert!(Filter::from_bytes(&[0; 63]).is_none());
        assert!(Filter::from_bytes(&[]).is_none());
        assert!(!Filter::sized(0).may_have(hash(1)));
    }
}
