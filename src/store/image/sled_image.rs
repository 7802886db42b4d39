//! An image in sled: one generation, one folder.

use std::fs::{self, File};
use std::io;
use std::ops::{Bound, ControlFlow};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::folder::{Hold, Limits};
use super::guard::{Fate, Worker};
use super::{Batch, Image, ImageLost, Visit, is_empty_range};

/// Stands before every key that was put, and so apart from [`MADE`].
const PUT: u8 = b'k';
/// Written when the image is made: sled can open a damaged folder empty and
/// without an error, and then this is missing.
const MADE: &[u8] = b"m";
/// A lock can outlive the sled that held it for a moment.
const LOCK_LINGERS: Duration = Duration::from_secs(3);
/// Entries handed over at first; a page of rows fits.
const FIRST_CHUNK: usize = 128;
const LARGEST_CHUNK: usize = 8192;

/// One generation of the image, kept by sled in a folder of its own.
#[derive(Debug)]
pub struct SledImage {
    reader: Worker<Sled>,
    writer: Worker<Sled>,
    path: PathBuf,
    generation: u64,
    fresh: bool,
    limits: Limits,
}

#[derive(Debug, Clone)]
struct Sled {
    db: sled::Db,
    path: PathBuf,
    // After `db`, so that it is let go when sled is.
    _hold: Arc<Hold>,
}

