#![allow(clippy::unwrap_used, clippy::panic)]
use std::sync::LazyLock;

use super::*;
use crate::domain::{Decimal, fields};

fn definitions() -> &'static Definitions {
    static DEFINITIONS: LazyLock<Definitions> = LazyLock::new(|| {
        Definitions::from_documents([
            ("settings", "timezone = \"Europe/Prague\"\ncurrency = \"CZK\"\nphone-region = \"CZ\""),
            (
                "fields",
                "[contact.turnover]\ntype = \"money\"\n[contact.size]\ntype = \"choice\"\nwords = [\"Small\", \"Large\"]\nclosed = true",
            ),
        ])
        .unwrap()
    });
    &DEFINITIONS
}

fn now() -> Timestamp {
    Timestamp::from_rfc3339("2026-02-04T10:30:00Z").unwrap()
}

fn read(kind: Kind, field: &str, text: &str) -> Result<Vec<Value>, String> {
    let definitions = definitions();
    let field = find_field(kind, field, definitions).unwrap();
    field.parse_list(text, &Reading::new(definitions, now())).map_err(|error| match &error.hint {
        Some(hint) => format!("{error} | {hint}"),
        None => error.to_string(),
    })
}

#[test]
fn every_example_of_the_table_is_a_value() {
    struct Anything;
    impl Resolve for Anything {
        fn resolve(&self, kinds: &[Kind], text: &str) -> Result<RecordId, ValueError> {
            Ok(text.parse().unwrap_or(RecordId::new(kinds.first().copied().unwrap_or(Kind::Contact), 1)))
        }
    }
    let definitions = definitions();
    let reading = Reading::new(definitions, now()).with_links(&Anything);
    for kind in Kind::public() {
        for field in fields::fields(kind).filter(|field| !field.example.is_empty()) {
            if matches!(field.ty, FieldType::Address | FieldType::Line) {
                // Their examples name a part: they are read as assignments.
                continue;
            }
            let values = AnyField::Builtin(field).parse_list(field.example, &reading);
            assert!(values.as_ref().is_ok_and(|values| values.len() == 1), "{kind}.{} {values:?}", field.name);
        }
    }
}

#[test]
fn fields_tell_about_themselves() {
    let told = |kind, name| {
        let field = find_field(kind, name, definitions()).unwrap();
        format!("{} | {} | {} | {}", field.type_text(), field.aliases().join(" "), field.help(), field.example())
    };
    assert_eq!(told(Kind::Opportunity, "stage"), "choice of stage | deal_stage | at which stage | proposal");
    assert_eq!(told(Kind::Contact, "referred_by"), "link to contact or company |  | who brought the contact | c4");
    assert_eq!(told(Kind::Task, "about"), "link to anything |  | what it concerns | c17");
    assert_eq!(told(Kind::Contact, "size"), "choice: Small, Large |  |  | Small");
    for field in Kind::public().flat_map(|kind| AnyField::all(kind, definitions())) {
        let value = field.parse(field.example(), &Reading::new(definitions(), now()));
        assert!(matches!(field, AnyField::Builtin(_)) || value.is_ok(), "{}", field.name());
    }
}

#[test]
fn values_of_each_type() {
    let text = |text: &str| Ok(vec![Value::text(text)]);
    assert_eq!(read(Kind::Contact, "name", "  Ada \t Novák "), text("Ada Novák"));
    assert_eq!(read(Kind::Contact, "phone", "601 123 456"), text("+420601123456"));
    assert_eq!(read(Kind::Contact, "email", "a@x.cz; b@y.cz;a@X.cz"), Ok(vec![Value::text("a@x.cz"), Value::text("b@y.cz")]));
    assert_eq!(read(Kind::Contact, "tags", "vip, cold;  hot "), Ok(["vip", "cold", "hot"].map(Value::text).to_vec()));
    assert_eq!(read(Kind::Contact, "lifecycle", "CUSTOMER"), text("customer"));
    assert_eq!(read(Kind::Contact, "source", "Word of  mouth"), text("Word of mouth"));
    assert_eq!(read(Kind::Contact, "consent", "email=YES"), Ok(vec![Value::labelled("email", Value::text("yes"))]));
    assert_eq!(read(Kind::Contact, "external_id", "HubSpot:47:11"), Ok(vec![Value::labelled("hubspot", Value::text("47:11"))]));
    assert_eq!(read(Kind::Contact, "owner", "u3"), Ok(vec![Value::Link(RecordId::new(Kind::User, 3))]));
    assert_eq!(read(Kind::Contact, "timezone", "europe/prague"), text("Europe/Prague"));
    assert_eq!(read(Kind::Contact, "size", "small"), text("Small"));
    assert_eq!(
        read(Kind::Contact, "turnover", "1.5k"),
        Ok(vec![Value::Money(money("1500 CZK", Currency::from_code("CZK").unwrap()).unwrap())])
    );
    assert_eq!(read(Kind::Product, "stock", "1.50"), Ok(vec![Value::Number(Decimal::new(15, 1).unwrap())]));
    assert_eq!(read(Kind::Interaction, "private", "yes"), Ok(vec![Value::Flag(true)]));
    assert_eq!(read(Kind::Contact, "name", "  "), Ok(vec![]));
    assert_eq!(read(Kind::Company, "domain", "https://www.acme.example/x"), text("acme.example"));
}

