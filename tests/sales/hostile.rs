//! Names that are no good names, and figures of nothing, one and very much.

use rolo::actions::{self};
use rolo::domain::Kind;
use rolo::insight::report::REPORTS;
use rolo::tui::keys::Pane;
use rolo::tui::play::{PlayOptions, Print, Stage};
use rolo::tui::start::Settings;

use super::common::{add, counts_open, desk, report};

/// What people are called who mean no good.
const NAMES: &[&str] = &[
    "a, b",
    "\"quoted\"",
    "back\\slash",
    "or",
    "-dash",
    "(bracket",
    "1..2",
    "*",
    "a:b",
    "=1+1",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{202e}turned",
    "line\nbreak",
    "%",
    "'",
    "ИВАНА",
    "株式会社",
    "x y  z",
];

#[test]
fn rows_of_hostile_names_are_found_again() {
    let desk = desk("2026-03-02T10:00:00Z");
    for (at, name) in NAMES.iter().enumerate() {
        let company = format!("name={name}");
        let firm =
            add(&desk, Kind::Company, &[&company, &format!("industry={}", name.replace(['\n', ',', ';', '"', '\\', '\u{1b}'], "_"))]);
        let stage = if at % 2 == 0 { "won" } else { "lost" };
        add(
            &desk,
            Kind::Opportunity,
            &[
                "name=d",
                &format!("company={firm}"),
                &format!("stage={stage}"),
                "amount=1 EUR",
                &format!("lost_reason={}", name.replace(['\n', '\u{1b}', ',', ';', '"', '\\'], "_")),
            ],
        );
    }
    for by in ["company", "segment", "lost_reason", "company,lost_reason"] {
        counts_open(&desk, &report(&desk, "win-rate", &[("by", by)]));
        counts_open(&desk, &report(&desk, "forecast", &[("by", by), ("period", "2026")]));
    }
    counts_open(&desk, &report(&desk, "reasons", &[]));
    // Nothing of them reaches the terminal as it is.
    for (width, height) in [(20, 5), (80, 24)] {
        let options =
            PlayOptions { size: (width, height), pane: Pane::Pipeline, zoom: false, print: Print::State, settings: Settings::default() };
        let mut stage = Stage::new(desk.clone(), &options).unwrap();
        stage.press(":report win-rate --by company<CR>G").unwrap();
        let screen = stage.screen();
        assert!(!screen.contains(['\u{1b}', '\u{202e}']), "{screen:?}");
    }
}

/// Reports of the service, which has tests of its own.
const SERVICE: &[&str] = &["sla", "backlog", "handling", "rework", "arrivals"];

#[test]
fn every_report_answers_of_nothing_of_one_and_of_the_demo() {
    let empty = desk("2026-03-02T10:00:00Z");
    let one = desk("2026-03-02T10:00:00Z");
    add(&one, Kind::Opportunity, &["name=x", "amount=92233720368547758.07 EUR", "expected_close=2026-03-20"]);
    add(&one, Kind::Contact, &["name=Ada", "lifecycle=lead"]);
    let demo = desk("2026-03-02T10:00:00Z");
    actions::demo::demo(&demo).unwrap();
    for (desk, what) in [(&empty, "nothing"), (&one, "one"), (&demo, "the demo")] {
        for spec in REPORTS {
            let mut given: Vec<(&str, &str)> = Vec::new();
            if spec.takes.contains(&"since") {
                given.push(("since", "-30d"));
            }
            if spec.name == "what-if" {
                continue;
            }
            for by in ["", "owner", "source,product", "quarter"] {
                let mut given = given.clone();
                match (by, spec.takes.contains(&"by")) {
                    ("", _) => {}
                    (_, false) => continue,
                    // What others are grouped by, tickets need not have.
                    (by, true) if by != "owner" && !spec.takes.contains(&"pipeline") => continue,
                    (by, true) => given.push(("by", by)),
                }
                let made = report(desk, spec.name, &given);
                for row in made.rows.iter().chain(&made.total) {
                    assert_eq!(row.len(), made.columns.len(), "{} of {what}", spec.name);
                }
                // A figure of the service may stand with more tickets than it counts.
                if !SERVICE.contains(&spec.name) {
                    counts_open(desk, &made);
                }
            }
        }
    }
}
