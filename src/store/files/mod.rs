//! The contents of attached files, kept by their hash.
//!
//! A content is put first and named by a document's record then: what a record
//! names is there, and what was put for a commit that never came is merely found by
//! `check`. Equal contents are one. Nothing here is ever changed: a content is its
//! hash.
//!
//! This module must not know records. [`put`] and [`copy`] do the work for any
//! store; what a store has to offer for them are three calls of the trait `Store`.

mod content;
mod folder;
mod memory;

use std::io::{self, Read, Write};

use sha2::{Digest, Sha256};

pub use content::{Content, Spooled};
pub use folder::FileFolder;
pub use memory::FilesInMemory;

use super::{Store, StoreError};
use crate::domain::FileHash;

/// The longest file that is taken, in bytes.
pub const LONGEST_FILE: u64 = 100 << 20;
/// How much of a content is read and sent at once, in bytes.
pub const PIECE: usize = 1 << 20;

/// What a file is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileFacts {
    /// The hash of its content.
    pub hash: FileHash,
    /// Its length in bytes.
    pub size: u64,
}

/// One content that is kept, as a look into the folder tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// The hash that it is kept under.
    pub hash: FileHash,
    /// Its length in bytes.
    pub size: u64,
    /// Whether it has been there for longer than anybody needs between putting a
    /// content and naming it.
    pub is_old: bool,
}

/// A place that keeps contents.
pub trait Files: Send + Sync {
    /// Returns the length of a content in bytes; `None` where it is not kept.
    fn length(&self, hash: &FileHash) -> io::Result<Option<u64>>;

    /// Keeps a content of this hash and length, durably; nothing is kept of another.
    /// One that is there, and sound, is not written again.
    fn keep(&self, facts: &FileFacts, content: &mut dyn Read) -> Result<(), FileError>;

    /// Reads into a buffer from an offset; 0 is the end. Not there: an error of the
    /// kind `NotFound`.
    fn read_at(&self, hash: &FileHash, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Lets go of a content.
    fn remove(&self, hash: &FileHash) -> io::Result<()>;

    /// Tells everything that is kept, in any order.
    fn each(&self, tell: &mut dyn FnMut(Kept) -> io::Result<()>) -> io::Result<()>;

    /// Removes what writers that were killed left behind, and returns how much.
    fn sweep(&self) -> io::Result<usize>;
}

/// Why a content is not kept.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("{0}")]
    Source(io::Error),
    /// It cannot be written.
    #[error("{0}")]
    Disk(io::Error),
    /// It is not what it was said to be.
    #[error("the file changed while it was read")]
    Changed,
}

impl From<FileError> for StoreError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Source(error) => Self::Invalid(format!("the file cannot be read: {error}")),
            FileError::Disk(error) => Self::Io(format!("the file cannot be kept: {}; nothing was changed", in_words(&error))),
            FileError::Changed => Self::Invalid(error.to_string()),
        }
    }
}

fn in_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "the disk is full".to_owned(),
        _ => error.to_string(),
    }
}

/// Returns what is said of a file that is too long.
pub(super) fn too_long(size: u64) -> StoreError {
    let mib = |bytes: u64| bytes as f64 / (1 << 20) as f64;
    StoreError::TooLarge(format!("a file of {:.1} MiB is too large to attach: {:.0} MiB are the most", mib(size), mib(LONGEST_FILE)))
}

/// Returns hash and length of all that is read.
///
/// # Errors
/// [`StoreError::Invalid`] where it cannot be read, [`StoreError::TooLarge`] above
/// [`LONGEST_FILE`].
pub fn facts(content: &mut dyn Read) -> Result<FileFacts, StoreError> {
    let mut hash = Sha256::new();
    let mut size = 0;
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = read_some(content, &mut buffer).map_err(|error| StoreError::from(FileError::Source(error)))?;
        if count == 0 {
            return Ok(FileFacts { hash: FileHash(hash.finalize().into()), size });
        }
        size += count as u64;
        if size > LONGEST_FILE {
            return Err(too_long(size));
        }
        hash.update(&buffer[..count]);
    }
}

