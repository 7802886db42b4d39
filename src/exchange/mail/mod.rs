//! Mail in and out: mailboxes, folders and single messages become interactions, and
//! interactions a mailbox.
//!
//! Bytes → [`mbox`] or `maildir` (one message at a time) → `parts` (its tree, by `fields`
//! and `charset`) → [`message`] (what it says: `flowed` and `html` text, `automatic`
//! answers) → `people` (who is who) → `rows`. Nothing here knows the store.

mod automatic;
mod charset;
mod compose;
mod fields;
mod file_name;
mod flowed;
mod html;
pub(super) mod maildir;
pub mod mbox;
pub mod message;
mod message_id;
mod parts;
mod people;
pub(super) mod raw;
mod rows;

/// The fields that a rejects file puts before a message; they are not read back.
pub(super) const REJECT_FIELDS: [&str; 4] = ["X-Rolo-Line", "X-Rolo-Column", "X-Rolo-Code", "X-Rolo-Message"];

pub use automatic::Answer;
pub(super) use compose::Letter;
pub use fields::Mailbox;
pub(super) use message_id::of_record as id_of_record;
pub use people::OwnAddress;
pub(super) use people::TEAM_ADDRESS;
pub(super) use rows::MailRows;
