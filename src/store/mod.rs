//! The store: one log is the truth, sled is its image.
//!
//! The rest of the program knows the trait `Store` of `api` and nothing below it.

mod error;
pub mod image;

pub use error::{Conflict, StoreError};

pub mod disk;
pub mod lock;
pub mod log;
