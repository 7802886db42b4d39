//! Finding who may be one: what was hidden is found, what looks alike is not taken for it.

use rolo::actions::{self, Desk};
use rolo::domain::fields::number;
use rolo::domain::{Kind, RecordId, Value};
use rolo::insight::{Dupes, DupesRequest, MIN, dupes};

use super::{add, desk, id, merge, set, undo};

fn found_of(desk: &Desk, kind: Kind) -> Dupes {
    dupes(&*desk.store, &DupesRequest { kind, query: None, min: MIN, limit: usize::MAX, view: desk.view() }).unwrap()
}

fn pairs(desk: &Desk) -> Vec<(RecordId, RecordId)> {
    let mut pairs: Vec<_> = found_of(desk, Kind::Contact).pairs.iter().map(|twin| (twin.one, twin.other)).collect();
    pairs.sort_unstable();
    pairs
}

/// A name of its own for each number: first names are few, as they are.
fn name_of(n: u64) -> String {
    let parts = ["bara", "ceto", "dilu", "foma", "gupy", "hajo", "jekro", "kisa", "lone", "muvi"];
    let family: String = n.to_string().bytes().map(|digit| parts[usize::from(digit - b'0')]).collect();
    format!("{} {family}", ["Jan", "Eva", "Petr", "Jana"][(n % 4) as usize])
}

/// Contacts with what a CRM meets among them: each pair that is one, each that is not.
fn company() -> (Desk, Vec<(RecordId, RecordId)>) {
    let desk = desk();
    add(&desk, Kind::Company, &["name=Acme", "domain=acme.example"]);
    add(&desk, Kind::Company, &["name=Beta", "domain=beta.example"]);
    let contact = |texts: &[&str]| add(&desk, Kind::Contact, texts);
    let ones = vec![
        // Misspelt, at one firm.
        (contact(&["name=Jan Novák", "company=Acme"]), contact(&["name=Jan Nowak", "company=Acme"])),
        // Accents, and the address in capitals.
        (contact(&["name=Žofie Černá", "email=zofie@acme.example"]), contact(&["name=Zofie Cerna", "email=ZOFIE@ACME.EXAMPLE"])),
        // The other way round.
        (contact(&["name=Petr Dvořák", "company=Beta"]), contact(&["name=Dvořák Petr", "company=Beta"])),
        // The same phone, once without its country.
        (contact(&["name=Eva Malá", "phone=+420601777888"]), contact(&["name=Eva Mala", "phone=601 777 888"])),
        // Only an address is known.
        (contact(&["name=Karel Veselý", "email=karel@home.example"]), contact(&["email=karel@home.example"])),
    ];
    // Father and son at one firm.
    contact(&["name=Josef Král st.", "company=Acme", "email=josef@acme.example"]);
    contact(&["name=Josef Král ml.", "company=Acme", "email=josef2@acme.example"]);
    // One phone, two people.
    contact(&["name=Anna Svobodová", "phone=+420602111222", "company=Beta"]);
    contact(&["name=Tomáš Marek", "phone=+420602111222", "company=Beta"]);
    // A desk's address, two people.
    contact(&["name=Lucie Benešová", "email=info@beta.example"]);
    contact(&["name=Pavel Kučera", "email=info@beta.example"]);
    // Namesakes at two firms.
    contact(&["name=Marie Horáková", "company=Acme", "email=marie@acme.example"]);
    contact(&["name=Marie Horáková", "company=Beta", "email=marie@beta.example"]);
    (desk, ones)
}

#[test]
fn those_who_are_one_are_found_and_those_who_are_not_are_not() {
    let (desk, mut ones) = company();
    ones.sort_unstable();
    let found = found_of(&desk, Kind::Contact);
    assert_eq!(pairs(&desk), ones, "{:#?}", found.pairs);
    assert_eq!(found.pairs, found_of(&desk, Kind::Contact).pairs, "the same answer each time");
    let best = &found.pairs[0];
    assert!(best.score >= found.pairs[1].score && best.cluster == 1);
    assert!(found.pairs.iter().any(|twin| twin.reasons.contains(&"same e-mail zofie@acme.example".to_owned())), "{:#?}", found.pairs);
}

#[test]
fn the_order_of_records_does_not_matter() {
    let names = [
        ["name=Jan Novák", "email=j@x.cz"],
        ["name=Eva Malá", "email=e@x.cz"],
        ["name=Jan Novak", "email=j@x.cz"],
        ["name=E. Malá", "email=e@x.cz"],
    ];
    let told = |order: &[usize]| {
        let desk = desk();
        for at in order {
            add(&desk, Kind::Contact, &names[*at]);
        }
        let mut told: Vec<(String, Vec<String>)> = found_of(&desk, Kind::Contact)
            .pairs
            .iter()
            .map(|twin| {
                (format!("{:.2}", twin.score), {
                    let mut titles = vec![twin.titles.0.clone(), twin.titles.1.clone()];
                    titles.sort();
                    titles
                })
            })
            .collect();
        told.sort();
        told
    };
    assert_eq!(told(&[0, 1, 2, 3]), told(&[3, 1, 0, 2]));
    assert_eq!(told(&[0, 1, 2, 3]).len(), 2);
}

