//! Writes what is fresh into runs and merges runs, on a thread of its own.
//!
//! Every run that is written is one more that each reading must look into, so
//! runs of about one size are merged when there are [`FANOUT`] of them: each
//! entry is written about once for each fourfold growth of the image, and the
//! work of a commit does not grow with what is stored. (O'Neil and others: The
//! Log-Structured Merge-Tree, 1996; the policy is the size-tiered one.)
//!
//! The manifest names the runs that count. It is one key in sled, put after the
//! blocks of its runs were synced: an image is always one that was whole.

use std::ops::{Bound, ControlFlow};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::block::Place;
use super::block_cache::BlockCache;
use super::depot::Depot;
use super::guard::{Pause, Progress};
use super::levels::{Levels, Shared};
use super::merged::{Merged, Stop};
use super::run::{Run, RunNote, RunWriter};

/// Runs of one size that are merged into one.
const FANOUT: usize = 4;
/// More runs than this are merged before anything else is written.
const MOST_RUNS: usize = 24;
/// Merging fewer entries than this is not worth waiting with.
const QUICK_MERGE: u64 = 1 << 16;
/// A longer merge begins when nothing was written for this long: a command that
/// runs for a moment must not begin what it cannot end.
const QUIET: Duration = Duration::from_secs(2);
/// Entries that are merged, or removed, before looking for other work.
const STEP_ENTRIES: usize = 4096;
const STEP_REMOVED: usize = 64;

const MANIFEST_FORMAT: u8 = 1;
/// The place that the manifest's CRC is made for: no block stands there.
const MANIFEST_PLACE: Place = Place { run: u32::MAX, number: 0 };

/// Which runs count, newest first.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    format: u8,
    next_run: u32,
    runs: Vec<RunNote>,
}

/// How large things are; the tests make all of it small.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub(super) block_bytes: usize,
    pub(super) cache_bytes: usize,
    /// Entries below which runs count as equally small.
    pub(super) small_run: u64,
}

#[derive(Debug)]
struct Merge {
    inputs: Vec<Arc<Run>>,
    reading: Merged,
    writer: RunWriter,
    /// Nothing older is left that a delete would have to hide.
    drops_deletes: bool,
}

/// A run that no manifest names any more, or never did.
#[derive(Debug)]
enum Dead {
    Read(Arc<Run>),
    Unknown(u32),
}

#[derive(Debug)]
pub(super) struct Keeper {
    depot: Depot,
    shared: Arc<Shared>,
    sizes: Sizes,
    progress: Progress,
    next_run: u32,
    merge: Option<Merge>,
    /// Not to be removed before the manifest that left them out is synced.
    leaving: Vec<Dead>,
    dead: Vec<Dead>,
    /// So much is being written that merging cannot wait for a quiet moment.
    loading: bool,
    unsynced: bool,
}

fn lost(stop: Stop) -> String {
    match stop {
        Stop::Lost(reason) => reason,
        Stop::NotInMemory => unreachable!("sled was asked"),
    }
}

impl Keeper {
    /// Makes an image with nothing in it.
    pub(super) fn make(depot: Depot, sizes: Sizes, progress: Progress) -> Result<Self, String> {
        let mut keeper = Self::over(depot, sizes, progress, 1, Vec::new());
        keeper.put_manifest(&[])?;
        keeper.sync()?;
        keeper.depot.sync_name()?;
        Ok(keeper)
    }

