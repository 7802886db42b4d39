//! The same people from an address book of Google, from cards and from mail: one contact
//! each, with all that any of them said.

use rolo::domain::Kind;
use rolo::domain::fields::number;
use rolo::exchange::intake::Intake;

use crate::common::{Folder, all, counts, run, store, text};

const GOOGLE: &str = "First Name,Middle Name,Last Name,Nickname,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Organization Name,Organization Title,Labels\n\
    Ada,,Nováková,,* Work,ada@acme.example,Mobile,+420 601 123 456,Acme,CTO,* myContacts\n\
    Bo,,Li,,* Home,bo.li@mail.example,,,,,\n\
    Иван,,Петров,,* Work,ivan@beta.example,Work,+7 495 123-45-67,Beta,,\n";

const CARDS: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u-ada\r\nN:Nováková;Ada;;;\r\nFN:Ada Nováková\r\nEMAIL;TYPE=HOME:ada@home.example\r\n\
    EMAIL;TYPE=WORK:ADA@Acme.example\r\nTEL;TYPE=CELL:+420601123456\r\nTEL;TYPE=HOME:+420 222 333 444\r\nBDAY:1990-03-05\r\nEND:VCARD\r\n\
    BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u-bo\r\nN:Li;Bo;;;\r\nFN:Bo Li\r\nEMAIL:bo.li@mail.example\r\nURL:https://bo.example\r\nEND:VCARD\r\n\
    BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u-ivan\r\nN:Петров;Иван;;;\r\nFN:Иван Петров\r\nEMAIL:ivan@beta.example\r\nADR;TYPE=WORK:;;Nevsky 1;Moscow;;101000;Russia\r\nEND:VCARD\r\n";

const MAIL: &str = "From: =?utf-8?q?Ada_Nov=C3=A1kov=C3=A1?= <ada@home.example>\r\nTo: us@rolo.example\r\nCc: Bo Li <BO.LI@mail.example>\r\n\
    Subject: Friday\r\nMessage-ID: <m1@home.example>\r\nDate: Mon, 5 Jan 2026 10:00:00 +0000\r\n\r\nShall we meet?\r\n";

#[test]
fn three_sources_of_one_person_are_one_contact_with_the_union() {
    let (folder, store) = (Folder::new(), store());
    let google = Intake { kind: Some(Kind::Contact), ..folder.intake(&[&folder.file("google.csv", GOOGLE)]) };
    let cards = folder.intake(&[&folder.file("people.vcf", CARDS)]);
    let mail = Intake { me: vec!["us@rolo.example".into()], ..folder.intake(&[&folder.file("one.eml", MAIL)]) };
    let (report, told) = run(&store, &google).unwrap();
    assert_eq!(counts(&report), [3, 3, 0, 0, 0], "{:?}", told.said);
    assert!(told.said.iter().any(|said| said.contains("google-contacts")), "{:?}", told.said);
    let (report, told) = run(&store, &cards).unwrap();
    assert_eq!(counts(&report), [3, 0, 3, 0, 0], "{:?}", told.said);
    let (report, _) = run(&store, &mail).unwrap();
    assert_eq!(counts(&report), [1, 1, 0, 0, 0]);

    let contacts = all(&store, Kind::Contact);
    assert_eq!(contacts.len(), 3, "nobody is there twice");
    let said = |at: usize, field: &str| text(&store, &contacts[at], field);
    assert_eq!(
        ["name", "company", "title", "birthday"].map(|field| said(0, field)),
        ["Ada Nováková", "Acme", "CTO", "1990-03-05"].map(String::from)
    );
    assert_eq!(
        (contacts[0].values(number::CONTACT_EMAIL).count(), contacts[0].values(number::CONTACT_PHONE).count()),
        (2, 2),
        "an address and a number that both know are one"
    );
    assert_eq!((said(1, "name"), said(1, "url")), ("Bo Li".into(), "https://bo.example".into()));
    assert_eq!((said(2, "name"), said(2, "company")), ("Иван Петров".into(), "Beta".into()));
    assert!(said(2, "address").contains("Moscow"), "{}", said(2, "address"));

    // The message is of the two who took part, by whichever of their addresses.
    let letters = all(&store, Kind::Interaction);
    assert_eq!(letters.len(), 1);
    let people = text(&store, &letters[0], "contact");
    assert!(people.contains("Ada Nováková") && people.contains("Bo Li"), "{people}");

    // Each of them again changes nothing.
    for intake in [&google, &cards, &mail] {
        let (report, _) = run(&store, intake).unwrap();
        assert_eq!((report.created, report.updated, report.rejected), (0, 0, 0));
    }
}
