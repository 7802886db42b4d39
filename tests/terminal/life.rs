//! From the first frame to the last, however it comes.

use rustix::process::Signal;

use crate::seen::{Seen, demo, rolo};

#[test]
fn starts_moves_changes_leaves_and_opens_again() {
    let folder = demo();
    // The dearest of colours: what a key costs is counted where it costs most.
    let mut seen = Seen::open_in(folder.path(), (120, 40), &[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]);
    seen.until("1/150");
    // The first frame has settled when the timeline has come.
    seen.until("timeline Alasdair Ashworth");
    seen.settle();
    let before = seen.raw.len();
    seen.press("j");
    seen.until("2/150");
    let cost = seen.raw.len() - before;
    assert!(cost <= 200, "the cursor's cell, its bar and the status line are painted anew, no row: {cost} bytes");
    seen.until("timeline Alasdair Whitfield");
    seen.settle();
    let before = seen.raw.len();
    seen.press("\u{6}");
    seen.until("16/150");
    let page = seen.raw.len() - before;
    assert!(page <= 3_500, "a page is the rows of one pane: {page} bytes");
    seen.settle();
    let before = seen.raw.len();
    seen.settle();
    assert_eq!(seen.raw.len(), before, "nothing is written while nothing happens");
    seen.press("gg");
    seen.until("1/150");
    seen.press("cw\u{15}Zoe Zed\r");
    seen.until("1 contact changed");
    seen.leave();
    let mut again = Seen::open(folder.path());
    // Where one was: on the row that has gone by its new name to where it belongs.
    again.until("144/150");
    again.press("gg/zoe zed\r");
    again.until("[1/1]");
    again.press("u");
    again.until("took back");
    again.leave();
}

#[test]
fn a_signal_ends_it_and_leaves_the_terminal() {
    let folder = demo();
    for signal in [Signal::TERM, Signal::HUP] {
        let mut seen = Seen::open(folder.path());
        seen.until("1/150");
        seen.press("cwhalf a name");
        seen.until("half a name");
        seen.signal(signal);
        assert!(!seen.ends(), "{signal:?} ends it");
        seen.is_left();
    }
    rolo(&folder.path().join("store"), &["check"]);
}

#[test]
fn a_broken_connection_ends_it() {
    let folder = demo();
    let mut seen = Seen::open(folder.path());
    seen.until("1/150");
    seen.hang_up();
    rolo(&folder.path().join("store"), &["check"]);
}

#[test]
fn stopped_and_continued_it_goes_on_where_it_was() {
    let folder = demo();
    let mut seen = Seen::open(folder.path());
    seen.until("1/150");
    seen.press("5j");
    seen.until("6/150");
    seen.press("\u{1a}");
    seen.until_that("the main screen", |screen| !screen.alternate_screen());
    seen.settle();
    seen.is_left();
    seen.signal(Signal::CONT);
    seen.until("6/150");
    seen.until_that("the application's screen", vt100::Screen::alternate_screen);
    seen.press("j");
    seen.until("7/150");
    seen.leave();
}

#[test]
fn a_terminal_that_is_too_small_is_told_and_comes_back() {
    let folder = demo();
    let mut seen = Seen::open_in(folder.path(), (20, 5), &[("TERM", "xterm")]);
    seen.until("rolo needs");
    // What is typed together with a change of size is not lost.
    for (columns, lines) in [(80, 24), (20, 5), (120, 40)] {
        seen.resize(columns, lines);
        seen.press("j");
        seen.settle();
    }
    seen.until("4/150");
    seen.leave();
}

#[test]
fn the_first_screen_and_the_finder_wait_for_no_store() {
    let folder = demo();
    let store = folder.path().join("store");
    // The list file is written when one leaves.
    let mut seen = Seen::open(folder.path());
    seen.until("1/150");
    seen.leave();
    assert!(store.join("list").exists());
    // Another process holds the store, and serves nobody yet.
    let lock = rolo::store::lock::StoreLock::take(&store, &rolo::store::lock::LockOptions::default()).unwrap();
    let mut seen = Seen::open_with(folder.path(), crate::seen::SIZE, &[("TERM", "xterm-256color")], &["--wait", "600"]);
    seen.until("1/150");
    seen.until("Alasdair Whitfie");
    seen.until("alasdair.as");
    seen.press("jj");
    seen.until("3/150");
    seen.press("  lemaitre am");
    seen.until("Amélie Lemaître");
    seen.until("the store is being opened");
    drop(lock);
    // What only the store knows comes with it.
    seen.until_that("the fields of the hit", |screen| !screen.contents().contains("is being opened"));
    seen.press("\r");
    seen.until("lifecycle");
    seen.press("\u{1b}");
    seen.until("negotiation");
    seen.leave();
}

#[test]
fn a_store_that_cannot_be_opened_is_told_after_its_list_was_shown() {
    let folder = demo();
    let store = folder.path().join("store");
    let mut seen = Seen::open(folder.path());
    seen.until("1/150");
    seen.leave();
    let lock = rolo::store::lock::StoreLock::take(&store, &rolo::store::lock::LockOptions::default()).unwrap();
    let mut seen = Seen::open_with(folder.path(), crate::seen::SIZE, &[("TERM", "xterm-256color")], &["--wait", "1"]);
    seen.until("1/150");
    assert_eq!(seen.code(), 8, "as a command that finds it in use");
    seen.is_left();
    drop(lock);
}

#[cfg(target_os = "linux")]
#[test]
fn who_rests_wakes_up_for_nothing() {
    let folder = demo();
    let mut seen = Seen::open(folder.path());
    seen.until("1/150");
    // The list file is written then, so that there is nothing left to do.
    seen.leave();
    let mut seen = Seen::open(folder.path());
    seen.until("timeline Alasdair Ashworth");
    seen.press("jk");
    // Until where one is has been kept.
    (0..5).for_each(|_| seen.settle());
    let (turns, bytes) = (seen.turns(), seen.raw.len());
    (0..8).for_each(|_| seen.settle());
    assert_eq!((seen.turns(), seen.raw.len()), (turns, bytes), "no frame, no wake-up");
    seen.leave();
}
