//! Files attached to records: the content is kept first, under its hash, then a
//! document names it. The same file at the same record is one document.

use std::sync::Arc;

use super::changeset::Changeset;
use super::{ActionError, Desk, Outcome, add};
use crate::domain::fields::number;
use crate::domain::{FileHash, Kind, Record, RecordId, Value, file_name, media_type};
use crate::query::index;
use crate::store::StoreError;
use crate::store::files::{self, Content};

/// How many documents of one content are looked at.
const MOST: usize = 256;

/// A file on its way to a record.
pub struct NewFile<'f> {
    /// What it is called; a path gives its last part.
    pub name: &'f str,
    /// What is in it, where it is told (RFC 6838).
    pub media_type: Option<&'f str>,
    /// Its content.
    pub content: &'f dyn Content,
}

/// Attaches a file to records.
///
/// # Errors
/// Exit 4 for a record that is not there; 1 for a file that cannot be read, is too
/// large, or has no room; 7 where nothing may be changed.
pub fn attach(desk: &Desk, to: &[RecordId], file: &NewFile<'_>) -> Result<Outcome, ActionError> {
    desk.check_writable()?;
    for record in desk.records(to)? {
        if !record.kind().info().public || matches!(record.kind(), Kind::Event | Kind::Document) {
            return Err(ActionError::usage(format!("{} is a {}: nothing can be attached to it", record.id, record.kind())));
        }
        if record.has(number::TRASHED_AT) {
            return Err(
                ActionError::refused(format!("{} is in the trash", record.id)).hint(format!("`rolo restore {}` takes it out", record.id))
            );
        }
    }
    let mut begins = Vec::new();
    let unread = |error: std::io::Error| ActionError::refused(format!("{} cannot be read: {error}", file_name(file.name)));
    let mut source = file.content.open().map_err(unread)?;
    std::io::Read::read_to_end(&mut std::io::Read::take(&mut source, 4096), &mut begins).map_err(unread)?;
    drop(source);
    let facts = files::put(&*desk.store, file.content)?;
    let name = file_name(file.name);
    let missing = without(desk, to, &facts.hash)?;
    if missing.is_empty() {
        return Ok(Outcome { ids: to.to_vec(), unchanged: to.len(), message: format!("{name} is attached already"), ..Outcome::default() });
    }
    let mut changes = Changeset::new(desk);
    let id = changes.create(Kind::Document);
    let now = changes.now();
    let document = changes.edit(id)?;
    document.set(number::MEDIA_TYPE, Value::Text(media_type(file.media_type.unwrap_or_default(), &name, &begins)));
    document.set(number::DOCUMENT_NAME, Value::Text(name.clone()));
    document.set(number::SIZE, Value::Int(i64::try_from(facts.size).unwrap_or(i64::MAX)));
    document.set(number::HASH, Value::Text(facts.hash.to_string()));
    document.set(number::DOCUMENT_AT, Value::Time(now));
    document.replace(number::DOCUMENT_ABOUT, missing.iter().map(|id| Value::Link(*id)));
    let mut outcome = changes.finish(format!("attach {name}"))?;
    outcome.message = match (outcome.ids.first(), missing.as_slice()) {
        (Some(document), [one]) => format!("attached {document} {name} to {}", add::called(desk, *one)?),
        (Some(document), many) => format!("attached {document} {name} to {} records", many.len()),
        (None, _) => format!("attached {name}"),
    };
    Ok(outcome)
}

/// Returns those of the records that no document of this content is about.
fn without(desk: &Desk, to: &[RecordId], hash: &FileHash) -> Result<Vec<RecordId>, StoreError> {
    let Some(key) = index::key_of(Kind::Document, number::HASH, &Value::Text(hash.to_string())) else { return Ok(to.to_vec()) };
    let known = desk.store.lookup(Kind::Document, number::HASH, &key, MOST)?;
    let known: Vec<Arc<Record>> = desk.store.get(&known)?.into_iter().flatten().collect();
    let is_about =
        |id: RecordId| known.iter().any(|document| document.values(number::DOCUMENT_ABOUT).any(|about| about.as_link() == Some(id)));
    let mut missing: Vec<RecordId> = Vec::new();
    for id in to {
        if !is_about(*id) && !missing.contains(id) {
            missing.push(*id);
        }
    }
    Ok(missing)
}

/// Returns the documents of a record that can be opened, newest first: itself, where
/// it is one.
///
/// # Errors
/// Exit 4 where it is not there.
pub fn documents(desk: &Desk, of: RecordId) -> Result<Vec<Arc<Record>>, ActionError> {
    let record = desk.record(of)?;
    if record.kind() == Kind::Document {
        return Ok(vec![record]);
    }
    let linking = desk.store.linking(of, Some(Kind::Document), usize::MAX)?;
    let ids: Vec<RecordId> = linking.into_iter().map(|(id, _)| id).collect();
    Ok(desk.store.get(&ids)?.into_iter().flatten().collect())
}

/// Returns the hash of a document's content.
///
/// # Errors
/// Exit 4 where it has none.
pub fn content_of(document: &Record) -> Result<FileHash, ActionError> {
    let hash = document.text(number::HASH).and_then(|text| text.parse().ok());
    hash.ok_or_else(|| ActionError::not_found(format!("{} has no file", document.id)))
}
