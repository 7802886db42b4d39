//! What was, and who did it.

use std::sync::Arc;
use std::time::Duration;

use rolo::domain::fields::number;
use rolo::domain::{Timestamp, Value};
use rolo::store::api::{Changes, StepKind};

use super::Backend;
use super::bench::{clean, commit, contact, contacts, done, gone, id, name, put, there};

pub(crate) fn versions_and_the_past(backend: &dyn Backend) {
    let store = backend.fresh();
    let ada = id("c1");
    for (n, text) in ["Ada", "Ada N.", "Ada Novák"].into_iter().enumerate() {
        let mut change = contact(1, text);
        if n > 0 {
            let mut record = there(&*store, ada);
            record.set(number::CONTACT_NAME, Value::text(text));
            change = put(record, Some(n as u64));
        }
        let mut commit = commit(vec![change]);
        commit.at = Some(Timestamp(n as i64 * 10));
        store.commit(commit).unwrap();
    }
    let mut last = commit(vec![gone(ada, Some(3))]);
    last.at = Some(Timestamp(30));
    store.commit(last).unwrap();
    let store = backend.again(store);
    let history = store.history(ada, 10).unwrap();
    let names: Vec<Option<&str>> = history.iter().map(|version| version.record.as_deref().map(name)).collect();
    assert_eq!(names, [None, Some("Ada Novák"), Some("Ada N."), Some("Ada")]);
    assert_eq!(history.iter().map(|version| version.commit.seq).collect::<Vec<_>>(), [4, 3, 2, 1]);
    assert_eq!(history[0].commit.changed, [(ada, true)]);
    assert_eq!(store.history(ada, 2).unwrap().len(), 2);
    assert_eq!(store.history(id("c9"), 2).unwrap().len(), 0);
    let at = |seq: u64| store.as_of(ada, seq).unwrap().map(|record| name(&record).to_owned());
    assert_eq!([at(0), at(4), at(9)], [None, None, None]);
    assert_eq!([at(1), at(2), at(3)], ["Ada", "Ada N.", "Ada Novák"].map(|text| Some(text.to_owned())));
    let seqs = [-1, 0, 9, 10, 29, 30, 99].map(|at| store.seq_at(Timestamp(at)).unwrap());
    assert_eq!(seqs, [0, 1, 1, 2, 3, 4, 4]);
    clean(&*store);
}

pub(crate) fn commits_and_changes_since(backend: &dyn Backend) {
    let store = backend.fresh();
    contacts(&*store, &["Ada", "Ben", "Cyd"]);
    let store = backend.again(store);
    let seqs = |since: u64, limit: usize| match store.changes_since(since, limit).unwrap() {
        Changes::Commits(commits) => Some(commits.iter().map(|commit| commit.seq).collect::<Vec<_>>()),
        Changes::Resync => None,
    };
    assert_eq!(seqs(0, 10), Some(vec![1, 2, 3]));
    assert_eq!(seqs(1, 1), Some(vec![2]));
    assert_eq!(seqs(3, 10), Some(vec![]));
    // A seq that this store has never had.
    assert_eq!(seqs(4, 10), None);
    let Changes::Commits(commits) = store.changes_since(1, 1).unwrap() else { panic!("a resync") };
    let commit = &commits[0];
    assert_eq!((commit.step, commit.last, commit.author.login.as_str(), commit.label.as_str()), (2, true, "ada", "test"));
    assert_eq!(commit.changed, [(id("c2"), false)]);
}

pub(crate) fn steps_newest_first(backend: &dyn Backend) {
    let store = backend.fresh();
    contacts(&*store, &["Ada", "Ben", "Cyd"]);
    let mut undo = commit(vec![gone(id("c3"), Some(3))]);
    undo.kind = StepKind::Undo(3);
    undo.label = "undo".into();
    undo.author.workspace = "desk".into();
    store.commit(undo).unwrap();
    let store = backend.again(store);
    let steps = store.steps(None, 2).unwrap();
    assert_eq!(steps.iter().map(|step| step.step).collect::<Vec<_>>(), [4, 3]);
    assert_eq!((steps[0].kind, steps[0].label.as_str(), steps[0].author.workspace.as_str()), (StepKind::Undo(3), "undo", "desk"));
    assert_eq!(store.steps(Some(3), 10).unwrap().iter().map(|step| step.step).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(store.steps(Some(1), 10).unwrap(), []);
}

pub(crate) fn waiting_for_a_change(backend: &dyn Backend) {
    let store = backend.fresh();
    assert_eq!(store.wait_for_change(0, Duration::ZERO), 0);
    let waiting = {
        let store = Arc::clone(&store);
        std::thread::spawn(move || store.wait_for_change(0, Duration::from_secs(60)))
    };
    done(&*store, vec![contact(1, "Ada")]);
    assert_eq!(waiting.join().unwrap(), 1);
    assert_eq!(store.wait_for_change(0, Duration::from_secs(60)), 1);
    // Closing wakes whoever waits.
    let waiting = {
        let store = Arc::clone(&store);
        std::thread::spawn(move || store.wait_for_change(1, Duration::from_secs(60)))
    };
    store.close().unwrap();
    assert_eq!(waiting.join().unwrap(), 1);
}
