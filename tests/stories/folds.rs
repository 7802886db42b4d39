//! Folds of groups in lists: one row each, and what is done to it is done to all of it.

use serde_json::{Value, json};

use crate::common::{after, message, reading, stage};

fn pane<'s>(state: &'s Value, pane: &str, what: &str) -> &'s Value {
    &state["panes"][pane][what]
}

fn rows(state: &Value, of: &str) -> Vec<String> {
    pane(state, of, "rows").as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_closed_group_is_one_row_with_its_first_id() {
    let mut stage = reading(80, 24);
    let all = after(&mut stage, ":sort company<CR>gg}");
    let begin = pane(&all, "contacts", "cursor").as_u64().unwrap() as usize;
    let next = pane(&after(&mut stage, "}"), "contacts", "cursor").as_u64().unwrap() as usize;
    let state = after(&mut stage, &format!("{}Gzc", begin + 2));
    assert_eq!(pane(&state, "contacts", "folds"), &json!([rows(&all, "contacts")[begin]]), "closed anywhere in it");
    assert_eq!(pane(&state, "contacts", "total"), pane(&all, "contacts", "total"));
    let mut left = rows(&all, "contacts");
    left.drain(begin + 1..next);
    assert_eq!((rows(&state, "contacts"), pane(&state, "contacts", "cursor")), (left, &json!(begin)));
    assert_eq!(pane(&after(&mut stage, "j"), "contacts", "cursor"), &json!(begin + 1), "as one row");
    for keys in ["kza", "zaza", "zczo", "zczv", "zMzR"] {
        let state = after(&mut stage, keys);
        assert_eq!((rows(&state, "contacts"), pane(&state, "contacts", "folds")), (rows(&all, "contacts"), &json!([])), "{keys}");
        assert_eq!(pane(&state, "contacts", "cursor"), &json!(begin), "{keys}");
    }
}

#[test]
fn a_count_names_a_row_of_all_and_moves_over_those_seen() {
    let mut stage = reading(80, 24);
    let all = rows(&after(&mut stage, ":sort company<CR>"), "contacts");
    let current = |state: &Value| rows(state, "contacts")[pane(state, "contacts", "cursor").as_u64().unwrap() as usize].clone();
    let state = after(&mut stage, "zM100G");
    let fold = current(&state);
    let (from, to) = (all.iter().position(|id| *id == fold).unwrap(), 99);
    assert!(from <= to && to - from < 6, "the fold that has the hundredth row");
    let state = after(&mut stage, "ggzo4j");
    let here = rows(&state, "contacts");
    assert_eq!(current(&state), here[4]);
    assert_eq!(current(&after(&mut stage, ":$<CR>")), *here.last().unwrap());
}

#[test]
fn operators_take_a_closed_fold_whole() {
    let mut stage = stage(80, 24);
    let all = rows(&after(&mut stage, ":sort company<CR>"), "contacts");
    let state = after(&mut stage, "ggzMyy");
    let first: Vec<String> = serde_json::from_value(state["registers"]["0"]["ids"].clone()).unwrap();
    assert!(first.len() > 1 && first == all[..first.len()], "{first:?}");
    let state = after(&mut stage, "2yy");
    let two: Vec<String> = serde_json::from_value(state["registers"]["0"]["ids"].clone()).unwrap();
    assert!(two.len() > first.len() && two == all[..two.len()]);
    let state = after(&mut stage, "yj");
    assert_eq!(state["registers"]["0"]["ids"], json!(two));
    let state = after(&mut stage, "Vjy");
    assert_eq!(state["registers"]["0"]["ids"], json!(two));
    let state = after(&mut stage, ":1y<CR>");
    assert_eq!(state["registers"]["0"]["ids"], json!(first), "a range is widened to the fold");
    let state = after(&mut stage, "ggdd");
    assert_eq!(pane(&state, "contacts", "total"), &json!(all.len() - first.len()));
    assert!(!rows(&state, "contacts").contains(&all[0]) && rows(&state, "contacts")[0] == all[first.len()]);
    let state = after(&mut stage, "u");
    assert_eq!(pane(&state, "contacts", "total"), &json!(all.len()));
    let state = after(&mut stage, "ggx");
    assert_eq!(pane(&state, "contacts", "total"), &json!(all.len() - first.len()), "as dl deletes a closed fold");
    let state = after(&mut stage, "ugg:s/@/+x@/<CR>");
    assert_eq!(message(&state).0, "info", "{}", message(&state).1);
    let state = after(&mut stage, "zR/[+]x@<CR>");
    assert!(message(&state).1.contains(&format!("/{}]", first.len())), "each row of the fold was changed: {}", message(&state).1);
}

#[test]
fn a_global_command_takes_the_rows_it_finds_and_no_more() {
    let mut stage = stage(80, 24);
    let all = rows(&after(&mut stage, ":sort company<CR>"), "contacts");
    let name = stage.screen().lines().nth(3).unwrap().split_whitespace().nth(1).unwrap().to_owned();
    let state = after(&mut stage, &format!("zM:g/{name}/d<CR>"));
    let gone = all.len() - pane(&state, "contacts", "total").as_u64().unwrap() as usize;
    assert!((1..4).contains(&gone), "{name}: {gone} went");
    let state = after(&mut stage, &format!("uzM:g/{name}/norm dd<CR>"));
    assert_eq!(pane(&state, "contacts", "total"), &json!(all.len() - gone), "keys too: {}", message(&state).1);
}

#[test]
fn searches_marks_and_jumps_open_what_they_go_into() {
    let mut stage = reading(80, 24);
    let all = rows(&after(&mut stage, ":sort company<CR>8Gma"), "contacts");
    let current = |state: &Value| rows(state, "contacts")[pane(state, "contacts", "cursor").as_u64().unwrap() as usize].clone();
    let folds = |state: &Value| pane(state, "contacts", "folds").as_array().unwrap().len();
    let closed = after(&mut stage, "zMG");
    let state = after(&mut stage, "'a");
    assert_eq!((current(&state), folds(&state)), (all[7].clone(), folds(&closed) - 1));
    let state = after(&mut stage, "zMgg/ova<CR>");
    assert_eq!((message(&state).0.as_str(), folds(&state)), ("info", folds(&closed) - 1));
    let moved = after(&mut stage, "zMgg}}}");
    assert_eq!(folds(&moved), folds(&closed), "from group to group they stay closed");
}

#[test]
fn folds_stay_where_rows_change() {
    let mut stage = stage(80, 24);
    let before = after(&mut stage, ":sort company<CR>zMjzok");
    let folds = pane(&before, "contacts", "folds").clone();
    let state = after(&mut stage, "jjijr <CR>");
    assert_eq!((message(&state).0.as_str(), pane(&state, "contacts", "folds")), ("info", &folds));
    let state = after(&mut stage, ":sort name<CR>");
    assert!(pane(&state, "contacts", "folds").as_array().unwrap().len() < 40, "hardly anybody stands beside a colleague");
    assert_eq!(pane(&after(&mut stage, ":sort company<CR>"), "contacts", "folds"), &folds);
}

#[test]
fn urgency_bands_fold() {
    let mut stage = reading(120, 40);
    let all = after(&mut stage, "<Space>q");
    let state = after(&mut stage, "zM");
    let words: Vec<String> = stage.screen().lines().filter(|line| line.contains("+ ")).map(str::to_owned).collect();
    assert!(words.iter().any(|line| line.contains("tickets: normal")), "{words:?}");
    assert!(rows(&state, "tickets").len() <= 4 && rows(&all, "tickets").len() > 10);
    // Where the order keeps them together, their borders are found without reading each.
    let sorted = after(&mut stage, ":sort priority<CR>");
    assert!(rows(&sorted, "tickets").len() <= 5, "each priority once: {:?}", rows(&sorted, "tickets"));
    assert_eq!(rows(&after(&mut stage, ":sort<CR>zR"), "tickets"), rows(&all, "tickets"));
    assert_eq!(
        message(&after(&mut stage, "<Space>c:sort name<CR>ggzc")),
        ("info".to_owned(), "one row alone is no fold: sort by what they share, such as :sort company".to_owned())
    );
}
