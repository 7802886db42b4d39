//! Queries and records made at random from few words, so that they meet.

use std::sync::Arc;

use proptest::prelude::*;
use rolo::domain::fields::number;
use rolo::domain::{Date, Job, Kind, Record, RecordId, Timestamp, Value};
use rolo::query::{Query, index};

use super::company::{Company, NOW, company, field, id, time};
use super::plan::found_by_plan;

fn word() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["ada", "Novák", "acme", "VIP", "4711", "ивана", "me", "", " Ada  Novák", "…", "a\0b"]).prop_map(str::to_owned)
}

fn long_word() -> impl Strategy<Value = String> {
    prop_oneof![4 => word(), 1 => "[ab]{60,70}", 1 => "\\PC{0,8}"]
}

fn moment() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        (-40_i64..40).prop_map(|days| time(NOW).plus_seconds(days * 86_400)),
        (-3_i64..3).prop_map(|hours| time(NOW).plus_seconds(hours * 3_600)),
        any::<i64>().prop_map(Timestamp),
    ]
}

fn day() -> impl Strategy<Value = Date> {
    prop_oneof![
        (2025..2027, 1_u32..13, 1_u32..29).prop_map(|(year, month, day)| Date::new(year, month, day).unwrap()),
        (2025..2027, prop::option::of(1_u32..13)).prop_map(|(year, month)| Date::partial(year, month).unwrap()),
        (1_u32..13, 1_u32..29).prop_map(|(month, day)| Date::yearless(month, day).unwrap()),
    ]
}

fn contact() -> impl Strategy<Value = Record> {
    let text = |name: &'static str| long_word().prop_map(move |word| (name, Value::Text(word))).boxed();
    let value = prop_oneof![
        text("name"),
        text("family"),
        text("tags"),
        text("lifecycle"),
        text("source"),
        text("notes"),
        text("email"),
        (prop::sample::select(vec!["work", "home"]), long_word())
            .prop_map(|(label, word)| ("email", Value::labelled(label, Value::Text(word)))),
        prop::sample::select(vec!["+420601123456", "601 123", "desk", "+1"]).prop_map(|phone| ("phone", Value::text(phone))),
        (prop::sample::select(vec!["hubspot", "hq", ""]), word())
            .prop_map(|(source, word)| ("external_id", Value::labelled(source, Value::Text(word)))),
        (1_u64..4).prop_map(|n| ("owner", Value::Link(RecordId::new(Kind::User, n)))),
        (1_u64..4).prop_map(|n| ("jobs", Value::Job(Box::new(Job { company: Some(RecordId::new(Kind::Company, n)), ..Job::default() })))),
        moment().prop_map(|at| ("created_at", Value::Time(at))),
        day().prop_map(|day| ("custom", Value::labelled("since", Value::Date(day)))),
        word().prop_map(|word| ("custom", Value::labelled("size", Value::Text(word)))),
        word().prop_map(|word| ("custom", Value::labelled("город", Value::Text(word)))),
        // What no command writes, but a damaged or foreign store may hold.
        day().prop_map(|day| ("owner", Value::Date(day))),
        Just(("tags", Value::Address(Box::default()))),
    ];
    prop::collection::vec(value, 0..8).prop_map(|values| {
        let mut record = Record::new(id("c9"));
        for (name, value) in values {
            let at = if name == "custom" { number::CUSTOM } else { field(Kind::Contact, name) };
            // The index has one key for the name: it is the order of the kind.
            if name == "name" {
                record.set(at, value);
            } else {
                record.push(at, value);
            }
        }
        record
    })
}

