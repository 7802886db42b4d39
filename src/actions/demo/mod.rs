//! A small invented company with a year behind it, and stores of any size.
//!
//! Halyard Optics sells cameras and optical benches to laboratories, factories and
//! film makers. Everything comes from one seed and the day: the same every time.
//! Nothing here knows how a demo is shown.

mod bulk;
mod people;
mod random;
mod sales;
mod service;
mod story;
mod words;

pub use bulk::demo_of_size;
pub use story::demo;

/// The seed of every demo.
const SEED: u64 = 0x726f_6c6f;
