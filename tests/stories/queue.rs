//! The ticket queue, by keys: one ticket or many, and why it stands where it does.

use rolo::actions::{Desk, Which, add_json, configure, undo};
use rolo::domain::fields::number;
use rolo::domain::{DefinitionName, Kind, RecordId, Timestamp};
use rolo::tui::app::message::Message;
use rolo::tui::keys::Pane;
use rolo::tui::play::Stage;

use super::common::{after, empty_desk, message, options};

/// A desk with a promise and some tickets, the first the most urgent.
fn service_desk(tickets: u64) -> Desk {
    let desk = empty_desk();
    configure::put(&desk, DefinitionName::Sla, "[all]\nany = { first-response = \"2h\", resolution = \"1d\" }\n").unwrap();
    let lines: Vec<serde_json::Value> = (1..=tickets)
        .map(|n| {
            let opened = desk.now().plus_seconds(-5_400 + n as i64 * 60);
            serde_json::json!({ "subject": format!("Request {n}"), "opened_at": opened.to_string(), "channel": "email", "line": "first" })
        })
        .collect();
    add_json(&desk, Kind::Ticket, &lines.into()).unwrap();
    desk
}

fn queue_stage(desk: Desk) -> Stage {
    let mut stage = Stage::new(desk, &options(120, 40)).unwrap();
    stage.press("<Space>q").unwrap();
    stage
}

fn ticket(n: u64) -> RecordId {
    RecordId::new(Kind::Ticket, n)
}

fn text(stage: &Stage, n: u64, field: u16) -> String {
    stage.desk.record(ticket(n)).unwrap().text(field).unwrap_or_default().to_owned()
}

#[test]
fn tickets_are_handed_on_solved_and_opened_again_in_bulk() {
    let mut stage = queue_stage(service_desk(5));
    let state = after(&mut stage, ":assign ada<CR>");
    assert_eq!(message(&state).0, "error", "there is nobody called so yet");
    after(&mut stage, "<Space>m");
    let state = after(&mut stage, "jVj:assign ada<CR>");
    assert_eq!(message(&state).1, "2 tickets are given to ada");
    let state = after(&mut stage, "gg:%assign!<CR>");
    assert_eq!(message(&state).1, "5 tickets are nobody's now");

    let state = after(&mut stage, "ggV2j:escalate it is the network<CR>");
    assert_eq!(message(&state).0, "info", "{}", message(&state).1);
    let lines: Vec<String> = (1..=5).map(|n| text(&stage, n, number::SERVICE_LINE)).collect();
    assert_eq!(lines, ["second", "second", "second", "first", "first"], "{}", message(&state).1);
    let state = after(&mut stage, "gg<Space>x");
    assert_eq!(message(&state).1, "t1 is on the last line already");

    // Each is answered through its own channel, and one undo takes all answers back.
    let state = after(&mut stage, "ggV2j<Space>aWe are on it.<CR>");
    assert_eq!(message(&state).1, "3 tickets are answered");
    let answers = |stage: &Stage| stage.desk.store.linking(ticket(2), Some(Kind::Interaction), 9).unwrap().len();
    assert_eq!(answers(&stage), 2, "a note and an answer");
    undo(&stage.desk, &Which::Last, false, false).unwrap();
    assert_eq!(answers(&stage), 1);
    stage.tell(Message::Changed(None));

    let state = after(&mut stage, "gg2<Space>S");
    assert_eq!(message(&state).1, "2 tickets are solved");
    let state = after(&mut stage, ":.reopen<CR>");
    assert_eq!(message(&state).1, "t3 is new and not done");
    after(&mut stage, ":filter status:solved<CR>");
    let state = after(&mut stage, "gg:reopen it came back<CR>");
    assert_eq!(message(&state).1, "t1 is open again");
    assert_eq!(text(&stage, 1, number::STATUS), "open");
    assert!(!stage.desk.record(ticket(1)).unwrap().has(number::SOLVED_AT));
}

