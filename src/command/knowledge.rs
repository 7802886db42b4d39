//! Canned replies and articles: what may answer a ticket, and answering with it.

use super::Invocation;
use super::here::Here;
use super::queue::{ask, tickets};
use super::reply::Reply;
use super::run::changed;
use crate::actions::{self, ActionError, Desk};
use crate::domain::{Kind, RecordId, naming};
use crate::insight;

/// How many articles are suggested.
pub const SUGGESTED: usize = 5;

/// `:reply`: answers a ticket with a canned reply; `!` only shows what it would say.
pub(super) fn reply(desk: &Desk, invocation: &Invocation, args: &[String], here: &Here) -> Result<Reply, ActionError> {
    let tickets = tickets(here, "replied to")?;
    let name = args.join(" ");
    let definitions = desk.definitions();
    if name.is_empty() {
        let names: Vec<String> = definitions.replies.iter().map(|reply| reply.name.clone()).collect();
        if names.is_empty() {
            return Err(ActionError::usage("the team has no replies yet").hint("write some: rolo config edit replies"));
        }
        return Ok(ask("reply: ", invocation, here, names));
    }
    let [ticket] = tickets.as_slice() else { return Err(ActionError::usage("tickets are answered one at a time")) };
    let canned = actions::reply_named(desk, &name)?;
    if invocation.bang {
        let text = actions::fill_reply(desk, &canned, *ticket)?;
        return Ok(Reply::read(format!("{} to {ticket}", canned.name), text.lines().map(str::to_owned).collect()));
    }
    changed(actions::send_reply(desk, &canned, *ticket))
}

/// `:article`: what may answer a ticket; with an article, links it.
pub(super) fn article(desk: &Desk, args: &[String], here: &Here) -> Result<Reply, ActionError> {
    let tickets = tickets(here, "answered by articles")?;
    if let Some(word) = args.first() {
        let article = actions::resolve(desk, &[Kind::Article], word)?;
        return changed(actions::use_article(desk, &tickets, article));
    }
    let [ticket] = tickets.as_slice() else { return Err(ActionError::usage("which ticket?")) };
    let lines = suggested(desk, *ticket)?;
    if lines.is_empty() {
        return Ok(Reply::said(format!("no article has words of {ticket}")));
    }
    let title = naming::title(&*desk.record(*ticket)?);
    Ok(Reply::read(format!("articles for {ticket}: {title}"), lines))
}

/// Returns the articles that may answer a ticket, each in a line that begins with its id.
///
/// # Errors
/// What the store answers.
pub fn suggested(desk: &Desk, ticket: RecordId) -> Result<Vec<String>, ActionError> {
    let record = desk.record(ticket)?;
    let found = insight::suggest(&*desk.store, &desk.view(), &record, SUGGESTED)?;
    Ok(found.iter().map(insight::Suggestion::told).collect())
}
