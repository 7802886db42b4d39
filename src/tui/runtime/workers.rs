//! The threads that perform effects, and the one that waits for others' changes.
//!
//! One does what keys wait for, in order; another what merely follows, so that a
//! long timeline delays nobody; a third finds, since reading all names takes a while. A job that panics is told as a failure: nothing may
//! keep the loop waiting for ever.

use std::io;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use super::Wake;
use crate::actions::{self, Desk};
use crate::command::{self, Here, Invocation, Ongoing, Reply};
use crate::store::api::{Occupation, SessionInfo};
use crate::tui::app::grammar::awaiting::ALL_ENTRIES;
use crate::tui::app::message::{Failure, Message, Request};
use crate::tui::app::others::Editor;
use crate::tui::load::{self, Queue};

/// How long the thread that waits for changes sleeps where none come.
const LONG: Duration = Duration::from_secs(3_600);
/// How long such a thread rests where it was woken for nothing: the store is being closed.
const PAUSE: Duration = Duration::from_millis(100);
/// The most sessions whose editing is told.
const MOST_EDITORS: usize = 200;

/// One effect to be performed.
#[derive(Debug)]
pub(super) enum Job {
    /// Load what a pane shows.
    Load(Request),
    /// Carry a command out.
    Run(Box<Invocation>, Here),
    /// End a step that several commands have made.
    EndStep(u64),
}

/// How far a job is, told to the loop, and the loop's wish that it should end.
struct Told {
    job: u64,
    wakes: Sender<Wake>,
    stop: Arc<AtomicBool>,
}

