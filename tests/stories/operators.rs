//! Operators with motions, objects and selections; registers, marks, dot, macros.

use crate::common::{after, demo_desk, empty_desk, message, options, stage};
use rolo::domain::{Assignment, Kind};
use rolo::tui::play::{PlayOptions, Stage};
use serde_json::Value;

/// Ten contacts, c1 to c10, named `row 01` to `row 10`; two companies in turn.
fn ten() -> Stage {
    let desk = empty_desk();
    let definitions = desk.definitions();
    let read = |kind, texts: &[&str]| texts.iter().map(|text| Assignment::parse(kind, text, &definitions).unwrap()).collect::<Vec<_>>();
    rolo::actions::add_all(&desk, Kind::Company, &[read(Kind::Company, &["name=Acme"]), read(Kind::Company, &["name=Brno"])]).unwrap();
    let rows: Vec<_> = (1..=10)
        .map(|number| {
            let (name, company) = (format!("name=row {number:02}"), format!("jobs=a{}", 1 + (number > 4) as usize));
            let tag = if number % 3 == 0 { "tags=vip" } else { "tags=plain" };
            read(Kind::Contact, &[&name, &company, tag])
        })
        .collect();
    rolo::actions::add_all(&desk, Kind::Contact, &rows).unwrap();
    Stage::new(desk, &PlayOptions { zoom: true, ..options(120, 40) }).unwrap()
}

/// The numbers of the contacts that are left.
fn left(state: &Value) -> Vec<u64> {
    let rows = state["panes"]["contacts"]["rows"].as_array().unwrap();
    rows.iter().map(|row| row.as_str().unwrap()[1..].parse().unwrap()).collect()
}

fn cursor(state: &Value) -> u64 {
    state["panes"]["contacts"]["cursor"].as_u64().unwrap()
}

/// What is left and where the cursor is after keys on ten rows.
fn told(keys: &str) -> (Vec<u64>, u64) {
    let mut stage = ten();
    let state = after(&mut stage, keys);
    assert_eq!((&state["mode"], &state["pending"]), (&"normal".into(), &"".into()), "{keys}: {}", state["message"]);
    let found = (left(&state), cursor(&state));
    assert!(stage.desk.store.check(false, &mut |_, _| {}).unwrap().damage.is_empty(), "{keys}");
    found
}

fn without(gone: &[u64]) -> Vec<u64> {
    (1..=10).filter(|number| !gone.contains(number)).collect()
}

#[test]
fn operators_take_motions_counts_and_objects() {
    for (keys, gone, cursor) in [
        ("dd", &[1][..], 0),
        ("3dd", &[1, 2, 3], 0),
        ("d3d", &[1, 2, 3], 0),
        ("2jd2k", &[1, 2, 3], 0),
        ("2d3j", &[1, 2, 3, 4, 5, 6, 7], 0),
        ("8GdG", &[8, 9, 10], 6),
        ("3Gdgg", &[1, 2, 3], 0),
        ("5Gd_", &[5], 4),
        ("jd/row 05<CR>", &[2, 3, 4], 1),
        ("5Gd?02<CR>", &[2, 3, 4], 1),
        ("/03<CR>ggdn", &[1, 2], 0),
        ("dip", &[1, 2, 3, 4], 0),
        ("2Gdap", &[1, 2, 3, 4], 0),
        ("5Gdic", &[5, 6, 7, 8, 9, 10], 3),
        ("3Gdit", &[3, 6, 9], 2),
        ("d}", &[1, 2, 3, 4], 0),
        ("jd}", &[2, 3, 4], 1),
        ("3Gmagg2Gd'a", &[2, 3], 1),
        ("3Gma5Gd`a", &[3, 4], 2),
        ("div", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0),
        ("Vjjd", &[1, 2, 3], 0),
        ("5GVggd", &[1, 2, 3, 4, 5], 0),
        ("Vjojd", &[2], 1),
        ("Vj<Esc>5Ggvd", &[1, 2], 0),
        ("5GVipd", &[5, 6, 7, 8, 9, 10], 3),
    ] {
        assert_eq!(told(keys), (without(gone), cursor), "{keys}");
    }
}

