//! The store in a folder of a real disk: its lock, its privacy, its image in sled.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use rolo::store::image::Limits;
use rolo::store::{OpenOptions, Store, StoreError, open};

use super::bench::{commit, contact};
use super::book::Book;

fn options() -> OpenOptions {
    let limits = Limits { open: Duration::from_secs(5), call: Duration::from_secs(5), ..Limits::default() };
    OpenOptions { preallocate: 1 << 16, wait: Duration::from_secs(20), limits, ..OpenOptions::default() }
}

/// A folder with a closed store in it, and the book of it.
fn stocked() -> (tempfile::TempDir, PathBuf, Book) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep").join("store");
    let mut book = Book::default();
    let store = open(&path, options()).unwrap();
    assert_eq!(book.make_all(&*store, 0..30).1, None);
    store.close().unwrap();
    (folder, path, book)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        }
        found.push(path);
    }
    found.sort();
    found
}

/// The files of the image, largest first.
fn image_files(store: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = files(&store.join("image")).into_iter().filter(|path| path.is_file()).collect();
    found.sort_by_key(|path| std::cmp::Reverse(path.metadata().unwrap().len()));
    found
}

/// Opens what was damaged: all is there, the image was rebuilt and says so.
fn rebuilt(store: &Path, book: &Book, what: &str) {
    let store = open(store, options()).unwrap();
    let notices = store.notices();
    assert!(notices.iter().any(|notice| notice.starts_with("the image was rebuilt from the log: ")), "{what}: {notices:?}");
    book.compare(&*store);
    store.close().unwrap();
}

#[test]
fn the_image_deleted_or_emptied() {
    let (folder, store, book) = stocked();
    let damaged = folder.path().join("damaged");
    copy(&store, &damaged);
    fs::remove_dir_all(damaged.join("image")).unwrap();
    rebuilt(&damaged, &book, "deleted");
    for file in image_files(&damaged) {
        fs::write(file, "").unwrap();
    }
    rebuilt(&damaged, &book, "emptied");
    for generation in fs::read_dir(damaged.join("image")).unwrap() {
        let path = generation.unwrap().path();
        fs::remove_dir_all(&path).unwrap();
        fs::create_dir(&path).unwrap();
    }
    rebuilt(&damaged, &book, "each generation's folder emptied");
    let store = open(&damaged, options()).unwrap();
    assert_eq!(store.notices(), Vec::<String>::new());
    book.compare(&*store);
}

#[test]
fn the_image_cut_or_flipped() {
    let (folder, store, book) = stocked();
    let whole = fs::read(&image_files(&store)[0]).unwrap();
    let end = whole.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    for turn in 0..12 {
        let damaged = folder.path().join(format!("damaged-{turn}"));
        copy(&store, &damaged);
        let file = &image_files(&damaged)[0];
        let at = end * (2 * turn + 1) / 24;
        if turn % 3 == 0 {
            fs::write(file, &whole[..at]).unwrap();
        } else {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << (turn % 8);
            fs::write(file, flipped).unwrap();
        }
        // It may be a byte that nobody needs; then nothing is said. All is there either way.
        let store = open(&damaged, options()).unwrap();
        book.compare(&*store);
        store.close().unwrap();
    }
}

#[test]
fn the_image_hung() {
    let (_folder, store, book) = stocked();
    let file = image_files(&store)[0].clone();
    fs::remove_file(&file).unwrap();
    // Whoever reads a pipe into which nobody writes waits for ever.
    let made = Command::new("mkfifo").arg(&file).status().unwrap();
    assert!(made.success());
    let patience = Duration::from_millis(500);
    let limits = Limits { open: patience, call: Duration::from_secs(5), ..Limits::default() };
    let opened = open(&store, OpenOptions { limits, ..options() }).unwrap();
    let notices = opened.notices();
    assert!(notices.iter().any(|notice| notice.starts_with("the image was rebuilt from the log: ")), "{notices:?}");
    book.compare(&*opened);
    opened.close().unwrap();
}

#[test]
fn a_second_process_is_told_who_has_it() {
    let (_folder, path, mut book) = stocked();
    let first = open(&path, options()).unwrap();
    let error = open(&path, OpenOptions { wait: Duration::ZERO, ..options() }).err().unwrap();
    assert_eq!(error.exit_code(), 8);
    let told = error.to_string();
    let expected = format!("{} is in use by pid {} since ", path.display(), std::process::id());
    assert!(told.starts_with(&expected), "{told}");
    assert_eq!(error.hint(), Some("close the other one, or wait longer with --wait"));
    // Who waits gets it when it is let go.
    let waiting = {
        let path = path.clone();
        std::thread::spawn(move || open(&path, options()).unwrap())
    };
    book.make(&*first, 30).unwrap();
    first.close().unwrap();
    drop(first);
    book.compare(&*waiting.join().unwrap());
}

#[test]
fn opened_for_reading_nothing_changes() {
    let (_folder, path, book) = stocked();
    let log = files(&path.join("log"));
    let before: Vec<Vec<u8>> = log.iter().map(|file| fs::read(file).unwrap()).collect();
    let store = open(&path, OpenOptions { readonly: true, ..options() }).unwrap();
    book.compare(&*store);
    let error = store.commit(commit(vec![contact(1, "x")])).unwrap_err();
    assert_eq!((error.to_string().as_str(), error.exit_code()), ("the store is read-only: it was opened for reading only", 7));
    store.close().unwrap();
    assert_eq!(files(&path.join("log")), log);
    assert_eq!(log.iter().map(|file| fs::read(file).unwrap()).collect::<Vec<_>>(), before);
    let error = open(&path.join("nothing"), OpenOptions { readonly: true, ..options() }).err().unwrap();
    assert!(error.to_string().starts_with("there is no store in "), "{error}");
}

