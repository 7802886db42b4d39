//! Text from outside never reaches the terminal raw.

use std::path::Path;

use crate::common::{empty_desk, options};
use rolo::domain::{Assignment, Kind};
use rolo::tui::play::{PlayOptions, Stage};

/// Returns the strings of the shared unicode files, those that a field takes.
fn strings() -> Vec<String> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/unicode"));
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else {
        println!("skipped: {} is not there", folder.display());
        return found;
    };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    paths.sort();
    for path in paths {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        found.extend(text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')).map(str::to_owned).take(400));
    }
    found
}

#[test]
fn no_control_reaches_the_terminal_but_our_own_colours() {
    let mut names = strings();
    names.extend(["a\u{1b}[31mred".to_owned(), "bell\u{7}".to_owned(), "\u{202e}txt.exe".to_owned(), "c1\u{9b}31m".to_owned()]);
    let desk = empty_desk();
    let definitions = desk.definitions();
    let mut rows = Vec::new();
    for name in &names {
        if let Ok(assignment) = Assignment::parse(Kind::Contact, &format!("notes={name}"), &definitions) {
            let called = Assignment::parse(Kind::Contact, &format!("name={name}"), &definitions).unwrap();
            rows.push(vec![called, assignment]);
        }
    }
    // One that a field refuses must not keep out the others.
    for row in rows {
        let _ = rolo::actions::add(&desk, Kind::Contact, &row);
    }
    let mut stage = Stage::new(desk, &PlayOptions { zoom: true, ..options(120, 40) }).unwrap();
    for _ in 0..60 {
        check(&stage);
        let before = stage.app.contacts.view.cursor();
        stage.press("<CR>").unwrap();
        check(&stage);
        stage.press("<Esc><C-f>").unwrap();
        if stage.app.contacts.view.cursor() == before {
            break;
        }
    }
}

fn check(stage: &Stage) {
    let printed = stage.ansi();
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
