//! Bits that flip, files that are cut, files that are missing: never a wrong
//! body, never a silent loss.

use proptest::prelude::*;
use rolo::store::disk::{Disk, FaultDisk};
use rolo::store::log::{Appended, FramePlace, Log, LogError, LogOptions, NewFrame, Opening, ReadFrom, StoreId};

use crate::common::{all, applied, assert_is, check_frames, commit, commits, create, filled, open, small, write};

/// Checks that whatever can be read is right, and returns how many frames can
/// be read and whether an error was told.
fn read_all(log: &Log, appended: &[Appended]) -> (u64, bool) {
    let (mut count, mut told) = (0, false);
    let mut last = 0;
    for frame in log.frames(ReadFrom::Start) {
        match frame {
            Ok(frame) => {
                assert!(frame.seq > last);
                last = frame.seq;
                assert_is(&frame, &commit(frame.seq));
                count += 1;
            }
            Err(error) => {
                assert!(error.is_damage(), "{error}");
                told = true;
            }
        }
    }
    for frame in appended {
        for (place, body) in frame.places.iter().zip(&commit(frame.seq).bodies) {
            match log.read(*place) {
                Ok(got) => assert_eq!(&got, body),
                Err(error) => assert!(error.is_damage(), "{error}"),
            }
        }
    }
    (count, told)
}

/// Opens a damaged log with and without what an image knows, and checks that
/// nothing is lost in silence. Returns whether opening noticed, with the image.
fn never_silent(disk: &FaultDisk, appended: &[Appended], boundary: bool, what: &dyn std::fmt::Display) -> bool {
    let noticed = never_silent_strict(disk, appended, boundary, what);
    never_silent_lenient(disk, appended, boundary, what);
    noticed
}

fn never_silent_strict(disk: &FaultDisk, appended: &[Appended], boundary: bool, what: &dyn std::fmt::Display) -> bool {
    let total = appended.len() as u64;
    let place_of = |seq: u64| appended[seq as usize - 1].at;
    let mut noticed = false;
    for known in [0, total / 2, total] {
        let options = match known {
            0 => small(),
            seq => applied(place_of(seq), seq),
        };
        match open(&disk.copy(), options) {
            Err(error) => {
                assert!(error.is_damage(), "{what}: {error}");
                noticed |= known == total;
            }
            Ok((log, opening)) => {
                let (count, told) = read_all(&log, appended);
                let lost = opening.last_seq < total;
                if let Some(cut) = &opening.cut {
                    assert!(known < cut.seq, "{what}: applied frames are never cut");
                    assert!(opening.last_seq < cut.seq);
                } else if lost {
                    assert!(boundary && known < total, "{what}: lost in silence");
                }
                assert!(opening.last_seq >= known, "{what}");
                assert!(told || count == opening.last_seq, "{what}");
                assert!(!lost || known < total, "{what}");
            }
        }
    }
    noticed
}

/// The same for one who wants to read whatever can be read.
fn never_silent_lenient(disk: &FaultDisk, appended: &[Appended], boundary: bool, what: &dyn std::fmt::Display) {
    let total = appended.len() as u64;
    let lenient = LogOptions { accept_damage: true, accept_loss: true, ..small() };
    // If no header is left that tells the store's id, nothing can be read.
    if let Ok((log, opening)) = open(&disk.copy(), lenient) {
        let (count, told) = read_all(&log, appended);
        assert!(!told || !opening.damage.is_empty(), "{what}");
        assert!(opening.damage.is_empty() || !opening.writable);
        assert!(boundary || count + 2 >= total, "{what}: most can still be read");
    }
}

#[test]
fn each_bit_flipped_in_turn() {
    let (disk, appended) = filled(16);
    let segments: Vec<String> = disk.list().unwrap();
    assert_eq!(segments.len(), 2);
    for name in &segments {
        let bytes = disk.bytes(name).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut bad = bytes.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            let damaged = disk.copy();
            damaged.put(name, bad);
            let what = format_args!("bit {bit} of {name}").to_string();
            never_silent_strict(&damaged, &appended, false, &what);
            // Another bit of each byte in turn.
            if bit % 8 == (bit / 8) % 8 {
                never_silent_lenient(&damaged, &appended, false, &what);
            }
        }
    }
}

