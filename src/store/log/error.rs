//! What can go wrong with a log, each kind on its own, since each is answered
//! differently: a full disk is waited for, damage is told with its place, a
//! lost tail makes the store read-only.

use std::io;

use super::FramePlace;

/// Why the log refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The folder holds no segment.
    #[error("there is no log here")]
    NoLog,
    /// A new log was to be made where one is.
    #[error("there is a log here already")]
    Exists,
    /// The log was written by a later version of rolo.
    #[error("segment {segment} of the log has format {format}; this version reads up to format {known}")]
    Newer {
        /// The segment's number.
        segment: u32,
        /// Its format.
        format: u32,
        /// The latest format that is understood here.
        known: u32,
    },
    /// A segment that belongs to another store.
    #[error("segment {segment} of the log belongs to another store ({found}, not {expected})")]
    Foreign {
        /// The segment's number.
        segment: u32,
        /// The store it belongs to.
        found: String,
        /// The store it was found in.
        expected: String,
    },
    /// A segment that must be there is not.
    #[error("segment {segment} of the log is missing")]
    MissingSegment {
        /// The segment's number.
        segment: u32,
    },
    /// Bytes that are not what was written.
    #[error("the log is damaged in segment {segment} at byte {offset}{}: {why}", commit_of(*.seq))]
    Damaged {
        /// The segment's number.
        segment: u32,
        /// Where in the segment, in bytes.
        offset: u64,
        /// The first commit that cannot be read, where known.
        seq: Option<u64>,
        /// What was found.
        why: String,
    },
    /// The log ends before what the image has applied: commits that were
    /// acknowledged are gone.
    #[error("the log has lost acknowledged commits: it ends at {last}, {applied} had been applied")]
    Lost {
        /// The seq that the image had applied.
        applied: u64,
        /// The last seq that is there.
        last: u64,
    },
    /// The log reaches the seq that the image has applied, with another commit
    /// there: an older log was restored and written to.
    #[error("commit {applied} of the log is not the one that had been applied")]
    Diverged {
        /// The seq that the image had applied.
        applied: u64,
        /// Where its frame should be.
        place: FramePlace,
    },
    /// The disk has no room. Nothing was written; it can be tried again.
    #[error("the disk is full: {source}")]
    Full {
        /// What the system said.
        source: io::Error,
    },
    /// An operation on a file failed.
    #[error("{doing} {file} failed: {source}")]
    Io {
        /// What was being done ("reading", "writing" …).
        doing: &'static str,
        /// The file's name in the log's folder.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// A write or sync failed earlier: nothing more is written until the log
    /// has been opened anew and read.
    #[error("nothing more is written to the log since {why}")]
    Poisoned {
        /// What had failed.
        why: String,
    },
    /// Something else wrote to the log, or moved it away.
    #[error("the log was changed by another process: {why}")]
    Superseded {
        /// What was seen.
        why: String,
    },
    /// The log was opened for reading.
    #[error("the log was opened for reading only")]
    ReadOnly,
    /// More in one frame than a frame may hold.
    #[error("{bytes} bytes in one commit are too many, {limit} are allowed")]
    TooLarge {
        /// What was given.
        bytes: u64,
        /// What is allowed.
        limit: u64,
    },
    /// A frame with another seq than the next.
    #[error("commit {got} does not follow, {expected} is next")]
    OutOfOrder {
        /// The seq that is next.
        expected: u64,
        /// The seq that was given.
        got: u64,
    },
    /// A redaction that cannot be made.
    #[error("commit {seq} cannot be redacted: {why}")]
    Redaction {
        /// The frame's seq.
        seq: u64,
        /// Why not.
        why: String,
    },
    /// The progress callback asked to stop.
    #[error("cancelled")]
    Cancelled,
}

/// Puts the seq into the sentence, where there is one.
fn commit_of(seq: Option<u64>) -> String {
    seq.map_or_else(String::new, |seq| format!(" (commit {seq})"))
}

impl LogError {
    /// Wraps what the system said about a file, or notices that the disk is full.
    pub(super) fn io(doing: &'static str, file: &str, source: io::Error) -> Self {
        if is_full(&source) {
            return Self::Full { source };
        }
        Self::Io { doing, file: file.to_owned(), source }
    }

    /// Returns whether the bytes of the log are not as they should be, so that
    /// the store is to be read only and `check` has something to say.
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Foreign { .. }
                | Self::MissingSegment { .. }
                | Self::Damaged { .. }
                | Self::Lost { .. }
                | Self::Diverged { .. }
                | Self::Superseded { .. }
        )
    }

    /// Returns what the user can do about it, where there is something.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Newer { .. } => Some("use the version of rolo that wrote it, or a later one"),
            Self::Foreign { .. } | Self::MissingSegment { .. } | Self::Damaged { .. } => {
                Some("keep a copy of the folder, then see `rolo check`, or restore a backup")
            }
            Self::Lost { .. } | Self::Diverged { .. } => {
                Some("if the folder was restored from a backup, `rolo check --repair` takes it as it is")
            }
            Self::Full { .. } => Some("free some space and try again; nothing was lost"),
            Self::Poisoned { .. } => Some("open the store again to see what was kept"),
            Self::TooLarge { .. } => Some("write less at once"),
            _ => None,
        }
    }
}

/// Whether the error means that there is no room, on the disk or in a quota.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_user_reads() {
        let place = FramePlace { segment: 2, offset: 64, crc: 0 };
        let io = |kind: io::ErrorKind| io::Error::from(kind);
        for (error, text) in [
            (LogError::NoLog, "there is no log here"),
            (LogError::Exists, "there is a log here already"),
            (LogError::Diverged { applied: 7, place }, "commit 7 of the log is not the one that had been applied"),
            (
                LogError::Damaged { segment: 2, offset: 9, seq: None, why: "it is odd".to_owned() },
                "the log is damaged in segment 2 at byte 9: it is odd",
            ),
            (
                LogError::io("reading", "00000001.log", io(io::ErrorKind::PermissionDenied)),
                "reading 00000001.log failed: permission denied",
            ),
            (LogError::io("making", "x", io(io::ErrorKind::StorageFull)), "the disk is full: no storage space"),
            (LogError::io("making", "x", io(io::ErrorKind::QuotaExceeded)), "the disk is full: quota exceeded"),
            (
                LogError::Poisoned { why: "syncing 00000001.log failed".to_owned() },
                "nothing more is written to the log since syncing 00000001.log failed",
            ),
            (LogError::ReadOnly, "the log was opened for reading only"),
            (LogError::TooLarge { bytes: 9, limit: 8 }, "9 bytes in one commit are too many, 8 are allowed"),
            (LogError::Cancelled, "cancelled"),
        ] {
            assert_eq!(error.to_string(), text);
        }
    }
}
