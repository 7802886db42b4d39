//! The application's state and what changes it: state in, effects out.

pub mod board;
pub mod cells;
mod completion;
pub mod finder;
pub mod folding;
mod folds;
mod help;
pub mod layout;
pub mod list;
pub mod message;
pub(in crate::tui) mod motions;
mod names;
pub mod options;
pub mod prompt;
mod prompting;
mod question;
pub mod record;
pub mod row;
mod running;
pub mod search;
pub mod state;
pub mod text_input;
pub mod timeline;
mod update;
pub mod viewport;
