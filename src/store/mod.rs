//! The store: one log is the truth, sled is its image.
//!
//! The rest of the program knows the trait [`Store`] of [`api`] and nothing below
//! it. [`open()`] gives the store in a folder, [`memory()`] one in memory.

pub mod api;
mod embedded;
mod error;
pub mod known;
mod memory;
pub mod walk;

pub mod disk;
pub mod engine;
pub mod image;
pub mod lock;
pub mod log;

pub use api::Store;
pub use embedded::{OpenOptions, open};
pub use error::{Conflict, StoreError};
pub use memory::memory;
