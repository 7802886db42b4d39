//! The whole store in one file, and back.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Home, collect};

/// A store with people, history, a purged number and two files.
fn filled() -> Home {
    let home = Home::new();
    home.done(&["demo"]);
    home.file("a.txt", "content of a");
    home.done(&["attach", "c1", "a.txt"]);
    home.call_at("store", &["attach", "c2", "-", "--name", "b.bin"], &[0, 1, 2, 255]);
    home.done(&["add", "contact", "name=Gone Soon"]);
    let gone = home.done(&["list", "contact", "Gone", "--format", "ids"]);
    home.done(&["rm", gone.trim()]);
    home.done(&["purge", "--yes"]);
    home
}

fn backed_up(home: &Home) -> PathBuf {
    home.done(&["backup", "b.tar"]);
    home.path().join("b.tar")
}

#[test]
fn a_restored_store_is_the_store() {
    let home = filled();
    let file = backed_up(&home);
    let said = home.done_at("other", &["restore-backup", "b.tar"]);
    assert!(said.starts_with("restored ") && said.contains(" and 2 files, as of "), "{said}");
    assert_eq!(home.everything("other"), home.everything("store"));
    assert_eq!(home.done_at("other", &["history"]), home.done(&["history"]));
    home.done_at("other", &["check"]);
    // A number that was given is not given again.
    assert_eq!(home.done_at("other", &["add", "contact", "name=New"]), home.done(&["add", "contact", "name=New"]));
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o7777, 0o600);
}

#[test]
fn other_programs_can_read_and_check_a_backup() {
    let home = filled();
    backed_up(&home);
    let out = home.path().join("unpacked");
    fs::create_dir(&out).unwrap();
    let shell = |line: &str| Command::new("sh").arg("-c").arg(line).current_dir(&out).status();
    if !shell("command -v tar && command -v sha256sum").unwrap().success() {
        println!("skipped: tar or sha256sum is not here");
        return;
    }
    assert!(shell("tar -xf ../b.tar && sha256sum --quiet -c SHA256SUMS").unwrap().success());
    let manifest = fs::read_to_string(out.join("rolo-backup.json")).unwrap();
    assert!(manifest.contains("\"format\": 1") && manifest.contains("\"files\": 2"), "{manifest}");
}

#[test]
fn a_pipe_is_as_good_as_a_file() {
    let home = filled();
    let piped = home.call(&["backup", "-"]);
    assert_eq!((piped.code, piped.err.as_str()), (0, ""));
    let restored = home.call_at("other", &["restore-backup", "-"], &piped.out);
    assert_eq!(restored.code, 0, "{}", restored.err);
    assert_eq!(home.everything("other"), home.everything("store"));
    // Cut anywhere it is no backup, and nothing is left of it.
    for cut in [0, 1, 511, 512, 1_000, piped.out.len() / 2, piped.out.len() - 3_000] {
        let said = home.call_at("third", &["restore-backup", "-"], &piped.out[..cut]);
        assert_eq!(said.code, 1, "{cut}");
        let told = said.err.contains("standard input is cut short: it ends ") || said.err.contains("standard input is no backup of rolo");
        assert!(told, "{cut}: {}", said.err);
        assert!(!home.path().join("third").exists(), "{cut}");
    }
}

#[test]
fn a_backup_is_consistent_while_others_write() {
    let home = Home::new();
    home.done(&["add", "contact", "name=First"]);
    let rows: String =
        std::iter::once("name,notes\n".to_owned()).chain((0..3_000).map(|row| format!("Person {row},{}\n", "x".repeat(200)))).collect();
    home.file("people.csv", rows);
    let mut import = home.command("store", &["--quiet", "import", "people.csv", "--as", "contact"]).spawn().unwrap();
    let mut taken = 0;
    while import.try_wait().unwrap().is_none() || taken == 0 {
        let name = format!("{taken}.tar");
        home.done(&["backup", &name]);
        taken += 1;
    }
    assert!(import.wait().unwrap().success());
    for number in [0, taken / 2, taken - 1] {
        let store = format!("restored-{number}");
        home.done_at(&store, &["restore-backup", &format!("{number}.tar")]);
        home.done_at(&store, &["check"]);
    }
}

