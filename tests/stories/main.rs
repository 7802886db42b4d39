//! Stories: typed keys against the demo store in memory, with a fixed clock.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
mod opening;
