//! Attached files, backups, and forgetting, as somebody at the command line meets them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod attached;
mod backups;
mod forgotten;
mod inside;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A home of one's own, and the store in it.
pub(crate) struct Home {
    folder: tempfile::TempDir,
}

/// What a call came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: Vec<u8>,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.out.clone()).unwrap()
    }
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.path().join("store")
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn command(&self, store: &str, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rolo"));
        command.args(["--user", "ada", "--store", store]).args(words).current_dir(self.path()).env_clear();
        command.env("HOME", self.path()).env("TZ", "UTC").env("TMPDIR", self.path()).env("ROLO_OPENER", "cat");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn call_at(&self, store: &str, words: &[&str], input: &[u8]) -> Said {
        let mut child = self.command(store, words).spawn().unwrap();
        // A call that reads nothing may be gone already.
        drop(child.stdin.take().unwrap().write_all(input));
        let output = child.wait_with_output().unwrap();
        Said { code: output.status.code().unwrap_or(-1), out: output.stdout, err: String::from_utf8(output.stderr).unwrap() }
    }

    pub(crate) fn call(&self, words: &[&str]) -> Said {
        self.call_at("store", words, b"")
    }

    /// A call that is to be done; returns standard output.
    pub(crate) fn done(&self, words: &[&str]) -> String {
        self.done_at("store", words)
    }

    pub(crate) fn done_at(&self, store: &str, words: &[&str]) -> String {
        let said = self.call_at(store, words, b"");
        assert_eq!(said.code, 0, "{words:?}: {}", said.err);
        said.text()
    }

    /// Everything that is in a store, as text: file by file of an export.
    pub(crate) fn everything(&self, store: &str) -> Vec<(String, Vec<u8>)> {
        let out = self.path().join(format!("{store}.export"));
        self.done_at(store, &["export", "--all", "--out", out.to_str().unwrap()]);
        let mut found = Vec::new();
        collect(&out, &out, &mut found);
        found.sort();
        found
    }
}

pub(crate) fn collect(root: &Path, folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, found);
        } else if path.is_file() {
            found.push((path.strip_prefix(root).unwrap().display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
}
