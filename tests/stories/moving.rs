//! Moving about: motions, search, filters, panes, and what is said of mistakes.

use crate::common::{after, message, reading};

#[test]
fn counts_move_and_the_timeline_follows() {
    let mut stage = reading(120, 40);
    let state = after(&mut stage, "10j3k");
    assert_eq!(state["panes"]["contacts"]["cursor"], 7);
    assert_eq!(state["panes"]["timeline"]["of"], state["panes"]["contacts"]["rows"][7]);
    let state = after(&mut stage, "G");
    assert_eq!(state["panes"]["contacts"]["cursor"].as_u64().unwrap() + 1, state["panes"]["contacts"]["total"].as_u64().unwrap());
    assert_eq!(after(&mut stage, "5G")["panes"]["contacts"]["cursor"], 4);
    assert_eq!(after(&mut stage, "gg")["panes"]["contacts"]["cursor"], 0);
    assert_eq!(after(&mut stage, ":12<CR>")["panes"]["contacts"]["cursor"], 11);
}

#[test]
fn a_filter_is_set_refused_and_taken_off() {
    let mut stage = reading(80, 24);
    let all = stage.state()["panes"]["contacts"]["total"].as_u64().unwrap();
    let some = after(&mut stage, ":filter lifecycle:customer<CR>");
    let total = some["panes"]["contacts"]["total"].as_u64().unwrap();
    assert!(total > 0 && total < all, "{total} of {all}");
    let refused = after(&mut stage, ":filter lifecycle:custmer<CR>");
    assert_eq!(message(&refused).0, "error");
    assert!(message(&refused).1.contains("customer"), "{}", message(&refused).1);
    assert_eq!(refused["panes"]["contacts"]["filter"], "lifecycle:customer", "the old one stands");
    assert_eq!(after(&mut stage, ":filter<CR>")["panes"]["contacts"]["total"], all);
    let by_key = after(&mut stage, "<Space>flifecycle:lead<CR>");
    assert_eq!(by_key["panes"]["contacts"]["filter"], "lifecycle:lead");
}

#[test]
fn a_search_goes_round_and_counts_its_hits() {
    let mut stage = reading(120, 40);
    let first = after(&mut stage, "/hagg<CR>");
    let text = message(&first).1;
    assert!(text.starts_with("/hagg [1/"), "{text}");
    let second = after(&mut stage, "n");
    assert!(message(&second).1.contains("[2/"), "{}", message(&second).1);
    assert_ne!(first["panes"]["contacts"]["cursor"], second["panes"]["contacts"]["cursor"]);
    assert_eq!(after(&mut stage, "N")["panes"]["contacts"]["cursor"], first["panes"]["contacts"]["cursor"]);
    let none = message(&after(&mut stage, "/nobody is called so<CR>"));
    assert_eq!(none, ("error".to_owned(), "not found: nobody is called so".to_owned()));
    let groups = after(&mut stage, "gg}");
    assert!(groups["panes"]["contacts"]["cursor"].as_u64().unwrap() > 0);
    assert_eq!(after(&mut stage, "{")["panes"]["contacts"]["cursor"], 0);
}

#[test]
fn mistakes_are_told_with_what_was_meant() {
    for (keys, told) in [
        (":fitler x<CR>", "there is no command \u{201c}fitler\u{201d}: did you mean \u{201c}filter\u{201d}?"),
        (":set x<CR>", "\u{201c}x\u{201d} is neither an option nor FIELD=VALUE: a value with spaces stands in quotes: name='Ada Novák'"),
        (":show z9<CR>", ""),
        (":count contct<CR>", "there is no kind \u{201c}contct\u{201d}: did you mean \u{201c}contact\u{201d}?"),
        (":sum contact name<CR>", "name is nothing to be summed: such as amount"),
        (":undo @99999<CR>", ""),
        (":sort nme<CR>", ""),
        (":theme drak<CR>", ""),
        (":purge<CR>", "the trash is empty"),
        (":pane x<CR>", "there is no pane \u{201c}x\u{201d}: contacts, timeline, pipeline, tickets"),
    ] {
        let mut stage = reading(80, 24);
        let (_, text) = message(&after(&mut stage, keys));
        assert!(!text.is_empty(), "{keys} says nothing");
        if !told.is_empty() {
            assert_eq!(text, told, "{keys}");
        }
    }
}

#[test]
fn figures_and_hits_are_read_and_followed() {
    let mut stage = reading(80, 24);
    let state = after(&mut stage, ":sum opportunity amount stage:won --by owner<CR>");
    assert_eq!(state["overlay"]["kind"], "sheet");
    let state = after(&mut stage, "<Esc>:find hagg<CR>");
    let first = state["overlay"]["lines"][0].as_str().unwrap().to_owned();
    let opened = after(&mut stage, "<CR>");
    assert_eq!(opened["overlay"]["kind"], "record");
    assert!(first.starts_with(opened["overlay"]["id"].as_str().unwrap()), "{first}");
    assert_eq!(after(&mut stage, "<Esc>")["overlay"], serde_json::Value::Null);
}

#[test]
fn what_may_follow_is_shown_after_a_pause() {
    use rolo::tui::app::message::Message;
    let mut stage = reading(80, 24);
    // As in a terminal, where keys come one after the other.
    stage.app.follows_at_once = false;
    stage.press("<Space>").unwrap();
    assert!(!stage.screen().contains("filter this pane"), "{}", stage.screen());
    stage.tell(Message::Paused);
    assert!(stage.screen().contains("filter this pane"), "{}", stage.screen());
    stage.press("<Esc>").unwrap();
    assert!(!stage.screen().contains("filter this pane"));
}

#[test]
fn who_is_asked_for_more_is_told_what() {
    let mut stage = reading(80, 24);
    stage.press(">").unwrap();
    assert!(stage.screen().contains("the same again this row"), "{}", stage.screen());
    stage.press("<Esc>V").unwrap();
    assert!(stage.screen().contains("d to the trash"), "{}", stage.screen());
    // A selection is of its tab.
    let state = after(&mut stage, ":tabnew<CR>");
    assert_eq!(state["mode"], "normal");
    stage.press("V2jgt").unwrap();
    let state = stage.state();
    assert_eq!((&state["mode"], &state["panes"]["contacts"]["visual"]), (&"normal".into(), &serde_json::Value::Null));
}
