//! A run: a sorted sequence of blocks that is written once and never changed.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::block::{Block, BlockBuilder, Place, put_varint, shared_prefix, take_varint};
use super::depot::{Depot, Part};
use super::filter::{Filter, KeyHash};

/// Bytes of an index or a filter that are stored under one key.
const CHUNK_BYTES: usize = 16 * 1024;

/// What the manifest tells of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RunNote {
    pub(super) id: u32,
    /// Keys, with those that are noted as deleted.
    pub(super) entries: u64,
    blocks: u32,
    index_chunks: u32,
    filter_chunks: u32,
}

/// A run that can be read: where its blocks begin is kept in memory.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) note: RunNote,
    index: Index,
    filter: Filter,
}

impl Run {
    /// Reads the index and the filter of the run that `note` tells of.
    pub(super) fn open(note: RunNote, depot: &Depot) -> Result<Self, String> {
        let index = joined(depot, Part::Index, note.id, note.index_chunks)?;
        let filter = joined(depot, Part::Filter, note.id, note.filter_chunks)?;
        let damaged = || format!("the index of run {} is damaged", note.id);
        let index = Index::from_bytes(&index, note.blocks).ok_or_else(damaged)?;
        let filter = Filter::from_bytes(&filter).ok_or_else(damaged)?;
        Ok(Self { note, index, filter })
    }

    /// Tells whether the run may know `key`.
    pub(super) fn may_have(&self, hash: KeyHash) -> bool {
        self.filter.may_have(hash)
    }

    pub(super) fn blocks(&self) -> u32 {
        self.note.blocks
    }

    /// Returns the number of the only block that may have `key`.
    pub(super) fn block_for(&self, key: &[u8]) -> u32 {
        self.index.block_for(key)
    }

    pub(super) fn place(&self, number: u32) -> Place {
        Place { run: self.note.id, number }
    }

    /// Reads a block from sled.
    pub(super) fn read(&self, number: u32, depot: &Depot) -> Result<Arc<Block>, String> {
        let place = self.place(number);
        let bytes = depot.get(Part::Block, place)?;
        Block::decode(&bytes, place).map(Arc::new).ok_or_else(|| format!("block {number} of run {} is damaged", self.note.id))
    }
}

fn joined(depot: &Depot, part: Part, run: u32, chunks: u32) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    for number in 0..chunks {
        let place = Place { run, number };
        let chunk = depot.get(part, place)?;
        let chunk = place.opened(&chunk);
        bytes.extend_from_slice(chunk.ok_or_else(|| format!("run {run} is damaged"))?);
    }
    Ok(bytes)
}

fn split(depot: &Depot, part: Part, run: u32, bytes: &[u8]) -> Result<u32, String> {
    let mut number = 0;
    for chunk in bytes.chunks(CHUNK_BYTES) {
        let place = Place { run, number };
        depot.put(part, place, place.sealed(chunk.to_vec()))?;
        number += 1;
    }
    Ok(number)
}

/// Where each block begins: the shortest key that is above the block before.
#[derive(Debug, Default)]
struct Index {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Index {
    fn add(&mut self, fence: &[u8]) -> Result<(), String> {
        self.bytes.extend_from_slice(fence);
        let end = u32::try_from(self.bytes.len()).map_err(|_| "an index over 4 GiB")?;
        self.ends.push(end);
        Ok(())
    }

    fn fence(&self, number: usize) -> &[u8] {
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start as usize..self.ends[number] as usize]
    }

    fn block_for(&self, key: &[u8]) -> u32 {
        // The first fence is empty, so at least one is not above the key.
        let (mut low, mut high) = (0, self.ends.len());
        while low + 1 < high {
            let middle = low.midpoint(high);
            if self.fence(middle) <= key {
                low = middle;
            } else {
                high = middle;
            }
        }
        u32::try_from(low).expect("blocks are counted in 32 bits")
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.bytes.len() + self.ends.len());
        for number in 0..self.ends.len() {
            let fence = self.fence(number);
            put_varint(&mut bytes, fence.len() as u64);
            bytes.extend_from_slice(fence);
        }
        bytes
    }

    /// Returns the index of `blocks` blocks, `None` if it is not one.
    fn from_bytes(mut bytes: &[u8], blocks: u32) -> Option<Self> {
        let mut index = Self::default();
        while !bytes.is_empty() {
            let length = usize::try_from(take_varint(&mut bytes)?).ok()?;
            let (fence, rest) = bytes.split_at_checked(length)?;
            index.add(fence).ok()?;
            bytes = rest;
        }
        (index.ends.len() == blocks as usize && blocks > 0).then_some(index)
    }
}

/// Writes a run, key after key.
#[derive(Debug)]
pub(super) struct RunWriter {
    id: u32,
    block_bytes: usize,
    block: BlockBuilder,
    blocks: u32,
    entries: u64,
    index: Index,
    filter: Filter,
}

impl RunWriter {
    /// Starts run `id`, which will have `at_most` keys.
    pub(super) fn new(id: u32, at_most: u64, block_bytes: usize) -> Self {
        Self {
            id,
            block_bytes,
            block: BlockBuilder::default(),
            blocks: 0,
            entries: 0,
            index: Index::default(),
            filter: Filter::sized(at_most),
        }
    }

    /// Adds a key above all that were added; `None` notes that it is deleted.
    pub(super) fn add(&mut self, key: &[u8], value: Option<&[u8]>, depot: &Depot) -> Result<(), String> {
        let size = key.len() + value.map_or(0, <[u8]>::len);
        if self.block.is_empty() {
            if self.blocks == 0 {
                self.index.add(&[])?;
            }
        } else if self.block.size() + size > self.block_bytes {
            let shared = shared_prefix(self.block.last_key(), key);
            self.store_block(depot)?;
            self.index.add(&key[..=shared])?;
        }
        self.block.add(key, value);
        self.filter.add(KeyHash::of(key));
        self.entries += 1;
        Ok(())
    }

    fn store_block(&mut self, depot: &Depot) -> Result<(), String> {
        let place = Place { run: self.id, number: self.blocks };
        self.blocks += 1;
        depot.put(Part::Block, place, self.block.finish(place))
    }

    /// Stores the rest and returns the run, `None` if no key was added.
    pub(super) fn finish(mut self, depot: &Depot) -> Result<Option<Run>, String> {
        if self.block.is_empty() {
            return Ok(None);
        }
        self.store_block(depot)?;
        let (id, index, filter) = (self.id, self.index, self.filter);
        let note = RunNote {
            id,
            entries: self.entries,
            blocks: self.blocks,
            index_chunks: split(depot, Part::Index, id, &index.to_bytes())?,
            filter_chunks: split(depot, Part::Filter, id, &filter.to_bytes())?,
        };
        Ok(Some(Run { note, index, filter }))
    }
}
