//! Contents in memory, for stores that live there.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Checked, FileError, FileFacts, Files, Kept};
use crate::domain::FileHash;

/// See the module.
#[derive(Debug, Default)]
pub struct FilesInMemory {
    kept: Mutex<BTreeMap<FileHash, Arc<[u8]>>>,
}

impl FilesInMemory {
    fn kept(&self) -> MutexGuard<'_, BTreeMap<FileHash, Arc<[u8]>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Files for FilesInMemory {
    fn length(&self, hash: &FileHash) -> io::Result<Option<u64>> {
        Ok(self.kept().get(hash).map(|bytes| bytes.len() as u64))
    }

    fn keep(&self, facts: &FileFacts, content: &mut dyn Read) -> Result<(), FileError> {
        let mut checked = Checked::new(content);
        let mut bytes = Vec::new();
        let mut buffer = vec![0; 64 << 10];
        loop {
            match checked.next(facts, &mut buffer)? {
                0 => break,
                count => bytes.extend_from_slice(&buffer[..count]),
            }
        }
        checked.finish(facts)?;
        self.kept().insert(facts.hash, bytes.into());
        Ok(())
    }

    fn read_at(&self, hash: &FileHash, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.kept().get(hash).map(Arc::clone).ok_or(io::ErrorKind::NotFound)?;
        let rest = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..)).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn remove(&self, hash: &FileHash) -> io::Result<()> {
        self.kept().remove(hash);
        Ok(())
    }

    fn each(&self, tell: &mut dyn FnMut(Kept) -> io::Result<()>) -> io::Result<()> {
        let all: Vec<Kept> = self.kept().iter().map(|(hash, bytes)| Kept { hash: *hash, size: bytes.len() as u64, is_old: true }).collect();
        all.into_iter().try_for_each(tell)
    }

    fn sweep(&self) -> io::Result<usize> {
        Ok(0)
    }
}
