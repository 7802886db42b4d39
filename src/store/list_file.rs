//! The list file, `<store>/list`: a cache beside the log, from which an application shows
//! its first screen and searches before the store has been opened.
//!
//! ```text
//! magic · blocks (lz4) · directory (places and CRCs of the blocks, a head) · footer
//! ```
//!
//! What stands in head and blocks is for those who fill it (`insight::list`); this knows
//! only that it is one file, the owner's alone, whole or not there: it is written beside and
//! renamed, each part of it has a CRC, and what is damaged, cut or of another format is as
//! good as none. It goes with the image that it was made of (`embedded`), so that nothing
//! of somebody who was forgotten stays in it.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The file's name, in the store's folder, and that of one that is being written.
const NAME: &str = "list";
const BESIDE: &str = "list.new";
const MAGIC: &[u8; 8] = b"rololist";
/// Grows with each change of this layout.
const FORMAT: u32 = 1;
/// Bytes of the footer: place, length and CRC of the directory, format, magic.
const FOOTER: usize = 8 + 4 + 4 + 4 + 8;
/// The most bytes of a block, and of a directory.
const LARGEST: usize = 64 << 20;

/// Where a block stands.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Place {
    offset: u64,
    length: u32,
    crc: u32,
}

#[derive(Serialize, Deserialize)]
struct Directory {
    blocks: Vec<Place>,
    head: Vec<u8>,
}

/// A list file that is there and whole as far as it has been read.
#[derive(Debug)]
pub struct ListFile {
    file: File,
    blocks: Vec<Place>,
    head: Vec<u8>,
}

impl ListFile {
    /// Returns where a store's list file lies.
    pub fn path(folder: &Path) -> PathBuf {
        folder.join(NAME)
    }

    /// Opens the list file of a store's folder; `None` where there is none that is of use.
    pub fn open(folder: &Path) -> Option<Self> {
        Self::read(&Self::path(folder)).ok().flatten()
    }

    /// Returns what is wrong with the list file of a store's folder; nothing where it is
    /// whole, or not there.
    pub fn damage(folder: &Path) -> Option<String> {
        let path = Self::path(folder);
        match Self::read(&path) {
            Ok(Some(list)) => {
                (0..list.blocks()).find(|block| list.block(*block).is_none()).map(|block| format!("block {block} is damaged"))
            }
            Ok(None) => None,
            Err(error) => Some(error.to_string()),
        }
    }

