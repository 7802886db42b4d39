//! Records that are written from where they are held, without being copied first.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::Record;

/// A record that others hold, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedRecord(pub Arc<Record>);

impl Serialize for SharedRecord {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.as_ref().serialize(to)
    }
}

impl<'de> Deserialize<'de> for SharedRecord {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Record::deserialize(from).map(|record| Self(Arc::new(record)))
    }
}
