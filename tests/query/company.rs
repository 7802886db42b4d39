//! A small company whose records, clock, zone and rates are fixed.

use std::collections::HashMap;
use std::sync::Arc;

use rolo::domain::definitions::Definitions;
use rolo::domain::fields::number;
use rolo::domain::{Address, Currency, Decimal, FieldNumber, Job, Kind, Line, Lookup, Money, Record, RecordId, Rollup, Timestamp, Value};
use rolo::query::{Context, Matcher, Query};

pub(crate) const NOW: &str = "2026-02-04T10:30:00Z";

pub(crate) struct Company {
    pub(crate) definitions: Definitions,
    pub(crate) records: HashMap<RecordId, Arc<Record>>,
    pub(crate) rollups: HashMap<RecordId, Rollup>,
    pub(crate) login: &'static str,
}

impl Lookup for Company {
    fn record(&self, id: RecordId) -> Option<Arc<Record>> {
        self.records.get(&id).cloned()
    }

    fn rollup(&self, id: RecordId) -> Option<Rollup> {
        self.rollups.get(&id).cloned()
    }
}

impl Context for Company {
    fn now(&self) -> Timestamp {
        time(NOW)
    }

    fn login(&self) -> &str {
        self.login
    }

    fn me(&self) -> Option<RecordId> {
        self.records.values().find(|record| record.text(number::LOGIN) == Some(self.login)).map(|record| record.id)
    }

    fn definitions(&self) -> &Definitions {
        &self.definitions
    }
}

pub(crate) fn id(text: &str) -> RecordId {
    text.parse().unwrap()
}

pub(crate) fn time(text: &str) -> Timestamp {
    Timestamp::from_rfc3339(text).unwrap()
}

pub(crate) fn at(text: &str) -> Value {
    Value::Time(time(text))
}

pub(crate) fn date(text: &str) -> Value {
    Value::Date(text.parse().unwrap())
}

pub(crate) fn link(text: &str) -> Value {
    Value::Link(id(text))
}

pub(crate) fn money(amount: &str, code: &str) -> Value {
    Value::Money(Money::from_decimal(amount.parse().unwrap(), Currency::from_code(code).unwrap()).unwrap())
}

pub(crate) fn field(kind: Kind, name: &str) -> FieldNumber {
    rolo::domain::fields::field(kind, name).unwrap_or_else(|| panic!("no field {name}")).number
}

impl Company {
    pub(crate) fn empty() -> Self {
        let definitions = Definitions::from_documents([
            ("settings", "timezone = \"Europe/Prague\"\ncurrency = \"EUR\"\nphone-region = \"CZ\""),
            ("currencies", "[USD]\n2026-01-01 = 0.90\n2026-02-01 = 0.92\n2026-03-01 = 0.5"),
            (
                "fields",
                "[contact.shoe_size]\ntype = \"number\"\n[contact.size]\ntype = \"choice\"\nwords = [\"small\", \"large\"]\nclosed = true\n\
                 [contact.\"город\"]\ntype = \"text\"\n[contact.since]\ntype = \"date\"",
            ),
        ])
        .unwrap();
        Self { definitions, records: HashMap::new(), rollups: HashMap::new(), login: "ada" }
    }

    pub(crate) fn add(&mut self, of: &str, values: &[(&str, Value)]) -> &mut Record {
        let mut record = Record::new(id(of));
        for (name, value) in values {
            let at = if *name == "custom" { number::CUSTOM } else { field(record.kind(), name) };
            record.push(at, value.clone());
        }
        self.records.insert(record.id, Arc::new(record));
        Arc::get_mut(self.records.get_mut(&id(of)).unwrap()).unwrap()
    }

    /// Returns the ids of the matching records of a kind, ascending.
    pub(crate) fn list(&self, kind: Kind, text: &str) -> String {
        let query = Query::parse(text, kind, &self.definitions).unwrap_or_else(|error| panic!("{text}: {error}\n{}", error.caret(text)));
        let matcher = Matcher::new(&query, self);
        let mut ids: Vec<RecordId> =
            self.records.values().filter(|record| record.kind() == kind && matcher.matches(record)).map(|r| r.id).collect();
        ids.sort();
        ids.iter().map(RecordId::to_string).collect::<Vec<_>>().join(" ")
    }

    pub(crate) fn check(&self, kind: Kind, expected: &[(&str, &str)]) {
        for (text, ids) in expected {
            assert_eq!(self.list(kind, text), *ids, "{text}");
        }
    }
}

pub(crate) fn text(of: &str) -> Value {
    Value::text(of)
}

