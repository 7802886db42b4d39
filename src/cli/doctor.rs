//! `rolo doctor`: what stands where, and what is wrong in the user's own files.
//!
//! It opens the store for reading only and changes nothing.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::args::Format;
use super::failure::{Failure, safe_lines};
use super::playing::settings;
use super::session::Session;
use crate::config::{UserConfig, read};
use crate::store::{OpenOptions, open};
use crate::tui::app::options::Options;
use crate::tui::diagnostic::{Diagnostic, Severity};
use crate::tui::keys::{Keymap, keymap, known_command};
use crate::tui::theme::{self, Depth, Theme};
use crate::tui::views_file;

/// How one thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Fine,
    Warning,
    Wrong,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Warning => "warning",
            Self::Wrong => "error",
        }
    }
}

/// What is told of one thing.
struct Finding {
    about: &'static str,
    state: State,
    text: String,
    hint: Option<String>,
    place: Option<Diagnostic>,
}

/// What has been found so far.
#[derive(Default)]
struct Report(Vec<Finding>);

impl Report {
    fn tell(&mut self, about: &'static str, state: State, text: impl Into<String>, hint: Option<&str>) {
        self.0.push(Finding { about, state, text: text.into(), hint: hint.map(str::to_owned), place: None });
    }

    fn fine(&mut self, about: &'static str, text: impl Into<String>) {
        self.tell(about, State::Fine, text, None);
    }

    fn diagnostics(&mut self, about: &'static str, found: Vec<Diagnostic>) {
        for place in found {
            let state = if place.severity == Severity::Error { State::Wrong } else { State::Warning };
            self.0.push(Finding { about, state, text: place.message.clone(), hint: place.hint.clone(), place: Some(place) });
        }
    }

    fn worst(&self) -> State {
        self.0.iter().map(|finding| finding.state).max().unwrap_or(State::Fine)
    }

    fn lines(&self) -> String {
        let mut text = String::new();
        let mut about = "";
        for finding in &self.0 {
            if finding.about != about {
                let gap = if about.is_empty() { "" } else { "\n" };
                // Writing into memory does not fail.
                let _ = writeln!(text, "{gap}{}", finding.about);
                about = finding.about;
            }
            match &finding.place {
                Some(place) => {
                    for line in place.to_string().lines() {
                        let _ = writeln!(text, "  {line}");
                    }
                }
                None => {
                    let _ = writeln!(text, "  {:<8}{}", finding.state.name(), finding.text);
                    if let Some(hint) = &finding.hint {
                        let _ = writeln!(text, "          {hint}");
                    }
                }
            }
        }
        text
    }

    fn json(&self) -> Vec<Json> {
        let object = |finding: &Finding| {
            let mut object = json!({ "about": finding.about, "state": finding.state.name(), "message": finding.text });
            if let Some(hint) = &finding.hint {
                object["hint"] = json!(hint);
            }
            if let Some(place) = &finding.place {
                object["file"] = json!(place.file.display().to_string());
                object["line"] = json!(place.line);
                object["column"] = json!(place.column);
            }
            object
        };
        self.0.iter().map(object).collect()
    }
}

/// `rolo doctor`. It works where nothing else does, so it reads the user's file itself.
///
/// # Errors
/// Exit 1 if something is wrong; exit 2 for a format that it does not have.
pub(super) fn doctor(mut session: Session) -> Result<(), Failure> {
    let file = session.global.config.clone().or_else(|| session.paths.as_ref().map(|paths| paths.config.join("config.toml")));
    let mut report = Report::default();
    report.fine("program", format!("rolo {}", env!("CARGO_PKG_VERSION")));
    session.user = own_file(&mut report, file.as_deref(), session.global.config.is_some());
    let format = session.format(&[Format::Plain, Format::Json, Format::Jsonl])?;
    folders(&mut report, &session);
    chosen(&mut report, &session);
    terminal(&mut report);
    store(&mut report, &session);
    let mut out = std::io::stdout().lock();
    match format {
        Format::Json => writeln!(out, "{:#}", Json::Array(report.json()))?,
        Format::Jsonl => report.json().iter().try_for_each(|object| writeln!(out, "{object}"))?,
        _ => write!(out, "{}", safe_lines(&report.lines()))?,
    }
    if report.worst() == State::Wrong { Err(Failure::Quiet(1)) } else { Ok(()) }
}

