//! vCard 2.1, 3.0 and 4.0 in and out: cards become rows of JSON in rolo's own spelling,
//! and such JSON becomes cards. It must not know the store.
//!
//! A library reads the text of a card (`card` says what its properties mean here);
//! what it is silent about — character sets, lines that are none, nested cards — is
//! looked after before (`lines`, `reader`). What a card says and rolo has no
//! field for is a member under the property's own name: told, and a custom field on
//! demand. `write` puts what a card has no property for into one line of
//! its own, so that what goes out comes back.

mod card;
mod label;
mod reader;
mod uid;
mod value;
mod write;

pub(crate) use card::SHORTEST_UID;
pub(crate) use reader::Cards;
pub(crate) use uid::{Own, own_of, uid_of};
pub use write::Version;
pub(crate) use write::{is_of_card, write};

/// The property in which rolo keeps what has no property of its own, as JSON.
pub(crate) const KEPT: &str = "X-ROLO";

/// The property of a reject that says why.
pub(crate) const REJECTED: &str = "X-ROLO-REJECTED";
