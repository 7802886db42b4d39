//! The application without a terminal: `rolo play`, pictures, tests.
//!
//! Keys are fed, effects are performed one after the other until nothing is left
//! to be done, and what came of it is printed. Nothing here waits, and nothing
//! knows a terminal.

mod ansi;
mod state;

use std::collections::VecDeque;
use std::fmt;
use std::time::Instant;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::app::drafts::Waiting;
use super::app::message::{Effect, Failure, Level, Message, Request};
use super::app::state::App;
use super::app::workspace::kept::Kept;
use super::keys::notation::{self, NotationError};
use super::keys::{Key, Pane};
use super::load;
use super::perf::Perf;
use super::runtime::painter::Painter;
use super::shelf::ShelfError;
use super::start::Settings;
use super::theme::Theme;
use super::view;
use crate::actions::{self, Desk};
use crate::command;
use crate::domain::naming;

/// What is printed at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Print {
    /// The characters on the screen.
    Screen,
    /// The same with the theme's colours.
    Ansi,
    /// The state as one JSON object.
    State,
}

/// How it is played.
#[derive(Debug, Clone)]
pub struct PlayOptions {
    /// Columns and lines of the screen.
    pub size: (u16, u16),
    /// The pane that has the focus at first.
    pub pane: Pane,
    /// Whether that pane has the screen.
    pub zoom: bool,
    /// What is printed.
    pub print: Print,
    /// Keys, colours, options.
    pub settings: Settings,
}

/// Why nothing was played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlayError {
    /// The keys are none, with their place.
    Keys(NotationError),
    /// The keymap or theme is not there.
    Shelf(ShelfError),
}

impl fmt::Display for PlayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keys(error) => write!(f, "{error}, at character {}", error.at.start + 1),
            Self::Shelf(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for PlayError {}

impl PlayError {
    /// Returns what to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Keys(_) => Some("keys are written as in Vim: 3j, <C-d>, <CR>, <lt>".to_owned()),
            Self::Shelf(error) => error.hint(),
        }
    }
}

/// Plays keys and returns what is to be printed, with a line break at its end.
///
/// # Errors
/// Keys that are none; a keymap or theme that is not there.
pub fn play(desk: Desk, keys: &str, options: &PlayOptions) -> Result<String, PlayError> {
    let mut stage = Stage::new(desk, options)?;
    stage.press(keys)?;
    Ok(stage.printed(options.print))
}

/// Plays keys as [`play`] does, a frame after each, and returns what that cost too.
///
/// # Errors
/// As [`play`].
pub fn play_timed(desk: Desk, keys: &str, options: &PlayOptions) -> Result<(String, Perf), PlayError> {
    let begun = Instant::now();
    let mut stage = Stage::new(desk, options)?;
    let mut painter = Painter::default();
    stage.frame(&mut painter);
    stage.app.perf.first = Some(begun.elapsed());
    for key in notation::parse(keys).map_err(PlayError::Keys)? {
        let begun = Instant::now();
        stage.press_key(key);
        stage.app.perf.keys.took(begun.elapsed());
        stage.frame(&mut painter);
        if stage.app.exited.is_some() {
            break;
        }
    }
    let printed = stage.printed(options.print);
    Ok((printed, stage.app.perf))
}

/// The application on a stage: everything but a terminal.
#[derive(Debug)]
pub struct Stage {
    /// The application.
    pub app: App,
    /// Where it works.
    pub desk: Desk,
    /// How it looks.
    pub theme: Theme,
    /// How many rows and cards have been built so far.
    pub built: usize,
    /// What was handed to the terminal's clipboard last.
    pub copied: Option<String>,
    settings: Settings,
    queue: load::Queue,
}

impl Stage {
    /// Returns the application as it opens, loaded.
    ///
    /// # Errors
    /// A keymap or theme that is not there.
    pub fn new(desk: Desk, options: &PlayOptions) -> Result<Self, PlayError> {
        Self::begin(desk, options, None)
    }

