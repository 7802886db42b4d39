//! The register of the clipboard, and rows through a command of the shell.

use rolo::tui::app::message::Message;
use serde_json::json;

use crate::common::{after, message, stage};

#[test]
fn what_is_copied_goes_to_the_terminals_clipboard_and_comes_back() {
    let mut stage = stage(120, 40);
    let state = after(&mut stage, "\"+yy");
    let copied = stage.copied.clone().unwrap_or_default();
    assert!(copied.starts_with("Alasdair Ashworth\tCaledon University\t"), "{copied}");
    assert_eq!((&state["registers"]["+"]["type"], &state["registers"]["+"]["text"]), (&json!("rows"), &json!(copied)));
    let total = state["panes"]["contacts"]["total"].as_u64().unwrap();
    assert_eq!(after(&mut stage, "\"+p")["panes"]["contacts"]["total"], json!(total + 1), "rows that were copied are put as a copy");
    let state = after(&mut stage, "ugg\"*yw");
    assert_eq!((stage.copied.as_deref(), &state["registers"]["+"]["type"]), (Some("Alasdair Ashworth"), &json!("cells")));
    // Rows that are not on screen are read before they are copied.
    after(&mut stage, "gg\"+yG");
    assert_eq!(stage.copied.as_ref().map(|text| text.lines().count()), Some(150));
    let state = after(&mut stage, "dd");
    assert_eq!(state["registers"]["+"]["ids"].as_array().map(Vec::len), Some(150), "what is deleted is copied nowhere else");
}

#[test]
fn what_the_terminal_pastes_is_the_clipboard() {
    let mut stage = stage(120, 40);
    let (level, text) = message(&after(&mut stage, "\"+p"));
    assert_eq!(level, "error");
    assert!(text.starts_with("the register + is empty: \"+y copies; what another program"), "{text}");
    let before = stage.state()["panes"].clone();
    stage.tell(Message::Paste("Ada dd:q\u{1b}[31m\r\n".to_owned()));
    let state = stage.state();
    assert_eq!(state["panes"], before, "a paste runs no key");
    assert_eq!(state["registers"]["+"], json!({"type": "cells", "text": "Ada dd:q\u{1b}[31m"}));
    assert!(message(&state).1.starts_with("pasted into the register +"), "{}", message(&state).1);
    assert!(!stage.screen().contains('\u{1b}'));
    stage.tell(Message::Paste("Ada Lovelace".to_owned()));
    assert_eq!(message(&after(&mut stage, "\"+p")), ("info".to_owned(), "set name: 1 contact changed".to_owned()));
    assert!(stage.screen().contains("Ada Lovelace"), "{}", stage.screen());
    let state = after(&mut stage, ":echo <C-r>+");
    assert_eq!(state["prompt"]["text"], "echo Ada Lovelace");
    after(&mut stage, "<Esc>/lovelace<CR>");
    // One line with tabs is cells side by side.
    stage.tell(Message::Paste("Augusta King\tCaledon University".to_owned()));
    let state = after(&mut stage, "0\"+p");
    assert!(message(&state).1.ends_with(": 1 contact changed"), "{}", message(&state).1);
    assert!(stage.screen().lines().any(|line| line.contains("Augusta King") && line.contains("Caledon")), "{}", stage.screen());
    stage.tell(Message::Paste("x".repeat(9 << 20)));
    assert_eq!(stage.state()["registers"]["+"]["text"].as_str().map(str::len), Some(8 << 20), "a register has a bound");
}

#[test]
fn rows_go_through_a_command_of_the_shell() {
    let mut stage = stage(120, 40);
    let total = |stage: &mut _| after(stage, "")["panes"]["contacts"]["total"].clone();
    let all = total(&mut stage);
    let state = after(&mut stage, "!2j");
    assert_eq!(
        (&state["mode"], &state["prompt"]["text"]),
        (&json!("prompt"), &json!(".,.+2!")),
        "the range stands there, the command is typed"
    );
    let state = after(&mut stage, "sed s/Alasdair/Alastair/<CR>");
    assert_eq!(message(&state), ("info".to_owned(), "2 contacts changed".to_owned()));
    assert_eq!(stage.screen().matches("Alastair ").count(), 3, "two rows, and whose timeline it is:\n{}", stage.screen());
    after(&mut stage, "u");
    assert!(!stage.screen().contains("Alastair "), "one step");
    for (keys, wanted) in [("!!", ".!"), ("3!!", ".,.+2!"), ("!ip", ".!"), ("Vj!", ".,.+1!")] {
        assert_eq!(after(&mut stage, keys)["prompt"]["text"], wanted, "{keys}");
        after(&mut stage, "<Esc>");
    }
    for (line, wanted) in [
        (":.!false<CR>", "false: exit status: 1: nothing was changed"),
        (":.!echo no such thing >&2; exit 3<CR>", "echo no such thing >&2; exit 3: no such thing: nothing was changed"),
    ] {
        assert_eq!(message(&after(&mut stage, line)), ("error".to_owned(), wanted.to_owned()));
    }
    let (level, text) = message(&after(&mut stage, ":.!echo '[['<CR>"));
    assert_eq!(level, "error", "{text}");
    assert_eq!(
        (total(&mut stage), message(&after(&mut stage, "G:.!cat<CR>")).0),
        (all, "info".to_owned()),
        "what comes back as it was changes nothing"
    );
}
