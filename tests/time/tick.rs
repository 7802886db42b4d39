//! `rolo tick`: run twice, at once, late: each effect once.

use super::Home;

/// Has three processes tick at the same moment; returns what they told together.
fn three(home: &Home, now: &str) -> Vec<String> {
    let ticks: Vec<_> = (0..3).map(|_| home.begin(now, &["tick", "--no-header"])).collect();
    let mut told = Vec::new();
    for tick in ticks {
        let (code, out, err) = Home::end(tick);
        assert_eq!((code, err.as_str()), (0, ""));
        told.extend(out.lines().map(str::to_owned));
    }
    told.sort();
    told
}

#[test]
fn three_processes_at_the_same_minute_have_each_effect_once() {
    let home = Home::new();
    for n in 0..40 {
        home.done("2026-11-20T08:00:00Z", &["add", "task", &format!("title=Call {n}"), "due=2026-11-20 10:00"]);
    }
    assert_eq!(three(&home, "2026-11-20T09:59:59Z"), [""; 0]);
    let told = three(&home, "2026-11-20T10:00:00Z");
    assert_eq!(told.len(), 40, "{told:#?}");
    let mut once = told.clone();
    once.dedup_by_key(|line| line.split('\t').nth(1).map(str::to_owned));
    assert_eq!(once.len(), 40, "each task by one of them: {told:#?}");
    assert_eq!(three(&home, "2026-11-20T10:00:00Z"), [""; 0], "and never again");
    assert_eq!(home.done("2026-11-20T10:01:00Z", &["count", "event", "field=reminder", "--no-header"]).trim(), "40");
}

#[test]
fn after_a_week_without_a_tick_each_effect_is_had_once() {
    let home = Home::new();
    home.done("2026-11-20T08:00:00Z", &["add", "task", "title=Early", "due=2026-11-21 10:00"]);
    home.done("2026-11-20T08:00:00Z", &["add", "task", "title=Told apart", "due=2026-11-30 10:00", "remind=2026-11-26 10:00"]);
    home.done("2026-11-20T08:00:00Z", &["add", "task", "title=Done", "due=2026-11-22", "done_at=2026-11-21"]);
    home.done("2026-11-20T08:00:00Z", &["add", "task", "title=Later", "due=2026-11-28 10:00"]);
    let told = three(&home, "2026-11-27T08:00:00Z");
    assert_eq!(
        told,
        ["reminders\tk1\tada: Early, due 2026-11-21 10:00", "reminders\tk2\tada: Told apart, due 2026-11-30 10:00"],
        "what was missed is told, once"
    );
    assert_eq!(three(&home, "2026-11-27T08:00:00Z"), [""; 0]);
    // Put off, it is another moment.
    home.done("2026-11-27T08:00:00Z", &["set", "k1", "due=2026-11-27 09:00"]);
    assert_eq!(three(&home, "2026-11-27T09:00:00Z"), ["reminders\tk1\tada: Early, due 2026-11-27 09:00"]);
}

#[test]
fn a_dry_run_does_nothing_and_undo_passes_over_a_tick() {
    let home = Home::new();
    let now = "2026-11-20T10:00:00Z";
    home.done(now, &["add", "task", "title=Ring", "due=2026-11-20 10:00"]);
    home.done(now, &["set", "k1", "title=Call"]);
    let told = home.done(now, &["tick", "--dry-run"]);
    assert_eq!(told, "what\trecord\ttold\nreminders\tk1\tada: Call, due 2026-11-20 10:00\n");
    assert_eq!(home.done(now, &["--readonly", "tick", "--dry-run"]), told);
    assert_eq!(home.done(now, &["tick"]), told);
    assert_eq!(home.done(now, &["tick"]), "", "nothing to mail");
    assert_eq!(home.done(now, &["tick", "--format", "json"]), "[]\n");
    assert_eq!(home.refused(now, &["--readonly", "tick"]).0, 7);
    home.done(now, &["undo"]);
    assert_eq!(
        home.done(now, &["list", "task", "--columns", "title", "--format", "plain"]),
        "Ring\n",
        "the user's own step was taken back"
    );
}

#[test]
fn reminders_for_others_wait_for_them_if_that_is_wanted() {
    let home = Home::new();
    let now = "2026-11-20T10:00:00Z";
    home.done(now, &["add", "user", "name=Ben", "login=ben"]);
    home.done(now, &["add", "task", "title=His", "due=2026-11-20 10:00", "assignee=Ben"]);
    home.done(now, &["add", "task", "title=Mine", "due=2026-11-20 10:00"]);
    assert_eq!(home.done(now, &["tick", "--mine", "--format", "ids"]), "k2\n");
    assert_eq!(home.done(now, &["tick", "--format", "ids"]), "k1\n");
}
