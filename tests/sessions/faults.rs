//! Hosts that are stopped, that left something behind, or whose lock is gone.

use std::time::{Duration, Instant};

use rolo::store::StoreError;
use rolo::store::api::Part;
use rustix::process::Signal;

use crate::company::{Place, contact, names, said};

#[test]
fn a_host_that_is_stopped_is_named_and_waited_for() {
    let place = Place::new();
    place.done(&["add", "contact", "name=Ada Novak"]);
    let host = place.serve();
    let guest = place.join();
    host.signal(Signal::STOP);
    let refused = place.rolo(&["--wait", "1", "list", "contact"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(8), "{}", said(&refused));
    let sentence = format!("store is served by pid {}, which is stopped", host.0.id());
    assert!(String::from_utf8_lossy(&refused.stderr).contains(&sentence), "{}", said(&refused));
    // A call that is patient is answered when it goes on; so is one that was made before.
    let patient = place.rolo(&["--wait", "30", "count", "contact"]).spawn().unwrap();
    let counted = std::thread::spawn(move || {
        guest.commit(contact("Bo Berg")).unwrap();
        names(&*guest).len()
    });
    std::thread::sleep(Duration::from_millis(1_500));
    host.signal(Signal::CONT);
    let output = patient.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(counted.join().unwrap(), 2);
}

#[test]
fn what_a_killed_host_leaves_behind_is_in_nobodys_way() {
    let place = Place::new();
    let mut host = place.serve();
    place.done(&["add", "contact", "name=Ada Novak"]);
    host.kill();
    assert!(place.store().join("sock").exists());
    std::fs::write(place.store().join("sock.new"), "left over").unwrap();
    let begun = Instant::now();
    assert_eq!(place.done(&["count", "contact"]).trim(), "1");
    assert!(begun.elapsed() < crate::company::LONG);
    assert!(!place.store().join("sock").exists());
}

#[test]
fn a_store_with_a_long_path_has_guests_too() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("d".repeat(100)).join("e".repeat(100));
    std::fs::create_dir_all(&deep).unwrap();
    let join = || rolo::store::join(&deep.join("store"), crate::company::options(true)).unwrap();
    let (host, guest) = (join(), join());
    assert_eq!(guest.part(), Part::Guest { of: std::process::id() });
    guest.commit(contact("Ada Novak")).unwrap();
    assert_eq!(names(&*host), ["Ada Novak"]);
}

#[test]
fn a_host_whose_lock_was_replaced_writes_nothing_more() {
    let place = Place::new();
    let host = place.join();
    host.commit(contact("before")).unwrap();
    std::fs::remove_file(place.store().join("LOCK")).unwrap();
    let second = place.join();
    second.commit(contact("after")).unwrap();
    let error = host.commit(contact("never")).unwrap_err();
    assert_eq!(error.exit_code(), 6, "{error}");
    assert_eq!(error, StoreError::Superseded);
    assert_eq!(names(&*second), ["before", "after"]);
    host.close().unwrap();
    second.commit(contact("goes on")).unwrap();
    let third = place.join();
    assert_eq!(names(&*third), ["before", "after", "goes on"]);
    second.close().unwrap();
    third.close().unwrap();
    place.clean();
}
