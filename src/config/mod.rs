//! Paths, the user's own file, and their precedence: flags over environment over
//! the file over the platform's default.

mod paths;
mod user;

pub use paths::Paths;
pub use user::{Backups, ConfigError, UserConfig, read};
