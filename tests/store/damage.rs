//! Bytes of the log that are not what was written: never a wrong record, never a
//! silent loss.

use rolo::store::disk::{Disk, FaultDisk};
use rolo::store::{Store, StoreError};

use super::book::{Book, open};
use super::faults::begun;
use super::shelf::Shelf;

/// Opens a damaged copy; returns whether something was said about it.
fn told(disk: &FaultDisk, shelf: &Shelf, book: &Book, what: &str) -> bool {
    match open(disk, shelf) {
        Err(error) => {
            assert!(matches!(error, StoreError::Damaged(_)), "{what}: {error:?}");
            assert_eq!(error.exit_code(), 6);
            true
        }
        Ok(store) => {
            let unread = book.compare_what_is_there(&store);
            let check = store.check(false, &mut |_, _| {}).unwrap();
            assert!(unread == 0 || !check.damage.is_empty(), "{what}: unread and not found");
            !check.damage.is_empty() || !store.notices().is_empty()
        }
    }
}

#[test]
fn each_bit_flipped_beside_the_image() {
    let (disk, shelf, store, book) = begun(2);
    store.close().unwrap();
    drop(store);
    let bytes = disk.bytes("00000001.log").unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    assert!(end < 900, "{end}");
    // Every bit of what was written, and some of what was only reserved.
    let reserved = (end * 8..bytes.len() * 8).step_by(997);
    for bit in (0..end * 8).chain(reserved) {
        let (disk, shelf) = (disk.copy(), shelf.copy());
        let mut bad = bytes.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        disk.put("00000001.log", bad);
        assert!(told(&disk, &shelf, &book, &format!("bit {bit}")), "bit {bit} of {}: silent", end * 8);
    }
}

#[test]
fn each_prefix_beside_the_image() {
    let (disk, shelf, store, book) = begun(6);
    store.close().unwrap();
    drop(store);
    let bytes = disk.bytes("00000001.log").unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    for length in 0..bytes.len() {
        if length > end && length % 101 > 0 {
            continue;
        }
        let (disk, shelf) = (disk.copy(), shelf.copy());
        disk.put("00000001.log", bytes[..length].to_vec());
        let what = format!("{length} of {} bytes", bytes.len());
        match open(&disk, &shelf) {
            Err(error) => assert!(matches!(error, StoreError::Damaged(_)), "{what}: {error:?}"),
            Ok(store) if length >= end => book.compare(&store),
            Ok(store) => {
                // It has what is left, says which commits are not, and takes no more.
                let left = store.seq();
                assert!(left < book.seq, "{what}");
                assert_eq!(book.as_of(left).compare_what_is_there(&store), 0, "{what}");
                let lost = StoreError::Lost { first: left + 1, last: book.seq };
                assert_eq!(book.clone().make(&store, 6).unwrap_err(), lost, "{what}");
                assert_eq!(lost.exit_code(), 6);
                assert!(store.notices().contains(&format!("{lost}: the store is read-only")), "{what}");
                assert!(store.check(false, &mut |_, _| {}).unwrap().damage.contains(&lost.to_string()), "{what}");
                // Opened again, it says so again.
                drop(store);
                assert_eq!(book.clone().make(&open(&disk, &shelf).unwrap(), 6).unwrap_err(), lost, "{what}");
            }
        }
    }
}

#[test]
fn segments_that_are_missing_or_changed_places() {
    let (disk, shelf, store, book) = begun(60);
    store.close().unwrap();
    drop(store);
    let names: Vec<String> = disk.list().unwrap();
    assert!(names.len() >= 3, "{names:?}");
    for name in &names {
        let (disk, shelf) = (disk.copy(), shelf.copy());
        disk.remove(name).unwrap();
        assert!(told(&disk, &shelf, &book.as_of(open(&disk, &shelf).map_or(0, |store| store.seq())), name), "{name}");
    }
    let (first, second) = (disk.bytes(&names[0]).unwrap(), disk.bytes(&names[1]).unwrap());
    let swapped = disk.copy();
    swapped.put(&names[0], second);
    swapped.put(&names[1], first);
    assert!(matches!(open(&swapped, &shelf.copy()), Err(StoreError::Damaged(_))));
}

#[test]
fn a_lost_log_is_no_new_store() {
    let (disk, shelf, store, _) = begun(6);
    store.close().unwrap();
    drop(store);
    for name in disk.list().unwrap() {
        disk.remove(&name).unwrap();
    }
    let error = open(&disk, &shelf).err().unwrap();
    assert_eq!(error, StoreError::Damaged("the log is gone: here holds no segment of it, and there was one".to_owned()));
    assert_eq!(disk.list().unwrap(), Vec::<String>::new());
}
