//! What a commit may do, and what it answers.

use std::collections::BTreeSet;
use std::sync::Arc;

use rolo::domain::fields::number;
use rolo::domain::{Kind, RecordId, Timestamp, Value};
use rolo::query::index::text_key;
use rolo::store::api::{Absent, Author, MAX_CHANGES, new_id};
use rolo::store::{Conflict, StoreError};

use super::Backend;
use super::bench::{all, clean, commit, contact, contacts, done, gone, id, name, put, record, refused, there};

pub(crate) fn new_records_get_numbers_and_references_become_links(backend: &dyn Backend) {
    let store = backend.fresh();
    let company = record(new_id(Kind::Company, 7), &[(number::COMPANY_NAME, "Acme")]);
    let mut ada = record(new_id(Kind::Contact, 1), &[(number::CONTACT_NAME, "Ada")]);
    ada.push(number::CONTACT_REFERRED_BY, Value::Link(new_id(Kind::Company, 7)));
    let ben = record(new_id(Kind::Contact, 2), &[(number::CONTACT_NAME, "Ben")]);
    let answer = done(&*store, vec![put(ada, Some(0)), put(company, None), put(ben, Some(0))]);
    assert_eq!((answer.seq, answer.step), (1, 1));
    assert_eq!(answer.ids, [id("c1"), id("a1"), id("c2")]);
    let ada = there(&*store, id("c1"));
    assert_eq!(ada.link(number::CONTACT_REFERRED_BY), Some(id("a1")));
    assert_eq!((ada.version, ada.updated_by.as_str()), (1, "ada"));
    assert_eq!((ada.recorded_at, ada.updated_at), (answer.at, answer.at));
    let store = backend.again(store);
    assert_eq!(there(&*store, id("c1")), ada);
    assert_eq!(store.get(&[id("c3"), id("c2")]).unwrap().iter().map(Option::is_some).collect::<Vec<_>>(), [false, true]);
    clean(&*store);
}

pub(crate) fn a_change_based_on_an_old_version_is_a_conflict(backend: &dyn Backend) {
    let store = backend.fresh();
    let id = contacts(&*store, &["Ada"])[0];
    let first = there(&*store, id);
    let mut second = first.clone();
    second.set(number::CONTACT_NAME, Value::text("Ada N."));
    done(&*store, vec![put(second.clone(), Some(1))]);
    let error = refused(&*store, vec![put(second.clone(), Some(1))]);
    assert_eq!(error, StoreError::Conflict(Conflict { id, based_on: 1, version: 2, fields: Vec::new() }));
    assert_eq!(error.exit_code(), 5);
    assert_eq!(error.to_string(), "c1 was changed meanwhile (version 2, yours was based on 1)");
    assert!(matches!(refused(&*store, vec![gone(id, Some(1))]), StoreError::Conflict(_)));
    // Without a version the last writer wins.
    done(&*store, vec![put(first, None)]);
    assert_eq!(name(&there(&*store, id)), "Ada");
    let record = there(&*store, id);
    assert_eq!(record.version, 3);
    assert!(record.recorded_at < record.updated_at);
    clean(&*store);
}

pub(crate) fn what_must_be_new_may_not_exist(backend: &dyn Backend) {
    let store = backend.fresh();
    let id = contacts(&*store, &["Ada"])[0];
    let error = refused(&*store, vec![put(record(id, &[]), Some(0))]);
    assert_eq!(error, StoreError::Exists(id));
    assert_eq!(error.exit_code(), 5);
}

pub(crate) fn links_lead_somewhere(backend: &dyn Backend) {
    let store = backend.fresh();
    let ids = contacts(&*store, &["Ada", "Ben"]);
    let linking = |to: RecordId| {
        let mut change = contact(1, "Cyd");
        change.after.as_mut().unwrap().push(number::LINKED, Value::Link(to));
        vec![change]
    };
    let error = refused(&*store, linking(id("a1")));
    assert_eq!(error, StoreError::DeadLink { from: id("c3"), to: id("a1") });
    assert_eq!(error.exit_code(), 4);
    let error = refused(&*store, linking(new_id(Kind::Company, 5)));
    assert_eq!(error.to_string(), "c3 would link to new:5 (company), which the commit does not make");
    // What is gone cannot be linked to; a link that is there stays, and its record can be changed.
    let cyd = done(&*store, linking(ids[1])).ids[0];
    done(&*store, vec![gone(ids[1], None)]);
    assert!(matches!(refused(&*store, linking(ids[1])), StoreError::DeadLink { .. }));
    let mut changed = there(&*store, cyd);
    changed.set(number::NOTES, Value::text("still here"));
    done(&*store, vec![put(changed, Some(3))]);
    // Nor can what goes in the same commit.
    let mut both = linking(ids[0]);
    both.push(gone(ids[0], None));
    assert!(matches!(refused(&*store, both), StoreError::DeadLink { .. }));
    clean(&*store);
}

