//! Records made up for tests: any kind, any field, values as they are kept.

#![allow(clippy::unwrap_used)]

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;

use super::fields::number;
use super::parse::find_field;
use super::{
    Address, AnyField, Currency, CustomType, Date, Decimal, Definitions, Field, FieldType, Job, Kind, Line, Money, Part, Reading, Record,
    RecordId, Timestamp, Value, set_custom,
};

/// Documents of a custom field of every type on contacts, and of settings.
pub(crate) fn documents() -> [(&'static str, String); 2] {
    let fields: String = CustomType::names()
        .map(|ty| {
            let words = if ty == "choice" { "words = [\"one\", \"two\"]\n" } else { "" };
            format!("[contact.my_{ty}]\ntype = \"{ty}\"\n{words}")
        })
        .collect();
    [("fields", fields), ("settings", "timezone = \"Europe/Prague\"\ncurrency = \"CZK\"\nphone-region = \"CZ\"".to_owned())]
}

/// Definitions with a custom field of every type on contacts.
pub(crate) fn definitions() -> &'static Definitions {
    static DEFINITIONS: LazyLock<Definitions> = LazyLock::new(|| {
        let documents = documents();
        Definitions::from_documents(documents.iter().map(|(name, text)| (*name, text.as_str()))).unwrap()
    });
    &DEFINITIONS
}

/// The moment that counts as now in tests: a Wednesday, 11:30 in Prague.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_rfc3339("2026-02-04T10:30:00Z").unwrap()
}

/// Texts that try the separators, quotes, scripts and control characters.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Zá-ž0-9 ;,=.:'-]{1,12}",
        "[;\\\\,.=\"'|+@-]{1,6}",
        "[А-я 김철수\u{1b}\n\r\t]{1,8}",
        Just("=1+1".to_owned()),
        Just("c1".to_owned()),
        "[a-z]{1,6}@[a-z]{1,6}\\.(cz|com)",
        "\\+420[1-9][0-9]{8}",
    ]
}

fn label() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "(work|home|city|label|no-2|práce|2|Mobile Phone)"].prop_map(|text| super::parse::label(&text))
}

fn date() -> impl Strategy<Value = Date> {
    (1_i32..9999, 1_u32..13, 1_u32..29, 0..4).prop_map(|(year, month, day, shape)| match shape {
        0 => Date::partial(year, None).unwrap(),
        1 => Date::partial(year, Some(month)).unwrap(),
        2 => Date::yearless(month, day).unwrap(),
        _ => Date::new(year, month, day).unwrap(),
    })
}

fn money() -> impl Strategy<Value = Money> {
    (any::<i64>(), prop_oneof![Just("EUR"), Just("JPY"), Just("KWD"), Just("CZK")])
        .prop_map(|(minor, code)| Money { minor, currency: Currency::from_code(code).unwrap() })
}

fn decimal() -> impl Strategy<Value = Decimal> {
    (any::<i64>(), 0_u8..19, 0_u32..19).prop_map(|(units, scale, cut)| Decimal::new(units / 10_i64.pow(cut), scale).unwrap())
}

/// What a value of any type may be made of.
#[derive(Debug, Clone)]
struct Seeds {
    texts: [String; 7],
    index: Index,
    number: Decimal,
    int: i64,
    flag: bool,
    date: Date,
    at: i64,
    money: Money,
    id: u64,
}

fn seeds() -> impl Strategy<Value = Seeds> {
    let texts = [text(), text(), text(), text(), text(), text(), text()];
    // Years 1 to 9999: what the forms can write.
    let at = -62_135_596_800_000_000_i64..253_402_300_799_000_000;
    (texts, any::<Index>(), decimal(), any::<i64>(), any::<bool>(), date(), at, money(), 1_u64..9)
        .prop_map(|(texts, index, number, int, flag, date, at, money, id)| Seeds { texts, index, number, int, flag, date, at, money, id })
}

