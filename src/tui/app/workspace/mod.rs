//! A workspace: where one was, so that one comes back to the same place.
//!
//! What is on screen and what the grammar remembers is made into words and numbers
//! ([`kept`]), and back. Records are named by their ids: one that is gone meanwhile is
//! passed over, and the cursor stands where it stood. This knows no files.

mod keep;
pub mod kept;
mod resume;
