//! What a guest asks: the calls of the trait `Store`, as values.

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::{FieldNumber, FileHash, Kind, RecordId, Timestamp};
use crate::store::api::{Absent, Author, Change, Commit, Cursor, Forget, Occupation, StepKind, Trash, View};

/// The most ids of one request.
pub const MAX_IDS: usize = 4_096;
/// The most changes or conditions of a commit that are read: more than a store
/// takes, so that it is the store that refuses them, in its words.
const MAX_ITEMS: usize = 4_096;

/// One page, as it is asked for: queries and orders as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageAsked {
    /// The kind.
    pub kind: Kind,
    /// The query's canonical text.
    pub query: Option<String>,
    /// The order, as it is typed.
    pub sort: String,
    /// Where the page begins.
    pub after: Option<Cursor>,
    /// How many records to pass over.
    pub offset: u64,
    /// The most records; the host may give fewer and a cursor.
    pub limit: u64,
    /// Whether to give whole records.
    pub records: bool,
    /// Whether to count all.
    pub total: bool,
    /// What about the trash.
    pub trash: Trash,
    /// Wait until this seq is applied.
    pub at_least: Option<u64>,
    /// The clock and the user that the query sees.
    pub view: View,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// A page.
    Query(Box<PageAsked>),
    /// Records by id.
    Get(#[serde(deserialize_with = "ids")] Vec<RecordId>),
    /// Rollups by id.
    Rollups(#[serde(deserialize_with = "ids")] Vec<RecordId>),
    /// Ids by index key.
    Lookup {
        /// The kind.
        kind: Kind,
        /// The field.
        field: FieldNumber,
        /// The key.
        key: Vec<u8>,
        /// The most.
        limit: u64,
    },
    /// What links to a record.
    Linking {
        /// To which.
        to: RecordId,
        /// From which kind.
        from: Option<Kind>,
        /// The most.
        limit: u64,
    },
    /// A commit.
    Commit(Box<CommitAsked>),
    /// Commits after a seq.
    ChangesSince {
        /// The seq.
        seq: u64,
        /// The most.
        limit: u64,
    },
    /// Versions of a record, newest first.
    History {
        /// Which.
        id: RecordId,
        /// How many to pass over.
        offset: u64,
        /// The most.
        limit: u64,
    },
    /// A record as it was.
    AsOf {
        /// Which.
        id: RecordId,
        /// After which commit.
        seq: u64,
    },
    /// The last commit at a moment.
    SeqAt(Timestamp),
    /// Steps, newest first.
    Steps {
        /// Those before this one.
        before: Option<u64>,
        /// The most.
        limit: u64,
    },
    /// The commits of a step.
    CommitsOf(u64),
    /// What was answered under a key.
    Committed(String),
    /// A check of everything.
    Check {
        /// Whether to repair.
        repair: bool,
    },
    /// The store in numbers.
    Stats,
    /// What there is to tell of the store, from the so many-th on.
    Notices {
        /// How many are known.
        from: u64,
    },
    /// Who else is here.
    Sessions,
    /// From now on, be told of every change on this connection.
    Watch {
        /// The last commit that is known.
        seq: u64,
    },
    /// The guest is at this; the others may see it. Since protocol 2.
    BeAt(Option<Occupation>),
    /// Who else is here, and at what. Since protocol 2.
    Present,
    /// The length of an attached file's content.
    FileLength(FileHash),
    /// Keep a content; its pieces follow as the host asks for them.
    KeepFile {
        /// Its hash.
        hash: FileHash,
        /// Its length in bytes.
        size: u64,
    },
    /// The next piece of the content that is to be kept.
    FilePiece(Vec<u8>),
    /// A piece of a content.
    ReadFile {
        /// Its hash.
        hash: FileHash,
        /// From which byte on.
        offset: u64,
        /// The most bytes; the host may give fewer.
        most: u64,
    },
    /// Forget somebody. Since protocol 2.
    Forget(Box<Forget>),
}

/// A commit, read with bounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitAsked {
    author: Author,
    label: String,
    step: Option<u64>,
    last: bool,
    kind: StepKind,
    key: Option<String>,
    at: Option<Timestamp>,
    #[serde(deserialize_with = "items")]
    changes: Vec<Change>,
    #[serde(deserialize_with = "items")]
    absent: Vec<Absent>,
}

impl From<Commit> for CommitAsked {
    fn from(commit: Commit) -> Self {
        let Commit { author, label, step, last, kind, key, at, changes, absent } = commit;
        Self { author, label, step, last, kind, key, at, changes, absent }
    }
}

impl From<CommitAsked> for Commit {
    fn from(asked: CommitAsked) -> Self {
        let CommitAsked { author, label, step, last, kind, key, at, changes, absent } = asked;
        Self { author, label, step, last, kind, key, at, changes, absent }
    }
}

impl CommitAsked {
    /// Returns whether there are more parts than a host reads.
    pub fn is_beyond_reading(&self) -> bool {
        self.changes.len() > MAX_ITEMS || self.absent.len() > MAX_ITEMS
    }
}

fn ids<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<RecordId>, D::Error> {
    from.deserialize_seq(AtMost::<RecordId, MAX_IDS>(std::marker::PhantomData))
}

fn items<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    from.deserialize_seq(AtMost::<T, MAX_ITEMS>(std::marker::PhantomData))
}

/// Reads a list of bounded length: an item in memory may be much larger than its bytes.
struct AtMost<T, const N: usize>(std::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de>, const N: usize> Visitor<'de> for AtMost<T, N> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "at most {N} items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Vec<T>, A::Error> {
        let mut read = Vec::new();
        while let Some(item) = from.next_element()? {
            if read.len() == N {
                return Err(A::Error::custom("too many items"));
            }
            read.push(item);
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::store::wire::{MAX_REQUEST, decode, encode};

    #[test]
    fn lists_are_bounded() {
        let ask = |count| Request::Get(vec![RecordId::new(Kind::Contact, 1); count]);
        let frame = encode(&ask(MAX_IDS), MAX_REQUEST).unwrap();
        assert_eq!(decode::<Request>(&frame[4..]).unwrap(), ask(MAX_IDS));
        let frame = encode(&ask(MAX_IDS + 1), MAX_REQUEST).unwrap();
        assert!(decode::<Request>(&frame[4..]).is_err());
    }
}
