//! `rolo play`: the application without a terminal.

use std::io::Read;

use super::args::{Play, Print as Asked};
use super::failure::Failure;
use super::session::Session;
use crate::actions::ActionError;
use crate::tui::keys::Pane;
use crate::tui::perf::Perf;
use crate::tui::play::{PlayOptions, Print, play as play_keys, play_timed};
use crate::tui::start::Settings;
use crate::tui::theme::Depth;

/// The largest screen, in columns and in lines.
const LARGEST: u16 = 1_000;
/// The longest script, in bytes.
const LONGEST: u64 = 16 << 20;

/// Returns what the user has chosen, for a depth of colours.
pub(super) fn settings(session: &Session, depth: Depth) -> Settings {
    let plain = Settings::default();
    let folder = match &session.global.config {
        _ if session.global.clean => None,
        Some(named) => named.parent().map(std::path::Path::to_owned),
        None => session.paths.as_ref().map(|paths| paths.config.clone()),
    };
    let option = |(name, value): (&String, &toml::Value)| match value {
        toml::Value::Boolean(true) => name.clone(),
        toml::Value::Boolean(false) => format!("no{name}"),
        other => format!("{name}={other}"),
    };
    Settings {
        theme: session.user.theme.clone().unwrap_or(plain.theme),
        keymap: session.user.keymap.clone().unwrap_or(plain.keymap),
        folder,
        options: session.user.options.iter().map(option).collect(),
        columns: session.user.columns.clone(),
        depth,
    }
}

fn size(text: &str) -> Result<(u16, u16), Failure> {
    let parse = || {
        let (width, height) = text.split_once(['x', 'X'])?;
        let within = |side: &str| side.parse().ok().filter(|side| (1..=LARGEST).contains(side));
        Some((within(width)?, within(height)?))
    };
    parse().ok_or_else(|| Failure::usage(format!("\u{201c}{text}\u{201d} is no size")).hint("write columns and lines, such as 120x40"))
}

/// Returns the keys of a script file: line ends are ignored.
pub(super) fn script(path: &std::path::Path) -> Result<String, Failure> {
    let failed = |error: std::io::Error| Failure::refused(format!("{}: {error}", path.display()));
    let mut keys = String::new();
    std::fs::File::open(path).map_err(failed)?.take(LONGEST).read_to_string(&mut keys).map_err(failed)?;
    keys.retain(|c| c != '\n' && c != '\r');
    Ok(keys)
}

/// `rolo play`.
///
/// # Errors
/// As its parts; exit 2 for keys that are none.
pub(super) fn play(session: &Session, call: &Play) -> Result<(), Failure> {
    let pane = match &call.pane {
        None => Pane::Contacts,
        Some(name) => Pane::named(name).filter(|pane| !pane.lies_over()).ok_or_else(|| {
            Failure::usage(format!("there is no pane \u{201c}{name}\u{201d}")).hint("contacts, timeline, pipeline, tickets")
        })?,
    };
    let print = match call.print {
        Asked::Screen => Print::Screen,
        Asked::Ansi => Print::Ansi,
        Asked::State => Print::State,
    };
    let size = size(&call.size)?;
    let mut keys = call.keys.clone().unwrap_or_default();
    if let Some(path) = &call.script {
        keys.push_str(&script(path)?);
    }
    // The same everywhere: the user's files count only when they are named.
    let settings = if session.global.config.is_some() { settings(session, Depth::True) } else { Settings::default() };
    let desk = session.desk()?;
    let options = PlayOptions { size, pane, zoom: call.zoom, print, settings };
    let played = match call.timings {
        true => play_timed(desk, &keys, &options).map(|(printed, perf)| (printed, Some(perf))),
        false => play_keys(desk, &keys, &options).map(|printed| (printed, None)),
    };
    let (printed, perf) = played.map_err(|error| {
        let failure = ActionError::usage(error.to_string());
        Failure::Error(match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        })
    })?;
    let mut out = std::io::stdout().lock();
    std::io::Write::write_all(&mut out, printed.as_bytes())?;
    for line in perf.iter().flat_map(Perf::lines) {
        // Nobody is left to hear that standard error is closed.
        drop(std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{line}\n")));
    }
    Ok(())
}
