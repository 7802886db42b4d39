//! Which lines match: a bit each. What was used once is used again, so that looking for
//! something takes no more memory the more lines there are.

use std::sync::{Arc, Mutex, PoisonError};

/// How many are kept to be used again.
const SPARE: usize = 8;

/// Where marks that nobody needs any longer are kept.
#[derive(Debug, Clone, Default)]
pub(super) struct Spare(Arc<Mutex<Vec<Vec<u64>>>>);

impl Spare {
    /// Returns marks on so many lines, none set.
    pub(super) fn marks(&self, lines: usize) -> Marks {
        let mut bits = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        bits.clear();
        bits.resize(lines.div_ceil(64), 0);
        Marks { bits, home: self.clone() }
    }
}

/// A bit for each line.
#[derive(Debug)]
pub struct Marks {
    bits: Vec<u64>,
    home: Spare,
}

impl Marks {
    /// Makes room for marks on so many lines.
    pub(super) fn grow(&mut self, lines: usize) {
        let words = lines.div_ceil(64).max(self.bits.len());
        self.bits.resize(words, 0);
    }

    /// Returns how many lines are marked.
    pub fn count(&self) -> usize {
        self.bits.iter().map(|bits| bits.count_ones() as usize).sum()
    }

    /// Returns the marks, 64 lines each.
    pub(super) fn words(&self) -> &[u64] {
        &self.bits
    }

    /// Returns the marks to be set.
    pub(super) fn words_mut(&mut self) -> &mut [u64] {
        &mut self.bits
    }
}

impl Clone for Marks {
    fn clone(&self) -> Self {
        let mut marks = self.home.marks(0);
        marks.bits.extend_from_slice(&self.bits);
        marks
    }
}

impl PartialEq for Marks {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}

impl Eq for Marks {}

impl Drop for Marks {
    fn drop(&mut self) {
        let mut spare = self.home.0.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < SPARE {
            spare.push(std::mem::take(&mut self.bits));
        }
    }
}

/// Calls for each bit that is set.
pub(super) fn each_bit(mut bits: u64, mut call: impl FnMut(usize)) {
    while bits != 0 {
        call(bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}
