//! A long import: it tells how far it is, `<C-c>` ends it, and run again it goes on.

use crate::seen::{SIZE, Seen};

#[test]
fn a_long_import_tells_how_far_it_is_and_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..60_000).map(|n| format!("Person {n},p{n}@example.com\n")).collect();
    let people = folder.path().join("people.csv");
    std::fs::write(&people, format!("name,email\n{rows}")).unwrap();
    let mut seen = Seen::open_in(folder.path(), SIZE, &[("TERM", "xterm-256color")]);
    seen.until("Nobody is here yet.");
    seen.press(&format!(":import {} --as contact\r", people.display()));
    seen.until("<C-c> ends it");
    seen.press("\u{3}");
    seen.until("stopped after");
    seen.until("Person 1 ");
    // What is in is seen, and one u takes it back.
    seen.press("u");
    seen.until("Nobody is here yet.");
    seen.leave();
}