pub(crate) fn an_invented_id_is_refused(backend: &dyn Backend) {
    let store = backend.fresh();
    contacts(&*store, &["Ada"]);
    for invented in ["c2", "c900", "a1"] {
        let error = refused(&*store, vec![put(record(id(invented), &[]), None)]);
        assert_eq!(error.to_string(), format!("{invented} was never given: new records get their number from the store"));
        assert!(matches!(refused(&*store, vec![put(record(id(invented), &[]), Some(1))]), StoreError::Conflict(_)));
    }
}

pub(crate) fn a_refused_commit_leaves_no_trace(backend: &dyn Backend) {
    let store = backend.fresh();
    contacts(&*store, &["Ada"]);
    assert!(matches!(refused(&*store, vec![contact(1, "Ben"), contact(2, "Cyd"), gone(id("c1"), Some(9))]), StoreError::Conflict(_)));
    let twice = vec![contact(1, "Ben"), contact(1, "Cyd")];
    assert_eq!(refused(&*store, twice).to_string(), "new:1 (contact) is changed twice in one commit");
    let store = backend.again(store);
    assert_eq!(store.seq(), 1);
    assert_eq!(done(&*store, vec![contact(1, "Ben")]).ids, [id("c2")]);
    clean(&*store);
}

pub(crate) fn numbers_are_never_given_twice(backend: &dyn Backend) {
    let store = backend.fresh();
    contacts(&*store, &["Ada", "Ben"]);
    let ben = there(&*store, id("c2"));
    done(&*store, vec![gone(id("c2"), Some(2))]);
    let store = backend.again(store);
    assert_eq!(store.get(&[id("c2")]).unwrap(), [None]);
    assert_eq!(done(&*store, vec![contact(1, "Cyd")]).ids, [id("c3")]);
    // Doing the creation again brings back the same id, and when it was first kept.
    assert_eq!(done(&*store, vec![put(ben.clone(), Some(0))]).ids, [id("c2")]);
    let again = there(&*store, id("c2"));
    assert_eq!((again.version, again.recorded_at), (5, ben.recorded_at));
    assert_eq!(store.query(&all(Kind::Contact)).unwrap().total, Some(3));
    clean(&*store);
}

pub(crate) fn the_same_commit_sent_again_happens_once(backend: &dyn Backend) {
    let store = backend.fresh();
    let keyed = |name: &str, key: &str| {
        let mut commit = commit(vec![contact(1, name)]);
        commit.key = Some(key.to_owned());
        commit
    };
    let first = store.commit(keyed("Ada", "s/1")).unwrap();
    assert_eq!(store.commit(keyed("Ada", "s/1")).unwrap(), first);
    assert_eq!(store.commit(keyed("Ada", "s/2")).unwrap().ids, [id("c2")]);
    let store = backend.again(store);
    assert_eq!(store.commit(keyed("Ada", "s/1")).unwrap(), first);
    assert_eq!(store.committed("s/1").unwrap(), Some(first));
    assert_eq!(store.committed("s/3").unwrap(), None);
    let error = store.commit(keyed("Eve", "s/1")).unwrap_err();
    assert_eq!(error, StoreError::KeyReused("s/1".to_owned()));
    assert_eq!(error.to_string(), "the key \u{201c}s/1\u{201d} was used before for something else");
    assert_eq!(store.seq(), 2);
    clean(&*store);
}

