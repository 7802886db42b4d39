//! A sliding view of one file: reads ahead in large pieces and hands out slices.

use std::io;
use std::sync::Arc;

use crate::store::disk::{DiskFile, read_full};

/// How much is read at once, in bytes: little at first, since many readers want
/// one frame, and more with each piece.
const AHEAD: (usize, usize) = (8 * 1024, 256 * 1024);

/// What a page of reserved space holds.
const ZEROS: [u8; 4096] = [0; 4096];

/// The part of a file that is in memory.
pub(super) struct Window {
    file: Arc<dyn DiskFile>,
    bytes: Vec<u8>,
    start: u64,
    ahead: usize,
}

impl Window {
    pub(super) fn new(file: Arc<dyn DiskFile>) -> Self {
        Self { file, bytes: Vec::new(), start: 0, ahead: AHEAD.0 }
    }

    /// Returns `length` bytes from `offset`, or as many as there are before
    /// `limit` and the end of the file.
    pub(super) fn get(&mut self, offset: u64, length: usize, limit: u64) -> io::Result<&[u8]> {
        let left = usize::try_from(limit.saturating_sub(offset)).unwrap_or(usize::MAX);
        let length = length.min(left);
        let held = self.start + self.bytes.len() as u64;
        if offset < self.start || offset + length as u64 > held {
            self.bytes.resize(length.max(self.ahead.min(left)), 0);
            self.ahead = (self.ahead * 4).min(AHEAD.1);
            self.start = offset;
            let count = read_full(&*self.file, offset, &mut self.bytes).inspect_err(|_| self.bytes.clear());
            self.bytes.truncate(count?);
        }
        let start = ((offset - self.start) as usize).min(self.bytes.len());
        let end = (start + length).min(self.bytes.len());
        Ok(&self.bytes[start..end])
    }

    /// Returns where the last byte before `limit` that is not zero lies, from
    /// `offset` on.
    pub(super) fn last_not_zero(&mut self, offset: u64, limit: u64) -> io::Result<Option<u64>> {
        let mut last = None;
        let mut at = offset;
        loop {
            let chunk = self.get(at, AHEAD.1, limit)?;
            if chunk.is_empty() {
                return Ok(last);
            }
            // Reserved space is long: whole pages are compared at once.
            let page = chunk.chunks(ZEROS.len()).rposition(|page| *page != ZEROS[..page.len()]);
            if let Some(page) = page.map(|page| page * ZEROS.len()) {
                let behind = (page + ZEROS.len()).min(chunk.len());
                let place = chunk[page..behind].iter().rposition(|byte| *byte != 0).unwrap_or_default();
                last = Some(at + (page + place) as u64);
            }
            at += chunk.len() as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;
    use crate::store::disk::{Disk, MemoryDisk, write_full};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(50))]

        #[test]
        fn any_piece_is_what_the_file_has(
            length in 0usize..700_000,
            pieces in prop::collection::vec((0u64..800_000, 0usize..300_000, 0u64..800_000), 1..20),
        ) {
            let content: Vec<u8> = (0..length).map(|at| (at / 1000) as u8).collect();
            let file = MemoryDisk::new().create("x").unwrap();
            write_full(&*file, 0, &content).unwrap();
            let mut window = Window::new(file);
            for (offset, length, limit) in pieces {
                let end = content.len().min(limit as usize);
                let from = (offset as usize).min(end);
                let expected = &content[from..end.min(from + length)];
                prop_assert_eq!(window.get(offset, length, limit).unwrap(), expected);
                let last = content[from..end].iter().rposition(|byte| *byte != 0);
                prop_assert_eq!(
                    window.last_not_zero(offset, limit).unwrap(),
                    last.map(|at| (from + at) as u64)
                );
            }
        }
    }
}
