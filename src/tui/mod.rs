//! The terminal application: state in, effects out.

pub mod app;
mod clipboard;
pub mod diagnostic;
pub mod keeping;
pub mod keys;
pub mod load;
mod notify;
mod pen;
pub mod perf;
pub mod play;
pub mod runtime;
pub mod shelf;
pub mod signals;
pub mod start;
pub mod term;
pub mod text;
pub mod theme;
pub mod view;
pub mod views_file;
