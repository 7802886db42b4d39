//! Several sorted sources read as one, in either direction: the first source
//! that knows a key wins, since the newest stands first.

use std::ops::{Bound, ControlFlow};
use std::sync::Arc;

use super::block::Block;
use super::block_cache::BlockCache;
use super::depot::Depot;
use super::run::Run;

/// Why a block was not answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// It is not in memory, and sled may not be asked on this thread.
    NotInMemory,
    /// sled failed.
    Lost(String),
}

/// Where blocks come from.
pub(super) trait Blocks {
    fn block(&self, run: &Run, number: u32) -> Result<Arc<Block>, Stop>;
}

/// Blocks that are in memory already: may be asked on any thread.
impl Blocks for BlockCache {
    fn block(&self, run: &Run, number: u32) -> Result<Arc<Block>, Stop> {
        self.get(run.place(number)).ok_or(Stop::NotInMemory)
    }
}

/// Blocks from sled, bypassing the cache: for reading everything once.
impl Blocks for Depot {
    fn block(&self, run: &Run, number: u32) -> Result<Arc<Block>, Stop> {
        run.read(number, self).map_err(Stop::Lost)
    }
}

/// Blocks from memory or else from sled, kept for the next reader.
pub(super) struct Fetched<'a> {
    pub(super) cache: &'a BlockCache,
    pub(super) depot: &'a Depot,
}

impl Blocks for Fetched<'_> {
    fn block(&self, run: &Run, number: u32) -> Result<Arc<Block>, Stop> {
        let place = run.place(number);
        if let Some(block) = self.cache.get(place) {
            return Ok(block);
        }
        let block = self.depot.block(run, number)?;
        self.cache.put(place, &block);
        Ok(block)
    }
}

/// A place in a run.
#[derive(Debug)]
pub(super) struct RunCursor {
    run: Arc<Run>,
    number: u32,
    block: Option<Arc<Block>>,
    at: usize,
}

impl RunCursor {
    /// Stands on the first key from `from` on.
    pub(super) fn forward(run: &Arc<Run>, from: Bound<&[u8]>, blocks: &impl Blocks) -> Result<Self, Stop> {
        let number = match from {
            Bound::Unbounded => 0,
            Bound::Included(key) | Bound::Excluded(key) => run.block_for(key),
        };
        let block = blocks.block(run, number)?;
        let at = match from {
            Bound::Unbounded => 0,
            Bound::Included(key) => block.position(key, false),
            Bound::Excluded(key) => block.position(key, true),
        };
        let mut cursor = Self { run: Arc::clone(run), number, block: Some(block), at };
        cursor.step_into_next_block(blocks)?;
        Ok(cursor)
    }

    /// Stands on the last key up to `to`.
    fn backward(run: &Arc<Run>, to: Bound<&[u8]>, blocks: &impl Blocks) -> Result<Self, Stop> {
        let number = match to {
            Bound::Unbounded => run.blocks() - 1,
            Bound::Included(key) | Bound::Excluded(key) => run.block_for(key),
        };
        let block = blocks.block(run, number)?;
        let before = match to {
            Bound::Unbounded => block.len(),
            Bound::Included(key) => block.position(key, true),
            Bound::Excluded(key) => block.position(key, false),
        };
        let mut cursor = Self { run: Arc::clone(run), number, block: Some(block), at: before };
        cursor.retreat(blocks)?;
        Ok(cursor)
    }

    fn step_into_next_block(&mut self, blocks: &impl Blocks) -> Result<(), Stop> {
        while let Some(block) = &self.block
            && self.at >= block.len()
        {
            self.block = None;
            self.at = 0;
            if self.number + 1 < self.run.blocks() {
                self.number += 1;
                self.block = Some(blocks.block(&self.run, self.number)?);
            }
        }
        Ok(())
    }

    pub(super) fn advance(&mut self, blocks: &impl Blocks) -> Result<(), Stop> {
        self.at += 1;
        self.step_into_next_block(blocks)
    }

