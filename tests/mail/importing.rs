//! What mail becomes in a store: interactions, people, directions, threads.

use std::sync::Arc;

use proptest::prelude::*;
use rolo::domain::fields::number;
use rolo::domain::{Kind, Value};
use rolo::exchange::import::Action;
use rolo::exchange::mapping::Mapping;

use crate::common::{all, counts, desk, edit, import, import_with, store, table};

const ME: &[&str] = &["ada@acme.example"];

/// Returns a message.
fn mail(fields: &[(&str, &str)], body: &str) -> String {
    let fields: String = fields.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    format!("{fields}\n{body}\n")
}

/// Returns a mailbox of messages.
fn mailbox(messages: &[String]) -> String {
    messages.iter().map(|message| format!("From x@y Sat Jan  3 01:05:34 2026\n{message}\n")).collect()
}

fn rows(text: &str, kind: Kind, store: &Arc<dyn rolo::store::api::Store>) {
    let (report, _) = import_with(store, "x.jsonl", text.as_bytes(), |settings| settings.kind = kind);
    assert_eq!(report.rejected, 0);
}

#[test]
fn a_message_becomes_one_interaction_of_the_people_in_it() {
    let store = store();
    rows("{\"name\":\"Beta\",\"domain\":\"beta.example\"}\n", Kind::Company, &store);
    rows("{\"name\":\"Bob Known\",\"email\":\"BOB@beta.example\",\"phone\":\"+420601123456\"}\n", Kind::Contact, &store);
    let one = mail(
        &[
            ("Date", "Sat, 31 Jan 2026 10:00:00 +0100"),
            ("From", "=?utf-8?Q?Nov=C3=A1k=2C?= Eva <eva@mail.beta.example>"),
            ("To", "Ada <ada+crm@acme.example>, bob@beta.example, list-owner@lists.example, no-reply@beta.example"),
            ("Subject", "=?iso-8859-2?Q?Nab=EDdka?="),
            ("Message-ID", "<1@beta.example>"),
        ],
        "Hello",
    );
    assert_eq!(counts(&import(&store, &one, ME)), [1, 1, 0, 0, 0]);
    let shown =
        table(&store, Kind::Interaction, &["at", "channel", "direction", "contact", "company", "subject", "body", "message_id", "thread"]);
    assert_eq!(
        shown,
        ["2026-01-31T09:00:00Z | email | in | Eva Novák; Bob Known | Beta | Nabídka | Hello | <1@beta.example> | <1@beta.example>"]
    );
    assert_eq!(
        table(&store, Kind::Contact, &["name", "email", "company", "phone"]),
        ["Bob Known | BOB@beta.example |  | +420601123456", "Eva Novák | eva@mail.beta.example | Beta | "]
    );
    // The same again, and the same in a mailbox where it was quoted.
    assert_eq!(counts(&import(&store, &one, ME)), [1, 0, 0, 1, 0]);
    assert_eq!(counts(&import(&store, &mailbox(&[one]), ME)), [1, 0, 0, 1, 0]);
}

#[test]
fn what_the_team_wrote_goes_out_and_what_is_among_it_is_private() {
    let store = store();
    rows("{\"login\":\"ada\",\"email\":[\"ada@acme.example\"]}\n{\"login\":\"ben\",\"email\":\"ben@acme.example\"}\n", Kind::User, &store);
    let to = |to: &str| mail(&[("From", "ada@acme.example"), ("To", to), ("Subject", to), ("Date", "1 Jan 2026 10:00 +0000")], "x");
    import(&store, &mailbox(&[to("eva@beta.example"), to("ben@acme.example"), to("ben@acme.example, eva@beta.example")]), &[]);
    assert_eq!(
        table(&store, Kind::Interaction, &["subject", "direction", "contact", "private"]),
        [
            "ben@acme.example | out |  | yes",
            "ben@acme.example, eva@beta.example | out | eva@beta.example | ",
            "eva@beta.example | out | eva@beta.example | "
        ]
    );
    assert_eq!(table(&store, Kind::Contact, &["name"]), ["eva@beta.example"]);
}

#[test]
fn the_teams_address_is_guessed_and_told_where_nobody_said() {
    let store = store();
    let from = |from: &str, to: &str| {
        mail(&[("Received", "by x; 1 Jan 2026 10:00:00 +0000"), ("From", from), ("To", to), ("Message-ID", &format!("<{from}{to}>"))], "x")
    };
    let mailbox = mailbox(&[
        from("eva@b.example", "me@a.example"),
        from("ivo@b.example", "me@a.example"),
        from("ola@b.example", "Me <ME@a.example>"),
    ]);
    let report = import(&store, &mailbox, &[]);
    assert!(report.notices.iter().any(|notice| notice.contains("me@a.example")), "{:?}", report.notices);
    assert_eq!(table(&store, Kind::Contact, &["name"]), ["eva@b.example", "ivo@b.example", "ola@b.example"]);
}

