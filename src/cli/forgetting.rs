//! `rolo forget`: it asks first, and tells what still holds the person.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use super::args::{Forget, Format};
use super::failure::Failure;
use super::output::{Cell, object};
use super::session::Session;
use crate::actions::{self, Farewell, resolve};
use crate::domain::{Kind, RecordId, naming};
use crate::store::backup::{self, Automatic};

/// `rolo forget`.
///
/// # Errors
/// As its parts; exit 2 where nobody can be asked and `--yes` is missing.
pub(super) fn forget(session: &Session, call: &Forget) -> Result<(), Failure> {
    let format = session.format(&[Format::Table, Format::Tsv, Format::Plain, Format::Json, Format::Jsonl])?;
    let desk = session.desk()?;
    // One that is gone already has no name to be found by.
    let id: RecordId = match call.id.parse() {
        Ok(id) => id,
        Err(_) => resolve(&desk, &[Kind::Contact], &call.id)?,
    };
    let before = actions::forget(&desk, id, true)?;
    let named = desk.store.get(&[id])?.pop().flatten().map_or_else(|| id.to_string(), |record| format!("{id} {}", naming::title(&record)));
    let plan = format!("{named}, {} records that are only about them, and their name in {} others", before.gone, before.parted);
    if call.dry_run {
        before.notices.iter().for_each(|notice| session.say(notice));
        return super::output::lines([format!("would be forgotten: {plan}")]);
    }
    desk.check_writable()?;
    if !call.yes {
        if !io::stdin().is_terminal() {
            return Err(Failure::usage(format!("for good would go: {plan}")).hint("add --yes if that is meant; --dry-run tells more"));
        }
        let mut err = io::stderr().lock();
        write!(err, "For good will go: {}. Type yes to go on: ", super::failure::safe_lines(&plan))?;
        err.flush()?;
        let mut said = String::new();
        io::stdin().read_line(&mut said)?;
        if said.trim() != "yes" {
            return super::output::lines(["nothing was changed"]);
        }
    }
    let farewell = actions::forget(&desk, id, false)?;
    farewell.notices.iter().for_each(|notice| session.say(notice));
    let held = session.store_path()?.map(|store| held(session, &store, call.backups)).unwrap_or_default();
    tell(session, format, &farewell, &held)
}

/// Returns the automatic backups that hold the person, less those that it removes.
fn held(session: &Session, store: &Path, remove: bool) -> Vec<Automatic> {
    let mut held = backup::automatic(store);
    if remove {
        held.retain(|backup| match std::fs::remove_file(&backup.path) {
            Ok(()) => false,
            Err(error) => {
                session.say(&format!("{}: {error}", backup.path.display()));
                true
            }
        });
    }
    held
}

fn tell(session: &Session, format: Format, farewell: &Farewell, held: &[Automatic]) -> Result<(), Failure> {
    let paths: Vec<String> = held.iter().map(|backup| backup.path.display().to_string()).collect();
    if matches!(format, Format::Json | Format::Jsonl) {
        return object(
            session,
            format,
            &[
                ("step".to_owned(), Cell::text(farewell.outcome.step.map_or_else(String::new, |step| format!("@{step}")))),
                ("gone".to_owned(), Cell::number(farewell.gone + 1)),
                ("parted".to_owned(), Cell::number(farewell.parted)),
                ("versions".to_owned(), Cell::number(farewell.forgotten.versions)),
                ("files".to_owned(), Cell::number(farewell.forgotten.contents)),
                ("backups".to_owned(), Cell { text: paths.join(" "), json: Some(serde_json::json!(paths)) }),
            ],
        );
    }
    let mut lines = vec![farewell.outcome.message.clone()];
    if !paths.is_empty() {
        lines.push("these backups still hold them, until they are removed (--backups) or go by age:".to_owned());
        lines.extend(paths.into_iter().map(|path| format!("  {path}")));
    }
    lines.push("backups and exports that lie elsewhere hold them as well".to_owned());
    super::output::lines(lines)
}
