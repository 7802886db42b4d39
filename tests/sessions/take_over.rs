//! The host goes, in order or not, and a guest goes on in its place.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rolo::store::Store;
use rolo::store::api::Part;

use crate::company::{Place, contact, names, until};

/// How often the host is killed under its guests.
fn rounds() -> u64 {
    std::env::var("ROLO_TAKE_OVERS").map_or(30, |rounds| rounds.parse().unwrap())
}

#[test]
fn a_guest_takes_over_when_the_host_leaves_and_an_idle_one_too() {
    let place = Place::new();
    let (first, second, third) = (place.join(), place.join(), place.join());
    assert_eq!(first.part(), Part::Host { guests: 2 });
    second.commit(contact("one")).unwrap();
    let heard = std::thread::spawn({
        let third = Arc::clone(&third);
        move || third.wait_for_change(1, crate::company::LONG)
    });
    first.close().unwrap();
    // Nobody asks anything of the third one, but it is told.
    second.commit(contact("two")).unwrap();
    assert_eq!(heard.join().unwrap(), 2);
    let hosts = [&second, &third].iter().filter(|store| matches!(store.part(), Part::Host { .. })).count();
    assert_eq!(hosts, 1);
    assert_eq!(names(&*third), ["one", "two"]);
    assert!(first.get(&[]).unwrap_err().to_string().contains("closed"));
    second.close().unwrap();
    third.commit(contact("three")).unwrap();
    assert_eq!((third.part(), names(&*third).len()), (Part::Host { guests: 0 }, 3));
}

#[test]
fn one_that_steps_aside_comes_back_as_a_guest() {
    let place = Place::new();
    let (host, guest) = (place.join(), place.join());
    host.step_aside();
    guest.commit(contact("while it was away")).unwrap();
    assert!(matches!(guest.part(), Part::Host { .. }));
    host.come_back();
    assert_eq!(names(&*host), ["while it was away"]);
    assert!(matches!(host.part(), Part::Guest { .. }));
    // Alone, it keeps the store: nobody waits for it.
    host.close().unwrap();
    until("it is alone", || guest.part() == Part::Host { guests: 0 });
    guest.step_aside();
    assert_eq!(guest.part(), Part::Host { guests: 0 });
}

#[test]
fn the_host_is_killed_while_guests_commit() {
    let place = Place::new();
    let mut host = place.serve();
    let stores: Vec<Arc<dyn Store>> = (0..3).map(|_| place.join()).collect();
    let done = Arc::new(AtomicBool::new(false));
    let threads: Vec<_> = stores
        .iter()
        .enumerate()
        .map(|(who, store)| {
            let (store, done) = (Arc::clone(store), Arc::clone(&done));
            std::thread::spawn(move || {
                let mut acknowledged = Vec::new();
                while !done.load(Ordering::Acquire) {
                    let name = format!("{who}-{}", acknowledged.len());
                    store.commit(contact(&name)).unwrap();
                    acknowledged.push(name);
                }
                acknowledged
            })
        })
        .collect();
    let mut before = 0;
    until("some commits are made by guests", || stores[0].seq() > 50);
    host.kill();
    until("they go on without it", || {
        before = before.max(stores.iter().map(|store| store.seq()).max().unwrap());
        stores.iter().any(|store| matches!(store.part(), Part::Host { .. })) && stores[0].seq() > 200
    });
    // From now on one of these is the host: it leaves, again and again, and comes back.
    for _ in 0..rounds() {
        let Some(at) = stores.iter().position(|store| matches!(store.part(), Part::Host { .. })) else {
            std::thread::yield_now();
            continue;
        };
        let seq = stores[at].seq();
        stores[at].step_aside();
        let other = &stores[(at + 1) % stores.len()];
        until("the others go on", || other.seq() > seq + 3);
        stores[at].come_back();
    }
    done.store(true, Ordering::Release);
    let mut acknowledged: Vec<String> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    let mut kept = names(&*stores[0]);
    acknowledged.sort();
    kept.sort();
    assert_eq!(kept, acknowledged, "each of them once, and nothing else");
    stores.iter().for_each(|store| store.close().unwrap());
    place.clean();
}
