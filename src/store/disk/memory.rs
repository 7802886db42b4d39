//! A folder in memory: what `memory:` stores are kept in.
//!
//! Reserved space costs nothing here: only what was written is held, the rest
//! of a file's length reads as zeros.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::{Access, Disk, DiskFile, plain_name};

/// A disk that lives as long as its last handle. Clones are the same disk.
#[derive(Clone, Default)]
pub struct MemoryDisk {
    files: Arc<Mutex<BTreeMap<String, Arc<RwLock<Content>>>>>,
}

/// A file's bytes up to the last written one, and its length.
#[derive(Default)]
struct Content {
    bytes: Vec<u8>,
    length: u64,
}

struct MemoryFile {
    content: Arc<RwLock<Content>>,
    access: Access,
}

impl MemoryDisk {
    /// Returns an empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<String, Arc<RwLock<Content>>>> {
        // The map is never left half changed, so a panic elsewhere spoils nothing.
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn content(&self, name: &str) -> io::Result<Arc<RwLock<Content>>> {
        self.files().get(plain_name(name)?).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Disk for MemoryDisk {
    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let content = Arc::clone(self.files().entry(plain_name(name)?.to_owned()).or_default());
        *content.write().unwrap_or_else(PoisonError::into_inner) = Content::default();
        Ok(Arc::new(MemoryFile { content, access: Access::Write }))
    }

    fn open(&self, name: &str, access: Access) -> io::Result<Arc<dyn DiskFile>> {
        Ok(Arc::new(MemoryFile { content: self.content(name)?, access }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut files = self.files();
        let content = files.remove(plain_name(from)?).ok_or(io::ErrorKind::NotFound)?;
        files.insert(plain_name(to)?.to_owned(), content);
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        match self.files().remove(plain_name(name)?) {
            Some(_) => Ok(()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.files().keys().cloned().collect())
    }

    fn len(&self, name: &str) -> io::Result<u64> {
        let content = self.content(name)?;
        let content = content.read().unwrap_or_else(PoisonError::into_inner);
        Ok(content.length)
    }

    fn exists(&self, name: &str) -> io::Result<bool> {
        Ok(self.files().contains_key(plain_name(name)?))
    }

    fn sync_dir(&self) -> io::Result<()> {
        Ok(())
    }
}

impl MemoryFile {
    fn write<R>(&self, change: impl FnOnce(&mut Content) -> R) -> io::Result<R> {
        if self.access == Access::Read {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        Ok(change(&mut self.content.write().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl DiskFile for MemoryFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let content = self.content.read().unwrap_or_else(PoisonError::into_inner);
        let left = content.length.saturating_sub(offset);
        let count = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let held = usize::try_from(offset).ok().and_then(|start| content.bytes.get(start..)).unwrap_or_default();
        let copied = count.min(held.len());
        buffer[..copied].copy_from_slice(&held[..copied]);
        buffer[copied..count].fill(0);
        Ok(count)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        let start = usize::try_from(offset).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let end = start.checked_add(bytes.len()).ok_or(io::ErrorKind::FileTooLarge)?;
        self.write(|content| {
            if content.bytes.len() < end {
                content.bytes.resize(end, 0);
            }
            content.bytes[start..end].copy_from_slice(bytes);
            content.length = content.length.max(end as u64);
            bytes.len()
        })
    }

    fn allocate(&self, offset: u64, length: u64) -> io::Result<()> {
        let end = offset.checked_add(length).ok_or(io::ErrorKind::FileTooLarge)?;
        self.write(|content| content.length = content.length.max(end))
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.write(|content| {
            content.length = length;
            if let Ok(length) = usize::try_from(length) {
                content.bytes.truncate(length);
            }
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn size(&self) -> io::Result<u64> {
        let content = self.content.read().unwrap_or_else(PoisonError::into_inner);
        Ok(content.length)
    }
}
