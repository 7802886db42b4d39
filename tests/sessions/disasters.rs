//! What happens to disks, folders and clocks while somebody has the store, by real
//! means and with the exact words. What the machine refuses is skipped, and said.

use std::path::Path;
use std::process::{Command, Stdio};

use rolo::store::StoreError;
use rolo::store::api::Part;
use rustix::process::Signal;

use crate::company::{Place, contact, names, said, until};

/// Runs a script of the shell where a small disk is mounted at `small`, `$ROLO` being a
/// call; `None` where the machine mounts nothing for us.
fn mounted(folder: &Path, script: &str) -> Option<(String, String)> {
    let rolo = format!("{} --user ada --store s", env!("CARGO_BIN_EXE_rolo"));
    std::fs::create_dir_all(folder.join("small")).unwrap();
    let script = format!("mount -t tmpfs -o size=26m tmpfs small && cd small && echo mounted && {{ {script}; }}");
    let output =
        Command::new("unshare").args(["-Urm", "sh", "-c", &script]).current_dir(folder).env("ROLO", rolo).stdin(Stdio::null()).output();
    let output = output.ok()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let out = text(&output.stdout);
    let rest = out.strip_prefix("mounted\n").map(str::to_owned);
    if rest.is_none() {
        println!("skipped: no disk can be mounted in a namespace here: {}", text(&output.stderr).trim());
    }
    rest.map(|rest| (rest, text(&output.stderr)))
}

/// Waits in a script until the store is served.
const SERVED: &str = "until $ROLO sessions --format plain | grep -q host; do sleep 0.05; done";

#[test]
fn a_disk_that_fills_under_a_host_is_told_to_its_guests_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    // Notes that no compression makes small: a few thousand rows are more than the disk.
    let mut dice = 7_u64;
    let mut notes = || -> String {
        let words = std::iter::repeat_with(|| {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            format!("{:x}", dice >> 8)
        });
        words.take(500).collect()
    };
    let rows: String = (0..4_000).map(|n| format!("Person {n},p{n}@example.com,{}\n", notes())).collect();
    std::fs::write(folder.path().join("many.csv"), format!("name,email,notes\n{rows}")).unwrap();
    let script = format!(
        "$ROLO --quiet serve & host=$!; {SERVED}; $ROLO add contact name=Ada; cat /dev/zero > fill 2> /dev/null; \
         $ROLO --quiet import ../many.csv --as contact > /dev/null; echo $?; \
         $ROLO list contact name=Ada --columns name --no-header; echo $?; \
         rm fill; $ROLO check > /dev/null; echo $?; $ROLO add contact name=Ben > /dev/null; echo $?; kill $host; wait $host; echo $?"
    );
    let Some((out, err)) = mounted(folder.path(), &script) else { return };
    assert_eq!(out, "c1\n1\nAda\n0\n0\n0\n0\n", "{err}");
    let full = "rolo: the disk is full: No space left on device (os error 28): nothing was changed\n  \
                make room on the disk, or look at its health, and try again\n";
    assert_eq!(err, full);
}

#[test]
fn a_disk_that_becomes_read_only_is_told() {
    let folder = tempfile::tempdir().unwrap();
    // A mount that somebody writes to becomes read-only only by force: by another over it.
    let script = format!(
        "$ROLO --quiet serve & host=$!; {SERVED}; $ROLO add contact name=Ada; mount --bind s s && mount -o remount,ro,bind s; \
         $ROLO --quiet add contact name=Ben; echo $?; $ROLO --quiet list contact --columns name --no-header; echo $?; \
         umount s; $ROLO --quiet add contact name=Cy; echo $?; kill $host; wait $host; echo $?; $ROLO --quiet check > /dev/null; echo $?"
    );
    let Some((out, err)) = mounted(folder.path(), &script) else { return };
    assert_eq!(out, "c1\n7\nAda\n0\nc2\n0\n0\n0\n", "{err}");
    assert_eq!(err, "rolo: the store is read-only: the folder s is read-only\n");
}

#[test]
fn a_log_that_refuses_is_told_and_goes_on_when_it_takes_again() {
    let place = Place::new();
    let (host, guest) = (place.join(), place.join());
    guest.commit(contact("before")).unwrap();
    let log = place.store().join("log/00000001.log");
    let chattr = |flag: &str| Command::new("chattr").arg(flag).arg(&log).output().is_ok_and(|output| output.status.success());
    if !chattr("+i") {
        println!("skipped: this file system makes nothing immutable");
        return;
    }
    let refused = guest.commit(contact("refused"));
    let seen = names(&*guest);
    assert!(chattr("-i"));
    match refused {
        // Not all file systems refuse who has the file open already.
        Ok(_) => println!("skipped: what is open may be written here"),
        Err(error) => {
            assert_eq!(
                error.to_string(),
                "the store could not be written: writing 00000001.log failed: Operation not permitted (os error 1); \
                 whether the last change was kept is known when it is opened again"
            );
            assert_eq!(seen, ["before"]);
        }
    }
    guest.commit(contact("after")).unwrap();
    assert_eq!(names(&*host).last().unwrap(), "after");
    host.close().unwrap();
    guest.close().unwrap();
    place.clean();
}

