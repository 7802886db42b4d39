//! What can go wrong with a store, in the user's words, with a hint.

use serde::{Deserialize, Serialize};

use crate::domain::{FieldNumber, RecordId};

/// A field that two people changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// The record.
    pub id: RecordId,
    /// The version the change was based on.
    pub based_on: u64,
    /// The version that stands.
    pub version: u64,
    /// The fields concerned, where they are known.
    pub fields: Vec<FieldNumber>,
}

/// An error of a store. [`StoreError::exit_code`] is what the command line leaves with.
/// Hosts send it to guests: variants are added at the end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum StoreError {
    /// A change was based on a version that no longer stands.
    #[error("{} was changed meanwhile (version {}, yours was based on {})", .0.id, .0.version, .0.based_on)]
    Conflict(Conflict),
    /// A record that must be new exists.
    #[error("{0} exists already")]
    Exists(RecordId),
    /// A link leads nowhere.
    #[error("{from} would link to {to}, which does not exist")]
    DeadLink {
        /// The linking record.
        from: RecordId,
        /// What it links to.
        to: RecordId,
    },
    /// A commit is larger than may be.
    #[error("{0}")]
    TooLarge(String),
    /// An idempotency key was used with other content.
    #[error("the key \u{201c}{0}\u{201d} was used before for something else")]
    KeyReused(String),
    /// The store may only be read: why.
    #[error("the store is read-only: {0}")]
    ReadOnly(String),
    /// The disk is full, or refuses: nothing was changed.
    #[error("{0}")]
    Io(String),
    /// A write or sync failed: whether it was kept is known after reopening.
    #[error("the store could not be written: {0}; whether the last change was kept is known when it is opened again")]
    Unknown(String),
    /// The log is damaged: where.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// The log has lost commits that the image still knows.
    #[error("the log has lost the commits {first} to {last}")]
    Lost {
        /// The first seq missing.
        first: u64,
        /// The last seq that the image knows.
        last: u64,
    },
    /// Another process has the store.
    #[error("{0}")]
    Busy(String),
    /// The store lies where it may not, or is not permitted.
    #[error("{0}")]
    NotPermitted(String),
    /// Given up on request.
    #[error("cancelled")]
    Cancelled,
    /// The caller asked for what makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// The lock is not the one that was taken.
    #[error("LOCK is not the file that was locked: another process may have the store; nothing was written")]
    Superseded,
    /// Another user's store that nobody serves.
    #[error("{0}")]
    Unserved(String),
    /// Something is there already, where something was to be put.
    #[error("{0}")]
    Occupied(String),
    /// The folder that a session had is not there any more.
    #[error("the folder {0} is gone, or another one is in its place")]
    Gone(String),
}

impl StoreError {
    /// Returns the exit code of `cli.md`.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Conflict(_) | Self::Exists(_) => 5,
            Self::DeadLink { .. } => 4,
            Self::Damaged(_) | Self::Lost { .. } | Self::Superseded | Self::Gone(_) => 6,
            Self::NotPermitted(_) | Self::ReadOnly(_) => 7,
            Self::Busy(_) | Self::Unserved(_) => 8,
            Self::Cancelled => 130,
            Self::Occupied(_) | Self::TooLarge(_) | Self::KeyReused(_) | Self::Io(_) | Self::Unknown(_) | Self::Invalid(_) => 1,
        }
    }

    /// Returns what to do about it, where there is something.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Conflict(_) => Some("look at it again and repeat the change"),
            Self::Damaged(_) => Some("`rolo check` tells more; a copy of the folder is the first thing to make"),
            Self::Gone(_) => Some("start rolo again once it is back"),
            Self::Superseded => Some("start rolo again: what was acknowledged is in the store"),
            Self::Lost { .. } => Some("`rolo check --repair` salvages what only the image knows"),
            Self::Io(_) | Self::Unknown(_) => Some("make room on the disk, or look at its health, and try again"),
            Self::Unserved(_) => Some("ask them to open it, or to have `rolo serve` run"),
            Self::Busy(_) => Some("close the other one, or wait longer with --wait"),
            _ => None,
        }
    }
}
