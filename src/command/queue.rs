//! The commands of the queue: take a ticket, give it to somebody, answer it, note
//! something on it, hand it on, solve it, and ask why its clocks stand where they do. What
//! they lack is asked.

use super::reply::{Question, Reply};
use super::{Here, Invocation, words};
use crate::actions::{self, ActionError, Desk, LogOptions};
use crate::domain::fields::number;
use crate::domain::{ChoiceList, Kind, RecordId, Value, naming};
use crate::insight;
use crate::store::walk::Walk;

/// How many colleagues are offered.
const COLLEAGUES: usize = 500;

/// Returns the tickets that it is about.
pub(super) fn tickets(here: &Here, what: &str) -> Result<Vec<RecordId>, ActionError> {
    match here.targets.iter().find(|id| id.kind != Kind::Ticket) {
        Some(other) => {
            Err(ActionError::usage(format!("only tickets are {what}; {other} is a {}", other.kind)).hint("go to the queue: :pane tickets"))
        }
        None if here.targets.is_empty() => Err(ActionError::usage("no ticket stands under the cursor")),
        None => Ok(here.targets.clone()),
    }
}

/// Returns the text behind a command: as it is, or what stands between its quotes.
fn text_of(invocation: &Invocation) -> String {
    let raw = invocation.args.trim();
    let quoted = raw.starts_with(['"', '\'']).then(|| words(raw).ok()).flatten();
    quoted.map_or_else(|| raw.to_owned(), |words| words.join(" "))
}

pub(super) fn ask(text: &str, invocation: &Invocation, here: &Here, answers: Vec<String>) -> Reply {
    let question = Question { text: text.to_owned(), invocation: invocation.clone(), here: here.clone(), flag: None, answers };
    Reply { question: Some(Box::new(question)), ..Reply::default() }
}

/// Assigns tickets, or tasks, to who works here.
pub(super) fn take(desk: &Desk, here: &Here) -> Result<Reply, ActionError> {
    if let Some(other) = here.targets.iter().find(|id| !matches!(id.kind, Kind::Ticket | Kind::Task)) {
        return Err(ActionError::usage(format!("only tickets and tasks are taken; {other} is a {}", other.kind)));
    }
    if here.targets.is_empty() {
        return Err(ActionError::usage("no ticket stands under the cursor"));
    }
    super::run::changed(actions::set_texts(desk, &here.targets.clone().into(), &["assignee=me"], None, false))
}

/// Answers tickets: an interaction that goes out, through the channel by which each
/// came.
pub(super) fn answer(desk: &Desk, invocation: &Invocation, here: &Here) -> Result<Reply, ActionError> {
    let tickets = tickets(here, "answered")?;
    let text = &text_of(invocation);
    if text.is_empty() {
        return Ok(ask("answer: ", invocation, here, Vec::new()));
    }
    super::run::changed(actions::answer(desk, &tickets, text))
}

/// Notes something on tickets that only colleagues see.
pub(super) fn note(desk: &Desk, invocation: &Invocation, here: &Here) -> Result<Reply, ActionError> {
    if here.targets.is_empty() {
        return Err(ActionError::usage("nothing stands under the cursor"));
    }
    let text = &text_of(invocation);
    if text.is_empty() {
        return Ok(ask("private note: ", invocation, here, Vec::new()));
    }
    let who: Vec<String> = here.targets.iter().map(ToString::to_string).collect();
    let options = LogOptions { private: true, ..LogOptions::default() };
    super::run::changed(actions::log(desk, "note", &who, text, &options))
}

/// Changes the status of tickets.
pub(super) fn status(desk: &Desk, invocation: &Invocation, here: &Here) -> Result<Reply, ActionError> {
    let tickets = tickets(here, "given a status")?;
    let word = text_of(invocation);
    if word.is_empty() {
        let known = desk.definitions().words(ChoiceList::Status).into_iter().map(str::to_owned).collect();
        return Ok(ask("status: ", invocation, here, known));
    }
    super::run::changed(actions::set_texts(desk, &tickets.into(), &[format!("status={word}")], None, false))
}

