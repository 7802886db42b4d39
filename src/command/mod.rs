//! The one table of commands, the `:` line, completion and help.
