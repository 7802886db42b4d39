//! The engine: a log, an image and one writing thread behind the trait `Store`.
//!
//! The log is the truth: a commit is acknowledged when its frame is synced. The
//! image answers questions and can be made again from the log at any time. What
//! they lie on is handed in as a [`Foundation`], so that the store in memory, the
//! store in a folder and the stores of the fault tests are one and the same code.
//!
//! The rooms inside: `content` (what stands in a frame), `keys` (what stands in
//! the image), `view` (reading both), `admit` (whether a commit may be made),
//! `apply` (what it does to the image), `projection` (an image brought forward), `writer`, `core` (what readers
//! and writer share), `opening`, `pages` (queries), `past` (history), `check`.

mod admit;
mod apply;
mod check;
mod content;
mod core;
mod derived;
mod documents;
mod eyes;
mod fault;
mod finding;
mod forgetting;
mod images;
mod keys;
mod known;
mod opening;
mod pages;
mod past;
mod permits;
mod projection;
mod rollups;
mod said;
mod salvage;
mod sorted_rows;
mod tallies;
mod view;
mod walking;
mod writer;

use std::sync::mpsc::{Sender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub(in crate::store) use derived::definitions as definitions_of;
pub(in crate::store) use fault::told as log_told;
pub use images::{Images, MemoryImages};
pub use opening::{Foundation, MEMORY, OnProgress, Stage};
pub(in crate::store) use permits::Role;

use self::core::Core;
use self::fault::Fault;
use self::opening::Ahead;
use self::sorted_rows::SortedRows;
use self::writer::{Ask, Asked, Writer};
use super::StoreError;
use super::api::{Changes, Check, Commit, CommitInfo, Committed, Forget, Forgotten, Page, PageRequest, Stats, StepInfo, Store, Version};
use super::files::{Content, FileError, FileFacts, Files, LONGEST_FILE, too_long};
use super::image::ImageLost;
use crate::domain::Definitions;
use crate::domain::Rollup;
use crate::domain::fields::number;
use crate::domain::{FieldNumber, FileHash, KINDS, Kind, Record, RecordId, Timestamp};

/// How long a call waits for a commit that it was told of.
const AT_LEAST_WAIT: Duration = Duration::from_secs(30);

/// A store that is open.
pub struct Engine {
    core: Arc<Core>,
    asks: Mutex<Option<Sender<Ask>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    ahead: Mutex<Option<Ahead>>,
    sorted: SortedRows,
    files: Arc<dyn Files>,
    path: String,
    backend: &'static str,
}

impl Engine {
    fn start(
        core: Arc<Core>,
        writer: Writer,
        ahead: Option<Ahead>,
        files: Arc<dyn Files>,
        path: String,
        backend: &'static str,
    ) -> Result<Self, StoreError> {
        let (asks, asked) = channel();
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer.run(&asked))
            .map_err(|error| StoreError::Io(format!("no thread to write with: {error}")))?;
        Ok(Self {
            core,
            asks: Mutex::new(Some(asks)),
            thread: Mutex::new(Some(thread)),
            ahead: Mutex::new(ahead),
            sorted: SortedRows::default(),
            files,
            path,
            backend,
        })
    }

    /// Returns why nothing can be written, if so.
    pub(in crate::store) fn refusal(&self) -> Option<StoreError> {
        self.core.refusal()
    }

    /// Makes a commit for another user of the system, as far as the role allows.
    pub(in crate::store) fn commit_by(&self, commit: Commit, login: &str) -> Result<Committed, StoreError> {
        self.commit_for(commit, Some(login.to_owned()))
    }

    fn commit_for(&self, commit: Commit, by: Option<String>) -> Result<Committed, StoreError> {
        let (reply, answer) = sync_channel(1);
        self.ask(Ask::Commit(Box::new(Asked { commit, by }), reply))?;
        answer.recv().map_err(|_| self.silence())?
    }

    /// Returns the role of another user of the system.
    ///
    /// # Errors
    /// [`StoreError::NotPermitted`] for one who does not work here any more.
    pub(in crate::store) fn role_of(&self, login: &str) -> Result<Role, StoreError> {
        let ids = self.lookup(Kind::User, number::LOGIN, &permits::login_key(login), permits::ALIKE)?;
        permits::role(login, self.get(&ids)?.iter().flatten().map(|user| &**user))
    }

    /// Returns why nobody answers.
    fn silence(&self) -> StoreError {
        if self.core.is_closed() {
            StoreError::Invalid("the store was closed".to_owned())
        } else {
            StoreError::Unknown("the thread that writes has ended".to_owned())
        }
    }

    fn ask(&self, ask: Ask) -> Result<(), StoreError> {
        let asks = self.asks.lock().unwrap_or_else(PoisonError::into_inner);
        asks.as_ref().ok_or_else(|| self.silence())?.send(ask).map_err(|_| self.silence())
    }

    fn salvage(&self, ahead: Ahead) -> Result<Vec<String>, StoreError> {
        self.alone(|writer| salvage::salvage(writer, ahead))?.map_err(|(error, ahead)| {
            *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) = Some(ahead);
            error
        })
    }

    /// Has a job done by the writer, which has the log for itself meanwhile.
    fn alone<T: Send + 'static>(&self, job: impl FnOnce(&mut Writer) -> T + Send + 'static) -> Result<T, StoreError> {
        let (reply, answer) = sync_channel(1);
        self.ask(Ask::Alone(Box::new(move |writer| {
            // Who asked may have given up waiting.
            let _ = reply.send(job(writer));
        })))?;
        answer.recv().map_err(|_| self.silence())
    }
}

