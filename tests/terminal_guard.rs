//! The terminal's guard in a real terminal: whatever happens to the program, the
//! terminal is as it was.
//!
//! Each test runs itself again as the only program of a pseudo-terminal, where
//! the scene is played; the test outside reads what was written and compares the
//! terminal's settings before and after.

#![cfg(unix)]
#![allow(clippy::panic, clippy::exit, reason = "a test fails by panicking, and a scene ends its own process")]

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, ExitStatus, PtySize, native_pty_system};
use rolo::tui::signals::{self, Told};
use rolo::tui::term::{Options, Screen, Tty};

const SCENE: &str = "ROLO_TEST_SCENE";
const OPTIONS: Options = Options { mouse: true, keyboard: true };

/// The scene's screen.
type Here = Screen<std::io::Stdout, Tty>;

/// How a scene ended.
struct Played {
    written: String,
    status: ExitStatus,
    settings_kept: bool,
}

/// A scene that is being played, seen from outside.
struct Watched<'scene> {
    written: &'scene Receiver<Vec<u8>>,
    so_far: String,
    pid: rustix::process::Pid,
    keys: &'scene mut dyn Write,
}

impl Watched<'_> {
    /// Waits until the scene has written this since the last time, and returns
    /// what it wrote until then.
    fn until(&mut self, text: &str) -> String {
        let patience = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(at) = self.so_far.find(text) {
                let rest = self.so_far.split_off(at + text.len());
                return std::mem::replace(&mut self.so_far, rest);
            }
            let left = patience.saturating_duration_since(Instant::now());
            match self.written.recv_timeout(left) {
                Ok(bytes) => self.so_far.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => panic!("{text:?} was not written, but {:?}", self.so_far),
            }
        }
    }

    fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(self.pid, signal).expect("the scene is played");
    }
}

/// Plays a scene in a terminal of its own while `watch` looks on from outside.
/// Inside that terminal this plays the scene and never returns.
fn play(name: &str, scene: impl FnOnce(Here), watch: impl FnOnce(&mut Watched<'_>)) -> Played {
    if std::env::var(SCENE).is_ok_and(|wanted| wanted == name) {
        let screen = Screen::enter(std::io::stdout(), Tty, OPTIONS).expect("a terminal");
        write("entered;");
        scene(screen);
        std::process::exit(0);
    }
    let pair = native_pty_system().openpty(PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 }).expect("a pseudo-terminal");
    let settings = |pair: &portable_pty::PtyPair| format!("{:?}", pair.master.get_termios());
    let before = settings(&pair);
    let mut command = CommandBuilder::new(std::env::current_exe().expect("this test"));
    command.args(["--exact", name, "--nocapture", "--test-threads=1"]);
    command.env(SCENE, name);
    command.env("TERM", "xterm-256color");
    command.env("RUST_BACKTRACE", "0");
    command.cwd(env!("CARGO_MANIFEST_DIR"));
    let mut child = pair.slave.spawn_command(command).expect("the scene starts");
    let pid = child.process_id().and_then(|pid| rustix::process::Pid::from_raw(i32::try_from(pid).ok()?)).expect("a process");
    let (sender, written) = channel();
    let mut reader = pair.master.try_clone_reader().expect("a reader");
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = reader.read(&mut bytes) {
            if sender.send(bytes[..count].to_vec()).is_err() {
                break;
            }
        }
    });
    let mut keys = pair.master.take_writer().expect("a writer");
    let mut watched = Watched { written: &written, so_far: String::new(), pid, keys: &mut keys };
    watched.until("entered;");
    watch(&mut watched);
    let mut rest = std::mem::take(&mut watched.so_far);
    let status = child.wait().expect("the scene ends");
    let settings_kept = settings(&pair) == before;
    drop(pair.slave);
    while let Ok(bytes) = written.recv_timeout(Duration::from_millis(300)) {
        rest.push_str(&String::from_utf8_lossy(&bytes));
    }
    Played { written: rest, status, settings_kept }
}

fn write(text: &str) {
    let mut out = std::io::stdout();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).expect("a terminal");
}

/// Returns what leaving writes.
fn leave() -> String {
    String::from_utf8(OPTIONS.leave()).expect("ASCII")
}

/// Holds that a scene left the terminal as it was, once and completely.
fn check_left(played: &Played) {
    assert!(played.settings_kept, "{:?}", played.written);
    assert_eq!(played.written.matches(&leave()).count(), 1, "{:?}", played.written);
}

/// Waits for a signal and does with it what the application does.
fn obey(mut screen: Here) {
    let (sender, told) = channel();
    signals::watch(move |told| sender.send(told).unwrap_or_default()).expect("signals");
    write("watching;");
    for one in told {
        match one {
            Told::End(signal) => {
                drop(screen);
                write("ended;");
                return signals::end(signal);
            }
            Told::Stop => {
                write("stopping;");
                screen.suspend().expect("a terminal");
                write("again;");
            }
            Told::Continue => write("continued;"),
        }
    }
}

#[test]
fn returning_leaves() {
    let played = play("returning_leaves", drop, |_| {});
    check_left(&played);
    assert!(played.status.success());
}

