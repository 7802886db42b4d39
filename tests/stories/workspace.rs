//! Coming back to the same place: what a stage was left as, another one takes up.

use rolo::actions::Desk;
use rolo::tui::app::workspace::kept::Kept;
use rolo::tui::play::Stage;
use serde_json::{Value, json};

use crate::common::{after, demo_desk, message, options, picture};

/// Leaves a stage, as through a file, and comes back on another screen.
fn back(desk: &Desk, stage: &Stage, width: u16, height: u16) -> Stage {
    let text = serde_json::to_string_pretty(&stage.app.kept()).unwrap();
    let kept: Kept = serde_json::from_str(&text).unwrap();
    assert_eq!(kept, stage.app.kept());
    Stage::resumed(desk.clone(), &options(width, height), kept).unwrap()
}

/// Everything of a state that one comes back to; of a pane that is not seen nobody knows
/// how high it is.
fn place(state: &Value) -> Value {
    let mut place = state.clone();
    for passing in ["message", "undo", "exited"] {
        place.as_object_mut().unwrap().remove(passing);
    }
    let seen = state["windows"].as_array().unwrap();
    for (name, pane) in place["panes"].as_object_mut().unwrap() {
        if name == "timeline" {
            // How many entries have been read is how far the window has been.
            let cursor = pane["cursor"].as_u64().unwrap() as usize;
            pane["rows"] = pane["rows"][cursor].clone();
        }
        if !seen.contains(&json!(name)) {
            let columns = pane["columns"].as_array_mut().into_iter().flatten();
            columns.for_each(|column| column["top"] = Value::Null);
            (pane["top"], pane["height"], pane["columns"]) = (Value::Null, Value::Null, Value::Null);
        }
    }
    place
}

#[test]
fn one_comes_back_to_the_same_place() {
    let desk = demo_desk();
    let mut stage = Stage::new(desk.clone(), &options(120, 40)).unwrap();
    stage.press(":filter company:a<CR>:sort -name<CR>:columns name,company,email<CR>10j3<C-e>wwma").unwrap();
    stage.press("yyjqqj0qdd:set so=2 nu<CR>/an<CR>n").unwrap();
    stage.press("<Space>pljmB<Space>q3jzt<C-w>z").unwrap();
    stage.press(":tabnew<CR>:list company<CR>5j<C-w>o<C-w>v<C-w>10>:tabnew<CR><Space>p:filter amount:1k..<CR>lzclj1gt<Space>c").unwrap();
    let left = stage.state();
    let mut again = back(&desk, &stage, 120, 40);
    let came = again.state();
    assert_eq!(place(&came), place(&left));
    assert_eq!(picture(&mut again), picture(&mut stage));
    // The other tabs, with what they had of their own.
    for keys in ["2gt", "3gt", "1gt"] {
        let (one, other) = (after(&mut stage, keys), after(&mut again, keys));
        assert_eq!(place(&other), place(&one), "{keys}");
        // As many entries as there are, however far the windows have been.
        stage.load_entries();
        again.load_entries();
        assert_eq!(picture(&mut again), picture(&mut stage), "{keys}");
    }
    // What the grammar remembers: marks, jumps, registers, macros, searches, lines.
    for keys in ["'a", "<C-o>", "<C-o>", "n", "@q", "'B", "<Space>q:<Up><Esc>", "\"1p"] {
        let (one, other) = (after(&mut stage, keys), after(&mut again, keys));
        assert_eq!(place(&other)["panes"]["contacts"]["cursor"], place(&one)["panes"]["contacts"]["cursor"], "{keys}");
        assert_eq!(other["pane"], one["pane"], "{keys}");
    }
}

#[test]
fn an_open_record_and_a_folded_timeline_are_found_again() {
    let desk = demo_desk();
    let mut stage = Stage::new(desk.clone(), &options(120, 40)).unwrap();
    stage.press("jj<Space>tzcj").unwrap();
    let left = stage.state();
    assert_ne!(left["panes"]["timeline"]["folds"], json!([]));
    let mut again = back(&desk, &stage, 120, 40);
    assert_eq!(place(&again.state()), place(&left));
    stage.press("<Space>c<CR>6j").unwrap();
    let left = stage.state();
    again = back(&desk, &stage, 120, 40);
    assert_eq!((&again.state()["overlay"], &left["overlay"]["kind"]), (&left["overlay"], &"record".into()));
    // On a smaller screen it is the same place, as far as it fits.
    let small = back(&desk, &stage, 40, 10);
    assert_eq!(small.state()["overlay"]["cursor"], left["overlay"]["cursor"]);
    assert_eq!(after(&mut back(&desk, &stage, 20, 5), "<Esc>j")["panes"]["contacts"]["cursor"], 3);
}

