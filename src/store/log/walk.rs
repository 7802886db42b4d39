//! Walking a segment from frame to frame, checking each: the one place that
//! decides what is a good frame. Opening, reading and redacting all use it.

use std::io;
use std::sync::Arc;

use super::frame::split_payload;
use super::layout::{FRAME_HEADER, FRAME_MAGIC, FrameHeader, MAX_PAYLOAD, SEGMENT_HEADER, Site};
use super::window::Window;
use super::{FrameKind, LogError};
use crate::store::disk::DiskFile;

/// A walk along one segment.
pub(super) struct Walk {
    window: Window,
    site: Site,
    /// Where the next frame begins.
    offset: u64,
    /// Where the file, or what may be read of it, ends.
    limit: u64,
    /// Whether the data must reach to the limit; otherwise zeros may follow it.
    exact: bool,
    /// What the next frame must follow; `None` where that is not known.
    after: Option<After>,
}

/// The end of the chain so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct After {
    pub(super) seq: u64,
    pub(super) link: u32,
}

impl After {
    /// The seq of the frame that follows.
    pub(super) fn next(self) -> u64 {
        self.seq.saturating_add(1)
    }
}

/// What the next step came upon.
pub(super) enum Step<'a> {
    /// A good frame.
    Frame(View<'a>),
    /// The end of the data.
    End,
    /// Bytes that are no good frame. The walk stays before them.
    Bad(Bad),
}

/// A good frame in the walk's buffer.
pub(super) struct View<'a> {
    pub(super) header: FrameHeader,
    pub(super) kind: FrameKind,
    pub(super) offset: u64,
    pub(super) payload: &'a [u8],
    pub(super) site: Site,
}

/// What is wrong at a place.
#[derive(Clone, Debug)]
pub(super) struct Bad {
    pub(super) offset: u64,
    /// The seq that should be here, where known.
    pub(super) seq: Option<u64>,
    pub(super) why: &'static str,
    /// Whether a write that did not finish can look like this.
    pub(super) may_be_torn: bool,
}

impl Bad {
    /// Returns this as an error.
    pub(super) fn damaged(&self, segment: u32) -> LogError {
        LogError::Damaged { segment, offset: self.offset, seq: self.seq, why: self.why.to_owned() }
    }
}

impl Walk {
    /// Returns a walk over a segment from its first frame on, up to `limit`.
    pub(super) fn new(file: Arc<dyn DiskFile>, site: Site, limit: u64, exact: bool, after: Option<After>) -> Self {
        Self { window: Window::new(file), site, offset: SEGMENT_HEADER as u64, limit, exact, after }
    }

    /// Goes on at a frame that begins at `offset`.
    pub(super) fn seek(&mut self, offset: u64, after: Option<After>) {
        self.offset = offset;
        self.after = after;
    }

    /// Returns where the next frame begins.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns what the next frame must follow.
    pub(super) fn after(&self) -> Option<After> {
        self.after
    }

