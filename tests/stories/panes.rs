//! The board, the timeline and the queue beyond moving in them.

use rolo::domain::{Assignment, Kind};
use rolo::tui::play::Stage;

use crate::common::{after, empty_desk, message, options, picture, reading, stage};

#[test]
fn columns_fold_and_empty_ones_collapse() {
    let mut stage = reading(120, 40);
    let state = after(&mut stage, "<Space>pzcl");
    assert_eq!(state["panes"]["pipeline"]["folds"], serde_json::json!(["lead"]));
    insta::assert_snapshot!("board_folded_120x40", picture(&mut stage));
    let state = after(&mut stage, "hG");
    assert_eq!(state["panes"]["pipeline"]["rows"], serde_json::json!([]), "nobody sees the cards of a folded column");
    assert_eq!(message(&after(&mut stage, "dd")).1, "nothing stands under the cursor");
    let state = after(&mut stage, "za");
    assert_eq!(state["panes"]["pipeline"]["folds"], serde_json::json!([]));
    let state = after(&mut stage, "zM");
    assert_eq!(state["panes"]["pipeline"]["folds"].as_array().unwrap().len(), 6);
    let state = after(&mut stage, "zR:filter stage:won<CR>");
    assert_eq!(state["panes"]["pipeline"]["folds"], serde_json::json!([]));
    insta::assert_snapshot!("board_collapsed_120x40", picture(&mut stage));
}

#[test]
fn who_loses_a_deal_is_asked_why() {
    let mut stage = stage(80, 24);
    let state = after(&mut stage, "<Space>p:move lost<CR>");
    assert_eq!((&state["prompt"]["kind"], &state["prompt"]["completions"][0]), (&"answer".into(), &"price".into()));
    insta::assert_snapshot!("why_lost_80x24", picture(&mut stage));
    // Nothing has happened yet, and nothing does when it is called off.
    let step = state["undo"]["step"].clone();
    let state = after(&mut stage, "<Esc>");
    assert_eq!((&state["undo"]["step"], &state["prompt"]), (&step, &serde_json::Value::Null));
    let id = stage.app.current().unwrap();
    let state = after(&mut stage, ":move lost<CR>no<Tab><CR>");
    assert_ne!(state["undo"]["step"], step);
    let deal = stage.desk.record(id).unwrap();
    let text = |field| deal.text(field).unwrap_or_default().to_owned();
    use rolo::domain::fields::number;
    assert_eq!((text(number::STAGE), text(number::LOST_REASON)), ("lost".to_owned(), "no budget".to_owned()));
    // One that is lost already is not asked about again; an empty answer is one too.
    let state = after(&mut stage, ":move lost<CR>");
    assert_eq!(state["prompt"], serde_json::Value::Null);
    let state = after(&mut stage, "9hgg:move lost<CR><CR>");
    assert_eq!(message(&state).0, "info", "{state}");
    // Of many, whether together or one by one, it is asked once.
    for line in [":1,3move lost<CR>price<CR>", ":1,3g/./move lost<CR>price<CR>"] {
        let state = after(&mut stage, "<Space>p9hgg");
        let ids = state["panes"]["pipeline"]["rows"].as_array().unwrap()[..3].to_vec();
        after(&mut stage, line);
        for id in ids {
            let deal = stage.desk.record(id.as_str().unwrap().parse().unwrap()).unwrap();
            assert_eq!(deal.text(number::LOST_REASON), Some("price"), "{line} {id}");
        }
    }
}

#[test]
fn days_of_the_timeline_fold() {
    let mut stage = reading(80, 24);
    let all = after(&mut stage, "j<Space>t")["panes"]["timeline"].clone();
    let state = after(&mut stage, "zM");
    let folded = &state["panes"]["timeline"];
    assert!(folded["rows"].as_array().unwrap().len() < all["rows"].as_array().unwrap().len());
    assert_eq!((&folded["rows"], &folded["folds"][0]), (&folded["folds"], &all["rows"][0]));
    insta::assert_snapshot!("timeline_folded_80x24", picture(&mut stage));
    let state = after(&mut stage, "jzo");
    assert_eq!(state["panes"]["timeline"]["folds"].as_array().unwrap().len() + 1, folded["rows"].as_array().unwrap().len());
    let state = after(&mut stage, "zR");
    assert_eq!(state["panes"]["timeline"]["rows"], all["rows"]);
    assert_eq!(message(&after(&mut stage, "<Space>c<CR>zc")).0, "error", "the lines of a record do not fold");
}

#[test]
fn long_texts_are_shown_whole() {
    let mut stage = reading(80, 24);
    stage.press("j<Space>t<C-w>z").unwrap();
    let before = stage.screen();
    stage.press("zv").unwrap();
    insta::assert_snapshot!("timeline_whole_80x24", picture(&mut stage));
    stage.press("zv").unwrap();
    assert_eq!(stage.screen(), before);
    stage.press(":set wrap<CR>G").unwrap();
    assert!(stage.screen().lines().count() == 24);
    let last = stage.app.timeline.rows.last().unwrap().cells[0].text.clone();
    assert!(stage.screen().contains(&last), "the cursor's row is in sight");
}

