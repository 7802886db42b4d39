//! Terminals of few colours, and of none.

use vt100::Color;

use crate::seen::{SIZE, Seen, demo};

/// Returns the ways in which the cells of the screen differ from plain text.
fn looks(screen: &vt100::Screen) -> Vec<(Color, Color)> {
    let cells = (0..SIZE.1).flat_map(|y| (0..SIZE.0).map(move |x| (y, x)));
    cells.filter_map(|(y, x)| screen.cell(y, x)).map(|cell| (cell.fgcolor(), cell.bgcolor())).collect()
}

/// The cursor's row must be plain to see: its bar, and a cell that is not as the
/// others are.
fn cursor_is_seen(screen: &vt100::Screen, line: u16) {
    assert_eq!(screen.cell(line, 1).unwrap().contents(), "▌");
    let look = |line: u16| {
        let cell = screen.cell(line, 3).unwrap();
        (cell.inverse(), cell.underline(), cell.bold(), cell.bgcolor())
    };
    assert_ne!(look(line), look(line + 1));
}

#[test]
fn without_colours_nothing_is_coloured() {
    for environment in [[("TERM", "xterm-256color"), ("NO_COLOR", "1")], [("TERM", "dumb"), ("COLORTERM", "truecolor")]] {
        let folder = demo();
        let mut seen = Seen::open_in(folder.path(), SIZE, &environment);
        seen.until("1/150");
        seen.press("j");
        seen.until("2/150");
        assert!(looks(seen.screen()).iter().all(|look| *look == (Color::Default, Color::Default)), "{environment:?}");
        cursor_is_seen(seen.screen(), 3);
        seen.leave();
    }
}

#[test]
fn sixteen_colours_are_enough() {
    let folder = demo();
    let mut seen = Seen::open_in(folder.path(), SIZE, &[("TERM", "xterm")]);
    seen.until("1/150");
    seen.press("j");
    seen.until("2/150");
    let few = |color: &Color| matches!(color, Color::Default | Color::Idx(0..=15));
    assert!(looks(seen.screen()).iter().all(|(fg, bg)| few(fg) && few(bg)));
    assert!(looks(seen.screen()).iter().any(|(fg, _)| *fg != Color::Default), "and they are used");
    cursor_is_seen(seen.screen(), 3);
    seen.leave();
}
