//! Reports in the application: figures that are gone through and opened, and what is only
//! supposed.

use rolo::actions::{self, Desk};
use rolo::domain::{DefinitionName, Kind};
use rolo::tui::keys::Pane;
use rolo::tui::play::{PlayOptions, Print, Stage};
use rolo::tui::start::Settings;

use super::common::{add, define, desk, found};

fn seller() -> Desk {
    let desk = desk("2026-03-02T10:00:00Z");
    for (name, stage, amount) in [("a", "won", "100"), ("b", "won", "50"), ("c", "lost", "30"), ("d", "proposal", "1000")] {
        add(
            &desk,
            Kind::Opportunity,
            &[
                &format!("name={name}"),
                &format!("stage={stage}"),
                &format!("amount={amount} EUR"),
                "expected_close=2026-03-20",
                "next_step=call",
            ],
        );
    }
    desk
}

fn stage(desk: &Desk, width: u16, height: u16) -> Stage {
    let options =
        PlayOptions { size: (width, height), pane: Pane::Pipeline, zoom: false, print: Print::State, settings: Settings::default() };
    Stage::new(desk.clone(), &options).unwrap()
}

#[test]
fn a_figure_opens_the_records_behind_it() {
    let desk = seller();
    let mut stage = stage(&desk, 100, 30);
    stage.press(":report win-rate<CR>").unwrap();
    let overlay = |stage: &Stage| stage.state()["overlay"].clone();
    assert_eq!((&overlay(&stage)["report"], &overlay(&stage)["column"]), (&"win-rate".into(), &"won".into()));
    let screen = stage.screen();
    for text in ["won  lost  closed  win_rate", "66.7 %", "150 EUR"] {
        assert!(screen.contains(text), "{text} in\n{screen}");
    }
    stage.press("l").unwrap();
    assert_eq!(overlay(&stage)["column"], "lost");
    stage.press("h<CR>").unwrap();
    let state = stage.state();
    assert_eq!(state["overlay"], serde_json::Value::Null);
    assert_eq!(state["panes"]["contacts"]["total"], 2, "{state:#}");
    // A figure without records says so, and a list of reports opens them.
    stage.press(":report<CR>").unwrap();
    assert_eq!(overlay(&stage)["report"], "reports");
    stage.press("/funnel<CR><CR>").unwrap();
    assert_eq!(overlay(&stage)["report"], "funnel", "{:#}", stage.state());
    stage.press("<Esc>:report nothing<CR>").unwrap();
    assert_eq!(stage.state()["message"]["level"], "error");
    for (width, height) in [(20, 5), (40, 10), (80, 24), (200, 60)] {
        let mut small = self::stage(&desk, width, height);
        for name in ["forecast", "win-rate --by owner", "funnel", "burn-up --period 2026-q1", "stuck", "reports"] {
            small.press(&format!(":report {name}<CR>$0llllllllllGgg<CR><Esc><Esc>")).unwrap();
        }
    }
}

#[test]
fn a_dashboard_has_several_reports_each_a_key_away() {
    let desk = seller();
    define(&desk, DefinitionName::Dashboards, "[monday]\nreports = [\"forecast --by stage\", \"win-rate stage:won\"]");
    let mut stage = stage(&desk, 120, 30);
    stage.press(":report monday<CR>").unwrap();
    let overlay = |stage: &Stage| stage.state()["overlay"].clone();
    assert_eq!(overlay(&stage)["report"], "dashboard", "{:#}", stage.state());
    assert!(stage.screen().contains("won 2, lost 0"), "{}", stage.screen());
    stage.press("j<CR>").unwrap();
    assert_eq!(overlay(&stage)["report"], "win-rate");
    define(&desk, DefinitionName::Dashboards, "[self]\nreports = [\"self\"]\n[wrong]\nreports = 5\n[none]\nreports = [\"nothing\"]");
    for name in ["self", "wrong", "none"] {
        assert!(rolo::command::report(&desk, name, &[], "", &[]).is_err(), "{name}");
    }
}

