//! Backups that nobody asked for: one a day, in the store's `backup/`, each read back,
//! and of the old ones those that stand for their day, week or month.
//!
//! Whether one is due is told by the names in that folder alone, so that asking costs
//! nothing. The folder is made when a store is first seen: that is its first day.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use rustix::fs::{FlockOperation, flock};

use super::writing::write;
use super::{Made, disk_failed, verify};
use crate::domain::Timestamp;
use crate::store::StoreError;
use crate::store::disk::make_private_dir;

/// The folder of automatic backups, in the store's.
const FOLDER: &str = "backup";
/// Of how many days, weeks and months one is kept.
const KEPT: [usize; 3] = [7, 4, 6];
/// From one to the next, in microseconds: a little less than a day, so that it stays
/// at its hour.
const INTERVAL: i64 = 23 * 3600 * 1_000_000;
/// After a try that came to nothing, in microseconds.
const AGAIN: i64 = 3600 * 1_000_000;
/// The file whose age says when that was.
const TRIED: &str = ".tried";
/// So many times its own size must be free on the disk.
const ROOM: u64 = 3;
/// The time in a name.
const TIME: &str = "%Y%m%dT%H%M%SZ";

/// An automatic backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Automatic {
    /// Where it lies.
    pub path: PathBuf,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// The last commit in it.
    pub seq: u64,
    /// Its length in bytes.
    pub bytes: u64,
}

impl Automatic {
    fn of(path: PathBuf) -> Option<Self> {
        let (at, seq) = path.file_name()?.to_str()?.strip_prefix("rolo-")?.strip_suffix(".tar")?.split_once('-')?;
        let at = NaiveDateTime::parse_from_str(at, TIME).ok()?.and_utc();
        let seq = seq.parse().ok()?;
        let bytes = fs::metadata(&path).ok()?.len();
        Some(Self { path, at, seq, bytes })
    }
}

/// Returns the automatic backups of a store, newest first.
pub fn automatic(store: &Path) -> Vec<Automatic> {
    let entries = fs::read_dir(store.join(FOLDER)).into_iter().flatten().flatten();
    let mut found: Vec<Automatic> = entries.filter_map(|entry| Automatic::of(entry.path())).collect();
    found.sort_by_key(|backup| std::cmp::Reverse((backup.at, backup.seq)));
    found
}

/// Notes that a store is there: its first automatic backup is due a day later. What
/// cannot be noted now can be the next time.
pub fn note_first_day(store: &Path) {
    let folder = store.join(FOLDER);
    if store.join(super::LOG).is_dir() && !folder.exists() {
        let _ = make_private_dir(&folder);
    }
}

/// Returns whether a day has passed since the last automatic backup, or since the store
/// was first seen.
pub fn is_due(store: &Path, now: Timestamp) -> bool {
    let modified = |path: PathBuf| Some(DateTime::<Utc>::from(fs::metadata(path).ok()?.modified().ok()?).timestamp_micros());
    // A clock that was set back must not stop them for ever.
    let is_past = |at: i64, interval: i64| (now.0 - at).abs() >= interval;
    if modified(store.join(FOLDER).join(TRIED)).is_some_and(|tried| !is_past(tried, AGAIN)) {
        return false;
    }
    let newest = automatic(store).first().map(|newest| newest.at.timestamp_micros());
    newest.or_else(|| modified(store.join(FOLDER))).is_some_and(|last| is_past(last, INTERVAL))
}

/// Makes an automatic backup where one is due and something was done since the last,
/// reads it back, and lets go of those that are too many; returns where it lies.
///
/// # Errors
/// As [`write()`]; [`StoreError::Io`] where the disk has little room left.
pub fn make_automatic(store: &Path, now: Timestamp) -> Result<Option<PathBuf>, StoreError> {
    note_first_day(store);
    let folder = store.join(FOLDER);
    let failed = |error: &io::Error| disk_failed(&format!("{}", folder.display()), error);
    let lock = File::create(folder.join(".lock")).map_err(|error| failed(&error))?;
    // Another process is at it.
    if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() || !is_due(store, now) {
        return Ok(None);
    }
    remove_unfinished(&folder).map_err(|error| failed(&error))?;
    // Should it come to nothing, the next command need not try again at once.
    File::create(folder.join(TRIED)).map_err(|error| failed(&error))?;
    check_room(store, &folder)?;
    let part = folder.join(".part");
    let made = into_new_file(store, now, &part, &part.display().to_string(), &mut |_, _| {}).inspect_err(|_| {
        let _ = fs::remove_file(&part);
    })?;
    if automatic(store).first().is_some_and(|newest| newest.seq == made.manifest.seq) {
        // Nothing was done since.
        fs::remove_file(&part).map_err(|error| failed(&error))?;
        return Ok(None);
    }
    let at = now.utc().format(TIME);
    let path = folder.join(format!("rolo-{at}-{}.tar", made.manifest.seq));
    let placed = fs::rename(&part, &path).and_then(|()| File::open(&folder)?.sync_all());
    placed.map_err(|error| failed(&error))?;
    fs::remove_file(folder.join(TRIED)).map_err(|error| failed(&error))?;
    for old in too_many(&automatic(store)) {
        fs::remove_file(old).map_err(|error| failed(&error))?;
    }
    Ok(Some(path))
}