#[test]
fn each_prefix_of_each_segment() {
    let (disk, appended) = filled(24);
    let segments: Vec<String> = disk.list().unwrap();
    for (index, name) in segments.iter().enumerate() {
        let bytes = disk.bytes(name).unwrap();
        let data = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
        let ends: Vec<usize> =
            appended.iter().filter(|frame| frame.at.segment as usize == index + 1).map(|frame| frame.at.offset as usize).collect();
        let is_last = index + 1 == segments.len();
        for length in 0..bytes.len() {
            let cut = disk.copy();
            cut.put(name, bytes[..length].to_vec());
            let boundary = is_last && (ends.contains(&length) || length <= 64);
            let what = format_args!("{length} bytes of {name}").to_string();
            if is_last || length >= 64 {
                // A lenient reader of a cut file gets what is before the cut.
                let noticed = never_silent(&cut, &appended, true, &what);
                assert_eq!(noticed, length < data, "{what}");
            } else {
                assert!(open(&cut, small()).err().unwrap().is_damage());
            }
            if is_last && !boundary && length < data {
                let (_, opening) = open(&cut, small()).unwrap();
                assert!(opening.cut.is_some(), "{what}: told without an image too");
            }
        }
    }
}

/// The bytes of a group that was written and not synced, beside the log.
fn torn_group() -> (FaultDisk, FramePlace, Vec<u8>, Vec<u8>, Vec<Appended>) {
    let disk = FaultDisk::new();
    let mut log = create(&disk, LogOptions::default());
    let place = write(&mut log, 5)[4].at;
    let before = disk.bytes("00000001.log").unwrap();
    let group = log.append(&commits(6..9)).unwrap();
    let after = disk.bytes("00000001.log").unwrap();
    (disk, place, before, after, group)
}

#[test]
fn a_tail_torn_at_every_byte_is_cut_and_told() {
    let (disk, place, before, after, group) = torn_group();
    let name = "00000001.log";
    let start = group[0].at.offset as usize;
    let end = before.iter().zip(&after).rposition(|(old, new)| old != new).unwrap() + 1;
    for torn_at in start..=end {
        let mut bytes = before[..8192].to_vec();
        bytes[start..torn_at].copy_from_slice(&after[start..torn_at]);
        let whole = group.iter().skip(1).filter(|frame| frame.at.offset as usize <= torn_at).count() as u64 + u64::from(torn_at == end);
        let torn_from = match whole {
            3 => end,
            whole => group[whole as usize].at.offset as usize,
        };
        let junk: Vec<u8> = bytes[torn_from..torn_at].to_vec();
        let written = junk.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
        let disk = disk.copy();
        disk.put(name, bytes.clone());

        let reading = LogOptions { writable: false, ..applied(place, 5) };
        let (log, opening) = open(&disk, reading).unwrap();
        assert_eq!(opening.last_seq, 5 + whole);
        assert_eq!(opening.torn.is_some(), written > 0);
        assert!(opening.cut.is_none());
        check_frames(&log, 5 + whole);
        assert_eq!(disk.bytes(name).unwrap(), bytes, "a reader changes nothing");

        let (mut log, opening) = open(&disk, applied(place, 5)).unwrap();
        assert_eq!(opening.last_seq, 5 + whole);
        match opening.cut {
            Some(cut) => {
                assert_eq!((cut.segment, cut.seq), (1, 6 + whole));
                assert_eq!(cut.offset as usize, torn_from);
                assert_eq!(cut.bytes as usize, written);
                assert_eq!(disk.bytes(&cut.file).unwrap(), &junk[..written]);
            }
            None => assert_eq!(written, 0, "torn at {torn_at}"),
        }
        write(&mut log, 2);
        check_frames(&log, 7 + whole);
        drop(log);
        let (log, opening) = open(&disk, small()).unwrap();
        assert!(opening.cut.is_none() && opening.torn.is_none());
        check_frames(&log, 7 + whole);
    }
}

#[test]
fn a_whole_frame_of_the_same_group_does_not_make_a_torn_one_damage() {
    let (disk, place, _, after, group) = torn_group();
    let mut bytes = after;
    let second = group[1].at.offset as usize;
    bytes[second..second + 44].fill(0);
    disk.put("00000001.log", bytes);
    let (log, opening) = open(&disk, applied(place, 5)).unwrap();
    assert_eq!(opening.last_seq, 6);
    assert_eq!(opening.cut.unwrap().seq, 7);
    check_frames(&log, 6);
}

