//! Records that are one: merged without losing anything, and taken apart again.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "twins/blame.rs"]
mod blame;
#[path = "twins/finding.rs"]
mod finding;
#[path = "twins/merging.rs"]
mod merging;

use rolo::actions::{self, Clock, Desk, MergeOptions, Merged, Target, Which};
use rolo::domain::{AnyField, FieldRef, Kind, Record, RecordId, Timestamp};
use rolo::store::api::Author;
use rolo::store::memory;

fn desk() -> Desk {
    let now = Timestamp::from_rfc3339("2026-11-20T10:00:00Z").unwrap();
    let author = Author { login: "ada".to_owned(), workspace: String::new() };
    Desk { store: memory().unwrap(), author, clock: Clock::Fixed(now), readonly: false, joins: None }
}

fn id(text: &str) -> RecordId {
    text.parse().unwrap()
}

fn add(desk: &Desk, kind: Kind, texts: &[&str]) -> RecordId {
    let definitions = desk.definitions();
    let values: Vec<_> = texts.iter().map(|text| rolo::domain::Assignment::parse(kind, text, &definitions).unwrap()).collect();
    actions::add(desk, kind, &values).unwrap().ids[0]
}

fn set(desk: &Desk, id: RecordId, texts: &[&str]) {
    actions::set_texts(desk, &Target::from(id), texts, None, false).unwrap();
}

fn merge(desk: &Desk, ids: &[RecordId]) -> Merged {
    actions::merge(desk, ids, &MergeOptions::default()).unwrap()
}

fn undo(desk: &Desk, step: u64) -> actions::Undone {
    actions::undo(desk, &Which::Steps(vec![step]), false, false).unwrap()
}

/// What a field says, as a column shows it.
fn text(desk: &Desk, id: RecordId, field: &str) -> String {
    let record = desk.record(id).unwrap();
    let definitions = desk.definitions();
    FieldRef::resolve(id.kind, field, &definitions).unwrap().text(&record, &rolo::store::known::Known::new(&*desk.store))
}

/// What a record says, without what the store derives.
fn said(record: &Record) -> Vec<(u16, rolo::domain::Value)> {
    record.fields.clone()
}

#[allow(dead_code, reason = "for tests of fields")]
fn names(desk: &Desk, kind: Kind) -> Vec<String> {
    AnyField::all(kind, &desk.definitions()).map(|field| field.name().to_owned()).collect()
}
