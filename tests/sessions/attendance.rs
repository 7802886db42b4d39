//! What each session is at, as the others see it.

use std::sync::Arc;
use std::time::Duration;

use rolo::domain::{Kind, RecordId};
use rolo::store::api::{Occupation, Part};

use crate::company::{LONG, Place, contact, until};

const C1: RecordId = RecordId::new(Kind::Contact, 1);

/// What the sessions at the store are at, the host first.
fn at(store: &dyn rolo::store::Store) -> Vec<Option<Occupation>> {
    store.sessions().unwrap().into_iter().map(|session| session.at).collect()
}

#[test]
fn each_session_sees_what_the_others_are_at_as_it_changes() {
    let place = Place::new();
    let (host, guest, third) = (place.join(), place.join(), place.join());
    host.commit(contact("Ada Novak")).unwrap();
    let waits = |store: &Arc<dyn rolo::store::Store>| {
        let (store, seen) = (Arc::clone(store), store.stirs());
        std::thread::spawn(move || (seen, store.wait_for_stir(seen, LONG)))
    };
    let (host_waits, third_waits) = (waits(&host), waits(&third));
    let editing = Some(Occupation { record: C1, editing: true });
    // Who waits may not do so yet: it is told again until all have been.
    until("all are told", || {
        guest.be_at(None);
        guest.be_at(editing);
        host_waits.is_finished() && third_waits.is_finished()
    });
    for told in [host_waits, third_waits] {
        let (seen, now) = told.join().unwrap();
        assert!(now > seen);
    }
    let mut told = at(&*host);
    told.sort_by_key(Option::is_some);
    assert_eq!(told, [None, None, editing]);
    assert!(place.done(&["sessions", "--format", "plain"]).contains("\tediting c1\n"));
    host.be_at(Some(Occupation { record: C1, editing: false }));
    assert_eq!(at(&*third)[0], Some(Occupation { record: C1, editing: false }));
    // One that goes is at nothing any more, and the others are told.
    let waiting = waits(&third);
    until("it is told", || {
        host.be_at(None);
        host.be_at(Some(Occupation { record: C1, editing: false }));
        waiting.is_finished()
    });
    guest.close().unwrap();
    until("it is gone", || !at(&*third).contains(&editing));
}

#[test]
fn the_next_host_is_told_what_its_guests_are_at() {
    let place = Place::new();
    let (host, guest, third) = (place.join(), place.join(), place.join());
    let looking = Some(Occupation { record: C1, editing: false });
    guest.be_at(looking);
    let seen = third.stirs();
    host.close().unwrap();
    guest.commit(contact("Ada Novak")).unwrap();
    assert!(third.wait_for_stir(seen, LONG) > seen, "with another host everything may be different");
    until("the guest is known", || third.sessions().unwrap().iter().any(|session| session.at == looking));
    assert!(matches!(guest.part(), Part::Host { .. }) || matches!(third.part(), Part::Host { .. }));
    guest.close().unwrap();
    third.sessions().unwrap();
    assert_eq!(third.wait_for_stir(u64::MAX, Duration::ZERO), third.stirs());
}
