//! Eight processes at one store, any of them killed with -9, stopped or suspended at
//! any time: two applications in terminals, an import, scripts, programs that commit
//! through the library, one that watches. Every acknowledged change is there exactly
//! once, all see the same in the end, and nobody sees an error.
//!
//! `ROLO_SOAK_SECONDS` is how long, `ROLO_SOAK_CONTACTS` how many contacts there are
//! before. Reported are the longest pauses: those in which the host was stopped from
//! outside last as long as it was, and are told apart.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::process::Child;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use rolo::store::join;
use rolo::store::lock::is_stopped;
use rustix::process::{Pid, Signal, kill_process};

use crate::company::{LONG, Place, Process, contact, options, until, worker};

/// Tells the process that it is one of those, and where the store is.
const WORKER: &str = "ROLO_SOAK_STORE";
const TEST: &str = "soak::every_acknowledged_change_is_there_once_and_all_see_the_same";
/// How many rows an import has.
const ROWS: usize = 200;

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Milliseconds by the clock that all processes have.
fn now() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()
}

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |number| number.parse().unwrap())
}

/// One process among the eight, which somebody else may kill at any time.
trait Running: Send {
    fn pid(&self) -> u32;
    fn has_ended(&mut self) -> Option<bool>;
}

impl Running for Child {
    fn pid(&self) -> u32 {
        self.id()
    }

    fn has_ended(&mut self) -> Option<bool> {
        self.try_wait().unwrap().map(|status| status.code().is_some())
    }
}

impl Running for Box<dyn portable_pty::Child + Send + Sync> {
    fn pid(&self) -> u32 {
        self.process_id().unwrap()
    }

    fn has_ended(&mut self) -> Option<bool> {
        self.try_wait().unwrap().map(|status| status.signal().is_none())
    }
}

/// Where a process sits. It is waited for and signalled under this lock only, so that
/// no signal ever goes to another process that has its number by then.
#[derive(Default)]
struct Chair(Mutex<Option<Box<dyn Running>>>);

impl Chair {
    fn sit(&self, running: impl Running + 'static) {
        *self.0.lock().unwrap() = Some(Box::new(running));
    }

    /// Returns, once it has ended, whether it did so by itself.
    fn ended(&self) -> Option<bool> {
        let mut chair = self.0.lock().unwrap();
        let ended = chair.as_mut().map_or(Some(false), |running| running.has_ended());
        if ended.is_some() {
            *chair = None;
        }
        ended
    }

    fn signal(&self, signal: Signal) -> bool {
        let chair = self.0.lock().unwrap();
        let Some(running) = chair.as_ref() else { return false };
        kill_process(Pid::from_raw(i32::try_from(running.pid()).unwrap()).unwrap(), signal).is_ok()
    }
}

/// What all know.
struct Street {
    place: Place,
    chairs: Vec<Chair>,
    over: AtomicBool,
    /// How many still type.
    typing: AtomicU64,
    marks: AtomicU64,
    /// Names that were acknowledged.
    kept: Mutex<Vec<String>>,
    errors: Mutex<Vec<String>>,
    /// When it was acknowledged and how long that took, in milliseconds.
    pauses: Mutex<Vec<(u128, u128)>>,
    /// When somebody was stopped from outside, from and to.
    stops: Mutex<Vec<(u128, u128)>>,
}

impl Street {
    fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    fn mark(&self, whose: &str) -> String {
        format!("mark-{whose}-{}", self.marks.fetch_add(1, Ordering::Relaxed))
    }

    fn acknowledge(&self, name: &str) {
        self.kept.lock().unwrap().push(name.to_owned());
    }

    fn error(&self, what: String) {
        self.errors.lock().unwrap().push(what);
    }

    /// A call of the command line; returns how it ended, `None` if it was killed.
    fn call(&self, chair: usize, words: &[&str]) -> Option<std::process::Output> {
        let mut child = self.place.rolo(&[&["--wait", "60", "--quiet"], words].concat()).spawn().unwrap();
        let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        self.chairs[chair].sit(child);
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        out.read_to_end(&mut stdout).unwrap();
        err.read_to_end(&mut stderr).unwrap();
        let mut code = None;
        until("a call ends", || {
            let mut seat = self.chairs[chair].0.lock().unwrap();
            let Some(running) = seat.as_mut() else { return true };
            let ended = running.has_ended();
            code = ended.filter(|by_itself| *by_itself);
            if ended.is_some() {
                *seat = None;
            }
            ended.is_some()
        });
        code.map(|_| std::process::Output { status: std::process::ExitStatus::default(), stdout, stderr })
    }

