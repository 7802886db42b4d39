//! The thread that reads the terminal.
//!
//! It reads what there is, hands it over and waits to be told to go on: while keys
//! are being worked off nobody reads, so that an editor that is started by a key
//! has the terminal to itself.

use std::io;
use std::sync::mpsc::{Receiver, Sender, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use crossterm::event::{self, Event, MouseButton, MouseEventKind};
use crossterm::terminal;

use super::Wake;
use crate::tui::app::mouse::Pointer;

/// The most events handed over at once.
const MOST: usize = 1_024;
/// How long one looks whether more has come already; nothing is looked for in no time.
const A_LOOK: Duration = Duration::from_micros(50);

/// The reading thread, seen from the loop.
pub(super) struct Input {
    onward: SyncSender<()>,
    held: bool,
}

impl Input {
    /// Begins to read; `size` is what the terminal had when the application began.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(super) fn start(wakes: Sender<Wake>, size: (u16, u16)) -> io::Result<Self> {
        let (onward, waits) = sync_channel(1);
        let read = move || {
            tell_size(&wakes, size);
            read(&wakes, &waits);
        };
        thread::Builder::new().name("input".to_owned()).spawn(read)?;
        Ok(Self { onward, held: true })
    }

    /// Lets it read on.
    pub(super) fn go_on(&mut self) {
        if self.held {
            self.held = false;
            // The thread ends only with the terminal, which it has told.
            let _ = self.onward.try_send(());
        }
    }

    /// Notes that it has handed something over and waits.
    pub(super) fn hold(&mut self) {
        self.held = true;
    }

    /// Returns whether nobody reads the terminal.
    pub(super) fn is_held(&self) -> bool {
        self.held
    }
}

/// Tells of a change of size that nobody saw: it is an event only from the first
/// look for events on.
fn tell_size(wakes: &Sender<Wake>, before: (u16, u16)) {
    let looked = event::poll(Duration::ZERO);
    if let (Ok(_), Ok((width, height))) = (looked, terminal::size())
        && (width, height) != before
    {
        // Nobody waits for it any more if the loop has ended.
        let _ = wakes.send(Wake::Typed(vec![Event::Resize(width, height)]));
    }
}

fn read(wakes: &Sender<Wake>, onward: &Receiver<()>) {
    while onward.recv().is_ok() {
        let wake = match batch() {
            Ok(events) => Wake::Typed(events),
            Err(error) => Wake::NoInput(error),
        };
        let ends = matches!(wake, Wake::NoInput(_));
        if wakes.send(wake).is_err() || ends {
            return;
        }
    }
}

/// Waits for something, and takes what came with it.
fn batch() -> io::Result<Vec<Event>> {
    let mut events = vec![event::read()?];
    while events.len() < MOST && event::poll(A_LOOK)? {
        events.push(event::read()?);
    }
    Ok(events)
}

/// Returns what an event of the mouse is to the application, if it is anything.
pub(super) fn pointer(kind: MouseEventKind) -> Option<Pointer> {
    match kind {
        MouseEventKind::Down(MouseButton::Left) => Some(Pointer::Press),
        MouseEventKind::Drag(MouseButton::Left) => Some(Pointer::Drag),
        MouseEventKind::Up(MouseButton::Left) => Some(Pointer::Release),
        MouseEventKind::ScrollDown => Some(Pointer::WheelDown),
        MouseEventKind::ScrollUp => Some(Pointer::WheelUp),
        _ => None,
    }
}
