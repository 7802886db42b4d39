//! Writes, syncs and reservations that fail: told at once, nothing lost, reading
//! goes on.

use rolo::store::disk::{Disk, FaultDisk, Operation};
use rolo::store::log::{FrameKind, Log, LogError, LogOptions, MAX_PAYLOAD, NewFrame, ReadFrom};
use rustix::io::Errno;

use crate::common::{all, assert_is, check_frames, commit, commits, create, filled, open, small, write};

/// Writes groups until the first error and returns it with the last seq that
/// was acknowledged before.
fn write_until_it_fails(log: &mut Log) -> (u64, LogError) {
    let mut acknowledged = log.synced_seq();
    for _ in 0..30 {
        let next = log.last_seq() + 1;
        match log.append(&commits(next..next + 3)).and_then(|_| log.sync()) {
            Ok(()) => acknowledged = next + 2,
            Err(error) => return (acknowledged, error),
        }
    }
    panic!("nothing failed");
}

#[test]
fn any_operation_may_fail_at_any_time() {
    for operation in [
        Operation::Write,
        Operation::Sync,
        Operation::Allocate,
        Operation::SetLen,
        Operation::Create,
        Operation::Rename,
        Operation::SyncDir,
    ] {
        let mut rounds = 0;
        for nth in 0..12 {
            let disk = FaultDisk::new();
            let mut log = create(&disk, small());
            disk.fail(operation, nth, Errno::IO);
            if disk.count(operation) + nth > 100 {
                break;
            }
            let mut clean = 0;
            while clean < 30 && !log.is_poisoned() {
                let next = log.last_seq() + 1;
                if log.append(&commits(next..next + 3)).and_then(|_| log.sync()).is_err() {
                    break;
                }
                clean += 1;
            }
            if clean == 30 {
                break;
            }
            rounds += 1;
            let acknowledged = clean * 3;
            assert!(log.is_poisoned(), "{operation:?} {nth}");
            assert!(!log.is_writable());
            // From now on every call is refused, and nothing touches the disk.
            let before = disk.count(Operation::Write) + disk.count(Operation::Sync);
            for _ in 0..3 {
                let error = log.append(&[commit(log.last_seq() + 1)]).err().unwrap();
                assert!(matches!(error, LogError::Poisoned { .. }));
                assert!(error.to_string().contains("failed"), "{error}");
                assert!(matches!(log.sync(), Err(LogError::Poisoned { .. })));
                assert!(matches!(log.redact(&[]), Err(LogError::Poisoned { .. })));
            }
            let after = disk.count(Operation::Write) + disk.count(Operation::Sync);
            assert_eq!(before, after);
            // Reading goes on, up to what was synced.
            check_frames(&log, log.synced_seq());
            assert!(log.synced_seq() >= acknowledged);
            // The next process finds everything acknowledged, after a power cut too.
            drop(log);
            let cut = disk.copy();
            disk.power_cut(nth);
            for disk in [disk, cut] {
                let (mut log, opening) = open(&disk, small()).unwrap();
                assert!(opening.last_seq >= acknowledged, "{operation:?} {nth}");
                check_frames(&log, opening.last_seq);
                write(&mut log, 2);
                check_frames(&log, opening.last_seq + 2);
            }
        }
        assert!(rounds >= 3, "{operation:?} failed in {rounds} rounds only");
    }
}

#[test]
fn what_is_read_after_a_failed_sync_stays() {
    for seed in 0..100 {
        let disk = FaultDisk::new();
        let mut log = create(&disk, small());
        write(&mut log, 3);
        disk.fail(Operation::Sync, 0, Errno::IO);
        log.append(&commits(4..8)).unwrap();
        assert!(matches!(log.sync(), Err(LogError::Io { .. })));
        assert_eq!((log.synced_seq(), log.last_seq()), (3, 7));
        check_frames(&log, 3);
        drop(log);
        // The pages are still in memory, counted as clean: whatever the next
        // process tells its users must not depend on them.
        let (log, opening) = open(&disk, small()).unwrap();
        check_frames(&log, opening.last_seq);
        disk.power_cut(seed);
        let (log, again) = open(&disk, small()).unwrap();
        assert_eq!(again.last_seq, opening.last_seq);
        check_frames(&log, again.last_seq);
    }
}

