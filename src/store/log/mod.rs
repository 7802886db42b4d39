//! The log: the truth of a store, append-only and checked at every byte.
//!
//! A commit is acknowledged when its frame is here and synced, and everything
//! else (the image, the lists, what a pane shows) can be made again from here.
//! So this module promises: what [`Log::sync`] has returned for is there after a
//! kill, a crash or a power cut; what is read is what was written, or an error
//! that names its place; and nothing is skipped in silence.
//!
//! It knows bytes only: what a head or a body means is the engine's matter. It
//! holds no lock; that only one process writes is seen to by
//! [`crate::store::lock`], and [`Log::append`] notices if it went wrong.
//!
//! # The format, version 1
//!
//! A log is a folder with segments `00000001.log`, `00000002.log` … without
//! gaps. All numbers are little-endian, all CRCs are CRC-32C.
//!
//! ## Segment
//!
//! ```text
//! 0   8  "rolo.log"
//! 8   4  format: 1
//! 12  4  number of the segment, as in its name
//! 16 16  id of the store
//! 32  8  seq of the first frame
//! 40  8  length of the segment before (0 in the first)
//! 48  4  link of the last frame before (0 in the first)
//! 52  4  flags: 1 = the log begins here
//! 56  4  0
//! 60  4  CRC of the 60 bytes before
//! 64     frames, one after the other
//! ```
//!
//! The *CRC of the segment before* is the link of its last frame: that frame's
//! header covers its payload's CRC and the link of the frame before it, and so
//! on to the first, so one number stands for the whole segment and costs
//! nothing to compute. With the length beside it, a segment that was cut is
//! noticed at every opening, without being read.
//!
//! Magic, format and the CRC at byte 60 stay where they are in every format to
//! come, so that a later format is told from damage.
//!
//! Space is reserved in steps, so the last segment ends in zeros, and a full
//! disk is met before anything is written. Where a header should be and only
//! zeros follow to the end of the file, the data end. A segment is cut to its
//! data and synced before the next one is made, and the next one gets its name
//! when its header is synced. So only the last segment can have a torn tail,
//! and a segment without a good header is damaged, not unfinished.
//!
//! ## Frame
//!
//! ```text
//! 0   4  F5 FF C1 FA
//! 4   1  kind: 1 commit, 2 epoch, 3 redaction, 4 checkpoint
//! 5   3  0
//! 8   4  length of the payload, at most 8 MiB
//! 12  4  CRC of the payload
//! 16  8  seq: one more than that of the frame before
//! 24  8  synced: everything up to this seq was synced before this was written
//! 32  4  the link of the frame before
//! 36  4  this frame's link: the CRC of bytes 0 to 35
//! 40  4  CRC of store id, segment number, offset, and bytes 0 to 39
//! 44     payload
//! ```
//!
//! The CRCs of headers and slots begin with where they are, so each counts only
//! at its place: bytes of a log that are kept as somebody's text, that come from
//! another store or were written to the wrong place are never taken for frames,
//! nor for the body that should be there. (Links do not: a chain has no place.)
//!
//! The payload is the number of bodies (4 bytes) and then slots, first that of
//! the head, then those of the bodies:
//!
//! ```text
//! 0   4  bytes that follow the slot's header; the top bit: compressed
//! 4   4  length of the content
//! 8   4  CRC of store id, segment number, offset, the eight bytes before, and what follows
//! 12     the content; or the length of an LZ4 block (4) and the block
//! ```
//!
//! So one body is read by its [`Place`] with one `pread` and checked alone.
//! Contents over 512 bytes are compressed if that saves a tenth.
//!
//! ## Torn or damaged
//!
//! A write that did not finish leaves a bad frame at the end. Bytes that rot
//! make a bad frame anywhere. The first may be cut off, since nobody was told
//! that it was done; the second must never be. A bad frame is a torn tail if
//!
//! 1. it is in the last segment, and its header is missing or its payload does
//!    not match (a whole header that contradicts the frame before is not torn),
//! 2. its seq is above what the image has applied, and
//! 3. no frame that begins after it says in `synced` that it had been synced.
//!
//! The third is why `synced` is there. Frames are written in groups, and a power
//! cut may keep any pages of a group: the first frame torn, the second whole.
//! That is no damage, and a whole frame after it proves nothing, unless it was
//! written after the sync of the torn one.
//!
//! What the log alone cannot tell: bytes that rot in the last group look like a
//! torn tail if the image does not know better (they are kept in `cut-…` and
//! told), and a log cut exactly between two frames of its last segment, or that
//! lost its last segments, looks whole without an image.
//!
//! Opening for writing writes the frames that may never have been synced again
//! and syncs them: a process that was killed, or whose sync failed, may have
//! left them in the page cache only, and what is read from now on must stay.
//!
//! ## Redaction
//!
//! A frame is forgotten by putting another payload of the same length in its
//! place, slot by slot, the rest filled with zeros, and kind 3. Seq, `synced`
//! and both links stay, so the chain is checked as before with one exception: a
//! redaction's own link is taken on trust (its header's CRC still covers it).
//! The segment is written beside, synced, checked and renamed. No place changes.

