//! The fixed parts of the format: the segment's header and the frame's header.
//!
//! See the module above for what they are for. All numbers are little-endian.

use super::{FrameKind, StoreId};

/// The format that is written.
pub const FORMAT: u32 = 1;
/// Bytes of a segment's header.
pub(super) const SEGMENT_HEADER: usize = 64;
/// Bytes of a frame's header.
pub(super) const FRAME_HEADER: usize = 44;
/// The most that one frame may hold after its header.
pub const MAX_PAYLOAD: usize = 8 * 1024 * 1024;

const SEGMENT_MAGIC: [u8; 8] = *b"rolo.log";
/// Opens a frame. No byte of it occurs in UTF-8 text.
pub(super) const FRAME_MAGIC: [u8; 4] = [0xF5, 0xFF, 0xC1, 0xFA];
/// The log begins with this segment.
const FLAG_BASE: u32 = 1;

/// What a segment says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SegmentHeader {
    pub(super) number: u32,
    pub(super) store_id: StoreId,
    /// The seq of its first frame.
    pub(super) first_seq: u64,
    /// Where the data of the segment before ends, which is its length.
    pub(super) previous_end: u64,
    /// The link of the last frame before.
    pub(super) previous_link: u32,
    /// Whether nothing comes before it.
    pub(super) base: bool,
}

/// Why a segment's header was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HeaderFault {
    Short,
    Magic,
    Crc,
    Format(u32),
    Field(&'static str),
}

impl std::fmt::Display for HeaderFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Short => f.write_str("the segment's header is cut short"),
            Self::Magic => f.write_str("the file does not begin as a segment does"),
            Self::Crc => f.write_str("the CRC of the segment's header does not match"),
            Self::Format(format) => write!(f, "the segment has format {format}"),
            Self::Field(why) => write!(f, "the segment's header has {why}"),
        }
    }
}

impl SegmentHeader {
    pub(super) fn encode(&self) -> [u8; SEGMENT_HEADER] {
        let mut bytes = [0; SEGMENT_HEADER];
        bytes[0..8].copy_from_slice(&SEGMENT_MAGIC);
        bytes[8..12].copy_from_slice(&FORMAT.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.number.to_le_bytes());
        bytes[16..32].copy_from_slice(&self.store_id.0);
        bytes[32..40].copy_from_slice(&self.first_seq.to_le_bytes());
        bytes[40..48].copy_from_slice(&self.previous_end.to_le_bytes());
        bytes[48..52].copy_from_slice(&self.previous_link.to_le_bytes());
        let flags = if self.base { FLAG_BASE } else { 0 };
        bytes[52..56].copy_from_slice(&flags.to_le_bytes());
        let crc = crc32c::crc32c(&bytes[..60]);
        bytes[60..64].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, HeaderFault> {
        let bytes = bytes.get(..SEGMENT_HEADER).ok_or(HeaderFault::Short)?;
        if bytes[0..8] != SEGMENT_MAGIC {
            return Err(HeaderFault::Magic);
        }
        // Magic, format and the CRC at the end stay where they are in every
        // format to come, so that a later one is told from a damaged one.
        if crc32c::crc32c(&bytes[..60]) != u32_at(bytes, 60) {
            return Err(HeaderFault::Crc);
        }
        match u32_at(bytes, 8) {
            FORMAT => {}
            0 => return Err(HeaderFault::Field("format 0")),
            later => return Err(HeaderFault::Format(later)),
        }
        let flags = u32_at(bytes, 52);
        if flags & !FLAG_BASE != 0 || u32_at(bytes, 56) != 0 {
            return Err(HeaderFault::Field("flags that this format does not have"));
        }
        let mut store_id = [0; 16];
        store_id.copy_from_slice(&bytes[16..32]);
        Ok(Self {
            number: u32_at(bytes, 12),
            store_id: StoreId(store_id),
            first_seq: u64_at(bytes, 32),
            previous_end: u64_at(bytes, 40),
            previous_link: u32_at(bytes, 48),
            base: flags & FLAG_BASE != 0,
        })
    }
}

/// What stands before a frame's payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameHeader {
    /// A [`FrameKind`], or a number that only a later version knows.
    pub(super) kind: u8,
    pub(super) length: u32,
    pub(super) payload_crc: u32,
    pub(super) seq: u64,
    /// Everything up to this seq was synced before this frame was written.
    pub(super) synced: u64,
    /// The link of the frame before.
    pub(super) previous: u32,
    /// This frame's link in the chain: the CRC of what stands before it here,
    /// or, in a redaction, the link of the frame that was replaced.
    pub(super) link: u32,
}

/// A segment of a store, as it goes into CRCs. What is checked by a CRC counts
/// only where it was written: not at another place, nor in another store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Site(u32);

impl Site {
    pub(super) fn new(store_id: StoreId, segment: u32) -> Self {
        Self(crc32c::crc32c_append(crc32c::crc32c(&store_id.0), &segment.to_le_bytes()))
    }

    /// Returns what the CRC of something that begins at `offset` starts from.
    pub(super) fn seed(self, offset: u64) -> u32 {
        crc32c::crc32c_append(self.0, &offset.to_le_bytes())
    }
}

