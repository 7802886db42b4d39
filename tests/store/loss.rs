//! An older log was put back: the image knows commits that it does not have.

use rolo::domain::Kind;
use rolo::store::disk::FaultDisk;
use rolo::store::{Store, StoreError};

use super::bench::{commit, contact};
use super::book::{Book, open};
use super::faults::begun;
use super::shelf::Shelf;

/// Returns a store whose log was put back to that of `old` commits, while the
/// image has `all`.
fn restored(old: u64, all: u64) -> (FaultDisk, Shelf, Book) {
    let (disk, shelf, store, mut book) = begun(old);
    let earlier = disk.copy();
    assert_eq!(book.make_all(&*store, old..all).1, None);
    store.close().unwrap();
    (earlier, shelf, book)
}

#[test]
fn it_is_read_only_until_repaired_and_no_number_is_given_again() {
    let (disk, shelf, book) = restored(6, 12);
    let store = open(&disk, &shelf).unwrap();
    let lost = StoreError::Lost { first: 7, last: 12 };
    assert_eq!(store.notices()[0], "the log has lost the commits 7 to 12: the store is read-only");
    assert_eq!(store.commit(commit(vec![contact(1, "x")])).unwrap_err(), lost);
    assert_eq!(book.as_of(6).compare_what_is_there(&store), 0);
    let check = store.check(false, &mut |_, _| {}).unwrap();
    assert_eq!(check.damage, ["the log has lost the commits 7 to 12"]);
    let check = store.check(true, &mut |_, _| {}).unwrap();
    assert_eq!(check.damage, Vec::<String>::new());
    assert_eq!(check.repaired.len(), 2, "{:?}", check.repaired);
    assert!(check.repaired[0].starts_with("the commits 7 to 12 are gone: what the image knew of them and of "), "{:?}", check.repaired);
    assert!(check.repaired[0].ends_with(" records is in log/salvaged-7-12.jsonl; no number of theirs is given again"));
    // What the image knew: which commits and records there were, and by what they were found.
    let salvaged = String::from_utf8(disk.bytes("salvaged-7-12.jsonl").unwrap()).unwrap();
    let lines: Vec<serde_json::Value> = salvaged.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.iter().filter(|line| line.get("commit").is_some() && line.get("id").is_none()).count(), 6);
    let newest = book.versions.iter().next_back().unwrap();
    let line = lines.iter().find(|line| line["id"] == newest.0.to_string()).unwrap();
    assert_eq!((line["new"].as_bool(), line["commit"].as_u64()), (Some(true), Some(newest.1.last().unwrap().0)));
    assert!(line["found_by"][0]["key"].as_str().unwrap().contains("commit"), "{line}");
    // It goes on behind the lost numbers.
    let next = book.versions.keys().map(|id| id.number).max().unwrap() + 1;
    let answer = store.commit(commit(vec![contact(1, "x")])).unwrap();
    assert_eq!((answer.seq, answer.ids[0].number), (13, next));
    assert_eq!(book.as_of(6).compare_what_is_there(&store), 0);
    store.close().unwrap();
    let store = open(&disk, &shelf).unwrap();
    assert_eq!(store.notices(), Vec::<String>::new());
    let check = store.check(false, &mut |_, _| {}).unwrap();
    assert_eq!((check.damage, check.commits), (Vec::new(), 7));
    assert_eq!(
        check.notices,
        ["the commits 7 to 12 were lost and have been given up", "log/salvaged-7-12.jsonl holds what was known of lost commits"]
    );
}

#[test]
fn a_rebuilt_image_knows_the_numbers_too() {
    let (disk, shelf, book) = restored(6, 12);
    let store = open(&disk, &shelf).unwrap();
    assert_eq!(store.check(true, &mut |_, _| {}).unwrap().damage, Vec::<String>::new());
    store.close().unwrap();
    drop(store);
    shelf.empty();
    let store = open(&disk, &shelf).unwrap();
    let next = book.versions.keys().map(|id| id.number).max().unwrap() + 1;
    assert_eq!(store.commit(commit(vec![contact(1, "x")])).unwrap().ids[0], rolo::domain::RecordId::new(Kind::Contact, next));
}

#[test]
fn a_log_that_went_on_otherwise() {
    // The older log was used without the image, and reaches further than it.
    let (disk, shelf, book) = restored(6, 9);
    let mut other = book.as_of(6);
    let without = Shelf::default();
    let store = open(&disk, &without).unwrap();
    assert_eq!(other.make_all(&store, 20..28).1, None);
    store.close().unwrap();
    drop(store);
    let store = open(&disk, &shelf).unwrap();
    assert!(matches!(store.commit(commit(vec![contact(1, "x")])).unwrap_err(), StoreError::Lost { .. }));
    assert_eq!(other.compare_what_is_there(&store), 0);
    let check = store.check(true, &mut |_, _| {}).unwrap();
    assert_eq!(check.damage, Vec::<String>::new());
    assert!(check.repaired[0].starts_with("the commits 7 to 9 are gone"), "{:?}", check.repaired);
    assert_eq!(other.compare_what_is_there(&store), 0);
    let answer = store.commit(commit(vec![contact(1, "x")])).unwrap();
    let highest = book.versions.keys().chain(other.versions.keys()).map(|id| id.number).max().unwrap();
    assert!(answer.ids[0].number > highest);
}

#[test]
fn a_repair_that_is_interrupted_can_be_repeated() {
    let (disk, shelf, book) = restored(6, 12);
    for steps in 0..40 {
        let (disk, shelf) = (disk.copy(), shelf.copy());
        let store = open(&disk, &shelf).unwrap();
        disk.stop_after(steps);
        // It may or may not come to its end.
        let _ = store.check(true, &mut |_, _| {});
        drop(store);
        disk.power_cut(steps);
        let shelf = shelf.after_power_cut(steps);
        let store = open(&disk, &shelf).unwrap();
        let check = store.check(true, &mut |_, _| {}).unwrap();
        assert_eq!(check.damage, Vec::<String>::new(), "{steps}");
        let next = book.versions.keys().map(|id| id.number).max().unwrap() + 1;
        let answer = store.commit(commit(vec![contact(1, "x")])).unwrap();
        assert!(answer.seq > 12 && answer.ids[0].number >= next, "{steps}: {answer:?}");
        assert_eq!(book.as_of(6).compare_what_is_there(&store), 0);
    }
}