    /// A script that adds contacts, one call each.
    fn script(&self, chair: usize) {
        while !self.is_over() {
            let name = self.mark("script");
            match self.call(chair, &["add", "contact", &format!("name={name}")]) {
                Some(output) if output.stderr.is_empty() && output.stdout.starts_with(b"c") => self.acknowledge(&name),
                Some(output) => self.error(format!("{name}: {}", String::from_utf8_lossy(&output.stderr))),
                None => {}
            }
        }
    }

    /// Imports, each run again until it is done.
    fn imports(&self, chair: usize) {
        while !self.is_over() {
            let batch = self.mark("import");
            let file = format!("{batch}.csv");
            let rows: String = (0..ROWS).map(|row| format!("{batch}-{row},{batch}-{row}@example.org\n")).collect();
            std::fs::write(self.place.store().parent().unwrap().join(&file), format!("Name,Email\n{rows}")).unwrap();
            let done = loop {
                match self.call(chair, &["import", &file, "--as", "contact", "--format", "json"]) {
                    None => {}
                    Some(output) if output.stderr.is_empty() => break true,
                    Some(output) => {
                        self.error(format!("{file}: {}", String::from_utf8_lossy(&output.stderr)));
                        break false;
                    }
                }
            };
            if done {
                (0..ROWS).for_each(|row| self.acknowledge(&format!("{batch}-{row}")));
            }
        }
    }

