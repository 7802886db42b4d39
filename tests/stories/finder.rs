//! The finder: any record by a few letters, and what is done with it.

use crate::common::{after, empty_stage, message, picture, reading, stage};

#[test]
fn finds_over_every_kind_and_opens() {
    let mut stage = reading(80, 24);
    stage.press("<Space><Space>lemaitre am").unwrap();
    let first = stage.app.finder.hits[0].clone();
    assert_eq!((first.title.as_str(), first.id.kind.name()), ("Amélie Lemaître", "contact"));
    assert_eq!(first.letters, [0, 1, 7, 8, 9, 10, 11, 12, 13, 14]);
    let state = after(&mut stage, "<CR>");
    assert_eq!((&state["overlay"]["kind"], &state["overlay"]["title"]), (&"record".into(), &"Amélie Lemaître".into()));
    assert_eq!((&state["mode"], &state["prompt"]), (&"normal".into(), &serde_json::Value::Null));
    stage.press("<Esc><Space><Space>petrel<Down>").unwrap();
    let kinds: Vec<&str> = stage.app.finder.hits.iter().map(|hit| hit.id.kind.name()).collect();
    assert!(kinds.contains(&"opportunity"), "{kinds:?}");
    assert_eq!(stage.app.finder.view.cursor(), 1);
    assert!(stage.app.finder.preview.is_some());
}

#[test]
fn narrows_and_widens_as_one_types() {
    let mut stage = reading(120, 40);
    let mut totals = Vec::new();
    stage.press("<Space><Space>").unwrap();
    for key in ["a", "n", "k", "e", "<BS>", "<BS>", "<C-u>"] {
        stage.press(key).unwrap();
        totals.push(stage.app.finder.total);
    }
    assert!(totals[0] >= totals[1] && totals[2] >= totals[3] && totals[3] > 0, "{totals:?}");
    assert_eq!((totals[4], totals[5], totals[6]), (totals[2], totals[1], 0));
    let state = after(&mut stage, "<CR>");
    assert_eq!(message(&state).1, "nothing is found yet: type a few letters of a name");
    assert_eq!(after(&mut stage, "<Esc>")["mode"], "normal");
}

#[test]
fn acts_on_the_hit() {
    let mut stage = stage(120, 40);
    let id = {
        stage.press("<Space><Space>anke brandt").unwrap();
        stage.app.finder.hits[0].id.to_string()
    };
    let state = after(&mut stage, "<C-y>");
    assert_eq!(message(&state).1, "copied: Anke Brandt");
    let state = after(&mut stage, "<Space><Space>anke brandt<C-f>");
    let contacts = &state["panes"]["contacts"];
    assert_eq!((&contacts["filter"], &contacts["rows"][0]), (&"\"anke\" \"brandt\"".into(), &id.as_str().into()));
    let state = after(&mut stage, "<Space><Space>anke brandt<C-l>");
    assert_eq!(state["prompt"]["text"], format!("log call {id} "));
    let state = after(&mut stage, "she likes it<CR>");
    assert!(message(&state).1.contains("with Anke Brandt"), "{state}");
    // What has just been written is found.
    let state = after(&mut stage, ":add contact name=\"Zuzana Quick\"<CR><Space><Space>zquick<CR>");
    assert_eq!(state["overlay"]["title"], "Zuzana Quick");
    let state = after(&mut stage, "<Esc>:finder-log<CR>");
    assert_eq!(message(&state).1, "the finder is not open: open it with :finder");
}

#[test]
fn an_empty_store_has_nothing_to_find() {
    let mut stage = empty_stage(80, 24);
    stage.press("<Space><Space>").unwrap();
    assert!(stage.screen().contains("Type a few letters"), "{}", stage.screen());
    stage.press("ada").unwrap();
    assert!(stage.screen().contains("Nothing is found."), "{}", stage.screen());
    let state = after(&mut stage, "<CR>");
    assert_eq!((&state["mode"], &state["overlay"]), (&"prompt".into(), &serde_json::Value::Null));
    assert_eq!(after(&mut stage, "<C-c>")["mode"], "normal");
}

#[test]
fn how_it_looks() {
    for (width, height) in [(80, 24), (120, 40), (40, 10)] {
        let mut stage = reading(width, height);
        stage.press("<Space><Space>ann").unwrap();
        insta::assert_snapshot!(format!("finder_{width}x{height}"), picture(&mut stage));
    }
}