#[test]
fn what_cannot_be_done_is_said_and_changes_nothing() {
    for keys in ["dk", "Gdj", "G3dd", "dfq", "d/nobody<CR>", "d'q", "dx", "dy", "d<C-d>", "d<Esc>", "dp"] {
        let mut stage = ten();
        let state = after(&mut stage, keys);
        assert_eq!(left(&state).len(), 10, "{keys}");
        assert_eq!((&state["mode"], &state["pending"]), (&"normal".into(), &"".into()), "{keys}");
    }
    let (level, text) = message(&after(&mut ten(), "du"));
    assert_eq!((level.as_str(), text.as_str()), ("error", "rm needs a motion or an object, and undo is none"));
}

#[test]
fn an_operator_that_waits_is_seen() {
    let mut stage = ten();
    let state = after(&mut stage, "2\"ad3");
    assert_eq!((&state["mode"], &state["pending"]), (&"operator".into(), &"2\"ad3".into()));
    assert!(stage.screen().contains("2\"ad3"), "{}", stage.screen());
    let state = after(&mut stage, "Vj<Esc>Vj");
    assert_eq!(state["mode"], "visual");
    assert_eq!(state["panes"]["contacts"]["visual"]["kind"], "line");
}

#[test]
fn registers_are_typed_and_rows_come_back() {
    let mut stage = ten();
    let state = after(&mut stage, "2Gdd\"ayyj\"Ayy");
    let registers = &state["registers"];
    assert_eq!((&registers["1"]["type"], &registers["1"]["ids"][0]), (&"rows".into(), &"c2".into()));
    assert_eq!(registers["a"]["ids"], serde_json::json!(["c3", "c4"]));
    assert!(registers["a"]["text"].as_str().unwrap().starts_with("row 03\tAcme"), "{}", registers["a"]);
    let state = after(&mut stage, "gg\"1p");
    assert_eq!((left(&state), cursor(&state)), ((1..=10).collect(), 1), "{}", state["message"]);
    let state = after(&mut stage, "\"1p");
    assert_eq!(left(&state).len(), 11, "a second p makes a copy: {}", state["message"]);
    assert_eq!(left(&after(&mut stage, "u")).len(), 10);
    let state = after(&mut stage, "ggyyp");
    assert_eq!(left(&state).len(), 11, "yyp duplicates");
    assert_eq!(left(&after(&mut stage, "u\"_dd")).len(), 9);
    let state = after(&mut stage, ":reg<CR>");
    assert_eq!(state["overlay"]["title"], "registers");
}

#[test]
fn cells_are_cleared_copied_and_put() {
    let mut stage = ten();
    after(&mut stage, ":columns name,notes,language<CR>");
    let text = |stage: &mut Stage, keys: &str| -> String {
        after(stage, keys);
        let lines = stage.screen();
        lines.lines().nth(2).unwrap().to_owned()
    };
    assert!(text(&mut stage, "lcwBosx<CR>").contains("Bosx"));
    assert!(!text(&mut stage, "x").contains("Bosx"));
    let state = stage.state();
    assert_eq!((&state["registers"]["-"]["type"], &state["registers"]["-"]["text"]), (&"cells".into(), &"Bosx".into()));
    assert!(text(&mut stage, "p").contains("Bosx"));
    assert!(text(&mut stage, "rL").contains("Losx"));
    assert!(text(&mut stage, "u").contains("Bosx"));
    let state = after(&mut stage, "yly2jGyw");
    assert_eq!(state["registers"]["0"]["text"], "");
    let state = after(&mut stage, "gg<C-v>3jd");
    assert_eq!(message(&state).0, "info", "{}", state["message"]);
    assert_eq!(left(&state).len(), 10);
    // What is typed over a block goes into each of its rows, and a dot does it again.
    let state = after(&mut stage, "gg0l<C-v>2jcmet at the fair<CR>");
    assert_eq!(message(&state), ("info".to_owned(), "set notes: 3 contacts changed".to_owned()));
    assert_eq!(stage.screen().matches("met at the fair").count(), 3, "{}", stage.screen());
    after(&mut stage, "5j.");
    assert_eq!(stage.screen().matches("met at the fair").count(), 6, "{}", stage.screen());
    after(&mut stage, "u");
    assert_eq!(stage.screen().matches("met at the fair").count(), 3, "one step");
}

