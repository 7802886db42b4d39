//! What a reader sees of an image: what is fresh, and the runs below it.

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::Batch;
use super::block_cache::BlockCache;
use super::filter::KeyHash;
use super::merged::{Blocks, Changes, Merged, Stop};
use super::run::Run;

/// About what an entry takes beside its bytes: two vectors in a tree.
const ENTRY_BYTES: usize = 96;
/// A chunk of a scan ends when it has as many bytes.
const CHUNK_BYTES: usize = 1 << 20;

/// Keys with what became of them; `None` is a delete.
pub(super) type Fresh = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Newest first: `fresh`, then `frozen`, which is being written, then `runs`.
#[derive(Debug, Default)]
pub(super) struct Levels {
    fresh: Fresh,
    fresh_bytes: usize,
    frozen: Option<Arc<Fresh>>,
    runs: Arc<Vec<Arc<Run>>>,
}

impl Levels {
    pub(super) fn over(runs: Vec<Arc<Run>>) -> Self {
        Self { runs: Arc::new(runs), ..Self::default() }
    }

    /// Takes `batch` in and returns the bytes that are fresh now.
    pub(super) fn take(&mut self, batch: &Batch) -> usize {
        for (key, value) in batch.iter() {
            let bytes = value.map_or(0, <[u8]>::len);
            let before = self.fresh.insert(key.to_vec(), value.map(<[u8]>::to_vec));
            match before {
                None => self.fresh_bytes += ENTRY_BYTES + key.len() + bytes,
                Some(before) => {
                    self.fresh_bytes += bytes;
                    self.fresh_bytes -= before.map_or(0, |before| before.len());
                }
            }
        }
        self.fresh_bytes
    }

    /// Sets what is fresh aside for writing and tells whether there was any.
    ///
    /// What was set aside before must have been [`sealed`](Self::sealed).
    pub(super) fn freeze(&mut self) -> bool {
        debug_assert!(self.frozen.is_none(), "one at a time");
        if !self.fresh.is_empty() {
            self.frozen = Some(Arc::new(std::mem::take(&mut self.fresh)));
            self.fresh_bytes = 0;
        }
        self.frozen.is_some()
    }

    pub(super) fn frozen(&self) -> Option<Arc<Fresh>> {
        self.frozen.clone()
    }

    /// Puts `runs` in the place of what was set aside and of all runs.
    pub(super) fn sealed(&mut self, runs: Vec<Arc<Run>>) {
        self.frozen = None;
        self.runs = Arc::new(runs);
    }

    /// Puts `runs` in the place of all runs.
    pub(super) fn merged(&mut self, runs: Vec<Arc<Run>>) {
        self.runs = Arc::new(runs);
    }

    pub(super) fn runs(&self) -> Arc<Vec<Arc<Run>>> {
        Arc::clone(&self.runs)
    }
}

/// What the threads of one image share.
#[derive(Debug)]
pub(super) struct Shared {
    levels: RwLock<Levels>,
    pub(super) cache: BlockCache,
}

/// A stretch of a scan.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    bytes: Vec<u8>,
    /// Where each key and then its value ends.
    ends: Vec<(usize, usize)>,
    /// Where the next one begins; `None` when there is no more.
    pub(super) after: Option<Vec<u8>>,
    /// It ended because a block was not in memory.
    pub(super) cut_short: bool,
}

impl Chunk {
    fn push(&mut self, key: &[u8], value: &[u8]) {
        self.bytes.extend_from_slice(key);
        let key_end = self.bytes.len();
        self.bytes.extend_from_slice(value);
        self.ends.push((key_end, self.bytes.len()));
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut start = 0;
        self.ends.iter().map(move |(key_end, end)| {
            let entry = (&self.bytes[start..*key_end], &self.bytes[*key_end..*end]);
            start = *end;
            entry
        })
    }
}

/// What a scan asks for.
#[derive(Debug, Clone)]
pub(super) struct Range {
    pub(super) from: Bound<Vec<u8>>,
    pub(super) to: Bound<Vec<u8>>,
    pub(super) reverse: bool,
}

fn as_slices(bound: &Bound<Vec<u8>>) -> Bound<&[u8]> {
    match bound {
        Bound::Unbounded => Bound::Unbounded,
        Bound::Included(key) => Bound::Included(key),
        Bound::Excluded(key) => Bound::Excluded(key),
    }
}

impl Range {
    pub(super) fn bounds(&self) -> (Bound<&[u8]>, Bound<&[u8]>) {
        (as_slices(&self.from), as_slices(&self.to))
    }

