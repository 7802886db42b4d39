//! Where a call works: the store, the user, the clock, and how it prints.

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;

use super::args::{Color, Format, Global};
use super::failure::Failure;
use crate::actions::{Clock, Desk};
use crate::config::{Paths, UserConfig, read};
use crate::domain::{Kind, Timestamp, parse};
use crate::query::Query;
use crate::store::api::{Author, Store};
use crate::store::engine::OnProgress;
use crate::store::{JoinOptions, OpenOptions, accounts, coming, join, memory, other_owner};

/// What a call works with.
pub(super) struct Session {
    /// The flags of every call.
    pub(super) global: Global,
    /// The platform's folders.
    pub(super) paths: Option<Paths>,
    /// The user's own file.
    pub(super) user: UserConfig,
    /// What the call is, for other sessions to see: `application`, `rolo import`.
    pub(super) what: String,
    /// The store that was opened, and how much there was to tell of it then.
    opened: std::cell::RefCell<Option<(Arc<dyn Store>, usize)>>,
}

impl Session {
    /// Reads the user's own file; nothing else is touched yet.
    ///
    /// # Errors
    /// A configuration file with a mistake, or one that was named and is not there.
    pub(super) fn new(global: Global) -> Result<Self, Failure> {
        let paths = Paths::of_user();
        let user = match (&global.config, &paths) {
            _ if global.clean => UserConfig::default(),
            (Some(named), _) => read(named, true)?,
            (None, Some(paths)) => read(&paths.config.join("config.toml"), false)?,
            (None, None) => UserConfig::default(),
        };
        Ok(Self { global, paths, user, what: String::new(), opened: std::cell::RefCell::default() })
    }

    /// Returns a session that has not looked at the user's own file.
    pub(super) fn without_file(global: Global) -> Self {
        Self { global, paths: Paths::of_user(), user: UserConfig::default(), what: String::new(), opened: std::cell::RefCell::default() }
    }

    /// Returns the format that was asked for, or the default: table on a terminal,
    /// tsv when piped.
    ///
    /// # Errors
    /// Exit 2 where the call cannot give it, naming what it can.
    pub(super) fn format(&self, can: &[Format]) -> Result<Format, Failure> {
        let default = if std::io::stdout().is_terminal() { Format::Table } else { Format::Tsv };
        match self.global.format {
            None => Ok(if can.contains(&default) { default } else { can[0] }),
            Some(asked) if can.contains(&asked) => Ok(asked),
            Some(asked) => {
                let names: Vec<String> = can.iter().map(|format| name(*format)).collect();
                Err(Failure::usage(format!("this call cannot give {}", name(asked))).hint(format!("it gives {}", names.join(", "))))
            }
        }
    }

