//! Keeps sled's panics, errors and hangs away from the rest of the program.
//!
//! sled runs only on threads that this module starts. Whoever wants something
//! hands a job over and waits for the answer, but never longer than a limit: a
//! thread that does not answer is abandoned with all it holds. A panic ends the
//! image, not the program, and is not printed on the terminal.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Once, OnceLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use super::ImageLost;

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Tells whether a panic of this thread is caught by the image's guard.
///
/// A panic hook set after the image's own (the one that restores the terminal)
/// asks this first and keeps quiet: the program goes on.
pub fn panic_is_contained() -> bool {
    // sled's own I/O threads catch their panics too, and cannot be marked.
    CONTAINED.get() || thread::current().name().is_some_and(|name| name.starts_with("sled-io-"))
}

fn keep_contained_panics_quiet() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let earlier = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !panic_is_contained() {
                earlier(panic);
            }
        }));
    });
}

fn words_of(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no words".to_owned());
    let first = text.lines().next().unwrap_or_default();
    format!("sled panicked: {}", first.chars().take(200).collect::<String>())
}

/// Runs `job`, turning a panic into the words for it.
fn contained<T>(job: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    keep_contained_panics_quiet();
    let before = CONTAINED.replace(true);
    // Whatever `job` left half done belongs to an image that is given up.
    let outcome = catch_unwind(AssertUnwindSafe(job));
    CONTAINED.set(before);
    outcome.unwrap_or_else(|panic| Err(words_of(&*panic)))
}

/// Whether an image is still usable, shared by all who work on it.
#[derive(Debug, Clone, Default)]
pub(super) struct Fate {
    lost: Arc<OnceLock<ImageLost>>,
}

impl Fate {
    /// Answers the loss if there was one.
    pub(super) fn check(&self) -> Result<(), ImageLost> {
        self.lost.get().map_or(Ok(()), |lost| Err(lost.clone()))
    }

    /// Marks the image lost; the first reason stays.
    pub(super) fn lose(&self, reason: impl Into<String>) -> ImageLost {
        self.lost.get_or_init(|| ImageLost::new(reason)).clone()
    }
}

/// Counts the steps of work that takes long, so that a wait can tell it from a
/// hang.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress(Arc<AtomicU64>);

