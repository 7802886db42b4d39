//! Colours: how a theme writes them, what a terminal of few colours shows
//! instead, and how well one can be read on another.

use ratatui::style::Color;

use super::depth::Depth;

/// The names of the sixteen colours, in the order of their numbers.
pub const ANSI_NAMES: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "white",
    "bright-black",
    "bright-red",
    "bright-green",
    "bright-yellow",
    "bright-blue",
    "bright-magenta",
    "bright-cyan",
    "bright-white",
];

/// What xterm shows for the sixteen colours (`XTerm-col.ad`). A user's terminal
/// may show others; these serve to find the nearest and to test contrast.
const ANSI_RGB: [Rgb; 16] = [
    Rgb(0, 0, 0),
    Rgb(205, 0, 0),
    Rgb(0, 205, 0),
    Rgb(205, 205, 0),
    Rgb(0, 0, 238),
    Rgb(205, 0, 205),
    Rgb(0, 205, 205),
    Rgb(229, 229, 229),
    Rgb(127, 127, 127),
    Rgb(255, 0, 0),
    Rgb(0, 255, 0),
    Rgb(255, 255, 0),
    Rgb(92, 92, 255),
    Rgb(255, 0, 255),
    Rgb(0, 255, 255),
    Rgb(255, 255, 255),
];

/// Red, green and blue in sRGB, 0 to 255 each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// A colour as a theme writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Paint {
    /// The terminal's own, `default`.
    Default,
    /// One of the sixteen by name, or one of 256 by number.
    Indexed(u8),
    /// Any, `#rrggbb` or `#rgb`.
    Rgb(Rgb),
}

impl Paint {
    /// Parses `default`, a name of the sixteen, or `#rrggbb`.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "default" {
            return Some(Self::Default);
        }
        if let Some(index) = (0_u8..).zip(ANSI_NAMES).find_map(|(index, name)| (name == text).then_some(index)) {
            return Some(Self::Indexed(index));
        }
        let digits = text.strip_prefix('#')?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let number = u32::from_str_radix(digits, 16).ok()?;
        let byte = |shift: u32| u8::try_from(number >> shift & 0xff).unwrap_or_default();
        let nibble = |shift: u32| u8::try_from(number >> shift & 0xf).unwrap_or_default() * 17;
        match digits.len() {
            6 => Some(Self::Rgb(Rgb(byte(16), byte(8), byte(0)))),
            3 => Some(Self::Rgb(Rgb(nibble(8), nibble(4), nibble(0)))),
            _ => None,
        }
    }

    /// Returns what a terminal of this depth shows: itself, or the nearest.
    pub fn at(self, depth: Depth) -> Color {
        match (depth, self) {
            (Depth::Mono, _) | (_, Self::Default) => Color::Reset,
            (Depth::True, Self::Rgb(Rgb(red, green, blue))) => Color::Rgb(red, green, blue),
            (Depth::Ansi256, Self::Rgb(rgb)) => Color::Indexed(nearest(rgb, 16..=255)),
            (Depth::Ansi16, Self::Rgb(rgb)) => ansi(nearest(rgb, 0..=15)),
            (_, Self::Indexed(index @ 0..=15)) => ansi(index),
            (Depth::Ansi16, Self::Indexed(index)) => ansi(nearest(indexed(index), 0..=15)),
            (_, Self::Indexed(index)) => Color::Indexed(index),
        }
    }
}

/// Returns one of the sixteen as the drawing library names it.
fn ansi(index: u8) -> Color {
    match index {
        0 => Color::Black,
        1 => Color::Red,
        2 => Color::Green,
        3 => Color::Yellow,
        4 => Color::Blue,
        5 => Color::Magenta,
        6 => Color::Cyan,
        7 => Color::Gray,
        8 => Color::DarkGray,
        9 => Color::LightRed,
        10 => Color::LightGreen,
        11 => Color::LightYellow,
        12 => Color::LightBlue,
        13 => Color::LightMagenta,
        14 => Color::LightCyan,
        _ => Color::White,
    }
}

/// Returns what xterm shows for one of the 256 colours: the sixteen, a cube
/// with steps 0, 95, 135 … 255 (`256colres.pl`), and greys from 8 by 10.
fn indexed(index: u8) -> Rgb {
    match index {
        0..=15 => ANSI_RGB[usize::from(index)],
        16..=231 => {
            let cube = index - 16;
            let step = |part: u8| if part == 0 { 0 } else { 55 + 40 * part };
            Rgb(step(cube / 36), step(cube / 6 % 6), step(cube % 6))
        }
        grey => {
            let level = 8 + 10 * (grey - 232);
            Rgb(level, level, level)
        }
    }
}

