//! Files that leave the house with the record that they are attached to: those of a message,
//! the photo of a card. It must not know how they are written.

use super::rows::Enclosed;
use crate::domain::fields::number;
use crate::domain::{Kind, Lookup, Record, RecordId};
use crate::store::StoreError;
use crate::store::api::Store;
use crate::store::files;
use crate::store::known::Known;

/// The most bytes of files that one record takes along.
const MOST_BYTES: u64 = 30 << 20;

/// The most files of one record that are looked at.
const MOST_FILES: usize = 500;

/// Returns the files of a record whose documents are `wanted`, as far as they fit; what is
/// damaged or gone stays behind.
///
/// # Errors
/// What the store answers.
pub(super) fn came_with(
    store: &dyn Store,
    names: &Known<'_>,
    of: RecordId,
    wanted: &dyn Fn(&Record) -> bool,
) -> Result<Vec<Enclosed>, StoreError> {
    let mut found = Vec::new();
    let mut left = MOST_BYTES;
    for (id, _) in store.linking(of, Some(Kind::Document), MOST_FILES)? {
        let Some(document) = names.record(id).filter(|document| !document.has(number::TRASHED_AT) && wanted(document)) else { continue };
        let Some(hash) = document.text(number::HASH).and_then(|hash| hash.parse().ok()) else { continue };
        let Some(length) = store.file_length(&hash)?.filter(|length| *length <= left) else { continue };
        let mut content = Vec::new();
        if files::copy(store, &hash, &mut content).is_ok() {
            left -= length;
            let text = |field| document.text(field).unwrap_or_default().to_owned();
            found.push(Enclosed { name: text(number::DOCUMENT_NAME), media_type: text(number::MEDIA_TYPE), content });
        }
    }
    Ok(found)
}