    /// Returns the application as a workspace was left, loaded.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn resumed(desk: Desk, options: &PlayOptions, kept: Kept) -> Result<Self, PlayError> {
        Self::begin(desk, options, Some(kept))
    }

    fn begin(mut desk: Desk, options: &PlayOptions, kept: Option<Kept>) -> Result<Self, PlayError> {
        "main".clone_into(&mut desk.author.workspace);
        let (mut app, mut theme) = options.settings.start(options.size).map_err(PlayError::Shelf)?;
        app.readonly = desk.readonly;
        app.follows_at_once = true;
        app.focus_on(options.pane);
        app.zoomed = options.zoom;
        if let Some(kept) = kept {
            app.resume(kept);
            theme = options.settings.theme_of(&mut app, theme);
        }
        app.arrange();
        let mut stage =
            Self { app, desk, theme, built: 0, copied: None, settings: options.settings.clone(), queue: load::Queue::default() };
        let effects = stage.app.begin();
        stage.perform(effects);
        Ok(stage)
    }

    /// Feeds keys and performs what they ask for until nothing is left; those behind
    /// the end of the application are dropped.
    ///
    /// # Errors
    /// Keys that are none; nothing is pressed then.
    pub fn press(&mut self, keys: &str) -> Result<(), PlayError> {
        let keys = notation::parse(keys).map_err(PlayError::Keys)?;
        for key in keys {
            self.press_key(key);
            if self.app.exited.is_some() {
                break;
            }
        }
        Ok(())
    }

    fn press_key(&mut self, key: Key) {
        let effects = self.app.update(Message::Key(key));
        self.perform(effects);
        while let Some(effects) = self.app.step() {
            self.perform(effects);
        }
    }

    /// Draws a frame as the terminal would be given it, and notes what it costs.
    fn frame(&mut self, painter: &mut Painter) {
        let begun = Instant::now();
        let bytes = painter.frame(&self.app, &self.theme);
        if !bytes.is_empty() {
            self.app.perf.frames.took(begun.elapsed());
            self.app.perf.bytes.add(bytes.len() as u64);
            self.app.perf.rows.add(painter.rows as u64);
        }
    }

    fn printed(&mut self, print: Print) -> String {
        match print {
            Print::Screen => self.screen(),
            Print::Ansi => self.ansi(),
            Print::State => {
                self.load_entries();
                format!("{:#}\n", self.state())
            }
        }
    }

    /// Tells the application something, and performs what it asks for.
    pub fn tell(&mut self, message: Message) {
        let effects = self.app.update(message);
        self.perform(effects);
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        let mut waiting: VecDeque<Effect> = effects.into();
        while let Some(effect) = waiting.pop_front() {
            let message = match effect {
                Effect::Load(request) => {
                    if let Request::Rows { ids, .. } | Request::Cards(ids) = &request {
                        self.built += ids.len();
                        self.app.perf.built.add(ids.len() as u64);
                    }
                    let begun = matches!(request, Request::FinderSearch(_)).then(Instant::now);
                    let answer = load::perform(&self.desk, &self.queue, &request);
                    if let Some(begun) = begun {
                        self.app.perf.finder.took(begun.elapsed());
                    }
                    answer
                }
                Effect::Run { invocation, here } if invocation.spec.id == command::Id::OpenFile => {
                    match command::file_to_open(&self.desk, &invocation.args, &here) {
                        Ok(document) => Message::Say(Level::Info, format!("would open {} {}", document.id, naming::title(&document))),
                        Err(error) => Message::Done(Err(Failure::from(error))),
                    }
                }
                Effect::Run { invocation, here } => Message::Done(command::run(&self.desk, &invocation, &here).map_err(Failure::from)),
                Effect::Edit(_) | Effect::EditAgain(_) => refused("an editor needs a terminal", "change cells with i, or fields with :set"),
                Effect::Suspend => refused("there is no shell to go back to", "this is played without a terminal"),
                Effect::Theme(name) => match self.settings.load_theme(&name) {
                    Ok((theme, wrong)) => {
                        self.theme = theme;
                        self.app.theme = name;
                        let Some(first) = wrong.first() else { continue };
                        Message::Say(Level::Warning, first.to_string())
                    }
                    Err(error) => Message::Done(Err(Failure { message: error.to_string(), hint: error.hint() })),
                },
                Effect::Open(address) => Message::Say(Level::Info, format!("would open {address}")),
                Effect::EndStep(step) => match actions::end_step(&self.desk, step) {
                    Ok(()) => continue,
                    Err(error) => Message::Done(Err(Failure::from(error))),
                },
                Effect::KeepDraft(draft) => {
                    self.app.wait_with(Waiting { key: "unkept".to_owned(), when: self.desk.now().to_string(), draft: *draft });
                    continue;
                }
                Effect::Copy(text) => {
                    self.copied = Some(text);
                    continue;
                }
                Effect::Redraw | Effect::ForgetDraft(_) | Effect::KeepViews | Effect::Bell | Effect::Notify(_) | Effect::Rest => continue,
            };
            waiting.extend(self.app.update(message));
        }
    }

    /// Returns the screen as it is drawn.
    pub fn buffer(&self) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, self.app.size.0, self.app.size.1));
        view::draw(&self.app, &self.theme, &mut buffer);
        buffer
    }

    /// Returns how many rows a frame is made of: of lists, cards, entries, lines of what
    /// lies over the panes.
    pub fn rows_drawn(&self) -> usize {
        let mut buffer = Buffer::empty(Rect::new(0, 0, self.app.size.0, self.app.size.1));
        view::draw(&self.app, &self.theme, &mut buffer).rows
    }

    /// Returns the characters on the screen, a line each.
    pub fn screen(&self) -> String {
        ansi::plain(&self.buffer())
    }

    /// Returns the screen with its colours.
    pub fn ansi(&self) -> String {
        ansi::colored(&self.buffer())
    }

    /// Loads the entries of the timeline that the window has not come near to, as far as a
    /// state tells rows.
    pub fn load_entries(&mut self) {
        if let Some(of) = self.app.timeline.of.filter(|_| self.app.timeline.more) {
            self.perform(vec![Effect::Load(Request::Timeline { of, limit: state::MOST })]);
        }
    }

    /// Returns the state as `terminal.md` has it.
    pub fn state(&self) -> serde_json::Value {
        state::state(&self.app)
    }
}

fn refused(message: &str, hint: &str) -> Message {
    Message::Done(Err(Failure { message: message.to_owned(), hint: Some(hint.to_owned()) }))
}
