//! Vim as the oracle: what real Vim did with random keys is replayed here.
//!
//! `tests/vim/generate` drove Vim and wrote `tests/vim/motions.tsv`; a row is a
//! buffer of so many lines in a window of some height, and where the cursor and
//! the top line stood after each key.

#![allow(clippy::panic, reason = "a test fails by panicking")]

use rolo::tui::app::viewport::Viewport;

const TABLE: &str = include_str!("vim/motions.tsv");

fn press(view: &mut Viewport, key: &str) {
    let digits = key.bytes().take_while(u8::is_ascii_digit).count();
    let count: Option<usize> = key[..digits].parse().ok();
    let times = count.unwrap_or(1);
    match &key[digits..] {
        "j" | "+" => _ = view.down(times),
        "k" | "-" => _ = view.up(times),
        "gg" => view.first(count),
        "G" => view.last_row(count),
        "H" => view.screen_top(times),
        "M" => view.screen_middle(),
        "L" => view.screen_bottom(times),
        "<C-d>" => _ = view.half_page_down(count),
        "<C-u>" => _ = view.half_page_up(count),
        "<C-f>" => _ = view.page_down(times),
        "<C-b>" => _ = view.page_up(times),
        "<C-e>" => view.scroll_down(times),
        "<C-y>" => view.scroll_up(times),
        "zz" => view.align_middle(),
        "zt" => view.align_top(),
        "zb" => view.align_bottom(),
        other => panic!("no such key: {other}"),
    }
}

#[test]
fn the_viewport_moves_as_vim_does() {
    let (mut keys, mut agreed, mut wrong) = (0, 0, Vec::new());
    for line in TABLE.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let [rows, height, _, typed, places] = cells[..] else { panic!("five columns: {line}") };
        let mut view = Viewport::new(rows.parse().expect("rows"), height.parse().expect("height"));
        let mut before = String::from("1/1");
        for (key, place) in typed.split(' ').zip(places.split(' ')) {
            press(&mut view, key);
            view.settle();
            let got = format!("{}/{}", view.cursor() + 1, view.top() + 1);
            keys += 1;
            if got == place {
                agreed += 1;
            } else {
                wrong.push(format!("{rows} rows, height {height}: {before} {key} → Vim {place}, rolo {got}"));
                // Each key is judged by itself: go on from where Vim stands.
                let (cursor, top) = place.split_once('/').expect("cursor/top");
                view.restore(cursor.parse::<usize>().expect("a line") - 1, top.parse::<usize>().expect("a line") - 1);
            }
            before = place.to_owned();
        }
    }
    println!("{agreed} of {keys} keys as Vim");
    assert!(keys > 4_000, "the table is there");
    assert!(wrong.is_empty(), "{} of {keys} keys differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Returns a desk at a store with so many contacts.
fn desk_with(contacts: usize) -> rolo::actions::Desk {
    use rolo::domain::{Assignment, Kind};
    let desk = rolo::actions::Desk::new(rolo::store::memory().expect("a store"), "ada");
    let row = |number| vec![Assignment::parse(Kind::Contact, &format!("name=row {number:04}"), &desk.definitions()).expect("a name")];
    let rows: Vec<_> = (1..=contacts).map(row).collect();
    rolo::actions::add_all(&desk, Kind::Contact, &rows).expect("added");
    desk
}

#[test]
fn the_whole_application_moves_as_vim_does() {
    use rolo::tui::keys::Pane;
    use rolo::tui::play::{PlayOptions, Print, Stage};
    /// Frame, names of columns, status line and prompt line of a zoomed list.
    const AROUND: u16 = 5;
    let (mut keys, mut tables) = (0, 0);
    for line in TABLE.lines().step_by(3) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [rows, height, _, typed, places] = cells[..] else { panic!("five columns: {line}") };
        let (rows, height): (usize, u16) = (rows.parse().expect("rows"), height.parse().expect("height"));
        if rows > 60 || height + AROUND < 10 || tables == 12 {
            continue;
        }
        tables += 1;
        let settings = rolo::tui::start::Settings::default();
        let options = PlayOptions { size: (80, height + AROUND), pane: Pane::Contacts, zoom: true, print: Print::State, settings };
        let mut stage = Stage::new(desk_with(rows), &options).expect("it opens");
        for (key, place) in typed.split(' ').zip(places.split(' ')) {
            stage.press(key).expect("keys");
            let view = &mut stage.app.contacts.view;
            assert_eq!(format!("{}/{}", view.cursor() + 1, view.top() + 1), place, "{key} of {typed} on {rows} rows, height {height}");
            keys += 1;
        }
    }
    println!("{keys} keys through the application as Vim");
    assert!(keys > 100, "{keys} keys in {tables} tables");
}
