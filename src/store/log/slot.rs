//! A slot: one run of bytes in a frame's payload that can be read and checked
//! alone.
//!
//! ```text
//! 0   4  bytes that follow the header; the top bit says that they are compressed
//! 4   4  length of the content
//! 8   4  CRC-32C of where the slot is, the eight bytes before, and what follows
//! 12     as it is: the content, then zeros
//!        compressed: the length of the LZ4 block (4), the block, then zeros
//! ```
//!
//! The zeros are there only after a redaction, which fills a slot with less
//! than it held without moving what comes after it.

use super::layout::{MAX_PAYLOAD, u32_at};

/// Bytes of a slot's header.
pub(super) const SLOT_HEADER: usize = 12;
/// Contents up to this length are not worth compressing.
const COMPRESS_OVER: usize = 512;
const COMPRESSED: u32 = 1 << 31;

/// Returns the bytes that the slot of this content takes at most.
pub(super) fn slot_bound(content: &[u8]) -> usize {
    SLOT_HEADER + content.len()
}

/// Appends a slot with `content`, compressed if that saves a tenth. It is to be
/// sealed when its place is known.
pub(super) fn write_slot(content: &[u8], out: &mut Vec<u8>) {
    if content.len() > COMPRESS_OVER {
        let block = lz4_flex::block::compress(content);
        if (block.len() + 4) * 10 < content.len() * 9 {
            put(out, content.len(), block.len() + 4, COMPRESSED, |body| {
                body.extend_from_slice(&(block.len() as u32).to_le_bytes());
                body.extend_from_slice(&block);
            });
            return;
        }
    }
    put(out, content.len(), content.len(), 0, |body| {
        body.extend_from_slice(content);
    });
}

/// Appends a slot with `content` that takes exactly `length` bytes, header
/// included; it is to be sealed. Returns whether it fits; if not, nothing is
/// appended.
pub(super) fn write_slot_filling(content: &[u8], length: usize, out: &mut Vec<u8>) -> bool {
    let Some(room) = length.checked_sub(SLOT_HEADER) else {
        return false;
    };
    if content.len() <= room {
        put(out, content.len(), room, 0, |body| {
            body.extend_from_slice(content);
        });
        return true;
    }
    let block = lz4_flex::block::compress(content);
    if block.len() + 4 > room {
        return false;
    }
    put(out, content.len(), room, COMPRESSED, |body| {
        body.extend_from_slice(&(block.len() as u32).to_le_bytes());
        body.extend_from_slice(&block);
    });
    true
}

fn put(out: &mut Vec<u8>, content: usize, stored: usize, flag: u32, fill: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&(stored as u32 | flag).to_le_bytes());
    out.extend_from_slice(&(content as u32).to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    fill(out);
    out.resize(start + SLOT_HEADER + stored, 0);
}

/// Puts the CRC into a slot; the seed stands for its place.
pub(super) fn seal_slot(slot: &mut [u8], seed: u32) {
    let crc = slot_crc(slot, seed);
    slot[8..SLOT_HEADER].copy_from_slice(&crc.to_le_bytes());
}

fn slot_crc(slot: &[u8], seed: u32) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c_append(seed, &slot[..8]), &slot[SLOT_HEADER..])
}

/// Returns the whole length of the slot that `bytes` begin with, if they hold
/// all of it.
pub(super) fn slot_length(bytes: &[u8]) -> Option<usize> {
    if bytes.len() < SLOT_HEADER {
        return None;
    }
    let length = SLOT_HEADER + (u32_at(bytes, 0) & !COMPRESSED) as usize;
    (length <= bytes.len()).then_some(length)
}

/// Returns the length of the content of the slot that `bytes` begin with.
pub(super) fn content_length(slot: &[u8]) -> usize {
    u32_at(slot, 4) as usize
}

