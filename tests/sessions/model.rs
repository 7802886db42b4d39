//! Several sessions against the store in memory as the oracle: the same calls, one
//! after another as dice say whose turn it is, give the same answers; in between
//! sessions come, go, step aside and come back. One schedule is one seed, so that what
//! fails fails again.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rolo::domain::fields::number;
use rolo::domain::{Kind, Record, RecordId, Timestamp, Value};
use rolo::store::api::{Author, Change, Changes, Commit, Committed, StepKind, new_id};
use rolo::store::{Store, StoreError, memory};

use crate::company::Place;

/// What a session does; numbers are taken modulo what is there.
#[derive(Debug, Clone)]
enum Deed {
    Add { name: u8 },
    Rename { which: u8, name: u8, stale: bool },
    Trash { which: u8 },
    Remove { which: u8 },
    Link { which: u8, to: u8 },
    Read { which: u8 },
    Again,
    Leave,
    Aside { turns: u8 },
}

fn schedule() -> impl Strategy<Value = Vec<(u8, Deed)>> {
    let deed = prop_oneof![
        6 => any::<u8>().prop_map(|name| Deed::Add { name }),
        6 => (any::<u8>(), any::<u8>(), prop::bool::weighted(0.2)).prop_map(|(which, name, stale)| Deed::Rename { which, name, stale }),
        2 => any::<u8>().prop_map(|which| Deed::Trash { which }),
        1 => any::<u8>().prop_map(|which| Deed::Remove { which }),
        3 => (any::<u8>(), any::<u8>()).prop_map(|(which, to)| Deed::Link { which, to }),
        3 => any::<u8>().prop_map(|which| Deed::Read { which }),
        1 => Just(Deed::Again),
        1 => Just(Deed::Leave),
        1 => (1u8..5).prop_map(|turns| Deed::Aside { turns }),
    ];
    prop::collection::vec((0u8..4, deed), 1..80)
}

fn commit(who: u8, key: Option<String>, changes: Vec<Change>) -> Commit {
    Commit {
        author: Author { login: format!("user{who}"), workspace: "main".into() },
        label: "deed".into(),
        step: None,
        last: true,
        kind: StepKind::Do,
        key,
        at: Some(Timestamp(1_000)),
        changes,
        absent: Vec::new(),
    }
}

/// The calls of one schedule, made on both.
struct Pair<'p> {
    place: &'p Place,
    sessions: Vec<Arc<dyn Store>>,
    oracle: Arc<dyn Store>,
    ids: Vec<RecordId>,
    /// The last commit, to be sent again.
    last: Option<Commit>,
    keys: u64,
    /// Who is away, and for how many turns.
    away: Option<(usize, u8)>,
}

