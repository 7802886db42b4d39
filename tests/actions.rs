//! What people do and what they get wrong, action by action, on a store in memory.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use rolo::actions::{self, ActionError, Clock, Desk, LogOptions, Outcome, Target, configure, demo};
use rolo::domain::{Assignment, DefinitionName, FieldRef, Kind, RecordId, Timestamp, Value, naming};
use rolo::insight::{self, BoardRequest, By, TimelineRequest, What};
use rolo::query::Query;
use rolo::store::api::{Author, Trash};
use rolo::store::memory;
use rolo::store::walk::Walk;

fn desk() -> Desk {
    let now = Timestamp::from_rfc3339("2026-02-04T10:30:00Z").unwrap();
    let author = Author { login: "ada".to_owned(), workspace: String::new() };
    Desk { store: memory().unwrap(), author, clock: Clock::Fixed(now), readonly: false, joins: None }
}

fn add(desk: &Desk, kind: Kind, texts: &[&str]) -> Result<Outcome, ActionError> {
    let definitions = desk.definitions();
    let assignments: Result<Vec<_>, _> = texts.iter().map(|text| Assignment::parse(kind, text, &definitions)).collect();
    actions::add(desk, kind, &assignments?)
}

fn set(desk: &Desk, id: &str, texts: &[&str]) -> Result<Outcome, ActionError> {
    actions::set_texts(desk, &target(id), texts, None, false)
}

fn id(text: &str) -> RecordId {
    text.parse().unwrap()
}

fn target(text: &str) -> Target {
    Target::from(id(text))
}

/// Returns a field of a record as a column shows it.
fn cell(desk: &Desk, record: &str, field: &str) -> String {
    let record = desk.record(id(record)).unwrap();
    let known = rolo::store::known::Known::new(&*desk.store);
    FieldRef::resolve(record.kind(), field, &desk.definitions()).unwrap().text(&record, &known)
}

/// Returns an error as the command line says it: exit code, message, hint.
fn said<T: std::fmt::Debug>(result: Result<T, ActionError>) -> String {
    let error = result.unwrap_err();
    let at = error.at.map(|at| format!("{at}: ")).unwrap_or_default();
    let hint = error.hint.map(|hint| format!(" | {hint}")).unwrap_or_default();
    format!("{} {at}{}{hint}", error.code, error.message)
}

fn events(desk: &Desk) -> Vec<String> {
    let mut told = Vec::new();
    Walk::new(Kind::Event, desk.view())
        .each(&*desk.store, |event| {
            told.push(format!("{} {}", event.link(1000).unwrap(), naming::title(event)));
            Ok::<(), ActionError>(())
        })
        .unwrap();
    told
}

/// Two firms, three people of one name, a deal.
fn office() -> Desk {
    let desk = desk();
    add(&desk, Kind::Company, &["name=Acme"]).unwrap();
    add(&desk, Kind::Company, &["name=Beta Works", "domain=beta.example"]).unwrap();
    add(&desk, Kind::Contact, &["name=Jan Novák", "company=Acme", "email.work=jan@acme.example"]).unwrap();
    add(&desk, Kind::Contact, &["name=Jan Novak", "company=Beta Works"]).unwrap();
    add(&desk, Kind::Contact, &["name=Ivana Petrenko", "company=acme"]).unwrap();
    add(&desk, Kind::Opportunity, &["company=Acme", "contact=Ivana Petrenko", "amount=10k"]).unwrap();
    desk
}

#[test]
fn a_new_record_has_what_follows_from_it() {
    let desk = office();
    for (record, field, expected) in [
        ("c1", "owner", "ada"),
        ("c1", "created_at", "2026-02-04T10:30:00Z"),
        ("c1", "company", "Acme"),
        ("o1", "name", "Acme"),
        ("o1", "pipeline", "sales"),
        ("o1", "stage", "lead"),
        ("o1", "opened_at", "2026-02-04T10:30:00Z"),
        ("o1", "amount", "10000.00 EUR"),
        ("u1", "login", "ada"),
    ] {
        assert_eq!(cell(&desk, record, field), expected, "{record} {field}");
    }
    add(&desk, Kind::Ticket, &["subject=Loud", "contact=c1"]).unwrap();
    assert_eq!(
        (cell(&desk, "t1", "status"), cell(&desk, "t1", "priority"), cell(&desk, "t1", "owner")),
        ("new".into(), "normal".into(), String::new())
    );
    let outcome = add(&desk, Kind::Contact, &["email=nobody@acme.example"]).unwrap();
    assert_eq!(outcome.message, "added c4 nobody@acme.example");
    assert_eq!(events(&desk), ["o1 stage: lead", "t1 status: new"]);
    assert_eq!(
        said(add(&desk, Kind::Contact, &["name="])),
        "2 a new contact needs at least one value | write FIELD=VALUE, such as name=Ada"
    );
}