pub(crate) fn a_natural_key_is_taken_once(backend: &dyn Backend) {
    let store = backend.fresh();
    let with_mail = |n: u64, mail: &str| {
        let mut change = contact(n, "Ada");
        change.after.as_mut().unwrap().push(number::CONTACT_EMAIL, Value::text(mail));
        let mut commit = commit(vec![change]);
        commit.absent = vec![Absent { kind: Kind::Contact, field: number::CONTACT_EMAIL, key: text_key(mail) }];
        commit
    };
    let ada = store.commit(with_mail(1, "ada@example.com")).unwrap().ids[0];
    assert_eq!(store.commit(with_mail(1, "Ada@Example.com")).unwrap_err(), StoreError::Exists(ada));
    store.commit(with_mail(1, "ada@example.org")).unwrap();
    // What is gone, or in the trash, takes no key.
    let mut trashed = there(&*store, ada);
    trashed.set(number::TRASHED_AT, Value::Time(Timestamp(1)));
    done(&*store, vec![put(trashed, None)]);
    store.commit(with_mail(1, "ada@example.com")).unwrap();
    clean(&*store);
}

pub(crate) fn too_much_at_once_is_refused(backend: &dyn Backend) {
    let store = backend.fresh();
    let many = (0..=MAX_CHANGES as u64).map(|n| contact(n, "x")).collect();
    let error = refused(&*store, many);
    assert_eq!(error.to_string(), "1001 changes in one commit are too many, 1000 are allowed");
    let error = refused(&*store, vec![contact(1, &"x".repeat(5 << 20))]);
    assert!(error.to_string().ends_with("is too large, 4194304 are allowed"), "{error}");
    assert!(matches!(error, StoreError::TooLarge(_)));
    let mut deep = contact(1, "Ada");
    let mut value = Value::text("x");
    for _ in 0..5 {
        value = Value::labelled("more", value);
    }
    deep.after.as_mut().unwrap().push(number::CONTACT_EMAIL, value);
    assert_eq!(refused(&*store, vec![deep]).to_string(), "a value of c1 stands under more than 4 labels");
    assert_eq!(refused(&*store, Vec::new()).to_string(), "a commit that begins a step changes something");
    assert_eq!(store.seq(), 0);
}

pub(crate) fn a_thousand_changes_are_one_commit(backend: &dyn Backend) {
    let store = backend.fresh();
    let answer = done(&*store, (0..MAX_CHANGES as u64).map(|n| contact(n, &format!("name {n}"))).collect());
    assert_eq!(answer.ids.len(), MAX_CHANGES);
    assert_eq!(store.seq(), 1);
    let again = done(&*store, answer.ids.iter().map(|id| put(record(*id, &[(number::NOTES, "changed")]), Some(1))).collect());
    assert_eq!(again.seq, 2);
    let store = backend.again(store);
    let page = store.query(&all(Kind::Contact)).unwrap();
    assert_eq!(page.total, Some(MAX_CHANGES as u64));
    assert!(page.records.iter().all(|record| record.version == 2));
    clean(&*store);
}

pub(crate) fn steps_of_many_commits(backend: &dyn Backend) {
    let store = backend.fresh();
    let part = |step: Option<u64>, last: bool, name: Option<&str>| {
        let mut commit = commit(name.map(|name| contact(1, name)).into_iter().collect());
        (commit.step, commit.last) = (step, last);
        commit
    };
    let first = store.commit(part(None, false, Some("Ada"))).unwrap();
    contacts(&*store, &["between"]);
    let store = backend.again(store);
    let step = store.steps(None, 10).unwrap().pop().unwrap();
    assert_eq!((step.step, step.end, step.finished, step.changes), (1, 1, false, 1));
    let check = store.check(false, &mut |_, _| {}).unwrap();
    assert_eq!(check.notices, ["the step @1 (test) is unfinished: it can be continued or undone"]);
    let second = store.commit(part(Some(1), false, Some("Ben"))).unwrap();
    assert_eq!((first.step, second.seq, second.step), (1, 3, 1));
    // The last commit of a step may be empty.
    assert_eq!(store.commit(part(Some(1), true, None)).unwrap().seq, 4);
    assert_eq!(store.commit(part(Some(1), true, Some("Cyd"))).unwrap_err().to_string(), "the step @1 is finished");
    assert_eq!(store.commit(part(Some(9), true, Some("Cyd"))).unwrap_err().to_string(), "there is no step @9 to continue");
    let commits: Vec<u64> = store.commits_of(1).unwrap().iter().map(|commit| commit.seq).collect();
    assert_eq!(commits, [1, 3, 4]);
    let step = store.steps(None, 10).unwrap().pop().unwrap();
    assert_eq!((step.end, step.finished, step.changes), (4, true, 2));
    clean(&*store);
}