#[test]
fn a_frame_written_after_a_sync_makes_a_bad_one_before_it_damage() {
    let (disk, appended) = filled(6);
    let name = "00000001.log";
    let mut bytes = disk.bytes(name).unwrap();
    // The header of the last but one group, and then all of it.
    let start = appended[2].at.offset as usize;
    let end = appended[4].at.offset as usize;
    bytes[start] ^= 1;
    for _ in 0..2 {
        disk.put(name, bytes.clone());
        let error = open(&disk, small()).err().unwrap();
        assert_eq!(
            error.to_string(),
            format!(
                "the log is damaged in segment 1 at byte {start} (commit 3): \
                 there is no whole frame header"
            )
        );
        bytes[start..end].fill(0);
    }
}

#[test]
fn what_the_image_has_applied_is_never_cut() {
    let (disk, appended) = filled(4);
    let name = "00000001.log";
    let mut bytes = disk.bytes(name).unwrap();
    let start = appended[3].at.offset as usize;
    bytes[start + 50] ^= 1;
    disk.put(name, bytes);
    let error = open(&disk, applied(appended[3].at, 4)).err().unwrap();
    assert_eq!(
        error.to_string(),
        format!(
            "the log is damaged in segment 1 at byte {start} (commit 4): \
             the payload's CRC does not match"
        )
    );
    let (_, opening) = open(&disk, applied(appended[2].at, 3)).unwrap();
    assert_eq!(opening.cut.unwrap().seq, 4);
}

#[test]
fn a_log_that_ends_before_the_image_is_a_loss() {
    let (disk, appended) = filled(20);
    let last = appended[19].at;
    let older = filled(8).0;
    let error = open(&older, applied(last, 20)).err().unwrap();
    assert!(matches!(error, LogError::Lost { applied: 20, last: 8 }));
    assert_eq!(error.to_string(), "the log has lost acknowledged commits: it ends at 8, 20 had been applied");
    let accept = || LogOptions { accept_loss: true, ..applied(last, 20) };
    let (mut log, opening) = open(&older, accept()).unwrap();
    assert!(!opening.writable && !log.is_writable());
    assert_eq!((opening.lost, opening.last_seq), (Some(20), 8));
    assert!(matches!(log.append(&[commit(9)]), Err(LogError::ReadOnly)));
    check_frames(&log, 8);
    // With nothing lost, accepting a loss changes nothing.
    let (log, opening) = open(&disk, accept()).unwrap();
    assert!(opening.writable && log.is_writable() && opening.lost.is_none());
    // A segment that is gone from the end is a loss as well.
    disk.remove("00000003.log").unwrap();
    assert!(matches!(open(&disk, applied(last, 20)), Err(LogError::Lost { applied: 20, .. })));
}

#[test]
fn an_older_log_that_was_written_to_is_not_the_same() {
    let (_, appended) = filled(20);
    let other = filled(8).0;
    let (mut log, _) = open(&other, small()).unwrap();
    for seq in 9..30 {
        let frame = NewFrame { head: b"something else".to_vec(), ..commit(seq) };
        log.append(&[frame]).unwrap();
        log.sync().unwrap();
    }
    let place = appended[19].at;
    let error = open(&other, applied(place, 20)).err().unwrap();
    assert!(matches!(error, LogError::Diverged { applied: 20, .. }));
    let accept = LogOptions { accept_loss: true, ..applied(place, 20) };
    let (_, opening) = open(&other, accept).unwrap();
    assert_eq!((opening.lost, opening.writable), (Some(20), false));
    // Both logs agree up to 8.
    assert!(open(&other, applied(appended[7].at, 8)).is_ok());
}

