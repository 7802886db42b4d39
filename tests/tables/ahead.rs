//! While one batch of an import is being committed the next one is planned on top of it:
//! what comes out is what row after row would give, also where others write meanwhile.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rolo::actions::add;
use rolo::domain::fields::number;
use rolo::domain::{Assignment, Kind};
use rolo::exchange::intake::Intake;

use crate::common::{Folder, all, counts, desk, run, store, text};

/// Rows enough for a dozen batches; every third is somebody again who came some hundred rows
/// before, in this batch or in the one that is being committed.
const ROWS: u64 = 6_000;

/// Who a row is about.
fn person(row: u64) -> u64 {
    let back = 100 + row.wrapping_mul(6_364_136_223_846_793_005) % 700;
    if row.is_multiple_of(3) && row > back { (row - back) / 3 * 3 + 1 } else { row }
}

fn table() -> String {
    let row = |row: u64| format!("Person {0},p{0}@example.com,Firm {1},+420601{row:06}\n", person(row), person(row) % 700);
    format!("name,email,company,phone\n{}", (0..ROWS).map(row).collect::<String>())
}

#[test]
fn batches_that_rest_on_one_another_end_as_row_after_row() {
    let (folder, store) = (Folder::new(), store());
    let intake = Intake { kind: Some(Kind::Contact), ..folder.intake(&[&folder.file("people.csv", table())]) };
    let (report, _) = run(&store, &intake).unwrap();
    let mut phones: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in 0..ROWS {
        phones.entry(format!("Person {}", person(row))).or_default().insert(format!("+420601{row:06}"));
    }
    assert_eq!(counts(&report), [ROWS, phones.len() as u64, ROWS - phones.len() as u64, 0, 0]);
    let contacts = all(&store, Kind::Contact);
    let companies = all(&store, Kind::Company);
    assert_eq!((contacts.len(), companies.len()), (phones.len(), 700));
    for contact in &contacts {
        let name = contact.text(number::CONTACT_NAME).unwrap();
        let known: BTreeSet<String> =
            contact.values(number::CONTACT_PHONE).filter_map(|value| value.bare().as_text().map(String::from)).collect();
        assert_eq!(known, phones[name], "{name}");
        let person: u64 = name.trim_start_matches("Person ").parse().unwrap();
        assert_eq!(text(&store, contact, "company"), format!("Firm {}", person % 700));
    }
    // It is one step, and the same file adds nothing.
    let steps = store.steps(None, 10).unwrap();
    assert_eq!(steps.len(), 1);
    assert!(steps[0].end > steps[0].step + 8, "it was a dozen batches");
    let (again, _) = run(&store, &intake).unwrap();
    assert_eq!(counts(&again), [ROWS, 0, 0, ROWS, 0]);
}

#[test]
fn whoever_writes_meanwhile_makes_nobody_twice() {
    let (folder, store) = (Folder::new(), store());
    let intake = Intake { kind: Some(Kind::Contact), ..folder.intake(&[&folder.file("people.csv", table())]) };
    let ended = Arc::new(AtomicBool::new(false));
    let (report, made) = std::thread::scope(|scope| {
        let other = scope.spawn(|| {
            let desk = desk(&store);
            let mut made = 0;
            // Those whom the import comes to soon.
            for row in (1..ROWS).step_by(37) {
                if ended.load(Ordering::Relaxed) {
                    break;
                }
                let texts = [format!("name=Person {}", person(row)), format!("email=p{}@example.com", person(row))];
                let read = texts.map(|text| Assignment::parse(Kind::Contact, &text, &desk.definitions()).unwrap());
                made += u64::from(add(&desk, Kind::Contact, &read).is_ok());
            }
            made
        });
        let report = run(&store, &intake).unwrap().0;
        ended.store(true, Ordering::Relaxed);
        (report, other.join().unwrap())
    });
    assert_eq!(report.rejected, 0);
    assert!(made > 0, "nobody else wrote");
    let mut emails = BTreeSet::new();
    for contact in all(&store, Kind::Contact) {
        for email in contact.values(number::CONTACT_EMAIL).map(|value| value.bare().as_text().unwrap_or_default().to_owned()) {
            assert!(emails.insert(email.clone()), "{email} is there twice");
        }
    }
    let people: BTreeSet<u64> = (0..ROWS).map(person).collect();
    assert_eq!(emails.len(), people.len());
    let names: BTreeSet<String> = all(&store, Kind::Company).iter().map(|company| text(&store, company, "name")).collect();
    assert_eq!(names.len(), all(&store, Kind::Company).len(), "no firm is there twice");
}
