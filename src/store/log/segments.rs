//! What a log and its readers share: which segments there are, how far each may
//! be read, and the open files.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::layout::{Site, segment_name};
use super::walk::{After, Walk};
use super::waymarks::Waymarks;
use super::{LogError, StoreId};
use crate::store::disk::{Access, Disk, DiskFile};

/// How many files are kept open for reading.
const OPEN_FILES: usize = 64;

/// One segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) number: u32,
    pub(super) first_seq: u64,
    /// What its first frame follows; `None` if its header is unreadable.
    pub(super) before: Option<After>,
    /// Where what was written ends.
    pub(super) written: u64,
    /// Where what was synced ends; frames are read up to here.
    pub(super) synced: u64,
}

/// The part of a log that any number of threads read.
pub(super) struct Shared {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) store_id: StoreId,
    /// Whether reading goes on after damage.
    pub(super) lenient: bool,
    segments: RwLock<Vec<Segment>>,
    files: Mutex<HashMap<u32, Arc<dyn DiskFile>>>,
    /// Grows whenever bytes that may have been read are replaced.
    generation: AtomicU64,
    synced_seq: AtomicU64,
    waymarks: Mutex<Waymarks>,
}

impl Shared {
    pub(super) fn new(
        disk: Arc<dyn Disk>,
        store_id: StoreId,
        lenient: bool,
        segments: Vec<Segment>,
        waymarks: Waymarks,
        synced_seq: u64,
    ) -> Self {
        Self {
            disk,
            store_id,
            lenient,
            segments: RwLock::new(segments),
            files: Mutex::default(),
            generation: AtomicU64::new(0),
            synced_seq: AtomicU64::new(synced_seq),
            waymarks: Mutex::new(waymarks),
        }
    }

    // No change to the lists below can stop half way, so that a panic in
    // another thread leaves them whole.

    pub(super) fn segments(&self) -> RwLockReadGuard<'_, Vec<Segment>> {
        self.segments.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn segments_mut(&self) -> RwLockWriteGuard<'_, Vec<Segment>> {
        self.segments.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn segment(&self, number: u32) -> Option<Segment> {
        let segments = self.segments();
        let index = segments.binary_search_by_key(&number, |segment| segment.number).ok()?;
        Some(segments[index])
    }

    /// Returns where what was written to a segment ends.
    pub(super) fn written(&self, number: u32) -> Option<u64> {
        let segments = self.segments();
        let index = segments.binary_search_by_key(&number, |segment| segment.number).ok()?;
        Some(segments[index].written)
    }

    /// Returns a segment's file, opened for reading.
    pub(super) fn file(&self, number: u32) -> Result<Arc<dyn DiskFile>, LogError> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = files.get(&number) {
            return Ok(Arc::clone(file));
        }
        let name = segment_name(number);
        let file = self.disk.open(&name, Access::Read).map_err(|error| LogError::io("opening", &name, error))?;
        if files.len() >= OPEN_FILES {
            files.clear();
        }
        files.insert(number, Arc::clone(&file));
        Ok(file)
    }

    /// Returns a walk over a segment as far as it was synced.
    pub(super) fn walk(&self, segment: &Segment) -> Result<Walk, LogError> {
        Ok(Walk::new(self.file(segment.number)?, Site::new(self.store_id, segment.number), segment.synced, true, segment.before))
    }

    pub(super) fn synced_seq(&self) -> u64 {
        self.synced_seq.load(Ordering::Acquire)
    }

    /// Everything written so far is now synced, up to this seq.
    pub(super) fn synced(&self, seq: u64) {
        if let Some(segment) = self.segments_mut().last_mut() {
            segment.synced = segment.written;
        }
        self.synced_seq.store(seq, Ordering::Release);
    }

    pub(super) fn waymarks(&self) -> MutexGuard<'_, Waymarks> {
        self.waymarks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// A segment's file was replaced by another.
    pub(super) fn replaced(&self, number: u32) {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.remove(&number);
        self.generation.fetch_add(1, Ordering::Release);
    }
}