#[test]
fn a_folder_that_vanishes_is_not_made_anew_by_who_had_it() {
    let place = Place::new();
    let (host, guest) = (place.join(), place.join());
    guest.commit(contact("Ada Novak")).unwrap();
    std::fs::remove_dir_all(place.store()).unwrap();
    assert_eq!(host.commit(contact("lost")).unwrap_err(), StoreError::Superseded);
    let gone = guest.commit(contact("lost")).unwrap_err();
    let sentence = format!("the folder {} is gone, or another one is in its place", place.store().display());
    assert_eq!((gone.to_string(), gone.exit_code()), (sentence.clone(), 6));
    assert!(!place.store().exists(), "nothing was made in its place");
    // Another store in its place is not the one that they had.
    place.done(&["add", "contact", "name=Someone Else"]);
    assert_eq!(guest.get(&[]).unwrap_err().to_string(), sentence);
    assert_eq!(host.commit(contact("lost")).unwrap_err(), StoreError::Superseded);
    drop((host, guest));
    assert_eq!(place.done(&["list", "contact", "--columns", "name", "--no-header"]), "Someone Else\n");
}

#[test]
fn a_clock_that_goes_backwards_is_said_once_and_order_stays() {
    let place = Place::new();
    place.done(&["--now", "2999-01-01T00:00:00Z", "add", "contact", "name=Ada Novak"]);
    let told = |output: std::process::Output| String::from_utf8(output.stderr).unwrap();
    let later = told(place.rolo(&["add", "contact", "name=Bo Berg"]).output().unwrap());
    let (begin, end) = ("rolo: the clock is behind: it is ", ", and the last commit was made at 2999-01-01T00:00:00Z\n");
    assert!(later.starts_with(begin) && later.ends_with(end), "{later}");
    let host = place.serve();
    let first = told(place.rolo(&["--now", "2999-01-02T00:00:00Z", "add", "contact", "name=Cy Cole"]).output().unwrap());
    let second = told(place.rolo(&["add", "contact", "name=Di Dahl"]).output().unwrap());
    let third = told(place.rolo(&["add", "contact", "name=Ed Egan"]).output().unwrap());
    assert_eq!((first.as_str(), third.as_str()), ("", ""));
    assert!(second.starts_with(begin), "{second}");
    let history = place.done(&["history", "--format", "jsonl"]);
    let steps: Vec<u64> = history
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["step"].as_str()?.trim_start_matches('@').parse().ok())
        .collect();
    assert_eq!(steps, [5, 4, 3, 2, 1], "order is that of the commits");
    assert_eq!(host.end(), Some(0));
    place.clean();
}

#[test]
fn a_segment_that_is_missing_is_damage_and_no_new_store() {
    let place = Place::new();
    place.done(&["add", "contact", "name=Ada Novak"]);
    let (log, away) = (place.store().join("log/00000001.log"), place.store().join("../away.log"));
    std::fs::rename(&log, &away).unwrap();
    for words in [&["list", "contact"][..], &["add", "contact", "name=No"], &["check"]] {
        let told = "Some(6) rolo: the store is damaged: the log is gone: store holds no segment of it, and there was one\n  \
                    `rolo check` tells more; a copy of the folder is the first thing to make\n";
        assert_eq!(said(&place.rolo(words).output().unwrap()), told);
    }
    std::fs::rename(&away, &log).unwrap();
    place.clean();
    assert_eq!(place.done(&["count", "contact"]), "1\n");
}

#[test]
fn two_hosts_are_impossible_whatever_becomes_of_lock() {
    let place = Place::new();
    for round in 0..4 {
        let (old, guest) = (place.join(), place.join());
        assert!(matches!(guest.part(), Part::Guest { .. }));
        let lock = place.store().join("LOCK");
        match round % 2 {
            0 => std::fs::remove_file(&lock).unwrap(),
            // Replaced by its like, as a copy back from a backup does.
            _ => {
                std::fs::copy(&lock, place.store().join("LOCK.new")).unwrap();
                std::fs::rename(place.store().join("LOCK.new"), &lock).unwrap();
            }
        }
        // Who comes takes the new one, and the guest finds it; who had the old one writes nothing.
        place.done(&["add", "contact", &format!("name=Round {round}")]);
        assert_eq!(old.commit(contact("never")).unwrap_err(), StoreError::Superseded);
        guest.commit(contact(&format!("guest {round}"))).unwrap();
        assert_eq!(names(&*guest).len(), 2 * (round + 1));
        assert!(!names(&*guest).contains(&"never".to_owned()));
        old.close().unwrap();
        guest.close().unwrap();
    }
    place.clean();
}

