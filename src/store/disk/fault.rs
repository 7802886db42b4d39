//! A disk that fails on demand and tells written from synced.
//!
//! Each file has two contents: what a process sees, and what would be found
//! after a power cut. Syncing a file makes them equal; syncing the folder does
//! the same for names. [`FaultDisk::power_cut`] keeps what was synced and any
//! subset of the rest: single sectors, whole pages, lengths and names, each on
//! its own, which is harsher than most file systems are.
//!
//! A failed sync is modelled after what Linux does (the "fsyncgate" of 2018):
//! the pages stay readable and count as clean, part of them never reached the
//! disk, and a second sync succeeds without writing them.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::io::Errno;

use super::{Access, Disk, DiskFile, plain_name};

/// The smallest unit that a disk writes as a whole.
const SECTOR: usize = 512;
/// The unit in which the page cache writes.
const PAGE: usize = 4096;

/// What can be counted and made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// Bytes read from a file.
    Read,
    /// Bytes written to a file.
    Write,
    /// Space reserved.
    Allocate,
    /// A file cut or extended.
    SetLen,
    /// A file's content synced.
    Sync,
    /// The folder synced.
    SyncDir,
    /// A file made.
    Create,
    /// A file renamed.
    Rename,
    /// A file removed.
    Remove,
}

/// How an operation fails.
#[derive(Clone, Copy, Debug)]
enum Failure {
    Error(Errno),
    /// A write takes only so many bytes; not an error in itself.
    Short(usize),
}

/// A disk in memory that fails on demand. Clones are the same disk.
#[derive(Clone, Default)]
pub struct FaultDisk {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// Counts power cuts and kills: handles of an earlier life are dead.
    life: u64,
    files: BTreeMap<u64, Content>,
    next_file: u64,
    names: BTreeMap<String, u64>,
    durable_names: BTreeMap<String, u64>,
    counts: BTreeMap<Operation, u64>,
    faults: BTreeMap<(Operation, u64), Failure>,
    capacity: Option<u64>,
    /// How many changes are still carried out before everything fails.
    changes_left: Option<u64>,
    failed_syncs: u64,
}

#[derive(Default)]
struct Content {
    seen: Vec<u8>,
    durable: Vec<u8>,
    /// Numbers of sectors written since the last sync.
    dirty: BTreeSet<usize>,
}

struct FaultFile {
    state: Arc<Mutex<State>>,
    life: u64,
    file: u64,
    access: Access,
}

impl FaultDisk {
    /// Returns an empty disk on which nothing fails yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the `nth` operation of this kind from now (the next is 0) fail.
    pub fn fail(&self, operation: Operation, nth: u64, error: Errno) {
        let mut state = self.state();
        let at = state.count(operation) + nth;
        state.faults.insert((operation, at), Failure::Error(error));
    }

    /// Makes the `nth` write from now take only its first `bytes` bytes.
    pub fn short_write(&self, nth: u64, bytes: usize) {
        let mut state = self.state();
        let at = state.count(Operation::Write) + nth;
        state.faults.insert((Operation::Write, at), Failure::Short(bytes));
    }

    /// Carries out `changes` more operations that change something (all but
    /// reading); after them everything fails until [`Self::power_cut`] or
    /// [`Self::kill`]. The way to stop a program at every step in turn.
    pub fn stop_after(&self, changes: u64) {
        self.state().changes_left = Some(changes);
    }

