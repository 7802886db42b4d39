//! A store in memory: for tests, and for `memory:`.

use std::sync::Arc;

use super::StoreError;
use super::api::Store;
use super::disk::MemoryDisk;
use super::engine::{Foundation, MEMORY, MemoryImages};

/// Returns an empty store that lives as long as its last handle.
///
/// # Errors
/// [`StoreError::Io`] if the system gives no thread.
pub fn memory() -> Result<Arc<dyn Store>, StoreError> {
    let foundation =
        Foundation { path: "memory:".to_owned(), backend: MEMORY, ..Foundation::new(Arc::new(MemoryDisk::new()), Box::new(MemoryImages)) };
    Ok(Arc::new(foundation.open()?))
}
