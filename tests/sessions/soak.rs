//! Many processes on one store, any of them killed with -9 or stopped at any time:
//! every acknowledged commit is there exactly once.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rolo::store::join;
use rustix::process::Signal;

use crate::company::{Place, Process, contact, names, options, worker};

/// Tells the process that it is one of those, and where the store is.
const WORKER: &str = "ROLO_SOAK_STORE";
/// How many are at work at once.
const WORKERS: usize = 5;

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

#[test]
fn every_acknowledged_commit_is_there_once() {
    if let Some(store) = std::env::var_os(WORKER) {
        work(Path::new(&store));
    }
    let seconds: u64 = std::env::var("ROLO_SOAK_SECONDS").map_or(8, |seconds| seconds.parse().unwrap());
    let place = Place::new();
    let start = || {
        let mut process = Process(worker("soak::every_acknowledged_commit_is_there_once", WORKER, &place.store()).spawn().unwrap());
        let lines = process.lines();
        (process, lines)
    };
    let mut dice = Dice(seconds);
    let mut said: Vec<Arc<Mutex<Vec<String>>>> = Vec::new();
    let mut workers: Vec<Process> = Vec::new();
    let (mut kills, mut stops) = (0, 0);
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(seconds) {
        while workers.len() < WORKERS {
            let (process, lines) = start();
            workers.push(process);
            said.push(lines);
        }
        std::thread::sleep(Duration::from_millis(50 + dice.roll(250)));
        let victim = dice.roll(WORKERS as u64) as usize;
        if dice.roll(4) == 0 {
            workers[victim].signal(Signal::STOP);
            std::thread::sleep(Duration::from_millis(dice.roll(300)));
            workers[victim].signal(Signal::CONT);
            stops += 1;
        } else {
            workers.remove(victim).kill();
            kills += 1;
        }
    }
    drop(workers);
    let store = place.join();
    let mut kept: BTreeMap<String, u64> = BTreeMap::new();
    for name in names(&*store) {
        *kept.entry(name).or_default() += 1;
    }
    let twice: Vec<_> = kept.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "more than once: {twice:?}");
    let (mut acknowledged, mut longest) = (0, 0);
    for line in said.iter().flat_map(|lines| lines.lock().unwrap().clone()) {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["ack", mark, pause, "."] => {
                assert!(kept.contains_key(*mark), "{mark} was acknowledged and is gone");
                acknowledged += 1;
                longest = longest.max(pause.parse::<u128>().unwrap());
            }
            ["error", ..] => panic!("a session saw an error: {line}"),
            _ => {}
        }
    }
    println!("{seconds} s: {acknowledged} commits acknowledged, {kills} kills, {stops} stops, longest pause {longest} ms");
    assert!(acknowledged > 0 && kills > 0, "nothing happened");
    store.close().unwrap();
    place.clean();
}

/// Commits until the process is killed; each record has a name of its own.
fn work(store: &Path) -> ! {
    let pid = std::process::id();
    let mut dice = Dice(u64::from(pid));
    let store = match join(store, options(dice.roll(2) == 0)) {
        Ok(store) => store,
        Err(error) => {
            say(&format!("error {error}\n"));
            std::process::exit(1);
        }
    };
    for count in 0_u64.. {
        let mark = format!("{pid}-{count}");
        let begun = Instant::now();
        match store.commit(contact(&mark)) {
            Ok(_) => say(&format!("ack {mark} {} .\n", begun.elapsed().as_millis())),
            Err(error) => say(&format!("error {error}\n")),
        }
        if dice.roll(20) == 0 {
            std::thread::sleep(Duration::from_millis(dice.roll(20)));
        }
    }
    unreachable!("it works until it is killed")
}

/// One write, so that a line is whole or ends where the process did.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(line.as_bytes()).unwrap();
    out.flush().unwrap();
}
