//! Rollups: what a contact, a company, an opportunity or a ticket sums up of the
//! records that point to it.
//!
//! Only the definition stands here. Each record contributes to the records that it
//! links to, directly: an interaction to its contacts, company, opportunity and
//! ticket; a ticket or an opportunity to its contacts and company; an open task to
//! what it is about. A company does not collect from its contacts: whoever writes an
//! interaction with a contact gives it that contact's company. A store adds what a
//! new version of a record contributes and takes off what the old one did.

use serde::{Deserialize, Serialize};

use super::fields::number;
use super::{Category, Currency, Definitions, FieldNumber, Kind, Meaning, Money, Record, RecordId, Timestamp, Value};

/// What one record adds to one that it links to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Contribution {
    /// An interaction: when, and through which channel.
    Touch {
        /// When it happened.
        at: Timestamp,
        /// The channel, empty if it has none.
        channel: String,
    },
    /// A ticket that is not done.
    OpenTicket,
    /// An opportunity that is neither won nor lost.
    OpenOpportunity,
    /// An opportunity that was won, with its amount.
    Won(Currency, i64),
    /// A task that is not done, with the time by which it must be.
    Due(Timestamp),
}

/// Returns what a record contributes, and to which records, each once. What is in the
/// trash contributes nothing, nor does an internal note, which is no touch.
///
/// It depends on the definitions: when stages change their meaning or statuses their
/// category, rollups are computed anew.
pub fn contributions(record: &Record, definitions: &Definitions) -> Vec<(RecordId, Contribution)> {
    if record.has(number::TRASHED_AT) {
        return Vec::new();
    }
    match record.kind() {
        Kind::Interaction => interaction(record),
        Kind::Ticket => {
            if definitions.category_of(record) == Category::Done {
                return Vec::new();
            }
            to(record, &[number::TICKET_CONTACT, number::TICKET_COMPANY], &Contribution::OpenTicket)
        }
        Kind::Opportunity => {
            let targets = [number::OPPORTUNITY_CONTACT, number::OPPORTUNITY_COMPANY];
            match (definitions.meaning_of(record), record.first(number::AMOUNT).and_then(Value::as_money)) {
                (Meaning::Open, _) => to(record, &targets, &Contribution::OpenOpportunity),
                (Meaning::Won, Some(Money { minor, currency })) => to(record, &targets, &Contribution::Won(currency, minor)),
                (Meaning::Won, None) | (Meaning::Lost, _) => Vec::new(),
            }
        }
        Kind::Task => match record.time(number::DUE) {
            Some(due) if !record.has(number::DONE_AT) => to(record, &[number::ABOUT], &Contribution::Due(due)),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn interaction(record: &Record) -> Vec<(RecordId, Contribution)> {
    let is_note = record.first(number::PRIVATE).and_then(Value::as_flag) == Some(true);
    let Some(at) = record.time(number::INTERACTION_AT).filter(|_| !is_note) else { return Vec::new() };
    let touch = Contribution::Touch { at, channel: record.text(number::CHANNEL).unwrap_or_default().to_owned() };
    let targets = [number::INTERACTION_CONTACT, number::INTERACTION_COMPANY, number::INTERACTION_OPPORTUNITY, number::INTERACTION_TICKET];
    to(record, &targets, &touch)
}

fn to(record: &Record, fields: &[FieldNumber], contribution: &Contribution) -> Vec<(RecordId, Contribution)> {
    let mut targets: Vec<RecordId> = Vec::new();
    for id in fields.iter().flat_map(|field| record.values(*field)).filter_map(Value::as_link) {
        if !targets.contains(&id) {
            targets.push(id);
        }
    }
    targets.into_iter().map(|id| (id, contribution.clone())).collect()
}

/// What a record sums up of those that point to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollup {
    /// When the last interaction was.
    pub last_at: Option<Timestamp>,
    /// Through which channel it went.
    pub last_channel: Option<String>,
    /// How many tickets are not done.
    pub tickets_open: u64,
    /// How many opportunities are open.
    pub opportunities_open: u64,
    /// What was won, in minor units per currency, ordered by its code; no zeros.
    pub won_total: Vec<(Currency, i128)>,
    /// When the next open task is due.
    pub next_due: Option<Timestamp>,
}

/// What can no longer be told after something was taken off, and must be computed
/// from all that remains.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stale {
    /// The last interaction.
    pub last: bool,
    /// The next due task.
    pub next: bool,
}

impl Stale {
    /// Returns whether anything must be computed anew.
    pub fn any(self) -> bool {
        self.last || self.next
    }
}

impl Rollup {
    /// Returns the rollup of all contributions to a record.
    pub fn of<'c>(contributions: impl IntoIterator<Item = &'c Contribution>) -> Self {
        let mut rollup = Self::default();
        contributions.into_iter().for_each(|contribution| rollup.add(contribution));
        rollup
    }

    /// Returns whether nothing points to the record.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds a contribution. The order does not matter.
    pub fn add(&mut self, contribution: &Contribution) {
        match contribution {
            Contribution::Touch { at, channel } => {
                let channel = (!channel.is_empty()).then(|| channel.clone());
                // Of two at the same moment one channel is chosen whatever the order.
                if (self.last_at, &self.last_channel) < (Some(*at), &channel) {
                    self.last_at = Some(*at);
                    self.last_channel = channel;
                }
            }
            Contribution::OpenTicket => self.tickets_open += 1,
            Contribution::OpenOpportunity => self.opportunities_open += 1,
            Contribution::Won(currency, minor) => self.win(*currency, i128::from(*minor)),
            Contribution::Due(at) => self.next_due = Some(self.next_due.map_or(*at, |next| next.min(*at))),
        }
    }

    /// Takes a contribution off again; returns what must then be computed anew.
    pub fn remove(&mut self, contribution: &Contribution) -> Stale {
        match contribution {
            Contribution::Touch { at, .. } => return Stale { last: self.last_at.is_none_or(|last| last <= *at), next: false },
            Contribution::Due(at) => return Stale { last: false, next: self.next_due.is_none_or(|next| next >= *at) },
            Contribution::OpenTicket => self.tickets_open = self.tickets_open.saturating_sub(1),
            Contribution::OpenOpportunity => self.opportunities_open = self.opportunities_open.saturating_sub(1),
            Contribution::Won(currency, minor) => self.win(*currency, -i128::from(*minor)),
        }
        Stale::default()
    }

    /// Puts the last interaction and the next due task in from all touches and tasks
    /// that remain.
    pub fn refresh<'c>(&mut self, remaining: impl IntoIterator<Item = &'c Contribution>) {
        let whole = Self::of(remaining);
        (self.last_at, self.last_channel, self.next_due) = (whole.last_at, whole.last_channel, whole.next_due);
    }

    fn win(&mut self, currency: Currency, minor: i128) {
        match self.won_total.binary_search_by_key(&currency, |(known, _)| *known) {
            Ok(at) => {
                self.won_total[at].1 += minor;
                if self.won_total[at].1 == 0 {
                    self.won_total.remove(at);
                }
            }
            Err(at) if minor != 0 => self.won_total.insert(at, (currency, minor)),
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn id(text: &str) -> RecordId {
        text.parse().unwrap()
    }

    fn record(text: &str, fields: &[(FieldNumber, Value)]) -> Record {
        let mut record = Record::new(id(text));
        for (field, value) in fields {
            record.push(*field, value.clone());
        }
        record
    }

    fn eur(minor: i64) -> Value {
        Value::Money(Money { minor, currency: Currency::from_code("EUR").unwrap() })
    }

    #[test]
    fn each_kind_contributes_to_what_it_links() {
        let definitions = Definitions::default();
        let of = |record: &Record| {
            contributions(record, &definitions).into_iter().map(|(target, what)| format!("{target} {what:?}")).collect::<Vec<_>>()
        };
        let at = Value::Time(Timestamp(5));
        let mut call = record(
            "i1",
            &[
                (number::INTERACTION_AT, at.clone()),
                (number::CHANNEL, Value::text("call")),
                (number::INTERACTION_CONTACT, Value::Link(id("c1"))),
                (number::INTERACTION_CONTACT, Value::Link(id("c2"))),
                (number::INTERACTION_COMPANY, Value::Link(id("a1"))),
            ],
        );
        assert_eq!(of(&call), ["c1", "c2", "a1"].map(|target| format!("{target} Touch {{ at: Timestamp(5), channel: \"call\" }}")));
        call.set(number::PRIVATE, Value::Flag(true));
        assert!(of(&call).is_empty());
        let mut deal = record(
            "o1",
            &[(number::OPPORTUNITY_COMPANY, Value::Link(id("a1"))), (number::STAGE, Value::text("lead")), (number::AMOUNT, eur(700))],
        );
        assert_eq!(of(&deal), ["a1 OpenOpportunity"]);
        deal.set(number::STAGE, Value::text("won"));
        assert_eq!(of(&deal), ["a1 Won(Currency([69, 85, 82]), 700)"]);
        deal.set(number::STAGE, Value::text("lost"));
        assert!(of(&deal).is_empty());
        let mut ticket = record("t1", &[(number::TICKET_CONTACT, Value::Link(id("c1"))), (number::STATUS, Value::text("pending"))]);
        assert_eq!(of(&ticket), ["c1 OpenTicket"]);
        ticket.set(number::STATUS, Value::text("solved"));
        assert!(of(&ticket).is_empty());
        let mut task =
            record("k1", &[(number::ABOUT, Value::Link(id("c1"))), (number::ABOUT, Value::Link(id("c1"))), (number::DUE, at.clone())]);
        assert_eq!(of(&task), ["c1 Due(Timestamp(5))"]);
        task.set(number::TRASHED_AT, at);
        assert!(of(&task).is_empty());
    }

    fn contribution() -> impl Strategy<Value = Contribution> {
        prop_oneof![
            (0_i64..5, "(call|email|)").prop_map(|(at, channel)| Contribution::Touch { at: Timestamp(at), channel }),
            Just(Contribution::OpenTicket),
            Just(Contribution::OpenOpportunity),
            (prop_oneof![Just("EUR"), Just("CZK")], -3_i64..3)
                .prop_map(|(code, minor)| Contribution::Won(Currency::from_code(code).unwrap(), minor)),
            (0_i64..5).prop_map(|at| Contribution::Due(Timestamp(at))),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        /// Whatever is added and taken off, in any order, the rollup is that of what
        /// remains.
        #[test]
        fn added_and_taken_off_is_what_remains(mut all in proptest::collection::vec(contribution(), 0..12), gone in any::<proptest::sample::Index>()) {
            let mut rollup = Rollup::of(&all);
            prop_assert_eq!(&rollup, &Rollup::of(all.iter().rev()));
            let bytes = postcard::to_stdvec(&rollup).unwrap();
            prop_assert_eq!(&postcard::from_bytes::<Rollup>(&bytes).unwrap(), &rollup);
            while !all.is_empty() {
                let taken = all.swap_remove(gone.index(all.len()));
                if rollup.remove(&taken).any() {
                    rollup.refresh(&all);
                }
                prop_assert_eq!(&rollup, &Rollup::of(&all));
            }
            prop_assert!(rollup.is_empty());
        }
    }
}
