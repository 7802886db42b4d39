//! `tick`: everything that time causes and that was not done yet, each once.
//!
//! Each effect is one commit under its key. Whichever process commits first has done it;
//! the others are answered with its commit, whose author names another process, and go on.
//! A process that ends in between leaves the rest to the next.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Effect;
use crate::actions::{ActionError, Changeset, Desk};
use crate::store::api::{Author, BY_TIME};

/// How often an effect is tried whose record somebody else changes.
const TRIES: usize = 4;

/// One sort of thing that time causes. Those of a tick are handed to it, so that each part
/// of the house adds its own.
pub trait Handler {
    /// Returns its name: `reminders`.
    fn name(&self) -> &'static str;

    /// Returns what is due by the desk's clock. What has been done before may be among it.
    ///
    /// # Errors
    /// What the store answers.
    fn due(&self, desk: &Desk) -> Result<Vec<Effect>, ActionError>;
}

/// What a tick did.
#[derive(Debug, Default)]
pub struct Ticked {
    /// How many effects it had.
    pub done: usize,
    /// What could not be done, and why; the next tick tries again.
    pub failed: Vec<(String, ActionError)>,
}

/// Does what is due and was not done yet, handler by handler, and tells each once it is
/// done. With `dry_run` it is only told. What is not `wanted` waits for another tick.
///
/// # Errors
/// A store that may not be written, or that is gone; what one effect or handler meets stops
/// no other and is returned.
pub fn tick(
    desk: &Desk,
    handlers: &[Box<dyn Handler>],
    wanted: &dyn Fn(&Effect) -> bool,
    dry_run: bool,
    tell: &mut dyn FnMut(&'static str, &Effect) -> Result<(), ActionError>,
) -> Result<Ticked, ActionError> {
    if !dry_run {
        desk.check_writable()?;
    }
    let desk = Desk { author: author(&desk.author.login), joins: None, ..desk.clone() };
    let mut ticked = Ticked::default();
    for handler in handlers {
        let effects = match handler.due(&desk) {
            Ok(effects) => effects,
            Err(error) => {
                ticked.failed.push((handler.name().to_owned(), error));
                continue;
            }
        };
        for effect in effects.iter().filter(|effect| wanted(effect)) {
            let done = if dry_run { is_open(&desk, effect) } else { perform(&desk, effect) };
            match done {
                Ok(true) => {
                    ticked.done += 1;
                    tell(handler.name(), effect)?;
                }
                Ok(false) => {}
                Err(error) => ticked.failed.push((effect.key.clone(), error)),
            }
        }
    }
    Ok(ticked)
}

/// Returns who acts: the user, in a workspace that no other tick has.
fn author(login: &str) -> Author {
    static TICKS: AtomicU64 = AtomicU64::new(0);
    let count = TICKS.fetch_add(1, Ordering::Relaxed);
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_nanos();
    Author { login: login.to_owned(), workspace: format!("{BY_TIME}{}.{since}.{count}", std::process::id()) }
}

/// Returns the idempotency key of an effect.
fn key(effect: &Effect) -> String {
    format!("tick:{}", effect.key)
}

/// Returns whether an effect was not had yet.
fn is_open(desk: &Desk, effect: &Effect) -> Result<bool, ActionError> {
    Ok(desk.store.committed(&key(effect))?.is_none())
}

/// Does one effect; returns whether it was this process that did.
fn perform(desk: &Desk, effect: &Effect) -> Result<bool, ActionError> {
    const CONFLICT: u8 = 5;
    let mut tries = 0;
    loop {
        if !is_open(desk, effect)? {
            return Ok(false);
        }
        let mut changes = Changeset::new(desk);
        (effect.act)(&mut changes)?;
        match changes.finish_once(&key(effect), format!("tick: {}", effect.label)) {
            Ok(outcome) => return Ok(outcome.is_some_and(|outcome| outcome.step.is_some())),
            Err(error) if error.code == CONFLICT && tries < TRIES => tries += 1,
            Err(error) => return Err(error),
        }
    }
}
