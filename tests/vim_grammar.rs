//! Vim as the oracle for the grammar: what real Vim did with random sequences of
//! commands is replayed through the whole application on a store in memory.
//!
//! `tests/vim/generate-grammar` drove Vim and wrote `tests/vim/grammar.tsv`. A share of
//! it is replayed here, all of it with `ROLO_LONG=1` (as `.ci/long` does). A sequence
//! is the same when the cursor and the top line are so after each command, and the
//! rows that are left and the registers at its end.

#![allow(clippy::panic, clippy::print_stdout, reason = "a test fails by panicking, and says how much is the same")]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use rolo::actions::{self, Desk};
use rolo::domain::{Assignment, Kind};
use rolo::store::api::Store;
use rolo::tui::keys::Pane;
use rolo::tui::play::{PlayOptions, Print, Stage};
use rolo::tui::start::Settings;

const TABLE: &str = include_str!("vim/grammar.tsv");
/// Frame, names of columns, status line and prompt line of a zoomed list.
const AROUND: u16 = 5;
/// How many sequences are replayed in every run.
const SHARE: usize = 2_000;
/// How many sequences a store serves: each takes back what it did, by its own name.
const SERVES: usize = 25;

struct Case<'t> {
    rows: usize,
    height: u16,
    scrolloff: usize,
    commands: Vec<&'t str>,
    places: Vec<&'t str>,
    left: &'t str,
    registers: Vec<&'t str>,
}

fn case(line: &str) -> Case<'_> {
    let cells: Vec<&str> = line.split('\t').collect();
    let [rows, height, scrolloff, commands, places, left, registers] = cells[..] else { panic!("seven columns: {line}") };
    Case {
        rows: rows.parse().expect("rows"),
        height: height.parse().expect("a height"),
        scrolloff: scrolloff.parse().expect("scrolloff"),
        commands: commands.split(' ').collect(),
        places: places.split(' ').collect(),
        left,
        registers: registers.split(' ').filter(|one| !one.is_empty()).collect(),
    }
}

/// The letter that a line's text begins with, as the generator has it.
fn letter(number: usize) -> char {
    char::from(b"abcdefgh"[(number * number * 7 + number / 3) % 8])
}

fn store_with(rows: usize) -> Arc<dyn Store> {
    let store = rolo::store::memory().expect("a store");
    let desk = Desk::new(store.clone(), "ada");
    let row =
        |number| vec![Assignment::parse(Kind::Contact, &format!("name={}{number}", letter(number)), &desk.definitions()).expect("a name")];
    let rows: Vec<_> = (1..=rows).map(row).collect();
    actions::add_all(&desk, Kind::Contact, &rows).expect("added");
    store
}

/// Writes numbers as ranges: `1-3,7`.
fn ranges(numbers: &[usize]) -> String {
    let mut text = String::new();
    let mut at = 0;
    while at < numbers.len() {
        let end = (at..numbers.len() - 1).take_while(|&end| numbers[end + 1] == numbers[end] + 1).last().map_or(at, |end| end + 1);
        let comma = if text.is_empty() { "" } else { "," };
        let _ = if end == at { write!(text, "{comma}{}", numbers[at]) } else { write!(text, "{comma}{}-{}", numbers[at], numbers[end]) };
        at = end + 1;
    }
    text
}

fn registers(stage: &Stage) -> Vec<String> {
    let mut held = BTreeMap::new();
    for (name, register) in stage.app.grammar.registers.all() {
        let text = register.text();
        held.insert(
            name,
            match register.kind {
                rolo::tui::app::grammar::registers::Kind::Rows => {
                    let numbers: Option<Vec<usize>> = text.lines().map(|line| line.get(1..)?.parse().ok()).collect();
                    numbers.map_or_else(|| format!("{name}={text}"), |numbers| format!("{name}:{}", ranges(&numbers)))
                }
                _ => format!("{name}={text}"),
            },
        );
    }
    held.into_values().filter(|one| one.len() > 2).collect()
}

