//! Searching rows: a pattern as the options have it, over a row's shown cells joined
//! by one space.

use crate::command::Pattern;
use crate::tui::app::options::Options;

/// Compiles a pattern as the options say.
///
/// # Errors
/// What is wrong with it, in one line.
pub fn pattern(text: &str, options: &Options) -> Result<Pattern, String> {
    Pattern::new(text, options.ignorecase, options.smartcase)
}
