//! A drawn screen as text, plain and with the sequences that colour it.

use ratatui::buffer::{Buffer, Cell};

use crate::tui::pen::Look;
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
        let mut last: Option<Look> = None;
        for cell in cells {
            let look = Look::of(cell);
            if last != Some(look) {
                printed.push_str(&look.anew());
                last = Some(look);
            }
            printed.push_str(cell.symbol());
        }
        printed.push_str("\u{1b}[m\n");
    });
    printed
}
