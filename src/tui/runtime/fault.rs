//! A fault on demand, in builds with debug assertions alone: the tests see what a panic of
//! the application, or of one of its threads, leaves behind.

use crate::tui::keys::{Key, notation};

/// Panics when the key is typed that `ROLO_PANIC_AT` names, as `<F9>`.
///
/// # Panics
/// As asked for.
pub(super) fn at(key: Key) {
    if cfg!(debug_assertions) && asked("ROLO_PANIC_AT").is_some_and(|keys| keys == notation::print(&[key])) {
        fail("ROLO_PANIC_AT");
    }
}

/// Panics in the thread that carries a command out whose name `ROLO_PANIC_IN` is.
///
/// # Panics
/// As asked for.
pub(super) fn within(command: &str) {
    if cfg!(debug_assertions) && asked("ROLO_PANIC_IN").is_some_and(|name| name == command) {
        fail("ROLO_PANIC_IN");
    }
}

fn asked(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[allow(clippy::panic, reason = "it is asked for")]
fn fail(name: &str) {
    panic!("asked for by {name}");
}
