//! The one table of commands, the `:` line with its ranges, and what derives from
//! them.
//!
//! Everything that can be done is a command: keys, the `:` line, scripts and
//! `rolo play` make the same [`Invocation`]. This room does not know the terminal.

mod agenda;
mod documents;
mod escalating;
mod files;
mod here;
mod invocation;
mod keeping;
mod knowledge;
mod ongoing;
mod options;
mod pattern;
mod pop;
mod queue;
mod range;
mod reply;
mod report;
mod rows;
mod run;
mod spec;
mod substitution;
mod table;
mod tell;
mod through;
mod tree;
mod twins;
pub mod why;

pub use agenda::agenda_until;
pub use documents::file_to_open;
pub use escalating::escalate_due;
pub use here::Here;
pub use invocation::{BadLine, Invocation, words};
pub use knowledge::{SUGGESTED, suggested};
pub use ongoing::Ongoing;
pub use pattern::Pattern;
pub use pop::{local_time, told as told_of, who_has};
pub use range::{Address, Base, Range, Rows, delimited};
pub use reply::{Question, Reply};
pub use report::{as_if, report};
pub use run::{run, run_told};
pub use spec::{Danger, Id, Motion, Place, Spec};
pub use substitution::{BadSubstitution, Substitution};
pub use table::{COMMANDS, find, nearest, spec};
pub use twins::{blamed, query_of};