    /// Limits the sum of all lengths; beyond it the disk is full (ENOSPC).
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.state().capacity = bytes;
    }

    /// Returns how many operations of this kind were asked for so far.
    pub fn count(&self, operation: Operation) -> u64 {
        self.state().count(operation)
    }

    /// Takes back all failures arranged for.
    pub fn mend(&self) {
        let mut state = self.state();
        state.faults.clear();
        state.changes_left = None;
        state.capacity = None;
    }

    /// The process dies, the machine lives on: handles are dead, and everything
    /// written is still seen, synced or not.
    pub fn kill(&self) {
        let mut state = self.state();
        state.life += 1;
        state.changes_left = None;
    }

    /// The power goes: what was synced stays, and of the rest what the seed
    /// picks. Handles are dead.
    pub fn power_cut(&self, seed: u64) {
        let mut state = self.state();
        state.life += 1;
        state.changes_left = None;
        let mut random = Random(seed);
        for content in state.files.values_mut() {
            content.cut_power(&mut random);
        }
        let State { names, durable_names, files, .. } = &mut *state;
        let changed: BTreeSet<String> = names
            .iter()
            .chain(durable_names.iter())
            .filter(|(name, _)| names.get(*name) != durable_names.get(*name))
            .map(|(name, _)| name.clone())
            .collect();
        for name in changed {
            if random.chance(2) {
                match names.get(&name) {
                    Some(file) => durable_names.insert(name, *file),
                    None => durable_names.remove(&name),
                };
            }
        }
        names.clone_from(durable_names);
        let reachable: BTreeSet<u64> = names.values().copied().collect();
        files.retain(|file, _| reachable.contains(file));
    }

    /// Returns a copy of the bytes of a file as a process sees them.
    pub fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        let state = self.state();
        let file = state.names.get(name)?;
        Some(state.files.get(file)?.seen.clone())
    }

    /// Replaces a file, durably: how tests damage, cut and restore files.
    pub fn put(&self, name: &str, bytes: Vec<u8>) {
        let mut state = self.state();
        let file = state.new_file();
        state.names.insert(name.to_owned(), file);
        state.durable_names.insert(name.to_owned(), file);
        state.files.insert(file, Content { durable: bytes.clone(), seen: bytes, dirty: BTreeSet::new() });
    }

    /// Returns a second disk with what a process sees on this one, all durable.
    pub fn copy(&self) -> Self {
        let copy = Self::new();
        let state = self.state();
        for (name, file) in &state.names {
            if let Some(content) = state.files.get(file) {
                copy.put(name, content.seen.clone());
            }
        }
        copy
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn handle(&self, life: u64, file: u64, access: Access) -> Arc<dyn DiskFile> {
        Arc::new(FaultFile { state: Arc::clone(&self.state), life, file, access })
    }
}

impl State {
    fn count(&self, operation: Operation) -> u64 {
        self.counts.get(&operation).copied().unwrap_or(0)
    }

    /// Counts an operation and finds whether it is to fail.
    fn begin(&mut self, operation: Operation) -> io::Result<Option<usize>> {
        let count = self.counts.entry(operation).or_insert(0);
        let nth = *count;
        *count += 1;
        if operation != Operation::Read
            && let Some(left) = &mut self.changes_left
        {
            match left.checked_sub(1) {
                Some(less) => *left = less,
                None => return Err(Errno::IO.into()),
            }
        }
        match self.faults.remove(&(operation, nth)) {
            Some(Failure::Error(error)) => Err(error.into()),
            Some(Failure::Short(bytes)) => Ok(Some(bytes)),
            None => Ok(None),
        }
    }

    fn new_file(&mut self) -> u64 {
        self.next_file += 1;
        self.next_file
    }

