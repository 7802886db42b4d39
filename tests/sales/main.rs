//! Sales: leads, pipelines, forecasts and reports, on real files and through a quarter.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test fails by panicking, and says what it skips")]

mod calls;
mod common;
mod figures;
mod hostile;
mod leads;
mod pages;
mod process;
mod properties;
mod quarter;
mod quotes;
