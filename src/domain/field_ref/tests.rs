#![allow(clippy::unwrap_used, clippy::panic)]
use std::collections::HashMap;
use std::sync::Arc;

use super::*;
use crate::domain::{Address, Currency, Job, RecordId, Timestamp};

fn definitions() -> Definitions {
    Definitions::from_documents([(
        "fields",
        "[contact.turnover]\ntype = \"money\"\n[contact.size]\ntype = \"choice\"\nwords = [\"s\", \"m\"]",
    )])
    .unwrap()
}

fn id(text: &str) -> RecordId {
    text.parse().unwrap()
}

#[derive(Default)]
struct Book {
    records: HashMap<RecordId, Arc<Record>>,
    rollups: HashMap<RecordId, Rollup>,
}

impl Lookup for Book {
    fn record(&self, id: RecordId) -> Option<Arc<Record>> {
        self.records.get(&id).cloned()
    }

    fn rollup(&self, id: RecordId) -> Option<Rollup> {
        self.rollups.get(&id).cloned()
    }
}

fn book() -> Book {
    let mut book = Book::default();
    let mut put = |record: Record| book.records.insert(record.id, Arc::new(record));
    let mut holding = Record::new(id("a2"));
    holding.set(number::COMPANY_NAME, Value::text("Acme Holding"));
    put(holding);
    let mut acme = Record::new(id("a1"));
    acme.set(number::COMPANY_NAME, Value::text("Acme"));
    acme.set(number::PARENT, Value::Link(id("a2")));
    acme.set(number::INDUSTRY, Value::text("retail"));
    put(acme);
    let mut ada = Record::new(id("c1"));
    ada.version = 7;
    ada.set(number::CONTACT_NAME, Value::text("Ada Novák"));
    for (label, address) in [("work", "ada@acme.example"), ("home", "ada@home.example"), ("work", "a@acme.example")] {
        ada.push(number::CONTACT_EMAIL, Value::labelled(label, Value::text(address)));
    }
    let address = Address { city: "Brno".into(), street: "Main 1".into(), ..Address::default() };
    ada.push(number::CONTACT_ADDRESS, Value::labelled("home", Value::Address(Box::new(address))));
    for (company, title) in [("a1", "CEO"), ("a2", "Chair")] {
        ada.push(number::JOBS, Value::Job(Box::new(Job { company: Some(id(company)), title: title.into(), ..Job::default() })));
    }
    ada.push(number::CONSENT, Value::labelled("email", Value::text("yes")));
    ada.push(number::EXTERNAL_ID, Value::labelled("hubspot", Value::text("4711")));
    ada.push(number::CUSTOM, Value::labelled("size", Value::text("m")));
    put(ada);
    let mut deal = Record::new(id("o1"));
    deal.push(number::OPPORTUNITY_CONTACT, Value::Link(id("c1")));
    deal.push(number::OPPORTUNITY_COMPANY, Value::Link(id("a1")));
    put(deal);
    let mut task = Record::new(id("k1"));
    task.push(number::ABOUT, Value::Link(id("a1")));
    task.push(number::ABOUT, Value::Link(id("c1")));
    put(task);
    let eur = Currency::from_code("EUR").unwrap();
    let rollup = Rollup { last_at: Some(Timestamp(0)), tickets_open: 2, won_total: vec![(eur, 12_345)], ..Rollup::default() };
    book.rollups.insert(id("c1"), rollup);
    book
}