mod error;
mod frame;
mod frames;
mod layout;
mod opening;
mod reader;
mod redact;
mod segments;
mod slot;
mod walk;
mod waymarks;
mod window;
mod writer;

use std::sync::Arc;

use crate::store::disk::Disk;

pub use error::LogError;
pub use frame::{Appended, Frame, FrameHead, FrameKind, FramePlace, NewFrame, Place, StoreId};
pub use frames::{Frames, Heads, ReadFrom};
pub use layout::{FORMAT, MAX_PAYLOAD};
pub use opening::{Cut, Damage, LogOptions, Opening, Progress, Torn};
pub use reader::LogReader;

use opening::{check, remove_leftovers};
use redact::Redactions;
use segments::Shared;
use writer::{Writer, first_segment};

/// A log that is open. Reading takes `&self` and goes on beside writing; see
/// [`Log::reader`].
pub struct Log {
    reader: LogReader,
    writer: Option<Writer>,
    last: Option<FramePlace>,
}

/// Returns whether a body's content fits where one of this length lies, slot included.
pub fn fits(content: &[u8], length: u32) -> bool {
    slot::write_slot_filling(content, length as usize, &mut Vec::new())
}

/// Returns the number of the segment that a file is, if it is one.
pub fn segment_number(name: &str) -> Option<u32> {
    layout::segment_number(name)
}

impl SegmentInfo {
    /// Returns the name of its file.
    pub fn file_name(&self) -> String {
        layout::segment_name(self.number)
    }
}

/// One segment, for those who tell about the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentInfo {
    /// Its number.
    pub number: u32,
    /// The seq of its first frame.
    pub first_seq: u64,
    /// Its length in bytes, without reserved space.
    pub bytes: u64,
}

impl Log {
    /// Makes the log of a new store in an empty folder and opens it.
    ///
    /// # Errors
    /// [`LogError::Exists`] if a segment is there; [`LogError::Full`];
    /// [`LogError::Io`].
    pub fn create(disk: Arc<dyn Disk>, store_id: StoreId, options: LogOptions) -> Result<(Self, Opening), LogError> {
        let names = disk.list().map_err(|error| LogError::io("listing", "the log's folder", error))?;
        if names.iter().any(|name| layout::segment_number(name).is_some()) {
            return Err(LogError::Exists);
        }
        first_segment(&*disk, store_id, options.preallocate)?;
        Self::open(disk, options)
    }

    /// Opens a log: checks it as far as the options ask, and, for writing, cuts
    /// a torn tail off and makes sure that all that is left is synced.
    ///
    /// # Errors
    /// [`LogError::NoLog`] in an empty folder; [`LogError::Damaged`],
    /// [`LogError::MissingSegment`], [`LogError::Foreign`] and
    /// [`LogError::Newer`] for what is not as it was written;
    /// [`LogError::Lost`] and [`LogError::Diverged`] if the image knows commits
    /// that the log does not have; [`LogError::Cancelled`]; [`LogError::Full`]
    /// and [`LogError::Io`].
    pub fn open(disk: Arc<dyn Disk>, mut options: LogOptions) -> Result<(Self, Opening), LogError> {
        let mut checked = check(&*disk, &mut options)?;
        if checked.opening.writable {
            remove_leftovers(&*disk)?;
            // A process that was killed may have renamed a segment into place
            // without having synced its name.
            disk.sync_dir().map_err(|error| LogError::io("syncing", "the log's folder", error))?;
        }
        let shared = Arc::new(Shared::new(
            disk,
            checked.opening.store_id,
            options.accept_damage,
            std::mem::take(&mut checked.segments),
            std::mem::take(&mut checked.waymarks),
            checked.opening.last_seq,
        ));
        let mut writer = None;
        if checked.opening.writable {
            let (ready, cut) = Writer::take_over(Arc::clone(&shared), &checked, &options)?;
            writer = Some(ready);
            checked.opening.cut = cut;
            checked.opening.torn = None;
        }
        let log = Self { reader: LogReader::new(shared), writer, last: checked.opening.last };
        Ok((log, checked.opening))
    }