#[test]
fn a_failed_opening_can_be_repeated() {
    // A torn tail must be copied, cut and synced; power may go at every step.
    let name = "00000001.log";
    let options = || LogOptions { preallocate: 512, ..LogOptions::default() };
    let disk = FaultDisk::new();
    let mut log = create(&disk, options());
    write(&mut log, 4);
    let torn_at = log.append(&commits(5..8)).unwrap()[2].at.offset as usize;
    let mut bytes = disk.bytes(name).unwrap();
    let data = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    bytes[data - 5..].fill(0);
    let junk = bytes[torn_at..data - 5].to_vec();
    disk.put(name, bytes);
    let mut failed = 0;
    for step in 0.. {
        let mut stopped = false;
        for seed in 0..20 {
            let round = disk.copy();
            round.stop_after(step);
            stopped = open(&round, options()).is_err();
            round.power_cut(seed);
            let (log, opening) = open(&round, options()).unwrap();
            assert_eq!(opening.last_seq, 6);
            check_frames(&log, 6);
            let kept = round.list().unwrap().iter().any(|file| file.starts_with("cut-") && round.bytes(file).unwrap() == junk);
            assert!(kept, "what was cut is kept, whenever it was cut");
        }
        if !stopped {
            break;
        }
        failed += 1;
    }
    assert!(failed > 5);
}

#[test]
fn a_full_disk_is_met_before_anything_is_written() {
    let disk = FaultDisk::new();
    let mut log = create(&disk, small());
    let mut full = 0;
    for capacity in (2048..14_000).step_by(400) {
        disk.set_capacity(Some(capacity));
        loop {
            let next = log.last_seq() + 1;
            match log.append(&commits(next..next + 3)) {
                Ok(_) => log.sync().unwrap(),
                Err(error) => {
                    assert!(matches!(error, LogError::Full { .. }), "{error}");
                    assert!(error.to_string().starts_with("the disk is full: "));
                    assert_eq!(log.last_seq() + 1, next);
                    full += 1;
                    break;
                }
            }
        }
        assert!(log.is_writable());
        check_frames(&log, log.last_seq());
        let (again, opening) = open(&disk.copy(), small()).unwrap();
        assert_eq!(opening.last_seq, log.last_seq());
        check_frames(&again, opening.last_seq);
    }
    assert!(full > 20);
    disk.mend();
    write(&mut log, 5);
    check_frames(&log, log.last_seq());
}

#[test]
fn a_disk_that_is_full_from_the_start() {
    let disk = FaultDisk::new();
    disk.set_capacity(Some(100));
    let made = Log::create(std::sync::Arc::new(disk.clone()), crate::common::ID, small());
    assert!(matches!(made, Err(LogError::Full { .. })));
    assert!(disk.list().unwrap().is_empty());
    disk.mend();
    create(&disk, small());
}

#[test]
fn short_writes_are_gone_on_with() {
    let disk = FaultDisk::new();
    let mut log = create(&disk, LogOptions::default());
    for length in [1, 10, 43, 44, 45, 100] {
        disk.short_write(0, length);
        disk.short_write(1, 7);
        write(&mut log, 3);
    }
    disk.short_write(0, 0);
    let (acknowledged, error) = write_until_it_fails(&mut log);
    assert_eq!(acknowledged, 18);
    assert!(matches!(error, LogError::Io { doing: "writing", .. }));
    check_frames(&open(&disk, LogOptions::default()).unwrap().0, 18);
}

#[test]
fn one_sync_for_a_group_and_one_write() {
    let disk = FaultDisk::new();
    let options = LogOptions { preallocate: 1 << 20, ..LogOptions::default() };
    let mut log = create(&disk, options);
    let counts =
        || (disk.count(Operation::Write), disk.count(Operation::Sync), disk.count(Operation::SyncDir), disk.count(Operation::Allocate));
    let (writes, syncs, dirs, allocates) = counts();
    for group in 1..=10 {
        write(&mut log, group);
        log.sync().unwrap();
    }
    assert_eq!(counts(), (writes + 10, syncs + 10, dirs, allocates));
    // A clean log is opened without writing to it, if the image is up to date.
    let options = LogOptions { applied: Some((log.last_seq(), log.last().unwrap())), ..LogOptions::default() };
    drop(log);
    let (_, syncs, ..) = counts();
    let (log, _) = open(&disk, options).unwrap();
    assert_eq!((counts().0, counts().1), (writes + 10, syncs));
    check_frames(&log, 55);
}

