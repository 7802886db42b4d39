//! What all tests of the log share: commits whose content follows from their
//! seq, so that any reader can tell whether it got the right one.

use std::sync::Arc;

use rolo::store::disk::FaultDisk;
use rolo::store::log::{Appended, Frame, FrameKind, FramePlace, Log, LogError, LogOptions, NewFrame, Opening, ReadFrom, StoreId};

pub(crate) const ID: StoreId = StoreId(*b"a store for test");

pub(crate) fn commit(seq: u64) -> NewFrame {
    NewFrame {
        kind: FrameKind::Commit,
        seq,
        head: format!("head of {seq}").into_bytes(),
        bodies: (0..seq % 4).map(|body| body_of(seq, body)).collect(),
    }
}

pub(crate) fn commits(seqs: impl IntoIterator<Item = u64>) -> Vec<NewFrame> {
    seqs.into_iter().map(commit).collect()
}

/// Some bodies are long enough to be compressed.
fn body_of(seq: u64, body: u64) -> Vec<u8> {
    let text = format!("body {body} of {seq};");
    let times = if seq.wrapping_add(body).is_multiple_of(5) { 60 } else { 1 };
    text.repeat(times).into_bytes()
}

/// Segments and steps so small that a few commits fill them.
pub(crate) fn small() -> LogOptions {
    LogOptions { segment_size: 1024, preallocate: 512, ..LogOptions::default() }
}

pub(crate) fn applied(last: FramePlace, seq: u64) -> LogOptions {
    LogOptions { applied: Some((seq, last)), ..small() }
}

pub(crate) fn create(disk: &FaultDisk, options: LogOptions) -> Log {
    Log::create(Arc::new(disk.clone()), ID, options).unwrap().0
}

pub(crate) fn open(disk: &FaultDisk, options: LogOptions) -> Result<(Log, Opening), LogError> {
    Log::open(Arc::new(disk.clone()), options)
}

/// Appends the next `count` commits as one group, synced.
pub(crate) fn write(log: &mut Log, count: u64) -> Vec<Appended> {
    let next = log.last_seq() + 1;
    let appended = log.append(&commits(next..next + count)).unwrap();
    log.sync().unwrap();
    appended
}

pub(crate) fn all(log: &Log) -> Vec<Frame> {
    log.frames(ReadFrom::Start).collect::<Result<_, _>>().unwrap()
}

pub(crate) fn assert_is(frame: &Frame, expected: &NewFrame) {
    assert_eq!((frame.kind, frame.seq), (expected.kind, expected.seq));
    assert_eq!(frame.head, expected.head);
    assert_eq!(frame.bodies, expected.bodies);
}

/// Reads everything in both ways and compares it with what was written.
pub(crate) fn check_frames(log: &Log, count: u64) {
    let frames = all(log);
    assert_eq!(frames.len() as u64, count);
    for (frame, seq) in frames.iter().zip(1..) {
        assert_is(frame, &commit(seq));
        for (place, body) in frame.places.iter().zip(&frame.bodies) {
            assert_eq!(&log.read(*place).unwrap(), body);
        }
    }
}

/// A log in segments of a few commits, all synced in groups of two.
pub(crate) fn filled(count: u64) -> (FaultDisk, Vec<Appended>) {
    let disk = FaultDisk::new();
    let mut log = create(&disk, small());
    let mut appended = Vec::new();
    while log.last_seq() < count {
        let next = 2.min(count - log.last_seq());
        appended.extend(write(&mut log, next));
    }
    (disk, appended)
}
