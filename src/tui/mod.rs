//! The terminal application: state in, effects out.

pub mod diagnostic;
pub mod keys;
pub mod shelf;
