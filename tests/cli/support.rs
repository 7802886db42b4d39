//! A week in the queue, told from the pipe of a mail program: messages open tickets and
//! join them, a promise breaks and says why, and all of it is taken back.

use super::{Home, Said};

const QUEUES: &str = "[support]\naddresses = [\"help@rolo.example\"]\nline = \"first\"\n";
const TEAMS: &str = "[[team]]\nname = \"Help\"\nlead = \"lea\"\nmembers = [\"ben\", \"lea\"]\nqueues = [\"support\"]\n";
const CALENDARS: &str = "[office]\ntimezone = \"UTC\"\nweekdays = [\"08:00-12:00\", \"13:00-17:00\"]\n";
const SLA: &str = "[all]\ncalendar = \"office\"\nany = { first-response = \"2h\", next-reply = \"1h\", resolution = \"2d\" }\n";
const ESCALATIONS: &str = "[late]\nwhen = \"line:first\"\nat = \"100%\"\nclock = \"first-response\"\nwarn = [\"lead\"]\nline = \"second\"\n\
                           [after]\nafter-solving = \"2d\"\ntask = \"Ask whether it is well\"\n";

fn mail(id: &str, from: &str, to: &str, date: &str, subject: &str, more: &str) -> String {
    format!(
        "Message-ID: <{id}@example.org>\nFrom: {from}\nTo: {to}\nDate: {date}\nSubject: {subject}\n{more}\nThese are the words of {id}.\n"
    )
}

fn at(home: &Home, now: &str, words: &[&str], input: &str) -> Said {
    let words: Vec<&str> = ["--now", now].iter().chain(words).copied().collect();
    let said = home.call(&words, input);
    assert_eq!(said.code, 0, "{words:?}: {}", said.err);
    said
}

/// The steps that were made, newest first.
fn steps(home: &Home) -> Vec<String> {
    let history = home.done(&["history", "--format", "jsonl", "--limit", "1000"]);
    let step = |line: &str| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["step"].as_str().unwrap_or_default().to_owned();
    history.lines().map(step).collect()
}

