//! What people change, and how they take it back.

use crate::common::{after, demo_desk, empty_stage, message, options, stage};
use rolo::tui::play::Stage;
use serde_json::Value;

fn rows(state: &Value, pane: &str) -> Vec<String> {
    state["panes"][pane]["rows"].as_array().unwrap().iter().map(|row| row.as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_row_goes_to_the_trash_and_comes_back() {
    let mut stage = stage(120, 40);
    let before = rows(&stage.state(), "contacts");
    let gone = after(&mut stage, "jdd");
    assert_eq!(rows(&gone, "contacts").len(), before.len() - 1);
    assert!(!rows(&gone, "contacts").contains(&before[1]));
    assert_eq!(gone["panes"]["contacts"]["cursor"], 1, "on the row that came up");
    assert_eq!(rows(&after(&mut stage, "u"), "contacts"), before);
    assert_eq!(rows(&after(&mut stage, "<C-r>"), "contacts"), rows(&gone, "contacts"));
    assert_eq!(rows(&after(&mut stage, "u3dd"), "contacts").len(), before.len() - 3);
    let all = after(&mut stage, "u");
    assert_eq!(rows(&all, "contacts"), before, "one count is one step");
    assert_eq!(all["pending"], "");
}

#[test]
fn several_steps_are_taken_back_by_one_count() {
    let mut stage = stage(80, 24);
    let before = rows(&stage.state(), "contacts");
    assert_eq!(rows(&after(&mut stage, "ddjddjdd3u"), "contacts"), before);
    let state = stage.state();
    assert!(message(&state).1.starts_with("3 steps"), "{state}");
}

#[test]
fn a_deal_moves_along_its_pipeline_and_the_cursor_with_it() {
    let mut stage = stage(120, 40);
    let before = after(&mut stage, "<Space>p");
    let deal = before["panes"]["pipeline"]["rows"][0].clone();
    let moved = after(&mut stage, "<gt><gt>");
    let board = &moved["panes"]["pipeline"];
    assert_eq!(board["column"], 1, "{}", moved["message"]);
    assert_eq!(board["rows"][board["cursor"].as_u64().unwrap() as usize], deal);
    let back = after(&mut stage, "<lt><lt>");
    assert_eq!(back["panes"]["pipeline"]["column"], 0);
    let (level, text) = message(&after(&mut stage, "<Space>c<gt><gt>"));
    assert_eq!((level.as_str(), text.as_str()), ("error", "a contact has neither stage nor priority: go to the pipeline or the tickets"));
}

#[test]
fn a_cell_is_edited_where_it_stands() {
    let mut stage = stage(120, 40);
    let editing = after(&mut stage, "i");
    assert_eq!(editing["mode"], "insert");
    assert_eq!(editing["prompt"]["field"], "name");
    let done = after(&mut stage, "<C-u>Zdeněk Ř<CR>");
    assert_eq!((&done["mode"], message(&done).0.as_str()), (&"normal".into(), "info"), "{}", done["message"]);
    assert!(after(&mut stage, "/zdenek<CR>")["message"]["text"].as_str().unwrap().contains("[1/1]"));
    assert!(stage.screen().contains("Zdeněk Ř"));
    let (level, text) = message(&after(&mut stage, "$i"));
    assert_eq!(level, "error", "{text}");
    assert!(text.starts_with("this cell is not edited in place"), "{text}");
    let refused = after(&mut stage, "<Esc>:set lifecycle=custmer<CR>");
    assert_eq!(message(&refused).0, "error");
    assert!(message(&refused).1.contains("customer"), "{}", message(&refused).1);
}

#[test]
fn new_records_and_what_is_logged() {
    let mut stage = empty_stage(120, 40);
    let state = after(&mut stage, "oAda Novák<CR>");
    assert_eq!(rows(&state, "contacts"), ["c1"], "{}", state["message"]);
    let state = after(&mut stage, "oBob<CR>");
    assert_eq!(state["panes"]["contacts"]["cursor"], 1, "the cursor goes to the new one");
    let state = after(&mut stage, "ahe will call back<CR>");
    assert!(message(&state).1.contains("call with Bob"), "{}", state["message"]);
    assert_eq!(rows(&state, "timeline").len(), 1);
    let state = after(&mut stage, "Alikes mornings<CR><CR>");
    assert!(state["overlay"]["rows"].as_array().unwrap().iter().any(|row| row.as_str().unwrap().contains("likes mornings")), "{state}");
    let state = after(&mut stage, "<Esc>:link c1<CR>");
    assert_ne!(message(&state).1, "");
}

#[test]
fn an_empty_store_takes_the_demo() {
    let mut stage = empty_stage(80, 24);
    let state = after(&mut stage, ":demo<CR>");
    assert!(rows(&state, "contacts").len() > 100, "{}", state["message"]);
    let (level, text) = message(&after(&mut stage, ":demo<CR>"));
    assert_eq!(level, "error", "{text}");
    assert_eq!(rows(&after(&mut stage, "u"), "contacts").len(), 0);
}

#[test]
fn a_read_only_session_refuses_every_change() {
    let mut desk = demo_desk();
    desk.readonly = true;
    let mut stage = Stage::new(desk, &options(80, 24)).unwrap();
    let before = rows(&stage.state(), "contacts");
    for keys in ["dd", "i", ":set lifecycle=lead<CR>", "u", "o", "<gt><gt>"] {
        let state = after(&mut stage, keys);
        assert_eq!(message(&state).0, "error", "{keys}: {}", state["message"]);
        after(&mut stage, "<Esc>");
    }
    assert_eq!(rows(&stage.state(), "contacts"), before);
}
