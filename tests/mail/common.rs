//! A store, imports into it, and the shared data.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rolo::actions::{Clock, Desk};
use rolo::domain::{FieldRef, Kind, Lookup, Record, RecordId, Timestamp};
use rolo::exchange::import::{Action, Import, Input, RejectsWriter, Report, RowPlan, Settings, Use, Watch};
use rolo::exchange::mail::mbox::{Mbox, Raw};
use rolo::exchange::mapping::Mapping;
use rolo::exchange::rows::Facts;
use rolo::store::api::{Author, Change, Commit, PageRequest, StepKind, Store, Trash, View};

/// Returns a file or folder of the shared data, or says that it is skipped.
pub(crate) fn data(path: &str) -> Option<PathBuf> {
    let full = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/mail")).join(path);
    if full.exists() {
        return Some(full);
    }
    println!("skipped: the shared data folder is not here ({path})");
    None
}

/// Returns all files below a folder, in order.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

pub(crate) fn store() -> Arc<dyn Store> {
    rolo::store::memory().unwrap()
}

pub(crate) fn desk(store: &Arc<dyn Store>) -> Desk {
    let mut desk = Desk::new(Arc::clone(store), "ada");
    desk.clock = Clock::Fixed(Timestamp::from_rfc3339("2026-01-31T12:00:00Z").unwrap());
    desk
}

/// What an import told.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) plans: Vec<RowPlan>,
    pub(crate) rejects: Vec<u8>,
    writer: Option<RejectsWriter<Vec<u8>>>,
    facts: Option<Facts>,
}

impl Watch for Told {
    fn opened(&mut self, _: &str, facts: &Facts, _: &[Use]) -> std::io::Result<()> {
        self.facts = Some(facts.clone());
        Ok(())
    }

    fn row(&mut self, plan: &RowPlan, raw: &str) -> std::io::Result<()> {
        if plan.action == Action::Reject {
            if self.writer.is_none() {
                self.writer = Some(RejectsWriter::new(Vec::new(), self.facts.as_ref().unwrap())?);
            }
            self.writer.as_mut().unwrap().row(plan, raw)?;
        }
        self.plans.push(plan.clone());
        Ok(())
    }
}

/// Imports mail with these settings.
pub(crate) fn import_with(store: &Arc<dyn Store>, name: &str, mail: &[u8], change: impl FnOnce(&mut Settings)) -> (Report, Told) {
    let mut settings = Settings::new(Kind::Interaction, Mapping::default());
    change(&mut settings);
    let mut told = Told::default();
    let inputs = vec![Input::new(name, Box::new(mail))];
    let report = Import::new(&desk(store), settings).run(inputs, &mut told).unwrap();
    told.rejects = told.writer.take().map(|writer| writer.finish().unwrap()).unwrap_or_default();
    (report, told)
}

/// Imports mail that is known by its content; `me` are the team's own addresses.
pub(crate) fn import(store: &Arc<dyn Store>, mail: &str, me: &[&str]) -> Report {
    import_with(store, "-", mail.as_bytes(), |settings| settings.me = me.iter().map(|one| (*one).to_owned()).collect()).0
}

pub(crate) fn counts(report: &Report) -> [u64; 5] {
    [report.read, report.created, report.updated, report.unchanged, report.rejected]
}

/// Returns all live records of a kind.
pub(crate) fn all(store: &Arc<dyn Store>, kind: Kind) -> Vec<Arc<Record>> {
    let mut records = Vec::new();
    let mut request = PageRequest {
        kind,
        query: None,
        sort: Vec::new(),
        after: None,
        offset: 0,
        limit: 1000,
        records: true,
        total: false,
        trash: Trash::Without,
        at_least: None,
        view: View { now: Timestamp::EPOCH, login: "ada".into() },
    };
    loop {
        let page = store.query(&request).unwrap();
        records.extend(page.records);
        request.after = page.next;
        if request.after.is_none() {
            return records;
        }
    }
}

struct Names<'s>(&'s Arc<dyn Store>);

impl Lookup for Names<'_> {
    fn record(&self, id: RecordId) -> Option<Arc<Record>> {
        self.0.get(&[id]).unwrap().pop().flatten()
    }
}

/// Returns a field as columns show it.
pub(crate) fn text(store: &Arc<dyn Store>, record: &Record, field: &str) -> String {
    FieldRef::resolve(record.kind(), field, &store.definitions()).unwrap().text(record, &Names(store))
}

/// Returns these fields of every record of a kind, a line each, sorted.
pub(crate) fn table(store: &Arc<dyn Store>, kind: Kind, fields: &[&str]) -> Vec<String> {
    let line = |record: &Arc<Record>| fields.iter().map(|field| text(store, record, field)).collect::<Vec<_>>().join(" | ");
    let mut lines: Vec<String> = all(store, kind).iter().map(line).collect();
    lines.sort();
    lines
}

/// Splits a mailbox.
pub(crate) fn split(bytes: &[u8]) -> Vec<Raw> {
    let mut mbox = Mbox::new(bytes);
    std::iter::from_fn(|| mbox.next_message().unwrap()).collect()
}

/// Changes a record by hand.
pub(crate) fn edit(store: &Arc<dyn Store>, id: RecordId, change: impl FnOnce(&mut Record)) {
    let record = store.get(&[id]).unwrap().pop().flatten().unwrap();
    let mut after = Record::clone(&record);
    change(&mut after);
    let commit = Commit {
        author: Author { login: "eva".into(), workspace: String::new() },
        label: "by hand".into(),
        step: None,
        last: true,
        kind: StepKind::Do,
        key: None,
        at: None,
        changes: vec![Change { id, based_on: Some(record.version), after: Some(after) }],
        absent: Vec::new(),
    };
    store.commit(commit).unwrap();
}
