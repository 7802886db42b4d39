//! The store under faults: what may go wrong around it, and what then must hold.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../conformance/bench.rs"]
#[allow(dead_code, reason = "the suite uses more of it")]
mod bench;
mod book;
mod damage;
mod faults;
mod folder;
mod golden;
mod images;
mod loss;
mod power;
mod shelf;
