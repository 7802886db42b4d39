//! The loop in a real terminal: keys in, effects out, frames drawn.
//!
//! Threads read keys, perform effects and wait for the changes of others; this one
//! alone owns the state and the screen. What a key has changed is finished before
//! the next key is taken; what merely follows (the timeline) is not waited for.
//! When nothing happens, nothing wakes up and nothing is drawn.

mod editor;
mod fault;
mod input;
mod keeper;
mod listing;
pub(in crate::tui) mod painter;
mod workers;

use std::collections::{HashMap, VecDeque};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use crossterm::{event::Event, terminal};

use self::input::Input;
use self::keeper::Keeper;
use self::listing::Listing;
use self::painter::Painter;
use self::workers::{Job, Progress, Workers};
use super::app::drafts::{Draft, Waiting};
use super::app::finder;
use super::app::message::{Effect, Failure, Level, Loaded, Message, Request};
use super::app::others::Editor;
use super::app::state::App;
use super::clipboard;
use super::keeping::drafts::Found;
use super::keeping::{self, Keeping, NoSeat, Writer};
use super::keys::notation::{self, NotationError};
use super::keys::{Key, Mode, Pane};
use super::load;
use super::load::news::Wave;
use super::notify::Manner;
use super::shelf::ShelfError;
use super::signals::{self, Told};
use super::start::Settings;
use super::term::{self, Screen, Shape, Tty};
use super::theme::Theme;
use super::views_file;
use crate::actions::{self, ActionError, Clock, Desk, Edited, Opener};
use crate::command::{self, Id, Reply};
use crate::domain::{Kind, RecordId};
use crate::domain::{Timestamp, zone};
use crate::insight::{List, SORT};
use crate::store::StoreError;
use crate::store::api::{Occupation, Part};

/// How long the hand rests before the timeline follows.
const REST: Duration = Duration::from_millis(150);
/// How long keys are pending before what may follow is shown.
const PAUSE: Duration = Duration::from_millis(300);
/// How long work may take before the status line tells of it.
const PATIENCE: Duration = Duration::from_millis(100);
/// More changes than these are read anew as a whole.
const MOST_COMMITS: usize = 64;
/// How long what others did is told.
const TELLING: Duration = Duration::from_secs(2);

/// How the application is opened.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Keys, colours, options.
    pub settings: Settings,
    /// Keys that are typed at first, in Vim notation.
    pub script: Option<String>,
    /// Where the workspace is kept, and which one it is.
    pub keeping: Keeping,
    /// The store's folder, where this session may write its list file.
    pub folder: Option<PathBuf>,
    /// The list file, where the store is still being opened.
    pub list: Option<Arc<List>>,
}

/// Why the application could not be opened, or could not go on.
#[derive(Debug)]
pub enum OpenError {
    /// The terminal is none, or is gone.
    Terminal(io::Error),
    /// The keymap or theme is not there.
    Shelf(ShelfError),
    /// The script's keys are none.
    Keys(NotationError),
    /// The workspace that was named is not to be had.
    Workspace(NoSeat),
    /// The store could not be opened.
    Store(StoreError),
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Terminal(error) => write!(f, "the terminal cannot be used: {error}"),
            Self::Shelf(error) => write!(f, "{error}"),
            Self::Keys(error) => write!(f, "{error}, at character {}", error.at.start + 1),
            Self::Workspace(error) => write!(f, "{error}"),
            Self::Store(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for OpenError {}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::Terminal(error)
    }
}

impl OpenError {
    /// Returns what to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Shelf(error) => error.hint(),
            Self::Keys(_) => Some("keys are written as in Vim: 3j, <C-d>, <CR>, <lt>".to_owned()),
            Self::Workspace(NoSeat::Busy { .. }) => Some("leave it there, or name another with --workspace".to_owned()),
            Self::Workspace(NoSeat::NoName(_)) => Some("a name has 1 to 64 bytes and no control characters".to_owned()),
            Self::Terminal(_) | Self::Store(_) => None,
        }
    }

    /// Returns the exit code: 2 for what was asked for wrongly, 8 for a workspace that is
    /// open elsewhere, 1 for the rest.
    pub fn code(&self) -> u8 {
        match self {
            Self::Terminal(_) | Self::Store(_) => 1,
            Self::Shelf(_) | Self::Keys(_) | Self::Workspace(NoSeat::NoName(_)) => 2,
            Self::Workspace(NoSeat::Busy { .. }) => 8,
        }
    }
}

