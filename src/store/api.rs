//! The boundary: one trait, in terms of the domain, not of keys and values.
//!
//! A page is one call, a commit is declarative: over a socket or a network a
//! backend may answer and retry them as they are. Every implementation passes the
//! one conformance suite in `tests/conformance`.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::StoreError;
use super::files::{Content, FileFacts};
use crate::domain::Definitions;
use crate::domain::Rollup;
use crate::domain::{Erase, FieldNumber, FileHash, Kind, Record, RecordId, Timestamp};
use crate::query::{Query, SortKey};

/// Numbers from here up in a commit's changes are `new:N` references: the store
/// gives the real number and answers with the map.
pub const NEW: u64 = 1 << 63;

/// Returns the reference `new:n` of a kind, for use as an id in one commit.
pub const fn new_id(kind: Kind, n: u64) -> RecordId {
    RecordId::new(kind, NEW + n)
}

/// Returns whether an id is a `new:N` reference.
pub const fn is_new(id: RecordId) -> bool {
    id.number >= NEW
}

/// The most changes in one commit.
pub const MAX_CHANGES: usize = 1_000;
/// The most bytes of one commit.
pub const MAX_COMMIT_BYTES: usize = 4 << 20;

/// One change of a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Which record, or a `new:N` reference.
    pub id: RecordId,
    /// The version it is based on: 0 for a record that must not exist; `None`
    /// where the last writer wins.
    pub based_on: Option<u64>,
    /// The record after, or `None` for a tombstone.
    pub after: Option<Record>,
}

/// What a step is, for undo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StepKind {
    /// Somebody did something.
    Do,
    /// Takes back this step.
    Undo(u64),
    /// Does this undone step again.
    Redo(u64),
}

/// Who acts, and from where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The login.
    pub login: String,
    /// The workspace of an interactive session (`u` walks its steps); empty for
    /// the command line and scripts.
    pub workspace: String,
}

/// How the workspace of what time causes begins: nobody's undo walks over those steps.
pub const BY_TIME: &str = "tick:";

impl Author {
    /// Returns whether this author's undo walks over a step of that one: it is this user's
    /// and of this workspace; without a workspace, of any but those of time.
    pub fn walks_over(&self, other: &Self) -> bool {
        let here = if self.workspace.is_empty() { !other.workspace.starts_with(BY_TIME) } else { self.workspace == other.workspace };
        self.login == other.login && here
    }
}

/// A commit to be made: atomic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Who.
    pub author: Author,
    /// What the person did, in a few words, for history and undo: `set owner`.
    pub label: String,
    /// The step this commit continues; `None` begins one.
    pub step: Option<u64>,
    /// Whether the step ends with it.
    pub last: bool,
    /// What the step is; only the first commit's counts.
    pub kind: StepKind,
    /// Sent again with the same content: the first answer; with other content: an error.
    pub key: Option<String>,
    /// The clock that the commit sees (`--now`); `None` takes the host's.
    pub at: Option<Timestamp>,
    /// The changes, at most [`MAX_CHANGES`].
    pub changes: Vec<Change>,
    /// Records that must not exist: a natural key of a record to be created.
    pub absent: Vec<Absent>,
}

/// A field value that no live record of the kind may have when the commit is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absent {
    /// The kind.
    pub kind: Kind,
    /// The indexed field.
    pub field: FieldNumber,
    /// Its index key, as `query::index` makes it.
    pub key: Vec<u8>,
}

/// The answer to a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Committed {
    /// Its seq: the version of every record it wrote.
    pub seq: u64,
    /// Its step: the seq of the step's first commit.
    pub step: u64,
    /// When.
    pub at: Timestamp,
    /// The ids of the changes, in their order, `new:N` resolved.
    pub ids: Vec<RecordId>,
}

/// How rows are told which to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Trash {
    /// Live records only.
    #[default]
    Without,
    /// Only what is in the trash.
    Only,
    /// Both.
    With,
}

