//! Real processes on a real disk: killed with -9, and a file system that is full.
//!
//! Each test runs itself again as a child, told by an environment variable to
//! be the one that writes.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use rolo::store::disk::RealDisk;
use rolo::store::log::{Log, LogError, LogOptions};

use crate::common::{ID, check_frames, commits, small, write};

const CHILD: &str = "ROLO_TEST_LOG";

fn child_folder() -> Option<PathBuf> {
    std::env::var_os(CHILD).map(PathBuf::from)
}

fn open_or_create(folder: &Path, options: fn() -> LogOptions) -> Log {
    let disk = Arc::new(RealDisk::create(folder).unwrap());
    match Log::open(disk.clone(), options()) {
        Ok((log, _)) => log,
        Err(LogError::NoLog) => Log::create(disk, ID, options()).unwrap().0,
        Err(error) => panic!("{error}"),
    }
}

fn say(words: &str) {
    // Past the test runner, which would keep it until the test has ended.
    let mut out = std::io::stdout().lock();
    writeln!(out, "{words}").and_then(|()| out.flush()).unwrap();
}

#[test]
fn killed_at_any_moment() {
    if let Some(folder) = child_folder() {
        let mut log = open_or_create(&folder, small);
        loop {
            let next = log.last_seq() + 1;
            log.append(&commits(next..next + 1 + next % 7)).unwrap();
            log.sync().unwrap();
            say(&format!("acknowledged {}", log.last_seq()));
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let mut acknowledged = 0;
    for round in 0..25u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["process::killed_at_any_moment", "--exact", "--nocapture"])
            .env(CHILD, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut seen = 0;
        while seen <= round * 7 % 11 {
            let line = lines.next().expect("the child writes until it is killed").unwrap();
            seen += u64::from(line.starts_with("acknowledged"));
        }
        std::thread::sleep(std::time::Duration::from_micros(round * 577 % 3000));
        child.kill().unwrap();
        child.wait().unwrap();
        let last = lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("acknowledged ")?.parse::<u64>().ok()).last();
        acknowledged = last.unwrap_or(acknowledged);
        let log = open_or_create(&path, small);
        assert!(log.last_seq() >= acknowledged);
        check_frames(&log, log.last_seq());
    }
    assert!(acknowledged > 100);
}

#[test]
fn a_file_system_that_is_full() {
    if let Some(folder) = child_folder() {
        return fill_the_file_system(&folder);
    }
    let folder = tempfile::tempdir().unwrap();
    // A mount that only the child sees, and that goes with it.
    let script = r#"mount -t tmpfs -o size=256k,mode=0700 rolo "$0" && exec "$@""#;
    let outcome = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script])
        .arg(folder.path())
        .arg(std::env::current_exe().unwrap())
        .args(["process::a_file_system_that_is_full", "--exact", "--nocapture"])
        .env(CHILD, folder.path())
        .output();
    match outcome {
        Ok(output) if String::from_utf8_lossy(&output.stdout).contains("mounted") => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        }
        _ => say("a_file_system_that_is_full: skipped, no file system can be mounted here"),
    }
}

fn fill_the_file_system(folder: &Path) {
    say("mounted");
    let options = || LogOptions { segment_size: 100_000, preallocate: 32 * 1024, ..LogOptions::default() };
    let ballast = folder.join("ballast");
    std::fs::write(&ballast, vec![1; 64 * 1024]).unwrap();
    let path = folder.join("log");
    let mut log = open_or_create(&path, options);
    let error = loop {
        let next = log.last_seq() + 1;
        match log.append(&commits(next..next + 20)) {
            Ok(_) => log.sync().unwrap(),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, LogError::Full { .. }), "{error}");
    assert_eq!(error.to_string(), "the disk is full: No space left on device (os error 28)");
    let full_at = log.last_seq();
    assert!(log.is_writable() && full_at > 100);
    check_frames(&log, full_at);
    drop(log);
    // A full disk does not keep anybody from reading, nor from opening.
    let mut log = open_or_create(&path, options);
    check_frames(&log, full_at);
    assert!(matches!(log.append(&commits(full_at + 1..full_at + 200)), Err(LogError::Full { .. })));
    std::fs::remove_file(&ballast).unwrap();
    write(&mut log, 100);
    check_frames(&log, full_at + 100);
}
