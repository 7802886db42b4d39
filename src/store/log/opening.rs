//! Opening a log: finding its segments, checking them, and telling a torn tail
//! from damage and from a loss.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::layout::{BESIDE, FORMAT, HeaderFault, SEGMENT_HEADER, SegmentHeader, Site, segment_name, segment_number};
use super::segments::Segment;
use super::walk::{After, Bad, Step, Walk};
use super::waymarks::Waymarks;
use super::{FramePlace, LogError, StoreId};
use crate::store::disk::{Access, Disk, DiskFile, read_full};

/// Told how many bytes of how many were checked; may ask to stop.
pub type Progress = Box<dyn FnMut(u64, u64) -> ControlFlow<()> + Send>;

/// How to open a log.
pub struct LogOptions {
    /// Whether it is to be written to. Only the holder of the store's lock may.
    pub writable: bool,
    /// The last seq that the image has applied, and where its frame lies:
    /// checking starts there. Without it all is checked.
    pub applied: Option<(u64, FramePlace)>,
    /// The size in bytes from which a new segment is begun.
    pub segment_size: u64,
    /// The steps in bytes in which space is reserved.
    pub preallocate: u64,
    /// Open a log that ends before `applied`, or differs there, for reading.
    pub accept_loss: bool,
    /// Open a damaged log for reading; see [`Opening::damage`].
    pub accept_damage: bool,
    /// Told now and then how far checking is.
    pub progress: Option<Progress>,
}

impl Default for LogOptions {
    fn default() -> Self {
        Self {
            writable: true,
            applied: None,
            segment_size: 64 * 1024 * 1024,
            preallocate: 16 * 1024 * 1024,
            accept_loss: false,
            accept_damage: false,
            progress: None,
        }
    }
}

/// What was found on opening.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The store that the log belongs to.
    pub store_id: StoreId,
    /// The log's format.
    pub format: u32,
    /// The seq of the last good frame, 0 if there is none.
    pub last_seq: u64,
    /// Where that frame lies.
    pub last: Option<FramePlace>,
    /// Whether the log can be written to: asked for, and nothing is wrong.
    pub writable: bool,
    /// The torn tail that was cut off.
    pub cut: Option<Cut>,
    /// The torn tail that is there, as seen by a reader, who does not cut.
    pub torn: Option<Torn>,
    /// With [`LogOptions::accept_loss`]: the seq that the image had applied and
    /// the log does not have.
    pub lost: Option<u64>,
    /// With [`LogOptions::accept_damage`]: what is damaged, in order.
    pub damage: Vec<Damage>,
    /// How many bytes were checked.
    pub checked: u64,
}

/// A write that did not finish, at the end of the log: nobody was told that it
/// was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torn {
    /// The segment's number.
    pub segment: u32,
    /// Where it begins.
    pub offset: u64,
    /// The seq that the first frame in it would have.
    pub seq: u64,
    /// Its length, without zeros at its end.
    pub bytes: u64,
}

/// A torn tail that was cut off, and where it was copied to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The segment's number.
    pub segment: u32,
    /// Where the segment ends now.
    pub offset: u64,
    /// The seq that the first frame in it would have.
    pub seq: u64,
    /// How many bytes were cut.
    pub bytes: u64,
    /// The name of the copy in the log's folder.
    pub file: String,
}

/// A part of the log that is not what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The segment's number.
    pub segment: u32,
    /// Where it begins.
    pub offset: u64,
    /// The first seq that cannot be read, where known.
    pub seq: Option<u64>,
    /// What was found.
    pub why: String,
}

/// A log as checking left it; what the writer is made from.
pub(super) struct Checked {
    pub(super) opening: Opening,
    pub(super) segments: Vec<Segment>,
    pub(super) waymarks: Waymarks,
    pub(super) last_link: u32,
    /// The length of the last segment's file.
    pub(super) allocated: u64,
    /// Where the frames begin that may never have been synced; all in the last
    /// segment.
    pub(super) unsynced_from: u64,
}

/// A segment as found.
struct Found {
    number: u32,
    /// `None` if it is unreadable and that is accepted.
    header: Option<SegmentHeader>,
    file: Arc<dyn DiskFile>,
    length: u64,
}

