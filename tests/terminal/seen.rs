//! A program in a terminal, seen from outside.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal};

/// The moment at which everything happens.
pub(crate) const NOW: &str = "2026-03-04T10:30:00Z";
/// Columns and lines of the terminal, unless told otherwise.
pub(crate) const SIZE: (u16, u16) = (120, 40);
/// How long one waits for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program in a terminal.
pub(crate) struct Seen {
    screen: vt100::Parser,
    written: Receiver<Vec<u8>>,
    /// Everything that it wrote.
    pub(crate) raw: Vec<u8>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    before: String,
}

/// Runs a call of the command line and returns what it printed.
pub(crate) fn rolo(store: &Path, args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolo"));
    command.args(["--store"]).arg(store).args(["--user", "ada", "--now", NOW]).args(args).stdin(Stdio::null());
    let done = command.output().unwrap();
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

/// Returns a folder with a store that holds the demo company.
pub(crate) fn demo() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    rolo(&folder.path().join("store"), &["demo"]);
    folder
}

impl Seen {
    /// Opens the application on the store in a folder, in a terminal of 256 colours.
    pub(crate) fn open(folder: &Path) -> Self {
        Self::open_in(folder, SIZE, &[("TERM", "xterm-256color")])
    }

    /// Opens the application in a terminal of a size and with an environment.
    pub(crate) fn open_in(folder: &Path, size: (u16, u16), environment: &[(&str, &str)]) -> Self {
        Self::open_with(folder, size, environment, &[])
    }

    /// Opens the application with more words in its call.
    pub(crate) fn open_with(folder: &Path, size: (u16, u16), environment: &[(&str, &str)], words: &[&str]) -> Self {
        Self::start(folder, size, environment, &[&["--now", NOW], words].concat())
    }

    /// Opens the application by the clock on the wall.
    pub(crate) fn open_by_the_clock(folder: &Path) -> Self {
        Self::start(folder, SIZE, &[("TERM", "xterm-256color")], &[])
    }

    fn start(folder: &Path, (columns, lines): (u16, u16), environment: &[(&str, &str)], words: &[&str]) -> Self {
        let size = PtySize { rows: lines, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let before = format!("{:?}", pair.master.get_termios());
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_rolo"));
        command.args(["--store", folder.join("store").to_str().unwrap(), "--user", "ada"]);
        command.args(words);
        command.env_clear();
        // Nothing of this machine's is read.
        for name in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
            command.env(name, folder);
        }
        for (name, value) in environment {
            command.env(name, value);
        }
        command.cwd(folder);
        let child = pair.slave.spawn_command(command).unwrap();
        let (sender, written) = channel();
        let mut reader = pair.master.try_clone_reader().unwrap();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                if sender.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        let keys = pair.master.take_writer().unwrap();
        let screen = vt100::Parser::new(NonZero::new(lines).unwrap(), NonZero::new(columns).unwrap(), 0);
        Self { screen, written, raw: Vec::new(), keys, child, master: pair.master, before }
    }

    /// Returns what the terminal shows.
    pub(crate) fn screen(&self) -> &vt100::Screen {
        self.screen.screen()
    }

    fn take(&mut self, bytes: &[u8]) {
        self.raw.extend(bytes);
        self.screen.process(bytes);
    }

    /// Waits until the screen shows this.
    pub(crate) fn until(&mut self, wanted: &str) {
        self.until_that(wanted, |screen| screen.contents().contains(wanted));
    }

    /// Waits until something holds of the screen.
    pub(crate) fn until_that(&mut self, what: &str, holds: impl Fn(&vt100::Screen) -> bool) {
        let patience = Instant::now() + PATIENCE;
        while !holds(self.screen()) {
            match self.written.recv_timeout(patience.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.take(&bytes),
                Err(_) => panic!("{what:?} was not seen, but:\n{}", self.screen().contents()),
            }
        }
    }

    /// Takes what is still being written.
    pub(crate) fn settle(&mut self) {
        while let Ok(bytes) = self.written.recv_timeout(Duration::from_millis(300)) {
            self.take(&bytes);
        }
    }

    /// Types.
    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Makes the terminal another size.
    pub(crate) fn resize(&mut self, columns: u16, lines: u16) {
        self.master.resize(PtySize { rows: lines, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
        self.screen.screen_mut().set_size(NonZero::new(lines).unwrap(), NonZero::new(columns).unwrap());
    }

    /// Sends a signal to the program.
    pub(crate) fn signal(&self, signal: Signal) {
        let number = i32::try_from(self.child.process_id().unwrap()).unwrap();
        rustix::process::kill_process(Pid::from_raw(number).unwrap(), signal).unwrap();
    }

    /// The terminal must be as it was found.
    pub(crate) fn is_left(&self) {
        let screen = self.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste(), "the terminal is left as it was");
        assert_eq!(format!("{:?}", self.master.get_termios()), self.before);
        // What vt100 does not know: focus reports, the keyboard's protocol, the mouse.
        for (on, off) in [("\u{1b}[?1004h", "\u{1b}[?1004l"), ("\u{1b}[>1u", "\u{1b}[<1u"), ("\u{1b}[?1006h", "\u{1b}[?1006l")] {
            assert_eq!(self.count(on), self.count(off), "{on:?} is taken back");
        }
    }

    /// Returns how often something was written.
    pub(crate) fn count(&self, sequence: &str) -> usize {
        self.raw.windows(sequence.len()).filter(|bytes| *bytes == sequence.as_bytes()).count()
    }

    /// Returns how often the thread that draws has gone to sleep, as Linux counts it.
    #[cfg(target_os = "linux")]
    pub(crate) fn turns(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.process_id().unwrap())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")).unwrap();
        line.trim().parse().unwrap()
    }

    /// Waits for the end, and returns whether the program ended well.
    pub(crate) fn ends(&mut self) -> bool {
        self.code() == 0
    }

    /// Waits for the end, and returns the exit code.
    pub(crate) fn code(&mut self) -> u32 {
        let status = ends(&mut self.child);
        while let Ok(bytes) = self.written.recv_timeout(Duration::from_millis(500)) {
            self.take(&bytes);
        }
        status.unwrap_or_else(|| panic!("it goes on:\n{}", self.screen().contents()))
    }

    /// Leaves; the terminal must be as it was.
    pub(crate) fn leave(mut self) {
        self.press(":q\r");
        assert!(self.ends(), "{}", self.screen().contents());
        self.is_left();
    }

    /// Leaves once it shows this.
    pub(crate) fn leave_from(mut self, wanted: &str) {
        self.until(wanted);
        self.leave();
    }

    /// Takes the terminal away, as a broken connection does; the program must end.
    pub(crate) fn hang_up(mut self) {
        // What is read last is what ends the thread that reads.
        self.press("j");
        let Self { mut child, master, keys, written, .. } = self;
        drop((master, keys, written));
        assert!(ends(&mut child).is_some(), "the program outlives its terminal");
    }
}

/// Waits for a program's end, and returns its exit code; one that does not
/// end is killed.
fn ends(child: &mut Box<dyn Child + Send + Sync>) -> Option<u32> {
    let patience = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status.exit_code());
        }
        if Instant::now() > patience {
            child.kill().unwrap();
            return None;
        }
        thread::sleep(Duration::from_millis(10));
    }
}
