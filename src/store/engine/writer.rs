//! The one thread that writes.
//!
//! It takes what is queued, checks each commit in order, appends all as one
//! group, syncs once, applies the group to the image in one batch, and then
//! answers. Nothing is answered or seen that is not synced.
//!
//! After an error of write or sync the log takes nothing more; it is opened
//! anew at once and read, which tells what was kept, and each commit of the
//! group gets its true answer. Only where that fails, too, it is unknown.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError};
use std::time::Duration;

use chrono::Utc;

use super::admit::{Admission, Admitted, Prepared};
use super::apply::Laid;
use super::core::Core;
use super::fault::{Fault, told};
use crate::domain::Timestamp;
use crate::store::StoreError;
use crate::store::api::{Commit, Committed};
use crate::store::disk::Disk;
use crate::store::lock::{HolderState, StoreLock};
use crate::store::log::{Appended, FrameKind, Log, LogError, LogOptions, NewFrame, Opening};

/// How many changes are written as one group.
const CHANGES_AT_ONCE: usize = 2_000;
/// After how many bytes of log the image is made durable.
const FLUSH_EVERY: u64 = 16 << 20;
/// After how long without work the image is made durable.
const IDLE: Duration = Duration::from_secs(2);

/// Where an answer goes.
pub(super) type Reply = SyncSender<Result<Committed, StoreError>>;

/// A commit, and for whom.
pub(super) struct Asked {
    pub(super) commit: Commit,
    /// The login of another user of the system; the owner has none.
    pub(super) by: Option<String>,
}

/// What the writer is asked for.
pub(super) enum Ask {
    Commit(Box<Asked>, Reply),
    /// Something that needs the log for itself.
    Alone(Box<dyn FnOnce(&mut Writer) + Send>),
    Close(SyncSender<Result<(), StoreError>>),
}

/// The log and who writes it.
pub(super) struct Writer {
    pub(super) core: Arc<Core>,
    pub(super) disk: Arc<dyn Disk>,
    pub(super) log: Log,
    /// Held until the writer ends.
    lock: Option<StoreLock>,
    /// The sizes that the log was opened with.
    pub(super) sizes: (u64, u64),
    last_at: Option<Timestamp>,
    slow_clock_told: bool,
    /// The log's length when the image was last made durable, and whether it has grown since.
    flushed: u64,
    unflushed: bool,
}

/// How one commit of a group was answered before it was written.
enum Verdict {
    Refused(StoreError),
    Before(Committed),
    /// The commit with this place in the group.
    Made(usize),
}

impl Writer {
    pub(super) fn new(
        core: Arc<Core>,
        disk: Arc<dyn Disk>,
        log: Log,
        lock: Option<StoreLock>,
        sizes: (u64, u64),
        last_at: Option<Timestamp>,
    ) -> Self {
        let flushed = log.bytes();
        Self { core, disk, log, lock, sizes, last_at, slow_clock_told: false, flushed, unflushed: false }
    }

    /// Works until the store is closed or nobody can ask any more.
    pub(super) fn run(mut self, asks: &Receiver<Ask>) {
        let mut waiting = VecDeque::new();
        loop {
            let ask = match waiting.pop_front() {
                Some(ask) => ask,
                None if self.unflushed => match asks.recv_timeout(IDLE) {
                    Ok(ask) => ask,
                    Err(RecvTimeoutError::Timeout) => {
                        self.flush();
                        continue;
                    }
                    Err(RecvTimeoutError::Disconnected) => break,
                },
                None => match asks.recv() {
                    Ok(ask) => ask,
                    Err(_) => break,
                },
            };
            match ask {
                Ask::Alone(job) => job(&mut self),
                Ask::Close(reply) => {
                    if let Some(lock) = &mut self.lock {
                        // Words for those who wait; the lock is held whatever they say.
                        let _ = lock.tell(|holder| holder.state = HolderState::Leaving);
                    }
                    self.core.close();
                    self.flush();
                    // Who asked may have given up waiting.
                    let _ = reply.send(Ok(()));
                    return;
                }
                Ask::Commit(asked, reply) => {
                    let mut changes = asked.commit.changes.len().max(1);
                    let mut group = vec![(asked, reply)];
                    while changes < CHANGES_AT_ONCE {
                        match asks.try_recv() {
                            Ok(Ask::Commit(asked, reply)) => {
                                changes += asked.commit.changes.len().max(1);
                                group.push((asked, reply));
                            }
                            Ok(other) => {
                                waiting.push_back(other);
                                break;
                            }
                            Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
                        }
                    }
                    self.answer(group);
                }
            }
        }
        self.core.close();
        self.flush();
    }

