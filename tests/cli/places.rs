//! Folders that cannot be written and disks that are full, each with its exact text.
//!
//! Root may write where permissions forbid it: a folder is made immutable, or a mount
//! read-only; a full disk is a small one in memory. Who is not root has both in a user
//! namespace of its own. What the machine refuses is skipped, and said.

use std::path::Path;
use std::process::{Command, Stdio};

use super::Home;

/// Runs a script of the shell in a namespace where mounts are its own, `$ROLO` being a
/// call with the home's user and clock; `None` where the machine has no such thing.
fn mounted(folder: &Path, script: &str) -> Option<(String, String)> {
    let rolo = format!("{} --user ada --now 2026-11-20T10:00:00Z", env!("CARGO_BIN_EXE_rolo"));
    let mut command = Command::new("unshare");
    command.args(["-Urm", "sh", "-c", &format!("mount -t tmpfs -o size=26m tmpfs small && cd small && echo mounted && {script}")]);
    let output = command.current_dir(folder).env("ROLO", rolo).env("HOME", folder).env("TZ", "UTC").stdin(Stdio::null()).output().ok()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let out = text(&output.stdout);
    match out.strip_prefix("mounted\n") {
        Some(rest) => Some((rest.to_owned(), text(&output.stderr))),
        None => {
            println!("skipped: no disk can be mounted in a namespace here: {}", text(&output.stderr).trim());
            None
        }
    }
}

#[test]
fn a_folder_that_cannot_be_written() {
    let home = Home::new();
    std::fs::create_dir(home.path().join("small")).expect("a folder");
    let script = "mkdir made && $ROLO --store made/s add contact name=Ada && mount -o remount,ro . && \
                  { $ROLO --store new/s add contact name=Ben; echo $?; $ROLO --store made/s add contact name=Ben; echo $?; \
                    $ROLO --store made/s list contact --columns name --no-header; echo $?; \
                    $ROLO --store made/s export contact --out people.csv; echo $?; }";
    let Some((out, err)) = mounted(home.path(), script) else { return };
    assert_eq!(out, "c1\n7\n7\nAda\n0\n1\n");
    let told: Vec<&str> = err.lines().filter(|line| !line.contains("the image was rebuilt")).collect();
    assert_eq!(
        told,
        [
            "rolo: no store can be made at new/s: the folder above it cannot be written (Read-only file system (os error 30)); \
             name another place with --store",
            "rolo: the store is read-only: the folder made/s is read-only",
            "rolo: people.csv: Read-only file system (os error 30)",
        ]
    );
}

#[test]
fn a_folder_made_immutable() {
    let home = Home::new();
    home.done(&["--store", "made", "add", "contact", "name=Ada"]);
    let chattr = |flag: &str| Command::new("chattr").args(["-R", flag, "made"]).current_dir(home.path()).output();
    if !chattr("+i").is_ok_and(|output| output.status.success()) {
        println!("skipped: this file system makes nothing immutable");
        return;
    }
    let said = home.call(&["--store", "made", "add", "contact", "name=Ben"], "");
    let nested = home.call(&["--store", "made/s", "add", "contact", "name=Ben"], "");
    let listed = home.call(&["--store", "made", "list", "contact", "--columns", "name", "--no-header"], "");
    let thawed = chattr("-i").expect("chattr runs");
    assert!(thawed.status.success(), "{thawed:?}");
    assert_eq!(said.code, 7);
    assert!(said.err.ends_with("rolo: the store is read-only: the folder made is read-only\n"), "{}", said.err);
    assert_eq!(
        (nested.code, nested.err.as_str()),
        (
            7,
            "rolo: no store can be made at made/s: the folder above it cannot be written (Operation not permitted (os error 1)); \
             name another place with --store\n"
        )
    );
    assert_eq!((listed.code, listed.out.as_str()), (0, "Ada\n"));
}

#[test]
fn a_disk_that_is_full() {
    let home = Home::new();
    std::fs::create_dir(home.path().join("small")).expect("a folder");
    let rows: String = (0..60_000).map(|n| format!("Person {n},p{n}@example.com,{}\n", "x".repeat(300))).collect();
    home.file("many.csv", &format!("name,email,notes\n{rows}"));
    // The log is made with room for what comes; what does not fit is refused as a whole.
    let script = "$ROLO --store s add contact name=Ada; echo $?; cat /dev/zero > fill 2> /dev/null; \
                  $ROLO --store s --quiet import ../many.csv --as contact > /dev/null; echo $?; \
                  $ROLO --store s --quiet list contact name=Ada --columns name --no-header; echo $?; \
                  rm fill; $ROLO --store s --quiet check > /dev/null; echo $?; \
                  $ROLO --store s --quiet add contact name=Ben; echo $?";
    let Some((out, err)) = mounted(home.path(), script) else { return };
    let lines: Vec<&str> = out.lines().collect();
    let [_, "0", "1", "Ada", "0", "0", ben, "0"] = lines.as_slice() else { panic!("{out}{err}") };
    assert!(ben.starts_with('c'), "{out}");
    assert_eq!(
        err,
        "rolo: the disk is full: No space left on device (os error 28): nothing was changed\n  \
         make room on the disk, or look at its health, and try again\n"
    );
}
