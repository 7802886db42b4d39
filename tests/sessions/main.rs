//! Many processes at one store: one holds it, the others are its guests, and
//! whatever happens to any of them, nothing that was acknowledged is lost.

#![cfg(unix)]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::exit,
    reason = "a test fails by panicking and says what it skips"
)]

mod attendance;
mod company;
mod disasters;
mod faults;
mod model;
mod serving;
mod soak;
mod strangers;
mod take_over;
mod undoing;
mod versions;
mod visitors;
