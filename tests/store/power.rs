//! The power goes at any step: every acknowledged commit is there, none is torn.

use rolo::store::Store;
use rolo::store::disk::FaultDisk;

use super::book::{Book, goes_on, open};
use super::shelf::Shelf;

/// Works until the disk stops after `steps` changes, then cuts the power (or
/// kills the process) and opens again.
fn round(steps: u64, seed: u64, kill: bool) {
    let (disk, shelf, mut book) = (FaultDisk::new(), Shelf::default(), Book::default());
    let mut n = 0;
    disk.stop_after(steps);
    let store = open(&disk, &shelf);
    if let Ok(store) = &store {
        let (made, error) = book.make_all(store, 0..60);
        assert!(error.is_some() || book.seq == 60);
        n = made;
    }
    // Two lives: the recovery, too, is cut short.
    for (life, steps) in [(1, Some(seed % 7)), (2, None)] {
        if kill {
            disk.kill();
        } else {
            disk.power_cut(seed ^ life);
        }
        let shelf = if kill { shelf.copy() } else { shelf.after_power_cut(seed ^ life) };
        if let Some(steps) = steps {
            disk.stop_after(steps);
            // It may not even open.
            let _ = open(&disk, &shelf);
        } else {
            let store = open(&disk, &shelf).unwrap_or_else(|error| panic!("after {steps:?} steps, seed {seed}: {error}"));
            book.accept_one_more(&store, n);
            book.compare(&store);
            goes_on(&store, &book);
        }
    }
    drop(store);
}

#[test]
fn cut_at_every_step() {
    let rounds = std::env::var("ROLO_POWER_ROUNDS").map_or(1, |rounds| rounds.parse().unwrap());
    for steps in 0..130 {
        for round_number in 0..rounds {
            round(steps, steps * 31 + round_number, false);
        }
    }
}

#[test]
fn killed_at_every_step() {
    for steps in (0..130).step_by(3) {
        round(steps, steps, true);
    }
}

#[test]
fn the_image_may_be_behind_by_anything() {
    let (disk, shelf, mut book) = (FaultDisk::new(), Shelf::default(), Book::default());
    let store = open(&disk, &shelf).unwrap();
    assert_eq!(book.make_all(&store, 0..40).1, None);
    drop(store);
    for seed in 0..43 {
        let (disk, shelf) = (disk.copy(), shelf.after_power_cut(seed));
        let store = open(&disk, &shelf).unwrap();
        book.compare(&store);
        store.close().unwrap();
    }
}
