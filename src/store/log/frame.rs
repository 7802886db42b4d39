//! Frames as the rest of the store sees them, and how their payload is laid out.
//!
//! A payload is the number of bodies (4 bytes), the slot of the head, the slots
//! of the bodies, and nothing more.

use std::fmt;
use std::ops::Range;

use super::LogError;
use super::layout::{FRAME_HEADER, MAX_PAYLOAD, Site, u32_at};
use super::slot::{SLOT_HEADER, content_length, read_slot, seal_slot, slot_bound, slot_length, write_slot, write_slot_filling};

/// Names a store for ever: a log's segments belong together by it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoreId(pub [u8; 16]);

impl StoreId {
    /// Returns an id that no other store has.
    ///
    /// The randomness is the one that the standard library asks the system for
    /// to seed its hash maps: 128 bits.
    pub fn fresh() -> Self {
        use std::hash::{BuildHasher, Hasher, RandomState};
        let mut bytes = [0; 16];
        for (half, chunk) in bytes.chunks_exact_mut(8).enumerate() {
            let mut hasher = RandomState::new().build_hasher();
            hasher.write_usize(half);
            if let Ok(now) = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH) {
                hasher.write_u128(now.as_nanos());
            }
            hasher.write_u32(std::process::id());
            chunk.copy_from_slice(&hasher.finish().to_le_bytes());
        }
        Self(bytes)
    }
}

impl fmt::Display for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreId({self})")
    }
}

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum FrameKind {
    /// A commit: changes that happen together.
    Commit = 1,
    /// A host took the store over.
    Epoch = 2,
    /// What is left of a frame whose content was forgotten.
    Redaction = 3,
    /// All live records, in place of the log before.
    Checkpoint = 4,
}

impl FrameKind {
    pub(super) fn of(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Commit,
            2 => Self::Epoch,
            3 => Self::Redaction,
            4 => Self::Checkpoint,
            _ => return None,
        })
    }
}

/// Where one body lies: enough to read and check it alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The segment's number.
    pub segment: u32,
    /// Where its slot begins, in bytes from the segment's start.
    pub offset: u64,
    /// The length of its slot.
    pub length: u32,
}

/// Where one frame lies, and its link in the chain: enough to go on from it,
/// and to notice that another log is there now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FramePlace {
    /// The segment's number.
    pub segment: u32,
    /// Where its header begins, in bytes from the segment's start.
    pub offset: u64,
    /// The frame's link; it stays the same when the frame is redacted.
    pub crc: u32,
}

/// A frame to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFrame {
    /// What it is. Redactions are made by [`super::Log::redact`] only.
    pub kind: FrameKind,
    /// Its number: one more than that of the frame before.
    pub seq: u64,
    /// What a reader of the whole frame needs, in bytes.
    pub head: Vec<u8>,
    /// What is read alone as well, by its [`Place`].
    pub bodies: Vec<Vec<u8>>,
}

/// Where a frame and its bodies came to lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The frame's number.
    pub seq: u64,
    /// The frame.
    pub at: FramePlace,
    /// Its bodies, in order.
    pub places: Vec<Place>,
}

/// A frame as it was read, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What it is.
    pub kind: FrameKind,
    /// Its number.
    pub seq: u64,
    /// What its writer put before the bodies.
    pub head: Vec<u8>,
    /// The bodies, in order.
    pub bodies: Vec<Vec<u8>>,
    /// Where each body lies.
    pub places: Vec<Place>,
    /// Where the frame lies.
    pub at: FramePlace,
}

/// A frame as it was read, checked, its bodies left where they lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameHead {
    /// What it is.
    pub kind: FrameKind,
    /// Its number.
    pub seq: u64,
    /// What its writer put before the bodies.
    pub head: Vec<u8>,
    /// Where each body lies.
    pub places: Vec<Place>,
    /// Where the frame lies.
    pub at: FramePlace,
}

/// Refuses a frame that is larger than a reader would take.
pub(super) fn check_size(frame: &NewFrame) -> Result<(), LogError> {
    let bytes = frame.bodies.iter().map(|body| slot_bound(body) as u64).fold(4 + slot_bound(&frame.head) as u64, u64::saturating_add);
    if bytes > MAX_PAYLOAD as u64 {
        return Err(LogError::TooLarge { bytes, limit: MAX_PAYLOAD as u64 });
    }
    Ok(())
}