    /// A program that commits through the library, again and again.
    fn commits(&self, chair: usize) {
        while !self.is_over() {
            let mut process = Process(worker(TEST, WORKER, &self.place.store()).spawn().unwrap());
            let lines = process.lines();
            let child = std::mem::replace(&mut process.0, std::process::Command::new("true").spawn().unwrap());
            self.chairs[chair].sit(child);
            let mut read = 0;
            let mut ended = false;
            loop {
                let some: Vec<String> = lines.lock().unwrap()[read..].to_vec();
                read += some.len();
                for line in &some {
                    match line.split(' ').collect::<Vec<_>>().as_slice() {
                        ["ack", name, at, took, "."] => {
                            self.acknowledge(name);
                            self.pauses.lock().unwrap().push((at.parse().unwrap(), took.parse().unwrap()));
                        }
                        ["error", ..] => self.error(line.clone()),
                        _ => {}
                    }
                }
                if ended && some.is_empty() {
                    break;
                }
                if !ended && self.is_over() {
                    self.chairs[chair].signal(Signal::KILL);
                }
                ended = ended || self.chairs[chair].ended().is_some();
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }

    /// One who watches; what is told comes in order and once.
    fn watches(&self, chair: usize) {
        while !self.is_over() {
            let mut process = Process(self.place.rolo(&["watch"]).spawn().unwrap());
            let lines = process.lines();
            let child = std::mem::replace(&mut process.0, std::process::Command::new("true").spawn().unwrap());
            self.chairs[chair].sit(child);
            until("it ends", || {
                if self.is_over() {
                    self.chairs[chair].signal(Signal::KILL);
                }
                std::thread::sleep(Duration::from_millis(20));
                // How long the soak lasts is nobody's fault.
                self.chairs[chair].ended().is_some() || !self.is_over() && self.chairs[chair].0.lock().unwrap().is_none()
            });
            let mut last = (0, String::new());
            for line in lines.lock().unwrap().iter() {
                let Ok(told) = serde_json::from_str::<serde_json::Value>(line) else { continue };
                let this = (told["seq"].as_u64().unwrap_or(u64::MAX), told["id"].as_str().unwrap_or_default().to_owned());
                if this.0 < last.0 || this == last {
                    self.error(format!("watched out of order: {line}"));
                }
                last = this;
            }
        }
    }

    /// The application, typed into; what it shows as done is acknowledged.
    fn types(&self, chair: usize, dice: &mut Dice) {
        let mut typist = Typist::sit_down(self, chair);
        while !self.is_over() {
            let name = self.mark("typed");
            typist.press(&format!(":add contact name={name}\r"));
            if typist.sees(self, chair, |screen| screen.contains("added c") && screen.contains(&name)) {
                self.acknowledge(&name);
                std::thread::sleep(Duration::from_millis(dice.roll(100)));
            } else {
                typist = Typist::sit_down(self, chair);
            }
        }
        // All see the same in the end: as many contacts as there are.
        self.typing.fetch_sub(1, Ordering::AcqRel);
        until("nobody types any more", || self.typing.load(Ordering::Acquire) == 0);
        until("the others have ended", || self.chairs.iter().skip(2).all(|chair| chair.0.lock().unwrap().is_none()));
        let all = self.place.done(&["count", "contact"]);
        let all = format!("/{}", all.trim());
        loop {
            // It may have been killed last of all, or stopped late.
            self.chairs[chair].signal(Signal::CONT);
            typist.press("gg");
            if typist.sees(self, chair, |screen| screen.contains(&all)) {
                break;
            }
            assert!(self.errors.lock().unwrap().is_empty(), "{all} is not shown:\n{}", typist.shown());
            typist = Typist::sit_down(self, chair);
        }
        typist.press(":q\r");
        until("it ends", || self.chairs[chair].ended().is_some());
    }
}

/// Who types into an application in a terminal.
struct Typist {
    keys: Box<dyn Write + Send>,
    screen: Arc<Mutex<vt100::Parser>>,
    _master: Box<dyn portable_pty::MasterPty + Send>,
}

impl Typist {
    /// Opens the application until it shows itself.
    fn sit_down(street: &Street, chair: usize) -> Self {
        until("the last one has gone", || street.chairs[chair].ended().is_some());
        loop {
            let pair = native_pty_system().openpty(PtySize { rows: 24, cols: 100, pixel_width: 0, pixel_height: 0 }).unwrap();
            let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_rolo"));
            command.args(["--store", "store", "--user", "ada", "--wait", "60"]);
            command.env_clear();
            command.env("HOME", street.place.store().parent().unwrap());
            command.env("TERM", "xterm-256color");
            command.cwd(street.place.store().parent().unwrap());
            let child = pair.slave.spawn_command(command).unwrap();
            drop(pair.slave);
            let screen = Arc::new(Mutex::new(vt100::Parser::new(NonZero::new(24).unwrap(), NonZero::new(100).unwrap(), 0)));
            let (mut reader, shown) = (pair.master.try_clone_reader().unwrap(), Arc::clone(&screen));
            std::thread::spawn(move || {
                let mut bytes = [0; 4096];
                while let Ok(count @ 1..) = reader.read(&mut bytes) {
                    shown.lock().unwrap().process(&bytes[..count]);
                }
            });
            let keys = pair.master.take_writer().unwrap();
            let mut typist = Self { keys, screen, _master: pair.master };
            street.chairs[chair].sit(child);
            if typist.sees(street, chair, |screen| screen.contains("NORMAL") && screen.contains('/')) {
                return typist;
            }
        }
    }

    fn press(&mut self, keys: &str) {
        // It may have been killed.
        let _ = self.keys.write_all(keys.as_bytes()).and_then(|()| self.keys.flush());
    }

    fn shown(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Waits until it shows something; `false` if it was killed.
    fn sees(&mut self, street: &Street, chair: usize, is_so: impl Fn(&str) -> bool) -> bool {
        let begun = Instant::now();
        loop {
            let shown = self.shown();
            if is_so(&shown) {
                return true;
            }
            match street.chairs[chair].ended() {
                Some(true) => {
                    street.error(format!("an application ended by itself:\n{shown}"));
                    return false;
                }
                Some(false) => return false,
                None if begun.elapsed() > LONG => {
                    street.error(format!("an application shows nothing of what was typed:\n{shown}"));
                    street.chairs[chair].signal(Signal::KILL);
                }
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }
}

#[test]
fn every_acknowledged_change_is_there_once_and_all_see_the_same() {
    if let Some(store) = std::env::var_os(WORKER) {
        work(Path::new(&store));
    }
    let seconds = number("ROLO_SOAK_SECONDS", 20);
    let contacts = number("ROLO_SOAK_CONTACTS", 0);
    let place = Place::new();
    if contacts > 0 {
        place.done(&["demo", "--contacts", &contacts.to_string()]);
    }
    let street = Street {
        place,
        chairs: (0..8).map(|_| Chair::default()).collect(),
        over: AtomicBool::new(false),
        typing: AtomicU64::new(2),
        marks: AtomicU64::new(0),
        kept: Mutex::default(),
        errors: Mutex::default(),
        pauses: Mutex::default(),
        stops: Mutex::default(),
    };
    let mut dice = Dice(seconds + contacts);
    let (mut kills, mut stops, mut suspensions) = (0, 0, 0);
    std::thread::scope(|scope| {
        let street = &street;
        for chair in 0..2 {
            let mut dice = Dice(chair as u64);
            scope.spawn(move || street.types(chair, &mut dice));
        }
        for chair in 2..5 {
            scope.spawn(move || street.commits(chair));
        }
        scope.spawn(move || street.imports(5));
        scope.spawn(move || street.script(6));
        scope.spawn(move || street.watches(7));
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(seconds) {
            std::thread::sleep(Duration::from_millis(300 + dice.roll(700)));
            let chair = &street.chairs[dice.roll(8) as usize];
            let from = now();
            match dice.roll(4) {
                0 if chair.signal(Signal::STOP) => {
                    std::thread::sleep(Duration::from_millis(dice.roll(700)));
                    chair.signal(Signal::CONT);
                    stops += 1;
                    street.stops.lock().unwrap().push((from, now()));
                }
                // What `<C-z>` sends to whoever is in front: the host hands over.
                1 if chair.signal(Signal::TSTP) => {
                    // It may hand over first: what goes on must have stopped before. Who
                    // has no terminal may never stop.
                    let patience = Instant::now() + Duration::from_secs(2);
                    while chair.0.lock().unwrap().as_ref().is_some_and(|running| !is_stopped(running.pid())) && Instant::now() < patience {
                        std::thread::sleep(Duration::from_millis(5));
                    }
                    std::thread::sleep(Duration::from_millis(dice.roll(700)));
                    chair.signal(Signal::CONT);
                    suspensions += 1;
                    street.stops.lock().unwrap().push((from, now()));
                }
                _ => kills += u32::from(chair.signal(Signal::KILL)),
            }
        }
        street.over.store(true, Ordering::Release);
    });
    assert_eq!(*street.errors.lock().unwrap(), Vec::<String>::new(), "a session saw an error");
    let mut kept: BTreeMap<String, u64> = BTreeMap::new();
    for name in street.place.done(&["export", "contact", "name:mark-", "--columns", "name", "--format", "plain"]).lines() {
        *kept.entry(name.to_owned()).or_default() += 1;
    }
    let twice: Vec<_> = kept.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "more than once: {twice:?}");
    let acknowledged = street.kept.lock().unwrap();
    for name in acknowledged.iter() {
        assert!(kept.contains_key(name), "{name} was acknowledged and is gone");
    }
    let stopped = street.stops.lock().unwrap();
    let during = |(at, took): &(u128, u128)| stopped.iter().any(|(from, to)| at - took <= *to && *at >= *from);
    let pauses = street.pauses.lock().unwrap();
    let longest = |stopped: bool| pauses.iter().filter(|pause| during(pause) == stopped).map(|(_, took)| *took).max().unwrap_or(0);
    println!(
        "{seconds} s at {contacts} contacts: {} changes acknowledged, {kills} kills, {stops} stops, {suspensions} suspensions; \
         longest pause {} ms, while somebody was stopped {} ms",
        acknowledged.len(),
        longest(false),
        longest(true)
    );
    for whose in ["typed", "import", "script"] {
        assert!(acknowledged.iter().any(|name| name.contains(whose)), "{whose}: nothing happened");
    }
    assert!(kills > 0 && !pauses.is_empty(), "nothing happened");
    drop((stopped, pauses));
    street.place.clean();
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
        let mark = format!("mark-{pid}-{}-{count}", now());
        let begun = Instant::now();
        match store.commit(contact(&mark)) {
            Ok(_) => say(&format!("ack {mark} {} {} .\n", now(), begun.elapsed().as_millis())),
            Err(error) => say(&format!("error {error}\n")),
        }
        std::thread::sleep(Duration::from_millis(dice.roll(40)));
    }
    unreachable!("it works until it is killed")
}

/// One write, so that a line is whole or ends where the process did.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(line.as_bytes()).unwrap();
    out.flush().unwrap();
}
