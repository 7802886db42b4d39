//! Where the bytes of a file come from, before they are kept.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;

use super::{LONGEST_FILE, too_long};
use crate::store::StoreError;

/// Bytes that can be read from their beginning, more than once: first for their
/// hash, then to be kept, and again where the store changed hands meanwhile.
pub trait Content {
    /// Returns a reader at the beginning.
    fn open(&self) -> io::Result<Box<dyn Read + '_>>;
}

impl Content for Vec<u8> {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.as_slice()))
    }
}

impl Content for PathBuf {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        let file = File::open(self)?;
        if file.metadata()?.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        Ok(Box::new(file))
    }
}

/// What came through a pipe, kept until it has been read as often as needed: in a
/// file without a name, private, gone with this value.
pub struct Spooled {
    file: File,
}

impl Spooled {
    /// Reads all there is.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] above [`LONGEST_FILE`]; [`StoreError::Invalid`] where
    /// reading fails; [`StoreError::Io`] where there is no room.
    pub fn read(from: &mut dyn Read) -> Result<Self, StoreError> {
        let full = |error: io::Error| StoreError::Io(format!("there is no room for a copy of the file: {error}"));
        let mut file = tempfile::tempfile().map_err(full)?;
        let mut buffer = vec![0; 64 << 10];
        let mut size = 0;
        loop {
            let count =
                super::read_some(from, &mut buffer).map_err(|error| StoreError::Invalid(format!("the file cannot be read: {error}")))?;
            if count == 0 {
                return Ok(Self { file });
            }
            size += count as u64;
            if size > LONGEST_FILE {
                return Err(too_long(size));
            }
            io::Write::write_all(&mut file, &buffer[..count]).map_err(full)?;
        }
    }
}

impl Content for Spooled {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0))?;
        Ok(Box::new(file))
    }
}
