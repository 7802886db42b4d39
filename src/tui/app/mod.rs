//! The application's state and what changes it: state in, effects out.

pub mod layout;
pub mod options;
pub mod text_input;
pub mod viewport;
