//! The image: one suite for every kind of it, and what happens to it when its
//! files are damaged.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::ops::{Bound, ControlFlow};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use proptest::prelude::*;
use rolo::store::image::{Batch, Image, ImageFolder, ImageLost, Limits, MemoryImage};

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

fn all(image: &dyn Image) -> Pairs {
    scanned(image, Bound::Unbounded, Bound::Unbounded, false, usize::MAX)
}

fn scanned(image: &dyn Image, from: Bound<&[u8]>, to: Bound<&[u8]>, reverse: bool, most: usize) -> Pairs {
    let mut found = Vec::new();
    if most > 0 {
        image
            .scan(from, to, reverse, &mut |key, value| {
                found.push((key.to_vec(), value.to_vec()));
                if found.len() == most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
            .unwrap();
    }
    found
}

/// Short keys over few letters, so that changes meet.
fn a_key() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(prop_oneof![Just(0_u8), Just(1), Just(b'a'), Just(254), Just(255)], 0..5)
}

fn a_bound() -> impl Strategy<Value = Bound<Vec<u8>>> {
    prop_oneof![Just(Bound::Unbounded), a_key().prop_map(Bound::Included), a_key().prop_map(Bound::Excluded),]
}

#[derive(Debug, Clone)]
enum Step {
    Apply(Vec<(Vec<u8>, Option<Vec<u8>>)>),
    Flush,
    Scan(Bound<Vec<u8>>, Bound<Vec<u8>>, bool, usize),
    Reopen,
}

fn a_step() -> impl Strategy<Value = Step> {
    let change = (a_key(), proptest::option::weighted(0.7, proptest::collection::vec(any::<u8>(), 0..40)));
    prop_oneof![
        6 => proptest::collection::vec(change, 0..30).prop_map(Step::Apply),
        1 => Just(Step::Flush),
        4 => (a_bound(), a_bound(), any::<bool>(), 0..20_usize)
            .prop_map(|(from, to, reverse, most)| Step::Scan(from, to, reverse, most)),
        1 => Just(Step::Reopen),
    ]
}

/// Takes `steps` on an image and on a map and compares all that can be seen.
fn same_as_a_map(steps: &[Step], mut image: Box<dyn Image>, reopen: &dyn Fn(Box<dyn Image>) -> Box<dyn Image>) {
    let mut map = BTreeMap::<Vec<u8>, Vec<u8>>::new();
    for step in steps {
        match step {
            Step::Apply(changes) => {
                let mut batch = Batch::new();
                for (key, value) in changes {
                    match value {
                        Some(value) => {
                            batch.put(key.clone(), value.clone());
                            map.insert(key.clone(), value.clone());
                        }
                        None => {
                            batch.delete(key.clone());
                            map.remove(key);
                        }
                    }
                }
                image.apply(&batch).unwrap();
                for (key, _) in changes {
                    assert_eq!(image.get(key).unwrap().as_ref(), map.get(key));
                }
                let keys: Vec<&[u8]> = changes.iter().map(|(key, _)| key.as_slice()).collect();
                let expected: Vec<_> = keys.iter().map(|key| map.get(*key).cloned()).collect();
                assert_eq!(image.get_many(&keys).unwrap(), expected);
            }
            Step::Flush => image.flush().unwrap(),
            Step::Scan(from, to, reverse, most) => {
                let (from, to) = (as_slice(from), as_slice(to));
                let inside = map.iter().filter(|(key, _)| {
                    use std::ops::RangeBounds;
                    RangeBounds::<[u8]>::contains(&(from, to), key.as_slice())
                });
                let mut expected: Pairs = inside.map(|(k, v)| (k.clone(), v.clone())).collect();
                if *reverse {
                    expected.reverse();
                }
                expected.truncate(*most);
                assert_eq!(scanned(&*image, from, to, *reverse, *most), expected);
            }
            Step::Reopen => {
                image.flush().unwrap();
                image = reopen(image);
            }
        }
    }
    let expected: Pairs = map.into_iter().collect();
    assert_eq!(all(&*image), expected);
}

fn as_slice(bound: &Bound<Vec<u8>>) -> Bound<&[u8]> {
    match bound {
        Bound::Unbounded => Bound::Unbounded,
        Bound::Included(key) => Bound::Included(key),
        Bound::Excluded(key) => Bound::Excluded(key),
    }
}

/// So small that a few keys fill a block and a few changes a run.
fn small() -> Limits {
    Limits { cache_bytes: 16 << 10, fresh_bytes: 1500, block_bytes: 100, ..Limits::default() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn memory_answers_as_a_map_does(steps in proptest::collection::vec(a_step(), 1..20)) {
        same_as_a_map(&steps, Box::new(MemoryImage::new()), &|image| image);
    }

    #[test]
    fn sled_answers_as_a_map_does(steps in proptest::collection::vec(a_step(), 1..20)) {
        let dir = tempfile::tempdir().unwrap();
        let folder = ImageFolder::new(&dir.path().join("image"), small()).unwrap();
        assert!(folder.open_newest().unwrap().is_none());
        let first = folder.next_generation().unwrap();
        same_as_a_map(&steps, Box::new(first), &|image| {
            drop(image);
            Box::new(folder.open_newest().unwrap().unwrap())
        });
    }
}

/// Batch `number` of a history in which keys come, change and go.
fn batch_of(number: u64) -> Batch {
    let mut batch = Batch::new();
    batch.put(b"applied".to_vec(), number.to_be_bytes().to_vec());
    let mut state = number;
    for _ in 0..40 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let key = format!("contact/{:04}", (state >> 33) % 3_000).into_bytes();
        if (state >> 60).is_multiple_of(4) {
            batch.delete(key);
        } else {
            let length = usize::try_from((state >> 20) % 60).unwrap();
            batch.put(key, vec![state.to_le_bytes()[7]; length]);
        }
    }
    batch
}

/// What is there after the batches up to `number`.
fn after(number: u64) -> Pairs {
    let mut map = BTreeMap::new();
    for number in 1..=number {
        for (key, value) in batch_of(number).iter() {
            match value {
                Some(value) => map.insert(key.to_vec(), value.to_vec()),
                None => map.remove(key),
            };
        }
    }
    map.into_iter().collect()
}

/// Returns up to which batch `image` is whole; it must be whole up to one.
fn whole_up_to(image: &dyn Image) -> Result<u64, ImageLost> {
    let mut found = Vec::new();
    image.scan(Bound::Unbounded, Bound::Unbounded, false, &mut |key, value| {
        found.push((key.to_vec(), value.to_vec()));
        ControlFlow::Continue(())
    })?;
    let number = image.get(b"applied")?.map_or(0, |value| u64::from_be_bytes(value.try_into().unwrap()));
    assert!(found == after(number), "the content is not the one after batch {number}");
    Ok(number)
}

#[test]
fn a_long_history_stays_right_while_runs_are_written_and_merged() {
    let dir = tempfile::tempdir().unwrap();
    let folder = ImageFolder::new(dir.path(), small()).unwrap();
    let mut image = folder.next_generation().unwrap();
    for number in 1..=400 {
        image.apply(&batch_of(number)).unwrap();
        if number % 7 == 0 {
            image.flush().unwrap();
        }
        if number % 50 == 0 {
            assert_eq!(whole_up_to(&image), Ok(number));
        }
        if number % 90 == 0 {
            image.flush().unwrap();
            drop(image);
            image = folder.open_newest().unwrap().unwrap();
            assert!(!image.is_fresh());
        }
    }
    let backwards = scanned(&image, Bound::Unbounded, Bound::Unbounded, true, usize::MAX);
    assert!(backwards.into_iter().rev().eq(after(400)));
}

#[test]
fn nothing_is_synced_by_applying_and_nothing_twice() {
    let dir = tempfile::tempdir().unwrap();
    let folder = ImageFolder::new(dir.path(), Limits::default()).unwrap();
    let image = folder.next_generation().unwrap();
    let made = image.syncs();
    for number in 1..=20 {
        image.apply(&batch_of(number)).unwrap();
    }
    assert_eq!(image.syncs(), made);
    image.flush().unwrap();
    let flushed = image.syncs();
    assert!(flushed > made);
    image.flush().unwrap();
    assert_eq!(image.syncs(), flushed, "nothing was applied since");
}

#[test]
fn a_value_larger_than_a_block_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let folder = ImageFolder::new(dir.path(), Limits::default()).unwrap();
    let image = folder.next_generation().unwrap();
    let large = |byte: u8| vec![byte; 300_000];
    for byte in 0..20 {
        let mut batch = Batch::new();
        batch.put(vec![byte], large(byte));
        image.apply(&batch).unwrap();
    }
    image.flush().unwrap();
    drop(image);
    let image = folder.open_newest().unwrap().unwrap();
    for byte in 0..20 {
        assert!(image.get(&[byte]).unwrap() == Some(large(byte)));
    }
    assert_eq!(all(&image).len(), 20);
}

