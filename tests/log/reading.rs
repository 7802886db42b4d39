//! Reading: from any place, while the log grows, without much ado.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, atomic::AtomicBool};

use std::ops::ControlFlow;

use rolo::store::disk::{FaultDisk, MemoryDisk, Operation};
use rolo::store::log::{Appended, FramePlace, Log, LogError, LogOptions, NewFrame, Place, ReadFrom};

use crate::common::{ID, applied, assert_is, commit, commits, create, filled, open, small, write};

#[test]
fn reading_begins_anywhere() {
    let (disk, appended) = filled(40);
    for options in [small(), applied(appended[39].at, 40)] {
        let (log, _) = open(&disk, options).unwrap();
        let seqs = |from| -> Vec<u64> { log.frames(from).map(|frame| frame.unwrap().seq).collect() };
        for seq in 1..=40u64 {
            let at = appended[seq as usize - 1].at;
            let rest: Vec<u64> = (seq..=40).collect();
            assert_eq!(seqs(ReadFrom::Seq(seq)), rest);
            assert_eq!(seqs(ReadFrom::At(at)), rest);
            assert_eq!(seqs(ReadFrom::After(at)), rest[1..]);
        }
        assert_eq!(seqs(ReadFrom::Start).len(), 40);
        assert_eq!(seqs(ReadFrom::Seq(0)).len(), 40);
        assert!(seqs(ReadFrom::Seq(41)).is_empty());
        assert!(seqs(ReadFrom::Seq(u64::MAX)).is_empty());
    }
}

#[test]
fn places_where_nothing_lies_are_refused() {
    let (disk, appended) = filled(24);
    let (log, _) = open(&disk, small()).unwrap();
    let good = appended[6].places[0];
    log.read(good).unwrap();
    for bad in [
        Place { segment: 0, ..good },
        Place { segment: 9, ..good },
        Place { offset: 0, ..good },
        Place { offset: good.offset + 1, ..good },
        Place { offset: 1 << 40, ..good },
        Place { offset: u64::MAX, ..good },
        Place { length: 0, ..good },
        Place { length: good.length + 1, ..good },
        Place { length: good.length - 1, ..good },
        Place { length: u32::MAX, ..good },
    ] {
        assert!(matches!(log.read(bad), Err(LogError::Damaged { .. })), "{bad:?}");
    }
    let good = appended[6].at;
    for bad in [
        FramePlace { segment: 0, ..good },
        FramePlace { segment: 9, ..good },
        FramePlace { offset: 0, ..good },
        FramePlace { offset: good.offset + 1, ..good },
        FramePlace { offset: 1 << 40, ..good },
        FramePlace { offset: u64::MAX, ..good },
        FramePlace { crc: !good.crc, ..good },
    ] {
        for from in [ReadFrom::At(bad), ReadFrom::After(bad)] {
            let mut frames = log.frames(from);
            assert!(matches!(frames.next(), Some(Err(LogError::Damaged { .. }))));
            assert!(frames.next().is_none());
        }
        // An image that says so was never one of this log.
        assert!(matches!(open(&disk, applied(bad, 7)), Err(LogError::Diverged { .. })));
    }
}

#[test]
fn only_what_is_synced_is_handed_out_as_frames() {
    let disk = FaultDisk::new();
    let mut log = create(&disk, small());
    write(&mut log, 2);
    let appended = log.append(&commits(3..6)).unwrap();
    assert_eq!((log.synced_seq(), log.last_seq()), (2, 5));
    assert_eq!(log.frames(ReadFrom::Start).count(), 2);
    assert_eq!(log.frames(ReadFrom::Seq(3)).count(), 0);
    // The writer itself can read a body that it has just appended.
    assert_eq!(log.read(appended[0].places[0]).unwrap(), commit(3).bodies[0]);
    let before = log.frames(ReadFrom::Start);
    log.sync().unwrap();
    assert_eq!(log.frames(ReadFrom::Start).count(), 5);
    assert_eq!(before.count(), 2, "it ends where the log ended");
}

