//! Logging a touch, and the follow-up that it leads to.

use super::changeset::Changeset;
use super::resolve::resolve;
use super::{ActionError, Desk, Outcome};
use crate::domain::fields::{self, number};
use crate::domain::parse::{leading_time, quoted};
use crate::domain::{AnyField, FieldNumber, Kind, Record, RecordId, Value, naming};

/// The longest first line that is a subject.
const LONGEST_SUBJECT: usize = 120;
/// Whom or what one can have had to do with.
pub(super) const WHO: &[Kind] = &[Kind::Contact, Kind::Company, Kind::Opportunity, Kind::Ticket];

/// What more is known of a touch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogOptions {
    /// When it happened, as typed; else now.
    pub at: Option<String>,
    /// `in` or `out`; else out, but for a note, which has none.
    pub direction: Option<String>,
    /// How long it took.
    pub minutes: Option<u32>,
    /// What it led to.
    pub outcome: Option<String>,
    /// Whether it is an internal note.
    pub private: bool,
    /// The follow-up: a date or time, and what to do.
    pub next: Option<String>,
}

/// Logs a touch with somebody or about something, named by id, name, e-mail; with
/// `next` also a task. A company comes with its contact, an opportunity or ticket
/// with its company and contacts. The first answer to a ticket is noted on it.
///
/// # Errors
/// Exit 2 for an unknown channel, 4 for somebody unknown or several of a name, 1 for
/// a text that is no date.
pub fn log<W: AsRef<str>>(desk: &Desk, channel: &str, who: &[W], text: &str, options: &LogOptions) -> Result<Outcome, ActionError> {
    desk.check_writable()?;
    if who.is_empty() {
        return Err(ActionError::usage("whom was it with?").hint("name a contact, company, opportunity or ticket"));
    }
    let mut changes = Changeset::new(desk);
    let about = who.iter().map(|who| resolve(desk, WHO, who.as_ref())).collect::<Result<Vec<RecordId>, _>>()?;
    touch(desk, &mut changes, channel, &about, text, options)?;
    let task = options.next.as_deref().map(|next| follow_up(desk, &mut changes, next, &about)).transpose()?;

    let names: Vec<String> = desk.records(&about)?.iter().map(|record| naming::title(record)).collect();
    let mut outcome = changes.finish(format!("log {channel}"))?;
    outcome.ids.retain(|id| id.kind == Kind::Interaction || (id.kind == Kind::Task && task.is_some()));
    let id = outcome.ids.first().map(ToString::to_string).unwrap_or_default();
    outcome.message = format!("logged {id}: {channel} with {}", names.join(", "));
    if let Some(due) = task {
        outcome.message = format!("{}; follow-up due {due}", outcome.message);
    }
    Ok(outcome)
}

/// Adds a touch with these records to a changeset, and the first answer to a ticket;
/// returns its `new:N` reference.
///
/// # Errors
/// As [`log`].
pub(super) fn touch(
    desk: &Desk,
    changes: &mut Changeset<'_>,
    channel: &str,
    about: &[RecordId],
    text: &str,
    options: &LogOptions,
) -> Result<RecordId, ActionError> {
    let touch = changes.create(Kind::Interaction);
    let mut record = Record::new(touch);
    for (field, typed) in [
        (number::CHANNEL, Some(channel)),
        (number::INTERACTION_AT, options.at.as_deref()),
        (number::DIRECTION, options.direction.as_deref()),
        (number::OUTCOME, options.outcome.as_deref()),
    ] {
        if let Some(value) = typed.map(|typed| read(changes, field, typed)).transpose()?.flatten() {
            record.set(field, value);
        }
    }
    let is_note = options.private || record.text(number::CHANNEL) == Some("note");
    if !is_note && !record.has(number::DIRECTION) {
        record.set(number::DIRECTION, Value::text("out"));
    }
    if let Some(minutes) = options.minutes {
        record.set(number::MINUTES, Value::Int(minutes.into()));
    }
    if options.private {
        record.set(number::PRIVATE, Value::Flag(true));
    }
    put_text(&mut record, text);
    for id in about {
        involve(&mut record, &*desk.record(*id)?);
    }
    if let Some(ticket) = record.link(number::INTERACTION_TICKET).filter(|_| !is_note) {
        note_answer(changes, ticket, &record)?;
    }
    *changes.edit(touch)? = record;
    Ok(touch)
}

