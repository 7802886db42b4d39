//! The log from outside: what it promises, under everything that a disk and a
//! power supply can do to it.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use rolo::store::disk::{Disk, FaultDisk, MemoryDisk, RealDisk};
use rolo::store::log::{Appended, Frame, FrameKind, Log, LogError, LogOptions, NewFrame, ReadFrom, StoreId};

const ID: StoreId = StoreId(*b"a store for test");

/// A commit whose content follows from its seq: any reader can tell whether it
/// is the right one.
fn commit(seq: u64) -> NewFrame {
    NewFrame {
        kind: FrameKind::Commit,
        seq,
        head: format!("head of {seq}").into_bytes(),
        bodies: (0..seq % 4).map(|body| body_of(seq, body)).collect(),
    }
}

fn body_of(seq: u64, body: u64) -> Vec<u8> {
    let text = format!("body {body} of {seq};");
    let times = if (seq + body).is_multiple_of(5) { 60 } else { 1 };
    text.repeat(times).into_bytes()
}

fn small() -> LogOptions {
    LogOptions { segment_size: 4096, preallocate: 1024, ..LogOptions::default() }
}

fn create(disk: &FaultDisk, options: LogOptions) -> Log {
    Log::create(Arc::new(disk.clone()), ID, options).unwrap().0
}

fn all(log: &Log) -> Vec<Frame> {
    log.frames(ReadFrom::Start).collect::<Result<_, _>>().unwrap()
}

fn check_frames(log: &Log, count: u64) {
    let frames = all(log);
    assert_eq!(frames.len() as u64, count);
    for (frame, seq) in frames.iter().zip(1..) {
        let expected = commit(seq);
        assert_eq!((frame.kind, frame.seq), (expected.kind, seq));
        assert_eq!((&frame.head, &frame.bodies), (&expected.head, &expected.bodies));
        for (place, body) in frame.places.iter().zip(&expected.bodies) {
            assert_eq!(&log.read(*place).unwrap(), body);
        }
    }
}

/// Appends the next `count` commits as one group, synced.
fn write(log: &mut Log, count: u64) -> Vec<Appended> {
    let next = log.last_seq() + 1;
    let frames: Vec<NewFrame> = (next..next + count).map(commit).collect();
    let appended = log.append(&frames).unwrap();
    log.sync().unwrap();
    appended
}

#[test]
fn what_is_written_is_read_on_every_disk() {
    let folder = tempfile::tempdir().unwrap();
    let disks: [Arc<dyn Disk>; 3] =
        [Arc::new(MemoryDisk::new()), Arc::new(FaultDisk::new()), Arc::new(RealDisk::create(&folder.path().join("log")).unwrap())];
    for disk in disks {
        let (mut log, opening) = Log::create(Arc::clone(&disk), ID, small()).unwrap();
        assert_eq!((opening.last_seq, opening.last), (0, None));
        for group in 1..20 {
            write(&mut log, group);
        }
        check_frames(&log, 190);
        assert!(log.segments().len() > 3);
        drop(log);
        let (mut log, opening) = Log::open(disk, small()).unwrap();
        assert_eq!(opening.last_seq, 190);
        assert_eq!(opening.store_id, ID);
        assert!(opening.cut.is_none() && opening.torn.is_none() && opening.writable);
        check_frames(&log, 190);
        write(&mut log, 3);
        check_frames(&log, 193);
    }
}

#[test]
fn a_log_is_made_once() {
    let disk = FaultDisk::new();
    assert!(matches!(Log::open(Arc::new(disk.clone()), small()), Err(LogError::NoLog)));
    create(&disk, small());
    assert!(matches!(Log::create(Arc::new(disk), ID, small()), Err(LogError::Exists)));
}
