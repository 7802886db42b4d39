//! What stands in a frame of the log: the store's format.
//!
//! The bodies of a commit's frame are its [`Head`] and then one [`Body`] for each
//! change; the frame's own head is empty, since what a commit says about itself
//! is read alone as well. Each begins with the byte [`FORMAT`] and goes on in the
//! encoding of `postcard`: numbers as LEB128 (signed ones in zigzag), texts and
//! lists with their length before them, variants by their number. A body says of itself which record it is, of which commit, when
//! and by whom, so that one read of the log gives a whole record. Fields stand as
//! (number, value); numbers that this version does not know are kept.
//!
//! This module must not know where bytes lie or who asks for them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::{FieldNumber, Kind, Record, RecordId, Timestamp, Value};
use crate::store::api::{Author, Commit, CommitInfo, Committed, StepKind};

/// The format that is written, the first byte of every head and body.
pub(super) const FORMAT: u8 = 1;

/// What a commit says about itself; its seq is the frame's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    /// The seq of the step's first commit.
    pub(super) step: u64,
    pub(super) last: bool,
    pub(super) at: Timestamp,
    pub(super) author: Author,
    pub(super) label: String,
    pub(super) kind: StepKind,
    /// The idempotency key and the fingerprint of what was asked for under it.
    pub(super) key: Option<(String, u64)>,
    /// The records changed, in the order of the bodies, and whether each was left as a tombstone.
    pub(super) changed: Vec<(RecordId, bool)>,
}

/// What one change left. `F` is the list of values, owned or borrowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Left<F = Vec<(FieldNumber, Value)>> {
    /// Nothing: the record is gone, its number is not given again.
    Tombstone,
    /// A record with these values.
    Record(F),
    /// What was there was forgotten at a person's wish.
    Forgotten,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Body<F = Vec<(FieldNumber, Value)>> {
    pub(super) id: RecordId,
    /// The commit it belongs to: the record's version.
    pub(super) seq: u64,
    /// When the commit was made.
    pub(super) at: Timestamp,
    /// The login of its author.
    pub(super) by: String,
    /// When the store first kept the record.
    pub(super) recorded_at: Timestamp,
    pub(super) left: Left<F>,
}

/// What stands in a frame that is no commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Epoch {
    /// The log had lost the commits `first` to `last`; a repair put these frames
    /// in their places, so that no seq means two things.
    Lost {
        first: u64,
        last: u64,
        /// Per kind the number that is next, as far as the image knew.
        next: Vec<(Kind, u64)>,
    },
}

impl Epoch {
    pub(super) fn encode(&self) -> Vec<u8> {
        encode(self)
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, String> {
        decode(bytes)
    }
}

fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_extend(value, vec![FORMAT]).expect("writing to memory fails for no type used here")
}

fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, String> {
    match bytes.split_first() {
        Some((&FORMAT, rest)) => match postcard::take_from_bytes(rest) {
            Ok((value, [])) => Ok(value),
            Ok(_) => Err("something follows what was written".to_owned()),
            Err(error) => Err(format!("it cannot be read ({error})")),
        },
        Some((format, _)) => Err(format!("it is of format {format}; this version reads {FORMAT}")),
        None => Err("it is empty".to_owned()),
    }
}

impl Head {
    pub(super) fn encode(&self) -> Vec<u8> {
        encode(self)
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, String> {
        decode(bytes)
    }

    pub(super) fn info(self, seq: u64) -> CommitInfo {
        CommitInfo {
            seq,
            step: self.step,
            last: self.last,
            at: self.at,
            author: self.author,
            label: self.label,
            kind: self.kind,
            key: self.key.map(|(key, _)| key),
            changed: self.changed,
        }
    }

    /// Returns what the commit answered when it was made.
    pub(super) fn answer(&self, seq: u64) -> Committed {
        Committed { seq, step: self.step, at: self.at, ids: self.changed.iter().map(|(id, _)| *id).collect() }
    }
}

impl<F: Serialize> Body<F> {
    pub(super) fn encode(&self) -> Vec<u8> {
        encode(self)
    }
}

impl Body {
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, String> {
        decode(bytes)
    }

    /// Returns the record that the change left, `None` where it left nothing.
    pub(super) fn record(self) -> Option<Arc<Record>> {
        let Left::Record(fields) = self.left else { return None };
        Some(Arc::new(Record {
            id: self.id,
            version: self.seq,
            recorded_at: self.recorded_at,
            updated_at: self.at,
            updated_by: self.by,
            fields,
        }))
    }
}

/// Returns a fingerprint of what a commit asks for: sent again under the same
/// key, it must be the same. When it is asked is no part of it.
pub(super) fn fingerprint(commit: &Commit) -> u64 {
    let asked = (&commit.author.login, &commit.label, commit.step, commit.last, commit.kind, &commit.changes, &commit.absent);
    fnv1a(&encode(&asked))
}

/// FNV-1a, 64 bits: stable for ever, which the standard library's hash is not.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn body() -> Body {
        Body {
            id: RecordId::new(Kind::Contact, 300),
            seq: 7,
            at: Timestamp(1_700_000_000_000_000),
            by: "ada".to_owned(),
            recorded_at: Timestamp(-1),
            left: Left::Record(vec![(100, Value::text("Ada")), (40_000, Value::Flag(true))]),
        }
    }

    #[test]
    fn a_body_is_written_as_the_format_says() {
        let hex: String = body().encode().iter().map(|byte| format!("{byte:02x}")).collect();
        insta::assert_snapshot!(hex, @"0100ac02078080f2818389850603616461010102640003416461c0b8020301");
        assert_eq!(Body::decode(&body().encode()), Ok(body()));
    }

    #[test]
    fn what_was_not_written_here_is_refused_in_words() {
        assert_eq!(Body::decode(&[]).unwrap_err(), "it is empty");
        assert_eq!(Body::decode(&[9, 0]).unwrap_err(), "it is of format 9; this version reads 1");
        let mut longer = body().encode();
        longer.push(0);
        assert_eq!(Body::decode(&longer).unwrap_err(), "something follows what was written");
        longer.truncate(20);
        assert!(Body::decode(&longer).unwrap_err().starts_with("it cannot be read"));
    }

    #[test]
    fn a_hash_that_is_kept_stays_the_same() {
        // The published test vectors of FNV-1a.
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
