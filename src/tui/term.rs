//! Entering the terminal and leaving it as it was found.
//!
//! [`Screen`] is a guard: however it goes away (return, error, panic), what it
//! switched on is switched off again, in the reverse order. Signals are
//! [`super::signals`]'s; they end here too, by way of [`restore`].
//!
//! The panic hook of the drawing library restores the terminal from inside the
//! hook and forgets bracketed paste and focus reporting. Ours restores nothing:
//! a panic that is caught (an image that is damaged, a thread of its own) must
//! not take the screen away from an application that goes on. It only keeps the
//! message off the screen until the guard has left.
//!
//! This module knows bytes and the tty, and nothing of what is drawn.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use crossterm::{style, terminal};

/// What is switched on, beside the alternate screen, bracketed paste and focus
/// reporting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Clicks, drags and the wheel; never the mere motion of the mouse, which
    /// would wake an idle program.
    pub mouse: bool,
    /// The kitty keyboard protocol, which tells `<C-i>` from `<Tab>`. It is
    /// switched on without asking whether the terminal has it: those that don't
    /// take no notice, and asking can stall the start.
    pub keyboard: bool,
}

const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1002l\x1b[?1000l";

impl Options {
    /// Returns what suits a terminal, by the variable `TERM`. The Linux console
    /// and terminals that obey next to nothing would show parts of the kitty
    /// protocol's sequences.
    pub fn of_environment(term: Option<&str>, mouse: bool) -> Self {
        let term = term.unwrap_or_default();
        let poor = term.is_empty() || term == "dumb" || term == "linux" || term.starts_with("vt");
        Self { mouse, keyboard: !poor }
    }

    /// Returns the bytes that switch everything on.
    pub fn enter(self) -> Vec<u8> {
        let mut bytes = b"\x1b[?1049h\x1b[?2004h\x1b[?1004h".to_vec();
        if self.mouse {
            bytes.extend(MOUSE_ON);
        }
        if self.keyboard {
            // Each screen has flags of its own, so these come after the switch.
            bytes.extend(b"\x1b[>1u");
        }
        bytes
    }

    /// Returns the bytes that switch everything off, show the cursor in its own
    /// shape, and go back to the main screen.
    pub fn leave(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if self.keyboard {
            bytes.extend(b"\x1b[<1u");
        }
        if self.mouse {
            bytes.extend(MOUSE_OFF);
        }
        bytes.extend(b"\x1b[?1004l\x1b[?2004l\x1b[0m\x1b[0 q\x1b[?25h\x1b[?1049l");
        bytes
    }
}

/// The shape of the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A block, where keys are commands.
    Block,
    /// A bar, where keys are text.
    Bar,
}

/// What is done to a terminal beside writing to it.
pub trait Device {
    /// Lets every key through unprocessed, and remembers what leaves.
    ///
    /// # Errors
    ///
    /// There is no terminal.
    fn raw(&mut self, leave: &[u8]) -> io::Result<()>;

    /// Undoes [`Device::raw`].
    ///
    /// # Errors
    ///
    /// The terminal is gone.
    fn cooked(&mut self) -> io::Result<()>;

    /// Stops the process until the shell continues it.
    ///
    /// # Errors
    ///
    /// The system has no such thing.
    fn stop(&mut self) -> io::Result<()>;
}

/// The terminal of this process.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tty;

/// The bytes that leave, while the terminal of this process is entered.
static ENTERED: Mutex<Option<Vec<u8>>> = Mutex::new(None);

/// What panics said while the terminal was entered.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// How many panics are kept; a loop of them must not fill the memory.
const MOST_PANICS: usize = 16;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Device for Tty {
    fn raw(&mut self, leave: &[u8]) -> io::Result<()> {
        keep_panics();
        // Under NO_COLOR the terminal library would turn every colour that is
        // set back into a reset of bold and reverse too. Whether there are
        // colours is the theme's business.
        style::force_color_output(true);
        terminal::enable_raw_mode()?;
        *lock(&ENTERED) = Some(leave.to_vec());
        Ok(())
    }

    fn cooked(&mut self) -> io::Result<()> {
        *lock(&ENTERED) = None;
        terminal::disable_raw_mode()
    }

    fn stop(&mut self) -> io::Result<()> {
        super::signals::stop()
    }
}

/// Returns whether the terminal of this process is entered.
pub fn is_entered() -> bool {
    lock(&ENTERED).is_some()
}

/// Leaves the terminal of this process from outside the guard: for a signal that
/// the application does not answer. Does nothing if it is not entered.
pub fn restore() {
    let Some(leave) = lock(&ENTERED).take() else { return };
    // Standard output may be locked by a thread that hangs.
    if let Ok(mut tty) = std::fs::OpenOptions::new().write(true).open("/dev/tty") {
        let _ = tty.write_all(&leave);
    }
    let _ = terminal::disable_raw_mode();
}

