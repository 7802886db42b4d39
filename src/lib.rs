//! rolo: a CRM that lives in the terminal.
//!
//! The library holds every room of the house (see ARCHITECTURE.md for who may
//! know whom); `main.rs` only parses, runs and leaves with an exit code.

pub mod actions;
pub mod automation;
pub mod cli;
pub mod command;
pub mod config;
pub mod domain;
pub mod exchange;
pub mod insight;
pub mod query;
pub mod search;
pub mod store;
pub mod tui;