#[test]
fn what_is_supposed_moves_the_board_and_the_forecast_and_is_dropped_or_kept() {
    let desk = seller();
    let deal = found(&desk, Kind::Opportunity, "name=d")[0];
    let mut stage = stage(&desk, 140, 40);
    let column = |stage: &Stage, name: &str| {
        let state = stage.state();
        let columns = state["panes"]["pipeline"]["columns"].as_array().unwrap().clone();
        columns.iter().find(|column| column["stage"] == name).unwrap()["sum"].clone()
    };
    assert_eq!(column(&stage, "proposal"), "1000.00 EUR");
    stage.press(&format!(":what-if {deal} stage=negotiation amount=2000<CR>")).unwrap();
    let overlay = stage.state()["overlay"].clone();
    assert_eq!(overlay["report"], "what-if", "{:#}", stage.state());
    let lines: Vec<String> = overlay["lines"].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect();
    assert!(lines.contains(&"weighted 500 EUR 1500 EUR 1000 EUR".to_owned()), "{lines:?}");
    stage.press("<Esc>").unwrap();
    assert_eq!((column(&stage, "proposal"), column(&stage, "negotiation")), ("0.00 EUR".into(), "2000.00 EUR".into()));
    assert!(stage.screen().contains("what if 1"));
    // Nothing of it is kept, until it is.
    assert_eq!(found(&desk, Kind::Opportunity, "stage=proposal"), [deal]);
    stage.press(":what-if drop<CR>").unwrap();
    assert_eq!(column(&stage, "proposal"), "1000.00 EUR");
    stage.press(&format!(":what-if {deal} stage=won<CR><Esc>:what-if keep<CR>")).unwrap();
    assert_eq!(found(&desk, Kind::Opportunity, "stage=won").len(), 3);
    assert!(!stage.screen().contains("what if 1"));
    stage.press("u").unwrap();
    assert_eq!(found(&desk, Kind::Opportunity, "stage=won").len(), 2);
    let _ = actions::undo_state(&desk).unwrap();
}

#[test]
fn a_lead_is_converted_and_quoted_by_keys() {
    let desk = desk("2026-03-02T10:00:00Z");
    add(&desk, Kind::Contact, &["name=Ada", "lifecycle=lead", "email=ada@acme.example"]);
    let mut stage = stage(&desk, 120, 40);
    stage.press(":pane contacts<CR>").unwrap();
    stage.press(":score<CR>").unwrap();
    assert!(stage.screen().contains("no rule applies"), "{}", stage.screen());
    stage.press("<Esc>:convert --company Acme amount=120<CR>").unwrap();
    assert_eq!((found(&desk, Kind::Opportunity, "").len(), found(&desk, Kind::Company, "name=Acme").len()), (1, 1));
    assert_eq!(stage.state()["pane"], "pipeline");
    stage.press(":quote<CR>").unwrap();
    assert!(stage.screen().contains("Q-2026-0001"), "{}", stage.screen());
    stage.press("<Esc>:quote accept<CR>").unwrap();
    assert_eq!((found(&desk, Kind::Opportunity, "stage=won").len(), found(&desk, Kind::Order, "").len()), (1, 1));
    stage.press("uuu").unwrap();
    assert_eq!((found(&desk, Kind::Opportunity, "").len(), found(&desk, Kind::Company, "").len()), (0, 0));
}

#[test]
fn leads_that_nobody_looks_after_are_views() {
    let desk = desk("2026-03-02T10:00:00Z");
    let lead = add(&desk, Kind::Contact, &["name=Ada", "lifecycle=lead"]);
    let other = add(&desk, Kind::Contact, &["name=Ben", "lifecycle=lead"]);
    actions::set_texts(&desk, &lead.into(), &["owner=".to_owned()], None, false).unwrap();
    actions::log(&desk, "call", &[other.to_string()], "hello", &actions::LogOptions::default()).unwrap();
    let mut stage = stage(&desk, 120, 30);
    for view in ["nobodys-leads", "untouched-leads"] {
        stage.press(&format!(":view {view}<CR>")).unwrap();
        assert_eq!(stage.state()["panes"]["contacts"]["rows"], serde_json::json!([lead.to_string()]), "{view}");
    }
}
