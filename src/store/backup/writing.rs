//! A backup written: from a store's folder to any sink.

use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{FORMAT, MANIFEST, Manifest, Progress, SUMS, disk_failed};
use crate::domain::{FileHash, Timestamp};
use crate::store::StoreError;
use crate::store::disk::{Access, Disk, DiskFile, RealDisk};
use crate::store::embedded::{FILES, LOG};
use crate::store::engine::log_told;
use crate::store::files::{FileFolder, Files, place};
use crate::store::log::{Log, LogOptions};

/// How often a log is read again that looks damaged because it is being written.
const TRIES: u32 = 5;
/// How long is waited between two of them.
const PAUSE: Duration = Duration::from_millis(100);

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// What the backup says about itself.
    pub manifest: Manifest,
    /// Its sums, by which what is read back is compared.
    pub sums: String,
    /// What is worth knowing: contents that are damaged in the store itself.
    pub notices: Vec<String>,
}

/// Writes a backup of the store in a folder.
///
/// # Errors
/// [`StoreError::Invalid`] where there is no store; [`StoreError::Damaged`] where its
/// log is; [`StoreError::Io`] where reading or writing fails.
pub fn write(store: &Path, now: Timestamp, to: &mut dyn Write, progress: Progress<'_>) -> Result<Made, StoreError> {
    let disk: Arc<dyn Disk> = match RealDisk::open(&store.join(LOG)) {
        Ok(disk) => Arc::new(disk),
        Err(_) => return Err(StoreError::Invalid(format!("there is no store in {}", store.display()))),
    };
    let (log, seq) = read_log(&disk)?;
    let files = FileFolder::new(store.join(FILES));
    let mut contents: Vec<(FileHash, u64)> = Vec::new();
    let listed = files.each(&mut |kept| {
        contents.push((kept.hash, kept.size));
        Ok(())
    });
    listed.map_err(|error| disk_failed("reading the attached files failed", &error))?;
    contents.sort_unstable();
    let segments = log.segments();
    let manifest = Manifest {
        format: FORMAT,
        program: format!("rolo {}", env!("CARGO_PKG_VERSION")),
        store: log.store_id().to_string(),
        seq,
        at: now,
        segments: segments.len() as u64,
        log_bytes: segments.iter().map(|segment| segment.bytes).sum(),
        files: contents.len() as u64,
        file_bytes: contents.iter().map(|(_, size)| size).sum(),
    };
    let total = manifest.log_bytes + manifest.file_bytes;
    let mut parts = Parts { tar: tar::Builder::new(to), sums: String::new(), at: now, done: 0, total, progress };
    let mut text = serde_json::to_string_pretty(&manifest).map_err(|error| StoreError::Io(error.to_string()))?;
    text.push('\n');
    parts.bytes(MANIFEST, text.as_bytes())?;
    for segment in &segments {
        let name = segment.file_name();
        let reading = |error| disk_failed(&format!("reading log/{name} failed"), &error);
        let file = disk.open(&name, Access::Read).map_err(reading)?;
        parts.part(&format!("log/{name}"), segment.bytes, &mut Piece { file, at: 0, left: segment.bytes }, &reading)?;
    }
    let mut notices = Vec::new();
    for (hash, size) in contents {
        let name = place(&hash);
        let reading = |error| disk_failed(&format!("reading files/{name} failed"), &error);
        let mut content = Content { files: &files, hash, at: 0 };
        if parts.part(&format!("files/{name}"), size, &mut content, &reading)? != hash {
            notices.push(format!("files/{name} is not what was attached: it is in the backup as it is"));
        }
    }
    let sums = parts.sums.clone();
    parts.bytes(SUMS, sums.as_bytes())?;
    parts.finish()?;
    Ok(Made { manifest, sums, notices })
}

/// Opens a log that others may be writing.
fn read_log(disk: &Arc<dyn Disk>) -> Result<(Log, u64), StoreError> {
    let mut tries = 0;
    loop {
        match Log::open(Arc::clone(disk), LogOptions { writable: false, ..LogOptions::default() }) {
            Ok((log, opening)) => return Ok((log, opening.last_seq)),
            // A frame that was half written when it was read, and whole with others
            // behind it a moment later.
            Err(error) if error.is_damage() && tries < TRIES => {
                tries += 1;
                std::thread::sleep(PAUSE);
            }
            Err(error) => return Err(log_told(&error)),
        }
    }
}

/// The parts on their way into the archive.
struct Parts<'w> {
    tar: tar::Builder<&'w mut dyn Write>,
    sums: String,
    at: Timestamp,
    done: u64,
    total: u64,
    progress: Progress<'w>,
}

impl Parts<'_> {
    fn bytes(&mut self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.part(name, bytes.len() as u64, &mut { bytes }, &|error| StoreError::Io(error.to_string())).map(|_| ())
    }

    /// Writes one part, and returns its sum.
    fn part(
        &mut self,
        name: &str,
        size: u64,
        from: &mut dyn Read,
        reading: &dyn Fn(io::Error) -> StoreError,
    ) -> Result<FileHash, StoreError> {
        let mut header = tar::Header::new_ustar();
        header.set_size(size);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(self.at.0 / 1_000_000).unwrap_or(0));
        header.set_entry_type(tar::EntryType::Regular);
        let mut source =
            Summed { from, sum: Sha256::new(), read: 0, failed: None, done: self.done, total: self.total, progress: self.progress };
        let written = self.tar.append_data(&mut header, name, &mut source);
        let Summed { sum, read, failed, .. } = source;
        if let Some(error) = failed {
            return Err(reading(error));
        }
        written.map_err(|error| write_failed(&error))?;
        if read != size {
            return Err(reading(io::ErrorKind::UnexpectedEof.into()));
        }
        if name.contains('/') {
            self.done += size;
        }
        let hash = FileHash(sum.finalize().into());
        self.sums.push_str(&format!("{hash}  {name}\n"));
        Ok(hash)
    }

    fn finish(self) -> Result<(), StoreError> {
        let to = self.tar.into_inner().map_err(|error| write_failed(&error))?;
        to.flush().map_err(|error| write_failed(&error))
    }
}

fn write_failed(error: &io::Error) -> StoreError {
    disk_failed("the backup cannot be written", error)
}

/// Sums what passes, and keeps apart whether reading failed or writing did.
struct Summed<'r, 'p> {
    from: &'r mut dyn Read,
    sum: Sha256,
    read: u64,
    failed: Option<io::Error>,
    done: u64,
    total: u64,
    progress: &'r mut (dyn FnMut(u64, u64) + 'p),
}

impl Read for Summed<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.from.read(into) {
            Ok(count) => {
                self.sum.update(&into[..count]);
                self.read += count as u64;
                (self.progress)(self.done + self.read, self.total.max(self.done + self.read));
                Ok(count)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                self.failed = Some(io::Error::new(error.kind(), error.to_string()));
                Err(error)
            }
        }
    }
}

/// The beginning of a segment.
struct Piece {
    file: Arc<dyn DiskFile>,
    at: u64,
    left: u64,
}

impl Read for Piece {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).map_or(into.len(), |left| left.min(into.len()));
        let count = self.file.read_at(self.at, &mut into[..most])?;
        self.at += count as u64;
        self.left -= count as u64;
        Ok(count)
    }
}

/// A content of a document.
struct Content<'f> {
    files: &'f FileFolder,
    hash: FileHash,
    at: u64,
}

impl Read for Content<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.files.read_at(&self.hash, self.at, into)?;
        self.at += count as u64;
        Ok(count)
    }
}
