//! Changing records as JSON says: fields that it names are replaced, others stay.

use serde_json::Value as Json;

use super::{ActionError, Changeset, Desk, Outcome};
use crate::domain::{RecordId, json};

/// Changes records by an object, or by an array of as many objects.
///
/// # Errors
/// Exit 1 or 2 for a value or a field that is none, all of them told; exit 2 where
/// there are not as many objects as records.
pub fn apply_json(desk: &Desk, ids: &[RecordId], value: &Json) -> Result<Outcome, ActionError> {
    let objects: Vec<&Json> = match value {
        Json::Array(objects) => objects.iter().collect(),
        one => vec![one; ids.len()],
    };
    if objects.len() != ids.len() {
        return Err(ActionError::usage(format!("{} records were named, {} objects were given", ids.len(), objects.len())));
    }
    let mut changes = Changeset::new(desk);
    changes.load(ids)?;
    for (id, object) in ids.iter().zip(objects) {
        let fields = json::changes(id.kind, object, &changes.reading()).map_err(|errors| super::add::first(errors).at(id.to_string()))?;
        changes.apply(*id, &fields)?;
    }
    changes.finish("edit")
}