#[test]
fn missing_segments_are_named() {
    let (disk, appended) = filled(24);
    let names = disk.list().unwrap();
    for (missing, number) in [(&names[0], 1), (&names[1], 2)] {
        let disk = disk.copy();
        disk.remove(missing).unwrap();
        for options in [small(), applied(appended[23].at, 24)] {
            let error = open(&disk, options).err().unwrap();
            assert_eq!(error.to_string(), format!("segment {number} of the log is missing"));
        }
        let lenient = LogOptions { accept_damage: true, ..small() };
        let (log, opening) = open(&disk, lenient).unwrap();
        assert_eq!(opening.damage[0].segment, number);
        assert_eq!(opening.last_seq, 24);
        let readable = log.frames(ReadFrom::Start).filter(Result::is_ok).count();
        assert!((8..20).contains(&readable));
    }
}

#[test]
fn a_segment_of_another_store_or_under_another_name_is_refused() {
    let (disk, _) = filled(24);
    let other = FaultDisk::new();
    let id = StoreId([7; 16]);
    let (mut log, _) = Log::create(std::sync::Arc::new(other.clone()), id, small()).unwrap();
    for _ in 0..12 {
        write(&mut log, 2);
    }
    let mixed = disk.copy();
    mixed.put("00000002.log", other.bytes("00000002.log").unwrap());
    assert_eq!(
        open(&mixed, small()).err().unwrap().to_string(),
        format!("segment 2 of the log belongs to another store ({id}, not {})", crate::common::ID)
    );
    let mixed = disk.copy();
    mixed.put("00000002.log", disk.bytes("00000001.log").unwrap());
    assert!(matches!(open(&mixed, small()), Err(LogError::Damaged { segment: 2, .. })));
}

#[test]
fn a_later_format_is_told_from_damage() {
    let (disk, _) = filled(4);
    let mut bytes = disk.bytes("00000001.log").unwrap();
    bytes[8] = 2;
    let crc = crc32c::crc32c(&bytes[..60]);
    bytes[60..64].copy_from_slice(&crc.to_le_bytes());
    disk.put("00000001.log", bytes);
    for accept_damage in [false, true] {
        let options = LogOptions { accept_damage, ..small() };
        let error = open(&disk, options).err().unwrap();
        assert_eq!(error.to_string(), "segment 1 of the log has format 2; this version reads up to format 1");
        assert!(!error.is_damage());
    }
}

#[test]
fn bytes_of_a_log_kept_as_content_are_not_taken_for_frames() {
    let (disk, appended) = filled(4);
    let segment = disk.bytes("00000001.log").unwrap();
    let (mut log, _) = open(&disk, LogOptions::default()).unwrap();
    let place = appended[3].at;
    // Content that does not compress stands in the log as it is; these frames say
    // that everything had been synced, if one takes them for frames.
    let mut content = segment;
    content.truncate(510);
    let frame = NewFrame { bodies: vec![content.clone(), content], ..commit(5) };
    let at = log.append(&[frame]).unwrap()[0].at;
    let mut bytes = disk.bytes("00000001.log").unwrap();
    bytes[at.offset as usize] ^= 1;
    disk.put("00000001.log", bytes);
    let (_, opening) = open(&disk, applied(place, 4)).unwrap();
    assert_eq!(opening.cut.unwrap().seq, 5);
}

#[test]
fn after_damage_the_rest_is_read_on_request() {
    let (disk, appended) = filled(24);
    for damaged in [3, 8, 14, 22] {
        let disk = disk.copy();
        let at = appended[damaged as usize - 1].at;
        let name = format!("{:08}.log", at.segment);
        let mut bytes = disk.bytes(&name).unwrap();
        bytes[at.offset as usize + 45] ^= 1;
        disk.put(&name, bytes);
        let lenient = || LogOptions { accept_damage: true, ..small() };
        let (log, opening) = open(&disk, lenient()).unwrap();
        assert_eq!(opening.damage.len(), 1);
        assert_eq!(opening.damage[0].seq, Some(damaged));
        assert_eq!(opening.damage[0].offset, at.offset);
        assert_eq!((opening.last_seq, opening.writable), (24, false));
        let seqs: Vec<Result<u64, String>> =
            log.frames(ReadFrom::Start).map(|frame| frame.map(|frame| frame.seq).map_err(|e| e.to_string())).collect();
        assert_eq!(seqs.len(), 24, "one error, 23 frames");
        for (seq, got) in (1..).zip(seqs) {
            assert_eq!(got.is_err(), seq == damaged);
            assert_eq!(got.unwrap_or(seq), seq);
        }
        let after = log.frames(ReadFrom::Seq(damaged + 1)).next();
        assert_eq!(after.unwrap().unwrap().seq, damaged + 1);
    }
}

