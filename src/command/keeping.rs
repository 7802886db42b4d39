//! `:backup` and `:forget`: what is kept for good, and what is not.

use std::path::Path;

use super::Here;
use super::Ongoing;
use super::files::path;
use super::reply::Reply;
use super::run::targets;
use crate::actions::{self, ActionError, Desk};
use crate::domain::naming;
use crate::store::StoreError;
use crate::store::backup;

/// `backup FILE`: everything in one file, which is read back; `!` writes over one.
///
/// # Errors
/// Exit 2 without a file or within the store; 1 for a file that is there; as [`backup::into_file`].
pub(super) fn backup(desk: &Desk, args: &[String], bang: bool, ongoing: &dyn Ongoing) -> Result<Reply, ActionError> {
    let [file] = args else {
        return Err(ActionError::usage("into which file?").hint("write :backup FILE, best on another disk"));
    };
    let file = path(file);
    let store = desk.store.stats()?.path;
    let store = Path::new(&store);
    if !store.is_dir() {
        return Err(ActionError::refused("there is no backup of a store that forgets"));
    }
    if backup::lies_inside(store, &file) {
        return Err(ActionError::usage(format!("{} lies in the store itself", file.display())).hint("name a place outside of it"));
    }
    let mut progress = |done: u64, total: u64| {
        // Cut short it would be no backup.
        let _ = ongoing.told(&format!("backup: {} %", (done * 100).checked_div(total).unwrap_or(100)));
    };
    let made = backup::into_file(store, desk.now(), &file, bang, &mut progress).map_err(|error| match error {
        StoreError::Occupied(_) => ActionError::from(error).hint(":backup! writes over it"),
        error => error.into(),
    })?;
    let mut lines = vec![format!("all up to @{} is in {}, and was read back", made.manifest.seq, file.display())];
    lines.extend(made.notices);
    Ok(if lines.len() == 1 { Reply::said(lines.remove(0)) } else { Reply::read("backup".to_owned(), lines) })
}

/// `forget! [ID]`: a person is forgotten for good. Without `!` it says what would go.
///
/// # Errors
/// Exit 2 without `!`, and for more than one; as [`actions::forget`].
pub(super) fn forget(desk: &Desk, args: &[String], bang: bool, here: &Here) -> Result<Reply, ActionError> {
    let ids = targets(desk, args, here)?;
    let [id] = ids[..] else {
        return Err(ActionError::usage("one person at a time is forgotten").hint("name the record, or go to its row"));
    };
    let before = actions::forget(desk, id, true)?;
    if !bang {
        let named =
            desk.store.get(&[id])?.pop().flatten().map_or_else(|| id.to_string(), |record| format!("{id} {}", naming::title(&record)));
        let what = format!("for good would go: {named}, {} records only about them, their name in {} others", before.gone, before.parted);
        return Err(ActionError::usage(what).hint(":forget! does it, and nothing brings it back"));
    }
    let farewell = actions::forget(desk, id, false)?;
    let mut lines = vec![farewell.outcome.message];
    lines.extend(farewell.notices);
    lines.push("backups and exports hold them still: rolo forget --backups removes the automatic ones".to_owned());
    Ok(Reply { changed: true, ..Reply::read("forget".to_owned(), lines) })
}
