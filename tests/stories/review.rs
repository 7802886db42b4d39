//! The review of duplicates: pairs side by side, decided one by one.

use crate::common::{after, empty_desk, empty_stage, message, options, picture};
use rolo::actions::{self, Desk};
use rolo::domain::{Assignment, Kind};
use rolo::tui::play::Stage;

/// A store with two pairs that are one, and a contact that is nobody else.
fn twins() -> Desk {
    let desk = empty_desk();
    let add = |texts: &[&str]| {
        let values: Vec<_> = texts.iter().map(|text| Assignment::parse(Kind::Contact, text, &desk.definitions()).unwrap()).collect();
        actions::add(&desk, Kind::Contact, &values).unwrap();
    };
    add(&["name=Ada Novák", "email.work=ada@acme.example", "phone=+420601123456", "language=cs", "notes=Prefers mornings"]);
    add(&["name=Ada Novak", "email.home=ADA@acme.example", "birthday=1970-05-17", "language=en"]);
    add(&["name=Jan Dvořák", "phone=+420602111222"]);
    add(&["name=Jan Dvorak", "phone=602 111 222", "tags=vip"]);
    add(&["name=Eva Malá"]);
    desk
}

fn stage_of(desk: &Desk, width: u16, height: u16) -> Stage {
    Stage::new(desk.clone(), &options(width, height)).unwrap()
}

#[test]
fn how_it_looks() {
    let desk = twins();
    for (width, height) in [(120, 40), (80, 24), (40, 10)] {
        let mut stage = stage_of(&desk, width, height);
        stage.press(":dupes<CR>jj").unwrap();
        insta::assert_snapshot!(format!("review_{width}x{height}"), picture(&mut stage));
    }
    let mut stage = stage_of(&desk, 20, 5);
    stage.press(":dupes<CR>Jxnu").unwrap();
}

#[test]
fn each_decision_is_a_step_that_u_takes_back() {
    let desk = twins();
    let mut stage = stage_of(&desk, 80, 24);
    let state = after(&mut stage, "<Space>u");
    assert_eq!(state["pane"], "review");
    assert_eq!((&state["overlay"]["pair"], &state["overlay"]["open"]), (&serde_json::json!(["c1", "c2"]), &serde_json::json!(2)));
    // The language of the other one stands.
    let rows = state["overlay"]["rows"].as_array().unwrap().clone();
    let row = rows.iter().position(|row| row[0] == "language").unwrap();
    let state = after(&mut stage, &format!("gg{}l", "j".repeat(row)));
    assert_eq!(state["overlay"]["rows"][row][3], "right", "{state}");
    let state = after(&mut stage, "J");
    assert_eq!(message(&state).1, "1 contact merged into c1; kept in its notes: language: cs");
    assert_eq!((&state["overlay"]["pair"], &state["overlay"]["open"]), (&serde_json::json!(["c3", "c4"]), &serde_json::json!(1)));
    assert_eq!(desk.record("c1".parse().unwrap()).unwrap().text(113), Some("en"));
    let state = after(&mut stage, "x");
    assert_eq!(message(&state).1, "c3, c4 are no duplicates");
    assert_eq!(state["overlay"]["open"], 0);
    // Decided already: it is said, and not done twice.
    let state = after(&mut stage, "J");
    assert!(message(&state).1.starts_with("that was decided by @"), "{}", state["message"]);
    let state = after(&mut stage, "u");
    assert_eq!((&state["overlay"]["pair"], &state["overlay"]["open"]), (&serde_json::json!(["c3", "c4"]), &serde_json::json!(1)));
    let state = after(&mut stage, "u");
    assert_eq!((&state["overlay"]["pair"], &state["overlay"]["open"]), (&serde_json::json!(["c1", "c2"]), &serde_json::json!(2)));
    // The other one stays.
    let state = after(&mut stage, "s");
    assert_eq!(state["overlay"]["pair"], serde_json::json!(["c2", "c1"]));
    let state = after(&mut stage, "J");
    assert!(message(&state).1.starts_with("1 contact merged into c2"), "{}", state["message"]);
    let state = after(&mut stage, "<Esc>");
    assert_eq!((&state["overlay"], message(&state).1.as_str()), (&serde_json::Value::Null, "1 decided, 1 left"));
}

#[test]
fn pairs_are_gone_through_skipped_and_opened() {
    let desk = twins();
    let mut stage = stage_of(&desk, 80, 24);
    after(&mut stage, ":dupes contact<CR>");
    assert_eq!(after(&mut stage, "n")["overlay"]["pair"], serde_json::json!(["c3", "c4"]));
    assert_eq!(after(&mut stage, "n")["overlay"]["pair"], serde_json::json!(["c1", "c2"]));
    assert_eq!(after(&mut stage, "N")["overlay"]["pair"], serde_json::json!(["c3", "c4"]));
    let state = after(&mut stage, "O");
    assert_eq!((&state["overlay"]["kind"], &state["overlay"]["id"]), (&"record".into(), &"c4".into()));
    assert_eq!(after(&mut stage, "<Esc>")["overlay"]["kind"], "review");
    // What belongs to rows is refused there, and nothing below it changes.
    let seq = desk.store.seq();
    let state = after(&mut stage, "dd");
    assert_eq!(message(&state).0, "error", "{}", state["message"]);
    assert_eq!(desk.store.seq(), seq);
    assert_eq!(after(&mut stage, "<Esc>")["overlay"], serde_json::Value::Null);
    // Somebody else merged them meanwhile.
    after(&mut stage, ":dupes<CR>");
    actions::merge(&desk, &["c1".parse().unwrap(), "c2".parse().unwrap()], &actions::MergeOptions::default()).unwrap();
    let state = after(&mut stage, ":redraw<CR>J");
    assert!(desk.store.steps(None, 9).unwrap().iter().filter(|step| step.label.starts_with("merge")).count() == 1, "{}", state["message"]);
}

#[test]
fn it_says_when_there_are_none() {
    let mut stage = empty_stage(80, 24);
    let state = after(&mut stage, ":dupes<CR>");
    assert_eq!(state["overlay"]["pairs"], 0);
    assert!(stage.screen().contains("No contacts seem to be one."), "{}", stage.screen());
    let state = after(&mut stage, "J");
    assert_eq!(state["overlay"]["pairs"], 0);
    let state = after(&mut stage, "<Esc>:dupes company industry<CR>");
    assert_eq!(state["overlay"]["of"], "company");
}

#[test]
fn a_value_tells_where_it_came_from() {
    let desk = twins();
    let mut stage = stage_of(&desk, 80, 24);
    let state = after(&mut stage, ":blame c1 email<CR>");
    let line = state["overlay"]["lines"][0].as_str().unwrap();
    assert!(line.starts_with("email.work") && line.ends_with("add contact @1"), "{line}");
    let state = after(&mut stage, "<Esc>:merge c1 c2<CR>");
    assert!(message(&state).1.starts_with("1 contact merged into c1"), "{}", state["message"]);
    let state = after(&mut stage, ":distinct c3 c4<CR>");
    assert_eq!(message(&state).1, "c3, c4 are no duplicates");
}
