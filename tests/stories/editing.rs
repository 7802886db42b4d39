//! Forms, cells edited in place, and a touch on one line.

use crate::common::{after, demo_desk, empty_stage, message, options, picture, stage};
use rolo::actions::{Desk, Edited, set_texts};
use rolo::command::{Here, Id, Invocation, Question, Reply, spec};
use rolo::domain::RecordId;
use rolo::tui::app::message::Message;
use rolo::tui::play::Stage;
use serde_json::Value;

/// Returns what stands in a line of the open form.
fn text<'v>(state: &'v Value, name: &str) -> &'v str {
    let rows = state["overlay"]["rows"].as_array().unwrap();
    let at = rows.iter().position(|row| row == name).unwrap_or_else(|| panic!("no line {name} in {rows:?}"));
    state["overlay"]["texts"][at].as_str().unwrap()
}

/// Returns the keys that go to a line of the open form.
fn to(state: &Value, name: &str) -> String {
    let rows = state["overlay"]["rows"].as_array().unwrap();
    let at = rows.iter().position(|row| row == name).unwrap();
    let from = state["overlay"]["cursor"].as_u64().unwrap() as usize;
    if at >= from { "<Down>".repeat(at - from) } else { "<Up>".repeat(from - at) }
}

fn go_to(stage: &mut Stage, name: &str) {
    let keys = to(&stage.state(), name);
    stage.press(&keys).unwrap();
}

fn set(desk: &Desk, id: &str, text: &str) {
    let id: RecordId = id.parse().unwrap();
    set_texts(desk, &id.into(), &[text], None, false).unwrap();
}

#[test]
fn a_new_record_in_a_form() {
    let mut stage = empty_stage(120, 40);
    let state = after(&mut stage, "<Space>nc");
    assert_eq!((&state["mode"], &state["overlay"]["kind"], &state["overlay"]["id"]), (&"insert".into(), &"form".into(), &Value::Null));
    let state = after(&mut stage, "Ada Novák");
    go_to(&mut stage, "email");
    let state_wrong = after(&mut stage, "ada");
    assert_eq!(state_wrong["overlay"]["wrong"], serde_json::json!(["email"]), "{state}");
    assert!(stage.screen().contains("it has no @"), "{}", stage.screen());
    // Saving goes to what is wrong, and nothing is lost.
    let refused = after(&mut stage, "<Up><C-s>");
    assert_eq!(message(&refused), ("error".to_owned(), "nothing is saved yet: 1 field has no value".to_owned()));
    assert_eq!(text(&refused, "email"), "ada");
    stage.press("@x.example").unwrap();
    go_to(&mut stage, "lifecycle");
    let state = after(&mut stage, "cu<Tab>");
    assert_eq!(text(&state, "lifecycle"), "customer");
    let saved = after(&mut stage, "<C-s>");
    assert_eq!(message(&saved), ("info".to_owned(), "added c1 Ada Novák".to_owned()));
    assert_eq!((&saved["mode"], &saved["overlay"]), (&"normal".into(), &Value::Null));
    assert_eq!(saved["panes"]["contacts"]["rows"], serde_json::json!(["c1"]));
    assert_eq!(after(&mut stage, "u")["panes"]["contacts"]["rows"], serde_json::json!([]), "one step");
}

