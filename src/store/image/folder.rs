//! The folder of images: one generation is in use, others are on their way out.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::{ImageLost, SledImage};

/// How long sled may take and how much may be kept in memory.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Without progress while opening; a second for each 10 MB on disk is added.
    pub open: Duration,
    /// Without progress in a call after that.
    pub call: Duration,
    /// Bytes of blocks that are kept in memory, beside sled's own 24 MiB.
    pub cache_bytes: usize,
    /// Bytes that are applied, with what they take in memory, before they are
    /// written. While they are, as many may come.
    pub fresh_bytes: usize,
    /// Bytes of a block: smaller ones are read quicker, larger ones are fewer
    /// for sled to keep a page of.
    pub block_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            open: Duration::from_secs(30),
            call: Duration::from_secs(30),
            cache_bytes: 32 << 20,
            fresh_bytes: 32 << 20,
            block_bytes: 2 << 10,
        }
    }
}

/// Folders that threads of this process may still hold, maybe for ever, and
/// how many of them.
static HELD: Mutex<BTreeMap<PathBuf, usize>> = Mutex::new(BTreeMap::new());

/// Says, for as long as it lives, that a folder must not be removed. It goes
/// where sled goes, so a thread that hangs keeps it.
#[derive(Debug)]
pub(super) struct Hold {
    path: PathBuf,
}

impl Hold {
    fn new(path: &Path) -> Self {
        let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        *held.entry(path.to_owned()).or_default() += 1;
        Self { path: path.to_owned() }
    }

    fn is_on(path: &Path) -> bool {
        let held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        held.contains_key(path)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(threads) = held.get_mut(&self.path) {
            *threads -= 1;
            if *threads == 0 {
                held.remove(&self.path);
            }
        }
    }
}

/// The store's `image/`: a folder for each generation, named by its number.
#[derive(Debug)]
pub struct ImageFolder {
    path: PathBuf,
    limits: Limits,
}

impl ImageFolder {
    /// Returns the folder at `path`, made if it is not there (0700).
    ///
    /// # Errors
    /// What the file system answers.
    pub fn new(path: &Path, limits: Limits) -> io::Result<Self> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path)?;
        Ok(Self {
            // One name for one folder, whichever way it was reached.
            path: path.canonicalize()?,
            limits,
        })
    }

    /// Returns the numbers of the generations that are there, ascending.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn generations(&self) -> io::Result<Vec<u64>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let name = entry?.file_name();
            // Only names that this folder gives: 7 and 007 are not the same.
            let number = name.to_str().and_then(|name| name.parse().ok());
            found.extend(number.filter(|number| *name == *Self::name(*number)));
        }
        found.sort_unstable();
        Ok(found)
    }

    fn name(generation: u64) -> String {
        format!("{generation:08}")
    }

    fn path_of(&self, generation: u64) -> PathBuf {
        self.path.join(Self::name(generation))
    }

    /// Opens the newest generation; `None` if there is none at all.
    ///
    /// # Errors
    /// [`ImageLost`] if it is there and cannot be used: the engine takes
    /// [`next_generation`](Self::next_generation).
    pub fn open_newest(&self) -> Result<Option<SledImage>, ImageLost> {
        let generations = self.generations().map_err(|error| lost(&error))?;
        let Some(newest) = generations.last().copied() else {
            return Ok(None);
        };
        self.open(newest, false).map(Some)
    }

    /// Makes a generation above all that are there, with nothing in it.
    ///
    /// # Errors
    /// [`ImageLost`] if that cannot be: a full disk, a folder that is read-only.
    pub fn next_generation(&self) -> Result<SledImage, ImageLost> {
        let generations = self.generations().map_err(|error| lost(&error))?;
        self.open(generations.last().map_or(1, |newest| newest + 1), true)
    }

    fn open(&self, generation: u64, make: bool) -> Result<SledImage, ImageLost> {
        let path = self.path_of(generation);
        if make {
            let mut builder = DirBuilder::new();
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(&path).map_err(|error| lost(&error))?;
        }
        SledImage::open(&path, Hold::new(&path), generation, make, self.limits)
    }

    /// Removes all generations but `kept` and those that a hung thread of this
    /// process may still hold, and returns the numbers of the removed.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn remove_all_but(&self, kept: u64) -> io::Result<Vec<u64>> {
        let mut removed = Vec::new();
        for generation in self.generations()? {
            let path = self.path_of(generation);
            if generation != kept && !Hold::is_on(&path) {
                fs::remove_dir_all(&path)?;
                removed.push(generation);
            }
        }
        Ok(removed)
    }
}

fn lost(error: &io::Error) -> ImageLost {
    ImageLost::new(error.to_string())
}
