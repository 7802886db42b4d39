//! A notice on the desktop of the terminal that one sits at, over SSH too: the escape
//! sequences OSC 9 and OSC 777. One of them, since some terminals know both and would tell
//! everything twice; a console that would print them is left alone.

use crate::tui::text;

/// The most characters of a notice.
const MOST: usize = 200;

/// Which sequence a terminal knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// `OSC 9 ; text`: iTerm2, kitty, WezTerm, Ghostty and others.
    Nine,
    /// `OSC 777 ; notify ; title ; text`: rxvt-unicode, foot, VTE.
    Named,
    /// None.
    Silent,
}

impl Manner {
    /// Returns the manner of a terminal by what the environment says of it.
    pub(super) fn of(term: Option<&str>, is_vte: bool) -> Self {
        match term.unwrap_or_default() {
            "" | "dumb" | "linux" => Self::Silent,
            term if is_vte || term.starts_with("rxvt") || term.starts_with("foot") => Self::Named,
            _ => Self::Nine,
        }
    }

    /// Returns what is written to the terminal to give a notice. No part of the text can end
    /// the sequence or begin another.
    pub(super) fn bytes(self, notice: &str) -> Vec<u8> {
        let safe = |c: &char| !c.is_control() && *c != ';';
        let text: String = text::one_line(notice).chars().filter(safe).take(MOST).collect();
        match self {
            Self::Nine => format!("\x1b]9;{text}\x1b\\").into_bytes(),
            Self::Named => format!("\x1b]777;notify;rolo;{text}\x1b\\").into_bytes(),
            Self::Silent => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_terminal_has_its_manner() {
        for (term, vte, manner) in [
            (Some("xterm-256color"), false, Manner::Nine),
            (Some("xterm-256color"), true, Manner::Named),
            (Some("foot"), false, Manner::Named),
            (Some("rxvt-unicode-256color"), false, Manner::Named),
            (Some("linux"), false, Manner::Silent),
            (None, false, Manner::Silent),
        ] {
            assert_eq!(Manner::of(term, vte), manner, "{term:?}");
        }
    }

    #[test]
    fn what_a_task_is_called_cannot_leave_the_notice() {
        for hostile in ["a\x1b\\\x1b]0;x\x07b", "a\u{9c}b;c", "a\nb", "\u{202e}a", &"x".repeat(10_000)] {
            for manner in [Manner::Nine, Manner::Named] {
                let text = String::from_utf8(manner.bytes(hostile)).expect("text");
                let inside = text.strip_prefix('\x1b').and_then(|rest| rest.strip_suffix("\x1b\\")).expect("one sequence");
                assert!(!inside.chars().any(char::is_control), "{text:?}");
                assert!(inside.len() < 1_000);
            }
        }
    }
}