/// Keeps the messages of panics from now on, while the terminal is entered.
fn keep_panics() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !is_entered() {
                return before(panic);
            }
            let thread = std::thread::current();
            let name = thread.name().unwrap_or("unnamed").to_owned();
            let mut panics = lock(&PANICS);
            if panics.len() < MOST_PANICS {
                panics.push(format!("thread {name} {panic}"));
            }
        }));
    });
}

/// Returns what panics have said since the last call: for the log, where they
/// were caught and the application goes on.
pub fn take_panics() -> Vec<String> {
    std::mem::take(&mut *lock(&PANICS))
}

/// The entered terminal. It is left when this is dropped.
#[derive(Debug)]
pub struct Screen<W: Write, D: Device = Tty> {
    writer: W,
    device: D,
    options: Options,
    shape: Option<Shape>,
    entered: bool,
}

impl<W: Write, D: Device> Screen<W, D> {
    /// Enters a terminal.
    ///
    /// # Errors
    ///
    /// There is none, or it cannot be written to; it is then left again.
    pub fn enter(writer: W, device: D, options: Options) -> io::Result<Self> {
        let mut screen = Self { writer, device, options, shape: None, entered: false };
        screen.again()?;
        Ok(screen)
    }

    /// Enters a terminal that was left.
    ///
    /// # Errors
    ///
    /// As [`Screen::enter`].
    pub fn again(&mut self) -> io::Result<()> {
        if self.entered {
            return Ok(());
        }
        self.device.raw(&self.options.leave())?;
        self.entered = true;
        let written = self.writer.write_all(&self.options.enter()).and_then(|()| self.writer.flush());
        if written.is_err() {
            let _ = self.leave();
        }
        self.shape = None;
        written
    }

    /// Leaves the terminal as it was found; a second time does nothing.
    ///
    /// # Errors
    ///
    /// The terminal is gone; what can be undone is undone all the same.
    pub fn leave(&mut self) -> io::Result<()> {
        if !self.entered {
            return Ok(());
        }
        self.entered = false;
        let written = self.writer.write_all(&self.options.leave()).and_then(|()| self.writer.flush());
        self.device.cooked().and(written)
    }

    /// Leaves, runs something that has the terminal to itself (an editor), and
    /// enters again. The screen must be drawn anew afterwards.
    ///
    /// # Errors
    ///
    /// The terminal cannot be left or entered; what ran is then lost.
    pub fn outside<T>(&mut self, run: impl FnOnce() -> T) -> io::Result<T> {
        self.leave()?;
        let done = run();
        self.again()?;
        Ok(done)
    }

    /// Stops the process as `<C-z>` does and enters again when it goes on. The
    /// size may have changed and the screen must be drawn anew.
    ///
    /// # Errors
    ///
    /// As [`Screen::outside`], or the system cannot stop a process.
    pub fn suspend(&mut self) -> io::Result<()> {
        self.leave()?;
        let stopped = self.device.stop();
        self.again()?;
        stopped
    }

    /// Takes the mouse, or gives it back to the terminal; nothing is written if that
    /// is so already.
    ///
    /// # Errors
    ///
    /// The terminal is gone.
    pub fn mouse(&mut self, on: bool) -> io::Result<()> {
        if self.options.mouse == on {
            return Ok(());
        }
        // What leaves must undo what was switched on, whenever that was.
        self.options.mouse = on;
        self.device.raw(&self.options.leave())?;
        self.writer.write_all(if on { MOUSE_ON } else { MOUSE_OFF })?;
        self.writer.flush()
    }

    /// Gives the cursor a shape; nothing is written if it has it.
    ///
    /// # Errors
    ///
    /// The terminal is gone.
    pub fn shape(&mut self, shape: Shape) -> io::Result<()> {
        if self.shape == Some(shape) {
            return Ok(());
        }
        self.shape = Some(shape);
        self.writer.write_all(match shape {
            Shape::Block => b"\x1b[2 q",
            Shape::Bar => b"\x1b[6 q",
        })?;
        self.writer.flush()
    }
}

