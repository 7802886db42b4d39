//! sled as the place where blocks lie: the only file that calls sled.
//!
//! Everything here may fail, panic or hang, so it is called only on the threads
//! of the guard. One tree; single puts and no batches: sled's log keeps the
//! order of puts, so a manifest that is there has its blocks, and sled's
//! batches take a lock of the whole process that a hung thread would keep.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::block::Place;
use super::folder::Hold;

/// A lock can outlive the sled that held it for a moment.
const LOCK_LINGERS: Duration = Duration::from_secs(3);
/// Enough for the upper levels of its tree to stay: blocks in use are kept
/// decoded elsewhere. With 2 MiB a random get took twice the time.
const SLED_CACHE_BYTES: u64 = 24 * 1024 * 1024;
/// sled thinks of letting pages go only at each 64th access to one of its 256
/// shards, and a page of 16 blocks is 32 KiB: up to half a gigabyte would stay.
/// Asking again for what was just read makes it think of it eight times as
/// often, for 2 us.
const ASKED_AGAIN: usize = 7;

const MANIFEST: &[u8] = b"manifest";
const OF_A_RUN: u8 = b'r';
const RUN_KEY_LENGTH: usize = 10;

/// What of a run is stored under a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Part {
    Block = b'b',
    Index = b'i',
    Filter = b'f',
}

/// An opened sled, shared by the threads that may call it.
#[derive(Debug, Clone)]
pub(super) struct Depot {
    db: sled::Db,
    path: PathBuf,
    /// How often files were synced.
    syncs: Arc<AtomicU64>,
    // After `db`, so that the folder is let go when sled is.
    _hold: Arc<Hold>,
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn key_of(part: Part, place: Place) -> [u8; RUN_KEY_LENGTH] {
    let mut key = [OF_A_RUN; RUN_KEY_LENGTH];
    key[1..5].copy_from_slice(&place.run.to_be_bytes());
    key[5] = part as u8;
    key[6..].copy_from_slice(&place.number.to_be_bytes());
    key
}

impl Depot {
    /// Opens the sled in `path`.
    pub(super) fn open(path: &Path, hold: Hold) -> Result<Self, String> {
        let begun = Instant::now();
        let db = loop {
            let opened = sled::Config::new().path(path).cache_capacity(SLED_CACHE_BYTES).flush_every_ms(None).open();
            match opened {
                Ok(db) => break db,
                Err(sled::Error::Io(error)) if error.to_string().contains("could not acquire lock") && begun.elapsed() < LOCK_LINGERS => {
                    thread::sleep(Duration::from_millis(20));
                }
                Err(error) => return Err(words(error)),
            }
        };
        Ok(Self { db, path: path.to_owned(), syncs: Arc::default(), _hold: Arc::new(hold) })
    }

    pub(super) fn manifest(&self) -> Result<Option<Vec<u8>>, String> {
        let found = self.db.get(MANIFEST).map_err(words)?;
        Ok(found.map(|bytes| bytes.to_vec()))
    }

    pub(super) fn put_manifest(&self, bytes: &[u8]) -> Result<(), String> {
        self.db.insert(MANIFEST, bytes).map_err(words)?;
        Ok(())
    }

    pub(super) fn put(&self, part: Part, place: Place, bytes: Vec<u8>) -> Result<(), String> {
        let before = self.db.insert(key_of(part, place), bytes).map_err(words)?;
        match before {
            None => Ok(()),
            Some(_) => Err(format!("block {} of run {} was there", place.number, place.run)),
        }
    }

    /// Returns what was put; that it is missing means that sled lost it.
    pub(super) fn get(&self, part: Part, place: Place) -> Result<sled::IVec, String> {
        let key = key_of(part, place);
        let found = self.db.get(key).map_err(words)?;
        for _ in 0..ASKED_AGAIN {
            self.db.contains_key(key).map_err(words)?;
        }
        found.ok_or_else(|| format!("block {} of run {} is missing", place.number, place.run))
    }

    /// Returns the runs of which anything is stored, ascending.
    pub(super) fn runs(&self) -> Result<Vec<u32>, String> {
        let mut found = Vec::new();
        let mut from = vec![OF_A_RUN];
        while let Some(pair) = self.db.range(from..vec![OF_A_RUN + 1]).next() {
            let (key, _) = pair.map_err(words)?;
            let run = key.get(1..5).and_then(|run| run.try_into().ok());
            let run = u32::from_be_bytes(run.ok_or("a key of no run")?);
            found.push(run);
            let Some(next) = run.checked_add(1) else {
                break;
            };
            from = vec![OF_A_RUN];
            from.extend_from_slice(&next.to_be_bytes());
        }
        Ok(found)
    }

    /// Removes up to `most` entries of `run` and tells whether all are gone.
    pub(super) fn remove(&self, run: u32, most: usize) -> Result<bool, String> {
        let mut prefix = vec![OF_A_RUN];
        prefix.extend_from_slice(&run.to_be_bytes());
        let keys = self.db.scan_prefix(prefix).keys().take(most);
        let keys = keys.collect::<Result<Vec<_>, _>>().map_err(words)?;
        for key in &keys {
            self.db.remove(key).map_err(words)?;
        }
        Ok(keys.len() < most)
    }

    /// Makes durable what was put: sled's own flush does not survive a power
    /// cut, so each file is synced too, and the folders for the files' names.
    pub(super) fn sync(&self) -> Result<(), String> {
        self.db.flush().map_err(words)?;
        self.sync_all_in(&self.path).map_err(words)
    }

    /// Makes the folder's own name durable.
    pub(super) fn sync_name(&self) -> Result<(), String> {
        match self.path.parent() {
            Some(parent) => self.sync_folder(parent).map_err(words),
            None => Ok(()),
        }
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.syncs.fetch_add(1, Ordering::Relaxed);
        File::open(path)?.sync_all()
    }

    fn sync_all_in(&self, folder: &Path) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.sync_all_in(&entry.path())?;
            } else if kind.is_file() {
                match File::open(entry.path()) {
                    Ok(file) => {
                        self.syncs.fetch_add(1, Ordering::Relaxed);
                        file.sync_data()?;
                    }
                    // sled drops an old snapshot or blob whenever it likes.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
        }
        self.sync_folder(folder)
    }

    /// Returns how often a file or folder was synced since opening.
    pub(super) fn syncs(&self) -> &Arc<AtomicU64> {
        &self.syncs
    }
}