struct Chunk {
    entries: Vec<(sled::IVec, sled::IVec)>,
    ended: bool,
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl Sled {
    fn open(path: &Path, hold: Hold, make: bool, cache_bytes: u64) -> Result<Self, String> {
        let begun = Instant::now();
        let db = loop {
            let opened = sled::Config::new().path(path).cache_capacity(cache_bytes).flush_every_ms(None).open();
            match opened {
                Ok(db) => break db,
                Err(sled::Error::Io(error)) if error.to_string().contains("could not acquire lock") && begun.elapsed() < LOCK_LINGERS => {
                    thread::sleep(Duration::from_millis(20));
                }
                Err(error) => return Err(words(error)),
            }
        };
        let opened = Self { db, path: path.to_owned(), _hold: Arc::new(hold) };
        if make {
            opened.db.insert(MADE, &[1]).map_err(words)?;
            opened.flush()?;
        } else if opened.db.get(MADE).map_err(words)?.is_none() {
            return Err("it opened empty, but its folder was not".to_owned());
        }
        Ok(opened)
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, String> {
        let found = self.db.get(stored(key)).map_err(words)?;
        Ok(found.map(|value| value.to_vec()))
    }

    fn chunk(&self, from: Bound<Vec<u8>>, to: Bound<Vec<u8>>, reverse: bool, most: usize) -> Result<Chunk, String> {
        let mut range = self.db.range::<Vec<u8>, _>((from, to));
        let mut entries = Vec::with_capacity(most.min(1024));
        while entries.len() < most {
            let next = if reverse { range.next_back() } else { range.next() };
            match next {
                Some(pair) => entries.push(pair.map_err(words)?),
                None => {
                    return Ok(Chunk { entries, ended: true });
                }
            }
        }
        Ok(Chunk { entries, ended: false })
    }

    /// Makes durable what sled holds: its own flush does not survive a power
    /// cut, so each file is synced too, and the folders for the files' names.
    fn flush(&self) -> Result<(), String> {
        self.db.flush().map_err(words)?;
        sync_all_in(&self.path).map_err(words)?;
        match self.path.parent() {
            Some(parent) => sync_folder(parent).map_err(words),
            None => Ok(()),
        }
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

fn sync_all_in(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            sync_all_in(&entry.path())?;
        } else if kind.is_file() {
            match File::open(entry.path()) {
                Ok(file) => file.sync_data()?,
                // sled drops an old snapshot or blob whenever it likes.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    sync_folder(folder)
}

fn stored(key: &[u8]) -> Vec<u8> {
    let mut stored = Vec::with_capacity(key.len() + 1);
    stored.push(PUT);
    stored.extend_from_slice(key);
    stored
}

fn bytes_in(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    entries.flatten().fold(0, |sum, entry| {
        sum + match entry.metadata() {
            Ok(found) if found.is_dir() => bytes_in(&entry.path()),
            Ok(found) => found.len(),
            Err(_) => 0,
        }
    })
}

impl SledImage {
    /// Opens the generation in `path`, or makes it there if `make`.
    ///
    /// # Errors
    /// [`ImageLost`] for anything that keeps it from being used, also if it
    /// takes longer than `limits.open` and a second for each 10 MB.
    pub(super) fn open(path: &Path, hold: Hold, generation: u64, make: bool, limits: Limits) -> Result<Self, ImageLost> {
        let fate = Fate::default();
        let limit = limits.open + Duration::from_secs(bytes_in(path) / 10_000_000);
        let (folder, cache_bytes) = (path.to_owned(), limits.cache_bytes);
        let (writer, sled) = Worker::start("image-writer", limit, &fate, move || {
            let sled = Sled::open(&folder, hold, make, cache_bytes)?;
            Ok((sled.clone(), sled))
        })?;
        let (reader, ()) = Worker::start("image-reader", limit, &fate, move || Ok((sled, ())))?;
        Ok(Self { reader, writer, path: path.to_owned(), generation, fresh: make, limits })
    }

    /// Tells whether this generation was made just now: nothing is in it.
    pub fn is_fresh(&self) -> bool {
        self.fresh
    }
}

fn stored_bounds(from: Bound<&[u8]>, to: Bound<&[u8]>) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
    let from = match from {
        Bound::Unbounded => Bound::Included(vec![PUT]),
        bound => bound.map(stored),
    };
    let to = match to {
        Bound::Unbounded => Bound::Excluded(vec![PUT + 1]),
        bound => bound.map(stored),
    };
    (from, to)
}

impl Image for SledImage {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ImageLost> {
        let key = key.to_vec();
        self.reader.call(self.limits.call, move |sled| sled.get(&key))
    }

    fn get_many(&self, keys: &[&[u8]]) -> Result<Vec<Option<Vec<u8>>>, ImageLost> {
        let keys: Vec<Vec<u8>> = keys.iter().map(|key| key.to_vec()).collect();
        self.reader.call(self.limits.call, move |sled| keys.iter().map(|key| sled.get(key)).collect())
    }

    fn scan(&self, from: Bound<&[u8]>, to: Bound<&[u8]>, reverse: bool, visit: &mut Visit<'_>) -> Result<(), ImageLost> {
        if is_empty_range(from, to) {
            return self.reader.call(self.limits.call, |_| Ok(()));
        }
        let (mut from, mut to) = stored_bounds(from, to);
        let mut most = FIRST_CHUNK;
        loop {
            let (low, high) = (from.clone(), to.clone());
            let chunk = self.reader.call(self.limits.call, move |sled| sled.chunk(low, high, reverse, most))?;
            for (key, value) in &chunk.entries {
                if let ControlFlow::Break(()) = visit(&key[1..], value) {
                    return Ok(());
                }
            }
            let Some((last, _)) = chunk.entries.last().filter(|_| !chunk.ended) else {
                return Ok(());
            };
            let next = Bound::Excluded(last.to_vec());
            *if reverse { &mut to } else { &mut from } = next;
            most = (most * 4).min(LARGEST_CHUNK);
        }
    }

    fn apply(&self, batch: &Batch) -> Result<(), ImageLost> {
        let mut changes = sled::Batch::default();
        for (key, value) in batch.iter() {
            match value {
                Some(value) => changes.insert(stored(key), value),
                None => changes.remove(stored(key)),
            }
        }
        self.writer.call(self.limits.call, move |sled| sled.db.apply_batch(changes).map_err(words))
    }

    fn flush(&self) -> Result<(), ImageLost> {
        self.writer.call(self.limits.call, Sled::flush)
    }

    fn bytes_on_disk(&self) -> u64 {
        bytes_in(&self.path)
    }

    fn generation(&self) -> u64 {
        self.generation
    }
}
