//! The workbench: processes at one store.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rolo::domain::fields::number;
use rolo::domain::{Kind, Record, Value};
use rolo::store::api::{Author, Change, Commit, PageRequest, StepKind, Trash, View, new_id};
use rolo::store::lock::{HolderState, holder};
use rolo::store::{JoinOptions, OpenOptions, Store, join};
use rustix::process::{Pid, Signal, kill_process};

/// How long anything may take before it counts as hanging.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// A store's folder, gone at the end.
pub(crate) struct Place(tempfile::TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.0.path().join("store")
    }

    /// A call of the program, yet to be started.
    pub(crate) fn rolo(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rolo"));
        command
            .args(["--store", "store", "--user", "ada"])
            .args(words)
            .current_dir(self.0.path())
            .env_clear()
            .env("HOME", self.0.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// A call that must be done; returns standard output.
    pub(crate) fn done(&self, words: &[&str]) -> String {
        let output = self.rolo(words).output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Starts `rolo serve` and waits until it serves.
    pub(crate) fn serve(&self) -> Process {
        let process = Process(self.rolo(&["serve"]).spawn().unwrap());
        let pid = process.0.id();
        until("it serves", || holder(&self.store()).is_some_and(|holder| holder.pid == pid && holder.state == HolderState::Serving));
        process
    }

    /// Sits down at the store from this process.
    pub(crate) fn join(&self) -> Arc<dyn Store> {
        join(&self.store(), options(true)).unwrap()
    }

    /// Asserts that the store is sound and nobody is at it.
    pub(crate) fn clean(&self) {
        let output = self.rolo(&["check"]).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
    }
}

/// Everything that a call has said.
pub(crate) fn said(output: &Output) -> String {
    format!("{:?} {}{}", output.status.code(), String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// How the processes of these tests sit down.
pub(crate) fn options(screen: bool) -> JoinOptions {
    let open = OpenOptions { wait: LONG, preallocate: 1 << 20, ..OpenOptions::default() };
    JoinOptions { open, login: "ada".into(), what: "test".into(), screen }
}

/// A process that is killed when it is let go.
pub(crate) struct Process(pub(crate) Child);

impl Process {
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.0), signal).unwrap();
    }

    /// Kills it with -9 and waits until it is gone.
    pub(crate) fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Ends it in order; returns its exit code.
    pub(crate) fn end(mut self) -> Option<i32> {
        self.signal(Signal::TERM);
        self.0.wait().unwrap().code()
    }

    /// Collects the lines that it prints, as they come.
    pub(crate) fn lines(&mut self) -> Arc<Mutex<Vec<String>>> {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (to, from) = (Arc::clone(&lines), BufReader::new(self.0.stdout.take().unwrap()));
        std::thread::spawn(move || {
            for line in from.lines().map_while(Result::ok) {
                to.lock().unwrap().push(line);
            }
        });
        lines
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until something is so.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < LONG, "it never was that {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Returns the commit that makes a contact of this name.
pub(crate) fn contact(name: &str) -> Commit {
    let mut record = Record::new(new_id(Kind::Contact, 1));
    record.push(number::CONTACT_NAME, Value::text(name));
    Commit {
        author: Author { login: "ada".into(), workspace: String::new() },
        label: "add".into(),
        step: None,
        last: true,
        kind: StepKind::Do,
        key: None,
        at: None,
        changes: vec![Change { id: record.id, based_on: Some(0), after: Some(record) }],
        absent: Vec::new(),
    }
}

/// Returns the names of all contacts, by id.
pub(crate) fn names(store: &dyn Store) -> Vec<String> {
    let request = PageRequest {
        kind: Kind::Contact,
        query: None,
        sort: Vec::new(),
        after: None,
        offset: 0,
        limit: usize::MAX,
        records: true,
        total: false,
        trash: Trash::With,
        at_least: None,
        view: View { now: rolo::domain::Timestamp::EPOCH, login: "ada".into() },
    };
    let page = store.query(&request).unwrap();
    page.records.iter().map(|record| record.text(number::CONTACT_NAME).unwrap().to_owned()).collect()
}

/// A process of this test program that sits down at a store and works, as the
/// environment says.
pub(crate) fn worker(test: &str, variable: &str, store: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
    command.env(variable, store).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    command
}
