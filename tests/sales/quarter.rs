//! A quarter in the life of a team: forty leads come, are given out, worked, converted,
//! quoted, won and lost; each week's forecast is compared with what came; then all of it is
//! taken back.

use rolo::actions::{self, Clock, ConvertOptions, Desk, LogOptions, Which};
use rolo::domain::{DefinitionName, Kind, RecordId};
use rolo::insight::report::{Figure, Report};

use super::common::{add, at, counts_open, define, desk, figure, found, report, text};

fn on(desk: &Desk, day: u64) -> Desk {
    let first = at("2026-01-05T09:00:00Z");
    Desk { clock: Clock::Fixed(first.plus_seconds(86_400 * day as i64)), ..desk.clone() }
}

fn minor(report: &Report, column: &str) -> i128 {
    match figure(report, "", column) {
        Figure::Money(minor, _) => minor,
        other => panic!("{column}: {other:?}"),
    }
}

#[test]
fn a_quarter_in_the_life_of_a_team() {
    let desk = desk("2026-01-05T09:00:00Z");
    for (login, name) in [("ada", "Ada"), ("ben", "Ben"), ("cy", "Cy")] {
        add(&desk, Kind::User, &[&format!("login={login}"), &format!("name={name}")]);
    }
    add(&desk, Kind::Product, &["name=Chair", "price=100 EUR"]);
    define(&desk, DefinitionName::Assignment, "[[rule]]\nname = \"all\"\nto = [\"ada\", \"ben\", \"cy\"]");
    define(&desk, DefinitionName::Targets, "[[target]]\nperiod = \"2026-q1\"\namount = \"20k EUR\"");
    define(
        &desk,
        DefinitionName::Scoring,
        "[[rule]]\nname = \"event\"\nwhen = \"source:event\"\npoints = 40\n[[rule]]\nname = \"calls\"\neach = \"channel:call\"\npoints = 10\ncap = 30",
    );
    let (start, kept) = (desk.store.seq(), everything(&desk));
    // Four weeks of ten leads each, given out on their day and called on the next.
    let mut leads: Vec<RecordId> = Vec::new();
    for week in 0..4_u64 {
        let monday = on(&desk, week * 7);
        for at in 0..10 {
            let number = week * 10 + at;
            let source = ["web", "event", "referral"][(number % 3) as usize];
            let lead = add(
                &monday,
                Kind::Contact,
                &[
                    &format!("name=Lead {number}"),
                    &format!("email=lead{number}@firm{number}.example"),
                    "lifecycle=lead",
                    &format!("source={source}"),
                ],
            );
            actions::set_texts(&monday, &lead.into(), &["owner=".to_owned()], None, false).unwrap();
            leads.push(lead);
        }
        assert_eq!(text(&report(&monday, "unattended", &[]), "nobody's", "count"), "10");
        actions::assign_leads(&monday, &[]).unwrap();
        assert_eq!(text(&report(&monday, "unattended", &[]), "nobody's", "count"), "0");
        let tuesday = on(&desk, week * 7 + 1);
        for lead in leads.iter().rev().take(10).filter(|lead| lead.number % 5 != 0) {
            actions::log(&tuesday, "call", &[lead.to_string()], "first call", &LogOptions::default()).unwrap();
        }
    }
    let owners = report(&on(&desk, 28), "leads", &[]);
    assert_eq!(owners.rows.len(), 40);
    for name in ["Ada", "Ben", "Cy"] {
        let own = owners.rows.iter().filter(|row| row.iter().any(|cell| cell.figure.text() == name)).count();
        assert!((13..=14).contains(&own), "{name} has {own}");
    }
    assert_eq!(text(&owners, &format!("Lead {}", 1), "grade"), "B3");
    // Every second lead becomes a deal in week five, with a quote a week later.
    let mut deals: Vec<RecordId> = Vec::new();
    for lead in leads.iter().step_by(2) {
        let monday = on(&desk, 28);
        let options = ConvertOptions {
            company: Some(format!("Firm {}", lead.number)),
            fields: vec![
                "lines.1.product=Chair".to_owned(),
                format!("lines.1.quantity={}", 5 + lead.number),
                "amount=1000 EUR".to_owned(),
                "expected_close=2026-03-20".to_owned(),
            ],
            ..ConvertOptions::default()
        };
        deals.push(actions::convert(&monday, *lead, &options).unwrap().ids[0]);
    }
    assert_eq!((found(&desk, Kind::Company, "").len(), deals.len()), (20, 20));
    let mut forecasts: Vec<(u64, i128, i128, i128)> = Vec::new();
    let mut lost = 0;
    for week in 5..=10_u64 {
        let monday = on(&desk, week * 7);
        for (at, deal) in deals.iter().enumerate() {
            match (week, at % 5) {
                (5, _) => {
                    actions::move_stage(&monday, &(*deal).into(), "proposal", None).unwrap();
                    let quote = actions::quote(&monday, *deal).unwrap().ids[0];
                    let net = rolo::domain::FieldRef::resolve(Kind::Quote, "net", &desk.definitions()).unwrap();
                    let net = net.text(&monday.record(quote).unwrap(), &rolo::domain::NoLookup);
                    actions::set_texts(&monday, &(*deal).into(), &[format!("amount={net}")], None, false).unwrap();
                }
                (6, 0) => drop(
                    actions::set_texts(
                        &monday,
                        &(*deal).into(),
                        &["category=commit".to_owned(), "stage=negotiation".to_owned()],
                        None,
                        false,
                    )
                    .unwrap(),
                ),
                (7, 1) => {
                    drop(actions::set_texts(&monday, &(*deal).into(), &["expected_close=2026-04-20".to_owned()], None, false).unwrap());
                }
                (8, 2) => {
                    actions::move_stage(&monday, &(*deal).into(), "lost", Some("price")).unwrap();
                    lost += 1;
                }
                (9, 0 | 3) => drop(actions::accept_quote(&monday, actions::open_quote_of(&monday, *deal).unwrap()).unwrap()),
                _ => {}
            }
        }
        let forecast = report(&monday, "forecast", &[("period", "2026-q1")]);
        counts_open(&monday, &forecast);
        forecasts.push((week, minor(&forecast, "closed"), minor(&forecast, "commit"), minor(&forecast, "pipeline")));
        // What changed since last Monday is all that changed.
        let since =
            format!("2026-{}", (chrono::NaiveDate::from_ymd_opt(2026, 1, 5).unwrap() + chrono::Days::new(week * 7 - 7)).format("%m-%d"));
        let changes = report(&monday, "changes", &[("period", "2026-q1"), ("since", &since)]);
        let amounts: Vec<i128> = (0..changes.rows.len())
            .map(|row| match changes.figure(row, "amount") {
                Some(Figure::Money(minor, _)) => *minor,
                _ => 0,
            })
            .collect();
        let parts: i128 = amounts[1..amounts.len() - 1].iter().sum();
        assert_eq!(amounts[0] + parts, amounts[amounts.len() - 1], "week {week}");
        counts_open(&monday, &changes);
        let told: Vec<String> = changes.rows.iter().skip(1).rev().skip(1).map(|row| row[0].figure.text()).collect();
        match week {
            7 => assert_eq!(told, ["slipped"]),
            8 => assert_eq!(told, ["lost"]),
            9 => assert_eq!(told, ["won"]),
            10 => assert!(told.is_empty(), "{told:?}"),
            _ => {}
        }
    }
    let end = on(&desk, 80);
    // What was committed is what came, and more: the forecast said no less than it should.
    let closed = |week: u64| forecasts.iter().find(|found| found.0 == week).unwrap();
    assert_eq!(closed(8).1, 0);
    assert!(closed(9).1 >= closed(8).2 && closed(9).1 <= closed(8).3, "{forecasts:?}");
    assert_eq!(closed(10).1, closed(9).1);
    let rate = report(&end, "win-rate", &[("by", "owner")]);
    counts_open(&end, &rate);
    let total = rate.total.as_ref().unwrap();
    assert_eq!((total[1].figure.text(), total[2].figure.text()), ("8".to_owned(), lost.to_string()));
    assert_eq!(text(&report(&end, "reasons", &[]), "price", "lost"), "4");
    for name in ["funnel", "velocity", "channels", "cohorts", "burn-up", "stuck", "unattended"] {
        let given: &[(&str, &str)] = if name == "burn-up" { &[("period", "2026-q1")] } else { &[] };
        counts_open(&end, &report(&end, name, given));
    }
    assert_eq!(text(&report(&end, "cohorts", &[]), "2026-01", "won"), "8");
    assert_eq!((found(&end, Kind::Order, "").len(), found(&end, Kind::Quote, "status:accepted").len()), (8, 8));
    // All of it is taken back, step by step, to where it began.
    let steps: Vec<u64> = end.store.steps(None, 10_000).unwrap().into_iter().map(|step| step.step).filter(|step| *step > start).collect();
    assert!(steps.len() > 100);
    for step in steps {
        actions::undo(&end, &Which::Steps(vec![step]), false, true).unwrap();
    }
    assert_eq!(everything(&end), kept);
    assert!(end.store.check(false, &mut |_, _| {}).unwrap().damage.is_empty());
}

/// What stands in a store, events aside: they tell of the undoing too.
fn everything(desk: &Desk) -> Vec<String> {
    let mut all = Vec::new();
    for kind in Kind::public().filter(|kind| *kind != Kind::Event) {
        for id in found(desk, kind, "") {
            all.push(format!("{id} {:?}", desk.record(id).unwrap().fields));
        }
    }
    all
}
