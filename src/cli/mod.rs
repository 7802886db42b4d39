//! The command line: clap, output formats, exit codes; it starts the application.

pub mod args;
