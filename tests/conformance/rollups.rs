//! What a record sums up of those that link to it.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rolo::domain::fields::number;
use rolo::domain::{Currency, DefinitionName, Kind, Money, Record, RecordId, Rollup, Timestamp, Value};
use rolo::store::Store;
use rolo::store::api::{Change, new_id};

use super::Backend;
use super::bench::{clean, contacts, done, gone, put, record, there};

fn rollup(store: &dyn Store, id: RecordId) -> Rollup {
    store.rollups(&[id]).unwrap().pop().unwrap()
}

fn eur() -> Currency {
    Currency::from_code("EUR").unwrap()
}

fn call(n: u64, with: RecordId, at: i64, channel: &str) -> Change {
    let mut call = record(new_id(Kind::Interaction, n), &[(number::CHANNEL, channel)]);
    call.push(number::INTERACTION_AT, Value::Time(Timestamp(at)));
    call.push(number::INTERACTION_CONTACT, Value::Link(with));
    put(call, Some(0))
}

fn deal(n: u64, with: RecordId, stage: &str, minor: i64) -> Change {
    let mut deal = record(new_id(Kind::Opportunity, n), &[(number::STAGE, stage)]);
    deal.push(number::OPPORTUNITY_CONTACT, Value::Link(with));
    deal.push(number::AMOUNT, Value::Money(Money { minor, currency: eur() }));
    put(deal, Some(0))
}

fn task(n: u64, about: RecordId, due: i64) -> Change {
    let mut task = record(new_id(Kind::Task, n), &[(number::TASK_TITLE, "x")]);
    task.push(number::ABOUT, Value::Link(about));
    task.push(number::DUE, Value::Time(Timestamp(due)));
    put(task, Some(0))
}

pub(crate) fn sums_follow_what_links(backend: &dyn Backend) {
    let store = backend.fresh();
    let ada = contacts(&*store, &["Ada"])[0];
    assert!(rollup(&*store, ada).is_empty());
    let made = done(
        &*store,
        vec![
            call(1, ada, 10, "call"),
            call(2, ada, 30, "email"),
            deal(1, ada, "won", 700),
            deal(2, ada, "lead", 900),
            task(1, ada, 50),
            task(2, ada, 40),
        ],
    );
    let store = backend.again(store);
    let sums = rollup(&*store, ada);
    assert_eq!((sums.last_at, sums.last_channel.as_deref()), (Some(Timestamp(30)), Some("email")));
    assert_eq!((sums.opportunities_open, sums.won_total.as_slice(), sums.next_due), (1, &[(eur(), 700)][..], Some(Timestamp(40))));
    // The last call moves back, the next task is done, the open deal is won.
    let mut moved = there(&*store, made.ids[1]);
    moved.set(number::INTERACTION_AT, Value::Time(Timestamp(5)));
    let mut finished = there(&*store, made.ids[5]);
    finished.set(number::DONE_AT, Value::Time(Timestamp(41)));
    let mut won = there(&*store, made.ids[3]);
    won.set(number::STAGE, Value::text("won"));
    done(&*store, vec![put(moved, None), put(finished, None), put(won, None)]);
    let sums = rollup(&*store, ada);
    assert_eq!((sums.last_at, sums.last_channel.as_deref()), (Some(Timestamp(10)), Some("call")));
    assert_eq!((sums.opportunities_open, sums.won_total.as_slice(), sums.next_due), (0, &[(eur(), 1600)][..], Some(Timestamp(50))));
    done(&*store, made.ids.iter().map(|id| gone(*id, None)).collect());
    assert!(rollup(&*store, ada).is_empty());
    clean(&*store);
}

pub(crate) fn sums_follow_the_definitions(backend: &dyn Backend) {
    let store = backend.fresh();
    let ada = contacts(&*store, &["Ada"])[0];
    done(&*store, vec![deal(1, ada, "negotiation", 700), deal(2, ada, "lead", 900)]);
    assert_eq!(rollup(&*store, ada).opportunities_open, 2);
    let text = DefinitionName::Pipelines.example();
    let changed = text.replace("name = \"negotiation\", probability = 75", "name = \"negotiation\", meaning = \"won\"");
    assert_ne!(changed, text);
    let mut definition = record(new_id(Kind::Definition, 1), &[(number::DEFINITION_NAME, "pipelines")]);
    definition.push(number::DEFINITION_TEXT, Value::text(changed));
    done(&*store, vec![put(definition, Some(0)), deal(3, ada, "negotiation", 1)]);
    assert_eq!(store.notices(), Vec::<String>::new());
    let sums = rollup(&*store, ada);
    assert_eq!((sums.opportunities_open, sums.won_total.as_slice()), (1, &[(eur(), 701)][..]));
    let store = backend.again(store);
    assert_eq!(rollup(&*store, ada), sums);
    clean(&*store);
    done(&*store, vec![gone("z1".parse().unwrap(), None)]);
    assert_eq!(rollup(&*store, ada).opportunities_open, 3);
    clean(&*store);
}

/// A change of one of few records, so that they meet often.
#[derive(Debug, Clone)]
struct Deed {
    which: usize,
    with: usize,
    at: i64,
    kind: usize,
    end: bool,
    gone: bool,
}

fn left(id: RecordId, people: &[RecordId], deed: &Deed) -> Option<Record> {
    let change = match deed.kind {
        0 => call(1, people[deed.with], deed.at, ["call", "email"][deed.at as usize % 2]),
        1 => deal(1, people[deed.with], if deed.end { "won" } else { "lead" }, deed.at),
        2 => task(1, people[deed.with], deed.at),
        _ => {
            let mut ticket = record(id, &[(number::STATUS, if deed.end { "solved" } else { "open" })]);
            ticket.push(number::TICKET_CONTACT, Value::Link(people[deed.with]));
            put(ticket, None)
        }
    };
    let mut record = Record { id, ..change.after.unwrap() };
    match deed.kind {
        0 if deed.end => record.set(number::PRIVATE, Value::Flag(true)),
        2 if deed.end => record.set(number::DONE_AT, Value::Time(Timestamp(1))),
        _ => {}
    }
    (!deed.gone).then_some(record)
}

pub(crate) fn random_changes_leave_right_sums(backend: &dyn Backend) {
    const KINDS: [Kind; 4] = [Kind::Interaction, Kind::Opportunity, Kind::Task, Kind::Ticket];
    let deed = (0usize..4, 0usize..2, 0i64..6, 0usize..4, any::<bool>(), prop::bool::weighted(0.2))
        .prop_map(|(which, with, at, kind, end, gone)| Deed { which, with, at, kind, end, gone });
    let commits = prop::collection::vec(prop::collection::vec(deed, 1..5), 1..10);
    let mut runner = TestRunner::new(Config { cases: backend.cases(), failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&commits, |commits| {
        let store = backend.fresh();
        let people = contacts(&*store, &["Ada", "Ben"]);
        let ids: Vec<Vec<RecordId>> =
            KINDS.iter().map(|kind| done(&*store, (0..4).map(|n| put(Record::new(new_id(*kind, n)), Some(0))).collect()).ids).collect();
        for deeds in commits {
            let mut changes: Vec<Change> = Vec::new();
            for deed in &deeds {
                let id = ids[deed.kind][deed.which];
                if changes.iter().all(|change| change.id != id) {
                    changes.push(Change { id, based_on: None, after: left(id, &people, deed) });
                }
            }
            done(&*store, changes);
        }
        // The check computes every sum anew.
        clean(&*store);
        Ok(())
    });
    outcome.unwrap();
}