#[test]
fn a_contact_put_on_a_deal_is_linked() {
    let mut stage = stage(120, 40);
    let state = after(&mut stage, "yy<Space>pp");
    let (level, text) = message(&state);
    assert_eq!(level, "info", "{text}");
    assert!(text.contains("linked to o"), "{text}");
}

#[test]
fn dot_does_the_last_change_again() {
    for (keys, gone) in [
        ("dd.", &[1, 2][..]),
        ("ddj.", &[1, 3]),
        ("2dd.", &[1, 2, 3, 4]),
        ("dd3.", &[1, 2, 3, 4]),
        ("djG.", &[1, 2]),
        ("Vjdj.", &[1, 2, 4, 5]),
        ("d/05<CR>.", &[1, 2, 3, 4]),
        ("ddu2j.", &[3]),
        ("dd:3<CR>.", &[1, 4]),
        ("ddyyj.", &[1, 3]),
    ] {
        assert_eq!(told(keys).0, without(gone), "{keys}");
    }
}

#[test]
fn macros_are_text_and_one_step() {
    for (keys, gone) in [
        ("qaddjq@a", &[1, 3][..]),
        ("qaddjq2@a", &[1, 3, 5]),
        ("qaddjq@a@@", &[1, 3, 5]),
        ("qaddjq99@a", &[1, 3, 5, 7, 9]),
        ("qaddq2@au", &[1]),
        (":2d<CR>@:", &[2, 3]),
        ("qajq@aqAddq@a", &[3, 5]),
    ] {
        assert_eq!(told(keys).0, without(gone), "{keys}");
    }
    let mut stage = ten();
    let state = after(&mut stage, "qajd");
    assert_eq!(state["recording"], "a");
    assert!(stage.screen().contains("recording @a"));
    let state = after(&mut stage, "dq");
    assert_eq!(state["registers"]["a"], serde_json::json!({"type": "keys", "text": "jdd"}));
    assert_eq!(state["recording"], Value::Null);
    let state = after(&mut stage, ":columns name,notes<CR>l\"apG:norm k<CR>");
    assert_eq!(cursor(&state), 7, "{}", state["message"]);
}

