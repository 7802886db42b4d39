//! The guest: a store that another process holds, by the calls over its socket.
//!
//! Each call takes a connection of its own for as long as it lasts, so that a long
//! one delays no other; a few are kept for the next calls. One more is told of
//! changes. When a connection ends, the host is gone: [`Guest::is_gone`], and
//! whoever has the guest looks for the next host. A host that is there and does
//! not answer (it was stopped, say) is waited for, and then named.
//!
//! This module must not know how a host is chosen.

mod line;
mod tide;

use std::io::Read;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

pub(super) use self::line::NoHost;
use self::line::{Line, Lost};
use self::tide::Tide;
use super::StoreError;
use super::api::{
    Changes, Check, Commit, CommitInfo, Committed, Forget, Forgotten, MAX_COMMIT_BYTES, Occupation, Page, PageRequest, Part, SessionInfo,
    Stats, StepInfo, Store, Trash, Version, View,
};
use super::engine::definitions_of;
use super::files::{Content, FileError, FileFacts};
use super::wire::{Answer, Doing, FILE_PIECE, MAX_IDS, MAX_REQUEST, PageAsked, Purpose, Reply, Request, WITH_FILES, WireError, encode};
use crate::domain::{Definitions, FieldNumber, FileHash, Kind, Record, RecordId, Rollup, Timestamp};

/// How many connections are kept between calls.
const KEPT: usize = 4;
/// How long a guest waits for a change that it may not be told of.
const UNTOLD: Duration = Duration::from_secs(1);
/// How many ids are asked for at once.
const IDS: usize = 1_000;

/// The host as the lock names it.
#[derive(Debug, Clone)]
pub(super) struct Address {
    /// Where the store lies, for people.
    pub(super) store: String,
    /// The socket.
    pub(super) socket: PathBuf,
    /// The host's process.
    pub(super) pid: u32,
    /// The host's process and terminal, for people.
    pub(super) named: String,
}

/// See the module.
pub(super) struct Guest {
    address: Address,
    doing: Doing,
    /// How long a host that does not answer is waited for.
    patience: Duration,
    free: Mutex<Vec<Line>>,
    tide: Arc<Tide>,
    watcher: Mutex<Option<Arc<std::os::unix::net::UnixStream>>>,
    definitions: Mutex<Option<(u64, Arc<Definitions>)>>,
    /// How much there was to tell before: that was told to whom opened the store.
    notices: u64,
    protocol: u16,
    closed: AtomicBool,
}