#[test]
fn no_create_takes_only_what_known_people_write() {
    let store = store();
    rows("{\"name\":\"Bob\",\"email\":\"bob@b.example\"}\n", Kind::Contact, &store);
    let from = |from: &str| mail(&[("From", from), ("To", "ada@acme.example, new@b.example"), ("Message-ID", &format!("<{from}>"))], "x");
    let mailbox = mailbox(&[from("eva@b.example"), from("bob@b.example")]);
    let (report, told) = import_with(&store, "-", mailbox.as_bytes(), |settings| {
        settings.no_create = true;
        settings.me = vec!["ada@acme.example".to_owned()];
    });
    assert_eq!(counts(&report), [2, 1, 0, 1, 0]);
    assert_eq!(told.plans[0].reason.as_deref(), Some("nobody in it is known here"));
    assert_eq!(table(&store, Kind::Interaction, &["contact"]), ["Bob"]);
    assert_eq!(table(&store, Kind::Contact, &["name"]), ["Bob"]);
}

#[test]
fn an_address_of_two_people_reaches_both_and_a_name_makes_nobody_the_same() {
    let store = store();
    let people = "{\"name\":\"Ann\",\"email\":[\"ann@b.example\",\"office@b.example\"]}\n{\"name\":\"Bob\",\"email\":\"bob@b.example\"}\n";
    rows(people, Kind::Contact, &store);
    rows("{\"name\":\"Bob\",\"email\":\"bob@c.example\"}\n", Kind::Contact, &store);
    import(&store, &mail(&[("From", "Bob <bob@d.example>"), ("To", "office@b.example"), ("Date", "1 Jan 2026 10:00 +0000")], "x"), ME);
    assert_eq!(table(&store, Kind::Interaction, &["contact"]), ["Bob; Ann"]);
    assert_eq!(all(&store, Kind::Contact).len(), 4);
}

#[test]
fn a_name_is_learnt_of_whom_only_the_address_was_known() {
    let store = store();
    let from = |from: &str, id: &str| mail(&[("From", from), ("To", "ada@acme.example"), ("Message-ID", id)], "x");
    import(&store, &from("eva@b.example", "<1@b>"), ME);
    assert_eq!(table(&store, Kind::Contact, &["name"]), ["eva@b.example"]);
    import(&store, &from("\"Eva N.\" <eva@b.example>", "<2@b>"), ME);
    assert_eq!(table(&store, Kind::Contact, &["name", "email"]), ["Eva N. | eva@b.example"]);
    import(&store, &from("Somebody Else <eva@b.example>", "<3@b>"), ME);
    assert_eq!(table(&store, Kind::Contact, &["name"]), ["Eva N."]);
}

#[test]
fn what_a_person_corrected_stays() {
    let store = store();
    let one = mail(&[("From", "eva@b.example"), ("To", "ada@acme.example"), ("Subject", "Hi"), ("Message-ID", "<1@b>")], "x");
    import(&store, &one, ME);
    edit(&store, all(&store, Kind::Interaction)[0].id, |interaction| {
        interaction.set(number::INTERACTION_SUBJECT, Value::text("Offer"));
        interaction.clear(number::INTERACTION_BODY);
    });
    assert_eq!(counts(&import(&store, &one, ME)), [1, 0, 0, 1, 0]);
    assert_eq!(table(&store, Kind::Interaction, &["subject", "body"]), ["Offer | "]);
}