#[test]
fn names_and_what_they_read() {
    let (book, definitions) = (book(), definitions());
    for (record, name, canonical, text) in [
        ("c1", "Name", "name", "Ada Novák"),
        ("c1", "mail", "email", "ada@acme.example; ada@home.example; a@acme.example"),
        ("c1", "email.WORK", "email.work", "ada@acme.example; a@acme.example"),
        ("c1", "email.work.2", "email.work.2", "a@acme.example"),
        ("c1", "email.2", "email.2", "ada@home.example"),
        ("c1", "email.2.label", "email.2.label", "home"),
        ("c1", "email.other", "email.other", ""),
        ("c1", "address.city", "address.city", "Brno"),
        ("c1", "address.home.city", "address.home.city", "Brno"),
        ("c1", "address.1.street", "address.1.street", "Main 1"),
        ("c1", "address.1.label", "address.1.label", "home"),
        ("c1", "address.label.city", "address.label.city", ""),
        ("c1", "address.city.2.city", "address.city.2.city", ""),
        ("c1", "address.work.city", "address.work.city", ""),
        ("c1", "company", "company", "Acme"),
        ("c1", "org.id", "company.id", "a1"),
        ("c1", "title", "title", "CEO"),
        ("c1", "jobs.title", "jobs.title", "CEO; Chair"),
        ("c1", "jobs.2.company", "jobs.2.company", "Acme Holding"),
        ("c1", "company.industry", "company.industry", "retail"),
        ("c1", "company.parent.name", "company.parent.name", "Acme Holding"),
        ("c1", "consent.email", "consent.email", "yes"),
        ("c1", "consent", "consent", "email=yes"),
        ("c1", "external_id", "external_id", "hubspot:4711"),
        ("c1", "external_id.HubSpot", "external_id.hubspot", "4711"),
        ("c1", "size", "size", "m"),
        ("c1", "turnover", "turnover", ""),
        ("c1", "id", "id", "c1"),
        ("c1", "version", "version", "7"),
        ("c1", "last.at", "last.at", "1970-01-01T00:00:00Z"),
        ("c1", "tickets.open", "tickets.open", "2"),
        ("c1", "won.total", "won.total", "123.45 EUR"),
        ("c1", "last", "family", ""),
        ("o1", "contact.email.home", "contact.email.home", "ada@home.example"),
        ("o1", "company.parent.name", "company.parent.name", "Acme Holding"),
        ("o1", "contact.company.name", "contact.company.name", "Acme"),
        ("o1", "contact.tickets.open", "contact.tickets.open", "2"),
        ("o1", "close", "expected_close", ""),
        ("k1", "about.name", "about.name", "Acme; Ada Novák"),
        ("k1", "about.id", "about.id", "a1; c1"),
        ("k1", "about.email.work", "about.email.work", "ada@acme.example; a@acme.example"),
        ("k1", "name", "title", ""),
    ] {
        let record = book.record(id(record)).unwrap();
        let found = FieldRef::resolve(record.kind(), name, &definitions).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((found.name(), found.text(&record, &book).as_str()), (canonical, text), "{name}");
        let again = FieldRef::resolve(record.kind(), found.name(), &definitions).unwrap();
        assert_eq!(again.name(), canonical, "the canonical name is its own");
    }
}

#[test]
fn unknown_names_tell_the_nearest() {
    let definitions = definitions();
    for (kind, name, nearest) in [
        (Kind::Contact, "emial", Some("email")),
        (Kind::Contact, "compnay.name", Some("company.name")),
        (Kind::Contact, "company.nmae", Some("company.name")),
        (Kind::Contact, "address.home.cty", Some("address.home.city")),
        (Kind::Contact, "jobs.titel", Some("jobs.title")),
        (Kind::Contact, "consent.emial", Some("consent.email")),
        (Kind::Contact, "turnovr", Some("turnover")),
        (Kind::Contact, "lifecycel", Some("lifecycle")),
        (Kind::Opportunity, "clsoe", Some("expected_close")),
        (Kind::Opportunity, "stage.x", None),
        (Kind::Opportunity, "amount.1", None),
        (Kind::Ticket, "elephant", None),
        (Kind::Ticket, "", None),
        (Kind::Contact, "email.0", None),
        (Kind::Contact, "email.9999999", None),
        (Kind::Contact, "name.label", None),
        (Kind::Company, "won.totl", Some("won.total")),
        (Kind::Company, "tickets", Some("tickets.open")),
        (Kind::Contact, "external_id.", None),
        (Kind::Contact, ".", None),
        (Kind::Contact, "custom", None),
    ] {
        let error = FieldRef::resolve(kind, name, &definitions).expect_err(name);
        assert_eq!((error.name.as_str(), error.nearest.as_deref()), (name, nearest));
    }
    let error = FieldRef::resolve(Kind::Contact, "emial", &definitions).unwrap_err();
    assert_eq!((error.to_string(), error.hint()), ("contact has no field “emial”".into(), "did you mean “email”?".into()));
    let error = FieldRef::resolve(Kind::Contact, "zzzz", &definitions).unwrap_err();
    assert_eq!(error.hint(), "`rolo fields contact` lists them");
}

