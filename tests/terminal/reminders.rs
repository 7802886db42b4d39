//! One is reminded while the application is open: a bell, a notice, a line.

use chrono::{SecondsFormat, TimeDelta, Utc};

use crate::seen::{Seen, rolo};

#[test]
fn one_is_reminded_at_the_agreed_time_and_woken_for_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    rolo(&store, &["add", "contact", "name=Ada"]);
    let mut seen = Seen::open_by_the_clock(folder.path());
    seen.until("Ada");
    seen.settle();
    let before = seen.raw.len();
    // Somebody else agrees on it while it is open.
    let at = |seconds| (Utc::now() + TimeDelta::seconds(seconds)).to_rfc3339_opts(SecondsFormat::Secs, true);
    rolo(&store, &["add", "task", "title=Call \u{1b}]0;x\u{7} Ada", &format!("due={}", at(4))]);
    rolo(&store, &["add", "task", "title=Another day", &format!("due={}", at(400_000))]);
    seen.until("now: Call");
    seen.settle();
    let written = String::from_utf8_lossy(&seen.raw[before..]).into_owned();
    let notice = written.find("\u{1b}]9;Call ").expect("a notice on the desktop");
    let end = written[notice..].find("\u{1b}\\").expect("it ends");
    assert!(!written[notice + 1..notice + end].chars().any(char::is_control), "{written:?}");
    assert!(written.contains('\u{7}'), "a bell");
    assert!(!written.contains("Another day"));
    seen.leave();
}
