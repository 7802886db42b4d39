//! The image: ordered keys and values that can be deleted at any time.
//!
//! The log is the truth; the image holds what would be slow to find in it. It
//! is kept in sled, which is quick but cannot be trusted (see ARCHITECTURE.md):
//! it may lose what it flushed, panic, hang, or open empty without an error.
//! So everything it does runs behind a guard that turns any of that into
//! [`ImageLost`], after which the engine takes the next generation and fills it
//! from the log again.
//!
//! This module must not know the domain: no kinds, no records, no log. It
//! stores bytes under bytes.

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};

mod block;
mod block_cache;
mod depot;
mod filter;
mod folder;
mod guard;
mod keeper;
mod key_sum;
mod levels;
mod memory;
mod merged;
mod run;
mod sled_image;

pub use folder::{ImageFolder, Limits};
pub use guard::panic_is_contained;
pub use key_sum::KeySum;
pub use memory::MemoryImage;
pub use sled_image::SledImage;

/// The image can no longer be used; the engine rebuilds it from the log.
///
/// Once a call has answered this, every later call on the same image does so
/// at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the image is lost: {reason}")]
pub struct ImageLost {
    /// What happened, in words, for the note that the user gets.
    pub reason: String,
}

impl ImageLost {
    /// Returns the loss with its reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

/// What [`Image::scan`] hands each key and value to; `Break` ends the scan.
pub type Visit<'a> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'a;

/// Puts and deletes that are applied together or not at all.
///
/// The last one for a key wins; iteration is in the order of the keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    changes: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

impl Batch {
    /// Returns an empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts `value` under `key`, whatever stood there.
    pub fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.changes.insert(key, Some(value));
    }

    /// Deletes `key`; deleting an absent key is no error.
    pub fn delete(&mut self, key: Vec<u8>) {
        self.changes.insert(key, None);
    }

    /// Returns what this batch does to `key`: nothing, `Some(None)` for a
    /// delete, `Some(Some(value))` for a put.
    pub fn change(&self, key: &[u8]) -> Option<Option<&[u8]>> {
        self.changes.get(key).map(Option::as_deref)
    }

    /// Returns the changes in the order of their keys, `None` for a delete.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
        self.changes.iter().map(|(key, value)| (key.as_slice(), value.as_deref()))
    }

    /// Returns the number of keys that are changed.
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Tells whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// Ordered keys and values, the order being that of the bytes.
///
/// Scans are no snapshots: whoever needs a page to stand still keeps [`apply`]
/// out while reading it.
///
/// [`apply`]: Image::apply
pub trait Image: Send + Sync {
    /// Returns the value under `key`.
    ///
    /// # Errors
    /// [`ImageLost`] when the image cannot be used any more.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ImageLost>;

    /// Returns the values under `keys`, in their order: the way to read a page.
    ///
    /// # Errors
    /// [`ImageLost`] when the image cannot be used any more.
    fn get_many(&self, keys: &[&[u8]]) -> Result<Vec<Option<Vec<u8>>>, ImageLost> {
        keys.iter().map(|key| self.get(key)).collect()
    }

    /// Hands the keys between `from` and `to` to `visit` in order, backwards
    /// if `reverse`, until it breaks.
    ///
    /// # Errors
    /// [`ImageLost`] when the image cannot be used any more; `visit` may have
    /// seen some keys by then.
    fn scan(&self, from: Bound<&[u8]>, to: Bound<&[u8]>, reverse: bool, visit: &mut Visit<'_>) -> Result<(), ImageLost>;

    /// Applies all of `batch` or nothing.
    ///
    /// What was applied since the last [`flush`](Image::flush) may be gone
    /// after a crash, but always whole batches, the latest first.
    ///
    /// # Errors
    /// [`ImageLost`] when the image cannot be used any more.
    fn apply(&self, batch: &Batch) -> Result<(), ImageLost>;

    /// Makes durable what was applied: it survives a power cut.
    ///
    /// # Errors
    /// [`ImageLost`] when the image cannot be used any more.
    fn flush(&self) -> Result<(), ImageLost>;

    /// Returns the bytes that the image takes on disk, 0 in memory.
    fn bytes_on_disk(&self) -> u64;

    /// Returns the number of the generation, 0 in memory.
    fn generation(&self) -> u64;
}

/// Tells whether no key can lie between the two bounds.
///
/// `BTreeMap::range` panics on some such ranges and sled answers oddly on
/// others, so both are asked only for ranges that are not empty.
fn is_empty_range(from: Bound<&[u8]>, to: Bound<&[u8]>) -> bool {
    match (from, to) {
        (Bound::Unbounded, Bound::Excluded(to)) => to.is_empty(),
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
        (Bound::Included(from), Bound::Included(to)) => from > to,
        (Bound::Included(from) | Bound::Excluded(from), Bound::Excluded(to)) | (Bound::Excluded(from), Bound::Included(to)) => from >= to,
    }
}
