//! A stage with the demo company on it.

use rolo::actions::{Clock, Desk, demo};
use rolo::domain::Timestamp;
use rolo::store::memory;
use rolo::tui::keys::Pane;
use rolo::tui::play::{PlayOptions, Print, Stage};
use rolo::tui::start::Settings;

/// The moment of every story.
pub(crate) const NOW: &str = "2026-03-04T10:30:00Z";

/// Returns a desk at an empty store.
pub(crate) fn empty_desk() -> Desk {
    let mut desk = Desk::new(memory().unwrap(), "ada");
    desk.clock = Clock::Fixed(Timestamp::from_rfc3339(NOW).unwrap());
    desk
}

/// Returns a desk at the demo company's store.
pub(crate) fn demo_desk() -> Desk {
    let desk = empty_desk();
    demo::demo(&desk).unwrap();
    desk
}

/// Returns how a story is played at a size.
pub(crate) fn options(width: u16, height: u16) -> PlayOptions {
    PlayOptions { size: (width, height), pane: Pane::Contacts, zoom: false, print: Print::State, settings: Settings::default() }
}

/// Returns the demo on a stage.
pub(crate) fn stage(width: u16, height: u16) -> Stage {
    Stage::new(demo_desk(), &options(width, height)).unwrap()
}