impl FrameHeader {
    /// Returns the header of a frame that is no redaction: its link is computed.
    pub(super) fn new(kind: FrameKind, payload: &[u8], seq: u64, synced: u64, previous: u32) -> Self {
        let mut header = Self {
            kind: kind as u8,
            // Bounded by MAX_PAYLOAD, which the caller has checked.
            length: payload.len() as u32,
            payload_crc: crc32c::crc32c(payload),
            seq,
            synced,
            previous,
            link: 0,
        };
        header.link = header.own_link();
        header
    }

    /// Returns the link that follows from the fields before it.
    pub(super) fn own_link(&self) -> u32 {
        crc32c::crc32c(&self.fields()[..36])
    }

    fn fields(&self) -> [u8; FRAME_HEADER] {
        let mut bytes = [0; FRAME_HEADER];
        bytes[0..4].copy_from_slice(&FRAME_MAGIC);
        bytes[4] = self.kind;
        bytes[8..12].copy_from_slice(&self.length.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.payload_crc.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.seq.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.synced.to_le_bytes());
        bytes[32..36].copy_from_slice(&self.previous.to_le_bytes());
        bytes[36..40].copy_from_slice(&self.link.to_le_bytes());
        bytes
    }

    pub(super) fn encode(&self, seed: u32) -> [u8; FRAME_HEADER] {
        let mut bytes = self.fields();
        let crc = crc32c::crc32c_append(seed, &bytes[..40]);
        bytes[40..44].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// Returns the header if it was written at the place that the seed stands for.
    pub(super) fn decode(bytes: &[u8], seed: u32) -> Option<Self> {
        let bytes = bytes.get(..FRAME_HEADER)?;
        if bytes[0..4] != FRAME_MAGIC || bytes[5..8] != [0; 3] {
            return None;
        }
        if crc32c::crc32c_append(seed, &bytes[..40]) != u32_at(bytes, 40) {
            return None;
        }
        Some(Self {
            kind: bytes[4],
            length: u32_at(bytes, 8),
            payload_crc: u32_at(bytes, 12),
            seq: u64_at(bytes, 16),
            synced: u64_at(bytes, 24),
            previous: u32_at(bytes, 32),
            link: u32_at(bytes, 36),
        })
    }
}

/// Reads four bytes; the caller has checked that they are there.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut four = [0; 4];
    four.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(four)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut eight = [0; 8];
    eight.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(eight)
}

/// Returns the file name of a segment.
pub(super) fn segment_name(number: u32) -> String {
    format!("{number:08}.log")
}

/// Returns the number of the segment that a file is, if it is one.
pub(super) fn segment_number(name: &str) -> Option<u32> {
    let digits = name.strip_suffix(".log")?;
    let number = digits.parse().ok()?;
    (number > 0 && segment_name(number) == name).then_some(number)
}

/// The ending of a file that is being written beside what it shall replace.
pub(super) const BESIDE: &str = ".new";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn segment_headers_survive_and_any_flipped_bit_is_noticed() {
        let header = SegmentHeader {
            number: 7,
            store_id: StoreId([3; 16]),
            first_seq: 1 << 40,
            previous_end: 99,
            previous_link: 0xDEAD_BEEF,
            base: false,
        };
        let bytes = header.encode();
        assert_eq!(SegmentHeader::decode(&bytes), Ok(header));
        for bit in 0..SEGMENT_HEADER * 8 {
            let mut bad = bytes;
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(SegmentHeader::decode(&bad).is_err(), "bit {bit}");
        }
        for length in 0..SEGMENT_HEADER {
            assert_eq!(SegmentHeader::decode(&bytes[..length]), Err(HeaderFault::Short));
        }
        let mut later = bytes;
        later[8] = 2;
        let crc = crc32c::crc32c(&later[..60]);
        later[60..].copy_from_slice(&crc.to_le_bytes());
        assert_eq!(SegmentHeader::decode(&later), Err(HeaderFault::Format(2)));
    }

    #[test]
    fn frame_headers_count_only_at_their_place_in_their_store() {
        let id = StoreId([1; 16]);
        let header = FrameHeader::new(FrameKind::Commit, b"payload", 5, 4, 77);
        assert_eq!(header.link, header.own_link());
        let bytes = header.encode(Site::new(id, 1).seed(64));
        assert_eq!(FrameHeader::decode(&bytes, Site::new(id, 1).seed(64)), Some(header));
        assert_eq!(FrameHeader::decode(&bytes, Site::new(id, 1).seed(65)), None);
        assert_eq!(FrameHeader::decode(&bytes, Site::new(id, 2).seed(64)), None);
        let other = StoreId([2; 16]);
        assert_eq!(FrameHeader::decode(&bytes, Site::new(other, 1).seed(64)), None);
        for bit in 0..FRAME_HEADER * 8 {
            let mut bad = bytes;
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(FrameHeader::decode(&bad, Site::new(id, 1).seed(64)), None, "bit {bit}");
        }
    }

    #[test]
    fn segment_names() {
        assert_eq!(segment_name(1), "00000001.log");
        assert_eq!(segment_number("00000001.log"), Some(1));
        assert_eq!(segment_number("4294967295.log"), Some(u32::MAX));
        for name in ["1.log", "00000000.log", "00000001.log.new", "cut-1", "+0000001.log", "4294967296.log"] {
            assert_eq!(segment_number(name), None, "{name}");
        }
    }
}
