//! A store that is still being opened: who asks it waits until it is there.
//!
//! So an application is on screen, from what the list file says, before the log has been
//! read and the image opened. Where opening fails every call says why.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use super::api::{
    Changes, Check, Commit, CommitInfo, Committed, Forget, Forgotten, Occupation, Page, PageRequest, Part, SessionInfo, Stats, StepInfo,
    Store, Version,
};
use super::files::{Content, FileFacts};
use super::{JoinOptions, StoreError, join};
use crate::domain::{Definitions, FieldNumber, FileHash, Kind, Record, RecordId, Rollup};

type Came = Result<Arc<dyn Store>, StoreError>;

/// A store that comes.
pub struct Coming {
    came: OnceLock<Came>,
    waiting: (Mutex<bool>, Condvar),
    /// What is known of it before, and what it had when it came.
    seq: u64,
    came_at: AtomicU64,
}

impl std::fmt::Debug for Coming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Coming").field("came", &self.came.get().is_some()).finish()
    }
}

/// Begins to open the store in a folder, as [`join()`] does, on a thread of its own. `seq` is
/// what is known of it before.
///
/// # Errors
/// The system gives no thread.
pub fn coming(path: PathBuf, options: JoinOptions, seq: u64) -> std::io::Result<Arc<Coming>> {
    let coming =
        Arc::new(Coming { came: OnceLock::new(), waiting: (Mutex::new(false), Condvar::new()), seq, came_at: AtomicU64::new(seq) });
    let bringing = Arc::clone(&coming);
    std::thread::Builder::new().name("opening".to_owned()).spawn(move || {
        let opened = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| join(&path, options)));
        let came = opened.unwrap_or_else(|_| Err(StoreError::Io("opening the store went wrong inside rolo".to_owned())));
        if let Ok(store) = &came {
            bringing.came_at.store(store.seq(), Ordering::Release);
        }
        // Nobody else brings it.
        let _ = bringing.came.set(came);
        *bringing.guard() = true;
        bringing.waiting.1.notify_all();
    })?;
    Ok(coming)
}

impl Coming {
    fn guard(&self) -> MutexGuard<'_, bool> {
        self.waiting.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it is there, or known not to come.
    ///
    /// # Errors
    /// What opening it answered.
    pub fn wait(&self) -> Result<&dyn Store, StoreError> {
        let mut there = self.guard();
        while !*there {
            there = self.waiting.1.wait(there).unwrap_or_else(PoisonError::into_inner);
        }
        drop(there);
        match self.came.get() {
            Some(Ok(store)) => Ok(&**store),
            Some(Err(error)) => Err(error.clone()),
            None => Err(StoreError::Cancelled),
        }
    }

    /// Returns the store if it is there.
    fn there(&self) -> Option<&dyn Store> {
        self.came.get().and_then(|came| came.as_ref().ok()).map(|store| &**store)
    }
}

impl Store for Coming {
    fn query(&self, request: &PageRequest) -> Result<Page, StoreError> {
        self.wait()?.query(request)
    }

    fn get(&self, ids: &[RecordId]) -> Result<Vec<Option<Arc<Record>>>, StoreError> {
        self.wait()?.get(ids)
    }

    fn rollups(&self, ids: &[RecordId]) -> Result<Vec<Rollup>, StoreError> {
        self.wait()?.rollups(ids)
    }

    fn lookup(&self, kind: Kind, field: FieldNumber, key: &[u8], limit: usize) -> Result<Vec<RecordId>, StoreError> {
        self.wait()?.lookup(kind, field, key, limit)
    }

    fn linking(&self, to: RecordId, from: Option<Kind>, limit: usize) -> Result<Vec<(RecordId, FieldNumber)>, StoreError> {
        self.wait()?.linking(to, from, limit)
    }

    fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        self.wait()?.commit(commit)
    }

    fn seq(&self) -> u64 {
        self.there().map_or(self.seq, Store::seq)
    }

    fn definitions(&self) -> Arc<Definitions> {
        self.wait().map_or_else(|_| Arc::default(), Store::definitions)
    }

    fn changes_since(&self, seq: u64, limit: usize) -> Result<Changes, StoreError> {
        self.wait()?.changes_since(seq, limit)
    }

    fn wait_for_change(&self, seq: u64, timeout: Duration) -> u64 {
        match self.wait() {
            Ok(store) => store.wait_for_change(seq, timeout),
            Err(_) => {
                std::thread::sleep(timeout);
                seq
            }
        }
    }

    fn history(&self, id: RecordId, limit: usize) -> Result<Vec<Version>, StoreError> {
        self.wait()?.history(id, limit)
    }

    fn as_of(&self, id: RecordId, seq: u64) -> Result<Option<Arc<Record>>, StoreError> {
        self.wait()?.as_of(id, seq)
    }

    fn seq_at(&self, at: crate::domain::Timestamp) -> Result<u64, StoreError> {
        self.wait()?.seq_at(at)
    }

    fn steps(&self, before: Option<u64>, limit: usize) -> Result<Vec<StepInfo>, StoreError> {
        self.wait()?.steps(before, limit)
    }

    fn commits_of(&self, step: u64) -> Result<Vec<CommitInfo>, StoreError> {
        self.wait()?.commits_of(step)
    }

    fn committed(&self, key: &str) -> Result<Option<Committed>, StoreError> {
        self.wait()?.committed(key)
    }

    fn file_length(&self, hash: &FileHash) -> Result<Option<u64>, StoreError> {
        self.wait()?.file_length(hash)
    }

    fn keep_file(&self, facts: &FileFacts, content: &dyn Content) -> Result<(), StoreError> {
        self.wait()?.keep_file(facts, content)
    }

    fn read_file(&self, hash: &FileHash, offset: u64, most: usize) -> Result<Option<Vec<u8>>, StoreError> {
        self.wait()?.read_file(hash, offset, most)
    }

    fn forget(&self, forget: &Forget) -> Result<Forgotten, StoreError> {
        self.wait()?.forget(forget)
    }

    fn check(&self, repair: bool, progress: &mut dyn FnMut(u64, u64)) -> Result<Check, StoreError> {
        self.wait()?.check(repair, progress)
    }

    fn stats(&self) -> Result<Stats, StoreError> {
        self.wait()?.stats()
    }

    fn notices(&self) -> Vec<String> {
        self.there().map_or_else(Vec::new, Store::notices)
    }

    fn close(&self) -> Result<(), StoreError> {
        match self.wait() {
            Ok(store) => store.close(),
            // What did not come need not go.
            Err(_) => Ok(()),
        }
    }

    fn part(&self) -> Part {
        self.there().map_or(Part::Alone, Store::part)
    }

    fn sessions(&self) -> Result<Vec<SessionInfo>, StoreError> {
        self.wait()?.sessions()
    }

    fn be_at(&self, at: Option<Occupation>) {
        if let Ok(store) = self.wait() {
            store.be_at(at);
        }
    }

    fn stirs(&self) -> u64 {
        self.there().map_or(0, Store::stirs)
    }

    fn wait_for_stir(&self, seen: u64, timeout: Duration) -> u64 {
        match self.wait() {
            Ok(store) => store.wait_for_stir(seen, timeout),
            Err(_) => {
                std::thread::sleep(timeout);
                seen
            }
        }
    }

    fn step_aside(&self) {
        if let Some(store) = self.there() {
            store.step_aside();
        }
    }

    fn come_back(&self) {
        if let Some(store) = self.there() {
            store.come_back();
        }
    }

    fn is_there(&self) -> bool {
        self.came.get().is_some()
    }

    fn came_at(&self) -> Result<u64, StoreError> {
        self.wait()?;
        Ok(self.came_at.load(Ordering::Acquire))
    }
}
