//! Windows and tabs.

use crate::common::{after, message, picture, reading, stage};
use serde_json::{Value, json};

fn windows(state: &Value) -> Vec<&str> {
    state["windows"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect()
}

#[test]
fn windows_are_split_closed_and_resized() {
    let mut stage = reading(80, 24);
    let state = after(&mut stage, "<C-w>s");
    assert_eq!((windows(&state), &state["pane"]), (vec!["contacts", "pipeline", "timeline"], &"pipeline".into()));
    let state = after(&mut stage, ":vsplit tickets<CR>");
    assert_eq!(windows(&state), ["contacts", "pipeline", "tickets", "timeline"]);
    assert_eq!(message(&after(&mut stage, "<C-w>v")).1.split(':').next(), Some("that pane is seen already"));
    let wide = |stage: &rolo::tui::play::Stage| stage.app.layout().unwrap().pane(rolo::tui::keys::Pane::Tickets).unwrap();
    let before = wide(&stage);
    stage.press("5<C-w>>").unwrap();
    assert_eq!(wide(&stage).width, before.width + 5);
    stage.press("<C-w>=").unwrap();
    assert_eq!(wide(&stage).width, before.width);
    let state = after(&mut stage, "<C-w>c");
    assert_eq!((windows(&state), &state["pane"]), (vec!["contacts", "pipeline", "timeline"], &"contacts".into()));
    let state = after(&mut stage, "<C-w>o");
    assert_eq!(windows(&state), ["contacts"]);
    assert_eq!(message(&after(&mut stage, "<C-w>c")).1, "this is the only window: :q leaves");
    assert_eq!(message(&after(&mut stage, "<C-w>+")).1.split(':').next(), Some("no window lies above or below this one"));
    // A pane that has no window takes the place of the one with the focus.
    let state = after(&mut stage, "<Space>q");
    assert_eq!(windows(&state), ["tickets"]);
}

#[test]
fn small_windows_give_way() {
    let mut stage = reading(120, 40);
    stage.press("<C-w>o<C-w>v<C-w>v").unwrap();
    stage.tell(rolo::tui::app::message::Message::Resize(40, 18));
    let state = stage.state();
    assert_eq!(windows(&state), [state["pane"].as_str().unwrap()]);
    stage.tell(rolo::tui::app::message::Message::Resize(40, 10));
    assert_eq!(stage.screen().lines().count(), 10);
}

#[test]
fn each_tab_has_its_own_filter_and_cursor() {
    let mut stage = stage(80, 24);
    stage.press(":filter company:nordlicht<CR>2j").unwrap();
    let first = stage.state()["panes"]["contacts"].clone();
    let state = after(&mut stage, ":tabnew<CR>:list company<CR>3j");
    assert_eq!(state["tabs"], json!({"seen": 1, "titles": ["contacts", "companies"]}));
    insta::assert_snapshot!("tabs_80x24", picture(&mut stage));
    let state = after(&mut stage, "gt");
    assert_eq!((&state["panes"]["contacts"]["filter"], &state["panes"]["contacts"]["cursor"]), (&first["filter"], &first["cursor"]));
    // What has changed meanwhile is seen.
    stage.press(":add contact name=Zoe company=\"Nordlicht Optik\"<CR>gT").unwrap();
    assert_eq!(stage.app.contacts.kind.name(), "company");
    let state = after(&mut stage, "1gt");
    assert_eq!(state["panes"]["contacts"]["total"].as_u64(), first["total"].as_u64().map(|total| total + 1));
    let state = after(&mut stage, "9gt");
    assert_eq!(message(&state).1, "there are only 2 tabs");
    let state = after(&mut stage, ":tabclose<CR>");
    assert_eq!((state["tabs"]["titles"].as_array().unwrap().len(), stage.app.contacts.kind.name()), (1, "company"));
    assert_eq!(message(&after(&mut stage, ":tabclose<CR>")).1, "this is the only tab: :q leaves");
}

#[test]
fn views_are_saved_shown_and_forgotten() {
    let mut stage = stage(120, 40);
    // Two come with every store: leads that nobody looks after.
    assert_eq!(after(&mut stage, ":view<CR>")["overlay"]["lines"].as_array().unwrap().len(), 2);
    stage.press("<Esc>").unwrap();
    stage.press(":filter company:nordlicht<CR>:sort -last.at<CR>:columns name,last.at<CR>").unwrap();
    let kept = after(&mut stage, ":mkview my north<CR>")["panes"]["contacts"].clone();
    stage.press(":list task<CR>:mkview tasks<CR>").unwrap();
    let state = after(&mut stage, ":view my<Tab><CR>");
    let shown = &state["panes"]["contacts"];
    assert_eq!((&shown["rows"], &shown["filter"], &shown["sort"]), (&kept["rows"], &kept["filter"], &kept["sort"]));
    assert_eq!(stage.app.contacts.columns, ["name", "last.at"]);
    let state = after(&mut stage, ":view tsaks<CR>");
    assert_eq!(message(&state).1, "there is no view “tsaks”: did you mean “tasks”?");
    let state = after(&mut stage, ":view<CR>");
    assert_eq!(state["overlay"]["lines"].as_array().unwrap().len(), 4);
    let state = after(&mut stage, "<Esc>:delview tasks<CR>:view tasks<CR>");
    assert_eq!(message(&state).0, "error");
    stage.press("<Space>p:filter stage:won<CR>:mkview won<CR>:filter<CR>").unwrap();
    assert_eq!(after(&mut stage, ":view won<CR>")["panes"]["pipeline"]["filter"], "stage:won");
}

#[test]
fn the_teams_views_come_with_the_store() {
    use rolo::actions::configure;
    use rolo::domain::DefinitionName;
    let desk = crate::common::demo_desk();
    configure::put(
        &desk,
        DefinitionName::Views,
        "[mine]\nkind = \"ticket\"\nquery = \"assignee:me status:*\"\ncolumns = [\"subject\"]\n[odd]\nkind = \"tikcet\"\n",
    )
    .unwrap();
    let mut stage = rolo::tui::play::Stage::new(desk, &crate::common::options(80, 24)).unwrap();
    assert_eq!(message(&stage.state()).1, "view odd: there is no kind “tikcet”");
    let state = after(&mut stage, ":view mine<CR>");
    assert_eq!((&state["pane"], &state["panes"]["tickets"]["filter"]), (&"tickets".into(), &"assignee:me status:*".into()));
    assert!(message(&after(&mut stage, ":mkview mine<CR>")).1.starts_with("mine is a view of the team"));
}