#[test]
fn a_name_is_found_or_what_is_near_is_named() {
    let desk = office();
    let resolve = |kinds: &[Kind], text: &str| actions::resolve(&desk, kinds, text);
    assert_eq!(resolve(&[Kind::Contact], "Jan Novák").unwrap(), id("c1"), "the exact spelling counts");
    assert_eq!(resolve(&[Kind::Contact], "JAN@acme.example").unwrap(), id("c1"));
    assert_eq!(resolve(&[], "beta.example").unwrap(), id("a2"));
    assert_eq!(resolve(&[], "ivana petrenko").unwrap(), id("c3"));
    assert_eq!(resolve(&[Kind::User], "me").unwrap(), id("u1"));
    assert_eq!(
        said(resolve(&[Kind::Contact], "jan novak")),
        "4 \u{201c}jan novak\u{201d} fits several: c1 Jan Novák (Acme, jan@acme.example); c2 Jan Novak (Beta Works) | name one by its id"
    );
    assert_eq!(
        said(resolve(&[Kind::Contact], "Ivana Petrenka")),
        "4 there is no contact \u{201c}Ivana Petrenka\u{201d} | did you mean \u{201c}Ivana Petrenko\u{201d} (c3)?"
    );
    assert_eq!(said(resolve(&[Kind::Contact], "a1")), "1 a1 is a company, not a contact (c…)");
    assert_eq!(said(resolve(&[], "c99")), "4 there is no contact c99");
    assert_eq!(said(resolve(&[Kind::Company], "\u{1b}[31m")), "4 there is no company \u{201c}\\u{1b}[31m\u{201d}");
    assert_eq!(
        said(set(&desk, "o1", &["company=Acne"])),
        "4 company: there is no company \u{201c}Acne\u{201d} | did you mean \u{201c}Acme\u{201d} (a1)?"
    );
}

#[test]
fn slips_are_told_and_change_nothing() {
    let desk = office();
    let seq = desk.store.seq();
    for (record, text, expected) in [
        (
            "o1",
            "stage=propsal",
            "2 stage: \u{201c}propsal\u{201d} is no stage of pipeline \u{201c}sales\u{201d} | did you mean \u{201c}proposal\u{201d}?",
        ),
        ("o1", "amount=EUR", "1 amount: \u{201c}EUR\u{201d} is money without a number | write 1234.50 EUR, 10k or 10keur"),
        ("o1", "amuont=1", "2 opportunity has no field \u{201c}amuont\u{201d} | did you mean \u{201c}amount\u{201d}?"),
        ("o1", "version=7", "1 \u{201c}version\u{201d} cannot be written | the store keeps it"),
    ] {
        assert_eq!(said(set(&desk, record, &[text])), expected);
    }
    let bad_date = said(set(&desk, "o1", &["close=2026-02-30"]));
    assert!(bad_date.starts_with("1 expected_close: \u{201c}2026-02-30\u{201d} is no date"), "{bad_date}");
    assert_eq!(said(set(&desk, "c99", &["name=x"])), "4 c99: there is no contact c99");
    // One that is refused refuses all.
    let both = Target::Ids(vec![id("o1"), id("c1")]);
    assert!(actions::set_texts(&desk, &both, &["stage=won"], None, false).is_err());
    assert_eq!(desk.store.seq(), seq);
}

#[test]
fn a_record_changed_meanwhile_is_not_overwritten() {
    let desk = office();
    let version = desk.record(id("c1")).unwrap().version;
    set(&desk, "c1", &["notes=first"]).unwrap();
    let late = actions::set_texts(&desk, &target("c1"), &["notes=second"], Some(version), false);
    assert_eq!(said(late), "5 c1: c1 was changed meanwhile by ada: it has version 7, not 3 | look at it again and repeat the change");
    assert_eq!(cell(&desk, "c1", "notes"), "first");
    assert_eq!(set(&desk, "c1", &["notes=first"]).unwrap().message, "nothing to change: it stands so already");
}