#[test]
fn links_are_completed_and_values_added_and_taken_out() {
    let mut stage = empty_stage(120, 40);
    stage.press(":add company name=Acme<CR>:add contact name=Ada email.work=ada@x.example<CR><Esc><Esc>:list contact<CR>").unwrap();
    stage.press("<Space>e").unwrap();
    go_to(&mut stage, "company");
    let state = after(&mut stage, "acm<Tab>");
    assert_eq!(text(&state, "company"), "Acme");
    go_to(&mut stage, "email.work");
    let state = after(&mut stage, "<C-a>home<Down>ada@home.example");
    assert_eq!((text(&state, "email.2.label"), text(&state, "email.2")), ("home", "ada@home.example"), "{state}");
    go_to(&mut stage, "tags");
    let state = after(&mut stage, "vip; local<C-s>");
    assert_eq!(message(&state), ("info".to_owned(), "c1 Ada changed".to_owned()));
    let state = after(&mut stage, "<Space>e");
    assert_eq!(
        (text(&state, "email.work"), text(&state, "email.home"), text(&state, "company")),
        ("ada@x.example", "ada@home.example", "Acme")
    );
    assert!(text(&state, "tags").contains("local"));
    go_to(&mut stage, "email.work");
    stage.press("<C-x><C-s><Space>e").unwrap();
    let state = stage.state();
    let rows: Vec<&str> = state["overlay"]["rows"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(rows.contains(&"email.home") && !rows.contains(&"email.work"), "{rows:?}");
    // Derived fields are not typed.
    assert!(!rows.iter().any(|row| row.starts_with("last.") || row.starts_with("tickets.")), "{rows:?}");
}

#[test]
fn leaving_a_form_with_unsaved_text_asks() {
    let mut stage = stage(80, 24);
    let before = after(&mut stage, "<Space>e<Esc>:q<CR>");
    assert_eq!(before["overlay"], Value::Null, "nothing typed, nothing asked");
    let asked = after(&mut stage, "<Space>ex<C-c>");
    assert_eq!(asked["prompt"]["completions"], serde_json::json!(["stay", "save", "discard"]), "{asked}");
    assert!(stage.screen().contains("1 field is not saved"), "{}", stage.screen());
    let stays = after(&mut stage, "stay<CR>");
    assert_eq!(stays["overlay"]["kind"], "form");
    assert_eq!(after(&mut stage, ":q!<CR>")["overlay"], Value::Null);
    assert_eq!(message(&after(&mut stage, "<Space>ex<Esc>:w<CR>")).0, "info");
    let (level, text) = message(&after(&mut stage, "<Space>e<Esc>dd"));
    assert_eq!((level.as_str(), text.as_str()), ("error", "a form is open: save it with :w, or leave it with :q"));
}

#[test]
fn two_who_changed_one_field_choose() {
    let desk = demo_desk();
    let mut stage = Stage::new(desk.clone(), &options(120, 40)).unwrap();
    let state = after(&mut stage, "<Space>e");
    let id = state["overlay"]["id"].as_str().unwrap().to_owned();
    stage.press("<C-u>Mine").unwrap();
    go_to(&mut stage, "nickname");
    stage.press("Nick").unwrap();
    set(&desk, &id, "name=Theirs");
    set(&desk, &id, "prefix=Dr.");
    let clash = after(&mut stage, "<C-s>");
    assert_eq!(clash["overlay"]["clashes"], serde_json::json!(["name"]), "{clash}");
    assert_eq!((text(&clash, "name"), text(&clash, "nickname"), text(&clash, "prefix")), ("Mine", "Nick", "Dr."));
    assert!(stage.screen().contains("now: Theirs"), "{}", stage.screen());
    assert_eq!(after(&mut stage, "<C-s>")["overlay"]["clashes"], serde_json::json!(["name"]), "one has to choose");
    assert_eq!(text(&after(&mut stage, "<C-t>"), "name"), "Theirs");
    assert!(message(&after(&mut stage, "<C-s>")).1.ends_with("Theirs changed"));
    // Told while the form is open, and mine kept.
    stage.press(&format!(":form {id}<CR><C-u>Mine")).unwrap();
    set(&desk, &id, "name=Others");
    stage.tell(Message::Changed(Some(vec![id.parse().unwrap()])));
    assert_eq!(stage.state()["overlay"]["clashes"], serde_json::json!(["name"]));
    assert!(message(&after(&mut stage, "<C-y><C-s>")).1.ends_with("Mine changed"));
}

#[test]
fn a_wrong_value_stays_in_its_cell() {
    let mut stage = stage(120, 40);
    stage.press("ll").unwrap();
    let typing = after(&mut stage, "i<C-u>nobody");
    assert!(stage.screen().contains("it has no @"), "{}", stage.screen());
    assert_eq!(typing["prompt"]["text"], "nobody");
    let refused = after(&mut stage, "<CR>");
    assert_eq!((&refused["mode"], &refused["prompt"]["text"]), (&"insert".into(), &"nobody".into()));
    assert_eq!(message(&refused).0, "error");
    // Left as it is, it is given up.
    let left = after(&mut stage, "<Esc>");
    assert_eq!((&left["mode"], message(&left).0.as_str()), (&"normal".into(), "warning"), "{left}");
    let done = after(&mut stage, "i<C-u>a@b.example<CR>");
    assert_eq!(message(&done).0, "info", "{done}");
    // A word of a list.
    let state = after(&mut stage, ":columns name,lifecycle<CR>$i<C-u>cus<Tab>");
    assert_eq!(state["prompt"]["text"], "customer");
}

#[test]
fn a_touch_on_one_line() {
    let mut stage = empty_stage(120, 40);
    stage.press(":add contact name='Ada Novák'<CR>:add contact name='Bob Hill'<CR>gg").unwrap();
    stage.press(":log call bob 15m \"renewal agreed\" next fri 10:00 send quote").unwrap();
    let screen = stage.screen();
    assert!(
        screen.contains("call, out, with Bob Hill (c2), 15 min: \u{201c}renewal agreed\u{201d}; then Fri 2026-03-06 10:00 send quote"),
        "{screen}"
    );
    let state = after(&mut stage, "<CR>");
    assert_eq!(message(&state).1, "logged i1: call with Bob Hill; follow-up due 2026-03-06 10:00");
    // Whom the cursor is on, and text that names nobody.
    let state = after(&mut stage, "a1h30 <- he said \u{2018}next time\u{2019}, in the end<CR>");
    assert_eq!(message(&state).1, "logged i2: call with Ada Novák");
    let record = after(&mut stage, ":show i2<CR>");
    let rows = record["overlay"]["rows"].to_string();
    assert!(rows.contains("minutes 90") && rows.contains("direction in") && rows.contains("next time"), "{rows}");
    stage.press("<Esc>:add contact name='Ada Quick'<CR>:add contact name='Cy Low'<CR>/cy<CR>").unwrap();
    stage.press("aada told me").unwrap();
    assert!(stage.screen().contains("fits several: c1 Ada Novák; c3 Ada Quick"), "{}", stage.screen());
    let state = after(&mut stage, "<CR>");
    assert_eq!(message(&state).0, "error");
    let state = after(&mut stage, ":log em<Tab>");
    assert_eq!(state["prompt"]["text"], "log email ");
    let state = after(&mut stage, "qui<Tab>yes<CR>");
    assert!(message(&state).1.contains("email with Ada Quick"), "{state}");
    assert_eq!(
        message(&after(&mut stage, ":log cal ada hello<CR>")).1,
        "\u{201c}cal\u{201d} is no channel: did you mean \u{201c}call\u{201d}?"
    );
}

#[test]
fn how_it_looks() {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut stage = stage(width, height);
        stage.press("<Space>e<Down><Down>").unwrap();
        insta::assert_snapshot!(format!("form_{width}x{height}"), picture(&mut stage));
        go_to(&mut stage, "lifecycle");
        stage.press("<C-u>x<Up><Down><C-u><Tab>").unwrap();
        insta::assert_snapshot!(format!("form_choices_{width}x{height}"), picture(&mut stage));
        stage.press("<C-u>x<Esc>:q!<CR>:log call 15m \"renewal agreed\" next fri 10:00 send quote").unwrap();
        insta::assert_snapshot!(format!("touch_{width}x{height}"), picture(&mut stage));
    }
}