fn opened(disk: &FaultDisk) -> Opening {
    open(disk, small()).unwrap().1
}

#[test]
fn several_cuts_at_one_place_are_all_kept() {
    let (disk, _, before, after, group) = torn_group();
    let start = group[0].at.offset as usize;
    let mut names = Vec::new();
    for length in [9, 17, 45] {
        let mut bytes = before.clone();
        bytes[start..start + length].copy_from_slice(&after[start..start + length]);
        disk.put("00000001.log", bytes);
        names.push(opened(&disk).cut.unwrap().file);
    }
    assert_eq!(names, ["cut-00000001-6", "cut-00000001-6-2", "cut-00000001-6-3"]);
    assert_eq!(disk.bytes(&names[1]).unwrap(), &after[start..start + 17]);
    assert_eq!(all(&open(&disk, small()).unwrap().0).len(), 5);
}

/// Something that happens to a file, in fractions of 1,000 of its length.
#[derive(Clone, Debug)]
enum Mishap {
    Fill {
        from: usize,
        length: usize,
        with: u8,
    },
    Copy {
        from: usize,
        length: usize,
        to: usize,
    },
    Truncate(usize),
    Extend(Vec<u8>),
    Remove,
    /// Takes the place of another segment.
    Overwrite(usize),
}

fn mishaps() -> impl Strategy<Value = Vec<(usize, Mishap)>> {
    let at = || 0usize..=1000;
    let mishap = prop_oneof![
        4 => (at(), 1usize..600, any::<u8>()).prop_map(|(from, length, with)| Mishap::Fill { from, length, with }),
        2 => (at(), 1usize..600).prop_map(|(from, length)| Mishap::Fill { from, length, with: 0 }),
        4 => (at(), 1usize..600, at()).prop_map(|(from, length, to)| Mishap::Copy { from, length, to }),
        1 => at().prop_map(Mishap::Truncate),
        1 => prop::collection::vec(any::<u8>(), 1..100).prop_map(Mishap::Extend),
        1 => Just(Mishap::Remove),
        1 => (0usize..3).prop_map(Mishap::Overwrite),
    ];
    prop::collection::vec((0usize..3, mishap), 1..4)
}

fn happen(disk: &FaultDisk, names: &[String], segment: usize, mishap: &Mishap) {
    let name = &names[segment];
    let Some(mut bytes) = disk.bytes(name) else {
        return;
    };
    let place = |thousandths: usize| bytes.len() * thousandths / 1000;
    match mishap {
        Mishap::Fill { from, length, with } => {
            let from = place(*from);
            let end = bytes.len().min(from + length);
            bytes[from..end].fill(*with);
        }
        Mishap::Copy { from, length, to } => {
            let (from, to) = (place(*from), place(*to));
            let length = (*length).min(bytes.len() - from.max(to));
            bytes.copy_within(from..from + length, to);
        }
        Mishap::Truncate(to) => bytes.truncate(place(*to)),
        Mishap::Extend(with) => bytes.extend_from_slice(with),
        Mishap::Remove => return disk.remove(name).unwrap(),
        Mishap::Overwrite(other) => return disk.put(&names[*other], bytes),
    }
    disk.put(name, bytes);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_to_the_files(mishaps in mishaps()) {
        let (disk, appended) = filled(24);
        let names = disk.list().unwrap();
        for (segment, mishap) in &mishaps {
            happen(&disk, &names, *segment, mishap);
        }
        if !disk.list().unwrap().is_empty() {
            never_silent(&disk, &appended, true, &format_args!("{mishaps:?}"));
        }
    }

    #[test]
    fn files_of_anything(
        contents in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..4),
        magic in any::<bool>(),
    ) {
        let disk = FaultDisk::new();
        for (number, mut content) in (1..).zip(contents) {
            if magic {
                content.splice(0..0, *b"rolo.log\x01\0\0\0");
            }
            disk.put(&format!("{number:08}.log"), content);
        }
        for accept_damage in [false, true] {
            let options = LogOptions { accept_damage, ..small() };
            prop_assert!(open(&disk, options).is_err());
        }
    }
}