#[test]
fn an_error_leaves() {
    let fail = |_screen: Here| -> std::io::Result<()> { Err(std::io::Error::other("the store is gone")) };
    let played = play("an_error_leaves", |screen| write(&fail(screen).expect_err("it fails").to_string()), |_| {});
    check_left(&played);
    assert!(played.written.ends_with("the store is gone"), "{:?}", played.written);
}

#[test]
fn a_panic_leaves_and_then_speaks() {
    let scene = |_screen: Here| panic!("a mistake in the program");
    let played = play("a_panic_leaves_and_then_speaks", scene, |_| {});
    check_left(&played);
    let (before, after) = played.written.split_once(&leave()).expect("it left");
    assert!(!before.contains("mistake"), "{before:?}");
    assert!(after.contains("a mistake in the program") && after.contains("terminal_guard.rs"), "{after:?}");
    assert!(!played.status.success());
}

#[test]
fn a_panic_that_is_caught_takes_nothing_away() {
    let scene = |screen: Here| {
        let caught = thread::Builder::new().name("image".to_owned()).spawn(|| panic!("a damaged image")).expect("a thread").join();
        assert!(caught.is_err());
        write("still here;");
        let told = rolo::tui::term::take_panics();
        drop(screen);
        write(&format!("{told:?}"));
    };
    let played = play("a_panic_that_is_caught_takes_nothing_away", scene, |_| {});
    check_left(&played);
    let (before, after) = played.written.split_once(&leave()).expect("it left");
    assert_eq!(before, "still here;");
    assert!(after.contains("thread image") && after.contains("a damaged image"), "{after:?}");
}

#[test]
fn a_signal_to_end_leaves() {
    let played = play("a_signal_to_end_leaves", obey, |scene| {
        scene.until("watching;");
        scene.signal(rustix::process::Signal::TERM);
    });
    check_left(&played);
    assert!(played.written.ends_with("ended;"), "{:?}", played.written);
    assert_eq!(played.status.signal().map(|name| name.contains("Terminated")), Some(true), "{:?}", played.status);
}

#[test]
fn a_terminal_that_hangs_up_leaves() {
    let played = play("a_terminal_that_hangs_up_leaves", obey, |scene| {
        scene.until("watching;");
        scene.signal(rustix::process::Signal::HUP);
    });
    check_left(&played);
    assert_eq!(played.status.signal().map(|name| name.contains("Hangup")), Some(true), "{:?}", played.status);
}

#[test]
fn a_program_that_hangs_gives_the_terminal_back() {
    let scene = |_screen: Here| {
        signals::watch(|_| {}).expect("signals");
        // A thread that hangs may hold standard output.
        let _locked = std::io::stdout().lock();
        std::io::stderr().write_all(b"hanging;").expect("a terminal");
        loop {
            thread::park();
        }
    };
    let played = play("a_program_that_hangs_gives_the_terminal_back", scene, |scene| {
        scene.until("hanging;");
        scene.signal(rustix::process::Signal::TERM);
    });
    check_left(&played);
    assert!(played.status.signal().is_some(), "{:?}", played.status);
}

#[test]
fn stopping_leaves_and_going_on_enters() {
    let played = play("stopping_leaves_and_going_on_enters", obey, |scene| {
        scene.until("watching;");
        scene.signal(rustix::process::Signal::TSTP);
        let until_stopped = scene.until(&leave());
        assert_eq!(until_stopped, format!("stopping;{}", leave()));
        wait_until_stopped(scene.pid);
        scene.signal(rustix::process::Signal::CONT);
        let entered = scene.until("again;");
        let enter = String::from_utf8(OPTIONS.enter()).expect("ASCII");
        assert!(entered.contains(&enter), "{entered:?}");
        scene.until("continued;");
        scene.signal(rustix::process::Signal::TERM);
    });
    check_left(&played);
}

#[test]
fn keys_arrive_unprocessed() {
    let scene = |screen: Here| {
        write("typing;");
        let mut typed = [0; 3];
        std::io::stdin().lock().read_exact(&mut typed).expect("keys");
        drop(screen);
        write(&format!("{typed:?}"));
    };
    let played = play("keys_arrive_unprocessed", scene, |scene| {
        scene.until("typing;");
        // Control-C, Control-Z and Return are keys here, and nothing is echoed.
        scene.keys.write_all(b"\x03\x1a\r").and_then(|()| scene.keys.flush()).expect("a terminal");
    });
    check_left(&played);
    assert!(played.written.ends_with("[3, 26, 13]"), "{:?}", played.written);
    assert!(played.written.starts_with(&leave()), "{:?}", played.written);
}

/// Waits until a process is stopped, as its parent would see it.
fn wait_until_stopped(pid: rustix::process::Pid) {
    let state = format!("/proc/{}/stat", pid.as_raw_nonzero());
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        let stat = std::fs::read_to_string(&state).unwrap_or_default();
        if stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('T')) {
            return;
        }
        assert!(Instant::now() < patience, "not stopped: {stat}");
        thread::sleep(Duration::from_millis(5));
    }
}