#[test]
fn an_outage_is_seen_on_each_of_its_tickets_and_solved_with_them() {
    let mut stage = queue_stage(service_desk(4));
    let state = after(&mut stage, "ggjV2j<Space>ot1<CR>");
    assert_eq!(message(&state).1, "3 tickets are of the outage t1 “Request 1”");
    let state = after(&mut stage, ":incident t2<CR>");
    assert!(message(&state).1.contains("t2 itself belongs to the outage t1"), "{}", message(&state).1);
    let state = after(&mut stage, "gg:incident t1<CR>");
    assert!(message(&state).1.contains("cannot be its own outage"), "{}", message(&state).1);
    after(&mut stage, "j<CR>");
    assert!(stage.screen().contains("outage"), "{}", stage.screen());
    assert!(stage.screen().contains("t1 Request 1: new, 3 tickets"), "{}", stage.screen());
    let state = after(&mut stage, "<Esc>gg:solve<CR>");
    assert_eq!(message(&state).1, "t1 is solved; 3 open tickets belong to it: :solve! solves them too");
    after(&mut stage, "u");
    let state = after(&mut stage, "gg:solve! The mail server runs again.<CR>");
    assert_eq!(message(&state).1, "4 tickets are solved");
    assert!(stage.app.tickets.ids.is_empty());
}

#[test]
fn a_message_is_broken_off_as_a_ticket_of_its_own() {
    let mut stage = queue_stage(service_desk(2));
    after(&mut stage, "gg:log email --in Also, our invoice is wrong<CR>");
    stage.app.focus_on(Pane::Timeline);
    let state = after(&mut stage, "gg/invoice<CR>:break-off<CR>");
    assert_eq!(message(&state).1, "t3 is separated from t1, with its message");
    assert_eq!(text(&stage, 3, number::TICKET_SUBJECT), "Also, our invoice is wrong");
    assert_eq!(stage.desk.store.linking(ticket(3), Some(Kind::Interaction), 9).unwrap().len(), 1);
    assert_eq!(stage.desk.store.linking(ticket(1), Some(Kind::Interaction), 9).unwrap().len(), 0);
    stage.app.focus_on(Pane::Tickets);
    let state = after(&mut stage, "gg<Space>bA second wish<CR>");
    assert!(message(&state).1.starts_with("t4 is separated from t"), "{}", message(&state).1);
}

#[test]
fn why_tells_the_stretches_of_each_clock() {
    let mut stage = queue_stage(service_desk(2));
    after(&mut stage, "gg:why<CR>");
    let screen = stage.screen();
    for part in
        ["t1 Request 1", "all, the first that fits; around the clock; times of", "first response: running, 1 h 29 min of 2 h", "counts"]
    {
        assert!(screen.contains(part), "{part}: {screen}");
    }
    let state = after(&mut stage, "<Esc><Space>c<Space>w");
    assert_eq!(message(&state).0, "error", "a contact has no clocks: {}", message(&state).1);
}

#[test]
fn what_is_promised_counts_down_and_what_is_not_never_wakes_anybody() {
    let mut stage = queue_stage(service_desk(1));
    let told = |stage: &Stage| stage.app.tickets.rows[&ticket(1)].cells[2].text.clone();
    assert_eq!(told(&stage), "first response in 31 min");
    let next = stage.app.next_change().unwrap();
    assert_eq!((next.0 - stage.desk.now().0).div_euclid(1_000_000), 60);
    let tell = |stage: &mut Stage, seconds: i64| {
        let now = Timestamp::from_rfc3339(super::common::NOW).unwrap().plus_seconds(seconds);
        stage.desk.clock = rolo::actions::Clock::Fixed(now);
        stage.built = 0;
        stage.tell(Message::Moment(now));
        (told(stage), stage.built, (stage.app.next_change().unwrap().0 - now.0).div_euclid(1_000_000))
    };
    assert_eq!(tell(&mut stage, 60), ("first response in 30 min".to_owned(), 1, 60));
    assert_eq!(tell(&mut stage, 61), ("first response in 30 min".to_owned(), 0, 59), "nothing is built before something changes");
    assert_eq!(tell(&mut stage, 31 * 60 - 40), ("first response in 40 s".to_owned(), 1, 0));
    assert_eq!(tell(&mut stage, 31 * 60 + 100), ("first response 1 min late".to_owned(), 1, 20));
    // Where nothing is promised nothing counts down.
    configure::put(&stage.desk, DefinitionName::Sla, "").unwrap();
    stage.tell(Message::Changed(None));
    assert_eq!(stage.app.next_change(), None);
}
