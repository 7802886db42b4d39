//! The one table of commands, the `:` line with its ranges, and what derives from
//! them.
//!
//! Everything that can be done is a command: keys, the `:` line, scripts and
//! `rolo play` make the same [`Invocation`]. This room does not know the terminal.

mod files;
mod here;
mod invocation;
mod ongoing;
mod options;
mod queue;
mod range;
mod reply;
mod run;
mod spec;
mod table;
mod tell;

pub use here::Here;
pub use invocation::{BadLine, Invocation, words};
pub use ongoing::Ongoing;
pub use range::{Address, Range};
pub use reply::{Question, Reply};
pub use run::{run, run_told};
pub use spec::{Danger, Id, Place, Spec};
pub use table::{COMMANDS, find, nearest, spec};
