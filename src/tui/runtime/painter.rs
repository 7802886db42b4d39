//! From a frame to as few bytes as it takes.
//!
//! The frame is compared with the last one and only what differs is written, in one
//! go and between the marks of a synchronised update, so that a terminal never
//! shows half of it.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;

use crate::tui::app::state::App;
use crate::tui::pen::Look;
use crate::tui::text;
use crate::tui::theme::Theme;
use crate::tui::view;

const BEGIN: &str = "\x1b[?2026h";
const END: &str = "\x1b[?2026l";
const CLEAR: &str = "\x1b[m\x1b[2J";
const HIDE: &str = "\x1b[?25l";
const SHOW: &str = "\x1b[?25h";

/// Up to so many cells that stay are written again rather than jumped over: a jump
/// takes four bytes.
const LONGEST_BRIDGE: usize = 4;

/// What the terminal shows.
#[derive(Debug, Default)]
pub(in crate::tui) struct Painter {
    shown: Option<Buffer>,
    cursor: Option<(u16, u16)>,
    /// How many rows the last frame was made of.
    pub(in crate::tui) rows: usize,
}

impl Painter {
    /// Forgets what the terminal shows: the next frame is drawn whole.
    pub(super) fn forget(&mut self) {
        self.shown = None;
    }

    /// Returns the bytes that bring the terminal up to date; none if it is.
    pub(in crate::tui) fn frame(&mut self, app: &App, theme: &Theme) -> Vec<u8> {
        let area = Rect::new(0, 0, app.size.0, app.size.1);
        let mut buffer = Buffer::empty(area);
        let drawn = view::draw(app, theme, &mut buffer);
        self.rows = drawn.rows;
        self.bring(buffer, drawn.cursor)
    }

    fn bring(&mut self, buffer: Buffer, cursor: Option<(u16, u16)>) -> Vec<u8> {
        let area = buffer.area;
        let whole = self.shown.as_ref().is_none_or(|shown| shown.area != area);
        let before = self.shown.take().filter(|_| !whole).unwrap_or_else(|| Buffer::empty(area));
        let mut pen = Pen::default();
        for y in area.top()..area.bottom() {
            pen.line(&before, &buffer, y);
        }
        let moved = whole || cursor != self.cursor;
        self.shown = Some(buffer);
        if pen.bytes.is_empty() && !moved {
            return Vec::new();
        }
        let mut bytes = BEGIN.to_owned();
        if self.cursor.is_some() || whole {
            bytes.push_str(HIDE);
        }
        if whole {
            bytes.push_str(CLEAR);
        }
        bytes.push_str(&pen.done());
        if let Some((x, y)) = cursor {
            let _ = write!(bytes, "\x1b[{};{}H{SHOW}", y + 1, x + 1);
        }
        bytes.push_str(END);
        self.cursor = cursor;
        bytes.into_bytes()
    }
}

/// Writes cells; knows where the terminal's cursor stands and how it writes.
#[derive(Default)]
struct Pen {
    bytes: String,
    /// Where the next character would go, if that is certain.
    at: Option<(u16, u16)>,
    look: Option<Look>,
}

impl Pen {
    /// Writes what differs in a line.
    fn line(&mut self, before: &Buffer, after: &Buffer, y: u16) {
        let mut x = after.area.left();
        // Up to here a wide character of the line before was overwritten.
        let mut broken = x;
        while x < after.area.right() {
            let (Some(old), Some(new)) = (before.cell((x, y)), after.cell((x, y))) else { return };
            let wide = columns(new);
            if x < broken || !same(old, new) {
                self.write(after, new, (x, y));
                let covered = (x..x + wide).filter_map(|x| Some(x + columns(before.cell((x, y))?)));
                broken = covered.fold(broken, u16::max);
            }
            x += wide;
        }
    }

    fn write(&mut self, after: &Buffer, cell: &Cell, (x, y): (u16, u16)) {
        self.go_to(after, (x, y));
        let look = Look::of(cell);
        self.bytes.push_str(&Look::change(self.look.unwrap_or(Look::PLAIN), look));
        self.look = Some(look);
        self.bytes.push_str(cell.symbol());
        // Terminals do not agree on the width of what is more than one plain
        // character, so after it nothing is taken for granted; nor at the edge.
        let plain = cell.symbol().chars().count() == 1 && columns(cell) == 1;
        self.at = (plain && x + 1 < after.area.right()).then_some((x + 1, y));
    }