struct Check<'a> {
    disk: &'a dyn Disk,
    options: &'a mut LogOptions,
    store_id: StoreId,
    found: Vec<Found>,
    damage: Vec<Damage>,
    total: u64,
    checked: u64,
    tell_at: u64,
}

/// What a scan found.
struct Scan {
    segments: Vec<Segment>,
    waymarks: Waymarks,
    after: After,
    last: Option<FramePlace>,
    torn: Option<Torn>,
    unsynced_from: u64,
}

/// Checks the log as the options say. Nothing is changed on the disk.
pub(super) fn check(disk: &dyn Disk, options: &mut LogOptions) -> Result<Checked, LogError> {
    let mut numbers: Vec<u32> = disk
        .list()
        .map_err(|error| LogError::io("listing", "the log's folder", error))?
        .iter()
        .filter_map(|name| segment_number(name))
        .collect();
    numbers.sort_unstable();
    if numbers.is_empty() {
        return Err(LogError::NoLog);
    }
    let mut check =
        Check { disk, options, store_id: StoreId([0; 16]), found: Vec::new(), damage: Vec::new(), total: 0, checked: 0, tell_at: 0 };
    check.find(&numbers)?;
    check.run()
}

impl Check<'_> {
    /// Damage ends the opening, unless it is accepted and noted.
    fn note(&mut self, error: LogError) -> Result<(), LogError> {
        if !self.options.accept_damage {
            return Err(error);
        }
        let damage = match error {
            LogError::Damaged { segment, offset, seq, why } => Damage { segment, offset, seq, why },
            LogError::MissingSegment { segment } | LogError::Foreign { segment, .. } => {
                Damage { segment, offset: 0, seq: None, why: error.to_string() }
            }
            other => return Err(other),
        };
        self.damage.push(damage);
        Ok(())
    }

    /// Reads the headers of all segments and checks them against each other.
    fn find(&mut self, numbers: &[u32]) -> Result<(), LogError> {
        for &number in numbers {
            let name = segment_name(number);
            let reading = |error| LogError::io("reading", &name, error);
            let file = self.disk.open(&name, Access::Read).map_err(reading)?;
            let length = file.size().map_err(reading)?;
            let mut bytes = [0; SEGMENT_HEADER];
            let count = read_full(&*file, 0, &mut bytes).map_err(reading)?;
            let header = match SegmentHeader::decode(&bytes[..count]) {
                Ok(header) => Some(header),
                Err(HeaderFault::Format(format)) => {
                    return Err(LogError::Newer { segment: number, format, known: FORMAT });
                }
                Err(fault) => {
                    self.note(LogError::Damaged { segment: number, offset: 0, seq: None, why: fault.to_string() })?;
                    None
                }
            };
            self.found.push(Found { number, header, file, length });
        }
        // Frames can be checked only by the store's id, which any header tells.
        match self.found.iter().find_map(|found| found.header) {
            Some(header) => self.store_id = header.store_id,
            None => {
                return Err(LogError::Damaged {
                    segment: numbers[0],
                    offset: 0,
                    seq: None,
                    why: "no segment's header is readable".to_owned(),
                });
            }
        }
        self.compare_headers()
    }

    fn compare_headers(&mut self) -> Result<(), LogError> {
        let mut errors = Vec::new();
        let mut before: Option<&Found> = None;
        for found in &self.found {
            let number = found.number;
            let damaged = |why: &str| LogError::Damaged { segment: number, offset: 0, seq: None, why: why.to_owned() };
            if let Some(header) = found.header {
                if header.store_id != self.store_id {
                    errors.push(LogError::Foreign {
                        segment: number,
                        found: header.store_id.to_string(),
                        expected: self.store_id.to_string(),
                    });
                }
                if header.number != number {
                    errors.push(damaged("the file has the name of another segment"));
                }
                if before.is_none() && !header.base {
                    errors.push(LogError::MissingSegment { segment: number - 1 });
                }
                if before.is_some() && header.base {
                    errors.push(damaged("the log begins here, yet there are segments before"));
                }
            }
            if let Some(before) = before {
                if number != before.number + 1 {
                    errors.push(LogError::MissingSegment { segment: before.number + 1 });
                } else if let Some(header) = found.header
                    && header.previous_end != before.length
                {
                    let offset = header.previous_end.min(before.length);
                    errors.push(LogError::Damaged {
                        segment: before.number,
                        offset,
                        seq: self.seq_at(before, offset)?,
                        why: format!("the segment is {} bytes long, it was {}", before.length, header.previous_end),
                    });
                }
            }
            before = Some(found);
        }
        errors.into_iter().try_for_each(|error| self.note(error))
    }

    /// Returns the seq of the first frame that is not whole before `limit`.
    fn seq_at(&self, found: &Found, limit: u64) -> Result<Option<u64>, LogError> {
        let mut walk = self.walk(found, limit, true);
        loop {
            let step = walk.step().map_err(|error| LogError::io("reading", &segment_name(found.number), error))?;
            if !matches!(step, Step::Frame(_)) {
                return Ok(walk.after().map(After::next));
            }
        }
    }

    fn walk(&self, found: &Found, limit: u64, exact: bool) -> Walk {
        Walk::new(Arc::clone(&found.file), Site::new(self.store_id, found.number), limit, exact, found.before())
    }

    fn run(mut self) -> Result<Checked, LogError> {
        let applied = self.options.applied.filter(|(seq, _)| *seq > 0);
        let start = match applied {
            Some((seq, place)) => self.applied_frame(seq, place)?,
            None => None,
        };
        let scan = self.scan(start, applied.map_or(0, |(seq, _)| seq))?;
        let mut lost = None;
        if let (Some((seq, place)), None) = (applied, start) {
            let error = if scan.after.seq < seq {
                LogError::Lost { applied: seq, last: scan.after.seq }
            } else {
                LogError::Diverged { applied: seq, place }
            };
            // Where damage is accepted, the frame may just be unreadable.
            let unreadable = !self.damage.is_empty();
            if !self.options.accept_loss && !unreadable {
                return Err(error);
            }
            lost = Some(seq);
        }
        let allocated = self.found.last().map_or(0, |found| found.length);
        Ok(Checked {
            opening: Opening {
                store_id: self.store_id,
                format: FORMAT,
                last_seq: scan.after.seq,
                last: scan.last,
                writable: self.options.writable && lost.is_none() && self.damage.is_empty(),
                cut: None,
                torn: scan.torn,
                lost,
                damage: self.damage,
                checked: self.checked,
            },
            segments: scan.segments,
            waymarks: scan.waymarks,
            last_link: scan.after.link,
            allocated,
            unsynced_from: scan.unsynced_from,
        })
    }

    /// Finds the frame that the image had applied last: the index of its
    /// segment and its offset, if it is there and the same.
    fn applied_frame(&self, seq: u64, place: FramePlace) -> Result<Option<(usize, u64)>, LogError> {
        let Some((index, found)) = self.found.iter().enumerate().find(|(_, found)| found.number == place.segment && found.header.is_some())
        else {
            return Ok(None);
        };
        let mut walk = self.walk(found, found.length, true);
        walk.seek(place.offset, None);
        let step = walk.step().map_err(|error| LogError::io("reading", &segment_name(found.number), error))?;
        Ok(match step {
            Step::Frame(view) if view.header.seq == seq && view.header.link == place.crc => Some((index, place.offset)),
            _ => None,
        })
    }

    /// Checks frame after frame from `start` (or the log's beginning) on.
    fn scan(&mut self, start: Option<(usize, u64)>, applied: u64) -> Result<Scan, LogError> {
        let (first, offset) = start.unwrap_or((0, SEGMENT_HEADER as u64));
        self.total = self.found[first..].iter().map(|found| found.length).sum::<u64>().saturating_sub(offset);
        let mut scan = Scan {
            segments: self.found.iter().map(Found::segment).collect(),
            waymarks: Waymarks::default(),
            after: self.found[first].before().unwrap_or(After { seq: 0, link: 0 }),
            last: None,
            torn: None,
            unsynced_from: SEGMENT_HEADER as u64,
        };
        self.tell()?;
        for index in first..self.found.len() {
            let from = match start {
                Some((segment, offset)) if segment == index => Some(offset),
                _ => None,
            };
            self.scan_segment(index, from, applied, &mut scan)?;
        }
        self.tell_at = 0;
        self.tell()?;
        Ok(scan)
    }

    fn scan_segment(&mut self, index: usize, from: Option<u64>, applied: u64, scan: &mut Scan) -> Result<(), LogError> {
        let found = &self.found[index];
        let (number, length, is_last) = (found.number, found.length, index + 1 == self.found.len());
        let reading = |error| LogError::io("reading", &segment_name(number), error);
        let before = found.before();
        let mut walk = self.walk(found, length, !is_last);
        match from {
            Some(offset) => walk.seek(offset, None),
            None if index > 0 => {
                let follows = before.is_none_or(|before| before == scan.after);
                if !follows && self.damage.is_empty() {
                    self.note(LogError::Damaged {
                        segment: number,
                        offset: 0,
                        seq: Some(scan.after.next()),
                        why: "the segment does not follow the one before".to_owned(),
                    })?;
                }
            }
            None => {}
        }
        // Frames that are not known to have been synced: seq and offset.
        let mut open: VecDeque<(u64, u64)> = VecDeque::new();
        let base = self.checked;
        let begin = walk.offset();
        loop {
            match walk.step().map_err(reading)? {
                Step::Frame(view) => {
                    let (header, offset) = (view.header, view.offset);
                    scan.waymarks.pass(header.seq, number, offset, header.previous);
                    scan.after = After { seq: header.seq, link: header.link };
                    scan.last = Some(FramePlace { segment: number, offset, crc: header.link });
                    open.push_back((header.seq, offset));
                    let synced = header.synced.max(applied);
                    while open.front().is_some_and(|(seq, _)| *seq <= synced) {
                        open.pop_front();
                    }
                    self.checked = base + (walk.offset() - begin);
                    self.tell()?;
                }
                Step::End => break,
                Step::Bad(bad) => {
                    if is_last && let Some(torn) = torn_tail(&mut walk, &bad, number, applied).map_err(reading)? {
                        scan.torn = Some(torn);
                        break;
                    }
                    self.note(bad.damaged(number))?;
                    if !walk.resume().map_err(reading)? {
                        walk.seek(bad.offset, None);
                        break;
                    }
                }
            }
        }
        self.checked = base + (length - begin.min(length));
        let end = walk.offset();
        let segment = &mut scan.segments[index];
        if is_last {
            segment.written = end;
            segment.synced = end;
        }
        // Whatever lies in an earlier segment was synced before this one began.
        scan.unsynced_from = open.front().map_or(end, |(_, offset)| *offset);
        Ok(())
    }

    fn tell(&mut self) -> Result<(), LogError> {
        const STEP: u64 = 1024 * 1024;
        if self.checked < self.tell_at {
            return Ok(());
        }
        self.tell_at = self.checked + STEP;
        match &mut self.options.progress {
            Some(progress) => match progress(self.checked, self.total) {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(()) => Err(LogError::Cancelled),
            },
            None => Ok(()),
        }
    }
}

