//! What another user of the system than the store's own may do in it.
//!
//! Their role stands in the record of the user with their login. It is looked at
//! where a commit is admitted, so that no change of a role is ever overtaken by
//! what it forbids. The owner of the files is not asked for: whoever can write the
//! files could do anything.
//!
//! - *viewer*, and whoever has no record: reads.
//! - *agent*, and whose record names no role: changes records, and adds people
//!   without a login; not what the team owns, and not who may do what.
//! - *owner*: changes everything.
//! - Whose record says `active=no` does not come in.

use super::admit::Admission;
use super::fault::Fault;
use super::known::Knowledge;
use crate::domain::fields::number;
use crate::domain::{Kind, Record, RecordId};
use crate::query::index;
use crate::store::StoreError;
use crate::store::api::Commit;

/// The most users of one login that are looked at.
pub(super) const ALIKE: usize = 64;

/// How much somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::store) enum Role {
    /// Nobody gave a role.
    None,
    /// Reads.
    Viewer,
    /// Changes records.
    Agent,
    /// Changes everything.
    Owner,
}

/// Returns the role of a login, as these users have it; the least where several do.
pub(super) fn role<'r>(login: &str, users: impl IntoIterator<Item = &'r Record>) -> Result<Role, StoreError> {
    let mut role = None;
    for user in users {
        if user.text(number::LOGIN) != Some(login) {
            continue;
        }
        if user.first(number::USER_ACTIVE).and_then(|active| active.as_flag()) == Some(false) {
            return Err(StoreError::NotPermitted(format!("{login} does not work here any more")));
        }
        let this = match user.text(number::USER_ROLE) {
            None | Some("agent") => Role::Agent,
            Some("owner") => Role::Owner,
            // A word of a later version promises nothing.
            Some(_) => Role::Viewer,
        };
        role = Some(role.map_or(this, |role: Role| role.min(this)));
    }
    Ok(role.unwrap_or(Role::None))
}

/// Returns the index key of a login.
pub(super) fn login_key(login: &str) -> Vec<u8> {
    index::text_key(login)
}

fn refused(why: String) -> Fault {
    StoreError::NotPermitted(why).into()
}

impl Admission<'_> {
    /// Refuses what another user may not do.
    pub(super) fn permit(&mut self, commit: &Commit, login: &str) -> Result<(), Fault> {
        if commit.author.login != login {
            return Err(refused(format!("{login} makes no changes as {}: only whose store it is may do that", commit.author.login)));
        }
        if commit.at.is_some() {
            return Err(refused("only whose store it is may set the clock (--now)".to_owned()));
        }
        if let Some(step) = commit.step
            && let Some(author) = self.author_of(step)?
            && author != login
        {
            return Err(refused(format!("@{step} is a step of {author}, not of {login}")));
        }
        match self.role_of(login)? {
            Role::Owner => Ok(()),
            Role::None => Err(refused(format!(
                "{login} has no role in this store and can only read: its owner gives one with `rolo add user login={login} role=agent`"
            ))),
            Role::Viewer => Err(refused(format!("{login} is a viewer in this store, who changes nothing"))),
            Role::Agent => {
                if commit.changes.iter().any(|change| change.id.kind == Kind::Definition) {
                    return Err(refused(format!("{login} is an agent in this store: what the team owns is changed by an owner")));
                }
                for change in commit.changes.iter().filter(|change| change.id.kind == Kind::User) {
                    if change.after.as_ref().is_some_and(is_somebody) || self.was_somebody(change.id)? {
                        return Err(refused(format!("{login} is an agent in this store: logins and roles are given by an owner")));
                    }
                }
                Ok(())
            }
        }
    }

    fn role_of(&mut self, login: &str) -> Result<Role, Fault> {
        let mut users = self.known.view.lookup(Kind::User, number::LOGIN, &login_key(login), ALIKE)?;
        // What commits before this one in the group left is not in the index yet.
        users.extend(self.changed_users());
        let mut found = Vec::new();
        for id in users {
            found.extend(live(&mut self.known, id)?);
        }
        Ok(role(login, &found)?)
    }

    fn was_somebody(&mut self, id: RecordId) -> Result<bool, Fault> {
        self.known.learn([id])?;
        let before = self.known.before(id)?.and_then(|before| before.record);
        Ok(before.is_some_and(|before| is_somebody(&before)))
    }
}

fn live(known: &mut Knowledge<'_>, id: RecordId) -> Result<Option<Record>, Fault> {
    known.learn([id])?;
    let record = known.before(id)?.and_then(|before| before.record);
    Ok(record.filter(|record| !record.has(number::TRASHED_AT)).map(|record| (*record).clone()))
}

/// Returns whether a user can come in or has rights, and is not merely a name.
fn is_somebody(user: &Record) -> bool {
    user.has(number::LOGIN) || user.has(number::USER_ROLE)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::domain::Value;

    fn user(login: &str, role: Option<&str>, active: Option<bool>) -> Record {
        let mut user = Record::new(RecordId::new(Kind::User, 1));
        user.push(number::LOGIN, Value::text(login));
        if let Some(role) = role {
            user.push(number::USER_ROLE, Value::text(role));
        }
        if let Some(active) = active {
            user.push(number::USER_ACTIVE, Value::Flag(active));
        }
        user
    }

    #[test]
    fn the_least_of_several_counts_and_the_gone_do_not_come_in() {
        assert_eq!(role("bob", &[]), Ok(Role::None));
        assert_eq!(role("bob", &[user("Bob", Some("owner"), None)]), Ok(Role::None), "logins are told apart by case");
        assert_eq!(role("bob", &[user("bob", None, Some(true))]), Ok(Role::Agent));
        assert_eq!(role("bob", &[user("bob", Some("owner"), None), user("bob", Some("viewer"), None)]), Ok(Role::Viewer));
        assert_eq!(role("bob", &[user("bob", Some("partner"), None)]), Ok(Role::Viewer));
        assert!(role("bob", &[user("bob", Some("owner"), Some(false))]).is_err());
    }
}
