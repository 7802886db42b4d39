//! A stage with the demo company on it, and what is asked of it.

use rolo::actions::{Clock, Desk, demo};
use rolo::domain::Timestamp;
use rolo::store::memory;
use rolo::tui::keys::Pane;
use rolo::tui::play::{PlayOptions, Print, Stage};
use rolo::tui::start::Settings;
use rolo::tui::theme::Theme;
use serde_json::Value;

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

/// Returns the demo on a stage for a story that changes nothing: they share a store.
pub(crate) fn reading(width: u16, height: u16) -> Stage {
    static DESK: std::sync::OnceLock<Desk> = std::sync::OnceLock::new();
    Stage::new(DESK.get_or_init(demo_desk).clone(), &options(width, height)).unwrap()
}

/// Returns an empty store on a stage.
pub(crate) fn empty_stage(width: u16, height: u16) -> Stage {
    Stage::new(empty_desk(), &options(width, height)).unwrap()
}

/// Presses keys and returns the state after them.
pub(crate) fn after(stage: &mut Stage, keys: &str) -> Value {
    stage.press(keys).unwrap();
    stage.state()
}

/// Returns the message's level and text.
pub(crate) fn message(state: &Value) -> (String, String) {
    let text = |name: &str| state["message"][name].as_str().unwrap_or_default().to_owned();
    (text("level"), text("text"))
}

/// Returns the screen with the roles that it is drawn in: glyphs first, then for each
/// line the runs of one role, with the columns where they begin.
pub(crate) fn picture(stage: &mut Stage) -> String {
    let theme = std::mem::replace(&mut stage.theme, Theme::probe());
    let buffer = stage.buffer();
    let mut picture = stage.screen();
    picture.push('\n');
    for y in 0..buffer.area.height {
        let mut runs = Vec::new();
        let mut last = None;
        for x in 0..buffer.area.width {
            let role = Theme::probed(buffer[(x, y)].bg).map(|role| role.name());
            if role != last {
                runs.push(format!("{x}:{}", role.unwrap_or("?")));
                last = role;
            }
        }
        picture.push_str(&format!("{y:>2} {}\n", runs.join(" ")));
    }
    stage.theme = theme;
    picture
}