#[test]
fn records_that_are_gone_are_passed_over() {
    let desk = demo_desk();
    let mut stage = Stage::new(desk.clone(), &options(120, 40)).unwrap();
    let rows = stage.state()["panes"]["contacts"]["rows"].clone();
    stage.press("7jmajyyk<CR>").unwrap();
    let mut other = Stage::new(desk.clone(), &options(80, 24)).unwrap();
    other.press("7jdd").unwrap();
    let mut again = back(&desk, &stage, 120, 40);
    let state = after(&mut again, "<Esc>");
    let contacts = &state["panes"]["contacts"];
    assert_eq!((&contacts["cursor"], &contacts["rows"][7]), (&7.into(), &rows[8]), "on the row where it stood");
    let (level, text) = message(&after(&mut again, "'a"));
    assert_eq!(level, "error", "{text}");
    assert_eq!(after(&mut again, "gg")["panes"]["contacts"]["cursor"], 0);
}

#[test]
fn what_the_users_file_says_counts_unless_it_was_changed_by_hand() {
    let desk = demo_desk();
    let mut stage = Stage::new(desk.clone(), &options(120, 40)).unwrap();
    stage.press(":set nu<CR>").unwrap();
    let kept = stage.app.kept();
    assert_eq!((&kept.options, &kept.tabs[0].contacts.columns, &kept.theme), (&vec!["number".to_owned()], &None, &None));
    let mut later = options(120, 40);
    later.settings.options = vec!["scrolloff=7".to_owned()];
    later.settings.columns.insert("contacts".to_owned(), vec!["name".to_owned(), "owner".to_owned()]);
    let again = Stage::resumed(desk.clone(), &later, kept).unwrap();
    assert_eq!((again.app.options.scrolloff, again.app.options.number), (7, true));
    assert_eq!(again.app.contacts.columns, ["name", "owner"]);
    stage.press(":theme light<CR>:columns name<CR>").unwrap();
    let again = Stage::resumed(desk, &later, stage.app.kept()).unwrap();
    assert_eq!((again.app.theme.as_str(), again.app.contacts.columns.as_slice()), ("light", ["name".to_owned()].as_slice()));
}

/// A file may be anybody's.
#[test]
fn words_that_mean_nothing_are_passed_over() {
    let desk = demo_desk();
    let kept: Kept = serde_json::from_value(json!({
        "format": 1, "tab": 99, "theme": "no-such", "options": ["so=x", "nonsense", "nu"],
        "tabs": [{
            "focus": "record", "leading": "timeline", "windows": { "beside": true, "share": 0, "parts": ["contacts", "contacts"] },
            "contacts": { "kind": "tikcet", "filter": "nofield:1", "sort": "nonsense", "at": { "id": "c", "line": 1_000_000_000, "below_top": 5 } },
            "pipeline": { "pipeline": "none", "filter": "((", "stage": "x", "at": { "x": { "id": "o1" } }, "folds": { "all": true } },
            "timeline": { "of": "c9999", "at": { "id": "nonsense" } },
        }],
        "opened": [{ "id": "c99999" }, { "id": "" }],
        "marks": { "a": { "pane": "nowhere", "id": "c1" }, "b": { "pane": "contacts", "id": "??" }, "é": {} },
        "registers": { "a": { "kind": "odd" }, "q": { "kind": "keys", "lines": [[null, "<nonsense"]] }, "r": { "kind": "rows", "lines": [["zz", null]] } },
        "register": "X", "jumps": [{ "pane": "contacts", "id": "c1" }], "jump": 77, "search": { "pattern": "(((" },
        "histories": { "odd": ["x"], "answer": ["y"], "command": ["", "sort name"] },
    }))
    .unwrap();
    let mut stage = Stage::resumed(desk, &options(120, 40), kept).unwrap();
    let state = after(&mut stage, "<Esc><Esc><Esc><Space>c");
    let contacts = &state["panes"]["contacts"];
    assert_eq!(
        (&contacts["total"], &contacts["filter"], &contacts["sort"], &contacts["cursor"]),
        (&150.into(), &"".into(), &"name".into(), &149.into())
    );
    assert_eq!((&state["pane"], &state["panes"]["pipeline"]["filter"]), (&"contacts".into(), &"".into()));
    assert!(stage.app.options.number);
    for keys in ["@q", "\"rp", "<C-o>", "n", ":<Up><CR>", "gg", "<Space>pzRj", "<Space>q", "u"] {
        stage.press(keys).unwrap();
    }
}
