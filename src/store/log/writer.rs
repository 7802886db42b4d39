//! Writing: groups of frames in one write, one sync, new segments, and the
//! poison that stops it all after an error.

use std::io;
use std::sync::Arc;

use super::frame::{check_size, write_payload};
use super::layout::{BESIDE, FRAME_HEADER, FrameHeader, SEGMENT_HEADER, SegmentHeader, Site, segment_name};
use super::opening::{Checked, Cut, Torn};
use super::segments::{Segment, Shared};
use super::slot::seal_slot;
use super::walk::After;
use super::{Appended, FrameKind, FramePlace, LogError, LogOptions, NewFrame, Place, StoreId};
use crate::store::disk::{Access, Disk, DiskFile, read_full, write_full};

/// How much is copied at once, in bytes.
const PIECE: usize = 1024 * 1024;

/// The end of the log, where it is written.
pub(super) struct Writer {
    shared: Arc<Shared>,
    segment_size: u64,
    preallocate: u64,
    number: u32,
    file: Arc<dyn DiskFile>,
    /// Where the next frame goes.
    end: u64,
    /// The length of the segment's file.
    allocated: u64,
    after: After,
    /// The place of the last frame.
    last: Option<FramePlace>,
    synced_seq: u64,
    /// Whether something was written since the last sync.
    dirty: bool,
    poison: Option<String>,
}

/// A frame whose payload is in the buffer, to be sealed when its place is known.
struct Pending {
    start: usize,
    kind: FrameKind,
    seq: u64,
    slots: Vec<(usize, u32)>,
    end: usize,
}

impl Writer {
    /// Takes over a log that was checked: what may never have been synced is
    /// written again and synced, so that whatever is read now stays.
    ///
    /// Written again, not only synced: after a sync that failed the pages may
    /// count as clean without being on the disk.
    pub(super) fn take_over(shared: Arc<Shared>, checked: &Checked, options: &LogOptions) -> Result<(Self, Option<Cut>), LogError> {
        let (number, end) = {
            let segments = shared.segments();
            let last = segments.last().ok_or(LogError::NoLog)?;
            (last.number, last.written)
        };
        let name = segment_name(number);
        let file = shared.disk.open(&name, Access::Write).map_err(|error| LogError::io("opening", &name, error))?;
        let cut = match &checked.opening.torn {
            Some(torn) => Some(cut_off(&*shared.disk, &*file, torn, checked.allocated)?),
            None => None,
        };
        if checked.unsynced_from < end {
            write_again(&*file, checked.unsynced_from, end).map_err(|error| LogError::io("writing", &name, error))?;
        }
        if checked.unsynced_from < end || cut.is_some() {
            file.sync_data().map_err(|error| LogError::io("syncing", &name, error))?;
        }
        let allocated = file.size().map_err(|error| LogError::io("reading", &name, error))?;
        let writer = Self {
            shared,
            segment_size: options.segment_size,
            preallocate: options.preallocate.max(1),
            number,
            file,
            end,
            allocated,
            after: After { seq: checked.opening.last_seq, link: checked.last_link },
            last: checked.opening.last,
            synced_seq: checked.opening.last_seq,
            dirty: false,
            poison: None,
        };
        Ok((writer, cut))
    }

    pub(super) fn last_seq(&self) -> u64 {
        self.after.seq
    }

    pub(super) fn last(&self) -> Option<FramePlace> {
        self.last
    }

    pub(super) fn poison(&self) -> Option<&str> {
        self.poison.as_deref()
    }

    /// Refuses to go on after an error.
    pub(super) fn check_poison(&self) -> Result<(), LogError> {
        match &self.poison {
            Some(why) => Err(LogError::Poisoned { why: why.clone() }),
            None => Ok(()),
        }
    }

    /// Stops all writing because of an error, which is returned.
    pub(super) fn poisoned_by(&mut self, error: LogError) -> LogError {
        self.poison.get_or_insert_with(|| error.to_string());
        error
    }

    fn failed(&mut self, doing: &'static str, error: io::Error) -> LogError {
        // A full disk, too: what was being written is there in part.
        let error = LogError::Io { doing, file: segment_name(self.number), source: error };
        self.poisoned_by(error)
    }

    pub(super) fn append(&mut self, frames: &[NewFrame]) -> Result<Vec<Appended>, LogError> {
        self.check_poison()?;
        if frames.is_empty() {
            return Ok(Vec::new());
        }
        let mut expected = self.after;
        for frame in frames {
            if frame.seq != expected.next() {
                return Err(LogError::OutOfOrder { expected: expected.next(), got: frame.seq });
            }
            if frame.kind == FrameKind::Redaction {
                return Err(LogError::Redaction { seq: frame.seq, why: "a redaction replaces a frame, it is not appended".to_owned() });
            }
            check_size(frame)?;
            expected.seq = frame.seq;
        }
        self.still_ours()?;
        let mut buffer = Vec::new();
        let pending = lay_out(frames, &mut buffer);
        let length = buffer.len() as u64;
        if self.end + length > self.segment_size && self.end > SEGMENT_HEADER as u64 {
            self.begin_segment()?;
        }
        self.reserve(length)?;
        let appended = self.seal(&pending, &mut buffer);
        if let Err(error) = write_full(&*self.file, self.end, &buffer) {
            return Err(self.failed("writing", error));
        }
        let begin = self.end;
        self.end += length;
        self.dirty = true;
        if let Some(last) = appended.last() {
            self.last = Some(last.at);
        }
        if let Some(segment) = self.shared.segments_mut().last_mut() {
            segment.written = self.end;
        }
        self.shared.waymarks().pass(self.after.next(), self.number, begin, self.after.link);
        self.after = After { seq: expected.seq, link: self.last.map_or(self.after.link, |last| last.crc) };
        Ok(appended)
    }

