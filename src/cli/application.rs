//! `rolo` without a subcommand: the terminal application.

use std::io::{IsTerminal, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::args::Global;
use super::failure::Failure;
use super::playing::{script, settings};
use super::session::Session;
use crate::actions::ActionError;
use crate::domain::Timestamp;
use crate::insight::List;
use crate::store::other_owner;
use crate::tui::keeping::Keeping;
use crate::tui::runtime::{OpenError, Options, open};
use crate::tui::term::take_panics;
use crate::tui::theme::Depth;

/// Returns where the workspace is kept: nowhere with `--clean`, and for a store that
/// forgets.
pub(super) fn keeping(session: &Session) -> Result<Keeping, Failure> {
    let Global { clean, workspace, .. } = &session.global;
    let is_kept = !clean && session.store_path()?.is_some();
    let folder = session.paths.as_ref().filter(|_| is_kept).map(|paths| paths.state.clone());
    Ok(Keeping { folder, name: workspace.clone().or_else(|| clean.then(|| "clean".to_owned())) })
}

/// Opens the application and returns its exit code.
///
/// # Errors
/// Exit 2 without a terminal; what opening the store answers.
pub(super) fn application(session: &Session) -> Result<u8, Failure> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(
            Failure::usage("the application needs a terminal").hint("`rolo --help` lists what works without one; `rolo play` plays keys")
        );
    }
    let keys = session.global.script.as_deref().map(script).transpose()?;
    let variable = |name| std::env::var(name).ok();
    let depth = Depth::of_environment(variable("NO_COLOR").as_deref(), variable("COLORTERM").as_deref(), variable("TERM").as_deref());
    let folder = session.store_path()?.filter(|path| other_owner(path).is_none());
    // What it says is shown until the store has been opened, which alone knows the zone that
    // a clock of one's own may be in.
    let is_plain = session.global.now.as_deref().is_none_or(|now| Timestamp::from_rfc3339(now).is_some());
    let list = folder.as_deref().filter(|_| is_plain).and_then(List::open).map(Arc::new);
    let folder = folder.filter(|_| !session.global.readonly);
    let desk = match (&list, session.store_path()?) {
        (Some(list), Some(path)) => session.desk_coming(path, list.seq())?,
        _ => session.desk()?,
    };
    let options = Options { settings: settings(session, depth), script: keys, keeping: keeping(session)?, folder, list };
    // The terminal has been left when a panic comes here, and what it said stands there.
    let opened = catch_unwind(AssertUnwindSafe(|| open(desk, &options))).map_err(|_| {
        Failure::Error(
            ActionError::new(1, "the application has gone wrong inside and has ended")
                .hint("what was told as done is kept; the lines above say where it was: please report them"),
        )
    })?;
    // What went wrong in a thread was told in the application; here is where.
    for panic in take_panics() {
        let _ = writeln!(std::io::stderr(), "{panic}");
    }
    let code = opened.map_err(|error| {
        if let OpenError::Store(error) = error {
            return Failure::from(error);
        }
        let failure = ActionError::new(error.code(), error.to_string());
        Failure::Error(match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        })
    })?;
    Ok(u8::try_from(code).unwrap_or(1))
}
