//! Files that came with a row: kept by their content, and named by documents of the
//! row's record. It must not know how rows are read.

use super::world::World;
use crate::domain::fields::number;
use crate::domain::{Kind, Record, RecordId, Timestamp, Value, file_name, fill_defaults, media_type};
use crate::exchange::contents::{self, Beside};
use crate::exchange::problem::Problem;
use crate::exchange::rows::Enclosed;
use crate::store::StoreError;
use crate::store::api::Store;
use crate::store::files::{self, FileFacts};

/// The most files that a row may bring: they are one commit with it.
const MOST: usize = 300;

/// A file that is kept.
pub(super) struct Filed {
    name: String,
    media_type: String,
    facts: FileFacts,
}

/// Keeps the files of a row, or only finds out what they are known by; what cannot be
/// taken is told. One at a time is looked at.
///
/// # Errors
/// What the store answers.
pub(super) fn file(store: &dyn Store, enclosed: Vec<Enclosed>, keep: bool, tell: &mut dyn FnMut(String)) -> Result<Vec<Filed>, StoreError> {
    if enclosed.len() > MOST {
        tell(format!("{} files came with it: only the first {MOST} are kept", enclosed.len()));
    }
    let mut filed = Vec::new();
    for Enclosed { name, media_type: told, content } in enclosed.into_iter().take(MOST) {
        let name = file_name(&name);
        let facts = match files::facts(&mut content.as_slice()) {
            Ok(facts) => facts,
            Err(error) => {
                tell(format!("{name} is not kept: {error}"));
                continue;
            }
        };
        if keep {
            store.keep_file(&facts, &content)?;
        }
        let media_type = media_type(&told, &name, &content);
        filed.push(Filed { name, media_type, facts });
    }
    Ok(filed)
}

/// The contents of documents that are imported as rows: they are in the store, or lie
/// beside the file as an export of everything writes them.
pub(super) struct Contents<'s> {
    pub(super) store: &'s dyn Store,
    pub(super) beside: Beside,
    /// Whether they are kept, and not only looked for.
    pub(super) keep: bool,
}

impl Contents<'_> {
    /// Has the content of a document in the store.
    ///
    /// # Errors
    /// The outer one is the store's; the inner one says that it is nowhere.
    pub(super) fn have(&self, document: &Record) -> Result<Result<(), Problem>, StoreError> {
        let Some(hash) = contents::hash_of(document) else { return Ok(Ok(())) };
        if self.store.file_length(&hash)?.is_some() {
            return Ok(Ok(()));
        }
        match self.beside.find(&hash) {
            Some((path, facts)) if self.keep => self.store.keep_file(&facts, &path).map(Ok),
            Some(_) => Ok(Ok(())),
            None => {
                let problem = Problem::new("content", "its file is not here");
                Ok(Err(problem.hint(format!("beside the rows it would be files/{}", files::place(&hash)))))
            }
        }
    }
}

