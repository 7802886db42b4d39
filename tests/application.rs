//! The application in a real terminal: it starts, moves, changes, leaves, and the
//! terminal is as it was.
//!
//! The test runs itself again as the only program of a pseudo-terminal, and reads
//! from outside what is written.

#![cfg(unix)]
#![allow(clippy::panic, clippy::exit, clippy::unwrap_used, reason = "a test fails by panicking, and a scene ends its own process")]

use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rolo::actions::{Clock, Desk, demo};
use rolo::domain::Timestamp;
use rolo::store::{OpenOptions, open};
use rolo::tui::runtime;

const STORE: &str = "ROLO_TEST_STORE";

/// Opens the application on the store that the environment names, if it does.
fn as_a_scene() {
    let Some(path) = std::env::var_os(STORE) else { return };
    let mut desk = Desk::new(open(&PathBuf::from(path), OpenOptions::default()).unwrap(), "ada");
    desk.clock = Clock::Fixed(Timestamp::from_rfc3339("2026-03-04T10:30:00Z").unwrap());
    if desk.store.seq() == 0 {
        demo::demo(&desk).unwrap();
    }
    let code = runtime::open(desk, &runtime::Options::default()).unwrap();
    std::process::exit(code);
}

/// The application in a terminal, seen from outside.
struct Seen {
    screen: vt100::Parser,
    written: Receiver<Vec<u8>>,
    /// Bytes written so far.
    bytes: usize,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    before: String,
}

impl Seen {
    fn start(test: &str, store: &std::path::Path) -> Self {
        let pair = native_pty_system().openpty(PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 }).unwrap();
        let before = format!("{:?}", pair.master.get_termios());
        let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
        command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
        command.env(STORE, store);
        command.env("TERM", "xterm-256color");
        command.cwd(env!("CARGO_MANIFEST_DIR"));
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
        Self {
            screen: vt100::Parser::new(std::num::NonZero::new(40).unwrap(), std::num::NonZero::new(120).unwrap(), 0),
            written,
            bytes: 0,
            keys,
            child,
            master: pair.master,
            before,
        }
    }

    /// Waits until the screen shows this.
    fn until(&mut self, wanted: &str) {
        let patience = Instant::now() + Duration::from_secs(60);
        while !self.screen.screen().contents().contains(wanted) {
            match self.written.recv_timeout(patience.saturating_duration_since(Instant::now())) {
                Ok(bytes) => {
                    self.bytes += bytes.len();
                    self.screen.process(&bytes);
                }
                Err(_) => panic!("{wanted:?} was not seen, but:\n{}", self.screen.screen().contents()),
            }
        }
    }

    /// Takes what is still being written.
    fn settle(&mut self) {
        while let Ok(bytes) = self.written.recv_timeout(Duration::from_millis(300)) {
            self.bytes += bytes.len();
            self.screen.process(&bytes);
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Leaves, and returns the exit code; the terminal must be as it was.
    fn leave(mut self) -> u32 {
        self.press(":q\r");
        let status = self.child.wait().unwrap();
        while let Ok(bytes) = self.written.recv_timeout(Duration::from_millis(500)) {
            self.screen.process(&bytes);
        }
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste(), "the terminal is left as it was");
        assert_eq!(format!("{:?}", self.master.get_termios()), self.before);
        status.exit_code()
    }
}

#[test]
fn starts_moves_changes_leaves_and_opens_again() {
    as_a_scene();
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let name = "starts_moves_changes_leaves_and_opens_again";
    let mut seen = Seen::start(name, &store);
    seen.until("1/150");
    // The first frame has settled when the timeline has come.
    seen.until("timeline Alasdair Ashworth");
    seen.settle();
    let before = seen.bytes;
    seen.press("j");
    seen.until("2/150");
    let cost = seen.bytes - before;
    assert!(cost <= 200, "the cursor's cell, its bar and the status line are painted anew, no row: {cost} bytes");
    seen.until("timeline Alasdair Whitfield");
    seen.settle();
    let before = seen.bytes;
    seen.press("\u{6}");
    seen.until("16/150");
    let page = seen.bytes - before;
    assert!(page <= 3_500, "a page is the rows of one pane: {page} bytes");
    seen.settle();
    let before = seen.bytes;
    seen.settle();
    assert_eq!(seen.bytes, before, "nothing is written while nothing happens");
    seen.press("gg");
    seen.until("1/150");
    seen.press("cw\u{15}Zoe Zed\r");
    seen.until("1 contact changed");
    assert_eq!(seen.leave(), 0);
    let mut again = Seen::start(name, &store);
    again.until("1/150");
    again.press("/zoe zed\r");
    again.until("[1/1]");
    again.press("u");
    assert_eq!(
        {
            again.until("took back");
            again.leave()
        },
        0
    );
}

#[test]
fn a_signal_ends_it_and_leaves_the_terminal() {
    as_a_scene();
    let folder = tempfile::tempdir().unwrap();
    let mut seen = Seen::start("a_signal_ends_it_and_leaves_the_terminal", &folder.path().join("store"));
    seen.until("1/150");
    let pid = seen.child.process_id().and_then(|pid| rustix::process::Pid::from_raw(i32::try_from(pid).ok()?)).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let status = seen.child.wait().unwrap();
    assert!(!status.success(), "{status:?}");
    seen.settle();
    assert!(!seen.screen.screen().alternate_screen());
    assert_eq!(format!("{:?}", seen.master.get_termios()), seen.before);
}
