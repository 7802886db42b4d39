//! Interactions as a mailbox, which comes back the same.

use std::sync::Arc;

use proptest::prelude::*;
use rolo::domain::Kind;
use rolo::exchange::export::{Export, Shape};
use rolo::store::api::{Store, View};

use crate::common::{all, counts, desk, import, import_with, split, store, table};

/// Returns all interactions of a store as a mailbox.
fn mailbox(store: &Arc<dyn Store>) -> String {
    let view = View { now: desk(store).now(), login: "ada".into() };
    let (_, out) = Export::of(Kind::Interaction, Shape::Mbox, view).write(&**store, Vec::new(), &mut |_| {}).unwrap();
    String::from_utf8(out).unwrap()
}

fn take(store: &Arc<dyn Store>, kind: Kind, lines: &str) {
    let (report, told) = import_with(store, "x.jsonl", lines.as_bytes(), |settings| settings.kind = kind);
    assert_eq!(report.rejected, 0, "{:?}", told.plans);
}

const FIELDS: &[&str] = &["at", "channel", "direction", "contact", "subject", "body", "outcome", "private", "message_id", "thread"];

/// One interaction in numbers: direction, contacts, outcome, subject, body, thread.
type Drawn = (bool, Vec<usize>, usize, String, String, usize);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn mail_that_goes_out_comes_back(
        names in proptest::collection::vec("[A-Za-zéž\"(),:;<>@.' ]{1,12}[a-z]", 3),
        drawn in proptest::collection::vec(
            (any::<bool>(), proptest::sample::subsequence(vec![0_usize, 1, 2], 1..3), 0..4_usize,
             "[ -~éž€]{0,90}", "(>?From [a-z]{0,3}|[ -~éž]{0,20}|--b|\\.|x{1000}|\n){0,12}", 0..3_usize),
            1..6,
        ),
    ) {
        let one = store();
        let people: Vec<String> = names.iter().enumerate()
            .map(|(at, name)| serde_json::json!({ "name": format!("P{at} {}", name.trim()), "email": format!("p{at}@b.example") }).to_string())
            .collect();
        let users = "{\"login\":\"ada\",\"name\":\"Ada\",\"email\":\"ada@acme.example\"}\n";
        let lines = |drawn: &[Drawn]| -> String {
            drawn.iter().enumerate().map(|(at, (out, who, outcome, subject, body, thread))| {
                let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
                let body = body.trim_matches(['\n', ' ']);
                let mut object = serde_json::json!({
                    "at": format!("2026-01-{:02}T10:00:00Z", at + 1), "channel": "email",
                    "direction": if *out && *outcome != 1 { "out" } else { "in" },
                    "contact": who.iter().map(|at| serde_json::json!({ "email": format!("p{at}@b.example") })).collect::<Vec<_>>(),
                    "message_id": format!("<{at}@x.example>"), "thread": format!("<{}@x.example>", if *thread == 0 { 0 } else { at }),
                });
                if !subject.is_empty() { object["subject"] = subject.into(); }
                if !body.is_empty() { object["body"] = body.into(); }
                if let Some(word) = ["", "bounce", "auto-reply", "automatic"].get(*outcome).filter(|word| !word.is_empty()) {
                    object["outcome"] = (*word).into();
                }
                format!("{object}\n")
            }).collect()
        };
        take(&one, Kind::User, users);
        take(&one, Kind::Contact, &people.join("\n"));
        take(&one, Kind::Interaction, &lines(&drawn));
        let written = mailbox(&one);
        prop_assert_eq!(split(written.as_bytes()).len(), drawn.len());
        let two = store();
        take(&two, Kind::User, users);
        take(&two, Kind::Contact, &people.join("\n"));
        let report = import(&two, &written, &[]);
        prop_assert_eq!(counts(&report), [drawn.len() as u64, drawn.len() as u64, 0, 0, 0]);
        prop_assert_eq!(table(&two, Kind::Interaction, FIELDS), table(&one, Kind::Interaction, FIELDS));
        prop_assert_eq!(all(&two, Kind::Contact).len(), 3);
        // And back where it came from it changes nothing.
        prop_assert_eq!(counts(&import(&one, &written, &[])), [drawn.len() as u64, 0, 0, drawn.len() as u64, 0]);
    }
}

#[test]
fn touches_that_are_no_mail_go_out_and_come_back_too() {
    let one = store();
    take(&one, Kind::Contact, "{\"name\":\"Eva\",\"email\":\"eva@b.example\"}\n{\"name\":\"Ivo\",\"phone\":\"+420601123456\"}\n");
    take(
        &one,
        Kind::Interaction,
        "{\"at\":\"2026-01-01T10:00:00Z\",\"channel\":\"call\",\"direction\":\"in\",\"contact\":\"Eva\",\"body\":\"asked\",\"minutes\":5}\n\
         {\"at\":\"2026-01-02T10:00:00Z\",\"channel\":\"note\",\"contact\":\"Ivo\",\"body\":\"likes tea\",\"private\":true}\n",
    );
    let written = mailbox(&one);
    assert_eq!(counts(&import(&one, &written, &[])), [2, 0, 0, 2, 0], "{written}");
    let two = store();
    assert_eq!(counts(&import(&two, &written, &[])), [2, 2, 0, 0, 0]);
    assert_eq!(
        table(&two, Kind::Interaction, &["at", "channel", "direction", "contact", "body", "message_id"]),
        ["2026-01-01T10:00:00Z | call | in | Eva | asked | ", "2026-01-02T10:00:00Z | note | out |  | likes tea | "]
    );
    assert_eq!(counts(&import(&two, &written, &[])), [2, 0, 0, 2, 0]);
}

#[test]
fn files_go_out_with_their_message() {
    let one = store();
    let mail = "From: eva@b.example\nTo: ada@acme.example\nMessage-ID: <1@b>\nDate: 1 Jan 2026 10:00 +0000\n\
                Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n--b\nContent-Type: application/pdf\n\
                Content-Disposition: attachment; filename=\"\u{17e}.pdf\"\n\n%PDF\n--b--\n";
    import(&one, mail, &["ada@acme.example"]);
    let two = store();
    import(&two, &mailbox(&one), &["ada@acme.example"]);
    let fields = &["name", "media_type", "size", "hash"];
    assert_eq!(table(&two, Kind::Document, fields), table(&one, Kind::Document, fields));
    assert_eq!(all(&two, Kind::Document).len(), 1);
}

#[test]
fn nobody_writes_a_field_into_what_goes_out() {
    let store = store();
    take(&store, Kind::Contact, "{\"name\":\"Eva\\nBcc: x@y.example\",\"email\":\"eva@b.example\"}\n");
    take(
        &store,
        Kind::Interaction,
        "{\"at\":\"2026-01-01T10:00:00Z\",\"channel\":\"email\",\"contact\":\"eva@b.example\",\"subject\":\"a\\nBcc: x@y.example\",\
         \"message_id\":\"<1@b>\\nBcc: x@y.example\",\"thread\":\"<2@b>\\n\\nbody\",\"body\":\"b\"}\n",
    );
    let written = mailbox(&store);
    assert!(!written.lines().any(|line| line.starts_with("Bcc")), "{written}");
    assert_eq!(split(written.as_bytes()).len(), 1);
}
