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
