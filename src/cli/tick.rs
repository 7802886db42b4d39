//! `rolo tick`: what cron and timers call.

use clap::Args;

use super::args::Format;
use super::failure::Failure;
use super::output::{Cell, ROWS, Rows};
use super::session::Session;
use crate::actions::{ActionError, user_of};
use crate::automation::{self, Contracts, Effect, Escalations, Handler, Reminders};

/// The exit code of what is not permitted.
const NOT_PERMITTED: u8 = 7;

/// `rolo tick`.
#[derive(Debug, Args)]
pub struct Tick {
    /// Of reminders and warnings only one's own; those of others wait for them
    #[arg(long)]
    pub mine: bool,
    /// Say what would be done
    #[arg(long)]
    pub dry_run: bool,
}

/// Returns everything that time causes: one line for each part of the house.
fn handlers() -> Vec<Box<dyn Handler>> {
    vec![Box::new(Contracts), Box::new(Escalations), Box::new(Reminders)]
}

/// `rolo tick`: a row for each thing that was done, and nothing at all where nothing was,
/// so that cron has nothing to mail.
///
/// # Errors
/// Exit 7 for a viewer; 3 where something could not be done: the next tick tries it again.
pub(super) fn tick(session: &Session, call: &Tick) -> Result<(), Failure> {
    let format = session.format(ROWS)?;
    let desk = session.desk()?;
    let me = user_of(&desk, &desk.author.login)?;
    let wanted = |effect: &Effect| !call.mine || effect.to.is_empty() || me.is_some_and(|me| effect.to.contains(&me));
    let names = ["what", "record", "told"].map(str::to_owned);
    let mut rows = match format {
        Format::Json => Some(Rows::new(session, format, &names)?),
        _ => None,
    };
    let mut trouble: Option<Failure> = None;
    let mut tell = |what: &'static str, effect: &Effect| {
        let mut row = || -> Result<(), Failure> {
            if rows.is_none() {
                rows = Some(Rows::new(session, format, &names)?);
            }
            let id = effect.about.to_string();
            let cells = [Cell::text(what), Cell::text(id.as_str()), Cell::text(effect.told.as_str())];
            rows.as_mut().map_or(Ok(()), |rows| rows.row(&id, &cells))
        };
        // What was done is done, whether or not anybody hears of it.
        if trouble.is_none()
            && let Err(failure) = row()
        {
            trouble = Some(failure);
        }
        Ok::<(), ActionError>(())
    };
    let ticked = automation::tick(&desk, &handlers(), &wanted, call.dry_run, &mut tell)?;
    if let Some(rows) = rows {
        rows.finish()?;
    }
    if let Some(failure) = trouble {
        return Err(failure);
    }
    let mut failed = ticked.failed;
    // Who may do nothing is told so once, and not for each thing that is due.
    if let Some(at) = failed.iter().position(|(_, error)| error.code == NOT_PERMITTED) {
        return Err(failed.swap_remove(at).1.into());
    }
    for (key, error) in &failed {
        session.say(&format!("{key}: {error}"));
    }
    if failed.is_empty() { Ok(()) } else { Err(Failure::Quiet(3)) }
}
