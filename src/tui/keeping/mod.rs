//! What a session leaves for the next one, in the user's state directory.
//!
//! ```text
//! workspaces/STORE/LOGIN/
//!     main.lock       held by the application that has the workspace open
//!     main.json       where one was
//!     drafts/         what was being written, a file each; the texts that editors have
//! ```
//!
//! A workspace is open in one application at a time: the first one has `main`, a second
//! one beside it `2`, as far as nobody names another. So nothing is overwritten, and `u`
//! takes back the steps of this workspace alone. The store is known by its id, so that
//! one that was moved is found again.
//!
//! What cannot be written is said once and the application goes on; what cannot be read
//! is set aside by another name. This knows neither screen nor store.

pub mod beside;
pub mod drafts;
mod seat;
mod writer;

pub use seat::{Keeping, NoSeat, Sat, Seat, sit};
pub use writer::Writer;