#[test]
fn reading_ahead_makes_a_scan_cheap_and_a_page_exact() {
    let disk = FaultDisk::new();
    let mut log = create(&disk, LogOptions::default());
    let mut places = Vec::new();
    for seq in 1..=100 {
        let bodies: Vec<Vec<u8>> = (0..100u64).map(|body| format!("record {seq}/{body} {}", "x".repeat(150)).into_bytes()).collect();
        let frame = NewFrame { bodies: bodies.clone(), ..commit(seq) };
        let appended = log.append(&[frame]).unwrap();
        places.extend(appended[0].places.iter().copied().zip(bodies));
    }
    log.sync().unwrap();
    let reads = |log: &Log, chosen: &mut dyn Iterator<Item = usize>| {
        let before = disk.count(Operation::Read);
        let reader = log.reader();
        for index in chosen {
            assert_eq!(reader.read(places[index].0).unwrap(), places[index].1);
        }
        disk.count(Operation::Read) - before
    };
    assert_eq!(places.len(), 10_000);
    assert!(reads(&log, &mut (0..10_000)) < 30);
    assert!(reads(&log, &mut (0..10_000).step_by(3)) < 60);
    // Far apart, or backwards: each its own.
    assert_eq!(reads(&log, &mut (0..10_000).step_by(2_500)), 4);
    assert_eq!(reads(&log, &mut (0..10_000).step_by(2_500).rev()), 4);
    assert_eq!(reads(&log, &mut [7; 50].into_iter()), 1);
}

#[test]
fn many_read_while_one_writes() {
    let disk = MemoryDisk::new();
    let (mut log, _) = Log::create(Arc::new(disk), ID, small()).unwrap();
    let synced = AtomicU64::new(0);
    let done = AtomicBool::new(false);
    let known: Mutex<Vec<Appended>> = Mutex::default();
    std::thread::scope(|scope| {
        for thread in 0..3u64 {
            let reader = log.reader();
            let (synced, done, known) = (&synced, &done, &known);
            scope.spawn(move || {
                let mut state = thread + 1;
                let mut rounds = 0;
                while !done.load(Ordering::Acquire) || rounds < 10 {
                    rounds += 1;
                    let least = synced.load(Ordering::Acquire);
                    let start = least.saturating_sub(20);
                    let frames: Vec<_> = reader.frames(ReadFrom::Seq(start)).collect::<Result<_, _>>().unwrap();
                    for (frame, seq) in frames.iter().zip(start.max(1)..) {
                        assert_is(frame, &commit(seq));
                    }
                    let last = frames.last().map_or(0, |frame| frame.seq);
                    assert!(last >= least, "{last} of {least}");
                    state = state.wrapping_mul(6364136223846793005).wrapping_add(1);
                    let pick = {
                        let known = known.lock().unwrap();
                        let index = (state >> 33) as usize % known.len().max(1);
                        known.get(index).cloned()
                    };
                    if let Some(frame) = pick {
                        for (place, body) in frame.places.iter().zip(&commit(frame.seq).bodies) {
                            assert_eq!(&reader.read(*place).unwrap(), body);
                        }
                    }
                }
            });
        }
        for group in 0..300 {
            let appended = write(&mut log, group % 4 + 1);
            known.lock().unwrap().extend(appended);
            synced.store(log.last_seq(), Ordering::Release);
        }
        done.store(true, Ordering::Release);
    });
}

#[test]
fn progress_is_told_and_can_stop_it() {
    let disk = FaultDisk::new();
    let mut log = create(&disk, LogOptions::default());
    for seq in 1..=40 {
        let body: Vec<u8> = (0..25_000u32).flat_map(|n| (n ^ seq as u32).wrapping_mul(0x9E37_79B9).to_le_bytes()).collect();
        log.append(&[NewFrame { bodies: vec![body], ..commit(seq) }]).unwrap();
    }
    log.sync().unwrap();
    let told: Arc<Mutex<Vec<(u64, u64)>>> = Arc::default();
    let seen = Arc::clone(&told);
    let options = LogOptions {
        progress: Some(Box::new(move |done, total| {
            seen.lock().unwrap().push((done, total));
            ControlFlow::Continue(())
        })),
        ..LogOptions::default()
    };
    open(&disk, options).unwrap();
    let told = told.lock().unwrap();
    assert!(told.len() > 3);
    assert!(told.is_sorted());
    assert_eq!(told[0].0, 0);
    let (done, total) = told[told.len() - 1];
    assert_eq!(done, total);
    for stop_at in 0..told.len() {
        let mut calls = 0;
        let options = LogOptions {
            progress: Some(Box::new(move |_, _| {
                calls += 1;
                if calls > stop_at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })),
            ..LogOptions::default()
        };
        assert!(matches!(open(&disk, options), Err(LogError::Cancelled)));
    }
}