/// Returns the content of a slot that takes all of `slot` and was written at the
/// place that the seed stands for, or what is wrong.
pub(super) fn read_slot(slot: &[u8], seed: u32) -> Result<Vec<u8>, &'static str> {
    if slot_length(slot) != Some(slot.len()) {
        return Err("its length is not the one it was written with");
    }
    if slot_crc(slot, seed) != u32_at(slot, 8) {
        return Err("its CRC does not match");
    }
    let content = content_length(slot);
    let stored = &slot[SLOT_HEADER..];
    // From here on the bytes are as written, but who wrote them is not known.
    if content > MAX_PAYLOAD {
        return Err("it claims to be longer than a frame can be");
    }
    if u32_at(slot, 0) & COMPRESSED == 0 {
        return Ok(stored.get(..content).ok_or("it is shorter than its content")?.to_vec());
    }
    let block = stored
        .get(..4)
        .map(|length| u32_at(length, 0) as usize)
        .and_then(|length| stored[4..].get(..length))
        .ok_or("its block is shorter than it should be")?;
    let mut bytes = vec![0; content];
    match lz4_flex::block::decompress_into(block, &mut bytes) {
        Ok(length) if length == content => Ok(bytes),
        _ => Err("it cannot be decompressed"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    const SEED: u32 = 12345;

    fn slot(content: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        write_slot(content, &mut out);
        seal_slot(&mut out, SEED);
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_goes_in_comes_out(
            unit in prop::collection::vec(any::<u8>(), 0..600),
            times in 0usize..5,
            spare in 0usize..50,
        ) {
            let content = unit.repeat(times);
            let plain = slot(&content);
            prop_assert!(plain.len() <= slot_bound(&content));
            prop_assert_eq!(read_slot(&plain, SEED), Ok(content.clone()));
            let mut filled = vec![1, 2, 3];
            prop_assert!(write_slot_filling(&content, plain.len() + spare, &mut filled));
            prop_assert_eq!(filled.len(), 3 + plain.len() + spare);
            seal_slot(&mut filled[3..], SEED);
            prop_assert_eq!(read_slot(&filled[3..], SEED), Ok(content));
            prop_assert!(read_slot(&filled[3..], SEED + 1).is_err());
        }

        #[test]
        fn random_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            prop_assert!(read_slot(&bytes, SEED).is_err());
        }
    }

    #[test]
    fn compresses_only_what_pays() {
        assert!(slot(&[7; 5000]).len() < 200);
        assert_eq!(slot(&[7; 512]).len(), 524);
        let noise: Vec<u8> = (0..1250u32).flat_map(|n| crc32c::crc32c(&n.to_le_bytes()).to_le_bytes()).collect();
        assert_eq!(slot(&noise).len(), 5012);
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        for content in [&b"plain"[..], &[9; 600][..]] {
            let good = slot(content);
            for bit in 0..good.len() * 8 {
                let mut bad = good.clone();
                bad[bit / 8] ^= 1 << (bit % 8);
                assert!(read_slot(&bad, SEED).is_err(), "bit {bit}");
            }
        }
    }

    #[test]
    fn a_slot_that_lies_about_its_content_is_refused() {
        for (content, stored, flag, body) in [
            (6, 5, 0, &b"hello"[..]),
            (MAX_PAYLOAD + 1, 5, COMPRESSED, b"hello"),
            (5, 5, COMPRESSED, b"hello"),
            (5, 3, COMPRESSED, b"abc"),
            (1 << 22, 6, COMPRESSED, &[2, 0, 0, 0, 0x10, 0x61]),
        ] {
            let mut out = Vec::new();
            put(&mut out, content, stored, flag, |to| {
                to.extend_from_slice(body);
            });
            seal_slot(&mut out, SEED);
            assert!(read_slot(&out, SEED).is_err(), "{content} {stored}");
        }
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let mut out = Vec::new();
        assert!(!write_slot_filling(b"hello", SLOT_HEADER + 4, &mut out));
        assert!(!write_slot_filling(b"", SLOT_HEADER - 1, &mut out));
        assert!(out.is_empty());
        assert!(write_slot_filling(b"", SLOT_HEADER, &mut out));
    }
}