impl Pair<'_> {
    fn record(&self, which: u8) -> Option<Arc<Record>> {
        let id = *self.ids.get(usize::from(which) % self.ids.len().max(1))?;
        self.oracle.get(&[id]).unwrap().pop().flatten()
    }

    fn commit(&mut self, who: u8, changes: Vec<Change>) {
        self.keys += 1;
        let commit = commit(who, Some(format!("key/{}", self.keys)), changes);
        self.send(who, &commit);
        self.last = Some(commit);
    }

    fn send(&mut self, who: u8, commit: &Commit) {
        let said = self.sessions[usize::from(who)].commit(commit.clone());
        let wanted: Result<Committed, StoreError> = self.oracle.commit(commit.clone());
        assert_eq!(said, wanted, "{commit:?}");
        if let Ok(made) = wanted {
            let new = made.ids.into_iter().filter(|id| !self.ids.contains(id)).collect::<Vec<_>>();
            self.ids.extend(new);
        }
    }

    fn change(&mut self, who: u8, which: u8, stale: bool, change: impl FnOnce(&mut Record)) {
        let Some(record) = self.record(which) else { return };
        let mut after = (*record).clone();
        change(&mut after);
        let based_on = Some(if stale { record.version.saturating_sub(1).max(1) } else { record.version });
        self.commit(who, vec![Change { id: after.id, based_on, after: Some(after) }]);
    }

    fn turn(&mut self, who: u8, deed: &Deed) {
        let mut who = who;
        if let Some((away, left)) = self.away.take() {
            match left {
                0 => self.sessions[away].come_back(),
                left => self.away = Some((away, left - 1)),
            }
        }
        if self.away.is_some_and(|(away, _)| away == usize::from(who)) {
            who = (who + 1) % 4;
        }
        match *deed {
            Deed::Add { name } => {
                let mut record = Record::new(new_id(Kind::Contact, 1));
                record.push(number::CONTACT_NAME, Value::text(format!("name {name}")));
                self.commit(who, vec![Change { id: record.id, based_on: Some(0), after: Some(record) }]);
            }
            Deed::Rename { which, name, stale } => {
                self.change(who, which, stale, |record| record.set(number::CONTACT_NAME, Value::text(format!("name {name}"))));
            }
            Deed::Trash { which } => self.change(who, which, false, |record| record.set(number::TRASHED_AT, Value::Time(Timestamp(1)))),
            Deed::Remove { which } => {
                if let Some(record) = self.record(which) {
                    self.commit(who, vec![Change { id: record.id, based_on: None, after: None }]);
                }
            }
            Deed::Link { which, to } => {
                let Some(to) = self.ids.get(usize::from(to) % self.ids.len().max(1)).copied() else { return };
                self.change(who, which, false, |record| record.push(number::LINKED, Value::Link(to)));
            }
            Deed::Read { which } => {
                let Some(id) = self.ids.get(usize::from(which) % self.ids.len().max(1)).copied() else { return };
                let session = &self.sessions[usize::from(who)];
                assert_eq!(session.get(&[id]).unwrap(), self.oracle.get(&[id]).unwrap());
                assert_eq!(session.linking(id, None, 9).unwrap(), self.oracle.linking(id, None, 9).unwrap());
                assert_eq!(session.seq(), self.oracle.seq(), "a session that has just been answered knows the last commit");
            }
            Deed::Again => {
                if let Some(commit) = self.last.clone() {
                    self.send(who, &commit);
                }
            }
            Deed::Leave => {
                self.sessions[usize::from(who)].close().unwrap();
                self.sessions[usize::from(who)] = self.place.join();
            }
            Deed::Aside { turns } => {
                if self.away.is_none() {
                    self.sessions[usize::from(who)].step_aside();
                    self.away = Some((usize::from(who), turns));
                }
            }
        }
    }

    /// All see what the oracle has.
    fn agree(&self) {
        let history = |store: &dyn Store| match store.changes_since(0, usize::MAX).unwrap() {
            Changes::Commits(commits) => commits,
            Changes::Resync => panic!("nothing is too much here"),
        };
        for session in &self.sessions {
            session.come_back();
            assert_eq!(session.get(&self.ids).unwrap(), self.oracle.get(&self.ids).unwrap());
            assert_eq!(history(&**session), history(&*self.oracle));
            assert_eq!(session.steps(None, usize::MAX).unwrap(), self.oracle.steps(None, usize::MAX).unwrap());
            for id in &self.ids {
                let past = |store: &dyn Store| -> Vec<_> {
                    store.history(*id, 99).unwrap().into_iter().map(|version| (version.commit, version.record)).collect()
                };
                assert_eq!(past(&**session), past(&*self.oracle));
            }
        }
    }
}

#[test]
fn sessions_in_any_order_do_what_one_store_in_memory_does() {
    let cases = std::env::var("PROPTEST_CASES").map_or(12, |cases| cases.parse::<u32>().unwrap().min(200));
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&schedule(), |turns| {
        let place = Place::new();
        let sessions = (0..4).map(|_| place.join()).collect();
        let mut pair = Pair { place: &place, sessions, oracle: memory().unwrap(), ids: Vec::new(), last: None, keys: 0, away: None };
        for (who, deed) in &turns {
            pair.turn(*who, deed);
        }
        pair.agree();
        pair.sessions.iter().for_each(|session| session.close().unwrap());
        place.clean();
        Ok(())
    });
    outcome.unwrap();
}