/// One page of one kind.
#[derive(Debug, Clone)]
pub struct PageRequest {
    /// The kind.
    pub kind: Kind,
    /// Which records; `None` for all.
    pub query: Option<Arc<Query>>,
    /// In which order; the id breaks ties. Empty: by id.
    pub sort: Vec<SortKey>,
    /// Where the page begins: behind this cursor.
    pub after: Option<Cursor>,
    /// How many records to pass over before the page.
    pub offset: usize,
    /// The most records of a page.
    pub limit: usize,
    /// Whether to give whole records, or ids alone (cheaper where an index has the order).
    pub records: bool,
    /// Whether to count all that match.
    pub total: bool,
    /// What about the trash.
    pub trash: Trash,
    /// Wait until the store has applied this seq.
    pub at_least: Option<u64>,
    /// The clock and the user that the query sees.
    pub view: View,
}

/// Who asks, and when it is for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// The moment that relative dates count from.
    pub now: Timestamp,
    /// The login that `me` means.
    pub login: String,
}

/// The place behind one row: stateless.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The row's sort key, as `query::sort` makes it.
    pub key: Vec<u8>,
    /// The row's id.
    pub id: RecordId,
}

/// One page of rows.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The ids.
    pub ids: Vec<RecordId>,
    /// The records, if asked for, in the order of `ids`.
    pub records: Vec<Arc<Record>>,
    /// How many match in all, if asked for.
    pub total: Option<u64>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Cursor>,
    /// Records left out of a money comparison because their currency has no rate.
    pub unpriced: u64,
    /// How it was answered, in words (`--explain`).
    pub plan: String,
}

/// One commit as the log has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitInfo {
    /// Its seq.
    pub seq: u64,
    /// Its step.
    pub step: u64,
    /// Whether the step ends with it.
    pub last: bool,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub author: Author,
    /// What the person did.
    pub label: String,
    /// What the step is.
    pub kind: StepKind,
    /// The idempotency key.
    pub key: Option<String>,
    /// The records changed, and whether each was left as a tombstone.
    pub changed: Vec<(RecordId, bool)>,
}

/// One step, from its commits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepInfo {
    /// Its number: the seq of its first commit.
    pub step: u64,
    /// The seq of its last commit so far.
    pub end: u64,
    /// Whether its last commit has been made.
    pub finished: bool,
    /// When it began.
    pub at: Timestamp,
    /// Who.
    pub author: Author,
    /// What the person did.
    pub label: String,
    /// What it is.
    pub kind: StepKind,
    /// How many changes it holds.
    pub changes: u64,
}

/// One version of one record.
#[derive(Debug, Clone)]
pub struct Version {
    /// The commit that wrote it.
    pub commit: CommitInfo,
    /// The record after it; `None` for a tombstone.
    pub record: Option<Arc<Record>>,
}

/// What happened since a seq.
#[derive(Debug, Clone)]
pub enum Changes {
    /// The commits, oldest first, at most the limit asked for.
    Commits(Vec<CommitInfo>),
    /// Too much, or no longer known: read everything anew.
    Resync,
}

/// What stands in a store, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Which implementation: `memory`, `embedded`.
    pub backend: String,
    /// Where it lies.
    pub path: String,
    /// The store's id.
    pub store_id: String,
    /// The last commit's seq.
    pub seq: u64,
    /// Live records and trashed ones, per kind that has any.
    pub records: Vec<(Kind, u64, u64)>,
    /// Bytes of the log's data.
    pub log_bytes: u64,
    /// Segments of the log.
    pub log_segments: u64,
    /// Bytes of the image on disk.
    pub image_bytes: u64,
    /// The image's generation.
    pub image_generation: u64,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Damage, each a sentence with its place: exit 6.
    pub damage: Vec<String>,
    /// What is worth knowing and no damage: unfinished steps, cut tails.
    pub notices: Vec<String>,
    /// What was repaired.
    pub repaired: Vec<String>,
    /// Commits read.
    pub commits: u64,
    /// Records compared with the image.
    pub records: u64,
}