    /// Goes to a place the shortest way.
    fn go_to(&mut self, after: &Buffer, (x, y): (u16, u16)) {
        if self.at == Some((x, y)) {
            return;
        }
        if let Some((from, line)) = self.at
            && line == y
            && from < x
        {
            let between: Vec<&Cell> = (from..x).filter_map(|x| after.cell((x, y))).collect();
            let bridges =
                between.len() < LONGEST_BRIDGE && between.iter().all(|cell| cell.symbol().is_ascii() && self.look == Some(Look::of(cell)));
            if bridges {
                between.iter().for_each(|cell| self.bytes.push_str(cell.symbol()));
            } else {
                let _ = write!(self.bytes, "\x1b[{}C", x - from);
            }
            return;
        }
        let _ = write!(self.bytes, "\x1b[{};{}H", y + 1, x + 1);
    }

    /// Returns what was written, the pen put down.
    fn done(mut self) -> String {
        self.bytes.push_str(&Look::change(self.look.unwrap_or(Look::PLAIN), Look::PLAIN));
        self.bytes
    }
}

/// Returns how many columns a cell's character takes.
fn columns(cell: &Cell) -> u16 {
    (text::width(cell.symbol()) as u16).max(1)
}

/// Returns whether two cells look the same.
fn same(old: &Cell, new: &Cell) -> bool {
    let (was, is) = (Look::of(old), Look::of(new));
    old.symbol() == new.symbol() && (was == is || (new.symbol() == " " && was.same_ground(is)))
}

#[cfg(test)]
mod tests {
    use std::num::NonZero;

    use proptest::prelude::*;
    use ratatui::style::{Color, Style};

    use super::*;

    const SIZE: (u16, u16) = (24, 4);

    fn buffer(texts: &[(u16, u16, String, u8)]) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1));
        for (x, y, text, hue) in texts {
            let style = Style::new().fg(Color::Indexed(*hue)).bg(if hue % 2 == 0 { Color::Reset } else { Color::Indexed(hue / 2) });
            let style = if hue % 3 == 0 { style.bold().underlined() } else { style };
            buffer.set_stringn(*x, *y, text, usize::from(SIZE.0 - x), style);
        }
        buffer
    }

    /// What a terminal shows, cell by cell: text, colours, attributes.
    fn shown(screen: &vt100::Screen) -> Vec<String> {
        let cells = (0..SIZE.1).flat_map(|y| (0..SIZE.0).map(move |x| (y, x)));
        cells
            .map(|(y, x)| {
                let cell = screen.cell(y, x).unwrap();
                if cell.is_wide_continuation() {
                    return "the rest of a wide one".to_owned();
                }
                let text = if cell.contents().is_empty() { " " } else { cell.contents() };
                let ink = if text == " " { String::new() } else { format!("{:?}{}", cell.fgcolor(), cell.bold()) };
                format!("{text}{ink}{:?}{}", cell.bgcolor(), cell.underline())
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        /// Whatever was there before, a terminal that is brought up to date shows
        /// what one shows that is drawn anew.
        #[test]
        fn a_difference_shows_what_the_whole_shows(
            frames in prop::collection::vec(prop::collection::vec((0..SIZE.0, 0..SIZE.1, "[a-c 漢é字]{0,9}", 0..12_u8), 0..7), 1..5)
        ) {
            let terminal = || vt100::Parser::new(NonZero::new(SIZE.1).unwrap(), NonZero::new(SIZE.0).unwrap(), 0);
            let (mut painter, mut seen) = (Painter::default(), terminal());
            for texts in frames {
                let frame = buffer(&texts);
                seen.process(&painter.bring(frame.clone(), None));
                let mut anew = terminal();
                anew.process(&Painter::default().bring(frame.clone(), None));
                prop_assert_eq!(shown(seen.screen()), shown(anew.screen()));
                prop_assert!(painter.bring(frame, None).is_empty(), "the same again costs nothing");
            }
        }
    }

    #[test]
    fn a_changed_word_costs_itself_and_where_it_stands() {
        let mut painter = Painter::default();
        painter.bring(buffer(&[(0, 0, "one two".to_owned(), 4), (0, 1, "x".to_owned(), 4)]), None);
        let bytes = painter.bring(buffer(&[(0, 0, "one six".to_owned(), 4), (0, 1, "x".to_owned(), 4)]), None);
        assert_eq!(String::from_utf8(bytes).unwrap(), format!("{BEGIN}\u{1b}[1;5H\u{1b}[38;5;4msix\u{1b}[m{END}"));
    }
}
