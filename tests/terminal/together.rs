//! Two applications and the command line on one store.

use rustix::process::Signal;

use crate::seen::{Seen, demo, rolo};

#[test]
fn what_another_session_changes_is_seen_at_once() {
    let folder = demo();
    let store = folder.path().join("store");
    let mut first = Seen::open(folder.path());
    first.until("1/150");
    let mut second = Seen::open(folder.path());
    second.until("1/150");
    second.until("guest of ");
    second.until("timeline Alasdair Ashworth");
    second.settle();
    first.press("j");
    first.until("host of 1 guest");
    // A call of the command line is seen by both, and moves no cursor.
    rolo(&store, &["add", "contact", "name=Aaaron Newcomer"]);
    first.until("Aaaron Newcomer");
    first.until("3/151");
    second.until("Aaaron Newcomer");
    second.until("2/151");
    // What the guest changes, the host shows.
    second.press("cw\u{15}Aaa Renamed\r");
    second.until("1 contact changed");
    first.until("Aaa Renamed");
    // The host leaves: the guest goes on, and nothing is lost.
    first.leave();
    second.press("cw\u{15}Aaa Renamed Again\r");
    second.until("Aaa Renamed Again");
    second.until_that("it is nobody's guest", |screen| !screen.contents().contains("guest of "));
    second.leave();
    rolo(&store, &["check"]);
}

#[test]
fn a_change_while_a_guest_opens_is_shown_without_another() {
    let folder = demo();
    let store = folder.path().join("store");
    let mut first = Seen::open(folder.path());
    first.until("1/150");
    for round in 0..4 {
        let mut second = Seen::open(folder.path());
        // At any moment of the first second: its panes are loaded one after another.
        second.until(["contacts", "/15", "guest of ", "timeline Al"][round]);
        rolo(&store, &["add", "contact", &format!("name=Zz Newcomer {round}")]);
        second.until(&format!("/{}", 151 + round));
        second.leave();
    }
    first.until("/154");
    first.leave();
}

#[test]
fn a_host_that_is_suspended_hands_over_and_comes_back() {
    let folder = demo();
    let mut first = Seen::open(folder.path());
    first.until("1/150");
    let mut second = Seen::open(folder.path());
    second.until("guest of ");
    first.press("\u{1a}");
    first.until_that("the main screen", |screen| !screen.alternate_screen());
    second.press("cw\u{15}Aaa Renamed\r");
    second.until("Aaa Renamed");
    second.until_that("it is nobody's guest", |screen| !screen.contents().contains("guest of "));
    first.signal(Signal::CONT);
    first.until("Aaa Renamed");
    first.press("j");
    first.until("guest of ");
    first.leave();
    second.leave();
}
