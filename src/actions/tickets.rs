//! What is done with tickets: answered, handed to the next line, solved, opened again,
//! split, tied to an outage. One or many at once, each time as one step.

use super::changeset::Changeset;
use super::log::{self, LogOptions};
use super::resolve::resolve;
use super::target::counted;
use super::{ActionError, Desk, Outcome};
use crate::domain::definitions::Category;
use crate::domain::fields::number;
use crate::domain::parse::quoted;
use crate::domain::{ChoiceList, Definitions, Kind, Record, RecordId, Value, naming};

/// How many tickets of an outage are solved with it.
const MOST: usize = 10_000;

/// Answers tickets, each through the channel by which it came.
///
/// # Errors
/// Exit 4 for a ticket that is not there.
pub fn answer(desk: &Desk, tickets: &[RecordId], text: &str) -> Result<Outcome, ActionError> {
    let mut changes = begun(desk, tickets)?;
    for ticket in tickets {
        answer_one(desk, &mut changes, *ticket, text)?;
    }
    done(changes, "answer", tickets, "answered")
}

/// Gives tickets, or tasks, to somebody; an empty name takes them from whoever has them.
///
/// # Errors
/// Exit 4 for somebody unknown, or several of a name.
pub fn assign(desk: &Desk, ids: &[RecordId], who: &str) -> Result<Outcome, ActionError> {
    let who = if who.is_empty() { None } else { Some(resolve(desk, &[Kind::User], who)?) };
    let mut changes = begun(desk, ids)?;
    for id in ids {
        let field = if id.kind == Kind::Task { number::TASK_ASSIGNEE } else { number::ASSIGNEE };
        changes.edit(*id)?.replace(field, who.map(Value::Link));
    }
    let told = match who {
        Some(who) => format!("given to {}", naming::title(&*desk.record(who)?)),
        None => "nobody's now".to_owned(),
    };
    done(changes, "assign", ids, &told)
}

/// Hands tickets to the next line, with a private note if there is something to say; who
/// had them has them no longer, since those of the next line take them.
///
/// # Errors
/// Exit 1 for a ticket that is on the last line already.
pub fn escalate(desk: &Desk, tickets: &[RecordId], note: &str) -> Result<Outcome, ActionError> {
    let mut changes = begun(desk, tickets)?;
    let mut line = String::new();
    for ticket in tickets {
        let record = changes.edit(*ticket)?;
        line = next_line(&desk.definitions(), record)?;
        record.set(number::SERVICE_LINE, Value::text(&line));
        record.clear(number::ASSIGNEE);
        note_on(desk, &mut changes, *ticket, note)?;
    }
    done(changes, "escalate", tickets, &format!("on the {line} line"))
}

/// Returns the line behind a ticket's.
fn next_line(definitions: &Definitions, ticket: &Record) -> Result<String, ActionError> {
    let lines = definitions.words(ChoiceList::ServiceLine);
    let at = ticket.text(number::SERVICE_LINE).and_then(|line| lines.iter().position(|known| *known == line)).unwrap_or_default();
    match lines.get(at + 1) {
        Some(next) => Ok((*next).to_owned()),
        None => Err(ActionError::refused(format!("{} is on the last line already", ticket.id)).at(ticket.id.to_string())),
    }
}

/// Solves tickets, with an answer if there is one to give; with `tied` also those that an
/// outage among them has caused.
///
/// # Errors
/// What the store answers.
pub fn solve(desk: &Desk, tickets: &[RecordId], text: &str, tied: bool) -> Result<Outcome, ActionError> {
    let definitions = desk.definitions();
    let solved = definitions.statuses.iter().find(|status| status.category == Category::Done).map(|status| status.name.clone());
    let mut all = tickets.to_vec();
    let mut left = 0;
    for ticket in tickets {
        let open = open_of_outage(desk, *ticket)?;
        let more = open.into_iter().filter(|id| !tickets.contains(id)).collect::<Vec<_>>();
        if tied { all.extend(more) } else { left += more.len() }
    }
    all.dedup();
    let mut changes = begun(desk, &all)?;
    for ticket in &all {
        if !text.is_empty() {
            answer_one(desk, &mut changes, *ticket, text)?;
        }
        let record = changes.edit(*ticket)?;
        if definitions.category_of(record) != Category::Done {
            record.replace(number::STATUS, solved.as_deref().map(Value::text));
        }
    }
    let mut outcome = done(changes, "solve", &all, "solved")?;
    if left > 0 {
        let belong = if left == 1 { "1 open ticket belongs".to_owned() } else { format!("{left} open tickets belong") };
        outcome.message = format!("{}; {belong} to it: :solve! solves them too", outcome.message);
    }
    Ok(outcome)
}

