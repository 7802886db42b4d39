//! The workbench of the suite: commits in few words.

use rolo::domain::fields::number;
use rolo::domain::{Kind, Record, RecordId, Timestamp, Value};
use rolo::store::api::{Author, Change, Commit, Committed, PageRequest, StepKind, Trash, View, new_id};
use rolo::store::{Store, StoreError};

/// Returns an id as typed.
pub(crate) fn id(text: &str) -> RecordId {
    text.parse().unwrap()
}

/// Returns a commit with these changes: one step, by ada.
pub(crate) fn commit(changes: Vec<Change>) -> Commit {
    Commit {
        author: Author { login: "ada".into(), workspace: String::new() },
        label: "test".into(),
        step: None,
        last: true,
        kind: StepKind::Do,
        key: None,
        at: None,
        changes,
        absent: Vec::new(),
    }
}

/// Returns a record with some text fields.
pub(crate) fn record(id: RecordId, fields: &[(u16, &str)]) -> Record {
    let mut record = Record::new(id);
    for (field, text) in fields {
        record.push(*field, Value::text(*text));
    }
    record
}

/// Returns the change that makes a contact `new:n` of this name.
pub(crate) fn contact(n: u64, name: &str) -> Change {
    put(record(new_id(Kind::Contact, n), &[(number::CONTACT_NAME, name)]), Some(0))
}

/// Returns the change that leaves this record.
pub(crate) fn put(record: Record, based_on: Option<u64>) -> Change {
    Change { id: record.id, based_on, after: Some(record) }
}

/// Returns the change that leaves a tombstone.
pub(crate) fn gone(id: RecordId, based_on: Option<u64>) -> Change {
    Change { id, based_on, after: None }
}

/// Makes a commit that must succeed.
pub(crate) fn done(store: &dyn Store, changes: Vec<Change>) -> Committed {
    store.commit(commit(changes)).unwrap()
}

/// Makes a commit that must be refused, and returns why.
pub(crate) fn refused(store: &dyn Store, changes: Vec<Change>) -> StoreError {
    store.commit(commit(changes)).unwrap_err()
}

/// Makes contacts of these names, a commit each.
pub(crate) fn contacts(store: &dyn Store, names: &[&str]) -> Vec<RecordId> {
    names.iter().map(|name| done(store, vec![contact(1, name)]).ids[0]).collect()
}

/// Returns a record that must be there.
pub(crate) fn there(store: &dyn Store, id: RecordId) -> Record {
    let found = store.get(&[id]).unwrap().pop().unwrap();
    Record::clone(&found.unwrap_or_else(|| panic!("{id} is not there")))
}

/// Returns a contact's or company's name.
pub(crate) fn name(record: &Record) -> &str {
    let field = if record.kind() == Kind::Company { number::COMPANY_NAME } else { number::CONTACT_NAME };
    record.text(field).unwrap()
}

/// Returns the request for all live records of a kind, by id.
pub(crate) fn all(kind: Kind) -> PageRequest {
    PageRequest {
        kind,
        query: None,
        sort: Vec::new(),
        after: None,
        offset: 0,
        limit: usize::MAX,
        records: true,
        total: true,
        trash: Trash::Without,
        at_least: None,
        view: View { now: Timestamp::EPOCH, login: "ada".into() },
    }
}

/// Asserts that a check finds nothing.
pub(crate) fn clean(store: &dyn Store) {
    let check = store.check(false, &mut |_, _| {}).unwrap();
    assert_eq!(check.damage, Vec::<String>::new());
}