pub(crate) fn company() -> Company {
    let mut all = Company::empty();
    all.add("u1", &[("login", text("ada")), ("name", text("Ada Dvořák")), ("email", text("ada@rolo.example"))]);
    all.add("u2", &[("login", text("ben")), ("name", text("Ben James")), ("role", text("agent"))]);
    all.add("a1", &[("name", text("Acme Holding")), ("industry", text("finance"))]);
    all.add("a2", &[("name", text("Acme")), ("parent", link("a1")), ("industry", text("Retail")), ("domain", text("acme.example"))]);
    all.add("a3", &[("name", text("Beta")), ("parent", link("a2")), ("revenue", money("1200000", "EUR"))]);
    all.add(
        "c1",
        &[
            ("name", text("Ada Novák")),
            ("email", Value::labelled("work", text("Ada.Novak@acme.example"))),
            ("email", Value::labelled("home", text("ada@home.example"))),
            ("phone", Value::labelled("work", text("+420601123456"))),
            ("jobs", Value::Job(Box::new(Job { company: Some(id("a2")), title: "CEO".into(), role: "champion".into(), ..Job::default() }))),
            ("jobs", Value::Job(Box::new(Job { company: Some(id("a3")), title: "Chair".into(), ..Job::default() }))),
            (
                "address",
                Value::labelled(
                    "home",
                    Value::Address(Box::new(Address { city: "Brno".into(), street: "Hlavní 1".into(), ..Address::default() })),
                ),
            ),
            ("lifecycle", text("customer")),
            ("birthday", date("1985-05-17")),
            ("consent", Value::labelled("email", text("yes"))),
            ("consent", Value::labelled("call", text("no"))),
            ("owner", link("u1")),
            ("tags", text("VIP")),
            ("tags", text("cold")),
            ("notes", text("Prefers mornings")),
            ("created_at", at("2026-01-31T23:30:00Z")),
            ("external_id", Value::labelled("hubspot", text("4711"))),
            ("custom", Value::labelled("shoe_size", Value::Number("42.5".parse().unwrap()))),
            ("custom", Value::labelled("size", text("large"))),
            ("custom", Value::labelled("город", text("Москва"))),
            ("custom", Value::labelled("since", date("2026-01"))),
        ],
    );
    all.add(
        "c2",
        &[
            ("name", text("Ивана Петрова")),
            ("phone", text("+4930123456")),
            ("lifecycle", text("prospect")),
            ("birthday", date("--05-17")),
            ("owner", link("u2")),
            ("tags", text("vip")),
            ("created_at", at("2026-01-31T22:30:00Z")),
            ("external_id", Value::labelled("salesforce", text("4711"))),
        ],
    );
    all.add(
        "c3",
        &[("name", text("ＪＡＭＥＳ Müller")), ("notes", text("met Acme at the fair, 100% sure\nsays \"me or\"")), ("tags", text("c17"))],
    );
    all.add("c4", &[("name", text("Ghost"))]);
    let deal = |all: &mut Company, id: &str, name: &str, stage: &str, more: &[(&str, Value)]| {
        let mut values = vec![("name", text(name)), ("stage", text(stage))];
        values.extend(more.iter().cloned());
        all.add(id, &values);
    };
    deal(
        &mut all,
        "o1",
        "Forty seats",
        "proposal",
        &[
            ("amount", money("10000", "EUR")),
            ("company", link("a2")),
            ("contact", link("c1")),
            ("contact", link("c2")),
            ("expected_close", date("2026-02-28")),
        ],
    );
    deal(
        &mut all,
        "o2",
        "Dollars",
        "won",
        &[("amount", money("10000", "USD")), ("expected_close", date("2026-02")), ("probability", Value::Int(60))],
    );
    deal(
        &mut all,
        "o3",
        "Crowns",
        "lead",
        &[("amount", money("500000", "CZK")), ("company", link("a3")), ("expected_close", date("2025-12-31"))],
    );
    deal(&mut all, "o4", "Nothing yet", "lead", &[("expected_close", date("2026-02-04"))]);
    let line = Line { description: "Quiet printer".into(), quantity: Some(Decimal::from(3)), ..Line::default() };
    deal(&mut all, "o5", "Lines", "negotiation", &[("amount", money("9199.99", "EUR")), ("lines", Value::Line(Box::new(line)))]);
    for (id, when) in [
        ("i1", "2025-12-31T22:59:59Z"),
        ("i2", "2025-12-31T23:00:00Z"),
        ("i3", "2026-02-01T22:59:59Z"),
        ("i4", "2026-02-01T23:00:00Z"),
        ("i5", "2026-02-03T23:00:00Z"),
        ("i6", "2026-02-04T09:00:00Z"),
        ("i7", "2026-02-04T10:30:00Z"),
        ("i8", "2026-02-04T11:00:00Z"),
    ] {
        all.add(id, &[("at", at(when)), ("channel", text("call")), ("contact", link("c1")), ("private", Value::Flag(id == "i1"))]);
    }
    all.add("k1", &[("title", text("Call back")), ("about", link("c1")), ("about", link("o1")), ("assignee", link("u1"))]);
    all.add("k2", &[("title", text("Send the quote")), ("about", link("a2"))]);
    all.add("t1", &[("subject", text("Printer is loud")), ("status", text("open")), ("priority", text("high")), ("contact", link("c1"))]);
    all.add(
        "t2",
        &[("subject", text("printer is loud, again")), ("status", text("closed")), ("priority", text("urgent")), ("contact", link("c2"))],
    );
    let eur = Currency::from_code("EUR").unwrap();
    let czk = Currency::from_code("CZK").unwrap();
    all.rollups.insert(
        id("c1"),
        Rollup {
            last_at: Some(time("2026-02-04T09:00:00Z")),
            last_channel: Some("call".into()),
            tickets_open: 1,
            opportunities_open: 2,
            won_total: vec![(czk, 100), (eur, 1_000_000)],
            next_due: Some(time("2026-02-10T09:00:00Z")),
        },
    );
    for (id, version) in [("c1", 7), ("c2", 12)] {
        let record = Arc::get_mut(all.records.get_mut(&self::id(id)).unwrap()).unwrap();
        record.version = version;
        record.updated_by = if version == 7 { "ada".into() } else { "ben".into() };
        record.updated_at = time("2026-02-04T08:00:00Z");
    }
    all
}
