//! A store of each format, kept for ever.
//!
//! `tests/golden/store-1` was written by [`write()`] when format 1 was new. What is
//! written today is compared with it byte for byte, and it is opened and read.
//! `ROLO_WRITE_GOLDEN=1` writes the folder of a new format, once.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rolo::domain::fields::number;
use rolo::domain::{Address, Currency, Job, Kind, Line, Money, Record, RecordId, Timestamp, Value};
use rolo::store::api::{Author, Change, Commit, StepKind, Trash, new_id};
use rolo::store::disk::{Disk, RealDisk};
use rolo::store::engine::{Foundation, MemoryImages};
use rolo::store::log::StoreId;
use rolo::store::{OpenOptions, Store, open};

use super::bench::{all, gone, id, put, record};

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/store-1")
}

/// A contact with a value of every type, and a field of a later version.
fn everything(id: RecordId) -> Record {
    let mut record = record(id, &[(number::CONTACT_NAME, "Ada Novák"), (number::CONTACT_LIFECYCLE, "customer")]);
    record.push(number::CONTACT_EMAIL, Value::labelled("work", Value::text("ada@example.com")));
    let address = Address { street: "Dlouhá 1".into(), city: "Brno".into(), country: "Czechia".into(), ..Address::default() };
    record.push(number::CONTACT_ADDRESS, Value::labelled("home", Value::Address(Box::new(address))));
    let job = Job { company: Some(new_id(Kind::Company, 1)), title: "CTO".into(), from: "2020-02".parse().ok(), ..Job::default() };
    record.push(number::JOBS, Value::Job(Box::new(job)));
    record.push(number::BIRTHDAY, Value::Date("--05-17".parse().unwrap()));
    record.push(number::CUSTOM, Value::labelled("shoe", Value::Number("42.5".parse().unwrap())));
    record.push(number::CUSTOM, Value::labelled("vip", Value::Flag(true)));
    record.push(number::CUSTOM, Value::labelled("rank", Value::Int(-7)));
    record.push(60_000, Value::text("of a later version"));
    record
}

fn step(label: &str, at: i64, changes: Vec<Change>) -> Commit {
    Commit {
        author: Author { login: "ada".into(), workspace: "desk".into() },
        label: label.into(),
        step: None,
        last: true,
        kind: StepKind::Do,
        key: None,
        at: Some(Timestamp(1_700_000_000_000_000 + at * 1_000_000)),
        changes,
        absent: Vec::new(),
    }
}

/// Fills an empty store with something of everything.
fn write(store: &dyn Store) {
    let company = record(new_id(Kind::Company, 1), &[(number::COMPANY_NAME, "Acme")]);
    let first = vec![put(everything(new_id(Kind::Contact, 1)), Some(0)), put(company, Some(0))];
    store.commit(Commit { key: Some("import:golden".into()), ..step("add", 0, first) }).unwrap();
    let mut call = record(new_id(Kind::Interaction, 1), &[(number::CHANNEL, "call"), (number::INTERACTION_BODY, &"Agreed. ".repeat(200))]);
    call.push(number::INTERACTION_AT, Value::Time(Timestamp(1_700_000_000_000_000)));
    call.push(number::INTERACTION_CONTACT, Value::Link(id("c1")));
    let eur = Currency::from_code("EUR").unwrap();
    let mut deal = record(new_id(Kind::Opportunity, 1), &[(number::OPPORTUNITY_NAME, "40 seats"), (number::STAGE, "won")]);
    deal.push(number::AMOUNT, Value::Money(Money { minor: 123_456, currency: eur }));
    deal.push(number::OPPORTUNITY_CONTACT, Value::Link(id("c1")));
    let line = Line {
        description: "seat".into(),
        quantity: "40".parse().ok(),
        price: Some(Money { minor: 3_086, currency: eur }),
        ..Line::default()
    };
    deal.push(415, Value::Line(Box::new(line)));
    let begun = Commit { last: false, ..step("log", 1, vec![put(call, Some(0))]) };
    store.commit(begun).unwrap();
    store.commit(Commit { step: Some(2), ..step("log", 2, vec![put(deal, Some(0))]) }).unwrap();
    let mut trashed = record(id("a1"), &[(number::COMPANY_NAME, "Acme")]);
    trashed.push(number::TRASHED_AT, Value::Time(Timestamp(1_700_000_003_000_000)));
    store.commit(step("rm", 3, vec![put(trashed, Some(1)), gone(id("i1"), Some(2))])).unwrap();
    let restored = record(id("a1"), &[(number::COMPANY_NAME, "Acme")]);
    store.commit(Commit { kind: StepKind::Undo(4), ..step("undo", 4, vec![put(restored, Some(4))]) }).unwrap();
    store.commit(Commit { kind: StepKind::Redo(5), ..step("redo", 5, vec![gone(id("a1"), Some(5))]) }).unwrap();
}

