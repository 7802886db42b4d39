//! The file operations that the store's log needs, behind a trait.
//!
//! Why a trait: what a log promises ("acknowledged is never lost") shows only
//! when writes fail, disks fill and power goes, so all of that must be possible
//! to cause at will. [`RealDisk`] is a folder, [`MemoryDisk`] serves `memory:`
//! stores, [`FaultDisk`] keeps what was synced apart from what was merely
//! written and loses the difference on demand.
//!
//! This module knows names and bytes. It must not know what a segment, a frame
//! or a record is.
//!
//! Names are plain file names relative to one folder; a name with a separator
//! in it is refused.

mod fault;
mod memory;
mod real;

use std::io;
use std::sync::Arc;

pub use fault::{FaultDisk, Operation};
pub use memory::MemoryDisk;
pub use real::{RealDisk, make_private_dir};

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading only.
    Read,
    /// Reading and writing.
    Write,
}

/// A folder of files, flat.
pub trait Disk: Send + Sync {
    /// Makes a file, or empties the one of that name, and opens it for writing.
    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>>;

    /// Opens a file that exists.
    fn open(&self, name: &str, access: Access) -> io::Result<Arc<dyn DiskFile>>;

    /// Renames a file over whatever has the new name.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Returns the names of all files, sorted.
    fn list(&self) -> io::Result<Vec<String>>;

    /// Returns the length in bytes of the file that has this name now, which
    /// need not be one that was opened under it earlier.
    fn len(&self, name: &str) -> io::Result<u64>;

    /// Returns whether a file of that name is there.
    fn exists(&self, name: &str) -> io::Result<bool>;

    /// Makes names durable: created, renamed and removed ones.
    fn sync_dir(&self) -> io::Result<()>;
}

/// One open file. All operations name their place, so that one handle serves
/// any number of threads.
pub trait DiskFile: Send + Sync {
    /// Reads up to `buffer.len()` bytes at `offset`; 0 is the end of the file.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Writes at `offset` and returns how many bytes were taken, which may be
    /// fewer than were given.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<usize>;

    /// Reserves `length` zero bytes from `offset`, which is the file's end, so
    /// that writing there cannot meet a full disk.
    fn allocate(&self, offset: u64, length: u64) -> io::Result<()>;

    /// Cuts or extends the file; what is added reads as zeros.
    fn set_len(&self, length: u64) -> io::Result<()>;

    /// Makes the content and the length durable.
    fn sync_data(&self) -> io::Result<()>;

    /// Returns the length in bytes.
    fn size(&self) -> io::Result<u64>;
}

/// Reads until `buffer` is full or the file ends, and returns how many bytes
/// there were.
pub fn read_full(file: &dyn DiskFile, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        match file.read_at(offset + done as u64, &mut buffer[done..]) {
            Ok(0) => break,
            Ok(count) => done += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// Writes all of `bytes`, going on after short writes.
pub fn write_full(file: &dyn DiskFile, offset: u64, bytes: &[u8]) -> io::Result<()> {
    let mut done = 0;
    while done < bytes.len() {
        match file.write_at(offset + done as u64, &bytes[done..]) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => done += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Refuses names that would leave the folder.
fn plain_name(name: &str) -> io::Result<&str> {
    if name.is_empty() || name == "." || name == ".." || name.contains(['/', '\\', '\0']) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{name:?} is no plain file name")));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Every disk behaves alike as long as nothing fails.
    fn behaves(disk: &dyn Disk) {
        assert!(disk.list().unwrap().is_empty());
        assert!(!disk.exists("a").unwrap());
        assert_eq!(disk.open("a", Access::Read).err().unwrap().kind(), io::ErrorKind::NotFound);
        assert_eq!(disk.len("a").err().unwrap().kind(), io::ErrorKind::NotFound);
        for name in ["", ".", "..", "a/b", "a\\b", "a\0b"] {
            assert_eq!(disk.create(name).err().unwrap().kind(), io::ErrorKind::InvalidInput);
        }

        let file = disk.create("a").unwrap();
        write_full(&*file, 0, b"hello").unwrap();
        file.allocate(5, 5).unwrap();
        assert_eq!(file.size().unwrap(), 10);
        assert_eq!(disk.len("a").unwrap(), 10);
        let mut buffer = [9; 20];
        assert_eq!(read_full(&*file, 0, &mut buffer).unwrap(), 10);
        assert_eq!(&buffer[..10], b"hello\0\0\0\0\0");
        assert_eq!(file.read_at(10, &mut buffer).unwrap(), 0);
        assert_eq!(file.read_at(99, &mut buffer).unwrap(), 0);

        write_full(&*file, 12, b"x").unwrap();
        let mut tail = [9; 4];
        assert_eq!(read_full(&*file, 9, &mut tail).unwrap(), 4);
        assert_eq!(&tail, b"\0\0\0x");

        file.set_len(3).unwrap();
        file.set_len(6).unwrap();
        assert_eq!(read_full(&*file, 0, &mut buffer).unwrap(), 6);
        assert_eq!(&buffer[..6], b"hel\0\0\0");
        file.sync_data().unwrap();

        disk.create("b").unwrap();
        assert_eq!(disk.list().unwrap(), ["a", "b"]);
        disk.rename("a", "b").unwrap();
        assert_eq!(disk.list().unwrap(), ["b"]);
        assert_eq!(disk.len("b").unwrap(), 6);
        disk.sync_dir().unwrap();
        // A handle stays with its file, whatever the name leads to now.
        let other = disk.create("c").unwrap();
        disk.rename("c", "b").unwrap();
        assert_eq!(other.size().unwrap(), 0);
        assert_eq!(file.size().unwrap(), 6);
        assert_eq!(disk.len("b").unwrap(), 0);
        disk.remove("b").unwrap();
        assert!(!disk.exists("b").unwrap());
        assert_eq!(disk.remove("b").err().unwrap().kind(), io::ErrorKind::NotFound);

        disk.create("r").unwrap();
        let reading = disk.open("r", Access::Read).unwrap();
        assert!(reading.write_at(0, b"no").is_err());
    }

    #[test]
    fn all_disks_behave_alike() {
        behaves(&MemoryDisk::new());
        behaves(&FaultDisk::new());
        let folder = tempfile::tempdir().unwrap();
        behaves(&RealDisk::create(&folder.path().join("log")).unwrap());
    }
}
