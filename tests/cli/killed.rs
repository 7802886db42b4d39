//! The command line killed with -9 at random moments: every acknowledged change is
//! there, the check is clean, and an import that is run again ends as one that was not
//! killed.

use std::collections::BTreeSet;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::Home;

/// One in so many of the rounds that `ROLO_KILL_ROUNDS` asks for is of processes: the
/// others go through the library (`tests/kill.rs`).
const SHARE: u64 = 5;
/// After so many rounds a new store is begun, so that checking stays quick.
const ROUNDS_A_STORE: u64 = 10;
/// Rows of the file that is taken in.
const ROWS: usize = 1_200;

/// A generator of numbers, so that a round can be repeated.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Starts a call and kills it after so long, unless it has ended. Returns what it said
/// and whether it ended by itself.
fn kill(home: &Home, words: &[&str], after: Duration) -> (String, bool) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rolo"))
        .args(["--user", "ada", "--now", "2026-11-20T10:00:00Z", "--quiet"])
        .args(words)
        .current_dir(home.path())
        .env_clear()
        .env("HOME", home.path())
        .env("TZ", "UTC")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("rolo starts");
    std::thread::sleep(after);
    child.kill().expect("it can be killed");
    let status = child.wait().expect("it ends");
    let mut said = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut said).expect("UTF-8");
    let mut wrong = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut wrong).expect("UTF-8");
    assert!(matches!(status.code(), None | Some(0)), "{words:?}: {status:?} {wrong}");
    (said, status.code() == Some(0))
}

/// What of the contacts does not depend on when they came in.
fn people(home: &Home) -> BTreeSet<String> {
    let out = home.call(&["--quiet", "list", "contact", "tags:bulk", "--columns", "name,email,company,notes", "--no-header"], "");
    assert_eq!(out.code, 0, "{out:?}");
    out.out.lines().map(str::to_owned).collect()
}

#[test]
fn killed_at_any_moment_nothing_acknowledged_is_lost() {
    let rounds: u64 = std::env::var("ROLO_KILL_ROUNDS").map_or(100, |rounds| rounds.parse().expect("a number"));
    let rounds = rounds.div_ceil(SHARE);
    let mut dice = Dice(rounds);
    let rows: String = (0..ROWS).map(|n| format!("Person {n},p{n}@example.com,Firm {},note {n}\n", n % 90)).collect();
    let file = format!("name,email,company,notes\n{rows}");
    let import = ["import", "bulk.csv", "--as", "contact", "--set", "tags=bulk"];
    // How long calls take that are not killed says when there is something to kill.
    let timed = |home: &Home, words: &[&str]| {
        let began = Instant::now();
        let whole = home.call(&[&["--quiet"], words].concat(), "");
        assert_eq!(whole.code, 0, "{whole:?}");
        began.elapsed()
    };
    let (expected, long, short) = {
        let home = Home::new();
        home.file("bulk.csv", &file);
        let long = timed(&home, &import);
        (people(&home), long, timed(&home, &["add", "contact", "name=Ada"]))
    };
    assert_eq!(expected.len(), ROWS);
    let mut home = Home::new();
    let mut acknowledged: Vec<(String, String)> = Vec::new();
    let (mut killed, mut done) = (0, 0);
    for round in 0..rounds {
        if round % ROUNDS_A_STORE == 0 {
            home = Home::new();
            home.file("bulk.csv", &file);
            acknowledged.clear();
        }
        let most = if round % 3 == 2 { long } else { short.mul_f64(1.5) };
        let moment = Duration::from_micros(dice.roll(u64::try_from(most.as_micros()).unwrap_or(u64::MAX).max(1)));
        let name = format!("name=Round {round}");
        match (round % 3, acknowledged.last_mut()) {
            (1, Some((id, notes))) => {
                let (text, id) = (format!("set in {round}"), id.clone());
                let (said, ended) = kill(&home, &["set", &id, &format!("notes={text}")], moment);
                // What was not told may have been done, too.
                let stands = home.call(&["--quiet", "list", "contact", &format!("id:{id}"), "--columns", "notes", "--no-header"], "").out;
                let is_done = ended || !said.is_empty();
                assert!(stands.trim_end() == text || (!is_done && stands.trim_end() == *notes), "round {round}: {stands:?}");
                stands.trim_end().clone_into(notes);
                done += u64::from(is_done);
                killed += u64::from(!ended);
            }
            (2, _) => {
                let (_, ended) = kill(&home, &import, moment);
                killed += u64::from(!ended);
            }
            _ => {
                let (said, ended) = kill(&home, &["add", "contact", &name], moment);
                acknowledged.extend(said.lines().map(|id| (id.to_owned(), String::new())));
                done += u64::from(!said.is_empty());
                killed += u64::from(!ended);
            }
        }
        let check = home.call(&["--quiet", "check"], "");
        assert_eq!((check.code, check.err.as_str()), (0, ""), "round {round}: {}", check.out);
        for (id, notes) in &acknowledged {
            let stands = home.call(&["--quiet", "list", "contact", &format!("id:{id}"), "--columns", "notes", "--no-header"], "");
            assert_eq!(stands.out.trim_end(), notes, "round {round}: {id}");
        }
        if round % 3 == 2 {
            // Run again, it ends the same.
            let again = home.call(&[&["--quiet"], &import[..]].concat(), "");
            assert_eq!(again.code, 0, "{again:?}");
            assert!(people(&home) == expected, "round {round}: other people");
            home.call(&["--quiet", "undo"], "");
        }
    }
    println!("{rounds} rounds, {killed} killed before they ended, {done} acknowledged");
    assert!(killed > 0, "nothing was killed");
}
