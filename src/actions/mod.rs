//! What can be done: each action is a function from a request to changes.

mod difference;
mod error;
mod outcome;

pub use difference::{Difference, differences};
pub use error::ActionError;
pub use outcome::Outcome;