#[test]
fn many_records_change_as_one_step() {
    let desk = office();
    let query = Arc::new(Query::parse("company:acme", Kind::Contact, &desk.definitions()).unwrap());
    let acme = Target::Where(Kind::Contact, Some(query));
    let dry = actions::set_texts(&desk, &acme, &["tags+=vip"], None, true).unwrap();
    assert_eq!((dry.changed, dry.step, dry.message.as_str()), (2, None, "set tags: 2 contacts would change"));
    let outcome = actions::set_texts(&desk, &acme, &["tags+=vip"], None, false).unwrap();
    assert_eq!((outcome.changed, outcome.message.as_str()), (2, "set tags: 2 contacts changed"));
    assert_eq!(desk.store.commits_of(outcome.step.unwrap()).unwrap().len(), 1);
    let mixed = Target::Ids(vec![id("c1"), id("a1"), id("c1")]);
    assert_eq!(actions::set_texts(&desk, &mixed, &["tags+=both"], None, false).unwrap().message, "set tags: 2 records changed");
    assert_eq!(cell(&desk, "c1", "tags"), "vip; both");
}

#[test]
fn a_move_has_its_events_its_closing_time_and_its_reason() {
    let desk = office();
    actions::move_stage(&desk, &target("o1"), "Proposal", None).unwrap();
    actions::shift_stage(&desk, &target("o1"), 5).unwrap();
    assert_eq!(cell(&desk, "o1", "stage"), "negotiation", "won is reached by name only");
    assert_eq!(
        said(actions::move_stage(&desk, &target("o1"), "won", Some("price"))),
        "2 reason: a reason goes with a lost opportunity; \u{201c}won\u{201d} is not lost"
    );
    let lost = actions::move_stage(&desk, &target("o1"), "lost", Some("price")).unwrap();
    assert_eq!(lost.message, "move to lost: 1 opportunity changed");
    assert_eq!((cell(&desk, "o1", "closed_at"), cell(&desk, "o1", "lost_reason")), ("2026-02-04T10:30:00Z".into(), "price".into()));
    actions::move_stage(&desk, &target("o1"), "lead", None).unwrap();
    assert_eq!((cell(&desk, "o1", "closed_at"), cell(&desk, "o1", "lost_reason")), (String::new(), String::new()));
    assert_eq!(
        events(&desk),
        [
            "o1 stage: lead",
            "o1 stage: lead → proposal",
            "o1 stage: proposal → negotiation",
            "o1 stage: negotiation → lost",
            "o1 stage: lost → lead"
        ]
    );
    assert_eq!(said(actions::move_stage(&desk, &target("c1"), "won", None)), "2 c1: c1 is a contact; only opportunities have stages");
    assert_eq!(
        said(actions::move_stage(&desk, &target("o1"), "wun", None)),
        "2 stage: \u{201c}wun\u{201d} is no stage of pipeline \u{201c}sales\u{201d} | did you mean \u{201c}won\u{201d}?"
    );
}

#[test]
fn urgency_is_raised_and_lowered_and_stops_at_its_ends() {
    let desk = office();
    add(&desk, Kind::Ticket, &["subject=Loud"]).unwrap();
    for (by, expected) in [(1, "high"), (5, "urgent"), (1, "urgent"), (-9, "low")] {
        actions::shift_priority(&desk, &target("t1"), by).unwrap();
        assert_eq!(cell(&desk, "t1", "priority"), expected);
    }
    assert_eq!(said(actions::shift_priority(&desk, &target("c1"), 1)), "2 c1: c1 is a contact; only tickets and tasks have a priority");
}

#[test]
fn a_touch_knows_whom_it_was_with_and_what_follows() {
    let desk = office();
    let options = LogOptions { minutes: Some(15), next: Some("2026-02-06 10:00 Send the offer".to_owned()), ..LogOptions::default() };
    let outcome = actions::log(&desk, "call", &["o1"], "Wants three years\nand a discount", &options).unwrap();
    assert_eq!(outcome.message, "logged i1: call with Acme; follow-up due 2026-02-06 10:00");
    for (record, field, expected) in [
        ("i1", "subject", "Wants three years"),
        ("i1", "body", "and a discount"),
        ("i1", "contact", "Ivana Petrenko"),
        ("i1", "company", "Acme"),
        ("i1", "opportunity", "Acme"),
        ("i1", "direction", "out"),
        ("i1", "owner", "ada"),
        ("k1", "title", "Send the offer"),
        ("k1", "about", "Acme"),
        ("k1", "assignee", "ada"),
    ] {
        assert_eq!(cell(&desk, record, field), expected, "{record} {field}");
    }
    // With a contact alone, the company is that of the first job.
    actions::log(&desk, "letter", &["c2"], "Thanks", &LogOptions { direction: Some("in".into()), ..LogOptions::default() }).unwrap();
    assert_eq!(cell(&desk, "i2", "company"), "Beta Works");
    add(&desk, Kind::Ticket, &["subject=Loud", "contact=c2"]).unwrap();
    actions::log(&desk, "note", &["t1"], "Internal", &LogOptions { private: true, ..LogOptions::default() }).unwrap();
    assert_eq!(cell(&desk, "t1", "first_response_at"), "", "a note is no answer");
    actions::log(&desk, "email", &["t1"], "We look into it", &LogOptions::default()).unwrap();
    assert_eq!(cell(&desk, "t1", "first_response_at"), "2026-02-04T10:30:00Z");

    let plain = LogOptions::default();
    assert_eq!(
        said(actions::log(&desk, "cal", &["c1"], "x", &plain)),
        "2 channel: \u{201c}cal\u{201d} is no channel | did you mean \u{201c}call\u{201d}?"
    );
    assert!(said(actions::log(&desk, "call", &["jan novak"], "x", &plain)).starts_with("4 \u{201c}jan novak\u{201d} fits several"));
    let no_date = LogOptions { next: Some("call back".into()), ..plain };
    assert!(
        said(actions::log(&desk, "call", &["c1"], "x", &no_date))
            .starts_with("1 next: \u{201c}call back\u{201d} does not begin with a date")
    );
}