#[test]
fn the_timeline_is_filtered_by_channel() {
    let mut stage = reading(80, 24);
    let state = after(&mut stage, "j<Space>vletter<CR>");
    assert_eq!(stage.app.timeline.shown, ["letter"], "{state}");
    assert!(stage.app.timeline.rows.iter().all(|row| row.cells[1].text == "letter"));
    let state = after(&mut stage, ":channel fax<CR>");
    assert!(message(&state).1.starts_with("“fax” is no channel of this timeline: there are "), "{state}");
    after(&mut stage, ":channel<CR>");
    assert_eq!(stage.app.timeline.rows.len(), stage.app.timeline.total());
}

#[test]
fn tickets_are_taken_answered_noted_and_solved() {
    use rolo::domain::fields::number;
    let mut stage = stage(120, 40);
    stage.press("<Space>q").unwrap();
    let id = stage.app.current().unwrap();
    let state = after(&mut stage, "<Space>m");
    assert_eq!(message(&state).0, "info", "{}", message(&state).1);
    let ticket = stage.desk.record(id).unwrap();
    let assignee = stage.desk.record(ticket.link(number::ASSIGNEE).unwrap()).unwrap();
    assert_eq!(assignee.text(number::LOGIN), Some("ada"));

    let last = |stage: &Stage| {
        let linked = stage.desk.store.linking(id, Some(Kind::Interaction), 1).unwrap();
        stage.desk.record(linked[0].0).unwrap()
    };
    let state = after(&mut stage, "<Space>a");
    assert_eq!(state["prompt"]["kind"], "answer");
    let state = after(&mut stage, "We'll send a new one today.<CR>");
    assert_eq!(message(&state).1, format!("{id} is answered"));
    let answer = last(&stage);
    assert_eq!((answer.text(number::DIRECTION), answer.has(number::PRIVATE)), (Some("out"), false));
    after(&mut stage, ":note \"she was angry\"<CR>");
    let note = last(&stage);
    assert_eq!((note.text(number::CHANNEL), note.has(number::PRIVATE)), (Some("note"), true));

    let state = after(&mut stage, "<Space>s");
    assert!(state["prompt"]["completions"].as_array().unwrap().contains(&"solved".into()));
    let state = after(&mut stage, "so<Tab><CR>");
    assert!(!state["panes"]["tickets"]["rows"].as_array().unwrap().contains(&id.to_string().into()), "what is done leaves the queue");
    assert_eq!(stage.desk.record(id).unwrap().text(number::STATUS), Some("solved"));
    let state = after(&mut stage, "<Space>c<Space>s");
    assert!(message(&state).1.starts_with("only tickets are given a status; c"), "{}", message(&state).1);
}

/// A contact with 300 touches, a day each.
fn touched() -> Stage {
    let desk = empty_desk();
    let definitions = desk.definitions();
    let read = |kind, texts: &[String]| texts.iter().map(|text| Assignment::parse(kind, text, &definitions).unwrap()).collect::<Vec<_>>();
    rolo::actions::add_all(&desk, Kind::Contact, &[read(Kind::Contact, &["name=Ada".to_owned()])]).unwrap();
    let touches: Vec<_> = (0..300)
        .map(|n| {
            let day = chrono::NaiveDate::from_ymd_opt(2025, 1, 1).unwrap() + chrono::Days::new(n);
            read(
                Kind::Interaction,
                &[format!("subject=touch {n:03}"), "channel=call".to_owned(), format!("at={day}"), "contact=c1".to_owned()],
            )
        })
        .collect();
    rolo::actions::add_all(&desk, Kind::Interaction, &touches).unwrap();
    let mut stage = Stage::new(desk, &options(80, 24)).unwrap();
    stage.press("<Space>t").unwrap();
    stage
}

#[test]
fn a_timeline_is_loaded_as_it_is_scrolled() {
    let mut stage = touched();
    let first = stage.app.timeline.total();
    assert!(stage.app.timeline.more && first <= 2 * stage.app.timeline.view.height() + 2, "{first} entries for the first screen");
    assert!(stage.screen().contains(&format!("timeline Ada {first}+")), "{}", stage.screen());
    stage.press("5jkzaza<C-e>").unwrap();
    assert_eq!(stage.app.timeline.total(), first, "what is there is not loaded again");
    stage.press("<C-f><C-f>").unwrap();
    let then = stage.app.timeline.total();
    assert!(then > first && then < 300, "{then}");
    let last = |state: &serde_json::Value| {
        (state["panes"]["timeline"]["cursor"].clone(), state["panes"]["timeline"]["rows"].as_array().unwrap().len())
    };
    assert_eq!(last(&after(&mut stage, "G")), (299.into(), 300));
    assert!(!stage.app.timeline.more && stage.screen().contains("timeline Ada 300 "), "{}", stage.screen());
    for (keys, wanted) in
        [(":$<CR>", 299), ("/touch 001<CR>", 298), ("250j", 250), ("250G", 249), (":200<CR>", 199), ("zRG", 299), ("9999j", 299)]
    {
        let state = after(&mut touched(), keys);
        assert_eq!(state["panes"]["timeline"]["cursor"], wanted, "{keys}: {}", message(&state).1);
    }
    let state = after(&mut touched(), "zMG");
    assert_eq!(last(&state), (299.into(), 300), "a day each");
    let state = after(&mut touched(), "yG");
    assert_eq!(state["registers"]["0"]["ids"].as_array().map(Vec::len), Some(300), "{}", message(&state).1);
}
