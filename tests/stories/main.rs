//! Stories: typed keys against the demo company in memory, with a fixed clock.

#![allow(clippy::panic, clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking, and says what it skips")]

mod built;
mod changes;
mod clipboard;
mod colours;
mod common;
mod drafts;
mod editing;
mod every_command;
mod every_key;
mod files;
mod finder;
mod folds;
mod grammar_table;
mod moving;
mod opening;
mod operators;
mod panes;
mod pictures;
mod queue;
mod review;
mod windows;
mod workspace;
