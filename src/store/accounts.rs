//! The users and groups of the system, by number and by name, as the system itself
//! looks them up (files, or a directory of the network).
//!
//! What cannot be looked up has its number for a name. This module must not know
//! what a name is allowed to do.

use nix::unistd::{Gid, Group, Uid, User};

/// Returns a user's name, if the system knows the number.
pub fn user(uid: u32) -> Option<String> {
    User::from_uid(Uid::from_raw(uid)).ok().flatten().map(|user| user.name)
}

/// Returns the login of a user: the name, or `uid` and the number.
pub fn login(uid: u32) -> String {
    user(uid).unwrap_or_else(|| format!("uid{uid}"))
}

/// Returns a group's number, by its name or as a number.
pub fn group(name: &str) -> Option<u32> {
    match Group::from_name(name) {
        Ok(Some(group)) => Some(group.gid.as_raw()),
        _ => name.parse().ok(),
    }
}

/// Returns a group's name: its number where the system knows none.
pub fn group_name(gid: u32) -> String {
    Group::from_gid(Gid::from_raw(gid)).ok().flatten().map_or_else(|| gid.to_string(), |group| group.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names() {
        assert_eq!((user(0).as_deref(), login(0).as_str()), (Some("root"), "root"));
        assert_eq!((user(3_999_999_999), login(3_999_999_999).as_str()), (None, "uid3999999999"));
        assert_eq!(group(&group_name(0)), Some(0));
        assert_eq!((group("no such group"), group("4711"), group_name(3_999_999_999).as_str()), (None, Some(4711), "3999999999"));
    }
}