fn guarded<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Guest {
    /// Connects to a host, and waits until it serves.
    pub(super) fn connect(address: Address, doing: Doing, connecting: Duration, patience: Duration) -> Result<Self, NoHost> {
        let (line, told) = Line::open(&address, &doing, Purpose::Work, connecting)?;
        Ok(Self {
            address,
            doing,
            patience,
            free: Mutex::new(vec![line]),
            tide: Arc::new(Tide::new(told.seq, told.definitions)),
            watcher: Mutex::new(None),
            definitions: Mutex::new(None),
            notices: told.notices,
            protocol: told.protocol,
            closed: AtomicBool::new(false),
        })
    }

    /// Returns whether the host is gone: another one is to be looked for.
    pub(super) fn is_gone(&self) -> bool {
        self.tide.is_out()
    }

    fn line(&self) -> Result<Line, StoreError> {
        if self.closed.load(Ordering::Acquire) {
            return Err(StoreError::Invalid("the store was closed".to_owned()));
        }
        if let Some(line) = guarded(&self.free).pop() {
            return Ok(line);
        }
        match Line::open(&self.address, &self.doing, Purpose::Work, self.patience) {
            Ok((line, told)) => {
                self.tide.rise(told.seq, told.definitions);
                Ok(line)
            }
            Err(NoHost::Silent) => Err(self.silent()),
            Err(NoHost::Refused(why)) => Err(StoreError::Busy(why)),
            Err(NoHost::Barred(why)) => Err(StoreError::NotPermitted(why)),
            Err(NoHost::Gone) => Err(self.gone()),
        }
    }

    fn gone(&self) -> StoreError {
        self.tide.ebb();
        StoreError::Busy(format!("{}: {} has gone", self.address.store, self.address.named))
    }

    fn silent(&self) -> StoreError {
        let address = &self.address;
        if super::lock::is_stopped(address.pid) {
            return StoreError::Busy(format!("{} is served by {}, which is stopped", address.store, address.named));
        }
        StoreError::Busy(format!("{} is served by {}, which does not answer", address.store, address.named))
    }

    /// Asks, and returns the answer; what comes before it goes to `told`.
    fn ask_telling(&self, request: &Request, told: &mut dyn FnMut(u64, u64)) -> Result<Answer, StoreError> {
        let mut line = self.line()?;
        let answer = self.ask_on(&mut line, request, told)?;
        self.free(line);
        answer
    }

    /// Keeps a connection for the next calls.
    fn free(&self, line: Line) {
        let mut free = guarded(&self.free);
        if free.len() < KEPT {
            free.push(line);
        }
    }

    /// Asks on a connection. The outer error is the connection's, which is of no
    /// more use then; the inner one is what the host answered.
    fn ask_on(&self, line: &mut Line, request: &Request, told: &mut dyn FnMut(u64, u64)) -> Result<Result<Answer, StoreError>, StoreError> {
        let frame = encode(request, MAX_REQUEST).map_err(|error| match error {
            WireError::TooLong { length, .. } => too_large(length),
            other => StoreError::Invalid(other.to_string()),
        })?;
        let reply = line.ask(&frame, self.patience, &mut |done, total| told(done, total), &mut || self.answers());
        match reply {
            Ok(Reply { seq, definitions, answer }) => {
                self.tide.rise(seq, definitions);
                Ok(match answer {
                    Answer::Failed(error) => Err(error),
                    answer => Ok(answer),
                })
            }
            Err(Lost::Gone) => Err(self.gone()),
            Err(Lost::Silent) => Err(match (self.silent(), request) {
                // It may have read it before it fell silent.
                (StoreError::Busy(why), Request::Commit(_)) => {
                    StoreError::Busy(format!("{why}; whether the change was made shows when it goes on"))
                }
                (error, _) => error,
            }),
        }
    }

    /// Returns whether the host answers somebody who comes new.
    fn answers(&self) -> bool {
        match Line::open(&self.address, &self.doing, Purpose::Probe, Duration::ZERO) {
            Ok(_) | Err(NoHost::Refused(_) | NoHost::Barred(_)) => true,
            Err(NoHost::Silent | NoHost::Gone) => false,
        }
    }

    /// Returns a connection to a host that knows of files.
    fn line_for_files(&self) -> Result<Line, StoreError> {
        let line = self.line()?;
        if line.protocol < WITH_FILES {
            let Address { store, named, .. } = &self.address;
            return Err(StoreError::Busy(format!(
                "{store} is served by {named}, an older version of rolo that keeps no files: close that one"
            )));
        }
        Ok(line)
    }

    fn ask_of_files(&self, request: &Request) -> Result<Answer, StoreError> {
        let mut line = self.line_for_files()?;
        let answer = self.ask_on(&mut line, request, &mut |_, _| {})?;
        self.free(line);
        answer
    }

    /// Sends a content as the host asks for its pieces.
    fn send_file(&self, line: &mut Line, facts: &FileFacts, content: &dyn Content) -> Result<Result<(), StoreError>, StoreError> {
        let mut source = content.open().map_err(FileError::Source)?;
        let mut request = Request::KeepFile { hash: facts.hash, size: facts.size };
        let mut sent = 0;
        loop {
            match self.ask_on(line, &request, &mut |_, _| {})? {
                Ok(Answer::FileKept) => return Ok(Ok(())),
                Ok(Answer::FileWanted) => {}
                Ok(_) => return Err(strange()),
                Err(error) => return Ok(Err(error)),
            }
            let mut piece = Vec::with_capacity(FILE_PIECE);
            (&mut source).take(FILE_PIECE as u64).read_to_end(&mut piece).map_err(FileError::Source)?;
            sent += piece.len() as u64;
            // The connection is given up, since the host waits for more.
            if piece.is_empty() || sent > facts.size {
                return Err(FileError::Changed.into());
            }
            request = Request::FilePiece(piece);
        }
    }

    fn ask(&self, request: &Request) -> Result<Answer, StoreError> {
        self.ask_telling(request, &mut |_, _| {})
    }

    /// Has changes told on a connection of its own, once; returns whether they are.
    fn watch(&self) -> bool {
        let mut watcher = guarded(&self.watcher);
        if watcher.is_some() || self.is_gone() {
            return true;
        }
        let Ok(line) = self.line() else { return false };
        let Ok((stream, mut changes)) = line.watch(self.tide.seq()) else {
            self.tide.ebb();
            return false;
        };
        *watcher = Some(stream);
        let tide = Arc::clone(&self.tide);
        let spawned = thread::Builder::new().name("tide".to_owned()).spawn(move || {
            while let Some(reply) = changes() {
                tide.rise(reply.seq, reply.definitions);
                if matches!(reply.answer, Answer::Stirred) {
                    tide.stir();
                }
            }
            tide.ebb();
        });
        spawned.is_ok()
    }
}