const KILLED: &str = "ROLO_TEST_IMAGE_TO_BE_KILLED";

/// What the process does that is killed.
fn apply_until_killed(path: &Path) {
    let folder = ImageFolder::new(path, small()).unwrap();
    let image = match folder.open_newest().unwrap() {
        Some(image) => image,
        None => folder.next_generation().unwrap(),
    };
    let begun = whole_up_to(&image).unwrap();
    for number in begun + 1.. {
        image.apply(&batch_of(number)).unwrap();
        if number % 5 == 0 {
            image.flush().unwrap();
            println!("flushed {number}");
        }
    }
}

#[test]
fn killed_at_any_moment_it_is_whole_and_has_what_was_flushed() {
    if let Some(path) = std::env::var_os(KILLED) {
        return apply_until_killed(Path::new(&path));
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("image");
    let mut flushed = 0;
    for round in 0..8_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed_at_any_moment_it_is_whole_and_has_what_was_flushed", "--nocapture"])
            .env(KILLED, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let told = lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("flushed ")?.parse::<u64>().ok());
        // Somewhere within the next batches, which is random enough.
        flushed = told.take(1 + usize::try_from(round * 3 % 7).unwrap()).last().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let folder = ImageFolder::new(&path, small()).unwrap();
    let image = folder.open_newest().unwrap().unwrap();
    assert!(whole_up_to(&image).unwrap() >= flushed);
}

/// An image of several runs, and the batches after which it was flushed.
fn an_image(path: &Path) -> Vec<u64> {
    let folder = ImageFolder::new(path, small()).unwrap();
    let image = folder.next_generation().unwrap();
    let mut flushes = vec![0];
    for number in 1..=60 {
        image.apply(&batch_of(number)).unwrap();
        if number % 20 == 0 {
            image.flush().unwrap();
            flushes.push(number);
        }
    }
    drop(image);
    // Opened again, so that sled's snapshot is there too.
    let image = folder.open_newest().unwrap().unwrap();
    assert_eq!(whole_up_to(&image), Ok(60));
    flushes
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(files_in(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found.sort();
    found
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Outcomes {
    same: usize,
    older: usize,
    lost: usize,
}

/// Damages copies of an image and opens them: each must be lost, or as it was
/// after one of the flushes.
struct Damages {
    dir: tempfile::TempDir,
    flushes: Vec<u64>,
    outcomes: Outcomes,
    turn: usize,
}

impl Damages {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let flushes = an_image(&dir.path().join("whole"));
        Self { dir, flushes, outcomes: Outcomes::default(), turn: 0 }
    }

    fn whole(&self) -> PathBuf {
        self.dir.path().join("whole").join("00000001")
    }

    /// Returns the names of sled's files with their lengths.
    fn files(&self) -> Vec<(PathBuf, u64)> {
        let whole = self.whole();
        let name = |path: PathBuf| (path.strip_prefix(&whole).unwrap().to_owned(), path.metadata().unwrap().len());
        files_in(&whole).into_iter().map(name).collect()
    }

    fn check(&mut self, what: &str, damage: impl FnOnce(&Path)) {
        self.turn += 1;
        let path = self.dir.path().join(format!("damaged-{}", self.turn));
        copy(&self.dir.path().join("whole"), &path);
        damage(&path.join("00000001"));
        let limits = Limits { open: Duration::from_secs(5), call: Duration::from_secs(5), ..small() };
        let folder = ImageFolder::new(&path, limits).unwrap();
        let opened = folder.open_newest().and_then(|image| {
            let image = image.unwrap();
            let number = whole_up_to(&image)?;
            // What can be read can also be written to, or says that it cannot.
            image.apply(&batch_of(number + 1))?;
            image.flush()?;
            assert_eq!(whole_up_to(&image)?, number + 1, "{what}");
            Ok(number)
        });
        match opened {
            Ok(number) if Some(&number) == self.flushes.last() => self.outcomes.same += 1,
            Ok(number) => {
                assert!(self.flushes.contains(&number), "{what}: {number}");
                self.outcomes.older += 1;
            }
            Err(_) => self.outcomes.lost += 1,
        }
        // The next generation works whatever became of this one.
        if self.turn.is_multiple_of(20) {
            let next = folder.next_generation().unwrap();
            next.apply(&batch_of(1)).unwrap();
            next.flush().unwrap();
            assert_eq!(whole_up_to(&next), Ok(1));
        }
        fs::remove_dir_all(&path).unwrap();
    }
}

#[test]
fn files_that_are_gone_or_cut_are_noticed() {
    let mut damages = Damages::new();
    for (name, length) in damages.files() {
        damages.check(&format!("{} gone", name.display()), |folder| fs::remove_file(folder.join(&name)).unwrap());
        for cut in [0, 1, length / 3, length / 2, length.saturating_sub(4096), length.saturating_sub(1)] {
            damages.check(&format!("{} cut to {cut}", name.display()), |folder| {
                File::options().write(true).open(folder.join(&name)).unwrap().set_len(cut).unwrap();
            });
        }
    }
    damages.check("emptied", |folder| {
        fs::remove_dir_all(folder).unwrap();
        fs::create_dir(folder).unwrap();
    });
    println!("gone or cut: {:?}", damages.outcomes);
    assert!(damages.outcomes.lost > 0);
}

#[test]
fn flipped_bits_are_noticed() {
    let mut damages = Damages::new();
    let files = damages.files();
    let mut state = 1_u64;
    for _ in 0..100 {
        for (name, length) in &files {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if *length == 0 || (name.as_os_str() != "db" && !state.is_multiple_of(8)) {
                continue;
            }
            let (at, bit) = ((state >> 20) % length, (state >> 12) % 8);
            damages.check(&format!("{}: byte {at} bit {bit}", name.display()), |folder| {
                let file = File::options().read(true).write(true).open(folder.join(name)).unwrap();
                let mut byte = [0];
                file.read_exact_at(&mut byte, at).unwrap();
                file.write_all_at(&[byte[0] ^ (1 << bit)], at).unwrap();
            });
        }
    }
    println!("flipped: {:?}", damages.outcomes);
    assert!(damages.outcomes.lost > 0);
}

/// A power cut keeps what was synced and, of what was written since, any pages.
#[test]
fn after_a_power_cut_it_is_whole_or_lost() {
    const PAGE: u64 = 4096;
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    // So few runs that none are merged: nothing is written but by the flushes.
    let folder = ImageFolder::new(&path("image"), Limits::default()).unwrap();
    let image = folder.next_generation().unwrap();
    (1..=60).for_each(|number| image.apply(&batch_of(number)).unwrap());
    image.flush().unwrap();
    copy(&path("image"), &path("synced"));
    (61..=120).for_each(|number| image.apply(&batch_of(number)).unwrap());
    image.flush().unwrap();
    copy(&path("image"), &path("written"));

    let (mut whole, mut lost) = (Vec::new(), Vec::new());
    let mut state = 7_u64;
    for round in 0..=16_u64 {
        let after = path(&format!("after-{round}"));
        copy(&path("written"), &after);
        let db = Path::new("00000001").join("db");
        let synced = File::open(path("synced").join(&db)).unwrap();
        let mixed = File::options().write(true).open(after.join(&db)).unwrap();
        let length = synced.metadata().unwrap().len();
        for page in 0..length / PAGE {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // From no page lost to all of them.
            if (state >> 40) % 16 < round {
                let mut bytes = [0; PAGE as usize];
                synced.read_exact_at(&mut bytes, page * PAGE).unwrap();
                mixed.write_all_at(&bytes, page * PAGE).unwrap();
            }
        }
        if round % 2 == 0 && round > 0 {
            mixed.set_len(length).unwrap();
        }
        let opened = ImageFolder::new(&after, small()).unwrap().open_newest();
        match opened.and_then(|image| whole_up_to(&image.unwrap())) {
            Ok(number) => {
                assert!(number == 60 || number == 120, "whole up to {number} in round {round}");
                whole.push(round);
            }
            Err(_) => lost.push(round),
        }
    }
    println!("after a power cut: whole in rounds {whole:?}, lost in {lost:?}");
    assert!(whole.contains(&0) && whole.contains(&16), "all that was written, or only what was synced");
}

#[test]
fn between_flushes_nothing_is_written_that_a_power_cut_could_tear() {
    let dir = tempfile::tempdir().unwrap();
    let folder = ImageFolder::new(dir.path(), Limits::default()).unwrap();
    let image = folder.next_generation().unwrap();
    let content = || files_in(dir.path()).into_iter().map(|path| (fs::read(&path).unwrap(), path)).collect::<Vec<_>>();
    image.apply(&batch_of(1)).unwrap();
    image.flush().unwrap();
    let flushed = content();
    (2..=100).for_each(|number| image.apply(&batch_of(number)).unwrap());
    assert_eq!(whole_up_to(&image), Ok(100));
    assert!(content() == flushed);
}

#[test]
fn a_deleted_folder_is_no_image_and_an_emptied_one_is_a_lost_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("image");
    let folder = ImageFolder::new(&path, small()).unwrap();
    assert!(folder.open_newest().unwrap().is_none());
    let image = folder.next_generation().unwrap();
    assert!(image.is_fresh());
    assert_eq!(image.generation(), 1);
    drop(image);
    for entry in fs::read_dir(path.join("00000001")).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            fs::remove_dir_all(entry.path()).unwrap();
        } else {
            fs::remove_file(entry.path()).unwrap();
        }
    }
    let lost = folder.open_newest().unwrap_err();
    assert_eq!(lost.reason, "it opened empty, but its folder was not");
    assert_eq!(lost.to_string(), "the image is lost: it opened empty, but its folder was not");

    let next = folder.next_generation().unwrap();
    assert_eq!(next.generation(), 2);
    assert!(next.bytes_on_disk() > 0);
    fs::write(path.join("a file of someone"), "").unwrap();
    assert_eq!(folder.generations().unwrap(), [1, 2]);
    // The thread that found it empty may be on its way out still.
    while folder.generations().unwrap().len() > 1 {
        folder.remove_all_but(2).unwrap();
    }
    assert_eq!(folder.generations().unwrap(), [2]);
}

/// A reader that is stopped: sled waits for bytes that never come.
#[cfg(unix)]
#[test]
fn a_hang_while_opening_is_given_up_and_its_folder_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    an_image(dir.path());
    let conf = dir.path().join("00000001").join("conf");
    fs::remove_file(&conf).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, &conf, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR, 0).unwrap();
    let limits = Limits { open: Duration::from_millis(300), ..small() };
    let folder = ImageFolder::new(dir.path(), limits).unwrap();
    let lost = folder.open_newest().unwrap_err();
    assert_eq!(lost.reason, "no answer within 0.3 s");
    assert!(folder.remove_all_but(2).unwrap().is_empty(), "a thread still holds it");

    let folder = ImageFolder::new(dir.path(), small()).unwrap();
    let next = folder.next_generation().unwrap();
    assert_eq!(next.generation(), 2);
    next.apply(&batch_of(1)).unwrap();
    next.flush().unwrap();
    assert_eq!(whole_up_to(&next), Ok(1));
}