/// What wakes the loop.
enum Wake {
    /// Keys, pastes, sizes, in order.
    Typed(Vec<Event>),
    /// The terminal gives no more.
    NoInput(io::Error),
    /// A job has ended.
    Ended { job: u64, message: Message },
    /// A job is not done: a later one of its kind is.
    PassedOver(u64),
    /// A job tells how far it is.
    Progress(Progress),
    /// The store is there that was being opened, at which seq; or why it is not.
    Came(Result<u64, StoreError>),
    /// The list file was written.
    Listed(Option<Arc<List>>),
    /// The store has new commits.
    Changed(Wave),
    /// Others began or ended editing.
    Editors(Vec<Editor>),
    /// The system told something.
    Told(Told),
    /// What is to be kept cannot be written: why.
    Unkept(String),
}

/// Opens the application in the terminal of this process and returns its exit code
/// once it is left. The store is closed then.
///
/// # Errors
/// A terminal that is none or goes away; a keymap or theme that is not there.
pub fn open(mut desk: Desk, options: &Options) -> Result<i32, OpenError> {
    let begun = Instant::now();
    let script = notation::parse(options.script.as_deref().unwrap_or_default()).map_err(OpenError::Keys)?;
    let (mut app, theme) = options.settings.start(terminal::size()?).map_err(OpenError::Shelf)?;
    app.readonly = desk.readonly;
    let (sender, wakes) = channel();
    let seat = sit_down(&mut desk, options, &mut app).map_err(OpenError::Workspace)?;
    let theme = options.settings.theme_of(&mut app, theme);
    let unkept = sender.clone();
    let writer = Writer::start(move |why| drop(unkept.send(Wake::Unkept(why))))?;
    let told = sender.clone();
    signals::watch(move |what| drop(told.send(Wake::Told(what))))?;
    let kinds = term::Options::of_environment(std::env::var("TERM").ok().as_deref(), false);
    let screen = Screen::enter(io::stdout(), Tty, kinds)?;
    let input = Input::start(sender.clone(), app.size)?;
    let workers = Workers::start(&desk, &sender)?;
    let teller = workers::teller(&desk)?;
    let listing = Listing::start(&desk, options.folder.clone(), options.list.as_deref(), &sender)?;
    let seen = desk.store.seq();
    let mut running = Loop {
        app,
        theme,
        desk,
        settings: options.settings.clone(),
        screen,
        painter: Painter::default(),
        input,
        workers,
        wakes,
        awaited: Vec::new(),
        since: None,
        telling: None,
        rest: None,
        pause: None,
        seen,
        behind: seen,
        coming: Vec::new(),
        swept: false,
        catching: Vec::new(),
        is_catching: false,
        ended: HashMap::new(),
        overtaken: false,
        news: None,
        teller,
        at: None,
        keeper: Keeper::new(seat, Some(writer)),
        listing,
        ending: None,
        bell: false,
        begun,
        asked: HashMap::new(),
        copied: Vec::new(),
    };
    let effects = running.app.begin();
    let is_there = running.desk.store.is_there();
    running.perform(effects, is_there)?;
    if let Some(list) = options.list.as_ref().filter(|_| !is_there) {
        running.show_list(list)?;
    }
    running.look_for_reminders();
    for key in script {
        running.app.update(Message::Key(key));
    }
    let code = running.run();
    let Loop { app, mut screen, mut keeper, mut listing, desk, ending, .. } = running;
    let left = screen.leave();
    keeper.keep_all(&app);
    if desk.store.is_there() && code.is_ok() {
        listing.leave(&desk, desk.store.seq(), app.contacts.ids.len());
    }
    let closed = desk.store.close();
    if let Some(signal) = ending {
        signals::end(signal);
    }
    let code = code?;
    left?;
    // What was acknowledged is durable; closing badly loses nothing.
    Ok(if closed.is_ok() { code } else { code.max(1) })
}

