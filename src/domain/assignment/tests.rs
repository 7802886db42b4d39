#![allow(clippy::unwrap_used, clippy::panic)]
use std::sync::LazyLock;

use super::*;
use crate::domain::{NoLookup, RecordId, Resolve, Timestamp};

fn definitions() -> &'static Definitions {
    static DEFINITIONS: LazyLock<Definitions> = LazyLock::new(|| {
        Definitions::from_documents([
        ("fields", "[contact.size]\ntype = \"choice\"\nwords = [\"s\", \"m\"]\nclosed = true\n[contact.memo]\ntype = \"text\"\n[contact.debt]\ntype = \"money\""),
        ("pipelines", &format!("{}\n[[pipeline]]\nname = \"renewals\"\nstages = [{{ name = \"due\", probability = 90 }}, {{ name = \"won\", meaning = \"won\" }}]", crate::domain::DefinitionName::Pipelines.example())),
    ])
    .unwrap()
    });
    &DEFINITIONS
}

struct Names;

impl Resolve for Names {
    fn resolve(&self, kinds: &[Kind], text: &str) -> Result<RecordId, ValueError> {
        match text {
            "Acme" => Ok(RecordId::new(Kind::Company, 1)),
            "Beta" => Ok(RecordId::new(Kind::Company, 2)),
            _ => IdsOnly.resolve(kinds, text),
        }
    }
}

fn change(record: &mut Record, assignments: &[&str]) -> Result<(), String> {
    let definitions = definitions();
    let reading = Reading::new(definitions, Timestamp::from_rfc3339("2026-02-04T10:30:00Z").unwrap()).with_links(&Names);
    let told = |error: ValueError| match &error.hint {
        Some(hint) => format!("{error} | {hint}"),
        None => error.to_string(),
    };
    let kind = record.kind();
    let parsed: Result<Vec<_>, _> = assignments.iter().map(|text| Assignment::parse(kind, text, definitions)).collect();
    let mut changed = record.clone();
    assign(&mut changed, &parsed.map_err(told)?, &reading).map_err(told)?;
    *record = changed;
    Ok(())
}

fn read(record: &Record, names: &[&str]) -> String {
    let definitions = definitions();
    let text = |name: &&str| FieldRef::resolve(record.kind(), name, definitions).unwrap().text(record, &NoLookup);
    names.iter().map(text).collect::<Vec<_>>().join(" | ")
}

fn contact() -> Record {
    Record::new(RecordId::new(Kind::Contact, 1))
}

#[test]
fn labels_positions_and_the_whole() {
    let mut ada = contact();
    change(&mut ada, &["email.work=a@x.cz", "email.home=b@x.cz", "email+=c@x.cz"]).unwrap();
    assert_eq!(read(&ada, &["email", "email.work", "email.2", "email.3"]), "a@x.cz; b@x.cz; c@x.cz | a@x.cz | b@x.cz | c@x.cz");
    change(&mut ada, &["email.2=d@x.cz", "email.work+=e@x.cz", "email+=A@x.cz"]).unwrap();
    assert_eq!(read(&ada, &["email.home", "email.work", "email"]), "d@x.cz | a@x.cz; e@x.cz | a@x.cz; d@x.cz; c@x.cz; e@x.cz; A@x.cz");
    change(&mut ada, &["email-=a@x.cz", "email.work.1=f@x.cz"]).unwrap();
    assert_eq!(read(&ada, &["email", "email.work"]), "d@x.cz; c@x.cz; f@x.cz | f@x.cz");
    change(&mut ada, &["email.work=", "email.1.label=mobile"]).unwrap();
    assert_eq!(read(&ada, &["email", "email.mobile"]), "d@x.cz; c@x.cz | d@x.cz");
    change(&mut ada, &["email="]).unwrap();
    assert!(ada.fields.is_empty());
    change(&mut ada, &["email=x@y.z; q@y.z"]).unwrap();
    assert_eq!(read(&ada, &["email.1", "email.2"]), "x@y.z | q@y.z");
    change(&mut ada, &["email.1="]).unwrap();
    assert_eq!(read(&ada, &["email"]), "q@y.z");
}