#[test]
fn links_take_the_field_that_is_there_for_them() {
    let desk = office();
    assert_eq!(actions::link(&desk, id("c1"), id("o1")).unwrap().message, "linked c1 Jan Novák with o1 Acme");
    assert_eq!(cell(&desk, "o1", "contact"), "Ivana Petrenko; Jan Novák");
    assert_eq!(actions::link(&desk, id("o1"), id("c1")).unwrap().message, "o1 and c1 are linked already");
    actions::link(&desk, id("o1"), id("a2")).unwrap();
    assert_eq!((cell(&desk, "o1", "company"), cell(&desk, "o1", "linked")), ("Acme".into(), "Beta Works".into()), "the field was taken");
    actions::link(&desk, id("c3"), id("a2")).unwrap();
    assert_eq!(cell(&desk, "c3", "jobs.2.company"), "Beta Works");
    actions::unlink(&desk, id("a2"), id("c3")).unwrap();
    assert_eq!(cell(&desk, "c3", "jobs.2.company"), "");
    assert_eq!(actions::unlink(&desk, id("a2"), id("c3")).unwrap().message, "a2 and c3 are not linked");
    assert_eq!(said(actions::link(&desk, id("c1"), id("c1"))), "2 c1 cannot be linked with itself");
    assert_eq!(said(actions::link(&desk, id("c1"), id("c99"))), "4 c99: there is no contact c99");
}

#[test]
fn the_trash_hides_gives_back_and_is_emptied() {
    let desk = office();
    assert_eq!(actions::trash(&desk, &target("a1")).unwrap().message, "1 company in the trash; `u` or `rolo restore` brings back");
    assert_eq!(actions::trash(&desk, &target("a1")).unwrap().message, "nothing to remove: it is in the trash already");
    assert_eq!(Walk::new(Kind::Company, desk.view()).ids(&*desk.store).unwrap(), [id("a2")]);
    assert_eq!(cell(&desk, "c1", "company"), "Acme", "links to it stay");
    actions::restore(&desk, &target("a1")).unwrap();
    assert_eq!(actions::restore(&desk, &target("a1")).unwrap().message, "nothing to restore: it is not in the trash");
    actions::trash(&desk, &Target::Ids(vec![id("a1"), id("o1")])).unwrap();
    assert_eq!(actions::trashed(&desk).unwrap(), 2);
    assert_eq!(actions::purge(&desk).unwrap().message, "2 records gone for good");
    assert_eq!(actions::purge(&desk).unwrap().message, "the trash is empty");
    assert_eq!((cell(&desk, "c1", "company"), cell(&desk, "c1", "jobs")), (String::new(), String::new()));
    assert!(events(&desk).is_empty(), "an event goes with its record");
    assert_eq!(said(desk.record(id("a1"))), "4 a1: there is no company a1");
    add(&desk, Kind::Company, &["name=Acme"]).unwrap();
    assert_eq!(cell(&desk, "a3", "name"), "Acme", "a number is never given twice");
}