#[test]
fn what_the_editor_left_is_shown_and_asked_about() {
    let desk = demo_desk();
    let mut stage = Stage::new(desk.clone(), &options(120, 40)).unwrap();
    let id: RecordId = stage.state()["panes"]["contacts"]["rows"][0].as_str().unwrap().parse().unwrap();
    let original = rolo::actions::edit_toml(&desk, &[id]).unwrap();
    let text = original.replace("language = ", "# language = ");
    let lines = rolo::actions::review_toml(&desk, &text, &original).unwrap().lines;
    let question = Question {
        text: "1 field changes: ".to_owned(),
        invocation: Invocation::of(spec(Id::EditApply)),
        here: Here { edited: Some(Box::new(Edited { text, original })), ..Here::default() },
        flag: None,
        answers: ["apply", "edit", "drop"].map(str::to_owned).to_vec(),
    };
    let reply = Reply { title: "what the text changes".to_owned(), lines, question: Some(Box::new(question)), ..Reply::default() };
    stage.tell(Message::Done(Ok(reply.clone())));
    assert!(stage.screen().contains(&format!("{id} language: ")), "{}", stage.screen());
    let dropped = after(&mut stage, "drop<CR>");
    assert_eq!((message(&dropped).1.as_str(), &dropped["overlay"]), ("nothing was changed", &Value::Null));
    stage.tell(Message::Done(Ok(reply)));
    let applied = after(&mut stage, "apply<CR>");
    assert_eq!((message(&applied).1.as_str(), &applied["overlay"]), ("1 contact changed", &Value::Null));
    assert_eq!(message(&after(&mut stage, ":edit-apply<CR>")).0, "error");
}
