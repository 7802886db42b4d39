//! A drawn screen as text, plain and with the sequences that colour it.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use crate::tui::text;

/// Calls `visit` with the cells of each line that begin a character.
fn lines(buffer: &Buffer, mut visit: impl FnMut(&[&Cell])) {
    let area = buffer.area;
    for y in area.top()..area.bottom() {
        let mut cells = Vec::new();
        let mut x = area.left();
        while x < area.right() {
            let Some(cell) = buffer.cell((x, y)) else { break };
            cells.push(cell);
            x += (text::width(cell.symbol()) as u16).max(1);
        }
        visit(&cells);
    }
}

/// Returns the characters, without spaces at the ends of lines.
pub(super) fn plain(buffer: &Buffer) -> String {
    let mut printed = String::new();
    lines(buffer, |cells| {
        let line: String = cells.iter().map(|cell| cell.symbol()).collect();
        printed.push_str(line.trim_end());
        printed.push('\n');
    });
    printed
}

/// Returns the characters with SGR sequences and nothing else that a terminal obeys.
pub(super) fn colored(buffer: &Buffer) -> String {
    let mut printed = String::new();
    lines(buffer, |cells| {
        let mut last: Option<(Color, Color, Modifier)> = None;
        for cell in cells {
            let look = (cell.fg, cell.bg, cell.modifier);
            if last != Some(look) {
                printed.push_str(&sgr(look));
                last = Some(look);
            }
            printed.push_str(cell.symbol());
        }
        printed.push_str("\u{1b}[0m\n");
    });
    printed
}

fn sgr((fg, bg, modifier): (Color, Color, Modifier)) -> String {
    let mut codes = vec!["0".to_owned()];
    let attributes = [
        (Modifier::BOLD, "1"),
        (Modifier::DIM, "2"),
        (Modifier::ITALIC, "3"),
        (Modifier::UNDERLINED, "4"),
        (Modifier::REVERSED, "7"),
        (Modifier::CROSSED_OUT, "9"),
    ];
    codes.extend(attributes.iter().filter(|(attribute, _)| modifier.contains(*attribute)).map(|(_, code)| (*code).to_owned()));
    codes.extend(color(fg, false));
    codes.extend(color(bg, true));
    format!("\u{1b}[{}m", codes.join(";"))
}

/// Returns the code of a colour; the terminal's own needs none after a reset.
fn color(color: Color, ground: bool) -> Option<String> {
    let named = |number: u8| {
        let base: u8 = if number < 8 { 30 + number } else { 90 + number - 8 };
        Some((base + if ground { 10 } else { 0 }).to_string())
    };
    let layer = if ground { 48 } else { 38 };
    match color {
        Color::Reset => None,
        Color::Rgb(red, green, blue) => Some(format!("{layer};2;{red};{green};{blue}")),
        Color::Indexed(number) => Some(format!("{layer};5;{number}")),
        Color::Black => named(0),
        Color::Red => named(1),
        Color::Green => named(2),
        Color::Yellow => named(3),
        Color::Blue => named(4),
        Color::Magenta => named(5),
        Color::Cyan => named(6),
        Color::Gray => named(7),
        Color::DarkGray => named(8),
        Color::LightRed => named(9),
        Color::LightGreen => named(10),
        Color::LightYellow => named(11),
        Color::LightBlue => named(12),
        Color::LightMagenta => named(13),
        Color::LightCyan => named(14),
        Color::White => named(15),
    }
}