/// Returns the tickets of an outage that are not done.
fn open_of_outage(desk: &Desk, incident: RecordId) -> Result<Vec<RecordId>, ActionError> {
    let definitions = desk.definitions();
    let linked = desk.store.linking(incident, Some(Kind::Ticket), MOST)?;
    let ids: Vec<RecordId> = linked.into_iter().filter(|(_, field)| *field == number::INCIDENT).map(|(id, _)| id).collect();
    let records = desk.store.get(&ids)?.into_iter().flatten();
    Ok(records.filter(|ticket| definitions.category_of(ticket) != Category::Done).map(|ticket| ticket.id).collect())
}

/// Opens tickets again, with a private note if there is something to say: their clocks go
/// on where they stood.
///
/// # Errors
/// Exit 1 for a ticket that is not done.
pub fn reopen(desk: &Desk, tickets: &[RecordId], note: &str) -> Result<Outcome, ActionError> {
    let definitions = desk.definitions();
    let status = worked_on(&definitions).to_owned();
    let mut changes = begun(desk, tickets)?;
    for ticket in tickets {
        let record = changes.edit(*ticket)?;
        if definitions.category_of(record) != Category::Done {
            let refused = ActionError::refused(format!("{ticket} is {} and not done", record.text(number::STATUS).unwrap_or("open")));
            return Err(refused.at(ticket.to_string()));
        }
        record.set(number::STATUS, Value::text(&status));
        note_on(desk, &mut changes, *ticket, note)?;
    }
    done(changes, "reopen", tickets, "open again")
}

/// Returns the status of a ticket that somebody works on: the second of those in which
/// somebody here has to act, since the first is that of new ones.
pub(super) fn worked_on(definitions: &Definitions) -> &str {
    let mut open = definitions.statuses.iter().filter(|status| status.category == Category::Open);
    let first = open.next().unwrap_or_else(|| definitions.statuses.first());
    &open.next().unwrap_or(first).name
}

/// Makes a ticket of its own of messages that are about something else, or of a part of a
/// ticket: of the same customer, in the same queue, opened when its first message came.
///
/// # Errors
/// Exit 1 for a message that belongs to no ticket; exit 2 for messages of several.
pub fn separate(desk: &Desk, what: &[RecordId], subject: &str) -> Result<Outcome, ActionError> {
    let mut messages = Vec::new();
    let mut from = None;
    for record in desk.records(what)? {
        let ticket = match record.kind() {
            Kind::Ticket => record.id,
            Kind::Interaction => {
                let ticket = record.link(number::INTERACTION_TICKET);
                let ticket = ticket.ok_or_else(|| ActionError::refused(format!("{} belongs to no ticket", record.id)))?;
                messages.push(record.clone());
                ticket
            }
            other => return Err(ActionError::usage(format!("a {other} is no part of a ticket")).hint("go to its messages: :pane timeline")),
        };
        if from.replace(ticket).is_some_and(|known| known != ticket) {
            return Err(ActionError::usage("those belong to several tickets"));
        }
    }
    let Some(from) = from else { return Err(ActionError::usage("nothing stands under the cursor")) };
    let old = desk.record(from)?;
    messages.sort_by_key(|message| (message.time(number::INTERACTION_AT), message.id));
    let said = messages.iter().find_map(|message| message.text(number::INTERACTION_SUBJECT));
    let subject = if subject.is_empty() { said } else { Some(subject) };
    let subject = subject.ok_or_else(|| ActionError::usage("what is the new ticket about?").hint("write :break-off SUBJECT"))?;
    let mut changes = Changeset::new(desk);
    let new = changes.create(Kind::Ticket);
    let ticket = changes.edit(new)?;
    for field in [
        number::TICKET_CONTACT,
        number::TICKET_COMPANY,
        number::TICKET_CONTRACT,
        number::PRIORITY,
        number::TICKET_CATEGORY,
        number::QUEUE,
        number::SERVICE_LINE,
        number::ASSIGNEE,
        number::TICKET_CHANNEL,
        number::TICKET_SLA,
    ] {
        ticket.replace(field, old.first(field).cloned());
    }
    ticket.set(number::TICKET_SUBJECT, Value::text(subject));
    ticket.set(number::NOTES, Value::text(format!("separated from {from}")));
    ticket.replace(number::TICKET_BODY, messages.iter().find_map(|message| message.text(number::INTERACTION_BODY)).map(Value::text));
    ticket.replace(number::TICKET_OPENED_AT, messages.iter().find_map(|message| message.time(number::INTERACTION_AT)).map(Value::Time));
    for message in &messages {
        changes.edit(message.id)?.set(number::INTERACTION_TICKET, Value::Link(new));
    }
    let mut outcome = changes.finish("separate")?;
    outcome.ids.retain(|id| id.kind == Kind::Ticket);
    let id = outcome.ids.first().map(ToString::to_string).unwrap_or_default();
    outcome.message = match messages.len() {
        0 => format!("{id} is separated from {from}"),
        1 => format!("{id} is separated from {from}, with its message"),
        count => format!("{id} is separated from {from}, with {count} messages"),
    };
    Ok(outcome)
}

