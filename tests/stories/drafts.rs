//! What was being written is found again, over what stands there now.

use rolo::actions::{Desk, Edited, edit_toml, set_texts};
use rolo::command::{Here, Id, Invocation, Question, Reply, spec};
use rolo::domain::RecordId;
use rolo::tui::app::drafts::{Draft, Waiting};
use rolo::tui::app::message::Message;
use rolo::tui::play::Stage;
use serde_json::{Value, json};

use crate::common::{after, demo_desk, empty_stage, message, options, picture, stage};

/// Comes back after a crash: with the draft as it was read from its file.
fn crash(desk: &Desk, stage: &Stage) -> Stage {
    let text = serde_json::to_string(&stage.app.draft().expect("a draft")).unwrap();
    let mut again = Stage::new(desk.clone(), &options(120, 40)).unwrap();
    wait_with(&mut again, serde_json::from_str(&text).unwrap());
    again
}

fn wait_with(stage: &mut Stage, draft: Draft) {
    stage.app.wait_with(Waiting { key: "main-1.json".to_owned(), when: "Wed 2026-03-04 10:28".to_owned(), draft });
    stage.app.offer_drafts();
}

fn set(desk: &Desk, id: &str, text: &str) {
    let id: RecordId = id.parse().unwrap();
    set_texts(desk, &id.into(), &[text], None, false).unwrap();
}

fn text<'v>(state: &'v Value, name: &str) -> &'v str {
    let rows = state["overlay"]["rows"].as_array().unwrap();
    let at = rows.iter().position(|row| row == name).unwrap_or_else(|| panic!("no line {name} in {rows:?}"));
    state["overlay"]["texts"][at].as_str().unwrap()
}

#[test]
fn a_form_is_found_again_with_what_was_typed_and_what_was_changed_since() {
    let desk = demo_desk();
    let mut stage = Stage::new(desk.clone(), &options(120, 40)).unwrap();
    let id = after(&mut stage, "<Space>e")["overlay"]["id"].as_str().unwrap().to_owned();
    assert_eq!(stage.app.draft(), None, "nothing typed, nothing kept");
    stage.press("<C-u>Mine").unwrap();
    while stage.app.form.as_ref().unwrap().current().unwrap().field.name != "nickname" {
        stage.press("<Down>").unwrap();
    }
    stage.press("Nick").unwrap();
    set(&desk, &id, "name=Theirs");
    set(&desk, &id, "prefix=Dr.");
    let mut again = crash(&desk, &stage);
    let (level, told) = message(&again.state());
    assert_eq!(level, "warning");
    assert_eq!(
        told,
        format!("a draft waits ({id} Alasdair Ashworth: name, nickname): <Space>d takes it up, <Space>D drops it; of Wed 2026-03-04 10:28")
    );
    assert!(again.screen().contains(" 1 draft "), "{}", again.screen());
    insta::assert_snapshot!("draft_offered", picture(&mut again));
    let state = after(&mut again, "<Space>d");
    assert_eq!((&state["overlay"]["kind"], &state["overlay"]["id"]), (&"form".into(), &id.as_str().into()));
    assert_eq!((text(&state, "name"), text(&state, "nickname"), text(&state, "prefix")), ("Mine", "Nick", "Dr."));
    assert_eq!(state["overlay"]["clashes"], json!(["name"]));
    assert!(again.screen().contains("now: Theirs"), "{}", again.screen());
    assert!(!again.screen().contains("1 draft"), "it is taken up");
    assert_eq!(after(&mut again, "<C-s>")["overlay"]["clashes"], json!(["name"]), "one has to choose");
    assert!(message(&after(&mut again, "<C-y><C-s>")).1.ends_with("Mine changed"));
    assert_eq!((again.app.draft(), again.app.drafts.waiting.len()), (None, 0));
}