    /// Computes the CRCs and headers of a group that begins at the end of the log.
    fn seal(&self, pending: &[Pending], buffer: &mut [u8]) -> Vec<Appended> {
        let site = Site::new(self.shared.store_id, self.number);
        let mut link = self.after.link;
        let mut appended = Vec::with_capacity(pending.len());
        for frame in pending {
            let offset = self.end + frame.start as u64;
            let payload = frame.start + FRAME_HEADER;
            // The head's slot lies after the number of bodies and before them.
            let head = (payload + 4, frame.slots.first().map_or(frame.end, |(start, _)| *start));
            let bodies = frame.slots.iter().map(|(start, length)| (*start, start + *length as usize));
            for (start, end) in std::iter::once(head).chain(bodies) {
                seal_slot(&mut buffer[start..end], site.seed(self.end + start as u64));
            }
            let header = FrameHeader::new(frame.kind, &buffer[payload..frame.end], frame.seq, self.synced_seq, link);
            link = header.link;
            buffer[frame.start..payload].copy_from_slice(&header.encode(site.seed(offset)));
            appended.push(Appended {
                seq: frame.seq,
                at: FramePlace { segment: self.number, offset, crc: link },
                places: frame
                    .slots
                    .iter()
                    .map(|(start, length)| Place { segment: self.number, offset: self.end + *start as u64, length: *length })
                    .collect(),
            });
        }
        appended
    }

    /// Compares what is there with what was left there.
    fn still_ours(&mut self) -> Result<(), LogError> {
        let why = match self.shared.disk.len(&segment_name(self.number)) {
            Ok(length) if length == self.allocated => return Ok(()),
            Ok(length) => format!("segment {} is {length} bytes long, it was left with {}", self.number, self.allocated),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                format!("segment {} is gone", self.number)
            }
            Err(error) => return Err(self.failed("looking at", error)),
        };
        Err(self.poisoned_by(LogError::Superseded { why }))
    }

    /// Makes sure that `length` bytes can be written at the end. A full disk is
    /// met here, where nothing has been written yet.
    fn reserve(&mut self, length: u64) -> Result<(), LogError> {
        let needed = self.end + length;
        if needed <= self.allocated {
            return Ok(());
        }
        let wanted = needed.next_multiple_of(self.preallocate);
        match self.file.allocate(self.allocated, wanted - self.allocated) {
            Ok(()) => {
                self.allocated = wanted;
                Ok(())
            }
            Err(error) => {
                // It may have grown in part, which does no harm: zeros.
                match self.file.size() {
                    Ok(size) if size >= self.allocated => self.allocated = size,
                    _ => return Err(self.failed("reserving space in", error)),
                }
                if super::error::is_full(&error) {
                    return Err(LogError::Full { source: error });
                }
                Err(self.failed("reserving space in", error))
            }
        }
    }

    /// Ends the current segment where its data end, and begins the next.
    fn begin_segment(&mut self) -> Result<(), LogError> {
        let Some(number) = self.number.checked_add(1) else {
            return Err(LogError::TooLarge { bytes: u64::from(self.number) + 1, limit: u64::from(u32::MAX) });
        };
        // Everything in a segment is synced before the next one exists: so a
        // torn tail can only be in the last.
        if let Err(error) = self.file.set_len(self.end) {
            return Err(self.failed("cutting", error));
        }
        self.allocated = self.end;
        self.dirty = true;
        self.sync()?;
        let header = SegmentHeader {
            number,
            store_id: self.shared.store_id,
            first_seq: self.after.next(),
            previous_end: self.end,
            previous_link: self.after.link,
            base: false,
        };
        // A full disk is no harm here: the segment before is whole.
        let (file, allocated) = new_segment(&*self.shared.disk, &header, self.preallocate).map_err(|error| match error {
            LogError::Full { .. } => error,
            other => self.poisoned_by(other),
        })?;
        self.shared.segments_mut().push(segment_of(&header));
        self.number = number;
        self.file = file;
        self.end = SEGMENT_HEADER as u64;
        self.allocated = allocated;
        Ok(())
    }

    pub(super) fn sync(&mut self) -> Result<(), LogError> {
        self.check_poison()?;
        if !self.dirty {
            return Ok(());
        }
        if let Err(error) = self.file.sync_data() {
            return Err(self.failed("syncing", error));
        }
        self.dirty = false;
        self.synced_seq = self.after.seq;
        self.shared.synced(self.after.seq);
        Ok(())
    }

    /// The current segment's file was replaced by another of the same length.
    pub(super) fn reopen(&mut self) -> Result<(), LogError> {
        let name = segment_name(self.number);
        match self.shared.disk.open(&name, Access::Write) {
            Ok(file) => {
                self.file = file;
                Ok(())
            }
            Err(error) => Err(self.failed("opening", error)),
        }
    }
}