/// Ties tickets to the outage that caused them; without one they belong to none.
///
/// # Errors
/// Exit 1 where a ticket would be its own cause, or belong to one that belongs to
/// another.
pub fn tie_to_incident(desk: &Desk, tickets: &[RecordId], incident: Option<RecordId>) -> Result<Outcome, ActionError> {
    if let Some(incident) = incident {
        let record = desk.record(incident)?;
        if let Some(above) = record.link(number::INCIDENT) {
            let error = ActionError::refused(format!("{incident} itself belongs to the outage {above}"));
            return Err(error.hint(format!("tie them to {above}")));
        }
        if tickets.contains(&incident) {
            return Err(ActionError::refused(format!("{incident} cannot be its own outage")).at(incident.to_string()));
        }
    }
    let mut changes = begun(desk, tickets)?;
    for ticket in tickets {
        changes.edit(*ticket)?.replace(number::INCIDENT, incident.map(Value::Link));
    }
    let told = match incident {
        Some(incident) => format!("of the outage {incident} {}", quoted(&naming::title(&*desk.record(incident)?))),
        None => "of no outage".to_owned(),
    };
    done(changes, "incident", tickets, &told)
}

fn begun<'d>(desk: &'d Desk, ids: &[RecordId]) -> Result<Changeset<'d>, ActionError> {
    desk.check_writable()?;
    let mut changes = Changeset::new(desk);
    changes.load(ids)?;
    Ok(changes)
}

fn done(changes: Changeset<'_>, label: &str, ids: &[RecordId], told: &str) -> Result<Outcome, ActionError> {
    let (changed, _) = changes.counts();
    let mut outcome = changes.finish(label)?;
    outcome.ids = ids.to_vec();
    outcome.message = match (changed, ids) {
        (0, _) => "nothing to change: it stands so already".to_owned(),
        (_, [one]) => format!("{one} is {told}"),
        (_, all) => format!("{} are {told}", counted(all, all.len())),
    };
    Ok(outcome)
}

fn answer_one(desk: &Desk, changes: &mut Changeset<'_>, ticket: RecordId, text: &str) -> Result<(), ActionError> {
    let channel = changes.get(ticket)?.text(number::TICKET_CHANNEL).unwrap_or("email").to_owned();
    let options = LogOptions { direction: Some("out".to_owned()), ..LogOptions::default() };
    log::touch(desk, changes, &channel, &[ticket], text, &options).map(drop)
}

fn note_on(desk: &Desk, changes: &mut Changeset<'_>, ticket: RecordId, note: &str) -> Result<(), ActionError> {
    if note.is_empty() {
        return Ok(());
    }
    let options = LogOptions { private: true, ..LogOptions::default() };
    log::touch(desk, changes, "note", &[ticket], note, &options).map(drop)
}
