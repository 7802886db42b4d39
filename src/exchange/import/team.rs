//! The team's own addresses: those of its users, and what is said beside. It must not
//! know what they are for.

use std::collections::HashMap;

use crate::domain::fields::number;
use crate::domain::parse::email_key;
use crate::domain::{Kind, Value};
use crate::exchange::mail::OwnAddress;
use crate::store::StoreError;
use crate::store::api::{PageRequest, Store, Trash, View};

/// Users read at a time.
const PAGE: usize = 500;

/// Returns the e-mail addresses of all users, and `more`.
///
/// # Errors
/// What the store answers.
pub(super) fn addresses(store: &dyn Store, view: View, more: &[String]) -> Result<Vec<OwnAddress>, StoreError> {
    let mut users: HashMap<String, usize> = HashMap::new();
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
            for address in user.values(number::USER_EMAIL).filter_map(Value::as_text) {
                *users.entry(email_key(address)).or_default() += 1;
            }
        }
        request.after = page.next;
        if request.after.is_none() {
            let said = more.iter().map(|address| OwnAddress { address: address.clone(), is_users: false });
            let users = users.into_iter().map(|(address, count)| OwnAddress { address, is_users: count == 1 });
            return Ok(said.chain(users).collect());
        }
    }
}