    fn answer(&mut self, group: Vec<(Box<Asked>, Reply)>) {
        let (commits, replies): (Vec<_>, Vec<_>) = group.into_iter().unzip();
        let answers = match self.core.refusal() {
            Some(why) => match self.retry(&why) {
                Ok(()) => self.commit(&commits),
                Err(error) => commits.iter().map(|_| Err(error.clone())).collect(),
            },
            None => self.commit(&commits),
        };
        for (reply, answer) in replies.into_iter().zip(answers) {
            // Who asked may have given up waiting.
            let _ = reply.send(answer);
        }
    }

    /// After a failure whose outcome is unknown, tries to open the log again.
    fn retry(&mut self, why: &StoreError) -> Result<(), StoreError> {
        match why {
            StoreError::Unknown(_) => self.reopen(),
            _ => Err(why.clone()),
        }
    }

    /// Refuses to write where another process may have the store by now.
    pub(super) fn check_lock(&self) -> Result<(), StoreError> {
        if self.lock.as_ref().is_none_or(StoreLock::still_ours) {
            return Ok(());
        }
        self.core.refuse(Some(StoreError::Superseded));
        Err(StoreError::Superseded)
    }

    fn commit(&mut self, commits: &[Box<Asked>]) -> Vec<Result<Committed, StoreError>> {
        let durable = self.log.synced_seq();
        let (verdicts, mut group) = match self.check_lock().and_then(|()| self.admit(commits)) {
            Ok(admitted) => admitted,
            Err(error) => return commits.iter().map(|_| Err(error.clone())).collect(),
        };
        let written = if group.is_empty() { Ok(()) } else { self.write(&mut group) };
        let kept = self.log.synced_seq();
        verdicts
            .into_iter()
            .map(|verdict| {
                let made = match verdict {
                    Verdict::Refused(error) => return Err(error),
                    Verdict::Before(before) if before.seq <= durable => return Ok(before),
                    Verdict::Before(before) => before,
                    Verdict::Made(place) => group[place].head.answer(group[place].seq),
                };
                match &written {
                    Ok(()) => Ok(made),
                    // Written anew since, the log says what was kept.
                    Err(_) if made.seq <= kept && self.core.refusal().is_none() => Ok(made),
                    Err(error) => Err(error.clone()),
                }
            })
            .collect()
    }

    /// Checks the commits of a group; what is lost of the image is rebuilt first.
    fn admit(&mut self, commits: &[Box<Asked>]) -> Result<(Vec<Verdict>, Vec<Prepared>), StoreError> {
        let now = self.now();
        let last = self.log.last_seq();
        let (verdicts, group) = self.core.read(|slot| {
            let mut admission = Admission::new(slot.view(), &slot.projection.tallies, last);
            let mut group: Vec<Prepared> = Vec::new();
            let mut verdicts = Vec::with_capacity(commits.len());
            for commit in commits {
                verdicts.push(match admission.admit(&commit.commit, commit.by.as_deref(), now) {
                    Ok(Admitted::Before(answer)) => Verdict::Before(answer),
                    Ok(Admitted::Made(prepared)) => {
                        group.push(*prepared);
                        Verdict::Made(group.len() - 1)
                    }
                    Err(Fault::Image(lost)) => return Err(lost.into()),
                    Err(fault) => Verdict::Refused(fault.answer()),
                });
            }
            Ok((verdicts, group))
        })?;
        if let Some(made) = group.last() {
            self.last_at = Some(made.head.at);
        }
        Ok((verdicts, group))
    }

    fn now(&mut self) -> Timestamp {
        let now = Timestamp::from_utc(Utc::now());
        if let Some(last) = self.last_at
            && now < last
            && !self.slow_clock_told
        {
            self.slow_clock_told = true;
            self.core.note(format!("the clock is behind: it is {now}, and the last commit was made at {last}"));
        }
        now
    }

    /// Makes a group durable and visible.
    fn write(&mut self, group: &mut [Prepared]) -> Result<(), StoreError> {
        let frames: Vec<NewFrame> = group
            .iter_mut()
            .map(|made| NewFrame { kind: FrameKind::Commit, seq: made.seq, head: Vec::new(), bodies: std::mem::take(&mut made.bodies) })
            .collect();
        match self.log.append(&frames).and_then(|appended| self.log.sync().map(|()| appended)) {
            Ok(appended) => self.apply(group, &appended),
            Err(error @ (LogError::Full { .. } | LogError::TooLarge { .. } | LogError::OutOfOrder { .. })) => Err(told(&error)),
            Err(error) => {
                self.find_out(&error);
                Err(self.core.refusal().unwrap_or_else(|| StoreError::Io(format!("{error}: nothing was changed"))))
            }
        }
    }

