//! The image is lost at any moment: the answer is the same, only later.

use rolo::store::Store;
use rolo::store::disk::FaultDisk;
use rolo::store::image::Batch;

use super::bench::{all, commit, contact};
use super::book::{Book, open};
use super::faults::begun;
use super::shelf::Shelf;

#[test]
fn lost_at_every_call_while_writing() {
    for calls in 0..60 {
        let (disk, shelf, mut book) = (FaultDisk::new(), Shelf::default(), Book::default());
        let store = open(&disk, &shelf).unwrap();
        assert_eq!(book.make_all(&store, 0..5).1, None);
        shelf.lose_after(calls);
        assert_eq!(book.make_all(&store, 5..12).1, None);
        book.compare(&store);
        assert_eq!(shelf.made(), 2, "it was lost once");
        assert_eq!(store.notices(), ["the image was rebuilt from the log: it was to be lost here"]);
        store.close().unwrap();
        let store = open(&disk, &shelf).unwrap();
        assert_eq!(store.notices(), Vec::<String>::new());
        book.compare(&store);
    }
}

#[test]
fn lost_at_every_call_while_opening() {
    let (disk, shelf, store, book) = begun(12);
    drop(store);
    for calls in 0..12 {
        // Behind by some commits, so that the tail is replayed, too.
        let shelf = shelf.after_power_cut(calls % 5);
        shelf.lose_after(calls);
        let store = open(&disk.copy(), &shelf).unwrap();
        book.compare(&store);
    }
}

#[test]
fn lost_while_reading() {
    let (_, shelf, store, book) = begun(12);
    for calls in 0..8 {
        shelf.lose_after(calls);
        let page = store.query(&all(rolo::domain::Kind::Contact)).unwrap();
        let there = book.versions.values().filter(|versions| versions.last().unwrap().1.is_some()).count();
        assert_eq!(page.records.len(), there);
        book.compare(&*store);
    }
}

#[test]
fn thrown_away_or_of_another_store_or_layout() {
    let (disk, shelf, store, book) = begun(12);
    drop(store);
    let reopened = |shelf: &Shelf, why: &str| {
        let store = open(&disk.copy(), shelf).unwrap();
        assert_eq!(store.notices(), [format!("the image was rebuilt from the log: {why}")]);
        book.compare(&store);
        store.close().unwrap();
        let again = open(&disk.copy(), shelf).unwrap();
        assert_eq!(again.notices(), Vec::<String>::new());
    };
    let gone = shelf.copy();
    gone.empty();
    reopened(&gone, "there was none");
    let (_, other, store, _) = begun(3);
    drop(store);
    reopened(&other, "it belonged to another store");
    let spoilt = |key: &[u8], value: Option<&[u8]>| {
        let (spoilt, mut batch) = (shelf.copy(), Batch::new());
        match value {
            Some(value) => batch.put(key.to_vec(), value.to_vec()),
            None => batch.delete(key.to_vec()),
        }
        spoilt.spoil(&batch);
        spoilt
    };
    reopened(&spoilt(b"\x01s", Some(&[1, 99])), "it was of schema 99, this version has 2");
    reopened(&spoilt(b"\x01s", None), "it was empty");
    reopened(&spoilt(b"\x01a", Some(&[9])), "what it has applied is unreadable");
    reopened(&spoilt(b"\x01r", Some(&[])), "it was left while its sums were being changed");
}

#[test]
fn a_check_finds_whatever_is_not_as_the_log_says() {
    let (disk, shelf, store, book) = begun(14);
    store.close().unwrap();
    drop(store);
    let keys = shelf.keys();
    assert!(keys.len() > 60);
    for (nth, (key, value)) in keys.iter().enumerate().filter(|(_, (key, _))| key[0] != 1) {
        let (spoilt, mut batch) = (shelf.copy(), Batch::new());
        if nth % 3 == 0 && !value.is_empty() {
            let mut value = value.clone();
            let last = value.len() - 1;
            value[last] ^= 1;
            batch.put(key.clone(), value);
        } else {
            batch.delete(key.clone());
        }
        spoilt.spoil(&batch);
        let store = open(&disk.copy(), &spoilt).unwrap();
        let found = store.check(false, &mut |_, _| {}).unwrap();
        // A label inside a step's value is nothing that a check could know better; all else is found.
        let noticed = !found.damage.is_empty() || !store.notices().is_empty();
        assert!(noticed || key[0] == 0x22, "{key:02x?} {value:02x?}");
        if found.damage.is_empty() {
            continue;
        }
        let repaired = store.check(true, &mut |_, _| {}).unwrap();
        assert_eq!((repaired.damage, repaired.repaired), (Vec::new(), found.damage));
        book.compare(&store);
    }
}

#[test]
fn a_commit_is_done_even_if_no_image_can_be_kept() {
    let (_, shelf, store, _) = begun(3);
    // The image is lost in the middle of applying; the commit was synced before.
    shelf.lose_after(4);
    for _ in 0..5 {
        let answer = store.commit(commit(vec![contact(1, "x")])).unwrap();
        assert_eq!(store.get(&answer.ids).unwrap()[0].as_ref().unwrap().version, answer.seq);
    }
}