#[test]
fn a_definition_is_checked_as_a_whole_and_keeps_what_is_used() {
    let desk = office();
    let without_lead = DefinitionName::Pipelines.example().replace("  { name = \"lead\", probability = 10 },\n", "");
    assert_eq!(
        said(configure::put(&desk, DefinitionName::Pipelines, &without_lead)),
        "1 pipelines: stage \u{201c}lead\u{201d} of pipeline \u{201c}sales\u{201d} is gone, but 1 opportunity uses it | give it another name \
         under [renamed], or change the records first"
    );
    let renamed = format!("[renamed]\nlead = \"fresh\"\n{}", DefinitionName::Pipelines.example().replace("\"lead\"", "\"fresh\""));
    assert_eq!(configure::put(&desk, DefinitionName::Pipelines, &renamed).unwrap().message, "pipelines is taken; 1 record was rewritten");
    assert_eq!(cell(&desk, "o1", "stage"), "fresh");
    assert_eq!(configure::get(&desk, DefinitionName::Pipelines).unwrap(), renamed);
    assert_eq!(configure::put(&desk, DefinitionName::Pipelines, &renamed).unwrap().message, "pipelines stands so already");
    let slip = said(configure::put(&desk, DefinitionName::Statuses, "[[status]]\nname = \"new\"\ncategroy = \"open\"\n"));
    assert!(slip.starts_with("1 statuses:3:1: "), "{slip}");
    assert_eq!(
        said(configure::named("pipline")),
        "2 pipline: there is no definition \u{201c}pipline\u{201d} | did you mean \u{201c}pipelines\u{201d}?"
    );

    configure::put(&desk, DefinitionName::Fields, "[contact.shoe]\ntype = \"number\"\n").unwrap();
    set(&desk, "c1", &["shoe=38.5"]).unwrap();
    let gone = said(configure::put(&desk, DefinitionName::Fields, "[contact.hat]\ntype = \"number\"\n"));
    assert!(gone.contains("field \u{201c}shoe\u{201d} of contacts is gone, but 1 contact uses it"), "{gone}");
    let listed = configure::list(&desk).unwrap();
    assert_eq!(listed.iter().filter(|definition| definition.own).count(), 2);
}

#[test]
fn an_editor_changes_what_was_touched_and_nothing_else() {
    let desk = office();
    let text = actions::edit_toml(&desk, &[id("c1")]).unwrap();
    assert!(text.contains("name = \"Jan Novák\"\n") && text.contains("# birthday = "), "{text}");
    assert_eq!(actions::apply_toml(&desk, &text, &text).unwrap().message, "nothing was changed");
    // Somebody else changes another field meanwhile; both changes stay.
    set(&desk, "c1", &["tags=vip"]).unwrap();
    let edited = text.replace("Jan Novák", "Jan \\\"Honza\\\" Novák") + "notes = \"\"\"\nTwo\nlines\"\"\"\nbirthday = 1985-05-17\n";
    assert_eq!(actions::apply_toml(&desk, &edited, &text).unwrap().message, "1 contact changed");
    assert_eq!((cell(&desk, "c1", "name"), cell(&desk, "c1", "tags")), ("Jan \"Honza\" Novák".into(), "vip".into()));
    assert_eq!((cell(&desk, "c1", "notes"), cell(&desk, "c1", "birthday")), ("Two\nlines".into(), "1985-05-17".into()));

    // The same field: a conflict, shown both ways.
    let clash = said(actions::apply_toml(&desk, &text.replace("Jan Novák", "Johann"), &text));
    assert_eq!(
        clash,
        "5 c1: c1 name was changed meanwhile by ada: it is Jan \"Honza\" Novák, yours is Johann | edit it again: the text begins with what stands now"
    );

    let text = actions::edit_toml(&desk, &[id("c1"), id("o1")]).unwrap();
    let taken_out: String = text.lines().filter(|line| !line.starts_with("notes")).map(|line| format!("{line}\n")).collect();
    let taken_out = taken_out.replace("Two\n", "").replace("lines\"\"\"\n", "");
    actions::apply_toml(&desk, &taken_out, &text).unwrap();
    assert_eq!(cell(&desk, "c1", "notes"), "");
    for (from, to, expected) in [
        ("stage = \"lead\"", "stage = \"laed\"", "is no stage of pipeline \u{201c}sales\u{201d} | did you mean \u{201c}lead\u{201d}?"),
        ("stage = \"lead\"", "stgae = \"lead\"", "2 "),
        ("pipeline = \"sales\"", "pipeline = \"sales", "1 "),
        ("id = \"o1\"", "id = \"o7\"", "o7 was not opened for editing"),
    ] {
        let text = actions::edit_toml(&desk, &[id("c1"), id("o1")]).unwrap();
        let line = text.lines().position(|line| line.starts_with(from)).unwrap() + 1;
        let error = said(actions::apply_toml(&desk, &text.replace(from, to), &text));
        let place =
            error.split_once(' ').map(|(_, rest)| rest.split(':').next().unwrap_or_default().parse().unwrap_or(0)).unwrap_or(0_usize);
        assert!(error.contains(expected), "{error}");
        assert!(place == line || to.contains("o7"), "{error} in line {line}");
    }
}