    /// Returns whether output is coloured.
    pub(super) fn colored(&self) -> bool {
        match self.global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        }
    }

    /// Returns where the store lies; `None` for one in memory.
    ///
    /// # Errors
    /// Exit 2 for an address that is none, or where the user has no home.
    pub(super) fn store_path(&self) -> Result<Option<PathBuf>, Failure> {
        if let Some(named) = &self.global.store {
            if named == "memory:" {
                return Ok(None);
            }
            if let Some((scheme, _)) = named.split_once("://") {
                let failure = Failure::usage(format!("rolo does not know stores at {scheme}://"));
                return Err(failure.hint("name a folder, or memory:"));
            }
            return Ok(Some(PathBuf::from(named)));
        }
        if let Some(path) = &self.user.store {
            return Ok(Some(path.clone()));
        }
        match &self.paths {
            Some(paths) => Ok(Some(paths.store.clone())),
            None => Err(Failure::usage("you have no home folder to keep a store in").hint("name one with --store")),
        }
    }

    /// Opens the store.
    ///
    /// # Errors
    /// Exit 6 where it is damaged, 7 where it may not be used, 8 where it is in use.
    pub(super) fn open(&self, accept_damage: bool) -> Result<Arc<dyn Store>, Failure> {
        let Some(path) = self.store_path()? else { return Ok(memory()?) };
        if let Some(owner) = other_owner(&path) {
            self.check_visitor(&accounts::login(owner))?;
        }
        let progress = (!self.global.quiet && std::io::stderr().is_terminal()).then(reading_bar);
        let store = join(&path, self.joining(accept_damage, progress))?;
        let notices = store.notices();
        for notice in &notices {
            self.say(notice);
        }
        *self.opened.borrow_mut() = Some((Arc::clone(&store), notices.len()));
        Ok(store)
    }

    fn joining(&self, accept_damage: bool, progress: Option<OnProgress>) -> JoinOptions {
        let open = OpenOptions {
            readonly: self.global.readonly,
            wait: Duration::from_secs_f64(self.global.wait),
            allow_network: self.global.allow_network_store,
            accept_damage,
            progress,
            ..OpenOptions::default()
        };
        JoinOptions { open, login: self.login(), what: self.what.clone(), screen: self.what == "application" }
    }

    /// Sits down at a store of one's own that is opened meanwhile, of which a list file tells
    /// what it had at a seq. What there is to tell of opening it is told in the end.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(super) fn desk_coming(&self, path: PathBuf, seq: u64) -> Result<Desk, Failure> {
        let store: Arc<dyn Store> = coming(path, self.joining(false, None), seq)?;
        *self.opened.borrow_mut() = Some((Arc::clone(&store), 0));
        self.desk_at(store)
    }

    /// Refuses to a guest what only the owner of a store may do; the host does, too.
    fn check_visitor(&self, owner: &str) -> Result<(), Failure> {
        let own = accounts::login(rustix::process::geteuid().as_raw());
        let refuse = |why: String| Err(Failure::Error(crate::actions::ActionError::not_permitted(why)));
        if self.login() != own {
            return refuse(format!("the store is {owner}'s: {own} cannot work there as {} (--user)", self.login()));
        }
        if self.global.now.is_some() {
            return refuse(format!("the store is {owner}'s, and only {owner} may set its clock (--now)"));
        }
        Ok(())
    }

    /// Opens the store and sits down at it.
    ///
    /// # Errors
    /// As [`Self::open`]; exit 2 for a `--now` that is no moment.
    pub(super) fn desk(&self) -> Result<Desk, Failure> {
        let store = self.open(false)?;
        self.desk_at(store)
    }

    /// Returns the login of who works.
    fn login(&self) -> String {
        self.global.user.clone().unwrap_or_else(system_user)
    }

    /// Sits down at a store.
    ///
    /// # Errors
    /// Exit 2 for a `--now` that is no moment.
    pub(super) fn desk_at(&self, store: Arc<dyn Store>) -> Result<Desk, Failure> {
        let login = self.login();
        let clock = match &self.global.now {
            None => Clock::Real,
            // A moment that names its zone needs no store, which may be still to come.
            Some(text) => Clock::Fixed(match Timestamp::from_rfc3339(text) {
                Some(at) => at,
                None => self.moment(text, &*store, Timestamp::from_utc(chrono::Utc::now()))?,
            }),
        };
        let author = Author { login, workspace: String::new() };
        Ok(Desk { store, author, clock, readonly: self.global.readonly, joins: None })
    }

    fn moment(&self, text: &str, store: &dyn Store, now: Timestamp) -> Result<Timestamp, Failure> {
        moment(text, store.definitions().settings.timezone, now)
    }

    /// Returns a progress bar on standard error; a hidden one where nobody looks.
    pub(super) fn bar(&self) -> indicatif::ProgressBar {
        if self.global.quiet || !std::io::stderr().is_terminal() {
            return indicatif::ProgressBar::hidden();
        }
        let style = indicatif::ProgressStyle::with_template("{wide_bar} {pos}/{len} {per_sec} {eta}");
        let bar = indicatif::ProgressBar::new(0);
        match style {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        }
    }

    /// Says something on standard error, unless it should be quiet.
    pub(super) fn say(&self, text: &str) {
        if !self.global.quiet {
            use std::io::Write;
            // Nobody is left to hear that standard error is closed.
            drop(writeln!(std::io::stderr().lock(), "rolo: {}", super::failure::safe_lines(text)));
        }
    }
}