#[test]
fn a_switchboards_number_on_150_cards_makes_no_one_the_same_person() {
    let desk = desk();
    let mut changes = actions::Changeset::new(&desk);
    for n in 0..150_u8 {
        let card = changes.create(Kind::Contact);
        let record = changes.edit(card).unwrap();
        record.set(number::CONTACT_NAME, Value::text(name_of(n.into())));
        record.push(number::CONTACT_PHONE, Value::text("+420222333444"));
        record.push(number::CONTACT_EMAIL, Value::text("info@firm.example"));
    }
    changes.finish("cards").unwrap();
    let found = found_of(&desk, Kind::Contact);
    assert_eq!(found.pairs, []);
    assert!(found.compared < 150 * 10, "{}", found.compared);
    assert!(found.notices.contains(&"+420222333444 stands on 150 contacts: it makes no two of them one".to_owned()), "{:?}", found.notices);
    // Whoever has more in common is found nevertheless.
    add(&desk, Kind::Contact, &["name=Zora Nová", "phone=+420222333444", "email=zora@firm.example"]);
    add(&desk, Kind::Contact, &["name=Zora Nova", "phone=+420222333444", "email=zora@firm.example"]);
    let found = found_of(&desk, Kind::Contact);
    assert_eq!(found.pairs.len(), 1);
    assert!(found.pairs[0].reasons.contains(&"the phone +420222333444 of many".to_owned()), "{:?}", found.pairs[0].reasons);
}

#[test]
fn what_somebody_told_apart_is_not_shown_again_until_that_is_taken_back() {
    let desk = desk();
    let (one, other) = (add(&desk, Kind::Contact, &["name=Ada", "email=a@x.cz"]), add(&desk, Kind::Contact, &["name=Ada", "email=a@x.cz"]));
    assert_eq!(pairs(&desk), [(one, other)]);
    let told = actions::distinct(&desk, &[other, one]).unwrap();
    assert_eq!(told.message, "c1, c2 are no duplicates");
    assert_eq!(pairs(&desk), []);
    assert_eq!(actions::distinct(&desk, &[one, other]).unwrap().changed, 0);
    // Who was told apart from one that is merged is apart from the one it becomes.
    let third = add(&desk, Kind::Contact, &["name=Ada", "email=a@x.cz"]);
    let step = merge(&desk, &[third, other]).outcome.step.unwrap();
    assert_eq!(pairs(&desk), []);
    undo(&desk, step);
    undo(&desk, told.step.unwrap());
    assert_eq!(pairs(&desk).len(), 3);
    assert!(found_of(&desk, Kind::Contact).pairs.iter().all(|twin| twin.cluster == 1), "all three are one cluster");
}

#[test]
fn one_of_the_two_matches_the_query() {
    let (desk, ones) = company();
    set(&desk, ones[2].1, &["tags=new"]);
    let query = rolo::query::Query::parse("tags:new", Kind::Contact, &desk.definitions()).unwrap();
    let request = DupesRequest { kind: Kind::Contact, query: Some(query.into()), min: MIN, limit: 9, view: desk.view() };
    let found = dupes(&*desk.store, &request).unwrap();
    assert_eq!(found.pairs.iter().map(|twin| (twin.one, twin.other)).collect::<Vec<_>>(), [ones[2]]);
}

#[test]
fn other_kinds_have_duplicates_too() {
    let desk = desk();
    add(&desk, Kind::Company, &["name=Acme s.r.o."]);
    add(&desk, Kind::Company, &["name=ACME, spol. s r. o."]);
    add(&desk, Kind::Company, &["name=Beta", "domain=beta.cz"]);
    add(&desk, Kind::Company, &["name=Beta Trade", "domain=beta.cz"]);
    let told = |kind| found_of(&desk, kind).pairs.iter().map(|twin| (twin.one.to_string(), twin.other.to_string())).collect::<Vec<_>>();
    let of = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(told(Kind::Company), [of("a3", "a4"), of("a1", "a2")]);
    add(&desk, Kind::Opportunity, &["name=Big deal", "company=Beta", "amount=100 EUR"]);
    add(&desk, Kind::Opportunity, &["name=Big Deal", "company=Beta", "amount=100 EUR"]);
    add(&desk, Kind::Opportunity, &["name=Big deal", "company=a1", "amount=900 EUR"]);
    assert_eq!(told(Kind::Opportunity), [of("o1", "o2")]);
    add(&desk, Kind::Product, &["name=GTX Pro", "sku=G1"]);
    add(&desk, Kind::Product, &["name=GTX-Pro", "sku=g1"]);
    assert_eq!(told(Kind::Product), [of("p1", "p2")]);
    add(&desk, Kind::Ticket, &["subject=Printer is loud"]);
    add(&desk, Kind::Ticket, &["subject=printer is loud"]);
    assert_eq!(told(Kind::Ticket), [of("t1", "t2")]);
    merge(&desk, &[id("t1"), id("t2")]);
    assert_eq!(told(Kind::Ticket), []);
}

#[test]
fn the_work_grows_with_the_records_and_not_with_their_square() {
    let compared = |count: u64| {
        let desk = desk();
        let mut changes = actions::Changeset::new(&desk);
        for n in 0..count {
            let card = changes.create(Kind::Contact);
            let record = changes.edit(card).unwrap();
            // Each tenth is there twice; first names are few, as they are.
            let who = if n % 10 == 0 { n + 1 } else { n };
            record.set(number::CONTACT_NAME, Value::text(name_of(who)));
            record.push(number::CONTACT_EMAIL, Value::text(format!("m{who}@mail.example")));
            record.push(number::CONTACT_PHONE, Value::text("+420222333444"));
        }
        changes.finish("cards").unwrap();
        let found = found_of(&desk, Kind::Contact);
        assert_eq!(found.pairs.len() as u64, count / 10, "each is found");
        found.compared
    };
    let (few, many) = (compared(500), compared(2_000));
    // All pairs were 124,750 and 1,999,000.
    assert!(few < 500 * 20 && many < 2_000 * 20, "{few} and {many} pairs compared");
}
