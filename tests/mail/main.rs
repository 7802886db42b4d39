//! Mail in and out: mailboxes of every variant, real messages against what Python's
//! `email` and `mailbox` read, imports into a store, hostile input.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod calls;
mod common;
mod hostile;
mod importing;
mod out;
mod real_files;
mod splitting;