impl Progress {
    pub(super) fn tick(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn steps(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How long a worker waits for a job before it does more of what can wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pause {
    None,
    For(Duration),
    Long,
}

/// What a worker works on.
pub(super) trait Work: Send + 'static {
    /// Does a step of what can wait; `quiet` is the time since the last job.
    fn idle(&mut self, quiet: Duration) -> Result<Pause, String>;
}

type Job<C> = Box<dyn FnOnce(&mut C) + Send>;

/// A thread that works on a `C`, one job after the other.
///
/// Dropping the worker lets the thread end after the jobs it has; nobody waits
/// for it.
#[derive(Debug)]
pub(super) struct Worker<C> {
    jobs: mpsc::Sender<Job<C>>,
    fate: Fate,
    progress: Progress,
}

/// An answer that is still to come.
#[derive(Debug)]
pub(super) struct Answer<T> {
    told: mpsc::Receiver<Result<T, String>>,
    fate: Fate,
    progress: Progress,
}

impl<T> Answer<T> {
    /// Waits as long as there is progress at least every `limit`.
    pub(super) fn wait(self, limit: Duration) -> Result<T, ImageLost> {
        let mut steps = self.progress.steps();
        loop {
            match self.told.recv_timeout(limit) {
                Ok(Ok(value)) => return Ok(value),
                Ok(Err(reason)) => return Err(self.fate.lose(reason)),
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    let now = self.progress.steps();
                    if now == steps {
                        let seconds = limit.as_secs_f32();
                        let reason = format!("no answer within {seconds} s");
                        return Err(self.fate.lose(reason));
                    }
                    steps = now;
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    return Err(self.fate.lose("its thread has ended"));
                }
            }
        }
    }
}

impl<C: Work> Worker<C> {
    /// Starts a thread on which `make` is run first, and returns the worker
    /// with what `make` told.
    pub(super) fn start<T: Send + 'static>(
        name: &str,
        limit: Duration,
        fate: &Fate,
        make: impl FnOnce(Progress) -> Result<(C, T), String> + Send + 'static,
    ) -> Result<(Self, T), ImageLost> {
        let (jobs, queue) = mpsc::channel::<Job<C>>();
        let (tell, told) = mpsc::sync_channel(1);
        let progress = Progress::default();
        let ticks = progress.clone();
        let its_fate = fate.clone();
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || match contained(|| make(ticks)) {
                Ok((mut core, first)) => {
                    // A caller that gave up is not interested any more.
                    let _ = tell.send(Ok(first));
                    work_off(&queue, &mut core, &its_fate);
                    // Dropping flushes, which may panic as everything may.
                    let _ = contained(|| {
                        drop(core);
                        Ok(())
                    });
                }
                Err(reason) => {
                    let _ = tell.send(Err(reason));
                }
            })
            .map_err(|error| fate.lose(format!("no thread for it: {error}")))?;
        let (fate, started) = (fate.clone(), fate.clone());
        let answer = Answer { told, fate: started, progress: progress.clone() };
        let first = answer.wait(limit)?;
        let worker = Self { jobs, fate, progress };
        Ok((worker, first))
    }

    /// Has `job` done when its turn comes.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut C) -> Result<T, String> + Send + 'static,
    ) -> Result<Answer<T>, ImageLost> {
        self.fate.check()?;
        let (tell, told) = mpsc::sync_channel(1);
        let job: Job<C> = Box::new(move |core| {
            let _ = tell.send(contained(|| job(core)));
        });
        if self.jobs.send(job).is_err() {
            return Err(self.fate.lose("its thread has ended"));
        }
        Ok(Answer { told, fate: self.fate.clone(), progress: self.progress.clone() })
    }

    /// Has `job` done and returns its answer.
    pub(super) fn call<T: Send + 'static>(
        &self,
        limit: Duration,
        job: impl FnOnce(&mut C) -> Result<T, String> + Send + 'static,
    ) -> Result<T, ImageLost> {
        self.ask(job)?.wait(limit)
    }
}

