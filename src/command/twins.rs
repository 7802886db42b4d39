//! Commands about records that are one, and where values came from.

use std::sync::Arc;

use super::here::Here;
use super::options::{Flags, flags};
use super::reply::Reply;
use super::run::{changed, parsed_query};
use crate::actions::{self, ActionError, Desk, MergeOptions, Prefer, resolve_itself};
use crate::domain::{FieldRef, Kind, RecordId};
use crate::insight::{self, Blamed};
use crate::query::Query;
use crate::store::known::Known;

/// Returns the query of a text; `None` for one that asks for nothing.
///
/// # Errors
/// What is no query, with the nearest.
pub fn query_of(desk: &Desk, text: &str, kind: Kind) -> Result<Option<Arc<Query>>, ActionError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    Ok(Some(Arc::new(parsed_query(desk, text, kind)?)))
}

/// Returns the records that words name, or those of the rows.
fn meant(desk: &Desk, words: &[String], here: &Here) -> Result<Vec<RecordId>, ActionError> {
    match words {
        [] => Ok(here.targets.clone()),
        [one] => Ok(here.targets.iter().copied().take(1).chain([resolve_itself(desk, one)?]).collect()),
        several => several.iter().map(|word| resolve_itself(desk, word)).collect(),
    }
}

pub(super) fn merge(desk: &Desk, args: &[String], here: &Here) -> Result<Reply, ActionError> {
    let Flags { words, values, .. } = flags(args, &["prefer"], &[])?;
    let prefer = match values.get("prefer").map(String::as_str) {
        None | Some("keep") => Prefer::Keep,
        Some("other") => Prefer::Other,
        Some("newest") => Prefer::Newest,
        Some(word) => {
            return Err(ActionError::usage(format!("\u{201c}{word}\u{201d} says not whose value stands")).hint("keep, other or newest"));
        }
    };
    let options = MergeOptions { prefer, sides: here.sides.clone(), dry_run: false };
    changed(actions::merge(desk, &meant(desk, &words, here)?, &options).map(|merged| merged.outcome))
}

pub(super) fn distinct(desk: &Desk, args: &[String], here: &Here) -> Result<Reply, ActionError> {
    changed(actions::distinct(desk, &meant(desk, args, here)?))
}

/// Returns where the values of a record came from, or those of one field.
///
/// # Errors
/// Exit 2 for a field that the record's kind has not.
pub fn blamed(desk: &Desk, id: RecordId, field: Option<&str>) -> Result<Vec<Blamed>, ActionError> {
    let mut all = insight::blame(&*desk.store, id)?;
    if let Some(name) = field {
        let definitions = desk.definitions();
        let asked = FieldRef::resolve(id.kind, name, &definitions).map_err(|unknown| {
            let hint = unknown.hint();
            ActionError::usage(unknown.to_string()).hint(hint)
        })?;
        let number = asked.written();
        let is_whole = !asked.name().contains('.') && number != Some(crate::domain::fields::number::CUSTOM);
        all.retain(|blamed| Some(blamed.number) == number && (is_whole || blamed.field == asked.name()));
    }
    Ok(all)
}

pub(super) fn blame(desk: &Desk, args: &[String], here: &Here) -> Result<Reply, ActionError> {
    let (id, field) = match args {
        [] => (None, None),
        [one] if one.parse::<RecordId>().is_ok() => (Some(one), None),
        [one] => (None, Some(one.as_str())),
        [id, field, ..] => (Some(id), Some(field.as_str())),
    };
    let id = match id {
        Some(id) => resolve_itself(desk, id)?,
        None => *here.targets.first().ok_or_else(|| ActionError::usage("of which record?").hint("write :blame ID"))?,
    };
    let known = Known::new(&*desk.store);
    let lines: Vec<String> = blamed(desk, id, field)?
        .iter()
        .map(|blamed| {
            let at = super::tell::time(desk, blamed.origin.at);
            let value = blamed.value.named(&known).replace(['\n', '\t'], " ");
            format!("{:<16} {:<28} {}  {:<10} {}", blamed.field, value, at, blamed.origin.by, blamed.origin)
        })
        .collect();
    if lines.is_empty() {
        return Ok(Reply::said("it has no value"));
    }
    Ok(Reply::read(format!("where {id} came from"), lines))
}
