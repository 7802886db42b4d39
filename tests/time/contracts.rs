//! Contracts in time: tasks ahead of their days, and what happens on them.

use super::Home;

fn titles(home: &Home, now: &str) -> Vec<String> {
    let out = home.done(now, &["list", "task", "--columns", "due,title", "--sort", "due", "--format", "plain"]);
    out.lines().map(|line| line.replace('\t', " ")).collect()
}

#[test]
fn notice_and_renewal_become_tasks_once() {
    let home = Home::new();
    let early = "2024-01-01T08:00:00Z";
    home.done(early, &["add", "company", "name=Acme"]);
    home.done(
        early,
        &["add", "contract", "name=Care", "company=Acme", "start=2024-01-01", "end=2024-12-31", "notice=3m", "renewal=1y", "status=active"],
    );
    home.done(early, &["tick"]);
    assert_eq!(titles(&home, early), ["2024-01-01T00:00:00Z Care with Acme begins: see that they have what it entitles them"]);
    home.done("2024-08-30T08:00:00Z", &["tick"]);
    assert_eq!(titles(&home, early).len(), 1, "nothing is near");
    for now in ["2024-08-31T08:00:00Z", "2024-09-01T08:00:00Z", "2024-09-29T08:00:00Z"] {
        home.done(now, &["tick"]);
    }
    assert_eq!(
        titles(&home, early)[1..],
        ["2024-09-30T00:00:00Z Care with Acme: give notice by 2024-09-30, else it renews itself to 2025-12-31"]
    );
    assert_eq!(home.done("2024-12-31T20:00:00Z", &["tick"]), "", "its last day is still its");
    let told = home.done("2025-01-09T08:00:00Z", &["tick", "--no-header"]);
    assert_eq!(told, "contracts\tg1\tCare has renewed itself to 2025-12-31\n");
    assert_eq!(home.done("2025-01-09T08:01:00Z", &["tick"]), "");
    home.done("2025-09-20T08:00:00Z", &["tick"]);
    assert_eq!(titles(&home, early).len(), 3, "the next year's notice");
}

#[test]
fn what_ends_is_told_and_ends() {
    let home = Home::new();
    let early = "2026-01-01T08:00:00Z";
    home.done(early, &["add", "contract", "name=Old", "start=2025-01-01", "end=2026-06-30", "status=active"]);
    home.done(early, &["add", "contract", "name=Draft", "end=2026-06-30", "status=draft"]);
    home.done("2026-06-15T08:00:00Z", &["tick"]);
    assert_eq!(titles(&home, early), ["2026-06-30T00:00:00Z Old ends on 2026-06-30: offer a renewal"]);
    home.done("2026-07-01T08:00:00Z", &["tick"]);
    assert_eq!(home.done(early, &["list", "contract", "--columns", "status", "--format", "plain", "--sort", "id"]), "ended\ndraft\n");
    assert_eq!(titles(&home, early).len(), 1);
}

#[test]
fn a_contract_s_level_goes_first_while_it_runs() {
    let home = Home::new();
    std::fs::write(
        home.path().join("sla.toml"),
        "[gold]\nwhen = \"subject:nobody\"\nany = { first-response = \"1h\" }\n[all]\nwhen = \"subject:*\"\nany = { first-response = \"8h\" }\n",
    )
    .unwrap();
    let now = "2026-06-01T08:00:00Z";
    home.done(now, &["config", "put", "sla", "sla.toml"]);
    home.done(now, &["add", "contract", "name=Care", "end=2026-12-31", "sla=gold"]);
    home.done(now, &["add", "ticket", "subject=Under contract", "contract=g1"]);
    home.done(now, &["add", "ticket", "subject=Without"]);
    let policy = |ticket: &str| {
        let why: serde_json::Value = serde_json::from_str(&home.done(now, &["sla", "why", ticket, "--format", "json"])).unwrap();
        why["policy"].as_str().unwrap().to_owned()
    };
    assert_eq!((policy("t1"), policy("t2")), ("gold".to_owned(), "all".to_owned()));
}