#[test]
fn links_are_not_followed_for_ever() {
    let definitions = definitions();
    let deep = |count: usize| format!("{}name", "parent.".repeat(count));
    assert!(FieldRef::resolve(Kind::Company, &deep(6), &definitions).is_ok());
    assert!(FieldRef::resolve(Kind::Company, &deep(7), &definitions).is_err());
    assert!(FieldRef::resolve(Kind::Task, "about.linked.name", &definitions).is_err());
    assert!(FieldRef::resolve(Kind::Task, &"linked.".repeat(500), &definitions).is_err());
}

#[test]
fn every_field_is_reached_by_its_name_and_aliases() {
    let definitions = definitions();
    for kind in Kind::public() {
        for field in AnyField::all(kind, &definitions) {
            let found = FieldRef::resolve(kind, field.name(), &definitions).unwrap();
            assert_eq!(found.name(), field.name());
            assert_eq!(found.repeats(), field.repeats(), "{kind} {}", field.name());
            if let AnyField::Builtin(field) = field {
                assert_eq!(found.stored().map(|stored| stored.number), Some(field.number));
                for alias in field.aliases {
                    assert!(FieldRef::resolve(kind, alias, &definitions).is_ok(), "{kind} {alias}");
                }
            }
        }
    }
}

#[test]
fn types_and_words() {
    let definitions = definitions();
    let of = |kind, name| FieldRef::resolve(kind, name, &definitions).unwrap();
    assert_eq!(of(Kind::Contact, "won.total").field_type(), FieldType::Money);
    assert_eq!(of(Kind::Contact, "company.parent.revenue").field_type(), FieldType::Money);
    assert_eq!(of(Kind::Opportunity, "lines.1.price").field_type(), FieldType::Money);
    assert_eq!(of(Kind::Opportunity, "stage").words(&definitions).map(|(words, closed)| (words[0], closed)), Some(("lead", true)));
    assert_eq!(of(Kind::Opportunity, "contact.size").words(&definitions), Some((vec!["s", "m"], false)));
    assert_eq!(of(Kind::Contact, "consent.email").words(&definitions), Some((vec!["yes", "no", "unknown"], true)));
    assert_eq!(of(Kind::Contact, "name").words(&definitions), None);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(128))]

    #[test]
    fn no_name_panics(name in "[a-z0-9._]{0,30}", words in proptest::collection::vec("(email|address|jobs|lines|contact|company|about|1|2|work|city|label|id|consent|external_id|)", 0..6), any in proptest::prelude::any::<String>()) {
        let (book, definitions) = (book(), definitions());
        for record in book.records.values() {
            for name in [&name, &words.join("."), &any] {
                let Ok(found) = FieldRef::resolve(record.kind(), name, &definitions) else { continue };
                let again = FieldRef::resolve(record.kind(), found.name(), &definitions);
                proptest::prop_assert_eq!(again.map(|again| again.name().to_owned()), Ok(found.name().to_owned()));
                let _ = found.text(record, &book);
            }
        }
    }
}
