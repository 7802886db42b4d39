//! The one table of commands, the `:` line with its ranges, and what derives from
//! them.
//!
//! Everything that can be done is a command: keys, the `:` line, scripts and
//! `rolo play` make the same [`Invocation`]. This room does not know the terminal.

mod invocation;
mod range;
mod spec;
mod table;

pub use invocation::{BadLine, Invocation, words};
pub use range::{Address, Range};
pub use spec::{Danger, Id, Place, Spec};
pub use table::{COMMANDS, find, nearest, spec};
