//! The store against a model so simple that it is right by looking at it.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rolo::domain::fields::number;
use rolo::domain::{Kind, Record, RecordId, Timestamp, Value};
use rolo::store::Store;
use rolo::store::api::{Change, Trash, new_id};

use super::Backend;
use super::bench::{all, clean, commit, put, record};

const KINDS: [Kind; 3] = [Kind::Contact, Kind::Company, Kind::Task];
const NAMES: [u16; 3] = [number::CONTACT_NAME, number::COMPANY_NAME, number::TASK_TITLE];

/// What one change of a random commit does; numbers are taken modulo what is there.
#[derive(Debug, Clone)]
enum Deed {
    Add { kind: usize, name: u8, link: Option<u8> },
    Rename { which: u8, name: u8, stale: bool },
    Trash { which: u8 },
    Restore { which: u8 },
    Remove { which: u8 },
    Return { which: u8 },
}

fn deeds() -> impl Strategy<Value = Vec<Vec<Deed>>> {
    let deed = prop_oneof![
        4 => (0usize..3, 0u8..6, prop::option::of(any::<u8>())).prop_map(|(kind, name, link)| Deed::Add { kind, name, link }),
        3 => (any::<u8>(), 0u8..6, prop::bool::weighted(0.1)).prop_map(|(which, name, stale)| Deed::Rename { which, name, stale }),
        1 => any::<u8>().prop_map(|which| Deed::Trash { which }),
        1 => any::<u8>().prop_map(|which| Deed::Restore { which }),
        1 => any::<u8>().prop_map(|which| Deed::Remove { which }),
        1 => any::<u8>().prop_map(|which| Deed::Return { which }),
    ];
    prop::collection::vec(prop::collection::vec(deed, 1..5), 1..12)
}

/// Every record that ever was, and all its versions.
#[derive(Default)]
struct Model {
    versions: BTreeMap<RecordId, Vec<(u64, Option<Record>)>>,
    seq: u64,
}

impl Model {
    fn latest(&self, id: RecordId) -> Option<&Record> {
        self.versions.get(&id)?.last()?.1.as_ref()
    }

    fn pick(&self, which: u8, there: bool) -> Option<RecordId> {
        let fitting: Vec<RecordId> = self.versions.keys().copied().filter(|id| self.latest(*id).is_some() == there).collect();
        (!fitting.is_empty()).then(|| fitting[usize::from(which) % fitting.len()])
    }

    /// Returns the change for a deed, and whether it must be refused.
    fn change(&self, n: u64, deed: &Deed) -> Option<(Change, bool)> {
        let version = |id: RecordId| self.versions[&id].last().unwrap().0;
        Some(match deed {
            Deed::Add { kind, name, link } => {
                let mut record = record(new_id(KINDS[*kind], n), &[(NAMES[*kind], &format!("name {name}"))]);
                if let Some(to) = link.and_then(|which| self.pick(which, true)) {
                    record.push(number::LINKED, Value::Link(to));
                }
                (put(record, Some(0)), false)
            }
            Deed::Rename { which, name, stale } => {
                let id = self.pick(*which, true)?;
                let mut record = self.latest(id)?.clone();
                let at = KINDS.iter().position(|kind| *kind == id.kind).unwrap();
                record.set(NAMES[at], Value::text(format!("name {name}")));
                let based_on = version(id) + if *stale { 1 } else { 0 };
                (put(record, Some(based_on)), *stale)
            }
            Deed::Trash { which } => {
                let mut record = self.latest(self.pick(*which, true)?)?.clone();
                record.set(number::TRASHED_AT, Value::Time(Timestamp(1)));
                (put(record, None), false)
            }
            Deed::Restore { which } => {
                let mut record = self.latest(self.pick(*which, true)?)?.clone();
                record.clear(number::TRASHED_AT);
                let based_on = Some(version(record.id));
                (put(record, based_on), false)
            }
            Deed::Remove { which } => {
                let id = self.pick(*which, true)?;
                (Change { id, based_on: Some(version(id)), after: None }, false)
            }
            Deed::Return { which } => {
                let id = self.pick(*which, false)?;
                let record = self.versions[&id].iter().rev().find_map(|(_, record)| record.clone())?;
                (put(record, Some(0)), false)
            }
        })
    }
}