    fn file_of(&self, name: &str) -> io::Result<u64> {
        self.names.get(plain_name(name)?).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn content(&mut self, file: u64) -> io::Result<&mut Content> {
        self.files.get_mut(&file).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Refuses to let a file grow to `end` on a disk that has no room.
    fn room(&mut self, file: u64, end: usize) -> io::Result<()> {
        let used: usize = self.files.values().map(|content| content.seen.len()).sum();
        let grows = end.saturating_sub(self.content(file)?.seen.len());
        match self.capacity {
            Some(capacity) if grows > 0 && (used + grows) as u64 > capacity => Err(Errno::NOSPC.into()),
            _ => Ok(()),
        }
    }
}

impl Content {
    fn write(&mut self, start: usize, bytes: &[u8]) {
        let end = start + bytes.len();
        if self.seen.len() < end {
            self.seen.resize(end, 0);
        }
        self.seen[start..end].copy_from_slice(bytes);
        self.touch(start, end);
    }

    fn set_len(&mut self, length: usize) {
        let before = self.seen.len();
        self.seen.resize(length, 0);
        // What was cut off may or may not have become zeros when power goes.
        self.touch(length, before);
    }

    fn touch(&mut self, start: usize, end: usize) {
        if start < end {
            self.dirty.extend(start / SECTOR..=(end - 1) / SECTOR);
        }
    }

    /// Brings what counts as written, and no more, to the disk.
    fn sync(&mut self) {
        self.durable.resize(self.seen.len(), 0);
        for sector in std::mem::take(&mut self.dirty) {
            self.persist(sector);
        }
    }

    /// Brings one sector to the disk, as far as the disk's length reaches.
    fn persist(&mut self, sector: usize) {
        let start = sector * SECTOR;
        let end = (start + SECTOR).min(self.durable.len());
        for at in start..end {
            self.durable[at] = self.seen.get(at).copied().unwrap_or(0);
        }
    }

    /// The sync failed: part of the pages are on disk, none will be written
    /// again, and all of them stay readable.
    fn lose_sync(&mut self, random: &mut Random) {
        let dirty = std::mem::take(&mut self.dirty);
        self.persist_some(&dirty, random);
    }

    fn cut_power(&mut self, random: &mut Random) {
        let dirty = std::mem::take(&mut self.dirty);
        self.persist_some(&dirty, random);
        self.seen.clone_from(&self.durable);
    }

    fn persist_some(&mut self, dirty: &BTreeSet<usize>, random: &mut Random) {
        if random.chance(2) {
            self.durable.resize(self.seen.len(), 0);
        }
        let sectors_together = if random.chance(2) { 1 } else { PAGE / SECTOR };
        // Nothing, everything, and all mixtures between occur.
        let of_eight = random.below(9);
        let mut unit = None;
        for &sector in dirty {
            let (this, keep) = match unit {
                Some((this, keep)) if this == sector / sectors_together => (this, keep),
                _ => (sector / sectors_together, random.below(8) < of_eight),
            };
            unit = Some((this, keep));
            if keep {
                self.persist(sector);
            }
        }
    }
}

impl Disk for FaultDisk {
    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.state();
        plain_name(name)?;
        state.begin(Operation::Create)?;
        let file = match state.names.get(name) {
            Some(&file) => {
                state.content(file)?.set_len(0);
                file
            }
            None => {
                let file = state.new_file();
                state.files.insert(file, Content::default());
                state.names.insert(name.to_owned(), file);
                file
            }
        };
        let life = state.life;
        drop(state);
        Ok(self.handle(life, file, Access::Write))
    }

    fn open(&self, name: &str, access: Access) -> io::Result<Arc<dyn DiskFile>> {
        let state = self.state();
        let file = state.file_of(name)?;
        let life = state.life;
        drop(state);
        Ok(self.handle(life, file, access))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.state();
        let file = state.file_of(from)?;
        plain_name(to)?;
        state.begin(Operation::Rename)?;
        state.names.remove(from);
        state.names.insert(to.to_owned(), file);
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.state();
        state.file_of(name)?;
        state.begin(Operation::Remove)?;
        state.names.remove(name);
        Ok(())
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.state().names.keys().cloned().collect())
    }

    fn len(&self, name: &str) -> io::Result<u64> {
        let mut state = self.state();
        let file = state.file_of(name)?;
        Ok(state.content(file)?.seen.len() as u64)
    }

    fn exists(&self, name: &str) -> io::Result<bool> {
        Ok(self.state().names.contains_key(plain_name(name)?))
    }

    fn sync_dir(&self) -> io::Result<()> {
        let mut state = self.state();
        state.begin(Operation::SyncDir)?;
        let State { names, durable_names, .. } = &mut *state;
        durable_names.clone_from(names);
        Ok(())
    }
}

impl FaultFile {
    fn state(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.life == self.life { Ok(state) } else { Err(io::Error::other("this handle was lost with its process")) }
    }

    fn writable(&self) -> io::Result<MutexGuard<'_, State>> {
        if self.access == Access::Read {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        self.state()
    }
}

