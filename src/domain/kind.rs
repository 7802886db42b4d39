//! The kinds of record and their ids.
//!
//! An id is a prefix and a small number (`c17`, `t204`): it is what people type
//! and say aloud. Numbers count up per kind and are never given twice.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One kind of record. The discriminants are part of the store's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Kind {
    /// A person, at any lifecycle stage.
    Contact = 0,
    /// An organisation.
    Company = 1,
    /// One touch: a call, a mail, a meeting.
    Interaction = 2,
    /// A possible sale in a pipeline's stage.
    Opportunity = 3,
    /// A customer's request in the queue.
    Ticket = 4,
    /// Something to do by a time.
    Task = 5,
    /// Something sold, with a price.
    Product = 6,
    /// What was bought.
    Order = 7,
    /// What a customer has bought over time and is entitled to.
    Contract = 8,
    /// A change of stage, status, owner, assignee, queue, line or priority.
    Event = 9,
    /// A person who works in rolo.
    User = 10,
    /// People who work together.
    Team = 11,
    /// Reserved: a planned outreach.
    Campaign = 12,
    /// Reserved: a named query.
    Segment = 13,
    /// An entry of the knowledge base, which answers tickets.
    Article = 14,
    /// An attached file, or many records' one: its content is kept by its hash.
    Document = 15,
    /// An offer with lines, as it was made.
    Quote = 16,
    /// A definition the team owns (pipelines, statuses, settings), kept as TOML.
    Definition = 17,
    /// What an import source gave last time, per row: not shown in lists.
    Provenance = 18,
}

/// What is fixed about one kind.
#[derive(Debug, Clone, Copy)]
pub struct KindInfo {
    /// The kind described.
    pub kind: Kind,
    /// Singular name, as typed on the command line.
    pub name: &'static str,
    /// Plural name, accepted as an alias and used in messages and file names.
    pub plural: &'static str,
    /// The letter before the number of an id.
    pub prefix: &'static str,
    /// Further accepted names.
    pub aliases: &'static [&'static str],
    /// Whether people can list, add and import it today.
    pub public: bool,
}

const fn kind(kind: Kind, name: &'static str, plural: &'static str, prefix: &'static str) -> KindInfo {
    KindInfo { kind, name, plural, prefix, aliases: &[], public: true }
}

impl KindInfo {
    const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    const fn internal(mut self) -> Self {
        self.public = false;
        self
    }
}

/// Every kind, in the order of the discriminants.
pub const KINDS: &[KindInfo] = &[
    kind(Kind::Contact, "contact", "contacts", "c").aliases(&["person", "people"]),
    kind(Kind::Company, "company", "companies", "a").aliases(&["account", "organisation", "organization", "org"]),
    kind(Kind::Interaction, "interaction", "interactions", "i").aliases(&["touch"]),
    kind(Kind::Opportunity, "opportunity", "opportunities", "o").aliases(&["deal", "deals", "opp"]),
    kind(Kind::Ticket, "ticket", "tickets", "t").aliases(&["case"]),
    kind(Kind::Task, "task", "tasks", "k").aliases(&["todo"]),
    kind(Kind::Product, "product", "products", "p"),
    kind(Kind::Order, "order", "orders", "b"),
    kind(Kind::Contract, "contract", "contracts", "g"),
    kind(Kind::Event, "event", "events", "e"),
    kind(Kind::User, "user", "users", "u").aliases(&["agent"]),
    kind(Kind::Team, "team", "teams", "x"),
    kind(Kind::Campaign, "campaign", "campaigns", "m").internal(),
    kind(Kind::Segment, "segment", "segments", "s").internal(),
    kind(Kind::Article, "article", "articles", "n").aliases(&["kb"]),
    kind(Kind::Document, "document", "documents", "d").aliases(&["file", "files", "attachment", "attachments"]),
    kind(Kind::Quote, "quote", "quotes", "q"),
    kind(Kind::Definition, "definition", "definitions", "z").internal(),
    kind(Kind::Provenance, "provenance", "provenances", "y").internal(),
];

impl Kind {
    /// Returns what is fixed about this kind.
    pub fn info(self) -> &'static KindInfo {
        &KINDS[self as usize]
    }

    /// Returns the singular name.
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// Returns the plural name.
    pub fn plural(self) -> &'static str {
        self.info().plural
    }

    /// Returns the prefix of this kind's ids.
    pub fn prefix(self) -> &'static str {
        self.info().prefix
    }

    /// Returns the kind with this discriminant.
    pub fn from_code(code: u8) -> Option<Self> {
        KINDS.get(usize::from(code)).map(|info| info.kind)
    }

    /// Returns the kind whose ids have this prefix.
    pub fn from_prefix(prefix: &str) -> Option<Self> {
        KINDS.iter().find(|info| info.prefix == prefix).map(|info| info.kind)
    }

    /// Returns the public kinds, in display order.
    pub fn public() -> impl Iterator<Item = Self> {
        KINDS.iter().filter(|info| info.public).map(|info| info.kind)
    }

    /// Returns the public kind of this name, plural or alias, without regard to case.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        KINDS
            .iter()
            .find(|info| info.public && (info.name == name || info.plural == name || info.aliases.contains(&name.as_str())))
            .map(|info| info.kind)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The id of one record: `c17`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordId {
    /// The kind.
    pub kind: Kind,
    /// The number, from 1.
    pub number: u64,
}

impl RecordId {
    /// Returns the id of this kind and number.
    pub const fn new(kind: Kind, number: u64) -> Self {
        Self { kind, number }
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.kind.prefix(), self.number)
    }
}

/// Says that a text is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\u{201c}{0}\u{201d} is no id: an id is a letter and a number, such as c17")]
pub struct NotAnId(pub String);

impl FromStr for RecordId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let split = text.find(|c: char| c.is_ascii_digit()).ok_or_else(|| NotAnId(text.to_owned()))?;
        let (prefix, digits) = text.split_at(split);
        let kind = Kind::from_prefix(&prefix.to_lowercase()).ok_or_else(|| NotAnId(text.to_owned()))?;
        if digits.starts_with('0') || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NotAnId(text.to_owned()));
        }
        let number = digits.parse().map_err(|_| NotAnId(text.to_owned()))?;
        Ok(Self { kind, number })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_stand_at_their_discriminant() {
        for (index, info) in KINDS.iter().enumerate() {
            assert_eq!(info.kind as usize, index, "{}", info.name);
            assert_eq!(Kind::from_prefix(info.prefix), Some(info.kind));
        }
    }

    #[test]
    fn ids_print_and_parse() {
        for text in ["c1", "a4", "t204", "o18446744073709551615"] {
            assert_eq!(text.parse::<RecordId>().map(|id| id.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "c", "17", "c0", "c01", "w3", "c1x", "c99999999999999999999", "cé1"] {
            assert!(text.parse::<RecordId>().is_err(), "{text}");
        }
    }
}
