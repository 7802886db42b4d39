//! What a host answers.

use serde::{Deserialize, Serialize};

use super::SharedRecord;
use crate::domain::{FieldNumber, RecordId, Rollup, Timestamp};
use crate::store::StoreError;
use crate::store::api::{
    Changes, Check, CommitInfo, Committed, Cursor, Forgotten, Occupation, Page, SessionInfo, Stats, StepInfo, Version,
};

/// One frame of an answer, with what every answer tells.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reply {
    /// The last commit.
    pub seq: u64,
    /// Which of the host's states of the definitions it was answered under.
    pub definitions: u64,
    /// The answer.
    pub answer: Answer,
}

/// One answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Answer {
    /// It was refused, or failed.
    Failed(StoreError),
    /// A page.
    Page(PageSaid),
    /// Records; fewer than asked for where they would be too much at once.
    Records(Vec<Option<SharedRecord>>),
    /// Rollups.
    Rollups(Vec<Rollup>),
    /// Ids.
    Ids(Vec<RecordId>),
    /// What links.
    Linking(Vec<(RecordId, FieldNumber)>),
    /// A commit was made.
    Committed(Committed),
    /// Commits; `None` to read everything anew.
    Changes(Option<Vec<CommitInfo>>),
    /// Versions of a record.
    Versions(Vec<VersionSaid>),
    /// A record as it was.
    Record(Option<SharedRecord>),
    /// A seq.
    Seq(u64),
    /// Steps.
    Steps(Vec<StepInfo>),
    /// Commits of a step.
    Commits(Vec<CommitInfo>),
    /// What was answered before.
    Before(Option<Committed>),
    /// How far the answer is; another frame follows.
    Progress {
        /// So much.
        done: u64,
        /// Of so much.
        total: u64,
    },
    /// A check.
    Check(Check),
    /// Numbers.
    Stats(Stats),
    /// What there is to tell.
    Notices(Vec<String>),
    /// Who is here.
    Sessions(Vec<SessionSaid>),
    /// Something changed; what, the frame's seq tells.
    Changed,
    /// It was taken note of. Since protocol 2.
    Noted,
    /// Who is here, and at what. Since protocol 2.
    Present(Vec<PresentSaid>),
    /// What somebody is at has changed. Since protocol 2.
    Stirred,
    /// The length of a content, where it is kept.
    FileLength(Option<u64>),
    /// The next piece of the content, please.
    FileWanted,
    /// The content is kept.
    FileKept,
    /// A piece of a content, where it is kept; an empty one is its end.
    FileBytes(Option<Vec<u8>>),
    /// Somebody is forgotten. Since protocol 2.
    Forgotten(Forgotten),
}

/// One session, as protocol 1 tells of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SessionSaid {
    pid: u32,
    login: String,
    uid: u32,
    terminal: String,
    since: Timestamp,
    what: String,
    host: bool,
    stopped: bool,
}

/// One session, as protocol 2 tells of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PresentSaid {
    session: SessionSaid,
    at: Option<Occupation>,
}

impl From<SessionInfo> for SessionSaid {
    fn from(session: SessionInfo) -> Self {
        let SessionInfo { pid, login, uid, terminal, since, what, host, stopped, at: _ } = session;
        Self { pid, login, uid, terminal, since, what, host, stopped }
    }
}

impl From<SessionSaid> for SessionInfo {
    fn from(said: SessionSaid) -> Self {
        let SessionSaid { pid, login, uid, terminal, since, what, host, stopped } = said;
        Self { pid, login, uid, terminal, since, what, host, stopped, at: None }
    }
}

impl From<SessionInfo> for PresentSaid {
    fn from(session: SessionInfo) -> Self {
        Self { at: session.at, session: session.into() }
    }
}

impl From<PresentSaid> for SessionInfo {
    fn from(said: PresentSaid) -> Self {
        Self { at: said.at, ..said.session.into() }
    }
}

/// A page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PageSaid {
    ids: Vec<RecordId>,
    records: Vec<SharedRecord>,
    total: Option<u64>,
    next: Option<Cursor>,
    unpriced: u64,
    plan: String,
}

impl From<Page> for PageSaid {
    fn from(page: Page) -> Self {
        let Page { ids, records, total, next, unpriced, plan } = page;
        Self { ids, records: records.into_iter().map(SharedRecord).collect(), total, next, unpriced, plan }
    }
}

impl From<PageSaid> for Page {
    fn from(said: PageSaid) -> Self {
        let PageSaid { ids, records, total, next, unpriced, plan } = said;
        Self { ids, records: records.into_iter().map(|record| record.0).collect(), total, next, unpriced, plan }
    }
}

/// One version of a record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VersionSaid {
    commit: CommitInfo,
    record: Option<SharedRecord>,
}

impl From<Version> for VersionSaid {
    fn from(version: Version) -> Self {
        Self { commit: version.commit, record: version.record.map(SharedRecord) }
    }
}

impl From<VersionSaid> for Version {
    fn from(said: VersionSaid) -> Self {
        Self { commit: said.commit, record: said.record.map(|record| record.0) }
    }
}

impl From<Changes> for Answer {
    fn from(changes: Changes) -> Self {
        Self::Changes(match changes {
            Changes::Commits(commits) => Some(commits),
            Changes::Resync => None,
        })
    }
}