fn too_large(bytes: usize) -> StoreError {
    StoreError::TooLarge(format!("a commit of {bytes} bytes is too large, {MAX_COMMIT_BYTES} are allowed"))
}

/// A host that answers something else than was asked is of no use.
fn strange() -> StoreError {
    StoreError::Io("the host answered something that was not asked".to_owned())
}

/// Returns the answer of the kind that belongs to the request.
macro_rules! answered {
    ($asked:expr, $answer:ident) => {
        match $asked? {
            Answer::$answer(answer) => Ok(answer),
            _ => Err(strange()),
        }
    };
}

fn number(limit: usize) -> u64 {
    limit as u64
}

impl Store for Guest {
    fn query(&self, request: &PageRequest) -> Result<Page, StoreError> {
        let sort: Vec<String> = request.sort.iter().map(ToString::to_string).collect();
        let mut asked = PageAsked {
            kind: request.kind,
            query: request.query.as_ref().map(ToString::to_string),
            sort: sort.join(","),
            after: request.after.clone(),
            offset: number(request.offset),
            limit: number(request.limit),
            records: request.records,
            total: request.total,
            trash: request.trash,
            at_least: request.at_least,
            view: request.view.clone(),
        };
        let mut page: Page = answered!(self.ask(&Request::Query(Box::new(asked.clone()))), Page)?.into();
        // The host gives as much as it likes at once.
        (asked.offset, asked.total) = (0, false);
        while page.ids.len() < request.limit && page.next.is_some() {
            asked.after = page.next.take();
            asked.limit = number(request.limit - page.ids.len());
            let more: Page = answered!(self.ask(&Request::Query(Box::new(asked.clone()))), Page)?.into();
            page.ids.extend(more.ids);
            page.records.extend(more.records);
            page.next = more.next;
            if page.total.is_none() {
                page.unpriced += more.unpriced;
            }
        }
        Ok(page)
    }

    fn get(&self, ids: &[RecordId]) -> Result<Vec<Option<Arc<Record>>>, StoreError> {
        let mut found = Vec::with_capacity(ids.len());
        while found.len() < ids.len() {
            let rest = &ids[found.len()..];
            let some = answered!(self.ask(&Request::Get(rest[..rest.len().min(IDS)].to_vec())), Records)?;
            if some.is_empty() || some.len() > rest.len() {
                return Err(strange());
            }
            found.extend(some.into_iter().map(|record| record.map(|record| record.0)));
        }
        Ok(found)
    }