/// Reads the user's own file.
fn own_file(report: &mut Report, file: Option<&Path>, named: bool) -> UserConfig {
    let Some(file) = file else {
        report.tell("files", State::Warning, "you have no home folder", Some("name files with --config and a store with --store"));
        return UserConfig::default();
    };
    match read(file, named) {
        Ok(user) => {
            let there = if file.exists() { "" } else { " (not there: all is as it comes)" };
            report.fine("files", format!("{}{there}", file.display()));
            user
        }
        Err(error) => {
            report.tell("files", State::Wrong, error.0, None);
            UserConfig::default()
        }
    }
}

fn folders(report: &mut Report, session: &Session) {
    let folder = settings(session, Depth::True).folder;
    for name in ["keymaps", "themes"] {
        let Some(folder) = folder.as_ref().map(|folder| folder.join(name)) else { continue };
        let there = if folder.is_dir() { "" } else { " (not there: only those that come along)" };
        report.fine("files", format!("{}{there}", folder.display()));
    }
    if let Some(folder) = &folder {
        let (views, wrong) = views_file::read(folder);
        report.fine("files", format!("{} ({} views)", folder.join(views_file::NAME).display(), views.len()));
        for why in wrong {
            report.tell("files", State::Wrong, why, None);
        }
    }
    if let Some(paths) = &session.paths {
        report.fine("files", format!("{}", paths.state.display()));
    }
}

/// Checks every keymap and theme, and what the user has chosen among them.
fn chosen(report: &mut Report, session: &Session) {
    let settings = settings(session, Depth::True);
    let keymaps = keymap::shelf(settings.folder.as_ref().map(|folder| folder.join("keymaps")));
    let themes = theme::shelf(settings.folder.as_ref().map(|folder| folder.join("themes")));
    for name in keymaps.names() {
        match Keymap::load(&name, &keymaps, &known_command) {
            Ok(loaded) => told(report, "keymaps", &name, name == settings.keymap, loaded.diagnostics),
            Err(error) => report.tell("keymaps", State::Wrong, error.to_string(), error.hint().as_deref()),
        }
    }
    if let Err(error) = keymaps.open(&settings.keymap, &[]) {
        report.tell("keymaps", State::Wrong, format!("the keymap that you have chosen: {error}"), error.hint().as_deref());
    }
    for name in themes.names() {
        match Theme::load(&name, &themes, Depth::True) {
            Ok(loaded) => told(report, "themes", &name, name == settings.theme, loaded.diagnostics),
            Err(error) => report.tell("themes", State::Wrong, error.to_string(), error.hint().as_deref()),
        }
    }
    if let Err(error) = themes.open(&settings.theme, &[]) {
        report.tell("themes", State::Wrong, format!("the theme that you have chosen: {error}"), error.hint().as_deref());
    }
    let mut options = Options::default();
    for word in &settings.options {
        match options.set(word) {
            Ok(told) => report.fine("options", told),
            Err(why) => report.tell("options", State::Wrong, why, Some("see :help set")),
        }
    }
}

fn told(report: &mut Report, about: &'static str, name: &str, is_chosen: bool, mut wrong: Vec<Diagnostic>) {
    // As one goes through the files.
    wrong.sort_by(|one, other| (&one.file, one.line, one.column).cmp(&(&other.file, other.line, other.column)));
    let mark = if is_chosen { " (yours)" } else { "" };
    if wrong.is_empty() {
        report.fine(about, format!("{name}{mark}"));
    } else {
        report.tell(about, State::Warning, format!("{name}{mark}: {} to be looked at", wrong.len()), None);
        report.diagnostics(about, wrong);
    }
}

