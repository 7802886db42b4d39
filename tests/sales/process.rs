//! The pipeline as a process: what a stage asks for, and what stays too long.

use rolo::actions::{self, Clock, Desk};
use rolo::domain::fields::number;
use rolo::domain::{DefinitionName, Kind, RecordId};
use rolo::insight::{self, Standing};

use super::common::{add, at, counts_open, define, desk, report, text};

const PIPELINE: &str = "[[pipeline]]\nname = \"sales\"\nstages = [\n\
    { name = \"lead\", probability = 10 },\n\
    { name = \"offer\", probability = 50, requires = [\"amount\", \"close\"], max-days = 30 },\n\
    { name = \"won\", meaning = \"won\" },\n\
    { name = \"lost\", meaning = \"lost\", requires = [\"lost_reason\"] },\n]";

#[test]
fn a_stage_is_entered_with_what_it_requires() {
    let desk = desk("2026-03-02T10:00:00Z");
    define(&desk, DefinitionName::Pipelines, PIPELINE);
    let deal = add(&desk, Kind::Opportunity, &["name=x"]);
    let refused = actions::move_stage(&desk, &deal.into(), "offer", None).unwrap_err();
    assert_eq!((refused.code, refused.message.as_str()), (1, "o1 cannot be at \u{201c}offer\u{201d} without amount, expected_close"));
    assert_eq!(desk.record(deal).unwrap().text(number::STAGE), Some("lead"));
    let set = |texts: &[&str]| {
        actions::set_texts(&desk, &deal.into(), &texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>(), None, false)
    };
    set(&["stage=offer", "amount=5 EUR", "expected_close=2026-04-01"]).unwrap();
    // Staying there asks nothing; leaving it lost asks why.
    set(&["amount="]).unwrap();
    assert_eq!(actions::move_stage(&desk, &deal.into(), "lost", None).unwrap_err().code, 1);
    actions::move_stage(&desk, &deal.into(), "lost", Some("price")).unwrap();
    assert!(
        actions::add(
            &desk,
            Kind::Opportunity,
            &[rolo::domain::Assignment::parse(Kind::Opportunity, "stage=offer", &desk.definitions()).unwrap()]
        )
        .is_err()
    );
    let wrong = actions::configure::put(&desk, DefinitionName::Pipelines, &PIPELINE.replace("amount", "amuont")).unwrap_err();
    assert_eq!(
        (wrong.message.as_str(), wrong.hint.as_deref()),
        ("an opportunity has no field \u{201c}amuont\u{201d}", Some("did you mean \u{201c}amount\u{201d}?"))
    );
}

fn later(desk: &Desk, now: &str) -> Desk {
    Desk { clock: Clock::Fixed(at(now)), ..desk.clone() }
}

#[test]
fn a_deal_is_slow_by_the_pipelines_own_pace_and_stuck_by_twice_that_or_the_limit() {
    let first = desk("2026-01-01T00:00:00Z");
    define(&first, DefinitionName::Pipelines, PIPELINE);
    let deals: Vec<RecordId> = (0..8)
        .map(|at| {
            add(&first, Kind::Opportunity, &[&format!("name=d{at}"), "amount=100 EUR", "expected_close=2026-12-31", "next_step=call"])
        })
        .collect();
    // Five leave the first stage after 2, 4, 6, 8 and 10 days: six is usual.
    for (at, deal) in deals.iter().take(5).enumerate() {
        let day = later(&first, &format!("2026-01-{:02}T00:00:00Z", 3 + 2 * at));
        actions::move_stage(&day, &(*deal).into(), "offer", None).unwrap();
    }
    let now = later(&first, "2026-01-12T00:00:00Z");
    let pace = insight::pace(&*now.store, &now.view()).unwrap();
    assert_eq!((pace.usual("sales", "lead"), pace.usual("sales", "offer")), (Some(6.0), None));
    let standing = |now: &Desk, deal: RecordId| {
        let record = now.record(deal).unwrap();
        let since = insight::at_stage_since(&*now.store, &now.view(), std::slice::from_ref(&record)).unwrap()[0];
        let pace = insight::pace(&*now.store, &now.view()).unwrap();
        pace.neglect(&record, since, now.now(), &now.definitions()).map(|neglect| neglect.standing)
    };
    assert_eq!(standing(&later(&first, "2026-01-06T00:00:00Z"), deals[7]), Some(Standing::Usual));
    assert_eq!(standing(&now, deals[7]), Some(Standing::Slow));
    assert_eq!(standing(&later(&first, "2026-01-20T00:00:00Z"), deals[7]), Some(Standing::Stuck));
    // Nothing is usual at the next stage yet, and thirty days are its limit.
    assert_eq!(standing(&later(&first, "2026-02-01T00:00:00Z"), deals[0]), Some(Standing::Usual));
    assert_eq!(standing(&later(&first, "2026-02-03T00:00:00Z"), deals[0]), Some(Standing::Stuck));
    actions::move_stage(&now, &deals[6].into(), "won", None).unwrap();
    assert_eq!(standing(&now, deals[6]), None);
    actions::set_texts(&now, &deals[5].into(), &["next_step=".to_owned(), "expected_close=2026-01-05".to_owned()], None, false).unwrap();
    let stuck = report(&now, "stuck", &[]);
    assert_eq!(text(&stuck, "d5", "why"), "slow, overdue, no next step");
    assert_eq!(
        (text(&stuck, "d7", "days"), text(&stuck, "d7", "usual"), text(&stuck, "d7", "why")),
        ("11".to_owned(), "7.0".to_owned(), "slow".to_owned())
    );
    assert_eq!(stuck.rows.len(), 2);
}

#[test]
fn a_funnel_counts_how_far_deals_came_and_how_long_they_stayed() {
    let first = desk("2026-01-01T00:00:00Z");
    let deals: Vec<RecordId> = (0..6).map(|at| add(&first, Kind::Opportunity, &[&format!("name=d{at}"), "amount=100 EUR"])).collect();
    let go = |deal: usize, day: u32, stage: &str| {
        actions::move_stage(&later(&first, &format!("2026-01-{day:02}T00:00:00Z")), &deals[deal].into(), stage, None).unwrap();
    };
    go(0, 3, "qualified");
    go(0, 5, "proposal");
    go(0, 9, "won");
    go(1, 5, "proposal");
    go(1, 7, "lost");
    go(2, 7, "qualified");
    go(2, 8, "lead");
    go(3, 4, "lost");
    // One goes straight to the end: it came through all.
    go(4, 2, "won");
    let now = later(&first, "2026-01-11T00:00:00Z");
    let funnel = report(&now, "funnel", &[]);
    let column = |name: &str| ["lead", "qualified", "proposal", "negotiation", "won"].map(|row| text(&funnel, row, name));
    assert_eq!(column("reached"), ["6", "4", "3", "2", "2"]);
    assert_eq!(column("lost_here"), ["1", "0", "1", "0", ""]);
    assert_eq!(column("here"), ["2", "0", "0", "0", ""]);
    assert_eq!(column("conversion"), ["0.666667", "0.750000", "0.666667", "1.000000", ""]);
    // lead: 2, 4, 6, 3 and 1 days; qualified: 2 and 1; proposal: 4 and 2.
    assert_eq!(column("days"), ["3.2000", "1.5000", "3.0000", "", ""]);
    assert_eq!(column("median_days"), ["3.0000", "1.5000", "3.0000", "", ""]);
    counts_open(&now, &funnel);
    counts_open(&now, &report(&now, "funnel", &[("period", "2026-01")]));
}
