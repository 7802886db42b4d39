//! Twenty queries that people type, with the record that has to come first, over the demo
//! company and a few people more; beside what fzf and nucleo put first among the same rows.

use rolo::actions::{Clock, Desk, add_all, demo};
use rolo::domain::{Assignment, Kind, RecordId, Timestamp};
use rolo::insight::{entry, find, lines};
use rolo::search::{Limits, Skim, Words};
use rolo::store::known::Known;
use rolo::store::memory;

/// The table: query, what is to come first, what fzf and nucleo put first, by tabs.
const TABLE: &str = include_str!("ranking.tsv");

/// People and firms that the demo does not have, as one has them.
const MORE: &[(Kind, &[&str])] = &[
    (Kind::Company, &["name=\"Acme Prague\"", "domain=acme-prague.example"]),
    (Kind::Company, &["name=Acme", "domain=acme.example"]),
    (Kind::Company, &["name=\"Acme Sons Renewables\""]),
    (Kind::Company, &["name=\"Macmen Prague Group\""]),
    (Kind::Contact, &["name=\"Smith, John\"", "email=john.smith@acme.example"]),
    (Kind::Contact, &["name=\"Johannes Smittenaar\"", "email=js@smittenaar.example"]),
    (Kind::Contact, &["name=\"Jones Smithers\""]),
    (Kind::Contact, &["name=\"Smith, Robert James\""]),
    (Kind::Contact, &["name=\"Иван Петров\"", "email=ivan@petrov.example"]),
    (Kind::Contact, &["name=\"Novakova, Jana\""]),
    (Kind::Contact, &["name=\"Canada Novak Goods\""]),
];

fn desk() -> Desk {
    let mut desk = Desk::new(memory().unwrap(), "ada");
    desk.clock = Clock::Fixed(Timestamp::from_rfc3339("2026-03-04T10:30:00Z").unwrap());
    demo::demo(&desk).unwrap();
    let definitions = desk.definitions();
    for (kind, texts) in MORE {
        let read: Vec<_> = texts.iter().map(|text| Assignment::parse(*kind, &text.replace('"', ""), &definitions).unwrap()).collect();
        add_all(&desk, *kind, &[read]).unwrap();
    }
    desk
}

fn title(desk: &Desk, id: RecordId) -> String {
    let record = desk.store.get(&[id]).unwrap().pop().flatten().unwrap();
    entry(&record, &Known::new(&*desk.store)).name
}

/// Rows as other finders are given them: the name, a tab, what else is known.
fn rows(desk: &Desk) -> String {
    let known = Known::new(&*desk.store);
    let mut rows = String::new();
    for kind in [Kind::Contact, Kind::Company, Kind::Opportunity, Kind::Ticket, Kind::Task, Kind::Product, Kind::Document] {
        rolo::store::walk::Walk::new(kind, desk.view())
            .each(&*desk.store, |record| {
                let entry = entry(record, &known);
                rows.push_str(&format!("{}\t{}\n", entry.name, entry.beside));
                Ok::<(), rolo::store::StoreError>(())
            })
            .unwrap();
    }
    rows
}

#[test]
fn the_best_hit_comes_first() {
    let _alone = crate::alone();
    let desk = desk();
    if let Ok(path) = std::env::var("ROLO_RANKING_ROWS") {
        std::fs::write(path, rows(&desk)).unwrap();
    }
    let index = lines(&*desk.store, &desk.view(), None, None, &|| true).unwrap().index;
    let scorer = Skim::default();
    let (mut ours, mut wrong, mut asked, mut others) = (0, Vec::new(), 0, [0, 0]);
    for line in TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [query, wanted, fzf, nucleo] = cells[..] else { panic!("{line}") };
        let limits = Limits { most: 10, within: None, stop: &|| false };
        let found = index.search(&Words::of(query), &scorer, &limits).unwrap();
        let first = found.best.first().map_or_else(String::new, |hit| title(&desk, hit.id));
        asked += 1;
        ours += usize::from(first == wanted);
        others[0] += usize::from(fzf == wanted);
        others[1] += usize::from(nucleo == wanted);
        if first != wanted {
            wrong.push(format!("{query}: {first}, and not {wanted}"));
        }
        // One question without an index finds the same first.
        let alone = find(&*desk.store, &desk.view(), query, 1).unwrap().pop().map_or_else(String::new, |hit| hit.title);
        assert_eq!(alone, first, "{query} by rolo find");
    }
    assert_eq!(asked, 20);
    assert!(ours >= 19 && ours >= others[0] && ours >= others[1], "{ours} of 20, fzf {}, nucleo {}: {wrong:#?}", others[0], others[1]);
}
