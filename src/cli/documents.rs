//! Calls about attached files: attach and open.

use std::path::PathBuf;

use super::args::{Attach, Format, Open};
use super::changing::answer;
use super::failure::Failure;
use super::session::Session;
use crate::actions::{self, ActionError, NewFile, Opener, resolve};
use crate::domain::{Record, fields::number, naming};
use crate::store::files::{Content, Spooled};

/// How many documents are named in a message.
const SHOWN: usize = 10;

/// `rolo attach`.
///
/// # Errors
/// As its parts.
pub(super) fn attach(session: &Session, call: &Attach) -> Result<(), Failure> {
    let desk = session.desk()?;
    let id = resolve(&desk, &[], &call.id)?;
    desk.check_writable()?;
    let piped;
    let path = PathBuf::from(&call.file);
    let (content, name): (&dyn Content, &str) = if call.file == "-" {
        let Some(name) = &call.name else {
            return Err(Failure::usage("what is the file on standard input called?").hint("name it with --name quote.pdf"));
        };
        piped = Spooled::read(&mut std::io::stdin().lock())?;
        (&piped, name)
    } else {
        (&path, call.name.as_deref().unwrap_or(&call.file))
    };
    if call.file != "-" {
        let found = std::fs::metadata(&path).map_err(|error| Failure::refused(format!("{}: {error}", call.file)))?;
        if !found.is_file() {
            return Err(Failure::refused(format!("{} is no file", call.file)).hint("a pipe or device is read from standard input: -"));
        }
    }
    let file = NewFile { name, media_type: call.media_type.as_deref(), content };
    answer(session, &actions::attach(&desk, &[id], &file)?)
}

/// `rolo open`.
///
/// # Errors
/// As its parts; exit 4 where there is no document, or several are to be told apart.
pub(super) fn open(session: &Session, call: &Open) -> Result<(), Failure> {
    session.format(&[Format::Table, Format::Tsv, Format::Plain])?;
    let desk = session.desk()?;
    let id = resolve(&desk, &[], &call.id)?;
    let found = actions::documents(&desk, id)?;
    let document = match found.as_slice() {
        [one] => one,
        [] => {
            return Err(ActionError::not_found(format!("{id} has no documents")).hint(format!("`rolo attach {id} FILE` adds one")).into());
        }
        many => {
            let line = |document: &std::sync::Arc<Record>| {
                let at = document.time(number::DOCUMENT_AT).unwrap_or(document.recorded_at);
                format!("  {} {} ({at})", document.id, naming::title(document))
            };
            let mut lines: Vec<String> = many.iter().take(SHOWN).map(line).collect();
            if many.len() > SHOWN {
                lines.push(format!("  and {} more", many.len() - SHOWN));
            }
            let told = format!("{id} has {} documents:\n{}", many.len(), lines.join("\n"));
            return Err(ActionError::not_found(told).hint(format!("open one of them: rolo open {}", many[0].id)).into());
        }
    };
    let path = actions::copy_to_open(&desk, document)?;
    Opener::of_environment().open(&path)?;
    Ok(())
}