#[test]
fn a_week_in_the_queue() {
    let home = Home::new();
    let monday = "2026-11-23T08:00:00Z";
    for (name, text) in [("queues", QUEUES), ("teams", TEAMS), ("calendars", CALENDARS), ("sla", SLA), ("escalations", ESCALATIONS)] {
        home.file(name, text);
        at(&home, monday, &["config", "put", name, name], "");
    }
    at(&home, monday, &["add", "user", "login=ben", "name=Ben", "email=ben@rolo.example"], "");
    at(&home, monday, &["add", "user", "login=lea", "name=Lea", "email=lea@rolo.example"], "");
    let count = |kind: &str| home.done(&["count", kind, "--format", "plain"]).trim().parse::<u64>().expect("a number");
    let before: Vec<u64> = ["ticket", "interaction", "contact", "task"].map(count).into();
    let begun = steps(&home);
    let ada = "Ada Novak <ada@customer.example>";
    let help = "help@rolo.example";
    let import = ["import", "-", "--as", "interaction", "--from", "eml", "--quiet"];

    // Monday: a request, from a pipe, twice, which is once.
    let first = mail("one", ada, help, "Mon, 23 Nov 2026 09:00:00 +0000", "Printer is loud", "");
    at(&home, "2026-11-23T09:01:00Z", &import, &first);
    at(&home, "2026-11-23T09:02:00Z", &import, &first);
    let queue = at(
        &home,
        "2026-11-23T09:02:00Z",
        &["list", "ticket", "--columns", "id,subject,contact,queue,line,status", "--format", "plain"],
        "",
    );
    assert_eq!(queue.out, "t1\tPrinter is loud\tAda Novak\tsupport\tfirst\tnew\n");
    // She adds something: it joins.
    let more = mail("two", ada, help, "Mon, 23 Nov 2026 09:30:00 +0000", "Re: Printer is loud", "References: <one@example.org>\n");
    at(&home, "2026-11-23T09:31:00Z", &import, &more);
    assert_eq!(count("ticket"), before[0] + 1);

    // Nobody answers: at noon it is late, and says why.
    let why = at(&home, "2026-11-23T14:00:00Z", &["sla", "why", "t1", "--format", "table"], "");
    assert!(why.out.contains("all, the first that fits; calendar office"), "{}", why.out);
    assert!(why.out.contains("first response: breached, 4 h of 2 h, due 2026-11-23 11:00"), "{}", why.out);
    assert!(why.out.contains("1 h  break"), "{}", why.out);

    // The lead is told and the second line has it, once, however often time is asked.
    let ticked = at(&home, "2026-11-23T14:00:00Z", &["sla", "escalate"], "");
    assert!(ticked.out.contains("t1"), "{}", ticked.out);
    at(&home, "2026-11-23T14:00:00Z", &["sla", "escalate"], "");
    let line = at(&home, "2026-11-23T14:01:00Z", &["list", "ticket", "--columns", "line", "--format", "plain"], "");
    assert_eq!(line.out, "second\n");
    let warned = at(&home, "2026-11-23T14:01:00Z", &["list", "task", "--columns", "title,assignee", "--format", "plain"], "");
    assert_eq!(warned.out.lines().count(), 1, "{}", warned.out);
    assert!(warned.out.contains("t1 Printer is loud: first response") && warned.out.ends_with("\tLea\n"), "{}", warned.out);

    // Tuesday: an answer by mail, the customer is waited for, a machine answers, then she does.
    let thread = "References: <one@example.org> <two@example.org>\n";
    let answer =
        mail("three", "Ben <ben@rolo.example>", "ada@customer.example", "Tue, 24 Nov 2026 09:00:00 +0000", "Re: Printer is loud", thread);
    at(&home, "2026-11-24T09:01:00Z", &import, &answer);
    at(&home, "2026-11-24T09:01:00Z", &["set", "t1", "status=pending", "assignee=Ben"], "");
    let away =
        mail("four", ada, help, "Tue, 24 Nov 2026 09:05:00 +0000", "Out of office", &format!("{thread}Auto-Submitted: auto-replied\n"));
    at(&home, "2026-11-24T09:06:00Z", &import, &away);
    let status = |now: &str| at(&home, now, &["list", "ticket", "--columns", "status", "--format", "plain"], "").out;
    assert_eq!(status("2026-11-24T09:06:00Z"), "pending\n");
    let again = mail("five", ada, help, "Wed, 25 Nov 2026 10:00:00 +0000", "[t1] still loud", "");
    at(&home, "2026-11-25T10:01:00Z", &import, &again);
    assert_eq!(status("2026-11-25T10:01:00Z"), "open\n");

    // Solved, opened again, solved, rated; two days later somebody is to ask.
    at(&home, "2026-11-25T11:00:00Z", &["log", "email", "t1", "A new drum is on its way.", "--out"], "");
    at(&home, "2026-11-25T11:00:00Z", &["set", "t1", "status=solved"], "");
    let reply = mail("six", ada, help, "Thu, 26 Nov 2026 08:30:00 +0000", "Re: Printer is loud", thread);
    at(&home, "2026-11-26T08:31:00Z", &import, &reply);
    assert_eq!(status("2026-11-26T08:31:00Z"), "open\n");
    at(&home, "2026-11-26T09:00:00Z", &["set", "t1", "status=solved"], "");
    let wrong = home.call(&["--now", "2026-11-26T10:00:00Z", "set", "t1", "satisfaction=9"], "");
    assert_eq!(wrong.code, 1, "{}", wrong.err);
    assert!(wrong.err.contains("9 is not from 1 to 5"), "{}", wrong.err);
    at(&home, "2026-11-26T10:00:00Z", &["set", "t1", "satisfaction=4", "effort=2", "nps=9"], "");
    at(&home, "2026-11-28T09:01:00Z", &["sla", "escalate"], "");
    let tasks = at(&home, "2026-11-28T09:02:00Z", &["list", "task", "Ask", "--columns", "title,assignee", "--format", "plain"], "");
    assert_eq!(tasks.out, "Ask whether it is well: t1 Printer is loud\tBen\n");

    // All of it stands in one timeline, in the order in which it happened.
    let timeline = at(&home, "2026-11-28T10:00:00Z", &["timeline", "t1", "--format", "plain"], "").out;
    let place = |text: &str| timeline.lines().position(|line| line.contains(text)).unwrap_or_else(|| panic!("{text}: {timeline}"));
    let newest_first = place("words of one") > place("words of six");
    for (earlier, later) in [
        ("words of one", "words of two"),
        ("words of two", "first → second"),
        ("first → second", "words of three"),
        ("words of three", "words of five"),
        ("words of five", "A new drum"),
    ] {
        let in_order = place(earlier) < place(later);
        assert_eq!(in_order, !newest_first, "{earlier}, {later}: {timeline}");
    }
    // It waited from the answer to her mail, and both times it was done are told.
    let why = at(&home, "2026-11-28T10:00:00Z", &["sla", "why", "t1", "--format", "table"], "").out;
    assert!(why.contains("waiting: pending") && why.contains("done: solved"), "{why}");

    // Taken back to the start, what time caused too.
    for step in steps(&home).into_iter().take_while(|step| !begun.contains(step)) {
        let undone = home.call(&["--now", "2026-11-28T11:00:00Z", "undo", &step], "");
        assert_eq!(undone.code, 0, "{step}: {}", undone.err);
    }
    let after: Vec<u64> = ["ticket", "interaction", "contact", "task"].map(count).into();
    assert_eq!(after, before);
    assert_eq!(home.call(&["check"], "").code, 0);
}
