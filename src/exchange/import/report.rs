//! What an import tells: of each row what becomes of it and why, and of the whole
//! the counts. It must not know how it is shown.

use serde::{Deserialize, Serialize};

use crate::domain::RecordId;
use crate::exchange::problem::Problem;
use crate::store::api::is_new;

/// The name under which the files that came with a row stand among its changes.
pub(super) const DOCUMENTS: &str = "documents";

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// A new record.
    Create,
    /// A record changes.
    Update,
    /// A record stands as it is.
    Unchanged,
    /// The row is not taken.
    Reject,
}

/// One field of a record, before and after, as columns show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The field's flat name.
    pub field: String,
    /// What stood there; empty for nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub before: String,
    /// What will stand there.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub after: String,
}

/// What becomes of one row.
#[derive(Debug, Clone, PartialEq)]
pub struct RowPlan {
    /// Which row of the input it is, from 1.
    pub number: u64,
    /// The line on which it begins.
    pub line: u64,
    /// What becomes of it.
    pub action: Action,
    /// The record: none of a reject, a `new:N` reference of a dry run's new one.
    pub record: Option<RecordId>,
    /// The key by which the record was found: `email ada@example.com`; none for a new one.
    pub key: Option<String>,
    /// The fields that change.
    pub changes: Vec<FieldChange>,
    /// Why it is unchanged, where that is not plain.
    pub reason: Option<String>,
    /// Why it is rejected.
    pub problem: Option<Problem>,
    /// The column that the problem is in.
    pub column: Option<String>,
}

impl std::fmt::Display for RowPlan {
    /// Writes one line: `3 update c17 by email ada@example.com: phone=“” -> “+420…”`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let action = match self.action {
            Action::Create => "create",
            Action::Update => "update",
            Action::Unchanged => "unchanged",
            Action::Reject => "reject",
        };
        let mut line = format!("{} {action}", self.line);
        if let Some(id) = self.record.filter(|id| !is_new(*id)) {
            line.push_str(&format!(" {id}"));
        }
        if let Some(key) = &self.key {
            line.push_str(&format!(" by {key}"));
        }
        for change in &self.changes {
            let before = if self.action == Action::Create { String::new() } else { format!("\u{201c}{}\u{201d} -> ", change.before) };
            line.push_str(&format!(" {}={before}\u{201c}{}\u{201d}", change.field, change.after));
        }
        for why in self.reason.iter().cloned().chain(self.problem.iter().map(ToString::to_string)) {
            line.push_str(&format!(": {why}"));
        }
        f.write_str(&line.replace('\n', "\u{23ce}"))
    }
}

/// What an import did, or on a dry run would do.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// Rows read, blank ones aside.
    pub read: u64,
    /// Records created of rows.
    pub created: u64,
    /// Records changed.
    pub updated: u64,
    /// Rows whose record stands as it was.
    pub unchanged: u64,
    /// Rows not taken.
    pub rejected: u64,
    /// Of these, rows of a plan that no longer come out as planned.
    pub conflicts: u64,
    /// The step that took it all, `@812`; none where nothing changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Records created because rows name them: companies, owners, products.
    pub linked: u64,
    /// Columns that nothing took.
    pub leftover: Vec<String>,
    /// What is worth knowing.
    pub notices: Vec<String>,
}

impl Report {
    /// Counts what became of a row.
    pub(super) fn count(&mut self, action: Action) {
        self.read += 1;
        match action {
            Action::Create => self.created += 1,
            Action::Update => self.updated += 1,
            Action::Unchanged => self.unchanged += 1,
            Action::Reject => self.rejected += 1,
        }
    }
}