#[test]
fn what_is_wrong_is_said_with_what_to_do() {
    for (kind, field, text, said) in [
        (Kind::Opportunity, "stage", "propsal", "stage: “propsal” is no stage | did you mean “proposal”?"),
        (Kind::Ticket, "status", "x", "status: “x” is no status | known are new, open, pending, hold, solved, closed"),
        (Kind::Contact, "size", "medium", "size: “medium” is no size | known are Small, Large"),
        (Kind::Contact, "email", "ada", "email: “ada” is no e-mail address: it has no @ | write ada@example.com"),
        (Kind::Opportunity, "amount", "EUR", "amount: “EUR” is money without a number | write 1234.50 EUR, 10k or 10keur"),
        (
            Kind::Opportunity,
            "expected_close",
            "31/1/2026",
            "expected_close: “31/1/2026” is no date | write 2026-01-31, 2026-01, 2026, --01-31, today, tomorrow, friday, next fri, in 2 weeks, 31.1., eom, +2w or -3m",
        ),
        (Kind::Opportunity, "company", "Acme", "company: “Acme” is no id | an id is a letter and a number, such as c17"),
        (Kind::Opportunity, "company", "c1", "company: c1 is a contact, not a company (a…)"),
        (Kind::Contact, "external_id", "4711", "external_id: “4711” does not say whose id it is | write SOURCE:ID, such as hubspot:4711"),
        (Kind::Contact, "consent", "yes", "consent: “yes” does not name a channel | write consent.email=yes"),
        (Kind::Interaction, "private", "perhaps", "private: “perhaps” is neither yes nor no | write yes, no, true, false, 1 or 0"),
        (Kind::Product, "stock", "1,5", "stock: “1,5” is no number | write 1.5"),
    ] {
        assert_eq!(read(kind, field, text), Err(said.to_owned()));
    }
    let escapes = read(Kind::Ticket, "status", "\u{1b}[2J").unwrap_err();
    assert!(!escapes.contains('\u{1b}'), "{escapes:?}");
}

#[test]
fn stages_are_those_of_the_pipeline() {
    let text = "[[pipeline]]\nname = \"a\"\nstages = [{ name = \"one\", probability = 1 }]\n[[pipeline]]\nname = \"b\"\nstages = [{ name = \"two\", probability = 2 }]";
    let definitions = Definitions::from_documents([("pipelines", text)]).unwrap();
    let stage = find_field(Kind::Opportunity, "stage", &definitions).unwrap();
    let reading = Reading::new(&definitions, now());
    assert!(stage.parse("two", &reading).is_ok());
    let error = stage.parse("two", &Reading { pipeline: Some("a"), ..reading }).unwrap_err();
    assert_eq!(error.to_string(), "stage: “two” is no stage of pipeline “a”");
    assert!(error.is_usage());
}

#[test]
fn composites() {
    let values = read(Kind::Contact, "address", "street=Main 1\\; left; city=Brno").unwrap();
    let Value::Address(address) = &values[0] else { panic!("{values:?}") };
    assert_eq!((address.street.as_str(), address.city.as_str()), ("Main 1; left", "Brno"));
    let values = read(Kind::Contact, "address", "Main 1\nBrno").unwrap();
    assert_eq!(crate::domain::Part::Street.get(&values[0]), Some(Value::text("Main 1 Brno")));
    let values = read(Kind::Contact, "jobs", "company=a1; title=CEO; from=2024-01").unwrap();
    let Value::Job(job) = &values[0] else { panic!("{values:?}") };
    assert_eq!((job.company, job.title.as_str()), (Some(RecordId::new(Kind::Company, 1)), "CEO"));
    let values = read(Kind::Opportunity, "lines", "product=p1; quantity=3; price=10 EUR; discount=5%").unwrap();
    let Value::Line(line) = &values[0] else { panic!("{values:?}") };
    assert_eq!((line.quantity, line.discount), (Some(Decimal::from(3)), Some(Decimal::from(5))));
    assert_eq!(read(Kind::Contact, "address", "street=; city="), Ok(vec![]));
}

#[test]
fn labels_can_stand_in_a_name() {
    for (text, kept) in [
        ("Work", "work"),
        (" Work  Fax ", "work-fax"),
        ("a.b=c", "a-b-c"),
        ("2", "no-2"),
        ("Práce", "práce"),
        ("--", ""),
        ("* Home", "*-home"),
    ] {
        assert_eq!(label(text), kept);
        assert_eq!(label(kept), kept);
    }
}

#[test]
fn lists_part_and_join() {
    assert_eq!(split_list("a; b\\;c ;; \\\\d", None), ["a", " b;c ", " \\d"]);
    assert_eq!(join_list(["a", "b;c", "\\d"]), "a; b\\;c; \\\\d");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Whatever is typed: no panic, and what is kept is kept when typed again.
    #[test]
    fn what_is_kept_stays(text in proptest::prelude::any::<String>(), number in "[-+]?[0-9]{1,9}(\\.[0-9]{1,3})?[kmb%]?( ?[A-Za-z]{3})?", phone in "[+0-9() x/.-]{0,20}") {
        let definitions = definitions();
        let reading = Reading::new(definitions, now());
        for kind in Kind::public() {
            for field in AnyField::all(kind, definitions) {
                for typed in [&text, &number, &phone] {
                    let Ok(Some(value)) = field.parse(typed, &reading) else { continue };
                    if let Value::Text(kept) = &value {
                        proptest::prop_assert_eq!(field.parse(kept, &reading), Ok(Some(value.clone())), "{} of {}", field.name(), kind);
                    }
                }
            }
        }
    }
}