/// Gives tickets or tasks to somebody; with `!` to nobody.
pub(super) fn assign(desk: &Desk, invocation: &Invocation, here: &Here) -> Result<Reply, ActionError> {
    if let Some(other) = here.targets.iter().find(|id| !matches!(id.kind, Kind::Ticket | Kind::Task)) {
        return Err(ActionError::usage(format!("only tickets and tasks are assigned; {other} is a {}", other.kind)));
    }
    if here.targets.is_empty() {
        return Err(ActionError::usage("no ticket stands under the cursor"));
    }
    let who = text_of(invocation);
    if who.is_empty() && !invocation.bang {
        return Ok(ask("assign to: ", invocation, here, colleagues(desk)?));
    }
    super::run::changed(actions::assign(desk, &here.targets, &who))
}

/// Returns the names of those who work here.
fn colleagues(desk: &Desk) -> Result<Vec<String>, ActionError> {
    let mut names = Vec::new();
    Walk::new(Kind::User, desk.view()).each(&*desk.store, |user| {
        if names.len() < COLLEAGUES && user.first(number::USER_ACTIVE).and_then(Value::as_flag) != Some(false) {
            names.push(naming::title(user));
        }
        Ok::<(), ActionError>(())
    })?;
    Ok(names)
}

/// Hands tickets to the next line.
pub(super) fn escalate(desk: &Desk, invocation: &Invocation, here: &Here) -> Result<Reply, ActionError> {
    super::run::changed(actions::escalate(desk, &tickets(here, "escalated")?, &text_of(invocation)))
}

/// Solves tickets; with `!` also those of an outage.
pub(super) fn solve(desk: &Desk, invocation: &Invocation, here: &Here) -> Result<Reply, ActionError> {
    super::run::changed(actions::solve(desk, &tickets(here, "solved")?, &text_of(invocation), invocation.bang))
}

/// Opens tickets again.
pub(super) fn reopen(desk: &Desk, invocation: &Invocation, here: &Here) -> Result<Reply, ActionError> {
    super::run::changed(actions::reopen(desk, &tickets(here, "opened again")?, &text_of(invocation)))
}

/// Makes a ticket of its own of messages, or of a part of a ticket.
pub(super) fn separate(desk: &Desk, invocation: &Invocation, here: &Here) -> Result<Reply, ActionError> {
    let subject = text_of(invocation);
    if subject.is_empty() && here.targets.iter().any(|id| id.kind == Kind::Ticket) {
        return Ok(ask("subject: ", invocation, here, Vec::new()));
    }
    let outcome = actions::separate(desk, &here.targets, &subject)?;
    let go_to = outcome.ids.first().copied();
    Ok(Reply { go_to, ..super::run::changed(Ok(outcome))? })
}

/// Ties tickets to an outage; with `!` to none.
pub(super) fn incident(desk: &Desk, invocation: &Invocation, here: &Here) -> Result<Reply, ActionError> {
    let tickets = tickets(here, "tied to an outage")?;
    let named = text_of(invocation);
    if named.is_empty() && !invocation.bang {
        return Ok(ask("outage: ", invocation, here, Vec::new()));
    }
    let incident = if named.is_empty() { None } else { Some(actions::resolve(desk, &[Kind::Ticket], &named)?) };
    super::run::changed(actions::tie_to_incident(desk, &tickets, incident))
}

/// Tells why the clocks of a ticket stand where they stand.
pub(super) fn why(desk: &Desk, here: &Here) -> Result<Reply, ActionError> {
    let tickets = tickets(here, "asked why")?;
    let [ticket] = tickets.as_slice() else { return Err(ActionError::usage("one ticket is asked at a time")) };
    let ticket = desk.record(*ticket)?;
    let title = format!("{} {}", ticket.id, naming::title(&ticket));
    let Some(service) = insight::service(&*desk.store, &desk.view(), &[ticket])?.pop() else { return Ok(Reply::default()) };
    let mut lines = service.notices.clone();
    lines.extend(super::why::told(&service, desk.zone()));
    Ok(Reply::read(title, lines))
}