/// Tells what the terminal is, by its environment: it is asked nothing.
fn terminal(report: &mut Report) {
    const ABOUT: &str = "terminal";
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    for name in ["TERM", "COLORTERM", "NO_COLOR", "TERM_PROGRAM", "TMUX", "SSH_TTY", "VISUAL", "EDITOR"] {
        if let Some(value) = variable(name) {
            report.fine(ABOUT, format!("{name}={value}"));
        }
    }
    let depth = Depth::of_environment(variable("NO_COLOR").as_deref(), variable("COLORTERM").as_deref(), variable("TERM").as_deref());
    report.fine(
        ABOUT,
        match depth {
            Depth::True => "colours: all",
            Depth::Ansi256 => "colours: 256",
            Depth::Ansi16 => "colours: 16",
            Depth::Mono => "colours: none",
        },
    );
    if depth == Depth::Ansi256 && variable("COLORTERM").is_none() {
        report.tell(ABOUT, State::Fine, "more colours are shown where COLORTERM=truecolor says that there are", None);
    }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| variable(name));
    match locale {
        Some(locale) if locale.to_lowercase().replace('-', "").contains("utf8") => report.fine(ABOUT, format!("locale {locale}")),
        locale => {
            let named = locale.unwrap_or_else(|| "not set".to_owned());
            report.tell(
                ABOUT,
                State::Warning,
                format!("the locale is {named}: names may look odd"),
                Some("set LANG to one with UTF-8, such as C.UTF-8"),
            );
        }
    }
    if variable("VISUAL").or_else(|| variable("EDITOR")).is_none() {
        report.tell(ABOUT, State::Warning, "neither VISUAL nor EDITOR is set: records are edited in vi", None);
    }
    match (std::io::stdout().is_terminal(), size()) {
        (true, Some((width, height))) if width < 40 || height < 10 => {
            report.tell(ABOUT, State::Warning, format!("{width}x{height}"), Some("rolo needs 40x10"));
        }
        (true, Some((width, height))) => report.fine(ABOUT, format!("{width}x{height}")),
        _ => report.fine(ABOUT, "output goes to no terminal"),
    }
}

/// Returns the columns and lines of the terminal.
fn size() -> Option<(u16, u16)> {
    rustix::termios::tcgetwinsize(std::io::stdout()).ok().map(|size| (size.ws_col, size.ws_row))
}

/// Tells of the store, without making one where there is none.
fn store(report: &mut Report, session: &Session) {
    const ABOUT: &str = "store";
    let path = match session.store_path() {
        Ok(Some(path)) => path,
        Ok(None) => return report.fine(ABOUT, "in memory"),
        Err(Failure::Error(error)) => return report.tell(ABOUT, State::Wrong, error.message, error.hint.as_deref()),
        Err(Failure::Quiet(_)) => return,
    };
    if !path.exists() {
        return report.fine(ABOUT, format!("{} (not there yet: the first change makes it)", path.display()));
    }
    report.fine(ABOUT, path.display().to_string());
    let options =
        OpenOptions { readonly: true, wait: Duration::ZERO, allow_network: session.global.allow_network_store, ..OpenOptions::default() };
    let store = match open(&path, options) {
        Ok(store) => store,
        Err(error) => {
            // Somebody who works there is no mistake.
            let state = if error.exit_code() == 8 { State::Fine } else { State::Wrong };
            return report.tell(ABOUT, state, error.to_string(), error.hint());
        }
    };
    for notice in store.notices() {
        report.tell(ABOUT, State::Warning, notice, None);
    }
    match store.stats() {
        Ok(stats) => {
            let records: u64 = stats.records.iter().filter(|(kind, ..)| kind.info().public).map(|(_, live, _)| live).sum();
            report.fine(
                ABOUT,
                format!("{records} records, {} commits, {} bytes of log, {} of image", stats.seq, stats.log_bytes, stats.image_bytes),
            );
            report.tell(ABOUT, State::Fine, "`rolo check` reads all of it and compares", None);
        }
        Err(error) => report.tell(ABOUT, State::Wrong, error.to_string(), error.hint()),
    }
    // Nothing was written; closing badly loses nothing.
    let _ = store.close();
}