#[test]
fn json_is_added_whole_or_not_at_all() {
    let desk = desk();
    let many = serde_json::json!([{ "name": "Acme" }, { "name": "Beta", "employees": 12 }]);
    assert_eq!(actions::add_json(&desk, Kind::Company, &many).unwrap().message, "added 2 companies");
    let wrong = serde_json::json!([{ "name": "Gamma" }, { "name": "Delta", "employees": "many", "fonded": 1 }]);
    let seq = desk.store.seq();
    assert_eq!(
        said(actions::add_json(&desk, Kind::Company, &wrong)),
        "1 2.employees: \u{201c}many\u{201d} is no number (and 1 more) | write 1234.5, 10k or 1.5m"
    );
    assert_eq!(desk.store.seq(), seq);
    let deal = serde_json::json!({ "name": "Seats", "company": { "name": "Acme" }, "stage": "proposal", "amount": { "amount": "12.50", "currency": "USD" } });
    actions::add_json(&desk, Kind::Opportunity, &deal).unwrap();
    assert_eq!((cell(&desk, "o1", "company.id"), cell(&desk, "o1", "amount")), ("a1".into(), "12.50 USD".into()));
}

#[test]
fn history_and_diff_tell_what_changed() {
    let desk = office();
    set(&desk, "o1", &["amount=20k", "next_step=Call"]).unwrap();
    let history = actions::history(&desk, id("o1"), 10).unwrap();
    let names: Vec<Vec<String>> = history.iter().map(|revision| revision.differences.iter().map(|one| one.name()).collect()).collect();
    assert_eq!(names[0], ["amount", "next_step"]);
    assert!(history[1].created && names[1].contains(&"stage".to_owned()));
    let mut told = Vec::new();
    actions::diff(&desk, 6, 7, &mut |changed| {
        told.push(format!("{} {}", changed.id, changed.differences.len()));
        Ok(())
    })
    .unwrap();
    assert_eq!(told, ["o1 2"]);
    assert_eq!(said(actions::history(&desk, id("c99"), 1)), "4 c99: there is no contact c99");
    assert_eq!(said(actions::diff(&desk, 1, 99, &mut |_| Ok(()))), "4 @99: there is no step @99 | `rolo history` lists them");
}

#[test]
fn nothing_changes_on_a_readonly_desk() {
    let desk = office();
    let desk = Desk { readonly: true, ..desk };
    for refused in [add(&desk, Kind::Contact, &["name=x"]), set(&desk, "c1", &["notes=x"]), actions::purge(&desk), demo::demo(&desk)] {
        assert_eq!(said(refused), "7 nothing is changed: rolo was started with --readonly");
    }
}

fn timeline(desk: &Desk, of: &str, since: Option<&str>, offset: usize, limit: usize) -> insight::Timeline {
    let since = since.map(|since| Timestamp::from_rfc3339(since).unwrap());
    insight::timeline(&*desk.store, desk.today(), &TimelineRequest { of: id(of), since, offset, limit }).unwrap()
}

