//! The store: one log is the truth, sled is its image.
//!
//! The rest of the program knows the trait [`Store`] of [`api`] and nothing below
//! it. [`join()`] gives the store in a folder, shared with other processes;
//! [`open()`] the same for one process alone, [`memory()`] one in memory.

pub mod accounts;
pub mod api;
pub mod asking;
pub mod backup;
mod coming;
mod embedded;
mod error;
pub mod files;
mod guest;
mod host;
mod joined;
pub mod known;
pub mod leading;
pub mod list_file;
mod memory;
pub mod share;
pub mod walk;
pub mod wire;

pub mod disk;
pub mod engine;
pub mod image;
pub mod lock;
pub mod log;

pub use api::Store;
pub use coming::coming;
pub use embedded::{OpenOptions, open};
pub use error::{Conflict, StoreError};
pub use joined::{JoinOptions, join, other_owner};
pub use memory::memory;
