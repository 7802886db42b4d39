//! The team's own addresses: those of its users, and what is said beside. It must not
//! know what they are for.

use crate::domain::fields::number;
use crate::domain::{Kind, Value};
use crate::store::StoreError;
use crate::store::api::{PageRequest, Store, Trash, View};

/// Users read at a time.
const PAGE: usize = 500;

/// Returns the e-mail addresses of all users, and `more`.
///
/// # Errors
/// What the store answers.
pub(super) fn addresses(store: &dyn Store, view: View, more: &[String]) -> Result<Vec<String>, StoreError> {
    let mut found: Vec<String> = more.to_vec();
    let mut request = PageRequest {
        kind: Kind::User,
        query: None,
        sort: Vec::new(),
        after: None,
        offset: 0,
        limit: PAGE,
        records: true,
        total: false,
        trash: Trash::Without,
        at_least: None,
        view,
    };
    loop {
        let page = store.query(&request)?;
        for user in &page.records {
            found.extend(user.values(number::USER_EMAIL).filter_map(Value::as_text).map(str::to_owned));
        }
        request.after = page.next;
        if request.after.is_none() {
            return Ok(found);
        }
    }
}
