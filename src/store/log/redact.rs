//! Forgetting: replacing what a frame says without moving anything else.
//!
//! Only the fact that there was a commit stays, its seq and its link, so that
//! the chain is as checkable as before. Every other frame, every place and the
//! image's idea of how far it has applied stay right.
//!
//! What this cannot do: the old bytes may linger in free blocks of the disk, in
//! `cut-…` files beside the segments, and in backups. The caller names those.

use std::collections::BTreeMap;
use std::io;

use super::frame::{check_size, replace_payload};
use super::layout::{BESIDE, FRAME_HEADER, FrameHeader, Site, segment_name};
use super::segments::{Segment, Shared};
use super::walk::{Step, Walk};
use super::writer::copy_range;
use super::{FrameKind, LogError, NewFrame};
use crate::store::disk::write_full;

/// The bytes that replace a frame, and where.
struct Patch {
    offset: u64,
    bytes: Vec<u8>,
}

/// What replaces frames, by segment.
pub(super) struct Redactions {
    by_segment: BTreeMap<u32, Vec<Patch>>,
}

impl Redactions {
    /// Reads the frames that `replacements` name and prepares what stands in
    /// their place. Nothing is changed yet.
    pub(super) fn prepare(shared: &Shared, replacements: &[NewFrame]) -> Result<Self, LogError> {
        let mut by_seq: BTreeMap<u64, &NewFrame> = BTreeMap::new();
        for new in replacements {
            let refused = |why: &str| LogError::Redaction { seq: new.seq, why: why.to_owned() };
            if new.kind != FrameKind::Redaction {
                return Err(refused("its replacement is not marked as a redaction"));
            }
            check_size(new)?;
            if by_seq.insert(new.seq, new).is_some() {
                return Err(refused("two replacements were given"));
            }
        }
        let segments = shared.segments().clone();
        let mut by_segment = BTreeMap::new();
        for (index, segment) in segments.iter().enumerate() {
            let next = segments.get(index + 1).map_or(u64::MAX, |next| next.first_seq);
            let wanted: BTreeMap<u64, &NewFrame> = by_seq.range(segment.first_seq..next).map(|(seq, new)| (*seq, *new)).collect();
            if !wanted.is_empty() {
                by_segment.insert(segment.number, patches(shared, segment, wanted)?);
            }
        }
        let found: usize = by_segment.values().map(Vec::len).sum();
        if found < by_seq.len() {
            let first = segments.first().map_or(0, |segment| segment.first_seq);
            let seq = by_seq.keys().find(|seq| **seq < first).copied().unwrap_or_default();
            return Err(not_there(seq));
        }
        Ok(Self { by_segment })
    }

    /// Writes each segment concerned beside the old one, checks it, and puts it
    /// in its place. Returns whether the names may have changed when it fails.
    pub(super) fn carry_out(self, shared: &Shared) -> Result<(), (LogError, bool)> {
        for (number, patches) in self.by_segment {
            let name = segment_name(number);
            let beside = format!("{name}{BESIDE}");
            if let Err(error) = write_beside(shared, number, &beside, &patches) {
                let _ = shared.disk.remove(&beside);
                return Err((error, false));
            }
            let put = || {
                shared.disk.rename(&beside, &name)?;
                shared.replaced(number);
                shared.disk.sync_dir()
            };
            put().map_err(|error: io::Error| (LogError::io("replacing", &name, error), true))?;
        }
        Ok(())
    }
}

fn not_there(seq: u64) -> LogError {
    LogError::Redaction { seq, why: "it is not in the log".to_owned() }
}

/// Computes the patches of one segment.
fn patches(shared: &Shared, segment: &Segment, mut wanted: BTreeMap<u64, &NewFrame>) -> Result<Vec<Patch>, LogError> {
    let mut walk = shared.walk(segment)?;
    let mut patches = Vec::new();
    while let Some((&seq, _)) = wanted.first_key_value() {
        let step = walk.step().map_err(|error| LogError::io("reading", &segment_name(segment.number), error))?;
        let view = match step {
            Step::Frame(view) => view,
            Step::End => return Err(not_there(seq)),
            Step::Bad(bad) => return Err(bad.damaged(segment.number)),
        };
        let Some(new) = wanted.remove(&view.header.seq) else {
            continue;
        };
        let payload =
            replace_payload(view.payload, new, view.offset, view.site).map_err(|why| LogError::Redaction { seq: new.seq, why })?;
        let header = FrameHeader { kind: FrameKind::Redaction as u8, payload_crc: crc32c::crc32c(&payload), ..view.header };
        let mut bytes = header.encode(view.site.seed(view.offset)).to_vec();
        debug_assert_eq!(bytes.len(), FRAME_HEADER);
        bytes.extend_from_slice(&payload);
        patches.push(Patch { offset: view.offset, bytes });
    }
    Ok(patches)
}

/// Writes a patched copy of a segment, synced, and reads it once through.
fn write_beside(shared: &Shared, number: u32, beside: &str, patches: &[Patch]) -> Result<(), LogError> {
    let Some(segment) = shared.segment(number) else {
        return Err(LogError::MissingSegment { segment: number });
    };
    let old = shared.file(number)?;
    let write = || {
        let length = old.size()?;
        let file = shared.disk.create(beside)?;
        file.allocate(0, length)?;
        copy_range(&*old, 0, segment.written, &*file, 0)?;
        for patch in patches {
            write_full(&*file, patch.offset, &patch.bytes)?;
        }
        file.sync_data()?;
        Ok(file)
    };
    let file = write().map_err(|error| LogError::io("writing", beside, error))?;
    let mut walk = Walk::new(file, Site::new(shared.store_id, number), segment.written, true, segment.before);
    loop {
        let step = walk.step().map_err(|error| LogError::io("reading", beside, error))?;
        match step {
            Step::Frame(_) => {}
            Step::End => return Ok(()),
            Step::Bad(bad) => return Err(bad.damaged(number)),
        }
    }
}
