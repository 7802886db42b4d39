//! Killed with -9 at random moments, hundreds of times: every acknowledged commit
//! is there, none is torn, the check is clean.
//!
//! The test runs itself as the process that is killed. That one opens the store,
//! checks it against what was acknowledged so far, and then commits on three
//! threads, printing each acknowledgement as it comes.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::exit)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rolo::domain::fields::number;
use rolo::domain::{Kind, Record, RecordId, Value};
use rolo::store::api::{Author, Change, Changes, Commit, StepKind, new_id};
use rolo::store::{OpenOptions, Store, open};

/// Tells the process that it is the one to be killed, and where the store is.
const VICTIM: &str = "ROLO_KILLED_STORE";
/// One in so many of the rounds asked for goes through the command line.
const SHARE: u64 = 5;
/// After so many rounds a new store is begun, so that checking stays quick.
const ROUNDS_A_STORE: u64 = 10;

#[test]
fn every_acknowledged_commit_survives() {
    if let Some(folder) = std::env::var_os(VICTIM) {
        victim(Path::new(&folder));
    }
    let all: u64 = std::env::var("ROLO_KILL_ROUNDS").map_or(100, |rounds| rounds.parse().unwrap());
    // The rest are of the command line (`tests/cli/killed.rs`).
    let rounds = all - all.div_ceil(SHARE);
    let mut dice = Dice(rounds);
    let (mut acknowledged, mut recovering) = (0, 0);
    let mut folder = tempfile::tempdir().unwrap();
    for round in 0..rounds {
        if round % ROUNDS_A_STORE == 0 {
            folder = tempfile::tempdir().unwrap();
        }
        let (acks, was_ready) = kill_one(folder.path(), &mut dice);
        acknowledged += acks;
        recovering += u64::from(!was_ready);
    }
    // The last of all is not killed: it checks, and ends.
    let last = victim_command(folder.path()).env("ROLO_KILLED_ENDS", "1").output().unwrap();
    assert!(last.status.success(), "{}", String::from_utf8_lossy(&last.stdout));
    println!("{rounds} rounds, {acknowledged} commits acknowledged, killed {recovering} times before it was ready");
    assert!(acknowledged >= rounds, "hardly anything was done between the kills");
}

/// A generator of numbers, so that a round can be repeated.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn victim_command(folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "every_acknowledged_commit_survives", "--nocapture", "--test-threads=1"]);
    command.env(VICTIM, folder).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Starts a process, kills it at some moment, and writes down what it has
/// acknowledged. Returns how much that was, and whether it was at work by then.
fn kill_one(folder: &Path, dice: &mut Dice) -> (u64, bool) {
    let mut child = victim_command(folder).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    let at_work = dice.roll(4) > 0;
    if at_work {
        // In three of four rounds it is killed at work, else maybe while it opens.
        while !said.ends_with("ready\n") {
            assert!(lines.read_line(&mut said).unwrap() > 0, "it ended by itself: {said}{}", rest(&mut child));
        }
    }
    std::thread::sleep(Duration::from_micros(dice.roll(if at_work { 120_000 } else { 150_000 })));
    child.kill().unwrap();
    lines.read_to_string(&mut said).unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), None, "it ended by itself: {said}{}", rest(&mut child));
    let mut acks = std::fs::OpenOptions::new().create(true).append(true).open(folder.join("acknowledged")).unwrap();
    let mut count = 0;
    for line in said.lines().filter(|line| line.starts_with("ack ") && line.ends_with(" .")) {
        writeln!(acks, "{line}").unwrap();
        count += 1;
    }
    (count, said.contains("ready\n"))
}

fn rest(child: &mut std::process::Child) -> String {
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    said
}