    /// Opens what a keeper left.
    pub(super) fn open(depot: Depot, sizes: Sizes, progress: Progress) -> Result<Self, String> {
        let manifest = depot.manifest()?.ok_or("it opened empty, but its folder was not")?;
        let manifest = MANIFEST_PLACE.opened(&manifest).ok_or("its manifest is damaged")?;
        let manifest: Manifest = postcard::from_bytes(manifest).map_err(|_| "its manifest is damaged")?;
        if manifest.format != MANIFEST_FORMAT {
            return Err(format!("its format is {}", manifest.format));
        }
        let stored = depot.runs()?;
        let mut runs = Vec::with_capacity(manifest.runs.len());
        for note in manifest.runs {
            runs.push(Arc::new(Run::open(note, &depot)?));
            progress.tick();
        }
        let named = |id: u32| runs.iter().any(|run| run.note.id == id);
        let unknown: Vec<_> = stored.iter().copied().filter(|id| !named(*id)).collect();
        let after_stored = stored.last().map_or(0, |last| last.saturating_add(1));
        let next_run = manifest.next_run.max(after_stored);
        let mut keeper = Self::over(depot, sizes, progress, next_run, runs);
        // The manifest that left these out may not be synced: a kill is no sync.
        keeper.leaving.extend(unknown.into_iter().map(Dead::Unknown));
        Ok(keeper)
    }

    fn over(depot: Depot, sizes: Sizes, progress: Progress, next_run: u32, runs: Vec<Arc<Run>>) -> Self {
        let cache = BlockCache::new(sizes.cache_bytes);
        Self {
            depot,
            shared: Arc::new(Shared::new(Levels::over(runs), cache)),
            sizes,
            progress,
            next_run,
            merge: None,
            leaving: Vec::new(),
            dead: Vec::new(),
            loading: false,
            unsynced: true,
        }
    }

