//! Reading single bodies by their places, from any thread, while the log grows.
//!
//! A page of records is a handful of places far apart: each is one `pread` of
//! just its bytes. A rebuild asks for millions in ascending order: the reader
//! notices and reads ahead, more with each piece that was used up.

use std::sync::{Arc, Mutex, TryLockError};

use super::layout::{MAX_PAYLOAD, SEGMENT_HEADER, Site};
use super::segments::Shared;
use super::slot::{SLOT_HEADER, read_slot};
use super::{Frames, Heads, LogError, Place, ReadFrom, StoreId};
use crate::store::disk::read_full;

/// The first and the largest piece that is read ahead, in bytes.
const AHEAD: (u64, u64) = (4 * 1024, 256 * 1024);

/// A handle for reading a log: cheap to clone, one per thread is best.
pub struct LogReader {
    pub(super) shared: Arc<Shared>,
    block: Mutex<Block>,
}

/// The piece of a segment that was read last.
#[derive(Default)]
struct Block {
    segment: u32,
    generation: u64,
    start: u64,
    bytes: Vec<u8>,
    ahead: u64,
}

impl Clone for LogReader {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.shared))
    }
}

impl LogReader {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, block: Mutex::default() }
    }

    /// Returns the id of the store that the log belongs to.
    pub fn store_id(&self) -> StoreId {
        self.shared.store_id
    }

    /// Returns the body that lies at a place, checked by its own CRC.
    ///
    /// # Errors
    /// [`LogError::Damaged`] if it is not what was written there, or if nothing
    /// was; [`LogError::Io`].
    pub fn read(&self, place: Place) -> Result<Vec<u8>, LogError> {
        let damaged = |why: &str| LogError::Damaged { segment: place.segment, offset: place.offset, seq: None, why: why.to_owned() };
        let length = place.length as usize;
        let end = place.offset.checked_add(u64::from(place.length));
        let written = self.shared.written(place.segment).ok_or_else(|| damaged("a body was looked for in a segment that is not there"))?;
        if !(SLOT_HEADER..=SLOT_HEADER + MAX_PAYLOAD).contains(&length)
            || place.offset < SEGMENT_HEADER as u64
            || end.is_none_or(|end| end > written)
        {
            return Err(damaged("a body was looked for where none was written"));
        }
        let seed = Site::new(self.shared.store_id, place.segment).seed(place.offset);
        match self.block.try_lock() {
            Ok(mut block) => self.read_ahead(&mut block, place, written, |slot| {
                read_slot(slot, seed).map_err(|why| damaged(&format!("a body is unreadable: {why}")))
            }),
            Err(TryLockError::Poisoned(poisoned)) => {
                // A panic while the block was held: it may be half filled.
                *poisoned.into_inner() = Block::default();
                self.block.clear_poison();
                self.read(place)
            }
            Err(TryLockError::WouldBlock) => {
                let mut slot = vec![0; length];
                let count = self.fill(place.segment, place.offset, &mut slot)?;
                read_slot(&slot[..count], seed).map_err(|why| damaged(&format!("a body is unreadable: {why}")))
            }
        }
    }

    fn read_ahead(
        &self,
        block: &mut Block,
        place: Place,
        written: u64,
        read: impl FnOnce(&[u8]) -> Result<Vec<u8>, LogError>,
    ) -> Result<Vec<u8>, LogError> {
        let length = u64::from(place.length);
        let generation = self.shared.generation();
        let held = block.start + block.bytes.len() as u64;
        let same = block.segment == place.segment && block.generation == generation;
        if !(same && place.offset >= block.start && place.offset + length <= held) {
            let near = same && place.offset >= block.start && place.offset <= held.saturating_add(block.ahead.max(AHEAD.0));
            block.ahead = if near { (block.ahead * 4).clamp(AHEAD.0, AHEAD.1) } else { 0 };
            let wanted = length.max(block.ahead).min(written - place.offset);
            let mut bytes = std::mem::take(&mut block.bytes);
            bytes.resize(wanted as usize, 0);
            let count = self.fill(place.segment, place.offset, &mut bytes)?;
            bytes.truncate(count);
            // A replacement meanwhile makes the block stale at once, since the
            // generation was taken before.
            *block = Block { segment: place.segment, generation, start: place.offset, bytes, ahead: block.ahead };
        }
        let start = (place.offset - block.start) as usize;
        let end = (start + place.length as usize).min(block.bytes.len());
        read(&block.bytes[start..end])
    }

    fn fill(&self, segment: u32, offset: u64, bytes: &mut [u8]) -> Result<usize, LogError> {
        let file = self.shared.file(segment)?;
        read_full(&*file, offset, bytes).map_err(|error| LogError::io("reading", &super::layout::segment_name(segment), error))
    }

    /// Returns the frames from a place or seq on, in order, up to what was
    /// synced when this was called. Holds one frame at a time.
    pub fn frames(&self, from: ReadFrom) -> Frames {
        Frames::new(Arc::clone(&self.shared), from)
    }

    /// Returns what [`LogReader::frames`] would, but leaves the bodies where they
    /// lie: they are checked and not unpacked.
    pub fn heads(&self, from: ReadFrom) -> Heads {
        Heads::new(Arc::clone(&self.shared), from)
    }

    /// Returns whether reading goes on behind damage; see
    /// [`LogOptions::accept_damage`](super::LogOptions::accept_damage).
    pub fn goes_on_after_damage(&self) -> bool {
        self.shared.lenient
    }

    /// Returns the last seq that was synced, 0 if there is none.
    pub fn synced_seq(&self) -> u64 {
        self.shared.synced_seq()
    }
}