fn work_off<C: Work>(queue: &mpsc::Receiver<Job<C>>, core: &mut C, fate: &Fate) {
    let mut pause = Pause::None;
    let mut last_job = Instant::now();
    // An image that is lost is not worked on: what a panic left is not whole.
    while fate.check().is_ok() {
        let job = match pause {
            Pause::None => queue.try_recv(),
            Pause::For(time) => queue.recv_timeout(time).map_err(|error| match error {
                mpsc::RecvTimeoutError::Timeout => mpsc::TryRecvError::Empty,
                mpsc::RecvTimeoutError::Disconnected => mpsc::TryRecvError::Disconnected,
            }),
            Pause::Long => queue.recv().map_err(|mpsc::RecvError| mpsc::TryRecvError::Disconnected),
        };
        match job {
            Ok(job) => {
                job(core);
                last_job = Instant::now();
                pause = Pause::None;
            }
            Err(mpsc::TryRecvError::Disconnected) => return,
            Err(mpsc::TryRecvError::Empty) => match contained(|| core.idle(last_job.elapsed())) {
                Ok(next) => pause = next,
                Err(reason) => {
                    fate.lose(reason);
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, mpsc};
    use std::thread;
    use std::time::{Duration, Instant};

    use super::{Fate, ImageLost, Pause, Progress, Work, Worker, panic_is_contained};

    const LONG: Duration = Duration::from_secs(30);
    const SHORT: Duration = Duration::from_millis(50);

    #[derive(Debug, Default)]
    struct Counting {
        count: u32,
        idle_fails: bool,
    }

    impl Work for Counting {
        fn idle(&mut self, _quiet: Duration) -> Result<Pause, String> {
            if self.idle_fails { Err("a merge failed".to_owned()) } else { Ok(Pause::Long) }
        }
    }

    fn started(fate: &Fate) -> (Worker<Counting>, Progress) {
        Worker::start("counting", LONG, fate, |progress| Ok((Counting::default(), progress))).unwrap()
    }

    fn add_one(counting: &mut Counting) -> Result<u32, String> {
        counting.count += 1;
        Ok(counting.count)
    }

    #[test]
    fn jobs_are_done_in_turn() {
        let (worker, _) = started(&Fate::default());
        let later = worker.ask(add_one).unwrap();
        assert_eq!(worker.call(LONG, add_one), Ok(2));
        assert_eq!(later.wait(LONG), Ok(1));
    }

    #[test]
    fn a_panic_is_a_loss_with_its_words_and_nothing_is_tried_after_it() {
        let fate = Fate::default();
        let (worker, _) = started(&fate);
        let lost = worker.call::<()>(LONG, |_| {
            assert!(panic_is_contained());
            panic!("page {} is\nnot there", 7)
        });
        assert_eq!(lost, Err(ImageLost::new("sled panicked: page 7 is")));
        assert_eq!(worker.call(LONG, add_one), Err(ImageLost::new("sled panicked: page 7 is")));
        assert!(fate.check().is_err());
        assert!(!panic_is_contained());
    }

    #[test]
    fn a_panic_while_starting_is_a_loss() {
        let fate = Fate::default();
        let lost = Worker::<Counting>::start::<()>("counting", LONG, &fate, |_| panic!("no")).unwrap_err();
        assert_eq!(lost.reason, "sled panicked: no");
    }

    #[test]
    fn a_thread_that_hangs_is_not_waited_for() {
        let fate = Fate::default();
        let (worker, _) = started(&fate);
        let (_keep_it_waiting, never) = mpsc::channel::<()>();
        let lost = worker.call(SHORT, move |_| never.recv().map_err(|error| error.to_string()));
        assert_eq!(lost, Err(ImageLost::new("no answer within 0.05 s")));
        // Not even once more: this answers although the thread still hangs.
        assert_eq!(worker.call(LONG, add_one), Err(ImageLost::new("no answer within 0.05 s")));
    }

    #[test]
    fn long_work_that_goes_on_is_waited_for() {
        let (worker, progress) = started(&Fate::default());
        let answer = worker.ask(move |_| {
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_millis(700) {
                thread::sleep(Duration::from_millis(1));
                progress.tick();
            }
            Ok(())
        });
        assert_eq!(answer.unwrap().wait(Duration::from_millis(500)), Ok(()));
    }

    #[test]
    fn work_that_fails_while_nobody_asks_is_a_loss() {
        let fate = Fate::default();
        let failing = || Counting { idle_fails: true, ..Counting::default() };
        let started = Worker::start("counting", LONG, &fate, move |_| Ok((failing(), ())));
        let (worker, ()) = started.unwrap();
        while fate.check().is_ok() {
            thread::yield_now();
        }
        assert_eq!(worker.call(LONG, add_one), Err(ImageLost::new("a merge failed")));
    }

    #[test]
    fn the_thread_lets_go_when_the_worker_is_dropped() {
        struct Dropped(Arc<AtomicBool>);
        impl Drop for Dropped {
            fn drop(&mut self) {
                self.0.store(true, Ordering::SeqCst);
                panic!("dropping may panic too");
            }
        }
        impl Work for Dropped {
            fn idle(&mut self, _quiet: Duration) -> Result<Pause, String> {
                Ok(Pause::Long)
            }
        }
        let dropped = Arc::new(AtomicBool::new(false));
        let core = Dropped(Arc::clone(&dropped));
        let (worker, ()) = Worker::start("dropped", LONG, &Fate::default(), move |_| Ok((core, ()))).unwrap();
        drop(worker);
        while !dropped.load(Ordering::SeqCst) {
            thread::yield_now();
        }
    }
}
