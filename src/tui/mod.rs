//! The terminal application: state in, effects out.
