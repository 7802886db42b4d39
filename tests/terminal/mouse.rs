//! The mouse, where it is wanted.

use crate::seen::{SIZE, Seen, demo};

/// An event of the mouse in the SGR form of xterm: columns and lines from 1.
fn mouse(button: u8, (x, y): (u16, u16), end: char) -> String {
    format!("\u{1b}[<{button};{};{}{end}", x + 1, y + 1)
}

/// Returns where a text stands on the screen, looked for from a line on.
fn place(seen: &Seen, text: &str, from: u16) -> (u16, u16) {
    let rows: Vec<String> = seen.screen().rows(0, SIZE.0).collect();
    let found = rows.iter().enumerate().skip(usize::from(from)).find_map(|(y, row)| Some((row.find(text)?, y, row)));
    let (at, y, row) = found.unwrap_or_else(|| panic!("{text:?} is not seen:\n{}", seen.screen().contents()));
    (u16::try_from(row[..at].chars().count()).unwrap(), u16::try_from(y).unwrap())
}

#[test]
fn a_click_selects_the_wheel_scrolls_and_a_card_is_dragged() {
    let folder = demo();
    let mut seen = Seen::open(folder.path());
    seen.until("1/150");
    assert_eq!(seen.count("\u{1b}[?1000h"), 0, "the mouse is the terminal's unless it is asked for");
    seen.press(":set mouse\r");
    seen.until_that("the mouse is taken", |screen| screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None);
    seen.press(&mouse(0, (5, 6), 'M'));
    seen.press(&mouse(0, (5, 6), 'm'));
    seen.until("5/150");
    seen.press(&mouse(65, (5, 6), 'M').repeat(4));
    seen.until("13/150");
    // A card of the first stage goes to the second.
    let (from, to) = (place(&seen, "lead", 20), place(&seen, "qualified", 20));
    let card = (from.0 + 1, from.1 + 3);
    seen.press(&mouse(0, card, 'M'));
    seen.until(" pipeline o");
    seen.press(&mouse(32, (to.0 + 1, to.1 + 4), 'M'));
    seen.until("let go to move it");
    seen.press(&mouse(0, (to.0 + 1, to.1 + 4), 'm'));
    seen.until("qualified");
    seen.until("1 opportunity");
    seen.press("u");
    seen.until("took back");
    seen.press(":set nomouse\r");
    seen.until_that("the mouse is given back", |screen| screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None);
    seen.press(":set mouse\r");
    seen.until("mouse");
    seen.leave();
}
