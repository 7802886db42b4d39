//! Blocks that were read lately, so that the same page is not asked from sled
//! again: a hand-over to the thread where sled runs costs 7 to 40 us.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use super::block::{Block, Place};

const SHARDS: usize = 16;

#[derive(Debug)]
struct Kept {
    block: Arc<Block>,
    used: bool,
}

#[derive(Debug, Default)]
struct Shard {
    blocks: HashMap<Place, Kept>,
    /// In the order in which they are looked at for leaving.
    order: VecDeque<Place>,
    bytes: usize,
}

/// A cache bounded in bytes; what was not used since it was last considered
/// leaves first (the second-chance algorithm).
#[derive(Debug)]
pub(super) struct BlockCache {
    shards: [Mutex<Shard>; SHARDS],
    shard_bytes: usize,
}

impl BlockCache {
    pub(super) fn new(bytes: usize) -> Self {
        Self { shards: Default::default(), shard_bytes: bytes / SHARDS }
    }

    fn shard(&self, place: Place) -> &Mutex<Shard> {
        &self.shards[(place.run.wrapping_mul(7).wrapping_add(place.number)) as usize % SHARDS]
    }

    pub(super) fn get(&self, place: Place) -> Option<Arc<Block>> {
        let mut shard = self.shard(place).lock().unwrap_or_else(PoisonError::into_inner);
        let kept = shard.blocks.get_mut(&place)?;
        kept.used = true;
        Some(Arc::clone(&kept.block))
    }

    pub(super) fn put(&self, place: Place, block: &Arc<Block>) {
        let mut shard = self.shard(place).lock().unwrap_or_else(PoisonError::into_inner);
        let kept = Kept { block: Arc::clone(block), used: false };
        if shard.blocks.insert(place, kept).is_some() {
            return;
        }
        shard.bytes += block.memory();
        shard.order.push_back(place);
        while shard.bytes > self.shard_bytes {
            let Some(oldest) = shard.order.pop_front() else {
                break;
            };
            let Some(kept) = shard.blocks.get_mut(&oldest) else {
                continue;
            };
            if kept.used {
                kept.used = false;
                shard.order.push_back(oldest);
            } else {
                let memory = kept.block.memory();
                shard.blocks.remove(&oldest);
                shard.bytes -= memory;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::Arc;

    use super::{Block, BlockCache, Place, SHARDS};
    use crate::store::image::block::BlockBuilder;

    #[test]
    fn it_stays_small_and_keeps_what_is_used() {
        let place = |number| Place { run: 0, number: number * SHARDS as u32 };
        let block = |place| {
            let mut builder = BlockBuilder::default();
            builder.add(b"key", Some(&[0; 1000]));
            Arc::new(Block::decode(&builder.finish(place), place).unwrap())
        };
        let one = block(place(0)).memory();
        let cache = BlockCache::new(SHARDS * one * 4);
        for number in 0..100 {
            cache.put(place(number), &block(place(number)));
            assert!(cache.get(place(0)).is_some(), "in use all the time");
        }
        let kept = (0..100).filter(|number| cache.get(place(*number)).is_some());
        assert_eq!(kept.count(), 4);
        assert!(cache.get(place(99)).is_some());
    }
}