#[test]
fn machines_are_told_from_people() {
    let store = store();
    let bounce = "From: Mail Delivery <MAILER-DAEMON@mx.example>\nTo: ada@acme.example\nSubject: Undelivered\nMessage-ID: <b@mx>\n\
                  Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry.\n--b\n\
                  Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n\
                  Final-Recipient: rfc822; eva@b.example\nAction: failed\nStatus: 5.1.1\n\n\
                  Final-Recipient: rfc822; ok@b.example\nAction: delayed\n\n--b\nContent-Type: text/rfc822-headers\n\n\
                  Message-ID: <orig@acme>\nSubject: Offer\n\n--b--\n";
    let answer =
        mail(&[("From", "eva@b.example"), ("To", "ada@acme.example"), ("Auto-Submitted", "auto-replied"), ("Message-ID", "<r@b>")], "away");
    let exchange =
        mail(&[("From", "eva@b.example"), ("To", "ada@acme.example"), ("Subject", "Automatic reply: Offer"), ("Message-ID", "<s@b>")], "x");
    let news = mail(&[("From", "news@b.example"), ("Precedence", "bulk"), ("Message-ID", "<n@b>")], "x");
    let list = mail(
        &[
            ("From", "ivo@b.example"),
            ("Precedence", "list"),
            ("List-Id", "X <x.b.example>"),
            ("To", "x@b.example"),
            ("Message-ID", "<l@b>"),
        ],
        "x",
    );
    let qmail = mail(
        &[("From", "MAILER-DAEMON@q.example"), ("Message-ID", "<q@q>")],
        "Hi. This is the qmail-send program.\n\n<ivo@b.example>:\nno mailbox here by that name.",
    );
    import(&store, &mailbox(&[bounce.to_owned(), answer, exchange, news, list, qmail]), ME);
    assert_eq!(
        table(&store, Kind::Interaction, &["message_id", "outcome", "contact", "thread"]),
        [
            "<b@mx> | bounce | eva@b.example | <orig@acme>",
            "<l@b> |  | ivo@b.example | <l@b>",
            "<n@b> | automatic | news@b.example | <n@b>",
            "<q@q> | bounce | ivo@b.example | <q@q>",
            "<r@b> | auto-reply | eva@b.example | <r@b>",
            "<s@b> | auto-reply | eva@b.example | <s@b>",
        ]
    );
}

#[test]
fn a_message_without_a_name_is_one_in_every_mailbox() {
    let store = store();
    let body = "Hello\n\nFrom here on\n";
    let plain = mail(&[("From", "eva@b.example"), ("To", "ada@acme.example"), ("Date", "1 Jan 2026 10:00 +0000")], body);
    let more = format!("Status: RO\nX-Keywords:\n{}", plain.replace("\nFrom here", "\n>From here").replace('\n', "\r\n"));
    assert_eq!(counts(&import(&store, &plain, ME)), [1, 1, 0, 0, 0]);
    assert_eq!(counts(&import(&store, &mailbox(&[more]), ME)), [1, 0, 0, 1, 0]);
    let other = plain.replace("Hello", "Hullo");
    assert_eq!(counts(&import(&store, &other, ME)), [1, 1, 0, 0, 0]);
}

#[test]
fn what_is_rejected_goes_out_as_mail_and_comes_back_rejected() {
    let store = store();
    let bytes =
        b"From x@y Sat Jan  3 01:05:34 2026\nno header at all \xff\n>From me\n\nFrom x@y Sat Jan  3 01:05:34 2026\nSubject: ok\n\nx\n";
    let (report, told) = import_with(&store, "-", bytes, |_| {});
    assert_eq!(counts(&report), [2, 1, 0, 0, 1]);
    let rejects = String::from_utf8_lossy(&told.rejects).into_owned();
    assert!(rejects.contains("X-Rolo-Code: no-header\n") && rejects.contains("\n>From me"), "{rejects}");
    assert!(told.rejects.windows(2).any(|two| two == b" \xff"));
    let (again, told_again) = import_with(&store, "-", &told.rejects, |_| {});
    assert_eq!(counts(&again), [1, 0, 0, 0, 1]);
    assert_eq!(told_again.plans[0].action, Action::Reject);
}

#[test]
fn a_mail_is_its_users_and_its_timeline_is_the_thread() {
    let store = store();
    rows("{\"login\":\"ada\",\"email\":\"ada@acme.example\"}\n{\"login\":\"ben\",\"email\":\"ben+1@acme.example\"}\n", Kind::User, &store);
    let one = |id: &str, day: &str, from: &str, to: &str, refs: &str| {
        let date = format!("{day} Jan 2026 10:00:00 +0000");
        mail(&[("From", from), ("To", to), ("Date", &date), ("Message-ID", id), ("References", refs), ("Subject", id)], "x")
    };
    let mails = [
        one("<3@x>", "3", "eva@b.example", "ben@acme.example", "<1@x> <2@x>"),
        one("<1@x>", "1", "eva@b.example", "ada+x@acme.example", ""),
        one("<2@x>", "2", "ada@acme.example", "eva@b.example", "<1@x>"),
        one("<9@x>", "4", "eva@b.example", "ada@acme.example", ""),
    ];
    import(&store, &mailbox(&mails), &[]);
    assert_eq!(
        table(&store, Kind::Interaction, &["subject", "owner", "thread"]),
        ["<1@x> | ada | <1@x>", "<2@x> | ada | <1@x>", "<3@x> | ben | <1@x>", "<9@x> | ada | <9@x>"]
    );
    let of = all(&store, Kind::Interaction).iter().find(|one| one.text(number::MESSAGE_ID) == Some("<2@x>")).unwrap().id;
    let request = rolo::insight::TimelineRequest { of, since: None, offset: 0, limit: 10 };
    let timeline = rolo::insight::timeline(&*store, desk(&store).today(), &request).unwrap();
    assert_eq!(timeline.entries.iter().map(|entry| entry.title.as_str()).collect::<Vec<_>>(), ["<3@x>", "<2@x>", "<1@x>"]);
}

