//! Cards and calendars that other programs made, read whole and held against what
//! independent readers recorded (`tests/real_files`); taken in, twice; and mutilated.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod files;
mod fuzz;
mod people;

use std::path::{Path, PathBuf};

use rolo::exchange::rows::{self, BadRow, Facts, Request, Row};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data");

/// Returns the shared data, or says that they are not here.
fn data() -> Option<PathBuf> {
    let folder = Path::new(DATA);
    if folder.exists() {
        return Some(folder.to_owned());
    }
    println!("skipped: the shared data folder is not here");
    None
}

/// Returns the rows of a table of `tests/real_files`, cells unescaped.
fn table(name: &str) -> Vec<Vec<String>> {
    let path = format!("{}/tests/real_files/{name}.tsv", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let unescape = |cell: &str| {
        let mut out = String::new();
        let mut chars = cell.chars();
        while let Some(c) = chars.next() {
            match (c, if c == '\\' { chars.next() } else { None }) {
                ('\\', Some('t')) => out.push('\t'),
                ('\\', Some('n')) => out.push('\n'),
                ('\\', Some(other)) => out.push(other),
                (c, _) => out.push(c),
            }
        }
        out
    };
    text.lines().filter(|line| !line.is_empty()).map(|line| line.split('\t').map(unescape).collect()).collect()
}

/// What a reader gives of an input.
struct Read {
    rows: Vec<Row>,
    bad: Vec<BadRow>,
    facts: Facts,
}

fn read(bytes: &[u8], name: &str) -> Read {
    let request = Request { name, ..Request::default() };
    let mut source = rows::open(Box::new(bytes), &request).unwrap();
    let (mut rows, mut bad) = (Vec::new(), Vec::new());
    while let Some(next) = source.next_row().unwrap() {
        match next {
            Ok(row) => rows.push(row),
            Err(row) => bad.push(*row),
        }
    }
    Read { rows, bad, facts: source.facts() }
}