impl<W: Write, D: Device> Drop for Screen<W, D> {
    fn drop(&mut self) {
        // Nobody is left to be told of an error.
        let _ = self.leave();
        if std::thread::panicking() {
            let mut errors = io::stderr().lock();
            for panic in take_panics() {
                let _ = writeln!(errors, "{panic}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;

    const ALL: Options = Options { mouse: true, keyboard: true };
    const ENTER: &str = "\x1b[?1049h\x1b[?2004h\x1b[?1004h\x1b[?1000h\x1b[?1002h\x1b[?1006h\x1b[>1u";
    const LEAVE: &str = "\x1b[<1u\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?1004l\x1b[?2004l\x1b[0m\x1b[0 q\x1b[?25h\x1b[?1049l";

    /// What happened to a terminal, in order; writing fails when told to.
    #[derive(Debug, Clone, Default)]
    struct Told {
        log: Rc<RefCell<String>>,
        broken: bool,
    }

    impl Told {
        fn log(&self) -> String {
            self.log.borrow().clone()
        }
    }

    impl Write for Told {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.broken {
                return Err(io::Error::other("gone"));
            }
            self.log.borrow_mut().push_str(std::str::from_utf8(bytes).unwrap());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Device for Told {
        fn raw(&mut self, leave: &[u8]) -> io::Result<()> {
            assert_eq!(std::str::from_utf8(leave).unwrap(), LEAVE);
            self.log.borrow_mut().push_str("<raw>");
            Ok(())
        }

        fn cooked(&mut self) -> io::Result<()> {
            self.log.borrow_mut().push_str("<cooked>");
            Ok(())
        }

        fn stop(&mut self) -> io::Result<()> {
            self.log.borrow_mut().push_str("<stop>");
            Ok(())
        }
    }

    #[test]
    fn what_is_switched_on_is_switched_off() {
        let told = Told::default();
        let screen = Screen::enter(told.clone(), told.clone(), ALL).unwrap();
        assert_eq!(told.log(), format!("<raw>{ENTER}"));
        drop(screen);
        assert_eq!(told.log(), format!("<raw>{ENTER}{LEAVE}<cooked>"));
        for mode in ["1049", "2004", "1004", "1000", "1002", "1006"] {
            assert_eq!(ENTER.matches(&format!("\x1b[?{mode}h")).count(), 1);
            assert_eq!(LEAVE.matches(&format!("\x1b[?{mode}l")).count(), 1);
        }
    }

    #[test]
    fn less_is_switched_on_where_less_is_wanted() {
        let plain = Options { mouse: false, keyboard: false };
        assert_eq!(plain.enter(), b"\x1b[?1049h\x1b[?2004h\x1b[?1004h");
        assert_eq!(plain.leave(), b"\x1b[?1004l\x1b[?2004l\x1b[0m\x1b[0 q\x1b[?25h\x1b[?1049l");
        for (term, keyboard) in [(Some("xterm-256color"), true), (Some("linux"), false), (Some("dumb"), false), (None, false)] {
            assert_eq!(Options::of_environment(term, true).keyboard, keyboard, "{term:?}");
        }
    }

    #[test]
    fn leaving_twice_is_leaving_once() {
        let told = Told::default();
        let mut screen = Screen::enter(told.clone(), told.clone(), ALL).unwrap();
        screen.leave().unwrap();
        screen.leave().unwrap();
        drop(screen);
        assert_eq!(told.log(), format!("<raw>{ENTER}{LEAVE}<cooked>"));
    }

    #[test]
    fn a_panic_leaves() {
        let told = Told::default();
        let inside = told.clone();
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _screen = Screen::enter(inside.clone(), inside.clone(), ALL).unwrap();
            // Without a message: the tests' own hook would print it.
            std::panic::resume_unwind(Box::new("a panic"));
        }));
        assert!(caught.is_err());
        assert_eq!(told.log(), format!("<raw>{ENTER}{LEAVE}<cooked>"));
    }

    #[test]
    fn suspending_leaves_and_enters_again() {
        let told = Told::default();
        let mut screen = Screen::enter(told.clone(), told.clone(), ALL).unwrap();
        screen.shape(Shape::Bar).unwrap();
        screen.suspend().unwrap();
        screen.shape(Shape::Bar).unwrap();
        screen.shape(Shape::Bar).unwrap();
        drop(screen);
        let bar = "\x1b[6 q";
        assert_eq!(told.log(), format!("<raw>{ENTER}{bar}{LEAVE}<cooked><stop><raw>{ENTER}{bar}{LEAVE}<cooked>"));
    }

    #[test]
    fn an_editor_has_the_terminal_to_itself() {
        let told = Told::default();
        let mut screen = Screen::enter(told.clone(), told.clone(), ALL).unwrap();
        let inside = told.clone();
        let seven = screen.outside(|| {
            inside.log.borrow_mut().push_str("<editor>");
            7
        });
        assert_eq!(seven.unwrap(), 7);
        assert_eq!(told.log(), format!("<raw>{ENTER}{LEAVE}<cooked><editor><raw>{ENTER}"));
    }

    #[test]
    fn a_terminal_that_is_gone_is_still_made_cooked() {
        let told = Told::default();
        let broken = Told { broken: true, ..told.clone() };
        assert!(Screen::enter(broken, told.clone(), ALL).is_err());
        assert_eq!(told.log(), "<raw><cooked>");
    }
}