    /// Tells whether `key` lies behind the end in the direction of reading.
    fn is_behind(&self, key: &[u8]) -> bool {
        match (self.reverse, self.bounds()) {
            (false, (_, Bound::Included(to))) => key > to,
            (false, (_, Bound::Excluded(to))) => key >= to,
            (true, (Bound::Included(from), _)) => key < from,
            (true, (Bound::Excluded(from), _)) => key <= from,
            (_, _) => false,
        }
    }

    /// Leaves only what comes after `key`.
    pub(super) fn go_on_after(&mut self, key: Vec<u8>) {
        let begin = if self.reverse { &mut self.to } else { &mut self.from };
        *begin = Bound::Excluded(key);
    }

    /// Copies up to `most` changes out of `fresh`, and tells whether it was cut.
    fn copied(&self, fresh: &Fresh, most: usize) -> (Changes, bool) {
        let mut range = fresh.range::<[u8], _>(self.bounds());
        let mut copied = Changes::new();
        while let Some((key, value)) = if self.reverse { range.next_back() } else { range.next() } {
            if copied.len() == most {
                return (copied, true);
            }
            copied.push((key.clone(), value.clone()));
        }
        (copied, false)
    }
}

impl Shared {
    pub(super) fn new(levels: Levels, cache: BlockCache) -> Self {
        Self { levels: RwLock::new(levels), cache }
    }

    // Both locks are held for memory only, never while sled is asked.

    fn read(&self) -> RwLockReadGuard<'_, Levels> {
        self.levels.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, Levels> {
        self.levels.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn runs(&self) -> Arc<Vec<Arc<Run>>> {
        self.read().runs()
    }

    pub(super) fn frozen(&self) -> Option<Arc<Fresh>> {
        self.read().frozen()
    }

    pub(super) fn get(&self, key: &[u8], blocks: &impl Blocks) -> Result<Option<Vec<u8>>, Stop> {
        let runs = {
            let levels = self.read();
            let fresh = [Some(&levels.fresh), levels.frozen.as_deref()];
            if let Some(found) = fresh.into_iter().flatten().find_map(|map| map.get(key)) {
                return Ok(found.clone());
            }
            levels.runs()
        };
        let hash = KeyHash::of(key);
        for run in runs.iter().filter(|run| run.may_have(hash)) {
            let block = blocks.block(run, run.block_for(key))?;
            let at = block.position(key, false);
            if at < block.len() && block.key(at) == key {
                return Ok(block.value(at).map(<[u8]>::to_vec));
            }
        }
        Ok(None)
    }

    /// Returns the beginning of `range`, `most` entries or fewer.
    ///
    /// `range` must not be empty.
    pub(super) fn chunk(&self, range: &Range, most: usize, blocks: &impl Blocks) -> Result<Chunk, Stop> {
        let (lists, runs) = {
            let levels = self.read();
            let fresh = [Some(&levels.fresh), levels.frozen.as_deref()];
            let lists = fresh.map(|map| map.map(|map| range.copied(map, most)));
            (lists, levels.runs())
        };
        // Behind the end of a list that was cut there may be changes that are
        // not known here.
        let cut = lists.iter().flatten().filter(|(_, cut)| *cut);
        let ends = cut.filter_map(|(list, _)| list.last().map(|(key, _)| key));
        let horizon = if range.reverse { ends.max() } else { ends.min() };
        let horizon = horizon.cloned();
        let lists = lists.into_iter().flatten().map(|(list, _)| list).collect();

        let mut merged = Merged::new(lists, &runs, range.bounds(), range.reverse, blocks)?;
        let mut chunk = Chunk::default();
        let mut last = Vec::new();
        let mut seen = false;
        let mut more = false;
        let stopped = merged.read(blocks, |key, value| {
            if range.is_behind(key) {
                more = false;
                return ControlFlow::Break(());
            }
            seen = true;
            last.clear();
            last.extend_from_slice(key);
            if let Some(value) = value {
                chunk.push(key, value);
            }
            more = horizon.as_deref() == Some(key) || chunk.ends.len() >= most || chunk.bytes.len() >= CHUNK_BYTES;
            if more { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        match stopped {
            Ok(()) => {}
            // What was seen so far is whole: its keys were passed on as the
            // newest source has them.
            Err(Stop::NotInMemory) if seen => {
                chunk.cut_short = true;
                more = true;
            }
            Err(stop) => return Err(stop),
        }
        chunk.after = more.then_some(last);
        Ok(chunk)
    }
}
