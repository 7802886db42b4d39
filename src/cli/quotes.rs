//! Calls about quotes: made, shown, answered.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::args::Format;
use super::changing::answer;
use super::failure::Failure;
use super::session::Session;
use crate::actions::{self, resolve};
use crate::domain::Kind;
use crate::insight;

/// `rolo quote`.
#[derive(Debug, Args)]
pub struct Quote {
    /// An opportunity, of which a quote is made; or a quote
    pub what: String,
    /// As HTML; by default as text
    #[arg(long)]
    pub html: bool,
    /// Into this file, which must not be there
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The customer has accepted it: the opportunity is won, and an order is made
    #[arg(long, conflicts_with_all = ["decline", "html", "out"])]
    pub accept: bool,
    /// The customer has declined it
    #[arg(long, conflicts_with_all = ["html", "out"])]
    pub decline: bool,
}

/// `rolo quote`.
///
/// # Errors
/// As its parts.
pub(super) fn quote(session: &Session, call: &Quote) -> Result<(), Failure> {
    let desk = session.desk()?;
    let id = resolve(&desk, &[Kind::Quote, Kind::Opportunity], &call.what)?;
    if call.accept || call.decline {
        let quote = if id.kind == Kind::Opportunity { actions::open_quote_of(&desk, id)? } else { id };
        let outcome = if call.accept { actions::accept_quote(&desk, quote)? } else { actions::decline_quote(&desk, quote)? };
        return answer(session, &outcome);
    }
    // A file that stands in the way is told before there is a quote.
    let mut file = call.out.as_ref().map(|path| create(path)).transpose()?;
    let quote = if id.kind == Kind::Opportunity {
        let outcome = actions::quote(&desk, id).inspect_err(|_| {
            if let Some(path) = &call.out {
                drop(std::fs::remove_file(path));
            }
        })?;
        if matches!(session.global.format, Some(Format::Json | Format::Jsonl | Format::Ids)) {
            answer(session, &outcome)?;
        } else {
            session.say(&outcome.message);
        }
        outcome.ids.first().copied().unwrap_or(id)
    } else {
        id
    };
    let shown = insight::show_quote(&*desk.store, &*desk.record(quote)?, call.html)?;
    match &mut file {
        Some(file) => Ok(file.write_all(shown.as_bytes())?),
        None if matches!(session.global.format, Some(Format::Json | Format::Jsonl | Format::Ids)) => Ok(()),
        None => super::output::lines(shown.lines()),
    }
}

fn create(path: &std::path::Path) -> Result<std::fs::File, Failure> {
    std::fs::File::create_new(path).map_err(|error| {
        let failure = Failure::refused(format!("{}: {error}", path.display()));
        if error.kind() == std::io::ErrorKind::AlreadyExists { failure.hint("name another file, or remove this one") } else { failure }
    })
}
