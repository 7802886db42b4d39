//! A store that many processes have at once: this one is its host, or the guest
//! of the one that is, and takes over when that one goes.
//!
//! Every call is made on the seat that stands now. Where the seat is over (the
//! host has gone, or this process stepped aside) the call waits for the next one
//! and is made again there: reading twice changes nothing, and every commit
//! carries an idempotency key, so that it happens once. A session sees a pause.
//!
//! Who becomes host stands in `election`; what is said on the socket, in `wire`.

mod election;
mod identity;
mod visiting;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use self::election::{Elected, Seat, Terms};
pub use self::visiting::owner as other_owner;
use super::api::{
    Changes, Check, Commit, CommitInfo, Committed, Forget, Forgotten, Occupation, Page, PageRequest, Part, SessionInfo, Stats, StepInfo,
    Store, Version,
};
use super::files::{Content, FileFacts};
use super::wire::Doing;
use super::{OpenOptions, StoreError};
use crate::domain::{Definitions, FieldNumber, FileHash, Kind, Record, RecordId, Rollup, Timestamp};

/// How long a process without a screen lets the others go first.
const STAND_BACK: Duration = Duration::from_millis(100);

/// How a session sits down at a store.
pub struct JoinOptions {
    /// How the store is opened, where this process becomes its host. With
    /// `readonly` this session's commits are refused, and nobody else's.
    pub open: OpenOptions,
    /// The login that its commits are made under, for the others to see.
    pub login: String,
    /// What the session is, for the others to see: `application`, `rolo import`.
    pub what: String,
    /// Whether somebody looks at it: others let it take over first.
    pub screen: bool,
}

/// Which folder is at a path; one made anew there may have the number of the last.
#[derive(PartialEq, Eq)]
struct Folder(u64, u64, Option<std::time::SystemTime>);

impl Folder {
    fn at(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let found = std::fs::metadata(path).ok()?;
        Some(Self(found.dev(), found.ino(), found.created().ok()))
    }
}

struct Joined {
    path: PathBuf,
    /// The other user of the system whose store it is.
    owner: Option<u32>,
    /// The folder, as it was when this session came: no other is taken for it.
    folder: Option<Folder>,
    terms: Terms,
    readonly: bool,
    screen: bool,
    doing: Doing,
    seat: RwLock<Option<Arc<Seat>>>,
    /// Held by whoever looks for the next seat.
    seeking: Mutex<()>,
    /// Whether the process is about to be stopped.
    aside: Mutex<bool>,
    back: Condvar,
    closed: AtomicBool,
    /// Counts the commits, for their keys.
    commits: AtomicU64,
    /// The last commit that any seat told of.
    seen: AtomicU64,
    definitions: Mutex<Arc<Definitions>>,
    /// What this session is at: the next host is told, too.
    at: Mutex<Option<Occupation>>,
    /// The stirs of the seats before this one, and one for each.
    stirs: AtomicU64,
}

/// Opens the store in a folder, shared with other processes of the same user, and
/// with other users' as guests where it is shared with them.
///
/// # Errors
/// As [`super::open()`]; [`StoreError::Busy`] where another process has it and
/// serves nobody in time, with its number and terminal.
pub fn join(path: &Path, mut options: JoinOptions) -> Result<Arc<dyn Store>, StoreError> {
    let JoinOptions { open, login, what, screen } = &mut options;
    if (open.readonly || !open.create) && !path.is_dir() {
        return Err(StoreError::Invalid(format!("there is no store in {}", path.display())));
    }
    let doing = identity::of_this_process(login, what);
    let terms = Terms::of(open);
    let progress = open.progress.take();
    let owner = other_owner(path);
    let seat: Arc<Seat> = match owner {
        Some(owner) => Arc::new(visiting::visit(path, owner, terms, &doing)?),
        None => match election::find(path, terms, &doing, progress)? {
            Elected::Seat(seat) => Arc::from(seat),
            Elected::Alone(store) => return Ok(store),
        },
    };
    let (seq, definitions) = (seat.store().seq(), seat.store().definitions());
    Ok(Arc::new(Joined {
        path: path.to_owned(),
        owner,
        folder: Folder::at(path),
        terms,
        readonly: open.readonly,
        screen: *screen,
        doing,
        seat: RwLock::new(Some(seat)),
        seeking: Mutex::new(()),
        aside: Mutex::new(false),
        back: Condvar::new(),
        closed: AtomicBool::new(false),
        commits: AtomicU64::new(0),
        seen: AtomicU64::new(seq),
        definitions: Mutex::new(definitions),
        at: Mutex::new(None),
        stirs: AtomicU64::new(0),
    }))
}

fn guarded<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn closed() -> StoreError {
    StoreError::Invalid("the store was closed".to_owned())
}

impl Joined {
    fn standing(&self) -> Option<Arc<Seat>> {
        self.seat.read().unwrap_or_else(PoisonError::into_inner).clone().filter(|seat| !seat.is_over())
    }