    fn rollups(&self, ids: &[RecordId]) -> Result<Vec<Rollup>, StoreError> {
        let mut found = Vec::with_capacity(ids.len());
        for some in ids.chunks(IDS.min(MAX_IDS)) {
            let rollups = answered!(self.ask(&Request::Rollups(some.to_vec())), Rollups)?;
            if rollups.len() != some.len() {
                return Err(strange());
            }
            found.extend(rollups);
        }
        Ok(found)
    }

    fn lookup(&self, kind: Kind, field: FieldNumber, key: &[u8], limit: usize) -> Result<Vec<RecordId>, StoreError> {
        answered!(self.ask(&Request::Lookup { kind, field, key: key.to_vec(), limit: number(limit) }), Ids)
    }

    fn linking(&self, to: RecordId, from: Option<Kind>, limit: usize) -> Result<Vec<(RecordId, FieldNumber)>, StoreError> {
        answered!(self.ask(&Request::Linking { to, from, limit: number(limit) }), Linking)
    }

    fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        let changes = commit.changes.len();
        let asked = Box::new(commit.into());
        let asked: Box<super::wire::CommitAsked> = asked;
        if asked.is_beyond_reading() {
            return Err(StoreError::TooLarge(format!("{changes} changes in one commit are too many")));
        }
        answered!(self.ask(&Request::Commit(asked)), Committed)
    }

    fn seq(&self) -> u64 {
        self.tide.seq()
    }

    fn definitions(&self) -> Arc<Definitions> {
        let standing = self.tide.definitions();
        if let Some((number, definitions)) = &*guarded(&self.definitions)
            && *number == standing
        {
            return Arc::clone(definitions);
        }
        let all = PageRequest {
            kind: Kind::Definition,
            query: None,
            sort: Vec::new(),
            after: None,
            offset: 0,
            limit: usize::MAX,
            records: true,
            total: false,
            trash: Trash::Without,
            at_least: None,
            view: View { now: Timestamp::EPOCH, login: String::new() },
        };
        let read = self.query(&all);
        let mut known = guarded(&self.definitions);
        match read {
            Ok(page) => {
                let (definitions, _) = definitions_of(&page.records);
                *known = Some((standing, Arc::clone(&definitions)));
                definitions
            }
            // What is known is better than nothing, until the next host answers.
            Err(_) => known.as_ref().map_or_else(|| definitions_of(&[]).0, |(_, definitions)| Arc::clone(definitions)),
        }
    }

    fn changes_since(&self, seq: u64, limit: usize) -> Result<Changes, StoreError> {
        let (mut seq, mut found) = (seq, Vec::new());
        while found.len() < limit {
            let Some(some) = answered!(self.ask(&Request::ChangesSince { seq, limit: number(limit - found.len()) }), Changes)? else {
                return Ok(Changes::Resync);
            };
            let Some(last) = some.last() else { break };
            seq = last.seq;
            found.extend(some);
        }
        Ok(Changes::Commits(found))
    }

    fn wait_for_change(&self, seq: u64, timeout: Duration) -> u64 {
        let told = self.watch();
        self.tide.wait(seq, if told { timeout } else { timeout.min(UNTOLD) })
    }

    fn history(&self, id: RecordId, limit: usize) -> Result<Vec<Version>, StoreError> {
        let mut found: Vec<Version> = Vec::new();
        while found.len() < limit {
            let asked = Request::History { id, offset: number(found.len()), limit: number(limit - found.len()) };
            let some = answered!(self.ask(&asked), Versions)?;
            if some.is_empty() {
                break;
            }
            found.extend(some.into_iter().map(Version::from));
        }
        Ok(found)
    }

    fn as_of(&self, id: RecordId, seq: u64) -> Result<Option<Arc<Record>>, StoreError> {
        Ok(answered!(self.ask(&Request::AsOf { id, seq }), Record)?.map(|record| record.0))
    }

    fn seq_at(&self, at: Timestamp) -> Result<u64, StoreError> {
        answered!(self.ask(&Request::SeqAt(at)), Seq)
    }

    fn steps(&self, before: Option<u64>, limit: usize) -> Result<Vec<StepInfo>, StoreError> {
        let (mut before, mut found) = (before, Vec::new());
        while found.len() < limit {
            let some = answered!(self.ask(&Request::Steps { before, limit: number(limit - found.len()) }), Steps)?;
            let Some(last) = some.last() else { break };
            before = Some(last.step);
            found.extend(some);
        }
        Ok(found)
    }

    fn commits_of(&self, step: u64) -> Result<Vec<CommitInfo>, StoreError> {
        answered!(self.ask(&Request::CommitsOf(step)), Commits)
    }

    fn committed(&self, key: &str) -> Result<Option<Committed>, StoreError> {
        answered!(self.ask(&Request::Committed(key.to_owned())), Before)
    }

    fn file_length(&self, hash: &FileHash) -> Result<Option<u64>, StoreError> {
        answered!(self.ask_of_files(&Request::FileLength(*hash)), FileLength)
    }

    fn keep_file(&self, facts: &FileFacts, content: &dyn Content) -> Result<(), StoreError> {
        let mut line = self.line_for_files()?;
        let kept = self.send_file(&mut line, facts, content)?;
        self.free(line);
        kept
    }

    fn read_file(&self, hash: &FileHash, offset: u64, most: usize) -> Result<Option<Vec<u8>>, StoreError> {
        answered!(self.ask_of_files(&Request::ReadFile { hash: *hash, offset, most: number(most) }), FileBytes)
    }

    fn forget(&self, forget: &Forget) -> Result<Forgotten, StoreError> {
        answered!(self.ask_of_files(&Request::Forget(Box::new(forget.clone()))), Forgotten)
    }

    fn check(&self, repair: bool, progress: &mut dyn FnMut(u64, u64)) -> Result<Check, StoreError> {
        answered!(self.ask_telling(&Request::Check { repair }, progress), Check)
    }

    fn stats(&self) -> Result<Stats, StoreError> {
        answered!(self.ask(&Request::Stats), Stats)
    }

    fn notices(&self) -> Vec<String> {
        // They are for people: without an answer there are none.
        match self.ask(&Request::Notices { from: self.notices }) {
            Ok(Answer::Notices(notices)) => notices,
            _ => Vec::new(),
        }
    }

    fn close(&self) -> Result<(), StoreError> {
        self.closed.store(true, Ordering::Release);
        guarded(&self.free).clear();
        if let Some(watcher) = guarded(&self.watcher).take() {
            let _ = watcher.shutdown(std::net::Shutdown::Both);
        }
        self.tide.ebb();
        Ok(())
    }

    fn part(&self) -> Part {
        Part::Guest { of: self.address.pid }
    }

    fn sessions(&self) -> Result<Vec<SessionInfo>, StoreError> {
        if self.protocol < 2 {
            return Ok(answered!(self.ask(&Request::Sessions), Sessions)?.into_iter().map(Into::into).collect());
        }
        Ok(answered!(self.ask(&Request::Present), Present)?.into_iter().map(Into::into).collect())
    }

    fn be_at(&self, at: Option<Occupation>) {
        if self.protocol >= 2 {
            // It is for people; whoever hosts next is told anew.
            let _ = self.ask(&Request::BeAt(at));
        }
    }

    fn stirs(&self) -> u64 {
        self.tide.stirs()
    }

    fn wait_for_stir(&self, seen: u64, timeout: Duration) -> u64 {
        let told = self.watch();
        self.tide.wait_for_stir(seen, if told { timeout } else { timeout.min(UNTOLD) })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let _ = self.close();
    }
}
