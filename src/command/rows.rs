//! Commands that an operator gives its rows to.

use super::Substitution;
use super::here::Here;
use super::reply::Reply;
use super::run::changed;
use crate::actions::{self, ActionError, Desk};
use crate::domain::RecordId;

/// Puts the records of a register here, or ties them to the one that the words name.
pub(super) fn put(desk: &Desk, args: &[String], count: u32, here: &Here) -> Result<Reply, ActionError> {
    if let Some(onto) = args.first().and_then(|word| word.parse::<RecordId>().ok()) {
        return changed(actions::link_all(desk, &here.targets, onto));
    }
    let outcome = actions::put(desk, &here.targets, count)?;
    let go_to = outcome.ids.first().copied();
    Ok(Reply { go_to, ..changed(Ok(outcome))? })
}

pub(super) fn copy(desk: &Desk, here: &Here) -> Result<Reply, ActionError> {
    let outcome = actions::copy(desk, &here.targets)?;
    let go_to = outcome.ids.first().copied();
    Ok(Reply { go_to, ..changed(Ok(outcome))? })
}

/// Makes the field under the cursor more or less.
pub(super) fn step(desk: &Desk, args: &[String], here: &Here, sign: i64) -> Result<Reply, ActionError> {
    let by = match args.first() {
        Some(word) => word.parse::<i64>().map_err(|_| ActionError::usage(format!("\u{201c}{word}\u{201d} is no number")))?,
        None => 1,
    };
    let field = here.field.clone().or_else(|| here.fields.first().cloned());
    let Some(field) = field else {
        return Err(ActionError::usage("no field stands under the cursor").hint("go to a number, a sum, a date or a priority"));
    };
    changed(actions::increase(desk, &here.targets, &field, sign.saturating_mul(by)))
}

/// Replaces text in the fields of the rows.
pub(super) fn substitute(desk: &Desk, args: &str, here: &Here) -> Result<Reply, ActionError> {
    let found =
        Substitution::parse(args, here.last_search.as_deref(), here.case.0, here.case.1).map_err(|bad| ActionError::usage(bad.0))?;
    let hits = std::cell::Cell::new(0);
    let rewrite = |text: &str| {
        let (text, count) = found.apply(text)?;
        hits.set(hits.get() + count);
        (!found.counts).then_some(text)
    };
    let outcome = actions::replace(desk, &here.targets.clone().into(), &here.fields, "substitute", &rewrite)?;
    if hits.get() == 0 {
        return Err(ActionError::refused(format!("not found: {}", found.pattern())));
    }
    let message = match (found.counts, hits.get(), outcome.changed) {
        (true, 1, _) => "1 hit".to_owned(),
        (true, hits, _) => format!("{hits} hits"),
        (false, hits, records) => format!("{hits} replaced in {records} records"),
    };
    Ok(Reply { message, ..changed(Ok(outcome))? })
}
