//! Finding what can match a query by the indexes.

use std::ops::{Bound, ControlFlow};

use super::core::Slot;
use super::fault::Fault;
use super::keys::{self, Key, Parts};
use crate::domain::{FieldNumber, Kind};
use crate::query::{Plan, Way};
use crate::store::api::Trash;

/// So few records are read sooner than another index is.
const FEW: usize = 256;

/// The records that alone can match.
pub(super) enum Found {
    /// All of the kind.
    All,
    /// Those with these numbers, ascending.
    Numbers(Vec<u64>),
}

/// What the indexes say.
pub(super) struct Finding {
    pub(super) found: Found,
    /// Whether all of these match.
    pub(super) exact: bool,
}

/// Follows a plan as far as it helps; `None` if it does not.
pub(super) fn find(slot: &Slot, kind: Kind, trash: Trash, plan: &Plan) -> Result<Option<Finding>, Fault> {
    if let Some(ids) = &plan.ids {
        let mut numbers: Vec<u64> = ids.iter().filter(|id| id.kind == kind).map(|id| id.number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        return Ok(Some(Finding { found: Found::Numbers(numbers), exact: false }));
    }
    // The indexes hold live records only.
    if trash != Trash::Without || plan.lookups.is_empty() {
        return Ok(None);
    }
    let mut lookups: Vec<_> = plan.lookups.iter().collect();
    // Single keys find fewer than ranges do.
    lookups.sort_by_key(|lookup| lookup.ways.iter().filter(|way| matches!(way, Way::Range(..))).count());
    let mut found: Option<Vec<u64>> = None;
    let mut exact = plan.exact;
    for lookup in lookups {
        if found.as_ref().is_some_and(|found| found.len() <= FEW) {
            exact = false;
            break;
        }
        let here = numbers(slot, kind, lookup.field, &lookup.ways)?;
        found = Some(match found {
            None => here,
            Some(found) => found.into_iter().filter(|number| here.binary_search(number).is_ok()).collect(),
        });
    }
    Ok(found.map(|numbers| Finding { found: Found::Numbers(numbers), exact }))
}

/// Returns the numbers that the index of a field has under these keys.
fn numbers(slot: &Slot, kind: Kind, field: FieldNumber, ways: &[Way]) -> Result<Vec<u64>, Fault> {
    let prefix = Key::of(keys::INDEX).kind(kind).field(field);
    let mut found = Vec::new();
    for way in ways {
        let bounds = match way {
            Way::Equals(value) => keys::beginning_with(&prefix.clone().value(value).0),
            Way::Range(from, to) => {
                let all = keys::beginning_with(&prefix.0);
                let key = |value: &Vec<u8>| prefix.clone().value(value).0;
                (from.as_ref().map_or(all.0, |from| Bound::Included(key(from))), to.as_ref().map_or(all.1, |to| Bound::Excluded(key(to))))
            }
        };
        slot.view().between(&bounds, false, &mut |key, _| {
            let mut parts = Parts::whole(&key[prefix.0.len()..]);
            let number = parts.skip_value().and_then(|()| parts.number());
            found.push(number.ok_or_else(|| Fault::image("a key is unreadable"))?);
            Ok(ControlFlow::Continue(()))
        })?;
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}