/// What is to be forgotten of somebody, in every version of every record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forget {
    /// Records that are gone already: nothing stays of what they said.
    pub gone: Vec<RecordId>,
    /// Records whose words go, and whose figures stay.
    pub wiped: Vec<RecordId>,
    /// Records that had to do with them: what they are called by goes from there too.
    pub near: Vec<RecordId>,
    /// What is taken out of every text.
    pub everywhere: Erase,
    /// What is taken out of texts of records that had to do with them.
    pub nearby: Erase,
    /// Contents of documents that were only theirs.
    pub contents: Vec<FileHash>,
}

/// What was forgotten.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgotten {
    /// Versions of records that say less now.
    pub versions: u64,
    /// Versions of which a text had to go as a whole.
    pub shortened: u64,
    /// Contents of documents that were removed.
    pub contents: u64,
    /// Files beside the log that were removed.
    pub beside: u64,
    /// What is worth knowing.
    pub notices: Vec<String>,
}

/// How a session has its store, among others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// For itself.
    Alone,
    /// It holds the store and serves these many other sessions.
    Host {
        /// How many.
        guests: usize,
    },
    /// The process with this number serves it.
    Guest {
        /// The process.
        of: u32,
    },
}

/// What a session is at, for the others to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occupation {
    /// Which record.
    pub record: RecordId,
    /// Whether it is being edited, and not merely looked at.
    pub editing: bool,
}

/// One session at a store, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionInfo {
    /// Its process.
    pub pid: u32,
    /// The login that its commits are made under.
    pub login: String,
    /// The Unix user.
    pub uid: u32,
    /// Its terminal; empty where it has none.
    pub terminal: String,
    /// Since when.
    pub since: Timestamp,
    /// What it is: `application`, `rolo import`.
    pub what: String,
    /// Whether it is the one that holds the store.
    pub host: bool,
    /// Whether its process is stopped, where the system tells.
    pub stopped: bool,
    /// What it is at, as far as it told.
    pub at: Option<Occupation>,
}

/// A store of records with their whole history.
///
/// Nothing that it acknowledges is lost, nothing is seen that is not durable.
pub trait Store: Send + Sync {
    /// Returns one page of the records of a kind.
    fn query(&self, request: &PageRequest) -> Result<Page, StoreError>;

    /// Returns these records, trashed ones too, `None` for what does not exist.
    fn get(&self, ids: &[RecordId]) -> Result<Vec<Option<Arc<Record>>>, StoreError>;

    /// Returns the rollups of these contacts or companies.
    fn rollups(&self, ids: &[RecordId]) -> Result<Vec<Rollup>, StoreError>;

    /// Returns ids of live records of a kind whose indexed field has exactly this key.
    fn lookup(&self, kind: Kind, field: FieldNumber, key: &[u8], limit: usize) -> Result<Vec<RecordId>, StoreError>;

    /// Returns the live records that link to this one, with the linking field,
    /// newest first by the time that their kind goes by, at most `limit`.
    fn linking(&self, to: RecordId, from: Option<Kind>, limit: usize) -> Result<Vec<(RecordId, FieldNumber)>, StoreError>;

    /// Makes a commit; when it returns, the commit is durable and visible.
    fn commit(&self, commit: Commit) -> Result<Committed, StoreError>;

    /// Returns the seq of the last commit.
    fn seq(&self) -> u64;

    /// Returns what the team owns, as of now.
    fn definitions(&self) -> Arc<Definitions>;

    /// Returns the commits after a seq, oldest first, at most `limit`.
    fn changes_since(&self, seq: u64, limit: usize) -> Result<Changes, StoreError>;

