#![allow(clippy::unwrap_used)]
use super::*;
use crate::domain::service::Clock;
use crate::domain::{RecordId, Value};

fn read(name: &str, text: &str) -> Result<Definitions, String> {
    Definitions::from_documents([(name, text)]).map_err(|error| match &error.hint {
        Some(hint) => format!("{error} | {hint}"),
        None => error.to_string(),
    })
}

#[test]
fn the_built_in_definitions_are_the_examples() {
    let definitions = Definitions::default();
    let sales = definitions.pipelines.default_pipeline();
    let stages: Vec<_> = sales.stages.iter().map(|stage| (stage.name.as_str(), stage.probability, stage.meaning)).collect();
    assert_eq!(
        stages,
        [
            ("lead", 10, Meaning::Open),
            ("qualified", 25, Meaning::Open),
            ("proposal", 50, Meaning::Open),
            ("negotiation", 75, Meaning::Open),
            ("won", 100, Meaning::Won),
            ("lost", 0, Meaning::Lost)
        ]
    );
    assert_eq!(definitions.words(ChoiceList::Status), ["new", "open", "pending", "hold", "solved", "closed"]);
    assert_eq!(definitions.statuses.category("hold"), Category::Waiting);
    assert!(definitions.statuses.is_final("closed") && !definitions.statuses.is_final("solved"));
    assert_eq!(definitions.rank(ChoiceList::Priority, "high"), Some(1));
    assert_eq!(definitions.word(ChoiceList::Stage, "WON"), Some("won"));
    assert!(definitions.settings.is_public_mail("Gmail.com"));
    assert_eq!(definitions.reporting_currency().code(), "EUR");
    for (index, name) in DefinitionName::all().enumerate() {
        assert_eq!(name as usize, index);
        assert_eq!(DefinitionName::from_name(name.name()), Some(name));
        assert!(name.example().starts_with('#'), "{name} has a documented example");
    }
    // The example of the choices names every list that a team may change, with its words.
    let lists = Choices::read(Source { name: "choices", text: "" }).unwrap();
    assert_eq!(definitions.choices, lists);
}