#[test]
fn what_cannot_be_is_said_and_nothing_is_lost() {
    let home = filled();
    let file = backed_up(&home);
    let before = fs::read(&file).unwrap();
    let exists = home.call(&["backup", "b.tar"]);
    assert_eq!((exists.code, exists.err.as_str()), (1, "rolo: b.tar is there already\n  --force writes over it\n"));
    assert_eq!(fs::read(&file).unwrap(), before);
    home.done(&["backup", "b.tar", "--force"]);
    for (words, code, told) in [
        (vec!["backup"], 2, "rolo: into which file?\n  `rolo backup FILE`, or - for standard output; --list shows the automatic ones\n"),
        (vec!["backup", "."], 1, "rolo: . is a folder: name a file in it\n"),
        (vec!["backup", "none/b.tar"], 1, "rolo: none/b.tar cannot be written: No such file or directory (os error 2)\n"),
        (
            vec!["backup", "store/b.tar"],
            2,
            "rolo: store/b.tar lies in the store itself\n  name a place outside of it, best on another disk\n",
        ),
    ] {
        let said = home.call(&words);
        assert_eq!(
            (said.code, said.err.lines().take(2).collect::<Vec<_>>().join("\n") + "\n"),
            (code, told.lines().take(2).collect::<Vec<_>>().join("\n") + "\n"),
            "{words:?}"
        );
    }
    let no_store = home.call_at("nowhere", &["backup", "c.tar"], b"");
    assert_eq!((no_store.code, no_store.err.as_str()), (1, "rolo: there is no store in nowhere\n"));
    let there = home.call(&["restore-backup", "b.tar"]);
    assert_eq!(there.code, 1);
    assert!(
        there.err.starts_with("rolo: there is a store in store already, of ") && there.err.contains("name a new place with --store"),
        "{}",
        there.err
    );
    fs::create_dir(home.path().join("full")).unwrap();
    home.file("full/letter.txt", "dear");
    let other = home.call_at("full", &["restore-backup", "b.tar"], b"");
    assert_eq!((other.code, other.err.as_str()), (1, "rolo: full holds something else than a store: letter.txt\n"));
    let read_only = home.call_at("new", &["--readonly", "restore-backup", "b.tar"], b"");
    assert_eq!(read_only.code, 7);
    assert!(!home.path().join("new").exists());
    // A store in which nothing was done gives way.
    home.done_at("empty", &["list", "contact"]);
    home.done_at("empty", &["restore-backup", "b.tar"]);
    assert_eq!(home.everything("empty"), home.everything("store"));
    // One that somebody has does not.
    home.done_at("held", &["list", "contact"]);
    let mut host = home.command("held", &["serve"]).spawn().unwrap();
    while !home.path().join("held/sock").exists() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let held = home.call_at("held", &["--wait", "0", "restore-backup", "b.tar"], b"");
    assert_eq!(held.code, 8, "{}", held.err);
    host.kill().unwrap();
    host.wait().unwrap();
    for (name, content, told) in [
        ("text", b"hello, this is no backup".to_vec(), "rolo: text is no backup of rolo\n"),
        ("zeros", vec![0; 2_048], "rolo: zeros is no backup of rolo\n"),
        ("nothing", Vec::new(), "rolo: nothing is no backup of rolo\n"),
    ] {
        home.file(name, content);
        let said = home.call_at("new", &["restore-backup", name], b"");
        assert_eq!((said.code, said.err.as_str()), (1, told));
    }
    let later = replaced(&before, b"\"format\": 1", b"\"format\": 9");
    home.file("later.tar", later);
    let said = home.call_at("new", &["restore-backup", "later.tar"], b"");
    assert!(said.err.starts_with("rolo: later.tar was made by a later version of rolo (rolo "), "{}", said.err);
    assert!(said.err.contains("it is of format 9, this one reads 1"), "{}", said.err);
    assert!(!home.path().join("new").exists());
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
    let mut bytes = bytes.to_vec();
    bytes[at..at + to.len()].copy_from_slice(to);
    bytes
}

