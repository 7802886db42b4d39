//! How many colours a terminal shows.

/// How many colours a terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Depth {
    /// None: only bold, underlined, reversed.
    Mono,
    /// The sixteen that every terminal names.
    Ansi16,
    /// The sixteen, a cube of 216 and 24 greys.
    Ansi256,
    /// Any.
    True,
}

impl Depth {
    /// All depths, from the poorest.
    pub const ALL: [Self; 4] = [Self::Mono, Self::Ansi16, Self::Ansi256, Self::True];

    /// Returns what a terminal shows, by what its environment says: the
    /// variables `NO_COLOR`, `COLORTERM` and `TERM`, where they are set.
    ///
    /// `NO_COLOR` counts when it is not empty (<https://no-color.org>).
    pub fn of_environment(no_color: Option<&str>, colorterm: Option<&str>, term: Option<&str>) -> Self {
        if no_color.is_some_and(|value| !value.is_empty()) {
            return Self::Mono;
        }
        let term = term.unwrap_or_default();
        if term.is_empty() || term == "dumb" || term.starts_with("vt1") || term.ends_with("-m") || term.ends_with("-mono") {
            return Self::Mono;
        }
        let colorterm = colorterm.unwrap_or_default().to_ascii_lowercase();
        if colorterm == "truecolor" || colorterm == "24bit" {
            return Self::True;
        }
        let named = ["xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm", "contour"];
        if term.ends_with("-direct")
            || named.iter().any(|name| term == *name || term.strip_prefix(name).is_some_and(|rest| rest.starts_with('-')))
        {
            return Self::True;
        }
        if term.contains("256color") { Self::Ansi256 } else { Self::Ansi16 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_tells() {
        for (no_color, colorterm, term, depth) in [
            (None, None, None, Depth::Mono),
            (None, None, Some("dumb"), Depth::Mono),
            (None, Some("truecolor"), Some("dumb"), Depth::Mono),
            (None, None, Some("vt100"), Depth::Mono),
            (None, None, Some("xterm"), Depth::Ansi16),
            (None, None, Some("linux"), Depth::Ansi16),
            (None, None, Some("xterm-256color"), Depth::Ansi256),
            (None, None, Some("screen.xterm-256color"), Depth::Ansi256),
            (None, Some("truecolor"), Some("xterm-256color"), Depth::True),
            (None, Some("24bit"), Some("xterm"), Depth::True),
            (None, Some("yes"), Some("xterm-256color"), Depth::Ansi256),
            (None, None, Some("xterm-kitty"), Depth::True),
            (None, None, Some("foot-extra"), Depth::True),
            (None, None, Some("footage"), Depth::Ansi16),
            (None, None, Some("xterm-direct"), Depth::True),
            (Some("1"), Some("truecolor"), Some("xterm-256color"), Depth::Mono),
            (Some(""), Some("truecolor"), Some("xterm-256color"), Depth::True),
        ] {
            assert_eq!(Depth::of_environment(no_color, colorterm, term), depth, "{no_color:?} {colorterm:?} {term:?}");
        }
    }
}