pub(crate) fn the_clock_can_be_given(backend: &dyn Backend) {
    let store = backend.fresh();
    let at = |at: i64| {
        let mut commit = commit(vec![contact(1, "Ada")]);
        commit.at = Some(Timestamp(at));
        commit
    };
    assert_eq!(store.commit(at(5_000_000)).unwrap().at, Timestamp(5_000_000));
    // Seq is the order, whatever the clock says.
    assert_eq!(store.commit(at(1_000_000)).unwrap().seq, 2);
    assert_eq!(store.commit(at(4_102_444_800_000_000)).unwrap().seq, 3);
    assert_eq!(store.notices(), Vec::<String>::new());
    contacts(&*store, &["now"]);
    contacts(&*store, &["later"]);
    let told = store.notices();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("the clock is behind: it is ") && told[0].ends_with(", and the last commit was made at 2100-01-01T00:00:00Z")
    );
}

pub(crate) fn many_writers_at_once(backend: &dyn Backend) {
    let store = backend.fresh();
    let threads: Vec<_> = (0..4)
        .map(|thread| {
            let store = Arc::clone(&store);
            std::thread::spawn(move || {
                (0..25)
                    .map(|n| {
                        let mut commit = commit(vec![contact(1, &format!("{thread}/{n}"))]);
                        commit.author = Author { login: format!("user{thread}"), workspace: "w".into() };
                        let answer = store.commit(commit).unwrap();
                        // What is acknowledged is seen at once.
                        assert!(store.seq() >= answer.seq);
                        assert_eq!(store.get(&answer.ids).unwrap()[0].as_ref().unwrap().version, answer.seq);
                        answer.ids[0]
                    })
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let ids: BTreeSet<RecordId> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    assert_eq!(ids.len(), 100);
    let store = backend.again(store);
    assert_eq!(store.seq(), 100);
    assert_eq!(store.query(&all(Kind::Contact)).unwrap().ids, ids.into_iter().collect::<Vec<_>>());
    clean(&*store);
}

pub(crate) fn a_page_is_of_one_moment(backend: &dyn Backend) {
    const EACH: i64 = 100;
    let store = backend.fresh();
    let minutes = |n: u64, minutes: i64| {
        let mut call = record(new_id(Kind::Interaction, n), &[]);
        call.push(number::MINUTES, Value::Int(minutes));
        call
    };
    let ids = done(&*store, (0..20).map(|n| put(minutes(n, EACH), Some(0))).collect()).ids;
    let (stop, mut reads) = (std::sync::atomic::AtomicBool::new(false), 0);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            // Minutes go from one call to another; their sum stays.
            for n in 0..60_usize {
                let (from, to) = (ids[n % 20], ids[(n * 7 + 3) % 20]);
                if from == to {
                    continue;
                }
                let changes = [(from, -1), (to, 1)].map(|(id, change)| {
                    let mut call = there(&*store, id);
                    let Some(Value::Int(had)) = call.first(number::MINUTES) else { panic!("no minutes") };
                    call.set(number::MINUTES, Value::Int(had + change));
                    put(call, None)
                });
                done(&*store, changes.to_vec());
            }
            stop.store(true, std::sync::atomic::Ordering::Release);
        });
        while !stop.load(std::sync::atomic::Ordering::Acquire) || reads < 3 {
            let before = store.seq();
            let page = store.query(&all(Kind::Interaction)).unwrap();
            let sum: i64 = page
                .records
                .iter()
                .map(|call| if let Some(Value::Int(minutes)) = call.first(number::MINUTES) { *minutes } else { 0 })
                .sum();
            assert_eq!(sum, 20 * EACH);
            // What was acknowledged before the question is in the answer.
            assert!(page.records.iter().map(|call| call.version).max().unwrap() >= before);
            reads += 1;
        }
        writer.join().unwrap();
    });
    clean(&*store);
}

pub(crate) fn a_closed_store_says_so(backend: &dyn Backend) {
    let store = backend.fresh();
    store.close().unwrap();
    store.close().unwrap();
    assert_eq!(refused(&*store, vec![contact(1, "Ada")]).to_string(), "the store was closed");
    assert_eq!(store.get(&[id("c1")]).unwrap_err().to_string(), "the store was closed");
}