#[test]
fn a_reader_of_a_growing_log_disturbs_nothing() {
    let disk = FaultDisk::new();
    let mut log = create(&disk, small());
    for round in 1..30 {
        write(&mut log, 1);
        log.append(&commits(log.last_seq() + 1..log.last_seq() + 3)).unwrap();
        let changes = || [Operation::Write, Operation::Sync, Operation::SetLen, Operation::Remove].map(|operation| disk.count(operation));
        let before = changes();
        let options = LogOptions { writable: false, ..small() };
        let (reading, opening) = open(&disk, options).unwrap();
        assert_eq!(opening.last_seq, round * 3);
        assert!(!opening.writable && opening.cut.is_none());
        crate::common::check_frames(&reading, round * 3);
        assert_eq!(changes(), before);
        log.sync().unwrap();
    }
}

#[test]
fn clean_logs_are_opened_at_their_end() {
    let disk = FaultDisk::new();
    let mut log = create(&disk, small());
    while log.segments().len() < 20 {
        write(&mut log, 5);
    }
    let last = log.last().unwrap();
    let seq = log.last_seq();
    let (_, opening) = open(&disk, applied(last, seq)).unwrap();
    assert!(opening.checked < 1500, "{} bytes were checked", opening.checked);
    let (_, opening) = open(&disk, small()).unwrap();
    assert!(opening.checked > log.bytes() - 1500);
}

#[test]
fn heads_are_frames_without_their_bodies() {
    let (disk, appended) = filled(40);
    let (log, _) = open(&disk, small()).unwrap();
    let heads: Vec<_> = log.heads(ReadFrom::Start).collect::<Result<_, _>>().unwrap();
    assert_eq!(heads.len(), 40);
    for (head, appended) in heads.iter().zip(&appended) {
        let expected = commit(appended.seq);
        assert_eq!((head.kind, head.seq, &head.head), (expected.kind, appended.seq, &expected.head));
        assert_eq!((head.at, &head.places), (appended.at, &appended.places));
        let alone = log.heads(ReadFrom::At(head.at)).next().unwrap().unwrap();
        assert_eq!(&alone, head);
    }
}

#[test]
fn a_seq_is_found_without_reading_from_the_start() {
    let disk = FaultDisk::new();
    let mut log = create(&disk, LogOptions::default());
    for seq in 1..=4_000 {
        // Not to be compressed: 500 bytes.
        let frame = NewFrame { bodies: vec![vec![1; 500]; 2], ..commit(seq) };
        log.append(&[frame]).unwrap();
    }
    log.sync().unwrap();
    let (last, seq) = (log.last().unwrap(), log.last_seq());
    let known = LogOptions { applied: Some((seq, last)), ..LogOptions::default() };
    let reads = |log: &Log, seq: u64| {
        let before = disk.count(Operation::Read);
        assert_eq!(log.heads(ReadFrom::Seq(seq)).next().unwrap().unwrap().seq, seq);
        disk.count(Operation::Read) - before
    };
    let (scanned, _) = open(&disk, LogOptions::default()).unwrap();
    let (unscanned, _) = open(&disk, known).unwrap();
    for log in [log, scanned] {
        assert!(reads(&log, 3_900) < 6);
    }
    assert!(reads(&unscanned, 3_900) > 12, "the first time from the start");
    assert!(reads(&unscanned, 3_800) < 6, "from then on it knows the way");
}