#[test]
fn a_new_record_a_cell_and_a_line_are_found_again() {
    let desk = demo_desk();
    let mut new = Stage::new(desk.clone(), &options(120, 40)).unwrap();
    new.press("<Space>ncAda Novák<Down>").unwrap();
    let mut again = crash(&desk, &new);
    let state = after(&mut again, "<Space>d");
    assert_eq!((text(&state, "name"), &state["overlay"]["id"]), ("Ada Novák", &Value::Null));
    assert!(message(&after(&mut again, "<C-s>")).1.starts_with("added c"));
    // A cell of which there are several values, too.
    let mut cell = Stage::new(desk.clone(), &options(120, 40)).unwrap();
    cell.press("3j").unwrap();
    let id = cell.app.current().unwrap().to_string();
    set(&desk, &id, "email+=second@x.example");
    cell.tell(Message::Changed(Some(vec![id.parse().unwrap()])));
    cell.press("lli<C-u>half@").unwrap();
    let mut again = crash(&desk, &cell);
    let state = after(&mut again, "<Space>d");
    assert_eq!((&state["overlay"]["id"], &state["overlay"]["clashes"]), (&id.as_str().into(), &json!([])));
    assert_eq!(again.app.form.as_ref().unwrap().current().unwrap().input.text(), "half@");
    again.press("x.example<C-s>").unwrap();
    assert!(message(&again.state()).1.ends_with(" changed"), "{}", message(&again.state()).1);
    // The line of a touch.
    let mut line = Stage::new(desk.clone(), &options(120, 40)).unwrap();
    line.press("a").unwrap();
    assert_eq!(line.app.draft(), None, "what a key opened is no draft");
    line.press("15m \"renewal ag").unwrap();
    let mut again = crash(&desk, &line);
    let state = after(&mut again, ":draft 1<CR>");
    assert_eq!(state["prompt"]["text"], "log call 15m \"renewal ag");
    assert!(message(&after(&mut again, "reed\"<CR>")).1.starts_with("logged i"));
    // What was left on purpose is none.
    again.press(":log call half<Esc>").unwrap();
    assert_eq!(again.app.draft(), None);
}

#[test]
fn what_was_accepted_is_a_draft_until_the_store_has_it() {
    let mut stage = stage(120, 40);
    for keys in [":log call ada \"hello\"<CR>", "cwNew Name<CR>"] {
        // The answer is still on its way: the effects are not performed.
        let mut app = Stage::new(stage.desk.clone(), &options(120, 40)).unwrap().app;
        for key in rolo::tui::keys::notation::parse(keys).unwrap() {
            app.update(Message::Key(key));
            while app.step().is_some() {}
        }
        assert!(app.draft().is_some(), "{keys}");
        app.update(Message::Done(Ok(Reply::default())));
        assert_eq!(app.draft(), None, "{keys}");
    }
    stage.press("cwNew Name<CR>").unwrap();
    assert_eq!(stage.app.draft(), None);
}

#[test]
fn a_text_of_the_editor_is_a_draft_until_it_is_applied_or_dropped() {
    let desk = demo_desk();
    let mut stage = Stage::new(desk.clone(), &options(120, 40)).unwrap();
    let id = stage.app.current().unwrap();
    let original = edit_toml(&desk, &[id]).unwrap();
    let edited = Edited { text: original.replace("language = ", "# language = "), original };
    let question = Question {
        text: "1 field changes: ".to_owned(),
        invocation: Invocation::of(spec(Id::EditApply)),
        here: Here { edited: Some(Box::new(edited.clone())), ..Here::default() },
        flag: None,
        answers: ["apply", "edit", "drop"].map(str::to_owned).to_vec(),
    };
    stage.tell(Message::Done(Ok(Reply { question: Some(Box::new(question.clone())), ..Reply::default() })));
    let draft = stage.app.draft().unwrap();
    assert_eq!(draft, Draft::Text { text: edited.text.clone(), original: edited.original.clone() });
    assert_eq!(draft.told(), format!("the text of {id} ({} lines)", edited.text.lines().count()));
    // The prompt closed with <Esc>: the text is asked about no more, but not lost either.
    let state = after(&mut stage, "apply<CR>");
    assert_eq!((message(&state).1.as_str(), stage.app.draft()), ("1 contact changed", None));
    // Refused, since somebody else has written the same field, it waits to be taken up.
    set(&desk, &id.to_string(), "language=fr");
    let stale = Question { here: Here { edited: Some(Box::new(edited)), ..Here::default() }, ..question };
    stage.tell(Message::Done(Ok(Reply { question: Some(Box::new(stale)), ..Reply::default() })));
    let refused = after(&mut stage, "apply<CR>");
    assert!(message(&refused).1.contains("was changed meanwhile by ada: it is "), "{refused}");
    assert_eq!(stage.app.drafts.waiting.len(), 1);
    let mut again = Stage::new(desk, &options(120, 40)).unwrap();
    wait_with(&mut again, draft);
    let state = after(&mut again, ":drafts<CR>");
    assert!(state["overlay"]["lines"].to_string().contains("# language"), "{state}");
    // Without a terminal there is no editor: it waits on.
    assert_eq!(message(&after(&mut again, "<Esc><Space>d")).0, "error");
    assert_eq!(again.app.drafts.waiting.len(), 1);
}