/// Puts a content into a store, and returns what it is known by from then on.
///
/// # Errors
/// [`StoreError::TooLarge`] above [`LONGEST_FILE`]; [`StoreError::Invalid`] where it
/// cannot be read or changes meanwhile; [`StoreError::Io`] where the disk is full;
/// what the store answers.
pub fn put(store: &dyn Store, content: &dyn Content) -> Result<FileFacts, StoreError> {
    let mut source = content.open().map_err(|error| StoreError::from(FileError::Source(error)))?;
    let facts = facts(&mut source)?;
    drop(source);
    store.keep_file(&facts, content)?;
    Ok(facts)
}

/// Copies a content out of a store, checked against its hash, and returns its length
/// in bytes.
///
/// # Errors
/// [`StoreError::Damaged`] where it is missing or is not what its hash says: what was
/// written to `to` is worth nothing then; [`StoreError::Invalid`] where `to` takes no
/// more; what the store answers.
pub fn copy(store: &dyn Store, hash: &FileHash, to: &mut dyn Write) -> Result<u64, StoreError> {
    let mut sum = Sha256::new();
    let mut offset = 0;
    loop {
        let piece = store.read_file(hash, offset, PIECE)?;
        let Some(piece) = piece else {
            return Err(StoreError::Damaged(format!("the content of a file is missing: files/{}", place(hash))));
        };
        if piece.is_empty() {
            break;
        }
        sum.update(&piece);
        offset += piece.len() as u64;
        to.write_all(&piece).map_err(|error| StoreError::Invalid(format!("the file cannot be written: {}", in_words(&error))))?;
    }
    if FileHash(sum.finalize().into()) != *hash {
        return Err(StoreError::Damaged(format!("a file is not what was attached: files/{} has other bytes", place(hash))));
    }
    Ok(offset)
}

/// Returns the hash of what is kept under a hash: the same, if it is sound.
pub fn sum_of(files: &dyn Files, hash: &FileHash) -> io::Result<FileHash> {
    let mut sum = Sha256::new();
    let mut buffer = vec![0; PIECE];
    let mut offset = 0;
    loop {
        let count = files.read_at(hash, offset, &mut buffer)?;
        if count == 0 {
            return Ok(FileHash(sum.finalize().into()));
        }
        sum.update(&buffer[..count]);
        offset += count as u64;
    }
}

/// Returns where a content lies in the folder of files: `ab/cdef…`.
pub fn place(hash: &FileHash) -> String {
    let hash = hash.to_string();
    let (folder, name) = hash.split_at(2);
    format!("{folder}/{name}")
}

/// Reads what comes next, at least a byte unless it is the end.
fn read_some(from: &mut (impl Read + ?Sized), buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match from.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Passes a content on while it is compared with what it was said to be.
struct Checked<'r> {
    from: &'r mut dyn Read,
    sum: Sha256,
    size: u64,
}

impl<'r> Checked<'r> {
    fn new(from: &'r mut dyn Read) -> Self {
        Self { from, sum: Sha256::new(), size: 0 }
    }

    /// Reads the next piece into the buffer, no more than `facts` allow.
    fn next(&mut self, facts: &FileFacts, buffer: &mut [u8]) -> Result<usize, FileError> {
        let count = read_some(self.from, buffer).map_err(FileError::Source)?;
        self.size += count as u64;
        if self.size > facts.size {
            return Err(FileError::Changed);
        }
        self.sum.update(&buffer[..count]);
        Ok(count)
    }

    fn finish(self, facts: &FileFacts) -> Result<(), FileError> {
        if self.size == facts.size && FileHash(self.sum.finalize().into()) == facts.hash { Ok(()) } else { Err(FileError::Changed) }
    }
}