fn contact_query() -> impl Strategy<Value = String> {
    let quoted = |word: String| format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""));
    let op = || prop::sample::select(vec![":", "=", "!=", "="]);
    let value = move || long_word().prop_map(quoted);
    let when = || {
        prop::sample::select(vec![
            "today",
            "-7d",
            "+1m",
            "2026",
            "2026-02",
            "now",
            "-2h",
            "2026-q1",
            "..today",
            "-7d..",
            "2025-12-31..2026-02-03",
            "..-1h",
            "--05-17",
            "*",
            "",
        ])
    };
    let term = prop_oneof![
        (
            prop::sample::select(vec![
                "name",
                "tags",
                "source",
                "email",
                "email.work",
                "phone",
                "city",
                "external_id",
                "external_id.hq",
                "город"
            ]),
            op(),
            value()
        )
            .prop_filter_map("no such field", |(name, op, value)| (name != "city").then(|| format!("{name}{op}{value}"))),
        (op(), prop::collection::vec(value(), 1..3)).prop_map(|(op, values)| format!("tags{op}{}", values.join(","))),
        (op(), prop::sample::select(vec!["+420601123456", "601123456", "601123", "desk"]))
            .prop_map(|(op, phone)| format!("phone{op}{phone}")),
        (prop::sample::select(vec!["owner", "company", "jobs.company", "owner.id", "id"]), op(), 1..4).prop_map(|(name, op, n)| {
            match name {
                "id" => format!("id{op}c{}", n + 7),
                "company" | "jobs.company" => format!("{name}{op}a{n}"),
                _ => format!("{name}{op}u{n}"),
            }
        }),
        Just("owner:me".to_owned()),
        (op(), prop::sample::select(vec!["hubspot:4711", "hq:ada", "4711"])).prop_map(|(op, id)| format!("external_id{op}{id}")),
        (prop::sample::select(vec!["created", "since", "birthday"]), when()).prop_map(|(name, when)| format!("{name}:{when}")),
        (
            prop::sample::select(vec!["created", "since"]),
            prop::sample::select(vec!["<", "<=", ">", ">="]),
            prop::sample::select(vec!["today", "2026", "-1d", "now"])
        )
            .prop_map(|(name, op, when)| format!("{name}{op}{when}")),
        value(),
    ];
    prop::collection::vec((term.clone(), prop::bool::weighted(0.2), prop::option::weighted(0.2, term)), 1..4).prop_map(|terms| {
        let one = |(term, not, or): (String, bool, Option<String>)| {
            let term = or.map_or(term.clone(), |or| format!("({term} or {or})"));
            if not { format!("-{term}") } else { term }
        };
        terms.into_iter().map(one).collect::<Vec<_>>().join(" ")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// What matches stands under the keys of the plan, and where the plan says that
    /// it is exact, nothing else does.
    #[test]
    fn a_plan_finds_whatever_matches(text in contact_query(), record in contact()) {
        let mut company = Company::empty();
        company.add("u1", &[("login", Value::text("ada"))]);
        company.records.insert(record.id, Arc::new(record));
        // Words of which folding leaves nothing are refused, and rightly.
        if let Ok(query) = Query::parse(&text, Kind::Contact, &company.definitions) {
            let matches = company.list(Kind::Contact, &text) == "c9";
            let (found, exact) = found_by_plan(&company, &query);
            prop_assert!(!matches || found == [id("c9")], "{} is not found", text);
            prop_assert!(!exact || matches == (found == [id("c9")]), "{} is not exact", text);
        }
    }

    /// Any text is a query of any kind or a mistake with a place.
    #[test]
    fn no_text_panics(text in "([a-z]{1,9}[:=<>.!]{1,2}|[-a-z0-9:.,()\"|*<>=! ]|owner|tags|amount|:|\\.\\.|-7d|\\PC){0,16}", kind in prop::sample::select(Kind::public().collect::<Vec<_>>())) {
        let company = company();
        match Query::parse(&text, kind, &company.definitions) {
            Ok(query) => {
                let again = Query::parse(&query.to_string(), kind, &company.definitions).unwrap();
                prop_assert_eq!(again.to_string(), query.to_string());
                prop_assert_eq!(company.list(kind, &text), company.list(kind, &query.to_string()));
                let _ = found_by_plan(&company, &query).1;
            }
            Err(error) => prop_assert!(text.get(error.span.start..error.span.end).is_some(), "{:?}", error),
        }
    }

    /// What is looked up by a value finds the records that have it.
    #[test]
    fn the_key_of_a_value_is_among_those_of_its_record(record in contact()) {
        let keys = index::index_keys(&record);
        for (at, value) in &record.fields {
            // Of several names the first one counts.
            let counts = index::order_field(Kind::Contact) != Some(*at) || record.first(*at) == Some(value);
            if let Some(key) = index::key_of(Kind::Contact, *at, value).filter(|_| counts) {
                prop_assert!(keys.contains(&(*at, key)), "{} {:?}", at, value);
            }
        }
        prop_assert!(keys.iter().all(|(_, key)| key.len() <= 200));
    }
}
