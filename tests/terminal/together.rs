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

#[test]
fn who_changed_what_is_told_for_a_moment_and_who_edits_is_seen() {
    let folder = demo();
    let store = folder.path().join("store");
    let mut first = Seen::open(folder.path());
    first.until("1/150");
    first.press("4j");
    first.until("5/150");
    let mut second = Seen::open(folder.path());
    second.until("1/150");
    second.until("guest of ");
    // A change of another one's is told and marked, and over after a while.
    rolo(&store, &["set", "c85", "nickname=Al"]);
    first.until("ada changed c85 nickname");
    second.until("ada changed c85 nickname");
    first.until("ada changed it");
    first.until_that("it is over", |screen| !screen.contents().contains("nickname") && !screen.contents().contains("changed it"));
    first.until("5/150");
    let before = first.raw.len();
    first.settle();
    assert_eq!(first.raw.len(), before, "nothing is written while nothing happens");
    // Rows that come in above move no cursor.
    let here = first.screen().contents();
    let cursor = here.lines().find(|line| line.contains("\u{258c}")).unwrap().to_owned();
    rolo(&store, &["add", "contact", "name=Aaaron Newcomer"]);
    first.until("ada added c151");
    first.until("6/151");
    let name = cursor.split_whitespace().nth(1).unwrap();
    assert!(first.screen().contents().lines().any(|line| line.contains("\u{258c}") && line.contains(name)), "{name}");
    // Who edits is seen in the row, in the status line and in the form, until it ends.
    second.until("2/151");
    second.press("gg");
    second.press(" e");
    second.until("edit c151");
    first.until(" edits it");
    first.press("gg e");
    first.until("edit c151 Aaaron Newcomer \u{2013} you ");
    first.press("\u{1b}");
    first.settle();
    first.press(":q\r");
    second.signal(Signal::KILL);
    first.until_that("nobody edits", |screen| !screen.contents().contains(" edits it"));
    first.leave();
    rolo(&store, &["check"]);
}

#[test]
fn a_record_that_leaves_the_rows_by_another_ones_hand_is_told() {
    let folder = demo();
    let store = folder.path().join("store");
    let mut seen = Seen::open(folder.path());
    seen.until("1/150");
    seen.press(":filter name:alasdair\r");
    seen.until("where name:alasdair");
    rolo(&store, &["set", "c90", "name=Zoe Zed"]);
    seen.until("c90 is not among these rows any more: ada changed it");
    seen.leave();
}
