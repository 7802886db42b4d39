//! The commands of the queue: take a ticket, answer it, note something on it, change
//! its status. What they lack is asked.

use super::reply::{Question, Reply};
use super::{Here, Invocation, words};
use crate::actions::{self, ActionError, Desk, LogOptions};
use crate::domain::fields::number;
use crate::domain::{ChoiceList, Kind, RecordId};

/// Returns the tickets that it is about.
fn tickets(here: &Here, what: &str) -> Result<Vec<RecordId>, ActionError> {
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

fn ask(text: &str, invocation: &Invocation, here: &Here, answers: Vec<String>) -> Reply {
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
    let text = format!("assignee={}", desk.author.login);
    super::run::changed(actions::set_texts(desk, &here.targets.clone().into(), &[text], None, false))
}

/// Answers tickets: an interaction that goes out, through the channel by which each
/// came.
pub(super) fn answer(desk: &Desk, invocation: &Invocation, here: &Here) -> Result<Reply, ActionError> {
    let tickets = tickets(here, "answered")?;
    let text = &text_of(invocation);
    if text.is_empty() {
        return Ok(ask("answer: ", invocation, here, Vec::new()));
    }
    let [ticket] = tickets.as_slice() else { return Err(ActionError::usage("tickets are answered one at a time")) };
    let record = desk.record(*ticket)?;
    let channel = record.text(number::TICKET_CHANNEL).unwrap_or("email");
    let options = LogOptions { direction: Some("out".to_owned()), ..LogOptions::default() };
    super::run::changed(actions::log(desk, channel, &[ticket.to_string()], text, &options))
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
