//! The list file: what it says is what the store has, and it goes when it must.

use std::path::Path;
use std::sync::Arc;

use rolo::actions::{Desk, add_all, forget, set, trash};
use rolo::domain::{Assignment, Kind, RecordId};
use rolo::insight::{List, Reading, keep_list, lines};
use rolo::search::{Limits, Skim, Words};
use rolo::store::list_file::ListFile;
use rolo::store::{JoinOptions, OpenOptions, Store, StoreError, coming, join};

fn joining() -> JoinOptions {
    JoinOptions { open: OpenOptions::default(), login: "ada".to_owned(), what: "a test".to_owned(), screen: false }
}

fn desk(folder: &Path) -> Desk {
    Desk::new(join(folder, joining()).unwrap(), "ada")
}

fn add(desk: &Desk, kind: Kind, texts: &[String]) {
    let definitions = desk.definitions();
    let read: Vec<Vec<Assignment>> =
        texts.iter().map(|text| text.split(';').map(|text| Assignment::parse(kind, text, &definitions).unwrap()).collect()).collect();
    add_all(desk, kind, &read).unwrap();
}

fn people(desk: &Desk, count: usize) {
    if desk.store.seq() == 0 {
        add(desk, Kind::Company, &(0..5).map(|n| format!("name=Firm {n}")).collect::<Vec<_>>());
    }
    let texts: Vec<String> = (0..count)
        .map(|n| format!("name={} Person {n};email=p{n}@example.com;company=Firm {}", ["Zoe", "Ada", "Žofie"][n % 3], n % 5))
        .collect();
    add(desk, Kind::Contact, &texts);
}

fn kept(desk: &Desk, folder: &Path) -> Arc<List> {
    Arc::new(keep_list(&*desk.store, &desk.view(), folder, &|| true).unwrap().unwrap())
}

/// All that is found, with and without the list.
fn found(reading: &Reading, text: &str) -> Vec<RecordId> {
    let found = reading.index.search(&Words::of(text), &Skim::default(), &Limits { most: 1_000, within: None, stop: &|| false }).unwrap();
    found.best.iter().map(|hit| hit.id).collect()
}

fn read(desk: &Desk, list: Option<&Arc<List>>) -> Reading {
    let mut reading = lines(&*desk.store, &desk.view(), list, None, &|| true).unwrap();
    // From the list first, then brought forward.
    reading = lines(&*desk.store, &desk.view(), None, Some(&reading), &|| true).unwrap();
    assert!(reading.is_done() && reading.index.seq == desk.store.seq());
    reading
}

fn by_name(desk: &Desk) -> Vec<RecordId> {
    let mut ids = Vec::new();
    let walk = rolo::store::walk::Walk::new(Kind::Contact, desk.view());
    walk.each(&*desk.store, |record| {
        ids.push((rolo::domain::fold::sort_key(&rolo::domain::naming::title(record)), record.id));
        Ok::<(), StoreError>(())
    })
    .unwrap();
    ids.sort();
    ids.into_iter().map(|(_, id)| id).collect()
}

/// Whatever is asked, the list brought forward finds what the store does.
fn assert_same(desk: &Desk, list: &Arc<List>) {
    let (with, without) = (read(desk, Some(list)), read(desk, None));
    for text in ["person", "ada", "firm 3", "p17@", "zofie per", "call", "changed", "новый", "zz"] {
        assert_eq!(found(&with, text), found(&without, text), "{text}");
    }
}

#[test]
fn it_says_what_the_store_has_and_is_brought_forward() {
    let _alone = crate::alone();
    let top = tempfile::tempdir().unwrap();
    let folder = top.path().join("store");
    let desk = desk(&folder);
    people(&desk, 300);
    let list = kept(&desk, &folder);
    assert_eq!(list.contacts().unwrap(), by_name(&desk));
    let id = RecordId::new(Kind::Contact, 18);
    let listed = list.listed(&[id, RecordId::new(Kind::Contact, 9_999)]);
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (listed[&id].entry.name.as_str(), &listed[&id].cells[..]),
        ("Žofie Person 17", &["Firm 2".to_owned(), "p17@example.com".to_owned(), String::new()][..])
    );
    assert_same(&desk, &list);
    // Changed, added, gone, and a firm that others are found by.
    let definitions = desk.definitions();
    let assign = |kind, text: &str| vec![Assignment::parse(kind, text, &definitions).unwrap()];
    set(&desk, &vec![id].into(), &assign(Kind::Contact, "name=Changed"), None, false).unwrap();
    trash(&desk, &vec![RecordId::new(Kind::Contact, 30)].into()).unwrap();
    set(&desk, &vec![RecordId::new(Kind::Company, 4)].into(), &assign(Kind::Company, "name=Новый"), None, false).unwrap();
    people(&desk, 3);
    add(&desk, Kind::Interaction, &["subject=A call;channel=call;at=2026-01-02;contact=c7".to_owned()]);
    assert_same(&desk, &list);
    let forward = kept(&desk, &folder);
    assert!(forward.seq() == desk.store.seq() && list.seq() < forward.seq());
    assert_eq!(forward.contacts().unwrap(), by_name(&desk));
    assert_same(&desk, &forward);
    let seventh = RecordId::new(Kind::Contact, 7);
    assert!(forward.listed(&[seventh])[&seventh].last.is_some() && list.listed(&[seventh])[&seventh].last.is_none());
    assert!(forward.listed(&[RecordId::new(Kind::Contact, 30)]).is_empty());
}