/// Appends the payload of a frame to `out`, its slots to be sealed, and for each body where its slot
/// begins in `out` and how long it is to `slots`.
pub(super) fn write_payload(frame: &NewFrame, out: &mut Vec<u8>, slots: &mut Vec<(usize, u32)>) {
    out.extend_from_slice(&(frame.bodies.len() as u32).to_le_bytes());
    write_slot(&frame.head, out);
    for body in &frame.bodies {
        let start = out.len();
        write_slot(body, out);
        slots.push((start, (out.len() - start) as u32));
    }
}

/// Returns the ranges of all slots of a payload, the head's first, or what is
/// wrong with it. CRCs are not looked at.
pub(super) fn split_payload(payload: &[u8]) -> Result<Vec<Range<usize>>, &'static str> {
    if payload.len() < 4 {
        return Err("the payload is too short");
    }
    let slots = u32_at(payload, 0) as usize;
    // Each takes at least its header, so that a lie cannot make us reserve much.
    if slots >= payload.len() / SLOT_HEADER {
        return Err("the payload has more bodies than it has room for");
    }
    let mut ranges = Vec::with_capacity(slots + 1);
    let mut at = 4;
    let mut content = 0;
    for _ in 0..=slots {
        let length = slot_length(&payload[at..]).ok_or("a body runs over the payload's end")?;
        content += content_length(&payload[at..]);
        ranges.push(at..at + length);
        at += length;
    }
    if at != payload.len() {
        return Err("something follows the last body");
    }
    if content > MAX_PAYLOAD {
        return Err("the bodies claim to be longer than a frame can be");
    }
    Ok(ranges)
}

/// Unpacks the payload of a frame that lies at `at`.
pub(super) fn read_frame(kind: FrameKind, seq: u64, payload: &[u8], at: FramePlace, site: Site) -> Result<Frame, &'static str> {
    let ranges = split_payload(payload)?;
    let mut contents = ranges.iter().map(|range| read_slot(&payload[range.clone()], site.seed(offset_of(range, at.offset))));
    let head = contents.next().unwrap_or(Err("the head is missing"))?;
    let bodies = contents.collect::<Result<_, _>>()?;
    Ok(Frame { kind, seq, head, bodies, places: places(&ranges, at), at })
}

/// Unpacks the head of the payload of a frame that lies at `at`.
pub(super) fn read_head(kind: FrameKind, seq: u64, payload: &[u8], at: FramePlace, site: Site) -> Result<FrameHead, &'static str> {
    let ranges = split_payload(payload)?;
    let range = ranges.first().ok_or("the head is missing")?;
    let head = read_slot(&payload[range.clone()], site.seed(offset_of(range, at.offset)))?;
    Ok(FrameHead { kind, seq, head, places: places(&ranges, at), at })
}

/// Returns where a slot of a frame's payload begins in its segment.
fn offset_of(slot: &Range<usize>, frame: u64) -> u64 {
    frame + (FRAME_HEADER + slot.start) as u64
}

/// Returns the places of the bodies; the first range is the head's.
fn places(ranges: &[Range<usize>], at: FramePlace) -> Vec<Place> {
    ranges
        .iter()
        .skip(1)
        .map(|range| Place { segment: at.segment, offset: offset_of(range, at.offset), length: range.len() as u32 })
        .collect()
}

