//! A disk that is full, refuses, or forgets: told, nothing lost, reading goes on.

use std::collections::BTreeSet;
use std::sync::Arc;

use rolo::store::disk::{FaultDisk, Operation};
use rolo::store::{Store, StoreError};
use rustix::io::Errno;

use super::bench::{all, commit, contact};
use super::book::{Book, goes_on, open};
use super::shelf::Shelf;

/// A store with some commits, and the book of them.
pub(crate) fn begun(commits: u64) -> (FaultDisk, Shelf, Box<dyn Store>, Book) {
    let (disk, shelf, mut book) = (FaultDisk::new(), Shelf::default(), Book::default());
    let store: Box<dyn Store> = Box::new(open(&disk, &shelf).unwrap());
    assert_eq!(book.make_all(&*store, 0..commits).1, None);
    (disk, shelf, store, book)
}

#[test]
fn each_commit_is_synced_once() {
    let (disk, _, store, mut book) = begun(3);
    let (syncs, writes) = (disk.count(Operation::Sync), disk.count(Operation::Write));
    for n in 3..9 {
        book.make(&*store, n).unwrap();
    }
    assert_eq!(disk.count(Operation::Sync) - syncs, 6);
    assert_eq!(disk.count(Operation::Write) - writes, 6);
    store.query(&all(rolo::domain::Kind::Contact)).unwrap();
    assert_eq!(disk.count(Operation::Sync) - syncs, 6);
}

#[test]
fn commits_that_wait_together_are_synced_together() {
    let (disk, _, store, _) = begun(1);
    let store: Arc<dyn Store> = Arc::from(store);
    let syncs = disk.count(Operation::Sync);
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let store = Arc::clone(&store);
            std::thread::spawn(move || (0..20).map(|_| store.commit(commit(vec![contact(1, "x")])).unwrap().seq).collect::<Vec<_>>())
        })
        .collect();
    let seqs: BTreeSet<u64> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    assert_eq!(seqs, (2..162).collect());
    assert!(disk.count(Operation::Sync) - syncs <= 160);
}

#[test]
fn a_full_disk_is_told_and_nothing_is_lost() {
    let (disk, shelf, store, mut book) = begun(10);
    let full = disk.bytes("00000001.log").map_or(0, |bytes| bytes.len()) as u64;
    disk.set_capacity(Some(full));
    let (made, error) = book.make_all(&*store, 10..1000);
    let error = error.unwrap();
    assert!(matches!(error, StoreError::Io(_)), "{error:?}");
    assert!(error.to_string().starts_with("the disk is full: ") && error.to_string().ends_with(": nothing was changed"), "{error}");
    assert_eq!(error.exit_code(), 1);
    assert!(error.hint().unwrap().starts_with("make room on the disk"));
    // Reading goes on, and so does writing when there is room again.
    book.compare(&*store);
    assert!(book.make(&*store, 10 + made).is_err());
    disk.mend();
    assert_eq!(book.make_all(&*store, 10 + made..40 + made).1, None);
    book.compare(&*store);
    store.close().unwrap();
    let store = open(&disk, &shelf).unwrap();
    assert_eq!(store.notices(), Vec::<String>::new());
    book.compare(&store);
}

#[test]
fn a_failed_sync_is_found_out_at_once() {
    let (disk, shelf, store, mut book) = begun(10);
    disk.fail(Operation::Sync, 0, Errno::IO);
    // What the file system says was not synced may have been: the log is read
    // again, made durable, and the answer is the true one.
    book.make(&*store, 10).unwrap();
    assert_eq!(store.notices().len(), 1);
    let told = "; the log was opened again and read: nothing that was acknowledged is lost";
    assert!(store.notices()[0].starts_with("syncing 00000001.log failed: ") && store.notices()[0].ends_with(told), "{:?}", store.notices());
    assert_eq!(book.make_all(&*store, 11..20).1, None);
    book.compare(&*store);
    drop(store);
    disk.power_cut(7);
    book.compare(&open(&disk, &shelf.after_power_cut(3)).unwrap());
}

#[test]
fn a_disk_that_syncs_no_more_is_told_and_can_come_back() {
    let (disk, shelf, store, mut book) = begun(10);
    for nth in 0..50 {
        disk.fail(Operation::Sync, nth, Errno::IO);
    }
    let error = book.make(&*store, 10).unwrap_err();
    assert!(matches!(error, StoreError::Unknown(_)), "{error:?}");
    let told = "; whether the last change was kept is known when it is opened again";
    assert!(error.to_string().starts_with("the store could not be written: ") && error.to_string().ends_with(told), "{error}");
    assert!(matches!(book.make(&*store, 10).unwrap_err(), StoreError::Unknown(_)));
    // Reading goes on, as of what was acknowledged.
    assert_eq!(book.compare_what_is_there(&*store), 0);
    assert_eq!(store.seq(), book.seq);
    disk.mend();
    // The commit that failed is tried again; the first may have been kept, too.
    let kept_before = store.seq();
    store.commit(commit(vec![contact(1, "after")])).unwrap();
    assert!((1..=2).contains(&(store.seq() - kept_before)));
    assert_eq!(book.compare_what_is_there(&*store), 0);
    drop(store);
    let store = open(&disk, &shelf).unwrap();
    assert_eq!(store.check(false, &mut |_, _| {}).unwrap().damage, Vec::<String>::new());
    goes_on(&store, &book);
}

#[test]
fn a_failed_write_is_taken_back_or_kept_whole() {
    for (nth, bytes) in [(0, 0), (0, 30), (0, 100), (0, 4096)] {
        let (disk, shelf, store, mut book) = begun(10);
        disk.short_write(nth, bytes);
        disk.fail(Operation::Write, nth + 1, Errno::IO);
        match book.make(&*store, 10) {
            Ok(()) => {}
            Err(error) => assert!(matches!(error, StoreError::Io(_)), "{error:?}"),
        }
        disk.mend();
        assert_eq!(book.make_all(&*store, 11..15).1, None);
        book.compare(&*store);
        store.close().unwrap();
        book.compare(&open(&disk, &shelf).unwrap());
    }
}

#[test]
fn a_log_that_somebody_else_changed_is_left_alone() {
    let (disk, _, store, mut book) = begun(10);
    let mut bytes = disk.bytes("00000001.log").unwrap();
    bytes.extend([0; 512]);
    disk.put("00000001.log", bytes.clone());
    let error = book.make(&*store, 10).unwrap_err();
    assert_eq!(error.exit_code(), 6);
    assert!(error.to_string().contains("changed by another process"), "{error}");
    assert_eq!(disk.bytes("00000001.log").unwrap(), bytes);
    // It stays so.
    assert_eq!(book.make(&*store, 10).unwrap_err(), error);
}
