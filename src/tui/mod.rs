//! The terminal application: state in, effects out.

pub mod app;
pub mod diagnostic;
pub mod keys;
pub mod shelf;
pub mod signals;
pub mod term;
pub mod text;
pub mod theme;
pub mod view;