/// Takes the workspace: goes to where it was left, and has `u` take back its steps.
fn sit_down(desk: &mut Desk, options: &Options, app: &mut App) -> Result<keeping::Seat, NoSeat> {
    let mut keeping = options.keeping.clone();
    let mut store = options.list.as_ref().map_or_else(String::new, |list| list.store().to_owned());
    if keeping.folder.is_some() && store.is_empty() {
        match desk.store.stats() {
            Ok(stats) => store = stats.store_id,
            // Nobody knows whose place it would be.
            Err(_) => keeping.folder = None,
        }
    }
    let keeping::Sat { seat, kept, told } = keeping::sit(&keeping, &store, &desk.author.login)?;
    desk.author.workspace.clone_from(&seat.name);
    app.name_workspace(&seat.name);
    if let Some(kept) = kept {
        app.resume(kept);
    }
    for why in told {
        app.say(Level::Warning, why);
    }
    let (found, told) = keeping::drafts::find(&seat);
    for why in told {
        app.say(Level::Warning, why);
    }
    for Found { name, at, draft } in found {
        app.wait_with(Waiting { key: name, when: when(desk, at), draft });
    }
    app.offer_drafts();
    Ok(seat)
}

/// Returns a moment as people read it; without one, now.
fn when(desk: &Desk, at: Option<Timestamp>) -> String {
    let at = at.unwrap_or_else(|| Timestamp::from_utc(chrono::Utc::now()));
    zone::wall_clock(desk.zone(), at).format("%a %Y-%m-%d %H:%M").to_string()
}

/// A job that tells how far it is.
struct Telling {
    job: u64,
    /// Whether it was asked to end.
    ends: bool,
}

struct Loop {
    app: App,
    theme: Theme,
    desk: Desk,
    settings: Settings,
    screen: Screen<io::Stdout, Tty>,
    painter: Painter,
    input: Input,
    workers: Workers,
    wakes: Receiver<Wake>,
    /// Jobs that the next key waits for.
    awaited: Vec<u64>,
    /// Since when it waits.
    since: Option<Instant>,
    /// The job that tells how far it is, and can be ended.
    telling: Option<Telling>,
    /// When the hand has rested.
    rest: Option<Instant>,
    /// When what may follow the pending keys is shown.
    pause: Option<Instant>,
    /// The last commit that is on screen.
    seen: u64,
    /// The last commit that there is.
    behind: u64,
    /// The records of each commit that may not be on screen yet.
    coming: Vec<(u64, Vec<RecordId>)>,
    /// Whether so much was changed that everything is to be read anew.
    swept: bool,
    /// The jobs that bring the panes forward, and whether such are being given.
    catching: Vec<u64>,
    is_catching: bool,
    /// Of the jobs that have read something for a pane and have ended, the one given last.
    ended: HashMap<Pane, u64>,
    /// Whether one ended behind it that was given before: it may have put back what was there
    /// before, or what another filter let through.
    overtaken: bool,
    /// When what others did has been told long enough.
    news: Option<Instant>,
    /// Tells others what one is at.
    teller: Sender<Option<Occupation>>,
    /// What they were told last.
    at: Option<Occupation>,
    /// Keeps where one is.
    keeper: Keeper,
    /// Keeps the list file.
    listing: Listing,
    /// The signal that ends it.
    ending: Option<i32>,
    bell: bool,
    /// When it began, and when the finder was asked what it has not answered yet.
    begun: Instant,
    asked: HashMap<u64, Instant>,
    /// What the terminal's clipboard is to be told with the next frame.
    copied: Vec<u8>,
}

