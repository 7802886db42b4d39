//! Whether the contents of attached files are there: what documents name, in any
//! version that undo could bring back, compared with what is kept.
//!
//! It must not know where contents lie.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::content::{Body, Left};
use crate::domain::fields::number;
use crate::domain::{FieldNumber, FileHash, Kind, Record, RecordId, Value, naming};
use crate::store::StoreError;
use crate::store::api::Check;
use crate::store::files::{Files, Kept, place, sum_of};

/// How many sentences of one sort are told.
const TOLD: usize = 20;

/// The contents that documents name.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// In any version of any document.
    ever: BTreeSet<FileHash>,
    /// By a document as it stands: its id and its name.
    now: BTreeMap<FileHash, (RecordId, String)>,
}

impl Named {
    /// Takes in what one version of a record names.
    pub(super) fn see(&mut self, body: &Body) {
        if body.id.kind == Kind::Document
            && let Left::Record(fields) = &body.left
        {
            self.ever.extend(hash_in(fields));
        }
    }

    /// Takes in what a record names as it stands.
    pub(super) fn stand(&mut self, record: &Record) {
        if record.kind() == Kind::Document
            && let Some(hash) = hash_in(&record.fields)
        {
            self.now.entry(hash).or_insert_with(|| (record.id, naming::title(record)));
        }
    }
}

/// Returns the content that a document's fields name.
pub(super) fn hash_in(fields: &[(FieldNumber, Value)]) -> Option<FileHash> {
    let value = fields.iter().find(|(field, _)| *field == number::HASH).map(|(_, value)| value)?;
    value.as_text()?.parse().ok()
}

/// Compares what is named with what is kept, which is read and summed. With `repair`
/// what nobody names any more is let go of.
pub(super) fn compare(files: &dyn Files, named: &Named, repair: bool, check: &mut Check) -> Result<(), StoreError> {
    let failed = |error: io::Error| StoreError::Io(format!("reading the attached files failed: {error}"));
    let mut missing: BTreeSet<FileHash> = named.ever.iter().chain(named.now.keys()).copied().collect();
    let mut damaged = Vec::new();
    let (mut idle, mut idle_bytes, mut removed) = (0_u64, 0_u64, 0_u64);
    files
        .each(&mut |Kept { hash, size, is_old }| {
            missing.remove(&hash);
            if !named.ever.contains(&hash) && !named.now.contains_key(&hash) {
                // What is young may be about to be named.
                if is_old && repair {
                    files.remove(&hash)?;
                    removed += 1;
                } else if is_old {
                    (idle, idle_bytes) = (idle + 1, idle_bytes + size);
                }
                return Ok(());
            }
            if sum_of(files, &hash)? != hash {
                damaged.push(hash);
            }
            Ok(())
        })
        .map_err(failed)?;
    let whose = |hash: &FileHash| named.now.get(hash).map(|(id, name)| format!("{id} \u{201c}{name}\u{201d}"));
    let mut tell = |hashes: &mut dyn Iterator<Item = &FileHash>, what: &str| {
        let mut untold = 0;
        for (count, hash) in hashes.enumerate() {
            match whose(hash) {
                _ if count >= TOLD => untold += 1,
                Some(document) => check.damage.push(format!("the file of {document} {what}: files/{}", place(hash))),
                // Only undo or an earlier version would want it.
                None => check.notices.push(format!("the file of a document that is gone {what}: files/{}", place(hash))),
            }
        }
        if untold > 0 {
            check.damage.push(format!("{untold} more files {what}"));
        }
    };
    tell(&mut missing.iter(), "is missing");
    tell(&mut damaged.iter(), "is not what was attached");
    if idle > 0 {
        check.notices.push(format!("{idle} files of {idle_bytes} bytes in files/ belong to no document: --repair removes them"));
    }
    if removed > 0 {
        check.repaired.push(format!("{removed} files that belonged to no document are removed"));
    }
    if repair {
        let swept = files.sweep().map_err(failed)?;
        if swept > 0 {
            check.repaired.push(format!("{swept} files that were never finished are removed"));
        }
    }
    Ok(())
}
