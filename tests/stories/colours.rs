//! Themes: previewed as one moves through the list.

use crate::common::{after, message, reading};

#[test]
fn a_theme_is_seen_while_it_is_chosen() {
    let mut stage = reading(80, 24);
    let ground = |stage: &rolo::tui::play::Stage| stage.buffer()[(3, 3)].bg;
    let dark = ground(&stage);
    let state = after(&mut stage, ":theme <Tab>");
    let names: Vec<&str> = state["prompt"]["completions"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert!(names.len() >= 7, "{names:?}");
    let light = names.iter().position(|name| *name == "light").unwrap();
    stage.press(&"<Tab>".repeat(light)).unwrap();
    assert_ne!(ground(&stage), dark, "it is shown before it is taken");
    stage.press("<Esc>").unwrap();
    assert_eq!((ground(&stage), stage.app.theme.as_str()), (dark, "dark"));
    stage.press(":theme li<Tab><CR>").unwrap();
    assert_eq!(stage.app.theme, "light");
    assert_ne!(ground(&stage), dark);
    stage.press(":theme gru<Tab><C-u>set number<CR>").unwrap();
    assert_eq!(stage.app.theme, "light", "one only looked at goes");
    let state = after(&mut stage, ":theme drak<CR>");
    assert_eq!(message(&state).1, "no file “drak.toml” in themes: did you mean “dark”?");
}

#[test]
fn another_pipeline_is_shown() {
    let mut stage = reading(120, 40);
    let before = after(&mut stage, ":pipeline<CR>")["panes"]["pipeline"]["pipeline"].clone();
    assert_ne!(before, "sales");
    let names = stage.app.pipeline.pipelines.clone();
    assert_eq!(names.len(), 3);
    let state = after(&mut stage, ":pipeline sa<Tab><CR>");
    assert_eq!((&state["panes"]["pipeline"]["pipeline"], &state["pane"]), (&"sales".into(), &"pipeline".into()));
    let state = after(&mut stage, ":pipeline nope<CR>");
    assert!(message(&state).1.starts_with("there is no pipeline “nope”: there are sales, "), "{}", message(&state).1);
}