/// Writes the store anew and returns its log.
fn written(folder: &Path) -> Vec<u8> {
    let disk: Arc<dyn Disk> = Arc::new(RealDisk::create(folder).unwrap());
    let made =
        Foundation { store_id: Some(StoreId(*b"the golden store")), preallocate: 1, ..Foundation::new(disk, Box::new(MemoryImages)) };
    let store = made.open().unwrap();
    write(&store);
    store.close().unwrap();
    fs::read(folder.join("00000001.log")).unwrap()
}

#[test]
fn what_is_written_today_is_what_was_written_then() {
    let folder = tempfile::tempdir().unwrap();
    let today = written(folder.path());
    let kept = golden().join("log/00000001.log");
    if std::env::var_os("ROLO_WRITE_GOLDEN").is_some() {
        fs::create_dir_all(golden().join("log")).unwrap();
        fs::write(&kept, &today).unwrap();
    }
    assert!(fs::read(kept).unwrap() == today, "the format has changed: stores that people have must still be read");
}

#[test]
fn the_golden_store_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("store/log");
    fs::create_dir_all(&log).unwrap();
    fs::copy(golden().join("log/00000001.log"), log.join("00000001.log")).unwrap();
    let store = open(&folder.path().join("store"), OpenOptions { preallocate: 1, ..OpenOptions::default() }).unwrap();
    assert_eq!(store.seq(), 6);
    let ada = store.get(&[id("c1")]).unwrap().pop().unwrap().unwrap();
    let mut expected = everything(id("c1"));
    expected.fields.iter_mut().for_each(|(_, value)| {
        value.map_links(&mut |_| id("a1"));
    });
    assert_eq!(ada.fields, expected.fields);
    assert_eq!((ada.version, ada.recorded_at, ada.updated_by.as_str()), (1, Timestamp(1_700_000_000_000_000), "ada"));
    let deal = store.get(&[id("o1")]).unwrap().pop().unwrap().unwrap();
    assert_eq!(deal.first(number::AMOUNT).unwrap().as_money().unwrap().minor, 123_456);
    assert!(matches!(deal.first(415), Some(Value::Line(line)) if line.description == "seat"));
    assert_eq!(store.get(&[id("i1"), id("a1")]).unwrap(), [None, None]);
    let call = store.as_of(id("i1"), 3).unwrap().unwrap();
    assert_eq!(call.text(number::INTERACTION_BODY).unwrap().len(), 1600);
    let history: Vec<(u64, bool)> =
        store.history(id("a1"), 9).unwrap().iter().map(|version| (version.commit.seq, version.record.is_some())).collect();
    assert_eq!(history, [(6, false), (5, true), (4, true), (1, true)]);
    let steps: Vec<(u64, u64, StepKind)> = store.steps(None, 9).unwrap().iter().map(|step| (step.step, step.end, step.kind)).collect();
    assert_eq!(
        steps,
        [(6, 6, StepKind::Redo(5)), (5, 5, StepKind::Undo(4)), (4, 4, StepKind::Do), (2, 3, StepKind::Do), (1, 1, StepKind::Do)]
    );
    assert_eq!(store.committed("import:golden").unwrap().unwrap().ids, [id("c1"), id("a1")]);
    assert_eq!(store.rollups(&[id("c1")]).unwrap()[0].won_total[0].1, 123_456);
    let mut companies = all(Kind::Company);
    companies.trash = Trash::With;
    assert_eq!(store.query(&companies).unwrap().total, Some(0));
    assert_eq!(store.check(false, &mut |_, _| {}).unwrap().damage, Vec::<String>::new());
    // And it can be written to.
    store.commit(step("add", 9, vec![put(record(new_id(Kind::Company, 1), &[]), Some(0))])).unwrap();
    assert_eq!(store.get(&[id("a2")]).unwrap()[0].as_ref().unwrap().version, 7);
}
