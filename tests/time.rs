//! Tasks, the agenda, and what time causes: each effect once, however often and late.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test fails by panicking, and says what it skips")]

#[path = "time/agenda.rs"]
mod agenda;
#[path = "time/contracts.rs"]
mod contracts;
#[path = "time/knowledge.rs"]
mod knowledge;
#[path = "time/pop.rs"]
mod pop;
#[path = "time/tasks.rs"]
mod tasks;
#[path = "time/tick.rs"]
mod tick;

use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A home of one's own: store, files, no variables of whoever runs the tests.
struct Home {
    folder: TempDir,
}

impl Home {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Begins a call, with nothing to read.
    fn begin(&self, now: &str, words: &[&str]) -> Child {
        let user: &[&str] = if words.contains(&"--user") { &[] } else { &["--user", "ada"] };
        Command::new(env!("CARGO_BIN_EXE_rolo"))
            .args(user)
            .args(["--wait", "60", "--now", now])
            .args(words)
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.path())
            .env("TZ", "UTC")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Ends a call: exit code, standard output, standard error.
    fn end(child: Child) -> (i32, String, String) {
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    }

    /// A call that is to be done; returns standard output.
    fn done(&self, now: &str, words: &[&str]) -> String {
        let (code, out, err) = Self::end(self.begin(now, words));
        assert_eq!((code, err.as_str()), (0, ""), "{words:?}");
        out
    }

    /// A call that is to be refused; returns exit code and standard error.
    fn refused(&self, now: &str, words: &[&str]) -> (i32, String) {
        let (code, out, err) = Self::end(self.begin(now, words));
        assert_eq!(out, "", "{words:?}");
        assert_ne!(code, 0, "{words:?}");
        (code, err)
    }
}
