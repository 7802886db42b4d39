//! The id under which a record goes out to a phone or a calendar, and by which it is
//! known when it comes back: `c17.1769853600000000@rolo`, the id and when the store
//! first kept it. Two stores give the same ids, but not in the same microsecond.

use crate::domain::{RecordId, Timestamp};

/// What stands behind the `@`.
const HOST: &str = "rolo";

/// A record as its UID names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Own {
    pub(crate) id: RecordId,
    pub(crate) recorded_at: Timestamp,
}

/// Returns the UID of a record.
pub(crate) fn uid_of(own: Own) -> String {
    format!("{}.{}@{HOST}", own.id, own.recorded_at.0)
}

/// Returns the record that a UID names, if rolo wrote it.
pub(crate) fn own_of(uid: &str) -> Option<Own> {
    let (name, host) = uid.trim().split_once('@')?;
    let (id, recorded) = name.split_once('.').filter(|_| host == HOST)?;
    Some(Own { id: id.parse().ok()?, recorded_at: Timestamp(recorded.parse().ok()?) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Kind;

    #[test]
    fn a_uid_names_its_record() {
        let own = Own { id: RecordId::new(Kind::Contact, 17), recorded_at: Timestamp(1_769_853_600_000_001) };
        assert_eq!(uid_of(own), "c17.1769853600000001@rolo");
        assert_eq!(own_of(&uid_of(own)), Some(own));
        for other in ["", "c17@rolo", "c17.5@elsewhere", "x.5@rolo", "c17.x@rolo", "4fbe8971-0bc3-424c-9c26-36c3e1eff6b1"] {
            assert_eq!(own_of(other), None, "{other}");
        }
    }
}