/// Puts the payloads of all frames into one buffer, with room for the headers.
fn lay_out(frames: &[NewFrame], buffer: &mut Vec<u8>) -> Vec<Pending> {
    frames
        .iter()
        .map(|frame| {
            let start = buffer.len();
            let mut slots = Vec::with_capacity(frame.bodies.len());
            buffer.resize(start + FRAME_HEADER, 0);
            write_payload(frame, buffer, &mut slots);
            Pending { start, kind: frame.kind, seq: frame.seq, slots, end: buffer.len() }
        })
        .collect()
}

/// Returns what is remembered of a segment that has only its header.
pub(super) fn segment_of(header: &SegmentHeader) -> Segment {
    Segment {
        number: header.number,
        first_seq: header.first_seq,
        before: Some(After { seq: header.first_seq.saturating_sub(1), link: header.previous_link }),
        written: SEGMENT_HEADER as u64,
        synced: SEGMENT_HEADER as u64,
    }
}

/// Makes a segment, durably. It gets its name when it is whole, so that a
/// segment without a good header is never what a power cut left.
pub(super) fn new_segment(disk: &dyn Disk, header: &SegmentHeader, preallocate: u64) -> Result<(Arc<dyn DiskFile>, u64), LogError> {
    let name = segment_name(header.number);
    let beside = format!("{name}{BESIDE}");
    let allocated = (SEGMENT_HEADER as u64).next_multiple_of(preallocate.max(1));
    let write = || {
        let file = disk.create(&beside)?;
        file.allocate(0, allocated)?;
        write_full(&*file, 0, &header.encode())?;
        file.sync_data()?;
        io::Result::Ok(file)
    };
    let file = write().map_err(|error| {
        // What is left of it is removed at the next opening at the latest.
        let _ = disk.remove(&beside);
        LogError::io("making", &name, error)
    })?;
    // From here on a failure leaves open whether the segment is there, so it is
    // never told as a mere lack of room.
    let name_it = || {
        disk.rename(&beside, &name)?;
        disk.sync_dir()
    };
    name_it().map_err(|error| LogError::Io { doing: "naming", file: name.clone(), source: error })?;
    Ok((file, allocated))
}

/// Makes the first segment of a new log.
pub(super) fn first_segment(disk: &dyn Disk, store_id: StoreId, preallocate: u64) -> Result<(), LogError> {
    let header = SegmentHeader { number: 1, store_id, first_seq: 1, previous_end: 0, previous_link: 0, base: true };
    new_segment(disk, &header, preallocate).map(|_| ())
}

/// Copies a torn tail to a file of its own, durably, and then replaces it with
/// zeros. The caller syncs the segment.
fn cut_off(disk: &dyn Disk, file: &dyn DiskFile, torn: &Torn, allocated: u64) -> Result<Cut, LogError> {
    let name = segment_name(torn.segment);
    let plain = format!("cut-{:08}-{}", torn.segment, torn.seq);
    let mut copy_name = plain.clone();
    let mut round = 2;
    while disk.exists(&copy_name).map_err(|error| LogError::io("looking for", &copy_name, error))? {
        copy_name = format!("{plain}-{round}");
        round += 1;
    }
    let write = || {
        let copy = disk.create(&copy_name)?;
        copy_range(file, torn.offset, torn.offset + torn.bytes, &*copy, 0)?;
        copy.sync_data()?;
        disk.sync_dir()
    };
    write().map_err(|error| LogError::io("writing", &copy_name, error))?;
    file.set_len(torn.offset).map_err(|error| LogError::io("cutting", &name, error))?;
    // If there is no room to reserve what was just let go, the next append says so.
    let _ = file.allocate(torn.offset, allocated.saturating_sub(torn.offset));
    Ok(Cut { segment: torn.segment, offset: torn.offset, seq: torn.seq, bytes: torn.bytes, file: copy_name })
}

/// Writes what is there once more, so that it counts as changed.
fn write_again(file: &dyn DiskFile, start: u64, end: u64) -> io::Result<()> {
    copy_range(file, start, end, file, start)
}

/// Copies the bytes from `start` to `end` to `target` in another file.
pub(super) fn copy_range(from: &dyn DiskFile, start: u64, end: u64, to: &dyn DiskFile, target: u64) -> io::Result<()> {
    let mut buffer = Vec::new();
    let mut at = start;
    while at < end {
        let count = usize::try_from(end - at).map_or(PIECE, |left| left.min(PIECE));
        buffer.resize(count, 0);
        if read_full(from, at, &mut buffer)? < count {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        write_full(to, target + (at - start), &buffer)?;
        at += count as u64;
    }
    Ok(())
}
