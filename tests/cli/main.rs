//! The command line as scripts meet it: the whole of both streams and the exit
//! code, in a clean environment.

#![allow(clippy::panic, clippy::print_stdout, reason = "a test fails by panicking, and says what it skips")]

mod calls;
mod doctor;
mod killed;
mod mistakes;
mod places;
mod readme;
mod real_input;
mod support;
mod twins;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A home of one's own: store, files, no variables of whoever runs the tests.
struct Home {
    folder: TempDir,
}

/// What a call came to.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Home {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn file(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path().join(name), text).expect("written");
        name.to_owned()
    }

    fn call(&self, words: &[&str], input: &str) -> Said {
        let clock: &[&str] = if words.contains(&"--now") { &[] } else { &["--now", "2026-11-20T10:00:00Z"] };
        let mut child = Command::new(env!("CARGO_BIN_EXE_rolo"))
            .args(["--user", "ada"])
            .args(clock)
            .args(words)
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.path())
            .env("TZ", "UTC")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("rolo starts");
        // A call that reads nothing may be gone already.
        drop(child.stdin.take().expect("a pipe").write_all(input.as_bytes()));
        let output = child.wait_with_output().expect("rolo ends");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Said { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }

    /// A call that is to be done; returns standard output.
    fn done(&self, words: &[&str]) -> String {
        let said = self.call(words, "");
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{words:?}");
        said.out
    }
}