    fn retreat(&mut self, blocks: &impl Blocks) -> Result<(), Stop> {
        while self.at == 0 {
            self.block = None;
            let Some(number) = self.number.checked_sub(1) else {
                return Ok(());
            };
            self.number = number;
            let block = blocks.block(&self.run, number)?;
            self.at = block.len();
            self.block = Some(block);
        }
        self.at -= 1;
        Ok(())
    }

    pub(super) fn key(&self) -> Option<&[u8]> {
        self.block.as_ref().map(|block| block.key(self.at))
    }

    pub(super) fn value(&self) -> Option<&[u8]> {
        self.block.as_ref().and_then(|block| block.value(self.at))
    }
}

/// Keys with what became of them, in the direction of reading.
pub(super) type Changes = Vec<(Vec<u8>, Option<Vec<u8>>)>;

#[derive(Debug)]
enum Source {
    List { changes: Changes, at: usize },
    Run(RunCursor),
}

impl Source {
    fn key(&self) -> Option<&[u8]> {
        match self {
            Self::List { changes, at } => changes.get(*at).map(|(key, _)| key.as_slice()),
            Self::Run(cursor) => cursor.key(),
        }
    }

    fn value(&self) -> Option<&[u8]> {
        match self {
            Self::List { changes, at } => changes.get(*at).and_then(|(_, value)| value.as_deref()),
            Self::Run(cursor) => cursor.value(),
        }
    }
}

/// The sources of one reading, newest first.
#[derive(Debug)]
pub(super) struct Merged {
    sources: Vec<Source>,
    reverse: bool,
}

impl Merged {
    /// Returns the reading of `lists`, newest first and in its direction, and
    /// then of `runs`, newest first, between the bounds.
    pub(super) fn new(
        lists: Vec<Changes>,
        runs: &[Arc<Run>],
        (from, to): (Bound<&[u8]>, Bound<&[u8]>),
        reverse: bool,
        blocks: &impl Blocks,
    ) -> Result<Self, Stop> {
        let lists = lists.into_iter().map(|changes| Ok(Source::List { changes, at: 0 }));
        let runs = runs.iter().map(|run| {
            let cursor = if reverse { RunCursor::backward(run, to, blocks) } else { RunCursor::forward(run, from, blocks) };
            cursor.map(Source::Run)
        });
        Ok(Self { sources: lists.chain(runs).collect::<Result<_, _>>()?, reverse })
    }

    /// Returns the source that stands on the next key.
    fn next(&self) -> Option<usize> {
        let mut next: Option<(usize, &[u8])> = None;
        for (at, source) in self.sources.iter().enumerate() {
            let Some(key) = source.key() else { continue };
            let sooner = next.is_none_or(|(_, best)| if self.reverse { key > best } else { key < best });
            if sooner {
                next = Some((at, key));
            }
        }
        next.map(|(at, _)| at)
    }

    /// Hands each key with its newest value, `None` if it is deleted, to
    /// `visit` until that breaks or no source has a key left.
    ///
    /// A stop leaves it standing on a key that `visit` has not seen, or on one
    /// that it saw, and then only older sources still stand there: whoever goes
    /// on does so with a reading that begins after the last key seen.
    pub(super) fn read(
        &mut self,
        blocks: &impl Blocks,
        mut visit: impl FnMut(&[u8], Option<&[u8]>) -> ControlFlow<()>,
    ) -> Result<(), Stop> {
        let mut same = Vec::with_capacity(self.sources.len());
        while let Some(first) = self.next() {
            let winner = &self.sources[first];
            let Some(key) = winner.key() else { break };
            let flow = visit(key, winner.value());
            same.clear();
            let others = self.sources.iter().enumerate().skip(first);
            same.extend(others.filter_map(|(at, source)| (source.key() == Some(key)).then_some(at)));
            for at in &same {
                match &mut self.sources[*at] {
                    Source::List { at, .. } => *at += 1,
                    Source::Run(cursor) if self.reverse => cursor.retreat(blocks)?,
                    Source::Run(cursor) => cursor.advance(blocks)?,
                }
            }
            if flow.is_break() {
                break;
            }
        }
        Ok(())
    }
}
