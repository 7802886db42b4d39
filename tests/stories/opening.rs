//! The application as it opens, and as `rolo play` tells of it.

use crate::common::{demo_desk, options, stage};
use rolo::tui::play::{PlayError, PlayOptions, Print, play};

#[test]
fn the_state_has_all_that_was_promised() {
    let state = stage(120, 40).state();
    let names: Vec<&String> = state.as_object().unwrap().keys().collect();
    let promised = "mode pane pending recording prompt panes marks registers message overlay undo exited".split(' ').collect::<Vec<_>>();
    assert_eq!(names[..promised.len()], promised);
    assert_eq!((&state["mode"], &state["pane"]), (&"normal".into(), &"contacts".into()));
    let contacts = &state["panes"]["contacts"];
    assert_eq!(contacts["rows"].as_array().unwrap().len() as u64, contacts["total"].as_u64().unwrap());
    for name in ["rows", "total", "cursor", "top", "height", "filter", "sort", "folds", "visual"] {
        assert!(contacts.get(name).is_some(), "{name}");
    }
    let columns = state["panes"]["pipeline"]["columns"].as_array().unwrap();
    let stages: Vec<&str> = columns.iter().map(|column| column["stage"].as_str().unwrap()).collect();
    assert_eq!(stages, ["lead", "qualified", "proposal", "negotiation", "won", "lost"]);
    assert!(columns[0]["sum"].as_str().unwrap().ends_with(" EUR"), "{}", columns[0]["sum"]);
    assert!(!state["panes"]["timeline"]["rows"].as_array().unwrap().is_empty(), "the timeline follows");
    assert_eq!(state["exited"], serde_json::Value::Null);
}

#[test]
fn keys_behind_the_end_are_dropped_and_bad_ones_refused() {
    let told = play(demo_desk(), "j:q<CR>dddd", &options(80, 24)).unwrap();
    let state: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(state["exited"], 0);
    assert_eq!(state["panes"]["contacts"]["cursor"], 1);
    let PlayError::Keys(error) = play(demo_desk(), "jj<C-", &options(80, 24)).unwrap_err() else { panic!("the keys are bad") };
    assert_eq!(error.at.start, 2);
}

#[test]
fn a_screen_is_printed_line_by_line() {
    let screen = play(demo_desk(), "", &PlayOptions { print: Print::Screen, ..options(80, 24) }).unwrap();
    assert_eq!(screen.lines().count(), 24);
    assert!(screen.lines().next().unwrap().contains("contacts"), "{screen}");
}
