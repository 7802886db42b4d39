//! An image in sled: one generation, one folder.
//!
//! What is applied stays in memory until there is much of it or a flush is
//! asked for, and is then written as a run of blocks. Readers find most blocks
//! in memory, on their own thread; only for the others sled is asked, on a
//! thread that may fail.

use std::fs;
use std::ops::{Bound, ControlFlow};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::depot::Depot;
use super::folder::{Hold, Limits};
use super::guard::{Answer, Fate, Pause, Work, Worker};
use super::keeper::{Keeper, Sizes};
use super::levels::{Range, Shared};
use super::merged::{Fetched, Stop};
use super::{Batch, Image, ImageLost, Visit, is_empty_range};

/// Entries handed over at first: a page of rows fits.
const FIRST_CHUNK: usize = 128;
const LARGEST_CHUNK: usize = 8192;

/// One generation of the image, kept by sled in a folder of its own.
#[derive(Debug)]
pub struct SledImage {
    shared: Arc<Shared>,
    fate: Fate,
    reader: Worker<Reading>,
    keeper: Worker<Keeper>,
    /// What is being written; whoever applies or flushes holds the lock.
    sealing: Mutex<Option<Answer<()>>>,
    syncs: Arc<AtomicU64>,
    path: PathBuf,
    generation: u64,
    fresh: bool,
    limits: Limits,
}

#[derive(Debug)]
struct Reading {
    depot: Depot,
    shared: Arc<Shared>,
}

impl Reading {
    fn blocks(&self) -> Fetched<'_> {
        Fetched { cache: &self.shared.cache, depot: &self.depot }
    }
}

impl Work for Reading {
    fn idle(&mut self, _quiet: Duration) -> Result<Pause, String> {
        Ok(Pause::Long)
    }
}

impl Work for Keeper {
    fn idle(&mut self, quiet: Duration) -> Result<Pause, String> {
        Keeper::idle(self, quiet)
    }
}

fn words(stop: Stop) -> String {
    match stop {
        Stop::Lost(reason) => reason,
        Stop::NotInMemory => "a block was asked on the wrong thread".to_owned(),
    }
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
    /// [`ImageLost`] for anything that keeps it from being used, also if there
    /// is no progress for `limits.open` and a second for each 10 MB on disk
    /// (sled itself tells of none while it opens).
    pub(super) fn open(path: &Path, hold: Hold, generation: u64, make: bool, limits: Limits) -> Result<Self, ImageLost> {
        let fate = Fate::default();
        let limit = limits.open + Duration::from_secs(bytes_in(path) / 10_000_000);
        let folder = path.to_owned();
        let sizes = Sizes {
            block_bytes: limits.block_bytes,
            cache_bytes: limits.cache_bytes,
            small_run: (limits.fresh_bytes as u64 / 8192).max(1),
        };
        let (keeper, reading) = Worker::start("image-keeper", limit, &fate, move |progress| {
            let depot = Depot::open(&folder, hold)?;
            progress.tick();
            let keeper = if make { Keeper::make(depot, sizes, progress)? } else { Keeper::open(depot, sizes, progress)? };
            let reading = Reading { depot: keeper.depot().clone(), shared: Arc::clone(keeper.shared()) };
            Ok((keeper, reading))
        })?;
        let shared = Arc::clone(&reading.shared);
        let syncs = Arc::clone(reading.depot.syncs());
        let (reader, ()) = Worker::start("image-reader", limit, &fate, move |_| Ok((reading, ())))?;
        Ok(Self { shared, fate, reader, keeper, sealing: Mutex::new(None), syncs, path: path.to_owned(), generation, fresh: make, limits })
    }

    /// Tells whether this generation was made just now: nothing is in it.
    pub fn is_fresh(&self) -> bool {
        self.fresh
    }

    /// Returns how often a file or folder was synced since opening.
    pub fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::Relaxed)
    }

    fn sealing(&self) -> MutexGuard<'_, Option<Answer<()>>> {
        self.sealing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has what is fresh written, after what is being written.
    fn seal(&self, sealing: &mut Option<Answer<()>>) -> Result<(), ImageLost> {
        if let Some(earlier) = sealing.take() {
            earlier.wait(self.limits.call)?;
        }
        if self.shared.write().freeze() {
            *sealing = Some(self.keeper.ask(Keeper::seal)?);
        }
        Ok(())
    }
}

