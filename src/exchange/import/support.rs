//! Messages that are requests: one to an address of a queue opens a ticket, or joins the
//! ticket of its thread, or that whose number stands in its subject as `[t204]`. It must
//! not know how messages are read.
//!
//! A message is taken once, so what it leads to is done once: both are one commit. What a
//! machine wrote joins its thread, and neither opens a ticket nor stops or wakes a clock.

use std::sync::Arc;

use super::world::World;
use crate::domain::definitions::{Category, Inbox};
use crate::domain::fields::number;
use crate::domain::{FieldNumber, Kind, Record, RecordId, Timestamp, Value, fill_defaults, follow_ups};
use crate::store::StoreError;

/// The longest subject of a ticket, in characters.
const LONGEST: usize = 200;

/// What a message led to.
#[derive(Debug)]
pub(super) struct Led {
    /// The ticket before and after; before none for a new one.
    pub(super) before: Option<Arc<Record>>,
    /// The ticket.
    pub(super) ticket: RecordId,
    /// When it happened.
    pub(super) at: Timestamp,
}

/// Gives a new message its ticket, and the ticket what follows from the message.
///
/// # Errors
/// What the store answers.
pub(super) fn join(world: &World<'_>, message: &mut Record, addressed: &[String], now: Timestamp) -> Result<Option<Led>, StoreError> {
    if message.has(number::INTERACTION_TICKET) {
        return Ok(None);
    }
    let at = message.time(number::INTERACTION_AT).unwrap_or(now);
    let by_machine = message.has(number::OUTCOME);
    let inward = message.text(number::DIRECTION) == Some("in");
    let found = match of_thread(world, message)? {
        Some(ticket) => Some(ticket),
        None => of_subject(world, message)?,
    };
    // What is closed for good stays so: who writes again asks anew.
    let is_closed = |ticket: &Record| ticket.text(number::STATUS).is_some_and(|status| world.definitions().statuses.is_final(status));
    let asks = inward && !by_machine && message.first(number::PRIVATE).is_none();
    if let Some(before) = found.as_ref().filter(|ticket| !(asks && is_closed(ticket))) {
        message.set(number::INTERACTION_TICKET, Value::Link(before.id));
        let mut after = Record::clone(before);
        if !by_machine && inward {
            wake(world, before, &mut after, at)?;
        } else if !by_machine && message.first(number::PRIVATE).is_none() {
            let first = after.time(number::FIRST_RESPONSE_AT).map_or(at, |known| known.min(at));
            after.set(number::FIRST_RESPONSE_AT, Value::Time(first));
        }
        if after.fields == before.fields {
            return Ok(None);
        }
        let (ticket, version) = (after.id, before.version);
        follow_ups(Some(before), &mut after, world.definitions(), at);
        world.put(after, version);
        return Ok(Some(Led { before: Some(Arc::clone(before)), ticket, at }));
    }
    let Some(inbox) = addressed.iter().find_map(|address| world.definitions().queues.at(address)).filter(|_| asks) else { return Ok(None) };
    let ticket = world.create(opened(world, inbox, message, found.as_deref(), at, now));
    message.set(number::INTERACTION_TICKET, Value::Link(ticket));
    Ok(Some(Led { before: None, ticket, at }))
}

/// Returns the new ticket of a message.
fn opened(world: &World<'_>, inbox: &Inbox, message: &Record, follows: Option<&Record>, at: Timestamp, now: Timestamp) -> Record {
    let mut ticket = Record::new(RecordId::new(Kind::Ticket, 0));
    let subject = message.text(number::INTERACTION_SUBJECT).map(bare).filter(|subject| !subject.is_empty());
    let body = message.text(number::INTERACTION_BODY).unwrap_or_default();
    let subject = subject.unwrap_or_else(|| body.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("(no subject)"));
    ticket.set(number::TICKET_SUBJECT, Value::text(subject.chars().take(LONGEST).collect::<String>()));
    for (to, from) in [
        (number::TICKET_BODY, number::INTERACTION_BODY),
        (number::TICKET_CONTACT, number::INTERACTION_CONTACT),
        (number::TICKET_COMPANY, number::INTERACTION_COMPANY),
        (number::TICKET_CHANNEL, number::CHANNEL),
    ] {
        ticket.replace(to, message.first(from).cloned());
    }
    ticket.set(number::QUEUE, Value::text(&inbox.queue));
    let mut said = |field: FieldNumber, word: &Option<String>| ticket.replace(field, word.as_deref().map(Value::text));
    said(number::PRIORITY, &inbox.priority);
    said(number::TICKET_CATEGORY, &inbox.category);
    said(number::SERVICE_LINE, &inbox.line);
    ticket.set(number::TICKET_OPENED_AT, Value::Time(at));
    ticket.replace(number::NOTES, follows.map(|ticket| Value::text(format!("follows {}, which is closed", ticket.id))));
    fill_defaults(&mut ticket, world.definitions(), now);
    ticket
}