    fn put(&self, seat: Option<Arc<Seat>>) -> Option<Arc<Seat>> {
        std::mem::replace(&mut *self.seat.write().unwrap_or_else(PoisonError::into_inner), seat)
    }

    /// Leaves the seat, if there is one.
    fn vacate(&self) -> bool {
        let Some(seat) = self.put(None) else { return false };
        self.stirs.fetch_add(seat.stirs() + 1, Ordering::AcqRel);
        // What was acknowledged is durable; leaving badly loses nothing.
        let _ = seat.leave();
        true
    }

    /// Returns the seat that stands, or finds the next one.
    fn seat(&self) -> Result<Arc<Seat>, StoreError> {
        if let Some(seat) = self.standing() {
            return Ok(seat);
        }
        let _seeking = guarded(&self.seeking);
        let mut aside = guarded(&self.aside);
        while *aside {
            aside = self.back.wait(aside).unwrap_or_else(PoisonError::into_inner);
        }
        drop(aside);
        if self.closed.load(Ordering::Acquire) {
            return Err(closed());
        }
        // Somebody else may have found it meanwhile.
        if let Some(seat) = self.standing() {
            return Ok(seat);
        }
        if self.vacate() && !self.screen {
            std::thread::sleep(STAND_BACK);
        }
        // Whoever takes a lock makes a store where none is: never in the place of this one.
        if Folder::at(&self.path) != self.folder {
            return Err(StoreError::Gone(self.path.display().to_string()));
        }
        let seat: Arc<Seat> = match self.owner {
            Some(owner) => Arc::new(visiting::visit(&self.path, owner, self.terms, &self.doing)?),
            None => match election::find(&self.path, self.terms, &self.doing, None)? {
                Elected::Seat(seat) => Arc::from(seat),
                Elected::Alone(_) => return Err(StoreError::ReadOnly(format!("the folder {} is read-only", self.path.display()))),
            },
        };
        if let Some(at) = *guarded(&self.at) {
            seat.be_at(Some(at));
        }
        self.put(Some(Arc::clone(&seat)));
        Ok(seat)
    }

    /// Makes a call, again on the next seat where this one is over.
    fn call<T>(&self, call: impl Fn(&dyn Store) -> Result<T, StoreError>) -> Result<T, StoreError> {
        loop {
            if self.closed.load(Ordering::Acquire) {
                return Err(closed());
            }
            let seat = self.seat()?;
            match call(seat.store()) {
                Err(_) if seat.is_over() => {}
                answer => {
                    self.seen.fetch_max(seat.store().seq(), Ordering::AcqRel);
                    return answer;
                }
            }
        }
    }

    /// Returns a key that no other commit has.
    fn key(&self) -> String {
        format!("{:016x}/{}", self.doing.session, self.commits.fetch_add(1, Ordering::Relaxed))
    }
}

impl Store for Joined {
    fn query(&self, request: &PageRequest) -> Result<Page, StoreError> {
        self.call(|store| store.query(request))
    }

    fn get(&self, ids: &[RecordId]) -> Result<Vec<Option<Arc<Record>>>, StoreError> {
        self.call(|store| store.get(ids))
    }

    fn rollups(&self, ids: &[RecordId]) -> Result<Vec<Rollup>, StoreError> {
        self.call(|store| store.rollups(ids))
    }

    fn lookup(&self, kind: Kind, field: FieldNumber, key: &[u8], limit: usize) -> Result<Vec<RecordId>, StoreError> {
        self.call(|store| store.lookup(kind, field, key, limit))
    }

    fn linking(&self, to: RecordId, from: Option<Kind>, limit: usize) -> Result<Vec<(RecordId, FieldNumber)>, StoreError> {
        self.call(|store| store.linking(to, from, limit))
    }

    fn commit(&self, mut commit: Commit) -> Result<Committed, StoreError> {
        if self.readonly {
            return Err(StoreError::ReadOnly("it was opened for reading only".to_owned()));
        }
        commit.key.get_or_insert_with(|| self.key());
        self.call(|store| store.commit(commit.clone()))
    }

    fn seq(&self) -> u64 {
        if let Some(seat) = self.standing() {
            self.seen.fetch_max(seat.store().seq(), Ordering::AcqRel);
        }
        self.seen.load(Ordering::Acquire)
    }

    fn definitions(&self) -> Arc<Definitions> {
        if let Some(seat) = self.standing() {
            let read = seat.store().definitions();
            // A seat that ended meanwhile may not have known them.
            if !seat.is_over() {
                guarded(&self.definitions).clone_from(&read);
                return read;
            }
        }
        Arc::clone(&guarded(&self.definitions))
    }

    fn changes_since(&self, seq: u64, limit: usize) -> Result<Changes, StoreError> {
        self.call(|store| store.changes_since(seq, limit))
    }