fn read(changes: &Changeset<'_>, field: FieldNumber, typed: &str) -> Result<Option<Value>, ActionError> {
    let field = fields::field_by_number(Kind::Interaction, field).expect("the fields of an interaction stand in the table");
    Ok(AnyField::Builtin(field).parse(typed, &changes.reading())?)
}

/// A short first line is the subject, what follows the body; one long text is all body.
fn put_text(record: &mut Record, text: &str) {
    let text = text.trim();
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let (subject, body) = if first.chars().count() <= LONGEST_SUBJECT { (first.trim(), rest.trim()) } else { ("", text) };
    for (field, text) in [(number::INTERACTION_SUBJECT, subject), (number::INTERACTION_BODY, body)] {
        if !text.is_empty() {
            record.set(field, Value::text(text));
        }
    }
}

/// Links a touch with a record and with whom that one is about.
fn involve(touch: &mut Record, record: &Record) {
    let id = record.id;
    let mut contacts: Vec<RecordId> = Vec::new();
    let mut company = None;
    match id.kind {
        Kind::Contact => contacts.push(id),
        Kind::Company => company = Some(id),
        Kind::Opportunity => {
            touch.set(number::INTERACTION_OPPORTUNITY, Value::Link(id));
            contacts.extend(record.values(number::OPPORTUNITY_CONTACT).filter_map(Value::as_link));
            company = record.link(number::OPPORTUNITY_COMPANY);
        }
        _ => {
            touch.set(number::INTERACTION_TICKET, Value::Link(id));
            contacts.extend(record.link(number::TICKET_CONTACT));
            company = record.link(number::TICKET_COMPANY);
        }
    }
    for contact in contacts {
        if !touch.values(number::INTERACTION_CONTACT).any(|value| value.as_link() == Some(contact)) {
            touch.push(number::INTERACTION_CONTACT, Value::Link(contact));
        }
    }
    if let Some(company) = company.filter(|_| !touch.has(number::INTERACTION_COMPANY)) {
        touch.set(number::INTERACTION_COMPANY, Value::Link(company));
    }
}

/// The first thing that we say to a customer is the first response to the ticket.
fn note_answer(changes: &mut Changeset<'_>, ticket: RecordId, touch: &Record) -> Result<(), ActionError> {
    let at = touch.time(number::INTERACTION_AT).unwrap_or(changes.now());
    let record = changes.edit(ticket)?;
    if touch.text(number::DIRECTION) == Some("out") && !record.has(number::FIRST_RESPONSE_AT) {
        record.set(number::FIRST_RESPONSE_AT, Value::Time(at));
    }
    Ok(())
}

/// Adds the task that follows; returns when it is due, in words.
fn follow_up(desk: &Desk, changes: &mut Changeset<'_>, next: &str, about: &[RecordId]) -> Result<String, ActionError> {
    let now = changes.now();
    let Some((due, title)) = leading_time(next, desk.zone(), now).filter(|(_, title)| !title.is_empty()) else {
        return Err(ActionError::refused(format!("{} does not begin with a date and say what to do", quoted(next)))
            .at("next")
            .hint("write a date or time and what to do: \"2026-02-03 Call back\""));
    };
    let id = changes.create(Kind::Task);
    let me = changes.me()?;
    let task = changes.edit(id)?;
    task.set(number::TASK_TITLE, Value::text(title));
    task.set(number::DUE, Value::Time(due));
    task.set(number::TASK_ASSIGNEE, Value::Link(me));
    task.replace(number::ABOUT, about.iter().map(|id| Value::Link(*id)));
    let wall = crate::domain::zone::wall_clock(desk.zone(), due);
    Ok(wall.format("%Y-%m-%d %H:%M").to_string().trim_end_matches(" 00:00").to_owned())
}
