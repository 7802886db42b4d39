//! The agenda: what is in it, in which order, and its keys.

use super::Home;

/// A Sunday.
const NOW: &str = "2026-11-29T10:00:00Z";

/// A home with something of everything.
fn full() -> Home {
    let home = Home::new();
    let early = "2026-08-01T08:00:00Z";
    home.done(early, &["add", "company", "name=Acme"]);
    home.done(
        early,
        &["add", "contact", "name=Ada", "company=Acme", "keep_in_touch=3m", "timezone=America/New_York", "phone=+420601123456"],
    );
    home.done(NOW, &["add", "task", "title=Send quote", "due=2026-11-20 10:00", "about=c1"]);
    home.done(NOW, &["add", "task", "title=Call back", "due=2026-12-01 09:00", "about=c1"]);
    home.done(NOW, &["add", "task", "title=Far away", "due=2027-12-01"]);
    home.done(NOW, &["add", "task", "title=Done", "due=2026-11-30", "done_at=today"]);
    home.done(NOW, &["add", "opportunity", "name=Big", "company=Acme", "next_step=Demo", "next_at=2026-11-30"]);
    home.done(NOW, &["add", "opportunity", "name=Lost", "company=Acme", "stage=lost", "next_step=x", "next_at=2026-11-30"]);
    home.done(NOW, &["add", "interaction", "channel=meeting", "subject=Weekly", "at=2026-11-16 09:00", "repeat=every monday"]);
    home.done(NOW, &["add", "contract", "name=Care", "company=Acme", "end=2026-12-04", "renewal=1y", "status=active"]);
    home
}

fn whats(home: &Home, now: &str, more: &[&str]) -> Vec<String> {
    let out = home.done(now, &[&["agenda", "--no-header"], more].concat());
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        format!("{} {} {} {}", cells[0], cells[2], cells[3], cells[6])
    };
    out.lines().map(row).collect()
}

#[test]
fn everything_that_is_due_stands_there_in_the_order_of_time() {
    let home = full();
    assert_eq!(
        whats(&home, NOW, &[]),
        [
            "2026-11-01T00:00:00Z touch c1 yes",
            "2026-11-20T10:00:00Z task k1 yes",
            "2026-11-30T00:00:00Z next step o1 no",
            "2026-11-30T09:00:00Z meeting i1 no",
            "2026-12-01T09:00:00Z task k2 no",
            "2026-12-04T00:00:00Z contract g1 no",
        ]
    );
    assert_eq!(whats(&home, NOW, &["--until", "+2w"]).iter().filter(|what| what.contains("meeting")).count(), 2);
    assert_eq!(whats(&home, NOW, &["--until", "today"]).len(), 2);
    assert_eq!(home.refused(NOW, &["agenda", "--until", "someday"]).0, 2);
    // A real touch puts the next one off; a note among colleagues is none.
    home.done(NOW, &["log", "note", "ada", "thinking of her"]);
    assert!(whats(&home, NOW, &[]).iter().any(|what| what.contains("touch")));
    home.done(NOW, &["log", "call", "ada", "all well"]);
    assert!(!whats(&home, NOW, &[]).iter().any(|what| what.contains("touch")));
}

#[test]
fn tasks_of_others_are_theirs() {
    let home = full();
    home.done(NOW, &["add", "user", "name=Ben", "login=ben"]);
    home.done(NOW, &["add", "task", "title=His", "due=2026-11-30", "assignee=Ben"]);
    assert!(!home.done(NOW, &["agenda"]).contains("His"));
    assert!(home.done(NOW, &["agenda", "--all"]).contains("His"));
    assert!(home.done(NOW, &["--user", "ben", "agenda"]).contains("His"));
}

#[test]
fn a_meeting_that_was_moved_stands_where_it_was_moved_to() {
    let home = Home::new();
    let calendar = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n\
        BEGIN:VEVENT\r\nUID:weekly-1234567@x\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20261102T090000Z\r\nRRULE:FREQ=WEEKLY\r\nSUMMARY:Weekly\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:weekly-1234567@x\r\nRECURRENCE-ID:20261130T090000Z\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20261201T140000Z\r\nSUMMARY:Weekly, moved\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:weekly-1234567@x\r\nRECURRENCE-ID:20261207T090000Z\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20261207T090000Z\r\nSTATUS:CANCELLED\r\nSUMMARY:Weekly\r\nEND:VEVENT\r\n\
        END:VCALENDAR\r\n";
    std::fs::write(home.path().join("c.ics"), calendar).unwrap();
    home.done(NOW, &["--quiet", "import", "c.ics"]);
    let titles: Vec<String> = home
        .done(NOW, &["agenda", "--until", "2026-12-20", "--no-header"])
        .lines()
        .map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>())
        .map(|cells| format!("{} {}", cells[0], cells[4]))
        .collect();
    assert_eq!(titles, ["2026-12-01T14:00:00Z Weekly, moved", "2026-12-14T09:00:00Z Weekly"]);
}

