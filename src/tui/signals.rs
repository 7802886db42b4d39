//! What the system tells a program in a terminal: end, stop, go on.
//!
//! Signals are taken by a thread and told to the application, which ends in
//! order and leaves the terminal by its guard. If it does not answer in time,
//! the thread restores the terminal and ends the process itself: a program that
//! hangs must still give the terminal back.

#[cfg(not(unix))]
use std::io;

/// What the system told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// End in order (SIGTERM, SIGHUP, SIGINT, SIGQUIT), then call [`end`] with
    /// this number.
    End(i32),
    /// Stop as `<C-z>` does (SIGTSTP).
    Stop,
    /// The process goes on after it was stopped (SIGCONT): another program may
    /// have used the terminal meanwhile.
    Continue,
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::thread;
    use std::time::Duration;

    use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    use super::Told;
    use crate::tui::term;

    /// How long the application has to leave the terminal.
    const GRACE: Duration = Duration::from_secs(3);

    /// Tells of signals from now on. `tell` is called in a thread of its own and
    /// must not block.
    ///
    /// # Errors
    ///
    /// The system refuses the handlers or the thread.
    pub fn watch(tell: impl Fn(Told) + Send + 'static) -> io::Result<()> {
        let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT])?;
        thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for signal in signals.forever() {
                match signal {
                    SIGTSTP => tell(Told::Stop),
                    SIGCONT => tell(Told::Continue),
                    end => {
                        tell(Told::End(end));
                        give_grace(end);
                    }
                }
            }
        })?;
        Ok(())
    }

    /// Ends the process by force if the application is still in the terminal
    /// when its time is over.
    fn give_grace(signal: i32) {
        let spawned = thread::Builder::new().name("grace".to_owned()).spawn(move || {
            thread::sleep(GRACE);
            if term::is_entered() {
                term::restore();
                end(signal);
            }
        });
        if spawned.is_err() {
            term::restore();
            end(signal);
        }
    }

    /// Stops this process until it is continued.
    ///
    /// # Errors
    ///
    /// The system refuses.
    pub fn stop() -> io::Result<()> {
        emulate_default_handler(SIGTSTP)
    }

    /// Ends the process as the signal would have: whoever started it sees that.
    pub fn end(signal: i32) {
        let _ = emulate_default_handler(signal);
    }
}

#[cfg(unix)]
pub use unix::{end, stop, watch};

/// Where there are no such signals, nothing is told.
///
/// # Errors
///
/// None.
#[cfg(not(unix))]
pub fn watch(_tell: impl Fn(Told) + Send + 'static) -> io::Result<()> {
    Ok(())
}

/// Where a process cannot be stopped, it is not.
///
/// # Errors
///
/// Always.
#[cfg(not(unix))]
pub fn stop() -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

/// Where there are no signals, nothing ends by one.
#[cfg(not(unix))]
pub fn end(_signal: i32) {}