/// Returns what is seen for a colour, where that can be known: what xterm shows
/// for the sixteen, nothing for the terminal's own.
pub fn seen(color: Color) -> Option<Rgb> {
    Some(match color {
        Color::Rgb(red, green, blue) => Rgb(red, green, blue),
        Color::Indexed(index) => indexed(index),
        Color::Reset => return None,
        named => {
            let index = (0_u8..16).find(|index| ansi(*index) == named)?;
            indexed(index)
        }
    })
}

/// Returns the colour of a range that looks nearest.
fn nearest(rgb: Rgb, among: std::ops::RangeInclusive<u8>) -> u8 {
    let wanted = rgb.oklab();
    let distance = |index: u8| {
        let other = indexed(index).oklab();
        wanted.iter().zip(other).map(|(one, other)| (one - other) * (one - other)).sum::<f64>()
    };
    among.min_by(|one, other| distance(*one).total_cmp(&distance(*other))).unwrap_or_default()
}

impl Rgb {
    /// Returns the three parts as linear light, 0 to 1 (IEC 61966-2-1).
    fn linear(self) -> [f64; 3] {
        [self.0, self.1, self.2].map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        })
    }

    /// Returns the relative luminance, 0 to 1 (WCAG 2.2).
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.linear();
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// Returns the place in Oklab, where distance is as the eye sees it
    /// (Björn Ottosson, "A perceptual color space for image processing", 2020).
    fn oklab(self) -> [f64; 3] {
        let [red, green, blue] = self.linear();
        let long = (0.412_221_470_8 * red + 0.536_332_536_3 * green + 0.051_445_992_9 * blue).cbrt();
        let medium = (0.211_903_498_2 * red + 0.680_699_545_1 * green + 0.107_396_956_6 * blue).cbrt();
        let short = (0.088_302_461_9 * red + 0.281_718_837_6 * green + 0.629_978_700_5 * blue).cbrt();
        [
            0.210_454_255_3 * long + 0.793_617_785_0 * medium - 0.004_072_046_8 * short,
            1.977_998_495_1 * long - 2.428_592_205_0 * medium + 0.450_593_709_9 * short,
            0.025_904_037_1 * long + 0.782_771_766_2 * medium - 0.808_675_766_0 * short,
        ]
    }
}

/// Returns how well one colour can be read on the other, 1 to 21 (WCAG 2.2,
/// contrast ratio); text wants at least 4.5.
pub fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (one.luminance(), other.luminance());
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn colours_are_written_in_few_ways() {
        assert_eq!(Paint::parse("#1b1E26"), Some(Paint::Rgb(Rgb(0x1b, 0x1e, 0x26))));
        assert_eq!(Paint::parse("#fa0"), Some(Paint::Rgb(Rgb(0xff, 0xaa, 0x00))));
        assert_eq!(Paint::parse("bright-red"), Some(Paint::Indexed(9)));
        assert_eq!(Paint::parse("default"), Some(Paint::Default));
        for wrong in ["", "#", "#12345", "#12345g", "#+12345", "Red", "1b1e26", "#é12"] {
            assert_eq!(Paint::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn fewer_colours_show_the_nearest() {
        let at = |text, depth| Paint::parse(text).unwrap().at(depth);
        assert_eq!(at("#ff0000", Depth::True), Color::Rgb(255, 0, 0));
        assert_eq!(at("#ff0000", Depth::Ansi256), Color::Indexed(196));
        assert_eq!(at("#ff0000", Depth::Ansi16), Color::LightRed);
        assert_eq!(at("#ff0000", Depth::Mono), Color::Reset);
        assert_eq!(at("#080808", Depth::Ansi256), Color::Indexed(232));
        assert_eq!(at("#808080", Depth::Ansi16), Color::DarkGray);
        assert_eq!(at("blue", Depth::True), Color::Blue);
        assert_eq!(at("default", Depth::True), Color::Reset);
        assert_eq!(Paint::Indexed(196).at(Depth::Ansi16), Color::LightRed);
        assert_eq!(Paint::Indexed(196).at(Depth::True), Color::Indexed(196));
    }

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        let (black, white) = (Rgb(0, 0, 0), Rgb(255, 255, 255));
        assert!((contrast(black, white) - 21.0).abs() < 1e-9);
        assert!((contrast(white, white) - 1.0).abs() < 1e-9);
        // The guidelines' usual example: #767676 is the lightest grey on white.
        assert!(contrast(Rgb(0x76, 0x76, 0x76), white) >= 4.5);
        assert!(contrast(Rgb(0x77, 0x77, 0x77), white) < 4.5);
    }

    #[test]
    fn what_is_seen_is_known_but_for_the_terminals_own() {
        for index in 0..=15 {
            assert_eq!(seen(ansi(index)), Some(ANSI_RGB[usize::from(index)]));
        }
        assert_eq!(seen(Color::Indexed(231)), Some(Rgb(255, 255, 255)));
        assert_eq!(seen(Color::Reset), None);
    }
}