    pub(super) fn depot(&self) -> &Depot {
        &self.depot
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Makes everything durable that was sealed.
    pub(super) fn sync(&mut self) -> Result<(), String> {
        if self.unsynced {
            self.depot.sync()?;
            self.progress.tick();
            self.unsynced = false;
            self.dead.append(&mut self.leaving);
        }
        Ok(())
    }

    fn put_manifest(&mut self, runs: &[Arc<Run>]) -> Result<(), String> {
        let manifest =
            Manifest { format: MANIFEST_FORMAT, next_run: self.next_run, runs: runs.iter().map(|run| run.note.clone()).collect() };
        let bytes = postcard::to_stdvec(&manifest).map_err(|error| error.to_string())?;
        self.depot.put_manifest(&MANIFEST_PLACE.sealed(bytes))?;
        self.unsynced = true;
        Ok(())
    }

    fn new_writer(&mut self, at_most: u64) -> Result<RunWriter, String> {
        let id = self.next_run;
        self.next_run = id.checked_add(1).ok_or("no number is left for a run")?;
        Ok(RunWriter::new(id, at_most, self.sizes.block_bytes))
    }

    /// Writes what was set aside as the newest run.
    pub(super) fn seal(&mut self) -> Result<(), String> {
        let Some(frozen) = self.shared.frozen() else {
            return Ok(());
        };
        self.loading = frozen.len() as u64 >= QUICK_MERGE;
        while self.shared.runs().len() >= MOST_RUNS && self.begin_merge(true)? {
            while self.merge.is_some() {
                self.go_on_merging()?;
            }
        }
        let mut runs = self.shared.runs().to_vec();
        let mut writer = self.new_writer(frozen.len() as u64)?;
        for (count, (key, value)) in frozen.iter().enumerate() {
            if value.is_some() || !runs.is_empty() {
                writer.add(key, value.as_deref(), &self.depot)?;
            }
            if count % STEP_ENTRIES == 0 {
                self.progress.tick();
            }
        }
        if let Some(run) = writer.finish(&self.depot)? {
            self.unsynced = true;
            self.sync()?;
            runs.insert(0, Arc::new(run));
            self.put_manifest(&runs)?;
        }
        self.shared.write().sealed(runs);
        Ok(())
    }

    /// The tier of a run: one up for each fourfold size.
    fn tier(&self, run: &Run) -> u32 {
        let mut tier = 0;
        let mut left = run.note.entries / self.sizes.small_run;
        while left > 0 {
            left /= FANOUT as u64;
            tier += 1;
        }
        tier
    }

    /// Returns how many of the newest runs are to be merged, 0 for none.
    fn to_merge(&self, runs: &[Arc<Run>]) -> usize {
        // A small run below a larger one counts as that large: it is merged
        // along when the larger is.
        let mut tier = 0;
        let mut same = 0;
        for (at, run) in runs.iter().enumerate() {
            let here = self.tier(run);
            if here > tier {
                if same >= FANOUT {
                    return at;
                }
                tier = here;
                same = 0;
            }
            same += 1;
        }
        if same >= FANOUT { runs.len() } else { 0 }
    }

    /// Begins a merge if one is due and tells whether one is under way.
    fn begin_merge(&mut self, long_ones: bool) -> Result<bool, String> {
        if self.merge.is_some() {
            return Ok(true);
        }
        let runs = self.shared.runs();
        let inputs = &runs[..self.to_merge(&runs)];
        let entries = inputs.iter().map(|run| run.note.entries).sum();
        if inputs.is_empty() || (entries > QUICK_MERGE && !long_ones) {
            return Ok(false);
        }
        let all = (Bound::Unbounded, Bound::Unbounded);
        let reading = Merged::new(Vec::new(), inputs, all, false, &self.depot).map_err(lost)?;
        self.merge =
            Some(Merge { inputs: inputs.to_vec(), reading, writer: self.new_writer(entries)?, drops_deletes: inputs.len() == runs.len() });
        Ok(true)
    }

    fn go_on_merging(&mut self) -> Result<(), String> {
        let Some(mut merge) = self.merge.take() else {
            return Ok(());
        };
        let mut left = STEP_ENTRIES;
        let mut failed = Ok(());
        let reading = merge.reading.read(&self.depot, |key, value| {
            left -= 1;
            if value.is_some() || !merge.drops_deletes {
                failed = merge.writer.add(key, value, &self.depot);
            }
            if left == 0 || failed.is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        reading.map_err(lost)?;
        failed?;
        self.progress.tick();
        if left == 0 {
            self.merge = Some(merge);
            return Ok(());
        }
        let written = merge.writer.finish(&self.depot)?;
        self.unsynced = true;
        self.sync()?;
        let mut runs = self.shared.runs().to_vec();
        let first = merge.inputs[0].note.id;
        let at = runs.iter().position(|run| run.note.id == first);
        let at = at.expect("only a merge takes runs away, and there is one at a time");
        let merged = written.map(Arc::new);
        runs.splice(at..at + merge.inputs.len(), merged);
        self.put_manifest(&runs)?;
        self.shared.write().merged(runs);
        self.leaving.extend(merge.inputs.into_iter().map(Dead::Read));
        Ok(())
    }

    /// Removes something of a dead run that nobody reads.
    fn remove_some(&mut self) -> Result<bool, String> {
        let unread = self.dead.iter().position(|dead| match dead {
            Dead::Read(run) => Arc::strong_count(run) == 1,
            Dead::Unknown(_) => true,
        });
        let Some(at) = unread else {
            return Ok(false);
        };
        let id = match &self.dead[at] {
            Dead::Read(run) => run.note.id,
            Dead::Unknown(id) => *id,
        };
        if self.depot.remove(id, STEP_REMOVED)? {
            self.dead.swap_remove(at);
        }
        Ok(true)
    }

    /// Does a step of what can wait; `quiet` is how long nothing was asked.
    pub(super) fn idle(&mut self, quiet: Duration) -> Result<Pause, String> {
        if self.begin_merge(self.loading || quiet >= QUIET)? {
            self.go_on_merging()?;
            return Ok(Pause::None);
        }
        if self.remove_some()? {
            return Ok(Pause::None);
        }
        if quiet >= QUIET && !self.leaving.is_empty() {
            self.sync()?;
            return Ok(Pause::None);
        }
        let long_merge = self.to_merge(&self.shared.runs()) > 0;
        Ok(if long_merge || !self.leaving.is_empty() || !self.dead.is_empty() { Pause::For(QUIET) } else { Pause::Long })
    }
}