#[test]
fn it_is_read_while_the_store_is_being_opened() {
    let _alone = crate::alone();
    let top = tempfile::tempdir().unwrap();
    let folder = top.path().join("store");
    let first = desk(&folder);
    people(&first, 200);
    let list = kept(&first, &folder);
    let seq = first.store.seq();
    first.store.close().unwrap();
    let store = coming(folder, joining(), list.seq()).unwrap();
    // The list asks the store for nothing, there or not.
    let reading = lines(&*store, &first.view(), Some(&list), None, &|| true).unwrap();
    assert_eq!(found(&reading, "person 17").first(), Some(&RecordId::new(Kind::Contact, 18)));
    assert_eq!((store.came_at().unwrap(), store.is_there()), (seq, true));
    store.close().unwrap();
    // Where opening fails every call says why.
    let none =
        coming(top.path().join("none"), JoinOptions { open: OpenOptions { create: false, ..OpenOptions::default() }, ..joining() }, 7)
            .unwrap();
    assert!(matches!(none.came_at(), Err(StoreError::Invalid(_))) && none.query(&request(&first)).is_err());
    assert_eq!(none.seq(), 7);
}

fn request(desk: &Desk) -> rolo::store::api::PageRequest {
    rolo::store::api::PageRequest {
        kind: Kind::Contact,
        query: None,
        sort: Vec::new(),
        after: None,
        offset: 0,
        limit: 1,
        records: false,
        total: false,
        trash: rolo::store::api::Trash::Without,
        at_least: None,
        view: desk.view(),
    }
}

#[test]
fn nothing_of_whoever_was_forgotten_stays_in_it() {
    let _alone = crate::alone();
    let top = tempfile::tempdir().unwrap();
    let folder = top.path().join("store");
    let desk = desk(&folder);
    people(&desk, 100);
    let before = kept(&desk, &folder);
    assert!(ListFile::path(&folder).exists());
    forget(&desk, RecordId::new(Kind::Contact, 18), false).unwrap();
    assert!(!ListFile::path(&folder).exists() && List::open(&folder).is_none());
    // Whoever still has it open reads nothing of it any more.
    let view = desk.view();
    let reading = lines(&*desk.store, &view, Some(&before), None, &|| true).unwrap();
    assert!(reading.index.seq == desk.store.seq() && found(&reading, "p17@").is_empty());
    let list = kept(&desk, &folder);
    assert!(list.listed(&[RecordId::new(Kind::Contact, 18)]).is_empty());
}

#[test]
fn what_is_wrong_with_it_is_no_damage() {
    let _alone = crate::alone();
    let top = tempfile::tempdir().unwrap();
    let folder = top.path().join("store");
    let desk = desk(&folder);
    people(&desk, 100);
    let list = kept(&desk, &folder);
    let check = |repair| desk.store.check(repair, &mut |_, _| {}).unwrap();
    let mentions = |texts: &[String]| texts.iter().any(|text| text.contains("list file"));
    assert!(!mentions(&check(false).notices));
    let path = ListFile::path(&folder);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[20] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    let found = check(false);
    assert!(mentions(&found.notices) && found.damage.is_empty(), "{found:?}");
    // Lines are read from the store then, and the list is made anew.
    let damaged = Arc::new(List::open(&folder).unwrap());
    assert_same(&desk, &damaged);
    drop(list);
    assert!(mentions(&check(true).repaired) && !path.exists());
    assert_same(&desk, &kept(&desk, &folder));
}