impl Image for SledImage {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ImageLost> {
        self.fate.check()?;
        match self.shared.get(key, &self.shared.cache) {
            Ok(found) => Ok(found),
            Err(Stop::Lost(reason)) => Err(self.fate.lose(reason)),
            Err(Stop::NotInMemory) => {
                let key = key.to_vec();
                self.reader.call(self.limits.call, move |reading| {
                    let found = reading.shared.get(&key, &reading.blocks());
                    found.map_err(words)
                })
            }
        }
    }

    fn get_many(&self, keys: &[&[u8]]) -> Result<Vec<Option<Vec<u8>>>, ImageLost> {
        self.fate.check()?;
        let mut found = Vec::with_capacity(keys.len());
        for key in keys {
            match self.shared.get(key, &self.shared.cache) {
                Ok(value) => found.push(value),
                Err(Stop::Lost(reason)) => return Err(self.fate.lose(reason)),
                Err(Stop::NotInMemory) => break,
            }
        }
        let rest: Vec<Vec<u8>> = keys[found.len()..].iter().map(|key| key.to_vec()).collect();
        if !rest.is_empty() {
            found.extend(self.reader.call(self.limits.call, move |reading| {
                let blocks = reading.blocks();
                let found = rest.iter().map(|key| reading.shared.get(key, &blocks));
                found.collect::<Result<Vec<_>, _>>().map_err(words)
            })?);
        }
        Ok(found)
    }

    fn scan(&self, from: Bound<&[u8]>, to: Bound<&[u8]>, reverse: bool, visit: &mut Visit<'_>) -> Result<(), ImageLost> {
        self.fate.check()?;
        let mut range = Range { from: from.map(<[u8]>::to_vec), to: to.map(<[u8]>::to_vec), reverse };
        let mut most = FIRST_CHUNK;
        let mut ask_sled = false;
        loop {
            if is_empty_range(range.bounds().0, range.bounds().1) {
                return Ok(());
            }
            let chunk = if ask_sled {
                let range = range.clone();
                self.reader.call(self.limits.call, move |reading| {
                    let chunk = reading.shared.chunk(&range, most, &reading.blocks());
                    chunk.map_err(words)
                })?
            } else {
                match self.shared.chunk(&range, most, &self.shared.cache) {
                    Ok(chunk) => chunk,
                    Err(Stop::Lost(reason)) => return Err(self.fate.lose(reason)),
                    Err(Stop::NotInMemory) => {
                        ask_sled = true;
                        continue;
                    }
                }
            };
            for (key, value) in chunk.entries() {
                if let ControlFlow::Break(()) = visit(key, value) {
                    return Ok(());
                }
            }
            ask_sled |= chunk.cut_short;
            let Some(after) = chunk.after else {
                return Ok(());
            };
            range.go_on_after(after);
            most = (most * 4).min(LARGEST_CHUNK);
        }
    }

    fn apply(&self, batch: &Batch) -> Result<(), ImageLost> {
        let mut sealing = self.sealing();
        self.fate.check()?;
        if self.shared.write().take(batch) > self.limits.fresh_bytes {
            self.seal(&mut sealing)?;
        }
        Ok(())
    }

    fn flush(&self) -> Result<(), ImageLost> {
        let mut sealing = self.sealing();
        self.fate.check()?;
        self.seal(&mut sealing)?;
        if let Some(last) = sealing.take() {
            last.wait(self.limits.call)?;
        }
        self.keeper.call(self.limits.call, Keeper::sync)
    }

    fn bytes_on_disk(&self) -> u64 {
        bytes_in(&self.path)
    }

