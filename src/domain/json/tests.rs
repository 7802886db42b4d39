#![allow(clippy::unwrap_used)]
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::domain::samples::{any_record, definitions, now};
use crate::domain::{Assignment, NoLookup, assign};

struct Named;

impl Lookup for Named {
    fn record(&self, id: RecordId) -> Option<Arc<Record>> {
        let mut record = Record::new(id);
        record.set(number::COMPANY_NAME, Value::text("Acme"));
        (id.kind == Kind::Company).then(|| Arc::new(record))
    }
}

fn made(kind: Kind, assignments: &[&str]) -> Record {
    let definitions = definitions();
    let assignments: Vec<_> = assignments.iter().map(|text| Assignment::parse(kind, text, definitions).unwrap()).collect();
    let mut record = Record::new(RecordId::new(kind, 1));
    assign(&mut record, &assignments, &Reading::new(definitions, now())).unwrap();
    record
}

fn read(kind: Kind, json: &Json) -> Result<Record, Vec<String>> {
    let definitions = definitions();
    let mut record = Record::new(RecordId::new(kind, 1));
    let changes = changes(kind, json, &Reading::new(definitions, now())).map_err(|errors| {
        errors
            .iter()
            .map(|error| match &error.hint {
                Some(hint) => format!("{error} | {hint}"),
                None => error.to_string(),
            })
            .collect::<Vec<_>>()
    })?;
    changes.iter().for_each(|change| change.apply(&mut record));
    Ok(record)
}

#[test]
fn a_contact_in_json() {
    let mut contact = made(
        Kind::Contact,
        &[
            "name=Ada",
            "email.work=a@x.cz",
            "email+=b@x.cz",
            "address.home.city=Brno",
            "company=a4",
            "title=CEO",
            "consent.email=yes",
            "external_id=hq:1",
            "tags=vip",
            "birthday=--05-17",
            "my_money=10.5",
            "my_number=2.50",
            "my_flag=yes",
            "owner=u1",
        ],
    );
    contact.version = 7;
    contact.updated_by = "ada".to_owned();
    let json = Json::Object(record(&contact, definitions(), &Named));
    let expected = r#"{"id":"c1","version":7,"recorded_at":"1970-01-01T00:00:00Z","updated_at":"1970-01-01T00:00:00Z","updated_by":"ada","name":"Ada","email":[{"label":"work","value":"a@x.cz"},{"value":"b@x.cz"}],"address":[{"label":"home","city":"Brno"}],"jobs":[{"company":{"id":"a4","name":"Acme"},"title":"CEO"}],"consent":{"email":"yes"},"birthday":"--05-17","external_id":["hq:1"],"owner":{"id":"u1"},"tags":["vip"],"my_number":2.5,"my_money":{"amount":"10.50","currency":"CZK"},"my_flag":true}"#;
    assert_eq!(json.to_string(), expected);
}