#[test]
fn lines_have_ranges_patterns_and_marks() {
    for (keys, gone) in [
        (":2,4d<CR>", &[2, 3, 4][..]),
        (":%d<CR>", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        ("4G:.,$d<CR>", &[4, 5, 6, 7, 8, 9, 10]),
        (":/05/d<CR>", &[5]),
        (":/03/;+2d<CR>", &[3, 4, 5]),
        ("8G:?06?,/09/d<CR>", &[6, 7, 8, 9]),
        ("3Gma6G:'a,.d<CR>", &[3, 4, 5, 6]),
        ("2GVj:d<CR>", &[2, 3]),
        ("3:d<CR>", &[1, 2, 3]),
        (":g/0[2468]/d<CR>", &[2, 4, 6, 8]),
        (":v/0[2468]/d<CR>", &[1, 3, 5, 7, 9, 10]),
        (":3,8g/0[2468]/d<CR>", &[4, 6, 8]),
        (":g/0[37]/.,+1d<CR>", &[3, 4, 7, 8]),
        (":g/0[37]/norm jdd<CR>", &[4, 8]),
        (":2,4norm dd<CR>", &[2, 3, 4]),
        (":norm 2jdd<CR>", &[3]),
        (":g/vip/d<CR>", &[]),
        (":d 3<CR>", &[1, 2, 3]),
    ] {
        assert_eq!(told(keys).0, without(gone), "{keys}");
    }
    let mut stage = ten();
    assert_eq!(left(&after(&mut stage, ":g/0[37]/norm jdd<CR>u")).len(), 10, "one step: {}", stage.state()["message"]);
    let state = after(&mut stage, ":%s/row 0(.)/line \\1/<CR>");
    assert_eq!(message(&state).1, "9 replaced in 9 records");
    assert!(stage.screen().contains("line 3"));
    assert!(!after(&mut stage, "u")["message"].is_null());
    assert!(!stage.screen().contains("line 3"), "one step");
}

#[test]
fn marks_and_jumps_are_bound_to_records() {
    let mut stage = ten();
    let state = after(&mut stage, "5Gmagg2dd'a");
    assert_eq!((cursor(&state), &state["marks"]["a"]), (2, &"c5".into()));
    assert_eq!(cursor(&after(&mut stage, "''")), 0);
    assert_eq!(cursor(&after(&mut stage, "Ggg<C-o>")), 7);
    assert_eq!(cursor(&after(&mut stage, "<C-o>")), 2, "equal places are kept once");
    let (_, text) = message(&after(&mut stage, "'adddd'a"));
    assert!(text.starts_with("c5 is not among the rows"), "{text}");
    let mut stage = Stage::new(demo_desk(), &options(120, 40)).unwrap();
    let state = after(&mut stage, "5Gma<Space>q'a");
    assert_eq!((&state["pane"], cursor(&state)), (&"contacts".into(), 4), "across panes");
}

#[test]
fn the_undo_tree_keeps_every_branch() {
    let mut stage = ten();
    after(&mut stage, "dduGdd");
    let state = after(&mut stage, "g-");
    assert_eq!(left(&state).len(), 9, "{}", state["message"]);
    assert_eq!(left(&state)[0], 2, "the branch that was left");
    assert_eq!(left(&after(&mut stage, "g-")).len(), 10);
    assert_eq!(left(&after(&mut stage, "2g+")), without(&[10]));
    let state = after(&mut stage, ":undolist<CR>");
    assert!(state["overlay"]["lines"].as_array().unwrap().len() >= 2, "{state}");
    assert_eq!(left(&after(&mut stage, "<Esc>:earlier 2<CR>")).len(), 10);
    assert_eq!(left(&after(&mut stage, ":later 1<CR>")), without(&[1]));
}

#[test]
fn rows_are_merged_tidied_and_counted_up() {
    let mut stage = ten();
    let state = after(&mut stage, "3J");
    assert_eq!(left(&state), without(&[2, 3]), "{}", state["message"]);
    assert_eq!(left(&after(&mut stage, "u")).len(), 10);
    after(&mut stage, "i<C-u>ada   lovelace<CR>==");
    assert!(stage.screen().contains("Ada Lovelace"), "{}", stage.screen());
    let mut stage = Stage::new(demo_desk(), &PlayOptions { zoom: true, ..options(120, 40) }).unwrap();
    let state = after(&mut stage, ":list opportunity<CR><CR>/^amount<CR>5<C-a>");
    assert_eq!(message(&state).0, "info", "{}", state["message"]);
}

#[test]
fn lines_of_the_history_run_again_or_are_typed_on() {
    let mut stage = ten();
    let state = after(&mut stage, ":3<CR>:5d<CR>q:");
    assert_eq!(state["overlay"]["lines"][1], ":5d", "the last one stands last: {}", state["overlay"]);
    assert_eq!(cursor(&after(&mut stage, "k<CR>")), 2, "the line before is run again");
    assert_eq!(left(&after(&mut stage, "q:k<CR>")).len(), 8, "{}", stage.screen());
    let state = after(&mut stage, "q:i");
    assert_eq!((&state["mode"], &state["prompt"]["text"]), (&"prompt".into(), &"5d".into()), "{}", state["prompt"]);
    assert_eq!(left(&after(&mut stage, "<BS><BS>1d<CR>"))[0], 2);
    let state = after(&mut stage, "/7<CR>ggq/<CR>");
    assert_eq!(message(&state).0, "info", "{}", state["message"]);
    assert!(cursor(&state) > 0, "searched again");
}

#[test]
fn what_a_key_asked_the_rest_of_is_done_again_by_a_dot() {
    let mut stage = ten();
    after(&mut stage, "Asees us in May<CR>3j.");
    let state = after(&mut stage, ":filter notes:May<CR>");
    assert_eq!(left(&state).len(), 2, "{}", state["message"]);
    let state = after(&mut stage, ":filter<CR>oZoe Zed<CR>.");
    assert_eq!(left(&state).len(), 12, "a new one, and one like it: {}", state["message"]);
    let state = after(&mut stage, ":5d<CR>gg.");
    assert_eq!(left(&state).len(), 12, "a line is done again by @: alone: {}", state["message"]);
    assert_eq!(left(&after(&mut stage, "@:")).len(), 11);
}