#[test]
fn a_timeline_merges_what_happened_newest_first() {
    let desk = office();
    actions::log(&desk, "call", &["o1"], "First call", &LogOptions { at: Some("2026-01-10 09:00".into()), ..LogOptions::default() })
        .unwrap();
    actions::log(&desk, "letter", &["c1"], "A letter", &LogOptions { at: Some("2026-01-20".into()), ..LogOptions::default() }).unwrap();
    add(&desk, Kind::Ticket, &["subject=Loud", "company=Acme", "opened_at=2026-01-15T08:00:00Z"]).unwrap();
    add(&desk, Kind::Order, &["number=B-1", "company=Acme", "at=2026-01-12"]).unwrap();
    add(&desk, Kind::Task, &["title=Ring", "about=c3", "due=2026-01-17", "done_at=2026-01-18"]).unwrap();
    let moved = actions::move_stage(&desk, &target("o1"), "proposal", None).unwrap().step.unwrap();
    set(&desk, "o1", &["tags=x"]).unwrap();

    let whole = timeline(&desk, "a1", None, 0, 100);
    let told: Vec<String> = whole.entries.iter().map(|entry| format!("{} {}", entry.id, entry.title)).collect();
    assert_eq!(
        told,
        [
            format!("o1@{moved} stage: lead → proposal"),
            "o1 Acme".to_owned(),
            "i2 A letter".to_owned(),
            "k1 Ring".to_owned(),
            "t1 Loud".to_owned(),
            "b1 B-1".to_owned(),
            "i1 First call".to_owned(),
        ]
    );
    let change = &whole.entries[0];
    assert_eq!((change.what.clone(), change.record, change.by.as_deref()), (What::Change, id("o1"), Some("ada")));
    assert_eq!(whole.entries[6].who, [(id("c3"), "Ivana Petrenko".to_owned())]);
    assert_eq!(whole.entries[6].about, Some((id("o1"), "Acme".to_owned())));
    // Pages, whatever their size, give the same.
    for size in 1..=3 {
        let mut paged = Vec::new();
        loop {
            let page = timeline(&desk, "a1", None, paged.len(), size);
            let more = page.more;
            paged.extend(page.entries);
            if !more {
                break;
            }
        }
        assert_eq!(paged, whole.entries, "pages of {size}");
    }
    assert_eq!(timeline(&desk, "a1", Some("2026-01-18T00:00:00Z"), 0, 100).entries.len(), 4);
    let ids = |of: &str| timeline(&desk, of, None, 0, 100).entries.into_iter().map(|entry| entry.id).collect::<Vec<_>>();
    assert_eq!(ids("c3"), [&format!("o1@{moved}"), "o1", "k1", "i1"]);
    assert_eq!(ids("o1"), [&format!("o1@{moved}"), "o1", "i1"]);
    assert_eq!(ids("t1"), ["t1"]);
    assert!(ids("a2").is_empty());
}

#[test]
fn the_demo_is_the_same_every_time_and_whole() {
    let (one, two) = (desk(), desk());
    for desk in [&one, &two] {
        demo::demo(desk).unwrap();
    }
    let mut counts = Vec::new();
    for kind in Kind::public() {
        let read = |desk: &Desk| {
            let mut records = Vec::new();
            Walk::new(kind, desk.view())
                .trash(Trash::With)
                .each(&*desk.store, |record| {
                    records.push((record.id, record.fields.clone()));
                    Ok::<(), ActionError>(())
                })
                .unwrap();
            records
        };
        let (first, second) = (read(&one), read(&two));
        assert_eq!(first, second, "{kind}");
        counts.push((kind.name(), first.len()));
        // Nothing happens in the time to come, and every word is one of its list.
        for (record, fields) in &first {
            for (number, value) in fields {
                let is_plan = matches!(number, 409 | 417 | 601 | 602 | 807 | 812 | 905);
                if let (Value::Time(at), false) = (value, is_plan) {
                    assert!(*at <= one.now(), "{record} {number} {at}");
                }
            }
        }
    }
    for (kind, least) in [
        ("contact", 120),
        ("company", 30),
        ("interaction", 900),
        ("opportunity", 100),
        ("ticket", 80),
        ("task", 80),
        ("contract", 20),
        ("order", 20),
        ("product", 10),
        ("user", 7),
        ("team", 3),
        ("event", 300),
    ] {
        let count = counts.iter().find(|(name, _)| *name == kind).unwrap().1;
        assert!(count >= least, "{count} {kind}");
    }
    let definitions = one.definitions();
    assert_eq!(definitions.pipelines.iter().len(), 3);
    let channels = By::parse(Kind::Interaction, "channel", &definitions).unwrap();
    let counted = insight::count_by(&*one.store, &one.view(), Kind::Interaction, None, &channels).unwrap();
    assert_eq!(counted.groups.len(), 11, "every channel");
    for pipeline in definitions.pipelines.iter() {
        let request = BoardRequest { pipeline: Some(pipeline.name.clone()), query: None, limit: 10, ..BoardRequest::default() };
        let board = insight::board(&*one.store, &one.view(), &request).unwrap();
        assert!(board.stray.is_empty() && board.columns.iter().any(|column| column.worth.count > 0), "{}", pipeline.name);
        assert!(board.columns.iter().all(|column| column.worth.unpriced == 0));
    }
    let mine = Arc::new(Query::parse("owner:me", Kind::Opportunity, &definitions).unwrap());
    assert!(Walk::new(Kind::Opportunity, one.view()).query(Some(mine)).ids(&*one.store).unwrap().len() > 10);
    assert!(one.store.check(false, &mut |_, _| {}).unwrap().damage.is_empty());

    assert_eq!(said(demo::demo(&one)), "1 the store has contacts already: the demo fills an empty one | --store PATH names another");
    actions::undo(&one, &actions::Which::Last, false, false).unwrap();
    demo::demo(&one).unwrap();
}

