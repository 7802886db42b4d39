//! Where one was is found again, however one left.

use std::path::{Path, PathBuf};

use rustix::process::Signal;

use crate::seen::{SIZE, Seen, demo, rolo};

const TERM: (&str, &str) = ("TERM", "xterm-256color");

/// Returns the folder of the one store's workspaces of ada.
fn workspaces(home: &Path) -> PathBuf {
    let all = home.join(".local/state/rolo/workspaces");
    let store = std::fs::read_dir(&all).unwrap().next().unwrap().unwrap();
    store.path().join("ada")
}

#[test]
fn one_comes_back_to_the_same_place_after_leaving_a_signal_and_a_kill() {
    let folder = demo();
    let mut seen = Seen::open(folder.path());
    seen.until("1/150");
    seen.press(":filter company:a\r");
    seen.until("1/110");
    seen.press("6jmaqqjq");
    seen.until("8/110");
    seen.leave();
    for signal in [None, Some(Signal::TERM), Some(Signal::HUP)] {
        let mut seen = Seen::open(folder.path());
        seen.until("where company:a");
        seen.until("8/110");
        seen.press("gg'a");
        seen.until("7/110");
        seen.press("@q");
        seen.until("8/110");
        match signal {
            None => seen.leave(),
            Some(signal) => {
                seen.signal(signal);
                assert!(!seen.ends());
            }
        }
    }
    // Killed, it has what there was when the hands rested.
    let mut seen = Seen::open(folder.path());
    seen.until("8/110");
    seen.press("4j");
    seen.until("12/110");
    seen.press(":set nu\r:tabnew\r");
    let kept = workspaces(folder.path()).join("main.json");
    while !std::fs::read_to_string(&kept).unwrap().contains("\"number\"") {
        seen.settle();
    }
    seen.signal(Signal::KILL);
    assert!(!seen.ends());
    let mut seen = Seen::open(folder.path());
    seen.until("1/150");
    seen.press("gt");
    seen.until("12/110");
    // A broken connection.
    seen.press("ggmz");
    seen.until("1/110");
    seen.hang_up();
    let mut seen = Seen::open(folder.path());
    seen.until("where company:a");
    seen.press("G'z");
    seen.until("1/110");
    seen.leave();
    rolo(&folder.path().join("store"), &["check"]);
}

#[test]
fn each_of_several_applications_has_its_own_place_and_undo() {
    let folder = demo();
    let mut first = Seen::open(folder.path());
    first.until("1/150");
    first.press("3j");
    first.until("4/150");
    let mut second = Seen::open(folder.path());
    second.until("workspace 2");
    second.until("1/150");
    second.press("cw\u{15}Zoe Zed\r");
    second.until("1 contact changed");
    first.press("u");
    first.until("there is nothing to undo");
    let mut named = Seen::open_with(folder.path(), SIZE, &[TERM], &["--workspace", "my deals"]);
    named.until("workspace my deals");
    named.press("9j");
    named.until("10/150");
    let mut busy = Seen::open_with(folder.path(), SIZE, &[TERM], &["--workspace", "my deals"]);
    busy.until("the workspace my deals is open in process ");
    assert!(!busy.ends());
    named.leave();
    first.leave();
    second.press("u");
    second.until("took back");
    second.leave();
    let mut named = Seen::open_with(folder.path(), SIZE, &[TERM], &["--workspace", "my deals"]);
    // On the same record: another one has come back above it.
    named.until("11/150");
    named.leave();
    let mut first = Seen::open(folder.path());
    first.until("4/150");
    first.leave();
    // Without anything of one's own, and nothing is kept of it.
    let mut clean = Seen::open_with(folder.path(), SIZE, &[TERM], &["--clean"]);
    clean.until("1/150");
    clean.press("j");
    clean.until("2/150");
    clean.leave();
    let mut names: Vec<String> =
        std::fs::read_dir(workspaces(folder.path())).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.ends_with(".json"));
    names.sort();
    assert_eq!(names, ["2.json", "main.json", "my%20deals.json"]);
}

