//! The application's state and what changes it: state in, effects out.

pub mod viewport;
