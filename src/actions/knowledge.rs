//! Answers from the knowledge base: canned replies, and articles that are used.

use super::changeset::Changeset;
use super::{ActionError, Desk, LogOptions, Outcome, Target, end_step, log, set_texts};
use crate::domain::canned::place;
use crate::domain::definitions::CannedReply;
use crate::domain::fields::number;
use crate::domain::parse::quoted;
use crate::domain::{FieldRef, FieldType, Kind, RecordId, Screen, Value, fold};
use crate::store::known::Known;

/// Returns the reply of a name.
///
/// # Errors
/// Exit 2 with the nearest name.
pub fn reply_named(desk: &Desk, name: &str) -> Result<CannedReply, ActionError> {
    let definitions = desk.definitions();
    definitions.replies.get(name).cloned().ok_or_else(|| {
        let error = ActionError::usage(format!("there is no reply {}", quoted(name)));
        match fold::nearest(name, definitions.replies.iter().map(|reply| reply.name.as_str())) {
            Some(near) => error.hint(format!("did you mean \u{201c}{near}\u{201d}?")),
            None => error.hint("the team's replies: rolo config edit replies"),
        }
    })
}

/// Returns a reply to a ticket with its variables filled.
///
/// # Errors
/// A variable without a value, with its place in the reply.
pub fn fill_reply(desk: &Desk, reply: &CannedReply, ticket: RecordId) -> Result<String, ActionError> {
    if ticket.kind != Kind::Ticket {
        return Err(ActionError::usage(format!("{ticket} is a {}; tickets are replied to", ticket.kind)));
    }
    let definitions = desk.definitions();
    let known = Known::new(&*desk.store);
    let record = desk.record(ticket)?;
    let me = super::user_of(desk, &desk.author.login)?.map(|me| desk.record(me)).transpose()?;
    let mut value = |path: &str| {
        let (record, path) = match path.strip_prefix("me.") {
            Some(path) => (me.as_ref()?, path),
            None => (&record, path),
        };
        let field = FieldRef::resolve(record.kind(), path, &definitions).ok()?;
        // As people read it: a link by its name, a time in the store's zone.
        if matches!(field.field_type(), FieldType::Time | FieldType::Date | FieldType::Money) {
            let screen = Screen { now: desk.now(), zone: desk.zone(), lookup: &known };
            return Some(field.get(record, &known).iter().map(|value| screen.long(value)).collect::<Vec<_>>().join(", "));
        }
        Some(field.text(record, &known))
    };
    reply.text.fill(&mut value).map(|text| text.trim().to_owned()).map_err(|error| {
        ActionError::refused(format!("{} in the reply \u{201c}{}\u{201d}", error.message, reply.name))
            .at(place(&reply.written, error.span.start))
            .hint("give the ticket a value, or the reply something instead: {{contact.given|there}}")
    })
}

/// Answers a ticket with a canned reply, through the channel by which it came, and gives it
/// the reply's status.
///
/// # Errors
/// As [`fill_reply`] and [`log()`].
pub fn send_reply(desk: &Desk, reply: &CannedReply, ticket: RecordId) -> Result<Outcome, ActionError> {
    let text = fill_reply(desk, reply, ticket)?;
    let record = desk.record(ticket)?;
    let channel = record.text(number::TICKET_CHANNEL).unwrap_or("email");
    let options = LogOptions { direction: Some("out".to_owned()), ..LogOptions::default() };
    let who = [ticket.to_string()];
    let mut outcome = match &reply.status {
        None => log(desk, channel, &who, &text, &options)?,
        Some(status) => {
            // One step: undone together.
            let mut joined = Desk { joins: Some(None), ..desk.clone() };
            let logged = log(&joined, channel, &who, &text, &options)?;
            joined.joins = Some(logged.step);
            let set = set_texts(&joined, &Target::from(ticket), &[format!("status={status}")], None, false);
            if let Some(step) = logged.step.filter(|_| desk.joins.is_none()) {
                end_step(desk, step)?;
            }
            set?;
            logged
        }
    };
    let status = reply.status.as_ref().map_or_else(String::new, |status| format!(", {status}"));
    outcome.message = format!("{ticket} answered with \u{201c}{}\u{201d}{status}", reply.name);
    Ok(outcome)
}

/// Notes that articles answer tickets.
///
/// # Errors
/// Records of other kinds; what the store answers.
pub fn use_article(desk: &Desk, tickets: &[RecordId], article: RecordId) -> Result<Outcome, ActionError> {
    if article.kind != Kind::Article {
        return Err(ActionError::usage(format!("{article} is a {}, no article", article.kind)));
    }
    desk.record(article)?;
    let mut changes = Changeset::new(desk);
    for ticket in tickets {
        if ticket.kind != Kind::Ticket {
            return Err(ActionError::usage(format!("{ticket} is a {}; articles answer tickets", ticket.kind)));
        }
        let record = changes.edit(*ticket)?;
        if !record.values(number::TICKET_ARTICLE).any(|value| value.as_link() == Some(article)) {
            record.push(number::TICKET_ARTICLE, Value::Link(article));
        }
    }
    let mut outcome = changes.finish("use article")?;
    outcome.message = match (outcome.changed, tickets) {
        (0, _) => format!("{article} is linked already"),
        (_, [ticket]) => format!("{article} is linked to {ticket}"),
        (many, _) => format!("{article} is linked to {many} tickets"),
    };
    Ok(outcome)
}
