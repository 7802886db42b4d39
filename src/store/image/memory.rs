//! An image in memory: what the others are compared with, and the image of a
//! store that leaves nothing behind.

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};
use std::sync::{PoisonError, RwLock};

use super::{Batch, Image, ImageLost, Visit, is_empty_range};

/// Ordered keys and values in memory; nothing is ever lost and nothing kept.
#[derive(Debug, Default)]
pub struct MemoryImage {
    keys: RwLock<BTreeMap<Vec<u8>, Vec<u8>>>,
}

impl MemoryImage {
    /// Returns an empty image.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Image for MemoryImage {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ImageLost> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        Ok(keys.get(key).cloned())
    }

    fn scan(&self, from: Bound<&[u8]>, to: Bound<&[u8]>, reverse: bool, visit: &mut Visit<'_>) -> Result<(), ImageLost> {
        if is_empty_range(from, to) {
            return Ok(());
        }
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let mut range = keys.range::<[u8], _>((from, to));
        while let Some((key, value)) = if reverse { range.next_back() } else { range.next() } {
            if let ControlFlow::Break(()) = visit(key, value) {
                break;
            }
        }
        Ok(())
    }

    fn apply(&self, batch: &Batch) -> Result<(), ImageLost> {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        for (key, value) in batch.iter() {
            match value {
                Some(value) => {
                    keys.insert(key.to_vec(), value.to_vec());
                }
                None => {
                    keys.remove(key);
                }
            }
        }
        Ok(())
    }

    fn flush(&self) -> Result<(), ImageLost> {
        Ok(())
    }

    fn bytes_on_disk(&self) -> u64 {
        0
    }

    fn generation(&self) -> u64 {
        0
    }
}
