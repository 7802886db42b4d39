//! From key presses to what should be done: keys and their notation, keymap
//! files, and the machine that knows counts, registers and pending keys.
//!
//! This room knows no record and carries nothing out: it gives back lines as one
//! could type them after `:`, with the count, register and character typed with
//! them. Whether a line is a command is asked of a [`Check`] when a file is
//! loaded; [`known_command`] asks the table of commands.

pub mod binding;
mod check;
pub mod condition;
pub mod fact;
mod file;
pub mod key;
pub mod keymap;
pub mod layer;
pub mod machine;
pub mod notation;
pub mod trie;

pub use check::known_command;
pub use fact::{Fact, Facts};
pub use file::{Check, Complaint};
pub use key::{Code, Key, Mods};
pub use keymap::{Keymap, LoadedKeymap, Place, Reason};
pub use layer::{Mode, Pane};
pub use machine::{Bound, Errand, Machine, Outcome};
