//! Calls about attached files: attach and open.

use std::path::PathBuf;

use super::args::{Attach, Format, Open};
use super::changing::answer;
use super::failure::Failure;
use super::session::Session;
use crate::actions::{self, NewFile, resolve};
use crate::command::{self, Here, Id, Invocation, spec};
use crate::store::files::{Content, Spooled};

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
    // What the opener shows is its own; this call has nothing to say.
    let here = Here { targets: vec![id], ..Here::default() };
    command::run(&desk, &Invocation::of(spec(Id::OpenFile)), &here)?;
    Ok(())
}
