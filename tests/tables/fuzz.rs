//! Real files with bytes flipped, cut out and spliced: whatever comes of them, it comes
//! without a panic, in as many rows as there can be, and rows stand where they say.

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use rolo::exchange::encoding::Hints;
use rolo::exchange::mapping::Mapping;
use rolo::exchange::plan_file::Plan;
use rolo::exchange::presets::BUILT_IN;
use rolo::exchange::rows::{self, LONGEST_ROW, Request, Values};

use crate::common::data;

/// The largest file that is taken for a seed.
const LARGEST: u64 = 20_000;

fn seeds() -> Vec<Vec<u8>> {
    let mut files: Vec<PathBuf> = Vec::new();
    let mut folders: Vec<PathBuf> = ["csv", "crm", "unicode/csv-injection"].iter().filter_map(|path| data(path)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.metadata().unwrap().len() <= LARGEST {
                files.push(path);
            }
        }
    }
    files.sort();
    let mut seeds: Vec<Vec<u8>> = files.iter().map(|path| fs::read(path).unwrap()).collect();
    // Without the shared data there are these.
    seeds.push(b"name;email\r\n\"Ada\";a@b.cz\r\n".to_vec());
    seeds.push(b"[{\"a\":{\"b\":[1,\"x\"]}},{\"a\":2}]".to_vec());
    seeds.push("sep=;\r\nJm\u{e9}no;\u{10c}\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect());
    seeds
}

/// One way to spoil a file.
#[derive(Debug, Clone)]
enum Spoil {
    Flip(prop::sample::Index, u8),
    Cut(prop::sample::Index, prop::sample::Index),
    Splice(prop::sample::Index, prop::sample::Index, prop::sample::Index),
    Insert(prop::sample::Index, Vec<u8>),
}

fn spoil() -> impl Strategy<Value = Spoil> {
    let index = any::<prop::sample::Index>;
    let piece = prop::sample::select(
        [&b"\""[..], b"\0", b"\r", b"\n", b"\xff\xfe", b"\xef\xbb\xbf", b"\\\"", b"\t", b"{", b"[[[[", b"\x1b[2J", b",,,,,,,,", b"sep=|\n"]
            .map(<[u8]>::to_vec)
            .to_vec(),
    );
    prop_oneof![
        (index(), any::<u8>()).prop_map(|(at, byte)| Spoil::Flip(at, byte)),
        (index(), index()).prop_map(|(from, to)| Spoil::Cut(from, to)),
        (index(), index(), index()).prop_map(|(at, other, from)| Spoil::Splice(at, other, from)),
        (index(), piece).prop_map(|(at, piece)| Spoil::Insert(at, piece)),
    ]
}

fn spoiled(mut bytes: Vec<u8>, ways: &[Spoil], seeds: &[Vec<u8>]) -> Vec<u8> {
    for way in ways {
        if bytes.is_empty() {
            break;
        }
        match way {
            Spoil::Flip(at, byte) => {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            Spoil::Cut(from, to) => {
                let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
                bytes.drain(from.min(to)..from.max(to));
            }
            Spoil::Splice(at, other, from) => {
                let other = &seeds[other.index(seeds.len())];
                let at = at.index(bytes.len());
                let from = if other.is_empty() { 0 } else { from.index(other.len()) };
                bytes.splice(at..at, other[from..].iter().copied());
            }
            Spoil::Insert(at, piece) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, piece.iter().copied());
            }
        }
    }
    bytes
}

fn cases() -> u32 {
    std::env::var("ROLO_FUZZ_CASES").map_or(300, |cases| cases.parse().unwrap())
}

#[test]
fn spoiled_files_are_read_or_refused() {
    let seeds = seeds();
    let all = seeds.clone();
    let config = ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() };
    let strategy = (
        prop::sample::select(seeds),
        prop::collection::vec(spoil(), 1..6),
        prop::option::of(0u64..4),
        prop::option::of(prop::sample::select(vec!["utf-8", "windows-1250", "utf-16le", "shift_jis"])),
    );
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(config, rng());
    runner
        .run(&strategy, |(bytes, ways, header_row, encoding)| {
            let bytes = spoiled(bytes, &ways, &all);
            let mut request = Request { encoding: Hints { encoding: encoding.map(str::to_owned), country: None }, ..Request::default() };
            request.dialect.header_row = header_row;
            let Ok(mut source) = rows::open(Box::new(&bytes[..]), &request) else { return Ok(()) };
            let (mut count, mut line, mut number) = (0usize, 0, 0);
            while let Ok(Some(row)) = source.next_row() {
                count += 1;
                let (at, which, raw) = match &row {
                    Ok(row) => (row.line, row.number, &row.raw),
                    Err(bad) => (bad.line, bad.number, &bad.raw),
                };
                prop_assert!(at >= line && which > number, "rows come in order");
                prop_assert!(raw.len() <= LONGEST_ROW);
                (line, number) = (at, which);
                if let Ok(row) = &row
                    && let (Values::Cells(cells), Some(header)) = (&row.values, source.header())
                {
                    prop_assert!(row.oddity.is_some() || cells.len() >= header.len() || header.is_empty());
                }
                prop_assert!(count <= bytes.len() + 1, "no more rows than bytes");
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn spoiled_mappings_and_plans_are_read_or_told_with_their_place() {
    let mut seeds: Vec<Vec<u8>> = BUILT_IN.iter().map(|(_, text)| text.as_bytes().to_vec()).collect();
    let plan = "{\"rolo\":\"import plan\",\"version\":1,\"store\":\"x\",\"seq\":1,\"at\":\"2026-01-31T12:00:00Z\",\"by\":\"ada\"}\n\
        {\"input\":\"a.csv\",\"kind\":\"contact\",\"format\":\"csv\",\"encoding\":\"utf-8\",\"table\":{\"columns\":[\"name\"],\"delimiter\":\",\",\"head\":\"name\\n\"}}\n\
        {\"row\":1,\"line\":2,\"action\":\"create\",\"values\":{\"name\":\"Ada\"}}\n{\"planned\":1,\"create\":1,\"update\":0,\"unchanged\":0,\"reject\":0}\n";
    assert!(Plan::read(plan.as_bytes()).is_ok());
    seeds.push(plan.as_bytes().to_vec());
    let all = seeds.clone();
    let config = ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(config, rng());
    runner
        .run(&(prop::sample::select(seeds), prop::collection::vec(spoil(), 1..6)), |(bytes, ways)| {
            let bytes = spoiled(bytes, &ways, &all);
            let text = String::from_utf8_lossy(&bytes);
            if let Err(problems) = Mapping::parse(&text, "m.toml") {
                prop_assert!(!problems.is_empty());
                for problem in problems {
                    prop_assert!(problem.at.line.is_some(), "{problem}");
                }
            }
            let _ = Plan::read(&bytes[..]);
            Ok(())
        })
        .unwrap();
}

/// The same numbers every time, unless a seed is given.
fn rng() -> proptest::test_runner::TestRng {
    let seed = std::env::var("PROPTEST_RNG_SEED").ok().and_then(|seed| seed.parse::<u64>().ok()).unwrap_or(1);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    proptest::test_runner::TestRng::from_seed(proptest::test_runner::RngAlgorithm::ChaCha, &bytes)
}