/// An example without the signs that make its lines comments; prose is left out.
fn uncommented(name: DefinitionName) -> String {
    name.example()
        .lines()
        .map(|line| line.strip_prefix("# ").unwrap_or(line))
        .filter(|line| {
            line.starts_with('[') || line.starts_with(['"', ' ', ']']) || line.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '))
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn the_commented_examples_are_valid_too() {
    let is_comment = |line: &str| line.is_empty() || line.starts_with('#');
    let commented: Vec<_> = DefinitionName::all().filter(|name| name.example().lines().all(is_comment)).collect();
    let texts: Vec<String> = commented.iter().map(|name| uncommented(*name)).collect();
    // Together, as a service level names a calendar.
    let documents = commented.iter().zip(&texts).map(|(name, text)| (name.name(), text.as_str()));
    let read = Definitions::from_documents(documents).unwrap();
    assert_eq!(read.policies.get("GOLD").and_then(|gold| gold.target(Clock::Resolution, Some("urgent"))), Some(4 * 3_600_000_000));
    // Two working days of five and a half hours.
    let mean = read.calendars.get("office").unwrap().working_day();
    assert_eq!(read.policies.get("gold").and_then(|gold| gold.target(Clock::Resolution, Some("low"))), Some(2 * mean));
}

#[test]
fn slips_are_told_with_place_and_nearest_word() {
    for (name, text, said) in [
        ("pipelines", "[[pipeline]\nname = \"x\"", "pipelines:1:12: "),
        (
            "pipelines",
            "[[pipeline]]\nname = \"s\"\nstages = [{ name = \"a\", probabilty = 1 }]",
            "pipelines:3:25: a stage has no “probabilty” | did you mean “probability”?",
        ),
        (
            "pipelines",
            "[[pipeline]]\nname = \"s\"\nstages = [{ name = \"a\", probability = 1, reason = true }]",
            "pipelines:3:51: only what is lost has a reason",
        ),
        ("pipelines", "[[pipeline]]\nname = \"s\"", "pipelines:1:1: pipeline s has no open stage | "),
        ("pipelines", "", "pipelines:1:1: there must be at least one pipeline | begin it with [[pipeline]]"),
        (
            "pipelines",
            "[[pipeline]]\nname = \"s\"\nstages = [{ name = \"a\", probability = 101 }]",
            "pipelines:3:39: “probability” must be a whole number from 0 to 100, not 101",
        ),
        (
            "pipelines",
            "[[pipeline]]\nname = \"s\"\nstages = [{ name = \"a\", probability = 1 }, { name = \"A\", probability = 2 }]",
            "pipelines:3:53: pipeline s has two stages “A”",
        ),
        (
            "pipelines",
            "[[pipeline]]\nname = \"s\"\nstages = [{ name = \"é\", meaning = \"wno\" }]",
            "pipelines:3:35: “wno” is no meaning of a stage | did you mean “won”?",
        ),
        (
            "statuses",
            "[[status]]\nname = \"new\"\ncategory = \"opne\"",
            "statuses:3:12: “opne” is no category of a status | did you mean “open”?",
        ),
        ("choices", "prioritty = []", "choices:1:1: there is no list of choices “prioritty” | did you mean “priority”?"),
        (
            "choices",
            "stage = []",
            "choices:1:1: there is no list of choices “stage” | stages and pipelines stand in the definition “pipelines”",
        ),
        ("choices", "direction = [\"in\"]", "choices:1:1: the words of “direction” are fixed | they are in, out"),
        ("choices", "priority = [\"low\", \"LOW\"]", "choices:1:20: “LOW” stands twice in “priority”"),
        ("choices", "priority = [\"a,b\"]", "choices:1:13: “a,b” holds ',', which no name may"),
        ("fields", "[kontact.x]\ntype = \"text\"", "fields:1:2: there is no kind of record “kontact” | did you mean “contact”?"),
        ("fields", "[contact.email]\ntype = \"text\"", "fields:1:10: contact has a built-in field “email” | choose another name"),
        (
            "fields",
            "[contact.mail]\ntype = \"text\"",
            "fields:1:10: “mail” is another name of the built-in field “email” of a contact | choose another name",
        ),
        ("fields", "[contact.company]\ntype = \"text\"", "fields:1:10: contact has a built-in field “company” | choose another name"),
        (
            "fields",
            "[contact.\"Obrat Kč\"]\ntype = \"text\"",
            "fields:1:10: the name of a field has small letters, digits and _ only, not “Obrat Kč” | write “obrat_kc”",
        ),
        ("fields", "[contact.x]\ntype = \"monney\"", "fields:2:8: “monney” is no type of a custom field | did you mean “money”?"),
        ("fields", "[contact.x]\ntype = \"text\"\nwords = []", "fields:3:9: only a choice has “words” | type = \"choice\""),
        ("currencies", "[XYZ]\n2026-01-01 = 1", "currencies:1:2: “XYZ” is no currency | a currency is its ISO 4217 code, such as EUR"),
        ("currencies", "[USD]\n2026-13-01 = 1", "currencies:2:1: “2026-13-01” is no day | write 2026-01-31 = 0.92"),
        ("currencies", "[USD]\n2026-01-01 = 1e3", "currencies:2:14: “1e3” is no rate | a number above 0, such as 0.92"),
        ("settings", "timezone = \"Europe/Pragu\"", "settings:1:12: “Europe/Pragu” is no time zone | did you mean “Europe/Prague”?"),
        ("settings", "phone-region = \"ZZ\"", "settings:1:16: “ZZ” is no country | an ISO 3166 code of two letters, such as CZ"),
        ("settings", "currency = 5", "settings:1:12: “currency” must be text, not integer"),
        ("calendars", "[o]\ntimezone = \"Prague\"", "calendars:2:12: “Prague” is no time zone | did you mean “Europe/Prague”?"),
        (
            "calendars",
            "[o]\ntimezone = \"UTC\"",
            "calendars:1:1: a calendar needs hours in which people work | weekdays = [\"09:00-17:00\"], or a line for each day",
        ),
        ("calendars", "[o]\ntimezone = \"UTC\"\nmunday = []", "calendars:3:1: a calendar has no “munday” | did you mean “monday”?"),
        (
            "calendars",
            "[o]\ntimezone = \"UTC\"\nmonday = [\"9-17\"]",
            "calendars:3:10: “9-17” is no part of a day | hours of the day, such as \"09:00-12:00\"",
        ),
        (
            "calendars",
            "[o]\ntimezone = \"UTC\"\nmonday = [\"22:00-06:00\"]",
            "calendars:3:10: “22:00-06:00” ends before it begins: a night is two windows, to 24:00 and from 00:00 of the next day | \
             hours of the day, such as \"09:00-12:00\"",
        ),
        (
            "calendars",
            "[o]\ntimezone = \"UTC\"\nmonday = [\"09:00-12:00\", \"11:00-13:00\"]",
            "calendars:3:10: “11:00-13:00” overlaps what stands before it",
        ),
        (
            "calendars",
            "[o]\ntimezone = \"UTC\"\nmonday = [\"09:00-12:00\"]\nholidays = [\"24.12.\"]",
            "calendars:4:13: “24.12.” is no holiday | a day such as 2026-12-24, one of each year such as 12-24, or easter, easter+1, easter-2",
        ),
        ("sla", "[gold]\nurgnt = {}", "sla:2:1: “urgnt” is no priority | did you mean “urgent”?"),
        (
            "sla",
            "[gold]\ncalendar = \"office\"",
            "sla:2:12: there is no calendar “office” | calendars are a definition of their own: `rolo config edit calendars`",
        ),
        (
            "sla",
            "[gold]\nany = { resolution = \"soon\" }",
            "sla:2:22: “soon” is no span of time | such as 30min, 4h, 1h30min or 2d; a d is a working day",
        ),
        (
            "sla",
            "[gold]\nany = { reply = \"1h\" }",
            "sla:2:9: a set of targets has no “reply” | known are first-response, next-reply, resolution",
        ),
        ("views", "hot = 5", "views:1:7: a named entry must be a table, not integer | each entry begins with its name: [name]"),
        ("pipeline", "", "pipeline:1:1: there is no definition “pipeline” | did you mean “pipelines”?"),
    ] {
        let told = read(name, text).expect_err(text);
        assert!(told.starts_with(said) && (said.ends_with(' ') || told == said), "{told}\n{said}");
    }
}

#[test]
fn rates_count_from_their_day_and_are_exact() {
    let definitions =
        read("currencies", "reporting = \"CZK\"\n[USD]\n2026-01-01 = 20.123456\n2026-02-01 = 21\n[EUR]\n2026-01-01 = \"25.5\"").unwrap();
    let rate =
        |code: &str, day: &str| definitions.rate(Currency::from_code(code).unwrap(), day.parse().unwrap()).map(|rate| rate.to_string());
    assert_eq!(rate("USD", "2026-01-31").as_deref(), Some("20.123456"));
    assert_eq!(rate("USD", "2026-02-01").as_deref(), Some("21"));
    assert_eq!(rate("USD", "2025-12-31"), None);
    assert_eq!(rate("EUR", "2030-01-01").as_deref(), Some("25.5"));
    assert_eq!(rate("CZK", "2000-01-01").as_deref(), Some("1"));
    assert_eq!(rate("JPY", "2026-01-01"), None);
}

fn deal(pipeline: Option<&str>, stage: &str) -> Record {
    let mut record = Record::new(RecordId::new(Kind::Opportunity, 1));
    if let Some(pipeline) = pipeline {
        record.set(number::PIPELINE, Value::text(pipeline));
    }
    record.set(number::STAGE, Value::text(stage));
    record
}

#[test]
fn probability_is_the_deals_else_the_stages() {
    let definitions = Definitions::default();
    let mut record = deal(None, "proposal");
    assert_eq!(definitions.probability_of(&record), 50);
    record.set(number::PROBABILITY, Value::Int(65));
    assert_eq!(definitions.probability_of(&record), 65);
    record.set(number::STAGE, Value::text("lost"));
    assert_eq!(definitions.probability_of(&record), 0);
    assert_eq!(definitions.meaning_of(&deal(Some("gone"), "won")), Meaning::Won);
    assert_eq!(definitions.stage_of(&deal(None, "no such")), None);
}

#[test]
fn a_stage_that_is_gone_is_told_and_a_renamed_one_rewritten() {
    let before = Definitions::default();
    let stages = |list: &str| {
        let text = format!(
            "[[pipeline]]\nname = \"sales\"\nstages = [{{ name = \"lead\", probability = 1 }}, {list} {{ name = \"won\", meaning = \"won\" }}, {{ name = \"lost\", meaning = \"lost\" }}]\n"
        );
        move |renamed: &str| Definitions::from_documents([("pipelines", format!("{text}{renamed}").as_str())])
    };
    let told = |after: &Definitions| changes(&before, after).iter().map(ToString::to_string).collect::<Vec<_>>();
    let gone = stages("{ name = \"proposal\", probability = 2 },")("").unwrap();
    assert_eq!(told(&gone), ["stage “qualified” of pipeline “sales” is gone", "stage “negotiation” of pipeline “sales” is gone"]);
    let renamed = stages("{ name = \"offer\", probability = 2 },")(
        "[renamed]\nproposal = \"offer\"\nqualified = \"lead\"\n\"sales/negotiation\" = \"offer\"",
    )
    .unwrap();
    let list = changes(&before, &renamed);
    assert!(list.iter().all(|change| !change.is_removal()), "{list:?}");
    for pipeline in [None, Some("sales"), Some("Sales")] {
        let mut record = deal(pipeline, "negotiation");
        let changed = list.iter().filter(|change| change.rewrite(&mut record)).count();
        assert_eq!((changed, record.text(number::STAGE)), (1, Some("offer")));
    }
    let mut other = deal(Some("renewals"), "negotiation");
    assert!(!list.iter().any(|change| change.concerns(&other) || change.rewrite(&mut other)));
    let error = stages("")("[renamed]\nproposal = \"ofer\"").expect_err("no such stage");
    assert_eq!(error.to_string(), "pipelines:5:12: “proposal” is renamed to “ofer”, which is not there");
}

#[test]
fn a_whole_pipeline_may_be_renamed_or_gone() {
    let before = Definitions::default();
    let text = DefinitionName::Pipelines.example().replace("\"sales\"", "\"deals\"");
    let gone = Definitions::from_documents([("pipelines", text.as_str())]).unwrap();
    let list = changes(&before, &gone);
    assert_eq!(list.len(), 1);
    assert!(list[0].is_removal() && list[0].concerns(&deal(None, "lead")) && list[0].concerns(&deal(Some("sales"), "lead")));
    let renamed = Definitions::from_documents([("pipelines", format!("{text}\n[renamed]\nsales = \"deals\"").as_str())]).unwrap();
    let mut record = deal(Some("sales"), "lead");
    assert!(changes(&before, &renamed).iter().any(|change| change.rewrite(&mut record)));
    assert_eq!(record.text(number::PIPELINE), Some("deals"));
}

#[test]
fn words_and_custom_fields_that_are_gone() {
    let before = Definitions::from_documents([(
        "fields",
        "[contact.size]\ntype = \"choice\"\nwords = [\"s\", \"m\"]\n[contact.turnover]\ntype = \"text\"\n[company.rank]\ntype = \"number\"",
    )])
    .unwrap();
    let after = Definitions::from_documents([
        (
            "fields",
            "[contact.class]\ntype = \"choice\"\nwords = [\"small\", \"m\"]\nclosed = true\n[contact.turnover]\ntype = \"money\"\n[renamed]\nsize = \"class\"\ns = \"small\"",
        ),
        ("choices", "channel = [\"call\", \"email\", \"messenger\"]\nindustry = { words = [\"retail\"], closed = true }\n[renamed]\nsocial = \"messenger\""),
    ])
    .unwrap();
    let told: Vec<_> = changes(&before, &after).iter().map(ToString::to_string).collect();
    for said in [
        "channel “social” is “messenger” now",
        "channel “fax” is gone",
        "“industry” is closed now",
        "“s” of field “size” of contacts is “small” now",
        "field “size” of contacts is closed now",
        "field “size” of contacts is “class” now",
        "the type of field “turnover” of contacts is changed",
        "field “rank” of companies is gone",
    ] {
        assert!(told.iter().any(|line| line == said), "{said} in {told:#?}");
    }
    let mut contact = Record::new(RecordId::new(Kind::Contact, 1));
    contact.push(number::CUSTOM, Value::labelled("size", Value::text("s")));
    contact.set(number::PREFERRED_CHANNEL, Value::text("social"));
    let list = changes(&before, &after);
    assert!(!list.iter().any(|change| change.is_removal() && !matches!(change.what, Changed::FieldWord(..)) && change.concerns(&contact)));
    for change in &list {
        change.rewrite(&mut contact);
    }
    assert_eq!(contact.text(number::PREFERRED_CHANNEL), Some("messenger"));
    assert_eq!(contact.labelled(number::CUSTOM, "class").and_then(Value::as_text), Some("small"));
    let mut company = Record::new(RecordId::new(Kind::Company, 1));
    let closed = list.iter().find(|change| change.what == Changed::Closed(ChoiceList::Industry)).unwrap();
    company.set(number::INDUSTRY, Value::text("retail"));
    assert!(!closed.concerns(&company) && closed.kinds() == [Kind::Company]);
    company.set(number::INDUSTRY, Value::text("space"));
    assert!(closed.concerns(&company));
}

#[test]
fn definitions_come_back_from_records() {
    let mut record = Record::new(RecordId::new(Kind::Definition, 1));
    record.set(number::DEFINITION_NAME, Value::text("settings"));
    record.set(number::DEFINITION_TEXT, Value::text("timezone = \"Europe/Prague\"\nphone-region = \"cz\"\npublic-mail = []"));
    let definitions = Definitions::from_records([&record]).unwrap();
    assert_eq!(definitions.settings.timezone.name(), "Europe/Prague");
    assert!(definitions.settings.phone_region.is_some() && definitions.settings.public_mail.is_empty());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(96))]

    #[test]
    fn no_text_panics(text in "[\\[\\]{}a-z=\", \n.0-9]{0,80}", any in proptest::prelude::any::<String>()) {
        for name in DefinitionName::all() {
            let _ = Definitions::from_documents([(name.name(), text.as_str())]);
            let _ = Definitions::from_documents([(name.name(), any.as_str())]);
        }
    }
}