impl Ongoing for Told {
    fn told(&self, text: &str) -> ControlFlow<()> {
        // A loop that is gone wants nothing done any more.
        let is_heard = self.wakes.send(Wake::Progress(Progress { job: self.job, text: text.to_owned() })).is_ok();
        if is_heard && !self.stop.load(Ordering::Relaxed) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

/// How far a job is, in a few words.
#[derive(Debug)]
pub(super) struct Progress {
    /// Which job.
    pub(super) job: u64,
    /// How far it is.
    pub(super) text: String,
}

/// The threads, seen from the loop.
pub(super) struct Workers {
    work: Sender<(u64, Job)>,
    aside: Sender<(u64, Job)>,
    finder: Sender<(u64, Job)>,
    next: u64,
    /// Whether what is being done should end.
    stop: Arc<AtomicBool>,
}

impl Workers {
    /// Starts the threads.
    ///
    /// # Errors
    /// The system gives none.
    pub(super) fn start(desk: &Desk, wakes: &Sender<Wake>) -> io::Result<Self> {
        changes(desk, wakes)?;
        attendance(desk, wakes)?;
        let stop = Arc::new(AtomicBool::new(false));
        let queue = Arc::default();
        Ok(Self {
            work: worker("work", desk, &queue, wakes, &stop)?,
            aside: worker("aside", desk, &queue, wakes, &stop)?,
            finder: worker("finder", desk, &queue, wakes, &stop)?,
            next: 0,
            stop,
        })
    }

    /// Has what is being done end where it can.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Gives a job out and returns its number; `None` if nobody is left to do it.
    pub(super) fn give(&mut self, job: Job, awaited: bool) -> Option<u64> {
        self.next += 1;
        let to = match &job {
            Job::Load(request) if is_finders(request) => &self.finder,
            _ if awaited => &self.work,
            _ => &self.aside,
        };
        to.send((self.next, job)).ok().map(|()| self.next)
    }
}

/// Starts the thread that waits for what is committed here or elsewhere, and says what it
/// was.
fn changes(desk: &Desk, wakes: &Sender<Wake>) -> io::Result<()> {
    let (desk, told) = (desk.clone(), wakes.clone());
    // Before anything is loaded: the thread may begin after somebody has committed.
    let there = desk.store.is_there().then(|| desk.store.seq());
    thread::Builder::new().name("changes".to_owned()).spawn(move || {
        let mut seq = match there {
            Some(seq) => seq,
            None => {
                let came = desk.store.came_at();
                let seq = came.as_ref().ok().copied();
                if told.send(Wake::Came(came)).is_err() {
                    return;
                }
                let Some(seq) = seq else { return };
                seq
            }
        };
        loop {
            let now = desk.store.wait_for_change(seq, LONG);
            if now > seq {
                let wave = load::news::since(&desk, seq, now);
                seq = wave.seq;
                if told.send(Wake::Changed(wave)).is_err() {
                    return;
                }
            } else {
                thread::sleep(PAUSE);
            }
        }
    })?;
    Ok(())
}

/// Starts the thread that waits for others to begin or end editing.
fn attendance(desk: &Desk, wakes: &Sender<Wake>) -> io::Result<()> {
    let (desk, told) = (desk.clone(), wakes.clone());
    thread::Builder::new().name("attendance".to_owned()).spawn(move || {
        let mut seen = 0;
        let mut before = Vec::new();
        loop {
            let now = desk.store.wait_for_stir(seen, LONG);
            if now <= seen {
                thread::sleep(PAUSE);
                continue;
            }
            seen = now;
            let Ok(sessions) = desk.store.sessions() else { continue };
            let editors = editors(&sessions, &desk.author.login);
            if editors != before {
                before.clone_from(&editors);
                if told.send(Wake::Editors(editors)).is_err() {
                    return;
                }
            }
        }
    })?;
    Ok(())
}

/// Returns which other sessions edit which records.
fn editors(sessions: &[SessionInfo], login: &str) -> Vec<Editor> {
    let others = sessions.iter().filter(|other| other.pid != std::process::id());
    let editing = others.filter_map(|other| other.at.filter(|at| at.editing).map(|at| (other, at.record)));
    let who = |other: &SessionInfo| match (other.login == login, other.terminal.is_empty()) {
        (false, _) => other.login.clone(),
        (true, false) => format!("you on {}", other.terminal),
        (true, true) => "you elsewhere".to_owned(),
    };
    editing.map(|(other, id)| Editor { who: who(other), id }).take(MOST_EDITORS).collect()
}

/// Starts the thread that tells others what this session is at, and returns its ear. The
/// last thing that is told counts.
///
/// # Errors
/// The system gives none.
pub(super) fn teller(desk: &Desk) -> io::Result<Sender<Option<Occupation>>> {
    let (sender, told) = channel::<Option<Occupation>>();
    let store = desk.store.clone();
    thread::Builder::new().name("teller".to_owned()).spawn(move || {
        while let Ok(first) = told.recv() {
            store.be_at(told.try_iter().last().unwrap_or(first));
        }
    })?;
    Ok(sender)
}

/// Returns what kind of question a job is if only the last of its kind is of use: nobody
/// waits for the others.
fn last_alone(job: &Job) -> Option<std::mem::Discriminant<Request>> {
    let Job::Load(request) = job else { return None };
    let is_one = follows(request)
        || matches!(request, Request::Reminders(_))
        || matches!(request, Request::Understand { .. } | Request::Judge { .. } | Request::Preview(_));
    is_one.then(|| std::mem::discriminant(request))
}

/// Returns whether a request is of a timeline that follows the cursor; a key that asks
/// for all of it waits.
pub(super) fn follows(request: &Request) -> bool {
    matches!(request, Request::Timeline { limit, .. } if *limit < ALL_ENTRIES)
}

/// Returns whether a request is of the finder, or of what is told while one types.
pub(super) fn is_finders(request: &Request) -> bool {
    matches!(
        request,
        Request::FinderLines(..)
            | Request::FinderSearch(_)
            | Request::FinderOlder(_)
            | Request::FinderMore(_)
            | Request::Preview(_)
            | Request::Understand { .. }
            | Request::Judge { .. }
    )
}

fn worker(name: &str, desk: &Desk, queue: &Arc<Queue>, wakes: &Sender<Wake>, stop: &Arc<AtomicBool>) -> io::Result<Sender<(u64, Job)>> {
    let (sender, jobs) = channel::<(u64, Job)>();
    let (desk, queue, wakes, stop) = (desk.clone(), Arc::clone(queue), wakes.clone(), Arc::clone(stop));
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        let mut waiting: Vec<(u64, Job)> = Vec::new();
        while let Some((number, job)) = waiting.pop().or_else(|| jobs.recv().ok()) {
            waiting.splice(0..0, jobs.try_iter().collect::<Vec<_>>().into_iter().rev());
            // Of some questions only the last one asked is of use.
            if last_alone(&job).is_some_and(|what| waiting.iter().any(|(_, other)| last_alone(other) == Some(what))) {
                if wakes.send(Wake::PassedOver(number)).is_err() {
                    return;
                }
                continue;
            }
            if matches!(job, Job::Run(..)) {
                stop.store(false, Ordering::Relaxed);
            }
            let told = Told { job: number, wakes: wakes.clone(), stop: Arc::clone(&stop) };
            let message = catch_unwind(AssertUnwindSafe(|| perform(&desk, &queue, job, &told)))
                .unwrap_or_else(|_| super::failed("that went wrong inside rolo"));
            if wakes.send(Wake::Ended { job: number, message }).is_err() {
                return;
            }
        }
    })?;
    Ok(sender)
}

fn perform(desk: &Desk, queue: &Queue, job: Job, told: &Told) -> Message {
    match job {
        Job::Load(request) => load::perform(desk, queue, &request),
        Job::EndStep(step) => Message::Done(actions::end_step(desk, step).map(|()| Reply::default()).map_err(Failure::from)),
        Job::Run(invocation, here) => {
            super::fault::within(invocation.spec.name);
            Message::Done(command::run_told(desk, &invocation, &here, told).map_err(Failure::from))
        }
    }
}
