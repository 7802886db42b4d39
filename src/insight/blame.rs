//! Where each value of a record came from: a person's step, or a row of an import; also
//! through records that were merged into it.
//!
//! It reads the versions of the record, oldest first, and keeps for each value the commit
//! that brought it. A value that undo brought back has the origin that it had. What an
//! import gave is found in what it remembers of its rows, which is kept beside the record.

use std::collections::HashMap;
use std::fmt;

use crate::domain::fields::{field_by_number, number};
use crate::domain::{FieldNumber, Kind, Record, RecordId, Timestamp, Value};
use crate::store::StoreError;
use crate::store::api::{CommitInfo, StepKind, Store};
use crate::store::leading::leading;

/// How many records merged one into another are followed.
const DEEPEST: usize = 64;
/// How many rows of imports are looked at for one record.
const MOST_ROWS: usize = 1_000;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The commit.
    pub seq: u64,
    /// Its step.
    pub step: u64,
    /// When.
    pub at: Timestamp,
    /// The login of who did it.
    pub by: String,
    /// What was done, in a few words.
    pub label: String,
    /// The row of the import that gave it.
    pub row: Option<ImportedRow>,
    /// The record that it came with, where that was merged into this one.
    pub with: Option<RecordId>,
}

/// A row of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedRow {
    /// The file, as it was named then.
    pub file: String,
    /// The line on which the row begins, if it was kept.
    pub line: Option<u64>,
    /// Whose file it is; empty for one whose source was not named.
    pub source: String,
    /// Who the row is to its source: `id:4711`, `email:ada@example.com`.
    pub identity: String,
}

/// One value with its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blamed {
    /// The field's number.
    pub number: FieldNumber,
    /// The field's name; of a labelled value with the label.
    pub field: String,
    /// The value.
    pub value: Value,
    /// Where it came from.
    pub origin: Origin,
}

impl fmt::Display for Origin {
    /// In a few words: `import contacts.csv:17 (hq id:4711) @12, with c9`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.row {
            None => f.write_str(&self.label)?,
            Some(row) => {
                write!(f, "import {}", row.file)?;
                if let Some(line) = row.line {
                    write!(f, ":{line}")?;
                }
                let of: Vec<&str> = [row.source.as_str(), row.identity.as_str()].into_iter().filter(|text| !text.is_empty()).collect();
                if !of.is_empty() {
                    write!(f, " ({})", of.join(" "))?;
                }
            }
        }
        write!(f, " @{}", self.step)?;
        match self.with {
            Some(with) => write!(f, ", with {with}"),
            None => Ok(()),
        }
    }
}

/// Returns where each value of a record came from, in the order of its fields, values of
/// repeated ones each for itself; empty for a record that never was.
///
/// # Errors
/// What the store answers.
pub fn blame(store: &dyn Store, id: RecordId) -> Result<Vec<Blamed>, StoreError> {
    let rows = rows_of(store, leading(store, id)?)?;
    let known = origins(store, id, u64::MAX, &rows, DEEPEST)?;
    let told = known.into_iter().filter(|(field, ..)| !matches!(*field, number::MERGED_FROM | number::MERGED_INTO | number::TRASHED_AT));
    Ok(told.map(|(field, value, origin)| Blamed { number: field, field: name(id.kind, field, &value), value, origin }).collect())
}

fn name(kind: Kind, field: FieldNumber, value: &Value) -> String {
    if field == number::CUSTOM {
        return value.label().unwrap_or_default().to_owned();
    }
    let name = field_by_number(kind, field).map_or_else(|| format!("field {field}"), |field| field.name.to_owned());
    match value.label() {
        Some(label) if field != number::EXTERNAL_ID => format!("{name}.{label}"),
        _ => name,
    }
}

type Known = Vec<(FieldNumber, Value, Origin)>;

/// The rows of imports, by the commit that took them and the record they were for.
type RowsByCommit = HashMap<(u64, RecordId), Vec<(ImportedRow, Vec<String>)>>;