    /// Waits until there is a commit after `seq`, or for the timeout; returns the last seq.
    fn wait_for_change(&self, seq: u64, timeout: Duration) -> u64;

    /// Returns the versions of a record, newest first, at most `limit`.
    fn history(&self, id: RecordId, limit: usize) -> Result<Vec<Version>, StoreError>;

    /// Returns a record as it was after the commit `seq`; `None` if it was not there.
    fn as_of(&self, id: RecordId, seq: u64) -> Result<Option<Arc<Record>>, StoreError>;

    /// Returns the seq of the last commit at or before a moment; 0 if there is none.
    fn seq_at(&self, at: Timestamp) -> Result<u64, StoreError>;

    /// Returns steps, newest first, those before `before` if given, at most `limit`.
    fn steps(&self, before: Option<u64>, limit: usize) -> Result<Vec<StepInfo>, StoreError>;

    /// Returns the commits of a step, oldest first.
    fn commits_of(&self, step: u64) -> Result<Vec<CommitInfo>, StoreError>;

    /// Returns what a commit under this idempotency key answered.
    fn committed(&self, key: &str) -> Result<Option<Committed>, StoreError>;

    /// Returns the length in bytes of an attached file's content; `None` where it is
    /// not kept.
    fn file_length(&self, hash: &FileHash) -> Result<Option<u64>, StoreError>;

    /// Keeps a content durably, so that a record may name it; [`super::files::put`]
    /// finds out what it is known by. One that is there is not written again.
    fn keep_file(&self, facts: &FileFacts, content: &dyn Content) -> Result<(), StoreError>;

    /// Returns a piece of a content, at most `most` bytes from `offset`, empty at the
    /// end, unchecked; `None` where it is not kept. [`super::files::copy`] checks.
    fn read_file(&self, hash: &FileHash, offset: u64, most: usize) -> Result<Option<Vec<u8>>, StoreError>;

    /// Forgets somebody: what the log says of them is replaced where it stands.
    /// Records that go must be gone before.
    fn forget(&self, forget: &Forget) -> Result<Forgotten, StoreError>;

    /// Reads everything and compares: the log with itself and with the image.
    fn check(&self, repair: bool, progress: &mut dyn FnMut(u64, u64)) -> Result<Check, StoreError>;

    /// Returns the store in numbers.
    fn stats(&self) -> Result<Stats, StoreError>;

    /// Returns what opening had to tell: a rebuilt image, a cut tail, a slow clock.
    fn notices(&self) -> Vec<String>;

    /// Makes everything durable and lets go; later calls fail.
    fn close(&self) -> Result<(), StoreError>;

    /// Returns how this session has the store.
    fn part(&self) -> Part {
        Part::Alone
    }

    /// Returns who is at the store, this session too; nobody where it is not shared.
    fn sessions(&self) -> Result<Vec<SessionInfo>, StoreError> {
        Ok(Vec::new())
    }

    /// Tells the others what this session is at; `None` for nothing in particular.
    /// It may wait for the host: not for a thread that draws.
    fn be_at(&self, _at: Option<Occupation>) {}

    /// Returns a number that grows whenever what sessions are at has changed.
    fn stirs(&self) -> u64 {
        0
    }

    /// Waits until [`Self::stirs`] is beyond `seen`, or for the timeout; returns it.
    fn wait_for_stir(&self, _seen: u64, timeout: Duration) -> u64 {
        std::thread::sleep(timeout);
        0
    }

    /// Lets others serve while this process is stopped; calls wait until
    /// [`Self::come_back`].
    fn step_aside(&self) {}

    /// Goes on after [`Self::step_aside`].
    fn come_back(&self) {}

    /// Returns whether calls are answered at once: not while the store is still being
    /// opened.
    fn is_there(&self) -> bool {
        true
    }

    /// Waits until calls are answered, and returns the seq that the store had then.
    fn came_at(&self) -> Result<u64, StoreError> {
        Ok(self.seq())
    }
}