/// Plans a document for each file that the record does not have yet; returns the
/// names of those.
pub(super) fn enclose(world: &World<'_>, record: RecordId, filed: &[Filed], now: Timestamp) -> Result<Vec<String>, StoreError> {
    let mut names = Vec::new();
    let at = world.get(record)?.and_then(|record| record.time(number::INTERACTION_AT)).unwrap_or(now);
    for Filed { name, media_type, facts } in filed {
        let hash = Value::text(facts.hash.to_string());
        let known = world.having(Kind::Document, number::HASH, &hash)?;
        if known.iter().any(|document| document.values(number::DOCUMENT_ABOUT).any(|about| about.as_link() == Some(record))) {
            continue;
        }
        let mut document = Record::new(RecordId::new(Kind::Document, 0));
        document.set(number::DOCUMENT_NAME, Value::text(name));
        document.set(number::MEDIA_TYPE, Value::text(media_type));
        document.set(number::SIZE, Value::Int(i64::try_from(facts.size).unwrap_or(i64::MAX)));
        document.set(number::HASH, hash);
        document.push(number::DOCUMENT_ABOUT, Value::Link(record));
        document.set(number::DOCUMENT_AT, Value::Time(at));
        fill_defaults(&mut document, world.definitions(), now);
        world.create(document);
        names.push(name.clone());
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::actions::{Desk, Which, add, undo};
    use crate::domain::Assignment;
    use crate::store::api::{Author, Commit, StepKind};

    const NOW: Timestamp = Timestamp(1_770_000_000_000_000);

    fn enclosed(name: &str, content: &str) -> Enclosed {
        Enclosed { name: name.to_owned(), media_type: String::new(), content: content.as_bytes().to_vec() }
    }

    /// Files and encloses, and commits what is planned; returns the names.
    fn import(desk: &Desk, to: RecordId, files: Vec<Enclosed>) -> Vec<String> {
        let filed = file(&*desk.store, files, true, &mut |_| {}).unwrap();
        let world = World::new(&*desk.store);
        let names = enclose(&world, to, &filed, NOW).unwrap();
        let changes = world.changes();
        if !changes.is_empty() {
            let author = Author { login: "ada".into(), workspace: String::new() };
            let (label, kind) = ("import".into(), StepKind::Do);
            let commit = Commit { author, label, step: None, last: true, kind, key: None, at: None, changes, absent: Vec::new() };
            desk.store.commit(commit).unwrap();
        }
        names
    }

    #[test]
    fn files_become_documents_once_and_undo_takes_them_back() {
        let desk = Desk::new(crate::store::memory().unwrap(), "ada");
        let definitions = desk.definitions();
        let named = |name: &str| [Assignment::parse(Kind::Contact, name, &definitions).unwrap()];
        let ids: Vec<RecordId> =
            ["name=Ada", "name=Ben"].iter().map(|name| add(&desk, Kind::Contact, &named(name)).unwrap().ids[0]).collect();
        let files = || vec![enclosed("../photo.jpg", "jpeg"), enclosed("b.txt", "text"), enclosed("again.jpg", "jpeg")];
        assert_eq!(import(&desk, ids[0], files()), ["photo.jpg", "b.txt"]);
        assert_eq!(import(&desk, ids[0], files()), [] as [&str; 0]);
        // The same content at somebody else is a document of theirs.
        assert_eq!(import(&desk, ids[1], vec![enclosed("photo.jpg", "jpeg")]), ["photo.jpg"]);
        let document = desk.record(RecordId::new(Kind::Document, 1)).unwrap();
        let fields: Vec<String> = document.fields.iter().map(|(_, value)| value.plain()).collect();
        let hash = files::facts(&mut b"jpeg".as_slice()).unwrap().hash.to_string();
        let now = NOW.to_string();
        assert_eq!(fields, [&now, "photo.jpg", "image/jpeg", "4", &hash, "c1", &now]);
        undo(&desk, &Which::Last, false, false).unwrap();
        assert!(desk.store.linking(ids[1], Some(Kind::Document), 9).unwrap().is_empty());
        assert_eq!(import(&desk, ids[1], vec![enclosed("photo.jpg", "jpeg")]), ["photo.jpg"]);
    }

    #[test]
    fn what_is_too_much_is_told_and_the_rest_is_taken() {
        let store = crate::store::memory().unwrap();
        let mut told = Vec::new();
        let large = usize::try_from(files::LONGEST_FILE + 1).unwrap();
        let mut files = vec![Enclosed { name: "large.bin".into(), media_type: String::new(), content: vec![0; large] }];
        files.extend((0..MOST).map(|at| enclosed("x", &at.to_string())));
        let filed = file(&*store, files, false, &mut |what| told.push(what)).unwrap();
        assert_eq!(filed.len(), MOST - 1);
        let expected = [
            "301 files came with it: only the first 300 are kept",
            "large.bin is not kept: a file of 100.0 MiB is too large to attach: 100 MiB are the most",
        ];
        assert_eq!(told, expected);
        assert_eq!(store.file_length(&filed[0].facts.hash).unwrap(), None, "a dry run keeps nothing");
    }
}