#[test]
fn a_flipped_bit_is_never_restored() {
    let home = filled();
    let bytes = fs::read(backed_up(&home)).unwrap();
    let (mut harmless, mut told) = (0, 0);
    for round in 0..60_usize {
        let place = (round * 7_919 * 131) % bytes.len();
        let mut flipped = bytes.clone();
        flipped[place] ^= 1 << (round % 8);
        let unpacked = tempfile::tempdir().unwrap();
        let store = unpacked.path().join("store");
        match rolo::store::backup::restore(&mut flipped.as_slice(), "b.tar", &store, &Default::default(), &mut |_, _| {}) {
            Err(error) => {
                assert_eq!(error.exit_code(), 1, "{error}");
                assert!(!store.exists());
                told += 1;
            }
            Ok(_) => {
                // In the padding of the archive, where nothing stands.
                let mut found = Vec::new();
                collect(&store, &store.join("log"), &mut found);
                let mut original = Vec::new();
                collect(&home.store(), &home.store().join("log"), &mut original);
                for ((name, is), (_, was)) in found.iter().zip(&original) {
                    assert_eq!(is.as_slice(), &was[..is.len()], "{name}");
                }
                harmless += 1;
            }
        }
    }
    assert!(told > 30, "{told} told, {harmless} without effect");
}

#[test]
fn a_full_disk_leaves_nothing_half() {
    let home = filled();
    home.call_at("store", &["attach", "c1", "-", "--name", "large.bin"], &vec![7; 30 << 20]);
    let Some(small) = small_disk(home.path()) else {
        println!("skipped: no small file system can be mounted here");
        return;
    };
    let said = home.call(&["backup", "small/b.tar"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("cannot be written: the disk is full"), "{}", said.err);
    assert_eq!(fs::read_dir(&small).unwrap().count(), 0);
    home.done(&["backup", "b.tar"]);
    let said = home.call_at("small/store", &["restore-backup", "b.tar"], b"");
    assert_eq!(said.code, 1);
    assert!(said.err.contains("writing to small/store failed: the disk is full"), "{}", said.err);
    assert_eq!(fs::read_dir(&small).unwrap().count(), 0);
    // A file that does not fit is not attached, and what is there stays usable.
    home.done_at("small/own", &["--quiet", "add", "contact", "name=Ada"]);
    let said = home.call_at("small/own", &["attach", "c1", "-", "--name", "x.bin"], &vec![7; 30 << 20]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("the file cannot be kept: the disk is full; nothing was changed"), "{}", said.err);
    home.done_at("small/own", &["check"]);
    assert!(Command::new("umount").arg(&small).status().unwrap().success());
}

/// Mounts a file system of 24 MiB.
fn small_disk(folder: &Path) -> Option<PathBuf> {
    let small = folder.join("small");
    fs::create_dir(&small).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=24m,mode=0700", "tmpfs"]).arg(&small).status();
    mounted.is_ok_and(|status| status.success()).then_some(small)
}

#[test]
fn automatic_backups_come_a_day_apart_and_not_for_nothing() {
    let home = filled();
    let folder = home.store().join("backup");
    assert!(folder.is_dir(), "the first day is noted");
    home.done(&["backup", "--auto"]);
    assert_eq!(home.done(&["backup", "--list", "--no-header"]), "");
    let yesterday = std::time::SystemTime::now() - std::time::Duration::from_secs(24 * 3600);
    let age = |path: &Path| fs::File::open(path).unwrap().set_modified(yesterday).unwrap();
    age(&folder);
    fs::write(folder.join(".part"), "left by one that was killed").unwrap();
    age(&folder);
    home.done(&["backup", "--auto"]);
    let listed = home.done(&["backup", "--list", "--format", "json"]);
    assert_eq!(listed.matches("\"path\"").count(), 1, "{listed}");
    assert!(!folder.join(".part").exists());
    home.done(&["backup", "--auto"]);
    assert_eq!(home.done(&["backup", "--list", "--no-header"]).lines().count(), 1);
    // A command that ends leaves it to a process of its own.
    let made = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.extension().is_some()).unwrap();
    let older = folder.join("rolo-20260101T000000Z-1.tar");
    fs::rename(&made, &older).unwrap();
    home.done(&["list", "contact"]);
    let began = std::time::Instant::now();
    while home.done(&["backup", "--list", "--no-header"]).lines().count() < 2 {
        assert!(began.elapsed().as_secs() < 60, "no backup comes");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    // Switched off it does not.
    let config = home.path().join(".config/rolo");
    fs::create_dir_all(&config).unwrap();
    fs::write(config.join("config.toml"), "backups = \"off\"\n").unwrap();
    for path in rolo::store::backup::automatic(&home.store()).into_iter().map(|backup| backup.path) {
        fs::remove_file(path).unwrap();
    }
    age(&folder);
    home.done(&["list", "contact"]);
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(rolo::store::backup::automatic(&home.store()), []);
}
