//! What is found by the indexes: links, keys, the trash.

use rolo::domain::fields::number;
use rolo::domain::{Kind, RecordId, Timestamp, Value};
use rolo::query::index::text_key;
use rolo::store::Store;
use rolo::store::api::{Trash, new_id};

use super::Backend;
use super::bench::{all, clean, contacts, done, gone, id, put, record, there};

fn call(store: &dyn Store, with: RecordId, at: i64) -> RecordId {
    let mut call = record(new_id(Kind::Interaction, 1), &[(number::CHANNEL, "call")]);
    call.push(number::INTERACTION_AT, Value::Time(Timestamp(at)));
    call.push(number::INTERACTION_CONTACT, Value::Link(with));
    done(store, vec![put(call, Some(0))]).ids[0]
}

pub(crate) fn found_both_ways_newest_first(backend: &dyn Backend) {
    let store = backend.fresh();
    let ids = contacts(&*store, &["Ada", "Ben"]);
    let calls: Vec<RecordId> = [30, -10, 20].into_iter().map(|at| call(&*store, ids[0], at)).collect();
    let mut task = record(new_id(Kind::Task, 1), &[(number::TASK_TITLE, "Call back")]);
    task.push(number::ABOUT, Value::Link(ids[0]));
    task.push(number::ABOUT, Value::Link(ids[1]));
    task.push(number::DUE, Value::Time(Timestamp(25)));
    let task = done(&*store, vec![put(task, Some(0))]).ids[0];
    let store = backend.again(store);
    let linking = |to: RecordId, from: Option<Kind>, limit: usize| store.linking(to, from, limit).unwrap();
    let contact = number::INTERACTION_CONTACT;
    assert_eq!(linking(ids[0], None, 9), [(calls[0], contact), (task, number::ABOUT), (calls[2], contact), (calls[1], contact)]);
    assert_eq!(linking(ids[0], None, 2), [(calls[0], contact), (task, number::ABOUT)]);
    assert_eq!(linking(ids[0], Some(Kind::Interaction), 2), [(calls[0], contact), (calls[2], contact)]);
    assert_eq!(linking(ids[1], None, 9), [(task, number::ABOUT)]);
    // A link that moves, moves; its time, too.
    let mut moved = there(&*store, calls[0]);
    moved.set(contact, Value::Link(ids[1]));
    moved.set(number::INTERACTION_AT, Value::Time(Timestamp(1)));
    done(&*store, vec![put(moved, None)]);
    assert_eq!(linking(ids[0], Some(Kind::Interaction), 9), [(calls[2], contact), (calls[1], contact)]);
    assert_eq!(linking(ids[1], None, 9), [(task, number::ABOUT), (calls[0], contact)]);
    done(&*store, vec![gone(calls[2], None)]);
    assert_eq!(linking(ids[0], Some(Kind::Interaction), 9), [(calls[1], contact)]);
    clean(&*store);
}

pub(crate) fn the_trash_is_apart(backend: &dyn Backend) {
    let store = backend.fresh();
    let ids = contacts(&*store, &["Ada", "Ben"]);
    let calls = [call(&*store, ids[0], 1), call(&*store, ids[0], 2)];
    let mut trashed = there(&*store, calls[1]);
    trashed.set(number::TRASHED_AT, Value::Time(Timestamp(3)));
    done(&*store, vec![put(trashed.clone(), None)]);
    let store = backend.again(store);
    let ids_of = |trash: Trash| {
        let mut request = all(Kind::Interaction);
        request.trash = trash;
        let page = store.query(&request).unwrap();
        assert_eq!(page.total, Some(page.ids.len() as u64));
        page.ids
    };
    assert_eq!(ids_of(Trash::Without), [calls[0]]);
    assert_eq!(ids_of(Trash::Only), [calls[1]]);
    assert_eq!(ids_of(Trash::With), calls);
    // It is there when asked for by its id, and found by nothing else.
    assert!(there(&*store, calls[1]).has(number::TRASHED_AT));
    assert_eq!(store.linking(ids[0], None, 9).unwrap(), [(calls[0], number::INTERACTION_CONTACT)]);
    assert_eq!(store.lookup(Kind::Interaction, number::CHANNEL, &text_key("call"), 9).unwrap(), [calls[0]]);
    trashed.clear(number::TRASHED_AT);
    done(&*store, vec![put(trashed, None)]);
    assert_eq!(ids_of(Trash::Without), calls);
    assert_eq!(store.lookup(Kind::Interaction, number::CHANNEL, &text_key("call"), 9).unwrap(), calls);
    clean(&*store);
}

pub(crate) fn found_by_index_keys(backend: &dyn Backend) {
    let store = backend.fresh();
    let with_mail = |mails: &[&str]| {
        let mut contact = record(new_id(Kind::Contact, 1), &[(number::CONTACT_NAME, "x")]);
        for mail in mails {
            contact.push(number::CONTACT_EMAIL, Value::labelled("work", Value::text(*mail)));
        }
        done(&*store, vec![put(contact, Some(0))]).ids[0]
    };
    let (a, b) = (with_mail(&["Ann@x.example", "ann@y.example"]), with_mail(&["anna@x.example", "ann@x.example"]));
    let found = |mail: &str, limit: usize| store.lookup(Kind::Contact, number::CONTACT_EMAIL, &text_key(mail), limit).unwrap();
    assert_eq!(found("ANN@x.example", 9), [a, b]);
    assert_eq!(found("ann@x.example", 1), [a]);
    assert_eq!(found("anna@x.example", 9), [b]);
    assert_eq!(found("ann", 9), []);
    let mut changed = there(&*store, a);
    changed.replace(number::CONTACT_EMAIL, [Value::text("ann@y.example")]);
    done(&*store, vec![put(changed, None), gone(b, None)]);
    assert_eq!(found("ann@x.example", 9), []);
    assert_eq!(found("ann@y.example", 9), [id("c1")]);
    clean(&*store);
}
