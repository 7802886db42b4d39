//! Tables of other programs: presets, plans, real files, broken and hostile ones.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod ahead;
mod big;
mod common;
mod fuzz;
mod hostile;
mod plan;
mod presets;
mod real_csv;
mod union;