/// Makes a folder read-only in the way that holds for the superuser too.
fn make_immutable(path: &Path, on: bool) -> bool {
    let flag = if on { "+i" } else { "-i" };
    Command::new("chattr").args(["-R", flag]).arg(path).output().is_ok_and(|output| output.status.success())
}

#[test]
fn a_read_only_folder_can_be_read() {
    let (_folder, path, book) = stocked();
    if !make_immutable(&path, true) {
        println!("skipped: this machine makes no file immutable");
        return;
    }
    let outcome = std::panic::catch_unwind(|| {
        let store = open(&path, options()).unwrap();
        book.compare(&*store);
        let error = store.commit(commit(vec![contact(1, "x")])).unwrap_err();
        assert_eq!(error.to_string(), format!("the store is read-only: the folder {} is read-only", path.display()));
        assert_eq!(error.exit_code(), 7);
    });
    assert!(make_immutable(&path, false));
    outcome.unwrap();
}

#[test]
fn not_on_a_network_unless_insisted() {
    let (_folder, path, book) = stocked();
    let nfs = OpenOptions { statfs: |_| Ok(0x6969), ..options() };
    let error = open(&path, nfs).err().unwrap();
    assert_eq!(error.exit_code(), 7);
    assert_eq!(
        error.to_string(),
        format!(
            "{} lies on a network file system (NFS), where a store can be lost: put it on a local disk with --store PATH; \
             --allow-network-store takes it as it is, from one host only",
            path.display()
        )
    );
    let insisting = OpenOptions { statfs: |_| Ok(0x6969), allow_network: true, ..options() };
    book.compare(&*open(&path, insisting).unwrap());
}

#[test]
fn everything_is_private() {
    let (_folder, path, _) = stocked();
    let mut all = files(&path);
    all.push(path.clone());
    // What sled makes lies behind the door of its generation's folder.
    let image = path.join("image");
    let behind = |file: &Path| file.strip_prefix(&image).is_ok_and(|file| file.components().count() > 1);
    for file in all.into_iter().filter(|file| !behind(file)) {
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, if file.is_dir() { 0o700 } else { 0o600 }, "{}", file.display());
    }
}

#[test]
fn a_replaced_lock_means_that_another_may_have_it() {
    let (_folder, path, mut book) = stocked();
    let store = open(&path, options()).unwrap();
    fs::remove_file(path.join("LOCK")).unwrap();
    fs::write(path.join("LOCK"), "").unwrap();
    let error = book.make(&*store, 30).unwrap_err();
    assert_eq!(error.exit_code(), 6);
    assert!(error.to_string().contains("another process may have the store; nothing was written"), "{error}");
    assert_eq!(book.compare_what_is_there(&*store), 0);
}

#[test]
fn a_store_without_its_log_is_no_new_store() {
    let (_folder, path, _) = stocked();
    fs::remove_dir_all(path.join("log")).unwrap();
    let gone = |path: &Path| {
        let error = open(path, options()).err().unwrap();
        assert_eq!(
            error.to_string(),
            format!("the store is damaged: the log is gone: {} holds no segment of it, and there was one", path.display())
        );
        assert_eq!(error.exit_code(), 6);
    };
    gone(&path);
    // Nor without its image: LOCK remembers that there was one.
    fs::remove_dir_all(path.join("image")).unwrap();
    gone(&path);
    gone(&path);
    // A first start that came to nothing leaves a folder in which a store can begin.
    fs::remove_file(path.join("LOCK")).unwrap();
    let store = open(&path, options()).unwrap();
    assert_eq!((store.seq(), store.notices()), (0, Vec::new()));
}

#[test]
fn a_damaged_log_is_opened_for_rescue_only() {
    let (_folder, path, book) = stocked();
    let log = path.join("log").join("00000001.log");
    let mut bytes = fs::read(&log).unwrap();
    bytes[700] ^= 4;
    fs::write(&log, &bytes).unwrap();
    fs::remove_dir_all(path.join("image")).unwrap();
    let error = open(&path, options()).err().unwrap();
    assert_eq!(error.exit_code(), 6);
    assert!(error.to_string().starts_with("the store is damaged: the log is damaged in segment 1 at byte "), "{error}");
    let store = open(&path, OpenOptions { accept_damage: true, ..options() }).unwrap();
    assert!(matches!(store.commit(commit(vec![contact(1, "x")])).unwrap_err(), StoreError::Damaged(_)));
    let check = store.check(false, &mut |_, _| {}).unwrap();
    assert!(check.damage[0].starts_with("the log is damaged in segment 1 at byte "), "{:?}", check.damage);
    assert!(store.notices().iter().any(|notice| notice.starts_with("the log is damaged in segment 1 at byte ")));
    // What is left can be read, and is right.
    let mut there = 0;
    for (id, versions) in &book.versions {
        for version in store.history(*id, usize::MAX).unwrap() {
            let name = version.record.map(|record| record.text(100).unwrap().to_owned());
            assert!(versions.contains(&(version.commit.seq, name)), "{id}");
            there += 1;
        }
    }
    assert!(there > 60, "{there}");
    drop(store);
    assert_eq!(fs::read(&log).unwrap(), bytes);
}

#[test]
fn closed_and_opened_at_once() {
    let (_folder, path, mut book) = stocked();
    for n in 30..36 {
        let store: Arc<dyn Store> = open(&path, options()).unwrap();
        assert_eq!(store.notices(), Vec::<String>::new());
        book.make(&*store, n).unwrap();
        // Not closed: dropped, as a program that fails does.
    }
    book.compare(&*open(&path, options()).unwrap());
}
