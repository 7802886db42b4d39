//! A backup put back: into a place where no store is, or one that nothing was done in.
//!
//! All of it is unpacked beside first, compared with its sums, and its log read through.
//! Then the contents are put in place, and last the log: with that rename there is a
//! store. Whatever happens before, there is none, and it can be done again.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use super::reading::{Trouble, each_part};
use super::{Manifest, Part, Progress, disk_failed};
use crate::store::StoreError;
use crate::store::disk::{Disk, RealDisk, make_private_dir};
use crate::store::embedded::{self, FILES, IMAGE, LOG};
use crate::store::engine::log_told;
use crate::store::files::place;
use crate::store::lock::{LockOptions, StoreLock};
use crate::store::log::{Log, LogError, LogOptions};

/// Where a backup is unpacked, in the store's folder.
const BESIDE: &str = "restoring";
/// What may stand in the folder of a store in which nothing was done.
const OF_A_STORE: &[&str] = &[LOG, IMAGE, FILES, BESIDE, "LOCK", "sock", "sock.new", "list", "backup"];

/// What was put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What the backup said about itself.
    pub manifest: Manifest,
}

/// Puts a backup back into a folder.
///
/// # Errors
/// [`StoreError::Exists`] has no place here: [`StoreError::Invalid`] where a store
/// stands in which something was done, where the folder holds something else, or for a
/// file that is no sound backup; [`StoreError::Busy`] where a process has the store;
/// [`StoreError::Io`] where there is no room. The folder is as it was then.
pub fn restore(
    from: &mut dyn Read,
    name: &str,
    store: &Path,
    options: &LockOptions,
    progress: Progress<'_>,
) -> Result<Restored, StoreError> {
    check_place(store)?;
    let was_there = store.exists();
    let lock = StoreLock::take(store, options).map_err(|error| embedded::refused(store, &error))?;
    let restored = put_back(from, name, store, progress);
    drop(lock);
    if restored.is_err() {
        let beside = store.join(BESIDE);
        // What cannot be removed is removed by the next try; the first error counts.
        let _ = fs::remove_dir_all(&beside);
        if !was_there {
            let _ = fs::remove_file(store.join("LOCK"));
            let _ = fs::remove_dir(store);
        }
    }
    restored
}

/// Refuses a folder in which something is.
fn check_place(store: &Path) -> Result<(), StoreError> {
    let shown = store.display();
    let entries = match fs::read_dir(store) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Err(StoreError::Invalid(format!("{shown} is no folder")));
        }
        Err(error) => return Err(disk_failed(&format!("looking at {shown} failed"), &error)),
    };
    for entry in entries {
        let name = entry.map_err(|error| disk_failed(&format!("looking at {shown} failed"), &error))?.file_name();
        if !name.to_str().is_some_and(|name| OF_A_STORE.contains(&name)) {
            return Err(StoreError::Invalid(format!("{shown} holds something else than a store: {}", name.display())));
        }
    }
    Ok(())
}

/// Returns how many commits the store that is there has.
fn commits(store: &Path) -> Result<u64, StoreError> {
    let Ok(disk) = RealDisk::open(&store.join(LOG)) else { return Ok(0) };
    match Log::open(Arc::new(disk), LogOptions { writable: false, ..LogOptions::default() }) {
        Ok((_, opening)) => Ok(opening.last_seq),
        Err(LogError::NoLog) => Ok(0),
        Err(error) => Err(log_told(&error)),
    }
}

fn put_back(from: &mut dyn Read, name: &str, store: &Path, progress: Progress<'_>) -> Result<Restored, StoreError> {
    let there = commits(store)?;
    if there > 0 {
        let commits = if there == 1 { "1 commit".to_owned() } else { format!("{there} commits") };
        return Err(StoreError::Occupied(format!("there is a store in {} already, of {commits}", store.display())));
    }
    let beside = store.join(BESIDE);
    if beside.exists() {
        fs::remove_dir_all(&beside).map_err(|error| disk_failed("removing an unfinished restore failed", &error))?;
    }
    let (log, files) = (beside.join(LOG), beside.join(FILES));
    for folder in [&log, &files] {
        make_private_dir(folder).map_err(|error| write_failed(store, &error))?;
    }
    let backup = each_part(from, name, progress, &mut |part, content| {
        let path = match part {
            Part::Segment(segment) => log.join(segment),
            Part::Content(hash) => files.join(place(hash)),
            Part::Manifest | Part::Sums => return Ok(()),
        };
        unpack(content, &path, store)
    })?;
    let disk: Arc<dyn Disk> = Arc::new(RealDisk::open(&log).map_err(|error| write_failed(store, &error))?);
    let opened = Log::open(Arc::clone(&disk), LogOptions { writable: false, ..LogOptions::default() });
    let (read, opening) = opened.map_err(|error| StoreError::Invalid(format!("{name} holds a log that is damaged: {error}")))?;
    let manifest = backup.manifest;
    if opening.last_seq != manifest.seq || read.store_id().to_string() != manifest.store || opening.torn.is_some() {
        return Err(StoreError::Invalid(format!("{name} is damaged: its log is not what it says")));
    }
    drop(read);
    sync_all(&beside).map_err(|error| write_failed(store, &error))?;
    put_in_place(store, &beside).map_err(|error| write_failed(store, &error))?;
    Ok(Restored { manifest })
}

fn write_failed(store: &Path, error: &io::Error) -> StoreError {
    disk_failed(&format!("writing to {} failed", store.display()), error)
}

fn unpack(content: &mut dyn Read, path: &Path, store: &Path) -> Result<(), Trouble> {
    let taking = |error: io::Error| Trouble::Taking(write_failed(store, &error));
    if let Some(folder) = path.parent() {
        make_private_dir(folder).map_err(taking)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(taking)?;
    let mut buffer = vec![0; 64 << 10];
    loop {
        match content.read(&mut buffer) {
            Ok(0) => return file.sync_all().map_err(taking),
            Ok(count) => file.write_all(&buffer[..count]).map_err(taking)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Trouble::Reading(error)),
        }
    }
}

/// Syncs the folders, so that their names last.
fn sync_all(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_all(&entry.path())?;
        }
    }
    File::open(folder)?.sync_all()
}

fn put_in_place(store: &Path, beside: &Path) -> io::Result<()> {
    for old in [FILES, IMAGE] {
        remove(&store.join(old))?;
    }
    // Nothing was done in it: it has no commit.
    remove(&store.join(LOG))?;
    fs::rename(beside.join(FILES), store.join(FILES))?;
    File::open(store)?.sync_all()?;
    fs::rename(beside.join(LOG), store.join(LOG))?;
    File::open(store)?.sync_all()?;
    remove(beside)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