#[test]
fn parts_of_addresses_jobs_and_lines() {
    let mut ada = contact();
    change(&mut ada, &["address.home.city=Brno", "address.home.street=Main 1", "address.work.city=Praha", "address.city=Zlín"]).unwrap();
    assert_eq!(read(&ada, &["address.home.city", "address.work.city", "address.home.street"]), "Zlín | Praha | Main 1");
    change(&mut ada, &["company=Acme", "title=CEO", "jobs.2.company=Beta", "jobs.2.from=2024"]).unwrap();
    assert_eq!(read(&ada, &["company.id", "title", "jobs.2.company.id", "jobs.2.from"]), "a1 | CEO | a2 | 2024");
    change(&mut ada, &["company=", "title="]).unwrap();
    assert_eq!(read(&ada, &["company.id", "jobs.1.from"]), "a2 | 2024");
    change(&mut ada, &["address.home.city=", "address.home.street="]).unwrap();
    assert_eq!(read(&ada, &["address.1.city"]), "Praha");
    let mut deal = Record::new(RecordId::new(Kind::Opportunity, 1));
    change(&mut deal, &["lines.1.product=p1", "lines.1.quantity=3", "lines.2.description=Setup", "lines.2.price=100 EUR"]).unwrap();
    assert_eq!(read(&deal, &["lines.1.product.id", "lines.quantity", "lines.price"]), "p1 | 3 | 100.00 EUR");
    change(&mut deal, &["contact=c1; c2", "contact+=c3", "contact-=c1"]).unwrap();
    assert_eq!(read(&deal, &["contact.id"]), "c2; c3");
}

#[test]
fn ids_win_over_the_names_beside_them() {
    let mut ada = contact();
    change(&mut ada, &["company=No such firm", "company.id=a7"]).unwrap();
    assert_eq!(read(&ada, &["company.id"]), "a7");
    change(&mut ada, &["company.id=", "company=Acme"]).unwrap();
    assert_eq!(read(&ada, &["company.id"]), "a1");
    change(&mut ada, &["company.id=", "company="]).unwrap();
    assert!(ada.fields.is_empty());
}

#[test]
fn custom_fields_tags_consent_and_ids_elsewhere() {
    let mut ada = contact();
    change(&mut ada, &["size=S", "memo=one", "memo+=two", "debt=5", "tags=vip, cold", "tags+=hot", "tags-=cold"]).unwrap();
    assert_eq!(read(&ada, &["size", "memo", "debt", "tags"]), "s | one\ntwo | 5.00 EUR | vip; hot");
    let names: Vec<_> = ada.values(number::CUSTOM).filter_map(Value::label).collect();
    assert_eq!(names, ["debt", "memo", "size"]);
    change(&mut ada, &["consent.email=yes", "consent.call=no", "consent.email=unknown", "external_id=hq:1", "external_id=crm:2"]).unwrap();
    assert_eq!(read(&ada, &["consent", "external_id", "external_id.crm"]), "email=unknown; call=no | hq:1; crm:2 | 2");
    change(&mut ada, &["consent.call=", "external_id.hq=", "size=", "notes=a", "notes+=b"]).unwrap();
    assert_eq!(read(&ada, &["consent", "external_id", "size", "notes"]), "email=unknown | crm:2 |  | a\nb");
    change(&mut ada, &["external_id="]).unwrap();
    assert_eq!(read(&ada, &["external_id"]), "");
}

