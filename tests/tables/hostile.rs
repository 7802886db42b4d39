//! Hostile tables: formulas, terminal escapes, headers and cells without end. What comes
//! of them is a clear error or safe data, in bounded memory.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use crate::common::Folder;

/// What a call came to.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

/// The most address space that a call may take, in KiB.
const MOST: u64 = 700 * 1024;

/// Calls rolo in a folder, in bounded memory, and feeds it.
fn rolo(folder: &Folder, words: &[&str], feed: &mut dyn FnMut(&mut dyn Write) -> std::io::Result<()>) -> Said {
    let mut child = Command::new("sh")
        .args(["-c", &format!("ulimit -v {MOST}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_rolo")])
        .args(["--user", "ada", "--store", "store", "--now", "2026-01-31T12:00:00Z"])
        .args(words)
        .current_dir(folder.path("."))
        .env_clear()
        // Each thread may have a heap of its own: it is the data that is to be bounded.
        .env("MALLOC_ARENA_MAX", "1")
        .env("HOME", folder.path("."))
        .env("TZ", "UTC")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut streams = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let out = std::thread::spawn(move || read(&mut streams.0));
    let err = std::thread::spawn(move || read(&mut streams.1));
    // Who has seen enough closes the pipe.
    let _ = feed(&mut input);
    drop(input);
    Said { code: child.wait().unwrap().code(), out: out.join().unwrap(), err: err.join().unwrap() }
}

fn read(stream: &mut dyn Read) -> String {
    let mut text = Vec::new();
    stream.read_to_end(&mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn given(text: &[u8]) -> impl FnMut(&mut dyn Write) -> std::io::Result<()> {
    move |out| out.write_all(text)
}

/// How many MiB a cell has that never ends.
fn endless() -> usize {
    std::env::var("ROLO_CELL_MIB").map_or(64, |mib| mib.parse().unwrap())
}

#[test]
fn a_header_of_ten_megabytes_is_told() {
    let folder = Folder::new();
    let header = format!("name,{}\nAda,x\n", "h".repeat(10 << 20));
    let said = rolo(&folder, &["import", "-", "--as", "contact"], &mut given(header.as_bytes()));
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""));
    let wanted = "rolo: standard input:1: a row is longer than 8 MiB\n  is a quote or a line end missing?\n";
    assert_eq!(said.err.replace(" (is a quote or a line end missing?)", "\n  is a quote or a line end missing?"), wanted);
}

#[test]
fn a_hundred_thousand_columns_are_taken_and_named_in_short() {
    let folder = Folder::new();
    let names: Vec<String> = (1..100_000).map(|n| format!("column of number {n}")).collect();
    let cells = vec!["x"; 99_999];
    let text = format!("name,{}\nAda,{}\n", names.join(","), cells.join(","));
    let said = rolo(&folder, &["import", "-", "--as", "contact", "--format", "json"], &mut given(text.as_bytes()));
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.contains("\"created\": 1"), "{}", said.out);
    assert!(said.err.contains("column of number 20 (1 row), and 99979 more"), "{}", said.err);
    assert!(said.err.len() < 2_000, "{} bytes are told", said.err.len());
}

#[test]
fn a_cell_without_end_is_one_bad_row_and_the_rest_comes_in() {
    let folder = Folder::new();
    let mib = vec![b'a'; 1 << 20];
    let mut feed = |out: &mut dyn Write| {
        out.write_all(b"name,email\nAda,ada@x.cz\n\"")?;
        (0..endless()).try_for_each(|_| out.write_all(&mib))?;
        out.write_all(b"\",bo@x.cz\nCy,cy@x.cz\n")
    };
    let said = rolo(&folder, &["import", "-", "--as", "contact", "--rejects", "bad.csv"], &mut feed);
    assert_eq!(said.code, Some(3), "{}", said.err);
    let rejects = std::fs::read_to_string(folder.path("bad.csv")).unwrap();
    assert!(
        rejects.contains("3,,unclosed-quote,a quote on this line is not closed within 8 MiB") && rejects.len() < 20_000,
        "{}",
        &rejects[..200]
    );
    let listed = rolo(&folder, &["list", "contact", "--columns", "name", "--no-header"], &mut given(b""));
    assert!(listed.out.contains("Ada\n") && listed.out.contains("Cy\n"), "{}", listed.out);
}

#[test]
fn no_escape_sequence_reaches_a_terminal() {
    let folder = Folder::new();
    let esc = "\u{1b}]0;owned\u{7}\u{1b}[31m\u{9b}2J\u{202e}";
    let text =
        format!("name,email,no{esc}te,phone\nAda{esc},not {esc} an address,x{esc},+420\nBo{esc},bo@x.cz,{esc},{esc}\nCy{esc},cy@x.cz,,\n");
    folder.file("bad.csv", &text);
    let mapping = format!("kind = \"contact\"\n[columns]\n\"no{esc}\" = \"notes\"\n\"a\" = \"n{esc}\"\n");
    folder.file("map.toml", mapping.replace('\u{1b}', "\\u001b").replace('\u{7}', "\\u0007").replace('\u{9b}', "\\u009b"));
    for words in [
        &["import", "bad.csv", "--as", "contact", "--dry-run"][..],
        &["import", "bad.csv", "--map", "map.toml"],
        &["import", "bad.csv", "--as", "contact", "--plan", "plan.jsonl"],
        &["apply", "plan.jsonl", "--dry-run"],
        &["import", "bad.csv", "--as", "contact"],
    ] {
        let said = rolo(&folder, words, &mut given(b""));
        for stream in [&said.out, &said.err] {
            let wrong = stream.chars().find(|c| (c.is_control() && !matches!(c, '\n' | '\t')) || *c == '\u{202e}');
            assert_eq!(wrong, None, "{words:?}: {stream}");
        }
    }
}

#[test]
fn formulas_are_marked_wherever_csv_is_written() {
    let folder = Folder::new();
    let evil = "=cmd|' /C calc'!A0";
    folder.file(
        "evil.csv",
        format!("name,email,notes\n\"{evil}\",a@x.cz,\"+1+cmd|' /C calc'!A0\"\n\"@SUM(1)\",b@x.cz,\"-2+3\"\n=1,not an address,\n"),
    );
    let imported = rolo(&folder, &["import", "evil.csv", "--as", "contact", "--column", "x=notes"], &mut given(b""));
    assert_eq!(imported.code, Some(2), "{}", imported.err);
    let imported = rolo(&folder, &["import", "evil.csv", "--as", "contact"], &mut given(b""));
    assert_eq!(imported.code, Some(3), "{}", imported.err);
    for words in [
        &["export", "contact", "--format", "csv"][..],
        &["list", "contact", "--columns", "name,notes", "--format", "csv"],
        &["count", "contact", "--by", "name", "--format", "csv"],
        &["timeline", "c1", "--format", "csv"],
        &["history", "--format", "csv"],
    ] {
        let said = rolo(&folder, words, &mut given(b""));
        assert_eq!(said.code, Some(0), "{words:?}: {}", said.err);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(said.out.as_bytes());
        for record in reader.records() {
            for cell in &record.unwrap() {
                let number = cell.trim_start_matches(['+', '-']).chars().all(|c| c.is_ascii_digit() || " ()-./".contains(c));
                assert!(!cell.starts_with(['=', '@', '+', '-', '\t', '\r']) || number, "{words:?}: {cell:?}");
            }
        }
    }
}
