//! Tasks that are done, repeated and put off; dates as they are said.

use super::Home;

/// A Sunday.
const NOW: &str = "2026-11-29T10:00:00Z";

fn field(home: &Home, id: &str, name: &str) -> String {
    let shown = home.done(NOW, &["show", id, "--format", "json"]);
    let object: serde_json::Value = serde_json::from_str(&shown).unwrap();
    object.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned()
}

#[test]
fn a_repeating_task_makes_its_next_one_in_one_step() {
    let home = Home::new();
    home.done(
        NOW,
        &["add", "task", "title=Call Ada", "due=2026-11-27 10:00", "remind=2026-11-27 09:45", "repeat=every 2 weeks", "tags=vip"],
    );
    assert_eq!(field(&home, "k1", "repeat"), "FREQ=WEEKLY;INTERVAL=2");
    assert_eq!(home.done(NOW, &["done", "k1"]), "k1 is done; k2 follows, due Fri 2026-12-11 10:00\n");
    assert_eq!(field(&home, "k2", "due"), "2026-12-11T10:00:00Z");
    assert_eq!(field(&home, "k2", "remind"), "2026-12-11T09:45:00Z");
    assert_eq!((field(&home, "k1", "repeat"), field(&home, "k2", "repeat")), (String::new(), "FREQ=WEEKLY;INTERVAL=2".to_owned()));
    assert_eq!(home.done(NOW, &["done", "k1"]), "done already\n", "and makes no third");
    assert_eq!(home.done(NOW, &["count", "task", "--no-header"]).trim(), "2");
    home.done(NOW, &["undo"]);
    assert_eq!(home.done(NOW, &["count", "task", "--no-header"]).trim(), "1");
    assert_eq!((field(&home, "k1", "done_at"), field(&home, "k1", "repeat")), (String::new(), "FREQ=WEEKLY;INTERVAL=2".to_owned()));
    // Whichever way it is marked.
    home.done(NOW, &["set", "k1", "done_at=today"]);
    assert_eq!(home.done(NOW, &["count", "task", "-done_at:*", "--no-header"]).trim(), "1");
}

#[test]
fn a_series_of_three_ends_with_the_third() {
    let home = Home::new();
    home.done("2026-11-01T08:00:00Z", &["add", "task", "title=Water", "due=2026-11-01 09:00", "repeat=daily 3 times"]);
    assert_eq!(home.done("2026-11-01T10:00:00Z", &["done", "k1"]), "k1 is done; k2 follows, due Mon 2026-11-02 09:00\n");
    assert_eq!(home.done("2026-11-02T10:00:00Z", &["done", "k2"]), "k2 is done; k3 follows, due Tue 2026-11-03 09:00\n");
    assert_eq!(home.done("2026-11-03T10:00:00Z", &["done", "k3"]), "k3 is done\n");
}

#[test]
fn what_is_no_task_is_not_ticked_and_slips_are_told() {
    let home = Home::new();
    home.done(NOW, &["add", "contact", "name=Ada"]);
    assert_eq!(home.refused(NOW, &["done", "c1"]).0, 1);
    assert_eq!(home.refused(NOW, &["done", "k9"]).0, 4);
    let (code, said) = home.refused(NOW, &["add", "task", "title=x", "repeat=every two weeks"]);
    assert_eq!(code, 1);
    assert!(said.contains("does not say how it recurs") && said.contains("every 2 weeks"), "{said}");
}

#[test]
fn dates_are_read_as_they_are_said() {
    let home = Home::new();
    for (said, due) in [
        ("fri 10:00", "2026-12-04T10:00:00Z"),
        ("fri at 10:00", "2026-12-04T10:00:00Z"),
        ("friday", "2026-12-04T00:00:00Z"),
        ("in 2 weeks", "2026-12-13T00:00:00Z"),
        ("in a week", "2026-12-06T00:00:00Z"),
        ("in an hour", "2026-11-29T11:00:00Z"),
        ("next monday", "2026-11-30T00:00:00Z"),
        ("31.1.", "2027-01-31T00:00:00Z"),
        ("31 jan 9am", "2027-01-31T09:00:00Z"),
        ("eom", "2026-11-30T00:00:00Z"),
        ("+3d", "2026-12-02T10:00:00Z"),
        ("tomorrow 9am", "2026-11-30T09:00:00Z"),
        ("9am", "2026-11-30T09:00:00Z"),
        ("11:00", "2026-11-29T11:00:00Z"),
        ("sunday", "2026-11-29T00:00:00Z"),
        ("sun 9:00", "2026-12-06T09:00:00Z"),
        ("noon", "2026-11-29T12:00:00Z"),
        ("2026-11-01", "2026-11-01T00:00:00Z"),
    ] {
        let id = home.done(NOW, &["add", "task", "title=x", &format!("due={said}")]);
        assert_eq!(field(&home, id.trim(), "due"), due, "{said}");
    }
    // What has been is read as it was: a query looks back as well.
    assert_eq!(home.done(NOW, &["add", "interaction", "channel=call", "at=fri 10:00"]).trim(), "i1");
    assert_eq!(field(&home, "i1", "at"), "2026-11-27T10:00:00Z");
    for slip in ["fri 25:00", "31.2.", "in many weeks", "someday"] {
        assert_eq!(home.refused(NOW, &["add", "task", "title=x", &format!("due={slip}")]).0, 1, "{slip}");
    }
}
