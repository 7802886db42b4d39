//! How a cell looks, as the SGR sequences that a terminal obeys (ECMA-48, 8.3.117).

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// The look of a cell: its colours and attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

/// The attributes that are written, with the codes that set and take them back.
const ATTRIBUTES: [(Modifier, u8, u8); 6] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::REVERSED, 7, 27),
    (Modifier::CROSSED_OUT, 9, 29),
];

impl Look {
    /// A terminal's own look, which it has after a reset.
    pub(super) const PLAIN: Self = Self { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

    /// Returns the look of a cell.
    pub(super) fn of(cell: &Cell) -> Self {
        Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
    }

    /// Returns whether a space looks the same in both.
    pub(super) fn same_ground(self, other: Self) -> bool {
        let seen = Modifier::UNDERLINED | Modifier::REVERSED | Modifier::CROSSED_OUT;
        self.bg == other.bg && (self.modifier & seen).is_empty() && (other.modifier & seen).is_empty()
    }

    /// Returns the shortest sequence that brings a terminal from one look to
    /// another; nothing if they are the same.
    pub(super) fn change(from: Self, to: Self) -> String {
        if from == to {
            return String::new();
        }
        let (step, anew) = (from.step(to), to.anew());
        if step.len() < anew.len() { step } else { anew }
    }

    /// Returns the sequence that sets all of it, whatever was before.
    pub(super) fn anew(self) -> String {
        let mut codes = Vec::new();
        codes.extend(ATTRIBUTES.iter().filter(|(attribute, ..)| self.modifier.contains(*attribute)).map(|(_, on, _)| on.to_string()));
        codes.extend(
            [(self.fg, false), (self.bg, true)].into_iter().filter(|(hue, _)| *hue != Color::Reset).map(|(hue, ground)| code(hue, ground)),
        );
        if codes.is_empty() { "\u{1b}[m".to_owned() } else { format!("\u{1b}[0;{}m", codes.join(";")) }
    }

    /// Returns the sequence that changes only what differs.
    fn step(self, to: Self) -> String {
        let mut codes: Vec<String> = Vec::new();
        let gone = self.modifier - to.modifier;
        let mut left = to.modifier - self.modifier;
        for (attribute, _, off) in ATTRIBUTES {
            if gone.contains(attribute) {
                let off = off.to_string();
                if !codes.contains(&off) {
                    codes.push(off);
                }
                // Bold and dim are taken back by one code.
                if attribute == Modifier::BOLD || attribute == Modifier::DIM {
                    left |= to.modifier & (Modifier::BOLD | Modifier::DIM);
                }
            }
        }
        codes.extend(ATTRIBUTES.iter().filter(|(attribute, ..)| left.contains(*attribute)).map(|(_, on, _)| on.to_string()));
        if self.fg != to.fg {
            codes.push(code(to.fg, false));
        }
        if self.bg != to.bg {
            codes.push(code(to.bg, true));
        }
        format!("\u{1b}[{}m", codes.join(";"))
    }
}

/// Returns the code of a colour of the text or of its ground.
fn code(color: Color, ground: bool) -> String {
    let layer = if ground { 10 } else { 0 };
    let named = |number: u8| (layer + if number < 8 { 30 + number } else { 90 + number - 8 }).to_string();
    match color {
        Color::Reset => (39 + layer).to_string(),
        Color::Rgb(red, green, blue) => format!("{};2;{red};{green};{blue}", 38 + layer),
        Color::Indexed(number) => format!("{};5;{number}", 38 + layer),
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

#[cfg(test)]
mod tests {
    use super::*;

    const BOLD_RED: Look = Look { fg: Color::Red, bg: Color::Reset, modifier: Modifier::BOLD };

    #[test]
    fn only_what_differs_is_written() {
        let under = Look { modifier: Modifier::BOLD | Modifier::UNDERLINED, ..BOLD_RED };
        assert_eq!(Look::change(BOLD_RED, BOLD_RED), "");
        assert_eq!(Look::change(BOLD_RED, under), "\u{1b}[4m");
        assert_eq!(Look::change(under, BOLD_RED), "\u{1b}[24m");
        assert_eq!(Look::change(BOLD_RED, Look::PLAIN), "\u{1b}[m");
        let ground = Look { bg: Color::Rgb(1, 2, 3), ..BOLD_RED };
        assert_eq!(Look::change(BOLD_RED, ground), "\u{1b}[48;2;1;2;3m");
        assert_eq!(Look::change(ground, BOLD_RED), "\u{1b}[49m");
    }

    #[test]
    fn bold_and_dim_are_taken_back_together() {
        let both = Look { modifier: Modifier::BOLD | Modifier::DIM, fg: Color::Rgb(200, 200, 200), bg: Color::Rgb(100, 100, 100) };
        let dim = Look { modifier: Modifier::DIM, ..both };
        assert_eq!(Look::change(both, dim), "\u{1b}[22;2m");
        assert_eq!(Look::change(dim, both), "\u{1b}[1m");
    }
}