fn remove_unfinished(folder: &Path) -> io::Result<()> {
    match fs::remove_file(folder.join(".part")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Writes a backup into a file that is not there yet, synced, and reads it back;
/// `shown` is what it is called when that fails.
///
/// # Errors
/// As [`write()`]; [`StoreError::Io`] where what is read back is not what was written.
pub(super) fn into_new_file(
    store: &Path,
    now: Timestamp,
    path: &Path,
    shown: &str,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Made, StoreError> {
    let failed = |error: &io::Error| disk_failed(&format!("{shown} cannot be written"), error);
    let mut options = File::options();
    std::os::unix::fs::OpenOptionsExt::mode(options.write(true).create_new(true), 0o600);
    let file = options.open(path).map_err(|error| failed(&error))?;
    let mut sink = io::BufWriter::with_capacity(1 << 20, file);
    let made = write(store, now, &mut sink, progress)?;
    let file = sink.into_inner().map_err(|error| failed(error.error()))?;
    file.sync_all().map_err(|error| failed(&error))?;
    let mut file = File::open(path).map_err(|error| failed(&error))?;
    let read = verify(&mut file, shown, progress)?;
    if (&read.manifest, &read.sums) != (&made.manifest, &made.sums) {
        return Err(StoreError::Io(format!("{shown} was written, and reads otherwise: it is of no use")));
    }
    Ok(made)
}

/// Refuses where the disk would be left with little.
fn check_room(store: &Path, folder: &Path) -> Result<(), StoreError> {
    let Ok(disk) = rustix::fs::statvfs(folder) else { return Ok(()) };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let size = bytes_in(&store.join(super::LOG)) + bytes_in(&store.join(super::FILES));
    if free < size.saturating_mul(ROOM) {
        let message = format!("no automatic backup: {} MiB are free, and it would take {} MiB", free >> 20, size >> 20);
        return Err(StoreError::Io(message));
    }
    Ok(())
}

fn bytes_in(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(found) if found.is_dir() => bytes_in(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    };
    entries.map(size).sum()
}

/// Returns those that no day, week or month is kept by, of a list from the newest on.
fn too_many(all: &[Automatic]) -> Vec<&Path> {
    type Period = fn(&DateTime<Utc>) -> (i32, u32);
    const PERIODS: [Period; 3] =
        [|at| (at.year(), at.ordinal()), |at| (at.iso_week().year(), at.iso_week().week()), |at| (at.year(), at.month())];
    let mut kept: BTreeSet<usize> = BTreeSet::new();
    for (period, most) in PERIODS.iter().zip(KEPT) {
        let mut seen = BTreeSet::new();
        for (index, backup) in all.iter().enumerate() {
            if seen.len() < most && seen.insert(period(&backup.at)) {
                kept.insert(index);
            }
        }
    }
    all.iter().enumerate().filter(|(index, _)| !kept.contains(index)).map(|(_, backup)| backup.path.as_path()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn named(at: &str) -> Automatic {
        let at = DateTime::parse_from_rfc3339(at).unwrap().to_utc();
        Automatic { path: PathBuf::from(at.format("%m-%d %H").to_string()), at, seq: 1, bytes: 0 }
    }

    #[test]
    fn days_weeks_and_months_keep_one_each() {
        let first = DateTime::parse_from_rfc3339("2026-11-29T06:00:00Z").unwrap().to_utc();
        let mut all: Vec<Automatic> = (0..300).map(|day| named(&(first - chrono::Duration::days(day)).to_rfc3339())).collect();
        all.insert(0, named("2026-11-29T18:00:00Z"));
        let gone: BTreeSet<&Path> = too_many(&all).into_iter().collect();
        let kept: Vec<String> =
            all.iter().filter(|one| !gone.contains(one.path.as_path())).map(|one| one.path.display().to_string()).collect();
        let days = ["11-29 18", "11-28 06", "11-27 06", "11-26 06", "11-25 06", "11-24 06", "11-23 06"];
        // Of the weeks and months before, the last day of each.
        let others = ["11-22 06", "11-15 06", "11-08 06", "10-31 06", "09-30 06", "08-31 06", "07-31 06", "06-30 06"];
        assert_eq!(kept, [days.as_slice(), &others].concat());
    }
}