    /// Checks the next frame and goes past it.
    pub(super) fn step(&mut self) -> io::Result<Step<'_>> {
        let header = match self.header()? {
            Ok(Some(header)) => header,
            Ok(None) => return Ok(Step::End),
            Err(bad) => return Ok(Step::Bad(bad)),
        };
        let (offset, bad) = (self.offset, self.bad("", true));
        let length = header.length as usize;
        let payload = self.window.get(offset + FRAME_HEADER as u64, length, self.limit)?;
        if payload.len() < length {
            let why = "the frame runs over the end";
            return Ok(Step::Bad(Bad { why, ..bad }));
        }
        if crc32c::crc32c(payload) != header.payload_crc {
            let why = "the payload's CRC does not match";
            return Ok(Step::Bad(Bad { why, ..bad }));
        }
        let may_be_torn = false;
        if let Err(why) = split_payload(payload) {
            return Ok(Step::Bad(Bad { why, may_be_torn, ..bad }));
        }
        let Some(kind) = FrameKind::of(header.kind) else {
            let why = "the frame is of a kind that this version does not know";
            return Ok(Step::Bad(Bad { why, may_be_torn, ..bad }));
        };
        self.offset += (FRAME_HEADER + length) as u64;
        self.after = Some(After { seq: header.seq, link: header.link });
        Ok(Step::Frame(View { header, kind, offset, payload, site: self.site }))
    }

    /// Goes past the next frame without looking at its payload. Returns its
    /// header and where it began; `Ok(None)` at the end.
    pub(super) fn skip(&mut self) -> io::Result<Result<Option<(FrameHeader, u64)>, Bad>> {
        Ok(match self.header()? {
            Ok(Some(header)) => {
                let offset = self.offset;
                self.offset += FRAME_HEADER as u64 + u64::from(header.length);
                self.after = Some(After { seq: header.seq, link: header.link });
                Ok(Some((header, offset)))
            }
            Ok(None) => Ok(None),
            Err(bad) => Err(bad),
        })
    }

    /// Reads and checks the header of the next frame; `Ok(None)` at the end.
    fn header(&mut self) -> io::Result<Result<Option<FrameHeader>, Bad>> {
        let seed = self.site.seed(self.offset);
        if self.exact && self.offset == self.limit {
            return Ok(Ok(None));
        }
        let bytes = self.window.get(self.offset, FRAME_HEADER, self.limit)?;
        let Some(header) = FrameHeader::decode(bytes, seed) else {
            let zeros = !self.exact && self.window.last_not_zero(self.offset, self.limit)?.is_none();
            return Ok(if zeros { Ok(None) } else { Err(self.bad("there is no whole frame header", true)) });
        };
        // The header's CRC is right, so it is as its writer meant it: from here
        // on nothing can be explained by a write that did not finish.
        let follows = self.after.is_none_or(|after| header.seq == after.next());
        if !follows {
            return Ok(Err(self.bad("the frame has another seq than the next", false)));
        }
        if self.after.is_some_and(|after| header.previous != after.link) {
            return Ok(Err(self.bad("the frame follows another one than the one before", false)));
        }
        if header.kind != FrameKind::Redaction as u8 && header.link != header.own_link() {
            return Ok(Err(self.bad("the frame's link is not its own", false)));
        }
        if header.length as usize > MAX_PAYLOAD {
            return Ok(Err(self.bad("the frame is longer than a frame can be", false)));
        }
        Ok(Ok(Some(header)))
    }

    fn bad(&self, why: &'static str, may_be_torn: bool) -> Bad {
        Bad { offset: self.offset, seq: self.after.map(After::next), why, may_be_torn }
    }

    /// Returns the first place from `from` on where a frame's header stands that
    /// was written there and that `wanted` takes.
    pub(super) fn find(&mut self, from: u64, wanted: impl Fn(&FrameHeader) -> bool) -> io::Result<Option<u64>> {
        const PIECE: usize = 64 * 1024;
        let mut at = from;
        loop {
            let piece = self.window.get(at, PIECE, self.limit)?;
            let candidates = piece.len().saturating_sub(FRAME_HEADER - 1);
            if candidates == 0 {
                return Ok(None);
            }
            let found = piece[..candidates].iter().enumerate().filter(|(_, byte)| **byte == FRAME_MAGIC[0]).find(|(start, _)| {
                let seed = self.site.seed(at + *start as u64);
                FrameHeader::decode(&piece[*start..], seed).is_some_and(|header| wanted(&header))
            });
            if let Some((start, _)) = found {
                return Ok(Some(at + start as u64));
            }
            at += candidates as u64;
        }
    }

    /// After a bad frame, goes on at the next good one of a higher seq, if there
    /// is one in this segment.
    pub(super) fn resume(&mut self) -> io::Result<bool> {
        let last = self.after.map_or(0, |after| after.seq);
        let known =
            |header: &FrameHeader| header.seq > last && header.length as usize <= MAX_PAYLOAD && FrameKind::of(header.kind).is_some();
        match self.find(self.offset.saturating_add(1), known)? {
            Some(offset) => {
                self.seek(offset, None);
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Returns where the last byte that is not zero lies, from the next frame on.
    pub(super) fn last_not_zero(&mut self) -> io::Result<Option<u64>> {
        self.window.last_not_zero(self.offset, self.limit)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use proptest::prelude::*;

    use super::super::StoreId;
    use super::*;
    use crate::store::disk::{Disk, MemoryDisk, write_full};

    const AFTER: After = After { seq: 4, link: 77 };
    const START: u64 = SEGMENT_HEADER as u64;

    fn site() -> Site {
        Site::new(StoreId([5; 16]), 1)
    }

    /// An empty head and no bodies.
    fn payload() -> Vec<u8> {
        let mut payload = vec![0; 4];
        super::super::slot::write_slot(b"", &mut payload);
        payload
    }

    fn header() -> FrameHeader {
        FrameHeader::new(FrameKind::Commit, &payload(), 5, 4, 77)
    }

    fn bytes(header: &FrameHeader, payload: &[u8]) -> Vec<u8> {
        let mut bytes = header.encode(site().seed(START)).to_vec();
        bytes.extend_from_slice(payload);
        bytes
    }

    fn walk(frames: &[u8], exact: bool) -> Walk {
        let disk = MemoryDisk::new();
        let file = disk.create("x").unwrap();
        write_full(&*file, START, frames).unwrap();
        let limit = file.size().unwrap();
        Walk::new(file, site(), limit, exact, Some(AFTER))
    }

    fn bad(frames: &[u8]) -> (&'static str, bool) {
        match walk(frames, false).step().unwrap() {
            Step::Bad(bad) => {
                assert_eq!((bad.offset, bad.seq), (START, Some(5)));
                (bad.why, bad.may_be_torn)
            }
            _ => panic!("it is bad"),
        }
    }

    #[test]
    fn a_good_frame_leads_to_the_next() {
        let frame = bytes(&header(), &payload());
        let mut walk = walk(&frame, true);
        assert!(matches!(walk.step().unwrap(), Step::Frame(view) if view.header == header()));
        assert_eq!(walk.after(), Some(After { seq: 5, link: header().link }));
        assert!(matches!(walk.step().unwrap(), Step::End));
    }

    #[test]
    fn zeros_end_the_data_where_they_may() {
        assert!(matches!(walk(&[0; 1000], false).step().unwrap(), Step::End));
        assert!(matches!(walk(&[0; 1000], true).step().unwrap(), Step::Bad(_)));
        let mut late = [0; 1000];
        late[999] = 1;
        assert_eq!(bad(&late), ("there is no whole frame header", true));
    }

    #[test]
    fn what_a_write_left_unfinished_is_told_from_what_it_cannot() {
        let good = payload();
        let whole = bytes(&header(), &good);
        assert_eq!(bad(&whole[..20]), ("there is no whole frame header", true));
        assert_eq!(bad(&whole[..whole.len() - 1]), ("the frame runs over the end", true));
        let mut other = good.clone();
        other[0] ^= 1;
        assert_eq!(bad(&bytes(&header(), &other)), ("the payload's CRC does not match", true));

        let linked = |mut header: FrameHeader| {
            header.link = header.own_link();
            bytes(&header, &good)
        };
        for (header, why) in [
            (FrameHeader { seq: 6, ..header() }, "the frame has another seq than the next"),
            (FrameHeader { seq: 0, ..header() }, "the frame has another seq than the next"),
            (FrameHeader { previous: 78, ..header() }, "the frame follows another one than the one before"),
            (FrameHeader { kind: 9, ..header() }, "the frame is of a kind that this version does not know"),
            (FrameHeader { length: u32::MAX, ..header() }, "the frame is longer than a frame can be"),
        ] {
            assert_eq!(bad(&linked(header)), (why, false));
        }
        let unlinked = FrameHeader { link: 1, ..header() };
        assert_eq!(bad(&bytes(&unlinked, &good)), ("the frame's link is not its own", false));
        let redaction = FrameHeader { kind: FrameKind::Redaction as u8, ..unlinked };
        assert!(matches!(walk(&bytes(&redaction, &good), false).step().unwrap(), Step::Frame(_)));
        let other = FrameHeader::new(FrameKind::Commit, &other, 5, 4, 77);
        assert_eq!(bad(&bytes(&other, &[1, 0, 0, 0])), ("the frame runs over the end", true));
    }

    #[test]
    fn a_payload_that_contradicts_itself_is_not_torn() {
        let mut payload = payload();
        payload.push(0);
        let header = FrameHeader::new(FrameKind::Commit, &payload, 5, 4, 77);
        assert_eq!(bad(&bytes(&header, &payload)), ("something follows the last body", false));
    }

    #[test]
    fn the_next_header_is_found_across_the_pieces_that_are_read() {
        let target = |at: u64| {
            let mut frames = vec![FRAME_MAGIC[0]; 200_000];
            let bytes = header().encode(site().seed(START + at));
            frames[at as usize..at as usize + bytes.len()].copy_from_slice(&bytes);
            frames
        };
        for at in [1, 44, 8_192 - 44, 65_536 - 43, 65_536 - 64, 65_536, 131_000, 200_000 - 44] {
            let mut walk = walk(&target(at), false);
            assert_eq!(walk.find(START, |_| true).unwrap(), Some(START + at), "{at}");
            assert_eq!(walk.find(START + at, |_| true).unwrap(), Some(START + at));
            assert_eq!(walk.find(START + at + 1, |_| true).unwrap(), None);
            assert_eq!(walk.find(START, |header| header.seq == 6).unwrap(), None);
            assert_eq!(walk.find(u64::MAX, |_| true).unwrap(), None);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// Whoever can write the log can compute its CRCs, too.
        #[test]
        fn hostile_frames_do_no_harm(
            kind in 0u8..6,
            length in prop_oneof![0u32..100, any::<u32>()],
            seq in prop_oneof![Just(5), Just(u64::MAX), any::<u64>()],
            synced in any::<u64>(),
            previous in prop_oneof![Just(77), any::<u32>()],
            payload in prop::collection::vec(0u8..30, 0..100),
            exact in any::<bool>(),
            known in any::<bool>(),
        ) {
            let length = if length < 50 { payload.len() as u32 } else { length };
            let payload_crc = crc32c::crc32c(&payload);
            let mut header = FrameHeader { kind, length, payload_crc, seq, synced, previous, link: 0 };
            header.link = header.own_link();
            let frames = [bytes(&header, &payload), bytes(&header, &payload)].concat();
            let mut steps = walk(&frames, exact);
            if !known {
                steps.seek(START, None);
            }
            for _ in 0..4 {
                let bad = matches!(steps.step().unwrap(), Step::Bad(_));
                if bad && !steps.resume().unwrap() {
                    break;
                }
            }
            let mut skips = walk(&frames, exact);
            while let Ok(Some(_)) = skips.skip().unwrap() {}
        }
    }
}