/// A customer who writes again is not waited for, and what was done is not: somebody here
/// has to act. A message that is older than the last change of status says nothing of it.
fn wake(world: &World<'_>, before: &Record, after: &mut Record, at: Timestamp) -> Result<(), StoreError> {
    let definitions = world.definitions();
    if definitions.category_of(before) == Category::Open {
        return Ok(());
    }
    let events = world.having(Kind::Event, number::EVENT_RECORD, &Value::Link(before.id))?;
    let status = events.iter().filter(|event| event.text(number::EVENT_FIELD) == Some("status"));
    if status.filter_map(|event| event.time(number::EVENT_AT)).any(|changed| changed > at) {
        return Ok(());
    }
    let mut open = definitions.statuses.iter().filter(|status| status.category == Category::Open);
    let first = open.next().unwrap_or_else(|| definitions.statuses.first());
    after.set(number::STATUS, Value::text(&open.next().unwrap_or(first).name));
    Ok(())
}

/// Returns the ticket of a message's thread: the one that its last message has.
fn of_thread(world: &World<'_>, message: &Record) -> Result<Option<Arc<Record>>, StoreError> {
    let Some(thread) = message.text(number::THREAD) else { return Ok(None) };
    let mut others = world.having(Kind::Interaction, number::THREAD, &Value::text(thread))?;
    others.extend(world.having(Kind::Interaction, number::MESSAGE_ID, &Value::text(thread))?);
    others.retain(|other| other.text(number::THREAD) == Some(thread) || other.text(number::MESSAGE_ID) == Some(thread));
    others.sort_by_key(|other| (other.time(number::INTERACTION_AT), other.id));
    for other in others.iter().rev() {
        if let Some(ticket) = other.link(number::INTERACTION_TICKET)
            && let Some(ticket) = live(world, ticket)?
        {
            return Ok(Some(ticket));
        }
    }
    Ok(None)
}

/// Returns the ticket whose number stands in the subject, if who wrote has to do with it:
/// a number is easily guessed, and a thread is not.
fn of_subject(world: &World<'_>, message: &Record) -> Result<Option<Arc<Record>>, StoreError> {
    let Some(id) = message.text(number::INTERACTION_SUBJECT).and_then(numbered) else { return Ok(None) };
    let Some(ticket) = live(world, id)? else { return Ok(None) };
    if message.text(number::DIRECTION) == Some("out") {
        return Ok(Some(ticket));
    }
    let mut writers = message.values(number::INTERACTION_CONTACT).filter_map(Value::as_link);
    let company = message.link(number::INTERACTION_COMPANY);
    let knows = writers.any(|writer| ticket.link(number::TICKET_CONTACT) == Some(writer))
        || company.is_some() && ticket.link(number::TICKET_COMPANY) == company;
    Ok(Some(ticket).filter(|_| knows))
}

/// Returns a ticket, or that into which it was merged, unless it is gone.
fn live(world: &World<'_>, id: RecordId) -> Result<Option<Arc<Record>>, StoreError> {
    let Some(record) = world.get(id)? else { return Ok(None) };
    let record = world.lead(record)?;
    Ok(Some(record).filter(|record| record.kind() == Kind::Ticket && !record.has(number::TRASHED_AT)))
}

/// Returns the ticket that a subject names: `[t204]`.
fn numbered(subject: &str) -> Option<RecordId> {
    let ids = subject.split('[').skip(1).filter_map(|after| after.split_once(']')?.0.trim().parse::<RecordId>().ok());
    ids.into_iter().find(|id| id.kind == Kind::Ticket)
}

/// Returns a subject without what mail programs and rolo put before it.
fn bare(subject: &str) -> &str {
    let mut rest = subject.trim();
    loop {
        let before = rest;
        if let Some(after) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']'))
            && after.0.trim().parse::<RecordId>().is_ok_and(|id| id.kind == Kind::Ticket)
        {
            rest = after.1.trim_start();
        }
        for mark in ["re:", "fwd:", "fw:", "aw:", "wg:", "sv:", "odp:", "tr:"] {
            if rest.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark)) {
                rest = rest[mark.len()..].trim_start();
            }
        }
        if rest == before {
            return rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_name_tickets_and_are_read_without_their_marks() {
        for (subject, id, text) in [
            ("Printer is loud", None, "Printer is loud"),
            ("Re: [t204] Printer is loud", Some(204), "Printer is loud"),
            ("[t204] RE: Fwd: Printer", Some(204), "Printer"),
            ("[c17] [list] about [t9] it", Some(9), "[c17] [list] about [t9] it"),
            ("[t] [t-1] [t99999999999999999999999]", None, "[t] [t-1] [t99999999999999999999999]"),
            ("Re:", None, ""),
            ("[t1", None, "[t1"),
        ] {
            assert_eq!(numbered(subject).map(|id| id.number), id, "{subject}");
            assert_eq!(bare(subject), text);
        }
    }
}