impl Drop for Session {
    /// Tells what there was to tell of the store since it was opened: a clock that is
    /// behind, a log that had to be read again.
    fn drop(&mut self) {
        if let Some((store, known)) = self.opened.take() {
            for notice in store.notices().iter().skip(known) {
                self.say(notice);
            }
        }
    }
}

/// Returns the moment that a text means, a date being its midnight in the zone.
///
/// # Errors
/// Exit 2 with the forms there are.
pub(super) fn moment(text: &str, zone: Tz, now: Timestamp) -> Result<Timestamp, Failure> {
    parse::moment_of(text, zone, now).map_err(|_| {
        Failure::usage(format!("\u{201c}{text}\u{201d} is no moment"))
            .hint("write 2026-01-31, 2026-01-31T10:00, 2026-01-31T10:00:00Z, -7d or @812")
    })
}

/// A bar on a terminal that shows itself once there is much to read.
fn reading_bar() -> OnProgress {
    let bar = indicatif::ProgressBar::hidden();
    let mut shown = false;
    Box::new(move |_, done, total| {
        if total > WORTH_A_BAR && !shown {
            shown = true;
            bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
        }
        bar.set_length(total);
        bar.set_position(done);
        if done >= total {
            bar.finish_and_clear();
        }
        ControlFlow::Continue(())
    })
}

/// Bytes of log that take long enough to show how far it is.
const WORTH_A_BAR: u64 = 64 << 20;

/// Returns the word of a format.
pub(super) fn name(format: Format) -> String {
    format!("{format:?}").to_lowercase()
}

/// Returns the kind of a word.
///
/// # Errors
/// Exit 2 with the nearest kind.
pub(super) fn kind(word: &str) -> Result<Kind, Failure> {
    Kind::from_name(word).ok_or_else(|| {
        let names: Vec<&str> = Kind::public().map(Kind::name).collect();
        let failure = Failure::usage(format!("there is no kind \u{201c}{word}\u{201d}"));
        match crate::domain::fold::nearest(word, names.iter().copied()) {
            Some(near) => failure.hint(format!("did you mean \u{201c}{near}\u{201d}?")),
            None => failure.hint(format!("kinds are {}", names.join(", "))),
        }
    })
}

/// Returns the query of these words; `None` for none.
///
/// # Errors
/// Exit 2 with a caret under the mistake.
pub(super) fn query(words: &[String], kind: Kind, desk: &Desk) -> Result<Option<Arc<Query>>, Failure> {
    let text = words.join(" ");
    if text.trim().is_empty() {
        return Ok(None);
    }
    match Query::parse(&text, kind, &desk.definitions()) {
        Ok(query) => Ok(Some(Arc::new(query))),
        Err(error) => {
            let shown = error.caret(&text);
            let mut failure =
                crate::actions::ActionError::usage(format!("{}\n{shown}", error.message)).at(format!("{}", error.span.start + 1));
            failure.hint = error.hint;
            Err(Failure::Error(failure))
        }
    }
}

/// Returns the operating system's name for who runs this process.
fn system_user() -> String {
    let uid = rustix::process::geteuid().as_raw();
    // The environment may say anything; the system's list of users does not.
    accounts::user(uid)
        .or_else(|| std::env::var("USER").ok().filter(|user| !user.is_empty()))
        .or_else(|| std::env::var("LOGNAME").ok().filter(|user| !user.is_empty()))
        .unwrap_or_else(|| format!("uid{uid}"))
}
