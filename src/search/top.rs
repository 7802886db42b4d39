//! The best of many, in bounded memory.

use std::collections::BinaryHeap;

/// Keeps so many of the least that it is given.
#[derive(Debug, Clone)]
pub struct Top<T> {
    kept: BinaryHeap<T>,
    most: usize,
}

impl<T: Ord> Top<T> {
    /// Returns a top of at most so many.
    pub fn new(most: usize) -> Self {
        Self { kept: BinaryHeap::with_capacity(most.min(1_024)), most }
    }

    /// Takes one, and drops the greatest when there are too many.
    pub fn push(&mut self, one: T) {
        if self.kept.len() < self.most {
            self.kept.push(one);
        } else if let Some(mut greatest) = self.kept.peek_mut()
            && one < *greatest
        {
            *greatest = one;
        }
    }

    /// Returns how many are kept at most.
    pub fn most(&self) -> usize {
        self.most
    }

    /// Returns the greatest of those kept, once there are as many as may be.
    pub fn worst(&self) -> Option<&T> {
        self.kept.peek().filter(|_| self.kept.len() >= self.most)
    }

    /// Takes what another one has kept.
    pub fn take(&mut self, other: Self) {
        other.kept.into_iter().for_each(|one| self.push(one));
    }

    /// Returns those kept, the least first.
    pub fn sorted(self) -> Vec<T> {
        self.kept.into_sorted_vec()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_least_are_kept(numbers in proptest::collection::vec(0..100u32, 0..60), most in 0..20usize) {
            let mut top = Top::new(most);
            numbers.iter().for_each(|number| top.push(*number));
            let mut sorted = numbers;
            sorted.sort_unstable();
            sorted.truncate(most);
            prop_assert_eq!(top.sorted(), sorted);
        }
    }
}