/// Replays a case; returns what differs first.
fn replay(case: &Case<'_>, store: &Arc<dyn Store>, login: &str) -> Result<(), String> {
    let settings = Settings { options: vec![format!("scrolloff={}", case.scrolloff)], ..Settings::default() };
    let mut stage = Stage::new(
        Desk::new(store.clone(), login),
        &PlayOptions { size: (60, case.height + AROUND), pane: Pane::Contacts, zoom: true, print: Print::State, settings },
    )
    .expect("it opens");
    stage.press(":sort created_at<CR>:columns name<CR>").expect("keys");
    stage.app.contacts.view.restore(0, 0);
    let mut before = "1/1";
    for (at, (command, place)) in case.commands.iter().zip(&case.places).enumerate() {
        stage.press(command).expect("keys");
        let view = &stage.app.contacts.view;
        let got = format!("{}/{}", view.cursor() + 1, view.top() + 1);
        if got != *place {
            return Err(format!("command {}, from {before}: {command} → Vim {place}, rolo {got}", at + 1));
        }
        before = place;
    }
    let left: Vec<usize> = stage.app.contacts.ids.iter().map(|id| usize::try_from(id.number).expect("small")).collect();
    if ranges(&left) != case.left {
        return Err(format!("left: Vim {}, rolo {}", case.left, ranges(&left)));
    }
    let held = registers(&stage);
    if held != case.registers {
        return Err(format!("registers: Vim {:?}, rolo {held:?}", case.registers));
    }
    Ok(())
}

/// Brings back what a case has put into the trash.
fn clean(store: &Arc<dyn Store>, rows: usize) {
    let desk = Desk::new(store.clone(), "ada");
    let ids: Vec<_> = (1..=rows as u64).map(|number| rolo::domain::RecordId::new(Kind::Contact, number)).collect();
    actions::restore(&desk, &ids.into()).expect("restored");
}

#[test]
fn the_grammar_does_as_vim_does() {
    let long = std::env::var_os("ROLO_LONG").is_some();
    // A table of one's own, recorded with another seed.
    let own = std::env::var_os("ROLO_VIM_TABLE").map(|path| std::fs::read_to_string(path).expect("a table"));
    let all: Vec<&str> = own.as_deref().unwrap_or(TABLE).lines().collect();
    let share = if long { all.len() } else { SHARE.min(all.len()) };
    let mut cases: Vec<(usize, Case<'_>)> = (0..share).map(|at| (at, case(all[at * all.len() / share]))).collect();
    let played = cases.len();
    cases.sort_by_key(|(at, case)| (case.rows, *at));
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let chunk = cases.len().div_ceil(threads * 4).max(1);
    let chunks: Vec<&[(usize, Case<'_>)]> = cases.chunks(chunk).collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let work = || {
        let mut wrong = Vec::new();
        while let Some(chunk) = chunks.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
            let mut shared: Option<(usize, usize, Arc<dyn Store>)> = None;
            for (at, case) in *chunk {
                let fresh = shared.as_ref().is_none_or(|(rows, served, _)| *rows != case.rows || *served == SERVES);
                if fresh {
                    shared = Some((case.rows, 0, store_with(case.rows)));
                }
                let (_, served, store) = shared.as_mut().expect("just made");
                if *served > 0 {
                    clean(store, case.rows);
                }
                *served += 1;
                if let Err(why) = replay(case, store, &format!("user{at}")) {
                    let head = format!("{} rows, height {}, scrolloff {}", case.rows, case.height, case.scrolloff);
                    wrong.push(format!("{head}: {}\n    {why}", case.commands.join(" ")));
                }
            }
        }
        wrong
    };
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("it ends")).collect()
    });
    let agreed = played - wrong.len();
    println!("{agreed} of {played} sequences as Vim");
    if let Some(path) = std::env::var_os("ROLO_DIFFERENCES") {
        std::fs::write(path, wrong.join("\n")).expect("written");
    }
    assert!(played >= SHARE || own.is_some(), "the table is there: {played}");
    // How much is the same is told in the README's page of keys; it may only grow.
    let shown: Vec<&String> = wrong.iter().take(20).collect();
    assert!(agreed * 1_000 >= played * 995, "{} of {played} differ:\n{shown:#?}", wrong.len());
}
