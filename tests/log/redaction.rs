//! Forgetting what a commit said, and nothing else.

use rolo::store::disk::{Disk, FaultDisk};
use rolo::store::log::{Appended, FrameKind, Log, LogError, LogOptions, NewFrame, ReadFrom};

use crate::common::{all, applied, assert_is, commit, filled, open, small, write};

fn redacted(seq: u64) -> NewFrame {
    NewFrame { kind: FrameKind::Redaction, seq, head: b"gone".to_vec(), bodies: vec![Vec::new(); commit(seq).bodies.len()] }
}

fn check(log: &Log, appended: &[Appended], gone: &[u64]) {
    let frames = all(log);
    assert_eq!(frames.len(), appended.len());
    for (frame, appended) in frames.iter().zip(appended) {
        let expected = if gone.contains(&frame.seq) { redacted(frame.seq) } else { commit(frame.seq) };
        assert_is(frame, &expected);
        assert_eq!(frame.at, appended.at, "no frame moved");
        assert_eq!(frame.places, appended.places, "no body moved");
        for (place, body) in frame.places.iter().zip(&frame.bodies) {
            assert_eq!(&log.read(*place).unwrap(), body);
        }
    }
}

fn holds(disk: &FaultDisk, text: &str) -> bool {
    disk.list().unwrap().iter().any(|name| {
        let bytes = disk.bytes(name).unwrap();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

#[test]
fn only_what_was_to_be_forgotten_is_gone() {
    let (disk, appended) = filled(24);
    let (mut log, _) = open(&disk, small()).unwrap();
    let reader = log.reader();
    for frame in &appended {
        for place in &frame.places {
            reader.read(*place).unwrap();
        }
    }
    let gone = [1, 2, 9, 23, 24];
    assert!(holds(&disk, "body 0 of 9;") && holds(&disk, "head of 23"));
    log.redact(&gone.map(redacted)).unwrap();
    for seq in gone {
        assert!(!holds(&disk, &format!("head of {seq}\n")));
        assert!(!holds(&disk, &format!("body 0 of {seq};")));
    }
    assert!(holds(&disk, "body 0 of 10;") && holds(&disk, "head of 22"));
    check(&log, &appended, &gone);
    // A reader that had the old bytes in its block does not give them away.
    for place in &appended[22].places {
        assert!(reader.read(*place).unwrap().is_empty());
    }
    // The last segment was replaced too: writing goes on in the new one.
    let mut appended = appended;
    appended.extend(write(&mut log, 3));
    check(&log, &appended, &gone);
    drop(log);
    // The image's place is still right, also that of a redacted frame.
    for known in [9, 24, 27] {
        let options = applied(appended[known - 1].at, known as u64);
        let (log, opening) = open(&disk, options).unwrap();
        assert_eq!(opening.last_seq, 27);
        check(&log, &appended, &gone);
    }
    // Forgetting twice is no mistake.
    let (mut log, _) = open(&disk, small()).unwrap();
    log.redact(&[redacted(9)]).unwrap();
    check(&log, &appended, &gone);
}

#[test]
fn a_redaction_is_whole_or_not_there() {
    let (disk, appended) = filled(24);
    let (mut stopped_before, mut stopped_after) = (0, 0);
    for step in 0.. {
        let round = disk.copy();
        let (mut log, _) = open(&round, small()).unwrap();
        round.stop_after(step);
        let done = log.redact(&[redacted(3)]).is_ok();
        drop(log);
        round.power_cut(step);
        let (log, opening) = open(&round, small()).unwrap();
        assert_eq!(opening.last_seq, 24);
        let gone = log.frames(ReadFrom::Seq(3)).next().unwrap().unwrap().kind == FrameKind::Redaction;
        check(&log, &appended, if gone { &[3] } else { &[] });
        assert!(gone || !done);
        match gone {
            true => stopped_after += 1,
            false => stopped_before += 1,
        }
        assert!(!round.list().unwrap().iter().any(|name| name.ends_with(".new")));
        if done {
            break;
        }
    }
    assert!(stopped_before > 2 && stopped_after > 0);
}

#[test]
fn what_cannot_be_redacted_says_why() {
    let (disk, appended) = filled(24);
    let (mut log, _) = open(&disk, small()).unwrap();
    let refused = |log: &mut Log, frame: NewFrame| {
        let error = log.redact(&[frame]).err().unwrap();
        assert!(matches!(error, LogError::Redaction { .. }), "{error}");
        error.to_string()
    };
    assert_eq!(refused(&mut log, redacted(25)), "commit 25 cannot be redacted: it is not in the log");
    assert_eq!(refused(&mut log, redacted(0)), "commit 0 cannot be redacted: it is not in the log");
    assert_eq!(refused(&mut log, commit(3)), "commit 3 cannot be redacted: its replacement is not marked as a redaction");
    let mut fewer = redacted(3);
    fewer.bodies.pop();
    assert_eq!(refused(&mut log, fewer), "commit 3 cannot be redacted: it has 3 bodies, 2 were given");
    let mut longer = redacted(3);
    longer.head = vec![b'x'; 100];
    assert!(refused(&mut log, longer).contains("its head takes 100 bytes, there is room for 9"));
    let twice = log.redact(&[redacted(3), redacted(3)]).err().unwrap();
    assert_eq!(twice.to_string(), "commit 3 cannot be redacted: two replacements were given");
    check(&log, &appended, &[]);
    assert!(log.is_writable());
    // All or nothing: the second of these cannot be made.
    assert!(log.redact(&[redacted(3), redacted(99)]).is_err());
    check(&log, &appended, &[]);
    let reading = LogOptions { writable: false, ..small() };
    let (mut log, _) = open(&disk, reading).unwrap();
    assert!(matches!(log.redact(&[redacted(3)]), Err(LogError::ReadOnly)));
}

#[test]
fn a_full_disk_leaves_everything_as_it_was() {
    let (disk, appended) = filled(24);
    let (mut log, _) = open(&disk, small()).unwrap();
    disk.set_capacity(Some(1));
    assert!(matches!(log.redact(&[redacted(3)]), Err(LogError::Full { .. })));
    check(&log, &appended, &[]);
    assert_eq!(disk.list().unwrap().len(), 3);
    disk.mend();
    log.redact(&[redacted(3)]).unwrap();
    check(&log, &appended, &[3]);
}
