//! Events: what changed, from what, to what, and when it happened.
//!
//! Every change of a tracked field (stage, status, owner, assignee, queue, line,
//! priority) makes one, and so does the first stage or status of a new record. Clocks,
//! velocity and funnels read them, never the time of a commit; so an event carries the
//! time that the record itself gives for it, where it gives one.

use super::fields::{self, number};
use super::{Field, FieldNumber, Kind, Record, Timestamp, Value};

/// Returns the fields of the events that a change of a record makes. `before` is none
/// for a new record, `at` the moment of the change, `by` the login of who made it.
pub fn events(before: Option<&Record>, after: &Record, at: Timestamp, by: &str) -> Vec<Vec<(FieldNumber, Value)>> {
    let mut found = Vec::new();
    for field in fields::fields(after.kind()).filter(|field| field.tracked) {
        let from = before.and_then(|before| before.first(field.number));
        let to = after.first(field.number);
        if from.map(Value::bare) == to.map(Value::bare) || (before.is_none() && !is_state(field)) {
            continue;
        }
        let mut event = vec![
            (number::EVENT_RECORD, Value::Link(after.id)),
            (number::EVENT_AT, Value::Time(time_of(field, before, after).unwrap_or(at))),
            (number::EVENT_BY, Value::text(by)),
            (number::EVENT_FIELD, Value::text(field.name)),
        ];
        event.extend(from.map(|value| (number::EVENT_FROM, value.bare().clone())));
        event.extend(to.map(|value| (number::EVENT_TO, value.bare().clone())));
        event.retain(|(_, value)| !value.is_empty());
        found.push(event);
    }
    found
}

/// Whether a field says where a record stands: its first value is news.
fn is_state(field: &Field) -> bool {
    matches!(field.name, "stage" | "status")
}

/// Returns when the change of a stage or status happened, as far as the record says so:
/// when it was closed or solved, if this change says that; of a new record when it was
/// opened.
fn time_of(field: &Field, before: Option<&Record>, after: &Record) -> Option<Timestamp> {
    if !is_state(field) {
        return None;
    }
    let (ended, began): (&[FieldNumber], FieldNumber) = match after.kind() {
        Kind::Opportunity => (&[number::OPPORTUNITY_CLOSED_AT], number::OPPORTUNITY_OPENED_AT),
        Kind::Ticket => (&[number::TICKET_CLOSED_AT, number::SOLVED_AT], number::TICKET_OPENED_AT),
        Kind::Order => (&[], number::ORDER_AT),
        Kind::Quote => (&[number::QUOTE_ANSWERED_AT], number::QUOTE_AT),
        _ => (&[], number::CREATED_AT),
    };
    let news = |field: &FieldNumber| {
        let now = after.time(*field);
        now.filter(|_| before.and_then(|before| before.time(*field)) != now)
    };
    let ended = ended.iter().find_map(news);
    if before.is_some() { ended } else { ended.or_else(|| after.time(began)).or_else(|| after.time(number::CREATED_AT)) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::domain::samples::any_record;
    use crate::domain::{Definitions, RecordId, follow_ups};

    fn id(text: &str) -> RecordId {
        text.parse().unwrap()
    }

    fn told(before: Option<&Record>, after: &Record) -> Vec<String> {
        let event = |fields: Vec<(FieldNumber, Value)>| {
            let mut record = Record::new(id("e1"));
            fields.into_iter().for_each(|(field, value)| record.push(field, value));
            let at = record.time(number::EVENT_AT).unwrap();
            format!(
                "{} {} at {} by {}",
                record.link(number::EVENT_RECORD).unwrap(),
                crate::domain::naming::title(&record),
                at.0,
                record.text(number::EVENT_BY).unwrap()
            )
        };
        events(before, after, Timestamp(100), "ada").into_iter().map(event).collect()
    }

    #[test]
    fn each_tracked_change_is_one_event() {
        let mut before = Record::new(id("o1"));
        before.set(number::STAGE, Value::text("lead"));
        before.set(number::OWNER, Value::Link(id("u1")));
        assert_eq!(told(None, &before), ["o1 stage: lead at 100 by ada"]);
        let mut after = before.clone();
        after.set(number::STAGE, Value::text("proposal"));
        after.set(number::OWNER, Value::Link(id("u2")));
        after.set(number::OPPORTUNITY_NAME, Value::text("x"));
        assert_eq!(told(Some(&before), &after), ["o1 stage: lead → proposal at 100 by ada", "o1 owner: u1 → u2 at 100 by ada"]);
        let mut without = after.clone();
        without.clear(number::OWNER);
        assert_eq!(told(Some(&after), &without), ["o1 owner: u2 →  at 100 by ada"]);
        assert!(told(Some(&after), &after).is_empty());
    }

    #[test]
    fn an_event_has_the_time_that_the_record_gives() {
        let mut deal = Record::new(id("o1"));
        deal.set(number::STAGE, Value::text("lead"));
        deal.set(number::OPPORTUNITY_OPENED_AT, Value::Time(Timestamp(5)));
        assert_eq!(told(None, &deal), ["o1 stage: lead at 5 by ada"]);
        let mut won = deal.clone();
        won.set(number::STAGE, Value::text("won"));
        won.set(number::OPPORTUNITY_CLOSED_AT, Value::Time(Timestamp(50)));
        assert_eq!(told(None, &won), ["o1 stage: won at 50 by ada"]);
        assert_eq!(told(Some(&deal), &won), ["o1 stage: lead → won at 50 by ada"]);
        let mut again = won.clone();
        again.set(number::STAGE, Value::text("lost"));
        assert_eq!(told(Some(&won), &again), ["o1 stage: won → lost at 100 by ada"]);
        let mut ticket = Record::new(id("t1"));
        ticket.set(number::STATUS, Value::text("new"));
        ticket.set(number::PRIORITY, Value::text("high"));
        ticket.set(number::CREATED_AT, Value::Time(Timestamp(7)));
        assert_eq!(told(None, &ticket), ["t1 status: new at 7 by ada"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// The events between two records say every tracked field that differs, once.
        #[test]
        fn events_are_the_tracked_differences(before in any_record(), after in any_record()) {
            let after = Record { id: before.id, ..after };
            let tracked = |number: &FieldNumber| fields::field_by_number(after.kind(), *number).is_some_and(|field| field.tracked);
            let differing: Vec<FieldNumber> = after.differing(&before).into_iter().filter(tracked).collect();
            prop_assert_eq!(events(Some(&before), &after, Timestamp(0), "").len(), differing.len());
            let mut same = after.clone();
            follow_ups(Some(&after), &mut same, &Definitions::default(), Timestamp(1));
            prop_assert_eq!(same, after);
        }
    }
}
