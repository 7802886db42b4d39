//! Text that comes in while something is open.

use crate::seen::{Seen, demo, rolo};

#[test]
fn a_resize_keeps_what_is_being_typed() {
    let folder = demo();
    let mut seen = Seen::open(folder.path());
    seen.until("1/150");
    seen.press(":set owner=no");
    seen.until(":set owner=no");
    for (columns, lines) in [(60, 20), (200, 60), (20, 5), (80, 24)] {
        seen.resize(columns, lines);
        seen.settle();
    }
    seen.until(":set owner=no");
    seen.press("\u{1b}");
    seen.until_that("a closed prompt", |screen| !screen.contents().contains(":set"));
    seen.until("1/150");
    seen.leave();
}

#[test]
fn a_paste_is_text_and_never_keys() {
    let folder = demo();
    let store = folder.path().join("store");
    let before = rolo(&store, &["stats"]);
    let mut seen = Seen::open(folder.path());
    seen.until("1/150");
    // Where nothing is typed it is the register +, and nothing is done.
    seen.press("\u{1b}[200~ddZZ:qa\r\u{1b}[201~");
    seen.until("pasted into the register +");
    seen.press("cw");
    seen.until("INSERT");
    seen.press(&format!("\u{1b}[200~{}the end\u{1b}[201~", ":qa!\r\ndd\r".repeat(5_000)));
    seen.until("the end");
    seen.until("INSERT");
    // All of it is deleted, and what is typed instead is taken.
    seen.press("\u{15}Zoe Zed\r");
    seen.until("1 contact changed");
    seen.press("u");
    seen.until("took back");
    seen.leave();
    let lines = |text: &str| text.lines().filter(|line| line.starts_with("contact")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(lines(&rolo(&store, &["stats"])), lines(&before));
}

#[test]
fn what_the_editor_left_is_shown_and_applied_as_one_step() {
    use std::os::unix::fs::PermissionsExt;
    let folder = demo();
    let editor = folder.path().join("editor");
    // At first with a slip, then without it.
    let script = "#!/bin/sh\nif grep -q '^#! ' \"$1\"; then sed -i '/^nickname = [^\"]/s/.*/nickname = \"Zed\"/' \"$1\"; else sed -i 's/^# nickname = .*/nickname = Zed/' \"$1\"; fi\n";
    std::fs::write(&editor, script).expect("written");
    std::fs::set_permissions(&editor, std::fs::Permissions::from_mode(0o755)).expect("may run");
    let mut seen = Seen::open_in(folder.path(), (100, 30), &[("EDITOR", editor.to_str().expect("UTF-8"))]);
    seen.until("1/150");
    seen.press("cc");
    seen.until("1 field changes");
    seen.until("nickname: Zed");
    seen.press("apply\r");
    seen.until("1 contact changed");
    seen.press("u");
    seen.until("took back");
    seen.leave();
}

#[test]
fn a_new_line_ends_a_prompt_as_a_return_does() {
    // What was typed while the application was suspended comes with new lines.
    let folder = demo();
    let mut seen = Seen::open(folder.path());
    seen.until("1/150");
    seen.press(":add contact name=Zz\n");
    seen.until("added c151");
    seen.leave();
}