    /// Applies a group that is synced. Whatever happens to the image, it is done.
    fn apply(&mut self, group: &[Prepared], appended: &[Appended]) -> Result<(), StoreError> {
        self.unflushed = true;
        let lost = {
            let mut slot = self.core.slot_mut();
            let slot = &mut *slot;
            let commits: Vec<Laid<'_>> = group
                .iter()
                .zip(appended)
                // Somebody may have rebuilt the image from the log meanwhile.
                .filter(|(made, _)| made.seq > slot.projection.seq())
                .map(|(made, laid)| Laid { seq: made.seq, head: &made.head, changes: &made.changes, at: laid.at, places: &laid.places })
                .collect();
            match slot.projection.apply(&slot.log, &commits) {
                Ok(()) => {
                    self.core.show(slot);
                    None
                }
                Err(Fault::Image(lost)) => Some((slot.turn, lost)),
                Err(fault) => return Err(fault.answer()),
            }
        };
        if let Some((turn, lost)) = lost {
            self.core.recover(turn, &lost)?;
        }
        if self.log.bytes() >= self.flushed + FLUSH_EVERY {
            self.flush();
        }
        Ok(())
    }

    /// Makes the image durable, so that a power cut costs seconds of replay.
    fn flush(&mut self) {
        self.flushed = self.log.bytes();
        self.unflushed = false;
        let slot = self.core.slot();
        if let Err(lost) = slot.projection.image.flush() {
            let turn = slot.turn;
            drop(slot);
            if !self.core.is_closed()
                && let Err(error) = self.core.recover(turn, &lost)
            {
                self.core.note(error.to_string());
            }
        }
    }

    /// After a failed write or sync: opens the log anew and reads what was kept.
    fn find_out(&mut self, error: &LogError) {
        if matches!(error, LogError::Superseded { .. }) {
            self.core.refuse(Some(told(error)));
            return;
        }
        self.core.refuse(Some(StoreError::Unknown(error.to_string())));
        if self.reopen().is_ok() {
            self.core.note(format!("{error}; the log was opened again and read: nothing that was acknowledged is lost"));
        }
    }

    /// Opens the log anew, brings the image forward, and lifts the refusal.
    fn reopen(&mut self) -> Result<(), StoreError> {
        let applied = self.core.slot().projection.applied;
        let (segment_size, preallocate) = self.sizes;
        let options = LogOptions { writable: true, applied, segment_size, preallocate, ..LogOptions::default() };
        let (log, opening) = match Log::open(Arc::clone(&self.disk), options) {
            Ok(opened) => opened,
            Err(error) if error.is_damage() => {
                self.core.refuse(Some(told(&error)));
                return Err(told(&error));
            }
            Err(error) => return Err(StoreError::Unknown(error.to_string())),
        };
        if let Some(cut) = cut_notice(&opening) {
            self.core.note(cut);
        }
        self.take_log(log);
        let mut slot = self.core.slot_mut();
        let slot = &mut *slot;
        match slot.projection.bring_forward(&slot.log, &mut |_| Ok(())) {
            Ok(()) => self.core.show(slot),
            // The next to read rebuilds it.
            Err(Fault::Image(_)) => {}
            Err(fault) => return Err(fault.answer()),
        }
        self.core.refuse(None);
        Ok(())
    }
}

impl Writer {
    /// Goes on with another handle of the log.
    pub(super) fn take_log(&mut self, log: Log) {
        self.core.slot_mut().log = log.reader();
        self.flushed = log.bytes();
        self.log = log;
    }
}

/// Returns what is told of a torn tail.
pub(super) fn cut_notice(opening: &Opening) -> Option<String> {
    if let Some(cut) = &opening.cut {
        return Some(format!(
            "a write that did not finish was cut off the log: {} bytes in segment {} at byte {} (commit {}, never acknowledged), kept in log/{}",
            cut.bytes, cut.segment, cut.offset, cut.seq, cut.file
        ));
    }
    opening.torn.as_ref().map(|torn| {
        format!(
            "the log ends in a write that did not finish: {} bytes in segment {} at byte {} (commit {}, never acknowledged)",
            torn.bytes, torn.segment, torn.offset, torn.seq
        )
    })
}