/// Opens, checks, and commits until it is killed.
fn victim(folder: &Path) -> ! {
    let options = OpenOptions { wait: Duration::from_secs(20), preallocate: 1 << 20, segment_size: 1 << 18, ..OpenOptions::default() };
    let store = open(&folder.join("store"), options).unwrap();
    let acknowledged = std::fs::read_to_string(folder.join("acknowledged")).unwrap_or_default();
    verify(&*store, &acknowledged);
    if std::env::var_os("ROLO_KILLED_ENDS").is_some() {
        store.close().unwrap();
        std::process::exit(0);
    }
    say("ready\n");
    let threads: Vec<_> = (0..3)
        .map(|thread| {
            let store = Arc::clone(&store);
            std::thread::spawn(move || work(&*store, thread))
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    unreachable!("it works until it is killed")
}

/// One write, so that a line is whole or ends where the process did.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(line.as_bytes()).unwrap();
    out.flush().unwrap();
}

/// Commits until the process is killed: new records, changes of its own ones,
/// now and then hundreds at once. Each record names its commit's mark and size.
fn work(store: &dyn Store, thread: u64) {
    let mut dice = Dice(u64::from(std::process::id()) * 3 + thread);
    let mut own: Vec<RecordId> = Vec::new();
    loop {
        let mark = format!("{}-{thread}-{}", std::process::id(), dice.roll(u64::MAX >> 34));
        let new = if dice.roll(12) == 0 { 200 + dice.roll(300) } else { 1 + dice.roll(4) };
        let old: BTreeSet<RecordId> =
            (0..dice.roll(3)).filter(|_| !own.is_empty()).map(|_| own[dice.roll(own.len() as u64) as usize]).collect();
        let size = new + old.len() as u64;
        let padding = "x".repeat(dice.roll(400) as usize);
        let ids = (0..new).map(|n| new_id(Kind::Contact, n)).chain(old.iter().copied());
        let changes: Vec<Change> = ids
            .map(|id| {
                let mut record = Record::new(id);
                record.push(number::CONTACT_NAME, Value::text(format!("{mark} {size} {padding}")));
                Change { id, based_on: None, after: Some(record) }
            })
            .collect();
        let answer = store
            .commit(Commit {
                author: Author { login: "ada".into(), workspace: String::new() },
                label: mark.clone(),
                step: None,
                last: true,
                kind: StepKind::Do,
                key: None,
                at: None,
                changes,
                absent: Vec::new(),
            })
            .unwrap();
        let mut line = format!("ack {} {mark} {size}", answer.seq);
        let _ = write!(line, " {}", answer.ids.iter().map(RecordId::to_string).collect::<Vec<_>>().join(","));
        say(&format!("{line} .\n"));
        own.extend(answer.ids.iter().take(3));
    }
}

/// Compares the store with what was acknowledged, and with itself.
fn verify(store: &dyn Store, acknowledged: &str) {
    let mut expected: BTreeMap<u64, (String, usize, BTreeSet<RecordId>)> = BTreeMap::new();
    for line in acknowledged.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let [_, seq, mark, size, ids, _] = words.as_slice() else { panic!("{line}") };
        let ids = ids.split(',').map(|id| id.parse().unwrap()).collect();
        expected.insert(seq.parse().unwrap(), (mark.to_string(), size.parse().unwrap(), ids));
    }
    let (mut seq, mut created, mut latest) = (0, BTreeSet::new(), BTreeMap::new());
    loop {
        let Changes::Commits(commits) = store.changes_since(seq, 500).unwrap() else { panic!("a resync") };
        let Some(last) = commits.last() else { break };
        for commit in &commits {
            // Acknowledged or not: what is there is whole.
            let ids: BTreeSet<RecordId> = commit.changed.iter().map(|(id, _)| *id).collect();
            for (id, _) in &commit.changed {
                created.insert(*id);
                latest.insert(*id, (commit.seq, commit.label.clone(), ids.len()));
            }
            if let Some((mark, size, acknowledged)) = expected.remove(&commit.seq) {
                assert_eq!((commit.label.as_str(), ids.len(), &ids), (mark.as_str(), size, &acknowledged), "commit {}", commit.seq);
            }
        }
        seq = last.seq;
    }
    assert!(expected.is_empty(), "acknowledged and gone: {:?}", expected.keys());
    assert_eq!(store.seq(), seq);
    // Every number was given once, and none was left out.
    assert_eq!(created.iter().map(|id| id.number).collect::<Vec<_>>(), (1..=created.len() as u64).collect::<Vec<_>>());
    for (id, (seq, mark, size)) in latest {
        let record = store.get(&[id]).unwrap().pop().unwrap().unwrap();
        assert_eq!(record.version, seq, "{id}");
        assert!(record.text(number::CONTACT_NAME).unwrap().starts_with(&format!("{mark} {size} ")), "{id}");
    }
    let check = store.check(false, &mut |_, _| {}).unwrap();
    assert_eq!(check.damage, Vec::<String>::new());
}
