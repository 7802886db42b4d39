//! Text from outside never reaches the terminal raw, and never moves what stands
//! beside it: every string of the shared unicode files as a name, a note, a company
//! and the subject of a ticket.

use std::path::{Path, PathBuf};

use rolo::actions::{Clock, Desk, add_all};
use rolo::domain::{Assignment, Kind, Timestamp};
use rolo::store::{OpenOptions, memory, open};
use rolo::tui::app::message::Message;
use rolo::tui::keys::Pane;
use rolo::tui::play::{PlayOptions, Print, Stage};
use rolo::tui::start::Settings;
use serde_json::Value;

use crate::seen::{NOW, SIZE, Seen};

/// Of the long files of harmless names, each so many-th line.
const SAMPLE: usize = 40;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// Returns the strings of a value of JSON.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// Returns what a hexadecimal list of code points stands for: `1F600 200D …`.
fn spelled(line: &str) -> Option<String> {
    let codes = line.split(';').next()?.split(['÷', '×']).map(str::trim).collect::<Vec<_>>().join(" ");
    let text: Option<String> = codes.split_whitespace().map(|code| u32::from_str_radix(code, 16).ok().and_then(char::from_u32)).collect();
    text.filter(|text| !text.is_empty())
}

/// Returns the strings of the shared unicode files, and some of our own.
fn strings() -> Vec<String> {
    let mut found: Vec<String> =
        ["a\u{1b}[31mred", "bell\u{7}", "\u{202e}txt.exe", "c1\u{9b}31m", "a\u{0}b", "x\u{8}\u{8}y", "👩‍👩‍👧‍👦 عائلة 🇨🇿"]
            .map(str::to_owned)
            .to_vec();
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/unicode"));
    if !folder.is_dir() {
        println!("skipped: {} is not there; only the strings made here are tried", folder.display());
        // As many as fill some pages.
        return (0..300).flat_map(|_| found.clone()).collect();
    }
    for path in files(folder) {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
        let data = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        if name.ends_with(".json") {
            found.extend(texts(&serde_json::from_str(&text).unwrap()));
        } else if name.ends_with(".jsonl") {
            found.extend(data.flat_map(|line| texts(&serde_json::from_str(line).unwrap())));
        } else if name.starts_with("xterm") {
            found.push(text);
        } else if name.starts_with("ucd") {
            found.extend(data.step_by(SAMPLE).filter_map(spelled));
        } else if name.ends_with(".csv") {
            found.extend(
                data.step_by(SAMPLE)
                    .flat_map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>())
                    .filter(|cell| !cell.is_ascii()),
            );
        } else {
            found.extend(data.map(str::to_owned));
        }
    }
    assert!(found.len() > 1_500, "the files are there and say little: {}", found.len());
    found
}

/// Returns a row of assignments where all texts are ones that the fields take.
fn row(desk: &Desk, kind: Kind, values: &[(&str, &str)]) -> Option<Vec<Assignment>> {
    let definitions = desk.definitions();
    let all = values.iter().map(|(field, text)| Assignment::parse(kind, &format!("{field}={text}"), &definitions).ok());
    all.collect::<Option<Vec<_>>>().filter(|_| values.iter().all(|(_, text)| !text.trim().is_empty()))
}

/// Fills a store with hostile records.
fn fill(desk: &Desk) {
    let strings = strings();
    for (kind, fields) in [
        (Kind::Contact, ["name", "notes"].as_slice()),
        (Kind::Company, &["name", "notes"]),
        (Kind::Ticket, &["subject", "body"]),
        (Kind::Opportunity, &["name", "next_step"]),
    ] {
        let values = |text: &str| fields.iter().map(|field| (*field, text.to_owned())).collect::<Vec<_>>();
        let rows: Vec<Vec<Assignment>> = strings
            .iter()
            .filter_map(|text| row(desk, kind, &values(text).iter().map(|(field, text)| (*field, text.as_str())).collect::<Vec<_>>()))
            .collect();
        assert!(rows.len() * 10 > strings.len() * 9, "{kind}: {} of {} are taken", rows.len(), strings.len());
        for rows in rows.chunks(500) {
            add_all(desk, kind, rows).unwrap();
        }
    }
}

fn desk_at(store: std::sync::Arc<dyn rolo::store::Store>) -> Desk {
    let mut desk = Desk::new(store, "ada");
    desk.clock = Clock::Fixed(Timestamp::from_rfc3339(NOW).unwrap());
    desk
}