#[test]
fn a_new_segment_is_begun_only_when_the_old_one_is_synced() {
    let disk = FaultDisk::new();
    let mut log = create(&disk, small());
    let mut seen = 1;
    while seen < 5 {
        log.append(&commits(log.last_seq() + 1..log.last_seq() + 3)).unwrap();
        let segments = log.segments();
        if segments.len() > seen {
            seen = segments.len();
            // Whatever the power cut takes, the segments before are whole.
            let copy = disk.copy();
            let before = segments[seen - 1].first_seq - 1;
            assert!(log.synced_seq() >= before);
            disk.power_cut(seen as u64);
            let (again, opening) = open(&disk, small()).unwrap();
            assert!(opening.last_seq >= before);
            check_frames(&again, opening.last_seq);
            log = again;
            drop(copy);
        }
    }
    for segment in &log.segments()[..4] {
        let length = disk.len(&format!("{:08}.log", segment.number)).unwrap();
        assert_eq!(length, segment.bytes, "cut to its data");
    }
}

#[test]
fn a_group_stays_together_even_if_it_is_larger_than_a_segment() {
    let disk = FaultDisk::new();
    let mut log = create(&disk, small());
    write(&mut log, 2);
    let writes = disk.count(Operation::Write);
    let group = write(&mut log, 200);
    assert_eq!(disk.count(Operation::Write), writes + 2, "a header, a group");
    assert!(group.iter().all(|frame| frame.at.segment == 2));
    write(&mut log, 1);
    check_frames(&log, 203);
    check_frames(&open(&disk, small()).unwrap().0, 203);
}

#[test]
fn a_log_that_somebody_else_wrote_to_is_left_alone() {
    let (disk, _) = filled(6);
    let (mut first, _) = open(&disk, small()).unwrap();
    let file = disk.open("00000001.log", rolo::store::disk::Access::Write).unwrap();
    let length = file.size().unwrap();
    file.set_len(length + 1024).unwrap();
    let writes = disk.count(Operation::Write);
    let error = first.append(&[commit(7)]).err().unwrap();
    assert_eq!(
        error.to_string(),
        format!(
            "the log was changed by another process: \
             segment 1 is {} bytes long, it was left with {length}",
            length + 1024
        )
    );
    assert!(error.is_damage() && first.is_poisoned());
    assert_eq!(disk.count(Operation::Write), writes);
    check_frames(&first, 6);

    let (mut second, _) = open(&disk, small()).unwrap();
    disk.remove("00000001.log").unwrap();
    let error = second.append(&[commit(7)]).err().unwrap();
    assert_eq!(error.to_string(), "the log was changed by another process: segment 1 is gone");
}

#[test]
fn what_cannot_be_written_is_refused_before_it_is() {
    let (disk, _) = filled(4);
    let (mut log, _) = open(&disk, small()).unwrap();
    let writes = disk.count(Operation::Write);
    for seq in [0, 4, 6, u64::MAX] {
        let error = log.append(&[commit(seq)]).err().unwrap();
        assert_eq!(error.to_string(), format!("commit {seq} does not follow, 5 is next"));
    }
    let error = log.append(&[commit(5), commit(7)]).err().unwrap();
    assert_eq!(error.to_string(), "commit 7 does not follow, 6 is next");
    let large = NewFrame { bodies: vec![vec![0; MAX_PAYLOAD]], ..commit(5) };
    let error = log.append(&[large]).err().unwrap();
    assert!(matches!(error, LogError::TooLarge { .. }), "{error}");
    let redaction = NewFrame { kind: FrameKind::Redaction, ..commit(5) };
    assert!(log.append(&[redaction]).is_err());
    assert_eq!(disk.count(Operation::Write), writes);
    assert!(log.append(&[]).unwrap().is_empty());
    write(&mut log, 1);
    check_frames(&log, 5);
}

#[test]
fn the_largest_frame_there_can_be() {
    let disk = FaultDisk::new();
    let mut log = create(&disk, LogOptions::default());
    // Noise, so that it is as large on disk as it is.
    let noise: Vec<u8> = (0..MAX_PAYLOAD as u64 / 8)
        .flat_map(|n| (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(n as u32 % 64).to_le_bytes())
        .take(MAX_PAYLOAD - 28)
        .collect();
    let frame = NewFrame { kind: FrameKind::Checkpoint, seq: 1, head: Vec::new(), bodies: vec![noise] };
    let places = log.append(std::slice::from_ref(&frame)).unwrap()[0].places.clone();
    log.sync().unwrap();
    write(&mut log, 1);
    let (log, _) = open(&disk, small()).unwrap();
    let frames = all(&log);
    assert_is(&frames[0], &frame);
    assert_is(&frames[1], &commit(2));
    assert_eq!(log.read(places[0]).unwrap(), frame.bodies[0]);
    assert_eq!(log.frames(ReadFrom::Seq(2)).count(), 1);
}
