//! The whole program in a real terminal: it starts, moves, changes, is stopped,
//! resized, pasted into and killed, and the terminal is as it was.
//!
//! The built program runs on a pseudo-terminal; what it writes is read from outside
//! and shown by a terminal of another make (vt100).

#![cfg(unix)]
#![allow(clippy::panic, clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and says what it skips")]

mod colors;
mod files;
mod hostile;
mod life;
mod mouse;
mod panic;
mod reminders;
mod seen;
mod together;
mod typing;
mod workspace;