#[test]
fn a_demo_of_any_size() {
    let desk = desk();
    let mut told = Vec::new();
    let outcome = demo::demo_of_size(&desk, 1_250, 3_100, &mut |done, total| told.push((done, total))).unwrap();
    assert_eq!(outcome.message, "4382 records are here");
    assert_eq!(told.last(), Some(&(4_382, 4_382)));
    let count = |kind| Walk::new(kind, desk.view()).ids(&*desk.store).unwrap().len();
    assert_eq!((count(Kind::Company), count(Kind::Contact), count(Kind::Interaction)), (32, 1_250, 3_100));
    assert!(desk.store.steps(None, 5).unwrap().iter().all(|step| step.finished));
    assert_eq!(timeline(&desk, "c1", None, 0, 100).entries.len(), timeline(&desk, "c1", None, 0, 1_000).entries.len());
}

#[test]
fn boards_queues_sums_and_search() {
    let desk = office();
    add(&desk, Kind::Opportunity, &["name=Second", "amount=100.10 EUR", "close=2026-02-10"]).unwrap();
    add(&desk, Kind::Opportunity, &["name=Third", "amount=7 USD", "probability=60", "close=2026-02-09"]).unwrap();
    add(&desk, Kind::Opportunity, &["name=Bought", "amount=5 EUR", "stage=won"]).unwrap();
    let board = insight::board(&*desk.store, &desk.view(), &BoardRequest { limit: 2, ..BoardRequest::default() }).unwrap();
    let lead = &board.columns[0];
    assert_eq!(
        (lead.stage.as_str(), lead.sum(), lead.weighted(), lead.worth.count, lead.worth.unpriced),
        ("lead", "10100.10 EUR".into(), "1010.01 EUR".into(), 3, 1)
    );
    assert_eq!(lead.ids, [id("o3"), id("o2")], "those first that close first");
    assert_eq!((board.columns[4].stage.as_str(), board.columns[4].weighted()), ("won", "5.00 EUR".into()));

    let definitions = desk.definitions();
    let amount = FieldRef::resolve(Kind::Opportunity, "amount", &definitions).unwrap();
    let by = By::parse(Kind::Opportunity, "closed_at.quarter", &definitions).unwrap();
    let summed = insight::sum(&*desk.store, &desk.view(), Kind::Opportunity, None, &amount, Some(&by)).unwrap();
    let totals = |totals: &[insight::Total]| totals.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    assert_eq!(totals(&summed.totals), "10105.10 EUR, 7.00 USD");
    assert_eq!(
        summed.groups.iter().map(|group| (group.key.as_str(), totals(&group.totals))).collect::<Vec<_>>(),
        [("2026-q1", "5.00 EUR".to_owned()), ("", "10100.10 EUR, 7.00 USD".to_owned())]
    );
    let by = By::parse(Kind::Contact, "company", &definitions).unwrap();
    let counted = insight::count_by(&*desk.store, &desk.view(), Kind::Contact, None, &by).unwrap();
    assert_eq!(
        counted.groups.iter().map(|group| (group.key.as_str(), group.id, group.count)).collect::<Vec<_>>(),
        [("Acme", Some(id("a1")), 2), ("Beta Works", Some(id("a2")), 1)]
    );

    for (subject, more) in [
        ("Old", "opened_at=2026-01-01"),
        ("Waiting", "status=pending"),
        ("Burning", "priority=urgent"),
        ("Done", "status=solved"),
        ("New", "opened_at=2026-02-01"),
    ] {
        add(&desk, Kind::Ticket, &[&format!("subject={subject}"), more]).unwrap();
    }
    let queue = insight::queue(&*desk.store, &desk.view(), None).unwrap();
    let told: Vec<String> = queue.tickets.iter().map(|urgency| format!("{}: {}", naming::title(&urgency.ticket), urgency.reason)).collect();
    assert_eq!(
        told,
        [
            "Burning: urgent, new, unanswered for 0 min",
            "Old: normal, new, unanswered for 34 d",
            "New: normal, new, unanswered for 3 d",
            "Waiting: normal, pending for 0 min"
        ]
    );

    let found = |text: &str| {
        insight::find(&*desk.store, &desk.view(), text, 10).unwrap().into_iter().map(|hit| hit.record.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(found("novak"), ["c1", "c2"]);
    assert_eq!(found("jan n"), ["c1", "c2"]);
    assert_eq!(found("beta")[0], "a2");
    assert_eq!(found("acme")[..2], ["a1".to_owned(), "o1".to_owned()]);
    assert!(found("").is_empty() && found("owner:me").is_empty());
}