fn play(store: &dyn Store, model: &mut Model, commits: &[Vec<Deed>]) {
    for deeds in commits {
        let mut changes: Vec<Change> = Vec::new();
        let mut refused = false;
        for (n, deed) in deeds.iter().enumerate() {
            let Some((change, bad)) = model.change(n as u64, deed) else { continue };
            if changes.iter().all(|other| other.id != change.id) {
                refused |= bad;
                changes.push(change);
            }
        }
        // A new link to what goes, or is not back yet, is refused; links that stood before are not looked at.
        let after = |id: RecordId| {
            changes.iter().find(|change| change.id == id).map_or(model.latest(id).is_some(), |change| change.after.is_some())
        };
        for change in &changes {
            let links = |record: &Record| {
                let mut found = Vec::new();
                record.links(&mut |_, to| found.push(to));
                found
            };
            let had = model.latest(change.id).map(links).unwrap_or_default();
            let wanted = change.after.as_ref().map(links).unwrap_or_default();
            refused |= wanted.into_iter().any(|to| !had.contains(&to) && !after(to));
        }
        refused |= changes.is_empty();
        match store.commit(commit(changes.clone())) {
            Ok(answer) => {
                assert!(!refused, "{changes:?}");
                model.seq += 1;
                assert_eq!(answer.seq, model.seq);
                for (change, id) in changes.into_iter().zip(answer.ids) {
                    let record = change.after.map(|record| Record { id, ..record });
                    model.versions.entry(id).or_default().push((answer.seq, record));
                }
            }
            Err(error) => assert!(refused, "{error}: {changes:?}"),
        }
    }
}

fn agrees(store: &dyn Store, model: &Model) {
    let fields = |record: &Record| record.fields.clone();
    assert_eq!(store.seq(), model.seq);
    for (id, versions) in &model.versions {
        let latest = versions.last().unwrap();
        let found = store.get(&[*id]).unwrap().pop().unwrap();
        assert_eq!(found.as_deref().map(fields), latest.1.as_ref().map(fields), "{id}");
        assert!(found.is_none_or(|found| found.version == latest.0));
        let history = store.history(*id, usize::MAX).unwrap();
        let history: Vec<_> = history.iter().rev().map(|version| (version.commit.seq, version.record.as_deref().map(fields))).collect();
        assert_eq!(history, versions.iter().map(|(seq, record)| (*seq, record.as_ref().map(fields))).collect::<Vec<_>>(), "{id}");
        for seq in 0..=model.seq {
            let expected = versions.iter().rev().find(|(at, _)| *at <= seq).and_then(|(_, record)| record.as_ref());
            assert_eq!(store.as_of(*id, seq).unwrap().as_deref().map(fields), expected.map(fields), "{id} at {seq}");
        }
    }
    let live = |record: &Record| !record.has(number::TRASHED_AT);
    for kind in KINDS {
        for (trash, wanted) in [(Trash::Without, true), (Trash::Only, false)] {
            let mut request = all(kind);
            request.trash = trash;
            let expected: Vec<RecordId> = model
                .versions
                .keys()
                .copied()
                .filter(|id| id.kind == kind && model.latest(*id).is_some_and(|record| live(record) == wanted))
                .collect();
            assert_eq!(store.query(&request).unwrap().ids, expected);
        }
    }
    for to in model.versions.keys() {
        let mut expected: Vec<RecordId> = model
            .versions
            .keys()
            .copied()
            .filter(|id| {
                model
                    .latest(*id)
                    .is_some_and(|record| live(record) && record.values(number::LINKED).any(|value| value.as_link() == Some(*to)))
            })
            .collect();
        let mut found: Vec<RecordId> = store.linking(*to, None, usize::MAX).unwrap().into_iter().map(|(id, _)| id).collect();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected, "links to {to}");
    }
}

pub(crate) fn random_commits_do_what_a_simple_model_does(backend: &dyn Backend) {
    let mut runner = TestRunner::new(Config { cases: backend.cases(), failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&deeds(), |commits| {
        let store: Arc<dyn Store> = backend.fresh();
        let mut model = Model::default();
        let (first, second) = commits.split_at(commits.len() / 2);
        play(&*store, &mut model, first);
        let store = backend.again(store);
        play(&*store, &mut model, second);
        agrees(&*store, &model);
        clean(&*store);
        Ok(())
    });
    outcome.unwrap();
}
