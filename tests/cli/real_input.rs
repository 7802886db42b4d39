//! A real seller's files, taken in and asked about as a user would.

use std::collections::BTreeSet;
use std::path::Path;

use super::Home;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/crm/maven");

fn import(home: &Home, kind: &str, map: &str, file: &str) -> serde_json::Value {
    let map = format!("{}/tests/mappings/{map}.toml", env!("CARGO_MANIFEST_DIR"));
    let said = home.call(&["--quiet", "--format", "json", "import", &format!("{DATA}/{file}"), "--as", kind, "--map", &map], "");
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    serde_json::from_str(&said.out).expect("JSON")
}

/// Lines of a tsv without its header.
fn rows(out: &str) -> Vec<Vec<&str>> {
    out.lines().skip(1).map(|line| line.split('\t').collect()).collect()
}

#[test]
fn a_sellers_figures_are_those_of_the_file() {
    if !Path::new(DATA).exists() {
        println!("skipped: the shared data folder is not here");
        return;
    }
    let home = Home::new();
    for (kind, map, file, read) in [
        ("company", "maven_accounts", "accounts.csv", 85),
        ("product", "maven_products", "products.csv", 7),
        ("user", "maven_teams", "sales_teams.csv", 35),
        ("opportunity", "maven_pipeline", "sales_pipeline.csv", 8_800),
    ] {
        let report = import(&home, kind, map, file);
        assert_eq!((&report["read"], &report["created"]), (&read.into(), &read.into()), "{file}");
        if kind == "opportunity" {
            // Its second import is the library's to show (`tests/import.rs`).
            continue;
        }
        let again = import(&home, kind, map, file);
        assert_eq!((&again["created"], &again["updated"], &again["step"]), (&0.into(), &0.into(), &serde_json::Value::Null), "{file}");
    }
    let won = |more: &[&str]| home.done(&[&["sum", "opportunity", "amount", "stage:won"], more].concat());
    assert_eq!(won(&[]), "10005534.00 USD\n");
    for (quarter, sum) in [("2017-q1", "1134672"), ("2017-q2", "3086111"), ("2017-q3", "2982255"), ("2017-q4", "2802496")] {
        assert_eq!(won(&[&format!("closed_at:{quarter}")]), format!("{sum}.00 USD\n"), "{quarter}");
    }
    let by = |field: &str, expected: &[[&str; 3]]| {
        let out = won(&["--by", field]);
        let found = rows(&out);
        for row in expected {
            assert!(found.iter().any(|known| known == row), "{row:?} in {out}");
        }
    };
    by(
        "owner",
        &[
            ["Darcel Schlecht", "349", "1153214.00 USD"],
            ["Vicki Laflamme", "221", "478396.00 USD"],
            ["Kary Hendrixson", "209", "454298.00 USD"],
            ["Cassey Cress", "163", "450489.00 USD"],
            ["Donn Cantrell", "158", "445860.00 USD"],
        ],
    );
    by("owner.manager", &[["Melvin Marxen", "882", "2251930.00 USD"], ["Dustin Brinkmann", "747", "1094363.00 USD"]]);
    by("owner.territory", &[["West", "1438", "3568647.00 USD"], ["East", "1171", "3090594.00 USD"]]);
    by("product", &[["GTX Pro", "729", "3510578.00 USD"]]);
    assert_eq!(home.done(&["count", "opportunity", "-company:*"]), "1425\n");
    assert_eq!(home.done(&["count", "company", "parent:*"]), "15\n");
    let stages = home.done(&["count", "opportunity", "--by", "stage"]);
    assert_eq!(rows(&stages), [["lead", "500"], ["proposal", "1589"], ["won", "4238"], ["lost", "2473"]].map(Vec::from));

    // The board shows the same, and a company's timeline its deals.
    let played = home.done(&["play", "--pane", "pipeline", "--print", "state"]);
    let state: serde_json::Value = serde_json::from_str(&played).expect("JSON");
    let columns = state["panes"]["pipeline"]["columns"].as_array().expect("columns");
    let column = |name: &str| columns.iter().find(|column| column["stage"] == name).expect("the stage");
    assert_eq!(column("won")["sum"], "10005534.00 USD");
    assert_eq!(column("won")["rows"].as_array().expect("rows").len(), 4_238);
    let played = home.done(&["play", ":list company name=Kan-code<CR>", "--print", "state", "--size", "120x40"]);
    let state: serde_json::Value = serde_json::from_str(&played).expect("JSON");
    let timeline: BTreeSet<&str> =
        state["panes"]["timeline"]["rows"].as_array().expect("rows").iter().filter_map(|row| row.as_str()).collect();
    let deals = home.done(&["list", "opportunity", "company=Kan-code", "--format", "ids"]);
    assert!(deals.lines().count() > 100 && deals.lines().all(|deal| timeline.contains(deal)), "{timeline:?}");
}