#[test]
fn drafts_are_listed_and_dropped_when_one_says_so() {
    let mut stage = empty_stage(80, 24);
    for (keys, told) in [("<Space>d", "no draft waits"), ("<Space>D", "no draft waits"), (":drafts<CR>", "no draft waits")] {
        assert!(message(&after(&mut stage, keys)).1.starts_with(told), "{keys}");
    }
    wait_with(&mut stage, Draft::Line { prompt: "command".to_owned(), text: "log call one".to_owned() });
    stage.app.wait_with(Waiting {
        key: "two".to_owned(),
        when: "today".to_owned(),
        draft: Draft::Line { prompt: "search".to_owned(), text: "two\u{1b}[2J".to_owned() },
    });
    stage.app.offer_drafts();
    assert!(message(&stage.state()).1.starts_with("2 drafts wait, the last (/two"));
    assert!(!stage.screen().contains('\u{1b}'));
    assert_eq!(after(&mut stage, ":drafts<CR>")["overlay"]["lines"].as_array().unwrap().len(), 4);
    assert_eq!(message(&after(&mut stage, "<Esc>:draft 3<CR>")).1, "there is no draft “3”: :drafts lists them with their numbers");
    let asked = after(&mut stage, ":deldraft 1<CR>");
    assert_eq!(asked["prompt"]["completions"], json!(["keep", "drop"]));
    assert_eq!(message(&after(&mut stage, "keep<CR>")).1, "the draft waits on");
    assert_eq!(message(&after(&mut stage, ":deldraft 1<CR>drop<CR>")).1, "the draft is dropped");
    assert_eq!(message(&after(&mut stage, ":deldraft!<CR>")).1, "the draft is dropped");
    assert_eq!(stage.app.drafts.waiting.len(), 0);
}

#[test]
fn a_draft_of_a_record_that_is_gone_waits_on() {
    let desk = demo_desk();
    let mut stage = Stage::new(desk.clone(), &options(120, 40)).unwrap();
    stage.press("<Space>ex").unwrap();
    let mut again = crash(&desk, &stage);
    let id = again.app.current().unwrap();
    rolo::actions::trash(&desk, &id.into()).unwrap();
    rolo::actions::purge(&desk).unwrap();
    let state = after(&mut again, "<Space>d");
    assert_eq!((message(&state).0.as_str(), &state["overlay"]), ("error", &Value::Null));
    assert_eq!(again.app.drafts.waiting.len(), 1);
    assert!(after(&mut again, ":drafts<CR>")["overlay"]["lines"].to_string().contains("name: Alasdair Ashworthx"));
}

#[test]
fn who_edits_a_cell_that_somebody_else_has_changed_gets_both() {
    let desk = demo_desk();
    let mut stage = Stage::new(desk.clone(), &options(120, 40)).unwrap();
    let id = stage.app.current().unwrap().to_string();
    stage.press("cwMine").unwrap();
    // Another field is nobody's concern.
    set(&desk, &id, "nickname=Nick");
    set(&desk, &id, "name=Theirs");
    let clash = after(&mut stage, "<CR>");
    assert_eq!((&clash["overlay"]["kind"], &clash["overlay"]["clashes"]), (&"form".into(), &json!(["name"])));
    assert_eq!((text(&clash, "name"), text(&clash, "nickname")), ("Mine", "Nick"));
    assert!(stage.screen().contains("now: Theirs"), "{}", stage.screen());
    assert!(message(&after(&mut stage, "<C-y><C-s>")).1.ends_with("Mine changed"));
    // The same text is no conflict.
    stage.press("cwSame").unwrap();
    set(&desk, &id, "name=Same");
    assert_eq!(after(&mut stage, "<CR>")["overlay"], Value::Null);
    // Its row is filtered out meanwhile: what was typed goes on in a form.
    let mut stage = Stage::new(desk.clone(), &options(120, 40)).unwrap();
    stage.press(":filter name:same<CR>cwMi").unwrap();
    set(&desk, &id, "name=Other");
    stage.tell(Message::Changed(Some(vec![id.parse().unwrap()])));
    let state = stage.state();
    assert_eq!((&state["overlay"]["id"], text(&state, "name")), (&id.as_str().into(), "Mi"));
    assert_eq!(state["overlay"]["clashes"], json!(["name"]));
}
