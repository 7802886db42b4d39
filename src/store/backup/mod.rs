//! One file that holds a whole store: its log and the contents of its documents.
//!
//! The file is a tar archive, so that other programs can read it for ever:
//! `rolo-backup.json` (what it is), `log/…` and `files/…` as they lie in the store, and
//! last `SHA256SUMS`, by which `sha256sum -c` checks the rest. The image is made anew
//! from the log when the store is opened.
//!
//! A backup is read from the store's folder while others write there, and needs no
//! host: a log only grows, what is read of it is checked frame by frame, and its last
//! good frame is where the backup ends. Contents are listed after that, so that all
//! that the log names are among them. A segment that is replaced meanwhile, because
//! somebody was forgotten, keeps all its places: old and new fit together.
//!
//! What comes out of a file is hostile: only the names above are taken, each is
//! compared with its sum, and a store is put in place only when all of it is there.

mod automatic;
mod reading;
mod restoring;
mod writing;

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

pub use automatic::{Automatic, automatic, is_due, make_automatic, note_first_day};
pub use reading::{Backup, verify};
pub use restoring::{Restored, restore};
pub use writing::{Made, write};

use super::StoreError;
use super::embedded::{FILES, LOG};
use crate::domain::Timestamp;

/// The format that is written.
pub const FORMAT: u32 = 1;
/// What a backup says about itself, its first part.
const MANIFEST: &str = "rolo-backup.json";
/// The sums of all other parts, its last.
const SUMS: &str = "SHA256SUMS";
/// The most bytes that a backup may say about itself.
const MOST_MANIFEST: u64 = 64 << 10;

/// What a backup says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Its format.
    pub format: u32,
    /// The program that made it.
    pub program: String,
    /// The store's id.
    pub store: String,
    /// The last commit in it.
    pub seq: u64,
    /// When it was made.
    pub at: Timestamp,
    /// Segments of the log.
    pub segments: u64,
    /// Their length in bytes.
    pub log_bytes: u64,
    /// Contents of documents.
    pub files: u64,
    /// Their length in bytes.
    pub file_bytes: u64,
}

/// Returns whether a file would lie in the store: it would be lost with it, and be a part of
/// nothing.
pub fn lies_inside(store: &Path, file: &Path) -> bool {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (Ok(folder), Ok(store)) = (folder.canonicalize(), store.canonicalize()) else { return false };
    folder.starts_with(store)
}

/// Writes a backup into a file, beside and put in place when it was read back.
///
/// # Errors
/// As [`write()`]; [`StoreError::Occupied`] where a file is there, unless `over`.
pub fn into_file(store: &Path, now: Timestamp, path: &Path, over: bool, progress: Progress<'_>) -> Result<Made, StoreError> {
    let shown = path.display();
    if path.is_dir() {
        return Err(StoreError::Invalid(format!("{shown} is a folder: name a file in it")));
    }
    if !over && path.symlink_metadata().is_ok() {
        return Err(StoreError::Occupied(format!("{shown} is there already")));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let part = path.with_file_name(format!(".{name}.part"));
    match std::fs::remove_file(&part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(disk_failed(&format!("{shown} cannot be written"), &error)),
        _ => {}
    }
    let made = automatic::into_new_file(store, now, &part, &shown.to_string(), progress);
    let placed = made.and_then(|made| {
        let named = std::fs::rename(&part, path).and_then(|()| {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            std::fs::File::open(folder)?.sync_all()
        });
        named.map(|()| made).map_err(|error| disk_failed(&format!("{shown} cannot be written"), &error))
    });
    placed.inspect_err(|_| {
        // What is half written helps nobody; the first error is the one to tell.
        let _ = std::fs::remove_file(&part);
    })
}

/// What a call is told while it reads or writes: so many bytes of so many.
pub type Progress<'p> = &'p mut dyn FnMut(u64, u64);

fn disk_failed(doing: &str, error: &io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Io(format!("{doing}: the disk is full")),
        // A place that was named and is none.
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            StoreError::Invalid(format!("{doing}: {error}"))
        }
        _ => StoreError::Io(format!("{doing}: {error}")),
    }
}

/// What a part of a backup is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// What it says about itself.
    Manifest,
    /// A segment of the log, by its file's name.
    Segment(String),
    /// A content, by its place: `ab/cdef…`.
    Content(crate::domain::FileHash),
    /// The sums.
    Sums,
}

impl Part {
    /// Returns the part of a name; no other name is taken from a file.
    fn of(name: &str) -> Option<Self> {
        match name {
            MANIFEST => return Some(Self::Manifest),
            SUMS => return Some(Self::Sums),
            _ => {}
        }
        if let Some(segment) = name.strip_prefix("log/") {
            return super::log::segment_number(segment).map(|_| Self::Segment(segment.to_owned()));
        }
        let (begin, rest) = name.strip_prefix("files/")?.split_once('/')?;
        let hash = (begin.len() == 2).then(|| format!("{begin}{rest}").parse().ok()).flatten()?;
        // Only as it is written: two names for one content are one too many.
        (format!("files/{}", super::files::place(&hash)) == name).then_some(Self::Content(hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_a_store_are_taken() {
        let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        assert_eq!(Part::of(MANIFEST), Some(Part::Manifest));
        assert_eq!(Part::of("log/00000001.log"), Some(Part::Segment("00000001.log".into())));
        assert_eq!(Part::of(&format!("files/9f/{}", &hash[2..])), hash.parse().ok().map(Part::Content));
        let upper = format!("files/9F/{}", &hash[2..]);
        for wrong in ["", "LOCK", "log/", "log/../LOCK", "log/1.log", "/log/00000001.log", "files/9f/x", "files/../../x", "image/1", &upper]
        {
            assert_eq!(Part::of(wrong), None, "{wrong}");
        }
    }
}
