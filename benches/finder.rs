//! What a key in the finder costs over 10,000, 100,000 and 1,000,000 contacts, beside the
//! naive way (every row through the matcher), and what the list file takes.
//!
//! `cargo bench --bench finder [-- COUNT…]`. Every figure is of one run on one machine: what
//! counts is the ratio and how it grows. Times are the least of a few rounds for the rest, and
//! percentiles of all keys for typing.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;
use rolo::actions::{Desk, demo};
use rolo::domain::{Kind, RecordId};
use rolo::insight::{List, entry, keep_list, lines};
use rolo::search::{Index, Limits, Skim, Words};
use rolo::store::known::Known;
use rolo::store::{OpenOptions, open};

const TYPED: &[&str] = &["novak", "anke brandt", "john smi", "lemaitre", "nordlicht", "иван", "c4711", "optik jana", "+4420", "hgg"];
const ROUNDS: usize = 3;

fn least<T>(mut of: impl FnMut() -> T) -> (Duration, T) {
    let mut best: Option<(Duration, T)> = None;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let answer = black_box(of());
        let took = begun.elapsed();
        if best.as_ref().is_none_or(|(least, _)| took < *least) {
            best = Some((took, answer));
        }
    }
    best.unwrap()
}

fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

/// Types all texts and returns what each key took, to the end and to the first answer.
fn typing(index: &Index) -> (Vec<Duration>, Vec<Duration>) {
    let scorer = Skim::default();
    let (mut whole, mut first) = (Vec::new(), Vec::new());
    for text in TYPED {
        let mut before: Vec<(Words, rolo::search::Marks)> = Vec::new();
        for end in text.char_indices().map(|(at, c)| at + c.len_utf8()) {
            let words = Words::of(&text[..end]);
            let begun = Instant::now();
            let within = before.iter().filter(|(before, _)| words.narrow(before)).map(|(_, marks)| marks).min_by_key(|marks| marks.count());
            let mut looking = index.looking(&words, 100);
            // As the application: what is there after ten milliseconds is shown.
            let is_enough = || begun.elapsed() > Duration::from_millis(10);
            let is_whole = index.look_on(&words, &Limits { most: 100, within, stop: &is_enough }, &mut looking);
            black_box(index.best(&words, &scorer, &looking, 100));
            first.push(begun.elapsed());
            if !is_whole {
                index.look_on(&words, &Limits { most: 100, within, stop: &|| false }, &mut looking);
                black_box(index.best(&words, &scorer, &looking, 100));
            }
            whole.push(begun.elapsed());
            index.remember(&words, &looking);
            before.push((words, looking.into_marks()));
        }
    }
    whole.sort_unstable();
    first.sort_unstable();
    (whole, first)
}

/// The naive way: every row through the matcher, for each key.
fn naive(rows: &[String]) -> Duration {
    let matcher = SkimMatcherV2::default();
    let begun = Instant::now();
    for text in TYPED {
        let mut scores: Vec<(i64, usize)> =
            rows.iter().enumerate().filter_map(|(at, row)| matcher.fuzzy_match(row, text).map(|score| (-score, at))).collect();
        scores.sort_unstable();
        black_box(scores.first().copied());
    }
    begun.elapsed() / u32::try_from(TYPED.len()).unwrap()
}

fn measure(count: u64, folder: &Path) {
    let store = folder.join(count.to_string());
    let desk = Desk::new(open(&store, OpenOptions::default()).unwrap(), "bench");
    demo::demo_of_size(&desk, count, 0, &mut |_, _| {}).unwrap();
    let (from_store, reading) = least(|| lines(&*desk.store, &desk.view(), None, None, &|| true).unwrap());
    let begun = Instant::now();
    keep_list(&*desk.store, &desk.view(), &store, &|| true).unwrap().unwrap();
    let written = begun.elapsed();
    let bytes = std::fs::metadata(store.join("list")).unwrap().len();
    let (opened, list) = least(|| Arc::new(List::open(&store).unwrap()));
    let (screen, _) = least(|| {
        let ids = list.contacts().unwrap();
        list.listed(&ids[..ids.len().min(40)])
    });
    let (from_list, _) = least(|| lines(&*desk.store, &desk.view(), Some(&list), None, &|| true).unwrap());
    let (whole, first) = typing(&reading.index);
    let known = Known::new(&*desk.store);
    let ids: Vec<RecordId> = (1..=count).map(|n| RecordId::new(Kind::Contact, n)).collect();
    let mut rows = Vec::new();
    for ids in ids.chunks(1_000) {
        rows.extend(desk.store.get(ids).unwrap().into_iter().flatten().map(|record| {
            let entry = entry(&record, &known);
            format!("{} {}", entry.name, entry.beside)
        }));
    }
    let naive = naive(&rows);
    let at = |sorted: &[Duration], percent: usize| sorted[(sorted.len() * percent).div_ceil(100).saturating_sub(1)];
    println!("| {count} contacts | |");
    println!("| --- | --- |");
    println!("| a key, first answer p50, p99 | {}, {} |", millis(at(&first, 50)), millis(at(&first, 99)));
    println!("| a key, all of it p50, p99, most | {}, {}, {} |", millis(at(&whole, 50)), millis(at(&whole, 99)), millis(at(&whole, 100)));
    println!("| the naive way, a query | {} ({:.0} times the p50) |", millis(naive), naive.as_secs_f64() / at(&whole, 50).as_secs_f64());
    println!("| lines in memory | {} MB of {} |", reading.index.bytes() / 1_000_000, reading.index.len());
    println!("| lines from the store, from the list file | {}, {} |", millis(from_store), millis(from_list));
    println!("| list file: written, size | {}, {} MB |", millis(written), bytes / 1_000_000);
    println!("| list file: opened, a first screen | {}, {} |", millis(opened), millis(screen));
    println!();
    desk.store.close().unwrap();
    std::fs::remove_dir_all(&store).unwrap();
}

fn main() {
    let counts: Vec<u64> = std::env::args().skip(1).filter_map(|count| count.replace('_', "").parse().ok()).collect();
    let folder = tempfile::tempdir().unwrap();
    for count in if counts.is_empty() { vec![10_000, 100_000, 1_000_000] } else { counts } {
        measure(count, folder.path());
    }
}