#[test]
fn what_is_no_lock_is_told_and_left_alone() {
    let place = Place::new();
    place.done(&["add", "contact", "name=Ada Novak"]);
    let lock = place.store().join("LOCK");
    let told = "Some(1) rolo: store/LOCK is no file: something else was put in its place; remove it while nobody has the store open\n";
    std::fs::remove_file(&lock).unwrap();
    std::fs::create_dir(&lock).unwrap();
    assert_eq!(said(&place.rolo(&["list", "contact"]).output().unwrap()), told);
    std::fs::remove_dir(&lock).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", &lock).unwrap();
    assert_eq!(said(&place.rolo(&["list", "contact"]).output().unwrap()), told);
    std::fs::remove_file(&lock).unwrap();
    place.clean();
}

#[test]
fn a_copy_made_while_it_is_open_is_a_store_of_its_own() {
    let place = Place::new();
    let host = place.serve();
    let copy = place.store().join("../copy");
    let copied = std::thread::scope(|scope| {
        let copies = scope.spawn(|| {
            std::thread::sleep(std::time::Duration::from_millis(100));
            // The socket is no file that can be copied.
            Command::new("cp").args(["-r"]).arg(place.store()).arg(&copy).stderr(Stdio::null()).status()
        });
        for name in 0..12 {
            place.done(&["add", "contact", &format!("name=Contact {name}")]);
        }
        copies.join().unwrap()
    });
    copied.unwrap();
    let count = |output: std::process::Output| -> u64 {
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
    };
    let of_copy = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rolo"));
        command.arg("--store").arg(&copy).args(["--user", "ada"]).args(words).stdin(Stdio::null()).output().unwrap()
    };
    let before = count(of_copy(&["count", "contact"]));
    assert!(of_copy(&["check"]).status.success());
    // What is written to the one does not reach the other, though the copied LOCK names its host.
    assert!(of_copy(&["add", "contact", "name=In the copy"]).status.success());
    assert_eq!(count(of_copy(&["count", "contact"])), before + 1);
    assert_eq!(place.done(&["count", "contact"]), "12\n");
    let held = rolo::store::lock::StoreLock::take(&copy, &rolo::store::lock::LockOptions::default()).unwrap();
    // As it is between taking the lock and writing into it.
    std::fs::write(copy.join("LOCK"), std::fs::read(place.store().join("LOCK")).unwrap()).unwrap();
    let busy = of_copy(&["--wait", "0", "count", "contact"]);
    assert_eq!(busy.status.code(), Some(8), "another store's host is not its own: {}", said(&busy));
    drop(held);
    assert_eq!(host.end(), Some(0));
}

#[test]
fn a_store_on_a_network_is_refused_unless_insisted() {
    let place = Place::new();
    // What `statfs` would say of NFS; debug builds take it from here.
    let call = |words: &[&str]| place.rolo(words).env("ROLO_TEST_STATFS", "6969").output().unwrap();
    if !cfg!(debug_assertions) {
        println!("skipped: only a debug build can be told what its disk is");
        return;
    }
    let refused = "Some(7) rolo: store lies on a network file system (NFS), where a store can be lost: put it on a local disk with --store PATH; \
                   --allow-network-store takes it as it is, from one host only\n";
    assert_eq!(said(&call(&["add", "contact", "name=Ada"])), refused);
    assert!(!place.store().exists(), "nothing was made");
    assert_eq!(said(&call(&["--allow-network-store", "add", "contact", "name=Ada"])), "Some(0) c1\n");
    assert_eq!(said(&call(&["list", "contact"])), refused);
}

#[test]
fn a_host_that_is_stopped_is_named_at_once_to_who_does_not_wait() {
    let place = Place::new();
    place.done(&["add", "contact", "name=Ada Novak"]);
    let host = place.serve();
    host.signal(Signal::STOP);
    until("it is stopped", || rolo::store::lock::is_stopped(host.0.id()));
    let output = place.rolo(&["--wait", "0", "list", "contact"]).output().unwrap();
    let told = format!(
        "Some(8) rolo: store is served by pid {}, which is stopped\n  close the other one, or wait longer with --wait\n",
        host.0.id()
    );
    assert_eq!(said(&output), told);
    host.signal(Signal::CONT);
    assert_eq!(place.done(&["count", "contact"]), "1\n");
}