#[test]
fn a_stage_is_one_of_its_pipeline_in_whatever_order() {
    let mut fresh = Record::new(RecordId::new(Kind::Opportunity, 1));
    change(&mut fresh, &["stage=due"]).unwrap();
    assert_eq!(read(&fresh, &["pipeline", "stage"]), "renewals | due");
    let mut fresh = Record::new(RecordId::new(Kind::Opportunity, 1));
    change(&mut fresh, &["stage=won"]).unwrap();
    assert_eq!(read(&fresh, &["pipeline", "stage"]), " | won");
    assert_eq!(change(&mut fresh, &["stage=wno"]), Err("stage: “wno” is no stage | did you mean “won”?".into()));
    let mut deal = Record::new(RecordId::new(Kind::Opportunity, 1));
    change(&mut deal, &["stage=due", "pipeline=renewals"]).unwrap();
    assert_eq!(read(&deal, &["pipeline", "stage"]), "renewals | due");
    assert_eq!(
        change(&mut deal, &["stage=proposal"]),
        Err("stage: “proposal” is no stage of pipeline “renewals” | known are due, won".into())
    );
    assert_eq!(
        change(&mut deal, &["pipeline=sales"]),
        Err("stage: “due” is no stage of pipeline “sales” | known are lead, qualified, proposal, negotiation, won, lost".into())
    );
    change(&mut deal, &["pipeline=sales", "stage=WON"]).unwrap();
    assert_eq!(read(&deal, &["pipeline", "stage"]), "sales | won");
}

#[test]
fn slips_are_told() {
    for (text, said) in [
        ("stage", "“stage” is no assignment | write FIELD=VALUE, FIELD+=VALUE, FIELD-=VALUE or FIELD="),
        ("emial=x", "contact has no field “emial” | did you mean “email”?"),
        ("version=3", "“version” cannot be written | the store keeps it"),
        ("trashed_at=now", "“trashed_at” cannot be written | the store keeps it"),
        ("last.at=now", "“last.at” cannot be written | it is counted from other records"),
        ("company.industry=x", "“company.industry” cannot be written | it is a field of what company links to"),
        ("name+=x", "name: it holds one value, += is for several | write FIELD=VALUE, or FIELD= to empty it"),
        ("company=Nobody", "company: “Nobody” is no id | an id is a letter and a number, such as c17"),
        ("company.id=Acme", "company.id: “Acme” is no id | an id is a letter and a number, such as c17"),
        ("company=c1", "company: c1 is a contact, not a company (a…)"),
        (
            "birthday=31/1",
            "birthday: “31/1” is no date | write 2026-01-31, 2026-01, 2026, --01-31, today, tomorrow, friday, next fri, in 2 weeks, 31.1., eom, +2w or -3m",
        ),
        ("size=l", "size: “l” is no size | known are s, m"),
        ("consent.email=maybe", "consent.email: “maybe” is no consent | known are yes, no, unknown"),
        ("address.city+=x", "address.city: it holds one value, += is for several | write FIELD=VALUE, or FIELD= to empty it"),
    ] {
        let mut ada = contact();
        let told = change(&mut ada, &[text]).expect_err(text);
        assert_eq!(told.replace("consent.email: consent: ", "consent.email: "), said);
        assert!(ada.fields.is_empty());
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(128))]

    #[test]
    fn nothing_typed_panics_or_leaves_empty_values(texts in proptest::collection::vec("(email|email.work|email.3|phone|address.home.city|address.2.street|jobs.3.title|company|tags|notes|memo|size|consent.email|external_id|birthday)(\\+|-|)=(|[a-z@.0-9;, =-]{1,8})", 0..6)) {
        let mut ada = contact();
        for text in &texts {
            let _ = change(&mut ada, &[text]);
        }
        let together: Vec<&str> = texts.iter().map(String::as_str).collect();
        let _ = change(&mut ada, &together);
        proptest::prop_assert!(ada.fields.iter().all(|(_, value)| !value.is_empty()));
        proptest::prop_assert!(ada.fields.is_sorted_by_key(|(number, _)| *number));
    }
}