    fn generation(&self) -> u64 {
        self.generation
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::ops::{Bound, ControlFlow};
    use std::path::Path;
    use std::sync::mpsc;
    use std::time::Duration;

    use super::super::{Batch, Image, ImageFolder, ImageLost, Limits, SledImage};

    fn filled(path: &Path) -> SledImage {
        let folder = ImageFolder::new(path, Limits::default()).unwrap();
        let image = folder.next_generation().unwrap();
        let mut batch = Batch::new();
        for number in 0..2_000_u32 {
            batch.put(number.to_be_bytes().to_vec(), vec![7; 100]);
        }
        image.apply(&batch).unwrap();
        image.flush().unwrap();
        image
    }

    /// Opened with no patience, and nothing in memory.
    fn impatient(path: &Path) -> SledImage {
        drop(filled(path));
        let limits = Limits { call: Duration::from_millis(100), cache_bytes: 0, ..Limits::default() };
        ImageFolder::new(path, limits).unwrap().open_newest().unwrap().unwrap()
    }

    fn one_more() -> Batch {
        let mut batch = Batch::new();
        batch.put(b"one more".to_vec(), Vec::new());
        batch
    }

    fn count(image: &SledImage) -> Result<usize, ImageLost> {
        let mut count = 0;
        let counted = image.scan(Bound::Unbounded, Bound::Unbounded, false, &mut |_, _| {
            count += 1;
            ControlFlow::Continue(())
        });
        counted.map(|()| count)
    }

    #[test]
    fn a_stopped_reader_is_given_up_and_its_folder_kept() {
        let dir = tempfile::tempdir().unwrap();
        let image = impatient(dir.path());
        let (_stopped, never) = mpsc::channel::<()>();
        let hang = image.reader.ask(move |_| never.recv().map_err(|error| error.to_string()));
        let lost = ImageLost::new("no answer within 0.1 s");
        assert_eq!(image.get(&7_u32.to_be_bytes()), Err(lost.clone()));
        assert_eq!(count(&image), Err(lost.clone()));
        assert_eq!(image.apply(&one_more()), Err(lost.clone()));
        assert_eq!(image.flush(), Err(lost));
        drop((hang, image));

        let next = filled(dir.path());
        assert_eq!((next.generation(), count(&next)), (2, Ok(2_000)));
        let folder = ImageFolder::new(dir.path(), Limits::default()).unwrap();
        assert!(folder.remove_all_but(2).unwrap().is_empty(), "the reader may still hold it");
    }

    #[test]
    fn a_stopped_writer_is_given_up() {
        let dir = tempfile::tempdir().unwrap();
        let image = impatient(dir.path());
        let (_stopped, never) = mpsc::channel::<()>();
        let _hang = image.keeper.ask(move |_| never.recv().map_err(|error| error.to_string()));
        image.apply(&one_more()).unwrap();
        assert_eq!(image.get(b"one more"), Ok(Some(Vec::new())), "not written yet, but read");
        let lost = ImageLost::new("no answer within 0.1 s");
        assert_eq!(image.flush(), Err(lost.clone()));
        assert_eq!(image.get(b"one more"), Err(lost));
    }

    #[test]
    fn a_batch_is_seen_whole_while_it_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let small = Limits { fresh_bytes: 5_000, block_bytes: 300, ..Limits::default() };
        let folder = ImageFolder::new(dir.path(), small).unwrap();
        let image = folder.next_generation().unwrap();
        let both = |number: u32| {
            let mut batch = Batch::new();
            batch.put(b"a".to_vec(), number.to_be_bytes().to_vec());
            for filling in 0..20_u32 {
                batch.put([b'm'].into_iter().chain((number * 20 + filling).to_be_bytes()).collect(), vec![0; 20]);
            }
            batch.put(b"z".to_vec(), number.to_be_bytes().to_vec());
            batch
        };
        image.apply(&both(0)).unwrap();
        std::thread::scope(|scope| {
            let writing = scope.spawn(|| (1..200).try_for_each(|number| image.apply(&both(number))));
            let mut before = 0;
            while !writing.is_finished() {
                let number = |key: &[u8]| u32::from_be_bytes(image.get(key).unwrap().unwrap().try_into().unwrap());
                let (a, z) = (number(b"a"), number(b"z"));
                assert!(before <= a && a <= z, "{before} {a} {z}: z is read after a");
                before = z;
            }
            writing.join().unwrap().unwrap();
        });
        assert_eq!(count(&image), Ok(2 + 200 * 20));
    }
}
