//! Keeps sled's panics, errors and hangs away from the rest of the program.
//!
//! sled runs only on threads that this module starts. Whoever wants something
//! hands a job over and waits for the answer, but never longer than a limit: a
//! thread that does not answer is abandoned with all it holds. A panic ends the
//! image, not the program, and is not printed on the terminal.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Once, OnceLock, mpsc};
use std::thread;
use std::time::Duration;

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

type Job<C> = Box<dyn FnOnce(&C) + Send>;

/// A thread that works on a `C`, one job after the other.
///
/// Dropping the worker lets the thread end after the jobs it has; nobody waits
/// for it.
#[derive(Debug)]
pub(super) struct Worker<C> {
    jobs: mpsc::Sender<Job<C>>,
    fate: Fate,
}

impl<C: Send + 'static> Worker<C> {
    /// Starts a thread on which `make` is run first, and returns the worker
    /// with what `make` told.
    pub(super) fn start<T: Send + 'static>(
        name: &str,
        limit: Duration,
        fate: &Fate,
        make: impl FnOnce() -> Result<(C, T), String> + Send + 'static,
    ) -> Result<(Self, T), ImageLost> {
        let (jobs, queue) = mpsc::channel::<Job<C>>();
        let (tell, told) = mpsc::sync_channel(1);
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                match contained(make) {
                    Ok((core, first)) => {
                        // A caller that gave up is not interested any more.
                        let _ = tell.send(Ok(first));
                        for job in queue {
                            job(&core);
                        }
                        // Dropping flushes, which may panic as everything may.
                        let _ = contained(|| {
                            drop(core);
                            Ok(())
                        });
                    }
                    Err(reason) => {
                        let _ = tell.send(Err(reason));
                    }
                }
            })
            .map_err(|error| fate.lose(format!("no thread for it: {error}")))?;
        let first = answer(&told, limit, fate)?;
        let fate = fate.clone();
        Ok((Self { jobs, fate }, first))
    }

    /// Has `job` done and returns its answer.
    pub(super) fn call<T: Send + 'static>(
        &self,
        limit: Duration,
        job: impl FnOnce(&C) -> Result<T, String> + Send + 'static,
    ) -> Result<T, ImageLost> {
        self.fate.check()?;
        let (tell, told) = mpsc::sync_channel(1);
        let fate = self.fate.clone();
        let job: Job<C> = Box::new(move |core| {
            // What was queued behind the loss is not worth trying.
            if fate.check().is_ok() {
                let _ = tell.send(contained(|| job(core)));
            }
        });
        if self.jobs.send(job).is_err() {
            return Err(self.fate.lose("its thread has ended"));
        }
        answer(&told, limit, &self.fate)
    }
}

fn answer<T>(told: &mpsc::Receiver<Result<T, String>>, limit: Duration, fate: &Fate) -> Result<T, ImageLost> {
    match told.recv_timeout(limit) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(reason)) => Err(fate.lose(reason)),
        Err(mpsc::RecvTimeoutError::Timeout) => Err(fate.lose(format!("no answer within {} s", limit.as_secs_f32()))),
        Err(mpsc::RecvTimeoutError::Disconnected) => Err(fate.lose("its thread has ended")),
    }
}