impl Loop {
    fn run(&mut self) -> Result<i32, OpenError> {
        loop {
            self.step()?;
            if self.app.machine.sequence().is_empty() || self.app.shows_keys {
                self.pause = None;
            } else {
                self.pause.get_or_insert_with(|| Instant::now() + PAUSE);
            }
            if let Some(code) = self.app.exited {
                return Ok(code);
            }
            self.note_draft();
            self.tell_others();
            self.draw()?;
            let mut woken = VecDeque::new();
            match self.next_deadline() {
                None => woken.extend(self.wakes.recv().ok()),
                Some(deadline) => match self.wakes.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                    Ok(wake) => woken.push_back(wake),
                    Err(RecvTimeoutError::Timeout) => self.timed_out()?,
                    Err(RecvTimeoutError::Disconnected) => return Ok(1),
                },
            }
            // All that is there is taken before a frame is drawn.
            woken.extend(self.wakes.try_iter());
            for wake in woken {
                if let Some(code) = self.take(wake)? {
                    return Ok(code);
                }
            }
        }
    }

    /// Shows what the list file says, as far as the panes stand as it does.
    fn show_list(&mut self, list: &Arc<List>) -> Result<(), OpenError> {
        self.app.finder.list = Some(finder::Listing(Arc::clone(list)));
        let contacts = &self.app.contacts;
        let is_plain = contacts.kind == Kind::Contact && contacts.filter.is_empty() && contacts.sort == SORT;
        let Some(ids) = list.contacts().filter(|ids| is_plain && !ids.is_empty()) else { return Ok(()) };
        let total = ids.len() as u64;
        let effects = self.app.update(Message::Loaded(Loaded::Ids { pane: Pane::Contacts, ids, total, notice: None, runs: None }));
        for effect in &effects {
            if let Effect::Load(Request::Rows { pane: Pane::Contacts, ids, columns }) = effect {
                let rows = load::first_rows(list, ids, columns, self.desk.now());
                self.app.update(Message::Loaded(Loaded::Rows { pane: Pane::Contacts, rows, changes: Vec::new() }));
            }
        }
        self.perform(effects, false)
    }

    /// Takes the keys that wait, one command at a time, each to its end.
    fn step(&mut self) -> Result<(), OpenError> {
        while self.awaited.is_empty() {
            let Some(effects) = self.app.step() else { break };
            self.perform(effects, true)?;
        }
        // While something is waited for, only <C-c> is of use, after a while.
        if self.awaited.is_empty() {
            self.catch_up()?;
            self.input.go_on();
        }
        Ok(())
    }

    /// Brings the panes forward to what was committed, here or elsewhere. One such
    /// reading ends before the next one begins, however quickly changes come.
    fn catch_up(&mut self) -> Result<(), OpenError> {
        if (self.behind <= self.seen && !self.overtaken) || !self.catching.is_empty() {
            return Ok(());
        }
        let seen = self.seen;
        let coming = std::mem::take(&mut self.coming);
        let all = std::mem::take(&mut self.swept) | std::mem::take(&mut self.overtaken);
        let ids = (!all).then(|| coming.into_iter().filter(|(seq, _)| *seq > seen).flat_map(|(_, ids)| ids).collect());
        self.seen = self.behind;
        let effects = self.app.update(Message::Changed(ids));
        self.is_catching = true;
        let performed = self.perform(effects, false);
        self.is_catching = false;
        self.look_for_reminders();
        performed
    }

    /// Takes what was committed, here or elsewhere.
    fn hear(&mut self, wave: Wave) {
        self.behind = self.behind.max(wave.seq);
        match wave.changed {
            Some(changed) => self.coming.extend(changed),
            None => self.swept = true,
        }
        if self.coming.len() > MOST_COMMITS {
            self.coming.clear();
            self.swept = true;
        }
        if !wave.news.is_empty() || self.swept {
            self.news = Some(Instant::now() + TELLING);
            self.app.update(Message::News(wave.news));
        }
    }

    /// Tells others what one is at.
    fn tell_others(&mut self) {
        let at = self.app.busy_with().map(|(record, editing)| Occupation { record, editing });
        if at != self.at {
            self.at = at;
            // Without the thread nobody is told, which is no harm.
            let _ = self.teller.send(at);
        }
    }

    fn take(&mut self, wake: Wake) -> Result<Option<i32>, OpenError> {
        match wake {
            Wake::Typed(events) => {
                self.input.hold();
                self.keeper.typed(Instant::now());
                self.listing.typed();
                for event in events {
                    self.event(event)?;
                }
            }
            Wake::NoInput(error) => return Err(error.into()),
            // What one job has read says nothing of the other panes: those are brought forward.
            Wake::Ended { job, message } => {
                if let Some(asked) = self.asked.remove(&job) {
                    self.app.perf.finder.took(asked.elapsed());
                }
                let is_awaited = self.awaited.contains(&job);
                self.awaited.retain(|other| *other != job);
                self.catching.retain(|other| *other != job);
                self.telling.take_if(|telling| telling.job == job);
                if let Message::Loaded(loaded) = &message
                    && let Some(pane) = loaded.pane()
                {
                    let last = self.ended.entry(pane).or_default();
                    self.overtaken |= job < *last;
                    *last = job.max(*last);
                }
                let effects = self.app.update(message);
                self.perform(effects, is_awaited)?;
                if self.awaited.is_empty() {
                    if let Some(since) = self.since {
                        self.app.perf.keys.took(since.elapsed());
                    }
                    self.since = None;
                    self.app.busy = None;
                }
            }
            Wake::PassedOver(job) => self.catching.retain(|other| *other != job),
            Wake::Progress(progress) => self.tell(progress),
            Wake::Came(came) => {
                let seq = came.map_err(OpenError::Store)?;
                (self.seen, self.behind) = (seq, self.behind.max(seq));
                self.app.perf.came = Some(self.begun.elapsed());
                let effects = self.app.update(Message::StoreCame);
                self.perform(effects, false)?;
            }
            Wake::Listed(list) => {
                self.listing.took(list.as_deref());
                // Whoever has no lines yet reads them from it.
                self.app.finder.list = list.map(finder::Listing).or(self.app.finder.list.take());
            }
            Wake::Changed(wave) => self.hear(wave),
            Wake::Editors(editors) => {
                self.app.update(Message::Editors(editors));
            }
            Wake::Told(Told::End(signal)) => {
                self.ending = Some(signal);
                return Ok(Some(128 + signal));
            }
            Wake::Told(Told::Stop) => self.suspend()?,
            Wake::Told(Told::Continue) => self.painter.forget(),
            Wake::Unkept(why) => self.app.say(Level::Warning, why),
        }
        Ok(None)
    }

    fn event(&mut self, event: Event) -> Result<(), OpenError> {
        let message = match event {
            Event::Key(key) => match Key::from_event(key) {
                Some(key) if key == Key::ctrl('c') && !self.awaited.is_empty() => {
                    self.give_up();
                    return Ok(());
                }
                Some(key) => {
                    fault::at(key);
                    self.pause = None;
                    Message::Key(key)
                }
                None => return Ok(()),
            },
            Event::Paste(text) => {
                // Keys typed before it come first.
                self.step()?;
                Message::Paste(text)
            }
            Event::Resize(width, height) => {
                self.painter.forget();
                Message::Resize(width, height)
            }
            Event::Mouse(mouse) => {
                self.step()?;
                match input::pointer(mouse.kind) {
                    Some(what) if self.awaited.is_empty() => Message::Mouse(what, (mouse.column, mouse.row)),
                    _ => return Ok(()),
                }
            }
            Event::FocusGained | Event::FocusLost => return Ok(()),
        };
        let effects = self.app.update(message);
        let changes = effects.iter().any(|effect| matches!(effect, Effect::Run { .. }));
        self.perform(effects, changes)
    }

    /// Shows how far a job is that keys wait for.
    fn tell(&mut self, Progress { job, text }: Progress) {
        if !self.awaited.contains(&job) {
            return;
        }
        let ends = self.telling.as_ref().is_some_and(|telling| telling.job == job && telling.ends);
        self.telling = Some(Telling { job, ends });
        self.app.busy = Some(if ends { format!("{text}, ending") } else { format!("{text}, <C-c> ends it") });
        self.input.go_on();
    }

    /// Ends what is waited for, if it can be ended; asked again, goes on without it: it
    /// ends by itself.
    fn give_up(&mut self) {
        if let Some(telling) = self.telling.as_mut().filter(|telling| !telling.ends) {
            telling.ends = true;
            self.workers.stop();
            self.app.machine.drop_waiting();
            return;
        }
        self.telling = None;
        self.awaited.clear();
        self.since = None;
        self.app.busy = None;
        self.app.forget_awaited();
        self.app.say(Level::Warning, "not waited for any longer: what has begun ends by itself");
    }

    /// Looks at what is being written.
    fn note_draft(&mut self) {
        self.keeper.look(self.app.draft(), Instant::now());
    }

    fn next_deadline(&self) -> Option<Instant> {
        let patience = self.since.filter(|_| self.app.busy.is_none()).map(|since| since + PATIENCE);
        let listing = if self.desk.store.is_there() { self.listing.moment(self.behind) } else { None };
        let own = [patience, self.rest, self.pause, self.news, self.keeper.moment()];
        own.into_iter().chain([listing, self.countdown(), self.reminds_at()]).flatten().min()
    }

    /// Returns when something on screen that counts down says something else; a clock that
    /// stands counts nothing down.
    fn countdown(&self) -> Option<Instant> {
        let at = self.app.next_change().filter(|_| self.desk.clock == Clock::Real)?;
        let left = u64::try_from(at.0 - self.desk.now().0).unwrap_or_default();
        Some(Instant::now() + Duration::from_micros(left))
    }

    /// Returns when the next reminder is due, by the clock as it stands now.
    fn reminds_at(&self) -> Option<Instant> {
        // A clock that stands comes to no moment.
        let next = self.app.reminders.next.filter(|_| self.desk.clock.fixed().is_none())?;
        let micros = u64::try_from(next.0.saturating_sub(self.desk.now().0)).unwrap_or(0);
        Instant::now().checked_add(Duration::from_micros(micros))
    }

    /// Looks for what is due, and for the next reminder; nothing is waited for meanwhile.
    fn look_for_reminders(&mut self) {
        self.app.reminders.next = None;
        self.give(Job::Load(Request::Reminders(self.app.reminders.since)), false);
    }

    fn timed_out(&mut self) -> Result<(), OpenError> {
        let now = Instant::now();
        if self.since.is_some_and(|since| now >= since + PATIENCE) && self.app.busy.is_none() {
            self.app.busy = Some("working, <C-c> goes on without".to_owned());
            self.input.go_on();
        }
        self.keeper.keep_due(&self.app, now);
        if self.desk.store.is_there() {
            self.listing.keep_due(self.behind, now);
        }
        if self.app.reminders.next.is_some_and(|next| next <= self.desk.now()) {
            self.look_for_reminders();
        }
        if self.news.take_if(|until| now >= *until).is_some() {
            self.app.update(Message::NewsRest);
        }
        if self.pause.is_some_and(|pause| now >= pause) {
            self.pause = None;
            self.app.update(Message::Paused);
        }
        let moment = self.desk.now();
        if self.desk.clock == Clock::Real && self.app.next_change().is_some_and(|at| at <= moment) {
            let effects = self.app.update(Message::Moment(moment));
            self.perform(effects, false)?;
        }
        if self.rest.is_some_and(|rest| now >= rest) {
            self.rest = None;
            let effects = self.app.update(Message::Rested);
            self.perform(effects, false)?;
        }
        Ok(())
    }

    /// Performs effects; a key waits for those that are `awaited`.
    fn perform(&mut self, effects: Vec<Effect>, awaited: bool) -> Result<(), OpenError> {
        for effect in effects {
            match effect {
                Effect::Load(request) => {
                    let follows = matches!(request, Request::Undo) || workers::follows(&request) || workers::is_finders(&request);
                    let waits = awaited && !follows;
                    self.give(Job::Load(request), waits);
                }
                // A program of the user's own choice may want the terminal.
                Effect::Run { invocation, here } if invocation.spec.id == Id::OpenFile && Opener::of_environment().is_own() => {
                    let effects = self.outside(&|desk| command::run(desk, &invocation, &here))?;
                    self.perform(effects, true)?;
                }
                Effect::Run { invocation, here } => self.give(Job::Run(invocation, here), true),
                Effect::Open(address) => self.open_outside(&address),
                Effect::EndStep(step) => self.give(Job::EndStep(step), true),
                Effect::Edit(ids) => {
                    let effects = match actions::edit_toml(&self.desk, &ids) {
                        Ok(original) => self.edit(&Edited { text: original.clone(), original })?,
                        Err(error) => self.app.update(Message::Done(Err(Failure::from(error)))),
                    };
                    self.perform(effects, true)?;
                }
                Effect::EditAgain(edited) => {
                    let effects = self.edit(&edited)?;
                    self.perform(effects, true)?;
                }
                Effect::KeepDraft(draft) => {
                    if let Some(key) = self.keeper.set_aside(&draft) {
                        self.app.wait_with(Waiting { key, when: when(&self.desk, None), draft: *draft });
                    }
                }
                Effect::ForgetDraft(name) => self.keeper.forget(&self.app, &name),
                Effect::Theme(name) => self.change_theme(name),
                Effect::Suspend => self.suspend()?,
                Effect::Redraw => self.painter.forget(),
                Effect::KeepViews => self.keep_views(),
                Effect::Copy(text) => self.copied.extend(clipboard::copy(&text)),
                Effect::Bell => self.bell = true,
                Effect::Notify(text) => {
                    let term = std::env::var("TERM").ok();
                    let is_vte = std::env::var_os("VTE_VERSION").is_some();
                    self.copied.extend(Manner::of(term.as_deref(), is_vte).bytes(&text));
                }
                Effect::Rest => self.rest = Some(Instant::now() + REST),
            }
        }
        Ok(())
    }

    /// Opens an address with the system's opener, which is left to itself.
    fn open_outside(&mut self, address: &str) {
        let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
        let quiet = std::process::Stdio::null;
        match std::process::Command::new(opener).arg(address).stdin(quiet()).stdout(quiet()).stderr(quiet()).spawn() {
            Ok(_) => self.app.say(Level::Info, format!("opened {address}")),
            Err(error) => self.app.complain(&format!("{opener}: {error}"), Some(address)),
        }
    }

    fn give(&mut self, job: Job, awaited: bool) {
        let is_search = matches!(&job, Job::Load(Request::FinderSearch(_)));
        if let Job::Load(Request::Rows { ids, .. } | Request::Cards(ids)) = &job {
            self.app.perf.built.add(ids.len() as u64);
        }
        let Some(number) = self.workers.give(job, awaited) else { return };
        if is_search {
            self.asked.insert(number, Instant::now());
        }
        if awaited {
            self.awaited.push(number);
            self.since.get_or_insert_with(Instant::now);
        }
        if self.is_catching {
            self.catching.push(number);
        }
    }

    fn change_theme(&mut self, name: String) {
        match self.settings.load_theme(&name) {
            Ok((theme, wrong)) => {
                self.theme = theme;
                self.app.theme = name;
                if let Some(first) = wrong.first() {
                    self.app.say(Level::Warning, first.to_string());
                }
            }
            Err(error) => self.app.complain(&error.to_string(), error.hint().as_deref()),
        }
    }

    fn keep_views(&mut self) {
        let Some(folder) = &self.settings.folder else {
            self.app.complain("there is no folder to keep views in", Some("this one lasts until you leave"));
            return;
        };
        if let Err(error) = views_file::write(folder, &self.app.views) {
            self.app.complain(&format!("the view is not kept: {}: {error}", folder.display()), Some("it lasts until you leave"));
        }
    }

    fn suspend(&mut self) -> Result<(), OpenError> {
        self.keeper.keep_all(&self.app);
        self.desk.store.step_aside();
        let suspended = self.screen.suspend();
        self.desk.store.come_back();
        suspended?;
        self.painter.forget();
        let (width, height) = terminal::size()?;
        self.app.update(Message::Resize(width, height));
        Ok(())
    }

    /// Does something by a program that has the terminal to itself.
    fn outside(&mut self, work: &dyn Fn(&Desk) -> Result<Reply, ActionError>) -> Result<Vec<Effect>, OpenError> {
        if !self.input.is_held() {
            // Keys would go to both: this happens only to keys typed ahead of slow work.
            self.app.say(Level::Warning, "that was typed ahead: press it again");
            return Ok(Vec::new());
        }
        let desk = &self.desk;
        let done = self.screen.outside(|| work(desk))?;
        self.painter.forget();
        let (width, height) = terminal::size()?;
        self.app.update(Message::Resize(width, height));
        Ok(self.app.update(Message::Done(done.map_err(Failure::from))))
    }

    /// Opens a text in the user's editor, which has the terminal to itself. Until it is
    /// kept, or dropped by whoever wrote it, the text is a draft.
    fn edit(&mut self, edited: &Edited) -> Result<Vec<Effect>, OpenError> {
        if !self.input.is_held() {
            // Keys would go to both: this happens only to keys typed ahead of slow work.
            self.app.say(Level::Warning, "that was typed ahead: press it again to edit");
            return Ok(Vec::new());
        }
        let lent = self.keeper.lend(edited);
        let path = match lent.clone().map_or_else(|| editor::write_new(&edited.text), Ok) {
            Ok(path) => path,
            Err(error) => return Ok(self.app.update(Message::Done(Err(Failure::from(error))))),
        };
        let desk = &self.desk;
        let done = self.screen.outside(|| editor::edit(desk, &path, &edited.text, &edited.original))?;
        self.painter.forget();
        let (width, height) = terminal::size()?;
        self.app.update(Message::Resize(width, height));
        let (done, text) = match done {
            Ok(reply) => (Ok(reply), None),
            Err(refused) => (Err(refused.error), Some(refused.edited).filter(|left| left.text != left.original)),
        };
        let rest = text.map(|Edited { text, original }| Draft::Text { text, original });
        let done = done.map_err(|error| match &rest {
            Some(_) if lent.is_some() => error.hint("your text waits as a draft: :draft goes on with it"),
            Some(_) => error.hint(format!("your text is kept in {}", path.display())),
            None => error,
        });
        let mut effects = self.app.update(Message::Done(done.map_err(Failure::from)));
        if lent.is_some() {
            if let Some((name, draft)) = self.keeper.take_back(&self.app, path, rest.as_ref()).zip(rest) {
                self.app.wait_with(Waiting { key: name, when: when(&self.desk, None), draft });
            }
        } else if rest.is_none() {
            // What it held is on screen.
            drop(std::fs::remove_file(path));
        }
        effects.extend(self.app.text_taken_up(edited));
        Ok(effects)
    }

    fn draw(&mut self) -> Result<(), OpenError> {
        self.app.shared = match self.desk.store.part() {
            Part::Alone | Part::Host { guests: 0 } => String::new(),
            Part::Host { guests: 1 } => "host of 1 guest".to_owned(),
            Part::Host { guests } => format!("host of {guests} guests"),
            Part::Guest { of } => format!("guest of {of}"),
        };
        let typing = matches!(self.app.mode, Mode::Insert | Mode::Prompt);
        let begun = Instant::now();
        let mut bytes = self.painter.frame(&self.app, &self.theme);
        if !bytes.is_empty() {
            let perf = &mut self.app.perf;
            perf.frames.took(begun.elapsed());
            perf.bytes.add(bytes.len() as u64);
            perf.rows.add(self.painter.rows as u64);
            perf.first.get_or_insert(self.begun.elapsed());
        }
        bytes.append(&mut self.copied);
        if std::mem::take(&mut self.bell) {
            bytes.push(b'\x07');
        }
        if !bytes.is_empty() {
            let mut out = io::stdout().lock();
            out.write_all(&bytes)?;
            out.flush()?;
        }
        self.screen.mouse(self.app.options.mouse)?;
        self.screen.shape(if typing { Shape::Bar } else { Shape::Block })?;
        Ok(())
    }
}

/// Returns what is told of a job that panicked.
fn failed(message: &str) -> Message {
    Message::Done(Err(Failure { message: message.to_owned(), hint: Some("the store is as it was before".to_owned()) }))
}