/// Decides whether a bad frame in the last segment is a tail that a write left
/// unfinished: it can look like one, it is above what the image has applied,
/// and no frame after it says that it had been synced.
fn torn_tail(walk: &mut Walk, bad: &Bad, segment: u32, applied: u64) -> std::io::Result<Option<Torn>> {
    let Some(seq) = bad.seq else {
        return Ok(None);
    };
    if !bad.may_be_torn || seq <= applied {
        return Ok(None);
    }
    if walk.find(bad.offset + 1, |header| header.synced >= seq)?.is_some() {
        return Ok(None);
    }
    let end = walk.last_not_zero()?.map_or(bad.offset, |last| last + 1);
    Ok(Some(Torn { segment, offset: bad.offset, seq, bytes: end - bad.offset }))
}

impl Found {
    fn before(&self) -> Option<After> {
        self.header.map(|header| After { seq: header.first_seq.saturating_sub(1), link: header.previous_link })
    }

    fn segment(&self) -> Segment {
        Segment {
            number: self.number,
            first_seq: self.header.map_or(0, |header| header.first_seq),
            before: self.before(),
            written: self.length,
            synced: self.length,
        }
    }
}

/// Removes files that a writer left half written beside what they were to
/// replace.
pub(super) fn remove_leftovers(disk: &dyn Disk) -> Result<(), LogError> {
    let names = disk.list().map_err(|error| LogError::io("listing", "the log's folder", error))?;
    for name in names {
        if name.strip_suffix(BESIDE).is_some_and(|name| segment_number(name).is_some()) {
            disk.remove(&name).map_err(|error| LogError::io("removing", &name, error))?;
        }
    }
    Ok(())
}