#[test]
fn files_in_messages_become_documents_once() {
    let store = store();
    let with = |id: &str, name: &str| {
        format!(
            "From: eva@b.example\nTo: ada@acme.example\nDate: 1 Jan 2026 10:00 +0000\nMessage-ID: {id}\n\
             Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSee it.\n--b\nContent-Type: application/pdf\n\
             Content-Disposition: attachment; filename=\"{name}\"\nContent-Transfer-Encoding: base64\n\nJVBERg==\n--b--\n"
        )
    };
    assert_eq!(counts(&import(&store, &mailbox(&[with("<1@b>", "../offer.pdf"), with("<2@b>", "again.pdf")]), ME)), [2, 2, 0, 0, 0]);
    let shown = table(&store, Kind::Document, &["name", "media_type", "size", "about", "at"]);
    assert_eq!(shown.len(), 2, "{shown:?}");
    assert!(shown[1].starts_with("offer.pdf | application/pdf | 4 | ") && shown[1].ends_with("| 2026-01-01T10:00:00Z"), "{shown:?}");
    assert_eq!(counts(&import(&store, &with("<1@b>", "../offer.pdf"), ME)), [1, 0, 0, 1, 0]);
    assert_eq!(all(&store, Kind::Document).len(), 2);
}

#[test]
fn one_undo_takes_all_of_it_back() {
    let store = store();
    let one = mail(&[("From", "eva@b.example"), ("To", "ada@acme.example"), ("Message-ID", "<1@b>")], "x");
    import(&store, &one, ME);
    rolo::actions::undo(&desk(&store), &rolo::actions::Which::Last, false, false).unwrap();
    assert!(all(&store, Kind::Interaction).is_empty() && all(&store, Kind::Contact).is_empty());
    assert_eq!(counts(&import(&store, &one, ME)), [1, 1, 0, 0, 0]);
}

#[test]
fn the_same_person_from_a_table_then_from_mail_is_one() {
    let store = store();
    let csv = "name,email,phone\nEva Nováková,eva@b.example,+420601123456\n";
    let (report, _) = import_with(&store, "x.csv", csv.as_bytes(), |settings| {
        settings.kind = Kind::Contact;
        settings.mapping = Mapping::default();
    });
    assert_eq!(report.created, 1);
    import(&store, &mail(&[("From", "\"E. N.\" <EVA@b.example>"), ("To", "ada@acme.example"), ("Message-ID", "<1@b>")], "x"), ME);
    assert_eq!(table(&store, Kind::Contact, &["name", "email", "phone"]), ["Eva Nováková | eva@b.example | +420601123456"]);
    assert_eq!(table(&store, Kind::Interaction, &["contact"]), ["Eva Nováková"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Trees of answers, each message naming the first it knows of and maybe its parent
    /// only, in any order: one thread each.
    #[test]
    fn threads_are_the_same_in_whatever_order_messages_come(
        parents in proptest::collection::vec(any::<u8>(), 2..9),
        trimmed in proptest::collection::vec(any::<bool>(), 9),
        order in Just((0..9_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let count = parents.len();
        // Message 0 begins; each later one answers one before it.
        let parent = |at: usize| (at > 0).then(|| usize::from(parents[at]) % at);
        let root = |at: usize| {
            let mut chain = vec![at];
            while let Some(up) = parent(chain[chain.len() - 1]) { chain.push(up); }
            chain
        };
        let message = |at: usize| {
            let id = format!("<{at}@x>");
            let mut fields = vec![("From", "eva@b.example".to_owned()), ("Message-ID", id)];
            let mut chain: Vec<String> = root(at)[1..].iter().rev().map(|up| format!("<{up}@x>")).collect();
            if trimmed[at] { chain = chain.split_off(chain.len().saturating_sub(1)); }
            if !chain.is_empty() { fields.push((if trimmed[at] { "In-Reply-To" } else { "References" }, chain.join(" "))); }
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            mail(&fields, "x")
        };
        let store = store();
        for at in order.into_iter().filter(|at| *at < count) {
            import(&store, &message(at), ME);
        }
        let threads = table(&store, Kind::Interaction, &["thread"]);
        prop_assert_eq!(threads, vec!["<0@x>"; count]);
    }
}