/// No control, no direction mark and no sequence but colours.
fn is_harmless(printed: &str) {
    let mut chars = printed.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            let sequence: String = chars.by_ref().take_while(|c| *c != 'm').collect();
            assert!(sequence.starts_with('[') && sequence[1..].chars().all(|c| c.is_ascii_digit() || c == ';'), "{sequence:?}");
            continue;
        }
        let is_bidi = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}');
        assert!(c == '\n' || !(c.is_control() || is_bidi), "{c:?} reached the terminal");
    }
}

#[test]
fn no_control_reaches_the_terminal_but_our_own_colours() {
    let desk = desk_at(memory().unwrap());
    fill(&desk);
    let options = PlayOptions { size: SIZE, pane: Pane::Contacts, zoom: true, print: Print::State, settings: Settings::default() };
    for list in [":list contact<CR>", ":list company<CR>", ":list ticket<CR>", ":list opportunity<CR>"] {
        let mut stage = Stage::new(desk.clone(), &options).unwrap();
        stage.press(list).unwrap();
        let mut pages = 0;
        let mut last = String::new();
        loop {
            let screen = stage.screen();
            if screen == last {
                break;
            }
            is_harmless(&stage.ansi());
            if pages % 8 == 0 {
                stage.press("<CR>").unwrap();
                is_harmless(&stage.ansi());
                stage.press("<Esc>").unwrap();
            }
            last = screen;
            pages += 1;
            stage.press("<C-f>").unwrap();
        }
        assert!(pages > 1, "{list} shows them");
    }
}

#[test]
fn what_is_found_and_shown_whole_is_harmless_too() {
    let desk = desk_at(memory().unwrap());
    fill(&desk);
    let options = PlayOptions { size: SIZE, pane: Pane::Contacts, zoom: false, print: Print::State, settings: Settings::default() };
    let mut stage = Stage::new(desk, &options).unwrap();
    let mut found = 0;
    for typed in ["a", "e", "1", "/", "(", "script", "select", "null", "ا", "田", "и", "\u{202e}", "%s"] {
        stage.press("<Space><Space>").unwrap();
        stage.tell(Message::Paste(typed.to_owned()));
        for _ in 0..8 {
            is_harmless(&stage.ansi());
            stage.press("<Down>").unwrap();
        }
        found += stage.app.finder.hits.len();
        stage.press("<Esc>").unwrap();
    }
    assert!(found > 100, "{found}");
    stage.press(":set wrap<CR>:list company<CR>").unwrap();
    for _ in 0..40 {
        is_harmless(&stage.ansi());
        stage.press("9j").unwrap();
    }
}

/// What the program writes, shown by another terminal: the frames of the panes
/// stand where they should, whatever widths that terminal gives the characters.
#[test]
fn columns_stay_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    {
        let desk = desk_at(open(&folder.path().join("store"), OpenOptions::default()).unwrap());
        fill(&desk);
    }
    let mut seen = Seen::open(folder.path());
    seen.until("1/");
    seen.until("tickets");
    seen.settle();
    for page in 0..30 {
        seen.settle();
        let screen = seen.screen();
        let edges: Vec<u16> = (0..SIZE.0).filter(|x| matches!(screen.cell(0, *x).unwrap().contents(), "┌" | "┐")).collect();
        assert_eq!(edges.len(), 4, "two panes beside each other");
        for y in 1..19 {
            for x in &edges {
                assert_eq!(screen.cell(y, *x).unwrap().contents(), "│", "page {page}, line {y}:\n{}", screen.contents());
            }
        }
        seen.press("\u{6}");
    }
    let raw = String::from_utf8(seen.raw.clone()).expect("what is written is UTF-8");
    assert!(!raw.chars().any(|c| c != '\u{1b}' && c.is_control() && !matches!(c, '\r' | '\n')), "no control but ESC is written");
    for sequence in raw.split('\u{1b}').skip(1) {
        let end = sequence.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(0);
        let known = sequence.starts_with('[') && matches!(sequence.as_bytes()[end], b'm' | b'H' | b'C' | b'h' | b'l' | b'J' | b'u' | b'q');
        assert!(known, "{:?} is none of ours", &sequence[..=end]);
    }
    assert_eq!(seen.count("\u{1b}[2J"), 1, "only the first frame is drawn whole");
    seen.leave();
}
