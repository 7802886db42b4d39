//! Who this process is, for the other sessions to see.

use std::hash::{BuildHasher, Hasher, RandomState};

use crate::store::lock;
use crate::store::wire::Doing;

/// The most bytes of a word that others are shown.
const MOST: usize = 200;

/// Returns what a session says of itself; its number is one that no other has.
pub(super) fn of_this_process(login: &str, what: &str) -> Doing {
    let mut session = RandomState::new().build_hasher();
    session.write_u32(std::process::id());
    if let Ok(now) = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH) {
        session.write_u128(now.as_nanos());
    }
    Doing {
        session: session.finish(),
        pid: std::process::id(),
        login: short(login),
        what: short(what),
        terminal: short(&lock::terminal().unwrap_or_default()),
    }
}

fn short(text: &str) -> String {
    let end = (0..=MOST.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text[..end].to_owned()
}
