//! The contents of documents beside an export of everything: `files/ab/cdef…`, as the
//! store itself has them, and read from there again. It must not know rows.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::export::ExportError;
use crate::domain::fields::number;
use crate::domain::{FileHash, Kind, Record};
use crate::store::api::{Store, Trash, View};
use crate::store::files::{self, FileFacts, place};
use crate::store::walk::Walk;

/// The folder of contents in an export's.
const FOLDER: &str = "files";

/// Returns the content that a document names.
pub fn hash_of(document: &Record) -> Option<FileHash> {
    document.text(number::HASH)?.parse().ok()
}

/// Writes the contents of all documents, and removes those that no document names
/// any more. What is missing in the store is left out: `check` tells of it.
///
/// # Errors
/// What the folder or the store refuses.
pub fn write(store: &dyn Store, folder: &Path, view: &View) -> Result<(), ExportError> {
    let root = folder.join(FOLDER);
    let mut wanted = BTreeSet::new();
    Walk::new(Kind::Document, view.clone()).trash(Trash::With).each(store, |document| {
        let Some(hash) = hash_of(document).filter(|hash| wanted.insert(*hash)) else { return Ok(()) };
        write_one(store, &hash, &root.join(place(&hash)))
    })?;
    remove_others(&root, &wanted)?;
    Ok(())
}

fn write_one(store: &dyn Store, hash: &FileHash, path: &Path) -> Result<(), ExportError> {
    let Some(size) = store.file_length(hash)? else { return Ok(()) };
    if fs::metadata(path).is_ok_and(|found| found.len() == size) {
        return Ok(());
    }
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    let part = path.with_extension("part");
    let copied = File::create(&part).map_err(ExportError::from).and_then(|mut file| {
        files::copy(store, hash, &mut file)?;
        Ok(file.sync_all()?)
    });
    copied.and_then(|()| Ok(fs::rename(&part, path)?)).inspect_err(|_| {
        // What is half written helps nobody; the first error is the one to tell.
        let _ = fs::remove_file(&part);
    })
}

/// Removes contents of an earlier export. Only names that are a hash's are touched.
fn remove_others(root: &Path, wanted: &BTreeSet<FileHash>) -> io::Result<()> {
    for folder in entries(root)? {
        let Some(begin) = folder.file_name().and_then(|name| name.to_str()).filter(|name| name.len() == 2).map(str::to_owned) else {
            continue;
        };
        for path in entries(&folder)? {
            let hash = path.file_name().and_then(|name| name.to_str()).and_then(|rest| format!("{begin}{rest}").parse::<FileHash>().ok());
            if hash.is_some_and(|hash| !wanted.contains(&hash)) {
                fs::remove_file(&path)?;
            }
        }
        // Only an empty one goes.
        let _ = fs::remove_dir(&folder);
    }
    let _ = fs::remove_dir(root);
    Ok(())
}

fn entries(path: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(path) {
        Ok(found) => found.map(|entry| entry.map(|entry| entry.path())).collect(),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Where the contents of the documents in a file of rows may lie: beside it.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    root: Option<PathBuf>,
}

impl Beside {
    /// Returns where the contents of a file's documents lie.
    pub fn of_file(path: &Path) -> Self {
        Self { root: path.parent().map(|folder| folder.join(FOLDER)) }
    }

    /// Returns the path of a content that is there and is what it should be.
    pub fn find(&self, hash: &FileHash) -> Option<(PathBuf, FileFacts)> {
        let path = self.root.as_ref()?.join(place(hash));
        let facts = files::facts(&mut File::open(&path).ok()?).ok()?;
        (facts.hash == *hash).then_some((path, facts))
    }
}