impl Store for Engine {
    fn query(&self, request: &PageRequest) -> Result<Page, StoreError> {
        if let Some(seq) = request.at_least
            && self.core.wait_for(seq, AT_LEAST_WAIT) < seq
        {
            return Err(StoreError::Busy(format!("commit {seq} is not here yet")));
        }
        let definitions = self.core.definitions();
        self.core.read(|slot| pages::page(slot, &definitions, &self.sorted, request))
    }

    fn get(&self, ids: &[RecordId]) -> Result<Vec<Option<Arc<Record>>>, StoreError> {
        self.core.read(|slot| slot.view().records(ids))
    }

    fn rollups(&self, ids: &[RecordId]) -> Result<Vec<Rollup>, StoreError> {
        self.core.read(|slot| rollups::read(slot.view(), ids))
    }

    fn lookup(&self, kind: Kind, field: FieldNumber, key: &[u8], limit: usize) -> Result<Vec<RecordId>, StoreError> {
        self.core.read(|slot| slot.view().lookup(kind, field, key, limit))
    }

    fn linking(&self, to: RecordId, from: Option<Kind>, limit: usize) -> Result<Vec<(RecordId, FieldNumber)>, StoreError> {
        self.core.read(|slot| {
            let view = slot.view();
            // Where all are wanted one look finds them; else each kind has its newest.
            let mut found = if from.is_none() && limit == usize::MAX { view.all_linking(to)? } else { Vec::new() };
            for info in KINDS.iter().filter(|info| from.map_or(limit < usize::MAX, |kind| kind == info.kind)) {
                if slot.projection.tallies.kind(info.kind).live > 0 {
                    found.extend(view.linking(to, info.kind, limit)?);
                }
            }
            found.sort_by(|a, b| b.cmp(a));
            found.truncate(limit);
            Ok(found.into_iter().map(|(_, id, field)| (id, field)).collect())
        })
    }

    fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        self.commit_for(commit, None)
    }

    fn seq(&self) -> u64 {
        self.core.seq()
    }

    fn definitions(&self) -> Arc<Definitions> {
        self.core.definitions()
    }

    fn changes_since(&self, seq: u64, limit: usize) -> Result<Changes, StoreError> {
        self.core.read(|slot| past::changes_since(slot, seq, limit))
    }

    fn wait_for_change(&self, seq: u64, timeout: Duration) -> u64 {
        self.core.wait_for(seq.saturating_add(1), timeout)
    }

    fn history(&self, id: RecordId, limit: usize) -> Result<Vec<Version>, StoreError> {
        self.core.read(|slot| past::history(slot.view(), id, limit))
    }

    fn as_of(&self, id: RecordId, seq: u64) -> Result<Option<Arc<Record>>, StoreError> {
        self.core.read(|slot| {
            let view = slot.view();
            match view.entry_at(id, seq)? {
                Some(entry) => view.record(id, &entry),
                None => Ok(None),
            }
        })
    }

    fn seq_at(&self, at: Timestamp) -> Result<u64, StoreError> {
        self.core.read(|slot| past::seq_at(slot.view(), at))
    }

    fn steps(&self, before: Option<u64>, limit: usize) -> Result<Vec<StepInfo>, StoreError> {
        self.core.read(|slot| past::steps(slot.view(), before, limit))
    }

    fn commits_of(&self, step: u64) -> Result<Vec<CommitInfo>, StoreError> {
        self.core.read(|slot| past::commits_of(slot.view(), step))
    }

    fn committed(&self, key: &str) -> Result<Option<Committed>, StoreError> {
        self.core.read(|slot| Ok(admit::answered(slot.view(), key)?.map(|(_, answer)| answer)))
    }

    fn file_length(&self, hash: &FileHash) -> Result<Option<u64>, StoreError> {
        self.files.length(hash).map_err(|error| StoreError::Io(format!("looking for a file failed: {error}")))
    }

    fn keep_file(&self, facts: &FileFacts, content: &dyn Content) -> Result<(), StoreError> {
        if self.core.is_closed() {
            return Err(self.silence());
        }
        if let Some(why) = self.core.refusal() {
            return Err(why);
        }
        if facts.size > LONGEST_FILE {
            return Err(too_long(facts.size));
        }
        let mut source = content.open().map_err(FileError::Source)?;
        Ok(self.files.keep(facts, &mut source)?)
    }

    fn read_file(&self, hash: &FileHash, offset: u64, most: usize) -> Result<Option<Vec<u8>>, StoreError> {
        let mut piece = vec![0; most];
        match self.files.read_at(hash, offset, &mut piece) {
            Ok(count) => {
                piece.truncate(count);
                Ok(Some(piece))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::Io(format!("reading a file failed: {error}"))),
        }
    }

    fn forget(&self, forget: &Forget) -> Result<Forgotten, StoreError> {
        let (forget, files) = (forget.clone(), Arc::clone(&self.files));
        self.alone(move |writer| forgetting::forget(writer, &*files, &forget))?
    }

    fn check(&self, repair: bool, progress: &mut dyn FnMut(u64, u64)) -> Result<Check, StoreError> {
        let (mut check, wrong, turn, named) = self.core.read(|slot| {
            Ok(match check::check(slot, progress) {
                Ok(findings) => (findings.check, findings.image, slot.turn, Some(findings.named)),
                Err(Fault::Image(lost)) => (Check::default(), vec![lost.reason], slot.turn, None),
                Err(fault) => return Err(fault),
            })
        })?;
        check.notices.extend(self.alone(|writer| check::kept_beside(&*writer.disk))??);
        check::list_file(std::path::Path::new(&self.path), repair, &mut check);
        if repair && !wrong.is_empty() {
            self.core.recover(turn, &ImageLost::new("it was not what the log says"))?;
            check.repaired.extend(wrong);
        } else {
            check.damage.extend(wrong);
        }
        if let Some(lost @ StoreError::Lost { .. }) = self.core.refusal() {
            let ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner).take_if(|_| repair);
            match ahead {
                Some(ahead) => check.repaired.extend(self.salvage(ahead)?),
                None => check.damage.push(lost.to_string()),
            }
        }
        // Where something could not be read it is not known what is named.
        if let Some(named) = named {
            let repair = repair && check.damage.is_empty() && self.core.refusal().is_none();
            documents::compare(&*self.files, &named, repair, &mut check)?;
        }
        Ok(check)
    }

    fn stats(&self) -> Result<Stats, StoreError> {
        let (store_id, log_bytes, log_segments) =
            self.alone(|writer| (writer.log.store_id(), writer.log.bytes(), writer.log.segments().len() as u64))?;
        self.core.read(|slot| {
            let records = slot.projection.tallies.kinds().filter(|(_, tally)| tally.live + tally.trashed > 0);
            Ok(Stats {
                backend: self.backend.to_owned(),
                path: self.path.clone(),
                store_id: store_id.to_string(),
                seq: slot.seq(),
                records: records.map(|(kind, tally)| (kind, tally.live, tally.trashed)).collect(),
                log_bytes,
                log_segments,
                image_bytes: slot.projection.image.bytes_on_disk(),
                image_generation: slot.projection.image.generation(),
            })
        })
    }

    fn notices(&self) -> Vec<String> {
        self.core.notices()
    }

    fn close(&self) -> Result<(), StoreError> {
        let (reply, answer) = sync_channel(1);
        let asked = self.ask(Ask::Close(reply));
        self.asks.lock().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(thread) = thread else { return Ok(()) };
        asked?;
        let outcome = answer.recv().map_err(|_| self.silence())?;
        // It has answered, so it is about to end; a panic in it was its own.
        let _ = thread.join();
        outcome
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // Nobody is left to be told.
        let _ = self.close();
    }
}
