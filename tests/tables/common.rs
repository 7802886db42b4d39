//! An import as it is called for, into a store in memory, and what it told.

use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rolo::actions::{ActionError, Clock, Desk};
use rolo::domain::{FieldRef, Kind, Record, Timestamp};
use rolo::exchange::import::{Report, RowPlan, Use};
use rolo::exchange::intake::{Audience, Intake};
use rolo::store::api::{PageRequest, Store, Trash, View};
use rolo::store::known::Known;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data");

/// Returns a file of the shared data; says so where there is none.
pub(crate) fn data(path: &str) -> Option<PathBuf> {
    let full = Path::new(DATA).join(path);
    if full.exists() {
        return Some(full);
    }
    println!("skipped: the shared data folder is not here ({path})");
    None
}

pub(crate) fn store() -> Arc<dyn Store> {
    rolo::store::memory().unwrap()
}

pub(crate) fn desk(store: &Arc<dyn Store>) -> Desk {
    let mut desk = Desk::new(Arc::clone(store), "ada");
    desk.clock = Clock::Fixed(Timestamp::from_rfc3339("2026-01-31T12:00:00Z").unwrap());
    desk
}

/// What was told.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) said: Vec<String>,
    pub(crate) columns: Vec<String>,
    pub(crate) plans: Vec<RowPlan>,
}

impl Audience for Told {
    fn said(&mut self, text: &str) {
        self.said.push(text.to_owned());
    }

    fn column(&mut self, used: &Use) -> io::Result<()> {
        self.columns.push(format!("{} -> {}", used.header, used.field.as_deref().unwrap_or("-")));
        Ok(())
    }

    fn row(&mut self, plan: &RowPlan) -> io::Result<()> {
        self.plans.push(plan.clone());
        Ok(())
    }

    fn progress(&mut self, _rows: u64, _bytes: u64, _total: u64) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// A folder with files for one test.
pub(crate) struct Folder(pub(crate) tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// An import of files, its rejects into this folder.
    pub(crate) fn intake(&self, files: &[&Path]) -> Intake {
        Intake { files: files.iter().map(|path| path.to_path_buf()).collect(), rejects: self.path("rejects.csv"), ..Intake::default() }
    }
}

pub(crate) fn run(store: &Arc<dyn Store>, intake: &Intake) -> Result<(Report, Told), ActionError> {
    let desk = desk(store);
    let mut told = Told::default();
    let report = intake.ready(None, &desk.definitions())?.run(&desk, &mut told)?;
    Ok((report, told))
}

/// Read, created, updated, unchanged, rejected.
pub(crate) fn counts(report: &Report) -> [u64; 5] {
    [report.read, report.created, report.updated, report.unchanged, report.rejected]
}

pub(crate) fn all(store: &Arc<dyn Store>, kind: Kind) -> Vec<Arc<Record>> {
    let mut records = Vec::new();
    let mut after = None;
    loop {
        let page = store
            .query(&PageRequest {
                kind,
                query: None,
                sort: Vec::new(),
                after,
                offset: 0,
                limit: 1000,
                records: true,
                total: false,
                trash: Trash::Without,
                at_least: None,
                view: View { now: Timestamp::EPOCH, login: "ada".into() },
            })
            .unwrap();
        records.extend(page.records);
        after = page.next;
        if after.is_none() {
            return records;
        }
    }
}

/// Returns a field as columns show it, links by name.
pub(crate) fn text(store: &Arc<dyn Store>, record: &Record, field: &str) -> String {
    let definitions = store.definitions();
    FieldRef::resolve(record.kind(), field, &definitions).unwrap().text(record, &Known::new(&**store))
}