    /// Writes frames, in one write, without syncing them. Their seqs go on from
    /// [`Log::last_seq`]. Begins a new segment first if they do not fit.
    ///
    /// # Errors
    /// [`LogError::OutOfOrder`], [`LogError::TooLarge`] and [`LogError::Full`]:
    /// nothing was written, and it can be tried again. [`LogError::Superseded`]
    /// and [`LogError::Io`]: the log takes nothing more; whether the frames are
    /// there is known only after it was opened again. [`LogError::Poisoned`]
    /// from then on. [`LogError::ReadOnly`].
    pub fn append(&mut self, frames: &[NewFrame]) -> Result<Vec<Appended>, LogError> {
        self.writer()?.append(frames)
    }

    /// Makes everything appended so far durable, with one sync, or none if there
    /// is nothing new. What it returns for may be acknowledged.
    ///
    /// # Errors
    /// [`LogError::Io`]: the log takes nothing more; [`LogError::Poisoned`] from
    /// then on. [`LogError::ReadOnly`].
    pub fn sync(&mut self) -> Result<(), LogError> {
        self.writer()?.sync()
    }

    /// Replaces what frames say: `replacements` are of kind
    /// [`FrameKind::Redaction`], each with the seq of the frame it replaces and
    /// as many bodies. Each body must fit where the old one lies; one that is
    /// the same stays as it is. Syncs first, and is durable when it returns.
    ///
    /// # Errors
    /// [`LogError::Redaction`], [`LogError::TooLarge`], [`LogError::Damaged`],
    /// [`LogError::Full`]: segments that were not yet reached are as they were.
    /// [`LogError::Io`] as in [`Log::append`].
    pub fn redact(&mut self, replacements: &[NewFrame]) -> Result<(), LogError> {
        let shared = Arc::clone(&self.reader.shared);
        let writer = self.writer()?;
        writer.sync()?;
        let redactions = Redactions::prepare(&shared, replacements)?;
        let outcome = redactions.carry_out(&shared);
        // Also after an error: the current segment may have been replaced.
        writer.reopen()?;
        outcome.map_err(|(error, renamed)| if renamed { writer.poisoned_by(error) } else { error })
    }

    /// Returns the body that lies at a place; see [`LogReader::read`].
    ///
    /// # Errors
    /// As [`LogReader::read`].
    pub fn read(&self, place: Place) -> Result<Vec<u8>, LogError> {
        self.reader.read(place)
    }

    /// Returns frames in order; see [`LogReader::frames`].
    pub fn frames(&self, from: ReadFrom) -> Frames {
        self.reader.frames(from)
    }

    /// Returns frames without their bodies; see [`LogReader::heads`].
    pub fn heads(&self, from: ReadFrom) -> Heads {
        self.reader.heads(from)
    }

    /// Returns a handle for another thread to read with.
    pub fn reader(&self) -> LogReader {
        self.reader.clone()
    }

    /// Returns the seq of the last frame appended, synced or not; 0 if none.
    pub fn last_seq(&self) -> u64 {
        match &self.writer {
            Some(writer) => writer.last_seq(),
            None => self.reader.synced_seq(),
        }
    }

    /// Returns the last seq that was synced; 0 if none.
    pub fn synced_seq(&self) -> u64 {
        self.reader.synced_seq()
    }

    /// Returns where the last frame appended lies.
    pub fn last(&self) -> Option<FramePlace> {
        match &self.writer {
            Some(writer) => writer.last(),
            None => self.last,
        }
    }

    /// Returns the id of the store that the log belongs to.
    pub fn store_id(&self) -> StoreId {
        self.reader.store_id()
    }

    /// Returns the length of all segments in bytes, without reserved space.
    pub fn bytes(&self) -> u64 {
        self.segments().iter().map(|segment| segment.bytes).sum()
    }

    /// Returns the segments, in order.
    pub fn segments(&self) -> Vec<SegmentInfo> {
        self.reader
            .shared
            .segments()
            .iter()
            .map(|segment| SegmentInfo { number: segment.number, first_seq: segment.first_seq, bytes: segment.written })
            .collect()
    }

    /// Returns whether an error has stopped all writing.
    pub fn is_poisoned(&self) -> bool {
        self.writer.as_ref().is_some_and(|writer| writer.poison().is_some())
    }

    /// Returns whether the log was opened for writing and can still be written.
    pub fn is_writable(&self) -> bool {
        self.writer.is_some() && !self.is_poisoned()
    }

    fn writer(&mut self) -> Result<&mut Writer, LogError> {
        self.writer.as_mut().ok_or(LogError::ReadOnly)
    }
}