    /// Removes the list file of a store's folder, and what was being written of one.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn remove(folder: &Path) -> io::Result<()> {
        for name in [NAME, BESIDE] {
            match std::fs::remove_file(folder.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn read(path: &Path) -> io::Result<Option<Self>> {
        let damaged = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
        let no_link = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
        let mut file = match OpenOptions::new().read(true).custom_flags(no_link).open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        let length = file.metadata()?.len();
        let mut magic = [0; MAGIC.len()];
        file.read_exact(&mut magic)?;
        let end = length.checked_sub(FOOTER as u64).ok_or_else(|| damaged("it is cut"))?;
        let mut footer = [0; FOOTER];
        file.read_exact_at(&mut footer, end)?;
        let number = |at: usize| u32::from_le_bytes(footer[at..at + 4].try_into().unwrap_or_default());
        let offset = u64::from_le_bytes(footer[..8].try_into().unwrap_or_default());
        if &magic != MAGIC || &footer[20..] != MAGIC {
            return Err(damaged("it is cut, or no list"));
        }
        // One of another version is as good as none, and no damage.
        if number(16) != FORMAT {
            return Ok(None);
        }
        let (size, crc) = (number(8) as usize, number(12));
        if size > LARGEST || offset.checked_add(size as u64) != Some(end) {
            return Err(damaged("its directory is nowhere"));
        }
        let mut bytes = vec![0; size];
        file.read_exact_at(&mut bytes, offset)?;
        let directory = Some(bytes).filter(|bytes| crc32c::crc32c(bytes) == crc);
        let Directory { blocks, head } =
            directory.and_then(|bytes| postcard::from_bytes(&bytes).ok()).ok_or_else(|| damaged("its directory is damaged"))?;
        Ok(Some(Self { file, blocks, head }))
    }

    /// Returns what the writer left beside the blocks.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Returns how many blocks there are.
    pub fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// Returns a block; `None` where it is damaged, or not there.
    pub fn block(&self, number: usize) -> Option<Vec<u8>> {
        lz4_flex::decompress_size_prepended(&self.packed(number)?).ok()
    }

    fn packed(&self, number: usize) -> Option<Vec<u8>> {
        let Place { offset, length, crc } = *self.blocks.get(number)?;
        let mut bytes = vec![0; Some(length as usize).filter(|length| *length <= LARGEST)?];
        self.file.read_exact_at(&mut bytes, offset).ok()?;
        let size = bytes.first_chunk().map(|size| u32::from_le_bytes(*size) as usize);
        (crc32c::crc32c(&bytes) == crc && size.is_some_and(|size| size <= LARGEST)).then_some(bytes)
    }
}

/// Returns which image a store's folder has; `None` where there is none.
pub fn newest_image(folder: &Path) -> Option<u64> {
    let images = std::fs::read_dir(folder.join(super::embedded::IMAGE)).ok()?;
    images.flatten().filter_map(|image| image.file_name().to_str()?.parse().ok()).max()
}

/// Writes a list file beside the one that stands.
#[derive(Debug)]
pub struct ListWriter {
    out: BufWriter<File>,
    folder: PathBuf,
    at: u64,
    blocks: Vec<Place>,
}

impl ListWriter {
    /// Begins a list file; `None` where another process is writing one.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn begin(folder: &Path) -> io::Result<Option<Self>> {
        let path = folder.join(BESIDE);
        let no_link = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).custom_flags(no_link).open(&path)?;
        if rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive).is_err() {
            return Ok(None);
        }
        file.set_len(0)?;
        let mut out = BufWriter::with_capacity(1 << 18, file);
        out.write_all(MAGIC)?;
        Ok(Some(Self { out, folder: folder.to_owned(), at: MAGIC.len() as u64, blocks: Vec::new() }))
    }

    /// Adds a block.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn block(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.packed(&lz4_flex::compress_prepend_size(bytes))
    }

    /// Adds a block of another list file as it is; returns false where that is damaged.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn copy(&mut self, list: &ListFile, number: usize) -> io::Result<bool> {
        match list.packed(number) {
            Some(bytes) => self.packed(&bytes).map(|()| true),
            None => Ok(false),
        }
    }

    fn packed(&mut self, bytes: &[u8]) -> io::Result<()> {
        let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        self.out.write_all(bytes)?;
        self.blocks.push(Place { offset: self.at, length, crc: crc32c::crc32c(bytes) });
        self.at += u64::from(length);
        Ok(())
    }

    /// Ends it with what is to be known of the blocks, and puts it in the place of the one
    /// that stands.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep(mut self, head: Vec<u8>) -> io::Result<()> {
        let directory = Directory { blocks: std::mem::take(&mut self.blocks), head };
        let bytes = postcard::to_stdvec(&directory).map_err(io::Error::other)?;
        self.out.write_all(&bytes)?;
        self.out.write_all(&self.at.to_le_bytes())?;
        for number in [u32::try_from(bytes.len()).map_err(io::Error::other)?, crc32c::crc32c(&bytes), FORMAT] {
            self.out.write_all(&number.to_le_bytes())?;
        }
        self.out.write_all(MAGIC)?;
        self.out.flush()?;
        // It is not synced: what a power cut leaves of it has no right CRC.
        std::fs::rename(self.folder.join(BESIDE), ListFile::path(&self.folder))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn written(folder: &Path) -> Vec<u8> {
        let mut writer = ListWriter::begin(folder).unwrap().unwrap();
        writer.block(b"one one one one one one one").unwrap();
        writer.block(&[7; 10_000]).unwrap();
        writer.keep(b"head".to_vec()).unwrap();
        std::fs::read(ListFile::path(folder)).unwrap()
    }

    #[test]
    fn what_was_written_is_read_and_is_the_owners_alone() {
        let top = tempfile::tempdir().unwrap();
        assert!(ListFile::open(top.path()).is_none() && ListFile::damage(top.path()).is_none());
        written(top.path());
        let list = ListFile::open(top.path()).unwrap();
        assert_eq!((list.head(), list.blocks(), list.block(1)), (&b"head"[..], 2, Some(vec![7; 10_000])));
        assert_eq!((list.block(2), ListFile::damage(top.path())), (None, None));
        assert_eq!(std::fs::metadata(ListFile::path(top.path())).unwrap().permissions().mode() & 0o777, 0o600);
        // A copy of a block says the same; the old file is read on after it was replaced.
        let mut writer = ListWriter::begin(top.path()).unwrap().unwrap();
        assert!(writer.copy(&list, 0).unwrap() && !writer.copy(&list, 5).unwrap());
        assert!(ListWriter::begin(top.path()).unwrap().is_none(), "two do not write at once");
        writer.keep(Vec::new()).unwrap();
        assert_eq!(ListFile::open(top.path()).unwrap().block(0), list.block(0));
        assert!(list.block(1).is_some());
        ListFile::remove(top.path()).unwrap();
        assert!(ListFile::open(top.path()).is_none());
    }

    #[test]
    fn what_is_damaged_or_cut_is_never_taken_for_what_was_written() {
        let top = tempfile::tempdir().unwrap();
        let bytes = written(top.path());
        let path = ListFile::path(top.path());
        let reads = || ListFile::open(top.path()).map(|list| (list.head().to_vec(), list.block(0), list.block(1)));
        let whole = reads().unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, &flipped).unwrap();
            if let Some((head, one, two)) = reads() {
                assert!(head == whole.0 && (one == whole.1 || one.is_none()) && (two == whole.2 || two.is_none()), "bit {bit}");
                assert!(one.is_none() || two.is_none() || ListFile::damage(top.path()).is_none());
            }
        }
        for length in 0..bytes.len() {
            std::fs::write(&path, &bytes[..length]).unwrap();
            assert!(reads().is_none(), "cut at {length}");
            assert!(ListFile::damage(top.path()).is_some());
        }
    }
}
