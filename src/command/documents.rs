//! `:attach` and `:open-file`: what `rolo attach` and `rolo open` do, from inside.

use std::sync::Arc;

use super::files::path;
use super::here::Here;
use super::reply::Reply;
use super::run::{arguments, changed, targets};
use crate::actions::{self, ActionError, Desk, NewFile, Opener};
use crate::domain::fields::number;
use crate::domain::{Record, naming};

/// How many documents are named in a message.
const SHOWN: usize = 10;

/// `attach FILE [ID…]`.
///
/// # Errors
/// As `rolo attach`.
pub(super) fn attach(desk: &Desk, args: &[String], here: &Here) -> Result<Reply, ActionError> {
    let Some((file, named)) = args.split_first() else {
        return Err(ActionError::usage("which file?").hint("write :attach FILE; it goes to the record under the cursor"));
    };
    let to = if named.is_empty() { here.targets.clone() } else { actions::resolve_all(desk, &[], named)? };
    if to.is_empty() {
        return Err(ActionError::usage("nothing stands under the cursor").hint("name a record: :attach FILE c17"));
    }
    let path = path(file);
    let found = std::fs::metadata(&path).map_err(|error| ActionError::refused(format!("{}: {error}", path.display())))?;
    if !found.is_file() {
        return Err(ActionError::refused(format!("{} is no file", path.display())));
    }
    changed(actions::attach(desk, &to, &NewFile { name: file, media_type: None, content: &path }))
}

/// Returns the one document of the record that is named, or under the cursor.
///
/// # Errors
/// Exit 4 where there is none, or where there are several: they are named.
pub fn file_to_open(desk: &Desk, args: &str, here: &Here) -> Result<Arc<Record>, ActionError> {
    let Some(&of) = targets(desk, &arguments(args)?, here)?.first() else { return Err(ActionError::usage("whose file?")) };
    let mut found = actions::documents(desk, of)?;
    match found.len() {
        0 => Err(ActionError::not_found(format!("{of} has no documents")).hint("`attach` adds one")),
        1 => Ok(found.remove(0)),
        many => {
            let line = |document: &Arc<Record>| {
                let at = document.time(number::DOCUMENT_AT).unwrap_or(document.recorded_at);
                format!("  {} {} ({at})", document.id, naming::title(document))
            };
            let mut lines: Vec<String> = found.iter().take(SHOWN).map(line).collect();
            if many > SHOWN {
                lines.push(format!("  and {} more", many - SHOWN));
            }
            let told = format!("{of} has {many} documents:\n{}", lines.join("\n"));
            Err(ActionError::not_found(told).hint(format!("open one of them, such as {}", found[0].id)))
        }
    }
}

/// `open-file [ID]`: opens the one document, and waits for what the opener says.
///
/// # Errors
/// As [`file_to_open`]; what the copy or the opener refuses.
pub(super) fn open(desk: &Desk, args: &str, here: &Here) -> Result<Reply, ActionError> {
    let document = file_to_open(desk, args, here)?;
    let path = actions::copy_to_open(desk, &document)?;
    Opener::of_environment().open(&path)?;
    Ok(Reply::said(format!("opened {} {}", document.id, naming::title(&document))))
}
