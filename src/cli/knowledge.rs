//! Calls that answer tickets from what is known: suggested articles, canned replies.

use clap::Args;

use super::args::Format;
use super::changing::answer;
use super::failure::Failure;
use super::output::{Cell, FIGURES, ROWS, Rows, lines};
use super::session::Session;
use crate::actions::{self, resolve};
use crate::domain::{Kind, naming};
use crate::insight;

/// `rolo articles`.
#[derive(Debug, Args)]
pub struct Articles {
    /// Which ticket
    pub ticket: String,
    /// The most articles
    #[arg(long, value_name = "N", default_value_t = crate::command::SUGGESTED)]
    pub limit: usize,
    /// Link this article: it answers the ticket
    #[arg(long = "use", value_name = "ARTICLE")]
    pub used: Option<String>,
}

/// `rolo reply`.
#[derive(Debug, Args)]
pub struct ReplyTo {
    /// Which ticket
    pub ticket: String,
    /// Which reply; without one, those that there are
    pub name: Option<String>,
    /// Log it as the answer, and give the ticket the reply's status
    #[arg(long)]
    pub send: bool,
}

/// `rolo articles`: what may answer a ticket, best first, with the reason.
///
/// # Errors
/// As its parts.
pub(super) fn articles(session: &Session, call: &Articles) -> Result<(), Failure> {
    let desk = session.desk()?;
    let ticket = resolve(&desk, &[Kind::Ticket], &call.ticket)?;
    if let Some(used) = &call.used {
        let article = resolve(&desk, &[Kind::Article], used)?;
        return answer(session, &actions::use_article(&desk, &[ticket], article)?);
    }
    let format = session.format(ROWS)?;
    let found = insight::suggest(&*desk.store, &desk.view(), &*desk.record(ticket)?, call.limit)?;
    let mut rows = Rows::new(session, format, &["id", "title", "reason", "used"].map(str::to_owned))?;
    for suggestion in &found {
        let id = suggestion.article.id.to_string();
        let used = if suggestion.is_used { "yes" } else { "no" };
        let cells = [
            Cell::text(id.as_str()),
            Cell::text(naming::title(&suggestion.article)),
            Cell::text(suggestion.reason.as_str()),
            Cell::text(used),
        ];
        rows.row(&id, &cells)?;
    }
    rows.finish()
}

/// `rolo reply`: what a canned reply says to a ticket; `--send` logs it.
///
/// # Errors
/// As its parts.
pub(super) fn reply(session: &Session, call: &ReplyTo) -> Result<(), Failure> {
    let desk = session.desk()?;
    let ticket = resolve(&desk, &[Kind::Ticket], &call.ticket)?;
    let Some(name) = &call.name else {
        let format = session.format(FIGURES)?;
        let mut rows = Rows::new(session, format, &["name", "about", "status"].map(str::to_owned))?;
        for reply in desk.definitions().replies.iter() {
            let status = reply.status.as_deref().unwrap_or_default();
            rows.row(&reply.name, &[Cell::text(reply.name.as_str()), Cell::text(reply.about.as_str()), Cell::text(status)])?;
        }
        return rows.finish();
    };
    let canned = actions::reply_named(&desk, name)?;
    if call.send {
        return answer(session, &actions::send_reply(&desk, &canned, ticket)?);
    }
    session.format(&[Format::Plain, Format::Table, Format::Tsv])?;
    lines([actions::fill_reply(&desk, &canned, ticket)?])
}