/// Returns a payload of the same length as `old`, that of the frame at `offset`,
/// each slot as long as before, with other contents; or why that is not possible.
pub(super) fn replace_payload(old: &[u8], new: &NewFrame, offset: u64, site: Site) -> Result<Vec<u8>, String> {
    let ranges = split_payload(old)?;
    if ranges.len() != new.bodies.len() + 1 {
        return Err(format!("it has {} bodies, {} were given", ranges.len() - 1, new.bodies.len()));
    }
    let mut payload = old[..4].to_vec();
    let contents = std::iter::once(&new.head).chain(&new.bodies);
    for (index, (range, content)) in ranges.into_iter().zip(contents).enumerate() {
        let seed = site.seed(offset_of(&range, offset));
        let start = range.start;
        let old = &old[range];
        if read_slot(old, seed).as_ref() == Ok(content) {
            payload.extend_from_slice(old);
        } else if write_slot_filling(content, old.len(), &mut payload) {
            seal_slot(&mut payload[start..], seed);
        } else {
            let what = match index {
                0 => "its head".to_owned(),
                body => format!("body {body}"),
            };
            return Err(format!("{what} takes {} bytes, there is room for {}", content.len(), old.len() - SLOT_HEADER));
        }
    }
    Ok(payload)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    const AT: FramePlace = FramePlace { segment: 3, offset: 1000, crc: 1 };

    fn site() -> Site {
        Site::new(StoreId([1; 16]), AT.segment)
    }

    fn read(payload: &[u8]) -> Result<Frame, &'static str> {
        read_frame(FrameKind::Commit, 1, payload, AT, site())
    }

    fn replace(old: &[u8], new: &NewFrame) -> Result<Vec<u8>, String> {
        replace_payload(old, new, AT.offset, site())
    }

    fn payload(head: &[u8], bodies: &[Vec<u8>]) -> Vec<u8> {
        let frame = NewFrame { kind: FrameKind::Commit, seq: 1, head: head.to_vec(), bodies: bodies.to_vec() };
        let mut out = Vec::new();
        write_payload(&frame, &mut out, &mut Vec::new());
        for range in split_payload(&out).unwrap() {
            let seed = site().seed(offset_of(&range, AT.offset));
            seal_slot(&mut out[range], seed);
        }
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn payloads_survive(
            head in prop::collection::vec(any::<u8>(), 0..50),
            bodies in prop::collection::vec(prop::collection::vec(0u8..3, 0..2000), 0..6),
        ) {
            let payload = payload(&head, &bodies);
            let got = read(&payload).unwrap();
            prop_assert_eq!(got.head, head);
            prop_assert_eq!(&got.bodies, &bodies);
            for (place, body) in got.places.iter().zip(&bodies) {
                let start = (place.offset - AT.offset) as usize - FRAME_HEADER;
                let slot = &payload[start..start + place.length as usize];
                prop_assert_eq!(&read_slot(slot, site().seed(place.offset)).unwrap(), body);
            }
        }

        #[test]
        fn hostile_payloads_are_refused_or_read(bytes in prop::collection::vec(0u8..20, 0..200)) {
            let _ = read(&bytes);
            let _ = split_payload(&bytes);
        }
    }

    #[test]
    fn a_replaced_payload_keeps_every_place() {
        let bodies = vec![b"name: Ann".to_vec(), vec![5; 900], b"other".to_vec()];
        let old = payload(b"head", &bodies);
        let new = NewFrame {
            kind: FrameKind::Redaction,
            seq: 1,
            head: b"hd".to_vec(),
            bodies: vec![Vec::new(), vec![6; 700], b"other".to_vec()],
        };
        let replaced = replace(&old, &new).unwrap();
        assert_eq!(replaced.len(), old.len());
        let got = read(&replaced).unwrap();
        assert_eq!(got.head, new.head);
        assert_eq!(got.bodies, new.bodies);
        assert_eq!(got.places, read(&old).unwrap().places);
        assert!(!replaced.windows(3).any(|window| window == b"Ann"));
    }

    #[test]
    fn a_replacement_that_does_not_fit_is_refused() {
        let old = payload(b"head", &[b"short".to_vec()]);
        let new = |head: &[u8], bodies: &[&[u8]]| NewFrame {
            kind: FrameKind::Redaction,
            seq: 1,
            head: head.to_vec(),
            bodies: bodies.iter().map(|body| body.to_vec()).collect(),
        };
        assert_eq!(replace(&old, &new(b"", &[b"longer"])).unwrap_err(), "body 1 takes 6 bytes, there is room for 5");
        assert_eq!(replace(&old, &new(b"heads", &[b""])).unwrap_err(), "its head takes 5 bytes, there is room for 4");
        assert_eq!(replace(&old, &new(b"", &[])).unwrap_err(), "it has 1 bodies, 0 were given");
    }

    #[test]
    fn a_payload_that_lies_is_refused() {
        let good = payload(b"head", &[b"body".to_vec()]);
        for count in [0u32, 2, 3, u32::MAX] {
            let mut bad = good.clone();
            bad[..4].copy_from_slice(&count.to_le_bytes());
            assert!(split_payload(&bad).is_err());
        }
        for length in 0..good.len() {
            assert!(split_payload(&good[..length]).is_err());
        }
    }

    #[test]
    fn store_ids_differ_and_print() {
        assert_ne!(StoreId::fresh(), StoreId::fresh());
        assert_eq!(StoreId([0xA1; 16]).to_string(), "a1".repeat(16));
    }

    #[test]
    fn too_large_is_told_before_it_is_written() {
        let frame = |bytes| NewFrame { kind: FrameKind::Commit, seq: 1, head: Vec::new(), bodies: vec![vec![0; bytes]] };
        assert!(check_size(&frame(MAX_PAYLOAD - 28)).is_ok());
        assert!(matches!(check_size(&frame(MAX_PAYLOAD - 27)), Err(LogError::TooLarge { .. })));
    }
}
