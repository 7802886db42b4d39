//! The application's state and what changes it: state in, effects out.

pub mod cells;
pub mod layout;
pub mod options;
pub mod search;
pub mod text_input;
pub mod viewport;