    fn wait_for_change(&self, seq: u64, timeout: Duration) -> u64 {
        let until = Instant::now().checked_add(timeout);
        loop {
            let left = until.map_or(timeout, |until| until.saturating_duration_since(Instant::now()));
            match self.seat() {
                Ok(seat) => {
                    let now = seat.store().wait_for_change(seq, left);
                    self.seen.fetch_max(now, Ordering::AcqRel);
                    if now > seq || !seat.is_over() {
                        return now;
                    }
                }
                // Nobody serves just now: what is known stands.
                Err(_) if self.closed.load(Ordering::Acquire) => return self.seen.load(Ordering::Acquire),
                Err(_) => std::thread::sleep(STAND_BACK.min(left)),
            }
            if left.is_zero() {
                return self.seen.load(Ordering::Acquire);
            }
        }
    }

    fn history(&self, id: RecordId, limit: usize) -> Result<Vec<Version>, StoreError> {
        self.call(|store| store.history(id, limit))
    }

    fn as_of(&self, id: RecordId, seq: u64) -> Result<Option<Arc<Record>>, StoreError> {
        self.call(|store| store.as_of(id, seq))
    }

    fn seq_at(&self, at: Timestamp) -> Result<u64, StoreError> {
        self.call(|store| store.seq_at(at))
    }

    fn steps(&self, before: Option<u64>, limit: usize) -> Result<Vec<StepInfo>, StoreError> {
        self.call(|store| store.steps(before, limit))
    }

    fn commits_of(&self, step: u64) -> Result<Vec<CommitInfo>, StoreError> {
        self.call(|store| store.commits_of(step))
    }

    fn committed(&self, key: &str) -> Result<Option<Committed>, StoreError> {
        self.call(|store| store.committed(key))
    }

    fn file_length(&self, hash: &FileHash) -> Result<Option<u64>, StoreError> {
        self.call(|store| store.file_length(hash))
    }

    fn keep_file(&self, facts: &FileFacts, content: &dyn Content) -> Result<(), StoreError> {
        if self.readonly {
            return Err(StoreError::ReadOnly("it was opened for reading only".to_owned()));
        }
        self.call(|store| store.keep_file(facts, content))
    }

    fn read_file(&self, hash: &FileHash, offset: u64, most: usize) -> Result<Option<Vec<u8>>, StoreError> {
        self.call(|store| store.read_file(hash, offset, most))
    }

    fn forget(&self, forget: &Forget) -> Result<Forgotten, StoreError> {
        if self.readonly {
            return Err(StoreError::ReadOnly("it was opened for reading only".to_owned()));
        }
        self.call(|store| store.forget(forget))
    }

    fn check(&self, repair: bool, progress: &mut dyn FnMut(u64, u64)) -> Result<Check, StoreError> {
        if repair && self.readonly {
            return Err(StoreError::ReadOnly("it was opened for reading only".to_owned()));
        }
        let progress = std::cell::RefCell::new(progress);
        self.call(|store| store.check(repair, &mut |done, total| (*progress.borrow_mut())(done, total)))
    }

    fn stats(&self) -> Result<Stats, StoreError> {
        self.call(|store| store.stats())
    }

    fn notices(&self) -> Vec<String> {
        self.standing().map_or_else(Vec::new, |seat| seat.store().notices())
    }

    fn close(&self) -> Result<(), StoreError> {
        self.closed.store(true, Ordering::Release);
        self.come_back();
        match self.put(None) {
            Some(seat) => seat.leave(),
            None => Ok(()),
        }
    }

    fn part(&self) -> Part {
        self.standing().map_or(Part::Alone, |seat| seat.part())
    }

    fn sessions(&self) -> Result<Vec<SessionInfo>, StoreError> {
        loop {
            let seat = self.seat()?;
            match seat.sessions() {
                Err(_) if seat.is_over() => {}
                answer => return answer,
            }
        }
    }

    fn be_at(&self, at: Option<Occupation>) {
        *guarded(&self.at) = at;
        if let Some(seat) = self.standing() {
            seat.be_at(at);
        }
    }

    fn stirs(&self) -> u64 {
        self.stirs.load(Ordering::Acquire) + self.standing().map_or(0, |seat| seat.stirs())
    }

    fn wait_for_stir(&self, seen: u64, timeout: Duration) -> u64 {
        let until = Instant::now().checked_add(timeout);
        loop {
            let before = self.stirs.load(Ordering::Acquire);
            let left = until.map_or(timeout, |until| until.saturating_duration_since(Instant::now()));
            match self.seat() {
                Ok(seat) if before == self.stirs.load(Ordering::Acquire) => {
                    seat.wait_for_stir(seen.saturating_sub(before), left);
                }
                Ok(_) => {}
                Err(_) if self.closed.load(Ordering::Acquire) => return seen,
                Err(_) => std::thread::sleep(STAND_BACK.min(left)),
            }
            let now = self.stirs();
            if now > seen || left.is_zero() || self.closed.load(Ordering::Acquire) {
                return now;
            }
        }
    }

    fn step_aside(&self) {
        // Without guests nobody waits for it.
        if matches!(self.part(), Part::Host { guests: 1.. }) {
            *guarded(&self.aside) = true;
            self.vacate();
        }
    }

    fn come_back(&self) {
        *guarded(&self.aside) = false;
        self.back.notify_all();
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        // Nobody is left to be told.
        let _ = self.close();
    }
}
