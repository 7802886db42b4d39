//! What goes wrong inside: the terminal is left, what happened is said, nothing is lost.

use crate::seen::{SIZE, Seen, demo, rolo};

/// F9, as terminals send it.
const F9: &str = "\u{1b}[20~";

#[test]
fn a_panic_leaves_the_terminal_as_it_was_and_says_what_happened() {
    let folder = demo();
    let mut seen = Seen::open_in(folder.path(), SIZE, &[("TERM", "xterm-256color"), ("ROLO_PANIC_AT", "<F9>")]);
    seen.until("1/150");
    seen.press("dd");
    seen.until("1/149");
    // In the middle of typing, with the cursor's other shape.
    seen.press("cwhalf a name");
    seen.until("half a name");
    seen.press(F9);
    assert_eq!(seen.code(), 1);
    seen.is_left();
    let said = seen.screen().contents();
    for wanted in [
        "asked for by ROLO_PANIC_AT",
        "fault.rs:",
        "rolo: the application has gone wrong inside and has ended",
        "what was told as done is kept",
    ] {
        assert!(said.contains(wanted), "{wanted:?} is not said:\n{said}");
    }
    let store = folder.path().join("store");
    rolo(&store, &["check"]);
    assert_eq!(rolo(&store, &["count", "contact"]).trim(), "149");
}

#[test]
fn a_panic_of_a_thread_is_told_and_what_was_typed_stays() {
    let folder = demo();
    let mut seen = Seen::open_in(folder.path(), SIZE, &[("TERM", "xterm-256color"), ("ROLO_PANIC_IN", "set")]);
    seen.until("1/150");
    seen.press("cw\u{15}Zoe Zed\r");
    seen.until("that went wrong inside rolo");
    seen.until("Zoe Zed");
    seen.press("\u{1b}\u{1b}");
    seen.settle();
    seen.press("dd");
    seen.until("1/149");
    seen.press(":q\r");
    assert!(seen.ends(), "it goes on");
    seen.is_left();
    let said = seen.screen().contents();
    assert!(said.contains("thread work") && said.contains("asked for by ROLO_PANIC_IN"), "where it was is said at the end:\n{said}");
    rolo(&folder.path().join("store"), &["check"]);
}