/// Returns the origins of the values that a record had after a commit.
fn origins(store: &dyn Store, id: RecordId, until: u64, rows: &RowsByCommit, deep: usize) -> Result<Known, StoreError> {
    let mut versions = store.history(id, usize::MAX)?;
    versions.reverse();
    let mut known: Known = Vec::new();
    // What stood once, for values that undo brings back.
    let mut once: HashMap<(FieldNumber, Value), Origin> = HashMap::new();
    let mut parts: Vec<RecordId> = Vec::new();
    for version in versions.iter().filter(|version| version.commit.seq <= until) {
        let nothing = Record::new(id);
        let record = version.record.as_deref().unwrap_or(&nothing);
        let merged: Vec<RecordId> = record.values(number::MERGED_FROM).filter_map(Value::as_link).collect();
        let mut brought: Vec<(RecordId, Known)> = Vec::new();
        if deep > 0 {
            for part in merged.iter().filter(|part| !parts.contains(part)) {
                brought.push((*part, origins(store, *part, version.commit.seq - 1, rows, deep - 1)?));
            }
        }
        parts = merged;
        let mut before = std::mem::take(&mut known);
        for (field, value) in &record.fields {
            let origin = match before.iter().position(|(at, had, _)| at == field && had == value) {
                Some(at) => before.swap_remove(at).2,
                None => new_origin(&version.commit, id, *field, value, rows, &brought, &once),
            };
            once.insert((*field, value.clone()), origin.clone());
            known.push((*field, value.clone(), origin));
        }
    }
    Ok(known)
}

/// Returns where a value came from that a commit put there.
fn new_origin(
    commit: &CommitInfo,
    id: RecordId,
    field: FieldNumber,
    value: &Value,
    rows: &RowsByCommit,
    brought: &[(RecordId, Known)],
    once: &HashMap<(FieldNumber, Value), Origin>,
) -> Origin {
    for (part, known) in brought {
        if let Some((.., origin)) = known.iter().find(|(at, had, _)| *at == field && had.bare() == value.bare()) {
            return Origin { with: origin.with.or(Some(*part)), ..origin.clone() };
        }
    }
    if commit.kind != StepKind::Do
        && let Some(origin) = once.get(&(field, value.clone()))
    {
        return origin.clone();
    }
    let row = rows.get(&(commit.seq, id)).and_then(|rows| {
        let name = field_by_number(id.kind, field).map(|field| field.name);
        // Of several rows for one record the one that gave this field.
        let gave = |fields: &[String]| fields.iter().any(|given| name.is_some_and(|name| given.split(['.', '#']).next() == Some(name)));
        rows.iter().find(|(_, fields)| gave(fields)).or_else(|| rows.first()).map(|(row, _)| row.clone())
    });
    let file = || commit.label.strip_prefix("import ").unwrap_or_default().to_owned();
    let is_import = commit.key.as_deref().is_some_and(|key| key.starts_with("import:"));
    let unknown = || ImportedRow { file: file(), line: None, source: String::new(), identity: String::new() };
    Origin {
        seq: commit.seq,
        step: commit.step,
        at: commit.at,
        by: commit.author.login.clone(),
        label: commit.label.clone(),
        row: row.or_else(|| is_import.then(unknown)),
        with: None,
    }
}

/// Returns the rows of imports that a record was made of, and those of what was merged
/// into it.
fn rows_of(store: &dyn Store, id: RecordId) -> Result<RowsByCommit, StoreError> {
    let mut rows = RowsByCommit::new();
    for (kept, _) in store.linking(id, Some(Kind::Provenance), MOST_ROWS)? {
        for version in store.history(kept, usize::MAX)? {
            let Some(record) = version.record.as_deref() else { continue };
            let Some(file) = version.commit.label.strip_prefix("import ") else { continue };
            let (Some(key), Some(of)) = (record.text(number::PROVENANCE_KEY), record.link(number::PROVENANCE_RECORD)) else { continue };
            let mut parts = key.splitn(3, '/');
            let (source, _, identity) = (parts.next(), parts.next(), parts.next());
            let row = ImportedRow {
                file: file.to_owned(),
                line: record.first(number::PROVENANCE_LINE).and_then(Value::as_int).and_then(|line| u64::try_from(line).ok()),
                // What stands for a source that was not named is no name.
                source: source.filter(|source| *source != "import").unwrap_or_default().to_owned(),
                identity: identity.unwrap_or_default().to_owned(),
            };
            let fields = record.values(number::PROVENANCE_VALUES).filter_map(|value| value.label().map(str::to_owned)).collect();
            rows.entry((version.commit.seq, of)).or_default().push((row, fields));
        }
    }
    Ok(rows)
}
