//! The names of messages: what stands in Message-ID, References and In-Reply-To, and
//! the name of a message that has none. It must not know where they stand.

use twox_hash::XxHash3_128;

use crate::domain::{Kind, RecordId, Timestamp};

/// The domain of the names that are made here; RFC 2606 keeps it from being anybody's.
pub(super) const OURS: &str = "rolo.invalid";

/// The longest name that is kept as it is, in bytes.
const LONGEST: usize = 240;

/// The most names of one field.
const MOST: usize = 500;

/// Returns the names in a text, each in angle brackets, each once.
pub(super) fn all_of(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('<')
        && found.len() < MOST
    {
        rest = &rest[start + 1..];
        let Some(end) = rest.find(['>', '<']) else { break };
        if rest[end..].starts_with('>') {
            let name = named(&rest[..end]);
            if let Some(name) = name.filter(|name| !found.contains(name)) {
                found.push(name);
            }
        }
        rest = &rest[end..];
    }
    // Some programs leave the brackets out.
    if found.is_empty() && !text.trim().contains(char::is_whitespace) {
        found.extend(named(text.trim_matches(['<', '>', ' '])));
    }
    found
}

/// Returns a name in angle brackets, of a long one its hash.
fn named(inner: &str) -> Option<String> {
    let inner: String = inner.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    if inner.is_empty() {
        return None;
    }
    Some(if inner.len() > LONGEST { of_hash(&[&inner]) } else { format!("<{inner}>") })
}

/// Returns the name of a message by what tells it from others.
pub(super) fn of_hash(texts: &[&str]) -> String {
    let mut all = Vec::new();
    for text in texts {
        all.extend_from_slice(text.as_bytes());
        // No byte of UTF-8 text: keeps "a", "b" apart from "ab".
        all.push(0xff);
    }
    format!("<{:032x}@{OURS}>", XxHash3_128::oneshot(&all))
}

/// Returns the name of the message that rolo writes of a record; `recorded` is when its
/// store first kept it, by which a store knows its own.
pub(in crate::exchange) fn of_record(id: RecordId, recorded: Timestamp) -> String {
    format!("<{id}.{}@{OURS}>", recorded.0)
}

/// Returns of which record rolo wrote a message, where its name says so.
pub(super) fn record_of(name: &str) -> Option<(RecordId, Timestamp)> {
    let inner = name.strip_prefix('<')?.strip_suffix('>')?.strip_suffix(OURS)?.strip_suffix('@')?;
    let (id, recorded) = inner.split_once('.')?;
    let id: RecordId = id.parse().ok()?;
    (id.kind == Kind::Interaction).then_some((id, Timestamp(recorded.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_brackets() {
        assert_eq!(all_of(" <a@b>\r\n\t<c@d> (was: <a@b>)"), ["<a@b>", "<c@d>"]);
        assert_eq!(all_of("Your message of \"Fri\" <x y@z>"), ["<xy@z>"]);
        assert_eq!(all_of("bare@id"), ["<bare@id>"]);
        assert_eq!(all_of("<<a@b>>"), ["<a@b>"]);
        assert_eq!(all_of("<a@b"), ["<a@b>"]);
        assert!(all_of("no name here").is_empty() && all_of("<>").is_empty() && all_of("").is_empty());
        assert!(all_of(&format!("<{}@x>", "y".repeat(5_000)))[0].len() < 60);
        assert!(all_of(&"<".repeat(1_000_000)).is_empty());
    }

    #[test]
    fn a_record_is_known_by_its_own_name_alone() {
        let (id, at) = (RecordId::new(Kind::Interaction, 7), Timestamp(-3));
        assert_eq!(record_of(&of_record(id, at)), Some((id, at)));
        assert_eq!(record_of("<c7.3@rolo.invalid>"), None);
        assert_eq!(record_of(&of_hash(&["x"])), None);
    }

    #[test]
    fn the_hash_is_the_same_for_ever() {
        assert_eq!(of_hash(&["a", "b"]), of_hash(&["a", "b"]));
        assert_ne!(of_hash(&["a", "b"]), of_hash(&["ab"]));
    }
}
