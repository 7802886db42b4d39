//! What a host answers.

use serde::{Deserialize, Serialize};

use super::SharedRecord;
use crate::domain::{FieldNumber, RecordId, Rollup};
use crate::store::StoreError;
use crate::store::api::{Changes, Check, CommitInfo, Committed, Cursor, Page, SessionInfo, Stats, StepInfo, Version};

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
    Sessions(Vec<SessionInfo>),
    /// Something changed; what, the frame's seq tells.
    Changed,
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