#[test]
fn a_broken_file_is_set_aside_and_an_unwritable_folder_said_once() {
    let folder = demo();
    Seen::open(folder.path()).leave_from("1/150");
    let kept = workspaces(folder.path()).join("main.json");
    std::fs::write(&kept, "{ \"format\": 1, \"tabs\": [ {").unwrap();
    let mut seen = Seen::open(folder.path());
    seen.until("the workspace begins anew: main.json:1:26: EOF while parsing");
    seen.leave_from("1/150");
    assert_eq!(std::fs::read_to_string(kept.with_file_name("main.json.broken-1")).unwrap(), "{ \"format\": 1, \"tabs\": [ {");
    let other = demo();
    // A file stands where the folder should: root may write into any other.
    std::fs::create_dir_all(other.path().join(".local/state")).unwrap();
    std::fs::write(other.path().join(".local/state/rolo"), "").unwrap();
    let mut seen = Seen::open(other.path());
    seen.until("what you do here is not kept for the next time");
    seen.press("cw\u{15}Zoe Zed\r");
    seen.until("1 contact changed");
    seen.press(":messages\r");
    seen.until("messages");
    seen.settle();
    assert_eq!(seen.screen().contents().matches("is not kept for the next time").count(), 1);
    seen.press(":q\r");
    seen.settle();
    seen.leave();
}

#[test]
fn half_written_text_is_found_again_after_a_hang_up_a_signal_and_a_kill() {
    let folder = demo();
    let store = folder.path().join("store");
    let mut seen = Seen::open(folder.path());
    seen.until("1/150");
    seen.press(" e");
    seen.until("edit c90");
    seen.press("\u{15}Half A Name");
    seen.until("Half A Name");
    seen.signal(Signal::HUP);
    assert!(!seen.ends());
    seen.is_left();
    // Somebody else goes on meanwhile.
    rolo(&store, &["set", "c90", "name=Theirs Meanwhile"]);
    let mut seen = Seen::open(folder.path());
    seen.until("a draft waits (c90 Alasdair Ashworth: name)");
    seen.until("1 draft");
    seen.press(" d");
    seen.until("now: Theirs Meanwhile");
    // Killed in the middle of choosing: it is a draft again, and the old one is gone.
    let drafts = workspaces(folder.path()).join("drafts");
    while std::fs::read_dir(&drafts).unwrap().count() != 1 {
        seen.settle();
    }
    seen.signal(Signal::KILL);
    assert!(!seen.ends());
    let mut seen = Seen::open(folder.path());
    seen.until("a draft waits (c90 ");
    seen.press(" d");
    seen.until("now: Theirs Meanwhile");
    seen.press("\u{19}\u{13}");
    seen.until("Half A Name changed");
    seen.press("a15m \"renewal ag");
    seen.until("renewal ag");
    while std::fs::read_dir(&drafts).unwrap().count() != 1 {
        seen.settle();
    }
    seen.signal(Signal::KILL);
    assert!(!seen.ends());
    let mut seen = Seen::open(folder.path());
    seen.until("log call 15m \"renewal ag");
    seen.press(" d");
    seen.until("PROMPT");
    seen.press("reed\"\r");
    seen.until("logged i");
    seen.leave();
    assert_eq!(std::fs::read_dir(&drafts).unwrap().count(), 0, "nothing is left of what was kept");
    assert!(rolo(&store, &["show", "c90"]).contains("Half A Name"));
    rolo(&store, &["check"]);
}

#[test]
fn a_text_of_the_editor_is_found_again() {
    use std::os::unix::fs::PermissionsExt;
    let folder = demo();
    // An editor that takes its time: it has written something, and is not done.
    let editor = folder.path().join("editor");
    std::fs::write(&editor, "#!/bin/sh\nsed -i 's/^name = .*/name = \"Edited Half\"/' \"$1\"\ntouch \"$HOME/written\"\nexec sleep 1000\n")
        .unwrap();
    std::fs::set_permissions(&editor, std::fs::Permissions::from_mode(0o755)).unwrap();
    let environment = [TERM, ("PATH", "/usr/bin:/bin"), ("EDITOR", editor.to_str().unwrap())];
    let mut seen = Seen::open_in(folder.path(), SIZE, &environment);
    seen.until("1/150");
    seen.press("cc");
    while !folder.path().join("written").exists() {
        seen.settle();
    }
    seen.signal(Signal::KILL);
    assert!(!seen.ends());
    std::fs::write(&editor, "#!/bin/sh\ngrep -q 'Edited Half' \"$1\"\n").unwrap();
    let mut seen = Seen::open_in(folder.path(), SIZE, &environment);
    seen.until("a draft waits (the text of c90");
    seen.press(" d");
    seen.until("1 field changes");
    seen.until("Edited Half");
    seen.press("apply\r");
    seen.until("1 contact changed");
    seen.leave();
    assert_eq!(std::fs::read_dir(workspaces(folder.path()).join("drafts")).unwrap().count(), 0);
}