/// Returns a value as it is kept, or none where the seed's text means none.
fn value(field: AnyField<'_>, seeds: &Seeds, definitions: &Definitions) -> Option<Value> {
    let reading = Reading::new(definitions, now());
    let part = |index: usize| super::parse::part_text(Part::Street, &seeds.texts[index], &reading).ok().flatten();
    let line = |index: usize| part(index).map(|value| value.plain()).unwrap_or_default();
    let value = match field.field_type() {
        FieldType::Int => match field {
            AnyField::Builtin(Field { between: Some((least, most)), .. }) => Value::Int(least + seeds.int.rem_euclid(most - least + 1)),
            _ => Value::Int(seeds.int / 1000),
        },
        FieldType::Percent => Value::Int(seeds.int.rem_euclid(101)),
        FieldType::Number => Value::Number(seeds.number),
        FieldType::Money => Value::Money(seeds.money),
        FieldType::Date => Value::Date(seeds.date),
        FieldType::Time => Value::Time(Timestamp(seeds.at)),
        FieldType::Flag => Value::Flag(seeds.flag),
        FieldType::Link(kinds) => {
            let kinds: Vec<Kind> = if kinds.is_empty() { Kind::public().collect() } else { kinds.to_vec() };
            Value::Link(RecordId::new(*seeds.index.get(&kinds), seeds.id))
        }
        FieldType::Choice(list) => Value::text(*seeds.index.get(&definitions.words(list))),
        FieldType::Zone => Value::text("Europe/Prague"),
        FieldType::Language => Value::text("en-GB"),
        FieldType::Repeat => Value::text("FREQ=WEEKLY;INTERVAL=2"),
        FieldType::Span => Value::text("3m"),
        FieldType::Consent => {
            let channel = *seeds.index.get(&definitions.words(super::ChoiceList::Channel));
            Value::labelled(channel, Value::text(if seeds.flag { "yes" } else { "no" }))
        }
        FieldType::ExternalId => {
            let text = format!("{}:{}", if seeds.flag { "hq" } else { "HubSpot" }, seeds.texts[0]);
            return field.parse(&text, &reading).ok().flatten();
        }
        FieldType::Address => {
            let [street, street2, city, region, postcode, country, pobox] = std::array::from_fn(line);
            Value::Address(Box::new(Address { street, street2, city, region, postcode, country, pobox }))
        }
        FieldType::Job => Value::Job(Box::new(Job {
            company: seeds.flag.then(|| RecordId::new(Kind::Company, seeds.id)),
            title: line(0),
            role: line(1),
            from: seeds.flag.then_some(seeds.date),
            to: None,
        })),
        FieldType::Line => Value::Line(Box::new(Line {
            product: seeds.flag.then(|| RecordId::new(Kind::Product, seeds.id)),
            description: line(0),
            quantity: Some(seeds.number),
            price: Some(seeds.money),
            discount: None,
            tax: seeds.flag.then_some(seeds.number),
        })),
        _ => return field.parse(&seeds.texts[0], &reading).ok().flatten(),
    };
    (!value.is_empty()).then_some(value)
}

/// Any record of a kind, with values as they are kept, and no stage outside its
/// pipeline.
pub(crate) fn record(kind: Kind) -> impl Strategy<Value = Record> {
    let definitions = definitions();
    let names: Vec<String> = AnyField::all(kind, definitions).map(|field| field.name().to_owned()).collect();
    let entry = (any::<Index>(), label(), seeds());
    proptest::collection::vec(entry, 0..14).prop_map(move |entries| {
        let mut record = Record::new(RecordId::new(kind, 1));
        for (which, label, seeds) in entries {
            let field = find_field(kind, &names[which.index(names.len())], definitions).unwrap();
            let Some(value) = value(field, &seeds, definitions) else { continue };
            match field {
                AnyField::Custom(custom) => set_custom(&mut record, &custom.name, Some(value)),
                AnyField::Builtin(field) if field.system => {}
                AnyField::Builtin(field) if field.labels && field.ty != FieldType::Consent => {
                    record.push(field.number, Value::labelled(label, value));
                }
                AnyField::Builtin(field) if field.repeats => {
                    let by_label = matches!(field.ty, FieldType::Consent | FieldType::ExternalId);
                    let is_there = record.values(field.number).any(|known| *known == value || (by_label && known.label() == value.label()));
                    if !is_there {
                        record.push(field.number, value);
                    }
                }
                AnyField::Builtin(field) => record.set(field.number, value),
            }
        }
        if kind == Kind::Event && record.has(number::EVENT_FROM) {
            record.set(number::EVENT_FROM, Value::Link(RecordId::new(Kind::User, 1)));
        }
        record
    })
}

/// Any record of any public kind.
pub(crate) fn any_record() -> impl Strategy<Value = Record> {
    let kinds: Vec<Kind> = Kind::public().collect();
    proptest::sample::select(kinds).prop_flat_map(record)
}
