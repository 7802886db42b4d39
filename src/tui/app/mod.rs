//! The application's state and what changes it: state in, effects out.

pub mod board;
pub mod cells;
pub mod layout;
pub mod list;
pub mod options;
pub mod prompt;
pub mod record;
pub mod row;
pub mod search;
pub mod text_input;
pub mod timeline;
pub mod viewport;
