//! Who a row is to its source: the name under which is remembered what the source
//! gave for it last time. It must not know the store.
//!
//! A row that is not named by an id or a key is known by a hash of what it says; of
//! several equal rows in a file each is known by its place among them.

use std::collections::{HashMap, HashSet};

use crate::domain::{Kind, RecordId, fold};

/// The longest name that is kept as it is; longer ones by their hash.
const LONGEST: usize = 160;

/// What stands before an id of another store of rolo.
const OWN: &str = "own:";

/// Returns the key under which a record of another store of rolo is remembered.
pub(super) fn own_key(source: &str, id: RecordId) -> String {
    format!("{source}/{}/{OWN}{id}", id.kind.name())
}

/// Returns the key under which the first row of an id is remembered.
pub(super) fn id_key(source: &str, kind: Kind, id: &str) -> String {
    first_key(source, kind, &Identity::Id(id.to_owned()))
}

fn first_key(source: &str, kind: Kind, identity: &Identity) -> String {
    let mut name = identity.name();
    if name.len() > LONGEST {
        name = format!("long:{:016x}", hash(&[&name]));
    }
    format!("{source}/{kind}/{name}")
}

/// Returns whether a key remembers a record of another store of rolo.
pub(super) fn is_own_key(source: &str, kind: Kind, key: &str) -> bool {
    key.strip_prefix(source).and_then(|rest| rest.strip_prefix(&format!("/{}/{OWN}", kind.name()))).is_some()
}

/// What names a row to its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Identity {
    /// Its id in the source.
    Id(String),
    /// Its id in the other store of rolo that the file was written from.
    Own(RecordId),
    /// Its id in this store, from which the file was written.
    Here(RecordId),
    /// Fields with their values: `email`, `ada@example.com`.
    Key(Vec<(String, String)>),
    /// What it says, as a hash.
    Content(u64),
}

impl Identity {
    /// Returns the name, the same for texts that differ in case or diacritics only
    /// where it is no id.
    fn name(&self) -> String {
        match self {
            Self::Id(id) => format!("id:{id}"),
            Self::Own(id) => format!("{OWN}{id}"),
            Self::Here(id) => format!("here:{id}"),
            Self::Key(fields) => {
                let parts: Vec<String> = fields.iter().map(|(field, value)| format!("{field}:{}", fold::fold(value.trim()))).collect();
                parts.join("|")
            }
            Self::Content(hash) => format!("row:{hash:016x}"),
        }
    }

    /// Returns it as a person reads it: `email ada@example.com`.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Id(id) => format!("external_id {id}"),
            Self::Own(id) | Self::Here(id) => format!("id {id}"),
            Self::Key(fields) => fields.iter().map(|(field, value)| format!("{field} {value}")).collect::<Vec<_>>().join(", "),
            Self::Content(_) => "the row as it stands".to_owned(),
        }
    }
}

/// The rows of one file so far, to tell equals apart. One number of eight bytes a row.
#[derive(Debug, Default)]
pub(super) struct Occurrences {
    once: HashSet<u64>,
    again: HashMap<u64, u32>,
}

impl Occurrences {
    /// Returns the key under which a row is remembered: source, kind, identity, and
    /// for the second and later of equals which it is.
    pub(super) fn key(&mut self, source: &str, kind: Kind, identity: &Identity) -> String {
        let key = first_key(source, kind, identity);
        let mark = hash(&[&key]);
        if self.once.insert(mark) {
            return key;
        }
        let count = self.again.entry(mark).or_insert(1);
        *count += 1;
        format!("{key}#{count}")
    }
}

/// Returns a hash of texts that is the same for ever (FNV-1a, 64 bits).
pub(super) fn hash(texts: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    for text in texts {
        text.bytes().for_each(&mut add);
        // No byte of UTF-8 text: keeps "a", "b" apart from "ab".
        add(0xff);
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_are_told_apart_by_their_place() {
        let mut seen = Occurrences::default();
        let email = |text: &str| Identity::Key(vec![("email".into(), text.into())]);
        let mut key = |identity: &Identity| seen.key("hq", Kind::Contact, identity);
        assert_eq!(key(&email("Ada@Example.com")), "hq/contact/email:ada@example.com");
        assert_eq!(key(&email("ada@example.com")), "hq/contact/email:ada@example.com#2");
        assert_eq!(key(&email("ada@example.com")), "hq/contact/email:ada@example.com#3");
        assert_eq!(key(&Identity::Id("aB".into())), "hq/contact/id:aB");
        assert_eq!(key(&Identity::Id("ab".into())), "hq/contact/id:ab");
        let own: RecordId = RecordId::new(Kind::Contact, 17);
        assert_eq!(key(&Identity::Own(own)), own_key("hq", own));
        assert!(is_own_key("hq", Kind::Contact, "hq/contact/own:c17"));
        assert!(!is_own_key("hq", Kind::Contact, "hq/contact/id:c17"));
        assert_eq!(key(&Identity::Content(7)), "hq/contact/row:0000000000000007");
        assert!(key(&email(&"x".repeat(1000))).len() < 50);
    }

    #[test]
    fn the_hash_is_the_same_for_ever() {
        assert_eq!(hash(&["a", "b"]), 0xd2b3_7181_9297_f98a);
        assert_ne!(hash(&["a", "b"]), hash(&["ab"]));
    }
}