#[test]
fn columns_in_json() {
    let definitions = definitions();
    let contact = made(Kind::Contact, &["email.work=a@x.cz", "company=a4", "tags=a,b", "consent.email=no"]);
    let of =
        |name: &str| column(&FieldRef::resolve(Kind::Contact, name, definitions).unwrap(), &contact, &Named).map(|json| json.to_string());
    for (name, json) in [
        ("email", Some(r#"[{"label":"work","value":"a@x.cz"}]"#)),
        ("email.work", Some(r#"["a@x.cz"]"#)),
        ("email.1", Some(r#""a@x.cz""#)),
        ("company", Some(r#"{"id":"a4","name":"Acme"}"#)),
        ("company.name", Some(r#""Acme""#)),
        ("company.id", Some(r#""a4""#)),
        ("tags", Some(r#"["a","b"]"#)),
        ("consent", Some(r#"{"email":"no"}"#)),
        ("consent.email", Some(r#"["no"]"#)),
        ("id", Some(r#""c1""#)),
        ("phone", None),
        ("title", None),
    ] {
        assert_eq!(of(name).as_deref(), json, "{name}");
    }
}

#[test]
fn what_people_write_by_hand_is_read() {
    let json = json!({
        "id": "c99", "version": 3, "name": "Ada", "mail": "a@x.cz", "phone": [601123456, {"label": "Work", "value": "+420602111222"}],
        "company": {"id": "a4"}, "title": "CEO", "consent": {"email": true, "call": "no"}, "tags": "vip, cold", "birthday": null,
        "my_number": 1e3, "my_money": 12.5, "my_flag": "no", "external_id": [{"label": "HQ", "value": 4711}], "address": "Main 1",
        "owner": "u3", "notes": []
    });
    let contact = read(Kind::Contact, &json).unwrap();
    let expected = made(
        Kind::Contact,
        &[
            "name=Ada",
            "email=a@x.cz",
            "phone=+420601123456",
            "phone.work=+420602111222",
            "company=a4",
            "title=CEO",
            "consent.email=yes",
            "consent.call=no",
            "tags=vip, cold",
            "my_number=1000",
            "my_money=12.50",
            "my_flag=no",
            "external_id=hq:4711",
            "address.street=Main 1",
            "owner=u3",
        ],
    );
    assert_eq!(contact, expected);
}

#[test]
fn everything_wrong_is_told_at_once() {
    let json = json!({
        "nmae": "Ada", "email": ["a@x.cz", "b", {"lable": "work", "value": "c@x.cz"}], "birthday": ["2000", "2001"], "company": {"name": "Acme"},
        "consent": {"emial": "yes"}, "address": {"ctiy": "Brno"}, "my_money": {"amount": "", "currency": "EUR"}, "my_flag": [true], "owner": {},
        "email.work": "x@y.z", "tags": {"a": 1}, "lifecycle": true
    });
    assert_eq!(
        read(Kind::Contact, &json).unwrap_err(),
        [
            "contact has no field “nmae” | did you mean “name”?",
            "email.2: “b” is no e-mail address: it has no @ | write ada@example.com",
            "email.3: “lable” is no key of this value | did you mean “label”?",
            "birthday: it holds one value, not several",
            "company: “Acme” is no id | an id is a letter and a number, such as c17",
            "consent.emial: “emial” is no channel | did you mean “email”?",
            "address: “ctiy” is no part of this value | did you mean “city”?",
            "my_money: “EUR” is money without a number | write 1234.50 EUR, 10k or 10keur",
            "my_flag: a list is no value of this field",
            "owner: a link has neither id nor name | write {\"id\": \"a4\"} or {\"name\": \"Acme\"}",
            "“email.work” is no field in JSON | write the whole field: \"email\": [{\"label\": \"work\", \"value\": …}]",
            "tags: an object is no value of this field",
            "lifecycle: true and false are no value of this field",
        ]
    );
    assert_eq!(read(Kind::Contact, &json!([1])).unwrap_err(), ["a record is an object: {\"name\": …}"]);
}

#[test]
fn jobs_say_it_all_where_they_stand() {
    let json = json!({"jobs": [{"company": "a1", "title": "CEO"}, {"company": "a2"}], "company": {"id": "a9"}, "role": "x"});
    assert_eq!(read(Kind::Contact, &json).unwrap(), made(Kind::Contact, &["jobs.1.company=a1", "jobs.1.title=CEO", "jobs.2.company=a2"]));
}

#[test]
fn long_numbers_are_not_rounded() {
    for (text, json) in [("0.1", "0.1"), ("1234567.25", "1234567.25"), ("-3", "-3"), ("0.123456789012345678", "\"0.123456789012345678\"")] {
        let number: Decimal = text.parse().unwrap();
        assert_eq!(decimal(number).to_string(), json);
        let again = read(Kind::Product, &json!({"stock": decimal(number)})).unwrap();
        assert_eq!(again.first(705), Some(&Value::Number(number)));
    }
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        "[a-z@.0-9:= -]{0,10}".prop_map(Json::from)
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            proptest::collection::vec(("(label|value|id|name|amount|currency|city|company|email)", inner), 0..4)
                .prop_map(|pairs| Json::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_goes_out_in_json_comes_back(record in any_record()) {
        let definitions = definitions();
        let json = Json::Object(super::record(&record, definitions, &NoLookup));
        let text = json.to_string();
        let json: Json = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(read(record.kind(), &json), Ok(record), "{}", text);
    }

    #[test]
    fn no_json_panics(values in proptest::collection::vec(any_json(), 4), kind in proptest::sample::select(Kind::public().collect::<Vec<_>>()), first in any::<proptest::sample::Index>()) {
        let definitions = definitions();
        let names: Vec<&str> = AnyField::all(kind, definitions).map(|field| field.name()).collect();
        let object: Map<String, Json> =
            values.into_iter().enumerate().map(|(at, value)| (names[(first.index(names.len()) + at) % names.len()].to_owned(), value)).collect();
        if let Ok(record) = read(kind, &Json::Object(object)) {
            prop_assert!(record.fields.iter().all(|(_, value)| !value.is_empty()));
        }
    }
}