#[test]
fn the_feed_is_a_calendar_whose_names_stay() {
    let home = full();
    let feed = home.done(NOW, &["agenda", "--until", "+2w", "--format", "ics"]);
    assert_eq!(feed, home.done(NOW, &["agenda", "--until", "+2w", "--format", "ics"]));
    for line in
        ["UID:k2.task@rolo", "UID:i1.meeting.20261207T090000Z@rolo", "DUE:20261201T090000Z", "TRIGGER;VALUE=DATE-TIME:20261201T090000Z"]
    {
        assert!(feed.contains(&format!("{line}\r\n")), "{line}\n{feed}");
    }
    assert!(feed.lines().all(|line| line.len() <= 75), "{feed}");
    assert_eq!(feed.matches("BEGIN:V").count(), feed.matches("END:V").count());
    // What others make of it: our own reader takes every entry.
    std::fs::write(home.path().join("feed.ics"), &feed).unwrap();
    let report = home.done(NOW, &["--store", "memory:", "--quiet", "import", "feed.ics", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["rejected"], 0, "{report}");
}

fn play(home: &Home, keys: &str) -> serde_json::Value {
    serde_json::from_str(&home.done(NOW, &["play", keys, "--print", "state"])).unwrap()
}

#[test]
fn the_agenda_of_the_application_has_the_keys_of_the_grammar() {
    let home = full();
    let state = play(&home, ":agenda<CR>");
    let rows = &state["panes"]["contacts"]["rows"];
    assert_eq!(*rows, serde_json::json!(["c1", "k1", "o1", "i1", "k2", "g1"]), "{state:#}");
    // The second row and two more down to the next step: by a day, from today what is overdue.
    let state = play(&home, ":agenda<CR>j>j");
    assert_eq!(state["message"]["level"], "info", "{state:#}");
    assert_eq!(home.done(NOW, &["list", "task", "id:k1", "--columns", "due", "--format", "plain"]).trim(), "2026-11-30T10:00:00Z");
    assert_eq!(home.done(NOW, &["show", "o1", "--format", "json"]).matches("2026-12-01").count(), 1);
    play(&home, "u");
    // A tick, and to a day.
    play(&home, ":agenda<CR>/Call back<CR>:postpone next fri<CR>");
    assert_eq!(home.done(NOW, &["list", "task", "id:k2", "--columns", "due", "--format", "plain"]).trim(), "2026-12-04T09:00:00Z");
    let state = play(&home, ":agenda<CR>/Send<CR>~");
    assert_eq!(state["message"]["text"], "k1 is done", "{state:#}");
    // What cannot be put off says why.
    let state = play(&home, ":agenda<CR>gg>>");
    assert_eq!(state["message"]["level"], "error", "{state:#}");
    let filtered = play(&home, ":agenda<CR>:filter priority:high<CR>");
    assert_eq!(filtered["panes"]["contacts"]["total"], 0, "{filtered:#}");
}

#[test]
fn calling_asks_for_consent_first_and_says_what_time_it_is_there() {
    let home = full();
    let state = play(&home, ":list contact<CR>:call<CR>");
    assert_eq!(state["message"]["text"], "would open tel:+420601123456", "{state:#}");
    let screen = home.done(NOW, &["play", ":list contact<CR><CR>", "--print", "screen", "--size", "120x40"]);
    assert!(screen.contains("Sun 05:00 in America/New_York, at night; gx calls"), "{screen}");
    home.done(NOW, &["set", "c1", "consent.call=no"]);
    let state = play(&home, ":list contact<CR>:call<CR>");
    assert_eq!(state["message"]["level"], "error", "{state:#}");
    assert!(state["message"]["text"].as_str().unwrap().contains("has not consented to calls"), "{state:#}");
    let state = play(&home, ":list contact<CR>:call!<CR>");
    assert_eq!(state["message"]["text"], "would open tel:+420601123456", "{state:#}");
}