impl DiskFile for FaultFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut state = self.state()?;
        state.begin(Operation::Read)?;
        let seen = &state.content(self.file)?.seen;
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(seen.len());
        let count = buffer.len().min(seen.len() - start);
        buffer[..count].copy_from_slice(&seen[start..start + count]);
        Ok(count)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.writable()?;
        let short = state.begin(Operation::Write)?;
        let bytes = &bytes[..short.unwrap_or(bytes.len()).min(bytes.len())];
        let start = usize::try_from(offset).map_err(|_| io::ErrorKind::FileTooLarge)?;
        state.room(self.file, start + bytes.len())?;
        state.content(self.file)?.write(start, bytes);
        Ok(bytes.len())
    }

    fn allocate(&self, offset: u64, length: u64) -> io::Result<()> {
        let mut state = self.writable()?;
        state.begin(Operation::Allocate)?;
        let end = usize::try_from(offset + length).map_err(|_| io::ErrorKind::FileTooLarge)?;
        state.room(self.file, end)?;
        let content = state.content(self.file)?;
        if content.seen.len() < end {
            content.set_len(end);
        }
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut state = self.writable()?;
        state.begin(Operation::SetLen)?;
        let length = usize::try_from(length).map_err(|_| io::ErrorKind::FileTooLarge)?;
        state.room(self.file, length)?;
        state.content(self.file)?.set_len(length);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.writable()?;
        let outcome = state.begin(Operation::Sync);
        if outcome.is_err() {
            state.failed_syncs += 1;
            let mut random = Random(state.failed_syncs);
            state.content(self.file)?.lose_sync(&mut random);
        } else {
            state.content(self.file)?.sync();
        }
        outcome.map(|_| ())
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.state()?.content(self.file)?.seen.len() as u64)
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn chance(&mut self, one_in: u64) -> bool {
        self.below(one_in) == 0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::{read_full, write_full};
    use super::*;

    fn content(disk: &FaultDisk, name: &str) -> Vec<u8> {
        disk.bytes(name).unwrap()
    }

    #[test]
    fn a_power_cut_keeps_what_was_synced_and_some_of_the_rest() {
        let (mut kept_all, mut kept_none, mut kept_some, mut renamed) = (0, 0, 0, 0);
        for seed in 0..200 {
            let disk = FaultDisk::new();
            let file = disk.create("a").unwrap();
            write_full(&*file, 0, &[1; 20_000]).unwrap();
            file.sync_data().unwrap();
            disk.sync_dir().unwrap();
            write_full(&*file, 10_000, &[2; 10_000]).unwrap();
            disk.create("b").unwrap();
            disk.power_cut(seed);
            assert!(read_full(&*file, 0, &mut [0]).is_err(), "the handle is dead");
            let bytes = content(&disk, "a");
            assert_eq!(bytes.len(), 20_000);
            assert!(bytes[..10_000].iter().all(|byte| *byte == 1));
            match bytes.iter().filter(|byte| **byte == 2).count() {
                0 => kept_none += 1,
                10_000 => kept_all += 1,
                _ => kept_some += 1,
            }
            renamed += usize::from(disk.exists("b").unwrap());
        }
        assert!(kept_all > 5 && kept_none > 5 && kept_some > 5);
        assert!((50..150).contains(&renamed));
    }

    #[test]
    fn a_failed_sync_is_not_made_good_by_a_second_one() {
        let mut lost = 0;
        for round in 0..20 {
            let disk = FaultDisk::new();
            let file = disk.create("a").unwrap();
            file.sync_data().unwrap();
            disk.sync_dir().unwrap();
            for nth in 0..=round {
                write_full(&*file, nth * 512, &[7; 512]).unwrap();
                disk.fail(Operation::Sync, 0, Errno::IO);
                assert!(file.sync_data().is_err());
            }
            let before = content(&disk, "a");
            assert!(before.iter().all(|byte| *byte == 7), "still readable");
            file.sync_data().unwrap();
            disk.power_cut(1);
            lost += usize::from(content(&disk, "a") != before);
        }
        assert!(lost > 10);
    }

    #[test]
    fn the_nth_operation_fails_once() {
        let disk = FaultDisk::new();
        let file = disk.create("a").unwrap();
        disk.fail(Operation::Write, 1, Errno::IO);
        disk.short_write(2, 3);
        assert_eq!(file.write_at(0, b"abc").unwrap(), 3);
        assert!(file.write_at(3, b"def").is_err());
        assert_eq!(file.write_at(3, b"defg").unwrap(), 3);
        assert_eq!(file.write_at(6, b"g").unwrap(), 1);
        assert_eq!(content(&disk, "a"), b"abcdefg");
        assert_eq!(disk.count(Operation::Write), 4);
        disk.stop_after(1);
        file.sync_data().unwrap();
        assert!(file.sync_data().is_err());
        assert!(disk.create("b").is_err());
        assert_eq!(file.read_at(0, &mut [0]).unwrap(), 1);
    }

    #[test]
    fn a_full_disk_says_so() {
        let disk = FaultDisk::new();
        disk.set_capacity(Some(10));
        let file = disk.create("a").unwrap();
        file.allocate(0, 10).unwrap();
        let error = disk.create("b").unwrap().write_at(0, b"x").err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert_eq!(file.write_at(0, b"fits").unwrap(), 4);
    }
}
